// The disk that loses things does lose them, and keeps what it must.

#include "tests/support/simulated_disk.h"

#include <doctest/doctest.h>

#include "tests/store/test_vault.h"

using namespace vrm;  // tests only
using store::must;
using testing::Change;
using testing::History;
using testing::Image;
using testing::SimulatedDisk;

namespace {

constexpr std::uint64_t kSeeds = 400;
const std::filesystem::path kFile = "/d/file";
const std::filesystem::path kOther = "/d/other";
const std::string kOld(3000, 'o');
const std::string kNew(3000, 'n');

std::string text_in(const Image& image, const std::filesystem::path& path) {
  const auto found = image.find(path);
  return found == image.end() ? "<none>" : text_of(found->second);
}

SimulatedDisk& with_old(SimulatedDisk& disk) {
  disk.begin(testing::Medium({{kFile, Bytes(kOld.begin(), kOld.end())}}));
  return disk;
}

// Each outcome of a file at a cut after all that was done, with how often.
std::map<std::string, int> outcomes(const SimulatedDisk& disk, const std::filesystem::path& path) {
  std::map<std::string, int> seen;
  const History history = disk.history();
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed)
    ++seen[text_in(history.cut(history.changes.size(), seed), path)];
  return seen;
}

}  // namespace

TEST_SUITE("store/simulated_disk") {
  TEST_CASE("an unsynced write is kept, lost or torn at a cut, and read back before it") {
    SimulatedDisk disk;
    const auto file = must(with_old(disk).open(kFile, store::OpenMode::Existing));
    must(file->write(0, bytes_of(kNew)));
    Bytes back(kNew.size());
    CHECK(must(file->read(0, back)) == kNew.size());
    CHECK(text_of(back) == kNew);
    auto seen = outcomes(disk, kFile);
    CHECK(seen[kOld] > 50);
    CHECK(seen[kNew] > 50);
    int at_sectors = 0;
    int within = 0;
    for (const auto& [text, times] : seen) {
      if (text == kOld || text == kNew) continue;
      bool whole_sectors = true;
      for (std::size_t i = 1; i < text.size(); ++i)
        whole_sectors = whole_sectors && (text[i] == text[i - 1] || i % 512 == 0);
      ++(whole_sectors ? at_sectors : within);
    }
    CHECK(at_sectors > 10);
    CHECK(within > 10);
  }

  TEST_CASE("a synced write stays, and a cut while the sync is under way promises nothing") {
    SimulatedDisk disk;
    const auto file = must(with_old(disk).open(kFile, store::OpenMode::Existing));
    must(file->write(0, bytes_of(kNew)));
    must(file->sync());
    CHECK(outcomes(disk, kFile) == std::map<std::string, int>{{kNew, static_cast<int>(kSeeds)}});
    CHECK(disk.changes() == 2);
    CHECK(text_in(disk.history().cut(1, 4), kFile) == kOld);
    CHECK(text_in(disk.history().cut(1, 1), kFile) == kNew);
  }

  TEST_CASE("a later write of the same place may be lost while the earlier one stays") {
    SimulatedDisk disk;
    const auto file = must(with_old(disk).open(kFile, store::OpenMode::Existing));
    must(file->write(0, bytes_of(std::string(100, 'a'))));
    must(file->write(0, bytes_of(std::string(100, 'b'))));
    std::set<char> first;
    for (const auto& [text, times] : outcomes(disk, kFile)) first.insert(text[0]);
    CHECK(first == std::set<char>{'a', 'b', 'o'});
  }

  TEST_CASE("what a failed sync left is not covered by the sync after it") {
    SimulatedDisk disk;
    const auto file = must(with_old(disk).open(kFile, store::OpenMode::Existing));
    must(file->write(0, bytes_of(kNew)));
    disk.fail({.doing = testing::kSyncing});
    CHECK(file->sync().error().code == ErrorCode::Io);
    must(file->write(4096, bytes_of("late")));
    must(file->sync());
    auto seen = outcomes(disk, kFile);
    CHECK(seen.size() > 10);
    for (const auto& [text, times] : seen) CHECK(text.substr(4096) == "late");
  }

  TEST_CASE("a new file's name is forgotten unless its folder was synced, whatever its content") {
    SimulatedDisk disk;
    const auto file = must(disk.open(kFile, store::OpenMode::CreateNew));
    must(file->write(0, bytes_of(kNew)));
    must(file->sync());
    auto seen = outcomes(disk, kFile);
    CHECK(seen["<none>"] > 50);
    CHECK(seen[kNew] > 50);
    CHECK(seen.size() == 2);
    must(disk.sync_folder("/elsewhere"));
    CHECK(outcomes(disk, kFile).size() == 2);
    must(disk.sync_folder("/d"));
    CHECK(outcomes(disk, kFile).size() == 1);
  }

  TEST_CASE("a rename, a removal and a truncation are forgotten or kept until they are synced") {
    SimulatedDisk disk;
    const auto file = must(with_old(disk).open(kFile, store::OpenMode::Existing));
    SUBCASE("rename") {
      must(disk.rename(kFile, kOther));
      CHECK(outcomes(disk, kFile) == outcomes(disk, kFile));
      CHECK(outcomes(disk, kFile)["<none>"] == outcomes(disk, kOther)[kOld]);
      CHECK(outcomes(disk, kFile)["<none>"] > 50);
      CHECK(outcomes(disk, kFile)[kOld] > 50);
      must(disk.sync_folder("/d"));
    }
    SUBCASE("removal") {
      must(disk.remove(kFile));
      CHECK(outcomes(disk, kFile)["<none>"] > 50);
      CHECK(outcomes(disk, kFile)[kOld] > 50);
      must(disk.sync_folder("/d"));
    }
    SUBCASE("truncation") {
      must(file->truncate(10));
      CHECK(outcomes(disk, kFile)[kOld] > 50);
      CHECK(outcomes(disk, kFile)[kOld.substr(0, 10)] > 50);
      must(file->sync());
    }
    CHECK(outcomes(disk, kFile).size() == 1);
    CHECK(outcomes(disk, kFile)[kOld] == 0);
  }

  TEST_CASE("a killed process leaves all it wrote, and what was unsynced is still unsynced") {
    SimulatedDisk disk;
    must(must(with_old(disk).open(kFile, store::OpenMode::Existing))->write(0, bytes_of(kNew)));
    const testing::Medium medium = disk.history().killed(1);
    CHECK(text_in(medium.now(), kFile) == kNew);
    CHECK(text_in(medium.after_cut(4), kFile) == kOld);
  }

  TEST_CASE("a small file is replaced whole at every cut, and one written over is not") {
    SimulatedDisk disk;
    must(store::replace_file(with_old(disk), kFile, bytes_of(kNew)));
    const History replaced = disk.history();
    must(must(with_old(disk).open(kFile, store::OpenMode::Existing))->write(0, bytes_of(kNew)));
    const History overwritten = disk.history();
    int torn = 0;
    for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
      for (std::size_t count = 0; count <= replaced.changes.size(); ++count) {
        const std::string text = text_in(replaced.cut(count, seed), kFile);
        CHECK((text == kNew || (text == kOld && count < replaced.changes.size())));
      }
      const std::string text = text_in(overwritten.cut(1, seed), kFile);
      if (text != kOld && text != kNew) ++torn;
    }
    CHECK(torn > 50);
  }

  TEST_CASE(
      "it fails where it was told to: by kind, once or for ever, and half of a write is done") {
    SimulatedDisk disk;
    const auto file = must(with_old(disk).open(kFile, store::OpenMode::Existing));
    disk.fail({.doing = testing::kWriting, .at = 2, .says = "Permission denied"});
    must(file->write(0, bytes_of("1")));
    must(file->sync());
    const auto refused = file->write(0, bytes_of("23"));
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code == ErrorCode::Io);
    CHECK(refused.error().message == "/d/file: Permission denied");
    CHECK(text_in(disk.now(), kFile)[0] == '2');
    CHECK(text_in(disk.now(), kFile)[1] == 'o');
    must(file->write(0, bytes_of("3")));
    CHECK(disk.seen() == 3);
    CHECK(disk.failed() == 1);
    disk.fail({.at = 2, .for_ever = true});
    must(file->sync());
    CHECK_FALSE(file->sync().ok());
    CHECK_FALSE(file->size().ok());
    CHECK_FALSE(disk.open(kOther, store::OpenMode::CreateNew).ok());
    CHECK_FALSE(disk.exists(kOther).ok());
    disk.heal();
    CHECK(must(disk.exists(kOther)) == false);
  }

  TEST_CASE("a full disk takes what there is room for, and writes over what it has") {
    SimulatedDisk disk;
    const auto file = must(with_old(disk).open(kFile, store::OpenMode::Existing));
    disk.limit_room(kOld.size() + 10);
    must(file->write(0, bytes_of(kNew)));
    CHECK_FALSE(file->write(kOld.size(), bytes_of(std::string(20, 'x'))).ok());
    CHECK(must(file->size()) == kOld.size() + 10);
    must(file->truncate(kOld.size()));
    must(file->write(kOld.size(), bytes_of(std::string(10, 'x'))));
  }

  TEST_CASE("a folder is held by one, and free again once it let go") {
    SimulatedDisk disk;
    auto held = must(disk.lock_folder("/d"));
    CHECK(disk.lock_folder("/d").error().code == ErrorCode::Conflict);
    held.reset();
    CHECK(disk.lock_folder("/d").ok());
  }

  TEST_CASE("a disk that ignores syncs loses what a sound one keeps") {
    SimulatedDisk disk;
    const auto file = must(with_old(disk).open(kFile, store::OpenMode::Existing));
    disk.ignore_syncs(true);
    must(file->write(0, bytes_of(kNew)));
    must(file->sync());
    CHECK(outcomes(disk, kFile)[kOld] > 50);
  }
}
