#include "cli/typed_date.h"

#include <doctest/doctest.h>

using namespace vrm;

namespace {

// A Saturday.
constexpr cli::Day kToday = std::chrono::year(2026) / 11 / 21;

std::string read(std::string_view typed, cli::Day today = kToday) {
  const auto day = cli::day_from_typed(typed, today, words::Language::English);
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

  TEST_CASE("a day of the calendar has its year, and numbers mean one day only") {
    const auto french = [](std::string_view typed) {
      const auto day = cli::calendar_day(typed, words::Language::French);
      return day ? cli::date_text(*day) : "";
    };
    const auto english = [](std::string_view typed) {
      const auto day = cli::calendar_day(typed, words::Language::English);
      return day ? cli::date_text(*day) : "";
    };
    for (const auto* typed : {"1990-04-03", "3 avril 1990", "3 April 1990", "April 3, 1990"}) {
      CAPTURE(typed);
      CHECK(french(typed) == "1990-04-03");
      CHECK(english(typed) == "1990-04-03");
    }
    for (const auto* typed : {"03/04/1990", "3/4/1990", "03.04.1990", "03-04-1990"}) {
      CHECK(french(typed) == "1990-04-03");
      CHECK(english(typed) == "");
    }
    CHECK(english("27/11/1990") == "1990-11-27");
    CHECK(english("11/27/1990") == "1990-11-27");
    CHECK(english("4/4/1990") == "1990-04-04");
    CHECK(french("11/27/1990") == "");
    for (const auto* typed :
         {"3 avril", "03/04/90", "31/02/1990", "friday", "", "1/2", "1/2/3/1990"})
      CHECK(french(typed) == "");
  }

  TEST_CASE("what may be two days is told as both, in English only") {
    const auto both = cli::either_day("03/04/1990", words::Language::English);
    REQUIRE(both.has_value());
    CHECK(cli::date_text(both->first) == "1990-04-03");
    CHECK(cli::date_text(both->second) == "1990-03-04");
    CHECK_FALSE(cli::either_day("03/04/1990", words::Language::French).has_value());
    for (const auto* typed : {"27/11/1990", "4/4/1990", "31/02/1990", "1990-04-03", "x", ""})
      CHECK_FALSE(cli::either_day(typed, words::Language::English).has_value());
    CHECK(cli::spelled_day(terminal(words::Language::English), both->first) == "3 Apr 1990");
  }

  TEST_CASE("a deadline may be so many days or weeks ahead, or by its numbers") {
    CHECK(read("3d") == "2026-11-24");
    CHECK(read("2w") == "2026-12-05");
    CHECK(read("27/11/2026") == "2026-11-27");
    CHECK(read("27/11/2025") == "date.past");
    CHECK(read("02/03/2027") == "date.unknown");
    CHECK(read("3h") == "date.unknown");
  }

  TEST_CASE("so many days or weeks ahead may be said in words, of either language") {
    for (const auto* typed :
         {"3 days", "in 3 days", "In 3 Days", "within 3 days", "3days", "3 d", "3 jours",
          "dans 3 jours", "Dans 3 jours", "3\u00A0jours", "3j", "sous 3 jours", "d’ici 3 jours"}) {
      CAPTURE(typed);
      CHECK(read(typed) == "2026-11-24");
    }
    for (const auto* typed : {"2 weeks", "in 2 weeks", "2 semaines", "dans 2 semaines"})
      CHECK(read(typed) == "2026-12-05");
    for (const auto* typed : {"a week", "in one week", "une semaine", "dans une semaine", "1 week"})
      CHECK(read(typed) == "2026-11-28");
    for (const auto* typed : {"1 day", "in a day", "un jour", "dans un jour"})
      CHECK(read(typed) == "2026-11-22");
    for (const auto* typed :
         {"0 days", "in days", "in", "-3 days", "3 days ago", "in in 3 days", "3 hours",
          "99999 days", "3.5 days", "il y a 3 jours", "3 s", "in friday", "3 day week"})
      CHECK_MESSAGE(read(typed) == "date.unknown", typed);
  }

  TEST_CASE("a length in words is the one in letters, and what is none stays as it was typed") {
    for (const auto* typed : {"48 hours", "48 heures", "for 48 hours", "pendant 48 heures", "48h"})
      CHECK(cli::length_from_typed(typed) == "48h");
    CHECK(cli::length_from_typed("an hour") == "1h");
    CHECK(cli::length_from_typed("3 jours") == "3d");
    for (const auto* typed :
         {"", "once", "3", "jours", "3 months", "90m", "3 jours et demi", "friday", "\xFF 3"})
      CHECK(cli::length_from_typed(typed) == typed);
  }

  TEST_CASE("a day gone by is the last of its name, and never today") {
    const auto past = [](std::string_view typed) {
      const auto day = cli::past_day(typed, kToday);
      return day ? cli::date_text(*day) : "";
    };
    for (const auto* typed : {"yesterday", "hier", "friday", "ven."})
      CHECK(past(typed) == "2026-11-20");
    CHECK(past("today") == "2026-11-21");
    CHECK(past("samedi") == "2026-11-14");
    CHECK(past("sunday") == "2026-11-15");
    for (const auto* typed : {"tomorrow", "demain", "", "27 Nov"}) CHECK(past(typed) == "");
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
