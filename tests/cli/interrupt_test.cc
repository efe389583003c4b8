// Ctrl-C: what was under way is told, and what to type next.

#include <doctest/doctest.h>
#include <signal.h>
#include <unistd.h>

#include <future>

#include "tests/cli/documents.h"
#include "tests/cli/fake_daemon.h"
#include "tests/cli/run_vrm.h"

using namespace vrm::cli_test;

namespace {

constexpr const char* kCtrlC = "\x03";
constexpr int kEndedBySigint = 128 + SIGINT;

// The person presses Ctrl-C when the daemon has got the call that begins so and has not answered.
Ran interrupted_at(FakeDaemon& daemon, const std::string& call, std::vector<std::string> words) {
  std::atomic<int> terminal = -1;
  std::promise<void> ended;
  const auto after = ended.get_future().share();
  daemon.before_answers([&terminal, after, call](const std::string& line) {
    if (!line.starts_with(call)) return;
    CHECK(write(terminal, kCtrlC, 1) == 1);
    after.wait_for(std::chrono::seconds(60));
  });
  How how;
  how.terminal = &terminal;
  words.insert(words.end(), {"--vault", daemon.folder().path()});
  const auto ran = run_on_terminal(words, {}, how);
  ended.set_value();
  return ran;
}

bool says(const Ran& ran, const std::string& text) {
  return ran.out.find(text) != ran.out.npos;
}

}  // namespace

TEST_SUITE("cli/interrupt") {
  TEST_CASE("at a question nothing was sent, and that is said") {
    FakeDaemon daemon;
    daemon.answer_all(kGrants);
    for (const auto* language : {"en", "fr"}) {
      const auto ran = run_on_terminal(
          {"revoke", "--all", "--lang", language, "--vault", daemon.folder().path()},
          {{"N]", kCtrlC}});
      CHECK(ran.exit == kEndedBySigint);
      CHECK(says(ran,
                 std::string_view(language) == "en" ? "nothing was sent" : "rien n’a été envoyé"));
    }
    for (const auto& asked : daemon.asked()) CHECK(asked.line.starts_with("GET "));
  }

  TEST_CASE("while only something is read, nothing has changed") {
    FakeDaemon daemon;
    daemon.answer_all(kGrants);
    const auto ran = interrupted_at(daemon, "GET /v1/grants", {"grants"});
    CHECK(ran.exit == kEndedBySigint);
    CHECK(says(ran, "nothing has changed"));
  }

  TEST_CASE("while the vault changes something it may be done, and where to look is said") {
    FakeDaemon daemon;
    daemon.answer_all(kGrants);
    const auto ran = interrupted_at(daemon, "POST ", {"revoke", "gr_7F2K9QXD"});
    CHECK(ran.exit == kEndedBySigint);
    CHECK(says(ran, "it may be done, or not"));
    CHECK(says(ran, "vrm grants --vault " + daemon.folder().path() + " --all"));
    CHECK_FALSE(says(ran, "nothing was sent"));
  }

  TEST_CASE("what looks or rehearses changes nothing, though it is a POST") {
    FakeDaemon daemon;
    daemon.answer_all(kVerified);
    CHECK(says(interrupted_at(daemon, "POST /v1/verify", {"verify"}), "nothing has changed"));
  }

  TEST_CASE("the sentence is one JSON line where JSON is wanted") {
    FakeDaemon daemon;
    daemon.answer_all(kGrants);
    const auto ran = interrupted_at(daemon, "POST ", {"revoke", "gr_7F2K9QXD", "--json"});
    CHECK(says(ran, R"({"note":{"message":"stopped while)"));
  }
}
