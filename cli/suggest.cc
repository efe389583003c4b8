#include "cli/suggest.h"

#include <algorithm>
#include <utility>

namespace vrm::cli {

namespace {
constexpr std::size_t kLongestWord = 64;
constexpr std::size_t kMostNames = 3;
}  // namespace

std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> cost(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) cost[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) cost[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replace = cost[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U);
      cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, replace});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
    }
  }
  return cost[a.size()][b.size()];
}

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
