#include "vault/profile/claims.h"

#include <chrono>

#include "vault/profile/plausible.h"

namespace vrm::profile {

namespace {

using std::chrono::year_month_day;

std::optional<year_month_day> day_of(std::string_view date) {
  const auto at = date_from_text(date);
  if (!at.ok()) return std::nullopt;
  const std::chrono::sys_time<Duration> when{Duration(at.value().ms)};
  return year_month_day(std::chrono::floor<std::chrono::days>(when));
}

year_month_day today(Instant now) {
  const std::chrono::sys_time<Duration> when{Duration(now.ms)};
  return year_month_day(std::chrono::floor<std::chrono::days>(when));
}

bool has_age(year_month_day birth, int years, Instant now) {
  year_month_day reached = birth + std::chrono::years(years);
  if (!reached.ok()) reached = reached.year() / std::chrono::March / 1;
  return today(now) >= reached;
}

bool may_be_french(std::string_view country) {
  return country.empty() || is_french_country(country);
}

// A prefix says little only of a code that is long enough.
std::optional<std::string> postal_prefix(std::string_view code) {
  constexpr std::size_t kLeastPlaces = 5;
  if (code.size() < kLeastPlaces) return std::nullopt;
  return std::string(code.substr(0, 2));
}

}  // namespace

std::optional<std::string> derive(const Derivation& derivation, std::string_view source,
                                  std::string_view where, Instant now) {
  const auto birth = day_of(source);
  const auto place = may_be_french(where) ? french_place(source) : std::nullopt;
  switch (derivation.rule) {
    case Rule::AgeOver:
      if (!birth) return std::nullopt;
      return has_age(*birth, derivation.years, now) ? "true" : "false";
    case Rule::BirthYear:
      if (!birth) return std::nullopt;
      return std::to_string(static_cast<int>(birth->year()));
    case Rule::PostalPrefix:
      return postal_prefix(source);
    case Rule::FrenchRegion:
      if (!place) return std::nullopt;
      return std::string(place->region);
    case Rule::FrenchDepartment:
      if (!place) return std::nullopt;
      return std::string(place->department);
  }
  return std::nullopt;
}

bool is_settled(const Derivation& derivation, std::string_view value) {
  return derivation.rule != Rule::AgeOver || value == "true";
}

}  // namespace vrm::profile
