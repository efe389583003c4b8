#include "examples/shop/keys.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "tests/shop/scene.h"

using vrm::shop::ShopKeys;

TEST_SUITE("shop/keys") {
  TEST_CASE("keys are made once, differ, and only their owner may read them") {
    vrm::testing::ScratchFolder scratch;
    vrm::crypto::SystemRandom random;
    const auto made = ShopKeys::load_or_make(scratch.folder(), random);
    const auto loaded = ShopKeys::load_or_make(scratch.folder(), random);
    REQUIRE(made.ok());
    REQUIRE(loaded.ok());
    CHECK(made.value().client.jwk() == loaded.value().client.jwk());
    CHECK(made.value().dpop.jwk() == loaded.value().dpop.jwk());
    CHECK(made.value().client.jwk() != made.value().dpop.jwk());
    for (const char* name : {"client-key.json", "dpop-key.json"}) {
      struct stat about {};
      REQUIRE(::stat((scratch.path() / name).c_str(), &about) == 0);
      CHECK((about.st_mode & 0777) == 0600);
    }
  }

  TEST_CASE("a file that holds no private key is refused, and kept") {
    vrm::testing::ScratchFolder scratch;
    vrm::crypto::SystemRandom random;
    for (const nlohmann::json& bad :
         {nlohmann::json::object(), nlohmann::json{{"d", "AAAA"}}, nlohmann::json{{"d", "%"}}}) {
      REQUIRE(scratch.folder().write("client-key.json", bad).ok());
      CHECK(!ShopKeys::load_or_make(scratch.folder(), random).ok());
      CHECK(scratch.folder().read("client-key.json").value() == bad);
    }
  }
}
