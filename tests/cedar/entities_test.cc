#include "policies/cedar/entities.h"

#include <doctest/doctest.h>

using namespace cedar;  // tests only

namespace {

EntityUid uid(const char* id) {
  return {"E", id};
}

Entity entity(const char* id, const std::vector<const char*>& parents = {}) {
  Entity made{uid(id)};
  for (const char* parent : parents) made.parents.push_back(uid(parent));
  return made;
}

}  // namespace

TEST_SUITE("cedar/entities") {
  TEST_CASE("an entity is in itself, its parents and theirs, also where these have no record") {
    const auto store =
        Entities::make({entity("a", {"b", "x"}), entity("b", {"c"}), entity("c", {"absent"})})
            .value();
    for (const char* group : {"a", "b", "c", "x", "absent"})
      CHECK(store.is_in(uid("a"), uid(group)));
    CHECK_FALSE(store.is_in(uid("b"), uid("a")));
    CHECK_FALSE(store.is_in(uid("c"), uid("x")));
    CHECK(store.is_in(uid("ghost"), uid("ghost")));
    CHECK_FALSE(store.is_in(uid("ghost"), uid("a")));
    CHECK(store.find(uid("absent")) == nullptr);
    CHECK(store.find(uid("b"))->uid == uid("b"));
  }

  TEST_CASE("a chain through an entity without a record ends there") {
    const auto store = Entities::make({entity("a", {"absent"}), entity("b", {"c"})}).value();
    CHECK(store.is_in(uid("a"), uid("absent")));
    CHECK_FALSE(store.is_in(uid("a"), uid("c")));
  }

  TEST_CASE("circles are refused, however long") {
    CHECK(Entities::make({entity("a", {"a"})}).error().code == vrm::ErrorCode::Malformed);
    CHECK_FALSE(Entities::make({entity("a", {"b"}), entity("b", {"a"})}).ok());
    CHECK_FALSE(Entities::make({entity("x", {"a"}), entity("a", {"b", "d"}), entity("b", {"c"}),
                                entity("c", {"y", "a"})})
                    .ok());
    CHECK(Entities::make(
              {entity("a", {"b", "c"}), entity("b", {"d"}), entity("c", {"d"}), entity("d")})
              .ok());
  }

  TEST_CASE("an entity may be given twice only if both are the same") {
    Entity one = entity("a", {"b", "c"});
    one.attributes = Record::of({{"x", 1}});
    Entity same = entity("a", {"c", "b", "b"});
    same.attributes = Record::of({{"x", 1}});
    CHECK(Entities::make({one, same}).value().size() == 1);
    Entity other = one;
    other.attributes = Record::of({{"x", 2}});
    CHECK(Entities::make({one, other}).error().code == vrm::ErrorCode::Conflict);
    other = one;
    other.tags = Record::of({{"x", 1}});
    CHECK_FALSE(Entities::make({one, other}).ok());
    CHECK_FALSE(Entities::make({one, entity("a", {"b"})}).ok());
  }

  TEST_CASE("a long chain of parents is closed to its end") {
    std::vector<Entity> chain;
    for (int i = 0; i < 300; ++i)
      chain.push_back({{"E", std::to_string(i)}, {}, {}, {{"E", std::to_string(i + 1)}}});
    const auto store = Entities::make(chain).value();
    CHECK(store.is_in(uid("0"), uid("300")));
    CHECK_FALSE(store.is_in(uid("300"), uid("0")));
  }

  TEST_CASE("an overlay shows the store under it and what it adds") {
    const auto base = Entities::make({entity("field", {"category"}), entity("category", {"root"}),
                                      entity("brand")})
                          .value();
    const auto overlay =
        Entities::overlay(base, {entity("grant", {"category"})},
                          std::vector<cedar::Membership>{{uid("field"), uid("grant")}})
            .value();
    CHECK(overlay.size() == 2);
    CHECK(overlay.find(uid("brand")) == base.find(uid("brand")));
    CHECK(overlay.find(uid("grant")) != nullptr);
    CHECK(base.find(uid("grant")) == nullptr);
    CHECK(overlay.is_in(uid("field"), uid("grant")));
    CHECK(overlay.is_in(uid("field"), uid("root")));
    CHECK(overlay.is_in(uid("grant"), uid("root")));
    CHECK_FALSE(base.is_in(uid("field"), uid("grant")));
    const auto second = Entities::overlay(overlay, {entity("extra", {"grant"})}).value();
    CHECK(second.is_in(uid("extra"), uid("root")));
    CHECK(second.is_in(uid("field"), uid("grant")));
  }

  TEST_CASE("an overlay is never other than one store of both would be") {
    const auto base = Entities::make({entity("a", {"b"}), entity("b", {"c"})}).value();
    CHECK(Entities::overlay(base, {entity("a")}).error().code == vrm::ErrorCode::Conflict);
    // b and c have members whose ancestors are settled: they may not get parents.
    CHECK(Entities::overlay(base, {}, std::vector<cedar::Membership>{{uid("b"), uid("x")}})
              .error()
              .code == vrm::ErrorCode::Conflict);
    CHECK(Entities::overlay(base, {entity("c", {"x"})}).error().code == vrm::ErrorCode::Conflict);
    CHECK(Entities::overlay(base, {entity("c")}).ok());
    CHECK(Entities::overlay(base, {}, std::vector<cedar::Membership>{{uid("ghost"), uid("x")}})
              .error()
              .code == vrm::ErrorCode::NotFound);
    CHECK_FALSE(Entities::overlay(base, {entity("x", {"y"}), entity("y", {"x"})}).ok());
    CHECK_FALSE(
        Entities::overlay(base, {entity("x")}, std::vector<cedar::Membership>{{uid("x"), uid("x")}})
            .ok());
    CHECK_FALSE(Entities::overlay(base, {entity("x", {"a"})},
                                  std::vector<cedar::Membership>{{uid("a"), uid("x")}})
                    .ok());
  }
}
