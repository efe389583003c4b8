#include "cli/wrap.h"

#include <doctest/doctest.h>

using vrm::cli::wrapped;
using Lines = std::vector<std::string>;

TEST_SUITE("cli/wrap") {
  TEST_CASE("columns are counted in letters, not bytes") {
    CHECK(vrm::cli::width("Vélo") == 4);
    CHECK(vrm::cli::cut("Vélo Example", 5) == "Vélo…");
    CHECK(vrm::cli::cut("Vélo", 4) == "Vélo");
    CHECK(vrm::cli::padded("Vé", 4) == "Vé  ");
    CHECK(vrm::cli::width("a\xFF") == 2);
  }

  TEST_CASE("what fits stays as it is, to the last column") {
    CHECK(wrapped("one two", 7) == Lines{"one two"});
    CHECK(wrapped("", 7) == Lines{""});
    CHECK(wrapped("        ", 7) == Lines{"        "});
    CHECK(wrapped("  in   depth ", 40) == Lines{"  in   depth "});
    CHECK(wrapped("élan été", 8) == Lines{"élan été"});
  }

  TEST_CASE("a sentence breaks between words, its further lines a little deeper") {
    CHECK(wrapped("one two three", 8) == Lines{"one two", "  three"});
    CHECK(wrapped("  one two three four", 12) == Lines{"  one two", "    three", "    four"});
    CHECK(wrapped("one two", 5, 0) == Lines{"one", "two"});
    CHECK(wrapped("vrm: no such thing", 12, 5) == Lines{"vrm: no such", "     thing"});
  }

  TEST_CASE("what is wider than a line stays whole on one of its own") {
    CHECK(wrapped("see address.home.postal_code there", 12) ==
          Lines{"see", "  address.home.postal_code", "  there"});
  }

  TEST_CASE("a command stays in one piece up to its end, the sign behind it or the next one") {
    CHECK(wrapped("(hidden; show it: vrm get person.birthdate --reveal)", 40) ==
          Lines{"(hidden; show it:", "  vrm get person.birthdate --reveal)"});
    CHECK(wrapped("Look: vrm grants. Then: vrm revoke --all, or wait", 30) ==
          Lines{"Look: vrm grants. Then:", "  vrm revoke --all, or wait"});
    CHECK(wrapped("vrm help fields and vrm help purposes list", 24) ==
          Lines{"vrm help fields and", "  vrm help purposes list"});
    CHECK(wrapped("say it: vrm intent \"a bike\" --max 900EUR --to velo", 20) ==
          Lines{"say it:", "  vrm intent \"a bike\" --max 900EUR --to velo"});
    CHECK(wrapped("the vrm: one two three", 14) == Lines{"the vrm: one", "  two three"});
  }

  TEST_CASE("a flag keeps its value, and a mark what it marks") {
    CHECK(wrapped("by --for 30d or once", 9) == Lines{"by", "  --for 30d", "  or once"});
    CHECK(wrapped("say it so: --by '27 Nov' or", 16) ==
          Lines{"say it so:", "  --by '27 Nov'", "  or"});
    CHECK(wrapped("so: 48h, '3 days' ok", 12) == Lines{"so: 48h,", "  '3 days'", "  ok"});
    CHECK(wrapped("say 'tis so", 8) == Lines{"say 'tis", "  so"});
    CHECK(wrapped("add --yes --force now", 10) == Lines{"add --yes", "  --force now"});
    CHECK(wrapped("name, ! birth", 8) == Lines{"name,", "  ! birth"});
  }

  TEST_CASE("behind a label further lines stand under the first, where there is room") {
    CHECK(wrapped("  label   a text of many words that goes on", 32) ==
          Lines{"  label   a text of many words", "          that goes on"});
    CHECK(wrapped("  --a-flag VALUE    what it does", 30) ==
          Lines{"  --a-flag VALUE", "      what it does"});
    CHECK(wrapped("label    address.home.postal_code", 28, 0) ==
          Lines{"label", "address.home.postal_code"});
    // What has no room behind the label has it below.
    CHECK(wrapped("  WHAT     address.delivery.street_address_2", 40) ==
          Lines{"  WHAT", "      address.delivery.street_address_2"});
  }

  TEST_CASE("commands beside each other go below each other") {
    CHECK(wrapped("  take it: vrm accept of_2Q    turn it down: vrm decline of_2Q", 40) ==
          Lines{"  take it: vrm accept of_2Q", "      turn it down: vrm decline of_2Q"});
  }
}
