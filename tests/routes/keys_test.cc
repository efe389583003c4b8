// The owner's keys, through the owner's routes: the passphrase, the recovery words, and the way back in.

#include <sstream>

#include "tests/support/world.h"
#include "vault/routes/owner_routes.h"

using namespace vrm;  // tests only
using testing::must;
using testing::WaitingReply;
using testing::World;

namespace {

using nlohmann::json;

const std::string kCredential(store::kCredentialBytes, '\x07');
const std::string kFirst = "voile cumin tracteur";
const std::string kSecond = "balise orage velours";
const std::string kStrange =
    "legal winner thank year wave sausage worth useful legal winner thank yellow";

std::string two(const std::string& first, const std::string& second) {
  std::string body;
  body += static_cast<char>(first.size() & 0xFFU);
  body += static_cast<char>(first.size() >> 8U);
  return body + first + second;
}

// A world whose owner calls by the routes.
struct Owner : World {
  Owner() { open_routes(); }

  void open_routes() {
    calls = std::make_unique<routes::OwnerRoutes>(*owner, [] {});
  }
  void start_again() {
    calls.reset();
    restart();
    open_routes();
  }

  routes::Answer post(const std::string& path, const std::string& slot, std::string body) {
    routes::Request request;
    request.method = "POST";
    request.path = path;
    request.query = slot.empty() ? "" : "slot=" + slot;
    request.body = std::move(body);
    const auto reply = std::make_shared<WaitingReply>();
    calls->handle(std::move(request), reply);
    return reply->wait();
  }
  // The word of the refusal, or "" when it was done.
  std::string refused(const std::string& path, const std::string& slot, std::string body) {
    const auto answer = post(path, slot, std::move(body));
    const auto document = json::parse(answer.body);
    if (answer.status == 200) return "";
    const auto& error = document["error"];
    return error.contains("say") ? error["say"].get<std::string>()
                                 : error["code"].get<std::string>();
  }
  std::string passwd(const std::string& slot, const std::string& opener, const std::string& fresh) {
    return refused("/v1/passphrase", slot, two(opener, fresh));
  }
  std::string unlocks(const std::string& slot, const std::string& secret) {
    must(owner->seal());
    return refused("/v1/unlock", slot, secret);
  }
  std::string words() {
    const auto answer = post("/v1/recovery", "credential", kCredential);
    REQUIRE(answer.status == 200);
    const auto document = json::parse(answer.body);
    CHECK(document["schema"] == "vrm.recovery/1");
    CHECK(document["words"].size() == 12);
    std::string text;
    for (const auto& word : document["words"])
      text += (text.empty() ? "" : " ") + word.get<std::string>();
    return text;
  }
  json keys() const { return must(owner->status())["vault"]["keys"]; }

  std::unique_ptr<routes::OwnerRoutes> calls;
};

}  // namespace

TEST_SUITE("routes/keys") {
  TEST_CASE("a passphrase is set by what opens the vault, and replaces the former") {
    Owner world;
    CHECK(world.keys() == json{{"passphrase", false}, {"credential", true}, {"recovery", false}});
    CHECK(world.passwd("credential", kCredential, kFirst) == "");
    CHECK(world.keys()["passphrase"] == true);
    CHECK(world.passwd("passphrase", kFirst, kSecond) == "");
    CHECK(world.passwd("passphrase", kSecond, kSecond) == "");  // the same again is no failure
    CHECK(world.log_count("passphrase_changed", "done") == 3);
    CHECK(world.unlocks("passphrase", kFirst) == "store.bad_key");
    CHECK(world.unlocks("passphrase", kSecond) == "");
    CHECK(world.unlocks("credential", kCredential) == "");
    world.start_again();
    CHECK(world.unlocks("passphrase", kFirst) == "store.bad_key");
    CHECK(world.unlocks("passphrase", kSecond) == "");
    CHECK(must(world.owner->verify())["ok"] == true);
  }

  TEST_CASE("what proves nothing or is no passphrase changes nothing") {
    Owner world;
    CHECK(world.passwd("credential", kCredential, kFirst) == "");
    CHECK(world.passwd("passphrase", kFirst, "") == "vault.empty_passphrase");
    CHECK(world.passwd("passphrase", kFirst, "seven77") == "vault.short_passphrase");
    CHECK(world.passwd("passphrase", "", kSecond) == "vault.empty_passphrase");
    CHECK(world.passwd("passphrase", kSecond, kSecond) == "keys.wrong");
    CHECK(world.passwd("credential", std::string(32, '\x08'), kSecond) == "keys.wrong");
    CHECK(world.passwd("recovery", kStrange, kSecond) == "keys.wrong");
    CHECK(world.passwd("other", kFirst, kSecond) == "malformed");
    CHECK(world.refused("/v1/passphrase", "passphrase", "") == "malformed");
    CHECK(world.refused("/v1/passphrase", "passphrase", std::string("\xff\x00short", 7)) ==
          "malformed");
    CHECK(world.refused("/v1/recovery", "passphrase", kSecond) == "keys.wrong");
    CHECK(world.refused("/v1/recovery", "", kFirst) == "malformed");
    CHECK(world.keys()["recovery"] == false);
    // Each wrong one was recorded; those that were no opener at all were not.
    CHECK(world.log_count("unlock_refused", "refused") == 4);
    CHECK(world.log_count("passphrase_changed", "done") == 1);
    CHECK(world.log_count("recovery_made", "done") == 0);
    CHECK(world.unlocks("passphrase", kFirst) == "");
  }

  TEST_CASE("a locked, sealed or missing vault changes no key") {
    Owner world;
    must(world.owner->lock());
    CHECK(world.passwd("credential", kCredential, kFirst) == "vault.locked");
    CHECK(world.refused("/v1/recovery", "credential", kCredential) == "vault.locked");
    must(world.owner->seal());
    CHECK(world.passwd("credential", kCredential, kFirst) == "vault.sealed");
    must(world.owner->unlock(gate::SlotKind::Credential, World::credential(),
                             gate::Unlock::ForRescue));
    CHECK(world.passwd("credential", kCredential, kFirst) == "store.rescue_read_only");
    world.calls.reset();
    std::filesystem::remove_all(world.folder / "vault");
    world.restart();
    world.open_routes();
    CHECK(world.passwd("credential", kCredential, kFirst) == "vault.none");
    CHECK(world.refused("/v1/recovery/check", "", kStrange) == "vault.none");
    CHECK(world.refused("/v1/recover", "", two(kStrange, kFirst)) == "vault.none");
    CHECK(world.refused("/v1/init", "recovery", kStrange) == "malformed");
  }

  TEST_CASE("recovery words are told once, open the vault, and replace the former") {
    Owner world;
    const auto warns = [&] {
      const auto status = must(world.owner->status());
      for (const auto& warning : status["warnings"])
        if (warning["code"] == "no_recovery_words") return true;
      return false;
    };
    CHECK(warns());
    CHECK(world.refused("/v1/recovery/check", "", kStrange) == "recovery.none");
    CHECK(world.refused("/v1/recover", "", two(kStrange, kFirst)) == "recovery.none");
    const auto first = world.words();
    CHECK_FALSE(warns());
    CHECK(world.refused("/v1/recovery/check", "", first) == "");
    const auto second = world.words();
    CHECK(second != first);
    CHECK(world.refused("/v1/recovery/check", "", first) == "recovery.wrong");
    must(world.owner->seal());
    CHECK(world.refused("/v1/recovery/check", "", second) == "");
    CHECK(must(world.owner->status())["vault"]["state"] == "sealed");
    CHECK(world.unlocks("recovery", "1. " + second + "\n") == "");
    CHECK(world.log_count("recovery_made", "done") == 2);
    const auto status = must(world.owner->status()).dump();
    CHECK(status.find(second.substr(0, second.find(' ', 12))) == status.npos);
  }

  TEST_CASE("words that cannot be are told by their place and count as no try") {
    Owner world;
    const auto words = world.words();
    CHECK(world.refused("/v1/recovery/check", "", "") == "recovery.count");
    CHECK(world.refused("/v1/recovery/check", "", words + " zoo") == "recovery.count");
    const auto answer =
        world.post("/v1/recovery/check", "", "hunter2 " + words.substr(words.find(' ')));
    CHECK(answer.status == 400);
    CHECK(json::parse(answer.body)["error"]["with"]["n"] == "1");
    CHECK(answer.body.find("hunter") == answer.body.npos);
    CHECK(world.log_count("unlock_refused", "refused") == 0);
    CHECK(world.refused("/v1/recovery/check", "", kStrange) == "recovery.wrong");
    CHECK(world.log_count("unlock_refused", "refused") == 1);
  }

  TEST_CASE("the words give a forgotten passphrase another, sealed, locked and open") {
    Owner world;
    world.set("contact.email", "ana@example.org");
    CHECK(world.passwd("credential", kCredential, kFirst) == "");
    const auto words = world.words();
    world.start_again();
    CHECK(world.refused("/v1/recover", "", two(kStrange, kSecond)) == "recovery.wrong");
    CHECK(world.refused("/v1/recover", "", two(words, "")) == "vault.empty_passphrase");
    CHECK(world.refused("/v1/recover", "", two(words, "short")) == "vault.short_passphrase");
    CHECK(must(world.owner->status())["vault"]["state"] == "sealed");
    const auto back = world.post("/v1/recover", "", two(words, kSecond));
    REQUIRE(back.status == 200);
    CHECK(json::parse(back.body)["vault"]["wrong_keys"]["count"] == 1);  // who is back should know
    CHECK(must(world.owner->status())["vault"]["state"] == "open");
    CHECK(must(world.owner->field("contact.email"))["value"] == "ana@example.org");
    CHECK(world.log_count("unlock_refused", "refused") == 1);
    CHECK(world.unlocks("passphrase", kFirst) == "store.bad_key");
    CHECK(world.unlocks("passphrase", kSecond) == "");

    must(world.owner->lock());
    CHECK(world.refused("/v1/recover", "", two(words, kFirst)) == "");
    CHECK(world.refused("/v1/recover", "", two(kStrange, kSecond)) == "recovery.wrong");  // open
    CHECK(world.refused("/v1/recover", "", two(words, kSecond)) == "");
    CHECK(world.unlocks("passphrase", kSecond) == "");
    CHECK(world.refused("/v1/recovery/check", "", words) == "");
  }

  TEST_CASE("the vault is as it was when the words opened it and the disk keeps no new slot") {
    Owner world;
    const auto words = world.words();
    world.start_again();
    const auto there = world.folder / "vault" / "slots.new";
    std::filesystem::create_directory(there);
    CHECK(world.refused("/v1/recover", "", two(words, kFirst)) != "");
    CHECK(must(world.owner->status())["vault"]["state"] == "sealed");
    std::filesystem::remove(there);
    world.unlock();
    CHECK(world.log_count("passphrase_changed", "refused") == 1);
    CHECK(world.keys()["passphrase"] == false);
    must(world.owner->lock());
    CHECK(world.refused("/v1/recover", "", two(words, kFirst)) == "");
  }
}
