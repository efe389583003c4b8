#include "vault/journal/journal.h"

#include <doctest/doctest.h>

#include "tests/store/test_vault.h"
#include "vault/journal/record.h"

using namespace vrm;           // tests only
using namespace vrm::journal;  // tests only
using store::Store;
using store::Txn;

namespace {

Entry a_read(const store::KeyId& key) {
  Entry entry;
  entry.at = Instant{1'700'000'000'000};
  entry.kind = Kind::Read;
  entry.outcome = Outcome::Allowed;
  entry.brand_key = key;
  entry.brand = "velo";
  entry.grant = "gr_7F2K9QXD";
  entry.fields = {"address.home.postal_code", "person.given_name"};
  entry.purpose = "delivery";
  entry.reason = "granted";
  return entry;
}

std::uint64_t write(Store& store, const Entry& entry) {
  std::uint64_t number = 0;
  store::must(store.run([&](Txn& txn) -> Result<void> {
    number = TRY(append(txn, store, entry));
    return {};
  }));
  return number;
}

void forget(Store& store, const store::KeyId& key) {
  store::must(store.run([&](Txn& txn) { return txn.destroy_key(key); }));
}

}  // namespace

TEST_SUITE("journal/journal") {
  TEST_CASE("an entry of a brand comes back as it was, also after a restart") {
    store::TestVault vault;
    vault.create();
    const store::KeyId key = store::new_key(*vault.store);
    CHECK(write(*vault.store, a_read(key)) == 1);
    Store& store = vault.reopen();
    const auto entries = store::must(read(store, 1, 1));
    REQUIRE(entries.size() == 1);
    const Entry& entry = entries[0].entry;
    CHECK(entries[0].number == 1);
    CHECK_FALSE(entries[0].forgotten);
    CHECK(entry.at == Instant{1'700'000'000'000});
    CHECK(entry.kind == Kind::Read);
    CHECK(entry.outcome == Outcome::Allowed);
    CHECK(entry.brand == "velo");
    CHECK(entry.grant == "gr_7F2K9QXD");
    CHECK(entry.fields ==
          std::vector<std::string>{"address.home.postal_code", "person.given_name"});
    CHECK(entry.purpose == "delivery");
    CHECK(entry.reason == "granted");
  }

  TEST_CASE("an entry without a brand comes back as it was") {
    store::TestVault vault;
    Store& store = vault.create();
    Entry entry;
    entry.at = Instant{5};
    entry.kind = Kind::FieldSet;
    entry.fields = {"person.given_name"};
    write(store, entry);
    const auto entries = store::must(read(store, 1, 9));
    REQUIRE(entries.size() == 1);
    CHECK(entries[0].entry.kind == Kind::FieldSet);
    CHECK(entries[0].entry.fields == entry.fields);
    CHECK(entries[0].entry.brand.empty());
  }

  TEST_CASE("an entry raises the high-water mark of time, and an earlier one does not lower it") {
    store::TestVault vault;
    Store& store = vault.create();
    Entry entry;
    entry.at = Instant{500};
    write(store, entry);
    entry.at = Instant{400};
    write(store, entry);
    CHECK(store.high_water() == Instant{500});
  }

  TEST_CASE("forgetting a brand keeps the chain whole and takes its name away") {
    store::TestVault vault;
    vault.create();
    const store::KeyId velo = store::new_key(*vault.store);
    const store::KeyId troc = store::new_key(*vault.store);
    write(*vault.store, a_read(velo));
    write(*vault.store, a_read(troc));
    forget(*vault.store, velo);
    Store& store = vault.reopen();
    const auto entries = store::must(read(store, 1, 2));
    REQUIRE(entries.size() == 2);
    CHECK(entries[0].forgotten);
    CHECK(entries[0].entry.kind == Kind::Read);
    CHECK(entries[0].entry.brand.empty());
    CHECK(entries[0].entry.fields.empty());
    CHECK_FALSE(entries[1].forgotten);
    CHECK(entries[1].entry.brand == "velo");
    CHECK(store::must(store.check()).damages.empty());
  }

  TEST_CASE("a brand whose key is not in memory cannot be written about") {
    store::TestVault vault;
    Store& store = vault.create();
    const store::KeyId kept = store::new_key(store);
    const store::KeyId other = store::new_key(store);
    store.lock({kept});
    CHECK(write(store, a_read(kept)) == 1);
    const auto refused = store.run([&](Txn& txn) -> Result<void> {
      TRY(append(txn, store, a_read(other)));
      return {};
    });
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code == ErrorCode::Locked);
    CHECK(store.log_size() == 1);
  }

  TEST_CASE("a locked vault does not read its journal") {
    store::TestVault vault;
    Store& store = vault.create();
    write(store, Entry{});
    store.lock({});
    const auto entries = read(store, 1, 1);
    REQUIRE_FALSE(entries.ok());
    CHECK(entries.error().code == ErrorCode::Locked);
  }

  TEST_CASE("every kind has a word, and the word gives the kind back") {
    for (int number = 0; number < 256; ++number) {
      CAPTURE(number);
      const auto kind = static_cast<Kind>(number);
      const std::string_view word = to_string(kind);
      if (!word.empty()) CHECK(kind_from(word) == kind);
    }
    CHECK(to_string(Kind::GrantMade) == "grant_made");
    CHECK(to_string(Kind::StrangersRefused) == "strangers_refused");
    CHECK_FALSE(kind_from("grant").has_value());
    CHECK_FALSE(kind_from("").has_value());
  }
}

TEST_SUITE("journal/record") {
  TEST_CASE("a record cut anywhere is refused") {
    Entry entry = a_read({});
    const Bytes inner = store::must(encode_inner(entry));
    for (std::size_t size = 0; size < inner.size(); ++size) {
      CAPTURE(size);
      Entry out;
      CHECK_FALSE(decode_inner(BytesView(inner).first(size), out).ok());
    }
    const Bytes outer = encode_outer({Kind::Read, Outcome::Allowed, Instant{1}, store::KeyId{}});
    for (std::size_t size = 0; size < outer.size(); ++size) {
      CAPTURE(size);
      CHECK_FALSE(decode_record(BytesView(outer).first(size)).ok());
    }
  }

  TEST_CASE("unknown formats, kinds, outcomes and marks are refused") {
    const Bytes good = encode_outer({Kind::Read, Outcome::Allowed, Instant{1}, std::nullopt});
    REQUIRE(decode_record(good).ok());
    for (const std::size_t at : {0U, 1U, 2U, 3U}) {
      CAPTURE(at);
      Bytes bad = good;
      bad[at] = 200;
      CHECK_FALSE(decode_record(bad).ok());
    }
  }

  TEST_CASE("bytes after the inner part, and text that is not UTF-8, are refused") {
    Bytes inner = store::must(encode_inner(a_read({})));
    Entry out;
    inner.push_back(0);
    CHECK_FALSE(decode_inner(inner, out).ok());
    inner.pop_back();
    inner[2] = 0xff;
    CHECK_FALSE(decode_inner(inner, out).ok());
  }

  TEST_CASE("a text longer than its length can say is refused, not cut") {
    Entry entry;
    entry.reason = std::string(65536, 'a');
    const auto refused = encode_inner(entry);
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code == ErrorCode::Malformed);
  }
}
