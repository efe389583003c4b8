#include "vault/profile/plausible.h"

#include <algorithm>
#include <array>

#include "vault/profile/refusals.h"

namespace vrm::profile {

namespace {

// Today has begun already where the sun rises first.
constexpr Duration kEarliestToday = std::chrono::hours(14);

bool is_to_come(std::string_view date, Instant now) {
  const auto at = date_from_text(date);
  return at.ok() && at.value() > now + kEarliestToday;
}

}  // namespace

bool is_french_code(std::string_view code) {
  return code.size() == 5 &&
         std::all_of(code.begin(), code.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_french_country(std::string_view code) {
  constexpr std::array<std::string_view, 6> kFrench = {"FR", "GP", "MQ", "GF", "RE", "YT"};
  return std::find(kFrench.begin(), kFrench.end(), code) != kFrench.end();
}

Result<void> check_plausible(const FieldSpec& field, std::string_view canonical,
                             std::string_view country, Instant now) {
  const Gaps named{{"field", field.name}, {"typed", std::string(canonical)}};
  if (field.past && is_to_come(canonical, now))
    return owners_refusal(ErrorCode::Malformed, "profile.date_to_come", named);
  if (field.type == Type::PostalCode && is_french_country(country) && !is_french_code(canonical))
    return owners_refusal(ErrorCode::Malformed, "profile.bad_french_code", named);
  return {};
}

}  // namespace vrm::profile
