#pragma once
// "Did you mean": the names closest to what was typed.

#include <string>
#include <string_view>
#include <vector>

namespace vrm::cli {

// At most three of `names`, closest first: those at most max(1, length/3) away, or the only one
// that `typed` begins.
std::vector<std::string> suggestions(std::string_view typed, const std::vector<std::string>& names);

}  // namespace vrm::cli
