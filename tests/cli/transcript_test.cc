// What a person sees, kept as text under tests/cli/*.txt. VRM_ACCEPT=1 writes them anew.

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "tests/cli/doc_documents.h"
#include "tests/cli/documents.h"
#include "tests/cli/fake_daemon.h"
#include "tests/cli/intent_documents.h"
#include "tests/cli/run_vrm.h"

using namespace vrm::cli_test;

namespace {

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (auto at = text.find(from); at != text.npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

constexpr unsigned short kPhoneColumns = 40;

class Transcript {
 public:
  explicit Transcript(const FakeDaemon& daemon, std::string language = "en")
      : daemon_(daemon), language_(std::move(language)) {}

  void run(const std::vector<std::string>& words, How how = {}) {
    how.environment["VRM_LANG"] = language_;
    how.environment["VRM_VAULT"] = daemon_.folder().path();
    add(words, run_vrm(words, how));
  }

  void on_terminal(const std::vector<std::string>& words,
                   std::vector<std::pair<std::string, std::string>> answers = {}, How how = {}) {
    how.environment["VRM_LANG"] = language_;
    how.environment["VRM_VAULT"] = daemon_.folder().path();
    add(words, run_on_terminal(words, std::move(answers), how));
  }

  // Of a telephone, as wide as it is.
  void on_phone(const std::vector<std::string>& words,
                std::vector<std::pair<std::string, std::string>> answers = {}) {
    How how;
    how.columns = kPhoneColumns;
    on_terminal(words, std::move(answers), how);
  }

  const std::string& text() const { return text_; }

  void check(const std::string& name) const {
    const std::string path = std::string(VRM_SOURCE_DIR) + "/tests/cli/" + name + ".txt";
    if (std::getenv("VRM_ACCEPT") != nullptr) std::ofstream(path) << text_;
    std::ostringstream kept;
    kept << std::ifstream(path).rdbuf();
    CHECK(text_ == kept.str());
  }

 private:
  void add(const std::vector<std::string>& words, const Ran& ran) {
    text_ += "$ vrm";
    for (const auto& word : words) text_ += " " + replaced(word, daemon_.folder().path(), "FOLDER");
    text_ += "\n" + cleaned(ran.out);
    if (!ran.err.empty()) text_ += "2> " + replaced(cleaned(ran.err), "\n", "\n2> ");
    if (text_.ends_with("2> ")) text_.resize(text_.size() - 3);
    if (ran.exit != 0) text_ += "[exit " + std::to_string(ran.exit) + "]\n";
    text_ += "\n";
  }

  std::string cleaned(const std::string& text) const {
    return replaced(replaced(text, "\r\n", "\n"), daemon_.folder().path(), "FOLDER");
  }

  const FakeDaemon& daemon_;
  std::string language_;
  std::string text_;
};

void can_all(FakeDaemon& daemon) {
  daemon.answer("GET /v1/status", kStatusOpen);
  daemon.answer("POST /v1/lock", status_in("serving"));
  daemon.answer("POST /v1/seal", status_in("sealed"));
  daemon.answer("GET /v1/catalogue", kCatalogue);
  daemon.answer("GET /v1/fields", kFields);
  daemon.answer("GET /v1/fields/contact.email", kEmail);
  daemon.answer("PUT /v1/fields/contact.email", kEmail);
  daemon.answer("DELETE /v1/fields/contact.email", kEmail);
  daemon.answer("GET /v1/fields/person.birthdate", kBirth);
  daemon.answer("GET /v1/fields/person.age_over_18", kAdult);
  daemon.answer("GET /v1/fields/person.age_over_18/history", kAdultHistory);
  daemon.answer("GET /v1/fields/contact.email/history", kHistory);
  daemon.answer("POST /v1/fields/contact.email/restore", kRestored);
  daemon.answer("DELETE /v1/grants/gr_7F", kErasedGrant);
  daemon.answer("DELETE /v1/intents/in_7F", kStillOpen, 403);
  daemon.answer("PUT /v1/fields/person.birthdate", kBirth);
  daemon.answer("POST /v1/import?format=auto&preview=1", import_report(false));
  daemon.answer("POST /v1/import?format=auto", import_report(true));
  daemon.answer("POST /v1/import/im_2Q/undo", import_report(false));
  daemon.answer("GET /v1/brands", kBrands);
  daemon.answer("POST /v1/brands", kBrand);
  daemon.answer("GET /v1/brands/velo", kBrand);
  daemon.answer("POST /v1/brands/velo/block", kBrand);
  daemon.answer("POST /v1/brands/velo/unblock", kBrand);
  daemon.answer("POST /v1/brands/velo/mute", kBrand);
  daemon.answer("POST /v1/brands/velo/unmute", kBrand);
  daemon.answer("GET /v1/rules", kRules);
  daemon.answer("GET /v1/rules/ru_4T", kRule);
  daemon.answer("GET /v1/rules/ru_9A", kDenyingRule);
  daemon.answer("DELETE /v1/rules/ru_4T", kRule);
  daemon.answer("GET /v1/policies", kPolicies);
  daemon.answer("POST /v1/grants/renew", kRenewed);
  daemon.answer("POST /v1/grants/renew?dry_run=1", kRenewed);
  daemon.answer("GET /v1/requests", kRequests);
  daemon.answer("GET /v1/requests/rq_7F", kRequest);
  daemon.answer("POST /v1/requests/rq_7F/approve", kGrant);
  daemon.answer("POST /v1/requests/rq_7F/deny", kRequest);
  daemon.answer("POST /v1/grants",
                kGrant.substr(0, kGrant.size() - 1) + R"(,"auth_req_id":"Q2xvdWQ"})");
  daemon.answer("GET /v1/grants", kGrants);
  daemon.answer("GET /v1/grants/gr_7F", kGrant);
  daemon.answer("POST /v1/grants/revoke", kRevoked);
  daemon.answer("POST /v1/grants/confirm", kConfirmed);
  daemon.answer("DELETE /v1/brands/velo", kForgotten);
  daemon.answer("DELETE /v1/brands/velo?dry_run=1", kForgotten);
  daemon.answer("GET /v1/log", kLog);
  daemon.answer("POST /v1/log/verify", kVerified);
  daemon.answer("POST /v1/verify", kVerified);
}

void brands_story(Transcript& story, FakeDaemon& daemon) {
  story.run({"brand", "add", "https://velo.example/vrm-brand.json"});
  story.run({"brand", "list"});
  story.run({"brand", "show", "velo"});
  story.run({"brand", "block", "velo"});
  story.run({"brand", "unblock", "velo"});
  story.run({"request"});
  story.run({"request", "show", "rq_7F"});
  story.run({"approve", "rq_7F", "--only", "address.home.locality,address.home.postal_code"});
  daemon.answer("POST /v1/requests/rq_7F/approve", kFormGrant);
  story.run({"approve", "rq_7F", "--coarse", "address.home.postal_code=address.home.region"});
  story.run({"approve", "rq_7F", "--coarse", "address.home.region"});
  story.run({"approve", "rq_7F", "--alias", "contact.email"});
  story.run({"approve", "rq_7F", "--alias", "contact.email=velo@me.example", "--once",
             "address.home.locality", "--while-order", "of_2QK7T0AB"});
  story.run({"deny", "rq_7F"});
  story.run({"deny", "rq_7F", "--tell"});
  story.run({"grant", "velo", "address.home.locality", "--purpose", "delivery", "--for", "30d"});
  story.run({"grants"});
  story.run({"grants", "gr_7F"});
  story.run({"revoke", "--brand", "velo"});
  daemon.answer("POST /v1/grants/revoke", kRevokedLocked);
  story.run({"revoke", "--brand", "velo"});
  daemon.answer("GET /v1/status", kStatusInDoubt);
  story.run({"status"});
  daemon.answer("GET /v1/status", kStatusOpen);
  story.run({"confirm", "--brand", "velo"});
  story.run({"confirm"});
  const auto with_rule = [](const std::string& document) {
    return document.substr(0, document.size() - 1) + R"(,"remembered":"ru_4T2K9QXD"})";
  };
  daemon.answer("POST /v1/requests/rq_7F/approve", with_rule(kGrant));
  daemon.answer("POST /v1/requests/rq_7F/deny", with_rule(kRequest));
  story.run({"approve", "rq_7F", "--only", "address.home.locality", "--remember"});
  story.run({"deny", "rq_7F", "--remember"});
  story.run({"rule"});
  story.run({"rule", "show", "ru_4T"});
  story.run({"rule", "show", "ru_9A"});
  story.run({"rule", "remove", "ru_4T"});
  story.run({"policy"});
  story.run({"brand", "mute", "velo", "--for", "30d"});
  story.run({"brand", "unmute", "velo"});
  story.run({"grant", "renew"});
  story.run({"grant", "renew", "--ending", "14d"});
  story.run({"grant", "renew", "gr_7F", "-y"});
  story.run({"brand", "forget", "velo"});
  story.run({"brand", "forget", "velo", "-y"});
  story.run({"log"});
  story.run({"log", "verify"});
  story.run({"verify"});
}

void data_story(Transcript& story, const FakeDaemon& daemon) {
  const auto card = daemon.folder().file("ana.vcf", "BEGIN:VCARD\n");
  story.run({});
  story.run({"status"});
  story.run({"list"});
  story.run({"get", "contact.email"});
  story.run({"get", "contact.email", "person.birthdate"});
  story.run({"set", "contact.email", "ana@example.org"});
  story.run({"set", "person.birthdate", "1988-05-14"});
  How typed;
  typed.input = "1988-05-14\n";
  story.run({"set", "person.birthdate", "--stdin"}, typed);
  story.run({"unset", "contact.email"});
  story.run({"unset", "contact.email", "--yes"});
  story.run({"import", card, "--preview"});
  story.run({"import", card});
  story.run({"import", "--undo", "im_2Q"});
  story.run({"history", "contact.email"});
  story.run({"history", "person.age_over_18"});
  story.run({"history", "contact.email", "--restore", "2"});
  story.run({"history", "contact.email", "--restore", "two"});
  story.run({"history", "contact.fax"});
  story.run({"forget", "gr_7F"});
  story.run({"forget", "gr_7F", "--yes"});
  story.run({"forget", "in_7F", "-y"});
  story.run({"forget", "velo", "-y"});
  story.run({"lock"});
  story.run({"seal"});
}

// When the vault locks, why it did, and what is served then.
void limits_story(Transcript& story, FakeDaemon& daemon) {
  daemon.answer("GET /v1/status", kStatusWithLimits);
  story.run({"status"});
  daemon.answer("GET /v1/status", replaced(kStatusWithLimits, R"("locks_at")", R"("newer")"));
  story.run({"status"});
  daemon.answer("GET /v1/status", kStatusServing);
  story.run({"status"});
  story.run({"status", "--served"});
  story.run({"status", "--served", "--json"});
  daemon.answer("GET /v1/status", kStatusOpen);
  story.run({"status", "--served"});
  for (const auto* cause : {"idle", "limit", "signal"}) {
    const std::string refused = R"({"error":{"code":"locked","say":"vault.locked_)" +
                                std::string(cause) +
                                R"(","with":{"locked_at":"2024-11-21T14:32:00Z"},"message":"x"}})";
    daemon.answer("GET /v1/fields", refused, 423);
    story.run({"list"});
  }
}

void start_story(Transcript& story, FakeDaemon& daemon) {
  // No process has that number, so that nobody is waited for.
  const auto told = [](const std::string& state) {
    return replaced(state.empty() ? kStatusOpen : status_in(state), "4121", "4194305");
  };
  How secret;
  secret.fd3 = "voile cumin tracteur balise";
  daemon.answer("GET /v1/status", told("empty"));
  daemon.answer("POST /v1/init?slot=passphrase", told(""));
  daemon.answer("POST /v1/unlock?slot=passphrase", told(""));
  daemon.answer("POST /v1/unlock?mode=rescue&slot=passphrase", told("rescue"));
  daemon.answer("POST /v1/stop", told("sealed"));
  story.run({"status"});
  story.run({"unlock", "--password-fd", "3"}, secret);
  story.run({"init", "--password-fd", "3"}, secret);
  daemon.answer("GET /v1/status", told("sealed"));
  story.run({"status"});
  story.run({"init", "--password-fd", "3"}, secret);
  story.run({"unlock", "--password-fd", "3"}, secret);
  story.run({"unlock", "--rescue", "--password-fd", "3"}, secret);
  story.run({"daemon", "start"});
  story.run({"daemon", "start", "--poll-interval", "1"});
  story.run({"daemon", "status"});
  story.run({"daemon", "stop"});
  story.run({"version"});
  story.run({"help"});
  story.run({"help", "purposes"});
}

// A status that tells of recovery words.
std::string with_words(std::string status) {
  const std::string vault = R"("vault":{)";
  return status.insert(status.find(vault) + vault.size(), R"("keys":{"recovery":true},)");
}

void keys_story(Transcript& story, FakeDaemon& daemon) {
  const auto refusal = [](const std::string& code, const std::string& say) {
    return R"({"error":{"code":")" + code + R"(","say":")" + say +
           R"(","with":{"n":"4","need":"900","room":"120"},"message":"x"}})";
  };
  How secret;
  secret.fd3 = "legal winner thank year wave sausage worth useful legal winner thank yellow";
  const std::vector<std::string> sheet = {"recovery", "sheet", "--password-fd", "3", "--print"};
  const std::vector<std::string> passwd = {"passwd", "--password-fd", "3", "--new-password-command",
                                           "echo voile cumin"};
  const std::vector<std::string> check = {"recovery", "check", "--words-fd", "3"};
  daemon.answer("GET /v1/status", kStatusOpen);
  daemon.answer("POST /v1/passphrase?slot=passphrase", kStatusOpen);
  daemon.answer(
      "POST /v1/recovery?slot=passphrase",
      R"({"schema":"vrm.recovery/1","words":["legal","winner","thank","year","wave","sausage","worth","useful","legal","winner","thank","yellow"]})");
  daemon.answer("POST /v1/recovery/check?slot=recovery",
                R"({"schema":"vrm.recovery_check/1","opens":true})");
  daemon.answer("POST /v1/recover?slot=recovery", kStatusOpen);
  story.run(passwd, secret);
  story.run(check, secret);
  story.run(sheet, secret);
  daemon.answer("GET /v1/status", with_words(kStatusOpen));
  story.run(sheet, secret);
  story.run({"recovery", "sheet", "--password-fd", "3", "--yes"}, secret);
  story.run({"recovery", "sheet", "--password-fd", "3", "--print", "--yes"}, secret);
  story.run(passwd, secret);
  story.run(check, secret);
  daemon.answer(
      "POST /v1/rekey?slot=passphrase",
      R"({"schema":"vrm.rekey/1","words":["legal","winner","thank","year","wave","sausage","worth","useful","legal","winner","thank","yellow"]})");
  story.run({"rekey", "--password-fd", "3"}, secret);
  story.run({"rekey", "--words-fd", "3", "--yes"}, secret);
  story.run({"rekey", "--password-fd", "3", "--print", "--yes"}, secret);
  for (const auto* say :
       {"store.rekey_no_room", "store.rekey_unfinished", "store.rekey_unsettled"}) {
    daemon.answer("POST /v1/rekey?slot=passphrase", refusal("io", say), 500);
    story.run({"rekey", "--password-fd", "3", "--print", "--yes"}, secret);
  }
  story.run({"recovery"});
  story.run({"passwd"});
  story.run({"passwd", "--password-fd", "3"}, secret);
  daemon.answer("POST /v1/passphrase?slot=passphrase", refusal("bad_key", "keys.wrong"), 401);
  story.run(passwd, secret);
  for (const auto* say : {"recovery.unknown_word", "recovery.count", "recovery.checksum"}) {
    daemon.answer("POST /v1/recovery/check?slot=recovery", refusal("malformed", say), 400);
    story.run(check, secret);
  }
  daemon.answer("POST /v1/recovery/check?slot=recovery", refusal("bad_key", "recovery.wrong"), 401);
  story.run(check, secret);
  story.run({"recover", "--words-fd", "3", "--new-password-command", "echo voile cumin"}, secret);
  daemon.answer("GET /v1/status", with_words(status_in("sealed")));
  story.run(passwd, secret);
  story.run({"help", "passwd"});
  story.run({"help", "recovery"});
  story.run({"help", "recover"});
  story.run({"help", "rekey"});
}

void backup_story(Transcript& story, FakeDaemon& daemon) {
  How secret;
  secret.fd3 = "voile cumin tracteur balise";
  const auto said = [&](const std::string& line, const std::string& body, int status = 200) {
    daemon.answer_in_turn(line, {{status, body}});
  };
  daemon.answer("GET /v1/status", kStatusOpen);
  said("POST /v1/backup", kBackupUnread);
  story.run({"backup"});
  said("POST /v1/backup", kBackup);
  story.run({"backup", "-o", "/media/key/a.vrmbak", "--verify", "--force"});
  said("POST /v1/backup", backup_refused("conflict", "exists", R"("file":"/media/key/a.vrmbak")"),
       409);
  story.run({"backup", "-o", "/media/key/a.vrmbak"});
  story.run({"backup", "/media/key/a.vrmbak"});
  said("POST /v1/backup/check", kBackup);
  story.run({"backup", "--verify", "/media/key/a.vrmbak"});
  story.run({"restore", "/media/key/a.vrmbak", "--dry-run", "--password-fd", "3"}, secret);
  story.run({"restore", "/media/key/a.vrmbak", "--dry-run", "--password-fd", "3", "--json"},
            secret);
  said("POST /v1/backup/check",
       backup_refused("corrupt", "damaged",
                      R"("chunk":"3","chunks":"12","rows":"30","records":"0")"),
       500);
  story.run({"backup", "--verify", "/media/key/a.vrmbak"});
  said("POST /v1/backup/check", backup_refused("corrupt", "newer", ""), 500);
  story.run({"restore", "/media/key/a.vrmbak", "--dry-run", "--password-fd", "3"}, secret);
  said("POST /v1/restore", restored_into("/home/ana/again"));
  story.run({"restore", "/media/key/a.vrmbak", "--into", "/home/ana/again", "--password-fd", "3"},
            secret);
  said("POST /v1/restore", restored_into(daemon.folder().path()));
  story.run({"restore", "/media/key/a.vrmbak", "--password-fd", "3"}, secret);
  said("POST /v1/restore",
       backup_refused("conflict", "vault_exists", R"("folder":"/home/ana/vrm")"), 409);
  story.run({"restore", "/media/key/a.vrmbak", "--password-fd", "3"}, secret);
  said("POST /v1/restore", backup_refused("bad_key", "bad_key", ""), 401);
  story.run({"restore", "/media/key/a.vrmbak", "--password-fd", "3"}, secret);
  const std::string open = kStatusOpen.substr(0, kStatusOpen.size() - 1);
  daemon.answer("GET /v1/status", open + R"(,"backup":null})");
  story.run({"status"});
  daemon.answer("GET /v1/status", open + R"(,"backup":{"made_at":"2026-11-22T08:00:00Z"}})");
  story.run({"status"});
  said(
      "POST /v1/export",
      R"({"schema":"vrm.exported/1","file":"/media/key/a.json","bytes":48211,"fields":12,"brands":1,"grants":3,"log_records":41})");
  story.run({"export", "-o", "/media/key/a.json"});
  story.run({"export", "-o", "/media/key/a.json", "--yes"});
  story.run({"help", "backup"});
  story.run({"help", "restore"});
}

void documents_story(Transcript& story, FakeDaemon& daemon) {
  const auto ticket = daemon.folder().file("ticket.txt", "AF-12345");
  const auto copy = daemon.folder().path() + "/copy.txt";
  daemon.answer("GET /v1/documents", R"({"schema":"vrm.documents/1","items":[]})");
  story.run({"doc"});
  daemon.answer("POST /v1/uploads", upload_of(1));
  daemon.answer("PUT /v1/uploads/up_2QK7T0AB/parts/1", upload_of(1));
  daemon.answer("DELETE /v1/uploads/up_2QK7T0AB", upload_of(1));
  daemon.answer("POST /v1/uploads/up_2QK7T0AB/finish", kTicket);
  story.run({"doc", "add", ticket});
  story.run({"doc", "add", ticket, "--json"});
  daemon.answer("POST /v1/uploads",
                document_refused("conflict", "exists", R"("name":"document.ticket")"), 409);
  story.run({"doc", "add", ticket, "--name", "ticket", "--type", "text/plain"});
  story.run({"doc", "add", daemon.folder().path()});
  story.run({"doc", "add", daemon.folder().path() + "/none"});
  daemon.answer("GET /v1/documents", kDocuments);
  story.run({"docs"});
  story.run({"doc", "list", "--json"});
  daemon.answer("GET /v1/documents/passport", kPassport);
  daemon.answer("GET /v1/documents/ticket", kTicket);
  daemon.answer("GET /v1/documents/document.ticket/parts/1", "AF-12345");
  daemon.answer("GET /v1/documents/visa",
                document_refused("not_found", "none", R"("name":"document.visa")"), 404);
  story.run({"doc", "show", "passport"});
  story.run({"doc", "show", "visa"});
  story.run({"doc", "show", "ticket", "--qr"});
  story.run({"doc", "show", "ticket", "--qr", "--json"});
  story.run({"doc", "show", "passport", "--qr"});
  story.run({"doc", "open", "ticket"});
  story.run({"doc", "open", "ticket", "-o", copy});
  story.run({"doc", "open", "ticket", "-o", copy});
  daemon.answer("DELETE /v1/documents/document.ticket", kTicket);
  story.run({"doc", "rm", "ticket"});
  story.run({"doc", "rm", "ticket", "--yes"});
  story.run({"help", "doc", "open"});
  story.run({"doc", "add", "--help"});
}

// Her brand shows another key: she sees that its grants rest, looks at both, and pins the new one.
void keys_changed_story(Transcript& story, FakeDaemon& daemon) {
  can_all(daemon);
  daemon.answer("GET /v1/brands", R"({"schema":"vrm.brands/1","items":[)" + kKeysChanged + "]}");
  daemon.answer("GET /v1/brands/velo", kKeysChanged);
  daemon.answer("POST /v1/brands/velo/keys", kBrand);
  story.run({"brand", "list"});
  story.run({"brand", "show", "velo"});
  story.run({"brand", "keys", "velo"});
  story.run({"brand", "keys", "velo", "--json"});
  story.run({"brand", "keys", "velo", "--accept"});
  story.run({"brand", "keys", "velo", "--accept", "--yes"});
  daemon.answer("GET /v1/brands/velo", kBrand);
  story.run({"brand", "keys", "velo", "--accept"});
}

void receipts_story(Transcript& story, FakeDaemon& daemon) {
  const auto receipt = daemon.folder().file("receipt.jwt", "eyJhbGciOi\n  JFZERTQSJ9.e30.c2ln\n");
  const auto said = [&](const std::string& body, int status = 200) {
    daemon.answer_in_turn("POST /v1/receipts/check", {{status, body}});
  };
  How typed;
  typed.input = "eyJhbGciOiJFZERTQSJ9.e30.c2ln";
  said(receipt_with("true", "41", "false"));
  story.run({"receipt", "check", receipt});
  said(receipt_with("true", "41", "false"));
  story.run({"receipt", "check", "-", "--json"}, typed);
  said(receipt_with("true", "null", "true"));
  story.run({"receipt", "check", receipt});
  said(receipt_with("true", "null", "false"));
  story.run({"receipt", "check", receipt, "--json"});
  said(receipt_with("true", "null", "false"));
  story.run({"receipt", "check", receipt});
  said(
      R"({"schema":"vrm.receipt/1","genuine":false,"record":null,"rolled_back":true,"suspended":2})");
  story.run({"receipt", "check", receipt});
  said(receipt_refused("not_found", "unknown_brand"), 404);
  story.run({"receipt", "check", receipt});
  said(receipt_refused("bad_key", "changed"), 401);
  story.run({"receipt", "check", receipt});
  said(receipt_refused("malformed", "malformed"), 400);
  story.run({"receipt", "check", "-"});
  story.run({"receipt", "check", daemon.folder().path() + "/none"});
  story.run({"receipt", "check", daemon.folder().file("long", std::string(40'000, 'A'))});
  story.run({"receipt"});
  story.run({"help", "receipt", "check"});
}

void can_intents(FakeDaemon& daemon) {
  daemon.answer("GET /v1/brands", kBrands);
  daemon.answer("GET /v1/events", events_to(17, "intent_sent"));
  daemon.answer("POST /v1/intents", intent_in("open", "waiting", "waiting"));
  daemon.answer("POST /v1/intents?dry_run=1", kDryRun);
  daemon.answer("GET /v1/intents", kIntents);
  daemon.answer("GET /v1/intents?all=1", R"({"schema":"vrm.intents/1","items":[]})");
  daemon.answer("GET /v1/intents/in_7F2K9QXD", intent_in("open", "sent", "retrying"));
  daemon.answer("GET /v1/intents/in_7F", intent_in("open", "sent", "dead"));
  daemon.answer("POST /v1/intents/in_7F/cancel", intent_in("cancelled"));
  daemon.answer("POST /v1/intents/in_7F2K9QXD/offers", kOffers);
  daemon.answer("GET /v1/offers/of_2Q", kOffer);
  daemon.answer("POST /v1/offers/of_2Q/decline", kOffer);
  daemon.answer("POST /v1/offers/of_2Q/accept?dry_run=1", acceptance_in("pending"));
  daemon.answer("POST /v1/offers/of_2Q/accept", acceptance_in("pending"));
}

void take_offer(Transcript& story, FakeDaemon& daemon) {
  const std::string line = "GET /v1/intents/in_7F2K9QXD";
  story.run({"accept", "of_2Q", "--dry-run"});
  story.run({"accept", "of_2Q"});
  story.run({"accept", "of_2Q", "--yes", "--no-wait"});
  daemon.answer(
      line, intent_in("accepted", "sent", "sent", acceptance_in("acknowledged", R"("VELO-42")")));
  story.run({"accept", "of_2Q", "--yes"});
  daemon.answer(line, intent_in("open", "sent", "sent", acceptance_in("cancelled")));
  story.run({"accept", "of_2Q", "--yes", "--quiet"});
  daemon.answer(line, intent_in("closed"));
  story.run({"offers", "in_7F2K9QXD", "--watch"});
}

void intents_story(Transcript& story, FakeDaemon& daemon) {
  story.run({"intent", "mountain bike", "--max", "900EUR", "--by", "2999-11-27", "--near", "Lyon",
             "--must", "frame=L", "--to", "velo,bike"});
  story.run({"intent", "mountain bike", "--max", "900EUR", "--by", "2999-11-27", "--near", "Lyon",
             "--must", "frame=L", "--to", "velo,bike", "-y"});
  story.run({"intent", "mountain bike", "--to", "velo", "--dry-run"});
  story.run({"intent", "mountain bike"});
  story.run({"intent", "mountain bike", "--to", "velo", "--by", "someday"});
  story.run({"intent", "mountain bike", "--to", "velo", "--by", "2001-02-03"});
  story.run({"intent", "mountain bike", "--to", "velo", "--must", "frame"});
  story.run({"intent", "mountain bike", "--to", "velo", "--weights", "price"});
  story.run({"intent"});
  story.run({"intent", "list", "--all"});
  story.run({"intent", "show", "in_7F"});
  daemon.answer("GET /v1/intents/in_7F",
                intent_in("accepting", "sent", "sent", acceptance_in("pending")));
  story.run({"intent", "show", "in_7F"});
  daemon.answer("GET /v1/intents/in_7F", intent_in("accepted", "sent", "sent",
                                                   acceptance_in("acknowledged", R"("VELO-42")")));
  story.run({"intent", "show", "in_7F"});
  story.run({"intent", "cancel", "in_7F"});
  story.run({"offers"});
  story.run({"offer", "show", "of_2Q"});
  story.run({"offer", "show", "of_…"});
  story.run({"decline", "of_2Q"});
  take_offer(story, daemon);
  daemon.answer("GET /v1/intents", R"({"schema":"vrm.intents/1","items":[]})");
  story.run({"offers"});
  story.run({"help", "intent", "new"});
  story.run({"help", "offers"});
  story.run({"accept", "--help"});
}

// Times that a table counts down to are always as far away as now.
void can_lasting_offers(FakeDaemon& daemon) {
  using std::chrono::hours;
  using std::chrono::minutes;
  auto rockrider = kRockrider;
  auto trail = kTrail;
  auto small = kTooSmall;
  rockrider.valid_until = from_now(hours(22) + minutes(30));
  trail.valid_until = from_now(hours(24 * 7) + minutes(30));
  small.valid_until = from_now(minutes(41));
  auto wide = trail;
  wide.id = "of_5CCCCCCC";
  wide.brand = "a_brand_of_a_long_name";
  wide.title = "山地自行车 with letters that are wider";
  wide.total = "1234567.90";
  wide.failed = "too_dear";
  daemon.answer("POST /v1/intents/in_7F2K9QXD/offers",
                offers_of({rockrider, trail, small, wide, kGone}));
  auto intent = intent_in("open");
  const std::string was = "2024-11-23T14:00:00Z";
  intent.replace(intent.find(was), was.size(), from_now(hours(31) + minutes(30)));
  daemon.answer("GET /v1/intents/in_7F2K9QXD", intent);
}

void terminal_story(Transcript& story, FakeDaemon& daemon) {
  story.on_terminal({"intent", "--no-color"});
  story.on_terminal({"intent", "show", "in_7F"});
  can_lasting_offers(daemon);
  story.on_terminal({"offers", "in_7F2K9QXD", "--no-color"});
  story.on_terminal({"offer", "show", "of_2Q"});
  daemon.answer("GET /v1/offers/of_2Q",
                replaced(kOffer, R"("intent":"in_)", R"("order":"VELO-42","intent":"in_)"));
  story.on_terminal({"offer", "show", "of_2Q"});
  story.on_terminal({"accept", "of_2Q", "--dry-run"});
  story.on_terminal({"accept", "of_2Q"}, {{"/N]", "n\n"}});
  story.on_terminal({"intent", "bike", "--to", "velo", "--dry-run"});
  story.on_terminal({"intent", "mountain", "bike", "--to", "velo"}, {{"/N]", "n\n"}});
}

std::size_t letters_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

void check_width(const std::string& text) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) CHECK(letters_of(line) <= 80);
}

// Nothing is wider than a telephone but what is copied whole: one word, or a command.
void check_phone_width(const std::string& text) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("$ ") || letters_of(line) <= kPhoneColumns) continue;
    line.erase(0, line.find_first_not_of(' '));
    CHECK_MESSAGE((line.find(' ') == line.npos || line.starts_with("vrm ")), line);
  }
}

void phone_story(Transcript& story, FakeDaemon& daemon) {
  can_all(daemon);
  story.on_phone({"--no-color"});
  for (const auto* command : {"status", "list", "grants", "log", "request"})
    story.on_phone({command, "--no-color"});
  story.on_phone({"brand", "list", "--no-color"});
  story.on_phone({"request", "show", "rq_7F"});
  story.on_phone({"history", "contact.email", "--no-color"});
  story.on_phone({"history", "contact.fax", "--no-color"});
  story.on_phone({"unset", "contact.email"}, {{"/N]", "n\n"}});
  story.on_phone({"get", "person.age_over_18"});
  story.on_phone({"help", "offers"});
  daemon.answer("GET /v1/status", kStatusServing);
  story.on_phone({"status", "--served", "--no-color"});
  can_intents(daemon);
  story.on_phone({"intent", "--no-color"});
  story.on_phone({"intent", "show", "in_7F"});
  can_lasting_offers(daemon);
  story.on_phone({"offers", "in_7F2K9QXD", "--no-color"});
  story.on_phone({"offer", "show", "of_2Q"});
  story.on_phone({"accept", "of_2Q", "--dry-run"});
  daemon.answer("GET /v1/documents", kDocuments);
  story.on_phone({"doc", "list", "--no-color"});
}

}  // namespace

TEST_SUITE("cli/transcript") {
  TEST_CASE("help and usage") {
    const FakeDaemon daemon;
    Transcript story(daemon);
    for (const auto& words :
         std::vector<std::vector<std::string>>{{"help"},
                                               {"help", "approve"},
                                               {"brand", "--help"},
                                               {"brand", "add", "-h"},
                                               {"help", "log"},
                                               {"help", "aprove"},
                                               {"--version"},
                                               {"version", "--json"},
                                               {"statsu"},
                                               {"brand", "ad"},
                                               {"get"},
                                               {"lock", "now"},
                                               {"approve", "rq_7F", "--for", "long"},
                                               {"status", "--lang", "de"},
                                               {"grants", "--limit", "3"},
                                               {"revoke"},
                                               {"import"},
                                               {"get", "a/b"}})
      story.run(words);
    story.check("help");
  }

  TEST_CASE("data, in English") {
    FakeDaemon daemon;
    can_all(daemon);
    Transcript story(daemon);
    data_story(story, daemon);
    daemon.answer("GET /v1/status", status_in("serving"));
    story.run({"status"});
    story.run({});
    limits_story(story, daemon);
    story.check("data_en");
  }

  TEST_CASE("data, in French") {
    FakeDaemon daemon;
    can_all(daemon);
    Transcript story(daemon, "fr");
    data_story(story, daemon);
    limits_story(story, daemon);
    story.check("data_fr");
  }

  TEST_CASE("making, opening and the daemon, in both languages") {
    for (const std::string language : {"en", "fr"}) {
      FakeDaemon daemon;
      can_all(daemon);
      Transcript story(daemon, language);
      start_story(story, daemon);
      story.check("start_" + language);
    }
  }

  TEST_CASE("the passphrase and the recovery words, in both languages") {
    for (const std::string language : {"en", "fr"}) {
      FakeDaemon daemon;
      Transcript story(daemon, language);
      keys_story(story, daemon);
      daemon.answer("GET /v1/status", with_words(kStatusOpen));
      story.on_terminal({"recovery", "sheet"}, {{"[", "y\n"}, {":", "voile cumin\n"}});
      story.check("keys_" + language);
    }
  }

  TEST_CASE("backups, in both languages") {
    for (const std::string language : {"en", "fr"}) {
      FakeDaemon daemon;
      Transcript story(daemon, language);
      backup_story(story, daemon);
      story.check("backup_" + language);
    }
  }

  TEST_CASE("receipts, in both languages") {
    for (const std::string language : {"en", "fr"}) {
      FakeDaemon daemon;
      Transcript story(daemon, language);
      receipts_story(story, daemon);
      story.check("receipts_" + language);
    }
  }

  TEST_CASE("brands, in English") {
    FakeDaemon daemon;
    can_all(daemon);
    Transcript story(daemon);
    brands_story(story, daemon);
    daemon.answer("POST /v1/verify", kDamaged);
    story.run({"verify"});
    story.check("brands_en");
  }

  TEST_CASE("brands, in French") {
    FakeDaemon daemon;
    can_all(daemon);
    Transcript story(daemon, "fr");
    brands_story(story, daemon);
    story.check("brands_fr");
  }

  TEST_CASE("a brand whose keys changed, in both languages") {
    for (const std::string language : {"en", "fr"}) {
      FakeDaemon daemon;
      Transcript story(daemon, language);
      keys_changed_story(story, daemon);
      story.check("keys_changed_" + language);
    }
  }

  TEST_CASE("intents and offers, in English") {
    FakeDaemon daemon;
    can_intents(daemon);
    Transcript story(daemon);
    intents_story(story, daemon);
    story.check("intents_en");
  }

  TEST_CASE("intents and offers, in French") {
    FakeDaemon daemon;
    can_intents(daemon);
    Transcript story(daemon, "fr");
    intents_story(story, daemon);
    story.check("intents_fr");
  }

  TEST_CASE("intents and offers on a terminal, in both languages") {
    for (const std::string language : {"en", "fr"}) {
      FakeDaemon daemon;
      can_intents(daemon);
      Transcript story(daemon, language);
      terminal_story(story, daemon);
      check_width(story.text());
      story.check("intents_terminal_" + language);
    }
  }

  TEST_CASE("on a telephone nothing is cut and words stay whole, in both languages") {
    for (const std::string language : {"en", "fr"}) {
      FakeDaemon daemon;
      Transcript story(daemon, language);
      phone_story(story, daemon);
      check_phone_width(story.text());
      CHECK(story.text().find("gr_7F2K9QXD") != std::string::npos);
      CHECK(story.text().find("address.home.locality") != std::string::npos);
      CHECK(story.text().find("…  ") == std::string::npos);
      story.check("phone_" + language);
    }
  }

  TEST_CASE("tables and hidden values on a terminal") {
    FakeDaemon daemon;
    can_all(daemon);
    Transcript story(daemon);
    story.on_terminal({"list"});
    story.on_terminal({"get", "person.age_over_18"});
    story.on_terminal({"history", "person.age_over_18", "--no-color"});
    story.on_terminal({"get", "person.birthdate"});
    story.on_terminal({"get", "person.birthdate", "--raw"});
    story.on_terminal({"get", "person.birthdate", "--reveal"});
    story.on_terminal({"grants", "--no-color"});
    story.on_terminal({"log", "--no-color"});
    story.on_terminal({"request", "--no-color"});
    story.check("terminal");
  }

  TEST_CASE("documents") {
    for (const std::string language : {"en", "fr"}) {
      FakeDaemon daemon;
      Transcript story(daemon, language);
      documents_story(story, daemon);
      story.check("documents_" + language);
    }
  }
}
