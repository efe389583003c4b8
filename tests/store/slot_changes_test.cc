// Slots replaced, on a disk that fails or ends at each of its operations, and costs that follow the machine.

#include <doctest/doctest.h>

#include <atomic>

#include "tests/store/test_vault.h"
#include "vault/store/slots_file.h"

using namespace vrm;         // tests only
using namespace vrm::store;  // tests only

namespace {

Opener passphrase(std::string_view text) {
  return Passphrase{crypto::Secret::copy_of(bytes_of(text))};
}
Opener recovery(std::uint8_t byte) {
  return Recovery{crypto::Secret::copy_of(Bytes(kRecoveryBytes, byte))};
}

Result<void> go_on() {
  return {};
}

// From the `fails_at`-th change of the disk on, once or for ever, nothing is changed and Io is told; half of a write
// gets there.
struct Plan {
  int fails_at = 0;  // 0: never
  bool for_ever = false;
  int seen = 0;

  bool fails() {
    ++seen;
    return fails_at > 0 && (seen == fails_at || (for_ever && seen > fails_at));
  }
};

Error broken() {
  return Error{ErrorCode::Io, "input/output error"};
}

class PlannedFile final : public File {
 public:
  PlannedFile(std::unique_ptr<File> file, Plan& plan) : file_(std::move(file)), plan_(plan) {}
  Result<std::size_t> read(std::uint64_t offset, std::span<std::uint8_t> out) override {
    return file_->read(offset, out);
  }
  Result<void> write(std::uint64_t offset, BytesView bytes) override {
    if (!plan_.fails()) return file_->write(offset, bytes);
    TRY(file_->write(offset, bytes.first(bytes.size() / 2)));
    return broken();
  }
  Result<void> truncate(std::uint64_t size) override {
    return plan_.fails() ? broken() : file_->truncate(size);
  }
  Result<void> sync() override { return plan_.fails() ? broken() : file_->sync(); }
  Result<std::uint64_t> size() override { return file_->size(); }
  Result<void> keep_others_out() override { return file_->keep_others_out(); }

 private:
  std::unique_ptr<File> file_;
  Plan& plan_;
};

class PlannedDisk final : public Disk {
 public:
  Result<std::unique_ptr<File>> open(const std::filesystem::path& path, OpenMode mode) override {
    if (mode != OpenMode::Existing && plan.fails()) return broken();
    auto file = TRY(disk_.open(path, mode));
    std::unique_ptr<File> planned = std::make_unique<PlannedFile>(std::move(file), plan);
    return planned;
  }
  Result<bool> exists(const std::filesystem::path& path) override { return disk_.exists(path); }
  Result<std::vector<std::string>> list(const std::filesystem::path& folder) override {
    return disk_.list(folder);
  }
  Result<void> remove(const std::filesystem::path& path) override {
    return plan.fails() ? broken() : disk_.remove(path);
  }
  Result<void> rename(const std::filesystem::path& from, const std::filesystem::path& to) override {
    return plan.fails() ? broken() : disk_.rename(from, to);
  }
  Result<void> sync_folder(const std::filesystem::path& folder) override {
    return plan.fails() ? broken() : disk_.sync_folder(folder);
  }
  Result<void> make_folder(const std::filesystem::path& folder) override {
    return disk_.make_folder(folder);
  }
  Result<std::unique_ptr<File>> lock_folder(const std::filesystem::path& folder) override {
    return disk_.lock_folder(folder);
  }

  Plan plan;

 private:
  SystemDisk disk_;
};

bool opens(Store& store, const Opener& opener) {
  const auto tried = store.try_opener(opener);
  if (!tried.ok()) CHECK(tried.error().code == ErrorCode::BadKey);
  return tried.ok();
}

// A clock that every look at takes on by `step`.
class SteppingClock final : public Clock {
 public:
  explicit SteppingClock(Duration step) : step_(step) {}
  Instant now() const override { return {0}; }
  Duration ticks() const override { return Duration(looks_++ * step_.count()); }

 private:
  const Duration step_;
  mutable std::atomic<std::int64_t> looks_ = 0;
};

KdfCost cost_in(TestVault& vault) {
  const auto file = must(read_slots(vault.disk, vault.options.folder));
  REQUIRE(file.slots.size() == 1);
  return file.slots[0].cost;
}

}  // namespace

TEST_SUITE("store/slot_changes") {
  TEST_CASE("a new passphrase takes the place of the old one, and of no other kind's slot") {
    TestVault vault;
    vault.options.kdf = crypto::kCostFloor;
    vault.store =
        must(Store::create(vault.disk, vault.random, vault.options, passphrase("before")));
    must(vault.store->add_slot(credential()));
    int asked = 0;
    must(vault.store->replace_slots(passphrase("before"), passphrase("after"),
                                    [&]() -> Result<void> {
                                      ++asked;
                                      return {};
                                    }));
    CHECK(asked == 1);
    CHECK(must(vault.store->check()).damages.empty());
    CHECK_FALSE(opens(*vault.store, passphrase("before")));
    vault.attach();
    CHECK(vault.store->unlock(passphrase("before"), OpenFor::Use).error().code ==
          ErrorCode::BadKey);
    must(vault.store->unlock(passphrase("after"), OpenFor::Use));
    CHECK(opens(*vault.store, credential()));
    // Another slot proves it as well, and the same passphrase may be taken again.
    must(vault.store->replace_slots(credential(), passphrase("after"), go_on));
    CHECK(opens(*vault.store, passphrase("after")));
  }

  TEST_CASE("whoever proves nothing, is not asked for or asks a locked vault changes nothing") {
    TestVault vault;
    Store& store = vault.create();
    const Bytes before = must(read_file(vault.disk, vault.slots(), kMostSlotsFileBytes));
    const auto never = []() -> Result<void> {
      FAIL("asked");
      return {};
    };
    CHECK(store.replace_slots(credential(8), recovery(1), never).error().code == ErrorCode::BadKey);
    const auto no = []() -> Result<void> { return Error{ErrorCode::Denied, "no"}; };
    CHECK(store.replace_slots(credential(), recovery(1), no).error().code == ErrorCode::Denied);
    store.lock({});
    CHECK(store.replace_slots(credential(), recovery(1), never).error().code == ErrorCode::Locked);
    store.seal();
    CHECK(store.replace_slots(credential(), recovery(1), never).error().code == ErrorCode::Locked);
    CHECK(opens(store, credential()));  // looking needs no open vault
    CHECK_FALSE(opens(store, recovery(1)));
    CHECK(must(read_file(vault.disk, vault.slots(), kMostSlotsFileBytes)) == before);
  }

  TEST_CASE("a slot that was changed on the disk is noticed by whoever tries it") {
    TestVault vault;
    Store& store = vault.create();
    must(store.add_slot(recovery(1)));
    Bytes bytes = must(read_file(vault.disk, vault.slots(), kMostSlotsFileBytes));
    bytes[8 + 2 + 16 + 2 + 137 + 20] ^= 1;
    must(replace_file(vault.disk, vault.slots(), bytes));
    CHECK(store.try_opener(credential()).error().code == ErrorCode::Corrupt);
  }

  TEST_CASE(
      "at each failure of the disk, all slots are the old ones or all are the new, here and "
      "after") {
    for (const bool for_ever : {false, true}) {
      int failures = 0;
      for (int at = 1;; ++at) {
        CAPTURE(for_ever);
        CAPTURE(at);
        PlannedDisk disk;
        TestVault vault;
        vault.store = must(Store::create(disk, vault.random, vault.options, credential()));
        must(vault.store->add_slot(recovery(1)));
        put(*vault.store, Table::Fields, row_id(1), "kept");
        disk.plan = {.fails_at = at, .for_ever = for_ever};
        const auto done = vault.store->replace_slots(recovery(1), recovery(2), go_on);
        const bool struck = disk.plan.seen >= at;
        if (struck) {
          ++failures;
          REQUIRE_FALSE(done.ok());
          CHECK(done.error().code == ErrorCode::Io);
        } else {
          must(done);
        }
        disk.plan = {};
        const bool is_new = opens(*vault.store, recovery(2));
        CHECK(opens(*vault.store, recovery(1)) != is_new);
        CHECK(is_new == (done.ok() || done.error().say == "store.slots_unsettled"));
        CHECK(must(vault.store->check()).damages.empty());
        // The process ends; what lies there is what opens, and whoever comes then can change it again.
        vault.attach();
        must(vault.store->unlock(is_new ? recovery(2) : recovery(1), OpenFor::Use));
        CHECK(get(*vault.store, Table::Fields, row_id(1)) == "kept");
        must(vault.store->replace_slots(credential(), recovery(3), go_on));
        CHECK(opens(*vault.store, recovery(3)));
        CHECK_FALSE(opens(*vault.store, is_new ? recovery(2) : recovery(1)));
        if (!struck) break;
      }
      CHECK(failures == 6);  // open, truncate, write, sync, rename, sync of the folder
    }
  }

  TEST_CASE("a passphrase costs what was measured here, and more when the machine got quicker") {
    TestVault vault;
    const SteppingClock slow(Duration(500));
    vault.options.clock = &slow;
    vault.store = must(Store::create(vault.disk, vault.random, vault.options, passphrase("mine")));
    const auto at_first = cost_in(vault);
    CHECK(at_first.memory_bytes == crypto::kCostFloor.memory_bytes);
    CHECK(at_first.passes == crypto::kCostFloor.passes);

    // As quick as before: it stays.
    vault.attach();
    must(vault.store->unlock(passphrase("mine"), OpenFor::Use));
    CHECK(cost_in(vault).memory_bytes == at_first.memory_bytes);

    const SteppingClock quick(Duration(200));
    vault.options.clock = &quick;
    vault.attach();
    CHECK(vault.store->unlock(passphrase("other"), OpenFor::Use).error().code == ErrorCode::BadKey);
    CHECK(cost_in(vault).memory_bytes == at_first.memory_bytes);
    must(vault.store->unlock(passphrase("mine"), OpenFor::Use));
    const auto raised = cost_in(vault);
    CHECK(raised.memory_bytes == 96ULL * 1024 * 1024);
    CHECK(raised.passes == 3);
    CHECK(must(vault.store->check()).damages.empty());

    // Slower: it is never lowered; and it opens.
    vault.options.clock = &slow;
    vault.attach();
    must(vault.store->unlock(passphrase("mine"), OpenFor::Use));
    CHECK(cost_in(vault).memory_bytes == raised.memory_bytes);
  }

  TEST_CASE("a cost that cannot be raised is no failure of the unlock") {
    PlannedDisk disk;
    TestVault vault;
    vault.options.kdf = crypto::kCostFloor;
    vault.store = must(Store::create(disk, vault.random, vault.options, passphrase("mine")));
    vault.store.reset();
    const SteppingClock quick(Duration(200));
    vault.options.clock = &quick;
    vault.store = must(Store::attach(disk, vault.random, vault.options));
    disk.plan = {.fails_at = 1, .for_ever = true};
    must(vault.store->unlock(passphrase("mine"), OpenFor::Use));
    CHECK(disk.plan.seen > 0);
    CHECK(cost_in(vault).passes == crypto::kCostFloor.passes);
    disk.plan = {};
    CHECK(must(vault.store->check()).damages.empty());
    CHECK(opens(*vault.store, passphrase("mine")));
  }
}
