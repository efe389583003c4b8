#include "policies/cedar/policy_set.h"

#include <doctest/doctest.h>

#include "policies/cedar/authorizer.h"

using namespace cedar;  // tests only

namespace {

constexpr std::string_view kTemplate =
    "@id(\"share\") permit(principal == ?principal, action, resource in ?resource);";

const EntityUid kAlice("User", "alice");
const EntityUid kAlbum("Album", "spring");

Decision decide(const PolicySet& set, const EntityUid& principal) {
  return is_authorized({principal, EntityUid("Action", "view"), kAlbum}, set, {}).decision;
}

}  // namespace

TEST_SUITE("cedar/policy_set") {
  TEST_CASE("ids are positions in the text, templates counted") {
    const auto set =
        PolicySet::parse("permit(principal, action, resource);" + std::string(kTemplate) +
                         "@id(\"x\") forbid(principal, action, resource);")
            .value();
    REQUIRE(set.policies().size() == 2);
    CHECK(set.policies()[0].id == "policy0");
    CHECK(set.policies()[1].id == "policy2");
    REQUIRE(set.templates().size() == 1);
    CHECK(set.templates()[0].id == "policy1");
  }

  TEST_CASE("a host may name policies by their @id, and then no id twice") {
    const auto set = PolicySet::parse(std::string(kTemplate) + "permit(principal,action,resource);",
                                      PolicyNames::ByAnnotation)
                         .value();
    CHECK(set.find_template("share") != nullptr);
    CHECK(set.find_policy("policy1") != nullptr);
    CHECK(set.find_policy("share") == nullptr);
    const std::string twice = std::string(kTemplate) + std::string(kTemplate);
    CHECK(PolicySet::parse(twice).ok());
    CHECK(PolicySet::parse(twice, PolicyNames::ByAnnotation).error().code ==
          vrm::ErrorCode::Conflict);
  }

  TEST_CASE("a link decides with its slots filled, its template alone decides nothing") {
    PolicySet set;
    REQUIRE(set.add("share", kTemplate).ok());
    CHECK(decide(set, kAlice) == Decision::Deny);
    REQUIRE(set.link("share", "share-1", {kAlice, kAlbum}).ok());
    CHECK(decide(set, kAlice) == Decision::Allow);
    CHECK(decide(set, EntityUid("User", "bob")) == Decision::Deny);
    const auto response = is_authorized({kAlice, EntityUid("Action", "view"), kAlbum}, set, {});
    CHECK(response.reasons == std::vector<std::string>{"share-1"});
    CHECK(set.find_policy("share-1")->template_id == "share");
    REQUIRE(set.remove("share-1").ok());
    CHECK(decide(set, kAlice) == Decision::Deny);
  }

  TEST_CASE("a slot behind `is ... in` is filled too") {
    PolicySet set;
    REQUIRE(set.add("t", "permit(principal is User in ?principal, action, resource);").ok());
    REQUIRE(set.link("t", "l", {kAlice, {}}).ok());
    CHECK(decide(set, kAlice) == Decision::Allow);
    CHECK(decide(set, EntityUid("User", "bob")) == Decision::Deny);
  }

  TEST_CASE("links that do not fit are refused and change nothing") {
    PolicySet set;
    REQUIRE(set.add("share", kTemplate).ok());
    REQUIRE(set.add("fixed", "permit(principal, action, resource == Album::\"x\");").ok());
    CHECK(set.link("nosuch", "l", {}).error().code == vrm::ErrorCode::NotFound);
    CHECK(set.link("fixed", "l", {}).error().code == vrm::ErrorCode::NotFound);
    CHECK(set.link("share", "l", {kAlice, {}}).error().code == vrm::ErrorCode::Malformed);
    CHECK(set.link("share", "fixed", {kAlice, kAlbum}).error().code == vrm::ErrorCode::Conflict);
    CHECK(set.link("share", "share", {kAlice, kAlbum}).error().code == vrm::ErrorCode::Conflict);
    REQUIRE(set.add("one", "permit(principal == ?principal, action, resource);").ok());
    CHECK(set.link("one", "l", {kAlice, kAlbum}).error().code == vrm::ErrorCode::Malformed);
    CHECK(set.policies().size() == 1);
  }

  TEST_CASE("one policy is added under one free id") {
    PolicySet set;
    CHECK(set.add("a", "").error().code == vrm::ErrorCode::Malformed);
    CHECK(set.add("a", std::string(kTemplate) + std::string(kTemplate)).error().code ==
          vrm::ErrorCode::Malformed);
    REQUIRE(set.add("a", kTemplate).ok());
    CHECK(set.add("a", "permit(principal, action, resource);").error().code ==
          vrm::ErrorCode::Conflict);
  }

  TEST_CASE("a template with links stays") {
    PolicySet set;
    REQUIRE(set.add("share", kTemplate).ok());
    REQUIRE(set.link("share", "l", {kAlice, kAlbum}).ok());
    CHECK(set.remove("share").error().code == vrm::ErrorCode::Conflict);
    REQUIRE(set.remove("l").ok());
    REQUIRE(set.remove("share").ok());
    CHECK(set.remove("share").error().code == vrm::ErrorCode::NotFound);
  }
}
