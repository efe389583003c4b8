#pragma once
// A brand as the owner types it: its handle or the unique beginning of one, or else its handle or name whatever the
// case.

#include <string_view>

#include "vault/brands/brand_book.h"

namespace vrm::gate {

// NotFound: brand.unknown, or brand.unknown_near with the handles that may have been meant. Conflict (id.several).
Result<brands::BrandPtr> typed_brand(const brands::BrandBook& book, std::string_view typed);

// At most 3 handles near what was typed, "a, b"; "" when none is.
std::string near_brands(const brands::BrandBook& book, std::string_view typed);

}  // namespace vrm::gate
