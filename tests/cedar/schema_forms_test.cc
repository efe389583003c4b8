// The two forms of a schema, text and JSON: what is read, what is refused and where, and that one becomes the other.
// The expected JSON is what the reference answered to the same text.

#include <doctest/doctest.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "policies/cedar/schema_json.h"
#include "policies/cedar/schema_parser.h"
#include "policies/cedar/schema_text.h"
#include "tests/cedar/reference_digests.h"
#include "tests/cedar/shared_material.h"

using nlohmann::json;

namespace {

json json_of(const std::string& text) {
  const auto schema = cedar::parse_schema(text);
  REQUIRE_MESSAGE(schema.ok(), text << ": " << schema.error().message);
  return cedar::schema_to_json(schema.value());
}

std::string refusal(const std::string& text) {
  const auto schema = cedar::parse_schema(text);
  REQUIRE_FALSE_MESSAGE(schema.ok(), text);
  CHECK(schema.error().code == vrm::ErrorCode::Malformed);
  return schema.error().message;
}

std::string json_refusal(const std::string& text) {
  const auto schema = cedar::read_schema_json(text);
  REQUIRE_FALSE_MESSAGE(schema.ok(), text);
  CHECK(schema.error().code == vrm::ErrorCode::Malformed);
  return schema.error().message;
}

void check_round(const std::string& text) {
  const json written = json_of(text);
  const auto read = cedar::schema_from_json(written);
  REQUIRE_MESSAGE(read.ok(), text << ": " << read.error().message);
  CHECK_MESSAGE(cedar::schema_to_json(read.value()) == written, text);
  const auto laid_out = cedar::schema_text(read.value());
  if (laid_out.ok()) {
    CHECK_MESSAGE(json_of(laid_out.value()) == written, text << " -> " << laid_out.value());
  } else {
    CHECK_MESSAGE(
        laid_out.error().message.find("an entity type and a common type") != std::string::npos,
        text << ": " << laid_out.error().message);
  }
}

std::string sets(int depth) {
  std::string type = "Long";
  for (int i = 0; i < depth; ++i) type = "Set<" + type + ">";
  return "type T = " + type + ";";
}

}  // namespace

TEST_SUITE("cedar/schema_forms") {
  TEST_CASE("a declaration of each kind has the JSON of the reference") {
    struct Written {
      const char* text;
      const char* expected;
    };
    for (
        const auto& [text, expected] : std::vector<Written>{
            {"", R"({})"},
            {"entity A;", R"({"":{"entityTypes":{"A":{}},"actions":{}}})"},
            {"entity X in [];", R"({"":{"entityTypes":{"X":{}},"actions":{}}})"},
            {"entity X in Y = {} tags {a: Long}; entity Y;",
             R"({"":{"entityTypes":{"X":{"memberOfTypes":["Y"],"tags":{"type":"Record","attributes":{"a":
                 {"type":"EntityOrCommon","name":"Long"}}}},"Y":{}},"actions":{}}})"},
            {"entity X {a : {b : {c ?: Long}}};",
             R"({"":{"entityTypes":{"X":{"shape":{"type":"Record","attributes":{"a":{"type":"Record","attributes":{"b":
                 {"type":"Record","attributes":{"c":{"type":"EntityOrCommon","name":"Long","required":false}}}}}}}}},
                 "actions":{}}})"},
            {"entity X {a: String, \"a\": Long};",
             R"({"":{"entityTypes":{"X":{"shape":{"type":"Record","attributes":{"a":{"type":"EntityOrCommon",
                 "name":"Long"}}}}},"actions":{}}})"},
            {"entity A, B enum [\"x\", \"x\\n\"];",
             R"({"":{"entityTypes":{"A":{"enum":["x","x\n"]},"B":{"enum":["x","x\n"]}},"actions":{}}})"},
            {"entity Set; entity X { a: Set, b: Set<Set> };",
             R"({"":{"entityTypes":{"Set":{},"X":{"shape":{"type":"Record","attributes":{"a":{"type":"EntityOrCommon",
                 "name":"Set"},"b":{"type":"Set","element":{"type":"EntityOrCommon","name":"Set"}}}}}},"actions":{}}})"},
            {"entity X { @a @b(\"c\") a: Long, };",
             R"({"":{"entityTypes":{"X":{"shape":{"type":"Record","attributes":{"a":{"type":"EntityOrCommon","name":"Long",
                 "annotations":{"a":"","b":"c"}}}}}},"actions":{}}})"},
            {"action entity in [type,\"q\"]; action type; action \"q\";",
             R"({"":{"entityTypes":{},"actions":{"entity":{"appliesTo":{"resourceTypes":[],"principalTypes":[]},
                 "memberOf":[{"id":"type"},{"id":"q"}]},"q":{"appliesTo":{"resourceTypes":[],"principalTypes":[]}},
                 "type":{"appliesTo":{"resourceTypes":[],"principalTypes":[]}}}}})"},
            {"action a in N::Action::\"b\"; namespace N {action b;}",
             R"({"":{"entityTypes":{},"actions":{"a":{"appliesTo":{"resourceTypes":[],"principalTypes":[]},
                 "memberOf":[{"id":"b","type":"N::Action"}]}}},
                 "N":{"entityTypes":{},"actions":{"b":{"appliesTo":{"resourceTypes":[],"principalTypes":[]}}}}})"},
            {"entity X; action b appliesTo { resource: X, principal: [X], context: {}, } "
             "attributes {};",
             R"({"":{"entityTypes":{"X":{}},"actions":{"b":{"appliesTo":{"resourceTypes":["X"],
                 "principalTypes":["X"]}}}}})"},
            {"action a appliesTo {principal: X, resource: X, context: T}; entity X; type T={};",
             R"({"":{"commonTypes":{"T":{"type":"Record","attributes":{}}},"entityTypes":{"X":{}},
                 "actions":{"a":{"appliesTo":{"resourceTypes":["X"],"principalTypes":["X"],"context":{"type":"T"}}}}}})"},
            {"@a(\"x\") @if namespace N::M { @q type T = __cedar::Bool; }",
             R"({"N::M":{"commonTypes":{"T":{"type":"EntityOrCommon","name":"__cedar::Bool","annotations":{"q":""}}},
                 "entityTypes":{},"actions":{},"annotations":{"a":"x","if":""}}})"},
        }) {
      CHECK_MESSAGE(json_of(text) == json::parse(expected), text);
      check_round(text);
    }
  }

  TEST_CASE("what is no schema is refused at its place") {
    struct Refused {
      const char* text;
      const char* place;
      const char* says;
    };
    for (const auto& [text, place, says] : std::vector<Refused>{
             {"entity X; ;", "column 11", "`entity`, `action` or `type`"},
             {"entity X", "column 9", "unexpected end"},
             {"entity X::Y;", "column 9", "::"},
             {"entity if;", "column 8", "reserved"},
             {"entity __cedar;", "column 8", "reserved"},
             {"entity Action;", "column 8", "Action"},
             {"entity X,;", "column 10", "unexpected"},
             {"entity X in [Y,];", "column 16", "unexpected"},
             {"entity X = ;", "column 12", "`{`"},
             {"entity X tags Long = {};", "column 20", "`;`"},
             {"entity X {} in Y;", "column 13", "`;`"},
             {"entity X attributes {a: Long};", "column 10", "attributes"},
             {"entity X;\n  entity X;", "line 2, column 10", "declared twice"},
             {"entity E enum [];", "column 16", "unexpected"},
             {"entity E enum [\"a\",];", "column 20", "unexpected"},
             {"entity E enum [\"a\"] tags Long;", "column 21", "`;`"},
             {"entity X { \"\\q\": Long };", "column 12", "escape"},
             {"entity X { if: Long };", "column 12", "reserved"},
             {"@x entity X { @y(\"1\") @y(\"2\") a: Long};", "column 23", "duplicate annotation"},
             {"type Long = String;", "column 6", "Long"},
             {"type A::B = Long;", "column 7", "`=`"},
             {"type T = Set<Long;", "column 18", "`>`"},
             {"action a, a;", "column 11", "declared twice"},
             {"action a in [];", "column 14", "unexpected"},
             {"action \"a\", 'b';", "column 13", "invalid token"},
             {"action a appliesTo {};", "column 21", "`principal`"},
             {"action a appliesTo {principal: X};", "column 20", "resource"},
             {"action a appliesTo {principal: X resource: X};", "column 34", "`}`"},
             {"action a appliesTo {principal: [], resource: X};", "column 21", "[]"},
             {"action a appliesTo {principal: X, resource: X, principal: X};", "column 48",
              "twice"},
             {"action a appliesTo {principal: X, resource: X, context: Set<Long>};", "column 60",
              "<"},
             {"namespace A {} namespace A {}", "column 26", "declared twice"},
             {"namespace N { namespace M {} }", "column 15", "namespace"},
             {"namespace __cedar {}", "column 11", "reserved"},
             {"namespace N { entity X;", "column 24", "unexpected end"},
         }) {
      const auto message = refusal(text);
      CHECK_MESSAGE(message.find(place) != message.npos, text << " -> " << message);
      CHECK_MESSAGE(message.find(says) != message.npos, text << " -> " << message);
    }
  }

  TEST_CASE("types may nest two hundred deep and no deeper, in either form") {
    CHECK(cedar::parse_schema(sets(cedar::kMaxTypeNesting)).ok());
    check_round(sets(cedar::kMaxTypeNesting - 1));
    CHECK(refusal(sets(cedar::kMaxTypeNesting + 1)).find("nested too deeply") != std::string::npos);
    CHECK(refusal(sets(100'000)).find("nested too deeply") != std::string::npos);
    json type = {{"type", "Long"}};
    for (int i = 0; i < cedar::kMaxTypeNesting + 1; ++i)
      type = {{"type", "Set"}, {"element", type}};
    const json schema = {{"",
                          {{"commonTypes", {{"T", type}}},
                           {"entityTypes", json::object()},
                           {"actions", json::object()}}}};
    CHECK(json_refusal(schema.dump()).find("nested too deeply") != std::string::npos);
  }

  TEST_CASE("a schema is laid out as people like to read it") {
    const auto fragment = cedar::parse_schema(
        "@doc(\"x\")namespace Shop{type Place={country:String,region?:String};entity "
        "Customer,\nGroup in[Group]{name:"
        "String}tags Set<Long>;entity Channel enum[\"a b\"];action read,\"b c\"in[\"b "
        "c\"]appliesTo{principal:Customer,"
        "resource:[Group],context:Place};} entity Long;");
    REQUIRE(fragment.ok());
    CHECK(cedar::schema_text(fragment.value()).value() == R"(entity Long;

@doc("x")
namespace Shop {
  type Place = { country: String, region?: String };

  entity Channel enum ["a b"];

  entity Customer in [Group] { name: String } tags Set<Long>;

  entity Group in [Group] { name: String } tags Set<Long>;

  action "b c" in ["b c"] appliesTo {
    principal: [Customer],
    resource: [Group],
    context: Place,
  };

  action read in ["b c"] appliesTo {
    principal: [Customer],
    resource: [Group],
    context: Place,
  };
}
)");
  }

  TEST_CASE("what only JSON can say has no text, and is told by its name") {
    const auto text_of = [](const char* schema) {
      const auto read = cedar::read_schema_json(schema);
      REQUIRE_MESSAGE(read.ok(), read.error().message);
      return cedar::schema_text(read.value());
    };
    for (
        const auto* schema :
        {R"({"":{"entityTypes":{"X":{}},"commonTypes":{"X":{"type":"Long"}},"actions":{}}})",
         R"({"":{"entityTypes":{"X":{"shape":{"type":"T"}}},"commonTypes":{"T":{"type":"Long"}},"actions":{}}})",
         R"({"":{"entityTypes":{"X":{}},"actions":{"X":{"appliesTo":{"principalTypes":["X"],"resourceTypes":["X"],
              "context":{"type":"Long"}}}}}})"}) {
      const auto refused = text_of(schema);
      REQUIRE_FALSE_MESSAGE(refused.ok(), schema);
      CHECK(refused.error().code == vrm::ErrorCode::Malformed);
      CHECK(refused.error().message.find("`X`") != std::string::npos);
    }
    CHECK(
        text_of(
            R"({"":{"entityTypes":{"Long":{}},"commonTypes":{"T":{"type":"Long"}},"actions":{}}})")
            .value()
            .find("type T = __cedar::Long;") != std::string::npos);
  }

  TEST_CASE("JSON has what text cannot say") {
    const auto read = cedar::read_schema_json(
        R"({"":{"entityTypes":{"X":{"memberOfTypes":[],"shape":{"type":"Record","additionalAttributes":false,"attributes":{
           "a":{"type":"Boolean","required":true},"b":{"type":"Entity","name":"X"},"c":{"type":"Extension","name":"ipaddr"},
           "d":{"type":"__cedar::Long"},"e":{"type":"String","annotations":{"x":null}}}}}},
           "actions":{"a":{"memberOf":null,"appliesTo":null,"attributes":null},
                      "b":{"memberOf":[{"id":"a","type":null}]}}}})");
    REQUIRE_MESSAGE(read.ok(), read.error().message);
    const auto& type = read.value().namespaces.at("").entity_types.at("X");
    CHECK(type.shape->attributes.at("a").type->kind == cedar::SchemaType::Kind::Bool);
    CHECK(type.shape->attributes.at("b").type->kind == cedar::SchemaType::Kind::Entity);
    CHECK(type.shape->attributes.at("c").type->kind == cedar::SchemaType::Kind::Extension);
    CHECK(type.shape->attributes.at("d").type->kind == cedar::SchemaType::Kind::Common);
    CHECK(type.shape->attributes.at("e").annotations.size() == 1);
    const auto& actions = read.value().namespaces.at("").actions;
    CHECK(actions.at("a").principals.empty());
    CHECK(actions.at("b").parents.at(0).id == "a");
    CHECK_FALSE(actions.at("b").parents.at(0).type.has_value());
  }

  TEST_CASE("JSON that is no schema is refused with its place") {
    struct Refused {
      const char* text;
      const char* says;
    };
    for (
        const auto& [text, says] : std::vector<Refused>{
            {"[]", "no object"},
            {R"({"":5})", "no object"},
            {R"({"":{"entityTypes":{}}})", "lacks `actions`"},
            {R"({"":{"actions":{}}})", "lacks `entityTypes`"},
            {R"({"":{"entityTypes":[],"actions":{}}})", "entityTypes: is no object"},
            {R"({"":{"entityTypes":{},"actions":{},"extra":1}})", "unknown member `extra`"},
            {R"({"":{"entityTypes":{},"actions":{},"commonTypes":null}})",
             "commonTypes: is no object"},
            {R"({"":{"entityTypes":{},"actions":{},"annotations":{"q":""}}})",
             "only a namespace with a name"},
            {R"({" ":{"entityTypes":{},"actions":{}}})", "no name of a namespace"},
            {R"({"__cedar":{"entityTypes":{},"actions":{}}})", "no name of a namespace"},
            {R"({"":{"entityTypes":{"X":{"foo":1}},"actions":{}}})", "unknown member `foo`"},
            {R"({"":{"entityTypes":{"C::D":{}},"actions":{}}})", "no identifier"},
            {R"({"":{"entityTypes":{"if":{}},"actions":{}}})", "no identifier"},
            {R"({"N":{"entityTypes":{"Action":{}},"actions":{}}})", "Action"},
            {R"({"":{"entityTypes":{"X":{"enum":[]}},"actions":{}}})", "enum: is empty"},
            {R"({"":{"entityTypes":{"X":{"enum":["a"],"tags":{"type":"Long"}}},"actions":{}}})",
             "unknown member `tags`"},
            {R"({"":{"entityTypes":{"X":{"memberOfTypes":null}},"actions":{}}})",
             "memberOfTypes: is no list"},
            {R"({"":{"entityTypes":{"X":{"memberOfTypes":[" X"]}},"actions":{}}})",
             "no name of an entity type"},
            {R"({"":{"entityTypes":{"X":{"shape":null}},"actions":{}}})",
             "shape: a type is an object"},
            {R"({"":{"entityTypes":{"X":{"tags":null}},"actions":{}}})",
             "tags: a type is an object"},
            {R"({"":{"entityTypes":{"X":{"tags":{"type":"Set"}}},"actions":{}}})",
             "lacks `element`"},
            {R"({"":{"entityTypes":{"X":{"tags":{"type":"Entity"}}},"actions":{}}})",
             "lacks `name`"},
            {R"({"":{"entityTypes":{"X":{"tags":{"type":"Long","name":"x"}}},"actions":{}}})",
             "unknown member `name`"},
            {R"({"":{"entityTypes":{"X":{"tags":{"type":"X y"}}},"actions":{}}})",
             "no name of a type"},
            {R"({"":{"entityTypes":{"X":{"shape":{"type":"Record"}}},"actions":{}}})",
             "lacks `attributes`"},
            {R"({"":{"entityTypes":{"X":{"shape":{"type":"Record","attributes":{},"required":true}}},"actions":{}}})",
             "unknown member `required`"},
            {R"({"":{"entityTypes":{"X":{"shape":{"type":"Record","attributes":{},"additionalAttributes":true}}},
                 "actions":{}}})",
             "can only be false"},
            {R"({"":{"entityTypes":{"X":{"shape":{"type":"Record","attributes":{"a":{"type":"Long","required":null}}}}},
                 "actions":{}}})",
             "a.required: is neither"},
            {R"({"":{"entityTypes":{},"actions":{"a":{"attributes":{}}}}})", "have no attributes"},
            {R"({"":{"entityTypes":{},"actions":{"a":{"appliesTo":{"principalTypes":["X"]}}}}})",
             "lacks `resourceTypes`"},
            {R"({"":{"entityTypes":{},"actions":{"a":{"memberOf":[{"type":"Action"}]}}}})",
             "lacks `id`"},
            {R"({"":{"entityTypes":{},"actions":{"a":{"memberOf":[{"id":"b","foo":1}]}}}})",
             "unknown member `foo`"},
            {R"({"":{"entityTypes":{},"commonTypes":{"Long":{"type":"Long"}},"actions":{}}})",
             "Long"},
            {R"({"":{"entityTypes":{},"commonTypes":{"T":{"type":"Long"},"T":{"type":"Long"}},"actions":{}}})",
             "twice"},
        }) {
      const auto message = json_refusal(text);
      CHECK_MESSAGE(message.find(says) != message.npos, text << " -> " << message);
    }
  }

  TEST_CASE(
      "every schema of the corpus has the JSON of the reference, and every twentieth reads back "
      "the same") {
    const auto corpus = cedar_tests::corpus();
    if (corpus.empty()) {
      std::cout << "skipped: no corpus\n";
      return;
    }
    cedar_tests::check_digests(corpus, "schema_json", ".cedarschema", 4659, json_of, check_round);
  }
}
