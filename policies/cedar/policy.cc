#include "policies/cedar/policy.h"

#include <algorithm>

namespace cedar {

std::optional<std::string_view> find_annotation(const PolicyBody& body, std::string_view name) {
  const auto found = std::find_if(body.annotations.begin(), body.annotations.end(),
                                  [name](const Annotation& each) { return each.name == name; });
  if (found == body.annotations.end()) return std::nullopt;
  return found->value ? std::string_view(*found->value) : std::string_view();
}

}  // namespace cedar
