#include "policies/cedar/evaluator.h"

#include <doctest/doctest.h>

#include <utility>

#include "policies/cedar/parser.h"

using namespace cedar;  // tests only

namespace {

const EntityUid kAlice("User", "alice");
const EntityUid kGhost("User", "ghost");

Entities store() {
  return Entities::make(
             {{kAlice,
               Record::of({{"age", 30}, {"friend", kGhost}, {"nested", Record::of({{"x", 1}})}}),
               Record::of({{"t", "v"}}),
               {EntityUid("Group", "staff")}},
              {EntityUid("Group", "staff"), {}, {}, {EntityUid("Group", "all")}}})
      .value();
}

// What an expression is for alice, a ghost and a small context; errors begin with "error: ".
std::variant<Value, EvaluationError> evaluate(std::string_view text) {
  const auto entities = store();
  const Request request{kAlice, EntityUid("Action", "read"), kGhost,
                        Record::of({{"now", Datetime{1000}}, {"names", Set::of({"a", "b"})}})};
  const auto expression = parse_expression(text);
  REQUIRE_MESSAGE(expression.ok(), text << ": " << expression.error().message);
  return Evaluator(request, entities).value(*expression.value());
}

Value value_of(std::string_view text) {
  const auto outcome = evaluate(text);
  REQUIRE_MESSAGE(std::holds_alternative<Value>(outcome), text);
  return std::get<Value>(outcome);
}

std::string error_of(std::string_view text) {
  const auto outcome = evaluate(text);
  REQUIRE_MESSAGE(std::holds_alternative<EvaluationError>(outcome), text);
  return std::get<EvaluationError>(outcome).message;
}

}  // namespace

TEST_SUITE("cedar/evaluator") {
  TEST_CASE("expressions have the values Cedar gives them") {
    const std::pair<const char*, Value> vectors[] = {
        {"1 + 2 * 3 - 4", 3},
        {"- - 5", 5},
        {"-9223372036854775808", INT64_MIN},
        {"!!true", true},
        {"if 1 < 2 then \"yes\" else 1 + true", "yes"},
        {"[1, 2, 2].containsAll([2])", true},
        {"[1].containsAny([])", false},
        {"context.names.contains(\"b\")", true},
        {"[].isEmpty() && !context.names.isEmpty()", true},
        {"{a: {b: [principal.age]}}.a.b", Set::of({30})},
        {"[{a: 1}, {a: principal.age}].contains({a: 30})", true},
        {"(if true then {a: {b: 7}} else {}).a.b", 7},
        {"principal.friend == resource", true},
        {"principal.friend", kGhost},
        {"principal.getTag(\"t\")", "v"},
        {"resource.hasTag(\"t\")", false},
        {"resource has age", false},
        {"principal has nested.x && !(principal has nested.y.z)", true},
        {"principal has friend.age", false},
        {"principal in Group::\"all\"", true},
        {"principal in [Group::\"none\", Group::\"staff\"]", true},
        {"principal in []", false},
        {"resource in resource", true},
        {"resource in Group::\"all\"", false},
        {"principal is Group in 1", false},
        {"principal is User in Group::\"staff\"", true},
        {"\"a*c\" like \"a\\*c\" && \"abc\" like \"a*c\"", true},
        {"1 == true || [1] == {}", false},
        {"1 != \"1\"", true},
        {"context.now < datetime(\"1970-01-01T00:00:02Z\")", true},
        {"context.now.offset(duration(\"1s\")).toTime() == duration(\"2s\")", true},
        {"decimal(\"1.1\").lessThan(decimal(\"1.2\"))", true},
        {"ip(\"10.0.0.5\").isInRange(ip(\"10.0.0.0/24\"))", true},
    };
    for (const auto& [text, expected] : vectors) {
      const std::string shown = text;
      CAPTURE(shown);
      CHECK(value_of(text) == expected);
    }
  }

  TEST_CASE("what is not reached cannot fail, what is reached must be a bool") {
    CHECK(value_of("false && 1") == Value(false));
    CHECK(value_of("true || 1") == Value(true));
    CHECK(value_of("false && ip() && nosuch::\"x\".a") == Value(false));
    CHECK(error_of("true && 1") == "type error: expected bool, got long");
    CHECK(error_of("1 && false") == "type error: expected bool, got long");
    CHECK(error_of("false || \"a\"") == "type error: expected bool, got string");
    CHECK(error_of("!principal") == "type error: expected bool, got (entity of type `User`)");
    CHECK(error_of("if 1 then true else true") == "type error: expected bool, got long");
  }

  TEST_CASE("errors use the reference's words") {
    const std::pair<const char*, const char*> vectors[] = {
        {"9223372036854775807 + 1",
         "integer overflow while attempting to add the values `9223372036854775807` and `1`"},
        {"1 - -9223372036854775808",
         "integer overflow while attempting to subtract the values `1` and `-9223372036854775808`"},
        {"4611686018427387904 * 2",
         "integer overflow while attempting to multiply the values `4611686018427387904` and `2`"},
        {"-(-9223372036854775808)",
         "integer overflow while attempting to negate the value `-9223372036854775808`"},
        {"1 < \"a\"", "type error: expected long, got string"},
        {"\"a\" < \"b\"", "type error: expected one of [long, datetime, duration], got string"},
        {"context.now < duration(\"1s\")", "type error: expected datetime, got duration"},
        {"principal.nosuch", "`User::\"alice\"` does not have the attribute `nosuch`"},
        {"principal.friend.age", "entity `User::\"ghost\"` does not exist"},
        {"resource.getTag(\"t\")", "entity `User::\"ghost\"` does not exist"},
        {"principal.getTag(\"u\")", "`User::\"alice\"` does not have the tag `u`"},
        {"context.nosuch", "record does not have the attribute `nosuch`"},
        {"principal has age.x",
         "type error: expected one of [record, (entity of type `any_entity_type`)], got long"},
        {"principal in [Group::\"all\", 1]",
         "type error: expected (entity of type `any_entity_type`), got long"},
        {"principal in \"x\"",
         "type error: expected one of [set, (entity of type `any_entity_type`)], got string"},
        {"\"a\" is User", "type error: expected (entity of type `any_entity_type`), got string"},
        {"1 like \"1\"", "type error: expected string, got long"},
        {"\"a\".contains(1)", "type error: expected set, got string"},
        {"decimal(\"1\")",
         "error while evaluating `decimal` extension function: `1` is not a well-formed decimal "
         "value"},
        {"unknown(\"x\")", "the expression contains unknown(s): `unknown(\"x\")`"},
    };
    for (const auto& [text, expected] : vectors) {
      const std::string shown = text;
      CAPTURE(shown);
      CHECK(error_of(text) == expected);
    }
  }

  TEST_CASE("an error names the place of the expression that failed") {
    const auto outcome = evaluate("true &&\n  (1 + \"a\" == 2)");
    CHECK(std::get<EvaluationError>(outcome).at == Position{2, 4, 11});
  }

  TEST_CASE("the deepest tree that parses also evaluates") {
    std::string sum = "1";
    for (std::uint32_t i = 1; i < kMaxExpressionDepth; ++i) sum += " + 1";
    CHECK(value_of(sum) == Value(std::int64_t{kMaxExpressionDepth}));
    std::string chain = "true";
    for (int i = 0; i < 20'000; ++i) chain += " && true";
    CHECK(value_of(chain) == Value(true));
    const auto wrap = [](int levels) {
      return std::string(static_cast<std::size_t>(levels), '[') + "principal" +
             std::string(static_cast<std::size_t>(levels), ']');
    };
    CHECK(value_of(wrap(kMaxNesting - 1) + " == " + wrap(kMaxNesting - 1)) == Value(true));
  }
}
