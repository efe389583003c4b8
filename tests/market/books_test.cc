#include "vault/market/books.h"

#include "tests/market/scene.h"
#include "tests/store/test_vault.h"
#include "vault/market/messages.h"

using namespace vrm;  // tests only
using namespace vrm::market;
using store::must;

namespace {

Intent an_intent(const char* id, Instant made_at) {
  Intent intent;
  intent.id.text = id;
  intent.told = demand();
  intent.made_at = made_at;
  return intent;
}

Invitation an_invitation(const char* iid, const char* brand, const store::KeyId& key) {
  Invitation invitation;
  invitation.iid = iid;
  invitation.intent = "in_00000001";
  invitation.brand = brand;
  invitation.currency = "EUR";
  invitation.offers_until = day(1);
  invitation.key = key;
  return invitation;
}

OfferFile an_offer(const char* id, const char* intent, Instant at) {
  OfferFile file;
  file.id.text = id;
  file.intent = intent;
  file.iid = kIid;
  file.brand = "velo";
  file.oid = "one";
  file.revisions = {{1, at, "a.b.c"}};
  return file;
}

Acceptance an_acceptance(const char* id, const char* jti, const store::KeyId& key) {
  Acceptance acceptance;
  acceptance.id.text = id;
  acceptance.intent = "in_00000001";
  acceptance.iid = kIid;
  acceptance.offer = "of_00000001";
  acceptance.oid = "one";
  acceptance.rev = 1;
  acceptance.brand = "velo";
  acceptance.jti = jti;
  acceptance.sha256 = sha256_of("x");
  acceptance.until = day(1);
  acceptance.key = key;
  return acceptance;
}

}  // namespace

TEST_SUITE("market/books") {
  TEST_CASE("intents are kept under a key of their own, listed newest first and found as typed") {
    store::TestVault vault;
    auto& store = vault.create();
    IntentBook book;
    must(store.run([&](store::Txn& txn) -> Result<void> {
      TRY(book.make(txn, an_intent("in_00000001", {1}), vault.random));
      TRY(book.make(txn, an_intent("in_0000A002", {2}), vault.random));
      return {};
    }));
    REQUIRE(book.list().size() == 2);
    CHECK(book.list()[0]->id.text == "in_0000A002");
    CHECK(book.list()[0]->key != book.list()[1]->key);
    CHECK(must(book.find_typed("IN_oooooool"))->id.text == "in_00000001");
    CHECK(must(book.find_typed("in_0000A"))->id.text == "in_0000A002");
    CHECK(book.find_typed("in_0000").error().code == ErrorCode::Conflict);
    CHECK(book.find_typed("in_9").error().say == "intent.unknown");
    CHECK(book.find_typed("of_0").error().code == ErrorCode::Malformed);

    auto& again = vault.reopen();
    IntentBook loaded;
    must(loaded.load(again));
    CHECK(loaded.list().size() == 2);
    again.lock({});
    IntentBook locked;
    must(locked.load(again));
    CHECK(locked.list().empty());
  }

  TEST_CASE("invitations are found by the name the brand has, while the vault is locked too") {
    store::TestVault vault;
    auto& store = vault.create();
    const auto key = store::new_key(store);
    InvitationBook book;
    must(store.run([&](store::Txn& txn) -> Result<void> {
      TRY(book.make(txn, an_invitation("iid-2", "velo", key), vault.random));
      TRY(book.make(txn, an_invitation("iid-1", "zebra", key), vault.random));
      return {};
    }));
    const auto invited = book.of_intent("in_00000001");
    REQUIRE(invited.size() == 2);
    CHECK(invited[0]->brand == "velo");
    CHECK(book.of_intent("in_00000002").empty());
    store.lock({key});
    InvitationBook locked;
    must(locked.load(store));
    REQUIRE(locked.find("iid-1") != nullptr);
    Invitation next = *locked.find("iid-1");
    next.closed = true;
    must(store.run([&](store::Txn& txn) -> Result<void> {
      TRY(locked.put(txn, next));
      return {};
    }));
    CHECK(locked.find("iid-1")->closed);
  }

  TEST_CASE("offers of an intent come oldest first, and what fails is undone") {
    store::TestVault vault;
    auto& store = vault.create();
    const auto key = store::new_key(store);
    OfferBook book;
    must(store.run([&](store::Txn& txn) -> Result<void> {
      TRY(book.make(txn, an_offer("of_00000001", "in_00000001", {20}), key, vault.random));
      TRY(book.make(txn, an_offer("of_00000002", "in_00000001", {10}), key, vault.random));
      TRY(book.make(txn, an_offer("of_00000003", "in_00000002", {5}), key, vault.random));
      return {};
    }));
    const auto offers = book.of_intent("in_00000001");
    REQUIRE(offers.size() == 2);
    CHECK(offers[0]->id.text == "of_00000002");
    CHECK(offers[0]->key == key);
    CHECK(must(book.find_typed("of_00000003"))->intent == "in_00000002");
    CHECK(book.find_typed("of_9").error().say == "offer.unknown");
    const auto failed = store.run([&](store::Txn& txn) -> Result<void> {
      TRY(book.make(txn, an_offer("of_00000004", "in_00000001", {1}), key, vault.random));
      return Error{ErrorCode::Denied, "on second thoughts"};
    });
    CHECK_FALSE(failed.ok());
    CHECK(book.find("of_00000004") == nullptr);
    CHECK(book.of_intent("in_00000001").size() == 2);
  }

  TEST_CASE("acceptances are found by their jti, and those that wait are listed") {
    store::TestVault vault;
    auto& store = vault.create();
    const auto key = store::new_key(store);
    AcceptanceBook book;
    must(store.run([&](store::Txn& txn) -> Result<void> {
      TRY(book.make(txn, an_acceptance("ac_00000001", "one", key), vault.random));
      Acceptance done = an_acceptance("ac_00000002", "two", key);
      done.state = AcceptanceState::Acknowledged;
      TRY(book.make(txn, std::move(done), vault.random));
      return {};
    }));
    CHECK(book.of_jti("two")->id.text == "ac_00000002");
    CHECK(book.of_jti("three") == nullptr);
    REQUIRE(book.pending().size() == 1);
    CHECK(book.pending()[0]->jti == "one");
    AcceptanceBook loaded;
    must(loaded.load(vault.reopen()));
    CHECK(loaded.all().size() == 2);
    loaded.clear();
    CHECK(loaded.all().empty());
  }
}
