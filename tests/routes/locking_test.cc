// The idle and the hard limit, what counts as a person, and what a locked vault says; what is served then, and how it
// is taken back.

#include <functional>
#include <utility>

#include "tests/support/owner_door.h"
#include "tests/support/world.h"

using namespace vrm;  // tests only
using nlohmann::json;
using std::chrono::hours;
using std::chrono::minutes;
using testing::By;
using testing::error_of;
using testing::must;
using testing::OwnerDoor;
using testing::TestBrand;
using testing::World;

namespace {

// Does something once, when the vault draws random bytes.
class Interrupting final : public Random {
 public:
  void fill(std::span<std::uint8_t> out) override {
    system_.fill(out);
    if (auto now = std::exchange(then, nullptr)) now();
  }
  std::function<void()> then;

 private:
  crypto::SystemRandom system_;
};

constexpr auto kFields = "/v1/fields";
constexpr auto kStatus = "/v1/status";

void limit(World& world, gate::OwnerLimits limits) {
  world.owner_limits = limits;
  world.restart();
  world.unlock();
}

std::string state(const World& world) {
  return std::string(to_string(world.vault->state()));
}

// Its word alone: when it happens is checked where it matters.
std::string why(const World& world) {
  return must(world.owner->status())["vault"]["last_lock"]["why"];
}

}  // namespace

TEST_SUITE("routes/locking") {
  TEST_CASE(
      "nobody there for the idle limit locks, and the next call is told why and what to type") {
    World world;
    limit(world, {.idle_lock = minutes(15)});
    OwnerDoor door(world);
    world.clock.advance(minutes(15) - Duration(1));
    CHECK(door.call("GET", kFields).status == 200);
    world.clock.advance(Duration(1));
    const auto refused = door.call("GET", kFields);
    CHECK(refused.status == 423);
    const auto error = json::parse(refused.body)["error"];
    CHECK(error["say"] == "vault.locked_idle");
    CHECK(error["with"]["locked_at"] == to_rfc3339({world.clock.now().seconds() * 1000}));
    CHECK(state(world) == "serving");
    CHECK(why(world) == "idle");
    CHECK(world.vault->last_lock().at == world.clock.now());
  }

  TEST_CASE("only what a person does puts the idle limit off") {
    World world;
    limit(world, {.idle_lock = minutes(15)});
    OwnerDoor door(world);
    for (int i = 0; i < 3; ++i) {
      world.clock.advance(minutes(14));
      CHECK(door.call("GET", kFields, nullptr, By::Person).status == 200);
    }
    world.clock.advance(minutes(5));
    door.call("GET", kFields);
    world.clock.advance(minutes(5));
    door.call("GET", kStatus);
    world.clock.advance(minutes(4));
    door.call("GET", "/v1/events", nullptr, By::Program, "after=0&wait=0");
    CHECK(state(world) == "open");
    world.clock.advance(minutes(1));
    CHECK(door.says("GET", kFields) == "vault.locked_idle");
  }

  TEST_CASE("a person who comes too late does not open what is locked") {
    World world;
    limit(world, {.idle_lock = minutes(15)});
    OwnerDoor door(world);
    world.clock.advance(minutes(15));
    CHECK(door.call("GET", kFields, nullptr, By::Person).status == 423);
  }

  TEST_CASE("the hard limit locks whoever is there, and counts from the unlock") {
    World world;
    limit(world, {.idle_lock = minutes(30), .hard_lock = hours(1)});
    OwnerDoor door(world);
    for (int i = 0; i < 3; ++i) {
      world.clock.advance(minutes(19));
      CHECK(door.call("GET", kFields, nullptr, By::Person).status == 200);
    }
    world.unlock();  // it is open: nothing is begun anew
    world.clock.advance(minutes(3));
    CHECK(door.says("GET", kFields) == "vault.locked_limit");
    CHECK(why(world) == "limit");
    world.unlock();
    world.clock.advance(minutes(29));
    CHECK(door.call("GET", kFields).status == 200);
  }

  TEST_CASE("a limit that strikes in the midst of a command ends it with what happened") {
    Interrupting random;
    World world(World::default_limits(), &random);
    limit(world, {.idle_lock = minutes(15)});
    TestBrand velo(world, "velo.example", "Velo");
    OwnerDoor door(world);
    random.then = [&world] {
      world.clock.advance(minutes(15));
      world.owner->lock_when_due();
    };
    const auto refused = door.call("POST", "/v1/intents",
                                   {{"text", "mountain bike"}, {"to", {velo.handle}}}, By::Person);
    CHECK(refused.status == 423);
    CHECK(json::parse(refused.body)["error"]["say"] == "vault.locked_idle");
    CHECK(random.then == nullptr);
    world.unlock();
    CHECK(must(world.owner->intents(true))["items"].empty());
  }

  TEST_CASE("the limits hold without any call, and a vault opened for rescue is sealed by them") {
    World world;
    limit(world, {.idle_lock = minutes(15)});
    world.clock.advance(minutes(15));
    world.owner->lock_when_due();
    CHECK(state(world) == "serving");
    must(world.owner->seal());
    must(world.owner->unlock(gate::SlotKind::Credential, World::credential(),
                             gate::Unlock::ForRescue));
    CHECK(state(world) == "rescue");
    world.clock.advance(minutes(15));
    world.owner->lock_when_due();
    CHECK(state(world) == "sealed");
    OwnerDoor door(world);
    CHECK(door.says("GET", kFields) == "vault.locked_idle");
  }

  TEST_CASE("the wall clock may jump: the limits go by the one that counts the machine's sleep") {
    World world;
    limit(world, {.idle_lock = minutes(15), .hard_lock = hours(12)});
    OwnerDoor door(world);
    world.clock.jump(hours(24 * 3));
    CHECK(door.call("GET", kFields).status == 200);
    world.clock.jump(-hours(24 * 6));
    world.clock.advance(minutes(15));
    CHECK(door.call("GET", kFields).status == 423);
  }

  TEST_CASE("a limit that is off never strikes") {
    World world;
    limit(world, {.idle_lock = std::nullopt, .hard_lock = std::nullopt});
    world.clock.advance(hours(24 * 30));
    world.owner->lock_when_due();
    CHECK(state(world) == "open");
    const auto vault = must(world.owner->status())["vault"];
    for (const auto* member : {"idle_lock_s", "hard_lock_s", "locks_at", "locks_latest_at"})
      CHECK_FALSE(vault.contains(member));
  }

  TEST_CASE("a vault that was just made was never locked, and the status tells of no lock") {
    World world;
    CHECK_FALSE(must(world.owner->status())["vault"].contains("last_lock"));
    must(world.owner->lock());
    CHECK(why(world) == "command");
  }

  TEST_CASE("the status tells both limits, when they strike, and why it was locked last") {
    World world;
    limit(world, {.idle_lock = minutes(15), .hard_lock = hours(12)});
    OwnerDoor door(world);
    const auto in = [&](Duration span) {
      return to_rfc3339({(world.clock.now() + span).seconds() * 1000});
    };
    world.clock.advance(minutes(10));
    auto vault = door.get(kStatus)["vault"];
    CHECK(vault["idle_lock_s"] == 900);
    CHECK(vault["hard_lock_s"] == 43200);
    CHECK(vault["locks_at"] == in(minutes(5)));
    CHECK(vault["locks_latest_at"] == in(hours(12) - minutes(10)));
    CHECK(vault["last_lock"]["why"] == "start");
    CHECK(vault["memory_locked"].is_boolean());
    door.get(kFields, By::Person);
    CHECK(door.get(kStatus)["vault"]["locks_at"] == in(minutes(15)));
    must(world.owner->lock());
    vault = door.get(kStatus)["vault"];
    CHECK(vault["last_lock"]["why"] == "command");
    CHECK_FALSE(vault.contains("locks_at"));
    CHECK(door.says("GET", kFields) == "vault.locked");
    world.unlock();
    world.owner->lock_by_signal();
    CHECK(why(world) == "signal");
    CHECK(door.says("GET", kFields) == "vault.locked_signal");
    world.owner->lock_by_signal();
    must(world.owner->lock());  // it is locked: the reason stays
    CHECK(why(world) == "signal");
    must(world.owner->seal());
    CHECK(why(world) == "sealed");
    CHECK(door.says("GET", kFields) == "vault.sealed");
  }

  TEST_CASE("what is served while locked is listed by brand with what takes it back, and no more") {
    World world;
    TestBrand velo(world, "velo.example", "Velo");
    TestBrand troc(world, "troc.example", "Troc");
    world.set("address.home.locality", "Lyon");
    world.set("contact.email", "ana@example.org");
    const json served = {{"served_while_locked", true}, {"max_reads", 5}};
    const auto one = velo.granted({"address.home.locality"}, served);
    velo.granted({"contact.email"}, {{"served_while_locked", true}, {"for", "7d"}});
    velo.granted({"contact.email"});  // not while locked
    const auto other = troc.granted({"address.home.locality"}, served);
    REQUIRE(velo.read(one["access_token"], "address.home.locality").status == 200);
    const auto waiting = must(world.owner->make_grant({{"brand", velo.handle},
                                                       {"fields", {"contact.email"}},
                                                       {"purpose", "delivery"},
                                                       {"served_while_locked", true}}));
    must(world.owner->lock());

    OwnerDoor door(world);
    CHECK(door.get(kStatus)["served"][1]["grants"] == 3);
    const auto taken = door.post("/v1/grants/revoke", {{"ids", {waiting["id"]}}});
    auto list = door.get(kStatus)["served"];
    REQUIRE(list.size() == 2);
    CHECK(list[1]["brand"] == velo.handle);
    CHECK(list[1]["name"] == "Velo");
    CHECK(list[1]["grants"] == 2);
    REQUIRE(list[1]["items"].size() == 2);
    for (const auto& item : list[1]["items"]) {
      CHECK(item.size() == 4);
      CHECK(item["state"] == "active");
      CHECK(item["expires_at"].is_string());
      const bool counted = item["id"] == one["grant_id"];
      CHECK(item["reads"]["max"] == (counted ? json(5) : json(nullptr)));
      CHECK(item["reads"]["used"] == (counted ? 1 : 0));
    }
    REQUIRE(taken["items"].size() == 1);
    CHECK(taken["items"][0]["id"] == waiting["id"]);
    CHECK(taken["items"][0]["brand"] == velo.handle);
    CHECK(taken["items"][0]["reads"] == 0);
    const auto again = door.post("/v1/grants/revoke", {{"ids", {waiting["id"]}}});
    CHECK(again["items"][0]["already"] == true);
    const std::string text = write_json(list) + write_json(taken) + write_json(again);
    for (const auto* word : {"address", "locality", "contact", "delivery", "Lyon", "dpv"})
      CHECK(text.find(word) == text.npos);

    door.post("/v1/grants/revoke", {{"ids", {one["grant_id"]}}});
    CHECK(velo.read(one["access_token"], "address.home.locality").status == 401);
    CHECK(troc.read(other["access_token"], "address.home.locality").status == 200);
    const auto rest = door.post("/v1/grants/revoke", {{"brand", velo.handle}});
    CHECK(rest["items"].size() == 2);  // one of them is not served while locked
    for (const auto& item : rest["items"]) CHECK_FALSE(item.contains("fields"));
    list = door.get(kStatus)["served"];
    REQUIRE(list.size() == 1);
    CHECK(list[0]["brand"] == troc.handle);
    CHECK(door.call("POST", "/v1/seal").status == 200);
    CHECK_FALSE(door.get(kStatus).contains("served"));
    CHECK(troc.read(other["access_token"], "address.home.locality").status == 503);
  }
}
