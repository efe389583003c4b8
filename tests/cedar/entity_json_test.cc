#include "policies/cedar/entity_json.h"

#include <doctest/doctest.h>

using namespace cedar;  // tests only

namespace {

// One attribute `x` of one entity.
std::string entity_with(const std::string& attribute) {
  std::string text = R"([{"uid": {"type": "U", "id": "a"}, "parents": [], "attrs": {"x": )";
  return text.append(attribute).append("}}]");
}

Value attribute(const std::string& json) {
  const auto entities = read_entities(entity_with(json));
  REQUIRE_MESSAGE(entities.ok(), json << ": " << entities.error().message);
  return *entities.value()[0].attributes.find("x");
}

}  // namespace

TEST_SUITE("cedar/entity_json") {
  TEST_CASE("every kind of value is read") {
    CHECK(attribute("true") == Value(true));
    CHECK(attribute("-9223372036854775808") == Value(INT64_MIN));
    CHECK(attribute("9223372036854775807") == Value(INT64_MAX));
    CHECK(attribute(R"("a\u0000\u00e9")") == Value(std::string("a\0é", 4)));
    CHECK(attribute("[1, [2], 1]") == Value(Set::of({1, Set::of({2})})));
    CHECK(attribute(R"({"": {"type": "U", "id": "b"}})") ==
          Value(Record::of({{"", Record::of({{"type", "U"}, {"id", "b"}})}})));
    CHECK(attribute(R"({"__entity": {"type": "A::U", "id": ""}})") == Value(EntityUid("A::U", "")));
    CHECK(attribute(R"({"__extn": {"fn": "decimal", "arg": "1.5"}})") == Value(Decimal{15'000}));
    CHECK(attribute(R"({"__extn": {"fn": "ip", "arg": "::1"}})") ==
          Value(IpAddress::parse("::1").value()));
    CHECK(attribute(R"({"__extn": {"fn": "duration", "args": ["1s"]}})") == Value(Duration{1000}));
    CHECK(attribute(R"({"__extn": {"fn": "offset", "args": [
              {"__extn": {"fn": "datetime", "arg": "1970-01-01"}},
              {"__extn": {"fn": "duration", "arg": "-1s"}}]}})") == Value(Datetime{-1000}));
  }

  TEST_CASE("what is no Cedar value is refused") {
    for (const char* json : {"null",
                             "[null]",
                             R"({"a": {"b": null}})",
                             "1.5",
                             "1e3",
                             "9223372036854775808",
                             R"({"__entity": {"type": "U"}})",
                             R"({"__entity": {"type": "U U", "id": "x"}})",
                             R"({"__entity": {"type": "if", "id": "x"}})",
                             R"({"__entity": "U::\"x\""})",
                             R"({"__entity": {"type": "U", "id": 1}})",
                             R"({"__entity": {"type": "U", "id": "x"}, "y": 1})",
                             R"({"__extn": {"fn": "nosuch", "arg": "x"}})",
                             R"({"__extn": {"fn": "ip", "arg": "nope"}})",
                             R"({"__extn": {"fn": "ip", "arg": 1}})",
                             R"({"__extn": {"fn": "ip"}})",
                             R"({"__extn": 1})",
                             R"({"__extn": {"fn": "ip", "arg": "::1", "args": []}})",
                             R"({"__extn": {"fn": "ip", "args": "::1"}})",
                             R"({"__extn": {"fn": "unknown", "arg": "x"}})",
                             R"({"__expr": "1"})",
                             R"({"a": 1, "a": 1})"}) {
      CAPTURE(json);
      const auto refused = read_entities(entity_with(json));
      REQUIRE_FALSE(refused.ok());
      CHECK(refused.error().code == vrm::ErrorCode::Malformed);
    }
  }

  TEST_CASE("an entity has uid, attributes, parents and perhaps tags") {
    const auto entities = read_entities(R"([
      {"uid": {"__entity": {"type": "U", "id": "a"}}, "attrs": {"__entity": 1}, "tags": {"t": "v"},
       "parents": [{"type": "G", "id": "g"}, {"__entity": {"type": "G", "id": "h"}}]}])");
    REQUIRE(entities.ok());
    const Entity& entity = entities.value()[0];
    CHECK(entity.uid == EntityUid("U", "a"));
    CHECK(entity.parents == std::vector<EntityUid>{{"G", "g"}, {"G", "h"}});
    CHECK(*entity.tags.find("t") == Value("v"));
    CHECK(*entity.attributes.find("__entity") == Value(1));
  }

  TEST_CASE("entities of another shape are refused") {
    for (const char* json :
         {"", "{}", "[1]", R"([{"uid": {"type": "U", "id": "a"}}])",
          R"([{"uid": {"type": "U", "id": "a"}, "attrs": {}}])",
          R"([{"uid": {"type": "U", "id": "a"}, "parents": []}])",
          R"([{"uid": "U::\"a\"", "attrs": {}, "parents": []}])",
          R"([{"uid": {"type": "U", "id": "a"}, "attrs": [], "parents": []}])",
          R"([{"uid": {"type": "U", "id": "a"}, "attrs": {}, "parents": ["U"]}])",
          R"([{"uid": {"type": "U", "id": "a"}, "attrs": {}, "parents": [], "tags": null}])"}) {
      CAPTURE(json);
      CHECK_FALSE(read_entities(json).ok());
    }
  }

  TEST_CASE("a message names the place") {
    CHECK(read_entities(entity_with("[null]")).error().message ==
          "entity `U::\"a\"`: `attrs`: `x`: found a `null`; JSON `null`s are not allowed in Cedar");
  }

  TEST_CASE("a context is a record") {
    CHECK(read_context(R"({"a": {"__entity": {"type": "U", "id": "x"}}})").value() ==
          Record::of({{"a", EntityUid("U", "x")}}));
    for (const char* json :
         {"[]", "1", "null", R"({"__entity": {"type": "U", "id": "x"}})", R"({"a": null})"})
      CHECK_FALSE(read_context(json).ok());
  }

  TEST_CASE("the limits of the caller hold") {
    CHECK_FALSE(read_context(R"({"a": 1})", {7, 32}).ok());
    CHECK_FALSE(read_context(R"({"a": [[1]]})", {1000, 2}).ok());
  }
}
