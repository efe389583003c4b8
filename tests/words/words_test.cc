#include "vault/words/words.h"

#include <doctest/doctest.h>

using namespace vrm;
using words::Language;

TEST_SUITE("words/words") {
  TEST_CASE("the first hint that is set decides the language") {
    CHECK(words::language_from({}) == Language::English);
    CHECK(words::language_from({.lang = "fr_FR.UTF-8"}) == Language::French);
    CHECK(words::language_from({.lc_all = "C", .lang = "fr_FR.UTF-8"}) == Language::English);
    CHECK(words::language_from({.lc_all = "fr", .lang = "C"}) == Language::French);
    CHECK(words::language_from({.lc_messages = "fr_CA", .lang = "en"}) == Language::French);
    CHECK(words::language_from({.vrm_lang = "fr", .lc_all = "en_US"}) == Language::French);
    CHECK(words::language_from({.flag = "en", .vrm_lang = "fr"}) == Language::English);
  }

  TEST_CASE("only French is French") {
    for (const std::string_view hint : {"fr", "FR", "fr_FR", "fr-ca", "fr.UTF-8", "fr@euro"})
      CHECK(words::language_from({.flag = hint}) == Language::French);
    for (const std::string_view hint : {"f", "frr_DE", "fy", "en_FR", "C.UTF-8", "POSIX"})
      CHECK(words::language_from({.flag = hint}) == Language::English);
  }

  TEST_CASE("gaps are filled in each language") {
    const Gaps with = {{"text", "soon"}};
    CHECK(words::sentence(Language::English, "time.not_a_duration", with)
              .starts_with("“soon” is not"));
    CHECK(words::sentence(Language::French, "time.not_a_duration", with)
              .starts_with("«\u202Fsoon\u202F» n’est pas"));
  }

  TEST_CASE("what fills a gap cannot move the cursor, break the line or open another gap") {
    const auto said = words::sentence(Language::English, "time.not_a_duration",
                                      {{"text", "a\x1B[2J\nb\u202E{text}{unit}"}});
    CHECK(said.find('\x1B') == said.npos);
    CHECK(said.find('\n') == said.npos);
    CHECK(said.find("\u202E") == said.npos);
    CHECK(said.find("b\uFFFD{text}{unit}") != said.npos);
  }

  TEST_CASE("an unknown key is shown itself, and a gap that nothing fills stays") {
    CHECK(words::sentence(Language::French, "no.such_key") == "no.such_key");
    CHECK(words::sentence(Language::English, "error.io") == "the system refused: {message}.");
  }

  TEST_CASE("an error shows its own sentence, else its code's with the message") {
    CHECK(words::sentence(Language::English,
                          refusal(ErrorCode::Malformed, "time.not_a_date", {{"text", "x"}}))
              .starts_with("“x” is not a date"));
    CHECK(words::sentence(Language::English, Error{ErrorCode::Corrupt, "row 3"}) ==
          "something stored does not verify: row 3.");
    CHECK(words::sentence(Language::English, Error{ErrorCode::Io, "m", "from.a_newer_daemon"}) ==
          "the system refused: m.");
  }
}
