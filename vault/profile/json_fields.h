#pragma once
// JSON as a source of fields: our names flat ("person.given_name") or nested, answers as brands get
// them
// ({"value":…,"unit":…}), and the claims of OpenID Connect's userinfo. Of an export of a vault
// (docs/formats/export.md) its values, each under its own name.

#include <string_view>

#include "vault/base/result.h"
#include "vault/profile/plan_builder.h"

namespace vrm::profile {

// Malformed (profile.import_bad_json): not one object of strict JSON.
Result<void> offer_json(const Catalogue& catalogue, std::string_view text, PlanBuilder& plan);

}  // namespace vrm::profile
