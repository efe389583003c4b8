// Names of a schema looked up: what stands for what, and what is declared nowhere, twice, or in itself.
// Each verdict is that of the reference.

#include "policies/cedar/schema.h"

#include <doctest/doctest.h>

#include <iostream>

#include "policies/cedar/schema_json.h"
#include "policies/cedar/schema_parser.h"
#include "tests/cedar/shared_material.h"

namespace {

vrm::Result<cedar::Schema> resolved(const std::string& text) {
  const auto fragment = cedar::parse_schema(text);
  REQUIRE_MESSAGE(fragment.ok(), text << ": " << fragment.error().message);
  return cedar::Schema::resolve(fragment.value());
}

cedar::Schema schema(const std::string& text) {
  auto made = resolved(text);
  REQUIRE_MESSAGE(made.ok(), text << ": " << made.error().message);
  return std::move(made).value();
}

std::string refusal(const std::string& text) {
  const auto made = resolved(text);
  REQUIRE_FALSE_MESSAGE(made.ok(), text);
  return made.error().message;
}

// The shape of entity type X, written out.
std::string shape(const std::string& text, const std::string& type = "X") {
  const auto made = schema(text);
  REQUIRE(made.find_entity_type(type) != nullptr);
  return cedar::to_string(*made.find_entity_type(type)->shape);
}

std::string doubling(int levels) {
  std::string text = "type T0 = Long; ";
  for (int i = 1; i <= levels; ++i) {
    const auto below = "T" + std::to_string(i - 1);
    text += "type T" + std::to_string(i) + " = {a: " + below + ", b: " + below + "}; ";
  }
  return text;
}

std::string chain(int length, const std::string& wrap_open, const std::string& wrap_close) {
  std::string text;
  for (int i = 0; i < length; ++i)
    text += "type T" + std::to_string(i) + " = " + wrap_open + "T" + std::to_string(i + 1) +
            wrap_close + "; ";
  return text + "type T" + std::to_string(length) + " = Long; ";
}

}  // namespace

TEST_SUITE("cedar/schema") {
  TEST_CASE(
      "a name stands for what is nearest: a common type, an entity type, then the language's own") {
    CHECK(shape("entity X {a: Long, b?: Bool, \"c d\": String};") ==
          "{a: Long, b?: Bool, \"c d\": String}");
    CHECK(shape("entity X {a: __cedar::Bool, d: duration, e: Set<ipaddr>};") ==
          "{a: Bool, d: duration, e: Set<ipaddr>}");
    CHECK(shape("entity X {a: A}; type A = B; type B = C; type C = {x: X};") == "{a: {x: X}}");
    CHECK(shape("entity Y; type Y = Long; entity X {y: Y};") == "{y: Long}");
    CHECK(shape("entity Set; entity X {a: Set, b: Set<Set>};") == "{a: Set, b: Set<Set>}");
    CHECK(shape("namespace N { type ipaddr = Long; entity X {a: ipaddr, b: __cedar::ipaddr}; }",
                "N::X") == "{a: Long, b: ipaddr}");
    CHECK(shape("entity Y; namespace N { entity X {y: Y}; }", "N::X") == "{y: Y}");
    CHECK(shape("namespace N { entity X {y: Y}; entity Y; }", "N::X") == "{y: N::Y}");
    CHECK(shape("namespace M { entity X {q: N::Q}; } namespace N { type Q = T; type T = Long; }",
                "M::X") == "{q: Long}");
    CHECK(shape("entity X {a: Action}; action b;") == "{a: Action}");
    CHECK(shape("type entity = Long; entity X {a: entity};") == "{a: Long}");
  }

  TEST_CASE("what is declared nowhere is refused at its place") {
    CHECK(refusal("entity X {a: Foo};") ==
          "line 1, column 14: `Foo` is declared nowhere as a common or entity type");
    for (const auto* text :
         {"entity X in Foo;", "entity X {a: Boolean};", "entity X {a: Extension};", "type T = Set;",
          "type T = Entity;", "type T = __cedar::Set;", "type T = __cedar::Foo;",
          "type T = N::Long;", "entity X in Long;",
          "namespace A::B { entity X; } namespace A { entity Y {x: B::X}; }",
          "entity X; type T = X; action a appliesTo {principal: T, resource: X};",
          "entity X; action a appliesTo {principal: X, resource: Y};",
          "entity X; action a appliesTo {principal: X, resource: X, context: X};"})
      CHECK_MESSAGE(refusal(text).find("declared nowhere") != std::string::npos, text);
    for (const auto* text : {"action a in \"z\";", "action a in X::\"b\"; entity X;"})
      CHECK_MESSAGE(refusal(text).find("the action") != std::string::npos, text);
  }

  TEST_CASE("what has a namespace may not hide what has none") {
    for (const auto* text :
         {"entity B; namespace A { entity B; }", "type T = Long; namespace A { entity T; }",
          "entity T; namespace A { type T = Long; }", "action a; namespace A { action a; }"})
      CHECK_MESSAGE(refusal(text).find("hides") != std::string::npos, text);
    CHECK(resolved("namespace A { entity B; } namespace C { entity B; }").ok());
  }

  TEST_CASE("common types and actions are not in themselves; entity types may be") {
    for (const auto* text :
         {"type A = A;", "type A = Set<Set<A>>;", "type A = {a: B}; type B = Set<A>;",
          "type A = B; type B = C; type C = {x: B};"})
      CHECK_MESSAGE(refusal(text).find("contains itself") != std::string::npos, text);
    for (const auto* text : {"action a in a;", "action a in b; action b in a;",
                             "action a in b; action b in c; action c in b;"})
      CHECK_MESSAGE(refusal(text).find("is in itself") != std::string::npos, text);
    const auto made =
        schema("entity Folder in [Folder, Disk]; entity Disk in Shelf; entity Shelf;");
    CHECK(made.find_entity_type("Folder")->ancestors ==
          std::set<std::string>{"Disk", "Folder", "Shelf"});
    CHECK(made.find_entity_type("Disk")->ancestors == std::set<std::string>{"Shelf"});
  }

  TEST_CASE("actions know what they are in and what they apply to") {
    const auto made = schema(
        "namespace N { entity X; action a in [b, N::Action::\"c\"] appliesTo {principal: X, "
        "resource: [X], context: {q?: Bool}};"
        " action b in c; action c; }");
    const auto* action = made.find_action(cedar::EntityUid("N::Action", "a"));
    REQUIRE(action != nullptr);
    CHECK(action->principals == std::set<std::string>{"N::X"});
    CHECK(action->resources == std::set<std::string>{"N::X"});
    CHECK(cedar::to_string(*action->context) == "{q?: Bool}");
    CHECK(action->parents.size() == 2);
    CHECK(action->ancestors.size() == 2);
    CHECK(made.find_action(cedar::EntityUid("Action", "a")) == nullptr);
    CHECK(resolved("namespace N { action a in Action::\"b\"; } action b;").ok());
  }

  TEST_CASE("a context is a record") {
    CHECK(
        refusal(
            "action a appliesTo {principal: X, resource: X, context: N}; entity X; type N = Long;")
            .find("is a record, and this is Long") != std::string::npos);
    const auto json = cedar::read_schema_json(
        R"({"":{"entityTypes":{"X":{"shape":{"type":"Long"}}},"actions":{}}})");
    REQUIRE(json.ok());
    const auto made = cedar::Schema::resolve(json.value());
    REQUIRE_FALSE(made.ok());
    CHECK(made.error().message == "the shape of an entity type is a record, and this is Long");
  }

  TEST_CASE("neither long chains nor types that double exhaust anything") {
    CHECK(resolved(chain(100'000, "", "")).ok());
    CHECK(refusal(chain(100'000, "Set<", ">")).find("nested too deeply") != std::string::npos);
    CHECK(resolved(chain(cedar::kMaxTypeDepth, "Set<", ">")).ok());
    const auto text = doubling(200) + "entity X {t: T200};";
    CHECK(shape(text).size() < 2000);
  }

  TEST_CASE("every schema of the corpus is resolved") {
    const auto corpus = cedar_tests::corpus();
    if (corpus.empty()) {
      std::cout << "skipped: no corpus\n";
      return;
    }
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(corpus)) {
      if (entry.path().extension() != ".cedarschema") continue;
      if (++count % cedar_tests::corpus_step() != 0) continue;
      const auto made = resolved(cedar_tests::text_of_file(entry.path()));
      CHECK_MESSAGE(made.ok(), entry.path().string() << ": " << made.error().message);
    }
    CHECK(count > 4000);
  }
}
