#include "policies/cedar/authorizer.h"

#include <doctest/doctest.h>

using namespace cedar;  // tests only

namespace {

constexpr std::string_view kAll = "permit(principal, action, resource);";

const Request kRequest{EntityUid("User", "a"), EntityUid("Action", "read"), EntityUid("File", "f")};

Response decide(std::string_view policies, const Entities& entities = {}) {
  const auto set = PolicySet::parse(policies);
  REQUIRE_MESSAGE(set.ok(), policies);
  return is_authorized(kRequest, set.value(), entities);
}

bool allowed(std::string_view policies) {
  return decide(policies).decision == Decision::Allow;
}

std::string scoped(std::string_view scope) {
  return "permit(" + std::string(scope) + ");";
}

}  // namespace

TEST_SUITE("cedar/authorizer") {
  TEST_CASE("without a permit that holds the answer is no, for no reason") {
    CHECK(decide("").decision == Decision::Deny);
    const auto response = decide("permit(principal, action, resource) when { false };");
    CHECK(response.decision == Decision::Deny);
    CHECK(response.reasons.empty());
    CHECK(response.errors.empty());
  }

  TEST_CASE("all permits that hold are the reasons of a yes") {
    const auto response = decide(
        "permit(principal, action, resource);"
        "permit(principal == User::\"b\", action, resource);"
        "permit(principal, action, resource) unless { false };");
    CHECK(response.decision == Decision::Allow);
    CHECK(response.reasons == std::vector<std::string>{"policy0", "policy2"});
  }

  TEST_CASE("one forbid outweighs every permit, and only forbids are then the reasons") {
    const auto response = decide(
        "permit(principal, action, resource);"
        "forbid(principal, action, resource) when { principal is User };"
        "forbid(principal, action, resource) when { principal is Group };");
    CHECK(response.decision == Decision::Deny);
    CHECK(response.reasons == std::vector<std::string>{"policy1"});
  }

  TEST_CASE("a policy that errs is skipped and told, a forbid too") {
    const auto response = decide(
        "permit(principal, action, resource);"
        "forbid(principal, action, resource) when { principal.blocked };"
        "permit(principal, action, resource) when { 1 };");
    CHECK(response.decision == Decision::Allow);
    CHECK(response.reasons == std::vector<std::string>{"policy0"});
    REQUIRE(response.errors.size() == 2);
    CHECK(response.errors[0].policy_id == "policy1");
    CHECK(response.errors[0].effect == Effect::Forbid);
    CHECK(response.errors[0].error.message == "entity `User::\"a\"` does not exist");
    CHECK(response.errors[1].error.message == "type error: expected bool, got long");
  }

  TEST_CASE("what fails first hides later errors") {
    CHECK(decide("permit(principal == User::\"b\", action, resource) when { 1 };").errors.empty());
    CHECK(decide("permit(principal, action, resource) when { false } when { 1 };").errors.empty());
    CHECK(
        decide("permit(principal, action, resource) unless { true } unless { 1 };").errors.empty());
    CHECK(decide("permit(principal, action, resource) when { 1 } when { false };").errors.size() ==
          1);
    CHECK(decide("permit(principal, action, resource) unless { \"a\" };").errors.size() == 1);
  }

  TEST_CASE("a scope asks type, identity and membership") {
    const auto entities = Entities::make({{kRequest.principal, {}, {}, {EntityUid("Group", "g")}},
                                          {kRequest.action, {}, {}, {EntityUid("Action", "all")}}})
                              .value();
    const auto holds = [&entities](std::string_view scope) {
      return decide(scoped(scope), entities).decision == Decision::Allow;
    };
    CHECK(holds("principal == User::\"a\", action, resource"));
    CHECK(holds("principal in Group::\"g\", action, resource"));
    CHECK(holds("principal in User::\"a\", action, resource"));
    CHECK(holds("principal is User, action, resource is File"));
    CHECK(holds("principal is User in Group::\"g\", action, resource"));
    CHECK(holds("principal, action in Action::\"all\", resource"));
    CHECK(holds("principal, action in [Action::\"x\", Action::\"read\"], resource"));
    CHECK(holds("principal, action in [Action::\"all\"], resource in File::\"f\""));
    CHECK_FALSE(holds("principal == Group::\"g\", action, resource"));
    CHECK_FALSE(holds("principal is Group in Group::\"g\", action, resource"));
    CHECK_FALSE(holds("principal is User in Group::\"h\", action, resource"));
    CHECK_FALSE(holds("principal, action == Action::\"all\", resource"));
    CHECK_FALSE(holds("principal, action in [], resource"));
    CHECK_FALSE(holds("principal, action, resource in Group::\"g\""));
  }

  TEST_CASE("the answer does not depend on the order of the policies") {
    const std::string forbid = "forbid(principal, action, resource);";
    CHECK_FALSE(allowed(forbid + std::string(kAll)));
    CHECK_FALSE(allowed(std::string(kAll) + forbid));
  }
}
