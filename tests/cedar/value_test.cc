#include "policies/cedar/value.h"

#include <doctest/doctest.h>

using cedar::EntityUid;
using cedar::Record;
using cedar::Set;
using cedar::Value;

TEST_SUITE("cedar/value") {
  TEST_CASE("values of different kinds are not equal, whatever they show") {
    const std::vector<Value> different{
        true,
        1,
        "1",
        EntityUid("User", "1"),
        Set::of({1}),
        Record::of({{"1", 1}}),
        cedar::Decimal{1},
        cedar::IpAddress::parse("::1").value(),
        cedar::Datetime{1},
        cedar::Duration{1},
    };
    for (std::size_t i = 0; i < different.size(); ++i)
      for (std::size_t j = 0; j < different.size(); ++j)
        CHECK((different[i] == different[j]) == (i == j));
  }

  TEST_CASE("a set has no order and no duplicates") {
    CHECK(Set::of({1, 2, 2}) == Set::of({2, 1}));
    CHECK(Set::of({1, 2, 2}).size() == 2);
    CHECK(Set::of({Set::of({1, 2}), Set::of({2, 1})}) == Set::of({Set::of({1, 2})}));
    CHECK(Set() == Set::of({}));
    CHECK_FALSE(Set::of({1}) == Set::of({true}));
  }

  TEST_CASE("a set answers what is in it, over mixed kinds") {
    const Set set = Set::of({1, "a", EntityUid("User", "a"), Record::of({{"k", false}})});
    CHECK(set.contains(1));
    CHECK(set.contains(Record::of({{"k", false}})));
    CHECK_FALSE(set.contains(true));
    CHECK(set.contains_all(Set()));
    CHECK(set.contains_all(Set::of({"a", 1})));
    CHECK_FALSE(set.contains_all(Set::of({"a", 2})));
    CHECK(set.contains_any(Set::of({2, "a"})));
    CHECK_FALSE(set.contains_any(Set()));
    REQUIRE(set.find_no_entity() != nullptr);
    CHECK(Set::of({EntityUid("User", "a")}).find_no_entity() == nullptr);
  }

  TEST_CASE("a record finds by name and compares by content") {
    const Record record = Record::of({{"b", 2}, {"", 0}, {"a", 1}});
    CHECK(*record.find("a") == Value(1));
    CHECK(*record.find("") == Value(0));
    CHECK(record.find("c") == nullptr);
    CHECK(Record().find("") == nullptr);
    CHECK(record == Record::of({{"a", 1}, {"", 0}, {"b", 2}}));
    CHECK_FALSE(record == Record::of({{"a", 1}, {"b", 2}}));
    CHECK(record.begin()->first.empty());
  }

  TEST_CASE("uids are equal by type and id, with NUL and nothing as good as any id") {
    const std::string nul(1, '\0');
    CHECK(EntityUid("A", nul) == EntityUid("A", nul));
    CHECK_FALSE(EntityUid("A", nul) == EntityUid("A", ""));
    CHECK_FALSE(EntityUid("A", "x") == EntityUid("B", "x"));
    CHECK(EntityUid("A", "b") < EntityUid("A", "c"));
    CHECK(EntityUid("A::B", "x\"y").to_string() == R"(A::B::"x\"y")");
  }

  TEST_CASE("a kind has the name that messages use") {
    CHECK(Value(1).type_name() == "long");
    CHECK(Value("x").type_name() == "string");
    CHECK(Value(EntityUid("User", "a")).type_name() == "(entity of type `User`)");
    CHECK(Value(cedar::Duration{}).type_name() == "duration");
  }
}
