// The shared probes of structure: what a policy text and a store of entities may be, and what several conditions come to,
// with the reference's answers. The file names each; what is asked is ours.

#include <doctest/doctest.h>

#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <sstream>

#include "policies/cedar/authorizer.h"
#include "policies/cedar/entity_json.h"
#include "tests/cedar/shared_material.h"

namespace {

constexpr std::string_view kAllowAll = "permit(principal, action, resource);";
constexpr std::string_view kInGroup = R"(permit(principal in U::"g", action, resource);)";

struct Structure {
  std::string policies;
  std::string entities = "[]";
};

std::string entity(std::string_view id, std::string_view parents, std::string_view attrs = "{}") {
  std::string all;
  for (const char parent : parents)
    all += std::string(all.empty() ? "" : ",") + R"({"type":"U","id":")" + parent + R"("})";
  return R"({"uid":{"type":"U","id":")" + std::string(id) + R"("},"attrs":)" + std::string(attrs) +
         R"(,"parents":[)" + all + "]}";
}

std::string all_of(std::initializer_list<std::string> entities) {
  std::string all;
  for (const auto& one : entities) all += (all.empty() ? "" : ",") + one;
  return "[" + all + "]";
}

std::string allow_when(const std::string& conditions) {
  return "permit(principal, action, resource) " + conditions + ";";
}

std::map<std::string, Structure> structures() {
  const std::string all(kAllowAll);
  const std::string in_group(kInGroup);
  return {
      {"cycle", {all, all_of({entity("a", "b"), entity("b", "a")})}},
      {"self parent", {all, all_of({entity("a", "a")})}},
      {"duplicate entity same", {all, all_of({entity("a", "g"), entity("a", "g")})}},
      {"duplicate entity different",
       {all, all_of({entity("a", ""), entity("a", "", R"({"x":1})")})}},
      {"float attr", {all, all_of({entity("a", "", R"({"x":1.5})")})}},
      {"null attr", {all, all_of({entity("a", "", R"({"x":null})")})}},
      {"bad ext attr",
       {all, all_of({entity("a", "", R"({"x":{"__extn":{"fn":"ip","arg":"nope"}}})")})}},
      {"parent absent from store, in", {in_group, all_of({entity("a", "g")})}},
      {"chain through absent", {in_group, all_of({entity("a", "b"), entity("g", "")})}},
      {"dup @id text", {"@id(\"x\")" + all + "@id(\"x\")" + all}},
      {"dup annotation", {"@a(\"1\") @a(\"2\")" + all}},
      {"unless order: error in 2nd condition after false 1st",
       {allow_when("when { false } unless { 1 < \"a\" }")}},
      {"error in 1st, false in 2nd", {allow_when("when { 1 < \"a\" } when { false }")}},
      {"scope mismatch hides error",
       {R"(permit(principal == U::"b", action, resource) when { 1 < "a" };)"}},
      {"action set scope",
       {R"(permit(principal, action in [Action::"v", Action::"w"], resource);)"}},
      {"non-Action in action scope", {R"(permit(principal, action == U::"v", resource);)"}},
      {"is in scope",
       {R"(permit(principal is U in U::"g", action, resource);)", all_of({entity("a", "g")})}},
      {"comment/eof", {"// nothing"}},
      {"no semicolon", {"permit(principal, action, resource)"}},
      {"BOM", {"\xEF\xBB\xBF" + all}},
  };
}

struct Outcome {
  bool refused = false;
  bool allowed = false;
  std::set<std::string> reasons = {};
  std::set<std::string> errors = {};

  bool operator==(const Outcome&) const = default;
};

std::string told(const Outcome& outcome) {
  if (outcome.refused) return "refused";
  std::string text = outcome.allowed ? "allow" : "deny";
  for (const auto& reason : outcome.reasons) text += " " + reason;
  for (const auto& error : outcome.errors) text += " !" + error;
  return text;
}

Outcome asked(const Structure& structure) {
  const Outcome refused{.refused = true};
  const auto policies = cedar::PolicySet::parse(structure.policies);
  const auto entities = cedar::read_entities(structure.entities);
  if (!policies.ok() || !entities.ok()) return refused;
  const auto store = cedar::Entities::make(entities.value());
  if (!store.ok()) return refused;
  const cedar::Request request{cedar::EntityUid("U", "a"), cedar::EntityUid("Action", "v"),
                               cedar::EntityUid("R", "r")};
  const auto response = cedar::is_authorized(request, policies.value(), store.value());
  Outcome outcome{.allowed = response.decision == cedar::Decision::Allow,
                  .reasons = {response.reasons.begin(), response.reasons.end()}};
  for (const auto& error : response.errors) outcome.errors.insert(error.policy_id);
  return outcome;
}

// `{"decision":...}` of an answer, or `[message]` of a refusal.
Outcome expected(const std::string& answer) {
  if (answer.starts_with("[")) return {.refused = true};
  const auto json = nlohmann::json::parse(answer);
  const auto& diagnostics = json["diagnostics"];
  Outcome outcome{.allowed = json["decision"] == "allow",
                  .reasons = diagnostics["reason"].get<std::set<std::string>>()};
  for (const auto& error : diagnostics["errors"]) outcome.errors.insert(error["policyId"]);
  return outcome;
}

}  // namespace

TEST_SUITE("cedar/structure") {
  TEST_CASE("every probe of structure is answered as the reference answers it") {
    const auto path = cedar_tests::material() / "probes-structure.txt";
    if (!std::filesystem::exists(path)) {
      std::cout << "skipped: no probes\n";
      return;
    }
    const auto all = structures();
    std::set<std::string> seen;
    std::istringstream lines(cedar_tests::text_of_file(path));
    for (std::string line; std::getline(lines, line);) {
      const auto arrow = line.find(" -> ");
      if (arrow == std::string::npos) continue;
      const std::string name = line.substr(0, arrow);
      CAPTURE(name);
      REQUIRE(all.contains(name));
      CHECK(told(asked(all.at(name))) == told(expected(line.substr(arrow + 4))));
      seen.insert(name);
    }
    CHECK(seen.size() == all.size());
  }

  TEST_CASE(
      "a chain of && is no nesting, however long; parentheses are, and end in a clean refusal") {
    for (const int length : {500, 2000, 5000, 20000}) {
      std::string chain = "true";
      for (int i = 1; i < length; ++i) chain += " && true";
      CHECK(asked({allow_when("when { " + chain + " }")}).allowed);
    }
    const auto nested = [](std::size_t depth) {
      return allow_when("when { " + std::string(depth, '(') + "true" + std::string(depth, ')') +
                        " }");
    };
    for (const std::size_t depth : {50U, 100U}) CHECK(asked({nested(depth)}).allowed);
    CHECK(asked({nested(100'000)}).refused);
  }
}
