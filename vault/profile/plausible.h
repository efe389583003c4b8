#pragma once
// What a value of the right shape still cannot be: a day of birth to come, a French postal code
// that has not five digits. Pure rules, no vault.

#include <string_view>

#include "vault/base/result.h"
#include "vault/base/time.h"
#include "vault/profile/catalogue.h"

namespace vrm::profile {

// `canonical` came from parse_value of the field's type. `country` is the code of the country that
// the address is in, "" when it is not known: then no postal code is refused.
// Malformed: profile.date_to_come, profile.bad_french_code.
Result<void> check_plausible(const FieldSpec& field, std::string_view canonical,
                             std::string_view country, Instant now);

// Five digits.
bool is_french_code(std::string_view code);

// Whether the post of France serves the country of that code: France itself and its departments
// overseas.
bool is_french_country(std::string_view code);

}  // namespace vrm::profile
