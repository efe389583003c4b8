#pragma once
// How binary operators and variables are spelled, in policy text and in JSON alike.

#include <optional>
#include <string_view>

#include "policies/cedar/expression.h"

namespace cedar {

enum class OperatorStyle {
  Relation,  // a == b; at most one in a row
  Sum,       // a + b
  Product,   // a * b
  Method,    // a.contains(b)
};

struct OperatorDescription {
  std::string_view name;
  OperatorStyle style;
};

const OperatorDescription& describe(BinaryOperator op);

// Nothing: no operator of this name. `&&` and `||` are chains, not of these.
std::optional<BinaryOperator> find_operator(std::string_view name);

// principal, action, resource, context
std::string_view to_string(Variable variable);
std::optional<Variable> find_variable(std::string_view name);

}  // namespace cedar
