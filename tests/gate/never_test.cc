#include "vault/gate/never.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "vault/gate/policy_world.h"

using namespace vrm;  // tests only

namespace {

constexpr Instant kLookedAt{1'795'000'000'000};
constexpr const char* kPassport = "document.passport";
constexpr const char* kPermitGranted =
    "@id(\"grant\") permit (principal, action, resource) when { context has grant && resource in "
    "context.grant && context.purpose in context.grant.purposes && context.now < "
    "context.grant.expires };";

gate::Never never(const std::vector<std::string>& policies,
                  const std::vector<brands::BrandPtr>& known = {}) {
  const auto catalogue = profile::Catalogue::embedded().value();
  const auto purposes = grants::Purposes::load().value();
  std::vector<gate::PolicyText> texts;
  for (const auto& text : policies) texts.push_back({std::to_string(texts.size()), text});
  const auto ground = gate::PolicyGround::make(texts, catalogue, purposes);
  REQUIRE_MESSAGE(ground.ok(), ground.error().message);
  auto found = gate::never_read(ground.value(), purposes, known, kPassport, kLookedAt);
  REQUIRE_MESSAGE(found.ok(), found.error().message);
  return std::move(found).value();
}

std::string forbid_passport(const std::string& unless) {
  return "@id(\"passport\") forbid (principal, action, resource == "
         "VRM::Field::\"document.passport\")" +
         (unless.empty() ? "" : " unless { " + unless + " }") + ";";
}

brands::BrandPtr known_brand(const std::string& handle) {
  auto brand = std::make_shared<brands::Brand>();
  brand->handle = handle;
  brand->client_id = "https://" + handle + ".example/vrm-brand.json";
  brand->address_checked = true;
  return brand;
}

}  // namespace

TEST_SUITE("gate/never") {
  TEST_CASE("a forbid without exception is never, and says which policy it is") {
    const auto found = never({kPermitGranted, forbid_passport("")});
    CHECK(found.is_sure);
    CHECK_FALSE(found.example.has_value());
    CHECK(found.refusing == std::vector<std::string>{"passport"});
  }

  TEST_CASE("without a policy that permits it is never too, by none") {
    const auto found = never({});
    CHECK(found.is_sure);
    CHECK(found.refusing.empty());
  }

  TEST_CASE("what is permitted has an example: a known brand first") {
    const auto found = never({kPermitGranted}, {known_brand("velo")});
    CHECK_FALSE(found.is_sure);
    REQUIRE(found.example.has_value());
    CHECK(found.example->brand == "velo");
    CHECK(found.example->opening.reasons == std::vector<std::string>{"grant"});
  }

  TEST_CASE("an exception for brands of a kind is found, though no such brand is known") {
    const auto found = never({kPermitGranted, forbid_passport("principal.trust == \"trusted\"")},
                             {known_brand("velo")});
    CHECK_FALSE(found.is_sure);
    REQUIRE(found.example.has_value());
    CHECK(found.example->brand.empty());
    CHECK(found.example->trust == brands::Trust::Trusted);
  }

  TEST_CASE("an exception for one brand by name is found, though it is not known") {
    const auto found = never(
        {kPermitGranted,
         forbid_passport("principal == VRM::Brand::\"https://town.example/vrm-brand.json\"")});
    CHECK_FALSE(found.is_sure);
    CHECK(found.example.has_value());
  }

  TEST_CASE("an exception for one purpose is found") {
    const auto found =
        never({kPermitGranted, forbid_passport("context.purpose == "
                                               "VRM::Purpose::\"dpv:DeliveryOfGoods\"")});
    REQUIRE(found.example.has_value());
    CHECK(found.example->opening.purpose == "dpv:DeliveryOfGoods");
  }

  TEST_CASE("an exception that only an unusual grant has is not called never") {
    const auto found = never(
        {kPermitGranted, forbid_passport("context.grant.expires < "
                                         "context.grant.notBefore.offset(duration(\"1h\"))")});
    CHECK_FALSE(found.is_sure);
  }

  TEST_CASE("a forbid that always errs is never, since an error means no") {
    const auto found = never({kPermitGranted, forbid_passport("principal.nothing")});
    CHECK_FALSE(found.example.has_value());
  }
}
