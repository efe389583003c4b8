#include "policies/cedar/expression.h"

#include <algorithm>
#include <initializer_list>

namespace cedar {

namespace {

using Operands = std::vector<const Expression*>;

Operands pointers(const std::vector<ExpressionPtr>& owners) {
  Operands out;
  out.reserve(owners.size());
  for (const auto& owner : owners) out.push_back(owner.get());
  return out;
}

Operands operands_of(const Literal&) {
  return {};
}
Operands operands_of(Variable) {
  return {};
}
Operands operands_of(const Not& node) {
  return {node.operand.get()};
}
Operands operands_of(const Negate& node) {
  return {node.operand.get()};
}
Operands operands_of(const And& node) {
  return pointers(node.operands);
}
Operands operands_of(const Or& node) {
  return pointers(node.operands);
}
Operands operands_of(const Binary& node) {
  return {node.left.get(), node.right.get()};
}
Operands operands_of(const IsEmpty& node) {
  return {node.set.get()};
}
Operands operands_of(const If& node) {
  return {node.condition.get(), node.then.get(), node.otherwise.get()};
}
Operands operands_of(const Attribute& node) {
  return {node.object.get()};
}
Operands operands_of(const Has& node) {
  return {node.object.get()};
}
Operands operands_of(const Like& node) {
  return {node.text.get()};
}
Operands operands_of(const Is& node) {
  if (node.group == nullptr) return {node.entity.get()};
  return {node.entity.get(), node.group.get()};
}
Operands operands_of(const SetLiteral& node) {
  return pointers(node.elements);
}
Operands operands_of(const RecordLiteral& node) {
  Operands out;
  for (const auto& [name, value] : node.members) out.push_back(value.get());
  return out;
}
Operands operands_of(const Call& node) {
  return pointers(node.arguments);
}

// Null: the value depends on the request.
const Value* constant_of(const Expression& expression) {
  if (const auto* literal = std::get_if<Literal>(&expression.node)) return &literal->value;
  const std::optional<Value>* constant = nullptr;
  if (const auto* set = std::get_if<SetLiteral>(&expression.node)) constant = &set->constant;
  if (const auto* record = std::get_if<RecordLiteral>(&expression.node))
    constant = &record->constant;
  if (const auto* call = std::get_if<Call>(&expression.node)) constant = &call->constant;
  return constant != nullptr && constant->has_value() ? &**constant : nullptr;
}

std::optional<std::vector<Value>> constants_of(const Operands& operands) {
  std::vector<Value> values;
  for (const Expression* operand : operands) {
    const Value* value = constant_of(*operand);
    if (value == nullptr) return std::nullopt;
    values.push_back(*value);
  }
  return values;
}

void fill_constant(ExpressionNode& node, const Operands& operands) {
  const bool may_be_constant = std::holds_alternative<SetLiteral>(node) ||
                               std::holds_alternative<RecordLiteral>(node) ||
                               std::holds_alternative<Call>(node);
  if (!may_be_constant) return;
  auto values = constants_of(operands);
  if (!values) return;
  if (auto* set = std::get_if<SetLiteral>(&node)) {
    set->constant = Set(std::move(*values));
  } else if (auto* record = std::get_if<RecordLiteral>(&node)) {
    std::vector<Record::Member> members;
    for (std::size_t i = 0; i < values->size(); ++i)
      members.emplace_back(record->members[i].first, std::move((*values)[i]));
    record->constant = Record(std::move(members));
  } else if (auto* call = std::get_if<Call>(&node)) {
    auto answer = call_extension(call->function, *values);
    if (answer.ok())
      call->constant = std::move(answer).value();  // else it fails when it is reached
  }
}

}  // namespace

vrm::Result<ExpressionPtr> make_expression(Position at, ExpressionNode node) {
  const Operands operands = std::visit([](const auto& inner) { return operands_of(inner); }, node);
  std::uint32_t depth = 0;
  for (const Expression* operand : operands) depth = std::max(depth, operand->depth);
  if (++depth > kMaxExpressionDepth) return malformed_at(at, "the expression is nested too deeply");
  fill_constant(node, operands);
  return ExpressionPtr(new Expression{at, depth, std::move(node)});
}

std::vector<const Expression*> operands(const Expression& expression) {
  return std::visit([](const auto& inner) { return operands_of(inner); }, expression.node);
}

}  // namespace cedar
