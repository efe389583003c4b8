#include "vault/profile/field_name.h"

#include <doctest/doctest.h>

#include <string>

using namespace vrm::profile;
using vrm::ErrorCode;

TEST_SUITE("profile/field_name") {
  TEST_CASE("names are dotted parts of small letters, digits and underscores") {
    for (const auto* name :
         {"a", "person", "person.given_name", "size.shoe_eu2", "a.b.c.d.e.f", "address.home.x_1"}) {
      CAPTURE(name);
      CHECK(is_field_name(name));
      CHECK(check_field_name(name).ok());
    }
  }

  TEST_CASE("anything else is refused with what was typed made printable") {
    for (const auto* name : {"", ".", "a.", ".a", "a..b", "A", "a b", "1a", "a.1", "_a", "a-b", "é",
                             "a.b.c.d.e.f.g", "person.given_name\n", "a\x1b[31m"}) {
      CAPTURE(name);
      const auto checked = check_field_name(name);
      REQUIRE_FALSE(checked.ok());
      CHECK(checked.error().code == ErrorCode::Malformed);
      CHECK(checked.error().say == "profile.bad_name");
      CHECK(checked.error().message == "profile.bad_name");
      CHECK(checked.error().with[0].second.find('\x1b') == std::string::npos);
    }
    CHECK(is_field_name(std::string(64, 'a')));
    CHECK_FALSE(is_field_name(std::string(65, 'a')));
  }

  TEST_CASE("the nearest names come first, at most three of them") {
    CHECK(nearest("emial", {"emails", "email", "phone"}) ==
          std::vector<std::string>{"email", "emails"});
    CHECK(nearest("email", {"contact.phone", "contact.email"}) ==
          std::vector<std::string>{"contact.email"});
    CHECK(nearest("aa", {"ab", "ac", "ad", "ae"}).size() == 3);
    CHECK(nearest("", {"a", "b"}).empty());
    CHECK(nearest("xyz", {"email", "email"}).empty());
  }

  TEST_CASE("a group that is misspelt finds what is in it") {
    CHECK(
        nearest("adress.home", {"address.home.locality", "address.work.locality", "body.height"}) ==
        std::vector<std::string>{"address.home.locality"});
    CHECK(nearest("adress", {"address.home.locality", "contact.email"}) ==
          std::vector<std::string>{"address.home.locality"});
    CHECK(nearest("adress.home", {"address"}).empty());
    CHECK(nearest("zzzzzz.home", {"address.home.locality"}).empty());
  }
}
