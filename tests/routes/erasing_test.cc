// Grants and intents that are over: erased by the owner's word or after a time, and refusing before and after.

#include "tests/support/bidder.h"
#include "tests/support/owner_door.h"

using namespace vrm;  // tests only
using nlohmann::json;
using std::chrono::hours;
using std::chrono::minutes;
using testing::Bidder;
using testing::error_of;
using testing::must;
using testing::OwnerDoor;
using testing::TestBrand;
using testing::World;

namespace {

constexpr auto kTown = "address.home.locality";
constexpr Duration kKept = hours(24 * 90);

struct Shop {
  Shop() { world.set(kTown, "Lyon"); }

  std::string given(const json& more = json::object()) {
    const auto answer = brand.granted({kTown}, more);
    token = answer["access_token"];
    refresh = answer["refresh_token"];
    return answer["grant_id"];
  }
  std::string erasing(const std::string& grant) {
    return door.says("DELETE", "/v1/grants/" + grant);
  }
  std::string rehearsing(const std::string& grant) {
    const auto answer = json::parse(
        door.call("DELETE", "/v1/grants/" + grant, nullptr, testing::By::Program, "dry_run=1")
            .body);
    return answer.contains("error") ? answer["error"].value("say", "?") : "";
  }
  std::size_t grants() { return must(world.owner->grants("", true))["items"].size(); }
  store::Store& store() { return *world.vault->rooms()->store; }

  World world;
  TestBrand brand{world, "velo.example", "Velo"};
  OwnerDoor door{world};
  std::string token;
  std::string refresh;
};

// One intent that a brand heard of and made an offer for.
struct Round {
  Round() {
    world.set("address.home.street_address", "12 rue Merciere");
    before = store().count(store::Table::Keys);
    intent = must(world.owner->new_intent({{"text", "canary bike"},
                                           {"max", "900EUR"},
                                           {"by", "2026-11-27"},
                                           {"near", "Lyon"},
                                           {"to", {velo.brand.handle}},
                                           {"jitter", false}},
                                          false))["id"];
    velo.hear();
    REQUIRE(velo.put("v1").status == 200);
  }
  std::string erasing() { return door.says("DELETE", "/v1/intents/" + intent); }
  store::Store& store() { return *world.vault->rooms()->store; }
  // Nothing is left in the tables that hold what an intent is and became.
  void check_gone() {
    using store::Table;
    for (const auto table :
         {Table::Intents, Table::Offers, Table::Invitations, Table::Acceptances, Table::Inbox})
      CHECK(store().count(table) == 0);
    CHECK(store().count(Table::Keys) == before);
    CHECK(world.log_count("intent_erased", "done") == 1);
    CHECK(must(world.owner->verify())["damages"].empty());
    must(world.owner->seal());
    world.unlock();
    CHECK(must(world.owner->intents(true))["items"].empty());
  }

  World world;
  Bidder velo{world, "velo.example", "Velo"};
  OwnerDoor door{world};
  std::uint64_t before = 0;
  std::string intent;
};

}  // namespace

TEST_SUITE("routes/erasing") {
  TEST_CASE(
      "a grant that lives is not erased, and one that was taken back not before its tokens end") {
    Shop shop;
    const auto grant = shop.given();
    CHECK(shop.erasing(grant) == "erase.grant_lives");
    CHECK(shop.rehearsing(grant) == "erase.grant_lives");
    must(shop.world.owner->revoke({{"ids", {grant}}}));
    const auto revoked_at = shop.world.clock.now();
    shop.world.clock.advance(minutes(59));
    const auto refused = json::parse(shop.door.call("DELETE", "/v1/grants/" + grant).body)["error"];
    CHECK(refused["say"] == "erase.tokens_live");
    CHECK(refused["code"] == "denied");
    CHECK(refused["with"]["erasable_at"] == to_rfc3339({(revoked_at + hours(1)).seconds() * 1000}));
    CHECK(shop.brand.read(shop.token, kTown).status == 401);
    shop.world.clock.advance(minutes(1));
    CHECK(shop.rehearsing(grant) == "");
    CHECK(shop.grants() == 1);
    const auto erased = shop.door.call("DELETE", "/v1/grants/" + grant);
    CHECK(erased.status == 200);
    CHECK(json::parse(erased.body) ==
          json{{"schema", "vrm.erased/1"}, {"id", grant}, {"what", "grant"}});
    CHECK(shop.grants() == 0);
    CHECK(shop.store().count(store::Table::Refresh) == 0);
    CHECK(error_of(shop.brand.refresh(shop.refresh)) == "invalid_grant");
    CHECK(shop.erasing(grant) == "grant.unknown");
    CHECK(shop.world.log_count("grant_erased", "done") == 1);
    const auto log = must(shop.world.owner->log(
        {.brand = {}, .field = {}, .kind = "grant_erased", .since = {}, .limit = 1}));
    CHECK(log["items"][0]["grant"] == grant);
    CHECK(log["items"][0]["fields"].empty());
    CHECK(must(shop.world.owner->verify())["damages"].empty());
  }

  TEST_CASE("a token that lives longer than its grant's row is refused as the revoked one was") {
    Shop shop;
    const auto grant = shop.given();
    must(shop.world.owner->revoke({{"ids", {grant}}}));
    const auto revoked = shop.brand.read(shop.token, kTown);
    const auto refreshed = shop.brand.refresh(shop.refresh);
    auto& rooms = *shop.world.vault->rooms();
    must(rooms.store->run([&](store::Txn& txn) { return rooms.grants.erase(txn, grant); }));
    const auto unknown = shop.brand.read(shop.token, kTown);
    CHECK(unknown.status == 401);
    CHECK(unknown.body == revoked.body);
    const auto unknown_refresh = shop.brand.refresh(shop.refresh);
    CHECK(unknown_refresh.status == refreshed.status);
    CHECK(unknown_refresh.body == refreshed.body);
    must(shop.world.owner->seal());
    shop.world.unlock();
    CHECK(shop.brand.read(shop.token, kTown).status == 401);
  }

  TEST_CASE("a grant that expired or was used up is erased, and with it the request it answers") {
    Shop shop;
    REQUIRE(shop.brand.ask(TestBrand::wish({kTown})).status == 200);
    const auto request = must(shop.world.owner->requests(false))["items"][0]["id"];
    const std::string answered =
        must(shop.world.owner->approve(request.get<std::string>(), {{"for", "1d"}}))["id"];
    const auto once = shop.given({{"max_reads", 1}});
    REQUIRE(shop.brand.read(shop.token, kTown).status == 200);
    CHECK(shop.erasing(once) == "erase.tokens_live");
    shop.world.clock.advance(hours(1));
    CHECK(shop.erasing(once) == "");
    CHECK(shop.erasing(answered) == "erase.grant_lives");
    shop.world.clock.advance(hours(23));
    CHECK(shop.erasing(answered) == "erase.tokens_live");
    shop.world.clock.advance(hours(1));
    CHECK(shop.erasing(answered) == "");
    CHECK(shop.grants() == 0);
    CHECK(must(shop.world.owner->requests(true))["items"].empty());
    CHECK(shop.store().count(store::Table::Refresh) == 0);
  }

  TEST_CASE(
      "an intent is erased once it is cancelled: its key, its offers and what brands were told") {
    Round round;
    CHECK(round.erasing() == "erase.intent_lives");
    must(round.world.owner->cancel_intent(round.intent));
    const auto told = round.world.web.delivered.size();
    CHECK(round.erasing() == "");
    CHECK(round.world.web.delivered.size() == told);
    CHECK(round.erasing() == "intent.unknown");
    CHECK(round.velo.put("v2").status == 404);
    CHECK(round.velo.brand.refresh(round.velo.refresh).status == 400);
    CHECK_FALSE(round.world.owner->offers(round.intent, json::object()).ok());
    round.check_gone();
  }

  TEST_CASE("what a brand was to be told and did not hear yet is not told after the erasing") {
    Round round;
    must(round.world.owner->cancel_intent(round.intent));
    CHECK(round.erasing() == "");
    CHECK_FALSE(round.world.web.cancelled.empty());
    for (const auto& waiting : round.world.vault->rooms()->outbox.all())
      CHECK_FALSE(waiting->about.starts_with("intent:"));
  }

  TEST_CASE("an intent that was accepted stays as long as a grant that came of it lives") {
    Round round;
    const std::string offer =
        must(round.world.owner->offers(round.intent, json::object()))["items"].at(0)["id"];
    must(round.world.owner->accept(offer, json::object(), false));
    CHECK(round.erasing() == "erase.intent_lives");
    const std::string message = round.velo.last_message();
    round.velo.answers(200, round.velo.acknowledgement(message));
    CHECK(round.erasing() == "erase.intent_lives");
    must(round.world.owner->revoke({{"all", true}}));
    CHECK(round.erasing() == "");
    CHECK(must(round.world.owner->grants("", true))["items"].size() == 1);
    round.check_gone();
  }

  TEST_CASE("a grant of an acceptance that waits for its brand is kept, whatever became of it") {
    Round round;
    const std::string offer =
        must(round.world.owner->offers(round.intent, json::object()))["items"].at(0)["id"];
    must(round.world.owner->accept(offer, json::object(), false));
    must(round.world.owner->revoke({{"all", true}}));
    const std::string grant = must(round.world.owner->grants("", true))["items"].at(0)["id"];
    round.world.clock.advance(hours(2));
    CHECK(round.door.says("DELETE", "/v1/grants/" + grant) == "erase.grant_lives");
  }

  TEST_CASE("what has been over for the limit is erased by itself, and nothing before") {
    Round round;
    TestBrand troc(round.world, "troc.example", "Troc");
    round.world.set(kTown, "Lyon");
    const auto lives = troc.granted({kTown}, {{"for", "365d"}});
    const auto short_one = troc.granted({kTown}, {{"for", "1d"}});
    must(round.world.owner->cancel_intent(round.intent));
    const auto run = [&] { return must(round.world.owner->erase_long_ended()); };
    round.world.clock.advance(kKept);
    CHECK(run() == 0);
    round.world.clock.advance(hours(24) - minutes(1));
    CHECK(run() == 0);
    round.world.clock.advance(minutes(1));
    CHECK(run() == 1);  // the grant of a day
    const auto left = must(round.world.owner->grants("", true))["items"];
    REQUIRE(left.size() == 1);
    CHECK(left[0]["id"] == lives["grant_id"]);
    round.world.clock.advance(hours(24 * 30));
    CHECK(run() == 1);  // the intent, whose offers could come until then
    CHECK(run() == 0);
    CHECK(round.world.log_count("grant_erased", "done") == 1);
    CHECK(round.world.log_count("intent_erased", "done") == 1);
    CHECK(must(round.world.owner->verify())["damages"].empty());
  }

  TEST_CASE(
      "a request that was denied or lapsed is erased by itself, and with it what it could be "
      "collected with") {
    Shop shop;
    const auto asked = [&] {
      const auto answer = shop.brand.ask(TestBrand::wish({kTown}));
      REQUIRE(answer.status == 200);
      return json::parse(answer.body)["auth_req_id"].get<std::string>();
    };
    const auto newest = [&]() -> std::string {
      return must(shop.world.owner->requests(false))["items"][0]["id"];
    };
    const auto run = [&] { return must(shop.world.owner->erase_long_ended()); };
    const std::string denied = asked();
    must(shop.world.owner->deny(newest(), json::object()));
    asked();
    must(shop.world.owner->approve(newest(), {{"for", "365d"}}));
    const std::string lapses = asked();
    const auto life = must(shop.world.owner->requests(false))["items"][0];
    const auto over = must(instant_from_rfc3339(life["lapses_at"].get<std::string>()));
    shop.world.clock.jump(over - shop.world.clock.now());
    CHECK(error_of(shop.brand.poll(lapses)) == "expired_token");
    CHECK(error_of(shop.brand.poll(denied)) == "expired_token");
    shop.world.clock.advance(kKept - minutes(1));
    CHECK(run() == 0);
    shop.world.clock.advance(minutes(2));
    CHECK(run() == 2);
    CHECK(run() == 0);
    const auto left = must(shop.world.owner->requests(true))["items"];
    REQUIRE(left.size() == 1);
    CHECK(left[0]["state"] == "approved");
    CHECK(error_of(shop.brand.poll(lapses)) == error_of(shop.brand.poll(denied)));
    CHECK(shop.world.log_count("request_erased", "done") == 2);
    CHECK(must(shop.world.owner->verify())["damages"].empty());
    must(shop.world.owner->seal());
    shop.world.unlock();
    CHECK(must(shop.world.owner->requests(true))["items"].size() == 1);
  }

  TEST_CASE("the requests of a day are counted, however soon what is over is erased") {
    Shop shop;
    shop.world.owner_limits.keep_ended = hours(1);
    shop.world.restart();
    shop.world.unlock();
    auto form = shop.brand.form();
    form["scope"] = "vrm";
    form["requested_expiry"] = "1";
    form["authorization_details"] = write_json(json::array({TestBrand::wish({kTown})}));
    REQUIRE(shop.brand.post("/grants/request", form).status == 200);
    shop.world.clock.advance(hours(24));
    CHECK(must(shop.world.owner->erase_long_ended()) == 0);
    shop.world.clock.advance(hours(1) + minutes(1));
    CHECK(must(shop.world.owner->erase_long_ended()) == 1);
  }

  TEST_CASE("nothing is erased by itself while locked, in doubt, or when that is off") {
    Shop shop;
    const auto grant = shop.given({{"for", "1d"}});
    shop.world.clock.advance(kKept + hours(48));
    must(shop.world.owner->lock());
    CHECK(must(shop.world.owner->erase_long_ended()) == 0);
    CHECK(shop.door.says("DELETE", "/v1/grants/" + grant) == "vault.locked");
    shop.world.owner_limits.keep_ended = std::nullopt;
    shop.world.restart();
    shop.world.unlock();
    CHECK(must(shop.world.owner->erase_long_ended()) == 0);
    CHECK(shop.grants() == 1);
    shop.world.owner_limits.keep_ended = kKept;
    shop.world.restart();
    shop.world.unlock();
    CHECK(must(shop.world.owner->erase_long_ended()) == 1);
  }
}
