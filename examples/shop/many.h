#pragma once
// Many shops in one process, for seeing a vault with a hundred answers: each has its own folder,
// keys, address and a character drawn from a seed.

#include <cstdint>
#include <string>
#include <vector>

#include "examples/shop/folder.h"
#include "examples/shop/shopfront.h"
#include "vault/base/result.h"

namespace vrm::shop {

inline constexpr int kMostBrands = 1000;

// The character of the brand `number`, the same for the same seed, as a character file; its tag line
// is the shop's name.
std::string draw_character(std::uint64_t seed, int number);

// The folders of `brands` shops inside `folder`, with their characters. Io: the system refused.
Result<std::vector<Stall>> set_up_many(const Folder& folder, int brands, std::uint64_t seed);

}  // namespace vrm::shop
