// Which calls say that a person made them: the first of a command, and none that `vrm` makes by itself.

#include <doctest/doctest.h>

#include "tests/cli/documents.h"
#include "tests/cli/fake_daemon.h"
#include "tests/cli/intent_documents.h"
#include "tests/cli/run_vrm.h"

using namespace vrm::cli_test;

namespace {

// A letter for each call: P when a person made it.
std::string calls_of(FakeDaemon& daemon, std::vector<std::string> words) {
  const auto before = daemon.asked().size();
  words.insert(words.end(), {"--vault", daemon.folder().path()});
  static_cast<void>(run_vrm(words));
  std::string letters;
  const auto asked = daemon.asked();
  for (auto at = before; at < asked.size(); ++at) letters += asked[at].by_person ? 'P' : '.';
  return letters;
}

}  // namespace

TEST_SUITE("cli/person") {
  TEST_CASE("the first call of a command is a person's, what follows is not") {
    FakeDaemon daemon;
    daemon.answer("GET /v1/catalogue", kCatalogue);
    daemon.answer("GET /v1/fields/contact.email", kEmail);
    daemon.answer("PUT /v1/fields/contact.email", kEmail);
    CHECK(calls_of(daemon, {"get", "contact.email"}) == "P");
    CHECK(calls_of(daemon, {"get", "contact.email", "contact.email"}) == "P.");
    CHECK(calls_of(daemon, {"set", "contact.email", "ana@example.org"}) == "P.");
  }

  TEST_CASE("asking for the status is no sign of a person, nor is what a program calls") {
    FakeDaemon daemon;
    daemon.answer("GET /v1/status", kStatusOpen);
    daemon.answer("GET /v1/fields/contact.email", kEmail);
    CHECK(calls_of(daemon, {"status"}) == ".");
    CHECK(calls_of(daemon, {"status", "--served"}) == ".");
    CHECK(calls_of(daemon, {"daemon", "status"}) == ".");
    CHECK(calls_of(daemon, {}) == ".");
    CHECK(calls_of(daemon, {"get", "contact.email", "--no-input"}) == ".");
  }

  TEST_CASE("a command that looks at the status first is a person's all the same") {
    FakeDaemon daemon;
    daemon.answer("GET /v1/status", status_in("sealed"));
    daemon.answer("POST /v1/unlock?slot=passphrase", kStatusOpen);
    CHECK(calls_of(daemon, {"unlock", "--password-command", "echo p"}) == ".P");
  }

  TEST_CASE("a watch is a person's once, however long it goes on") {
    FakeDaemon daemon;
    daemon.answer("GET /v1/intents", kIntents);
    daemon.answer_in_turn(
        "GET /v1/intents/in_7F2K9QXD",
        {{200, intent_in("open")}, {200, intent_in("open")}, {200, intent_in("closed")}});
    daemon.answer("POST /v1/intents/in_7F2K9QXD/offers", kOffers);
    daemon.answer("GET /v1/events", events_to(18, "offer_made"));
    const auto calls = calls_of(daemon, {"offers", "--watch"});
    CHECK(calls.size() > 5);
    CHECK(calls.starts_with('P'));
    CHECK(calls.find('P', 1) == calls.npos);
  }

  TEST_CASE("a call that is made again because its connection was lost is a person's once") {
    FakeDaemon daemon;
    daemon.answer_in_turn("GET /v1/fields/contact.email",
                          {{200, kEmail, true}, {200, kEmail, true}, {200, kEmail}});
    CHECK(calls_of(daemon, {"get", "contact.email"}) == "P..");
  }
}
