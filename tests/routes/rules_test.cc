// Decisions that stand for the next time, muted brands, renewed and unused grants: over the brands' routes.

#include <algorithm>

#include "tests/support/owner_door.h"
#include "tests/support/world.h"

using namespace vrm;  // tests only
using nlohmann::json;
using testing::error_of;
using testing::must;
using testing::TestBrand;
using testing::World;

namespace {

constexpr const char* kCity = "address.home.locality";
constexpr const char* kMail = "contact.email";
constexpr const char* kPhone = "contact.phone_number";

std::string auth_id(const routes::Answer& answer) {
  REQUIRE(answer.status == 200);
  return json::parse(answer.body)["auth_req_id"];
}

// One after the other, so that one is the newest.
std::string asks(World& world, TestBrand& brand, const json& wish) {
  world.clock.advance(std::chrono::seconds(1));
  return auth_id(brand.ask(wish));
}

// The newest request, whatever became of it.
json newest(World& world) {
  return must(world.owner->requests(true))["items"].at(0);
}

std::size_t waiting(World& world) {
  return must(world.owner->requests(false))["items"].size();
}

std::size_t rules_of(World& world) {
  return must(world.owner->rules(""))["items"].size();
}

json decided(std::vector<std::string> fields, const json& more = json::object()) {
  json wish = TestBrand::wish(std::move(fields));
  wish.update(more);
  return wish;
}

// The brand asks, the owner approves or denies what waits, and remembers it. Gives the rule's id.
std::string remembered(World& world, TestBrand& brand, const json& wish, bool approves,
                       json body = json::object()) {
  asks(world, brand, wish);
  const std::string id = newest(world)["id"];
  body["remember"] = true;
  const auto answer = approves ? world.owner->approve(id, body) : world.owner->deny(id, body);
  world.clock.advance(std::chrono::seconds(1));
  return must(answer)["remembered"];
}

struct Rig {
  Rig() { world.set(kCity, "Lyon"), world.set(kMail, "ana@example.org"); }
  World world;
  TestBrand velo{world, "velo.example", "Velo"};
};

const json kBounds = {{"expires_in", 86400}, {"retention_days", 30}, {"max_reads", 3}};

}  // namespace

TEST_SUITE("routes/rules") {
  TEST_CASE("what was approved and remembered is given the next time, and is in the log as that") {
    Rig rig;
    const auto rule = remembered(rig.world, rig.velo, decided({kCity}, kBounds), true);
    const auto id = asks(rig.world, rig.velo, decided({kCity}, kBounds));
    CHECK(waiting(rig.world) == 0);
    CHECK(newest(rig.world)["rule"] == rule);
    const auto token = rig.velo.poll(id);
    REQUIRE(token.status == 200);
    CHECK(rig.velo.read(json::parse(token.body)["access_token"], kCity).status == 200);
    CHECK(rig.world.log_reasons("request_approved", "done").front() == rule);
    CHECK(must(rig.world.owner->rule(rule))["answered"] == 1);
  }

  TEST_CASE("a rule gives nothing beyond what was decided: each thing more is asked of the owner") {
    const std::vector<std::pair<const char*, json>> beyond = {
        {"another field", decided({kCity, kPhone}, kBounds)},
        {"only another field", decided({kPhone}, kBounds)},
        {"longer",
         decided({kCity}, {{"expires_in", 86401}, {"retention_days", 30}, {"max_reads", 3}})},
        {"kept longer",
         decided({kCity}, {{"expires_in", 86400}, {"retention_days", 31}, {"max_reads", 3}})},
        {"kept for a time not said", decided({kCity}, {{"expires_in", 86400}, {"max_reads", 3}})},
        {"more reads",
         decided({kCity}, {{"expires_in", 86400}, {"retention_days", 30}, {"max_reads", 4}})},
        {"reads without a count",
         decided({kCity}, {{"expires_in", 86400}, {"retention_days", 30}})}};
    for (const auto& [name, wish] : beyond) {
      CAPTURE(name);
      Rig rig;
      remembered(rig.world, rig.velo, decided({kCity}, kBounds), true);
      const auto id = asks(rig.world, rig.velo, wish);
      CHECK(waiting(rig.world) == 1);
      CHECK(newest(rig.world)["rule"] == "");
      CHECK(error_of(rig.velo.poll(id)) == "authorization_pending");
    }
    Rig rig;
    remembered(rig.world, rig.velo, decided({kCity}, kBounds), true);
    json wish = decided({kCity}, kBounds);
    wish["purpose"] = "quote";
    asks(rig.world, rig.velo, wish);
    CHECK(waiting(rig.world) == 1);
    TestBrand troc(rig.world, "troc.example", "Troc");
    asks(rig.world, troc, decided({kCity}, kBounds));
    CHECK(waiting(rig.world) == 2);
  }

  TEST_CASE("a rule gives no more than was given: what the owner left out, its time, its count") {
    Rig rig;
    json asked = decided({kCity, kMail}, {{"expires_in", 864000}});
    asked["optional"] = {kPhone};
    remembered(rig.world, rig.velo, asked, true,
               {{"only", {kCity}}, {"for", "2d"}, {"max_reads", 2}});
    const auto before = rig.world.vault->now();
    asks(rig.world, rig.velo, asked);
    const auto grant = must(rig.world.owner->grants("velo", true))["items"].at(0);
    CHECK(grant["fields"] == json({kCity}));
    CHECK(grant["reads"]["max"] == 2);
    CHECK(instant_from_rfc3339(grant["expires_at"].get<std::string>()).value() <=
          before + std::chrono::hours(48) + std::chrono::seconds(1));
    asks(rig.world, rig.velo, decided({kMail}));  // it was left out: nothing is to be given
    CHECK(waiting(rig.world) == 1);
  }

  TEST_CASE("a remembered refusal looks to the brand like an owner who does not answer") {
    gate::BrandLimits limits = World::default_limits();
    limits.pending_requests = 3;
    World world(limits);
    TestBrand refused(world, "velo.example", "Velo");
    TestBrand ignored(world, "troc.example", "Troc");
    TestBrand muted(world, "decat.example", "Decat");
    const auto rule = remembered(world, refused, decided({kMail}), false);
    auth_id(ignored.ask(decided({kMail})));
    must(world.owner->mute("decat", json::object()));
    auth_id(muted.ask(decided({kMail})));
    const auto heard = [&](TestBrand& brand) {
      std::vector<std::string> said;
      const auto note = [&said](const routes::Answer& answer) {
        said.push_back(std::to_string(answer.status) + " " + error_of(answer));
      };
      const auto asked = brand.ask(decided({kMail}));
      json shape = json::parse(asked.body);
      const std::string id = shape["auth_req_id"];
      shape["auth_req_id"] = id.size();
      said.push_back(shape.dump());
      note(brand.poll(id));
      note(brand.poll(id));
      note(brand.ask(decided({kMail})));
      note(brand.ask(decided({kMail})));  // the fourth: too many wait
      world.clock.advance(std::chrono::hours(25));
      note(brand.poll(id));
      note(brand.ask(decided({kMail})));
      return said;
    };
    const auto of_ignored = heard(ignored);
    CHECK(of_ignored[4].starts_with("429"));
    CHECK(of_ignored[5].ends_with("expired_token"));
    auth_id(refused.ask(decided({kMail})));
    CHECK(heard(refused) == of_ignored);
    auth_id(muted.ask(decided({kMail})));
    CHECK(heard(muted) == of_ignored);
    const auto reasons = world.log_reasons("request_received", "refused");
    CHECK(std::count(reasons.begin(), reasons.end(), rule) == 4);
  }

  TEST_CASE("a refusal is remembered for the same or less, however long it was to last") {
    Rig rig;
    remembered(rig.world, rig.velo, decided({kCity, kMail}, kBounds), false);
    asks(rig.world, rig.velo, decided({kMail}, {{"expires_in", 8640000}}));
    CHECK(newest(rig.world)["state"] == "denied");
    asks(rig.world, rig.velo, decided({kPhone}));
    CHECK(newest(rig.world)["state"] == "pending");
  }

  TEST_CASE("an undone rule answers nothing, and the grants that it made stay") {
    Rig rig;
    const auto rule = remembered(rig.world, rig.velo, decided({kCity}), true);
    const auto token = rig.velo.poll(asks(rig.world, rig.velo, decided({kCity})));
    must(rig.world.owner->remove_rule(rule));
    CHECK(rules_of(rig.world) == 0);
    asks(rig.world, rig.velo, decided({kCity}));
    CHECK(waiting(rig.world) == 1);
    CHECK(rig.velo.read(json::parse(token.body)["access_token"], kCity).status == 200);
    CHECK(rig.world.owner->remove_rule(rule).error().say == "rule.unknown");
    CHECK(rig.world.log_reasons("rule_removed", "done") == std::vector<std::string>{rule});
  }

  TEST_CASE("a grant that is taken back names the rule that would give as much again") {
    Rig rig;
    const auto rule = remembered(rig.world, rig.velo, decided({kCity}), true);
    const auto revoked = must(rig.world.owner->revoke({{"all", true}}))["items"];
    REQUIRE(!revoked.empty());
    CHECK(revoked[0]["rules"] == json::array({rule}));
    must(rig.world.owner->remove_rule(rule));
    CHECK(!must(rig.world.owner->revoke({{"ids", {revoked[0]["id"]}}}))["items"][0].contains(
        "rules"));
  }

  TEST_CASE("the newest decision on the same stands, in the place of the former") {
    Rig rig;
    remembered(rig.world, rig.velo, decided({kCity}), false);
    const std::string denying = must(rig.world.owner->rules(""))["items"][0]["id"];
    must(rig.world.owner->remove_rule(denying));
    asks(rig.world, rig.velo, decided({kCity}));
    const std::string other = newest(rig.world)["id"];
    remembered(rig.world, rig.velo, decided({kCity}), true);
    must(rig.world.owner->deny(other, {{"remember", true}}));
    CHECK(rules_of(rig.world) == 1);
    asks(rig.world, rig.velo, decided({kCity}));
    CHECK(newest(rig.world)["state"] == "denied");
  }

  TEST_CASE("rules outlive a restart, and of two sets of fields the later decision counts") {
    Rig rig;
    remembered(rig.world, rig.velo, decided({kCity, kMail}), true);
    remembered(rig.world, rig.velo, decided({kPhone}), false);
    rig.world.restart();
    rig.world.unlock();
    rig.world.clock.advance(std::chrono::seconds(10));
    CHECK(rules_of(rig.world) == 2);
    asks(rig.world, rig.velo, decided({kMail}));
    CHECK(newest(rig.world)["state"] == "approved");
    asks(rig.world, rig.velo, decided({kPhone}));
    CHECK(newest(rig.world)["state"] == "denied");
  }

  TEST_CASE("no rule answers a blocked brand; a forgotten brand takes its rules along") {
    Rig rig;
    remembered(rig.world, rig.velo, decided({kCity}), true);
    must(rig.world.owner->block("velo"));
    asks(rig.world, rig.velo, decided({kCity}));
    CHECK(newest(rig.world)["state"] == "denied");
    CHECK(newest(rig.world)["rule"] == "");
    must(rig.world.owner->unblock("velo"));
    must(rig.world.owner->forget_brand("velo"));
    CHECK(rules_of(rig.world) == 0);
    CHECK(rig.world.vault->rooms()->store->count(store::Table::Rules) == 0);
    rig.world.restart();
    rig.world.unlock();
    rig.world.clock.advance(std::chrono::seconds(10));
    TestBrand again(rig.world, "velo.example", "Velo");
    asks(rig.world, again, decided({kCity}));
    CHECK(waiting(rig.world) == 1);
  }

  TEST_CASE("while locked a rule approves only what it gives while locked, and refuses as ever") {
    Rig rig;
    const json staged = {{"served_while_locked", true}};
    remembered(rig.world, rig.velo, decided({kMail}), true);
    remembered(rig.world, rig.velo, decided({kPhone}), false);
    remembered(rig.world, rig.velo, decided({kCity}), true, staged);
    must(rig.world.owner->lock());
    const auto mail = asks(rig.world, rig.velo, decided({kMail}));
    const auto phone = asks(rig.world, rig.velo, decided({kPhone}));
    const auto city = rig.velo.poll(asks(rig.world, rig.velo, decided({kCity})));
    REQUIRE(city.status == 200);
    const auto read = rig.velo.read(json::parse(city.body)["access_token"], kCity);
    CHECK(read.status == 200);
    CHECK(read.body.find("Lyon") != std::string::npos);
    CHECK(error_of(rig.velo.poll(mail)) == "authorization_pending");
    CHECK(error_of(rig.velo.poll(phone)) == "authorization_pending");
    rig.world.clock.advance(std::chrono::seconds(10));
    rig.world.unlock();  // now the rule can be asked
    CHECK(rig.velo.poll(mail).status == 200);
    CHECK(error_of(rig.velo.poll(phone)) == "authorization_pending");
    CHECK(waiting(rig.world) == 0);
  }

  TEST_CASE(
      "while locked a rule does not approve what is not in memory: it would read as nothing") {
    Rig rig;
    remembered(rig.world, rig.velo, decided({kCity}), true, {{"served_while_locked", true}});
    must(rig.world.owner->revoke({{"all", true}}));  // so that no key of it is kept
    must(rig.world.owner->lock());
    const auto id = asks(rig.world, rig.velo, decided({kCity}));
    CHECK(error_of(rig.velo.poll(id)) == "authorization_pending");
    rig.world.clock.advance(std::chrono::seconds(10));
    rig.world.unlock();
    CHECK(rig.velo.poll(id).status == 200);
  }

  TEST_CASE("a decision on one request answers no other that waits already") {
    Rig rig;
    asks(rig.world, rig.velo, decided({kCity}));
    rig.world.clock.advance(std::chrono::seconds(1));
    remembered(rig.world, rig.velo, decided({kCity}), true);
    CHECK(waiting(rig.world) == 1);
    rig.world.restart();
    rig.world.unlock();
    CHECK(waiting(rig.world) == 1);
  }

  TEST_CASE("the owner's door has rules: listed, shown, removed, and of one brand alone") {
    Rig rig;
    TestBrand troc(rig.world, "troc.example", "Troc");
    const auto rule = remembered(rig.world, rig.velo, decided({kCity}, kBounds), true);
    remembered(rig.world, troc, decided({kMail}), false);
    testing::OwnerDoor door(rig.world);
    const auto one = json::parse(door.raw("GET", "/v1/rules/" + rule, "", "").body);
    CHECK(one["says"] == "approve");
    CHECK(one["gives"] == json({kCity}));
    CHECK(one["for_s"] == 86400);
    CHECK(one["max_reads"] == 3);
    CHECK(one["purpose"] == "delivery");
    CHECK(json::parse(door.raw("GET", "/v1/rules", "brand=troc", "").body)["items"].size() == 1);
    CHECK(door.raw("DELETE", "/v1/rules/" + rule, "", "").status == 200);
    CHECK(door.raw("DELETE", "/v1/rules/" + rule, "", "").status == 404);
    must(rig.world.owner->lock());
    CHECK(door.raw("GET", "/v1/rules", "", "").status == 423);
  }
}

TEST_SUITE("routes/muted") {
  TEST_CASE("what a muted brand asks waits unannounced, and is there for who looks") {
    Rig rig;
    asks(rig.world, rig.velo, decided({kCity}));
    must(rig.world.owner->mute("velo", json::object()));
    CHECK(must(rig.world.owner->brand("velo"))["muted"] == true);
    CHECK(waiting(rig.world) == 0);
    CHECK(must(rig.world.owner->status())["counts"]["requests_pending"] == 0);
    CHECK(newest(rig.world)["state"] == "pending");
    CHECK(newest(rig.world)["muted"] == true);
    must(rig.world.owner->unmute("velo"));
    CHECK(waiting(rig.world) == 1);
    CHECK(rig.world.log_count("brand_muted", "done") == 1);
    CHECK(rig.world.log_count("brand_unmuted", "done") == 1);
  }

  TEST_CASE("a silence ends by the vault's clock, that going back does not begin it anew") {
    Rig rig;
    must(rig.world.owner->mute("velo", {{"for", "2d"}}));
    asks(rig.world, rig.velo, decided({kCity}, {{"expires_in", 864000}}));
    rig.world.restart();
    rig.world.unlock();
    CHECK(waiting(rig.world) == 0);
    rig.world.clock.advance(std::chrono::hours(49));
    CHECK(must(rig.world.owner->brand("velo"))["muted"] == false);
    rig.world.clock.jump(-std::chrono::hours(48));
    CHECK(must(rig.world.owner->brand("velo"))["muted"] == false);
    CHECK(rig.world.owner->mute("velo", {{"for", "9999d"}}).error().say == "brand.mute_too_long");
    CHECK(must(rig.world.owner->mute("velo", json::object()))["muted_until"] == nullptr);
    CHECK(must(rig.world.owner->mute("velo", json::object()))["already"] == true);
  }

  TEST_CASE("a muted brand's grants and rules go on") {
    Rig rig;
    remembered(rig.world, rig.velo, decided({kCity}), true);
    must(rig.world.owner->mute("velo", json::object()));
    CHECK(rig.velo.poll(asks(rig.world, rig.velo, decided({kCity}))).status == 200);
  }
}

TEST_SUITE("routes/renewing") {
  TEST_CASE("a renewed grant lasts from now as long as it was given for, and so do its tokens") {
    Rig rig;
    const auto made = rig.velo.granted({kCity}, {{"for", "10d"}});
    rig.world.clock.advance(std::chrono::hours(24 * 9));
    const auto rehearsed = must(rig.world.owner->renew({{"ending", "2d"}}, true));
    REQUIRE(rehearsed["items"].size() == 1);
    CHECK(must(rig.world.owner->renew({{"ending", "12h"}}, true))["items"].empty());
    CHECK(must(rig.world.owner->renew({{"ending", "2d"}}, false)) == rehearsed);
    const auto now = rig.world.vault->now();
    const auto ends = [&] {
      const auto grant = must(rig.world.owner->grant(made["grant_id"].get<std::string>()));
      return instant_from_rfc3339(grant["expires_at"].get<std::string>()).value();
    };
    CHECK(ends() == Instant{(now + std::chrono::hours(240)).seconds() * 1000});
    rig.world.clock.advance(std::chrono::hours(24 * 9));
    const auto token = rig.velo.refresh(made["refresh_token"]);
    REQUIRE(token.status == 200);
    CHECK(rig.velo.read(json::parse(token.body)["access_token"], kCity).status == 200);
    rig.world.restart();
    rig.world.unlock();
    must(rig.world.owner->renew({{"ids", {made["grant_id"]}}}, false));
    const auto again = rig.world.vault->now();
    CHECK(ends() == Instant{(again + std::chrono::hours(240)).seconds() * 1000});  // not longer
    rig.world.clock.advance(std::chrono::hours(241));
    CHECK(error_of(rig.velo.refresh(made["refresh_token"])) == "invalid_grant");
    CHECK(rig.world.log_count("grant_renewed", "done") == 2);
  }

  TEST_CASE("what ended, or is a blocked brand's, is not renewed, and then none of the others is") {
    Rig rig;
    const std::string good = rig.velo.granted({kCity}, {{"for", "10d"}})["grant_id"];
    const std::string gone = rig.velo.granted({kMail}, {{"for", "1d"}})["grant_id"];
    rig.world.clock.advance(std::chrono::hours(25));
    const auto before = must(rig.world.owner->grant(good));
    CHECK(rig.world.owner->renew({{"ids", {good, gone}}}, false).error().say == "grant.no_renewal");
    CHECK(must(rig.world.owner->grant(good)) == before);
    CHECK(rig.world.owner->renew(json::object(), false).error().say == "grant.which");
    must(rig.world.owner->block("velo"));
    CHECK(rig.world.owner->renew({{"ids", {good}}}, false).error().say == "brand.not_served");
    CHECK(must(rig.world.owner->renew({{"ending", "365d"}}, false))["items"].empty());
  }

  TEST_CASE("a request for the same is answered with the grant that goes on; for more it is not") {
    Rig rig;
    const auto made = rig.velo.granted({kCity, kMail}, {{"for", "100d"}});
    const auto same = asks(rig.world, rig.velo, decided({kMail}));
    const auto more = asks(rig.world, rig.velo, decided({kMail, kPhone}));
    const auto kept = asks(rig.world, rig.velo, decided({kMail}, {{"retention_days", 300}}));
    const auto renewed = must(rig.world.owner->renew({{"ending", "1d"}}, false));
    REQUIRE(renewed["items"].size() == 1);
    CHECK(renewed["items"][0]["requests"].size() == 1);
    const auto token = rig.velo.poll(same);
    REQUIRE(token.status == 200);
    CHECK(json::parse(token.body)["grant_id"] == made["grant_id"]);
    CHECK(error_of(rig.velo.poll(more)) == "authorization_pending");
    CHECK(error_of(rig.velo.poll(kept)) == "authorization_pending");
  }
}

TEST_SUITE("routes/unused") {
  TEST_CASE("a grant that nobody read with ends by itself; one that was read, or renewed, lives") {
    Rig rig;
    const json year = {{"for", "365d"}};
    const auto idle = rig.velo.granted({kCity}, year);
    const auto used = rig.velo.granted({kMail}, year);
    const auto renewed = rig.velo.granted({kPhone}, year);
    rig.world.clock.advance(std::chrono::hours(24 * 60));
    const auto fresh = json::parse(rig.velo.refresh(used["refresh_token"]).body);
    REQUIRE(rig.velo.read(fresh["access_token"], kMail).status == 200);
    must(rig.world.owner->renew({{"ids", {renewed["grant_id"]}}}, false));
    CHECK(must(rig.world.owner->end_unused()) == 0);
    rig.world.clock.advance(std::chrono::hours(24 * 30));
    CHECK(must(rig.world.owner->end_unused()) == 1);
    CHECK(must(rig.world.owner->end_unused()) == 0);
    const auto state = [&](const json& made) {
      return must(rig.world.owner->grant(made["grant_id"].get<std::string>()))["state"];
    };
    CHECK(state(idle) == "unused");
    CHECK(state(used) == "active");
    CHECK(state(renewed) == "active");
    CHECK(error_of(rig.velo.refresh(idle["refresh_token"])) == "invalid_grant");
    CHECK(rig.world.log_count("grant_unused", "done") == 1);
    CHECK(must(rig.world.owner->grants("", false))["items"].size() == 2);
    rig.world.clock.jump(-std::chrono::hours(24 * 80));  // the clock goes back: it stays ended
    rig.world.restart();
    rig.world.unlock();
    CHECK(state(idle) == "unused");
    CHECK(rig.world.owner->renew({{"ids", {idle["grant_id"]}}}, false).error().say ==
          "grant.no_renewal");
  }

  TEST_CASE("the daemon may have been off for long, the vault locked, or the limit off") {
    Rig rig;
    const auto idle = rig.velo.granted({kCity}, {{"for", "365d"}});
    rig.world.stop();
    rig.world.clock.advance(std::chrono::hours(24 * 200));
    must(rig.world.start());
    CHECK(must(rig.world.owner->end_unused()) == 0);  // sealed: nothing is known
    rig.world.unlock();
    must(rig.world.owner->lock());
    CHECK(must(rig.world.owner->end_unused()) == 1);

    World other;
    other.owner_limits.unused = std::nullopt;
    other.restart();
    other.unlock();
    other.clock.advance(std::chrono::seconds(10));
    TestBrand velo(other, "velo.example", "Velo");
    velo.granted({kCity}, {{"for", "365d"}});
    other.clock.advance(std::chrono::hours(24 * 200));
    CHECK(must(other.owner->end_unused()) == 0);
  }

  TEST_CASE("one that was never collected ends too; and is told as that") {
    Rig rig;
    must(rig.world.owner->make_grant(
        {{"brand", "velo"}, {"fields", {kCity}}, {"purpose", "delivery"}, {"for", "365d"}}));
    rig.world.clock.advance(std::chrono::hours(24 * 91));
    CHECK(must(rig.world.owner->end_unused()) == 1);
    CHECK(must(rig.world.owner->grants("", true))["items"][0]["state"] == "unused");
  }
}
