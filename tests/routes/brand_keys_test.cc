// A brand whose document changes: what is taken over, and what rests until the owner has looked.

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "tests/support/owner_door.h"
#include "tests/support/world.h"
#include "vault/gate/brand_refresh.h"
#include "vault/gate/document_watch.h"

using namespace vrm;  // tests only
using namespace vrm::testing;
using nlohmann::json;

namespace {

// A brand with a page at its address.
struct Paged {
  explicit Paged(World& w) : world(w), brand(w, "velo.example", "Velo") { show(brand.key); }

  json document(const crypto::SigningKey& key) const {
    const std::vector<jose::Jwk> keys{jose::jwk_of(key.public_key())};
    return {{"client_id", brand.client_id},
            {"client_name", "Velo"},
            {"jwks", jose::write_jwk_set(keys)},
            {"vrm",
             {{"event_endpoint", "https://velo.example/events"},
              {"intent_endpoint", "https://velo.example/intents"}}}};
  }
  void put(const json& page) { world.web.pages[brand.client_id] = write_json(page); }
  void show(const crypto::SigningKey& key) { put(document(key)); }
  gate::Refreshed refresh() { return must(gate::refresh_brand(*world.vault, brand.handle)); }
  json shown() { return must(world.owner->brand(brand.handle)); }
  json accept() {
    return must(world.owner->accept_keys(brand.handle,
                                         {{"fingerprint", shown()["keys_shown"]["fingerprint"]}}));
  }
  std::string read(const std::string& token) {
    const auto answer = brand.read(token, "contact.email");
    return answer.status == 200 ? "served" : error_of(answer);
  }
  // A refresh signed by another key than the one the brand began with.
  routes::Answer refresh_by(const crypto::SigningKey& key, const std::string& refresh_token) {
    auto fields = brand.form();
    fields["client_assertion"] = brand.sign(key, brand.assertion_claims());
    fields["grant_type"] = "refresh_token";
    fields["refresh_token"] = refresh_token;
    return brand.post("/token", fields, brand.proof_for("POST", "/v/" + brand.vid + "/token"));
  }
  crypto::SigningKey another_key() { return crypto::SigningKey::random(world.random); }

  World& world;
  TestBrand brand;
};

struct Scene {
  Scene() { world.set("contact.email", "ana@example.org"); }
  World world;
  Paged velo{world};
};

}  // namespace

TEST_SUITE("routes/brand_keys") {
  TEST_CASE("a document with the pinned keys is taken over, recorded and shown") {
    Scene scene;
    auto page = scene.velo.document(scene.velo.brand.key);
    page["client_name"] = "Velo Lyon";
    page["vrm"]["event_endpoint"] = "https://velo.example/new";
    page["vrm"]["legal_name"] = "Velo SAS";
    page["vrm"]["uses"] = {{{"purpose", "delivery"}, {"fields", {"address.home"}}}};
    scene.velo.put(page);
    const auto refreshed = scene.velo.refresh();
    CHECK_FALSE(refreshed.keys_changed);
    CHECK(refreshed.changes ==
          std::vector<std::string>{"name", "endpoints", "uses", "details", "address"});
    const auto shown = scene.velo.shown();
    CHECK(shown["name"] == "Velo Lyon");
    CHECK(shown["renamed"]["from"] == "Velo");
    CHECK(shown["legal_name"] == "Velo SAS");
    CHECK(shown["address_checked"] == true);
    CHECK(shown["trust"] == "known");
    CHECK(scene.world.log_reasons("brand_changed", "done") ==
          std::vector<std::string>{"name, endpoints, uses, details, address"});
    CHECK(scene.velo.refresh().changes.empty());
    CHECK(scene.world.log_count("brand_changed", "done") == 1);
  }

  TEST_CASE("other keys: every grant rests at once, and nothing else of the document is taken") {
    Scene scene;
    const auto token = scene.velo.brand.granted({"contact.email"});
    CHECK(scene.velo.read(token["access_token"]) == "served");
    const auto key = scene.velo.another_key();
    auto page = scene.velo.document(key);
    page["client_name"] = "Another";
    scene.velo.put(page);
    CHECK(scene.velo.refresh().keys_changed);
    CHECK(scene.velo.read(token["access_token"]) == "policy_denied");
    CHECK(error_of(scene.velo.brand.refresh(token["refresh_token"])) == "policy_denied");
    CHECK(error_of(scene.velo.refresh_by(key, token["refresh_token"])) == "invalid_client");
    const auto shown = scene.velo.shown();
    CHECK(shown["name"] == "Velo");
    CHECK(shown["state"] == "keys_changed");
    CHECK(shown["trust"] == "keys_changed");
    CHECK(shown["keys_shown"]["fingerprint"] != shown["fingerprint"]);
    CHECK(scene.world.log_reasons("brand_keys_changed", "done") ==
          std::vector<std::string>{shown["keys_shown"]["fingerprint"]});
    const auto status = must(scene.world.owner->status());
    CHECK(status["warnings"].dump().find("keys_changed") != std::string::npos);
    // It may ask, and it is as if the owner let it lapse; nothing can be given to it.
    CHECK(scene.velo.brand.ask(TestBrand::wish({"contact.email"})).status == 200);
    CHECK(must(scene.world.owner->requests(false))["items"].empty());
    CHECK(scene.world.owner
              ->make_grant(
                  {{"brand", "velo"}, {"fields", {"contact.email"}}, {"purpose", "delivery"}})
              .error()
              .say == "brand.not_served");
    // Seen again, it is no news.
    CHECK(scene.velo.refresh().keys_changed);
    CHECK(scene.world.log_count("brand_keys_changed", "done") == 1);
  }

  TEST_CASE("accepted, the grants are good again; tokens and keys from before are not") {
    Scene scene;
    const auto token = scene.velo.brand.granted({"contact.email"});
    const auto key = scene.velo.another_key();
    scene.velo.show(key);
    scene.velo.refresh();
    scene.world.clock.advance(std::chrono::minutes(5));
    const auto accepted = scene.velo.accept();
    CHECK(accepted["state"] == "known");
    CHECK(accepted["keys_shown"].is_null());
    CHECK(accepted["keys_since"] != accepted["known_since"]);
    CHECK(scene.velo.read(token["access_token"]) == "invalid_token");
    CHECK(error_of(scene.velo.brand.refresh(token["refresh_token"])) == "invalid_client");
    const auto renewed = scene.velo.refresh_by(key, token["refresh_token"]);
    REQUIRE(renewed.status == 200);
    CHECK(scene.velo.read(json::parse(renewed.body)["access_token"]) == "served");
    CHECK(scene.world.log_count("brand_keys_accepted", "done") == 1);
    CHECK(scene.velo.refresh().changes == std::vector<std::string>{});
  }

  TEST_CASE("a change that is noticed between the commit of a read and its answer wins") {
    Scene scene;
    const auto token = scene.velo.brand.granted({"contact.email"});
    scene.velo.show(scene.velo.another_key());
    const auto reply = std::make_shared<WaitingReply>();
    scene.world.routes->handle(
        scene.velo.brand.read_request(token["access_token"], "contact.email"), reply);
    scene.world.routes->turn_ended();
    scene.velo.refresh();
    CHECK(error_of(reply->wait()) == "policy_denied");
  }

  TEST_CASE("only keys that the owner saw can be accepted") {
    Scene scene;
    CHECK(scene.world.owner->accept_keys("velo", {{"fingerprint", "SHA256:x"}}).error().say ==
          "brand.keys_same");
    scene.velo.show(scene.velo.another_key());
    scene.velo.refresh();
    const std::string seen = scene.velo.shown()["keys_shown"]["fingerprint"];
    scene.velo.show(scene.velo.another_key());
    scene.velo.refresh();
    CHECK(scene.world.log_count("brand_keys_changed", "done") == 2);
    CHECK(scene.world.owner->accept_keys("velo", {{"fingerprint", seen}}).error().say ==
          "brand.keys_other");
    CHECK(scene.velo.shown()["state"] == "keys_changed");
  }

  TEST_CASE("keys that went and came back wait for the owner too") {
    Scene scene;
    const auto token = scene.velo.brand.granted({"contact.email"});
    scene.velo.show(scene.velo.another_key());
    scene.velo.refresh();
    scene.velo.show(scene.velo.brand.key);
    scene.velo.refresh();
    CHECK(scene.velo.read(token["access_token"]) == "policy_denied");
    scene.velo.accept();
    scene.world.clock.advance(std::chrono::seconds(2));
    const auto renewed = scene.velo.brand.refresh(token["refresh_token"]);
    REQUIRE(renewed.status == 200);
    CHECK(scene.velo.read(json::parse(renewed.body)["access_token"]) == "served");
  }

  TEST_CASE("unblocking accepts no keys, and blocking does not forget them") {
    Scene scene;
    const auto token = scene.velo.brand.granted({"contact.email"});
    must(scene.world.owner->block("velo"));
    scene.velo.show(scene.velo.another_key());
    scene.velo.refresh();
    CHECK(scene.velo.shown()["state"] == "blocked");
    must(scene.world.owner->unblock("velo"));
    CHECK(scene.velo.shown()["state"] == "keys_changed");
    CHECK(scene.velo.read(token["access_token"]) == "policy_denied");
    CHECK(must(scene.world.owner->unblock("velo"))["already"] == true);
    CHECK(scene.velo.shown()["state"] == "keys_changed");
    must(scene.world.owner->block("velo"));
    scene.velo.accept();
    CHECK(scene.velo.shown()["state"] == "blocked");
  }

  TEST_CASE(
      "locked, a change is noticed and the grants served while locked rest; it outlives a "
      "restart") {
    Scene scene;
    const auto token = scene.velo.brand.granted({"contact.email"}, {{"served_while_locked", true}});
    must(scene.world.owner->lock());
    CHECK(scene.velo.read(token["access_token"]) == "served");
    scene.velo.show(scene.velo.another_key());
    CHECK(scene.velo.refresh().keys_changed);
    CHECK(scene.velo.read(token["access_token"]) == "policy_denied");
    CHECK(scene.world.owner->accept_keys("velo", {{"fingerprint", "x"}}).error().code ==
          ErrorCode::Locked);
    must(scene.world.owner->seal());
    CHECK_FALSE(gate::refresh_brand(*scene.world.vault, "velo").ok());
    scene.world.stop();
    must(scene.world.start());
    scene.world.unlock();
    CHECK(scene.velo.shown()["state"] == "keys_changed");
    CHECK(scene.world.log_count("brand_keys_changed", "done") == 1);
  }

  TEST_CASE("a page that is none, or another's, changes nothing and says why") {
    Scene scene;
    const auto token = scene.velo.brand.granted({"contact.email"});
    auto foreign = scene.velo.document(scene.velo.another_key());
    foreign["client_id"] = "https://elsewhere.example/vrm-brand.json";
    scene.velo.put(foreign);
    const auto refused = scene.world.owner->refresh_brand("velo");
    CHECK(refused.error().say == "brand.not_refreshed");
    scene.world.web.pages[scene.velo.brand.client_id] = "{";
    CHECK(scene.world.owner->refresh_brand("velo").error().say == "brand.not_refreshed");
    scene.world.web.pages.clear();
    CHECK_FALSE(scene.world.owner->refresh_brand("velo").ok());
    CHECK(scene.velo.read(token["access_token"]) == "served");
  }

  TEST_CASE("keys at a jwks_uri count as those of the document") {
    Scene scene;
    auto page = scene.velo.document(scene.velo.brand.key);
    const auto other = scene.velo.document(scene.velo.another_key());
    scene.world.web.pages["https://velo.example/jwks"] = write_json(page["jwks"]);
    page.erase("jwks");
    page["jwks_uri"] = "https://velo.example/jwks";
    scene.velo.put(page);
    CHECK_FALSE(scene.velo.refresh().keys_changed);
    scene.world.web.pages["https://velo.example/jwks"] = write_json(other["jwks"]);
    CHECK(scene.velo.refresh().keys_changed);
  }

  TEST_CASE(
      "the owner's mark goes with a change of keys, and with a name that looks like another's") {
    Scene scene;
    TestBrand paypal(scene.world, "paypal.example", "PayPal");
    CHECK(must(scene.world.owner->trust("velo"))["trust"] == "trusted");
    CHECK(must(scene.world.owner->trust("velo"))["already"] == true);
    auto page = scene.velo.document(scene.velo.brand.key);
    page["client_name"] = "РayРal";
    scene.velo.put(page);
    scene.velo.refresh();
    CHECK(scene.velo.shown()["trust"] == "lookalike");
    CHECK(scene.velo.shown()["looks_like"] == paypal.handle);
    must(scene.world.owner->trust("velo"));
    scene.velo.show(scene.velo.another_key());
    scene.velo.refresh();
    CHECK(scene.world.owner->trust("velo").error().say == "brand.not_served");
    CHECK(scene.velo.accept()["trusted"] == false);
    must(scene.world.owner->trust("velo"));
    CHECK(must(scene.world.owner->untrust("velo"))["trust"] == "lookalike");
    CHECK(must(scene.world.owner->untrust("velo"))["already"] == true);
    CHECK(scene.world.log_count("brand_trusted", "done") == 3);
    CHECK(scene.world.log_count("brand_untrusted", "done") == 1);
  }

  TEST_CASE("a brand is introduced again, or its introduction printed") {
    Scene scene;
    CHECK(must(scene.world.owner->introduce_again("velo", json::object()))["introduction"] != "");
    auto page = scene.velo.document(scene.velo.brand.key);
    page["vrm"]["introduction_endpoint"] = "https://velo.example/introduction";
    scene.velo.put(page);
    scene.velo.refresh();
    const auto printed = must(scene.world.owner->introduce_again("velo", {{"print", true}}));
    CHECK(printed["introduction"] != "");
    CHECK(scene.world.web.posted.empty());
    const auto sent = must(scene.world.owner->introduce_again("velo", json::object()));
    CHECK(sent["introduced"] == "sent");
    CHECK_FALSE(sent.contains("introduction"));
    REQUIRE(scene.world.web.posted.size() == 1);
    CHECK(scene.world.web.posted[0].first == "https://velo.example/introduction");
    CHECK(scene.world.log_count("brand_introduced", "done") == 3);
    must(scene.world.owner->block("velo"));
    CHECK(scene.world.owner->introduce_again("velo", json::object()).error().say ==
          "brand.not_served");
  }

  TEST_CASE("the owner's calls reach all of it") {
    Scene scene;
    OwnerDoor door(scene.world);
    CHECK(door.post("/v1/brands/velo/trust", nullptr)["trust"] == "trusted");
    CHECK(door.post("/v1/brands/velo/untrust", nullptr)["trust"] == "unchecked");
    CHECK(door.post("/v1/brands/velo/refresh", nullptr)["changes"] == json{"address"});
    CHECK(door.post("/v1/brands/velo/introduce", {{"print", true}})["introduction"] != "");
    CHECK(door.says("POST", "/v1/brands/velo/keys", {{"fingerprint", "SHA256:x"}}) ==
          "brand.keys_same");
    CHECK(door.call("POST", "/v1/brands/velo/keys", json::object()).status == 400);
  }
}

TEST_SUITE("routes/document_watch") {
  TEST_CASE("an assertion by no pinned key has the document looked at, once in ten minutes") {
    Scene scene;
    gate::DocumentWatch watch(*scene.world.vault);
    scene.world.desk->on_unknown_key([&](const std::string& handle) { watch.wonder(handle); });
    const auto token = scene.velo.brand.granted({"contact.email"});
    CHECK_FALSE(watch.work_one());
    const auto key = scene.velo.another_key();
    scene.velo.show(key);
    CHECK(error_of(scene.velo.refresh_by(key, token["refresh_token"])) == "invalid_client");
    CHECK(watch.work_one());
    CHECK(scene.velo.shown()["state"] == "keys_changed");
    CHECK(scene.velo.read(token["access_token"]) == "policy_denied");
    for (int i = 0; i < 50; ++i) {
      CHECK(error_of(scene.velo.refresh_by(scene.velo.another_key(), token["refresh_token"])) ==
            "invalid_client");
      CHECK_FALSE(watch.work_one());
    }
    scene.world.clock.advance(std::chrono::minutes(11));
    CHECK(error_of(scene.velo.refresh_by(key, token["refresh_token"])) == "invalid_client");
    CHECK(watch.work_one());
    CHECK_FALSE(watch.work_one());
  }

  TEST_CASE("the same of a key that goes by the pinned one's name") {
    Scene scene;
    gate::DocumentWatch watch(*scene.world.vault);
    scene.world.desk->on_unknown_key([&](const std::string& handle) { watch.wonder(handle); });
    auto fields = scene.velo.brand.form();
    fields["client_assertion"] =
        jose::sign_jws(scene.velo.another_key(),
                       {.typ = "JWT", .kid = jose::jwk_of(scene.velo.brand.key.public_key()).kid},
                       write_json(scene.velo.brand.assertion_claims()));
    CHECK(error_of(scene.velo.brand.post("/grants/request", fields)) == "invalid_client");
    CHECK(watch.work_one());
  }

  TEST_CASE("what is wrong otherwise, and strangers, make the vault call nobody") {
    Scene scene;
    int wondered = 0;
    scene.world.desk->on_unknown_key([&](const std::string&) { ++wondered; });
    auto fields = scene.velo.brand.form();
    auto claims = scene.velo.brand.assertion_claims();
    claims["aud"] = "https://elsewhere.example";
    fields["client_assertion"] = scene.velo.brand.sign(scene.velo.another_key(), claims);
    CHECK(error_of(scene.velo.brand.post("/grants/request", fields)) == "invalid_client");
    claims = scene.velo.brand.assertion_claims();
    claims["iss"] = claims["sub"] = "https://other.example/vrm-brand.json";
    fields["client_assertion"] = scene.velo.brand.sign(scene.velo.another_key(), claims);
    CHECK(error_of(scene.velo.brand.post("/grants/request", fields)) == "invalid_client");
    claims = scene.velo.brand.assertion_claims();
    claims["iat"] = claims["iat"].get<std::int64_t>() - 300;
    claims["exp"] = claims["iat"].get<std::int64_t>() + 50;
    fields["client_assertion"] = scene.velo.brand.sign(scene.velo.another_key(), claims);
    CHECK(error_of(scene.velo.brand.post("/grants/request", fields)) == "invalid_client");
    CHECK(wondered == 0);
  }

  TEST_CASE("about once a day every brand is looked at, locked or not, and never a blocked one") {
    Scene scene;
    TestBrand blocked(scene.world, "troc.example", "Troc");
    must(scene.world.owner->block(blocked.handle));
    gate::DocumentWatch watch(*scene.world.vault);
    watch.tick();
    CHECK_FALSE(watch.work_one());
    scene.world.clock.advance(std::chrono::hours(17));
    watch.tick();
    CHECK_FALSE(watch.work_one());
    must(scene.world.owner->lock());
    scene.world.clock.advance(std::chrono::hours(8));
    watch.tick();
    CHECK(watch.work_one());
    CHECK_FALSE(watch.work_one());
    watch.tick();
    CHECK_FALSE(watch.work_one());
    must(scene.world.owner->seal());
    scene.world.clock.advance(std::chrono::hours(48));
    watch.tick();
    CHECK_FALSE(watch.work_one());
    scene.world.unlock();
    CHECK(scene.velo.shown()["checked_at"] != nullptr);
    // A daemon that ran for minutes only has not forgotten: what is overdue comes within half an hour.
    gate::DocumentWatch later(*scene.world.vault);
    later.tick();
    scene.world.clock.advance(std::chrono::minutes(31));
    later.tick();
    CHECK(later.work_one());
  }

  TEST_CASE("a look that failed is tried again within two hours") {
    Scene scene;
    gate::DocumentWatch watch(*scene.world.vault);
    scene.world.web.pages.clear();
    watch.tick();
    scene.world.clock.advance(std::chrono::hours(25));
    watch.tick();
    CHECK(watch.work_one());
    scene.velo.show(scene.velo.another_key());
    scene.world.clock.advance(std::chrono::hours(2) + std::chrono::minutes(1));
    watch.tick();
    CHECK(watch.work_one());
    CHECK(scene.velo.shown()["state"] == "keys_changed");
  }

  TEST_CASE("its own thread does it, and ends") {
    Scene scene;
    {
      gate::DocumentWatch watch(*scene.world.vault);
      watch.start();
      scene.velo.show(scene.velo.another_key());
      watch.wonder("velo");
      for (int i = 0; i < 500 && scene.velo.shown()["state"] == "known"; ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    CHECK(scene.velo.shown()["state"] == "keys_changed");
  }
}

TEST_SUITE("routes/over_asking") {
  TEST_CASE("what goes beyond the brand's own document is marked, and nothing is dropped") {
    Scene scene;
    auto page = scene.velo.document(scene.velo.brand.key);
    page["vrm"]["uses"] = {
        {{"purpose", "service"}, {"fields", {"contact.email"}}, {"retention_days", 10}}};
    scene.velo.put(page);
    scene.velo.refresh();
    auto wish = TestBrand::wish({"contact.email", "person.birthdate"});
    wish["retention_days"] = 30;
    REQUIRE(scene.velo.brand.ask(wish).status == 200);
    auto request = must(scene.world.owner->requests(false))["items"].at(0);
    CHECK(request["needed"].size() == 2);
    CHECK(request["needed"][0]["unregistered"] == false);
    CHECK(request["needed"][1]["unregistered"] == true);
    CHECK(request["needed"][1]["unusual"] == true);
    CHECK(request["unregistered_purpose"] == false);  // delivery is of service
    CHECK(request["unregistered_retention"] == true);
    CHECK(request["registered_days"] == 10);
    must(scene.world.owner->deny(request["id"].get<std::string>(), json::object()));
    REQUIRE(scene.velo.brand.ask(TestBrand::wish({"contact.email"}, "marketing")).status == 200);
    request = must(scene.world.owner->requests(false))["items"].at(0);
    CHECK(request["unregistered_purpose"] == true);
    CHECK(request["needed"][0]["unregistered"] == false);
  }

  TEST_CASE("a brand whose document names no use is marked for nothing") {
    Scene scene;
    REQUIRE(scene.velo.brand.ask(TestBrand::wish({"contact.email"}, "marketing")).status == 200);
    const auto request = must(scene.world.owner->requests(false))["items"].at(0);
    CHECK(request["unregistered_purpose"] == false);
    CHECK(request["unregistered_retention"] == false);
    CHECK(request["registered_days"].is_null());
    CHECK(request["needed"][0]["unregistered"] == false);
  }
}
