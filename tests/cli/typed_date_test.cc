#include "cli/typed_date.h"

#include <doctest/doctest.h>

using namespace vrm;

namespace {

// A Saturday.
constexpr cli::Day kToday = std::chrono::year(2026) / 11 / 21;

std::string read(std::string_view typed, cli::Day today = kToday) {
  const auto day = cli::day_from_typed(typed, today);
  return day.ok() ? cli::date_text(day.value()) : day.error().say;
}

cli::Screen terminal(words::Language language) {
  cli::Settings settings;
  settings.to_terminal = true;
  settings.language = language;
  return cli::Screen(settings);
}

}  // namespace

TEST_SUITE("cli/typed_date") {
  TEST_CASE("today and tomorrow, in either language") {
    for (const auto* typed : {"today", "Today", "aujourd'hui", "aujourd’hui", "AUJOURD'HUI"})
      CHECK(read(typed) == "2026-11-21");
    for (const auto* typed : {"tomorrow", "demain", " demain "}) CHECK(read(typed) == "2026-11-22");
  }

  TEST_CASE("a weekday is the next one, and never today") {
    for (const auto* typed : {"friday", "Friday", "fri", "vendredi", "ven.", "VEN"})
      CHECK(read(typed) == "2026-11-27");
    for (const auto* typed : {"saturday", "samedi"}) CHECK(read(typed) == "2026-11-28");
    CHECK(read("sunday") == "2026-11-22");
    CHECK(read("mar") == "2026-11-24");
    CHECK(read("mercredi") == "2026-11-25");
    CHECK(read("wed") == "2026-11-25");
  }

  TEST_CASE("a day and month, in either order, language and spelling") {
    for (const auto* typed : {"27 Nov", "27 november", "Nov 27", "27 nov.", "27 novembre",
                              "27\u202Fnov", "27 Nov 2026", "Nov 27, 2026", "2026-11-27"})
      CHECK(read(typed) == "2026-11-27");
    CHECK(read("1er décembre") == "2026-12-01");
    CHECK(read("24 DÉC") == "2026-12-24");
    CHECK(read("15 août") == "2027-08-15");
    CHECK(read("15 fevr") == "2027-02-15");
    CHECK(read("21 Nov") == "2026-11-21");
  }

  TEST_CASE("without a year it is the next one, unless it was lately") {
    CHECK(read("3 Jan") == "2027-01-03");
    CHECK(read("20 Nov") == "date.past");
    CHECK(read("1 Nov") == "date.past");
    CHECK(read("29 Feb", std::chrono::year(2027) / 11 / 21) == "2028-02-29");
  }

  TEST_CASE("the past is refused") {
    for (const auto* typed : {"2026-11-20", "2020-01-01", "20 Nov 2026", "0001-01-01"})
      CHECK(read(typed) == "date.past");
  }

  TEST_CASE("what is no day is refused") {
    for (const auto* typed : {"",
                              " ",
                              "soon",
                              "fr",
                              "jui 3",
                              "32 Nov",
                              "0 Nov",
                              "31 Nov 2026",
                              "30 Feb",
                              "2026-02-30",
                              "2026-11-27T00:00:00Z",
                              "27",
                              "Nov",
                              "27 Nov 26",
                              "27 Nov 2026 10",
                              "27/11",
                              "-3 Nov",
                              "99999999999 Nov",
                              "27 Nov 99999",
                              "friday 27",
                              "ma",
                              "\xFF\xFE",
                              "29 Feb"})
      CHECK_MESSAGE(read(typed) == "date.unknown", typed);
  }

  TEST_CASE(
      "a person reads weekday, day and month; another year as it is; a file what the wire had") {
    const auto english = terminal(words::Language::English);
    CHECK(cli::shown_day(english, "2026-11-21", kToday) == "today");
    CHECK(cli::shown_day(english, "2026-11-22", kToday) == "tomorrow");
    CHECK(cli::shown_day(english, "2026-11-26", kToday) == "Thu 26 Nov");
    CHECK(cli::shown_day(english, "2027-01-03", kToday) == "2027-01-03");
    CHECK(cli::shown_day(english, "some day", kToday) == "some day");
    CHECK(cli::short_day(english, "2026-11-26", kToday) == "26 Nov");
    CHECK(cli::short_day(english, "2026-11-22", kToday) == "tomorrow");
    CHECK(cli::shown_day(terminal(words::Language::French), "2026-11-26", kToday) == "jeu 26 nov");
    CHECK(cli::shown_day(cli::Screen({}), "2026-11-26", kToday) == "2026-11-26");
  }
}
