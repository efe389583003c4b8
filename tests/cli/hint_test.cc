// What a person in doubt is told: what is hidden, what was given, what to type instead.

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "tests/cli/documents.h"
#include "tests/cli/fake_daemon.h"
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

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  REQUIRE(at != text.npos);
  return text.replace(at, from.size(), to);
}

std::string refusal_of(const std::string& code, const std::string& say) {
  return R"({"error":{"code":")" + code + R"(","say":")" + say +
         R"(","with":{"host":"127.0.0.1"},"message":"x"}})";
}

}  // namespace

TEST_SUITE("cli/hint") {
  TEST_CASE("a sensitive value is hidden in lists, requests and imports, unless --reveal") {
    FakeDaemon daemon;
    daemon.answer("GET /v1/fields", kFields);
    daemon.answer("GET /v1/fields/person.birthdate", kBirth);
    daemon.answer("GET /v1/requests/rq_7F", kRequest);
    daemon.answer("POST /v1/import?format=auto&preview=1", import_report(false));
    const auto card = daemon.folder().file("ana.vcf", "BEGIN:VCARD\n");
    for (const auto& words : std::vector<std::vector<std::string>>{
             {"list"}, {"request", "show", "rq_7F"}, {"import", card, "--preview"}}) {
      CAPTURE(words[0]);
      const auto hidden = run_with(daemon, words);
      CHECK(hidden.exit == 0);
      CHECK_FALSE(says(hidden.out, "1988-05-14"));
      CHECK(says(hidden.out, "••••••"));
      CHECK(says(hidden.err, "--reveal"));
      auto open = words;
      open.emplace_back("--reveal");
      const auto shown = run_with(daemon, open);
      CHECK(says(shown.out, "1988-05-14"));
      CHECK_FALSE(says(shown.err, "--reveal"));
    }
    CHECK(run_with(daemon, {"get", "person.birthdate"}).out == "1988-05-14\n");
  }

  TEST_CASE("a file that has no cards is told with its form alone, and what is left out by name") {
    FakeDaemon daemon;
    daemon.answer(
        "POST /v1/import?format=auto&preview=1",
        replaced(
            replaced(import_report(false), R"("Ana Martin")", R"("")"),
            R"({"line":17,"say":"from.a_newer_daemon","with":{"typed":"06 12"})",
            R"({"line":17,"left_out":true,"say":"profile.import_export_document","with":{"name":"passport","path":"v1.json.documents/passport.pdf"})"));
    const auto file = daemon.folder().file("v1.json", "{}");
    const auto ran = run_with(daemon, {"import", file, "--preview"});
    CHECK(ran.exit == 0);
    CHECK(says(ran.out, "v1.json: vcard\n"));
    CHECK(says(ran.out, "vrm doc add v1.json.documents/passport.pdf --name passport"));
  }

  TEST_CASE("a preview of nothing to write offers no writing") {
    FakeDaemon daemon;
    daemon.answer("POST /v1/import?format=auto&preview=1",
                  replaced(replaced(import_report(false), R"("added":9)", R"("added":0)"),
                           R"("changed":1)", R"("changed":0)"));
    const auto file = daemon.folder().file("v1.json", "{}");
    const auto ran = run_with(daemon, {"import", file, "--preview"});
    CHECK(ran.exit == 0);
    CHECK(says(ran.out, "Nothing to write"));
    CHECK_FALSE(says(ran.out, "write it:"));
  }

  TEST_CASE("a request that was decided shows what was given") {
    FakeDaemon daemon;
    daemon.answer("GET /v1/requests/rq_7F",
                  replaced(replaced(kRequest, R"("state":"pending")", R"("state":"approved")"),
                           R"("retention_days":30)",
                           R"("retention_days":30,"grant":"gr_7F2K9QXD","given":["a.b","c.d"])"));
    const auto approved = run_with(daemon, {"request", "show", "rq_7F"});
    CHECK(says(approved.out, "given     a.b, c.d"));
    CHECK(says(approved.out, "vrm grants gr_7F2K9QXD"));
    daemon.answer("GET /v1/requests/rq_7F",
                  replaced(kRequest, R"("state":"pending")", R"("state":"denied")"));
    CHECK(says(run_with(daemon, {"request", "show", "rq_7F"}).out, "nothing was given"));
  }

  TEST_CASE("giving what the owner has not got says so, and how to set it") {
    FakeDaemon daemon;
    daemon.answer("GET /v1/catalogue", kCatalogue);
    daemon.answer("GET /v1/requests/rq_7F",
                  replaced(kRequest, R"("unusual":true)", R"("unusual":false)"));
    const auto grant =
        replaced(kGrant, R"("purpose")", R"("missing":["address.home.locality"],"purpose")");
    daemon.answer("POST /v1/requests/rq_7F/approve", grant);
    daemon.answer("POST /v1/grants", grant);
    for (const auto& words : std::vector<std::vector<std::string>>{
             {"approve", "rq_7F"},
             {"grant", "velo", "address.home.locality", "--purpose", "delivery"}}) {
      const auto ran = run_with(daemon, words);
      CHECK(ran.exit == 0);
      CHECK(says(ran.err, "You have no address.home.locality yet"));
      CHECK(says(ran.err, "vrm set address.home.locality"));
    }
  }

  TEST_CASE("lock tells what is true of the state it led to") {
    FakeDaemon daemon;
    daemon.answer("POST /v1/lock", status_in("serving"));
    CHECK(says(run_with(daemon, {"lock"}).out, "velo: 1 active grant"));
    daemon.answer("POST /v1/lock",
                  replaced(status_in("serving"), R"([{"brand":"velo","grants":1}])", "[]"));
    CHECK(says(run_with(daemon, {"lock"}).out, "no brand gets anything"));
    daemon.answer("POST /v1/lock",
                  replaced(status_in("sealed"), R"("served":[{"brand":"velo","grants":1}],)", ""));
    CHECK(says(run_with(daemon, {"lock"}).out, "The vault is sealed"));
    daemon.answer("GET /v1/status",
                  replaced(status_in("serving"), R"([{"brand":"velo","grants":1}])", "[]"));
    const auto status = run_with(daemon, {"status"});
    CHECK(says(status.out, "locked, nothing is served"));
    CHECK_FALSE(says(status.out, "standing grants"));
  }

  TEST_CASE("the lock of the idle is told by its time without the owner") {
    FakeDaemon daemon;
    daemon.answer("GET /v1/status",
                  replaced(kStatusOpen, R"("locks_at")", R"("idle_lock_s":900,"locks_at")"));
    CHECK(says(run_with(daemon, {"status"}).out, "locks after 15 min without you (at "));
  }

  TEST_CASE("wrong passphrases since the last time are told at unlock") {
    FakeDaemon daemon;
    daemon.answer("GET /v1/status", status_in("sealed"));
    daemon.answer(
        "POST /v1/unlock?slot=passphrase",
        replaced(kStatusOpen, R"("locks_at")",
                 R"("wrong_keys":{"count":3,"since":"2026-11-21T13:00:00Z"},"locks_at")"));
    const auto ran = run_with(daemon, {"unlock", "--password-command", "echo p"});
    CHECK(ran.exit == 0);
    CHECK(says(ran.err, "3 failed tries to open it since 2026-11-21T13:00:00Z"));
  }

  TEST_CASE("an id copied with its ellipsis is answered with the ids there are") {
    FakeDaemon daemon;
    daemon.answer("GET /v1/requests", kRequests);
    daemon.answer("GET /v1/grants", kGrants);
    daemon.answer("GET /v1/grants?all=1", R"({"items":[]})");
    for (const auto& words : std::vector<std::vector<std::string>>{
             {"request", "show", "rq_…"}, {"approve", "rq_..."}, {"deny", "rq_"}}) {
      const auto ran = run_with(daemon, words);
      CHECK(ran.exit == 2);
      CHECK(says(ran.err, "rq_7F2K9QXD"));
    }
    CHECK(says(run_with(daemon, {"revoke", "gr_…"}).err, "gr_7F2K9QXD"));
    CHECK(says(run_with(daemon, {"grants", "gr_…"}).err, "there is none"));
    CHECK(says(run_with(daemon, {"import", "--undo", "im_…"}).err, "vrm log --kind import"));
  }

  TEST_CASE("in JSON a refusal has its code, its key and its sentence") {
    FakeDaemon daemon;
    daemon.answer_all(refusal_of("locked", "vault.locked"), 423);
    const auto ran = run_with(daemon, {"list", "--json"});
    const auto error = read_json(ran.err.substr(0, ran.err.size() - 1)).value()["error"];
    CHECK(error["code"] == "locked");
    CHECK(error["say"] == "vault.locked");
    CHECK(error["message"] == "the vault is locked.\nvrm unlock");
  }

  TEST_CASE("a brand that cannot be added is answered with what to type instead") {
    FakeDaemon daemon;
    CHECK(says(run_with(daemon, {"brand", "add", "velo.example"}).err,
               "vrm brand add https://velo.example"));
    CHECK_FALSE(says(run_with(daemon, {"brand", "add", "velo.json"}).err, "https://velo.json"));
    daemon.answer("POST /v1/brands", refusal_of("denied", "outbound.url_not_https"), 403);
    CHECK(says(run_with(daemon, {"brand", "add", "http://127.0.0.1:7620/b.json"}).err,
               "--allow-loopback-brands"));
    CHECK_FALSE(says(run_with(daemon, {"brand", "add", "http://velo.example/b.json"}).err,
                     "--allow-loopback-brands"));
    daemon.answer("POST /v1/brands", refusal_of("denied", "outbound.redirected"), 403);
    CHECK(says(run_with(daemon, {"brand", "add", "http://127.0.0.1:7620/b.json"}).err,
               "does not follow"));
    daemon.answer("POST /v1/brands", refusal_of("unavailable", "outbound.no_answer"), 503);
    CHECK(says(run_with(daemon, {"brand", "add", "http://127.0.0.1/b.json"}).err, "names no port"));
    CHECK_FALSE(
        says(run_with(daemon, {"brand", "add", "http://127.0.0.1:1/b.json"}).err, "names no port"));
  }

  TEST_CASE("blocking twice says that it was so already") {
    FakeDaemon daemon;
    const auto already = replaced(kBrand, R"("schema")", R"("already":true,"schema")");
    daemon.answer("POST /v1/brands/velo/block", already);
    daemon.answer("POST /v1/brands/velo/unblock", already);
    CHECK(says(run_with(daemon, {"brand", "block", "velo"}).out, "was blocked already"));
    CHECK(says(run_with(daemon, {"brand", "unblock", "velo"}).out, "was not blocked"));
  }

  TEST_CASE("a list of grants names one to take back only when there is one") {
    FakeDaemon daemon;
    const auto revoked = replaced(kGrant, R"("state":"active")", R"("state":"revoked")");
    daemon.answer("GET /v1/grants?all=1", R"({"items":[)" + revoked + "]}");
    CHECK(run_with(daemon, {"grants", "--all"}).err.empty());
    const auto live = replaced(kGrant, "gr_7F2K9QXD", "gr_LIVE0000");
    daemon.answer("GET /v1/grants?all=1", R"({"items":[)" + revoked + "," + live + "]}");
    CHECK(says(run_with(daemon, {"grants", "--all"}).err, "vrm revoke gr_LIVE0000"));
  }

  TEST_CASE("how long a grant may last is said where it is too long, nothing or no time at all") {
    const FakeDaemon daemon;
    for (const auto& [length, part] : std::vector<std::pair<std::string, std::string>>{
             {"0d", "no time at all"}, {"99999999999999w", "a year at most"}, {"soon", "365d"}}) {
      const auto ran = run_with(daemon, {"approve", "rq_7F", "--for", length});
      CHECK(ran.exit == 2);
      CHECK(says(ran.err, part));
    }
    CHECK(daemon.asked().empty());
  }

  TEST_CASE("what has no place in the vault is told, and the import is whole all the same") {
    FakeDaemon daemon;
    const auto card = daemon.folder().file("ana.vcf", "BEGIN:VCARD\n");
    daemon.answer("POST /v1/import?format=auto", replaced(import_report(true), R"({"line":17,)",
                                                          R"({"left_out":true,"line":17,)"));
    const auto whole = run_with(daemon, {"import", card});
    CHECK(whole.exit == 0);
    CHECK(says(whole.out, "line 17: "));
    daemon.answer("POST /v1/import?format=auto", import_report(true));
    const auto part = run_with(daemon, {"import", card});
    CHECK(part.exit == 9);
    CHECK(says(part.out, "--undo im_2QK7T0AB"));
    CHECK_FALSE(says(part.err, "--undo"));
    CHECK(says(run_with(daemon, {"import", "nowhere.vcf"}).err, "nothing was imported"));
  }

  TEST_CASE("help has one line for each command, however it is asked for") {
    const FakeDaemon daemon;
    const auto help = run_with(daemon, {"help"});
    for (const auto* flag : {"-h", "--help"}) CHECK(run_with(daemon, {flag}).out == help.out);
    for (const auto* line :
         {"\n  approve         Gives a brand", "\n  brand add       Makes a brand known\n"})
      CHECK(says(help.out, line));
    CHECK(run_with(daemon, {"log", "-h"}).out == run_with(daemon, {"help", "log"}).out);
    CHECK(says(run_with(daemon, {"help", "brnd"}).err, "Did you mean: brand"));
    CHECK(says(run_with(daemon, {"help", "purpose"}).err, "purposes"));
    for (const auto* language : {"en", "fr"}) {
      const auto said = run_with(daemon, {"help", "--lang", language}).out;
      std::size_t columns = 0;
      for (const char c : said + "\n") {
        columns =
            c == '\n' ? 0 : columns + ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1 : 0);
        CHECK(columns <= 100);
      }
    }
  }

  TEST_CASE("French says it in French, the words to type aside") {
    FakeDaemon daemon;
    daemon.answer("GET /v1/requests/rq_7F", kRequest);
    const auto request = run_with(daemon, {"request", "show", "rq_7F", "--lang", "fr"});
    CHECK(says(request.out, "livrer ce que vous avez acheté (delivery)"));
    CHECK(says(run_with(daemon, {"help", "brand", "show", "--lang", "fr"}).out,
               "vrm brand show MARQUE"));
    CHECK(says(run_with(daemon, {"get", "--lang", "fr"}).err, "vrm get DONNÉE..."));
    CHECK(says(run_with(daemon, {"help", "set", "--lang", "fr"}).out, "DONNÉE [VALEUR]"));
  }
}
