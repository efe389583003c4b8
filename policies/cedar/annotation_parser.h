#pragma once
// The annotations that stand before policies and declarations.

#include <vector>

#include "policies/cedar/policy.h"
#include "policies/cedar/token_reader.h"
#include "vault/base/result.h"

namespace cedar {

// `@name` or `@name("value")`, perhaps none; any word may be a name, also a reserved one. Malformed: another shape, or a name
// twice.
vrm::Result<std::vector<Annotation>> parse_annotations(TokenReader& reader);

}  // namespace cedar
