#include "vault/market/acceptance.h"

#include <functional>

#include "tests/market/scene.h"
#include "vault/market/messages.h"

using namespace vrm;  // tests only
using namespace vrm::market;
using nlohmann::json;

namespace {

constexpr std::string_view kTyp = "vrm-ack+jwt";
constexpr const char* kJti = "acceptance-1";
const std::string kDigest = sha256_of("the acceptance");

json payload() {
  return {{"iss", kClient},           {"aud", kIssuer},
          {"iat", kNow.ms / 1000},    {"exp", kNow.ms / 1000 + 600},
          {"jti", "ack-1"},           {"acceptance", kJti},
          {"accept_sha256", kDigest}, {"order", "VELO-42"}};
}
AcknowledgementRules rules() {
  return {
      .client_id = kClient, .issuer = kIssuer, .acceptance = kJti, .sha256 = kDigest, .now = kNow};
}
Result<Acknowledgement> take(const json& claims) {
  return take_acknowledgement(signed_by_brand(kTyp, claims), keys_of(brand_key()), rules());
}

}  // namespace

TEST_SUITE("market/acceptance") {
  TEST_CASE("an acknowledgement of these bytes is taken, with the order's name") {
    CHECK(take(payload()).value().order == "VELO-42");
    json claims = payload();
    claims.erase("order");
    CHECK(take(claims).value().order.empty());
  }

  TEST_CASE("an acknowledgement of anything else is refused") {
    const std::vector<std::pair<const char*, std::function<void(json&)>>> mistakes = {
        {"another brand", [](json& c) { c["iss"] = "https://decat.example/b.json"; }},
        {"no iss", [](json& c) { c.erase("iss"); }},
        {"another vault", [](json& c) { c["aud"] = "https://vault.example/v/x"; }},
        {"no aud", [](json& c) { c.erase("aud"); }},
        {"audience list", [](json& c) { c["aud"] = {kIssuer}; }},
        {"another acceptance", [](json& c) { c["acceptance"] = "acceptance-2"; }},
        {"no acceptance", [](json& c) { c.erase("acceptance"); }},
        {"other bytes", [](json& c) { c["accept_sha256"] = sha256_of("another"); }},
        {"no bytes", [](json& c) { c.erase("accept_sha256"); }},
        {"expired", [](json& c) { c["exp"] = kNow.ms / 1000 - 61; }},
        {"no exp", [](json& c) { c.erase("exp"); }},
        {"no iat", [](json& c) { c.erase("iat"); }},
        {"signed in the future", [](json& c) { c["iat"] = kNow.ms / 1000 + 61; }},
        {"no jti", [](json& c) { c.erase("jti"); }},
        {"order a number", [](json& c) { c["order"] = 42; }},
    };
    for (const auto& [what, spoil] : mistakes) {
      const char* shown = what;
      CAPTURE(shown);
      json claims = payload();
      spoil(claims);
      CHECK(take(claims).error().code == ErrorCode::Malformed);
    }
  }

  TEST_CASE("a forged acknowledgement is refused") {
    const auto keys = keys_of(brand_key());
    const std::string text = write_json(payload());
    CHECK(take_acknowledgement(signed_with(test::key_of(6), kTyp, text), keys, rules())
              .error()
              .code == ErrorCode::BadKey);
    CHECK(take_acknowledgement(signed_with(brand_key(), "vrm-offer+jwt", text), keys, rules())
              .error()
              .code == ErrorCode::Malformed);
    const std::string good = signed_by_brand(kTyp, payload());
    CHECK_FALSE(take_acknowledgement(test::without_signature(good), keys, rules()).ok());
    CHECK_FALSE(take_acknowledgement(good + "A", keys, rules()).ok());
    CHECK_FALSE(take_acknowledgement("", keys, rules()).ok());
    json big = payload();
    big["filling"] = std::string(9000, 'x');
    CHECK(take(big).error().code == ErrorCode::Malformed);
  }

  TEST_CASE("an order's name is safe to print and has at most 64 scalars") {
    json claims = payload();
    claims["order"] = std::string(64, 'a');
    CHECK(take(claims).value().order == std::string(64, 'a'));
    claims["order"] = std::string(65, 'a');
    CHECK(take(claims).value().order == std::string(63, 'a') + "…");
    claims["order"] = std::string(5000, 'a');
    CHECK(take(claims).value().order == std::string(63, 'a') + "…");
    claims["order"] = "\x1b[2J\n";
    CHECK(take(claims).value().order == "\uFFFD[2J ");
  }
}
