#include "vault/base/spelling.h"

#include <doctest/doctest.h>

using vrm::distance;
using vrm::is_near;

TEST_SUITE("base/spelling") {
  TEST_CASE("distance counts inserted, dropped, replaced and swapped letters") {
    CHECK(distance("", "") == 0);
    CHECK(distance("abc", "") == 3);
    CHECK(distance("email", "emial") == 1);
    CHECK(distance("email", "mail") == 1);
    CHECK(distance("email", "e-mail") == 1);
    CHECK(distance("kitten", "sitting") == 3);
    CHECK(distance("ca", "abc") == 3);  // optimal string alignment touches no letter twice
  }

  TEST_CASE("near is one letter in short words and a third in long ones") {
    CHECK(is_near("ab", "ac"));
    CHECK_FALSE(is_near("ab", "cd"));
    CHECK(is_near("contact.emial", "contact.email"));
    CHECK_FALSE(is_near("contact.email", "body.height"));
    CHECK_FALSE(is_near(std::string(5000, 'a'), std::string(5000, 'a')));
  }
}
