#include "policies/cedar/authorizer.h"

namespace cedar {

Response is_authorized(const Request& request, const PolicySet& policies,
                       const Entities& entities) {
  Evaluator evaluator(request, entities);
  std::vector<std::string> permits;
  std::vector<std::string> forbids;
  std::vector<PolicyError> errors;
  for (const std::uint32_t position : policies.index().candidates(request, entities)) {
    const Policy& policy = policies.policies()[position];
    auto outcome = evaluator.satisfied(policy);
    const Effect effect = policy.body->effect;
    if (auto* error = std::get_if<EvaluationError>(&outcome))
      errors.push_back({policy.id, effect, std::move(*error)});
    else if (std::get<bool>(outcome))
      (effect == Effect::Permit ? permits : forbids).push_back(policy.id);
  }
  const bool allowed = forbids.empty() && !permits.empty();
  return {allowed ? Decision::Allow : Decision::Deny,
          std::move(forbids.empty() ? permits : forbids), std::move(errors)};
}

}  // namespace cedar
