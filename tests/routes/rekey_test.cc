// A rekey of a whole vault: what brands hold goes on, the owner's past stays readable, and only what was named opens it.

#include "tests/support/owner_door.h"

using namespace vrm;  // tests only
using gate::SlotKind;
using testing::must;
using testing::TestBrand;
using testing::World;

namespace {

using nlohmann::json;

const std::string kFirst = "voile cumin tracteur";
const std::string kSecond = "balise orage velours";

crypto::Secret secret(std::string_view text) {
  return crypto::Secret::copy_of(bytes_of(text));
}

json rekey(World& world) {
  return must(world.owner->rekey(SlotKind::Credential, World::credential(), std::nullopt));
}

json log_of(World& world) {
  return must(world.owner->log(
      {.brand = {}, .field = {}, .kind = {}, .since = {}, .limit = 1000}))["items"];
}

std::string joined(const json& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : " ") + word.get<std::string>();
  return text;
}

bool opens(World& world, SlotKind kind, std::string_view text) {
  must(world.owner->seal());
  return world.owner->unlock(kind, secret(text), gate::Unlock::ForUse).ok();
}

routes::Answer post(World& world, const std::string& query, std::string body) {
  return testing::OwnerDoor(world).raw("POST", "/v1/rekey", query, std::move(body));
}

std::string two(const std::string& first, const std::string& second) {
  std::string body;
  body += static_cast<char>(first.size());
  body += '\0';
  return body + first + second;
}

}  // namespace

TEST_SUITE("routes/rekey") {
  TEST_CASE("what brands hold goes on: tokens, keys they pinned, what is served while locked") {
    World world;
    world.set("contact.email", "ana@example.org");
    TestBrand velo(world, "velo.example", "Velo");
    const auto granted = velo.granted({"contact.email"}, {{"served_while_locked", true}});
    const auto issuer = world.vault->rooms()->issuers.of_brand(velo.handle);
    const auto key = issuer->key.public_key();
    for (const bool again : {false, true, true}) {
      if (again) {
        world.restart();
        world.unlock();
      }
      rekey(world);
      CHECK(velo.read(granted["access_token"], "contact.email").status == 200);
      CHECK(world.vault->rooms()->issuers.of_brand(velo.handle)->key.public_key() == key);
    }
    world.restart();
    world.unlock();
    CHECK(world.vault->rooms()->issuers.of_brand(velo.handle)->key.public_key() == key);
    const auto refreshed = velo.refresh(granted["refresh_token"]);
    REQUIRE(refreshed.status == 200);
    must(world.owner->lock());
    const std::string token = json::parse(refreshed.body)["access_token"];
    CHECK(velo.read(token, "contact.email").status == 200);
    CHECK(velo.refresh(granted["refresh_token"]).status == 200);
    world.unlock();
    CHECK(must(world.owner->verify())["ok"] == true);
  }

  TEST_CASE("the journal of before stays readable, and its brand can still be forgotten") {
    World world;
    world.set("contact.email", "ana@example.org");
    TestBrand velo(world, "velo.example", "Velo");
    const auto granted = velo.granted({"contact.email"});
    CHECK(velo.read(granted["access_token"], "contact.email").status == 200);
    const auto before = log_of(world);
    rekey(world);
    auto after = log_of(world);
    REQUIRE(after.size() == before.size() + 1);
    CHECK(after[0]["kind"] == "vault_rekeyed");
    CHECK(after[0]["outcome"] == "done");
    CHECK(after[0]["reason"] == "credential");
    after.erase(0);
    CHECK(after == before);
    must(world.owner->forget_brand(velo.handle));
    for (const auto& item : log_of(world)) CHECK(item.value("brand", "") != velo.handle);
    CHECK(must(world.owner->verify())["ok"] == true);
  }

  TEST_CASE("only what was named opens it, and new words are told when there were some") {
    World world;
    CHECK(rekey(world)["words"] == nullptr);
    must(world.owner->change_passphrase(SlotKind::Credential, World::credential(), secret(kFirst)));
    const auto former = joined(
        must(world.owner->make_recovery(SlotKind::Credential, World::credential()))["words"]);

    // A passphrase proves it and stays; the credential ends.
    auto words = joined(
        must(world.owner->rekey(SlotKind::Passphrase, secret(kFirst), std::nullopt))["words"]);
    CHECK(words != former);
    CHECK_FALSE(opens(world, SlotKind::Recovery, former));
    CHECK_FALSE(
        world.owner->unlock(SlotKind::Credential, World::credential(), gate::Unlock::ForUse).ok());
    CHECK(opens(world, SlotKind::Recovery, words));
    CHECK(opens(world, SlotKind::Passphrase, kFirst));

    // Words prove it: there must be a passphrase to go on with.
    CHECK(world.owner->rekey(SlotKind::Recovery, secret(words), std::nullopt).error().say ==
          "rekey.needs_passphrase");
    CHECK(world.owner->rekey(SlotKind::Recovery, secret(words), secret("short")).error().say ==
          "vault.short_passphrase");
    const auto newer = joined(
        must(world.owner->rekey(SlotKind::Recovery, secret(words), secret(kSecond)))["words"]);
    CHECK_FALSE(opens(world, SlotKind::Passphrase, kFirst));
    CHECK(opens(world, SlotKind::Passphrase, kSecond));
    CHECK(opens(world, SlotKind::Recovery, newer));
    CHECK(must(world.owner->check_recovery(secret(newer)))["opens"] == true);
    CHECK(world.log_count("vault_rekeyed", "done") == 3);
  }

  TEST_CASE("who proves nothing is counted, and a locked or sealed vault is not rekeyed") {
    World world;
    CHECK(
        world.owner->rekey(SlotKind::Credential, World::credential(9), std::nullopt).error().say ==
        "keys.wrong");
    CHECK(world.log_count("unlock_refused", "refused") == 1);
    CHECK(world.log_count("vault_rekeyed", "done") == 0);
    must(world.owner->lock());
    CHECK(world.owner->rekey(SlotKind::Credential, World::credential(), std::nullopt).error().say ==
          "vault.locked");
    must(world.owner->seal());
    CHECK(world.owner->rekey(SlotKind::Credential, World::credential(), std::nullopt).error().say ==
          "vault.sealed");
  }

  TEST_CASE("by its route: one secret, or two with a new passphrase") {
    World world;
    const std::string credential(store::kCredentialBytes, '\x07');
    CHECK(post(world, "", credential).status == 400);
    CHECK(post(world, "slot=credential", "").status == 400);
    CHECK(post(world, "slot=credential&fresh=1", credential).status == 400);
    const auto answer = post(world, "slot=credential", credential);
    CHECK(answer.status == 200);
    CHECK(json::parse(answer.body) == json{{"schema", "vrm.rekey/1"}, {"words", nullptr}});
    CHECK(post(world, "slot=credential&fresh=1", two(credential, kFirst)).status == 200);
    CHECK(opens(world, SlotKind::Passphrase, kFirst));
    CHECK(post(world, "slot=passphrase&fresh=1", two(kFirst, kSecond)).status == 200);
    CHECK_FALSE(opens(world, SlotKind::Passphrase, kFirst));
    CHECK(opens(world, SlotKind::Passphrase, kSecond));
    CHECK(must(world.owner->status())["vault"]["keys"] ==
          json{{"passphrase", true}, {"credential", false}, {"recovery", false}});
  }

  TEST_CASE("how far it has come is told, and there is nothing to tell when nothing goes on") {
    World world;
    const json nothing = {
        {"schema", "vrm.progress/1"}, {"doing", nullptr}, {"done", 0}, {"all", 0}};
    CHECK(world.owner->progress() == nothing);
    gate::LongWork work;
    {
      gate::LongWork::Turn turn(work, "rekey");
      turn.progress()(3, 12);
      CHECK(work.document() ==
            json{{"schema", "vrm.progress/1"}, {"doing", "rekey"}, {"done", 3}, {"all", 12}});
    }
    CHECK(work.document() == nothing);
    rekey(world);
    CHECK(world.owner->progress() == nothing);
  }
}
