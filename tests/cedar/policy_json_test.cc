// The JSON form of policies, both ways, and their text: what one writes the other reads.

#include "policies/cedar/policy_json.h"

#include <doctest/doctest.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "policies/cedar/parser.h"
#include "policies/cedar/policy_text.h"
#include "tests/cedar/reference_digests.h"
#include "tests/cedar/shared_material.h"

using nlohmann::json;

namespace {

std::shared_ptr<const cedar::PolicyBody> parsed(const std::string& text) {
  auto bodies = cedar::parse_policies(text);
  REQUIRE_MESSAGE(bodies.ok(), text << ": " << bodies.error().message);
  REQUIRE(bodies.value().size() == 1);
  return bodies.value()[0];
}

json json_of(const std::string& text) {
  auto written = cedar::policy_to_json(*parsed(text));
  REQUIRE_MESSAGE(written.ok(), text << ": " << written.error().message);
  return written.value();
}

json body_of(const std::string& expression) {
  return json_of("permit (principal, action, resource) when { " + expression +
                 " };")["conditions"][0]["body"];
}

json with_body(const json& body) {
  return {{"effect", "permit"},
          {"principal", {{"op", "All"}}},
          {"action", {{"op", "All"}}},
          {"resource", {{"op", "All"}}},
          {"conditions", {{{"kind", "when"}, {"body", body}}}}};
}

std::string refusal(const json& policy) {
  const auto read = cedar::policy_from_json(policy);
  REQUIRE_FALSE(read.ok());
  return read.error().message;
}

// Text, JSON, policy and text again, whichever way.
void check_round(const std::string& text) {
  const json written = json_of(text);
  const auto read = cedar::policy_from_json(written);
  REQUIRE_MESSAGE(read.ok(), text << ": " << read.error().message);
  CHECK_MESSAGE(cedar::policy_to_json(*read.value()).value() == written, text);
  CHECK_MESSAGE(json_of(cedar::policy_text(*parsed(text))) == written,
                text << "\n"
                     << cedar::policy_text(*parsed(text)));
  CHECK_MESSAGE(json_of(read.value()->source) == written, text);
}

}  // namespace

TEST_SUITE("cedar/policy_json") {
  // Answered by the reference (cedar-wasm 4.10.0).
  TEST_CASE("scopes, annotations and conditions are written as the reference writes them") {
    CHECK(
        json_of("permit(principal,action,resource);") ==
        R"({"effect":"permit","principal":{"op":"All"},"action":{"op":"All"},"resource":{"op":"All"},"conditions":[]})"_json);
    const auto policy = json_of(
        R"(@a("x") @b forbid(principal == User::"a",action in [Action::"x",Action::"y"],resource is A::B in C::"d") unless { true };)");
    CHECK(policy["principal"] == R"({"op":"==","entity":{"type":"User","id":"a"}})"_json);
    CHECK(policy["action"] ==
          R"({"op":"in","entities":[{"type":"Action","id":"x"},{"type":"Action","id":"y"}]})"_json);
    CHECK(policy["resource"] ==
          R"({"op":"is","entity_type":"A::B","in":{"entity":{"type":"C","id":"d"}}})"_json);
    CHECK(policy["annotations"] == R"({"a":"x","b":null})"_json);
    CHECK(policy["conditions"] == R"([{"kind":"unless","body":{"Value":true}}])"_json);
    const auto linked = json_of(
        R"(permit(principal in ?principal, action == Action::"r", resource is T in ?resource);)");
    CHECK(linked["principal"] == R"({"op":"in","slot":"?principal"})"_json);
    CHECK(linked["action"] == R"({"op":"==","entity":{"type":"Action","id":"r"}})"_json);
    CHECK(linked["resource"] == R"({"op":"is","entity_type":"T","in":{"slot":"?resource"}})"_json);
    CHECK(json_of("permit(principal,action in [],resource);")["action"] ==
          R"({"op":"in","entities":[]})"_json);
  }

  TEST_CASE("expressions are written as the reference writes them") {
    const std::map<std::string, const char*> all = {
        {"1 && 2 && 3",
         R"({"&&":{"left":{"&&":{"left":{"Value":1},"right":{"Value":2}}},"right":{"Value":3}}})"},
        {"1 && (2 && 3)",
         R"({"&&":{"left":{"Value":1},"right":{"&&":{"left":{"Value":2},"right":{"Value":3}}}}})"},
        {"principal has a.b",
         R"({"&&":{"left":{"has":{"left":{"Var":"principal"},"attr":"a"}},"right":{"has":{"left":{".":{"left":{"Var":"principal"},"attr":"a"}},"attr":"b"}}}})"},
        {R"(principal has "a.b")", R"({"has":{"left":{"Var":"principal"},"attr":"a.b"}})"},
        {"--1 == -(1)",
         R"({"==":{"left":{"neg":{"arg":{"Value":-1}}},"right":{"neg":{"arg":{"Value":1}}}}})"},
        {"-(1+2)*3",
         R"({"*":{"left":{"neg":{"arg":{"+":{"left":{"Value":1},"right":{"Value":2}}}}},"right":{"Value":3}}})"},
        {"-9223372036854775808", R"({"Value":-9223372036854775808})"},
        {R"(context["x y"] like "a*b\*")",
         R"({"like":{"left":{".":{"left":{"Var":"context"},"attr":"x y"}},"pattern":[{"Literal":"a"},"Wildcard",{"Literal":"b"},{"Literal":"*"}]}})"},
        {R"("" like "")", R"({"like":{"left":{"Value":""},"pattern":[]}})"},
        {R"([1,{a:2,"b c":User::"x"}].contains(1))",
         R"({"contains":{"left":{"Set":[{"Value":1},{"Record":{"a":{"Value":2},"b c":{"Value":{"__entity":{"type":"User","id":"x"}}}}}]},"right":{"Value":1}}})"},
        {"[].isEmpty()", R"({"isEmpty":{"arg":{"Set":[]}}})"},
        {R"(ip("1.2.3.4").isInRange(ip("1.0.0.0/8")))",
         R"({"isInRange":[{"ip":[{"Value":"1.2.3.4"}]},{"ip":[{"Value":"1.0.0.0/8"}]}]})"},
        {R"(unknown("x"))", R"({"unknown":[{"Value":"x"}]})"},
        {"principal is A::B", R"({"is":{"left":{"Var":"principal"},"entity_type":"A::B"}})"},
        {R"(principal is A in G::"g")",
         R"({"is":{"left":{"Var":"principal"},"entity_type":"A","in":{"Value":{"__entity":{"type":"G","id":"g"}}}}})"},
        {"if true then 1 else 2",
         R"({"if-then-else":{"if":{"Value":true},"then":{"Value":1},"else":{"Value":2}}})"},
        {R"(principal.hasTag("a") || !(resource in [action]))",
         R"({"||":{"left":{"hasTag":{"left":{"Var":"principal"},"right":{"Value":"a"}}},"right":{"!":{"arg":{"in":{"left":{"Var":"resource"},"right":{"Set":[{"Var":"action"}]}}}}}}})"},
    };
    for (const auto& one : all)
      CHECK_MESSAGE(body_of(one.first) == json::parse(one.second), one.first);
  }

  TEST_CASE(
      "what one way writes the other reads, and the text is written so that it reads the same") {
    for (
        const auto* text :
        {"permit(principal,action,resource);",
         R"(@if("a\"\n\u{1}") @b permit(principal in ?principal, action, resource == ?resource) when { 1 } unless { 2 };)",
         R"(forbid(principal is T in U::"x", action in [], resource) when { (if a::b::"c" in [] then 1 else 2) == 3 };)",
         "permit(principal,action,resource) when { 1 - (2 - 3) - -4 * (5 + 6) };",
         "permit(principal,action,resource) when { !(!(true)) && !!!!false && - - 3 == -(-(3)) };",
         "permit(principal,action,resource) when { (1 || 2) && 3 || (4 && 5 || 6) };",
         "permit(principal,action,resource) when { ((1 == 2) == (3 < 4)) || (principal in "
         "(resource in action)) };",
         R"(permit(principal,action,resource) when { {"if": 1, b: 2, "": 3}["if"] == {a: 1}.a };)",
         R"(permit(principal,action,resource) when { (principal has a.b.c) && ((principal) has "x y") };)",
         R"(permit(principal,action,resource) when { (-5).foo == 5 && (1 + 2).isIpv4() };)",
         R"(permit(principal,action,resource) when { "é*\0" like "*\*é*\u{0}**" && "*" == "\\" };)",
         R"(permit(principal,action,resource) when { (if true then 1 else if false then 2 else 3) < 4 };)",
         R"(permit(principal,action,resource) when { (principal is A) is B && (1 is C in 2 + 3) };)"})
      check_round(text);
  }

  TEST_CASE("a value of JSON is the expression that makes it") {
    const auto text_of = [](const char* body) {
      return cedar::expression_text(
          *cedar::policy_from_json(with_body(json::parse(body))).value()->conditions[0].body);
    };
    CHECK(text_of(R"({"Value":{"a":1,"b":[1,"x"]}})") == R"({a: 1, b: [1, "x"]})");
    CHECK(text_of(R"({"Value":{"__extn":{"fn":"ip","arg":"bad"}}})") == R"(ip("bad"))");
    CHECK(text_of(R"({"has":{"left":{"Var":"principal"},"attr":["a","b"]}})") ==
          "principal has a.b");
    CHECK(text_of(R"({"neg":{"arg":{"Value":-5}}})") == "-(-5)");
    CHECK(text_of(R"({"-":{"left":{"Value":1},"right":{"Value":-2}}})") == "1 - -2");
  }

  TEST_CASE("what is not of the form is refused, and the place is told") {
    for (const auto* body :
         {R"({})", R"(1)", R"({"Value":null})", R"({"Value":1.5})", R"({"Slot":"?principal"})",
          R"({"Var":"foo"})", R"({"Unknown":{"name":"x"}})", R"({"nofn":[{"Value":1}]})",
          R"({"contains":[{"Value":1},{"Value":2}]})",
          R"({"like":{"left":{"Value":"a"},"pattern":"a*"}})",
          R"({"==":{"left":{"Value":1},"right":{"Value":1},"extra":1}})",
          R"({"==":{"left":{"Value":1}}})", R"({"Set":[{"Value":1}],"Value":2})",
          R"({"isIpv4":[]})", R"({"is":{"left":{"Var":"principal"},"entity_type":"a b"}})",
          R"({"has":{"left":{"Var":"principal"},"attr":[]}})"})
      CHECK_MESSAGE(refusal(with_body(json::parse(body))).starts_with("conditions[0].body"), body);
    auto policy = with_body({{"Value", true}});
    const auto refused_with = [&policy](const char* member, json value) {
      json changed = policy;
      changed[member] = std::move(value);
      return refusal(changed);
    };
    CHECK(refused_with("effect", "Permit") == "effect: is neither permit nor forbid");
    CHECK(refused_with("extra", 1) == "policy: has an unknown member `extra`");
    CHECK(refused_with("principal", {{"op", "in"}, {"entities", json::array()}})
              .starts_with("principal"));
    CHECK(refused_with("principal", {{"op", "=="}, {"slot", "?resource"}})
              .starts_with("principal.slot"));
    CHECK(refused_with("action", {{"op", "=="}, {"slot", "?action"}}).starts_with("action.slot"));
    CHECK(refused_with("action", {{"op", "=="}, {"entity", {{"type", "A"}, {"id", "b"}}}})
              .starts_with("action"));
    CHECK(refused_with("annotations", {{"a b", "x"}}).starts_with("annotations"));
    policy.erase("resource");
    CHECK(refusal(policy) == "policy: lacks `resource`");
  }

  TEST_CASE("depth and size are bounded with a clean error") {
    json deep = {{"Value", true}};
    for (int i = 0; i < 1200; ++i) deep = {{"!", {{"arg", std::move(deep)}}}};
    CHECK(refusal(with_body(deep)).find("nested too deeply") != std::string::npos);
    std::string chain = "true";
    for (int i = 0; i < 20000; ++i) chain += " && true";
    CHECK_FALSE(
        cedar::policy_to_json(*parsed("permit(principal,action,resource) when {" + chain + "};"))
            .ok());
    std::string path = "principal";
    for (int i = 0; i < 30; ++i) path = "(" + path + " has a.b.c)";
    CHECK_FALSE(
        cedar::policy_to_json(*parsed("permit(principal,action,resource) when {" + path + "};"))
            .ok());
  }

  TEST_CASE("a policy set keeps its ids, templates and links") {
    auto set = cedar::PolicySet::parse(
                   "@id(\"one\") permit (principal, action, resource);"
                   "@id(\"many\") permit (principal == ?principal, action, resource in ?resource);",
                   cedar::PolicyNames::ByAnnotation)
                   .value();
    REQUIRE(set.link("many", "ana",
                     {.principal = cedar::EntityUid("User", "ana"),
                      .resource = cedar::EntityUid("Album", "x")})
                .ok());
    const auto written = cedar::policy_set_to_json(set).value();
    CHECK(
        written["templateLinks"] ==
        R"([{"templateId":"many","newId":"ana","values":{"?principal":{"type":"User","id":"ana"},"?resource":{"type":"Album","id":"x"}}}])"_json);
    const auto read = cedar::policy_set_from_json(written);
    REQUIRE_MESSAGE(read.ok(), read.error().message);
    CHECK(cedar::policy_set_to_json(read.value()).value() == written);
    CHECK(read.value().find_policy("ana") != nullptr);
    auto broken = written;
    broken["templateLinks"][0]["templateId"] = "none";
    CHECK_FALSE(cedar::policy_set_from_json(broken).ok());
    broken = written;
    broken["templates"]["one"] = broken["templates"]["many"];
    CHECK_FALSE(cedar::policy_set_from_json(broken).ok());
  }

  // tests/vectors/cedar/policy_json.digests has, for each, what the reference wrote.
  TEST_CASE(
      "every policy of the corpus has the JSON of the reference, and every twentieth reads back "
      "the "
      "same from JSON and from its text") {
    const auto corpus = cedar_tests::corpus();
    if (corpus.empty()) {
      std::cout << "skipped: no corpus\n";
      return;
    }
    cedar_tests::check_digests(corpus, "policy_json", ".cedar", 3083, json_of, check_round);
  }
}
