#include "vault/profile/plausible.h"

#include <doctest/doctest.h>

using namespace vrm;
using namespace vrm::profile;

namespace {

std::string why(const FieldSpec& field, std::string_view value, std::string_view country) {
  const auto now = instant_from_rfc3339("2026-11-21T12:00:00Z").value();
  const auto checked = check_plausible(field, value, country, now);
  return checked.ok() ? "" : checked.error().say;
}

}  // namespace

TEST_SUITE("profile/plausible") {
  TEST_CASE("a date is refused only where it must be past and has begun nowhere on earth") {
    FieldSpec born;
    born.type = Type::Date;
    CHECK(why(born, "2990-01-01", "").empty());
    born.past = true;
    CHECK(why(born, "2990-01-01", "") == "profile.date_to_come");
    CHECK(why(born, "2026-11-23", "") == "profile.date_to_come");
    CHECK(why(born, "2026-11-22", "").empty());
    CHECK(why(born, "1988-05-14", "").empty());
  }

  TEST_CASE("only an address in France needs a French code") {
    FieldSpec code;
    code.type = Type::PostalCode;
    for (const auto* wrong : {"99999999", "6900", "SW1A 1AA", "6900A"}) {
      CAPTURE(wrong);
      CHECK(why(code, wrong, "FR") == "profile.bad_french_code");
      CHECK(why(code, wrong, "RE") == "profile.bad_french_code");
      CHECK(why(code, wrong, "").empty());
      CHECK(why(code, wrong, "GB").empty());
    }
    CHECK(why(code, "69007", "FR").empty());
    CHECK_FALSE(is_french_country(""));
  }
}
