// The words and times that `vrm log` takes.

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/cli/documents.h"
#include "tests/cli/fake_daemon.h"
#include "tests/cli/run_vrm.h"
#include "vault/words/words.h"

using namespace vrm;
using namespace vrm::cli_test;

namespace {

Ran run_log(const FakeDaemon& daemon, std::vector<std::string> words, const How& how = {}) {
  words.insert(words.begin(), "log");
  words.insert(words.end(), {"--vault", daemon.folder().path()});
  return run_vrm(words, how);
}

}  // namespace

TEST_SUITE("cli/log") {
  TEST_CASE("every word of the column WHAT is one word, and what --kind takes") {
    FakeDaemon daemon;
    daemon.answer_all(kLog);
    for (const auto language : {words::Language::English, words::Language::French}) {
      for (const auto& key : words::keys(language)) {
        if (!key.starts_with("kind.")) continue;
        const auto word = words::sentence(language, key);
        CAPTURE(word);
        CHECK(word.find(' ') == word.npos);
        CHECK(run_log(daemon, {"--kind", word}).exit == 0);
        CHECK(daemon.asked().back().line == "GET /v1/log?kind=" + key.substr(5));
      }
    }
    CHECK(run_log(daemon, {"--kind", "grant_made"}).exit == 0);
  }

  TEST_CASE("a word that is none lists those that are") {
    const FakeDaemon daemon;
    const auto ran = run_log(daemon, {"--kind", "reads"});
    CHECK(ran.exit == 2);
    CHECK(ran.err.find("accept, approve, backup, block, brand") != ran.err.npos);
    CHECK(run_log(daemon, {"--kind", "x", "--lang", "fr"}).err.find("lecture") !=
          std::string::npos);
    CHECK(daemon.asked().empty());
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
