// The disk is full, and stays so: what still works, and that nothing is lost meanwhile.

#include "tests/routes/stage.h"

using namespace vrm;  // tests only
using testing::must;
using testing::SimulatedDisk;
using testing::Stage;

namespace {

// Acts of the owner on grants and rules, and what a rule gives.
bool is_for_reserve(const std::string& verb) {
  return verb == "revoke" || verb == "grant" || verb == "approve" || verb == "accept" ||
         verb == "acknowledge" || verb == "remember" || verb == "undo rule" || verb == "renew" ||
         verb == "ask by rule";
}

void fill(Stage& stage) {
  stage.disk.limit_room(stage.disk.used());
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
      if (verb.many || is_for_reserve(verb.name)) continue;
      const auto answer = verb.run(stage);
      INFO(std::string(verb.name) << ": " << answer.status << " " << answer.body);
      CHECK(answer.body.find(Stage::kValue) == std::string::npos);
      CHECK(answer.status >= 400);
    }
    CHECK(testing::difference(stage.content(), before) == "");
    CHECK(stage.owner("POST", "/v1/verify").status == 200);
  }

  TEST_CASE("on a full disk grants are taken back, one after another, and the vault opens again") {
    Stage stage;
    stage.load();
    std::vector<std::string> grants;
    for (int i = 0; i < 40; ++i)
      grants.push_back(stage.velo.brand.granted({"contact.email"})["grant_id"]);
    grants.push_back(stage.revoked_grant);
    fill(stage);
    for (const std::string& grant : grants) {
      const auto answer = stage.owner("POST", "/v1/grants/revoke", {{"ids", {grant}}});
      INFO(answer.body);
      REQUIRE(answer.status == 200);
    }
    CHECK_FALSE(must(stage.disk.exists(stage.world.folder / "vault" / "reserve")));
    CHECK(stage.velo.brand.read(stage.revoked_token, "contact.email").status >= 400);
    const auto live = stage.content();
    stage.world.stop();
    fill(stage);
    SimulatedDisk left(stage.disk.history().cut(stage.disk.changes(), 2));
    CHECK(testing::difference(must(stage.verified(left)), live) == "");
    stage.disk.limit_room(std::nullopt);
    must(stage.open());
    CHECK(must(stage.disk.exists(stage.world.folder / "vault" / "reserve")));
    CHECK(Stage::verbs()[0].run(stage).status == 200);
  }

  TEST_CASE("a vault that was closed opens on a full disk, with the room that was kept for it") {
    Stage stage;
    stage.load();
    stage.world.stop();
    fill(stage);
    must(stage.open());
    CHECK(stage.owner("GET", "/v1/fields/contact.email").status == 200);
    CHECK(stage.owner("POST", "/v1/grants/revoke", {{"all", true}}).status == 200);
    CHECK(Stage::verbs()[0].run(stage).status >= 400);
    stage.disk.limit_room(std::nullopt);
  }

  TEST_CASE(
      "a disk that fills up while a document comes in loses that document and nothing else: the "
      "vault reads, takes back, locks and opens") {
    Stage stage;
    stage.load();
    const auto begun = stage.owner("POST", "/v1/uploads", {{"file", "long"}, {"size", 2 << 20}});
    REQUIRE(begun.status == 200);
    const std::string parts =
        "/v1/uploads/" + nlohmann::json::parse(begun.body)["id"].get<std::string>() + "/parts/";
    const std::string part(1 << 20, 'l');
    REQUIRE(stage.raw("PUT", parts + "1", "", part).status == 200);
    fill(stage);
    const auto live = stage.content();
    CHECK(stage.raw("PUT", parts + "2", "", part).status == 500);
    CHECK(stage.wrong_documents(stage.disk, live) == "");  // and the room it took is free
    CHECK(stage.owner("GET", "/v1/documents/pass/parts/1").body == Stage::kPass);
    fill(stage);
    CHECK(stage.owner("GET", "/v1/fields/contact.email").status == 200);
    CHECK(stage.owner("GET", "/v1/documents").status == 200);
    CHECK(stage.owner("POST", "/v1/grants/revoke", {{"ids", {stage.revoked_grant}}}).status == 200);
    CHECK(stage.velo.brand.read(stage.revoked_token, "contact.email").status >= 400);
    const auto held = stage.content();
    static_cast<void>(stage.owner("POST", "/v1/lock"));
    CHECK(stage.world.vault->state() == gate::State::Serving);
    stage.world.stop();
    SimulatedDisk left(stage.disk.history().cut(stage.disk.changes(), 3));
    const auto found = must(stage.verified(left));  // with the record of the locking
    CHECK(found.rows == held.rows);
    CHECK(stage.wrong_documents(left, found) == "");
    must(stage.open());
    CHECK(stage.owner("GET", "/v1/fields/contact.email").status == 200);
    stage.disk.limit_room(std::nullopt);
    CHECK(stage.owner("GET", "/v1/documents/pass/parts/1").body == Stage::kPass);
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
