#include "examples/shop/inbox.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "tests/shop/scene.h"
#include "vault/base/json.h"

using vrm::ErrorCode;
using vrm::shop::Inbox;
using vrm::testing::kClientId;
using vrm::testing::kIssuer;
using vrm::testing::ScratchFolder;
using vrm::testing::StoppedClock;
using vrm::testing::VaultKey;

namespace {

struct InboxScene {
  ScratchFolder scratch;
  StoppedClock clock;
  Inbox inbox{scratch.folder(), kClientId, clock};
  VaultKey vault;

  nlohmann::json introduction() const {
    return {{"iss", kIssuer},
            {"aud", kClientId},
            {"sub", "ppid:abc"},
            {"jwks", vault.jwks()},
            {"iat", clock.now().seconds()},
            {"exp", clock.now().seconds() + 300},
            {"jti", "intro-1"},
            {"ref", "basket-42"}};
  }
  std::string signed_introduction() const {
    return vault.sign("vrm-introduction+jwt", introduction());
  }
  nlohmann::json event() const {
    return {
        {"iss", kIssuer},
        {"aud", kClientId},
        {"iat", clock.now().seconds()},
        {"jti", "event-1"},
        {"events", {{"https://vrm.example/events/grant-revoked", {{"grant_id", "gr_7F2K9QXD"}}}}}};
  }
  void introduce() { REQUIRE(inbox.take_introduction(signed_introduction()).ok()); }
};

template <typename T>
ErrorCode code_of(const vrm::Result<T>& result) {
  REQUIRE(!result.ok());
  return result.error().code;
}

}  // namespace

TEST_SUITE("shop/inbox") {
  TEST_CASE("an introduction is remembered with the vault's keys and its reference") {
    InboxScene scene;
    scene.introduce();
    const auto vaults = vrm::shop::load_vaults(scene.scratch.folder());
    REQUIRE(vaults.ok());
    REQUIRE(vaults.value().size() == 1);
    CHECK(vaults.value()[0].issuer == kIssuer);
    CHECK(vaults.value()[0].subject == "ppid:abc");
    CHECK(vaults.value()[0].reference == "basket-42");
    CHECK(vaults.value()[0].jwks == vrm::write_json(scene.vault.jwks()));
  }

  TEST_CASE("an introduction is good once") {
    InboxScene scene;
    scene.introduce();
    CHECK(code_of(scene.inbox.take_introduction(scene.signed_introduction())) ==
          ErrorCode::Conflict);
  }

  TEST_CASE("an introduction for another shop, or too late, or without a name is refused") {
    InboxScene scene;
    for (const auto& bend : std::vector<std::pair<std::string, nlohmann::json>>{
             {"aud", "https://other.example/vrm-brand.json"},
             {"exp", scene.clock.now().seconds() - 61},
             {"iat", scene.clock.now().seconds() + 61},
             {"jti", nullptr},
             {"exp", nullptr},
             {"sub", nullptr},
             {"jwks", nullptr},
             {"iss", "file:///etc/passwd"}}) {
      const std::string& name = bend.first;
      const nlohmann::json& value = bend.second;
      CAPTURE(name);
      nlohmann::json bent = scene.introduction();
      if (value.is_null()) {
        bent.erase(name);
      } else {
        bent[name] = value;
      }
      CHECK(!scene.inbox.take_introduction(scene.vault.sign("vrm-introduction+jwt", bent)).ok());
    }
    CHECK(vrm::shop::load_vaults(scene.scratch.folder()).value().empty());
  }

  TEST_CASE("an introduction of another type is refused, though the signature is good") {
    InboxScene scene;
    for (const char* type : {"JWT", "secevent+jwt", "at+jwt"}) {
      CAPTURE(type);
      CHECK(code_of(scene.inbox.take_introduction(scene.vault.sign(type, scene.introduction()))) ==
            ErrorCode::Malformed);
    }
  }

  TEST_CASE("an introduction signed by a key that it does not bring is refused") {
    InboxScene scene;
    const VaultKey stranger;
    CHECK(code_of(scene.inbox.take_introduction(
              stranger.sign("vrm-introduction+jwt", scene.introduction()))) == ErrorCode::BadKey);
  }

  TEST_CASE("a stranger cannot introduce himself as a vault that is known") {
    InboxScene scene;
    scene.introduce();
    const VaultKey stranger;
    nlohmann::json forged = scene.introduction();
    forged["jwks"] = stranger.jwks();
    forged["jti"] = "intro-2";
    CHECK(code_of(scene.inbox.take_introduction(stranger.sign("vrm-introduction+jwt", forged))) ==
          ErrorCode::BadKey);
    CHECK(vrm::shop::load_vaults(scene.scratch.folder()).value()[0].jwks ==
          vrm::write_json(scene.vault.jwks()));
  }

  TEST_CASE("a known vault may introduce itself again, and is then the newest") {
    InboxScene scene;
    scene.introduce();
    nlohmann::json again = scene.introduction();
    again["jti"] = "intro-2";
    again["ref"] = "basket-43";
    REQUIRE(scene.inbox.take_introduction(scene.vault.sign("vrm-introduction+jwt", again)).ok());
    const auto vaults = vrm::shop::load_vaults(scene.scratch.folder());
    REQUIRE(vaults.value().size() == 1);
    CHECK(vaults.value()[0].reference == "basket-43");
  }

  TEST_CASE("an event of a known vault tells the grant, once") {
    InboxScene scene;
    scene.introduce();
    const std::string event = scene.vault.sign("secevent+jwt", scene.event());
    const auto heard = scene.inbox.take_event(event);
    REQUIRE(heard.ok());
    CHECK(heard.value().grant_id == "gr_7F2K9QXD");
    CHECK(code_of(scene.inbox.take_event(event)) == ErrorCode::Conflict);
  }

  TEST_CASE("an event of an unknown vault is refused") {
    InboxScene scene;
    CHECK(code_of(scene.inbox.take_event(scene.vault.sign("secevent+jwt", scene.event()))) ==
          ErrorCode::NotFound);
  }

  TEST_CASE("an event that the vault did not sign for us is refused") {
    InboxScene scene;
    scene.introduce();
    const VaultKey stranger;
    CHECK(code_of(scene.inbox.take_event(stranger.sign("secevent+jwt", scene.event()))) ==
          ErrorCode::BadKey);
    nlohmann::json elsewhere = scene.event();
    elsewhere["aud"] = "https://other.example/vrm-brand.json";
    CHECK(code_of(scene.inbox.take_event(scene.vault.sign("secevent+jwt", elsewhere))) ==
          ErrorCode::Denied);
    CHECK(code_of(scene.inbox.take_event(
              scene.vault.sign("vrm-introduction+jwt", scene.event()))) == ErrorCode::Malformed);
    nlohmann::json other = scene.event();
    other["events"] = {{"https://vrm.example/events/else", nlohmann::json::object()}};
    CHECK(code_of(scene.inbox.take_event(scene.vault.sign("secevent+jwt", other))) ==
          ErrorCode::Malformed);
  }

  TEST_CASE("rubbish is refused") {
    InboxScene scene;
    for (const char* text : {"", "a.b.c", "{}", "..", "eyJhbGciOiJub25lIn0.e30."}) {
      CAPTURE(text);
      CHECK(code_of(scene.inbox.take_introduction(text)) == ErrorCode::Malformed);
      CHECK(code_of(scene.inbox.take_event(text)) == ErrorCode::Malformed);
    }
  }
}
