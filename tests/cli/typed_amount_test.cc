#include "cli/typed_amount.h"

#include <doctest/doctest.h>

using vrm::cli::amount_from_typed;

TEST_SUITE("cli/typed_amount") {
  TEST_CASE("the currency may be a sign, a word or a code, before or behind") {
    for (const auto* typed : {"900EUR", "900 eur", "€900", "€ 900", "900€", "900 €", "900 euros",
                              "900 euro", "EUR 900", "900\u202F€"}) {
      CAPTURE(typed);
      CHECK(amount_from_typed(typed) == "900EUR");
    }
    CHECK(amount_from_typed("£12.50") == "12.50GBP");
  }

  TEST_CASE("thousands may be parted, where that can mean one amount only") {
    for (const auto* typed : {"1 000,00 EUR", "1,000.00EUR", "1.000,00 €", "1'000.00 eur",
                              "1\u202F000,00\u202F€", "1000.00EUR", "1000,00 EUR"}) {
      CAPTURE(typed);
      CHECK(amount_from_typed(typed) == "1000.00EUR");
    }
    CHECK(amount_from_typed("1 000 EUR") == "1000EUR");
    CHECK(amount_from_typed("1,000,000 EUR") == "1000000EUR");
    CHECK(amount_from_typed("899,9 EUR") == "899.9EUR");
  }

  TEST_CASE("what can mean two amounts or none stays as it was typed") {
    for (const auto* typed : {"1,000 EUR", "1.000EUR", "$900", "¥900", "900", "EUR", "", "-5EUR",
                              "1 00 EUR", "1,00,000 EUR", "10 0000 EUR", "1,000.00.0EUR", "€900EUR",
                              "900 dollars", "1 000 000,5,5EUR", "1e3EUR", "9,EUR", ",5EUR"}) {
      CAPTURE(typed);
      CHECK(amount_from_typed(typed) == typed);
    }
  }
}
