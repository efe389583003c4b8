#include "vault/store/disk.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <atomic>
#include <fstream>
#include <future>
#include <sstream>

#include "tests/store/test_vault.h"

using namespace vrm;         // tests only
using namespace vrm::store;  // tests only

namespace {

// How long a FaultyDisk fails from the moment it is told to.
enum class Fault { Never, Once, ForEver };

struct Faults {
  Fault writes = Fault::Never;
  Fault syncs = Fault::Never;
  int failed = 0;

  bool strikes(Fault& fault) {
    if (fault == Fault::Never) return false;
    if (fault == Fault::Once) fault = Fault::Never;
    ++failed;
    return true;
  }
};

class FaultyFile final : public File {
 public:
  FaultyFile(std::unique_ptr<File> file, Faults& faults)
      : file_(std::move(file)), faults_(faults) {}
  Result<std::size_t> read(std::uint64_t offset, std::span<std::uint8_t> out) override {
    return file_->read(offset, out);
  }
  Result<void> write(std::uint64_t offset, BytesView bytes) override {
    if (!faults_.strikes(faults_.writes)) return file_->write(offset, bytes);
    // As a full disk does: a part gets there.
    const auto part = file_->write(offset, bytes.first(bytes.size() / 2));
    CHECK(part.ok());
    return Error{ErrorCode::Io, "no space left"};
  }
  Result<void> truncate(std::uint64_t size) override { return file_->truncate(size); }
  Result<void> sync() override {
    if (faults_.strikes(faults_.syncs)) return Error{ErrorCode::Io, "input/output error"};
    return file_->sync();
  }
  Result<std::uint64_t> size() override { return file_->size(); }
  Result<void> keep_others_out() override { return file_->keep_others_out(); }

 private:
  std::unique_ptr<File> file_;
  Faults& faults_;
};

class FaultyDisk final : public Disk {
 public:
  Result<std::unique_ptr<File>> open(const std::filesystem::path& path, OpenMode mode) override {
    std::unique_ptr<File> file = std::make_unique<FaultyFile>(TRY(disk_.open(path, mode)), faults);
    return file;
  }
  Result<bool> exists(const std::filesystem::path& path) override { return disk_.exists(path); }
  Result<std::vector<std::string>> list(const std::filesystem::path& folder) override {
    return disk_.list(folder);
  }
  Result<void> remove(const std::filesystem::path& path) override { return disk_.remove(path); }
  Result<void> rename(const std::filesystem::path& from, const std::filesystem::path& to) override {
    return disk_.rename(from, to);
  }
  Result<void> sync_folder(const std::filesystem::path& folder) override {
    return disk_.sync_folder(folder);
  }
  Result<void> make_folder(const std::filesystem::path& folder) override {
    return disk_.make_folder(folder);
  }
  Result<std::unique_ptr<File>> lock_folder(const std::filesystem::path& folder) override {
    return disk_.lock_folder(folder);
  }

  Faults faults;

 private:
  SystemDisk disk_;
};

// A job that changes everything a job can change.
Result<void> change_all(Store& store, std::string_view text, KeyId& key, std::string& order) {
  return store.run([&](Txn& txn) -> Result<void> {
    key = TRY(txn.make_key());
    TRY(txn.write(Table::Fields, row_id(1), kVaultKey, bytes_of(text)));
    TRY(txn.write(Table::Fields, row_id(2), key, bytes_of(text)));
    TRY(txn.erase(Table::Fields, row_id(3)));
    TRY(txn.append_log(bytes_of(text)));
    txn.note_time(Instant{1000});
    txn.on_commit([&] { order += "+"; });
    txn.on_rollback([&] { order += "-"; });
    return {};
  });
}

void survives(Fault Faults::*what, Fault how) {
  FaultyDisk disk;
  TestVault vault;
  vault.store = must(Store::create(disk, vault.random, vault.options, credential()));
  Store& store = *vault.store;
  put(store, Table::Fields, row_id(1), "before");
  put(store, Table::Fields, row_id(3), "before");
  log(store, "before");

  KeyId key{};
  std::string order;
  disk.faults.*what = how;
  const int rounds = how == Fault::ForEver ? 5 : 1;
  for (int i = 0; i < rounds; ++i) {
    CAPTURE(i);
    const auto refused = change_all(store, "after", key, order);
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code == ErrorCode::Io);
    CHECK(get(store, Table::Fields, row_id(1)) == "before");
    CHECK(get(store, Table::Fields, row_id(2)) == "<not_found>");
    CHECK(get(store, Table::Fields, row_id(3)) == "before");
    CHECK(log_of(store) == std::vector<std::string>{"before"});
    CHECK(store.high_water() == Instant{0});
    CHECK(store.seal_with(key, {}, {}).error().code == ErrorCode::Locked);
  }
  CHECK(disk.faults.failed > 0);
  CHECK(order == std::string(static_cast<std::size_t>(rounds), '-'));

  disk.faults = {};
  must(change_all(store, "at last", key, order));
  log(store, "more");
  CHECK(must(store.check()).damages.empty());
  vault.reopen();
  CHECK(get(*vault.store, Table::Fields, row_id(1)) == "at last");
  CHECK(get(*vault.store, Table::Fields, row_id(2)) == "at last");
  CHECK(get(*vault.store, Table::Fields, row_id(3)) == "<not_found>");
  CHECK(log_of(*vault.store) == std::vector<std::string>{"before", "at last", "more"});
}

}  // namespace

TEST_SUITE("store/disk") {
  TEST_CASE("a write that fails once is told, changes nothing, and the next one succeeds") {
    survives(&Faults::writes, Fault::Once);
  }
  TEST_CASE(
      "a disk that stays full is told every time, and the store works on when there is room") {
    survives(&Faults::writes, Fault::ForEver);
  }
  TEST_CASE("a sync that fails once is told, changes nothing, and the next one succeeds") {
    survives(&Faults::syncs, Fault::Once);
  }
  TEST_CASE("a disk that no longer syncs is told every time, and the store works on when it does") {
    survives(&Faults::syncs, Fault::ForEver);
  }

  TEST_CASE("every job of a group whose commit fails is told") {
    FaultyDisk disk;
    TestVault vault;
    vault.store = must(Store::create(disk, vault.random, vault.options, credential()));
    disk.faults.syncs = Fault::ForEver;
    std::atomic<int> told = 0;
    std::promise<void> last;
    std::vector<Work> group;
    for (std::uint64_t i = 0; i < 20; ++i) {
      group.push_back(
          {[i](Txn& txn) { return txn.write(Table::Fields, row_id(i), kVaultKey, bytes_of("x")); },
           [&](Result<void> result) {
             if (!result.ok() && result.error().code == ErrorCode::Io && ++told == 20)
               last.set_value();
           }});
    }
    vault.store->submit(std::move(group));
    last.get_future().get();
    CHECK(vault.store->count(Table::Fields) == 0);
    disk.faults = {};
    vault.close();
  }

  TEST_CASE("slots that cannot be written stay as they were") {
    FaultyDisk disk;
    TestVault vault;
    vault.store = must(Store::create(disk, vault.random, vault.options, credential()));
    disk.faults.writes = Fault::Once;
    CHECK(vault.store->add_slot(credential(9)).error().code == ErrorCode::Io);
    vault.attach();
    CHECK(vault.store->unlock(credential(9), OpenFor::Use).error().code == ErrorCode::BadKey);
    must(vault.store->unlock(credential(), OpenFor::Use));
  }

  TEST_CASE("no planted name or value is in any file, before, during and after") {
    const std::string name = "canary.name.Qz7R";
    const std::string value = "CanaryValue-3fX9-\\x5a";
    TestVault vault;
    const auto found = [&] {
      std::size_t files = 0;
      for (const auto& entry :
           std::filesystem::recursive_directory_iterator(vault.options.folder)) {
        if (!entry.is_regular_file()) continue;
        ++files;
        std::stringstream text;
        text << std::ifstream(entry.path(), std::ios::binary).rdbuf();
        for (const std::string& planted :
             {name, value, to_hex(bytes_of(value)), to_base64url(bytes_of(value))}) {
          if (text.str().find(planted) != std::string::npos)
            return std::string("in ") + entry.path().string();
        }
        struct stat status {};
        REQUIRE(::stat(entry.path().c_str(), &status) == 0);
        if ((status.st_mode & 077) != 0) return "others may read " + entry.path().string();
      }
      return files >= 3 ? std::string() : std::string("too few files were searched");
    };
    Store& store = vault.create();
    CHECK(found().empty());
    const KeyId key = new_key(store);
    for (std::uint64_t i = 0; i < 300; ++i) {
      must(store.run([&](Txn& txn) -> Result<void> {
        TRY(txn.append_log(bytes_of("read " + name + value)));
        return txn.write(Table::Fields, row_id(i % 40), key,
                         bytes_of(name + "=" + value + std::to_string(i)));
      }));
    }
    CHECK(std::filesystem::exists(vault.options.folder / "vault.db-wal"));
    CHECK(found().empty());
    must(store.run([&](Txn& txn) { return txn.destroy_key(key); }));
    CHECK(std::filesystem::file_size(vault.options.folder / "vault.db-wal") == 0);
    vault.reopen();
    CHECK(found().empty());
    vault.close();
    CHECK_FALSE(std::filesystem::exists(vault.options.folder / "vault.db-wal"));
    CHECK(found().empty());
  }

  TEST_CASE("links, folders that others may enter and pipes are not followed") {
    TestVault vault;
    vault.create();
    vault.close();
    const std::filesystem::path moved = vault.folder.path() / "elsewhere";
    std::filesystem::rename(vault.database(), moved);
    std::filesystem::create_symlink(moved, vault.database());
    CHECK_FALSE(Store::attach(vault.disk, vault.random, vault.options).ok());
    std::filesystem::remove(vault.database());
    REQUIRE(::mkfifo(vault.database().c_str(), 0600) == 0);
    CHECK_FALSE(Store::attach(vault.disk, vault.random, vault.options).ok());
    std::filesystem::remove(vault.database());
    std::filesystem::rename(moved, vault.database());
    std::filesystem::permissions(vault.options.folder, std::filesystem::perms(0750));
    const auto open_folder = Store::attach(vault.disk, vault.random, vault.options);
    REQUIRE_FALSE(open_folder.ok());
    CHECK(open_folder.error().code == ErrorCode::Denied);
    std::filesystem::permissions(vault.options.folder, std::filesystem::perms(0700));
    CHECK(Store::attach(vault.disk, vault.random, vault.options).ok());
  }

  TEST_CASE("files are made 0600 and folders 0700, whatever the umask") {
    const mode_t before = ::umask(0);
    TestVault vault;
    vault.create();
    ::umask(before);
    for (const char* name : {"vault.db", "vault.db-wal", "slots", "lock"}) {
      CAPTURE(name);
      struct stat status {};
      if (::stat((vault.options.folder / name).c_str(), &status) != 0) continue;
      CHECK((status.st_mode & 0777) == 0600);
    }
    struct stat status {};
    REQUIRE(::stat(vault.options.folder.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0700);
  }

  TEST_CASE("a small file is replaced whole, and one that is too long is not read") {
    TempFolder folder;
    SystemDisk disk;
    const auto path = folder.path() / "small";
    CHECK(read_file(disk, path, 10).error().code == ErrorCode::NotFound);
    must(replace_file(disk, path, bytes_of("a long first text")));
    must(replace_file(disk, path, bytes_of("short")));
    CHECK(text_of(must(read_file(disk, path, 10))) == "short");
    CHECK(read_file(disk, path, 4).error().code == ErrorCode::Malformed);
    CHECK(disk.open(path, OpenMode::CreateNew).error().code == ErrorCode::Conflict);
    CHECK(disk.remove(folder.path() / "none").error().code == ErrorCode::NotFound);
  }
}
