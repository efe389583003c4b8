// A new root key: what it opens and the former one does not, what stays, and that the vault is the old one or the new one
// whole wherever the power goes, the process ends or the disk fails.

#include <doctest/doctest.h>

#include <fstream>
#include <future>
#include <set>
#include <sstream>

#include "tests/store/test_vault.h"
#include "tests/support/simulated_disk.h"
#include "tests/support/store_content.h"
#include "vault/crypto/aead.h"
#include "vault/store/content.h"
#include "vault/store/database.h"
#include "vault/store/digest.h"
#include "vault/store/log_chain.h"
#include "vault/store/rekey.h"
#include "vault/store/slots_file.h"
#include "vault/store/verify.h"

using namespace vrm;         // tests only
using namespace vrm::store;  // tests only
using testing::content_of;
using testing::History;
using testing::Image;
using testing::SimulatedDisk;
using testing::StoreContent;

namespace {

constexpr std::string_view kRecord = "rekeyed";

RekeyOrder order_for(std::uint8_t byte) {
  RekeyOrder order;
  order.slots.push_back(credential(byte));
  order.record = Bytes(kRecord.begin(), kRecord.end());
  return order;
}

Result<void> rekey(Store& store, std::uint8_t from, std::uint8_t to) {
  return store.rekey(credential(from), order_for(to));
}

// Some of everything: rows of several tables, a field's key, a key that was destroyed, records.
KeyId fill(Store& store) {
  const KeyId own = new_key(store);
  const KeyId gone = new_key(store);
  for (std::uint64_t i = 1; i <= 12; ++i)
    put(store, Table::Fields, row_id(i), "value " + std::to_string(i), own);
  put(store, Table::Settings, row_id(1), "settings");
  put(store, Table::Imports, row_id(2), std::string(20'000, 'i'));
  put(store, Table::Brands, row_id(3), "gone", gone);
  for (int i = 1; i <= 5; ++i) log(store, "record " + std::to_string(i));
  must(store.run([&](Txn& txn) -> Result<void> {
    txn.anchor();
    return txn.destroy_key(gone);
  }));
  return own;
}

std::string bytes_in(const std::filesystem::path& file) {
  std::ostringstream out;
  out << std::ifstream(file, std::ios::binary).rdbuf();
  return out.str();
}

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
    for (const TableRows& table : content.tables)
      for (const auto& [id, row] : table)
        if (row->table == Table::Keys || content.keys.contains(row->key)) boxes.push_back(row->box);
  }

  // Every box that lies there now, tried with every key that there was.
  void opens_nothing(TestVault& vault) const {
    const auto database = must(Database::open(vault.disk, vault.random, vault.database()));
    CHECK_FALSE(open_head(must(database->head()), head_key(root, slots.vault), slots.vault).ok());
    CHECK_FALSE(open_ring(must(database->ring()), root, slots.vault).ok());
    std::size_t tried = 0;
    must(database->each_row([&](std::int64_t, std::optional<Row> row) -> Result<void> {
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

const Options kOptions{.folder = "/home/vault", .kdf = {}, .anchors = "/home/anchors"};

// With what opens it now: the new credential or the old one.
Result<StoreContent> reopen(store::Disk& disk) {
  auto found = testing::verified(disk, kOptions, credential(8));
  if (found.ok() || found.error().code != ErrorCode::BadKey) return found;
  return testing::verified(disk, kOptions, credential(7));
}

// A vault on a disk that loses and fails, before and after.
struct Life {
  Life() {
    SimulatedDisk disk;
    crypto::SystemRandom random;
    auto store = must(Store::create(disk, random, kOptions, credential()));
    fill(*store);
    before = must(content_of(*store));
    store.reset();
    image = disk.now();
    after = before;
    after.log.emplace_back(kRecord);
    after.keys += 1;  // the witness's
  }

  // What `found` is: "before", "after", or what is wrong with it.
  std::string is(const Result<StoreContent>& found) const {
    if (!found.ok()) return testing::said(found.error());
    if (found.value() == before) return "before";
    if (found.value() == after) return "after";
    return "neither:" + testing::difference(found.value(), before);
  }

  Image image;
  StoreContent before;
  StoreContent after;
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
    const Bytes newer = must(vault.store->witness());
    CHECK_FALSE(vault.store->proves_rollback(newer) == false);  // the next commit's
    vault.close();
    TestVault back(older);
    CHECK(back.reopen().proves_rollback(newer));
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

  TEST_CASE("without the room it is refused before anything is written") {
    const Life life;
    SimulatedDisk disk(life.image);
    crypto::SystemRandom random;
    auto store = must(Store::attach(disk, random, kOptions));
    must(store->unlock(credential(), OpenFor::Use));
    std::uint64_t used = 0;
    for (const auto& [path, bytes] : disk.now()) used += bytes.size();
    const std::size_t changes = disk.changes();
    disk.limit_room(used + 50'000);
    const auto refused = rekey(*store, 7, 8);
    CHECK(refused.error().say == "store.rekey_no_room");
    CHECK(disk.changes() == changes);
    CHECK(must(content_of(*store)) == life.before);
    disk.limit_room(std::nullopt);
    must(rekey(*store, 7, 8));
  }

  TEST_CASE(
      "whenever the power goes the vault is the old one or the new one, and what was done is") {
    const Life life;
    SimulatedDisk disk(life.image);
    crypto::SystemRandom random;
    auto store = must(Store::attach(disk, random, kOptions));
    must(store->unlock(credential(), OpenFor::Use));
    const std::size_t opened = disk.changes();
    must(rekey(*store, 7, 8));
    const std::size_t done = disk.changes();
    CHECK(must(content_of(*store)) == life.after);
    store.reset();
    const History history = disk.history();
    const std::uint64_t seeds = testing::cases("VRM_REKEY_SEEDS", 6);
    std::size_t cuts = 0;
    std::size_t again = 0;
    std::size_t news = 0;
    for (std::size_t count = opened; count <= history.changes.size(); ++count) {
      for (std::uint64_t seed = 0; seed < seeds; ++seed, ++cuts) {
        CAPTURE(count);
        CAPTURE(seed);
        SimulatedDisk left(history.cut(count, seed + 13 * count));
        const std::string is = life.is(reopen(left));
        CHECK((is == "after" || (is == "before" && count < done)));
        if (is == "after") ++news;
        for (const char* name : {"vault.db.new", "slots.rekeyed", "slots.rekeyed.new"})
          CHECK_FALSE(must(left.exists(kOptions.folder / name)));
        // The opening that took it up is cut as well.
        if (seed != 0) continue;
        const History reopening = left.history();
        for (std::size_t at = 0; at < reopening.changes.size(); at += 1 + count % 5, ++again) {
          CAPTURE(at);
          SimulatedDisk second(reopening.cut(at, seed + at));
          CHECK(life.is(reopen(second)) == is);
        }
      }
    }
    CHECK(news > 50);
    MESSAGE(cuts << " cuts of " << history.changes.size() - opened << " changes, " << again
                 << " cut again");
  }

  TEST_CASE("a disk that ignores syncs loses the vault: the cuts do find it") {
    const Life life;
    SimulatedDisk disk(life.image);
    disk.ignore_syncs(true);
    crypto::SystemRandom random;
    auto store = must(Store::attach(disk, random, kOptions));
    must(store->unlock(credential(), OpenFor::Use));
    must(rekey(*store, 7, 8));
    const History history = disk.history();
    store.reset();
    int lost = 0;
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
      SimulatedDisk left(history.cut(history.changes.size(), seed));
      if (life.is(reopen(left)) != "after") ++lost;
    }
    CHECK(lost > 30);
  }

  TEST_CASE("where a decided rekey lies whose database was taken away, no other vault is made") {
    const Life life;
    Image image = life.image;
    image[kOptions.folder / "vault.db.new"] = image[kOptions.folder / "vault.db"];
    image[kOptions.folder / "slots.rekeyed"] = image[kOptions.folder / "slots"];
    image.erase(kOptions.folder / "vault.db");
    SimulatedDisk disk(image);
    crypto::SystemRandom random;
    CHECK(Store::create(disk, random, kOptions, credential()).error().code == ErrorCode::Conflict);
    CHECK(disk.now().contains(kOptions.folder / "vault.db.new"));
    image[kOptions.folder / "vault.db"] = {};  // whatever it was, it is overwritten
    disk.begin(testing::Medium(image));
    CHECK(life.is(reopen(disk)) == "before");
  }

  TEST_CASE("a decided rekey of a newer vrm is left as it is") {
    const Life life;
    Image image = life.image;
    Bytes newer = image[kOptions.folder / "vault.db"];
    newer[63] = static_cast<std::uint8_t>(kFormat + 1);
    image[kOptions.folder / "vault.db.new"] = newer;
    image[kOptions.folder / "slots.rekeyed"] = image[kOptions.folder / "slots"];
    SimulatedDisk disk(image);
    crypto::SystemRandom random;
    const auto attached = Store::attach(disk, random, kOptions);
    CHECK(attached.error().with[0].second == "vault.db: written by a newer version of vrm");
    Image after = disk.now();
    after.erase(kOptions.folder / "lock");
    image.erase(kOptions.folder / "lock");
    CHECK(after == image);
  }

  TEST_CASE(
      "killed at any step and started again, it is whole, and what is written then survives a "
      "cut") {
    const Life life;
    SimulatedDisk disk(life.image);
    crypto::SystemRandom random;
    auto store = must(Store::attach(disk, random, kOptions));
    must(store->unlock(credential(), OpenFor::Use));
    const std::size_t opened = disk.changes();
    must(rekey(*store, 7, 8));
    const std::size_t done = disk.changes();
    const History history = disk.history();
    store.reset();
    for (std::size_t killed = opened; killed <= done; ++killed) {
      CAPTURE(killed);
      SimulatedDisk second;
      second.begin(history.killed(killed));
      auto back = must(Store::attach(second, random, kOptions));
      std::uint8_t with = 8;
      auto report = back->unlock(credential(8), OpenFor::Use);
      if (!report.ok()) report = back->unlock(credential(with = 7), OpenFor::Use);
      REQUIRE(report.ok());
      CHECK_FALSE(report.value().rollback.has_value());
      CHECK(life.is(content_of(*back)) == (with == 8 ? "after" : "before"));
      put(*back, Table::Settings, row_id(7), "after the kill");
      const StoreContent live = must(content_of(*back));
      const History later = second.history();
      back.reset();
      for (std::uint64_t seed = 0; seed < 3; ++seed) {
        CAPTURE(seed);
        SimulatedDisk left(later.cut(later.changes.size(), seed + killed));
        CHECK(testing::difference(must(reopen(left)), live) == "");
      }
    }
  }

  TEST_CASE("wherever the disk fails it is refused and the vault is the old one, or it is done") {
    const Life life;
    std::size_t points = 0;
    std::map<std::string, std::size_t> ends;
    for (const bool for_ever : {false, true}) {
      for (std::uint64_t at = 1;; ++at) {
        CAPTURE(at);
        CAPTURE(for_ever);
        SimulatedDisk disk(life.image);
        crypto::SystemRandom random;
        auto store = must(Store::attach(disk, random, kOptions));
        must(store->unlock(credential(), OpenFor::Use));
        disk.fail({.at = at, .for_ever = for_ever});
        const auto rekeyed = rekey(*store, 7, 8);
        const bool struck = disk.failed() > 0;
        if (at % 3 != 0) disk.heal();
        if (!struck) {
          CHECK(rekeyed.ok());
          break;
        }
        ++points;
        const std::string said = rekeyed.ok() ? "done" : rekeyed.error().say;
        ++ends[said];
        const bool shut = said == "store.rekey_unsettled" || said == "store.rekey_unfinished";
        CHECK(store->state() == (shut ? State::Attached : State::Open));
        if (said == "done") CHECK(life.is(content_of(*store)) == "after");
        if (!rekeyed.ok() && !shut && at % 3 != 0) CHECK(life.is(content_of(*store)) == "before");
        if (at % 3 == 1) {  // it goes on
          if (shut) {
            auto opened = store->unlock(credential(8), OpenFor::Use);
            if (!opened.ok()) opened = store->unlock(credential(7), OpenFor::Use);
            must(std::move(opened));
          }
          put(*store, Table::Settings, row_id(7), "goes on");
          const StoreContent live = must(content_of(*store));
          store.reset();
          SimulatedDisk left(disk.history().cut(disk.changes(), at));
          CHECK(testing::difference(must(reopen(left)), live) == "");
          continue;
        }
        store
            .reset();  // the process ends, with the disk as it is; and the power goes too or does not
        disk.heal();
        SimulatedDisk left(at % 2 == 0 ? disk.now() : disk.history().cut(disk.changes(), at));
        const std::string is = life.is(reopen(left));
        if (said == "done" || said == "store.rekey_unfinished") CHECK(is == "after");
        if (!rekeyed.ok() && !shut) CHECK(is == "before");
        CHECK((is == "before" || is == "after"));
      }
    }
    std::string counts;
    for (const auto& [said, count] : ends)
      counts += " " + (said.empty() ? std::string("refused") : said) + " " + std::to_string(count);
    CHECK(ends["store.rekey_unfinished"] > 5);
    MESSAGE(points << " failures:" << counts);
  }
}
