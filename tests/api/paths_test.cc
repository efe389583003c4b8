#include "vault/api/paths.h"

#include <doctest/doctest.h>

using namespace vrm;

TEST_SUITE("api/paths") {
  TEST_CASE("a name becomes a segment, and a verb may follow") {
    CHECK(api::path_to(api::kFields, "address.home.locality").value() ==
          "/v1/fields/address.home.locality");
    CHECK(api::path_to(api::kBrands, "velo", api::kBlock).value() == "/v1/brands/velo/block");
  }

  TEST_CASE("a name that would be another path is refused") {
    for (const std::string_view name :
         {"", ".", "..", "a/b", "a b", "a%2fb", "a?b", "a#b", "é", "a\n"}) {
      CAPTURE(name);
      const auto path = api::path_to(api::kFields, name);
      REQUIRE_FALSE(path.ok());
      CHECK(path.error().code == ErrorCode::Malformed);
      CHECK(path.error().say == "name.malformed");
    }
    CHECK(api::path_to(api::kFields, std::string(128, 'a')).ok());
    CHECK_FALSE(api::path_to(api::kFields, std::string(129, 'a')).ok());
  }

  TEST_CASE("a query value is encoded whole") {
    CHECK(api::with_query("/v1/log", "since", "2026-11-21") == "/v1/log?since=2026-11-21");
    CHECK(api::with_query("/v1/import?format=auto", "card", "Ana & Zoé=1%") ==
          "/v1/import?format=auto&card=Ana%20%26%20Zo%C3%A9%3D1%25");
  }
}
