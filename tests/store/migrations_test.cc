// Vaults of older formats: read as they lie, brought to the present one by steps that are whole or were not made; and of
// newer ones, of which nothing is touched.

#include <doctest/doctest.h>
#include <sqlite3.h>

#include "tests/store/simulated_vault.h"
#include "vault/store/backup.h"
#include "vault/store/backup_format.h"
#include "vault/store/backup_writing.h"
#include "vault/store/database.h"
#include "vault/store/digest.h"
#include "vault/store/migrations.h"
#include "vault/store/verify.h"

using namespace vrm;         // tests only
using namespace vrm::store;  // tests only

namespace {

const std::filesystem::path kGolden =
    std::filesystem::path(VRM_SOURCE_DIR) / "tests/store/golden/vault_1";
constexpr std::string_view kGoldenDigest =
    "6e6a74f809b41ec6e2d4e53cfaebf7ef302f6531342d234bce4bcdc56c4e5035";

// What the database says its format is, where the write-ahead log is empty.
std::uint32_t format_in(std::string_view database) {
  std::uint32_t format = 0;
  for (std::size_t at = 60; at < 64; ++at)
    format = format << 8 | static_cast<std::uint8_t>(database[at]);
  return format;
}

std::map<std::string, std::string> all_of(const std::filesystem::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().filename() != "lock")
      files[entry.path().filename().string()] = bytes_in(entry.path());
  return files;
}

// The golden vault of the first format, where it may be written.
struct Old : TestVault {
  Old() {
    std::filesystem::create_directory(options.folder);
    std::filesystem::permissions(options.folder, std::filesystem::perms::owner_all);
    for (const char* name : {"vault.db", "slots"})
      std::filesystem::copy_file(kGolden / name, options.folder / name);
    options.migration_record = record;
  }
  static Bytes record(std::uint32_t from, std::uint32_t to) {
    const std::string text = std::to_string(from) + " to " + std::to_string(to);
    return Bytes(text.begin(), text.end());
  }
  std::uint32_t format() const { return format_in(bytes_in(database())); }
};

// The same on a disk that loses and fails.
const Options kMigrating{.folder = kOptions.folder,
                         .kdf = {},
                         .anchors = kOptions.anchors,
                         .migration_record = Old::record};

Image old_image() {
  Image image;
  for (const char* name : {"vault.db", "slots"}) {
    const std::string bytes = bytes_in(kGolden / name);
    image[kMigrating.folder / name] = Bytes(bytes.begin(), bytes.end());
  }
  return image;
}

// As it lies, without a step: opened for rescue.
StoreContent old_content() {
  SimulatedDisk disk(old_image());
  crypto::SystemRandom random;
  const auto store = must(Store::attach(disk, random, kMigrating));
  must(store->unlock(credential(), OpenFor::Rescue));
  return must(content_of(*store));
}

}  // namespace

TEST_SUITE("store/migrations") {
  TEST_CASE("each format has one more table at least than the one before, and the last has all") {
    for (std::size_t i = 1; i < kFormats.size(); ++i) {
      CHECK(kFormats[i].number == kFormats[i - 1].number + 1);
      CHECK(kFormats[i].tables >= kFormats[i - 1].tables);
    }
    CHECK(kFormats.back().tables == kTables);
    CHECK(format_of(kFormat) == &kFormats.back());
    CHECK(format_of(0) == nullptr);
    CHECK(format_of(kFormat + 1) == nullptr);
  }

  TEST_CASE("a vault of the first format opens for ever, and is of the present one afterwards") {
    Old vault;
    vault.options.migration_record = nullptr;
    CHECK(vault.format() == 1);
    Store& store = vault.reopen();
    CHECK(to_hex(must(digest_of(store))) == kGoldenDigest);
    CHECK(get(store, Table::Fields, row_id(1)) == "Lyon");
    CHECK(get(store, Table::Brands, row_id(3)) == "<locked>");
    CHECK(must(store.check()).damages.empty());
    CHECK(store.usage().commits == 0);  // of jobs
    vault.close();
    CHECK(vault.format() == kFormat);
    put(vault.reopen(), Table::Acceptances, row_id(5), "pending");
    CHECK(get(*vault.store, Table::Acceptances, row_id(5)) == "pending");
    CHECK(must(vault.store->check()).damages.empty());
  }

  TEST_CASE("each step leaves one record, in the same commit, and is made once") {
    Old vault;
    for (int i = 0; i < 2; ++i) {
      const auto records = log_of(vault.reopen());
      REQUIRE(records.size() == 4 + kFormats.size() - 1);
      for (std::uint32_t step = 1; step < kFormats.size(); ++step)
        CHECK(records[3 + step] == text_of(Old::record(step, step + 1)));
    }
  }

  TEST_CASE("opened for rescue it stays what it is") {
    Old vault;
    const std::string before = bytes_in(vault.database());
    vault.attach();
    const auto report = must(vault.store->unlock(credential(), OpenFor::Rescue));
    CHECK(report.damages.empty());
    CHECK(get(*vault.store, Table::Fields, row_id(1)) == "Lyon");
    vault.close();
    CHECK(bytes_in(vault.database()) == before);
  }

  TEST_CASE("a backup of the first format restores to it, and the next unlock brings it up") {
    Old vault;
    const auto file = vault.folder.path() / "b";
    {
      const auto database = must(Database::open(vault.disk, vault.random, vault.database()));
      const SlotsFile slots = must(read_slots(vault.disk, vault.options.folder));
      const crypto::Secret root = must(open_slots(slots, credential()));
      const crypto::Secret head = head_key(root, slots.vault);
      const crypto::Secret sums = sums_key(root, slots.vault);
      const CheckingKeys keys{head, sums, &root};
      const Findings found = must(read_vault(*database, slots.vault, keys, Depth::Sums));
      CHECK(found.content.head.format == 1);
      Snapshot taken{slots,
                     backup_wrap_key(root, slots.vault),
                     found.content.head,
                     must(database->head()),
                     must(database->ring()),
                     {},
                     {}};
      for (const RowTable& table : found.content.tables)
        for (const RowPtr& row : table) taken.rows.push_back(row);
      must(write_backup(vault.disk, vault.random, {.file = file, .made_at = {}}, std::move(taken),
                        {.log = [&](std::uint64_t from,
                                    std::size_t most) { return database->log_from(from, most); },
                         .document = {}}));
    }
    CHECK(bytes_in(file)[10] == 1);  // the format of the vault in it
    CHECK(to_hex(must(check_backup(vault.disk, file, credential())).digest) == kGoldenDigest);
    TestVault restored(vault.folder.path() / "restored");
    must(restore_backup(vault.disk, vault.random, file, restored.options.folder, credential()));
    CHECK(format_in(bytes_in(restored.database())) == 1);
    CHECK(to_hex(must(digest_of(restored.reopen()))) == kGoldenDigest);
    restored.close();
    CHECK(format_in(bytes_in(restored.database())) == kFormat);
  }

  TEST_CASE("whenever the power goes, the steps that were made are whole and the rest follow") {
    const StoreContent before = old_content();
    SimulatedDisk disk(old_image());
    crypto::SystemRandom random;
    auto store = unlocked(disk, random, kMigrating);
    const StoreContent after = must(content_of(*store));
    CHECK(after.rows == before.rows);
    CHECK(after.log.size() == before.log.size() + kFormats.size() - 1);
    store.reset();
    const History history = disk.history();
    std::size_t cuts = 0;
    for (std::size_t count = 0; count <= history.changes.size(); ++count) {
      for (std::uint64_t seed = 0; seed < 8; ++seed, ++cuts) {
        CAPTURE(count);
        CAPTURE(seed);
        SimulatedDisk left(history.cut(count, seed + 11 * count));
        auto options = kMigrating;
        options.anchors.clear();  // there was none before the first unlock either
        const auto found = testing::verified(left, options, credential());
        INFO((found.ok() ? "" : testing::said(found.error())));
        REQUIRE(found.ok());
        CHECK(testing::difference(found.value(), after) == "");
      }
    }
    MESSAGE(cuts << " cuts of " << history.changes.size() << " changes");
  }

  TEST_CASE("wherever the disk fails, the vault stays shut or is brought up; then it opens") {
    const StoreContent before = old_content();
    std::size_t points = 0;
    std::size_t refused = 0;
    for (const bool for_ever : {false, true}) {
      for (std::uint64_t at = 1;; ++at) {
        CAPTURE(at);
        CAPTURE(for_ever);
        SimulatedDisk disk(old_image());
        crypto::SystemRandom random;
        disk.fail({.at = at, .for_ever = for_ever});
        auto store = Store::attach(disk, random, kMigrating);
        const bool opened = store.ok() && store.value()->unlock(credential(), OpenFor::Use).ok();
        const bool struck = disk.failed() > 0;
        disk.heal();
        if (!struck) break;
        ++points;
        if (!opened) ++refused;
        if (store.ok() && !opened) CHECK(store.value()->state() == State::Attached);
        if (store.ok() && !opened) must(store.value()->unlock(credential(), OpenFor::Use));
        if (!store.ok()) {
          store = Store::attach(disk, random, kMigrating);
          must(must(std::move(store))->unlock(credential(), OpenFor::Use));
        } else {
          std::move(store).value().reset();
        }
        auto options = kMigrating;
        options.anchors.clear();
        const StoreContent after = must(testing::verified(disk, options, credential()));
        CHECK(after.rows == before.rows);
        CHECK(after.log.size() == before.log.size() + kFormats.size() - 1);
      }
    }
    CHECK(refused > 10);
    MESSAGE(points << " failures, " << refused << " refused");
  }

  TEST_CASE("of a newer format nothing is touched, also where its write-ahead log lies beside it") {
    TestVault vault;
    put(vault.create(), Table::Fields, row_id(1), "Lyon");
    vault.close();
    const auto copy = vault.folder.path() / "copy";
    std::filesystem::create_directory(copy);
    std::filesystem::permissions(copy, std::filesystem::perms::owner_all);
    const std::string newer = "PRAGMA user_version=" + std::to_string(kFormat + 1);
    sqlite3* db = nullptr;
    REQUIRE(sqlite3_open(vault.database().c_str(), &db) == SQLITE_OK);
    REQUIRE(sqlite3_exec(db, newer.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
    for (const char* name : {"vault.db", "vault.db-wal", "slots"})  // as after a power cut
      std::filesystem::copy_file(vault.options.folder / name, copy / name);
    sqlite3_close(db);
    for (const auto& folder : {vault.options.folder, copy}) {
      const auto before = all_of(folder);
      CHECK(before.contains("vault.db-wal") == (folder == copy));
      Options options = vault.options;
      options.folder = folder;
      const auto attached = Store::attach(vault.disk, vault.random, options);
      REQUIRE_FALSE(attached.ok());
      CHECK(attached.error().code == ErrorCode::Corrupt);
      CHECK(attached.error().with[0].second == "vault.db: written by a newer version of vrm");
      CHECK(all_of(folder) == before);
    }
  }
}
