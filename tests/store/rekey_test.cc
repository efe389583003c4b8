// A new root key: what it opens and the former one does not, and what stays. Faults are in rekey_fault_test.cc.

#include <doctest/doctest.h>

#include <fstream>
#include <future>
#include <set>

#include "tests/store/rekeyed_vault.h"
#include "vault/crypto/aead.h"
#include "vault/store/content.h"
#include "vault/store/database.h"
#include "vault/store/digest.h"
#include "vault/store/log_chain.h"
#include "vault/store/slots_file.h"
#include "vault/store/verify.h"

using namespace vrm;         // tests only
using namespace vrm::store;  // tests only

namespace {

std::set<std::string> names_in(const std::filesystem::path& folder) {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    names.insert(entry.path().filename().string());
  return names;
}

// All that a thief took: the root key, and what it opened then.
struct Thief {
  explicit Thief(TestVault& vault) {
    vault.close();
    slots = must(read_slots(vault.disk, vault.options.folder));
    root = must(open_slots(slots, credential()));
    const auto database = must(Database::open(vault.disk, vault.random, vault.database()));
    const crypto::Secret head = head_key(root, slots.vault);
    const crypto::Secret sums = sums_key(root, slots.vault);
    const CheckingKeys keys{head, sums, &root};
    content = must(read_vault(*database, slots.vault, keys, Depth::Sums)).content;
    boxes.push_back(must(database->head()));
    boxes.push_back(must(database->ring()));
    for (const LogBox& box : must(database->log_from(1, 1000))) boxes.push_back(box.box);
    for (const RowTable& table : content.tables)
      for (const RowPtr& row : table)
        if (row->table == Table::Keys || content.keys.contains(row->key))
          boxes.emplace_back(row->box().begin(), row->box().end());
  }

  // Every box that lies there now, tried with every key that there was.
  void opens_nothing(TestVault& vault) const {
    const auto database = must(Database::open(vault.disk, vault.random, vault.database()));
    CHECK_FALSE(open_head(must(database->head()), head_key(root, slots.vault), slots.vault).ok());
    CHECK_FALSE(open_ring(must(database->ring()), root, slots.vault).ok());
    std::size_t tried = 0;
    must(database->each_row([&](std::int64_t, const std::optional<Row>& row) -> Result<void> {
      REQUIRE(row);
      ++tried;
      CHECK_FALSE(open_row(*row, slots.vault, content.roots->ring.bytes()).ok());
      const BytesView key = content.keys.find(row->key);
      if (!key.empty()) CHECK_FALSE(open_row(*row, slots.vault, key).ok());
      return {};
    }));
    CHECK(tried > 15);
    crypto::Secret key = first_log_key(root, slots.vault);
    for (const LogBox& box : must(database->log_from(1, 1000))) {
      CHECK_FALSE(open_log(key.bytes(), slots.vault, box.number, box.box).ok());
      turn_log_key(key);
    }
  }

  // Nothing of what it could open lies in any file.
  void finds_nothing(const std::filesystem::path& folder) const {
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      const std::string all = bytes_in(entry.path());
      for (const Bytes& box : boxes)
        CHECK(all.find(text_of(BytesView(box).first(40))) == std::string::npos);
      for (const Slot& slot : slots.slots) CHECK(all.find(text_of(slot.box)) == std::string::npos);
      CHECK(all.find(text_of(root.bytes())) == std::string::npos);
    }
  }

  SlotsFile slots;
  crypto::Secret root = crypto::Secret::zeros(32);
  Content content;
  std::vector<Bytes> boxes;
};

}  // namespace

TEST_SUITE("store/rekey") {
  TEST_CASE("the vault says what it said, opens with what it was told, and with nothing else") {
    TestVault vault;
    vault.options.anchors = vault.folder.path() / "anchors";
    const KeyId own = fill(vault.create());
    const crypto::Digest digest = must(digest_of(*vault.store));
    const auto epoch = vault.store->epoch();
    RekeyOrder order = order_for(8);
    order.record.clear();
    order.at = Instant{5'000};
    must(vault.store->rekey(credential(7), order));
    for (const bool again : {false, true}) {
      if (again) {
        CHECK(vault.attach().unlock(credential(7), OpenFor::Use).error().code == ErrorCode::BadKey);
        const auto report = must(vault.store->unlock(credential(8), OpenFor::Use));
        CHECK_FALSE(report.rollback.has_value());
      }
      Store& store = *vault.store;
      CHECK(store.state() == State::Open);
      CHECK(must(digest_of(store)) == digest);
      CHECK(must(store.check()).damages.empty());
      CHECK(store.epoch() == epoch);
      CHECK(store.anchoring() == Anchoring::Kept);
      CHECK(store.high_water() == Instant{5'000});
      CHECK(get(store, Table::Brands, row_id(3)) == "<locked>");
      CHECK(store.try_opener(credential(7)).error().code == ErrorCode::BadKey);
      must(store.try_opener(credential(8)));
      put(store, Table::Fields, row_id(99), "after", own);
      CHECK(get(store, Table::Fields, row_id(99)) == "after");
      must(store.run([](Txn& txn) { return txn.erase(Table::Fields, row_id(99)); }));
    }
    vault.close();
    CHECK(names_in(vault.options.folder) ==
          std::set<std::string>{"lock", "reserve", "slots", "vault.db"});
  }

  // VRM_ACCEPT_GOLDEN=1 makes it anew, of a new format: that of an old one stays.
  TEST_CASE("a rekeyed vault of the second format opens for ever, and is rekeyed again") {
    const auto golden = std::filesystem::path(VRM_SOURCE_DIR) / "tests/store/golden";
    const auto copy = [](const std::filesystem::path& from, const std::filesystem::path& to) {
      std::filesystem::create_directories(to);
      std::filesystem::permissions(to, std::filesystem::perms::owner_all);
      for (const char* name : {"vault.db", "slots"})
        std::filesystem::copy_file(from / name, to / name,
                                   std::filesystem::copy_options::overwrite_existing);
    };
    RekeyOrder order = order_for(7);
    order.record.clear();
    if (std::getenv("VRM_ACCEPT_GOLDEN") != nullptr) {
      TestVault vault;
      copy(golden / "vault_2", vault.options.folder);
      must(vault.reopen().rekey(credential(7), order));
      vault.close();
      copy(vault.options.folder, golden / "vault_2_rekeyed");
    }
    TestVault plain;
    copy(golden / "vault_2", plain.options.folder);
    TestVault vault;
    copy(golden / "vault_2_rekeyed", vault.options.folder);
    const crypto::Digest digest = must(digest_of(plain.reopen()));
    CHECK(must(digest_of(vault.reopen())) == digest);
    must(vault.store->rekey(credential(7), order));
    CHECK(must(digest_of(vault.reopen())) == digest);
    CHECK(must(vault.store->check()).damages.empty());
  }

  TEST_CASE("its record is of the same commit, and the last of the log") {
    TestVault vault;
    fill(vault.create());
    const auto before = log_of(*vault.store);
    must(rekey(*vault.store, 7, 8));
    auto after = log_of(*vault.store);
    CHECK(after.back() == kRecord);
    after.pop_back();
    CHECK(after == before);
  }

  TEST_CASE(
      "the former root key opens nothing that lies in the folder, and finds nothing of its own") {
    TestVault vault;
    fill(vault.create());
    const Thief thief(vault);
    vault.reopen();
    must(rekey(*vault.store, 7, 8));
    put(*vault.store, Table::Fields, row_id(1), "written afterwards");
    thief.finds_nothing(vault.options.folder);
    vault.close();
    thief.opens_nothing(vault);
    thief.finds_nothing(vault.options.folder);
    const auto old = encode_slots(thief.slots);
    std::ofstream(vault.slots(), std::ios::binary) << text_of(old);
    const auto opened = vault.attach().unlock(credential(7), OpenFor::Use);
    CHECK(opened.error().code == ErrorCode::Corrupt);
  }

  TEST_CASE(
      "what is derived stays, what was sealed outside of rows opens, and new boxes are under the "
      "new key") {
    TestVault vault;
    Store& store = vault.create();
    const KeyId own = fill(store);
    const auto context = bytes_of("context");
    const Bytes first = must(store.seal_with(own, bytes_of("first"), context));
    const auto seed = must(store.derive_from(own, "brand.sign"));
    const auto inbox = must(store.derive_from(kVaultKey, "inbox"));
    must(rekey(store, 7, 8));
    const Bytes second = must(store.seal_with(own, bytes_of("second"), context));
    const KeyId later = new_key(store);
    must(rekey(store, 8, 9));
    const Bytes third = must(store.seal_with(own, bytes_of("third"), context));
    // A key is destroyed: the others are wrapped anew, with all that they were.
    must(store.run([&](Txn& txn) { return txn.destroy_key(later); }));
    for (const bool again : {false, true}) {
      if (again) {
        vault.attach();
        must(vault.store->unlock(credential(9), OpenFor::Use));
      }
      Store& now = *vault.store;
      CHECK(now.open_with(own, first, context).value().text() == "first");
      CHECK(now.open_with(own, second, context).value().text() == "second");
      CHECK(now.open_with(own, third, context).value().text() == "third");
      CHECK(now.open_with(own, third, bytes_of("other")).error().code == ErrorCode::Corrupt);
      CHECK(must(now.derive_from(own, "brand.sign")).equals(seed.bytes()));
      CHECK(must(now.derive_from(kVaultKey, "inbox")).equals(inbox.bytes()));
      CHECK(now.open_with(later, third, context).error().code == ErrorCode::Locked);
      CHECK(must(now.check()).damages.empty());
    }
    vault.store->lock({own});
    CHECK(vault.store->open_with(own, third, context).value().text() == "third");
    CHECK(vault.store->open_with(own, first, context).error().code == ErrorCode::Locked);
    CHECK(vault.store->derive_from(own, "brand.sign").error().code == ErrorCode::Locked);
    CHECK(get(*vault.store, Table::Fields, row_id(1)) == "value 1");
    put(*vault.store, Table::Fields, row_id(1), "while locked", own);
    must(vault.store->unlock(credential(9), OpenFor::Use));
    CHECK(get(*vault.store, Table::Fields, row_id(1)) == "while locked");
  }

  TEST_CASE("a witness of before and one of after prove a rollback to either side") {
    TestVault vault;
    fill(vault.create());
    const auto older = vault.folder.path() / "older";
    vault.close();
    std::filesystem::copy(vault.options.folder, older);
    vault.reopen();
    must(rekey(*vault.store, 7, 8));
    must(rekey(*vault.store, 8, 9));
    const Bytes newer = must(vault.store->witness(WitnessOf::NextCommit));
    CHECK_FALSE(vault.store->proves_rollback(newer) == false);  // the next commit's
    vault.close();
    TestVault back(older);
    CHECK(back.reopen().proves_rollback(newer));
  }

  TEST_CASE(
      "a copy keeps its own anchor and key, and one of before the rekey put back is noticed") {
    namespace fs = std::filesystem;
    TestVault vault;
    vault.options.anchors = vault.folder.path() / "anchors";
    fill(vault.create());
    const fs::path here = vault.options.folder;
    const fs::path copy = vault.folder.path() / "copy";
    const fs::path before = vault.folder.path() / "before";
    const auto unlock_in = [&vault](const fs::path& folder, std::uint8_t key) {
      vault.close();
      vault.options.folder = folder;
      const auto report = must(vault.attach().unlock(credential(key), OpenFor::Use));
      must(vault.store->run([](Txn& txn) -> Result<void> {
        txn.anchor();
        TRY(txn.append_log(bytes_of("opened")));
        return {};
      }));
      return report.rollback;
    };
    vault.close();
    for (const auto& folder : {copy, before}) {
      fs::copy(here, folder, fs::copy_options::recursive);
      fs::permissions(folder, fs::perms::owner_all);
    }
    CHECK(unlock_in(copy, 7) == std::nullopt);
    CHECK(unlock_in(here, 7) == std::nullopt);
    must(rekey(*vault.store, 7, 8));
    for (int round = 0; round < 2; ++round) {
      CHECK(unlock_in(copy, 7) == std::nullopt);
      CHECK(unlock_in(here, 8) == std::nullopt);
    }
    vault.close();
    fs::remove_all(here);
    fs::rename(before, here);
    CHECK(unlock_in(here, 7) == Rollback::BadAnchor);
  }

  TEST_CASE("who cannot prove it, a vault that is locked or opened for rescue: nothing changes") {
    TestVault vault;
    Store& store = vault.create();
    CHECK(rekey(store, 9, 8).error().code == ErrorCode::BadKey);
    store.lock({});
    CHECK(rekey(store, 7, 8).error().code == ErrorCode::Locked);
    store.seal();
    CHECK(rekey(store, 7, 8).error().code == ErrorCode::Locked);
    must(store.unlock(credential(), OpenFor::Rescue));
    CHECK(rekey(store, 7, 8).error().say == "store.rescue_read_only");
    store.seal();
    must(store.unlock(credential(), OpenFor::Use));
  }

  TEST_CASE("of several slots those stay that the order names, passphrases and words among them") {
    TestVault vault;
    vault.options.kdf = {.memory_bytes = 64U << 20U, .passes = 2};
    Store& store = vault.create();
    const auto words = [] { return Recovery{crypto::Secret::copy_of(Bytes(16, 3))}; };
    const auto passphrase = [] {
      return Passphrase{crypto::Secret::copy_of(bytes_of("voile cumin"))};
    };
    must(store.add_slot(credential(8)));
    must(store.add_slot(words()));
    RekeyOrder order;
    order.slots.push_back(passphrase());
    order.slots.push_back(words());
    must(store.rekey(credential(8), order));
    CHECK(store.has_slot(SlotKind::Passphrase));
    CHECK(store.has_slot(SlotKind::Recovery));
    CHECK_FALSE(store.has_slot(SlotKind::Credential));
    vault.attach();
    CHECK(vault.store->try_opener(credential(7)).error().code == ErrorCode::BadKey);
    CHECK(vault.store->try_opener(credential(8)).error().code == ErrorCode::BadKey);
    must(vault.store->try_opener(words()));
    must(vault.store->unlock(passphrase(), OpenFor::Use));
  }

  TEST_CASE("reads go on while it lasts, jobs come after, and how far it has come is told") {
    TestVault vault;
    Store& store = vault.create();
    const KeyId own = fill(store);
    const auto before = log_of(store);
    RekeyOrder order = order_for(8);
    std::promise<Result<void>> told;
    std::uint64_t last = 0;
    std::uint64_t whole = 0;
    order.progress = [&](std::uint64_t done, std::uint64_t all) {
      CHECK(done >= last);
      CHECK(done <= all);
      last = done;
      whole = all;
      if (done == 1) {
        std::vector<Work> work;
        work.push_back(
            {[&](Txn& txn) { return txn.write(Table::Fields, row_id(1), own, bytes_of("job")); },
             [&](Result<void> result) { told.set_value(std::move(result)); }});
        store.submit(std::move(work));
      }
      if (done % 10 != 1) return;
      CHECK(get(store, Table::Fields, row_id(1)) == "value 1");
      CHECK(log_of(store) == before);
    };
    must(store.rekey(credential(7), order));
    CHECK(last == whole);
    CHECK(last > 40);
    must(told.get_future().get());
    CHECK(get(store, Table::Fields, row_id(1)) == "job");
    vault.attach();
    must(vault.store->unlock(credential(8), OpenFor::Use));
    CHECK(get(*vault.store, Table::Fields, row_id(1)) == "job");
    CHECK(must(vault.store->check()).damages.empty());
  }

  TEST_CASE("a scan or a reading of the log that a rekey comes into goes on as if there was none") {
    TestVault vault;
    Store& store = vault.create();
    fill(store);
    for (int i = 0; i < 600; ++i) log(store, "more " + std::to_string(i));
    std::size_t rows = 0;
    must(store.scan(Table::Fields,
                    [&](const RowId&, const KeyId&, BytesView record) -> Result<void> {
                      CHECK(text_of(record).starts_with("value "));
                      if (rows++ == 2) must(rekey(store, 7, 8));
                      return {};
                    }));
    CHECK(rows == 12);
    const auto all = log_of(store);
    std::vector<std::string> read;
    must(store.read_log(1, all.size(), [&](std::uint64_t, BytesView record) -> Result<void> {
      read.push_back(text_of(record));
      if (read.size() == 100) must(rekey(store, 8, 9));
      return {};
    }));
    CHECK(read == all);
  }
}
