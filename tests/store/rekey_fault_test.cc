// The power goes, the process ends or the disk fails at any moment of a rekey: the vault is the old one or the new one,
// whole.

#include <doctest/doctest.h>

#include <map>

#include "tests/store/rekeyed_vault.h"
#include "vault/store/migrations.h"

using namespace vrm;         // tests only
using namespace vrm::store;  // tests only

TEST_SUITE("store/rekey_fault") {
  TEST_CASE("without the room it is refused before anything is written") {
    const Life life;
    SimulatedDisk disk(life.image);
    crypto::SystemRandom random;
    auto store = unlocked(disk, random);
    const std::size_t changes = disk.changes();
    disk.limit_room(disk.used() + 50'000);
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
    auto store = unlocked(disk, random);
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
    auto store = unlocked(disk, random);
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
    auto store = unlocked(disk, random);
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
        auto store = unlocked(disk, random);
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
