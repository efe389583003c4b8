#include "policies/cedar/datetime.h"

#include <doctest/doctest.h>

#include <utility>

using cedar::Datetime;
using cedar::Duration;

namespace {
constexpr std::int64_t kDay = 86'400'000;
Datetime at(const char* text) {
  return Datetime::parse(text).value();
}
}  // namespace

TEST_SUITE("cedar/datetime") {
  TEST_CASE("the five shapes of a datetime") {
    const std::pair<const char*, std::int64_t> vectors[] = {
        {"1970-01-01", 0},
        {"1970-01-02T00:00:00Z", kDay},
        {"1970-01-01T00:00:00.123Z", 123},
        {"1970-01-01T01:30:00+0130", 0},
        {"1970-01-01T00:00:00.001-2359", 86'340'001},
        {"1969-12-31T23:59:59.999Z", -1},
        {"2024-02-29", 1'709'164'800'000},
        {"0000-01-01", -62'167'219'200'000},
        {"9999-12-31T23:59:59.999Z", 253'402'300'799'999},
    };
    for (const auto& [text, expected] : vectors) {
      const std::string shown = text;
      CAPTURE(shown);
      CHECK(at(text).ms == expected);
    }
  }

  TEST_CASE("days and times that do not exist, and other shapes, are refused") {
    for (const char* text : {"",
                             "2024",
                             "2024-1-01",
                             "2024-02-30",
                             "2023-02-29",
                             "1900-02-29",
                             "2024-13-01",
                             "2024-00-01",
                             "2024-01-00",
                             "2024-01-01T",
                             "2024-01-01 00:00:00Z",
                             "2024-01-01T00:00Z",
                             "2024-01-01T00:00:00",
                             "2024-01-01T24:00:00Z",
                             "2024-01-01T00:60:00Z",
                             "2016-12-31T23:59:60Z",
                             "2024-01-01T00:00:00.5Z",
                             "2024-01-01T00:00:00.1234Z",
                             "2024-01-01T00:00:00.Z",
                             "2024-01-01T00:00:00+02:00",
                             "2024-01-01T00:00:00+2400",
                             "2024-01-01T00:00:00+0060",
                             "2024-01-01T00:00:00+01",
                             "2024-01-01T00:00:00z",
                             "2024-01-01T00:00:00ZZ",
                             "2024-01-01T00:00:00Z+0100",
                             "2024-01-01T00:00:00.000Z-0100",
                             "2024-01-01Z",
                             "+2024-01-01",
                             "-2024-01-01",
                             "12024-01-01"}) {
      CAPTURE(text);
      CHECK_FALSE(Datetime::parse(text).ok());
    }
  }

  TEST_CASE("a duration is a sum of units, each once and in order") {
    const std::pair<const char*, std::int64_t> vectors[] = {
        {"1d2h3m4s5ms", kDay + 2 * 3'600'000 + 3 * 60'000 + 4'000 + 5},
        {"-90s", -90'000},
        {"0ms", 0},
        {"-0ms", 0},
        {"5m", 300'000},
        {"5ms", 5},
        {"1m1ms", 60'001},
        {"007h", 25'200'000},
        {"9223372036854775807ms", INT64_MAX},
        {"-9223372036854775808ms", INT64_MIN},
        {"106751991167d7h12m55s807ms", INT64_MAX},
    };
    for (const auto& [text, expected] : vectors) {
      const std::string shown = text;
      CAPTURE(shown);
      CHECK(Duration::parse(text).value().ms == expected);
    }
  }

  TEST_CASE("other durations are refused") {
    for (const char* text : {"",
                             "-",
                             "1",
                             "d",
                             "1x",
                             "1D",
                             "1h1d",
                             "1h1h",
                             "+1h",
                             "--1h",
                             "1 h",
                             " 1h",
                             "1h-1m",
                             "1ms1s",
                             "1.5h",
                             "106751991168d",
                             "9223372036854775808ms",
                             "-9223372036854775809ms",
                             "106751991167d7h12m55s808ms",
                             "99999999999999999999d"}) {
      CAPTURE(text);
      CHECK_FALSE(Duration::parse(text).ok());
    }
  }

  TEST_CASE("units are cut towards zero") {
    CHECK(Duration{90'000}.minutes() == 1);
    CHECK(Duration{-90'000}.minutes() == -1);
    CHECK(Duration{-999}.seconds() == 0);
    CHECK(Duration{kDay * 3 - 1}.days() == 2);
    CHECK(Duration{-7'200'001}.hours() == -2);
  }

  TEST_CASE("a date and a time of day are floors, also before 1970") {
    CHECK(at("1969-12-31T23:00:00Z").to_date() == at("1969-12-31"));
    CHECK(at("1969-12-31T23:00:00Z").to_time().hours() == 23);
    CHECK(at("1969-12-31").to_time().ms == 0);
    CHECK(at("2024-01-01T05:00:00Z").to_date() == at("2024-01-01"));
    CHECK(Datetime{INT64_MAX}.to_date().has_value());
    CHECK_FALSE(Datetime{INT64_MIN}.to_date().has_value());
  }

  TEST_CASE("sums and differences beyond int64 give nothing") {
    CHECK(at("2024-01-01").offset(Duration{-kDay}) == at("2023-12-31"));
    CHECK(at("2024-01-02").since(at("2024-01-01")) == Duration{kDay});
    CHECK_FALSE(Datetime{1}.offset(Duration{INT64_MAX}).has_value());
    CHECK_FALSE(Datetime{-2}.since(Datetime{INT64_MAX}).has_value());
  }
}
