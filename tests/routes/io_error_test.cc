// The disk fails, at every place of every verb: a refusal that is clean or a success that is true, and no value without
// its record.

#include <algorithm>

#include "tests/routes/stage.h"

using namespace vrm;  // tests only
using testing::Doing;
using testing::History;
using testing::must;
using testing::SimulatedDisk;
using testing::Stage;
using testing::StoreContent;
using testing::World;

namespace {

struct Trouble {
  std::string says;
  unsigned doing;
};
const std::array<Trouble, 4> kTroubles = {{
    {"Input/output error", testing::kEverything},
    {"No space left on device", testing::kOpening | testing::kWriting | testing::kCutting |
                                    testing::kSyncing | testing::kRenaming |
                                    testing::kSyncingFolder | testing::kLocking},
    {"Too many open files", testing::kOpening | testing::kSyncingFolder | testing::kLocking},
    {"Permission denied", testing::kOpening | testing::kRemoving | testing::kRenaming |
                              testing::kLocking | testing::kMakingFolder | testing::kLooking},
}};

// One place where the disk fails.
struct Point {
  std::size_t what = 0;  // of the verbs, or of the disks to recover
  Trouble trouble{};
  std::uint64_t at = 1;
  bool for_ever = false;
  std::uint64_t seed = 0;

  testing::Fault fault() const {
    return {.doing = trouble.doing, .at = at, .for_ever = for_ever, .says = trouble.says};
  }
};

// All places, in an order that is drawn, of which the test takes as many as it is told: as many of each verb, where it has
// so many.
std::vector<Point> drawn(std::vector<Point> points, std::size_t wanted, std::mt19937_64& dice) {
  std::shuffle(points.begin(), points.end(), dice);
  std::map<std::size_t, std::size_t> before;
  std::vector<std::pair<std::size_t, Point>> ranked;
  for (Point& point : points) ranked.emplace_back(before[point.what]++, std::move(point));
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  points.clear();
  for (auto& [rank, point] : ranked) points.push_back(std::move(point));
  for (Point& point : points) point.seed = dice();
  if (points.size() > wanted) points.resize(wanted);
  return points;
}

template <typename Run>
void add_points(std::vector<Point>& points, SimulatedDisk& disk, std::size_t what, Run run) {
  for (const Trouble& trouble : kTroubles) {
    run([&] { disk.fail({.doing = trouble.doing, .at = UINT64_MAX}); });
    const std::uint64_t seen = disk.seen();
    disk.heal();
    for (std::uint64_t at = 1; at <= seen; ++at)
      for (const bool for_ever : {false, true}) points.push_back({what, trouble, at, for_ever, 0});
  }
}

// What a verb changes, for contents that differ by the ids that were drawn.
using Shape = std::map<std::string, std::size_t>;
Shape shape_of(const StoreContent& content) {
  Shape shape;
  shape["log"] = content.log.size();
  shape["keys"] = content.keys;
  for (const auto& [key, record] : content.rows)
    ++shape["table " + std::to_string(static_cast<int>(key.first))];
  return shape;
}

bool same_but_for_records(const StoreContent& before, const StoreContent& after) {
  return before.rows == after.rows && before.log.size() <= after.log.size() &&
         std::equal(before.log.begin(), before.log.end(), after.log.begin());
}

// A vault that could not read its anchor while it was opened suspends every grant until the owner has looked;
// nothing else may have changed.
bool is_as_it_was(const StoreContent& before, const StoreContent& after) {
  if (same_but_for_records(before, after)) return true;
  const auto but_grants = [](StoreContent content) {
    std::erase_if(content.rows, [](const auto& row) {
      return row.first.first == store::Table::Grants || row.first.first == store::Table::Settings;
    });
    return content;
  };
  return before.rows.size() <= after.rows.size() &&
         shape_of(before)["table 5"] == shape_of(after)["table 5"] &&
         same_but_for_records(but_grants(before), but_grants(after));
}

class Attempt {
 public:
  Attempt(Stage& stage, const Stage::Verb& verb, const Point& point, const Shape& after)
      : stage_(stage), verb_(verb), point_(point), after_(after) {}

  void make() {
    INFO(std::string(verb_.name) << ", " << point_.trouble.says << " at " << point_.at
                                 << std::string(point_.for_ever ? " for ever" : " once"));
    stage_.load();
    before_ = stage_.content();
    stage_.disk.fail(point_.fault());
    answer_ = verb_.run(stage_);
    const bool struck = stage_.disk.failed() > 0;
    stage_.disk.heal();
    INFO("answer " << answer_.status << ": " << answer_.body);
    if (!struck) CHECK(answer_.status == 200);
    CHECK(!answer_.body.empty());
    const bool discloses = answer_.body.find(Stage::kValue) != std::string::npos;
    if (discloses) CHECK(answer_.status == 200);
    if (verb_.many) return after_many();
    if (stage_.world.vault->state() == gate::State::Sealed) return after_sealing();
    const StoreContent live = stage_.content();
    if (done()) {
      CHECK(shape_of(live) == after_);
    } else {
      CHECK(answer_.status >= 400);
      if (!verb_.tells || shape_of(live) != after_) CHECK(testing::difference(live, before_) == "");
    }
    if (point_.seed % 2 == 0) {
      goes_on();
    } else {
      ends(live);
    }
  }

 private:
  bool done() const { return answer_.status == 200; }

  // A rekey that the disk kept from ending leaves the vault sealed, and the next unlock goes on from there.
  void after_sealing() {
    CHECK(std::string(verb_.name) == "rekey");
    CHECK(answer_.status >= 400);
    if (point_.seed % 2 == 0) {
      must(stage_.world.owner->unlock(gate::SlotKind::Credential, World::credential(),
                                      gate::Unlock::ForUse));
    } else {
      stage_.world.stop();
      must(stage_.open());
    }
    StoreContent live = stage_.content();
    CHECK(is_as_it_was(before_, live));
    stage_.world.stop();
    CHECK(left(stage_.disk.history().cut(stage_.disk.changes(), point_.seed)) == live);
  }

  // Once the disk works, so does the vault; and what it then says is what is there after a cut.
  void goes_on() {
    const auto set = stage_.owner("PUT", "/v1/fields/person.family_name", {{"value", "Martin"}});
    CHECK(set.status == 200);
    const StoreContent live = stage_.content();
    stage_.world.stop();
    CHECK(left(stage_.disk.history().cut(stage_.disk.changes(), point_.seed)) == live);
  }

  // The process ends while the disk fails, and the power goes too or does not. What was refused may turn out to be
  // there, whole; what was told done is there.
  void ends(const StoreContent& live) {
    if (point_.for_ever) stage_.disk.fail(point_.fault());
    stage_.world.stop();
    stage_.disk.heal();
    const bool cut = point_.seed % 4 == 1;
    const History history = stage_.disk.history();
    const StoreContent found =
        left(cut ? history.cut(history.changes.size(), point_.seed) : stage_.disk.now());
    if (done() || shape_of(live) == after_)
      CHECK(testing::difference(found, live) == "");
    else
      CHECK((found == before_ || shape_of(found) == after_));
  }

  // A lock or a restart leaves what there was, and more records at the most.
  void after_many() {
    stage_.world.stop();
    must(stage_.open());
    const StoreContent live = stage_.content();
    CHECK(is_as_it_was(before_, live));
    stage_.world.stop();
    const auto found = left(stage_.disk.history().cut(stage_.disk.changes(), point_.seed));
    CHECK(testing::difference(found, live) == "");
  }

  StoreContent left(const testing::Image& image) {
    SimulatedDisk disk(image);
    auto found = stage_.verified(disk);
    if (!found.ok()) FAIL_CHECK(testing::said(found.error()));
    if (found.ok()) CHECK(stage_.wrong_documents(disk, found.value()) == "");
    if (verb_.left) CHECK(verb_.left(stage_, disk, done()) == "");
    return found.ok() ? std::move(found).value() : StoreContent();
  }

  Stage& stage_;
  const Stage::Verb& verb_;
  const Point point_;
  const Shape after_;
  StoreContent before_;
  routes::Answer answer_;
};

}  // namespace

TEST_SUITE("routes/io_errors") {
  TEST_CASE("wherever the disk fails, a verb is refused cleanly or truly done") {
    Stage stage;
    std::mt19937_64 dice(testing::cases("VRM_SEED", 20261122));
    const auto& verbs = Stage::verbs();
    std::vector<Point> points;
    std::vector<Shape> after(verbs.size());
    for (std::size_t i = 0; i < verbs.size(); ++i) {
      add_points(points, stage.disk, i, [&](auto arm) {
        stage.load();
        arm();
        REQUIRE(verbs[i].run(stage).status == 200);
        after[i] = shape_of(stage.content());
      });
    }
    const std::size_t all = points.size();
    points = drawn(std::move(points), testing::cases("VRM_IO_ERRORS", 300), dice);
    for (const Point& point : points)
      Attempt(stage, verbs[point.what], point, after[point.what]).make();
    MESSAGE(points.size() << " failures of " << all);
    stage.load();
  }

  TEST_CASE("wherever the disk fails in recovery, the vault opens as soon as it works") {
    Stage stage;
    std::mt19937_64 dice(testing::cases("VRM_SEED", 20261122));
    stage.load();
    for (const auto& verb : Stage::verbs()) REQUIRE(verb.run(stage).status == 200);
    const History history = stage.disk.history();
    std::vector<testing::Image> disks;
    for (int i = 0; i < 4; ++i)
      disks.push_back(history.cut(history.changes.size() - dice() % 40, dice()));
    std::vector<Point> points;
    std::vector<StoreContent> was(disks.size());
    for (std::size_t i = 0; i < disks.size(); ++i) {
      SimulatedDisk disk(disks[i]);
      was[i] = must(stage.verified(disk));
      add_points(points, stage.disk, i, [&](auto arm) {
        stage.world.stop();
        stage.disk.begin(testing::Medium(disks[i]));
        arm();
        must(stage.open());
      });
    }
    const std::size_t all = points.size();
    points = drawn(std::move(points), testing::cases("VRM_IO_ERRORS", 300) / 3, dice);
    std::size_t refused = 0;
    for (const Point& point : points) {
      INFO(point.trouble.says << " at " << point.at
                              << std::string(point.for_ever ? " for ever" : " once"));
      stage.world.stop();
      stage.disk.begin(testing::Medium(disks[point.what]));
      stage.disk.fail(point.fault());
      const auto opened = stage.open();
      if (!opened.ok()) {
        ++refused;
        CHECK(opened.error().code != ErrorCode::Corrupt);
        CHECK(opened.error().code != ErrorCode::NotFound);
        stage.world.stop();
      }
      stage.disk.heal();
      if (!opened.ok()) must(stage.open());
      const StoreContent live = stage.content();
      CHECK(is_as_it_was(was[point.what], live));
      stage.world.stop();
      SimulatedDisk left(stage.disk.history().cut(stage.disk.changes(), point.seed));
      const StoreContent found = must(stage.verified(left));
      CHECK(testing::difference(found, live) == "");
      CHECK(stage.wrong_documents(left, found) == "");
    }
    CHECK(refused > points.size() / 4);
    MESSAGE(points.size() << " failures of " << all << ", " << refused << " refused");
    stage.load();
  }
}
