// Strict validation: verdicts of the reference, and messages that say where and what was probably meant.

#include "policies/cedar/validator.h"

#include <doctest/doctest.h>

#include <sstream>

#include "policies/cedar/schema_parser.h"
#include "tests/cedar/shared_material.h"

namespace {

using cedar::Edition;

cedar::Schema schema_of(const std::string& text) {
  const auto fragment = cedar::parse_schema(text);
  REQUIRE_MESSAGE(fragment.ok(), fragment.error().message);
  auto schema = cedar::Schema::resolve(fragment.value());
  REQUIRE_MESSAGE(schema.ok(), schema.error().message);
  return std::move(schema).value();
}

cedar::Schema vector_schema() {
  return schema_of(cedar_tests::text_of_file(cedar_tests::vectors() / "validation.cedarschema"));
}

std::vector<cedar::PolicyFindings> findings_of(const std::string& policies,
                                               const cedar::Schema& schema,
                                               Edition edition = Edition::V4_13) {
  const auto set = cedar::PolicySet::parse(policies);
  REQUIRE_MESSAGE(set.ok(), policies << ": " << set.error().message);
  return cedar::validate(set.value(), schema, edition);
}

std::string verdict(const std::string& policy, const cedar::Schema& schema, Edition edition) {
  const auto findings = findings_of(policy, schema, edition);
  if (findings.empty()) return "valid";
  return findings[0].errors.empty() ? "warning" : "error";
}

// The one error of a condition, for one who views a photo.
cedar::Finding error_of(const std::string& condition) {
  const auto findings = findings_of(
      "permit(principal, action == Action::\"view\", resource) when { " + condition + " };",
      vector_schema());
  REQUIRE_MESSAGE(findings.size() == 1, condition);
  REQUIRE_MESSAGE(findings[0].errors.size() == 1, condition);
  return findings[0].errors[0];
}

}  // namespace

TEST_SUITE("cedar/validator") {
  TEST_CASE("each policy has the verdict of the reference, of both its releases") {
    const auto schema = vector_schema();
    std::istringstream rows(cedar_tests::text_of_file(cedar_tests::vectors() / "validation.tsv"));
    std::size_t count = 0;
    for (std::string line; std::getline(rows, line); ++count) {
      std::istringstream cells(line);
      std::string before, now, policy;
      std::getline(cells, before, '\t');
      std::getline(cells, now, '\t');
      std::getline(cells, policy);
      CHECK_MESSAGE(verdict(policy, schema, Edition::V4_10) == before, policy);
      CHECK_MESSAGE(verdict(policy, schema, Edition::V4_13) == now, policy);
    }
    CHECK(count == 277);
  }

  TEST_CASE("a finding says where, and what was probably meant") {
    CHECK(error_of("principal.nmae == \"a\"").message ==
          "`principal` has no attribute `nmae`: did you mean `name`?");
    CHECK(error_of("principal.nmae == \"a\"").at.column == 62);
    CHECK(error_of("principal is user").message ==
          "the schema declares no entity type `user`: did you mean `User`?");
    CHECK(error_of("principal == Shop::User::\"a\"").message.find("did you mean `User`?") !=
          std::string::npos);
    CHECK(error_of("context.e == Color::\"rde\"").message.find("did you mean `red`?") !=
          std::string::npos);
    CHECK(error_of("principal.nick == \"a\"").message ==
          "the attribute `nick` is optional: ask `principal has nick` before, with &&");
    CHECK(error_of("principal.getTag(\"a\") == \"x\"").message ==
          "there may be no such tag: ask `principal.hasTag(\"a\")` before, with &&");
    CHECK(error_of("principal.age > \"a\"").message == "expected Long but saw String");
    CHECK(error_of("principal.name == 1").message ==
          "the two sides of `==` have different types, String and Long");
    CHECK(error_of("unknown(\"a\")").message == "`unknown` has no value until it is replaced");
    const auto action =
        findings_of("permit(principal, action == Action::\"veiw\", resource);", vector_schema());
    REQUIRE(action.size() == 1);
    CHECK(action[0].errors[0].message ==
          "the schema declares no action `Action::\"veiw\"`: did you mean `view`?");
  }

  TEST_CASE(
      "each policy, link and template is told by its id, and those without findings are not") {
    const auto schema = vector_schema();
    const auto findings = findings_of(
        "permit(principal, action, resource);\n"
        "forbid(principal is User, action, resource) when { principal.age > \"a\" };\n"
        "permit(principal == ?principal, action, resource) when { 1 };",
        schema);
    REQUIRE(findings.size() == 2);
    CHECK(findings[0].id == "policy2");
    CHECK(findings[0].errors[0].at.line == 3);
    CHECK(findings[1].id == "policy1");
    CHECK(findings[1].errors[0].at.line == 2);

    cedar::PolicySet set =
        cedar::PolicySet::parse("permit(principal == ?principal, action, resource);").value();
    cedar::SlotValues unknown;
    unknown.principal = cedar::EntityUid("Nope", "a");
    REQUIRE(set.link("policy0", "bad", unknown).ok());
    cedar::SlotValues known;
    known.principal = cedar::EntityUid("User", "a");
    REQUIRE(set.link("policy0", "good", known).ok());
    const auto linked = cedar::validate(set, schema);
    REQUIRE(linked.size() == 1);
    CHECK(linked[0].id == "bad");
  }

  TEST_CASE("one mistake is told once, however many kinds of requests meet it") {
    const auto schema = schema_of(
        "entity A, B, C { x: Long }; action a, b, c appliesTo { principal: [A, B, C], resource: "
        "[A, B, C] };");
    const auto findings =
        findings_of("permit(principal, action, resource) when { principal.x == \"1\" };", schema);
    REQUIRE(findings.size() == 1);
    CHECK(findings[0].errors.size() == 1);
  }

  TEST_CASE("types with parts without number are compared part by part, each once") {
    std::string text = "type A0 = {x: Long}; type B0 = {x: Long}; ";
    for (int i = 1; i <= 60; ++i)
      for (const std::string each : {"A", "B"}) {
        const auto below = each + std::to_string(i - 1);
        text += "type " + each + std::to_string(i) + " = {a: " + below + ", b: " + below + "}; ";
      }
    text += "entity U { a: A60, b: B60 }; action v appliesTo { principal: U, resource: U };";
    CHECK(findings_of("permit(principal, action, resource) when { principal.a == resource.b };",
                      schema_of(text))
              .empty());
  }

  TEST_CASE("what is deep is validated, or refused, without a deep stack") {
    const auto schema = vector_schema();
    std::string deep = "1";
    for (int i = 0; i < 90; ++i) deep = "(if principal.ok then " + deep + " else 2)";
    CHECK(findings_of("permit(principal is User, action, resource) when { " + deep + " == 1 };",
                      schema)
              .empty());
    std::string doubling = "principal";
    for (int i = 0; i < 60; ++i)
      doubling = "(if (" + doubling + " is User in Group::\"g\") then principal else principal)";
    CHECK(findings_of("permit(principal is User, action, resource) when { " + doubling + ".ok };",
                      schema)
              .empty());
    std::string chain = "principal.ok";
    for (int i = 0; i < 20'000; ++i) chain += " && principal.ok";
    CHECK(findings_of("permit(principal is User, action, resource) when { " + chain + " };", schema)
              .empty());
  }
}
