// Accepting an offer: what is shown before, what is sent, and how it ends.

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "tests/cli/fake_daemon.h"
#include "tests/cli/intent_documents.h"
#include "tests/cli/run_vrm.h"
#include "vault/base/json.h"

using namespace vrm;
using namespace vrm::cli_test;

namespace {

const std::string kIntentLine = "GET /v1/intents/in_7F2K9QXD";
const std::string kAccept = "POST /v1/offers/of_2Q/accept";

Ran run_with(const FakeDaemon& daemon, const std::vector<std::string>& words) {
  How how;
  how.environment["VRM_VAULT"] = daemon.folder().path();
  return run_vrm(words, how);
}

Ran on_terminal(const FakeDaemon& daemon, const std::string& answer) {
  How how;
  how.environment["VRM_VAULT"] = daemon.folder().path();
  return run_on_terminal({"accept", "of_2Q"}, {{"[y/N]", answer}}, how);
}

bool says(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

void can_accept(FakeDaemon& daemon, const std::string& outcome = "acknowledged") {
  daemon.answer(kAccept + "?dry_run=1", acceptance_in("pending"));
  daemon.answer(kAccept, acceptance_in("pending"));
  daemon.answer("GET /v1/events?after=0", events_to(16));
  daemon.answer("GET /v1/events", events_to(17, "acceptance_" + outcome));
  daemon.answer(kIntentLine, intent_in(outcome == "acknowledged" ? "accepted" : "open"));
}

bool was_sent(const FakeDaemon& daemon) {
  for (const auto& asked : daemon.asked())
    if (asked.line == kAccept) return true;
  return false;
}

}  // namespace

TEST_SUITE("cli/accept") {
  TEST_CASE("a dry run says what is sent, kept back and told to the others, and sends nothing") {
    FakeDaemon daemon;
    can_accept(daemon);
    const auto ran =
        run_with(daemon, {"accept", "of_2Q", "--dry-run", "--also", "a.b,c.d", "--also", "e.f"});
    CHECK(ran.exit == 0);
    for (const auto* part :
         {"Accepting “Rockrider 540” of velo for 858.90 EUR (of_2QK7T0AB)",
          "address.home.street_address", "2 reads at most", "(you have none)",
          "--also contact.phone_number", "everything else", "decat, troc hear that it is closed",
          "vrm accept of_2QK7T0AB --also a.b,c.d,e.f"})
      CHECK_MESSAGE(says(ran.out, part), part);
    CHECK(daemon.asked().size() == 1);
    CHECK(daemon.asked()[0].body == R"({"also":["a.b","c.d","e.f"]})");
    const auto json = run_with(daemon, {"accept", "of_2Q", "--dry-run", "--json"});
    CHECK(read_json(json.out).value() == read_json(acceptance_in("pending")).value());
    CHECK(daemon.asked()[1].body == R"({"also":[]})");
    CHECK_FALSE(was_sent(daemon));
  }

  TEST_CASE("nothing is accepted without a yes") {
    FakeDaemon daemon;
    can_accept(daemon);
    CHECK(run_with(daemon, {"accept", "of_2Q"}).exit == 7);
    CHECK(run_with(daemon, {"accept", "of_…", "-y"}).exit == 2);
    CHECK_FALSE(was_sent(daemon));
    const auto ran = on_terminal(daemon, "n\n");
    CHECK(ran.exit == 6);
    CHECK(says(ran.out, "address.home.street_address"));
    CHECK_FALSE(was_sent(daemon));
  }

  TEST_CASE("with a yes it is sent, and the brand's acknowledgement is waited for") {
    FakeDaemon daemon;
    can_accept(daemon);
    const auto ran = on_terminal(daemon, "y\n");
    CHECK(ran.exit == 0);
    CHECK(was_sent(daemon));
    // The revision that was shown, and no other.
    for (const auto& asked : daemon.asked())
      if (asked.line == kAccept) CHECK(asked.body == R"({"also":[],"rev":2})");
    CHECK(says(ran.out, "velo is being told"));
    const auto end = ran.out.rfind("\x1B[J");
    CHECK(says(ran.out.substr(end), "velo acknowledged it"));
    CHECK(says(ran.out.substr(end), "vrm revoke gr_7F2K9QXD"));
  }

  TEST_CASE("under --yes what was sent is shown all the same") {
    FakeDaemon daemon;
    can_accept(daemon);
    daemon.answer(kIntentLine, intent_in("accepted", "sent", "sent",
                                         acceptance_in("acknowledged", R"("VELO-42")")));
    const auto ran = run_with(daemon, {"accept", "of_2Q", "-y"});
    CHECK(ran.exit == 0);
    CHECK(says(ran.out, "address.home.street_address"));
    CHECK(says(ran.out, "as “VELO-42”"));
    CHECK(says(ran.err, "velo is being told"));
    std::vector<std::string> lines;
    for (const auto& asked : daemon.asked()) lines.push_back(asked.line);
    CHECK(lines[0] == "GET /v1/events?after=0");
    CHECK(lines[1] == kAccept);
    CHECK(lines[2].starts_with("GET /v1/events?after=16&wait="));
  }

  TEST_CASE("a brand that does not keep its offer is a conflict, and the intent is open again") {
    FakeDaemon daemon;
    can_accept(daemon, "cancelled");
    const auto ran = run_with(daemon, {"accept", "of_2Q", "-y"});
    CHECK(ran.exit == 8);
    CHECK(says(ran.err, "did not keep its offer"));
    CHECK(says(ran.err, "vrm offers in_7F2K9QXD"));
    const auto json = run_with(daemon, {"accept", "of_2Q", "-y", "--json"});
    CHECK(json.exit == 8);
    CHECK(read_json(json.out).value()["state"] == "cancelled");
  }

  TEST_CASE("a brand that keeps silent is waited for no longer than is said") {
    FakeDaemon daemon;
    can_accept(daemon);
    daemon.answer(kIntentLine, intent_in("accepting", "sent", "sent", acceptance_in("pending")));
    for (const auto* how : {"--wait=1s", "--no-wait"}) {
      const auto ran = run_with(daemon, {"accept", "of_2Q", "-y", how});
      CHECK(ran.exit == 0);
      CHECK(says(ran.out, "told again until 2024-11-21T15:15:00Z"));
      CHECK(says(ran.out, "vrm intent show in_7F2K9QXD"));
    }
    CHECK(daemon.asked().back().line == kAccept);
  }

  TEST_CASE("the daemon's refusal ends it") {
    FakeDaemon daemon;
    can_accept(daemon);
    daemon.answer(kAccept, R"({"error":{"code":"conflict","message":"not live"}})", 409);
    const auto ran = run_with(daemon, {"accept", "of_2Q", "-y"});
    CHECK(ran.exit == 8);
    CHECK(says(ran.err, "not live"));
    CHECK(ran.out.empty());
  }
}
