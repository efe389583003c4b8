#include "examples/shop/seller.h"

#include <nlohmann/json.hpp>
#include <string>

#include "examples/shop/records.h"
#include "tests/shop/sale_scene.h"
#include "vault/jose/jws.h"

using vrm::ErrorCode;
using vrm::Money;
using vrm::shop::AcceptanceState;
using vrm::shop::OfferState;
using vrm::testing::code_of;
using vrm::testing::Heard;
using vrm::testing::plain_character;
using vrm::testing::SaleScene;

namespace {

nlohmann::json claims_of(std::string_view jws, std::string_view type) {
  const auto read = vrm::jose::Jws::read(jws, {.types = std::span(&type, 1), .most_bytes = 16384});
  REQUIRE(read.ok());
  return read.value().claims().value();
}

Heard last_heard(const SaleScene& scene) {
  const auto heard = scene.vault.heard();
  REQUIRE(!heard.empty());
  return heard.back();
}

}  // namespace

TEST_SUITE("shop/seller") {
  TEST_CASE("an intent is answered with a signed offer at the shop's own name for it") {
    SaleScene scene;
    scene.offer_something();
    const Heard heard = last_heard(scene);
    const auto offer = scene.offer();
    CHECK(heard.method == "PUT");
    CHECK(heard.path == "/v1/intents/intent-1/offers/" + offer.oid);
    const nlohmann::json claims = claims_of(heard.body, "vrm-offer+jwt");
    CHECK(claims["iss"] == vrm::testing::kClientId);
    CHECK(claims["aud"] == scene.vault.issuer());
    CHECK(claims["intent"] == "intent-1");
    CHECK(claims["jti"] == offer.oid);
    CHECK(claims["rev"] == 1);
    CHECK(claims["exp"] == scene.clock.now().seconds() + 48 * 3600);
    CHECK(claims["offer"]["vrm:total"] ==
          nlohmann::json{
              {"subtotal", "829.00"}, {"shipping", "29.90"}, {"fee", "0.00"}, {"total", "858.90"}});
    CHECK(scene.heard_saying("offered Trail 7 for 829.00 EUR, 858.90 EUR in all"));
    CHECK(!scene.work().has_value());
  }

  TEST_CASE("nothing is sent before the shop wants to answer") {
    nlohmann::json slow = plain_character();
    slow["answer_after_ms"] = 5000;
    SaleScene scene(slow);
    REQUIRE(scene.take("vrm-intent+jwt", scene.intent()).ok());
    const auto next = scene.work();
    REQUIRE(next.has_value());
    CHECK(*next == scene.clock.now() + std::chrono::seconds(5));
    CHECK(scene.ledger().offers.empty());
    scene.clock.pass(std::chrono::seconds(5));
    scene.work();
    CHECK(scene.offer().latest().taken);
  }

  TEST_CASE("while the vault has not decided the shop polls no faster than it may") {
    SaleScene scene;
    scene.vault.grant("req-1", "authorization_pending");
    REQUIRE(scene.take("vrm-intent+jwt", scene.intent()).ok());
    const auto next = scene.work();
    REQUIRE(next.has_value());
    CHECK(*next >= scene.clock.now() + std::chrono::seconds(2));
    CHECK(scene.intent_entry().open);
  }

  TEST_CASE("a vault that lets nobody answer is left alone") {
    SaleScene scene;
    scene.vault.grant("req-1", "access_denied");
    REQUIRE(scene.take("vrm-intent+jwt", scene.intent()).ok());
    CHECK(!scene.work().has_value());
    CHECK(!scene.intent_entry().open);
  }

  TEST_CASE("a token for another intent is not taken") {
    SaleScene scene;
    scene.vault.grant("req-1", scene.vault.pass("intent-2"));
    REQUIRE(scene.take("vrm-intent+jwt", scene.intent()).ok());
    CHECK(scene.work().has_value());
    CHECK(!scene.intent_entry().pass.has_value());
  }

  TEST_CASE("an errand that failed is done again after a restart, with the same bytes") {
    SaleScene scene;
    scene.vault.refuse_next(503, "vault_locked");
    REQUIRE(scene.take("vrm-intent+jwt", scene.intent()).ok());
    const auto next = scene.work();
    REQUIRE(next.has_value());
    CHECK(*next > scene.clock.now());
    CHECK(!scene.offer().latest().taken);
    scene.reopen();
    scene.clock.pass(std::chrono::minutes(1));
    scene.work();
    const auto heard = scene.vault.heard();
    REQUIRE(heard.size() == 2);
    CHECK(heard[0].body == heard[1].body);
    CHECK(scene.offer().latest().taken);
  }

  TEST_CASE("what the vault refuses for good is not sent again") {
    SaleScene scene;
    scene.vault.refuse_next(400, "invalid_offer");
    REQUIRE(scene.take("vrm-intent+jwt", scene.intent()).ok());
    CHECK(!scene.work().has_value());
    CHECK(scene.offer().state == OfferState::Refused);
    CHECK(scene.heard_saying("400 invalid_offer"));
  }

  TEST_CASE("a vault that has closed the intent ends the matter") {
    SaleScene scene;
    scene.vault.refuse_next(409, "intent_closed");
    REQUIRE(scene.take("vrm-intent+jwt", scene.intent()).ok());
    CHECK(!scene.work().has_value());
    CHECK(scene.offer().state == OfferState::Refused);
    CHECK(!scene.intent_entry().open);
  }

  TEST_CASE("an offer that stands may be accepted though the vault takes no other") {
    SaleScene scene;
    scene.offer_something();
    const nlohmann::json acceptance = scene.acceptance();
    SUBCASE("it says that the intent is closed") {
      scene.vault.refuse_next(409, "intent_closed");
      CHECK(code_of(scene.seller->revise(scene.offer().oid, Money{100, "EUR"})) ==
            ErrorCode::Conflict);
    }
    SUBCASE("it gives no fresh token") {
      scene.vault.grant("refresh-of-intent-1", "invalid_grant");
      scene.vault.refuse_next(401, "invalid_token");
      CHECK(code_of(scene.seller->revise(scene.offer().oid, Money{100, "EUR"})) ==
            ErrorCode::Unavailable);
    }
    CHECK(!scene.work().has_value());
    CHECK(!scene.intent_entry().open);
    CHECK(scene.take("vrm-accept+jwt", acceptance).ok());
  }

  TEST_CASE("a token that runs out is refreshed before it is used") {
    SaleScene scene;
    scene.vault.grant("req-1", scene.vault.pass(SaleScene::kIid, 3));
    scene.offer_something();
    CHECK(scene.vault.refreshes() == 1);
  }

  TEST_CASE("a token that the vault no longer takes is refreshed once") {
    SaleScene scene;
    scene.vault.refuse_next(401, "invalid_token");
    scene.offer_something();
    CHECK(scene.vault.refreshes() == 1);
    CHECK(scene.offer().latest().taken);
  }

  TEST_CASE("nobody is offered what the shop has not, or in another currency") {
    SaleScene scene;
    nlohmann::json intent = scene.intent();
    SUBCASE("another thing") {
      intent["demand"]["itemOffered"]["name"] = "violin";
    }
    SUBCASE("another currency") {
      intent["demand"]["priceSpecification"] = {{"priceCurrency", "CHF"}};
    }
    REQUIRE(scene.take("vrm-intent+jwt", intent).ok());
    CHECK(!scene.work().has_value());
    CHECK(scene.ledger().offers.empty());
    CHECK(scene.heard_saying("nothing to offer"));
    const Heard heard = last_heard(scene);
    CHECK(heard.method == "POST");
    CHECK(heard.path == "/v1/intents/intent-1/no-offer");
    CHECK(heard.body.empty());
  }

  TEST_CASE("the price drops after its time, once, as a revision") {
    nlohmann::json character = plain_character();
    character["price_drop"] = {{"by", "30.00"}, {"after", "10s"}};
    SaleScene scene(character);
    REQUIRE(scene.take("vrm-intent+jwt", scene.intent()).ok());
    const auto next = scene.work();
    REQUIRE(next.has_value());
    CHECK(*next == scene.clock.now() + std::chrono::seconds(10));
    scene.clock.pass(std::chrono::seconds(10));
    CHECK(!scene.work().has_value());
    const nlohmann::json claims = claims_of(last_heard(scene).body, "vrm-offer+jwt");
    CHECK(claims["rev"] == 2);
    CHECK(claims["offer"]["price"] == "799.00");
    CHECK(claims["offer"]["vrm:total"]["total"] == "828.90");
    CHECK(scene.heard_saying("revised: Trail 7 for 799.00 EUR"));
  }

  TEST_CASE("a person revises and withdraws an offer by the beginning of its name") {
    SaleScene scene;
    scene.offer_something();
    const std::string oid = scene.offer().oid;
    REQUIRE(scene.seller->revise(oid.substr(0, 6), Money{81250, "EUR"}).ok());
    CHECK(claims_of(last_heard(scene).body, "vrm-offer+jwt")["offer"]["price"] == "812.50");
    CHECK(code_of(scene.seller->revise("bo_none", Money{1, "EUR"})) == ErrorCode::NotFound);
    CHECK(code_of(scene.seller->revise(oid, Money{0, "EUR"})) == ErrorCode::Malformed);
    CHECK(code_of(scene.seller->revise(oid, Money{100, "CHF"})) == ErrorCode::Malformed);
    CHECK(code_of(scene.seller->revise(oid, std::nullopt)) == ErrorCode::Malformed);
    REQUIRE(scene.seller->withdraw(oid).ok());
    CHECK(last_heard(scene).method == "DELETE");
    CHECK(code_of(scene.seller->withdraw(oid)) == ErrorCode::Conflict);
    CHECK(code_of(scene.seller->revise(oid, Money{100, "EUR"})) == ErrorCode::Conflict);
  }

  TEST_CASE("a revision that the vault refuses leaves the offer as it was") {
    SaleScene scene;
    scene.offer_something();
    scene.vault.refuse_next(409, "offer_accepted");
    CHECK(code_of(scene.seller->revise(scene.offer().oid, Money{100, "EUR"})) ==
          ErrorCode::Conflict);
    CHECK(scene.offer().latest().rev == 1);
    CHECK(!scene.work().has_value());
  }

  TEST_CASE("a withdrawal that the vault did not hear is told again, and holds meanwhile") {
    SaleScene scene;
    scene.offer_something();
    scene.vault.refuse_next(503, "vault_locked");
    CHECK(code_of(scene.seller->withdraw(scene.offer().oid)) == ErrorCode::Unavailable);
    CHECK(scene.offer().state == OfferState::Withdrawn);
    scene.reopen();
    scene.clock.pass(std::chrono::minutes(1));
    CHECK(!scene.work().has_value());
    CHECK(scene.offer().told);
  }

  TEST_CASE("the over-asking shop asks once besides, and remembers the question") {
    nlohmann::json character = plain_character();
    character["over_ask"] = {
        {"fields", {"person.birthdate"}}, {"purpose", "delivery"}, {"reason", "to deliver it"}};
    SaleScene scene(character);
    scene.offer_something();
    CHECK(!scene.work().has_value());
    CHECK(scene.vault.asked() == 1);
    const auto asked = vrm::shop::Asked::load(scene.scratch.folder());
    REQUIRE(asked.ok());
    CHECK(asked.value().auth_req_id == "over-1");
  }

  TEST_CASE("the grants of an acknowledged acceptance are collected, all of them") {
    SaleScene scene;
    scene.offer_something();
    scene.vault.grant("grant-1", "authorization_pending");
    scene.vault.grant("grant-2", scene.vault.data_grant("gr_2", "dpv:Invoicing"));
    REQUIRE(scene.take("vrm-accept+jwt", scene.acceptance()).ok());
    const auto next = scene.work();
    REQUIRE(next.has_value());
    CHECK(*next == scene.clock.now() + std::chrono::seconds(1));
    scene.clock.pass(std::chrono::seconds(1));
    CHECK(scene.work().has_value());
    scene.vault.grant("grant-1", scene.vault.data_grant("gr_1", "dpv:DeliveryOfGoods"));
    scene.reopen();
    scene.clock.pass(std::chrono::seconds(5));
    CHECK(!scene.work().has_value());
    const auto tokens = vrm::shop::load_tokens(scene.scratch.folder());
    REQUIRE(tokens.ok());
    REQUIRE(tokens.value().size() == 2);
    CHECK(tokens.value()[0].grant_id == "gr_1");
    CHECK(tokens.value()[1].purpose == "dpv:Invoicing");
  }

  TEST_CASE("a grant that the vault refuses is not asked for again") {
    SaleScene scene;
    scene.offer_something();
    scene.vault.grant("grant-2", scene.vault.data_grant("gr_2", "dpv:Invoicing"));
    REQUIRE(scene.take("vrm-accept+jwt", scene.acceptance()).ok());
    scene.clock.pass(std::chrono::seconds(2));
    CHECK(!scene.work().has_value());
    CHECK(vrm::shop::load_tokens(scene.scratch.folder()).value().size() == 1);
  }

  TEST_CASE("a later acknowledgement is signed, posted and followed by the grants") {
    nlohmann::json character = plain_character();
    character["acknowledge"] = "later";
    character["acknowledge_after_ms"] = 3000;
    SaleScene scene(character);
    scene.offer_something();
    REQUIRE(scene.take("vrm-accept+jwt", scene.acceptance()).ok());
    CHECK(*scene.work() == scene.clock.now() + std::chrono::seconds(3));
    scene.clock.pass(std::chrono::seconds(3));
    SUBCASE("the vault takes it") {
      CHECK(scene.work().has_value());
      const Heard heard = last_heard(scene);
      CHECK(heard.method == "POST");
      CHECK(heard.path == "/v1/intents/intent-1/acknowledgement");
      CHECK(claims_of(heard.body, "vrm-ack+jwt")["acceptance"] == "accept-1");
      CHECK(scene.offer().acceptances.back().state == AcceptanceState::Acknowledged);
    }
    SUBCASE("the vault says that it is too late") {
      scene.vault.refuse_next(409, "acceptance_ended");
      CHECK(!scene.work().has_value());
      CHECK(scene.offer().acceptances.back().state == AcceptanceState::Cancelled);
      CHECK(scene.offer().state == OfferState::Live);
    }
    SUBCASE("it was cancelled before") {
      REQUIRE(scene.take("vrm-cancel+jwt", scene.cancellation("accept-1")).ok());
      CHECK(!scene.work().has_value());
      CHECK(last_heard(scene).method == "PUT");
    }
    SUBCASE("its time is over") {
      scene.clock.pass(std::chrono::minutes(20));
      CHECK(!scene.work().has_value());
      CHECK(last_heard(scene).method == "PUT");
    }
  }

  TEST_CASE("the last piece is sold to whoever accepts first") {
    SaleScene scene;
    scene.offer_something();
    nlohmann::json second = scene.intent();
    second["jti"] = "intent-2";
    second["auth_req_id"] = "req-2";
    scene.vault.grant("req-2", scene.vault.pass("intent-2"));
    REQUIRE(scene.take("vrm-intent+jwt", second).ok());
    scene.work();
    REQUIRE(scene.ledger().offers.size() == 2);
    REQUIRE(scene.take("vrm-accept+jwt", scene.acceptance()).ok());
    const auto other = scene.ledger().offers[1];
    nlohmann::json late = scene.acceptance("accept-2");
    late["intent"] = "intent-2";
    late["offer"] = other.oid;
    late["offer_sha256"] = other.latest().sha256;
    CHECK(code_of(scene.take("vrm-accept+jwt", late)) == ErrorCode::Conflict);
    CHECK(scene.ledger().offers[1].state == OfferState::Withdrawn);
  }

  TEST_CASE("what is sold out is not offered again") {
    SaleScene scene;
    scene.offer_something();
    REQUIRE(scene.take("vrm-accept+jwt", scene.acceptance()).ok());
    nlohmann::json second = scene.intent();
    second["jti"] = "intent-2";
    second["auth_req_id"] = "req-2";
    scene.vault.grant("req-2", scene.vault.pass("intent-2"));
    REQUIRE(scene.take("vrm-intent+jwt", second).ok());
    scene.work();
    CHECK(scene.ledger().offers.size() == 1);
  }
}
