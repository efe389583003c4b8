#pragma once
// Cedar's decision: allowed when at least one permit holds and no forbid does.
//
// A policy that errs is skipped, a forbid too, exactly as Cedar says; a host that wants to fail
// closed denies when `errors` is not empty.

#include <string>
#include <vector>

#include "policies/cedar/evaluator.h"
#include "policies/cedar/policy_set.h"

namespace cedar {

enum class Decision { Allow, Deny };

struct PolicyError {
  std::string policy_id;
  Effect effect;
  EvaluationError error;
};

struct Response {
  Decision decision;
  // The ids of the policies that made the decision, in the order of the set: all satisfied permits,
  // or all satisfied forbids; none when nothing permitted.
  std::vector<std::string> reasons;
  std::vector<PolicyError> errors;
};

// Only policies whose scope may hold are looked at (policy_index.h). Safe from any thread while nobody changes the set.
Response is_authorized(const Request& request, const PolicySet& policies, const Entities& entities);

}  // namespace cedar
