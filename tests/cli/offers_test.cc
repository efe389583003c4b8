// The table of offers, how it is watched, one offer, and turning one down.

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "cli/offer_table.h"
#include "tests/cli/documents.h"
#include "tests/cli/fake_daemon.h"
#include "tests/cli/intent_documents.h"
#include "tests/cli/run_vrm.h"
#include "vault/base/json.h"

using namespace vrm;
using namespace vrm::cli_test;

namespace {

const std::string kIntentLine = "GET /v1/intents/in_7F2K9QXD";
const std::string kOffersLine = "POST /v1/intents/in_7F2K9QXD/offers";

Ran run_with(const FakeDaemon& daemon, std::vector<std::string> words, How how = {}) {
  how.environment["VRM_VAULT"] = daemon.folder().path();
  return run_vrm(words, how);
}

bool says(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

void can_offers(FakeDaemon& daemon) {
  daemon.answer("GET /v1/intents", kIntents);
  daemon.answer(kIntentLine, intent_in("open"));
  daemon.answer(kOffersLine, kOffers);
}

const std::string kAway =
    R"({"error":{"code":"unavailable","say":"daemon.none","with":{},"message":"m"}})";
const std::string kLocked =
    R"({"error":{"code":"locked","say":"vault.locked","with":{},"message":"m"}})";

std::vector<std::string> events_asked(const FakeDaemon& daemon) {
  std::vector<std::string> lines;
  for (const auto& asked : daemon.asked())
    if (asked.line.starts_with("GET /v1/events")) lines.push_back(asked.line);
  return lines;
}

std::vector<nlohmann::json> documents_in(const std::string& text) {
  std::vector<nlohmann::json> documents;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = text.find('\n', at);
    const auto read =
        read_json(text.substr(at, end - at), JsonLimits{.bytes = 1 << 20, .depth = 32});
    REQUIRE(read.ok());
    documents.push_back(read.value());
    at = end + 1;
  }
  return documents;
}

}  // namespace

TEST_SUITE("cli/offers") {
  TEST_CASE("piped, a row has everything, the ones that fail a must stand below with the reason") {
    FakeDaemon daemon;
    can_offers(daemon);
    const auto ran = run_with(daemon, {"offers"});
    CHECK(ran.exit == 0);
    CHECK(
        ran.out ==
        "1\tof_2QK7T0AB\tvelo\tRockrider 540\t858.90 EUR\t2024-11-26\t2 "
        "!+\t2/2\t2024-11-22T14:00:00Z\t81\n"
        "2\tof_2QK9AAAA\tdecat\tTrail 5\t880.00 EUR\t2024-11-26\t2\t2/2\t2024-11-22T14:00:00Z\t78\n"
        "-\tof_9ZZZBBBB\tdecat\tTrail 3 with a very long name of its own\t612.00 "
        "EUR\t2024-11-26\t2 +\t1/2 frame not said\t2024-11-22T14:00:00Z\t-\n"
        "-\tof_1AAAAAAA\ttroc\tUsed bike\t300.00 EUR\t2024-11-26\t-\t- "
        "withdrawn\t2024-11-22T14:00:00Z\t-\n");
    CHECK(says(ran.err, "vrm accept of_2QK7T0AB"));
    CHECK(run_with(daemon, {"offers", "--json"}).out ==
          write_json(read_json(kOffers).value()) + "\n");
  }

  TEST_CASE("without an id it is the newest open intent, and with none open a hint") {
    FakeDaemon daemon;
    can_offers(daemon);
    auto older = read_json(intent_in("open")).value();
    older["id"] = "in_OLDER000";
    older["made_at"] = "2023-01-01T00:00:00Z";
    auto newer = older;
    newer["id"] = "in_NEWER000";
    newer["made_at"] = "2025-01-01T00:00:00Z";
    newer["state"] = "cancelled";
    const nlohmann::json intents = {
        {"items", {older, newer, read_json(intent_in("open")).value()}}};
    daemon.answer("GET /v1/intents", write_json(intents));
    CHECK(run_with(daemon, {"offers"}).exit == 0);
    CHECK(daemon.asked().back().line == kOffersLine);
    daemon.answer("GET /v1/intents", R"({"items":[]})");
    const auto none = run_with(daemon, {"offers"});
    CHECK(none.exit == 3);
    CHECK(says(none.err, "vrm intent list --all"));
  }

  TEST_CASE("what to compare by goes to the daemon, the weights' names in either language") {
    FakeDaemon daemon;
    can_offers(daemon);
    CHECK(run_with(daemon, {"offers", "in_7F2K9QXD", "--sort", "price", "--weights",
                            "prix=9,nice=1,odd=2", "--must-only"})
              .exit == 0);
    CHECK(read_json(daemon.asked().back().body).value() ==
          read_json(R"({"sort":"price","weights":{"price":9,"nice":1,"odd":2},"must_only":true})")
              .value());
    for (const auto* wrong : {"price", "=3", "price=", "price=x"})
      CHECK(run_with(daemon, {"offers", "--weights", wrong}).exit == 2);
    CHECK(run_with(daemon, {"offers", "in_..."}).exit == 2);
  }

  TEST_CASE("no offer yet is no failure") {
    FakeDaemon daemon;
    can_offers(daemon);
    daemon.answer(kOffersLine, offers_of({}));
    const auto ran = run_with(daemon, {"offers"});
    CHECK(ran.exit == 0);
    CHECK(ran.out.empty());
    CHECK(says(ran.err, "vrm offers in_7F2K9QXD --watch"));
  }

  TEST_CASE("when no brand could be told, nobody is asked to wait") {
    FakeDaemon daemon;
    can_offers(daemon);
    auto intent = nlohmann::json::parse(intent_in("open"));
    intent["brands"] = {{{"brand", "velo"}, {"delivery", "dead"}, {"answer", nullptr}}};
    daemon.answer(kIntentLine, write_json(intent));
    daemon.answer(kOffersLine, offers_of({}));
    const auto ran = run_with(daemon, {"offers", "in_7F2K9QXD"});
    CHECK(says(ran.err, "No offer will come"));
    CHECK_FALSE(says(ran.err, "--watch"));
  }

  TEST_CASE("short ids still differ, and are no shorter than a person can trust") {
    CHECK(cli::short_ids({"of_2QK7T0AB", "of_2QK7T9AB", "of_9ZZZBBBB"}) ==
          std::vector<std::string>{"of_2QK7T0", "of_2QK7T9", "of_9ZZZ"});
    CHECK(cli::short_ids({"of_1", "of_1"}) == std::vector<std::string>{"of_1", "of_1"});
    CHECK(cli::short_ids({}).empty());
  }

  TEST_CASE("what changed between two tables") {
    auto cheaper = kTrail;
    cheaper.rev = 2;
    auto withdrawn = kRockrider;
    withdrawn.state = "withdrawn";
    const auto before = read_json(offers_of({kRockrider, kTrail, kGone})).value();
    const auto after = read_json(offers_of({cheaper, withdrawn, kTooSmall})).value();
    std::vector<std::string> told;
    for (const auto& change : cli::changes_between(before, after))
      told.push_back(change.kind + " " + change.offer->value("id", ""));
    CHECK(told == std::vector<std::string>{"offer_revised of_2QK9AAAA",
                                           "offer_withdrawn of_2QK7T0AB", "offer_made of_9ZZZBBBB",
                                           "offer_gone of_1AAAAAAA"});
    CHECK(cli::changes_between(before, before).empty());
  }

  TEST_CASE("watched through a pipe, each change is a line, until nothing more can come") {
    FakeDaemon daemon;
    can_offers(daemon);
    auto cheaper = kTrail;
    cheaper.rev = 2;
    cheaper.total = "840.00";
    daemon.answer_in_turn(kOffersLine, {{200, offers_of({kRockrider, kTrail})},
                                        {200, offers_of({kRockrider, cheaper}, 18)},
                                        {200, offers_of({kRockrider, cheaper, kTooSmall}, 19)}});
    daemon.answer_in_turn(kIntentLine, {{200, intent_in("open")}, {200, intent_in("accepted")}});
    daemon.answer_in_turn("GET /v1/events", {{200, events_to(18, "offer_revised")},
                                             {200, events_to(18)},
                                             {200, events_to(19, "intent_closed")}});
    const auto ran = run_with(daemon, {"offers", "--watch"});
    CHECK(ran.exit == 0);
    CHECK(ran.out ==
          "new\tof_2QK7T0AB\tvelo\tRockrider 540\t858.90 EUR\t81\n"
          "new\tof_2QK9AAAA\tdecat\tTrail 5\t880.00 EUR\t78\n"
          "revised\tof_2QK9AAAA\tdecat\tTrail 5\t840.00 EUR\t78\n"
          "new\tof_9ZZZBBBB\tdecat\tTrail 3 with a very long name of its own\t612.00 EUR\t-\n");
    CHECK(says(ran.err, "nothing more can come"));
    CHECK(events_asked(daemon) ==
          std::vector<std::string>{"GET /v1/events?after=17&wait=20&intent=in_7F2K9QXD",
                                   "GET /v1/events?after=18&wait=20&intent=in_7F2K9QXD",
                                   "GET /v1/events?after=18&wait=20&intent=in_7F2K9QXD"});
  }

  TEST_CASE("watched in JSON, each change is a document of its own") {
    FakeDaemon daemon;
    can_offers(daemon);
    daemon.answer_in_turn(kOffersLine,
                          {{200, offers_of({kRockrider})}, {200, offers_of({kRockrider, kTrail})}});
    daemon.answer(kIntentLine, intent_in("closed"));
    daemon.answer("GET /v1/events", events_to(18, "offer_made"));
    const auto ran = run_with(daemon, {"offers", "--watch", "--json"});
    CHECK(ran.exit == 0);
    const auto documents = documents_in(ran.out);
    REQUIRE(documents.size() == 2);
    for (const auto& document : documents) {
      CHECK(document["schema"] == "vrm.change/1");
      CHECK(document["kind"] == "offer_made");
      CHECK(document["intent"] == "in_7F2K9QXD");
    }
    CHECK(documents[1]["offer"]["id"] == "of_2QK9AAAA");
  }

  TEST_CASE("a watch goes on over a dropped connection, a daemon away and a locked vault") {
    FakeDaemon daemon;
    can_offers(daemon);
    daemon.answer_in_turn(
        kOffersLine,
        {{200, offers_of({kRockrider})}, {423, kLocked}, {200, offers_of({kRockrider, kTrail})}});
    daemon.answer_in_turn(kIntentLine, {{503, kAway}, {200, intent_in("cancelled")}});
    daemon.answer_in_turn("GET /v1/events", {{200, "", true}, {503, kAway}, {200, events_to(40)}});
    const auto ran = run_with(daemon, {"offers", "--watch"});
    CHECK(ran.exit == 0);
    CHECK(says(ran.out, "new\tof_2QK9AAAA"));
    CHECK(says(ran.err, "trying again"));
    for (const auto& line : events_asked(daemon))
      CHECK(line == "GET /v1/events?after=17&wait=20&intent=in_7F2K9QXD");
    CHECK(events_asked(daemon).size() == 3);
  }

  TEST_CASE("a watch that missed something looks again, and another refusal ends it") {
    FakeDaemon daemon;
    can_offers(daemon);
    daemon.answer_in_turn("GET /v1/events",
                          {{200, R"({"cursor":99,"missed":true,"items":[]})"},
                           {500, R"({"error":{"code":"corrupt","message":"m"}})"}});
    const auto ran = run_with(daemon, {"offers", "--watch"});
    CHECK(ran.exit == 12);
    CHECK(events_asked(daemon).back() == "GET /v1/events?after=99&wait=20&intent=in_7F2K9QXD");
    daemon.answer(kOffersLine, kLocked, 423);
    CHECK(run_with(daemon, {"offers", "--watch"}).exit == 4);
  }

  TEST_CASE("a short time for calls leaves room for the answer") {
    FakeDaemon daemon;
    can_offers(daemon);
    daemon.answer("GET /v1/events", R"({"error":{"code":"corrupt","message":"m"}})", 500);
    CHECK(run_with(daemon, {"offers", "--watch", "--timeout", "3s"}).exit == 12);
    CHECK(says(events_asked(daemon).back(), "&wait=2&"));
  }

  TEST_CASE("on a terminal the table is drawn over itself, and Ctrl-C ends it well") {
    FakeDaemon daemon;
    can_offers(daemon);
    daemon.answer_in_turn(kOffersLine,
                          {{200, offers_of({kRockrider})}, {200, offers_of({kRockrider, kTrail})}});
    daemon.answer_in_turn("GET /v1/events",
                          {{200, events_to(18, "offer_made")}, {200, events_to(18)}});
    How how;
    how.environment["VRM_VAULT"] = daemon.folder().path();
    const auto ran =
        run_on_terminal({"offers", "--watch", "--no-color"}, {{"Trail 5", "\x03"}}, how);
    CHECK(ran.exit == 0);
    CHECK(says(ran.out, "\x1B[9A\r\x1B[J"));
    CHECK(ran.out.ends_with("\x1B[0m\x1B[?7h\r\x1B[K"));
  }

  TEST_CASE("a long table ends where the terminal does") {
    FakeDaemon daemon;
    can_offers(daemon);
    std::vector<CannedOffer> many;
    for (int at = 0; at < 100; ++at) {
      many.push_back(kTrail);
      many.back().id = "of_2QK" + std::to_string(10000 + at);
    }
    daemon.answer(kOffersLine, offers_of(many));
    daemon.answer(kIntentLine, intent_in("closed"));
    daemon.answer("GET /v1/events", events_to(18, "intent_closed"));
    const auto ran =
        run_on_terminal({"offers", "--watch", "--no-color", "--vault", daemon.folder().path()});
    CHECK(ran.exit == 0);
    CHECK(says(ran.out, "\x1B[23A"));
    CHECK_FALSE(says(ran.out, "\x1B[24A"));
  }

  TEST_CASE("one offer shows the sum behind its score and what each field is for") {
    FakeDaemon daemon;
    daemon.answer("GET /v1/offers/of_2Q", kOffer);
    const auto ran = run_with(daemon, {"offer", "show", "of_2Q"});
    CHECK(ran.exit == 0);
    CHECK(says(ran.out, "price                5 ×    90 =   450\n"));
    CHECK(says(ran.out, "sum / weights     1060 /    13 ≈    81\n"));
    CHECK(says(ran.out, "delivery, when it ships, kept 30 days, passed on to La Poste"));
    CHECK(run_with(daemon, {"offer", "of_2Q"}).out == ran.out);
    CHECK(run_with(daemon, {"offer", "show", "of_…"}).exit == 2);
    CHECK(run_with(daemon, {"offer", "show", "of_9"}).exit == 3);
  }

  TEST_CASE("the state and the short help tell of open intents, when the daemon counts them") {
    FakeDaemon daemon;
    daemon.answer("GET /v1/status", kStatusOpen);
    CHECK_FALSE(says(run_with(daemon, {"status"}).out, "vrm offers"));
    auto status = read_json(kStatusOpen).value();
    status["counts"]["intents_open"] = 1;
    status["counts"]["offers_live"] = 3;
    daemon.answer("GET /v1/status", write_json(status));
    CHECK(says(run_with(daemon, {"status"}).out,
               "Intents     1 open intent, 3 live offers   vrm offers\n"));
    CHECK(says(run_with(daemon, {}).out, "  1 open intent, 3 live offers    vrm offers\n"));
    CHECK(says(run_with(daemon, {"status", "--lang", "fr"}).out,
               "1 intention ouverte, 3 offres valables   vrm offers"));
  }

  TEST_CASE("a grant that waits for its brand's acknowledgement says so") {
    FakeDaemon daemon;
    auto grant = read_json(kGrant).value();
    grant["state"] = "held";
    daemon.answer("GET /v1/grants/gr_7F", write_json(grant));
    CHECK(says(run_with(daemon, {"grants", "gr_7F"}).out, "waits for the brand"));
  }

  TEST_CASE("turning an offer down") {
    FakeDaemon daemon;
    daemon.answer("POST /v1/offers/of_2Q/decline", kOffer);
    CHECK(says(run_with(daemon, {"decline", "of_2Q"}).out, "of velo is declined"));
    daemon.answer("POST /v1/offers/of_2Q/decline",
                  R"({"error":{"code":"conflict","message":"not live"}})", 409);
    CHECK(run_with(daemon, {"decline", "of_2Q"}).exit == 8);
    CHECK(run_with(daemon, {"decline", "of_..."}).exit == 2);
  }
}
