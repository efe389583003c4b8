#include "vault/base/time.h"

#include <doctest/doctest.h>

#include <limits>
#include <string>
#include <utility>
#include <vector>

using vrm::date_from_text;
using vrm::Duration;
using vrm::duration_from_text;
using vrm::ErrorCode;
using vrm::Instant;
using vrm::instant_from_rfc3339;
using vrm::to_rfc3339;

namespace {

constexpr std::int64_t kDay = 86'400'000;

std::int64_t ms_of(std::string_view text) {
  const auto instant = instant_from_rfc3339(text);
  REQUIRE(instant.ok());
  return instant.value().ms;
}

}  // namespace

TEST_SUITE("base/time") {
  TEST_CASE("the examples of RFC 3339 section 5.8 are read, but for the leap second") {
    CHECK(ms_of("1985-04-12T23:20:50.52Z") == 482'196'050'520);
    CHECK(ms_of("1996-12-19T16:39:57-08:00") == 851'042'397'000);
    CHECK(ms_of("1996-12-19T16:39:57-08:00") == ms_of("1996-12-20T00:39:57Z"));
    CHECK(ms_of("1937-01-01T12:00:27.87+00:20") == ms_of("1937-01-01T11:40:27.87Z"));
    CHECK_FALSE(instant_from_rfc3339("1990-12-31T23:59:60Z").ok());
    CHECK_FALSE(instant_from_rfc3339("1990-12-31T15:59:60-08:00").ok());
  }

  TEST_CASE("known moments have known milliseconds") {
    CHECK(ms_of("1970-01-01T00:00:00Z") == 0);
    CHECK(ms_of("1969-12-31T23:59:59.999Z") == -1);
    CHECK(ms_of("1969-12-31T00:00:00Z") == -kDay);
    CHECK(ms_of("2000-03-01T00:00:00Z") == 951'868'800'000);
    CHECK(ms_of("2038-01-19T03:14:08Z") == 2'147'483'648'000);
    CHECK(ms_of("2026-11-21T13:32:00Z") == 1'795'267'920'000);
    CHECK(ms_of("0000-01-01T00:00:00Z") == -62'167'219'200'000);
    CHECK(ms_of("9999-12-31T23:59:59.999Z") == 253'402'300'799'999);
  }

  TEST_CASE("letters may be small, and offsets reach from -23:59 to +23:59") {
    CHECK(ms_of("2026-11-21t13:32:00z") == ms_of("2026-11-21T13:32:00Z"));
    CHECK(ms_of("2026-11-21T13:32:00+00:00") == ms_of("2026-11-21T13:32:00Z"));
    CHECK(ms_of("2026-11-21T13:32:00-00:00") == ms_of("2026-11-21T13:32:00Z"));
    CHECK(ms_of("2026-11-21T13:32:00+05:30") == ms_of("2026-11-21T08:02:00Z"));
    CHECK(ms_of("2026-11-21T13:32:00+23:59") == ms_of("2026-11-20T13:33:00Z"));
    CHECK(ms_of("2026-11-21T13:32:00-23:59") == ms_of("2026-11-22T13:31:00Z"));
    CHECK(ms_of("2027-01-01T00:30:00+01:00") == ms_of("2026-12-31T23:30:00Z"));
  }

  TEST_CASE("a fraction is cut to milliseconds") {
    CHECK(ms_of("1970-01-01T00:00:00.1Z") == 100);
    CHECK(ms_of("1970-01-01T00:00:00.12Z") == 120);
    CHECK(ms_of("1970-01-01T00:00:00.123Z") == 123);
    CHECK(ms_of("1970-01-01T00:00:00.1239Z") == 123);
    CHECK(ms_of("1970-01-01T00:00:00.000999999Z") == 0);
    CHECK_FALSE(instant_from_rfc3339("1970-01-01T00:00:00.0009999999Z").ok());
  }

  TEST_CASE("29 February exists in leap years only") {
    for (const std::string_view year : {"2024", "2000", "1996", "0000", "2400"}) {
      CAPTURE(year);
      CHECK(instant_from_rfc3339(std::string(year) + "-02-29T00:00:00Z").ok());
      CHECK(date_from_text(std::string(year) + "-02-29").ok());
    }
    for (const std::string_view year : {"2023", "1900", "2100", "2200"}) {
      CAPTURE(year);
      CHECK_FALSE(instant_from_rfc3339(std::string(year) + "-02-29T00:00:00Z").ok());
      CHECK_FALSE(date_from_text(std::string(year) + "-02-29").ok());
    }
    CHECK(ms_of("2024-03-01T00:00:00Z") - ms_of("2024-02-28T00:00:00Z") == 2 * kDay);
  }

  TEST_CASE("another shape, or a moment that no clock shows, is refused") {
    for (const std::string_view text : {"",
                                        "2026",
                                        "2026-11-21",
                                        "2026-11-21T13:32:00",
                                        "2026-11-21T13:32Z",
                                        "2026-11-21 13:32:00Z",
                                        "2026-11-21T13:32:00 Z",
                                        " 2026-11-21T13:32:00Z",
                                        "2026-11-21T13:32:00Z ",
                                        "2026-11-21T13:32:00Z\n",
                                        "2026-1-21T13:32:00Z",
                                        "26-11-21T13:32:00Z",
                                        "12026-11-21T13:32:00Z",
                                        "+2026-11-21T13:32:00Z",
                                        "-026-11-21T13:32:00Z",
                                        "2026/11/21T13:32:00Z",
                                        "2026-11-21T13.32.00Z",
                                        "2026-00-21T13:32:00Z",
                                        "2026-13-21T13:32:00Z",
                                        "2026-11-00T13:32:00Z",
                                        "2026-11-31T13:32:00Z",
                                        "2026-04-31T13:32:00Z",
                                        "2026-11-21T24:00:00Z",
                                        "2026-11-21T13:60:00Z",
                                        "2026-11-21T13:32:61Z",
                                        "2026-11-21T13:32:00.Z",
                                        "2026-11-21T13:32:00,5Z",
                                        "2026-11-21T13:32:00.5",
                                        "2026-11-21T13:32:00+0100",
                                        "2026-11-21T13:32:00+01",
                                        "2026-11-21T13:32:00+1:00",
                                        "2026-11-21T13:32:00+24:00",
                                        "2026-11-21T13:32:00+01:60",
                                        "2026-11-21T13:32:00+01:000",
                                        "2026-11-21T13:32:00ZZ",
                                        "2026-11-21T13:32:00UTC",
                                        "2026-11-21T-1:32:00Z",
                                        "2026-11-21T 1:32:00Z",
                                        "2026-11-21T13:32:00.1.2Z",
                                        "2026-11-21T13:32:00.+1Z",
                                        "2026-W47-6T13:32:00Z",
                                        "2026-325T13:32:00.00Z",
                                        "20261121T133200.000Z",
                                        "2026-11-21T1a:32:00Z",
                                        "\xEF\xBC\x92"
                                        "026-11-21T13:32:00Z"}) {
      CAPTURE(text);
      const auto instant = instant_from_rfc3339(text);
      REQUIRE_FALSE(instant.ok());
      CHECK(instant.error().code == ErrorCode::Malformed);
      CHECK(instant.error().say == "time.not_a_time");
    }
  }

  TEST_CASE("an offset does not carry a moment out of the years 0000 to 9999") {
    CHECK_FALSE(instant_from_rfc3339("0000-01-01T00:00:00+00:01").ok());
    CHECK_FALSE(instant_from_rfc3339("9999-12-31T23:59:59-00:01").ok());
    CHECK(instant_from_rfc3339("0000-01-01T00:01:00+00:01").ok());
    CHECK(instant_from_rfc3339("9999-12-31T23:59:59+00:01").ok());
  }

  TEST_CASE("what is written is read back, before 1970 too") {
    for (const std::string_view text :
         {"2026-11-21T13:32:00Z", "1970-01-01T00:00:00Z", "1969-12-31T23:59:59.999Z",
          "1969-12-31T23:59:59Z", "1969-12-31T00:00:00.001Z", "1582-10-15T00:00:00Z",
          "0000-01-01T00:00:00Z", "0001-01-01T00:00:00.010Z", "1900-02-28T23:59:59.100Z",
          "2024-02-29T12:00:00Z", "9999-12-31T23:59:59.999Z"}) {
      CHECK(to_rfc3339(Instant{ms_of(text)}) == text);
    }
  }

  TEST_CASE("every day of four hundred years is written and read back") {
    const auto first = ms_of("1800-01-01T00:00:00Z");
    for (std::int64_t day = 0; day < 146'097; ++day) {
      const Instant at{first + day * kDay};
      const auto text = to_rfc3339(at);
      const auto date = date_from_text(std::string_view(text).substr(0, 10));
      if (!date.ok() || date.value() != at) FAIL_CHECK(text);
    }
    CHECK(to_rfc3339(Instant{first + 146'097 * kDay}) == "2200-01-01T00:00:00Z");
  }

  TEST_CASE("a moment outside the years 0000 to 9999 is written as the nearest inside") {
    CHECK(to_rfc3339(Instant{253'402'300'800'000}) == "9999-12-31T23:59:59.999Z");
    CHECK(to_rfc3339(Instant{-62'167'219'200'001}) == "0000-01-01T00:00:00Z");
    CHECK(to_rfc3339(Instant{std::numeric_limits<std::int64_t>::max()}) ==
          "9999-12-31T23:59:59.999Z");
    CHECK(to_rfc3339(Instant{std::numeric_limits<std::int64_t>::min()}) == "0000-01-01T00:00:00Z");
  }

  TEST_CASE("a date is the midnight of its day in UTC") {
    CHECK(date_from_text("1970-01-01").value().ms == 0);
    CHECK(date_from_text("1969-12-31").value().ms == -kDay);
    CHECK(date_from_text("2026-11-21").value().ms == ms_of("2026-11-21T00:00:00Z"));
  }

  TEST_CASE("a day that does not exist, or another way to write one, is refused") {
    for (const std::string_view text :
         {"", "2026", "2026-11", "2026-11-31", "2026-02-30", "2026-00-01", "2026-01-00",
          "2026-13-01", "2026-1-1", "21/11/2026", "21.11.2026", "2026-11-21Z", " 2026-11-21",
          "2026-11-21 ", "20261121", "-2026-11-2", "2026-11-2x", "2026-+1-21",
          "2026-11-21T00:00:00Z"}) {
      CAPTURE(text);
      const auto date = date_from_text(text);
      REQUIRE_FALSE(date.ok());
      CHECK(date.error().code == ErrorCode::Malformed);
      CHECK(date.error().say == "time.not_a_date");
    }
  }

  TEST_CASE("a length is a number and one of s m h d w") {
    CHECK(duration_from_text("1s").value() == Duration(1000));
    CHECK(duration_from_text("90s").value() == Duration(90'000));
    CHECK(duration_from_text("15m").value() == Duration(900'000));
    CHECK(duration_from_text("24h").value() == Duration(kDay));
    CHECK(duration_from_text("30d").value() == Duration(30 * kDay));
    CHECK(duration_from_text("2w").value() == Duration(14 * kDay));
  }

  TEST_CASE("a length is at most a hundred years") {
    CHECK(duration_from_text("36600d").ok());
    CHECK_FALSE(duration_from_text("36601d").ok());
    CHECK(duration_from_text("3162240000s").ok());
    CHECK_FALSE(duration_from_text("3162240001s").ok());
    CHECK_FALSE(duration_from_text("99999999999w").ok());
    CHECK_FALSE(duration_from_text("9223372036854775807w").ok());
    CHECK_FALSE(duration_from_text("18446744073709551617s").ok());
  }

  TEST_CASE("nothing, less than nothing, a fraction or another unit is no length") {
    for (const std::string_view text : {"",
                                        "d",
                                        "5",
                                        "0d",
                                        "00s",
                                        "-5d",
                                        "+5d",
                                        " 5d",
                                        "5 d",
                                        "5d ",
                                        "5D",
                                        "1.5h",
                                        "1,5h",
                                        "5y",
                                        "5ms",
                                        "1h30m",
                                        "0x5d",
                                        "1e3s",
                                        "five d",
                                        "P5D",
                                        "5d\n",
                                        "--5d",
                                        "\xC2\xB2"
                                        "d"}) {
      CAPTURE(text);
      const auto length = duration_from_text(text);
      REQUIRE_FALSE(length.ok());
      CHECK(length.error().code == ErrorCode::Malformed);
      CHECK(length.error().say == "time.not_a_duration");
    }
    CHECK_FALSE(duration_from_text(std::string_view("5\0d", 3)).ok());
  }

  TEST_CASE("instants and lengths add up and compare") {
    const Instant start{ms_of("2026-11-21T13:32:00Z")};
    const auto later = start + duration_from_text("2w").value();
    CHECK(to_rfc3339(later) == "2026-12-05T13:32:00Z");
    CHECK(later - start == Duration(14 * kDay));
    CHECK(later - Duration(14 * kDay) == start);
    CHECK(start < later);
    CHECK(start.seconds() == 1'795'267'920);
  }
}
