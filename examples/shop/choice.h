#pragma once
// Which of the shop's products answer a demand.

#include <functional>
#include <string_view>
#include <vector>

#include "examples/shop/character.h"
#include "examples/shop/demand.h"

namespace vrm::shop {

// How many of a product are sold already.
using Sold = std::function<std::int64_t(std::string_view product)>;

// The products that are in stock and are what is wanted: by number, or because they share a word of
// at least three letters with the demand's name or category. Best first: the fewest musts missed,
// the most wishes met, the lowest price. No more than the demand and the character want, none when
// the demand wants another currency.
std::vector<const Product*> choose(const Character& character, const Demand& demand,
                                   const Sold& sold);

}  // namespace vrm::shop
