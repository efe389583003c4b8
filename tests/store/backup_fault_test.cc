// A disk that dies, is full, or fails once, at every step of a backup and of a restore.

#include <doctest/doctest.h>

#include <fstream>
#include <sstream>

#include "tests/store/test_vault.h"
#include "vault/store/backup.h"
#include "vault/store/digest.h"

using namespace vrm;         // tests only
using namespace vrm::store;  // tests only

namespace {

enum class Way {
  Dead,  // as for a killed process: nothing is done any more
  Full,  // no write gets further than its half; the rest works
  Once,  // one step fails, whatever it is
};

// Counts the steps that change something, and fails from one of them on.
struct Fate {
  Way way = Way::Once;
  std::uint64_t at = UINT64_MAX;  // 0: the next step
  std::uint64_t steps = 0;

  bool strikes(bool is_write) {
    const std::uint64_t step = steps++;
    switch (way) {
      case Way::Dead:
        return step >= at;
      case Way::Full:
        return is_write && step >= at;
      case Way::Once:
        return step == at;
    }
    return false;
  }
};

Error no_more() {
  return Error{ErrorCode::Io, "the disk failed"};
}

class FatedFile final : public File {
 public:
  FatedFile(std::unique_ptr<File> file, Fate& fate) : file_(std::move(file)), fate_(fate) {}
  Result<std::size_t> read(std::uint64_t offset, std::span<std::uint8_t> out) override {
    return file_->read(offset, out);
  }
  Result<void> write(std::uint64_t offset, BytesView bytes) override {
    const bool first = fate_.way == Way::Dead ? fate_.steps == fate_.at : true;
    if (!fate_.strikes(true)) return file_->write(offset, bytes);
    if (first) must(file_->write(offset, bytes.first(bytes.size() / 2)));
    return no_more();
  }
  Result<void> truncate(std::uint64_t size) override {
    if (fate_.strikes(false)) return no_more();
    return file_->truncate(size);
  }
  Result<void> sync() override {
    if (fate_.strikes(false)) return no_more();
    return file_->sync();
  }
  Result<std::uint64_t> size() override { return file_->size(); }
  Result<void> keep_others_out() override { return file_->keep_others_out(); }

 private:
  std::unique_ptr<File> file_;
  Fate& fate_;
};

class FatedDisk final : public Disk {
 public:
  Result<std::unique_ptr<File>> open(const std::filesystem::path& path, OpenMode mode) override {
    if (mode != OpenMode::Existing && !TRY(disk_.exists(path)) && fate.strikes(true))
      return no_more();
    std::unique_ptr<File> file = std::make_unique<FatedFile>(TRY(disk_.open(path, mode)), fate);
    return file;
  }
  Result<bool> exists(const std::filesystem::path& path) override { return disk_.exists(path); }
  Result<std::vector<std::string>> list(const std::filesystem::path& folder) override {
    return disk_.list(folder);
  }
  Result<void> remove(const std::filesystem::path& path) override {
    if (fate.strikes(false)) return no_more();
    return disk_.remove(path);
  }
  Result<void> rename(const std::filesystem::path& from, const std::filesystem::path& to) override {
    if (fate.strikes(false)) return no_more();
    return disk_.rename(from, to);
  }
  Result<void> sync_folder(const std::filesystem::path& folder) override {
    if (fate.strikes(false)) return no_more();
    return disk_.sync_folder(folder);
  }
  Result<void> make_folder(const std::filesystem::path& folder) override {
    return disk_.make_folder(folder);
  }
  Result<std::unique_ptr<File>> lock_folder(const std::filesystem::path& folder) override {
    return disk_.lock_folder(folder);
  }

  Fate fate;

 private:
  SystemDisk disk_;
};

std::string bytes_in(const std::filesystem::path& file) {
  std::ostringstream out;
  out << std::ifstream(file, std::ios::binary).rdbuf();
  return out.str();
}

class Scene {
 public:
  Scene() {
    vault.store = must(Store::create(disk, vault.random, vault.options, credential()));
    for (std::uint64_t i = 1; i <= 12; ++i)
      put(*vault.store, Table::Fields, row_id(i), std::string(i * 400, 'f'));
    put(*vault.store, Table::Imports, row_id(1), std::string(120'000, 'i'));
    for (int i = 0; i < 10; ++i) log(*vault.store, "record " + std::to_string(i));
    digest = must(digest_of(*vault.store));
  }

  Result<BackupReport> back_up(Replace replace) {
    return vault.store->back_up({.file = file(), .made_at = Instant{1}, .replace = replace});
  }
  Result<BackupReport> restore() {
    return restore_backup(disk, vault.random, file(), into(), credential());
  }
  std::filesystem::path file() const { return vault.folder.path() / "b"; }
  std::filesystem::path into() const { return vault.folder.path() / "into"; }

  FatedDisk disk;
  TestVault vault;
  crypto::Digest digest{};
};

// Some steps of what makes many; the last ones, where the vault comes to be, are all tried.
std::uint64_t stride_of(std::uint64_t steps) {
  return std::max<std::uint64_t>(1, steps / 24);
}

void backups_survive(Way way) {
  Scene scene;
  scene.disk.fate = {};
  must(scene.back_up(Replace::No));
  const std::uint64_t steps = scene.disk.fate.steps;
  REQUIRE(steps >= 6);
  const std::string old = bytes_in(scene.file());
  for (std::uint64_t at = 0; at <= steps; ++at) {
    CAPTURE(at);
    scene.disk.fate = {way, at};
    const auto made = scene.back_up(Replace::Yes);
    scene.disk.fate = {};
    CHECK((made.ok() || made.error().code == ErrorCode::Io));
    const std::string now = bytes_in(scene.file());
    CHECK((made.ok() ? now != old : true));
    if (now != old)
      CHECK(must(check_backup(scene.vault.disk, scene.file(), credential())).digest ==
            scene.digest);
    if (way != Way::Dead) CHECK_FALSE(std::filesystem::exists(scene.file().string() + ".new"));
    std::ofstream(scene.file(), std::ios::binary | std::ios::trunc) << old;
    must(scene.back_up(Replace::Yes));  // whatever was left, the next one is made
    std::ofstream(scene.file(), std::ios::binary | std::ios::trunc) << old;
  }
  put(*scene.vault.store, Table::Fields, row_id(1), "goes on");
  CHECK(must(scene.vault.store->check()).damages.empty());
}

void restores_survive(Way way) {
  Scene scene;
  must(scene.back_up(Replace::No));
  scene.disk.fate = {};
  must(scene.restore());
  const std::uint64_t steps = scene.disk.fate.steps;
  std::filesystem::remove_all(scene.into());
  REQUIRE(steps > 20);
  int refused = 0;
  const std::uint64_t stride = stride_of(steps);
  for (std::uint64_t at = 0; at <= steps; at += at + 12 >= steps ? 1 : stride) {
    CAPTURE(at);
    scene.disk.fate = {way, at};
    const auto done = scene.restore();
    scene.disk.fate = {};
    if (!done.ok()) ++refused;
    const bool there = std::filesystem::exists(scene.into() / "vault.db");
    CHECK((there || !done.ok()));
    if (!there) {
      const auto options = Options{.folder = scene.into()};
      CHECK(Store::attach(scene.vault.disk, scene.vault.random, options).error().code ==
            ErrorCode::NotFound);
      if (way == Way::Full) CHECK_FALSE(std::filesystem::exists(scene.into() / "vault.db.new"));
      must(scene.restore());
    }
    {
      TestVault restored(scene.into());
      CHECK(must(digest_of(restored.reopen())) == scene.digest);
      CHECK(must(restored.store->check()).damages.empty());
    }
    std::filesystem::remove_all(scene.into());
  }
  CHECK(refused > 20);
}

}  // namespace

TEST_SUITE("store/backup_fault") {
  TEST_CASE("killed at any step of a backup, the file is the old one or the new one") {
    backups_survive(Way::Dead);
  }
  TEST_CASE("a disk that gets full during a backup leaves the old file and nothing else") {
    backups_survive(Way::Full);
  }
  TEST_CASE("whichever step of a backup fails, it is told, and the next backup is made") {
    backups_survive(Way::Once);
  }
  TEST_CASE("killed at any step of a restore, there is no vault or the whole one") {
    restores_survive(Way::Dead);
  }
  TEST_CASE("a disk that gets full during a restore leaves no vault and no half of one") {
    restores_survive(Way::Full);
  }
  TEST_CASE("whichever step of a restore fails, there is no vault or the whole one") {
    restores_survive(Way::Once);
  }
}
