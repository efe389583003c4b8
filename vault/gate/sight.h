#pragma once
// What brands can see, as documents for the owner: all that one can, what a grant would add, what other rules would change.

#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string_view>
#include <vector>

#include "vault/gate/exposure.h"
#include "vault/gate/vault.h"

namespace vrm::gate {

// What the brand can read by the grants of this vault, or what all brands can ("" of a brand), from now on. Malformed:
// the policies leave what can be enumerated; the message says where.
Result<std::vector<Opening>> openings_now(const Rooms& rooms, const Knowledge& knowledge,
                                          const PolicyGround& ground, std::string_view brand,
                                          Instant now);

// One item for each field, grant and time, with all purposes that it is open for.
nlohmann::json openings_document(const std::vector<Opening>& openings,
                                 const grants::Purposes& purposes, Instant now);

// What grants that are not made yet would let their brand see, and nothing else: {exact, items, closed}, where `closed` are
// their fields that stay closed, with the policies that say so; or {exact:false, why} where it cannot be enumerated, `why`
// being null where no policies are in force (`rules` null).
nlohmann::json lets_see(const Rooms& rooms, const Knowledge& knowledge, const Rules* rules,
                        const brands::Brand& brand, std::span<const grants::Grant> made,
                        Instant now);

// What other policies would change of all that brands can see: {exact, opens, closes}, or {exact:false, why}. Null: none are
// in force, so that nothing is open.
nlohmann::json change_of_sight(const Rooms& rooms, const Knowledge& knowledge, const Rules* before,
                               const Rules* after, Instant now);

// Policies by id, each with its @reason: [{id, effect, reason}].
nlohmann::json policies_document(const PolicyGround& ground, std::span<const std::string> ids);

}  // namespace vrm::gate
