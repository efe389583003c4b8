#pragma once
// In which form the owner gives a field: a claim that says less in its place, a value that stands in for it, or for one
// read only.

#include <nlohmann/json_fwd.hpp>

#include "vault/base/result.h"
#include "vault/grants/grant.h"
#include "vault/profile/document_book.h"
#include "vault/profile/profile.h"

namespace vrm::gate {

// Takes the forms that `body` names (docs/api/owner.md) into the grant, whose fields are those given:
//   "coarse":{"address.home.postal_code":"address.home.region"}   the claim takes the field's place
//   "once":["address.home.street_address"]                       it is read at most once
//   "alias":{"contact.email":"velo@me.example"}                  the brand gets this for the field's value, and no word of it
// Malformed: another shape; of a field that is not given; a claim that says not less of that field (the sentence names those
// that do); a value that is none of the field's type, as profile::parse_value; one in the place of a claim or a document;
// more than fits.
Result<void> take_forms(grants::Grant& grant, const nlohmann::json& body,
                        const profile::Profile& profile, const profile::DocumentBook& documents);

// Whether a grant gives anything otherwise than as it is.
bool has_forms(const grants::Grant& grant);

// Adds what the owner is shown of them; nothing where there is none.
void add_forms(nlohmann::json& document, const grants::Grant& grant);

}  // namespace vrm::gate
