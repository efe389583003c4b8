// Random policies, entities and requests: the engine answers as the second evaluator does.

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <iostream>
#include <nlohmann/json.hpp>

#include "policies/cedar/extension.h"
#include "tests/cedar_random/scene.h"
#include "tests/cedar_random/second/extensions.h"
#include "tests/cedar_random/words.h"

namespace {

constexpr std::size_t kRequests = 25;  // a scene

std::uint64_t figure(const char* variable, std::uint64_t otherwise) {
  const char* given = std::getenv(variable);
  return given == nullptr ? otherwise : std::strtoull(given, nullptr, 10);
}

// What the generator came to: of `scenes` scenes, each with a few requests.
struct Coverage {
  cedar_second::Reached reached;
  cedar_random::Tally tally;
};
Coverage cover(std::uint64_t scenes) {
  constexpr std::size_t kFew = 4;
  Coverage coverage;
  for (std::uint64_t seed = 1; seed <= scenes; ++seed) {
    const auto scene = cedar_random::draw_scene(seed, kFew);
    const auto store = cedar_second::read_store(scene.at("entities"));
    for (const auto& request : scene.at("requests"))
      cedar_random::count(
          cedar_second::authorize(scene.at("policies"), store, cedar_second::read_request(request),
                                  &coverage.reached),
          scene.at("policies"), coverage.tally);
  }
  return coverage;
}

constexpr std::size_t kEnough = 10;  // of each outcome

// Operators by what can come of them.
constexpr std::array kTests = {"!",
                               "&&",
                               "||",
                               "<",
                               "<=",
                               ">",
                               ">=",
                               "in",
                               "in set",
                               "is",
                               "is in",
                               "has",
                               "has path",
                               "hasTag",
                               "like",
                               "contains",
                               "containsAll",
                               "containsAny",
                               "isEmpty",
                               "lessThan",
                               "lessThanOrEqual",
                               "greaterThan",
                               "greaterThanOrEqual",
                               "isIpv4",
                               "isIpv6",
                               "isLoopback",
                               "isMulticast",
                               "isInRange",
                               "when",
                               "unless",
                               ".",
                               "getTag",
                               "if-then-else"};
constexpr std::array kTestsWithoutError = {
    "==",           "!=",       "scope ==",    "scope == slot",    "scope in", "scope in slot",
    "scope in set", "scope is", "scope is in", "scope is in slot", "Value"};
constexpr std::array kMakers = {"neg",
                                "+",
                                "-",
                                "*",
                                "decimal",
                                "ip",
                                "datetime",
                                "duration",
                                "offset",
                                "durationSince",
                                "toDate",
                                "toTime",
                                "toMilliseconds",
                                "toSeconds",
                                "toMinutes",
                                "toHours",
                                "toDays",
                                "Value",
                                ".",
                                "getTag",
                                "if-then-else"};
constexpr std::array kMakersWithoutError = {"Var", "Set", "Record"};

// A constructor of extension values, and how often it took a text.
struct Constructor {
  const char* name;
  cedar::Extension function;
  std::size_t taken = 0;
};

// Nothing: it refuses the text.
std::optional<cedar_second::Value> second_value(const char* function, const std::string& text) {
  try {
    return cedar_second::call_extension(function, {cedar_second::of_text(text)});
  } catch (const cedar_second::Erred&) {
    return std::nullopt;
  }
}

bool is_same(const cedar::Value& engine, const cedar_second::Value& second) {
  if (const auto* decimal = engine.get<cedar::Decimal>())
    return decimal->ten_thousandths == second.number;
  if (const auto* datetime = engine.get<cedar::Datetime>()) return datetime->ms == second.number;
  if (const auto* duration = engine.get<cedar::Duration>()) return duration->ms == second.number;
  const auto written = second_value("ip", engine.get<cedar::IpAddress>()->to_string());
  return written && cedar_second::equal(*written, second);
}

// Whether both take `text`, for the same value, or both refuse it.
bool agree_on(Constructor& constructor, const std::string& text) {
  const std::vector<cedar::Value> arguments = {cedar::Value(text)};
  const auto engine = cedar::call_extension(constructor.function, arguments);
  const auto second = second_value(constructor.name, text);
  if (!engine.ok() || !second) return engine.ok() == second.has_value();
  ++constructor.taken;
  return is_same(engine.value(), *second);
}

}  // namespace

TEST_SUITE("cedar/random") {
  TEST_CASE(
      "the generator reaches every operator with values and with errors, and every kind of "
      "answer") {
    Coverage coverage = cover(3000);
    cedar_second::Reached& reached = coverage.reached;
    const cedar_random::Tally& tally = coverage.tally;
    const auto check = [&reached](const std::string& name, auto member) {
      CAPTURE(name);
      CHECK(reached[name].*member >= kEnough);
    };
    using cedar_second::Outcomes;
    for (const char* name : kTests) {
      check(name, &Outcomes::truths);
      check(name, &Outcomes::falsehoods);
      check(name, &Outcomes::errors);
    }
    for (const char* name : kTestsWithoutError) {
      check(name, &Outcomes::truths);
      check(name, &Outcomes::falsehoods);
    }
    for (const char* name : kMakers) {
      check(name, &Outcomes::others);
      check(name, &Outcomes::errors);
    }
    for (const char* name : kMakersWithoutError) check(name, &Outcomes::others);
    check("scope All", &Outcomes::truths);
    CHECK(tally.allowed >= tally.cases / 4);
    CHECK(tally.cases - tally.allowed >= tally.cases / 4);
    CHECK(tally.forbidden >= tally.cases / 20);
    CHECK(tally.erring >= tally.cases / 5);
    CHECK(tally.erring <= tally.cases * 3 / 5);
    CHECK(tally.linked >= tally.cases / 20);
    CHECK(tally.several >= tally.cases / 20);
  }

  TEST_CASE("the engine and the second evaluator answer random requests alike") {
    const auto cases = figure("CEDAR_RANDOM_CASES", 200'000);
    auto seed = figure("CEDAR_RANDOM_SEED", 1);
    cedar_random::Tally tally;
    std::size_t differences = 0;
    for (; tally.cases < cases && differences < 5; ++seed) {
      const auto found = cedar_random::disagreement(seed, kRequests, tally);
      if (!found) continue;
      ++differences;
      FAIL_CHECK(*found);
    }
    std::cout << "random: " << tally.cases << " cases, " << tally.allowed << " allowed, "
              << tally.forbidden << " forbidden, " << tally.erring << " with errors, "
              << tally.linked << " by a link, " << tally.several << " by several\n";
    CHECK(tally.cases >= cases);
  }

  TEST_CASE(
      "the engine and the second evaluator take and refuse the same texts of extension values") {
    const auto texts = std::max<std::uint64_t>(figure("CEDAR_RANDOM_CASES", 200'000) / 10, 2000);
    cedar_random::Draw draw(figure("CEDAR_RANDOM_SEED", 1));
    std::array<Constructor, 4> constructors{{{"decimal", cedar::Extension::Decimal},
                                             {"ip", cedar::Extension::Ip},
                                             {"datetime", cedar::Extension::Datetime},
                                             {"duration", cedar::Extension::Duration}}};
    for (auto& constructor : constructors) {
      for (std::uint64_t i = 0; i < texts; ++i) {
        const std::string text = cedar_random::draw_bad_argument(draw, constructor.name);
        if (!agree_on(constructor, text)) FAIL_CHECK(constructor.name << ": " << text);
      }
      const std::string name = constructor.name;
      CAPTURE(name);
      CHECK(constructor.taken >= texts / 50);
      CHECK(constructor.taken <= texts / 2);
    }
  }
}
