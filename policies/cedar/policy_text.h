#pragma once
// Policies as text again, laid out as people like to read them.
//
// What is written here reads back as the same policy: the same JSON, the same decisions. Comments are not part of a policy
// and are not kept.

#include <string>

#include "policies/cedar/expression.h"
#include "policies/cedar/policy.h"

namespace cedar {

// Annotations, effect and scope, conditions; ends with `;` and no line feed. What fits in 100 columns stands in one line.
std::string policy_text(const PolicyBody& policy);

// With no more parentheses than it needs, in one line.
std::string expression_text(const Expression& expression);

}  // namespace cedar
