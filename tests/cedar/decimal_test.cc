#include "policies/cedar/decimal.h"

#include <doctest/doctest.h>

#include <utility>

using cedar::Decimal;

TEST_SUITE("cedar/decimal") {
  TEST_CASE("a decimal is its ten-thousandths") {
    const std::pair<const char*, std::int64_t> vectors[] = {
        {"0.0", 0},
        {"-0.0", 0},
        {"1.0", 10'000},
        {"1.0000", 10'000},
        {"-0.5", -5'000},
        {"0.0001", 1},
        {"00012.34", 123'400},
        {"922337203685477.5807", INT64_MAX},
        {"-922337203685477.5808", INT64_MIN},
    };
    for (const auto& [text, expected] : vectors) {
      const std::string shown = text;
      CAPTURE(shown);
      CHECK(Decimal::parse(text).value().ten_thousandths == expected);
    }
  }

  TEST_CASE("other shapes and values beyond int64 are refused") {
    for (const char* text : {"", "1", "1.", ".5", "+1.0", "-.5", "--1.0", "1.23456", "1e5", " 1.0",
                             "1.0 ", "1,0", "1.-5", "1.0.0", "922337203685477.5808",
                             "-922337203685477.5809", "99999999999999999999.0", "١.٠"}) {
      CAPTURE(text);
      CHECK_FALSE(Decimal::parse(text).ok());
    }
  }

  TEST_CASE("the text form reads back and has no needless zeros") {
    const std::pair<std::int64_t, const char*> vectors[] = {
        {0, "0.0"},
        {-5'000, "-0.5"},
        {1, "0.0001"},
        {123'400, "12.34"},
        {100'000'000, "10000.0"},
        {INT64_MAX, "922337203685477.5807"},
        {INT64_MIN, "-922337203685477.5808"},
    };
    for (const auto& [value, text] : vectors) {
      CHECK(Decimal{value}.to_string() == text);
      CHECK(Decimal::parse(text).value() == Decimal{value});
    }
  }
}
