#pragma once
// A brand as the owner types it: its handle or its name, whatever the case.

#include <string_view>

#include "vault/brands/brand_book.h"

namespace vrm::gate {

// The brand named in whole, for what changes something. NotFound: brand.unknown, or brand.unknown_near with the
// handles that may have been meant. Conflict (id.several): several have that name.
Result<brands::BrandPtr> named_brand(const brands::BrandBook& book, std::string_view typed);

// The same, or the one whose handle begins so, for what only looks. NotFound: brand.unknown, or brand.unknown_near with the handles that may have been meant. Conflict (id.several).
Result<brands::BrandPtr> typed_brand(const brands::BrandBook& book, std::string_view typed);

// At most 3 handles that begin so, or are near what was typed, "a, b"; "" when none is.
std::string near_brands(const brands::BrandBook& book, std::string_view typed);

}  // namespace vrm::gate
