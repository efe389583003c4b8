#include "examples/shop/intake.h"

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "tests/shop/sale_scene.h"
#include "vault/jose/jws.h"
#include "vault/jose/jwt.h"

using vrm::ErrorCode;
using vrm::shop::AcceptanceState;
using vrm::shop::OfferState;
using vrm::testing::code_of;
using vrm::testing::FakeVault;
using vrm::testing::plain_character;
using vrm::testing::SaleScene;
using vrm::testing::VaultKey;

namespace {

nlohmann::json behaving(const char* how) {
  nlohmann::json character = plain_character();
  character["acknowledge"] = how;
  return character;
}

// The claims of the shop's document, whose signature is checked.
nlohmann::json signed_by_shop(const SaleScene& scene, std::string_view jws, std::string_view type) {
  const auto read = vrm::jose::Jws::read(jws, {.types = std::span(&type, 1)});
  REQUIRE(read.ok());
  const auto key = vrm::jose::VerifyingKey::from(scene.business->keys.client.jwk());
  REQUIRE(read.value().verify(key.value()).ok());
  return read.value().claims().value();
}

}  // namespace

TEST_SUITE("shop/intake") {
  TEST_CASE("an intent is written down and said aloud, and heard again it changes nothing") {
    SaleScene scene;
    const std::string text = scene.vault.key().sign("vrm-intent+jwt", scene.intent());
    REQUIRE(scene.intake->take(text).ok());
    CHECK(scene.heard_saying("a customer wants: mountain bike, up to 1000.00 EUR"));
    scene.said.clear();
    const auto again = scene.intake->take(text);
    REQUIRE(again.ok());
    CHECK(again.value().status == 204);
    CHECK(scene.said.empty());
    CHECK(scene.ledger().intents.size() == 1);
    scene.reopen();
    REQUIRE(scene.intake->take(text).ok());
    CHECK(scene.ledger().intents.size() == 1);
  }

  TEST_CASE("another intent under a name that was heard is refused") {
    SaleScene scene;
    REQUIRE(scene.take("vrm-intent+jwt", scene.intent()).ok());
    nlohmann::json other = scene.intent();
    other["auth_req_id"] = "req-2";
    CHECK(code_of(scene.take("vrm-intent+jwt", other)) == ErrorCode::Conflict);
    CHECK(scene.intent_entry().auth_req_id == "req-1");
  }

  TEST_CASE("a message that the named vault did not sign is refused, whichever it is") {
    SaleScene scene;
    scene.offer_something();
    const VaultKey stranger;
    FakeVault second("https://vault.example/v/second", vrm::testing::kClientId, scene.clock);
    scene.introduce(second);
    const std::vector<std::pair<std::string, nlohmann::json>> messages = {
        {"vrm-intent+jwt", scene.intent()},
        {"vrm-accept+jwt", scene.acceptance()},
        {"vrm-close+jwt", scene.closing()},
        {"vrm-cancel+jwt", scene.cancellation("accept-1")}};
    for (const auto& message : messages) {
      const std::string& type = message.first;
      CAPTURE(type);
      CHECK(code_of(scene.intake->take(stranger.sign(type, message.second))) == ErrorCode::BadKey);
      CHECK(code_of(scene.intake->take(second.key().sign(type, message.second))) ==
            ErrorCode::BadKey);
      nlohmann::json unknown = message.second;
      unknown["iss"] = "https://vault.example/v/nobody";
      CHECK(code_of(scene.take(type, unknown)) == ErrorCode::NotFound);
    }
    CHECK(scene.offer().state == OfferState::Live);
    CHECK(scene.intent_entry().open);
  }

  TEST_CASE("another vault cannot speak about this one's intent and offers") {
    SaleScene scene;
    scene.offer_something();
    FakeVault second("https://vault.example/v/second", vrm::testing::kClientId, scene.clock);
    scene.introduce(second);
    for (const char* type : {"vrm-accept+jwt", "vrm-close+jwt", "vrm-cancel+jwt"}) {
      CAPTURE(type);
      nlohmann::json message = scene.acceptance();
      message["acceptance"] = "accept-1";
      message["iss"] = second.issuer();
      CHECK(code_of(scene.intake->take(second.key().sign(type, message))) == ErrorCode::NotFound);
    }
    CHECK(scene.offer().state == OfferState::Live);
  }

  TEST_CASE("a message for another shop, about another person, late or early is refused") {
    SaleScene scene;
    const std::int64_t now = scene.clock.now().seconds();
    for (const auto& bend : std::vector<std::pair<std::string, nlohmann::json>>{
             {"aud", "https://other.example/vrm-brand.json"},
             {"sub", "ppid:other"},
             {"sub", nullptr},
             {"exp", now - 61},
             {"exp", nullptr},
             {"iat", now + 61},
             {"jti", nullptr},
             {"jti", "../../offers"},
             {"auth_req_id", nullptr},
             {"demand", nullptr},
             {"demand", nlohmann::json::object()}}) {
      const std::string& name = bend.first;
      CAPTURE(name);
      nlohmann::json bent = scene.intent();
      if (bend.second.is_null()) {
        bent.erase(name);
      } else {
        bent[name] = bend.second;
      }
      CHECK(!scene.take("vrm-intent+jwt", bent).ok());
    }
    CHECK(scene.ledger().intents.empty());
  }

  TEST_CASE("one kind of message is never taken for another") {
    SaleScene scene;
    for (const char* type : {"JWT", "vrm-introduction+jwt", "secevent+jwt", "vrm-offer+jwt"}) {
      CAPTURE(type);
      CHECK(code_of(scene.take(type, scene.intent())) == ErrorCode::Malformed);
    }
    for (const char* text : {"", "a.b.c", "{}", "..", "eyJhbGciOiJub25lIn0.e30."}) {
      CHECK(code_of(scene.intake->take(text)) == ErrorCode::Malformed);
    }
  }

  TEST_CASE("an acceptance is acknowledged at once, and again with the same bytes") {
    SaleScene scene;
    scene.offer_something();
    const std::string text = scene.vault.key().sign("vrm-accept+jwt", scene.acceptance());
    const auto reply = scene.intake->take(text);
    REQUIRE(reply.ok());
    CHECK(reply.value().status == 200);
    const nlohmann::json ack = signed_by_shop(scene, reply.value().jws, "vrm-ack+jwt");
    CHECK(ack["iss"] == vrm::testing::kClientId);
    CHECK(ack["aud"] == scene.vault.issuer());
    CHECK(ack["acceptance"] == "accept-1");
    CHECK(ack["accept_sha256"] == vrm::shop::sha256_of(text));
    CHECK(ack["order"] == scene.offer().acceptances.back().order);
    CHECK(scene.offer().state == OfferState::Accepted);
    scene.reopen();
    const auto again = scene.intake->take(text);
    REQUIRE(again.ok());
    CHECK(again.value().jws == reply.value().jws);
    CHECK(scene.offer().acceptances.size() == 1);
  }

  TEST_CASE("an acceptance of other bytes than were signed is refused") {
    SaleScene scene;
    scene.offer_something();
    for (const auto& bend : std::vector<std::pair<std::string, nlohmann::json>>{
             {"offer_sha256", vrm::shop::sha256_of("another offer")},
             {"offer_sha256", ""},
             {"rev", 2},
             {"rev", 0}}) {
      const std::string& name = bend.first;
      CAPTURE(name);
      nlohmann::json bent = scene.acceptance();
      bent[name] = bend.second;
      CHECK(code_of(scene.take("vrm-accept+jwt", bent)) == ErrorCode::Malformed);
    }
    nlohmann::json elsewhere = scene.acceptance();
    elsewhere["offer"] = "bo_OTHER";
    CHECK(code_of(scene.take("vrm-accept+jwt", elsewhere)) == ErrorCode::NotFound);
    CHECK(scene.offer().state == OfferState::Live);
  }

  TEST_CASE("an offer is sold once") {
    SaleScene scene;
    scene.offer_something();
    const nlohmann::json first = scene.acceptance();
    REQUIRE(scene.take("vrm-accept+jwt", first).ok());
    CHECK(code_of(scene.take("vrm-accept+jwt", scene.acceptance("accept-2"))) ==
          ErrorCode::Conflict);
    nlohmann::json same_name = first;
    same_name["grants"] = nlohmann::json::array();
    CHECK(code_of(scene.take("vrm-accept+jwt", same_name)) == ErrorCode::Conflict);
    CHECK(scene.offer().acceptances.back().jti == "accept-1");
    CHECK(scene.offer().acceptances.back().state == AcceptanceState::Acknowledged);
  }

  TEST_CASE("a withdrawn or expired offer is declined, for good") {
    SaleScene scene;
    scene.offer_something();
    const nlohmann::json acceptance = scene.acceptance();
    SUBCASE("withdrawn") {
      REQUIRE(scene.seller->withdraw(scene.offer().oid).ok());
      CHECK(code_of(scene.take("vrm-accept+jwt", acceptance)) == ErrorCode::Conflict);
      CHECK(scene.offer().state == OfferState::Withdrawn);
    }
    SUBCASE("expired") {
      scene.clock.pass(std::chrono::hours(48) + vrm::jose::kClockSkew + std::chrono::seconds(1));
      CHECK(code_of(scene.take("vrm-accept+jwt", scene.acceptance())) == ErrorCode::Conflict);
    }
    SUBCASE("the character withdraws everything") {
      SaleScene fickle(behaving("withdrawn"));
      fickle.offer_something();
      const nlohmann::json message = fickle.acceptance();
      CHECK(code_of(fickle.take("vrm-accept+jwt", message)) == ErrorCode::Conflict);
      CHECK(code_of(fickle.take("vrm-accept+jwt", message)) == ErrorCode::Conflict);
      CHECK(fickle.offer().state == OfferState::Withdrawn);
      REQUIRE(fickle.take("vrm-cancel+jwt", fickle.cancellation("accept-1")).ok());
      CHECK(fickle.offer().state == OfferState::Withdrawn);
    }
  }

  TEST_CASE("a shop may acknowledge later, or never") {
    for (const char* how : {"later", "never"}) {
      CAPTURE(how);
      SaleScene scene(behaving(how));
      scene.offer_something();
      const nlohmann::json message = scene.acceptance();
      for (int i = 0; i < 2; ++i) {
        const auto reply = scene.take("vrm-accept+jwt", message);
        REQUIRE(reply.ok());
        CHECK(reply.value().status == 202);
        CHECK(reply.value().jws.empty());
      }
      CHECK(scene.offer().state == OfferState::Accepted);
    }
  }

  TEST_CASE("an older revision is good until the vault has taken a newer one") {
    SaleScene scene;
    scene.offer_something();
    const nlohmann::json of_first = scene.acceptance();
    scene.vault.refuse_next(503, "vault_locked");
    CHECK(code_of(scene.seller->revise(scene.offer().oid, vrm::Money{80000, "EUR"})) ==
          ErrorCode::Unavailable);
    SUBCASE("the vault never heard of the newer one") {
      CHECK(scene.take("vrm-accept+jwt", of_first).ok());
    }
    SUBCASE("it has") {
      scene.clock.pass(std::chrono::minutes(1));
      scene.work();
      REQUIRE(scene.offer().latest().taken);
      CHECK(code_of(scene.take("vrm-accept+jwt", of_first)) == ErrorCode::Conflict);
    }
  }

  TEST_CASE("after a cancellation the offer stands again, and the acceptance does not") {
    SaleScene scene;
    scene.offer_something();
    const nlohmann::json acceptance = scene.acceptance();
    REQUIRE(scene.take("vrm-accept+jwt", acceptance).ok());
    CHECK(code_of(scene.take("vrm-cancel+jwt", scene.cancellation("accept-9"))) ==
          ErrorCode::NotFound);
    for (int i = 0; i < 2; ++i) {
      REQUIRE(scene.take("vrm-cancel+jwt", scene.cancellation("accept-1")).ok());
      CHECK(scene.offer().state == OfferState::Live);
    }
    CHECK(code_of(scene.take("vrm-accept+jwt", acceptance)) == ErrorCode::Conflict);
    CHECK(scene.take("vrm-accept+jwt", scene.acceptance("accept-2")).ok());
    REQUIRE(scene.take("vrm-cancel+jwt", scene.cancellation("accept-1")).ok());
    CHECK(scene.offer().state == OfferState::Accepted);
  }

  TEST_CASE("a closed intent is offered nothing more") {
    SaleScene scene;
    scene.offer_something();
    nlohmann::json unknown = scene.closing();
    unknown["intent"] = "intent-9";
    CHECK(code_of(scene.take("vrm-close+jwt", unknown)) == ErrorCode::NotFound);
    for (int i = 0; i < 2; ++i) REQUIRE(scene.take("vrm-close+jwt", scene.closing()).ok());
    CHECK(scene.offer().state == OfferState::Closed);
    CHECK(!scene.work().has_value());
    CHECK(code_of(scene.take("vrm-accept+jwt", scene.acceptance())) == ErrorCode::Conflict);
    CHECK(code_of(scene.seller->revise(scene.offer().oid, vrm::Money{100, "EUR"})) ==
          ErrorCode::Conflict);
  }
}
