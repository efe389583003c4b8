#include "cli/suggest.h"

#include <algorithm>
#include <utility>

#include "vault/base/spelling.h"

namespace vrm::cli {

namespace {
constexpr std::size_t kLongestWord = 64;
constexpr std::size_t kMostNames = 3;
}  // namespace

std::vector<std::string> suggestions(std::string_view typed,
                                     const std::vector<std::string>& names) {
  if (typed.empty() || typed.size() > kLongestWord) return {};
  const std::size_t most = std::max<std::size_t>(1, typed.size() / 3);
  std::vector<std::pair<std::size_t, std::string>> near;
  std::vector<std::string> begun;
  for (const auto& name : names) {
    const auto far = distance(typed, name);
    if (far <= most) near.emplace_back(far, name);
    if (name.starts_with(typed)) begun.push_back(name);
  }
  std::sort(near.begin(), near.end());
  std::vector<std::string> found;
  for (auto& [far, name] : near)
    if (found.size() < kMostNames) found.push_back(std::move(name));
  if (found.empty() && begun.size() <= kMostNames) return begun;
  return found;
}

}  // namespace vrm::cli
