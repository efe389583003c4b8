#include "vault/gate/rules.h"

#include "vault/base/embed.h"
#include "vault/gate/policy_world.h"

VRM_DECLARE_EMBEDDED(policies_default_grant_cedar);
VRM_DECLARE_EMBEDDED(policies_default_blocked_cedar);
VRM_DECLARE_EMBEDDED(policies_default_never_sold_cedar);
VRM_DECLARE_EMBEDDED(policies_default_claims_stay_claims_cedar);

namespace vrm::gate {

std::vector<PolicyText> built_in_policies() {
  return {{"", std::string(VRM_EMBEDDED(policies_default_grant_cedar))},
          {"", std::string(VRM_EMBEDDED(policies_default_blocked_cedar))},
          {"", std::string(VRM_EMBEDDED(policies_default_never_sold_cedar))},
          {"", std::string(VRM_EMBEDDED(policies_default_claims_stay_claims_cedar))}};
}

Rules::Rules(std::unique_ptr<const PolicyGround> ground) : ground_(std::move(ground)) {}
Rules::Rules(Rules&&) noexcept = default;
Rules& Rules::operator=(Rules&&) noexcept = default;
Rules::~Rules() = default;

Result<Rules> Rules::load(const profile::Catalogue& catalogue, const grants::Purposes& purposes,
                          const std::vector<PolicyText>& own) {
  auto policies = built_in_policies();
  policies.insert(policies.end(), own.begin(), own.end());
  PolicyGround ground = TRY(PolicyGround::make(policies, catalogue, purposes));
  return Rules(std::make_unique<const PolicyGround>(std::move(ground)));
}

Result<Rules> Rules::parse(const std::vector<std::string>& policies,
                           const profile::Catalogue& catalogue, const grants::Purposes& purposes) {
  std::vector<PolicyText> texts;
  for (const auto& text : policies) texts.push_back({std::to_string(texts.size()), text});
  PolicyGround ground = TRY(PolicyGround::make(texts, catalogue, purposes));
  return Rules(std::make_unique<const PolicyGround>(std::move(ground)));
}

Decision Rules::decide(const Question& question) const {
  const auto world = world_of(*ground_, question);
  if (!world.ok()) return {.allowed = false, .reasons = {}, .errors = {world.error().message}};
  auto response =
      cedar::is_authorized(world.value().request, ground_->policies, world.value().entities);
  // Whatever the policies permit beyond it, a grant opens only what it covers.
  const bool covered = question.grant == nullptr || question.grant->covers(question.field);
  Decision decision{.allowed = covered && lets_pass(response),
                    .reasons = std::move(response.reasons),
                    .errors = {}};
  for (const auto& error : response.errors) decision.errors.push_back(error.policy_id);
  return decision;
}

std::string Rules::reason_of(std::string_view policy_id) const {
  const cedar::Policy* policy = ground_->policies.find_policy(policy_id);
  if (policy == nullptr) return "";
  return std::string(cedar::find_annotation(*policy->body, "reason").value_or(""));
}

}  // namespace vrm::gate
