#include "policies/cedar/name.h"

#include <doctest/doctest.h>

TEST_SUITE("cedar/name") {
  TEST_CASE("a name is identifiers joined by two colons") {
    for (const char* name :
         {"User", "_", "a1", "Shop::Customer", "A::B::C", "principal", "__cedarx"})
      CHECK_MESSAGE(cedar::is_name(name), name);
  }

  TEST_CASE("spaces, digits in front, empty parts and reserved words make no name") {
    for (const char* text : {"", "1a", "A B", " A", "A::", "::A", "A:B", "A:: B", "A::if", "true",
                             "__cedar", "__cedar::String", "é", "A-B"})
      CHECK_MESSAGE(!cedar::is_name(text), text);
  }
}
