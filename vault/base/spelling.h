#pragma once
// How far apart two words are, for "did you mean".

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace vrm {

// How many letters must be inserted, dropped, replaced or swapped with their neighbour to get from
// one word to the other, no letter touched twice (optimal string alignment).
std::size_t distance(std::string_view a, std::string_view b);

// Near enough to be meant: distance at most max(1, a third of the longer word). Words of more than 128 bytes never are.
bool is_near(std::string_view a, std::string_view b);

}  // namespace vrm
