#pragma once
// The meaning of one policy or expression for one request.
//
// Evaluation ends always, touches nothing, and needs a stack of kMaxExpressionDepth frames at most.

#include <optional>
#include <span>
#include <string>
#include <variant>

#include "policies/cedar/entities.h"
#include "policies/cedar/policy.h"

namespace cedar {

// Who wants to do what with what; none of them needs to be in the store.
struct Request {
  EntityUid principal;
  EntityUid action;
  EntityUid resource;
  Record context = {};
};

// Why there is no value: a type error, a missing attribute, an overflow ...
struct EvaluationError {
  std::string message;  // as `type error: expected bool, got long`
  Position at;          // the expression that failed
};

class Evaluator {
 public:
  // REQUIRES: both live as long as the evaluator.
  Evaluator(const Request& request, const Entities& entities);

  // Whether scope and conditions hold. They count as one `&&` chain, so that the first that fails
  // hides later errors.
  std::variant<bool, EvaluationError> satisfied(const Policy& policy);

  std::variant<Value, EvaluationError> value(const Expression& expression);

  // Whether one constraint of a scope holds for `uid`; `slot` stands for ?principal or ?resource.
  bool matches(const ScopeConstraint& constraint, const EntityUid& uid,
               const std::optional<EntityUid>& slot) const;

 private:
  // The functions below give a value that lives in the policy, the store, the request or `scratch`;
  // null: see error_.
  const Value* eval(const Expression& expression, Value& scratch);
  const Value* eval(const Literal& node, Position at, Value& scratch);
  const Value* eval(const Variable& node, Position at, Value& scratch);
  const Value* eval(const Not& node, Position at, Value& scratch);
  const Value* eval(const Negate& node, Position at, Value& scratch);
  const Value* eval(const And& node, Position at, Value& scratch);
  const Value* eval(const Or& node, Position at, Value& scratch);
  const Value* eval(const Binary& node, Position at, Value& scratch);
  const Value* eval(const IsEmpty& node, Position at, Value& scratch);
  const Value* eval(const If& node, Position at, Value& scratch);
  const Value* eval(const Attribute& node, Position at, Value& scratch);
  const Value* eval(const Has& node, Position at, Value& scratch);
  const Value* eval(const Like& node, Position at, Value& scratch);
  const Value* eval(const Is& node, Position at, Value& scratch);
  const Value* eval(const SetLiteral& node, Position at, Value& scratch);
  const Value* eval(const RecordLiteral& node, Position at, Value& scratch);
  const Value* eval(const Call& node, Position at, Value& scratch);

  const Value* apply(BinaryOperator op, const Value& left, const Value& right, Position at,
                     Value& scratch);
  const Value* compare(BinaryOperator op, const Value& left, const Value& right, Position at);
  const Value* calculate(BinaryOperator op, const Value& left, const Value& right, Position at,
                         Value& scratch);
  const Value* contains(BinaryOperator op, const Value& left, const Value& right, Position at);
  const Value* tag(BinaryOperator op, const Value& left, const Value& right, Position at);
  const Value* in(const Value& left, const Value& right, Position at);
  const Value* chain(const std::vector<ExpressionPtr>& operands, bool stop);
  const Value* attribute(const Value& object, const std::string& name, Position at);
  const Entity* find(const EntityUid& uid);
  bool is_in(const EntityUid& member, const EntityUid& group);
  bool evaluate_all(const std::vector<ExpressionPtr>& expressions, std::vector<Value>& out);

  // Null: it is of another kind, and error_ says so.
  template <typename T>
  const T* expect(const Value& value, Position at);
  const bool* eval_bool(const Expression& expression, Value& scratch);
  const Value* truth(bool value) const { return value ? &true_ : &false_; }
  std::nullptr_t fail(Position at, std::string message);

  const Entities& entities_;
  // What was found last: policies ask one entity for one attribute after the other.
  const EntityUid* found_uid_ = nullptr;
  const Entity* found_ = nullptr;
  // And whose ancestors: policies ask what one entity is in, one group after the other.
  std::optional<EntityUid> member_;
  std::span<const EntityUid> ancestors_;
  const Value principal_;
  const Value action_;
  const Value resource_;
  const Value context_;
  const Value true_{true};
  const Value false_{false};
  EvaluationError error_;
};

}  // namespace cedar
