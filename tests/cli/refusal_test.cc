// Exit codes, the contract of --json, and what a hostile brand may write.

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "tests/cli/documents.h"
#include "tests/cli/fake_daemon.h"
#include "tests/cli/run_vrm.h"
#include "vault/base/json.h"
#include "vault/base/text.h"

using namespace vrm;
using namespace vrm::cli_test;

namespace {

Ran run_with(const FakeDaemon& daemon, std::vector<std::string> words, How how = {}) {
  how.environment["VRM_VAULT"] = daemon.folder().path();
  return run_vrm(words, how);
}

std::string error_document(const std::string& code) {
  return R"({"error":{"code":")" + code + R"(","message":"words of the daemon"}})";
}

bool is_one_line_of_json(const std::string& text) {
  return text.ends_with('\n') && text.find('\n') == text.size() - 1 &&
         read_json(text.substr(0, text.size() - 1), JsonLimits{.bytes = 1 << 20, .depth = 32}).ok();
}

const std::vector<std::vector<std::string>>& all_reading_commands() {
  static const std::vector<std::vector<std::string>> all = {
      {"status"},
      {"daemon", "status"},
      {"list"},
      {"get", "a.b"},
      {"get", "a.b", "c.d"},
      {"set", "a.b", "v"},
      {"unset", "a.b", "-y"},
      {"unset", "a.b", "c.d", "-y"},
      {"import", "-"},
      {"import", "--undo", "im_2Q"},
      {"brand", "add", "https://velo.example/b.json"},
      {"brand"},
      {"brand", "show", "velo"},
      {"brand", "block", "velo"},
      {"brand", "unblock", "velo"},
      {"request"},
      {"request", "show", "rq_7F"},
      {"approve", "rq_7F"},
      {"deny", "rq_7F"},
      {"grant", "velo", "a.b", "--purpose", "delivery"},
      {"grants"},
      {"grants", "gr_7F"},
      {"revoke", "gr_7F"},
      {"backup"},
      {"backup", "--verify", "a.vrmbak"},
      {"intent", "bike", "--to", "velo", "-y"},
      {"intent", "bike", "--to", "velo", "--dry-run"},
      {"intent", "list"},
      {"intent", "show", "in_7F"},
      {"intent", "cancel", "in_7F"},
      {"offers", "in_7F"},
      {"offers", "in_7F", "--watch"},
      {"offer", "show", "of_2Q"},
      {"accept", "of_2Q", "-y"},
      {"accept", "of_2Q", "--dry-run"},
      {"decline", "of_2Q"},
      {"log"},
      {"lock"},
      {"seal"}};
  return all;
}

// Every text that a document may have, filled with what would harm a terminal.
std::string hostile_document() {
  const std::string evil =
      R"(\u001b]0;owned\u0007\u001b[2J\u202eevil\u2066\nvrm: all is well\r\u009b31m\udb40\udc41\u200b)";
  std::string item = "{";
  for (const auto* name :
       {"id",          "field",        "value",        "type",        "brand",
        "name",        "brand_name",   "domain",       "fingerprint", "state",
        "known_since", "received_at",  "purpose",      "reason",      "binding_message",
        "until",       "expires_at",   "last_read_at", "kind",        "outcome",
        "at",          "grant",        "change",       "message",     "say",
        "introduced",  "introduction", "issuer",       "auth_req_id", "format",
        "card",        "place",        "code",         "text",        "category",
        "near",        "deadline",     "delivery",     "made_at",     "offers_until",
        "offer",       "intent",       "title",        "arrives",     "valid_until",
        "why",         "needed_at",    "order",        "url",         "bytes",
        "signed_by",   "next_at"})
    item += "\"" + std::string(name) + "\":\"" + evil + "\",";
  item += R"("fields":[")" + evil + R"("],"tags":[")" + evil + R"("],"recipients":[")" + evil +
          R"("],"have":true,"unusual":true,"sensitive":true,"reads":2,"total":{"amount":")" + evil +
          R"(","currency":")" + evil + R"("},"price_change":{"amount":")" + evil +
          R"("},"claims":{")" + evil + R"(":")" + evil + R"("},)";
  const std::string inner = item + R"("line":3})";
  std::string document = item;
  for (const auto* list :
       {"items", "needed", "optional", "problems", "readers", "damages", "served", "warnings",
        "messages", "brands", "must", "nice", "musts", "data", "parts", "revisions", "send"})
    document += "\"" + std::string(list) + "\":[" + inner + "],";
  document += R"("vault":{"state":"open","folder":")" + evil + R"(","locks_at":")" + evil +
              R"(","damages":[)" + inner + R"(]},"daemon":{"version":")" + evil +
              R"("},"brand_door":{"base":")" + evil + R"("}})";
  return document;
}

void check_harmless(const std::string& text, bool terminal) {
  std::string line;
  for (const char c : text + "\n") {
    if (c == '\r' && terminal) continue;
    if (c == '\t' && !terminal) continue;
    if (c != '\n') {
      line += c;
      continue;
    }
    CHECK(printable(line, 1'000'000) == line);
    CHECK_FALSE(line.starts_with("vrm: all is well"));
    line.clear();
  }
}

// What redraws a table, which is ours.
std::string without_drawing(std::string text) {
  for (const std::string ours : {"\x1B[J", "\x1B[?7l", "\x1B[?7h"})
    for (auto at = text.find(ours); at != text.npos; at = text.find(ours))
      text.erase(at, ours.size());
  return text;
}

}  // namespace

TEST_SUITE("cli/refusal") {
  TEST_CASE("each refusal of the daemon ends with its exit code and a sentence") {
    const std::vector<std::pair<std::string, int>> codes = {
        {"io", 1},       {"malformed", 2}, {"not_found", 3}, {"locked", 4},   {"denied", 6},
        {"conflict", 8}, {"no_vault", 10}, {"bad_key", 11},  {"corrupt", 12}, {"unavailable", 13}};
    FakeDaemon daemon;
    for (const auto& entry : codes) {
      const auto& code = entry.first;
      const int exit = entry.second;
      CAPTURE(code);
      daemon.answer_all(error_document(code), 400);
      const auto ran = run_with(daemon, {"list"});
      CHECK(ran.exit == exit);
      CHECK(ran.out.empty());
      CHECK(ran.err.starts_with("vrm: "));
      if (code != "no_vault") CHECK(ran.err.find("words of the daemon") != ran.err.npos);
    }
  }

  TEST_CASE("in JSON a refusal is one line on stderr, and stdout is empty") {
    FakeDaemon daemon;
    daemon.answer_all(error_document("locked"), 423);
    for (const auto& words : all_reading_commands()) {
      CAPTURE(words[0]);
      auto typed = words;
      typed.insert(typed.begin(), "--json");
      const auto ran = run_with(daemon, typed);
      CHECK(ran.exit == 4);
      CHECK(ran.out.empty());
      REQUIRE(is_one_line_of_json(ran.err));
      CHECK(read_json(ran.err.substr(0, ran.err.size() - 1)).value()["error"]["exit"] == 4);
    }
    const auto usage = run_with(daemon, {"--json", "statsu"});
    CHECK(usage.exit == 2);
    CHECK(is_one_line_of_json(usage.err));
  }

  TEST_CASE("in JSON an answer is one document on stdout, safe to show, and stderr is empty") {
    FakeDaemon daemon;
    daemon.answer_all(hostile_document());
    for (const auto& words : all_reading_commands()) {
      CAPTURE(words[0]);
      auto typed = words;
      typed.emplace_back("--json");
      const auto ran = run_with(daemon, typed);
      CHECK(ran.exit == 0);
      CHECK(is_one_line_of_json(ran.out));
      CHECK(ran.err.empty());
      check_harmless(ran.out, false);
    }
  }

  TEST_CASE("the JSON document says the same as the daemon's") {
    FakeDaemon daemon;
    daemon.answer_all(hostile_document());
    const auto ran = run_with(daemon, {"grants", "--json"});
    const JsonLimits large{.bytes = 1 << 20, .depth = 32};
    CHECK(read_json(ran.out.substr(0, ran.out.size() - 1), large).value() ==
          read_json(hostile_document(), large).value());
  }

  TEST_CASE("an empty list is an empty list in JSON and a word on stderr in text") {
    FakeDaemon daemon;
    daemon.answer_all(R"({"schema":"vrm.grants/1","items":[]})");
    CHECK(run_with(daemon, {"grants", "--json"}).out ==
          "{\"items\":[],\"schema\":\"vrm.grants/1\"}\n");
    for (const auto& words : std::vector<std::vector<std::string>>{
             {"grants"}, {"request"}, {"brand"}, {"log"}, {"list"}}) {
      const auto ran = run_with(daemon, words);
      CHECK(ran.exit == 0);
      CHECK(ran.out.empty());
      CHECK_FALSE(ran.err.empty());
    }
    const auto waiting = run_with(daemon, {"request"}).err;
    CHECK(run_with(daemon, {"request", "list", "--all"}).err != waiting);
  }

  TEST_CASE("what a brand writes moves no cursor, reverses no line and begins none") {
    FakeDaemon daemon;
    daemon.answer_all(hostile_document());
    for (const auto& words : all_reading_commands()) {
      CAPTURE(words[0]);
      const auto ran = run_with(daemon, words);
      CHECK(ran.exit == 0);
      const bool says_nothing_of_theirs = words[0] == "unset" || words[0] == "seal";
      CHECK((says_nothing_of_theirs || ran.out.find("evil") != ran.out.npos));
      check_harmless(ran.out, false);
      check_harmless(ran.err, false);
    }
  }

  TEST_CASE("the same on a terminal") {
    FakeDaemon daemon;
    daemon.answer_all(hostile_document());
    for (const auto& words : all_reading_commands()) {
      CAPTURE(words[0]);
      if (words[0] == "import") continue;  // reads standard input
      auto typed = words;
      typed.insert(typed.end(), {"--no-color", "--vault", daemon.folder().path()});
      const auto ran = run_on_terminal(typed);
      CHECK(ran.exit == 0);
      const bool draws = words.back() == "--watch";
      check_harmless(draws ? without_drawing(ran.out) : ran.out, true);
    }
  }

  TEST_CASE("a hostile error of the daemon is shown harmlessly") {
    FakeDaemon daemon;
    daemon.answer_all(
        R"({"error":{"code":"denied","say":"time.not_a_date","with":{"text":"\u001b[2J\u202e\nvrm: all is well"},"message":"\u001b[2J"}})",
        403);
    for (const auto& words : std::vector<std::vector<std::string>>{{"list"}, {"list", "--json"}}) {
      const auto ran = run_with(daemon, words);
      CHECK(ran.exit == 6);
      check_harmless(ran.err, false);
    }
  }

  TEST_CASE("an answer that is no document is told as such") {
    FakeDaemon daemon;
    for (const auto* body : {"", "[]", "{\"a\":1.5}", "<html>", "{\"a\":1,\"a\":2}"}) {
      CAPTURE(body);
      daemon.answer_all(body);
      const auto ran = run_with(daemon, {"status"});
      CHECK(ran.exit == 1);
      CHECK(ran.out.empty());
    }
  }

  TEST_CASE("documents with other types or missing members are shown without a stumble") {
    FakeDaemon daemon;
    for (
        const auto* body :
        {"{}", R"({"items":3,"vault":[],"counts":"x","brand":7,"reads":[],"fields":{}})",
         R"({"items":[3,null,"x",[],{}],"needed":[1],"optional":[null],"problems":[4],"readers":{}})"}) {
      daemon.answer_all(body);
      for (const auto& words : all_reading_commands()) {
        CAPTURE(words[0]);
        CHECK(run_with(daemon, words).exit == 0);
      }
    }
  }

  TEST_CASE("things left out of an import end with 9, after the report") {
    FakeDaemon daemon;
    daemon.answer_all(import_report(true));
    const auto ran = run_with(daemon, {"import", "-", "--json"});
    CHECK(ran.exit == 9);
    CHECK(is_one_line_of_json(ran.out));
    CHECK(is_one_line_of_json(ran.err));
    daemon.answer_all(import_report(false));
    CHECK(run_with(daemon, {"import", "-", "--preview"}).exit == 0);
  }

  TEST_CASE("a damage found ends with 12") {
    FakeDaemon daemon;
    daemon.answer_all(kDamaged);
    CHECK(run_with(daemon, {"verify"}).exit == 12);
    CHECK(run_with(daemon, {"log", "verify", "--json"}).exit == 12);
  }

  TEST_CASE("a question that nobody can answer ends with 7 and names the flag") {
    FakeDaemon daemon;
    daemon.answer("GET /v1/status", status_in("sealed"));
    const auto unlock = run_with(daemon, {"unlock"});
    CHECK(unlock.exit == 7);
    CHECK(unlock.err.find("--password-command") != unlock.err.npos);
    CHECK(run_with(daemon, {"set", "contact.email"}).exit == 7);
    daemon.answer("GET /v1/fields/contact.email", kEmail);
    CHECK(run_with(daemon, {"unset", "contact.email"}).exit == 7);
    CHECK(run_with(daemon, {"revoke", "--all"}).exit == 7);
    CHECK(run_on_terminal({"unlock", "--no-input", "--vault", daemon.folder().path()}).exit == 7);
    CHECK(daemon.asked().back().line == "GET /v1/status");
  }

  TEST_CASE("a reader that goes away ends it without a word") {
    FakeDaemon daemon;
    daemon.answer_all(kLog);
    How how;
    how.closed_pipe = true;
    const auto ran = run_with(daemon, {"log", "-q"}, how);
    CHECK(ran.exit == 128 + 13);
    CHECK(ran.err.empty());
  }

  TEST_CASE("a full disk behind stdout is an error") {
    FakeDaemon daemon;
    daemon.answer_all(kLog);
    How how;
    how.stdout_path = "/dev/full";
    const auto ran = run_with(daemon, {"log", "-q"}, how);
    CHECK(ran.exit == 1);
    CHECK(ran.err.starts_with("vrm: "));
  }

  TEST_CASE("calls go to the owner's door as it wants them") {
    FakeDaemon daemon;
    daemon.answer_all(kGrant);
    REQUIRE(run_with(daemon, {"approve", "rq_7F", "--only", "a.b,c.d", "--for", "7d", "--max-reads",
                              "3", "--served-while-locked"})
                .exit == 0);
    const auto asked = daemon.asked().back();
    CHECK(asked.line == "POST /v1/requests/rq_7F/approve");
    CHECK(asked.host == "vrm");
    CHECK(asked.type == "application/json");
    CHECK(read_json(asked.body).value() ==
          read_json(R"({"only":["a.b","c.d"],"for":"7d","max_reads":3,"served_while_locked":true})")
              .value());
    REQUIRE(run_with(daemon, {"log", "--brand", "velo", "--kind", "read", "--since", "2026-11-21",
                              "--limit", "5"})
                .exit == 0);
    CHECK(daemon.asked().back().line ==
          "GET /v1/log?brand=velo&kind=read&since=2026-11-21T00%3A00%3A00Z&limit=5");
    REQUIRE(run_with(daemon, {"revoke", "gr_7F", "gr_A9"}).exit == 0);
    CHECK(daemon.asked().back().body == R"({"ids":["gr_7F","gr_A9"]})");
    REQUIRE(run_with(daemon, {"revoke", "--all", "-y"}).exit == 0);
    CHECK(daemon.asked().back().body == R"({"all":true})");
  }
}
