#pragma once
// Whether policies mean something under a schema: strict validation.
//
// A policy without errors never fails for the types of what it looks at; what is left are entities that are missing, and
// arithmetic beyond 64 bits. Source: docs.cedarpolicy.com/policies/validation.html; verdicts of the reference.

#include <string>
#include <vector>

#include "policies/cedar/finding.h"
#include "policies/cedar/policy_set.h"
#include "policies/cedar/schema.h"

namespace cedar {

// The release of the reference whose verdicts are given. Before 4.13 it was an error that no action applies to a scope; since
// then it is a warning.
enum class Edition { V4_10, V4_13 };

struct PolicyFindings {
  std::string id;  // of a policy or a template
  std::vector<Finding> errors = {};
  std::vector<Finding> warnings = {};  // a policy that never applies to anything
};

// Of one policy or template; without a value a slot stands for whatever fits.
PolicyFindings validate(const std::string& id, const PolicyBody& policy, const SlotValues& slots,
                        const Schema& schema, Edition edition = Edition::V4_13);

// Of each policy, link and template; those without findings are left out.
std::vector<PolicyFindings> validate(const PolicySet& policies, const Schema& schema,
                                     Edition edition = Edition::V4_13);

}  // namespace cedar
