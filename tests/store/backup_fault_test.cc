// A disk that dies, is full, or fails once, at the steps of a backup and of a restore, and what follows then.

#include <doctest/doctest.h>

#include "tests/store/test_vault.h"
#include "tests/support/simulated_disk.h"
#include "vault/store/backup.h"
#include "vault/store/digest.h"

using namespace vrm;         // tests only
using namespace vrm::store;  // tests only
using testing::Image;
using testing::SimulatedDisk;

namespace {

const Options kOptions{.folder = "/home/vault", .kdf = {}};
const Options kRestored{.folder = "/home/into", .kdf = {}};
const std::filesystem::path kFile = "/media/b";
const std::filesystem::path kUnfinished = "/media/b.new";

enum class Way {
  Dead,  // as for a killed process: nothing is changed any more
  Full,  // there is so much room and no more
  Once,  // one change fails, whatever it is
};

constexpr unsigned kChanging = testing::kWriting | testing::kCutting | testing::kSyncing |
                               testing::kRemoving | testing::kRenaming | testing::kSyncingFolder;
constexpr std::uint64_t kRoomStep = 20'000;

// From here on, until heal().
void strike(SimulatedDisk& disk, Way way, std::uint64_t at) {
  if (way == Way::Full)
    disk.limit_room(disk.used() + at * kRoomStep);
  else
    disk.fail({.doing = kChanging, .at = at + 1, .for_ever = way == Way::Dead});
}
void heal(SimulatedDisk& disk) {
  disk.heal();
  disk.limit_room(std::nullopt);
}

class Scene {
 public:
  Scene() {
    store = must(Store::create(disk, random, kOptions, credential()));
    for (std::uint64_t i = 1; i <= 12; ++i)
      put(*store, Table::Fields, row_id(i), std::string(i * 400, 'f'));
    put(*store, Table::Imports, row_id(1), std::string(120'000, 'i'));
    for (int i = 0; i < 10; ++i) log(*store, "record " + std::to_string(i));
    digest = must(digest_of(*store));
    must(back_up());
  }

  Result<BackupReport> back_up() {
    return store->back_up({.file = kFile, .made_at = Instant{1}, .replace = Replace::Yes});
  }
  Result<BackupReport> restore() {
    return restore_backup(disk, random, kFile, kRestored.folder, credential());
  }
  Bytes bytes_of_file() const { return disk.now().at(kFile); }
  bool has(const std::filesystem::path& path) const { return disk.now().contains(path); }

  SimulatedDisk disk;
  crypto::SystemRandom random;
  std::unique_ptr<Store> store;
  crypto::Digest digest{};
};

void backups_survive(Way way) {
  Scene scene;
  int refused = 0;
  int made = 0;
  for (std::uint64_t at = 0; made < 2; ++at) {
    CAPTURE(at);
    const Bytes old = scene.bytes_of_file();
    strike(scene.disk, way, at);
    const auto done = scene.back_up();
    heal(scene.disk);
    (done.ok() ? made : refused) += 1;
    CHECK((done.ok() || done.error().code == ErrorCode::Io));
    if (done.ok()) CHECK(scene.bytes_of_file() != old);
    CHECK(must(check_backup(scene.disk, kFile, credential())).digest == scene.digest);
    if (way != Way::Dead) CHECK_FALSE(scene.has(kUnfinished));
    must(scene.back_up());  // whatever was left, the next one is made
    CHECK_FALSE(scene.has(kUnfinished));
  }
  CHECK(refused >= 5);
  put(*scene.store, Table::Fields, row_id(1), "goes on");
  CHECK(must(scene.store->check()).damages.empty());
}

void restores_survive(Way way) {
  Scene scene;
  scene.store.reset();
  const Image before = scene.disk.now();
  int refused = 0;
  int done = 0;
  for (std::uint64_t at = 0; done < 2; ++at) {
    CAPTURE(at);
    scene.disk.begin(testing::Medium(before));
    strike(scene.disk, way, at);
    const auto restored = scene.restore();
    heal(scene.disk);
    (restored.ok() ? done : refused) += 1;
    const bool there = scene.has(kRestored.folder / "vault.db");
    CHECK((there || !restored.ok()));
    if (!there) {
      CHECK(Store::attach(scene.disk, scene.random, kRestored).error().code == ErrorCode::NotFound);
      if (way == Way::Full) CHECK_FALSE(scene.has(kRestored.folder / "vault.db.new"));
      must(scene.restore());
    }
    const auto store = must(Store::attach(scene.disk, scene.random, kRestored));
    must(store->unlock(credential(), OpenFor::Use));
    CHECK(must(digest_of(*store)) == scene.digest);
    CHECK(must(store->check()).damages.empty());
  }
  CHECK(refused >= 10);
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
