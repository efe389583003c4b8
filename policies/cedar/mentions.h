#pragma once
// Which entities a policy set names itself. Any other entity is known to it only by its attributes, tags and parents, or
// because something that the set can reach names it.

#include <string_view>
#include <unordered_set>

#include "policies/cedar/policy_set.h"

namespace cedar {

// Those of that type, in scopes, conditions and slots.
std::unordered_set<EntityUid, EntityUidHash> entities_named_in(const PolicySet& policies,
                                                               std::string_view type);

}  // namespace cedar
