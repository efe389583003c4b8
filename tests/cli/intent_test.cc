// What `vrm intent` sends, follows and refuses.

#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/typed_date.h"
#include "tests/cli/documents.h"
#include "tests/cli/fake_daemon.h"
#include "tests/cli/intent_documents.h"
#include "tests/cli/run_vrm.h"
#include "vault/base/json.h"

using namespace vrm;
using namespace vrm::cli_test;

namespace {

Ran run_with(const FakeDaemon& daemon, std::vector<std::string> words, How how = {}) {
  how.environment["VRM_VAULT"] = daemon.folder().path();
  return run_vrm(words, how);
}

bool says(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

void can_intents(FakeDaemon& daemon) {
  daemon.answer("GET /v1/brands", kBrands);
  daemon.answer("GET /v1/events?after=0", events_to(16));
  daemon.answer("GET /v1/events", events_to(17, "intent_sent"));
  daemon.answer("POST /v1/intents", intent_in("open"));
  daemon.answer("POST /v1/intents?dry_run=1", kDryRun);
  daemon.answer("GET /v1/intents/in_7F2K9QXD", intent_in("open"));
}

nlohmann::json body_of(const FakeDaemon& daemon, const std::string& line) {
  for (const auto& asked : daemon.asked())
    if (asked.line == line) return read_json(asked.body).value();
  return nullptr;
}

std::ptrdiff_t calls_of(const FakeDaemon& daemon, const std::string& beginning) {
  const auto asked = daemon.asked();
  return std::count_if(asked.begin(), asked.end(),
                       [&](const Asked& one) { return one.line.starts_with(beginning); });
}

}  // namespace

TEST_SUITE("cli/intent") {
  TEST_CASE("everything typed is in the body, and nothing else") {
    FakeDaemon daemon;
    can_intents(daemon);
    const auto ran = run_with(daemon, {"intent",      "mountain",    "bike",
                                       "--category",  "bicycle",     "--max",
                                       "900EUR",      "--tell-max",  "none",
                                       "--by",        "2999-11-27",  "--tell-by",
                                       "exact",       "--near",      "Lyon",
                                       "--must",      "frame=L",     "--must",
                                       "a=b=c",       "--nice",      "colour=x",
                                       "--gtin",      "1",           "--gtin",
                                       "2",           "--to",        "velo,bike",
                                       "--to",        "tag:x,other", "--open-for",
                                       "48h",         "--weights",   "price=5,données=0",
                                       "--no-jitter", "-y"});
    CHECK(ran.exit == 0);
    const auto wanted = read_json(
        R"({"text":"mountain bike","category":"bicycle","max":"900EUR","tell_max":"none","by":"2999-11-27","tell_by":"exact","near":"Lyon",)"
        R"("must":[{"name":"frame","value":"L"},{"name":"a","value":"b=c"}],"nice":[{"name":"colour","value":"x"}],"gtin":["1","2"],)"
        R"("to":["velo","tag:bike","tag:x","other"],"open_for":"48h","weights":{"price":5,"data":0},"jitter":false})");
    CHECK(body_of(daemon, "POST /v1/intents") == wanted.value());
    CHECK(run_with(daemon, {"intent", "new", "bike", "--to", "velo", "-y"}).exit == 0);
    CHECK(daemon.asked().back().line == "POST /v1/intents");
  }

  TEST_CASE("nothing is sent before the person has seen what, to whom, and said yes") {
    FakeDaemon daemon;
    can_intents(daemon);
    for (const auto& words :
         std::vector<std::vector<std::string>>{{"intent", "mountain", "bike", "--to", "velo"},
                                               {"intent", "bike", "--to", "velo", "--no-input"}}) {
      const auto ran = run_with(daemon, words);
      CHECK(ran.exit == 7);
      CHECK(says(ran.err, "add --yes"));
    }
    const std::vector<std::string> typed = {
        "intent", "mountain", "bike", "--to", "velo", "--vault", daemon.folder().path()};
    const auto no = run_on_terminal(typed, {{"[y/N]", "n\n"}});
    CHECK(no.exit != 0);
    CHECK(says(no.out, "“mountain bike”"));
    CHECK(says(no.out, "900.00 EUR (brands hear 1000.00 EUR)"));
    CHECK(says(no.out, "velo"));
    CHECK(says(no.out, "Send it to 1 brand?"));
    CHECK(calls_of(daemon, "POST /v1/intents") == calls_of(daemon, "POST /v1/intents?dry_run=1"));
    const auto yes = run_on_terminal(typed, {{"[y/N]", "y\n"}});
    CHECK(yes.exit == 0);
    CHECK(body_of(daemon, "POST /v1/intents") ==
          read_json(R"({"text":"mountain bike","to":["velo"]})").value());
  }

  TEST_CASE("what came of each brand is told, and who offers nothing below the offers") {
    FakeDaemon daemon;
    can_intents(daemon);
    auto quiet = read_json(intent_in("open")).value();
    quiet["brands"][0].update({{"answer", "no_offer"}, {"offers", 0}});
    quiet["brands"][1].update({{"answer", nullptr}, {"offers", 0}});
    daemon.answer("GET /v1/intents/in_7F", quiet.dump());
    daemon.answer("GET /v1/intents/in_7F2K9QXD", quiet.dump());
    const auto shown = run_with(daemon, {"intent", "show", "in_7F"});
    CHECK(says(shown.out, "velo              nothing to offer"));
    CHECK(says(shown.out, "decat             told, no answer so far"));
    const auto none = R"({"schema":"vrm.offers/1","items":[]})";
    daemon.answer("POST /v1/intents/in_7F/offers", none);
    const auto offers = run_with(daemon, {"offers", "in_7F"});
    CHECK(says(offers.err, "nothing to offer: velo"));
    CHECK(says(offers.err, "told, no answer so far: decat"));
    CHECK(says(offers.err, "No offer has come yet"));
    quiet["brands"][1]["answer"] = "no_offer";
    daemon.answer("GET /v1/intents/in_7F", quiet.dump());
    CHECK(says(run_with(daemon, {"offers", "in_7F"}).err,
               "Every brand that was asked has nothing to offer"));
  }

  TEST_CASE("a day typed in words is the person's own day") {
    FakeDaemon daemon;
    can_intents(daemon);
    const auto before = cli::today();
    CHECK(
        run_with(daemon, {"intent", "bike", "--to", "velo", "--by", "demain", "--dry-run"}).exit ==
        0);
    const auto by = body_of(daemon, "POST /v1/intents?dry_run=1").value("by", "");
    // The day may turn between the two.
    CHECK((by == cli::date_text(before + std::chrono::days(1)) ||
           by == cli::date_text(cli::today() + std::chrono::days(1))));
  }

  TEST_CASE("what cannot be meant is refused before anything is sent") {
    const FakeDaemon daemon;
    const std::vector<std::pair<std::vector<std::string>, std::string>> wrong = {
        {{"intent", "bike"}, "--to BRAND"},
        {{"intent", "bike", "--to", ","}, "--to BRAND"},
        {{"intent", "--to", "velo"}, "something is missing"},
        {{"intent", "bike", "--to", "velo", "--must", "frame"}, "--must frame=L"},
        {{"intent", "bike", "--to", "velo", "--nice", "=L"}, "--must frame=L"},
        {{"intent", "bike", "--to", "velo", "--nice", "frame="}, "--must frame=L"},
        {{"intent", "bike", "--to", "velo", "--weights", "price"}, "--weights price=5"},
        {{"intent", "bike", "--to", "velo", "--weights", "price=5x"}, "--weights price=5"},
        {{"intent", "bike", "--to", "velo", "--weights", ""}, "--weights price=5"},
        {{"intent", "bike", "--to", "velo", "--by", "someday"}, "--by friday"},
        {{"intent", "bike", "--to", "velo", "--by", "2001-02-03"}, "“2001-02-03” is over"},
        {{"intent", "bike", "--too", "velo"}, "Did you mean: --to"},
        {{"intent", "shwo", "in_7F"}, "Did you mean: intent show"},
        {{"intent", "cancle", "in_7F"}, "Did you mean: intent cancel"},
        {{"intent", "cancel"}, "something is missing"}};
    for (const auto& entry : wrong) {
      const auto& words = entry.first;
      const auto& part = entry.second;
      CAPTURE(words.back());
      const auto ran = run_with(daemon, words);
      CHECK(ran.exit == 2);
      CHECK(ran.out.empty());
      CHECK(says(ran.err, part));
    }
    CHECK(calls_of(daemon, "POST") == 0);
  }

  TEST_CASE("the daemon's refusals are told in its words") {
    FakeDaemon daemon;
    can_intents(daemon);
    daemon.answer(
        "POST /v1/intents",
        R"({"error":{"code":"malformed","say":"purpose.unknown","with":{"purpose":"x"},"message":"m"}})",
        400);
    const auto ran = run_with(daemon, {"intent", "bike", "--to", "velo", "-y"});
    CHECK(ran.exit == 2);
    CHECK(says(ran.err, "“x” is not a purpose"));
    daemon.answer("GET /v1/intents?all=1", kIntents);
    CHECK(says(run_with(daemon, {"intent", "show", "in_…"}).err, "stands for an id"));
  }

  TEST_CASE("a dry run shows the exact claims and bytes of each brand, and sends nothing") {
    FakeDaemon daemon;
    can_intents(daemon);
    const auto ran = run_with(daemon, {"intent", "bike", "--to", "velo", "--dry-run"});
    CHECK(ran.exit == 0);
    CHECK(says(ran.out, "https://velo.example/vrm/intents"));
    CHECK(says(ran.out, "\n      \"@type\": \"Demand\""));
    CHECK(says(ran.out, "\n  eyJhbGciOiJFZERTQSJ9.eyJpc3Mi"));
    CHECK(says(ran.out, "your real limit, your real deadline, what counts for you"));
    const auto json = run_with(daemon, {"intent", "bike", "--to", "velo", "--dry-run", "--json"});
    CHECK(read_json(json.out).value() == read_json(kDryRun).value());
    CHECK(calls_of(daemon, "POST /v1/intents") == calls_of(daemon, "POST /v1/intents?dry_run=1"));
    CHECK(calls_of(daemon, "GET /v1/events") == 0);
  }

  TEST_CASE("piped, each change is a line, from the number read before it was sent") {
    FakeDaemon daemon;
    can_intents(daemon);
    daemon.answer("POST /v1/intents", intent_in("open", "waiting", "waiting"));
    daemon.answer_in_turn("GET /v1/intents/in_7F2K9QXD",
                          {{200, intent_in("open", "sent", "waiting")},
                           {200, intent_in("open", "sent", "waiting")},
                           {200, intent_in("open", "sent", "retrying")}});
    const auto ran = run_with(daemon, {"intent", "bike", "--to", "velo", "-y"});
    CHECK(ran.exit == 0);
    CHECK(ran.out ==
          "in_7F2K9QXD “mountain bike” goes to 2 brands; each hears it under a name made for this "
          "alone, also if it knows you; offers until 2024-11-23T14:00:00Z.\n"
          "  velo              has it\n"
          "  decat             not reached yet, tried again at 2024-11-21T14:10:00Z\n");
    CHECK(says(ran.err, "vrm offers in_7F2K9QXD --watch"));
    std::vector<std::string> lines;
    for (const auto& asked : daemon.asked()) lines.push_back(asked.line);
    CHECK(lines[1] == "GET /v1/events?after=0");
    CHECK(lines[2] == "POST /v1/intents");
    CHECK(lines[3].starts_with("GET /v1/events?after=16&wait="));
    CHECK(lines[3].ends_with("&intent=in_7F2K9QXD"));
    CHECK(lines[5].starts_with("GET /v1/events?after=17&wait="));
  }

  TEST_CASE("the wait has an end, --no-wait has none, and what is given up is told") {
    FakeDaemon daemon;
    can_intents(daemon);
    daemon.answer("POST /v1/intents", intent_in("open", "waiting", "dead"));
    daemon.answer("GET /v1/intents/in_7F2K9QXD", intent_in("open", "waiting", "dead"));
    const auto ran = run_with(daemon, {"intent", "bike", "--to", "velo", "-y", "--wait", "1s"});
    CHECK(ran.exit == 0);
    CHECK(says(ran.out, "decat             given up"));
    CHECK(says(ran.err, "not every brand has it yet"));
    const auto calls = calls_of(daemon, "GET /v1/events");
    CHECK(calls > 1);
    CHECK(run_with(daemon, {"intent", "bike", "--to", "velo", "-y", "--no-wait"}).exit == 0);
    CHECK(calls_of(daemon, "GET /v1/events") == calls);
    CHECK(run_with(daemon, {"intent", "bike", "--to", "velo", "-y", "--wait", "long"}).exit == 2);
  }

  TEST_CASE("in JSON the intent as it is in the end is one document; quiet, its id") {
    FakeDaemon daemon;
    can_intents(daemon);
    daemon.answer("POST /v1/intents", intent_in("open", "waiting", "waiting"));
    const auto json = run_with(daemon, {"intent", "bike", "--to", "velo", "-y", "--json"});
    REQUIRE(read_json(json.out).ok());
    CHECK(read_json(json.out).value()["brands"][0]["delivery"] == "sent");
    CHECK(run_with(daemon, {"intent", "bike", "--to", "velo", "-y", "-q"}).out == "in_7F2K9QXD\n");
  }

  TEST_CASE("on a terminal a line moves until all have it, and then who has it stays") {
    FakeDaemon daemon;
    can_intents(daemon);
    daemon.answer("POST /v1/intents", intent_in("open", "waiting", "waiting"));
    daemon.answer_in_turn("GET /v1/intents/in_7F2K9QXD",
                          {{200, intent_in("open", "sent", "waiting")}, {200, intent_in("open")}});
    const auto ran = run_on_terminal(
        {"intent", "bike", "--to", "velo", "-y", "--no-color", "--vault", daemon.folder().path()});
    CHECK(ran.exit == 0);
    CHECK(says(ran.out, "told so far: 0 of 2 brands"));
    CHECK(says(ran.out, "\x1B[1A\r\x1B[J\x1B[?7l  told so far: 1 of 2 brands"));
    const auto end = ran.out.rfind("\x1B[J");
    CHECK(says(ran.out.substr(end), "velo              has it\r\n  decat             has it\r\n"));
  }

  TEST_CASE("a noun alone lists, a text makes one, a verb is a verb") {
    FakeDaemon daemon;
    can_intents(daemon);
    daemon.answer("GET /v1/intents", kIntents);
    daemon.answer("GET /v1/intents?all=1", kIntents);
    daemon.answer("POST /v1/intents/in_7F/cancel", intent_in("cancelled"));
    for (const auto& words :
         std::vector<std::vector<std::string>>{{"intent"}, {"intents"}, {"intent", "list"}}) {
      CHECK(run_with(daemon, words).exit == 0);
      CHECK(daemon.asked().back().line == "GET /v1/intents");
    }
    CHECK(run_with(daemon, {"intent", "--all"}).exit == 0);
    CHECK(daemon.asked().back().line == "GET /v1/intents?all=1");
    CHECK(says(run_with(daemon, {"intent", "cancel", "in_7F"}).out, "is ended"));
    daemon.answer("GET /v1/intents", R"({"items":[]})");
    CHECK(says(run_with(daemon, {"intent"}).err, "--to BRAND"));
  }
}
