#include "tests/bench/crowd.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "vault/base/json.h"
#include "vault/jose/jws.h"

namespace bench = vrm::bench;

namespace {

std::string letter(std::string_view type, const nlohmann::json& claims) {
  vrm::crypto::SystemRandom random;
  const auto key = vrm::crypto::SigningKey::random(random);
  return vrm::jose::sign_jws(key, {.typ = type, .kid = "k"}, vrm::write_json(claims));
}

}  // namespace

TEST_SUITE("bench/crowd") {
  TEST_CASE("of an intent a brand reads whose it is, its name and its ticket") {
    const auto heard = bench::heard_intent(
        letter("vrm-intent+jwt", {{"iss", "http://v/1"}, {"jti", "i7"}, {"auth_req_id", "a"}}));
    REQUIRE(heard.ok());
    CHECK(heard.value().issuer == "http://v/1");
    CHECK(heard.value().iid == "i7");
    CHECK(heard.value().auth_req_id == "a");
  }

  TEST_CASE("what is no intent is refused") {
    CHECK_FALSE(bench::heard_intent("nothing").ok());
    CHECK_FALSE(bench::heard_intent(
                    letter("vrm-close+jwt", {{"iss", "v"}, {"jti", "i"}, {"auth_req_id", "a"}}))
                    .ok());
    CHECK_FALSE(bench::heard_intent(letter("vrm-intent+jwt", {{"iss", "v"}, {"jti", "i"}})).ok());
  }

  TEST_CASE("a brand is known by its path, and no other path is a brand's") {
    const auto number = bench::brand_of_path("/b17/vrm/intents");
    REQUIRE(number.ok());
    CHECK(number.value() == 17);
    for (const char* path : {"", "/b/vrm/intents", "/b17/vrm/introduction", "/b17",
                             "/17/vrm/intents", "/b-1/vrm/intents", "/b17/vrm/intents/more"}) {
      CAPTURE(path);
      CHECK_FALSE(bench::brand_of_path(path).ok());
    }
  }
}
