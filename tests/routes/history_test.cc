// What a field was before, through the owner's routes; and that no brand has a way to it.

#include <fstream>

#include "tests/support/owner_door.h"
#include "tests/support/world.h"

using namespace vrm;  // tests only
using nlohmann::json;
using testing::must;
using testing::OwnerDoor;
using testing::TestBrand;
using testing::World;

namespace {

constexpr auto kHistory = "/v1/fields/contact.email/history";
constexpr auto kRestore = "/v1/fields/contact.email/restore";

std::vector<std::string> sources_of(const json& history) {
  std::vector<std::string> sources;
  for (const auto& item : history.at("items")) sources.push_back(item["source"]);
  return sources;
}

using Sources = std::vector<std::string>;

}  // namespace

TEST_SUITE("routes/history") {
  TEST_CASE("versions are listed with when and where they came from, and one is restored") {
    World world;
    OwnerDoor door(world);
    world.set("contact.email", "ana@example.org");
    const auto import =
        must(world.owner->import(R"({"contact.email":"import@example.org"})",
                                 {.format = "json", .card = {}, .preview = false, .keep = "new"}));
    const std::string id = import["id"];
    auto history = door.get(kHistory);
    CHECK(history["schema"] == "vrm.history/1");
    CHECK(history["field"] == "contact.email");
    CHECK(history["sensitive"] == false);
    CHECK(sources_of(history) == Sources{"import:" + id, "self"});
    CHECK(history["items"][0]["format"] == "json");
    CHECK(history["items"][0]["present"] == true);
    CHECK(history["items"][1]["present"] == false);
    CHECK(history["items"][1]["value"] == "ana@example.org");

    const auto restored = door.post(kRestore, {{"version", 1}});
    CHECK(restored["schema"] == "vrm.field/1");
    CHECK(restored["value"] == "ana@example.org");
    CHECK(restored["version"] == 3);
    CHECK(restored["source"] == "restored:1");
    CHECK(restored["notes"].is_array());
    history = door.get(kHistory);
    CHECK(sources_of(history) == Sources{"restored:1", "import:" + id, "self"});
    CHECK(door.post(kRestore, {{"version", 3}})["already"] == true);

    const auto log = must(world.owner->log({.brand = {},
                                            .field = "contact.email",
                                            .kind = "field_restored",
                                            .since = {},
                                            .limit = 9}));
    REQUIRE(log["items"].size() == 1);
    CHECK(log["items"][0]["reason"] == "1");
  }

  TEST_CASE("a claim says which field it is made of, a field that is none says nothing") {
    World world;
    OwnerDoor door(world);
    world.set("person.birthdate", "1988-05-14");
    CHECK(door.get("/v1/fields/person.age_over_18")["derived_from"] == "person.birthdate");
    CHECK(door.get("/v1/fields/person.age_over_18/history")["derived_from"] == "person.birthdate");
    CHECK(door.get("/v1/fields/person.birthdate")["derived_from"] == nullptr);
    CHECK(door.get("/v1/fields/person.birthdate/history")["derived_from"] == nullptr);
    world.set("address.home.country", "BE");
    world.set("address.home.region", "Hainaut");  // typed, where France's rule says nothing
    CHECK(door.get("/v1/fields/address.home.region")["derived_from"] == nullptr);
  }

  TEST_CASE("what is not there, not kept or not a number is refused, and nothing is recorded") {
    World world;
    OwnerDoor door(world);
    world.set("contact.email", "ana@example.org");
    world.set("person.birthdate", "1988-05-14");
    CHECK(door.says("GET", "/v1/fields/contact.fax/history").starts_with("profile.no_field"));
    CHECK(door.says("POST", "/v1/fields/contact.fax/restore", {{"version", 1}})
              .starts_with("profile.no_field"));
    CHECK(door.says("POST", kRestore, {{"version", 9}}) == "profile.no_version");
    CHECK(door.says("POST", "/v1/fields/person.age_over_18/restore", {{"version", 9}}) ==
          "profile.claim_by_hand");
    CHECK(door.call("POST", kRestore, {{"version", "1"}}).status == 400);
    CHECK(door.call("POST", kRestore, json::object()).status == 400);
    CHECK(world.log_count("field_restored", "done") == 0);
    must(world.owner->lock());
    CHECK(door.says("GET", kHistory) == "vault.locked");
    CHECK(door.says("POST", kRestore, {{"version", 1}}) == "vault.locked");
  }

  TEST_CASE("histories survive a restart, are in an export, and go with the field") {
    World world;
    world.set("contact.email", "one@example.org");
    world.set("contact.email", "two@example.org");
    world.set("address.home.locality", "Lyon");
    world.restart();
    world.unlock();
    OwnerDoor again(world);
    CHECK(again.get(kHistory)["items"].size() == 2);
    CHECK(must(world.owner->status())["counts"]["fields"] == 2);
    const auto file = world.folder / "all.json";
    must(world.owner->export_all(file.string(), false));
    std::ifstream written(file);
    const auto all = json::parse(written);
    REQUIRE(all["history"].size() == 1);
    CHECK(all["history"][0]["items"][1]["value"] == "one@example.org");
    must(world.owner->unset_field("contact.email"));
    CHECK(world.vault->rooms()->store->count(store::Table::Versions) == 0);
    CHECK(again.says("GET", kHistory).starts_with("profile.no_field"));
    CHECK(must(world.owner->verify())["damages"].empty());
  }

  TEST_CASE("a brand that is served while locked gets what the field is, and not what it was") {
    World world;
    TestBrand brand(world, "velo.example", "Velo");
    world.set("contact.email", "former@example.org");
    world.set("contact.email", "present@example.org");
    const auto grant = brand.granted({"contact.email"}, {{"served_while_locked", true}});
    must(world.owner->lock());
    const auto read = brand.read(grant["access_token"], "contact.email");
    CHECK(read.status == 200);
    CHECK(json::parse(read.body)["data"]["contact.email"]["value"] == "present@example.org");
    const auto meta = world.vault->rooms()->profile.find("contact.email");
    REQUIRE(meta.has_value());
    CHECK(world.vault->rooms()->profile.versions(*meta).error().code == ErrorCode::Locked);
  }
}
