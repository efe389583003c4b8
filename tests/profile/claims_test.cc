#include "vault/profile/claims.h"

#include <doctest/doctest.h>

#include "tests/profile/fixture.h"
#include "vault/profile/record.h"

using namespace vrm::profile;
using vrm::Duration;
using vrm::Instant;
using vrm::profile::test::day;

namespace {

std::string age_over_18(std::string_view birth, Instant now) {
  return derive({Rule::AgeOver, "person.birthdate", "", 18}, birth, "", now).value_or("nothing");
}

std::string region(std::string_view code, std::string_view country) {
  return derive({Rule::FrenchRegion, "", ""}, code, country, Instant{}).value_or("nothing");
}

}  // namespace

TEST_SUITE("profile/claims") {
  TEST_CASE("one comes of age at midnight of the birthday, in UTC") {
    const Instant birthday = day("2026-11-21");
    CHECK(age_over_18("2008-11-21", birthday) == "true");
    CHECK(age_over_18("2008-11-21", birthday - Duration(1)) == "false");
    CHECK(age_over_18("2008-11-22", birthday) == "false");
    CHECK(age_over_18("1950-01-01", birthday) == "true");
    CHECK(age_over_18("2030-01-01", birthday) == "false");
    CHECK(age_over_18("0001-01-01", birthday) == "true");
    CHECK(age_over_18("soon", birthday) == "nothing");
  }

  TEST_CASE("who is born on 29 February comes of age on 1 March of a common year") {
    CHECK(age_over_18("2004-02-29", day("2022-02-28")) == "false");
    CHECK(age_over_18("2004-02-29", day("2022-03-01")) == "true");
    const Derivation sixteen{Rule::AgeOver, "", "", 16};
    CHECK(derive(sixteen, "2004-02-29", "", day("2020-02-28")) == "false");
    CHECK(derive(sixteen, "2004-02-29", "", day("2020-02-29")) == "true");
  }

  TEST_CASE("only an age not reached yet can still change by itself") {
    const Derivation age{Rule::AgeOver, "", "", 18};
    CHECK(is_settled(age, "true"));
    CHECK_FALSE(is_settled(age, "false"));
    CHECK(is_settled({Rule::FrenchRegion, "", ""}, "Bretagne"));
    CHECK(derive({Rule::BirthYear, "", ""}, "1990-02-14", "", Instant{}) == "1990");
  }

  TEST_CASE("French postal codes tell their region, at home and overseas") {
    CHECK(region("69007", "FR") == "Auvergne-Rhône-Alpes");
    CHECK(region("69007", "") == "Auvergne-Rhône-Alpes");
    CHECK(region("75001", "FR") == "Île-de-France");
    CHECK(region("20000", "FR") == "Corse");
    CHECK(region("97400", "RE") == "La Réunion");
    CHECK(french_place("20200")->department == "Haute-Corse");
    CHECK(french_place("20137")->department == "Corse-du-Sud");
    CHECK(french_place("90000")->department == "Territoire de Belfort");
    for (int number = 1; number <= 95; ++number) {
      const std::string code = (number < 10 ? "0" : "") + std::to_string(number) + "000";
      CAPTURE(code);
      CHECK(french_place(code).has_value());
    }
  }

  TEST_CASE("other countries, and places of no region, tell nothing") {
    CHECK(region("69007", "DE") == "nothing");
    for (const auto* code :
         {"98000", "97500", "97133", "97150", "6900", "690071", "6900A", "00100", "96000", ""}) {
      CAPTURE(code);
      CHECK(region(code, "FR") == "nothing");
    }
  }

  TEST_CASE("a prefix is told only of a code long enough to hide the rest") {
    const Derivation prefix{Rule::PostalPrefix, "", ""};
    CHECK(derive(prefix, "69007", "", Instant{}) == "69");
    CHECK(derive(prefix, "G1V 2M2", "", Instant{}) == "G1");
    CHECK_FALSE(derive(prefix, "1000", "", Instant{}).has_value());
  }
}

TEST_SUITE("profile/record") {
  TEST_CASE("a record gives back what was put in") {
    const Record record{"a.b", "text", "import:im_7F2K9QXD", "v\n\"é", {-5}, 1LL << 40U, true};
    const auto bytes = encode_record(record);
    const auto read = decode_record(bytes.view());
    REQUIRE(read.ok());
    CHECK(read.value().name == record.name);
    CHECK(read.value().type == record.type);
    CHECK(read.value().source == record.source);
    CHECK(read.value().value == record.value);
    CHECK(read.value().at == record.at);
    CHECK(read.value().version == record.version);
    CHECK(read.value().derived);
  }

  TEST_CASE("anything shorter, newer or of unknown flags is corrupt") {
    const auto bytes = encode_record({"a.b", "text", "self", "", {}, 1, false});
    for (std::size_t size = 0; size < bytes.view().size(); ++size) {
      CAPTURE(size);
      CHECK_FALSE(decode_record(bytes.view().first(size)).ok());
    }
    CHECK(decode_record(bytes.view()).ok());
    for (const std::size_t at : {0U, 1U}) {
      vrm::Bytes changed(bytes.view().begin(), bytes.view().end());
      changed[at] = 9;
      CHECK(decode_record(changed).error().code == vrm::ErrorCode::Corrupt);
    }
  }
}
