// What the program says on files: answers, exit codes, and refusals that name the file.

#include "policies/cedar/program/commands.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/cedar/shared_material.h"

namespace {

namespace program = cedar::program;
using program::Exit;

struct Desk {
  cedar_tests::TemporaryFolder folder;

  std::string file(const std::string& name, const std::string& text) const {
    const auto path = folder.path() / name;
    std::ofstream(path, std::ios::binary) << text;
    return path.string();
  }
};

struct Said {
  Exit exit;
  std::string text;
};

// REQUIRES: the command could be done.
template <typename Plan>
Said run(vrm::Result<Exit> (*command)(const Plan&, std::ostream&), const Plan& plan) {
  std::ostringstream out;
  const auto exit = command(plan, out);
  REQUIRE_MESSAGE(exit.ok(), exit.error().message);
  return {exit.value(), out.str()};
}

template <typename Plan>
std::string refusal(vrm::Result<Exit> (*command)(const Plan&, std::ostream&), const Plan& plan) {
  std::ostringstream out;
  const auto exit = command(plan, out);
  REQUIRE_FALSE(exit.ok());
  return exit.error().message;
}

constexpr const char* kSchema =
    "entity Group; entity User in Group { age: Long, home?: ipaddr }; entity Photo;\n"
    "action all; action view in all appliesTo { principal: User, resource: Photo, context: { at: "
    "ipaddr } };";
constexpr const char* kPolicies =
    "permit (principal in Group::\"g\", action in Action::\"all\", resource)\n"
    "when { context.at == principal.home };\n"
    "forbid (principal, action, resource)\nwhen { principal.age < 18 };\n";
constexpr const char* kEntities =
    R"([{"uid": {"type": "User", "id": "a"}, "attrs": {"age": 20, "home": "10.0.0.1"},
  "parents": [{"type": "Group", "id": "g"}]}])";

program::AuthorizePlan authorize_plan(const Desk& desk) {
  program::AuthorizePlan plan;
  plan.policies = desk.file("p.cedar", kPolicies);
  plan.schema = desk.file("s.cedarschema", kSchema);
  plan.entities = desk.file("e.json", kEntities);
  plan.context = desk.file("c.json", R"({"at": "10.0.0.1"})");
  plan.principal = "User::\"a\"";
  plan.action = "Action::\"view\"";
  plan.resource = "Photo::\"p\"";
  return plan;
}

}  // namespace

TEST_SUITE("cedar_program/commands") {
  TEST_CASE("authorize decides one request, with the schema's actions and bare values") {
    const Desk desk;
    auto plan = authorize_plan(desk);
    auto said = run(program::authorize, plan);
    CHECK(said.exit == Exit::Done);
    CHECK(said.text == "ALLOW\nbecause of policy0\n");
    plan.entities =
        desk.file("young.json",
                  R"([{"uid": {"type": "User", "id": "a"}, "attrs": {"age": 2}, "parents": []}])");
    said = run(program::authorize, plan);
    CHECK(said.exit == Exit::Denied);
    CHECK(said.text == "DENY\nbecause of policy1\n");
    plan.as_json = true;
    CHECK(nlohmann::json::parse(run(program::authorize, plan).text) ==
          nlohmann::json::parse(R"({"decision": "deny", "reasons": ["policy1"], "errors": []})"));
  }

  TEST_CASE("authorize tells a policy that erred, and where") {
    const Desk desk;
    auto plan = authorize_plan(desk);
    plan.schema = plan.entities = "";
    plan.context = "";
    const auto said = run(program::authorize, plan);
    CHECK(said.exit == Exit::Denied);
    CHECK(said.text.starts_with("DENY\nbecause no permit holds\n"));
    CHECK(said.text.find("p.cedar:4:8: policy1 was skipped: ") != std::string::npos);
  }

  TEST_CASE("authorize refuses what the schema does not know, and names that cannot be read") {
    const Desk desk;
    auto plan = authorize_plan(desk);
    plan.context = desk.file("c2.json", R"({"at": 1})");
    CHECK(refusal(program::authorize, plan).find("c2.json: context: `at`") != std::string::npos);
    plan = authorize_plan(desk);
    plan.principal = "Photo::\"a\"";
    CHECK(refusal(program::authorize, plan).starts_with("principal: "));
    plan.principal = "alice";
    CHECK(refusal(program::authorize, plan) ==
          "--principal `alice` is no entity, which is written as User::\"alice\"");
    plan = authorize_plan(desk);
    plan.entities = (desk.folder.path() / "none.json").string();
    CHECK(refusal(program::authorize, plan).ends_with("none.json: this file cannot be read"));
    plan.entities = desk.folder.path().string();
    CHECK(refusal(program::authorize, plan).ends_with(": this file cannot be read"));
  }

  TEST_CASE("validate prints findings as compilers do, and says by its exit what they come to") {
    const Desk desk;
    program::ValidatePlan plan;
    plan.schema = desk.file("s.cedarschema", kSchema);
    plan.policies = desk.file("p.cedar", kPolicies);
    auto said = run(program::validate_files, plan);
    CHECK(said.exit == Exit::Invalid);  // home is optional
    CHECK(said.text.find("p.cedar:2:22: error: the attribute `home` is optional") !=
          std::string::npos);
    CHECK(said.text.ends_with("1 error, 0 warnings\n"));
    plan.policies = desk.file("w.cedar", "permit(principal is Group, action, resource);");
    said = run(program::validate_files, plan);
    CHECK(said.exit == Exit::Done);
    CHECK(said.text.ends_with("0 errors, 1 warning\n"));
    plan.deny_warnings = true;
    CHECK(run(program::validate_files, plan).exit == Exit::Invalid);
    plan.deny_warnings = false;
    plan.edition = cedar::Edition::V4_10;
    CHECK(run(program::validate_files, plan).exit == Exit::Invalid);
    plan.edition = cedar::Edition::V4_13;
    plan.entities = desk.file(
        "e.json", R"([{"uid": {"type": "User", "id": "a"}, "attrs": {}, "parents": []}])");
    CHECK(refusal(program::validate_files, plan).find("`age` is missing") != std::string::npos);
  }

  TEST_CASE("format prints, checks or writes") {
    const Desk desk;
    const auto file = desk.file("p.cedar", "permit(principal,action,resource);  // all\n");
    const std::string laid_out = "permit (principal, action, resource); // all\n";
    program::FormatPlan plan;
    plan.files = {file};
    CHECK(run(program::format_files, plan).text == laid_out);
    plan.check = true;
    auto said = run(program::format_files, plan);
    CHECK(said.exit == Exit::Failed);
    CHECK(said.text == file + " would change\n");
    plan.check = false;
    plan.write = true;
    CHECK(run(program::format_files, plan).text.empty());
    CHECK(cedar_tests::text_of_file(file) == laid_out);
    plan.write = false;
    plan.check = true;
    CHECK(run(program::format_files, plan).exit == Exit::Done);
    plan.files = {desk.file("bad.cedar", "permit(")};
    CHECK(refusal(program::format_files, plan).find("bad.cedar: line 1, column 8") !=
          std::string::npos);
  }

  TEST_CASE("translate goes from text to JSON and back") {
    const Desk desk;
    program::TranslatePlan plan;
    plan.file = desk.file("p.cedar", kPolicies);
    const auto json = run(program::translate, plan).text;
    plan.file = desk.file("p.json", json);
    CHECK(run(program::translate, plan).text ==
          "permit (principal in Group::\"g\", action in Action::\"all\", resource)\n"
          "when { context.at == principal.home };\n\n"
          "forbid (principal, action, resource)\nwhen { principal.age < 18 };\n");
    plan.file = desk.file("s.cedarschema", kSchema);
    const auto schema_json = run(program::translate, plan).text;
    plan.file = desk.file("s.schema.json", schema_json);
    const auto schema_text = run(program::translate, plan).text;
    plan.file = desk.file("again.cedarschema", schema_text);
    CHECK(run(program::translate, plan).text == schema_json);
    plan.kind = "entities";
    plan.file =
        desk.file("x.json", R"([{"uid": {"type": "U", "id": "a"}, "attrs": {}, "parents": []}])");
    CHECK(nlohmann::json::parse(run(program::translate, plan).text).size() == 1);
  }

  TEST_CASE("check-parse looks at each file and fails if one is wrong") {
    const Desk desk;
    program::CheckPlan plan;
    plan.files = {desk.file("p.cedar", kPolicies), desk.file("s.cedarschema", kSchema),
                  desk.file("entities.json", kEntities)};
    const auto said = run(program::check_files, plan);
    CHECK(said.exit == Exit::Done);
    CHECK(said.text == plan.files[0] + ": 2 policies, 0 templates\n" + plan.files[1] +
                           ": 3 entity types, 2 actions\n" + plan.files[2] + ": 1 entity\n");
    plan.files.push_back(desk.file("bad.cedar", "permit(principal, action, resource)"));
    const auto failed = run(program::check_files, plan);
    CHECK(failed.exit == Exit::Failed);
    CHECK(failed.text.find("bad.cedar: line 1, column 36: ") != std::string::npos);
  }

  TEST_CASE("corpus prints the counts, the first disagreements, and fails on one") {
    const Desk desk;
    desk.file("p.cedar", "permit(principal, action, resource);");
    desk.file("s.cedarschema", "entity U; action v appliesTo { principal: U, resource: U };");
    desk.file("e.json", "[]");
    const std::string test =
        R"({"policies": "p.cedar", "entities": "e.json", "schema": "s.cedarschema", "shouldValidate": true,
      "requests": [{"description": "d", "principal": {"type": "U", "id": "x"}, "action": {"type": "Action", "id": "v"},
      "resource": {"type": "U", "id": "x"}, "context": {}, "decision": "DECISION", "reason": ["policy0"], "errors": []}]})";
    const auto with = [&test](const std::string& decision) {
      auto text = test;
      return text.replace(text.find("DECISION"), 8, decision);
    };
    desk.file("a.test.json", with("allow"));
    program::CorpusPlan plan;
    plan.folders = {desk.folder.path().string()};
    std::ostringstream out, err;
    CHECK(program::run_corpus(plan, out, err).value() == Exit::Done);
    CHECK(out.str() ==
          "tests: 1\nrequests: 1\ndecisions agreed: 1\nreasons agreed: 1\nerrors agreed: 1\n"
          "validation agreed: 1\nentities as their schema says: 1\nrequests as their schema says: "
          "1\n");
    desk.file("b.test.json", with("deny"));
    std::ostringstream again;
    CHECK(program::run_corpus(plan, again, err).value() == Exit::Failed);
    CHECK(again.str().starts_with("disagrees: b.test.json: d: expected deny\ntests: 2\n"));
    plan.folders = {(desk.folder.path() / "nothing").string()};
    CHECK_FALSE(program::run_corpus(plan, out, err).ok());
  }
}
