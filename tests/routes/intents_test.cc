// The round of an intent through the routes: told, offered, compared, accepted, acknowledged; and what must not happen.

#include <atomic>
#include <set>
#include <thread>

#include "tests/support/bidder.h"

using namespace vrm;  // tests only
using nlohmann::json;
using testing::Bidder;
using testing::error_of;
using testing::must;
using testing::payload_of;
using testing::type_of;
using testing::World;

namespace {

json wanted(std::vector<std::string> to) {
  return {{"text", "mountain bike"},
          {"max", "900EUR"},
          {"by", "2026-11-27"},
          {"near", "Lyon"},
          {"must", {{{"name", "frame"}, {"value", "L"}}}},
          {"to", std::move(to)},
          {"jitter", false}};
}

json offers_of(World& world, const std::string& intent) {
  return must(world.owner->offers(intent, json::object()));
}

std::string first_offer(World& world, const std::string& intent) {
  return offers_of(world, intent)["items"].at(0)["id"];
}

std::string grant_state(World& world) {
  return must(world.owner->grants("", true))["items"].at(0)["state"];
}

// Three brands, one intent, everybody has a token.
struct Round {
  World world;
  Bidder velo{world, "velo.example", "Velo"};
  Bidder decat{world, "decat.example", "Decat"};
  Bidder troc{world, "troc.example", "Troc"};
  std::string intent;

  Round() {
    world.set("address.home.street_address", "12 rue Merciere");
    intent = must(world.owner->new_intent(
        wanted({velo.brand.handle, decat.brand.handle, troc.brand.handle}), false))["id"];
    for (auto* bidder : {&velo, &decat, &troc}) bidder->hear();
  }
  json state() { return must(world.owner->intent(intent))["state"]; }
};

}  // namespace

TEST_SUITE("routes/intents") {
  TEST_CASE("each brand is told under another name, and nobody of the real limit or deadline") {
    Round round;
    std::set<std::string> names;
    for (auto* bidder : {&round.velo, &round.decat, &round.troc}) {
      const std::string message = bidder->last_message();
      CHECK(type_of(message) == "vrm-intent+jwt");
      const json claims = payload_of(message);
      CHECK(claims["iss"] == bidder->brand.issuer);
      CHECK(claims["demand"]["itemOffered"]["name"] == "mountain bike");
      CHECK(claims["demand"]["priceSpecification"]["maxPrice"] == "1000.00");
      const std::string text = write_json(claims);
      CHECK(text.find("900.00") == text.npos);
      CHECK(text.find("2026-11-27") == text.npos);
      CHECK(text.find("weight") == text.npos);
      for (const char* member : {"iss", "sub", "jti", "auth_req_id"})
        CHECK(names.insert(claims[member].get<std::string>()).second);
    }
  }

  TEST_CASE("a rehearsal shows every message and sends and keeps nothing") {
    World world;
    Bidder velo(world, "velo.example", "Velo");
    const auto before = world.web.delivered.size();
    const auto document = must(world.owner->new_intent(wanted({velo.brand.handle}), true));
    REQUIRE(document["messages"].size() == 1);
    const std::string bytes = document["messages"][0]["bytes"];
    CHECK(payload_of(bytes) == document["messages"][0]["claims"]);
    CHECK(document["intent"]["text"] == "mountain bike");
    CHECK(document["intent"]["limit_shown"]["amount"] == "1000.00");
    CHECK(world.web.delivered.size() == before);
    CHECK(must(world.owner->intents(true))["items"].empty());
  }

  TEST_CASE("offers are compared; the accepted brand alone reads, once it has acknowledged") {
    Round round;
    CHECK(round.velo.put("v1", 1, "849.00").status == 200);
    CHECK(round.decat.put("d1", 1, "829.00").status == 200);
    CHECK(round.troc.put("t1", 1, "950.00").status == 200);
    const auto table = offers_of(round.world, round.intent);
    REQUIRE(table["items"].size() == 3);
    CHECK(table["items"][0]["brand"] == round.decat.brand.handle);
    CHECK(table["items"][2]["brand"] == round.troc.brand.handle);
    CHECK(table["items"][2]["score"] == nullptr);  // above the real limit, below the band
    const std::string chosen = table["items"][0]["id"];

    const auto rehearsal = must(round.world.owner->accept(chosen, json::object(), true));
    CHECK(rehearsal["send"].size() == 1);
    CHECK(rehearsal["keep_back"] == json::array({"contact.phone_number"}));
    CHECK(round.state() == "open");

    const auto accepted = must(round.world.owner->accept(chosen, json::object(), false));
    CHECK(round.state() == "accepting");
    CHECK(grant_state(round.world) == "held");
    const std::string message = round.decat.last_message();
    CHECK(type_of(message) == "vrm-accept+jwt");
    const json claims = payload_of(message);
    const std::string ticket = claims["grants"][0]["auth_req_id"];
    CHECK(error_of(round.decat.brand.poll(ticket)) == "authorization_pending");
    CHECK(type_of(round.velo.last_message()) == "vrm-intent+jwt");

    round.decat.answers(200, round.decat.acknowledgement(message));
    CHECK(round.state() == "accepted");
    CHECK(grant_state(round.world) == "waiting");
    CHECK(type_of(round.velo.last_message()) == "vrm-close+jwt");
    const std::string close = write_json(payload_of(round.velo.last_message()));
    CHECK(close.find("829") == close.npos);
    CHECK(close.find("ecat") == close.npos);
    const auto collected = round.decat.brand.poll(ticket);
    REQUIRE(collected.status == 200);
    const std::string token = json::parse(collected.body)["access_token"];
    const auto read = round.decat.brand.read(token, "address.home.street_address");
    REQUIRE(read.status == 200);
    CHECK(read.body.find("12 rue Merciere") != read.body.npos);
    CHECK(round.decat.brand.read(token, "contact.phone_number").status == 403);
    CHECK(round.velo.put("v2").status == 409);
  }

  TEST_CASE("a brand says that it has nothing to offer, and an offer takes that back") {
    Round round;
    const auto line_of = [&](const Bidder& bidder) {
      const json intent = must(round.world.owner->intent(round.intent));
      for (const auto& line : intent["brands"])
        if (line["brand"] == bidder.brand.handle) return line;
      return json();
    };
    CHECK(line_of(round.decat)["answer"] == nullptr);
    for (int again = 0; again < 2; ++again) {
      const auto passed = round.decat.pass();
      CHECK(passed.status == 200);
      CHECK(json::parse(passed.body)["no_offer"] == true);
    }
    CHECK(line_of(round.decat)["answer"] == "no_offer");
    CHECK(round.decat.shown()["no_offer"] == true);
    CHECK(line_of(round.velo)["answer"] == nullptr);
    const auto log = must(round.world.owner->log({}));
    CHECK(write_json(log).find("nothing_offered") != std::string::npos);
    CHECK(round.decat.put("d1").status == 200);
    CHECK(line_of(round.decat)["answer"] == "offered");
    CHECK(round.decat.shown()["no_offer"] == false);
    REQUIRE(round.decat.withdraw("d1").status == 200);
    CHECK(line_of(round.decat)["answer"] == "ended");
    CHECK(round.decat.pass().status == 200);
    CHECK(line_of(round.decat)["answer"] == "no_offer");
  }

  TEST_CASE(
      "that there is nothing to offer is refused where it is not so, or not for this brand to "
      "say") {
    Round round;
    SUBCASE("an offer of its own stands") {
      REQUIRE(round.velo.put("v1").status == 200);
      const auto refused = round.velo.pass();
      CHECK(refused.status == 400);
      CHECK(error_of(refused) == "invalid_request");
      CHECK(round.velo.shown()["no_offer"] == false);
    }
    SUBCASE("the intent is over") {
      must(round.world.owner->cancel_intent(round.intent));
      CHECK(error_of(round.velo.pass()) == "intent_closed");
    }
    SUBCASE("it brings a body") {
      CHECK(round.velo.pass("{}").status == 400);
    }
    SUBCASE("another brand's intent, one that never was, and another method") {
      const std::string own = round.velo.iid;
      round.velo.iid = round.decat.iid;
      CHECK(round.velo.pass().status == 404);
      round.velo.iid = "never-was";
      CHECK(round.velo.pass().status == 404);
      round.velo.iid = own;
      CHECK(round.velo.brand
                .call_with(round.velo.token, "PUT", "/v1/intents/" + own + "/no-offer", "")
                .status == 404);
      CHECK(round.decat.shown()["no_offer"] == false);
    }
    SUBCASE("no token, and another's") {
      const std::string own = round.velo.token;
      round.velo.token = round.decat.token;
      CHECK(round.velo.pass().status == 401);
      round.velo.token = "none";
      CHECK(round.velo.pass().status == 401);
      round.velo.token = own;
      CHECK(round.velo.shown()["no_offer"] == false);
    }
    SUBCASE("the vault is locked: it is kept all the same") {
      must(round.world.owner->lock());
      CHECK(round.velo.pass().status == 200);
    }
  }

  TEST_CASE("acceptance against withdrawal: whoever is kept first wins, in both orders") {
    SUBCASE("withdrawn first") {
      Round round;
      REQUIRE(round.velo.put("v1").status == 200);
      const std::string chosen = first_offer(round.world, round.intent);
      REQUIRE(round.velo.withdraw("v1").status == 200);
      const auto accepted = round.world.owner->accept(chosen, json::object(), false);
      REQUIRE_FALSE(accepted.ok());
      CHECK(accepted.error().code == ErrorCode::Conflict);
      CHECK(round.state() == "open");
      CHECK(must(round.world.owner->grants("", true))["items"].empty());
    }
    SUBCASE("accepted first") {
      Round round;
      REQUIRE(round.velo.put("v1").status == 200);
      must(
          round.world.owner->accept(first_offer(round.world, round.intent), json::object(), false));
      const auto withdrawn = round.velo.withdraw("v1");
      CHECK(withdrawn.status == 409);
      CHECK(error_of(withdrawn) == "offer_accepted");
    }
  }

  TEST_CASE("of a hundred acceptances at once, one wins") {
    Round round;
    REQUIRE(round.velo.put("v1").status == 200);
    REQUIRE(round.decat.put("d1").status == 200);
    std::vector<std::string> ids;
    const auto table = offers_of(round.world, round.intent);
    for (const auto& item : table["items"]) ids.push_back(item["id"]);
    std::atomic<int> won{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 100; ++i)
      threads.emplace_back([&, i] {
        const auto chosen = ids[static_cast<std::size_t>(i) % ids.size()];
        if (round.world.owner->accept(chosen, json::object(), false).ok()) ++won;
      });
    for (auto& thread : threads) thread.join();
    CHECK(won == 1);
    CHECK(must(round.world.owner->grants("", true))["items"].size() == 1);
  }

  TEST_CASE("a brand that answers no has read nothing, and the intent is open again") {
    Round round;
    REQUIRE(round.velo.put("v1").status == 200);
    REQUIRE(round.decat.put("d1").status == 200);
    const std::string chosen = [&] {
      const auto table = offers_of(round.world, round.intent);
      for (const auto& item : table["items"])
        if (item["brand"] == round.velo.brand.handle) return item["id"].get<std::string>();
      return std::string();
    }();
    must(round.world.owner->accept(chosen, json::object(), false));
    const std::string ticket = payload_of(round.velo.last_message())["grants"][0]["auth_req_id"];
    round.velo.answers(409, "", brands::Step::Dead);
    CHECK(round.state() == "open");
    CHECK(grant_state(round.world) == "revoked");
    CHECK(type_of(round.velo.last_message()) == "vrm-cancel+jwt");
    CHECK(error_of(round.velo.brand.poll(ticket)) == "invalid_grant");
    CHECK(round.velo.shown()["offers"][0]["state"] == "withdrawn");
    must(round.world.owner->accept(first_offer(round.world, round.intent), json::object(), false));
    CHECK(round.state() == "accepting");
  }

  TEST_CASE("silence ends an acceptance at its time, and a late acknowledgement is refused") {
    Round round;
    REQUIRE(round.velo.put("v1").status == 200);
    must(round.world.owner->accept(first_offer(round.world, round.intent), json::object(), false));
    const std::string message = round.velo.last_message();
    round.velo.answers(202, "");
    round.world.clock.advance(std::chrono::minutes(14));
    round.world.deals->tick();
    CHECK(round.state() == "accepting");
    round.world.clock.advance(std::chrono::minutes(2));
    round.world.deals->tick();
    must(round.world.vault->rooms()->store->run([](store::Txn&) -> Result<void> { return {}; }));
    CHECK(round.state() == "open");
    CHECK(grant_state(round.world) == "revoked");
    CHECK(type_of(round.velo.last_message()) == "vrm-cancel+jwt");
    round.velo.renew();
    const auto late = round.velo.brand.call_with(
        round.velo.token, "POST", "/v1/intents/" + round.velo.iid + "/acknowledgement",
        round.velo.acknowledgement(message));
    CHECK(late.status == 409);
    CHECK(error_of(late) == "acceptance_ended");
  }

  TEST_CASE("an acknowledgement may come by itself, and is for the exact acceptance") {
    Round round;
    REQUIRE(round.velo.put("v1").status == 200);
    must(round.world.owner->accept(first_offer(round.world, round.intent), json::object(), false));
    const std::string message = round.velo.last_message();
    const std::string rest = "/v1/intents/" + round.velo.iid + "/acknowledgement";
    const auto wrong = round.velo.brand.call_with(round.velo.token, "POST", rest,
                                                  round.velo.acknowledgement(message + "x"));
    CHECK(error_of(wrong) == "invalid_offer");
    CHECK(round.state() == "accepting");
    const auto right = round.velo.brand.call_with(round.velo.token, "POST", rest,
                                                  round.velo.acknowledgement(message));
    CHECK(right.status == 200);
    CHECK(round.state() == "accepted");
  }

  TEST_CASE("an offer that comes while the vault is locked is there after the unlock") {
    Round round;
    must(round.world.owner->lock());
    CHECK(round.velo.put("v1", 1, "849.00").status == 200);
    CHECK(round.velo.put("v1", 2, "839.00").status == 200);
    CHECK(round.velo.shown()["offers"][0]["rev"] == 2);
    round.world.unlock();
    const auto table = offers_of(round.world, round.intent);
    REQUIRE(table["items"].size() == 1);
    CHECK(table["items"][0]["total"]["amount"] == "839.00");
    CHECK(table["items"][0]["price_change"]["amount"] == "-10.00");
  }

  TEST_CASE("an acceptance that was under way is taken up again after a crash and an unlock") {
    Round round;
    REQUIRE(round.velo.put("v1").status == 200);
    must(round.world.owner->accept(first_offer(round.world, round.intent), json::object(), false));
    const std::string message = round.velo.last_message();
    round.world.web.delivered.clear();
    round.world.restart();
    round.world.unlock();
    CHECK(round.velo.last_message() == message);
    CHECK(round.state() == "accepting");
    round.velo.answers(200, round.velo.acknowledgement(message));
    CHECK(round.state() == "accepted");
  }

  TEST_CASE("the acknowledgement bites while the vault is locked, and the winner reads") {
    Round round;
    REQUIRE(round.velo.put("v1").status == 200);
    must(round.world.owner->accept(first_offer(round.world, round.intent), json::object(), false));
    const std::string message = round.velo.last_message();
    must(round.world.owner->lock());
    round.velo.answers(200, round.velo.acknowledgement(message));
    const auto collected = round.velo.brand.poll(payload_of(message)["grants"][0]["auth_req_id"]);
    REQUIRE(collected.status == 200);
    const std::string token = json::parse(collected.body)["access_token"];
    CHECK(round.velo.brand.read(token, "address.home.street_address").status == 200);
  }

  TEST_CASE(
      "an offer that asks more than its brand registered is marked where offers are compared") {
    Round round;
    REQUIRE(round.velo.put("v1").status == 200);
    const auto compared = [&] { return offers_of(round.world, round.intent)["items"].at(0); };
    const auto before = compared();
    CHECK(before["over_asking"] == false);
    CHECK(before["data"][0]["unregistered"] == false);
    const std::vector<jose::Jwk> keys{jose::jwk_of(round.velo.brand.key.public_key())};
    const json use = {{"purpose", "service"}, {"fields", {"contact.email"}}, {"retention_days", 1}};
    const json page = {{"client_id", round.velo.brand.client_id},
                       {"client_name", "Velo"},
                       {"jwks", jose::write_jwk_set(keys)},
                       {"vrm",
                        {{"event_endpoint", "https://velo.example/events"},
                         {"intent_endpoint", "https://velo.example/intents"},
                         {"uses", json::array({use})}}}};
    round.world.web.pages[round.velo.brand.client_id] = write_json(page);
    must(round.world.owner->refresh_brand(round.velo.brand.handle));
    const auto after = compared();
    CHECK(after["over_asking"] == true);
    CHECK(after["data"][0]["unregistered"] == true);
    CHECK(after["data"][0]["unregistered_retention"] == true);
    CHECK(after["data"][0]["registered_days"] == 1);
    CHECK(must(round.world.owner->offer(after["id"].get<std::string>()))["over_asking"] == true);
  }

  TEST_CASE("offers that a vault must not take") {
    Round round;
    const auto error_at = [&](const std::string& oid, const std::string& jws) {
      return error_of(round.velo.put_signed(oid, jws));
    };
    auto dollars = round.velo.offer();
    dollars["priceCurrency"] = "USD";
    CHECK(error_at("v1", round.velo.signed_offer("v1", 1, dollars)) == "invalid_offer");
    auto sums = round.velo.offer();
    sums["vrm:total"]["total"] = "849.01";
    CHECK(error_at("v1", round.velo.signed_offer("v1", 1, sums)) == "invalid_offer");
    CHECK(error_at("v1", round.velo.signed_offer("v2", 1, round.velo.offer())) == "invalid_offer");
    // Accepting it would fail, and its brand would never hear why.
    for (const auto* purpose : {"shipping", "resale"}) {
      auto unknown = round.velo.offer();
      unknown["vrm:requiredData"][0]["purpose"] = purpose;
      const auto answer = round.velo.put_signed("v1", round.velo.signed_offer("v1", 1, unknown));
      CHECK(error_of(answer) == "invalid_offer");
      CHECK(answer.body.find("there is quote, service") != std::string::npos);
    }
    CHECK(error_at("v1", round.velo.signed_offer("v1", 1, round.velo.offer(), "JWT")) ==
          "invalid_offer");
    CHECK(error_at("v1", round.decat.signed_offer("v1", 1, round.decat.offer())) ==
          "invalid_offer");
    CHECK(round.velo.put("v1", 2).status == 200);
    CHECK(error_of(round.velo.put("v1", 1)) == "stale_revision");
    CHECK(error_of(round.velo.put("v1", 2, "800.00")) == "stale_revision");
    CHECK(round.velo.put("v2").status == 200);
    CHECK(round.velo.put("v3").status == 200);
    CHECK(error_of(round.velo.put("v4")) == "too_many_offers");
    // Another brand's intent, and one that never was.
    const auto foreign = round.velo.brand.call_with(
        round.velo.token, "PUT", "/v1/intents/" + round.decat.iid + "/offers/v9",
        round.velo.signed_offer("v9", 1, round.velo.offer()));
    CHECK(foreign.status == 404);
    // Too late, by a token that ended, and by one that may still answer.
    round.world.clock.advance(std::chrono::hours(49));
    CHECK(round.velo.put("v5").status == 401);
    round.velo.renew();
    CHECK(error_of(round.velo.put("v5")) == "intent_closed");
  }

  TEST_CASE("numbers and sizes that no shop means are refused, and nothing of them is kept") {
    Round round;
    const auto refused = [&](const json& change) {
      json content = round.velo.offer();
      content.update(change);
      return error_of(round.velo.put_signed("v1", round.velo.signed_offer("v1", 1, content)));
    };
    const auto total = [](const std::string& amount) {
      return json{
          {"price", amount},
          {"vrm:total",
           {{"subtotal", amount}, {"shipping", "0.00"}, {"fee", "0.00"}, {"total", amount}}}};
    };
    for (const char* amount :
         {"-1.00", "1e9", "999999999999999999999.00", "849.001", "0849.00", "NaN", ""})
      CHECK(refused(total(amount)) == "invalid_offer");
    CHECK(refused({{"price", 849.0}}) == "invalid_offer");
    CHECK(refused({{"vrm:deliverBy", "9999-99-99"}}) == "invalid_offer");
    CHECK(refused({{"vrm:deliverBy", "1996-11-26"}}) == "invalid_offer");
    CHECK(error_of(round.velo.put_signed(
              "v1", round.velo.signed_offer("v1", -1, round.velo.offer()))) == "invalid_offer");
    // More than an offer may be.
    CHECK(refused({{"itemOffered", {{"@type", "Product"}, {"name", std::string(200'000, 'x')}}}}) ==
          "invalid_offer");
    CHECK(offers_of(round.world, round.intent)["items"].empty());
    CHECK(round.velo.put("v1").status == 200);
  }

  TEST_CASE(
      "an offer that came in time and still lives is accepted after the last call for offers") {
    World world;
    Bidder velo(world, "velo.example", "Velo");
    world.set("address.home.street_address", "12 rue Merciere");
    json body = wanted({velo.brand.handle});
    body["open_for"] = "30m";
    const std::string intent = must(world.owner->new_intent(body, false))["id"];
    velo.hear();
    CHECK(velo.put("v1").status == 200);
    world.clock.advance(std::chrono::minutes(40));
    CHECK(must(world.owner->intent(intent))["state"] == "closed");
    velo.renew();
    CHECK(error_of(velo.put("v2")) == "intent_closed");
    must(world.owner->accept(first_offer(world, intent), json::object(), false));
    velo.answers(202, "");
    const auto acknowledged =
        velo.brand.call_with(velo.token, "POST", "/v1/intents/" + velo.iid + "/acknowledgement",
                             velo.acknowledgement(velo.last_message()));
    CHECK(acknowledged.status == 200);
    CHECK(must(world.owner->intent(intent))["state"] == "accepted");
  }

  TEST_CASE("who accepts a revision that is not the latest any more has accepted nothing") {
    Round round;
    CHECK(round.velo.put("v1", 1, "849.00").status == 200);
    const std::string offer = first_offer(round.world, round.intent);
    const auto seen = must(round.world.owner->accept(offer, json::object(), true));
    CHECK(seen["rev"] == 1);
    CHECK(round.velo.put("v1", 2, "899.00").status == 200);
    const auto refused = round.world.owner->accept(offer, {{"rev", seen["rev"]}}, false);
    REQUIRE(!refused.ok());
    CHECK(refused.error().code == ErrorCode::Conflict);
    CHECK(refused.error().say == "offer.revised");
    CHECK(round.state() == "open");
    CHECK(must(round.world.owner->accept(offer, {{"rev", 2}}, false))["rev"] == 2);
  }

  TEST_CASE("what the owner does is news to their own screens, and what they cannot do is named") {
    Round round;
    CHECK(round.velo.put("v1").status == 200);
    CHECK(round.decat.put("d1", 1, "950.00").status == 200);
    const auto items = offers_of(round.world, round.intent)["items"];
    const std::string good = items.at(0)["id"];
    const std::string dear = items.at(1)["id"];
    // Above the limit that only the owner knows: said before the yes.
    const auto musts = must(round.world.owner->accept(dear, json::object(), true))["musts"];
    CHECK(musts.at(0) == json({{"name", "price"}, {"pass", false}, {"why", "too_dear"}}));
    const auto say = [](const auto& result) {
      return result.ok() ? std::string("done") : result.error().say;
    };
    const auto before = round.world.feed->cursor();
    must(round.world.owner->decline(dear));
    std::string told;
    round.world.feed->follow(before, Duration(0), [&](const gate::News& news) {
      for (const auto& event : news.events) told += event.kind + ";";
    });
    CHECK(told == "offer_declined;");
    must(round.world.owner->accept(good, json::object(), false));
    CHECK(say(round.world.owner->decline(good)) == "offer.is_accepted");
    CHECK(say(round.world.owner->cancel_intent(round.intent)) == "intent.under_way");
    CHECK(say(round.world.owner->accept(good, json::object(), false)) == "intent.under_way");
    round.velo.answers(200, round.velo.acknowledgement(round.velo.last_message()));
    CHECK(say(round.world.owner->accept(good, json::object(), false)) == "intent.is_accepted");
    const auto brands = must(round.world.owner->intent(round.intent))["brands"];
    for (const auto& line : brands)
      CHECK(line["offers"] == (line["brand"] == round.velo.brand.handle ? 1 : 0));
  }

  TEST_CASE(
      "an intent and its offer tell how the acceptance stands, with the brand's own order number") {
    Round round;
    CHECK(must(round.world.owner->intent(round.intent))["acceptance"] == nullptr);
    CHECK(round.velo.put("v1").status == 200);
    const auto offer = first_offer(round.world, round.intent);
    CHECK(must(round.world.owner->offer(offer))["order"] == nullptr);
    must(round.world.owner->accept(offer, json::object(), false));
    const auto pending = must(round.world.owner->intent(round.intent))["acceptance"];
    CHECK(must(round.world.owner->offer(offer))["order"] == nullptr);
    CHECK(pending["state"] == "pending");
    CHECK(pending["order"] == nullptr);
    round.velo.answers(200, round.velo.acknowledgement(round.velo.last_message()));
    const auto done = must(round.world.owner->intent(round.intent))["acceptance"];
    CHECK(done["state"] == "acknowledged");
    CHECK(done["order"] == "VELO-42");
    CHECK(must(round.world.owner->offer(offer))["order"] == "VELO-42");
    CHECK(done["brand"] == round.velo.brand.handle);
  }

  TEST_CASE("a brand is not forgotten in the middle of a deal, and the intent outlives it") {
    Round round;
    auto& owner = *round.world.owner;
    const std::string velo = round.velo.brand.handle;
    REQUIRE(round.velo.put("v1").status == 200);
    must(owner.accept(first_offer(round.world, round.intent), json::object(), false));
    const auto refused = owner.forget_brand(velo);
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().say == "brand.deal_pending");
    CHECK_FALSE(owner.forget_brand(velo, gate::Erasing::Rehearsed).ok());
    round.velo.answers(409, "", brands::Step::Dead);
    must(owner.forget_brand(velo));
    CHECK(round.state() == "open");
    CHECK(offers_of(round.world, round.intent)["items"].empty());
    REQUIRE(round.decat.put("d1").status == 200);
    must(owner.accept(first_offer(round.world, round.intent), json::object(), false));
    round.decat.answers(200, round.decat.acknowledgement(round.decat.last_message()));
    CHECK(round.state() == "accepted");
    const auto goes = must(owner.forget_brand(round.decat.brand.handle, gate::Erasing::Rehearsed));
    CHECK(goes["intents"] == 1);
    CHECK(goes["offers"] == 1);
    REQUIRE(goes["orders"].size() == 1);
    CHECK(goes["orders"][0]["order"] == "VELO-42");
    round.world.clock.advance(std::chrono::hours(24 * 60));
    CHECK(must(owner.forget_brand(round.decat.brand.handle, gate::Erasing::Rehearsed))["orders"]
              .empty());
    must(owner.forget_brand(round.decat.brand.handle));
    CHECK(round.state() == "accepted");
    must(owner.seal());
    round.world.unlock();
    CHECK(round.state() == "accepted");
    CHECK(must(owner.verify())["damages"].empty());
  }

  TEST_CASE("a rehearsal says what is kept back, of what there is") {
    World world;
    Bidder velo(world, "velo.example", "Velo");
    json body = wanted({velo.brand.handle});
    CHECK(must(world.owner->new_intent(body, true))["kept"] ==
          json({"limit", "deadline", "weights"}));
    body["tell_max"] = "exact";
    body.erase("by");
    CHECK(must(world.owner->new_intent(body, true))["kept"] == json({"weights"}));
  }

  TEST_CASE("a data token opens no intent, and an intent's token no data") {
    Round round;
    const auto granted = round.velo.brand.granted({"address.home.street_address"});
    const auto answer =
        round.velo.brand.call_with(granted["access_token"], "GET", "/v1/intents/" + round.velo.iid);
    CHECK(answer.status == 404);
    CHECK(round.velo.brand.read(round.velo.token, "address.home.street_address").status == 401);
  }

  TEST_CASE("the owner cancels: brands hear that it is closed, and nothing else") {
    Round round;
    must(round.world.owner->cancel_intent(round.intent));
    CHECK(round.state() == "cancelled");
    for (auto* bidder : {&round.velo, &round.decat, &round.troc})
      CHECK(type_of(bidder->last_message()) == "vrm-close+jwt");
    CHECK(error_of(round.velo.put("v1")) == "intent_closed");
  }

  TEST_CASE("what an intent must be, or it is not sent") {
    World world;
    Bidder velo(world, "velo.example", "Velo");
    const auto refused = [&](const json& change) {
      json body = wanted({velo.brand.handle});
      body.update(change);
      const auto made = world.owner->new_intent(body, false);
      return made.ok() ? std::string("taken") : made.error().say;
    };
    CHECK(refused({{"text", ""}}) == "intent.no_text");
    CHECK(refused({{"to", json::array()}}) == "intent.no_recipient");
    CHECK(refused({{"to", {"nobody"}}}) == "intent.unknown_recipient");
    CHECK(refused({{"by", "2020-01-01"}}) == "intent.deadline_past");
    CHECK(refused({{"by", "soon"}}) == "intent.bad_deadline");
    CHECK(refused({{"open_for", "never"}}) == "intent.bad_open_for");
    CHECK(refused({{"max", "0EUR"}}) == "market.bad_limit");
    CHECK(refused({{"weights", {{"price", 11}}}}) == "intent.bad_weight");
    CHECK(refused(json::object()) == "taken");
  }
}
