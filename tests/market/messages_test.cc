#include "vault/market/messages.h"

#include <random>
#include <set>

#include "tests/market/scene.h"

using namespace vrm;  // tests only
using namespace vrm::market;
using nlohmann::json;

namespace {

brands::Brand brand() {
  brands::Brand made;
  made.handle = "velo";
  made.client_id = kClient;
  return made;
}
brands::Issuer issuer(std::uint8_t seed = 9) {
  crypto::SigningKey key = test::key_of(seed);
  jose::Jwk jwk = jose::jwk_of(key.public_key());
  return {"velo",     "AAAAAAAAAAAAAAAAAAAAAA", "https://vault.example", kIssuer,
          "ppid:abc", std::move(key),           std::move(jwk),          keys_of(brand_key())};
}

json opened(const std::string& jws, std::string_view typ) {
  const std::string_view types[] = {typ};
  const auto read = jose::Jws::read(jws, {.types = types, .most_bytes = 128 * 1024});
  REQUIRE(read.ok());
  REQUIRE(read.value().verify(jose::VerifyingKey(test::key_of(9).public_key())).ok());
  CHECK(read.value().kid() == issuer().jwk.kid);
  return read.value().claims().value();
}

}  // namespace

TEST_SUITE("market/messages") {
  TEST_CASE("an intent's message has the claims of the wire, signed by that brand's issuer") {
    const json claims = intent_claims(issuer(), brand(), kIid, "auth-1", 5, demand(), kNow);
    CHECK(claims == json({{"iss", kIssuer},
                          {"aud", kClient},
                          {"sub", "ppid:abc"},
                          {"iat", 1'795'305'600},
                          {"exp", 1'795'478'400},
                          {"jti", kIid},
                          {"auth_req_id", "auth-1"},
                          {"interval", 5},
                          {"demand", write_demand(demand())}}));
    CHECK(opened(write_intent_message(issuer(), claims), "vrm-intent+jwt") == claims);
  }

  TEST_CASE("an acceptance binds the offer's bytes and carries one grant a purpose") {
    const std::string digest = sha256_of("jws");
    const std::string jws = write_acceptance_message(
        issuer(), brand(), "jti-1", kIid, "rock-540", 2, digest,
        {{"auth-2", R"([{"type":"vrm_data","datatypes":["contact.email"]}])"}}, kNow,
        {kNow.ms + 900'000});
    CHECK(
        opened(jws, "vrm-accept+jwt") ==
        json::parse(
            R"({"iss":"https://vault.example/v/AAAAAAAAAAAAAAAAAAAAAA","aud":"https://velo.example/vrm-brand.json",
            "sub":"ppid:abc","iat":1795305600,"exp":1795306500,"jti":"jti-1","intent":"Yk3vYk3vYk3vYk3vYk3vYg",
            "offer":"rock-540","rev":2,"offer_sha256":")" +
            digest + R"(",
            "grants":[{"auth_req_id":"auth-2","authorization_details":[{"type":"vrm_data","datatypes":["contact.email"]}]}]})"));
  }

  TEST_CASE("a cancellation names the acceptance, and a close names neither winner nor price") {
    const json cancel =
        opened(write_cancellation(issuer(), brand(), "j", kIid, "acc", kNow), "vrm-cancel+jwt");
    CHECK(cancel["acceptance"] == "acc");
    CHECK(cancel["intent"] == kIid);
    const json close = opened(write_close(issuer(), brand(), "j", kIid, kNow), "vrm-close+jwt");
    std::set<std::string> names;
    for (const auto& [name, value] : close.items()) names.insert(name);
    CHECK(names == std::set<std::string>{"aud", "exp", "iat", "intent", "iss", "jti", "sub"});
  }

  TEST_CASE("a digest is SHA-256 in base64url") {
    CHECK(sha256_of("abc") == "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0");
    CHECK(sha256_of("") == "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU");
  }
}
