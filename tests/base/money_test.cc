#include "vault/base/money.h"

#include <doctest/doctest.h>

#include <random>

using namespace vrm;  // tests only

TEST_SUITE("base/money") {
  TEST_CASE("an amount is read to the minor unit and written with all its decimals") {
    struct {
      const char* amount;
      const char* currency;
      std::int64_t minor;
      const char* written;
    } const cases[] = {
        {"849", "EUR", 84900, "849.00"},
        {"849.5", "EUR", 84950, "849.50"},
        {"849.00", "EUR", 84900, "849.00"},
        {"0", "EUR", 0, "0.00"},
        {"0.01", "EUR", 1, "0.01"},
        {"0.10", "USD", 10, "0.10"},
        {"1", "JPY", 1, "1"},
        {"150000", "JPY", 150000, "150000"},
        {"1.234", "KWD", 1234, "1.234"},
        {"0.005", "TND", 5, "0.005"},
        {"1.2345", "CLF", 12345, "1.2345"},
        {"10000000000", "EUR", kMostMinorUnits, "10000000000.00"},
        {"1000000000000", "JPY", kMostMinorUnits, "1000000000000"},
    };
    for (const auto& wanted : cases) {
      CAPTURE(wanted.amount);
      const auto money = money_from_amount(wanted.amount, wanted.currency);
      REQUIRE(money.ok());
      CHECK(money.value() == Money{wanted.minor, wanted.currency});
      CHECK(amount_of(money.value()) == wanted.written);
    }
  }

  TEST_CASE("what is no plain decimal of that currency is refused") {
    for (const char* amount : {"",
                               ".",
                               "1.",
                               ".5",
                               "-1",
                               "+1",
                               "01",
                               "00",
                               "00.5",
                               "1e3",
                               "1E3",
                               "1,5",
                               "1 000",
                               " 1",
                               "1 ",
                               "1.2.3",
                               "1.234",
                               "0x10",
                               "NaN",
                               "inf",
                               "10000000000.01",
                               "10000000001",
                               "99999999999999999999",
                               "18446744073709551617",
                               "1.00\n",
                               "\xEF\xBC\x91"}) {
      CAPTURE(amount);
      const auto money = money_from_amount(amount, "EUR");
      REQUIRE_FALSE(money.ok());
      CHECK(money.error().code == ErrorCode::Malformed);
    }
    CHECK_FALSE(money_from_amount("1.0", "JPY").ok());
    CHECK_FALSE(money_from_amount("1.2345", "KWD").ok());
    CHECK_FALSE(money_from_amount(std::string_view("1\0", 2), "EUR").ok());
    CHECK_FALSE(money_from_amount(std::string(100'000, '9'), "EUR").ok());
    for (const char* currency :
         {"", "eur", "EU", "EURO", "XXX", "XAU", "XTS", "ZZZ", "DEM", "E R", "   "}) {
      CAPTURE(currency);
      CHECK_FALSE(money_from_amount("1", currency).ok());
      CHECK(decimals_of(currency).error().code == ErrorCode::Malformed);
    }
  }

  TEST_CASE("each currency has the decimals of ISO 4217") {
    for (const char* currency : {"EUR", "USD", "GBP", "CHF", "CNY", "MRU", "MGA", "XCG", "ZWG"})
      CHECK(decimals_of(currency).value() == 2);
    for (const char* currency : {"JPY", "KRW", "ISK", "CLP", "XOF", "XAF", "XPF", "VND", "UYI"})
      CHECK(decimals_of(currency).value() == 0);
    for (const char* currency : {"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})
      CHECK(decimals_of(currency).value() == 3);
    for (const char* currency : {"CLF", "UYW"}) CHECK(decimals_of(currency).value() == 4);
  }

  TEST_CASE("a person types an amount and its currency in several ways") {
    for (const char* typed : {"900EUR", "900 EUR", "900.00EUR", "900.00 eur", "900,00EUR",
                              "900,0 Eur", "900€", "900,00 €"}) {
      CAPTURE(typed);
      CHECK(money_from_typed(typed).value() == Money{90000, "EUR"});
    }
    CHECK(money_from_typed("120000 jpy").value() == Money{120000, "JPY"});
    CHECK(money_from_typed("0,5kwd").value() == Money{500, "KWD"});
  }

  TEST_CASE("what a person cannot mean is refused with words for a person") {
    for (const char* typed :
         {"", "EUR", "900", " EUR", "900  EUR", "-900EUR", "1,000.00EUR", "1.000,00EUR", "1,000EUR",
          "900EURO", "900 XXX", "EUR900", "9 00EUR", "1e3EUR", "900\tEUR", "0900EUR"}) {
      CAPTURE(typed);
      const auto money = money_from_typed(typed);
      REQUIRE_FALSE(money.ok());
      CHECK(money.error().code == ErrorCode::Malformed);
      CHECK(money.error().say == "money.malformed");
    }
  }

  TEST_CASE("what is written is read again as the same, for any amount") {
    std::mt19937_64 random(4217);
    for (int i = 0; i < 20'000; ++i) {
      const char* const currencies[] = {"EUR", "JPY", "KWD", "CLF"};
      const std::int64_t most = i % 2 == 0 ? kMostMinorUnits : 2000;
      const Money money{static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(most + 1)),
                        currencies[i % 4]};
      const std::string amount = amount_of(money);
      CAPTURE(amount);
      CHECK(money_from_amount(amount, money.currency).value() == money);
      CHECK(money_from_typed(amount + money.currency).value() == money);
    }
  }
}
