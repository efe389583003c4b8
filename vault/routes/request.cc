#include "vault/routes/request.h"

#include <algorithm>

namespace vrm::routes {

std::size_t Request::count(std::string_view name) const {
  return static_cast<std::size_t>(std::count_if(
      headers.begin(), headers.end(), [name](const auto& header) { return header.first == name; }));
}

std::optional<std::string_view> Request::header(std::string_view name) const {
  if (count(name) != 1) return std::nullopt;
  const auto found = std::find_if(headers.begin(), headers.end(),
                                  [name](const auto& header) { return header.first == name; });
  return found->second;
}

}  // namespace vrm::routes
