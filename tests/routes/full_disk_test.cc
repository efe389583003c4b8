// The disk is full, and stays so: what still works, and that nothing is lost meanwhile.

#include "tests/routes/stage.h"

using namespace vrm;  // tests only
using testing::must;
using testing::SimulatedDisk;
using testing::Stage;

namespace {

void fill(Stage& stage) {
  std::uint64_t used = 0;
  for (const auto& [path, bytes] : stage.disk.now()) used += bytes.size();
  stage.disk.limit_room(used);
}

}  // namespace

TEST_SUITE("routes/full_disk") {
  TEST_CASE(
      "on a full disk the owner reads, nothing is disclosed, and writes are refused cleanly") {
    Stage stage;
    stage.load();
    fill(stage);
    const auto field = stage.owner("GET", "/v1/fields/contact.email");
    CHECK(field.status == 200);
    CHECK(field.body.find(Stage::kValue) != std::string::npos);
    CHECK(stage.owner("GET", "/v1/grants").status == 200);
    CHECK(stage.owner("GET", "/v1/log").status == 200);
    const auto before = stage.content();
    for (const auto& verb : Stage::verbs()) {
      if (verb.many) continue;
      const auto answer = verb.run(stage);
      INFO(std::string(verb.name) << ": " << answer.status << " " << answer.body);
      CHECK(answer.body.find(Stage::kValue) == std::string::npos);
      if (answer.status == 200) MESSAGE(std::string(verb.name) << " is done on a full disk");
    }
    MESSAGE(testing::difference(stage.content(), before));
    CHECK(stage.owner("POST", "/v1/verify").status == 200);
  }

  TEST_CASE("on a full disk the vault locks") {
    Stage stage;
    stage.load();
    fill(stage);
    static_cast<void>(stage.owner("POST", "/v1/lock"));
    CHECK(stage.world.vault->state() == gate::State::Serving);
    static_cast<void>(stage.owner("POST", "/v1/seal"));
    CHECK(stage.world.vault->state() == gate::State::Sealed);
  }
}
