// The power goes at any moment of any verb of the whole vault: what was acknowledged is there, and nothing is half.

#include "tests/routes/stage.h"

using namespace vrm;  // tests only
using testing::History;
using testing::must;
using testing::SimulatedDisk;
using testing::Stage;
using testing::StoreContent;

namespace {

constexpr std::size_t kCutsOfARound = 250;
constexpr std::size_t kCutsServedAgain = 50;  // of so many cuts, one is followed by serving again

// What had been told, once so many changes were made to the disk.
struct Told {
  std::size_t changes = 0;
  std::string verb;  // the last one done
  bool many = false;
  StoreContent content;
};

struct Round {
  std::vector<Told> told;
  History history;
};

Round play(Stage& stage, std::mt19937_64& dice, bool syncs) {
  stage.load();
  stage.disk.ignore_syncs(!syncs);
  Round round;
  round.told.push_back({stage.disk.changes(), "", false, stage.content()});
  auto verbs = Stage::verbs();
  std::shuffle(verbs.begin(), verbs.end(), dice);
  for (const auto& verb : verbs) {
    const auto answer = verb.run(stage);
    INFO(std::string(verb.name) << ": " << answer.body);
    REQUIRE(answer.status == 200);
    round.told.push_back({stage.disk.changes(), verb.name, verb.many, stage.content()});
    const bool same = round.told.back().content == round.told[round.told.size() - 2].content;
    REQUIRE(same == verb.beside);
  }
  if (syncs) stage.world.stop();  // a clean end is cut as well
  round.history = stage.disk.history();
  stage.world.stop();
  stage.disk.ignore_syncs(false);
  return round;
}

bool is_between(const StoreContent& content, const Told& before, const Told& after) {
  if (!after.many) return false;
  const auto& log = after.content.log;
  return (content.rows == before.content.rows || content.rows == after.content.rows) &&
         content.log.size() >= before.content.log.size() && content.log.size() <= log.size() &&
         std::equal(content.log.begin(), content.log.end(), log.begin());
}

std::string wrong_content(const Round& round, std::size_t count,
                          const Result<StoreContent>& found) {
  if (!found.ok()) return testing::said(found.error());
  std::size_t last = 0;
  while (last + 1 < round.told.size() && round.told[last + 1].changes <= count) ++last;
  const Told& before = round.told[last];
  if (found.value() == before.content) return "";
  if (last + 1 == round.told.size())
    return "after the last verb:" + testing::difference(found.value(), before.content);
  const Told& after = round.told[last + 1];
  if (found.value() == after.content || is_between(found.value(), before, after)) return "";
  return after.verb +
         " under way, against before:" + testing::difference(found.value(), before.content) +
         "; against after:" + testing::difference(found.value(), after.content);
}

// Opens what is left, which is as it was acknowledged or as after the verb that was under way, documents and all.
std::string wrong_after(const Stage& stage, const Round& round, std::size_t count,
                        SimulatedDisk& disk) {
  const auto found = stage.verified(disk);
  const std::string wrong = wrong_content(round, count, found);
  return wrong.empty() ? stage.wrong_documents(disk, found.value()) : wrong;
}

bool was_told(const Round& round, const std::string& verb, std::size_t count) {
  for (const Told& told : round.told)
    if (told.verb == verb) return told.changes <= count;
  return false;
}

// What verbs made beside the vault. The same bytes there are looked at once: most cuts leave what others did.
class Beside {
 public:
  std::string wrong(const Stage& stage, const Round& round, std::size_t count,
                    const testing::Image& left, SimulatedDisk& disk) {
    std::string told;
    for (const auto& verb : Stage::verbs())
      if (verb.left) told += was_told(round, verb.name, count) ? "1" : "0";
    crypto::Sha256Sum sum;
    sum.add(bytes_of(told));
    for (const auto& [path, bytes] : left) {
      if (is_in(stage, "vault", path) || is_in(stage, "anchors", path)) continue;
      sum.add(bytes_of(path.string() + " " + std::to_string(bytes.size()) + " "));
      sum.add(bytes);
    }
    const auto [known, is_new] = known_.try_emplace(sum.finish());
    if (!is_new) return known->second;
    for (const auto& verb : Stage::verbs())
      if (verb.left) known->second += verb.left(stage, disk, was_told(round, verb.name, count));
    return known->second;
  }
  std::size_t looked() const { return known_.size(); }

 private:
  static bool is_in(const Stage& stage, const char* folder, const std::filesystem::path& path) {
    const auto inside = path.lexically_relative(stage.world.folder / folder);
    return *inside.begin() != "..";
  }

  std::map<crypto::Sha256, std::string> known_;
};

// The whole vault opens on what is left, verifies, and serves what it should and nothing else.
void serves_again(Stage& stage, const Round& round, std::size_t count, const testing::Image& left) {
  must(stage.load(testing::Medium(left)));
  CHECK(must(stage.world.owner->verify())["ok"] == true);
  const auto reads = stage.world.log_count("read", "allowed");
  CHECK(stage.velo.brand.read(stage.read_token, "contact.email").status == 200);
  CHECK(stage.world.log_count("read", "allowed") == reads + 1);
  const auto pass = stage.owner("GET", "/v1/documents/pass/parts/1");
  CHECK(pass.body == Stage::kPass);
  if (was_told(round, "revoke", count))
    CHECK(stage.velo.brand.read(stage.revoked_token, "contact.email").status == 401);
}

}  // namespace

TEST_SUITE("routes/power") {
  TEST_CASE("whenever the power goes, what was acknowledged is there and nothing is half") {
    Stage stage;
    const std::size_t wanted = testing::cases("VRM_POWER_CUTS", 3000);
    std::mt19937_64 dice(testing::cases("VRM_SEED", 20261122));
    std::size_t cuts = 0;
    std::size_t changes = 0;
    std::size_t again = 0;
    Beside beside;
    while (cuts < wanted) {
      const Round round = play(stage, dice, true);
      changes += round.history.changes.size();
      for (std::size_t i = 0; i < kCutsOfARound && cuts < wanted; ++i, ++cuts) {
        const std::size_t first = round.told[0].changes;
        const std::size_t count = first + dice() % (round.history.changes.size() - first + 1);
        const std::uint64_t seed = dice();
        CAPTURE(cuts);
        CAPTURE(count);
        CAPTURE(seed);
        const testing::Image left = round.history.cut(count, seed);
        SimulatedDisk disk(left);
        CHECK(wrong_after(stage, round, count, disk) == "");
        CHECK(beside.wrong(stage, round, count, left, disk) == "");
        if (cuts % kCutsServedAgain == 0) serves_again(stage, round, count, left);
        if (cuts % 5 != 0) continue;
        // The opening that took up what was left is cut as well: nothing of what it found may go.
        const History reopening = disk.history();
        const std::size_t later = dice() % (reopening.changes.size() + 1);
        SimulatedDisk second(reopening.cut(later, dice()));
        CHECK(wrong_after(stage, round, count, second) == "");
        ++again;
      }
    }
    MESSAGE(cuts << " cuts of " << changes << " changes, " << again << " cut again in recovery; "
                 << beside.looked() << " of what was left beside the vault differed");
  }

  TEST_CASE("a disk that ignores syncs loses what was acknowledged: the cuts do find losses") {
    Stage stage;
    std::mt19937_64 dice(7);
    const Round round = play(stage, dice, false);
    int lost = 0;
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
      const std::size_t count = round.told.back().changes - seed % 10;
      SimulatedDisk disk(round.history.cut(count, seed));
      if (wrong_after(stage, round, count, disk) != "") ++lost;
    }
    CHECK(lost > 30);
    stage.load();
  }
}
