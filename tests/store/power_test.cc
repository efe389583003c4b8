// The power goes at any moment of making and writing a vault. The whole vault's verbs are in tests/routes/power_test.cc.

#include <doctest/doctest.h>

#include "tests/store/simulated_vault.h"

using namespace vrm;         // tests only
using namespace vrm::store;  // tests only

namespace {

Result<StoreContent> reopen(const testing::Medium& medium, const Options& options = kOptions) {
  SimulatedDisk disk;
  disk.begin(medium);
  return testing::verified(disk, options, credential());
}

// The vault's folder by another name; the anchors stay where they are.
const Options kMoved{.folder = "/home/moved", .kdf = {}, .anchors = "/home/anchors"};
Image moved(const Image& image, bool stays) {
  Image after = stays ? image : Image();
  for (const auto& [path, bytes] : image) {
    const bool is_in = path.parent_path() == kOptions.folder;
    after[is_in ? kMoved.folder / path.filename() : path] = bytes;
  }
  return after;
}

// A writer that remembers, for each number of changes of the disk, what it had been told is durable by then.
struct Writer {
  explicit Writer(SimulatedDisk& on, const Options& with = kOptions) : disk(on), options(with) {}

  void open() {
    store.reset();
    store = unlocked(disk, random, options);
    acknowledged();
  }
  void acknowledged() { told.emplace_back(disk.changes(), must(content_of(*store))); }
  void write(std::uint64_t number, std::size_t size) {
    must(store->run([&](Txn& txn) -> Result<void> {
      TRY(txn.append_log(bytes_of(std::to_string(number))));
      if (number % 2 == 0) txn.anchor();
      if (number % 5 == 0) TRY(txn.make_key());
      TRY(txn.write(Table::Grants, row_id(1), kVaultKey, bytes_of(std::to_string(number))));
      return txn.write(Table::Fields, row_id(number % 20), kVaultKey,
                       bytes_of(std::string(size, static_cast<char>('a' + number % 26))));
    }));
    acknowledged();
  }

  // Wrong with what is left of a cut after `count` changes; "" when all acknowledged is there, and all or nothing of
  // what was under way.
  std::string wrong_with(const Result<StoreContent>& left, std::size_t count) const {
    if (!left.ok()) return testing::said(left.error());
    std::size_t last = 0;
    while (last + 1 < told.size() && told[last + 1].first <= count) ++last;
    if (left.value() == told[last].second) return "";
    if (last + 1 < told.size() && left.value() == told[last + 1].second) return "";
    return "not as acknowledged:" + testing::difference(left.value(), told[last].second);
  }

  SimulatedDisk& disk;
  const Options& options;
  crypto::SystemRandom random;
  std::unique_ptr<Store> store;
  std::vector<std::pair<std::size_t, StoreContent>> told;
};

Image fresh_vault() {
  SimulatedDisk disk;
  crypto::SystemRandom random;
  must(Store::create(disk, random, kOptions, credential()));
  return disk.now();
}

}  // namespace

TEST_SUITE("store/power") {
  TEST_CASE("a vault that was cut while it was made is there, or can be made again, also twice") {
    SimulatedDisk disk;
    crypto::SystemRandom random;
    auto made = must(Store::create(disk, random, kOptions, credential()));
    const std::size_t acknowledged = disk.changes();
    made.reset();
    const History history = disk.history();
    const std::uint64_t seeds =
        testing::cases("VRM_CREATION_SEEDS", 4);  // 1 is the one that is cut twice
    std::size_t none = 0;
    std::size_t again = 0;
    for (std::size_t count = 0; count <= history.changes.size(); ++count) {
      for (std::uint64_t seed = 0; seed < seeds; ++seed) {
        CAPTURE(count);
        CAPTURE(seed);
        const testing::Medium left(history.cut(count, seed + 5 * count));
        SimulatedDisk second;
        second.begin(left);
        if (must(second.exists(kOptions.folder / "vault.db"))) {
          CHECK(reopen(left).ok());
          continue;
        }
        CHECK(count < acknowledged);
        ++none;
        const auto retried = Store::create(second, random, kOptions, credential());
        INFO((retried.ok() ? "" : retried.error().message + retried.error().say));
        CHECK(retried.ok());
        if (seed != 1 || count % 2 == 0) continue;
        // And the second try is cut as well.
        const History retry = second.history();
        for (std::size_t more = 0; more < retry.changes.size(); ++more) {
          CAPTURE(more);
          SimulatedDisk third(retry.cut(more, seed + more));
          if (must(third.exists(kOptions.folder / "vault.db"))) continue;
          ++again;
          const auto last = Store::create(third, random, kOptions, credential());
          INFO((last.ok() ? "" : last.error().message + last.error().say));
          CHECK(last.ok());
        }
      }
    }
    CHECK(none > 50);
    CHECK(again > 100);
  }

  TEST_CASE("cuts around checkpoints, closings and openings lose nothing acknowledged") {
    SimulatedDisk disk(fresh_vault());
    Writer writer(disk);
    writer.open();
    for (std::uint64_t i = 1; i <= 40; ++i) {
      writer.write(i, 60'000);  // the write-ahead log reaches its thousand pages
      if (i % 16 == 0) writer.open();
    }
    writer.store.reset();
    const History history = disk.history();
    std::mt19937_64 dice(20261122);
    std::size_t done = 0;
    const std::size_t wanted = testing::cases("VRM_POWER_CUTS", 3000) / 30;
    for (; done < wanted; ++done) {
      const std::size_t count = dice() % (history.changes.size() + 1);
      const std::uint64_t seed = dice();
      CAPTURE(count);
      CAPTURE(seed);
      CHECK(writer.wrong_with(reopen(testing::Medium(history.cut(count, seed))), count) == "");
    }
    MESSAGE(done << " cuts of " << history.changes.size() << " changes");
  }

  TEST_CASE(
      "a vault that was moved or copied is itself, whatever moment of its first opening is cut") {
    SimulatedDisk before(fresh_vault());
    Writer first(before);
    first.open();
    first.write(2, 100);
    first.store.reset();
    for (const bool stays : {false, true}) {
      CAPTURE(stays);
      SimulatedDisk disk(moved(before.now(), stays));
      Writer writer(disk, kMoved);
      writer.open();
      for (std::uint64_t i = 3; i <= 6; ++i) writer.write(i, 100);
      writer.store.reset();
      CHECK(must(disk.list(kMoved.anchors)).size() == (stays ? 2 : 1));
      const History history = disk.history();
      for (std::size_t count = 0; count <= history.changes.size(); ++count) {
        for (std::uint64_t seed = 0; seed < 4; ++seed) {
          CAPTURE(count);
          CAPTURE(seed);
          const testing::Medium left(history.cut(count, seed));
          CHECK(writer.wrong_with(reopen(left, kMoved), count) == "");
          if (stays) CHECK(reopen(left).ok());
        }
      }
    }
  }

  TEST_CASE("a disk that ignores syncs loses acknowledged changes: the cuts do find losses") {
    SimulatedDisk disk(fresh_vault());
    disk.ignore_syncs(true);
    Writer writer(disk);
    writer.open();
    for (std::uint64_t i = 1; i <= 20; ++i) writer.write(i, 100);
    const History history = disk.history();
    writer.store.reset();
    int lost = 0;
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
      const std::size_t count = history.changes.size() - seed % 20;
      if (writer.wrong_with(reopen(testing::Medium(history.cut(count, seed))), count) != "") ++lost;
    }
    CHECK(lost > 30);
  }

  TEST_CASE("what is acknowledged after a killed process was restarted survives a cut") {
    const Image fresh = fresh_vault();
    SimulatedDisk disk(fresh);
    Writer first(disk);
    first.open();
    for (std::uint64_t i = 1; i <= 4; ++i) first.write(i, 100);
    first.open();
    for (std::uint64_t i = 5; i <= 8; ++i) first.write(i, 100);
    const History history = disk.history();
    for (std::size_t killed = 0; killed <= history.changes.size(); ++killed) {
      SimulatedDisk second;
      second.begin(history.killed(killed));
      Writer writer(second);
      writer.open();
      const std::size_t opened = second.changes();
      CHECK(first.wrong_with(writer.told[0].second, killed) == "");
      writer.write(100, 100);
      writer.write(101, 100);
      const History after = second.history();
      writer.store.reset();
      for (std::uint64_t seed = 0; seed < 8; ++seed) {
        const std::size_t count =
            seed < 4 ? after.changes.size() : opened + seed % (after.changes.size() - opened);
        CAPTURE(killed);
        CAPTURE(count);
        CAPTURE(seed);
        const auto left = reopen(testing::Medium(after.cut(count, seed)));
        // Before it has written, the restarted process has promised nothing that the killed one had not.
        const bool promised = count >= writer.told[1].first;
        const std::string wrong = writer.wrong_with(left, count);
        CHECK((wrong == "" || (!promised && first.wrong_with(left, killed) == "")));
      }
    }
  }
}
