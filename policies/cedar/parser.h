#pragma once
// Text to policies and expressions.
//
// Malformed is the one refusal: the message names line and column and what is wrong there. The
// language is Cedar 4.5; expressions may nest kMaxNesting deep, while chains of && and || may have
// any length.

#include <memory>
#include <string_view>
#include <vector>

#include "policies/cedar/policy.h"
#include "vault/base/result.h"

namespace cedar {

// Parentheses, brackets, braces, arguments and branches inside one another.
inline constexpr int kMaxNesting = 200;

// The policies and templates of a text in their order, perhaps none.
vrm::Result<std::vector<std::shared_ptr<const PolicyBody>>> parse_policies(std::string_view text);

// One expression and nothing behind it.
vrm::Result<ExpressionPtr> parse_expression(std::string_view text);

}  // namespace cedar
