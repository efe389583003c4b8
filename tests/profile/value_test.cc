#include "vault/profile/value.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/profile/fixture.h"
#include "vault/base/json.h"
#include "vault/profile/quantities.h"

using namespace vrm::profile;
using vrm::ErrorCode;
using vrm::profile::test::gap;

namespace {

struct Vector {
  Type type;
  std::string typed;
  std::string canonical;
};

// What JSON a brand would read of a canonical value.
std::string json_of(Type type, std::string_view canonical) {
  std::string out = "{";
  append_value_json(type, canonical, out);
  return out + "}";
}

void refuses(Type type, const std::string& typed, const std::string& key) {
  CAPTURE(typed);
  const auto parsed = parse_value(type, "some.field", typed);
  REQUIRE_FALSE(parsed.ok());
  CHECK(parsed.error().code == ErrorCode::Malformed);
  CHECK(parsed.error().say == key);
  CHECK(gap(parsed.error(), "field") == "some.field");
  CHECK(gap(parsed.error(), "example") == example_of(type));
  CHECK(parsed.error().message == key);  // what was typed never gets into a log
}

}  // namespace

TEST_SUITE("profile/value") {
  TEST_CASE("what people type becomes one canonical text") {
    const std::vector<Vector> vectors = {
        {Type::Text, " Ana  O'Neil ", " Ana  O'Neil "},
        {Type::Multiline, "1 rue X\nBât. B", "1 rue X\nBât. B"},
        {Type::Date, "2004-02-29", "2004-02-29"},
        {Type::Date, " 20040229 ", "2004-02-29"},
        {Type::Email, "Ana.Martin+x@Example.ORG", "Ana.Martin+x@example.org"},
        {Type::Email, "é@bücher.example", "é@bücher.example"},
        {Type::Phone, "06 12 34 56 78", "+33612345678"},
        {Type::Phone, "+33 (0)6 12.34.56-78", "+33612345678"},
        {Type::Phone, "0033612345678", "+33612345678"},
        {Type::Phone, "+1-919-676-9515", "+19196769515"},
        {Type::Phone, "+41 44 668 18 00", "+41446681800"},
        {Type::Country, "fr", "FR"},
        {Type::Country, "France", "FR"},
        {Type::Country, "United States of America", "US"},
        {Type::Country, "u.s.a.", "US"},
        {Type::PostalCode, "69007", "69007"},
        {Type::PostalCode, "g1v  2m2", "G1V 2M2"},
        {Type::PostalCode, "27613-3502", "27613-3502"},
        {Type::Language, "FR", "fr"},
        {Type::Language, "fr_fr", "fr-FR"},
        {Type::Language, "ZH-hant-tw", "zh-Hant-TW"},
        {Type::Language, "en-US-x-LARGE", "en-US-x-large"},
        {Type::Number, "007", "7"},
        {Type::Number, "-0", "0"},
        {Type::Number, "42,50", "42.50"},
        {Type::Number, "+5", "5"},
        {Type::Number, "-9223372036854775808", "-9223372036854775808"},
        {Type::Measure, "178cm", "178 cm"},
        {Type::Measure, "1,78 m", "1.78 m"},
        {Type::Money, "849 €", "849 EUR"},
        {Type::Money, "EUR 849.00", "849.00 EUR"},
        {Type::Money, "-3 usd", "-3 USD"},
        {Type::Url, "HTTPS://Example.org/A?b#c", "https://example.org/A?b#c"},
        {Type::Bool, "OUI", "true"},
        {Type::Bool, "no", "false"},
    };
    for (const auto& vector : vectors) {
      CAPTURE(vector.typed);
      const auto parsed = parse_value(vector.type, "some.field", vector.typed);
      REQUIRE(parsed.ok());
      CHECK(parsed.value() == vector.canonical);
      // The canonical text is its own canonical text, and what a brand gets is strict JSON.
      CHECK(parse_value(vector.type, "some.field", vector.canonical).value() == vector.canonical);
      CHECK(vrm::read_json(json_of(vector.type, vector.canonical)).ok());
    }
  }

  TEST_CASE("every type has its own refusal, with the field and an example that would do") {
    refuses(Type::Date, "2003-02-29", "profile.bad_date");
    refuses(Type::Date, "14/02/1990", "profile.bad_date");
    refuses(Type::Date, "--0203", "profile.bad_date");
    refuses(Type::Date, "0000-01-01", "profile.bad_date");
    for (const auto* typed :
         {"ana", "@example.org", "ana@", "ana@host", "a b@example.org", "a..b@example.org",
          ".a@example.org", "a@-x.org", "a@x-.org", "a@x..org", "\"a\"@example.org", "a@x.org."})
      refuses(Type::Email, typed, "profile.bad_email");
    for (const auto* typed :
         {"905-555-1234", "12345", "06 12 34 56", "+0612345678", "BusinessPhone", "+33 1 23",
          "+1234567890123456", "0612345678 ext 3", "+", "00"})
      refuses(Type::Phone, typed, "profile.bad_phone");
    for (const auto* typed : {"XX", "Frankreich?", "F", "Narnia"})
      refuses(Type::Country, typed, "profile.bad_country");
    for (const auto* typed : {"NY", "HomePostal", "6", "69007-", "1234567890123", "69_007"})
      refuses(Type::PostalCode, typed, "profile.bad_postal_code");
    for (const auto* typed : {"f", "fr-", "fr--FR", "123", "français", "fr FR", "toolonglanguage"})
      refuses(Type::Language, typed, "profile.bad_language");
    for (const auto* typed : {"1e3", "1.", ".5", "1.2.3", "NaN", "--1", "1 000", "0x10", "½"})
      refuses(Type::Number, typed, "profile.bad_number");
    for (const auto* typed : {"178", "178 parsecs", "-3 cm", "cm", "1.2.3 m"})
      refuses(Type::Measure, typed, "profile.bad_measure");
    for (const auto* typed : {"849", "849 XYZ", "$ 3", "EUR", "1.23456 EUR", "1 EUR 2"})
      refuses(Type::Money, typed, "profile.bad_money");
    for (const auto* typed : {"example.org", "ftp://example.org/", "https://", "https://a b/",
                              "javascript:alert(1)", "https://user@example.org/"})
      refuses(Type::Url, typed, "profile.bad_url");
    for (const auto* typed : {"1", "maybe"}) refuses(Type::Bool, typed, "profile.bad_bool");
  }

  TEST_CASE("no type takes nothing, too much, broken UTF-8 or control characters") {
    for (const Type type : {Type::Text, Type::Multiline, Type::Date, Type::Email}) {
      refuses(type, "", "profile.empty_value");
      refuses(type, " \t\n", "profile.empty_value");
      refuses(type, std::string(kMaxValueBytes + 1, 'a'), "profile.value_too_long");
      refuses(type, "a\xFF", "profile.not_text");
      refuses(type, std::string("a\0b", 3), "profile.control_character");
      refuses(type, "a\x1b[31m", "profile.control_character");
      refuses(type, "a\xC2\x85", "profile.control_character");
    }
    refuses(Type::Text, "a\nb", "profile.control_character");
    CHECK(parse_value(Type::Text, "f", std::string(kMaxValueBytes, 'a')).ok());
  }

  TEST_CASE("what was typed is shown cut and printable") {
    const auto parsed = parse_value(Type::Date, "person.birthdate", "\x07" + std::string(500, 'x'));
    CHECK(parsed.error().say == "profile.control_character");
    CHECK(gap(parsed.error(), "typed").find('\x07') == std::string::npos);
    CHECK(gap(parsed.error(), "typed").size() < 60);
  }

  TEST_CASE("a measure without a unit takes the field's own") {
    CHECK(parse_value(Type::Measure, "body.height", "178", "cm").value() == "178 cm");
    CHECK(parse_value(Type::Measure, "body.height", "1.78 m", "cm").value() == "1.78 m");
  }

  TEST_CASE("brands get numbers, truths and quantities as JSON of their kind") {
    CHECK(json_of(Type::Number, "42") == R"({"value":42})");
    CHECK(json_of(Type::Number, "42.5") == R"({"value":"42.5"})");
    CHECK(json_of(Type::Number, "9223372036854775808") == R"({"value":"9223372036854775808"})");
    CHECK(json_of(Type::Bool, "true") == R"({"value":true})");
    CHECK(json_of(Type::Measure, "178 cm") == R"({"value":"178","unit":"cm"})");
    CHECK(json_of(Type::Money, "849.00 EUR") == R"({"value":"849.00","unit":"EUR"})");
    CHECK(json_of(Type::Text, "a\"b\\c\n\t</script>") ==
          "{\"value\":\"a\\\"b\\\\c\\n\\u0009</script>\"}");
  }

  TEST_CASE("types have names that lead back to them, and examples that parse") {
    for (int i = 0; i <= static_cast<int>(Type::Bool); ++i) {
      const Type type = static_cast<Type>(i);
      CAPTURE(to_string(type));
      CHECK(type_from_text(to_string(type)) == type);
      CHECK(parse_value(type, "f", example_of(type)).ok());
    }
    CHECK_FALSE(type_from_text("blob").has_value());
  }

  TEST_CASE("nasty strings are given back byte for byte, or refused") {
    const auto text = vrm::profile::test::shared_file("samples/text/blns.json");
    if (!text) {
      MESSAGE("skipped: no samples");
      return;
    }
    // The list holds what our own reader refuses as input, so the reader of the JSON library reads
    // it here.
    const auto list = nlohmann::json::parse(*text);
    REQUIRE(list.size() > 500);
    int kept = 0;
    for (const auto& item : list) {
      const auto& nasty = item.get_ref<const std::string&>();
      CAPTURE(nasty);
      for (const Type type : {Type::Text, Type::Multiline}) {
        const auto parsed = parse_value(type, "some.field", nasty);
        if (!parsed.ok()) {
          CHECK((parsed.error().say == "profile.empty_value" ||
                 parsed.error().say == "profile.control_character"));
          continue;
        }
        ++kept;
        CHECK(parsed.value() == nasty);
        const auto read = nlohmann::json::parse(json_of(type, parsed.value()), nullptr, false);
        REQUIRE_FALSE(read.is_discarded());
        CHECK(read["value"].get<std::string>() == nasty);
      }
      for (int type = static_cast<int>(Type::Date); type <= static_cast<int>(Type::Bool); ++type) {
        const auto parsed = parse_value(static_cast<Type>(type), "some.field", nasty);
        if (!parsed.ok()) continue;
        CHECK(parse_value(static_cast<Type>(type), "some.field", parsed.value()).value() ==
              parsed.value());
      }
    }
    CHECK(kept > 950);
  }
}
