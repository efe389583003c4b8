#include "policies/cedar/operators.h"

#include <array>

namespace cedar {

namespace {

constexpr auto kRelation = OperatorStyle::Relation;
constexpr auto kSum = OperatorStyle::Sum;
constexpr auto kProduct = OperatorStyle::Product;
constexpr auto kMethod = OperatorStyle::Method;

// In the order of the enumeration.
constexpr std::array<OperatorDescription, 15> kOperators{{{"==", kRelation},
                                                          {"!=", kRelation},
                                                          {"<", kRelation},
                                                          {"<=", kRelation},
                                                          {">", kRelation},
                                                          {">=", kRelation},
                                                          {"in", kRelation},
                                                          {"+", kSum},
                                                          {"-", kSum},
                                                          {"*", kProduct},
                                                          {"contains", kMethod},
                                                          {"containsAll", kMethod},
                                                          {"containsAny", kMethod},
                                                          {"getTag", kMethod},
                                                          {"hasTag", kMethod}}};
static_assert(kOperators.size() == static_cast<std::size_t>(BinaryOperator::HasTag) + 1);

constexpr std::array<std::string_view, 4> kVariables{"principal", "action", "resource", "context"};

}  // namespace

const OperatorDescription& describe(BinaryOperator op) {
  return kOperators[static_cast<std::size_t>(op)];
}

std::optional<BinaryOperator> find_operator(std::string_view name) {
  for (std::size_t i = 0; i < kOperators.size(); ++i)
    if (kOperators[i].name == name) return static_cast<BinaryOperator>(i);
  return std::nullopt;
}

std::string_view to_string(Variable variable) {
  return kVariables[static_cast<std::size_t>(variable)];
}

std::optional<Variable> find_variable(std::string_view name) {
  for (std::size_t i = 0; i < kVariables.size(); ++i)
    if (kVariables[i] == name) return static_cast<Variable>(i);
  return std::nullopt;
}

}  // namespace cedar
