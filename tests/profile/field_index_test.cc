#include "vault/profile/field_index.h"

#include <doctest/doctest.h>

using namespace vrm;           // tests only
using namespace vrm::profile;  // tests only

namespace {

FieldMeta a_field(std::string name, std::int64_t version = 1) {
  FieldMeta meta;
  meta.name = std::move(name);
  meta.type = "text";
  meta.source = "self";
  meta.version = version;
  return meta;
}

bool same(const FieldMeta& a, const FieldMeta& b) {
  return a.name == b.name && a.type == b.type && a.sensitivity == b.sensitivity &&
         a.source == b.source && a.updated_at == b.updated_at && a.version == b.version &&
         a.claim == b.claim && a.settled == b.settled && a.row == b.row && a.key == b.key;
}

std::vector<std::string> names_of(const std::vector<FieldMeta>& fields) {
  std::vector<std::string> names;
  for (const FieldMeta& field : fields) names.push_back(field.name);
  return names;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_SUITE("profile/field_index") {
  TEST_CASE("a field comes out as it went in") {
    FieldMeta meta;
    meta.name = "person.birthdate";
    meta.type = "date";
    meta.sensitivity = kSpecial;
    meta.source = "import:im_2QK7T0AB";
    meta.updated_at = Instant{-1};
    meta.version = 1LL << 60;
    meta.claim = true;
    meta.settled = false;
    meta.row.fill(7);
    meta.key.fill(8);
    FieldMeta least;
    least.name = std::string(255, 'n');
    least.type = std::string(255, 't');
    FieldIndex index;
    for (const FieldMeta& field : {meta, least}) {
      index.put(field);
      const auto found = index.find(field.name);
      REQUIRE(found);
      CHECK(same(*found, field));
    }
    CHECK(index.size() == 2);
    CHECK_FALSE(index.find("person.birth"));
    CHECK_FALSE(index.find("person.birthdate.x"));
    CHECK_FALSE(index.find(""));
  }

  TEST_CASE("a name is there once, as it was put last") {
    FieldIndex index;
    index.put(a_field("a", 1));
    index.put(a_field("a", 2));
    CHECK(index.size() == 1);
    CHECK(index.find("a")->version == 2);
    index.erase("b");
    index.erase("a");
    CHECK(index.size() == 0);
    CHECK_FALSE(index.contains("a"));
  }

  TEST_CASE("a prefix ends where a part of the name ends") {
    FieldIndex index;
    for (const char* name : {"b.c", "address_x", "address.home.street", "address", "addresses",
                             "address.home", "a", "address.work"})
      index.put(a_field(name));
    CHECK(names_of(index.within("address")) ==
          Names{"address", "address.home", "address.home.street", "address.work"});
    CHECK(names_of(index.within("address.")) == names_of(index.within("address")));
    CHECK(names_of(index.within("address.home")) == Names{"address.home", "address.home.street"});
    CHECK(index.within("addr").empty());
    CHECK(index.within("zz").empty());
    CHECK(index.within("").size() == 8);
    CHECK(index.names() == std::vector<std::string_view>{"a", "address", "address.home",
                                                         "address.home.street", "address.work",
                                                         "address_x", "addresses", "b.c"});
  }

  TEST_CASE("of the names that are kept, those that are here stay") {
    FieldIndex index;
    for (const char* name : {"a", "b", "c"}) index.put(a_field(name));
    index.keep_only({"c", "a", "zz"});
    CHECK(names_of(index.within("")) == Names{"a", "c"});
    index.keep_only({});
    CHECK(index.size() == 0);
  }
}
