// The words and times that `vrm log` takes.

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <sstream>

#include "cli/screen.h"
#include "tests/cli/documents.h"
#include "tests/cli/fake_daemon.h"
#include "tests/cli/run_vrm.h"
#include "vault/base/text.h"
#include "vault/words/words.h"

using namespace vrm;
using namespace vrm::cli_test;

namespace {

Ran run_log(const FakeDaemon& daemon, std::vector<std::string> words, How how = {}) {
  words.insert(words.begin(), "log");
  how.environment["VRM_VAULT"] = daemon.folder().path();
  return run_vrm(words, how);
}

// What stands in the last column, or behind the last label of a block, without its blanks.
std::string below(const std::string& shown, std::string_view heading) {
  std::istringstream lines(shown);
  std::string line;
  std::string above;
  while (line.find(heading) == line.npos && std::getline(lines, line)) above += line;
  const auto at = line.find(heading);
  REQUIRE(at != line.npos);
  if (!above.starts_with(line)) {  // the rest of a block stands behind its label and below
    std::string rest = line.substr(at + heading.size());
    while (std::getline(lines, line)) rest += line;
    std::erase_if(rest, [](char c) { return c == ' ' || c == '\r'; });
    return rest;
  }
  const auto before = cli::width(line.substr(0, at));
  std::string column;
  while (std::getline(lines, line)) {
    std::size_t from = 0;
    for (std::size_t i = 0; i < before && from < line.size(); ++i) next_scalar(line, from);
    for (const char c : line.substr(from))
      if (c != ' ' && c != '\r') column += c;
  }
  return column;
}

std::string log_of(const std::string& kind, const std::string& reason,
                   const std::string& brand = "", const std::string& fields = "") {
  return R"({"schema":"vrm.log/1","items":[{"number":1,"at":"2024-11-21T14:12:00Z","kind":")" +
         kind + R"(","outcome":"refused","brand":")" + brand + R"(","grant":"","fields":[)" +
         fields + R"(],"purpose":"","reason":")" + reason + R"("}],"size":1})";
}

}  // namespace

TEST_SUITE("cli/log") {
  TEST_CASE("what the column WHAT says is what --kind takes, with dashes or blanks") {
    FakeDaemon daemon;
    daemon.answer_all(kLog);
    for (const auto language : {words::Language::English, words::Language::French}) {
      for (const auto& key : words::keys(language)) {
        if (!key.starts_with("kind.")) continue;
        auto phrase = words::sentence(language, key);
        CAPTURE(phrase);
        CHECK(run_log(daemon, {"--kind", phrase}).exit == 0);
        CHECK(daemon.asked().back().line == "GET /v1/log?kind=" + key.substr(5));
        if (phrase.find(' ') == phrase.npos) continue;
        std::replace(phrase.begin(), phrase.end(), ' ', '-');
        CHECK(run_log(daemon, {"--kind", phrase}).exit == 0);
        CHECK(daemon.asked().back().line == "GET /v1/log?kind=" + key.substr(5));
      }
    }
    for (const auto* typed : {"grant_made", "Grant-made"}) {
      CHECK(run_log(daemon, {"--kind", typed}).exit == 0);
      CHECK(daemon.asked().back().line == "GET /v1/log?kind=grant_made");
    }
    CHECK(run_log(daemon, {"--kind", "valeur-d'avant-remise"}).exit == 0);
    CHECK(daemon.asked().back().line == "GET /v1/log?kind=field_restored");
  }

  TEST_CASE("a word that is none lists those that are, as they are typed") {
    const FakeDaemon daemon;
    const auto ran = run_log(daemon, {"--kind", "reads"});
    CHECK(ran.exit == 2);
    CHECK(ran.err.find("access-pass, access-pass-given-back, backup, brand-added") != ran.err.npos);
    CHECK(run_log(daemon, {"--kind", "x", "--lang", "fr"}).err.find("lecture") !=
          std::string::npos);
    CHECK(ran.err.find("vault-made") != ran.err.npos);
    CHECK(ran.err.find("…") == ran.err.npos);
    CHECK(daemon.asked().empty());
  }

  TEST_CASE("a reason says what its code means, in the person's language") {
    struct Said {
      const char* kind;
      const char* reason;
      const char* english;
      const char* french;
    };
    for (const auto& said : std::vector<Said>{
             {"unlock_refused", "bad_key 1", "1 wrong try", "1 essai raté"},
             {"unlock_refused", "bad_key 3", "3 wrong tries", "3 essais ratés"},
             {"passphrase_changed", "recovery", "proven by the recovery words",
              "prouvé par les mots de secours"},
             {"vault_migrated", "1 > 2", "from format 1 to 2", "du format 1 au format 2"},
             {"field_restored", "4", "version 4", "version 4"},
             {"imported", "im_7F2K9QXD", "im_7F2K9QXD", "im_7F2K9QXD"},
             {"strangers_refused", "invalid_dpop_proof 2, rate_limited 1",
              "could not prove its own key (2×), too many calls (1×)",
              "n’a pas prouvé avoir sa clé (2 fois), trop d’appels (1 fois)"},
             {"older_noticed", "from_2030", "from_2030", "from_2030"}}) {
      CAPTURE(said.kind);
      FakeDaemon daemon;
      daemon.answer_all(log_of(said.kind, said.reason));
      CHECK(run_log(daemon, {}).out.find("\t" + std::string(said.english) + "\t") !=
            std::string::npos);
      CHECK(run_log(daemon, {"--lang", "fr"}).out.find("\t" + std::string(said.french) + "\t") !=
            std::string::npos);
      CHECK(run_log(daemon, {"--json"}).out.find("\"" + std::string(said.reason) + "\"") !=
            std::string::npos);
    }
  }

  TEST_CASE("a terminal shows every field and reason whole, in rows that fit") {
    FakeDaemon daemon;
    daemon.answer_all(log_of("party_refused", "invalid_authorization_details", "velo_de_la_vallee",
                             R"("address.home.street_address","person.given_name")"));
    for (const auto* language : {"en", "fr"})
      for (const unsigned short columns : std::array<unsigned short, 4>{120, 80, 60, 40}) {
        CAPTURE(columns);
        How how;
        how.columns = columns;
        const auto shown = run_on_terminal(
            {"log", "--no-color", "--quiet", "--lang", language, "--vault", daemon.folder().path()},
            {}, how);
        CHECK(shown.out.find("…") == shown.out.npos);
        std::istringstream lines(shown.out);
        for (std::string line; std::getline(lines, line);)
          CHECK(cli::width(line.substr(0, line.find('\r'))) <= columns);
        const auto details =
            below(shown.out, std::string_view(language) == "en" ? "DETAILS" : "DÉTAILS");
        CHECK(details.starts_with("address.home.street_address,person.given_name"));
        CHECK(details.ends_with(std::string_view(language) == "en" ? "itnamesisunknown"
                                                                   : "ellenommeestinconnu"));
      }
  }

  TEST_CASE("a date and an hour are the owner's, as the table shows them") {
    FakeDaemon daemon;
    daemon.answer_all(kLog);
    How paris;
    paris.environment = {{"TZ", "CET-1CEST,M3.5.0,M10.5.0/3"}};
    for (const auto& entry : std::vector<std::pair<std::string, std::string>>{
             {"2026-11-21", "2026-11-20T23%3A00%3A00Z"},
             {"2026-07-14", "2026-07-13T22%3A00%3A00Z"},
             {"2026-11-21 14:30", "2026-11-21T13%3A30%3A00Z"},
             {"2026-11-21T14:30", "2026-11-21T13%3A30%3A00Z"},
             {"2026-11-21T00:00:00Z", "2026-11-21T00%3A00%3A00Z"}}) {
      const auto& typed = entry.first;
      const auto& sent = entry.second;
      CAPTURE(typed);
      CHECK(run_log(daemon, {"--since", typed}, paris).exit == 0);
      CHECK(daemon.asked().back().line == "GET /v1/log?since=" + sent);
    }
    CHECK(run_log(daemon, {"--since", "14:30"}, paris).exit == 0);
    CHECK(daemon.asked().back().line.ends_with("%3A30%3A00Z"));
    for (const auto* typed : {"yesterday", "hier", "friday", "today"}) {
      CAPTURE(typed);
      CHECK(run_log(daemon, {"--since", typed}, paris).exit == 0);
      CHECK(daemon.asked().back().line.ends_with("%3A00%3A00Z"));
    }
    for (const auto* wrong : {"tomorrow", "2026-02-30", "2026-11-21x", "25:00", ""}) {
      CAPTURE(wrong);
      const auto ran = run_log(daemon, {"--since", wrong}, paris);
      CHECK(ran.exit == 2);
      CHECK(ran.err.find("--since 2d") != ran.err.npos);
    }
  }
}
