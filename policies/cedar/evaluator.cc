#include "policies/cedar/evaluator.h"

#include <algorithm>

#include "policies/cedar/integer.h"
#include "policies/cedar/string_literal.h"
#include "vault/base/check.h"

namespace cedar {

namespace {

constexpr std::string_view kAnyEntity = "(entity of type `any_entity_type`)";

template <typename T>
constexpr std::string_view kKind = "";
template <>
constexpr std::string_view kKind<bool> = "bool";
template <>
constexpr std::string_view kKind<std::int64_t> = "long";
template <>
constexpr std::string_view kKind<std::string> = "string";
template <>
constexpr std::string_view kKind<Set> = "set";
template <>
constexpr std::string_view kKind<Datetime> = "datetime";
template <>
constexpr std::string_view kKind<Duration> = "duration";
template <>
constexpr std::string_view kKind<EntityUid> = kAnyEntity;

std::string wrong_type(std::string_view wanted, const Value& got) {
  return "type error: expected " + std::string(wanted) + ", got " + got.type_name();
}

std::string wrong_type_of_three(std::string_view a, std::string_view b, const Value& got) {
  return wrong_type("one of [" + std::string(a) + ", " + std::string(b) + "]", got);
}

std::string missing_entity(const EntityUid& uid) {
  return "entity `" + uid.to_string() + "` does not exist";
}

template <typename T>
bool holds(BinaryOperator op, const T& left, const T& right) {
  if (op == BinaryOperator::Less) return left < right;
  if (op == BinaryOperator::LessEqual) return left <= right;
  if (op == BinaryOperator::Greater) return left > right;
  return left >= right;
}

}  // namespace

Evaluator::Evaluator(const Request& request, const Entities& entities)
    : entities_(entities),
      principal_(request.principal),
      action_(request.action),
      resource_(request.resource),
      context_(request.context) {}

std::variant<bool, EvaluationError> Evaluator::satisfied(const Policy& policy) {
  const PolicyBody& body = *policy.body;
  const std::optional<EntityUid> no_slot;
  if (!matches(body.principal, *principal_.get<EntityUid>(), policy.slots.principal) ||
      !matches(body.action, *action_.get<EntityUid>(), no_slot) ||
      !matches(body.resource, *resource_.get<EntityUid>(), policy.slots.resource))
    return false;
  for (const Condition& condition : body.conditions) {
    Value scratch;
    const bool* holds = eval_bool(*condition.body, scratch);
    if (holds == nullptr) return std::move(error_);
    if (*holds != (condition.kind == Condition::Kind::When)) return false;
  }
  return true;
}

std::variant<Value, EvaluationError> Evaluator::value(const Expression& expression) {
  Value scratch;
  const Value* found = eval(expression, scratch);
  if (found == nullptr) return std::move(error_);
  return *found;
}

bool Evaluator::matches(const ScopeConstraint& constraint, const EntityUid& uid,
                        const std::optional<EntityUid>& slot) const {
  using Kind = ScopeConstraint::Kind;
  if (constraint.kind == Kind::Any) return true;
  const bool typed = constraint.kind == Kind::Is || constraint.kind == Kind::IsIn;
  if (typed && !same_text(constraint.type, uid.type())) return false;
  if (constraint.kind == Kind::Is) return true;
  if (constraint.kind == Kind::InAny)
    return std::any_of(
        constraint.entities.begin(), constraint.entities.end(),
        [this, &uid](const EntityUid& group) { return entities_.is_in(uid, group); });
  VRM_CHECK(constraint.place == ScopeConstraint::Place::Fixed || slot.has_value());
  const EntityUid& wanted =
      constraint.place == ScopeConstraint::Place::Slot ? *slot : constraint.entities.front();
  return constraint.kind == Kind::Equal ? uid == wanted : entities_.is_in(uid, wanted);
}

std::nullptr_t Evaluator::fail(Position at, std::string message) {
  error_ = EvaluationError{std::move(message), at};
  return nullptr;
}

template <typename T>
const T* Evaluator::expect(const Value& value, Position at) {
  if (const T* found = value.get<T>()) return found;
  return fail(at, wrong_type(kKind<T>, value));
}

const bool* Evaluator::eval_bool(const Expression& expression, Value& scratch) {
  const Value* value = eval(expression, scratch);
  return value == nullptr ? nullptr : expect<bool>(*value, expression.at);
}

const Value* Evaluator::eval(const Expression& expression, Value& scratch) {
  return std::visit([&](const auto& node) { return eval(node, expression.at, scratch); },
                    expression.node);
}

const Value* Evaluator::eval(const Literal& node, Position, Value&) {
  return &node.value;
}

const Value* Evaluator::eval(const Variable& node, Position, Value&) {
  switch (node) {
    case Variable::Principal:
      return &principal_;
    case Variable::Action:
      return &action_;
    case Variable::Resource:
      return &resource_;
    case Variable::Context:
      return &context_;
  }
  return nullptr;
}

const Value* Evaluator::eval(const Not& node, Position, Value& scratch) {
  const bool* operand = eval_bool(*node.operand, scratch);
  return operand == nullptr ? nullptr : truth(!*operand);
}

const Value* Evaluator::eval(const Negate& node, Position at, Value& scratch) {
  const Value* operand = eval(*node.operand, scratch);
  const auto* number = operand == nullptr ? nullptr : expect<std::int64_t>(*operand, at);
  if (number == nullptr) return nullptr;
  const auto negated = checked_subtract(0, *number);
  if (!negated)
    return fail(at, "integer overflow while attempting to negate the value `" +
                        std::to_string(*number) + "`");
  scratch = *negated;
  return &scratch;
}

// Left to right until one is `stop`; every operand that is reached must be a bool.
const Value* Evaluator::chain(const std::vector<ExpressionPtr>& operands, bool stop) {
  for (const auto& operand : operands) {
    Value scratch;
    const bool* value = eval_bool(*operand, scratch);
    if (value == nullptr) return nullptr;
    if (*value == stop) return truth(stop);
  }
  return truth(!stop);
}

const Value* Evaluator::eval(const And& node, Position, Value&) {
  return chain(node.operands, false);
}

const Value* Evaluator::eval(const Or& node, Position, Value&) {
  return chain(node.operands, true);
}

const Value* Evaluator::eval(const Binary& node, Position at, Value& scratch) {
  Value left_scratch;
  const Value* left = eval(*node.left, left_scratch);
  if (left == nullptr) return nullptr;
  Value right_scratch;
  const Value* right = eval(*node.right, right_scratch);
  if (right == nullptr) return nullptr;
  return apply(node.op, *left, *right, at, scratch);
}

const Value* Evaluator::apply(BinaryOperator op, const Value& left, const Value& right, Position at,
                              Value& scratch) {
  switch (op) {
    case BinaryOperator::Equal:
      return truth(left == right);
    case BinaryOperator::NotEqual:
      return truth(!(left == right));
    case BinaryOperator::Less:
    case BinaryOperator::LessEqual:
    case BinaryOperator::Greater:
    case BinaryOperator::GreaterEqual:
      return compare(op, left, right, at);
    case BinaryOperator::In:
      return in(left, right, at);
    case BinaryOperator::Add:
    case BinaryOperator::Subtract:
    case BinaryOperator::Multiply:
      return calculate(op, left, right, at, scratch);
    case BinaryOperator::Contains:
    case BinaryOperator::ContainsAll:
    case BinaryOperator::ContainsAny:
      return contains(op, left, right, at);
    case BinaryOperator::GetTag:
    case BinaryOperator::HasTag:
      return tag(op, left, right, at);
  }
  return nullptr;
}

// Longs, datetimes and durations have an order, each among themselves.
const Value* Evaluator::compare(BinaryOperator op, const Value& left, const Value& right,
                                Position at) {
  if (const auto* a = left.get<std::int64_t>()) {
    const auto* b = expect<std::int64_t>(right, at);
    return b == nullptr ? nullptr : truth(holds(op, *a, *b));
  }
  if (const auto* a = left.get<Datetime>(); a != nullptr && right.get<std::int64_t>() == nullptr) {
    const auto* b = expect<Datetime>(right, at);
    return b == nullptr ? nullptr : truth(holds(op, *a, *b));
  }
  if (const auto* a = left.get<Duration>(); a != nullptr && right.get<std::int64_t>() == nullptr) {
    const auto* b = expect<Duration>(right, at);
    return b == nullptr ? nullptr : truth(holds(op, *a, *b));
  }
  if (right.get<std::int64_t>() != nullptr) return fail(at, wrong_type("long", left));
  if (right.get<Datetime>() != nullptr) return fail(at, wrong_type("datetime", left));
  if (right.get<Duration>() != nullptr) return fail(at, wrong_type("duration", left));
  return fail(at, wrong_type("one of [long, datetime, duration]", left));
}

const Value* Evaluator::calculate(BinaryOperator op, const Value& left, const Value& right,
                                  Position at, Value& scratch) {
  const auto* a = expect<std::int64_t>(left, at);
  const auto* b = a == nullptr ? nullptr : expect<std::int64_t>(right, at);
  if (b == nullptr) return nullptr;
  const bool add = op == BinaryOperator::Add;
  const bool subtract = op == BinaryOperator::Subtract;
  const auto answer = add        ? checked_add(*a, *b)
                      : subtract ? checked_subtract(*a, *b)
                                 : checked_multiply(*a, *b);
  if (!answer)
    return fail(at, "integer overflow while attempting to " +
                        std::string(add        ? "add"
                                    : subtract ? "subtract"
                                               : "multiply") +
                        " the values `" + std::to_string(*a) + "` and `" + std::to_string(*b) +
                        "`");
  scratch = *answer;
  return &scratch;
}

const Value* Evaluator::contains(BinaryOperator op, const Value& left, const Value& right,
                                 Position at) {
  const Set* set = expect<Set>(left, at);
  if (set == nullptr) return nullptr;
  if (op == BinaryOperator::Contains) return truth(set->contains(right));
  const Set* other = expect<Set>(right, at);
  if (other == nullptr) return nullptr;
  return truth(op == BinaryOperator::ContainsAll ? set->contains_all(*other)
                                                 : set->contains_any(*other));
}

const Value* Evaluator::tag(BinaryOperator op, const Value& left, const Value& right, Position at) {
  const auto* uid = expect<EntityUid>(left, at);
  const auto* name = uid == nullptr ? nullptr : expect<std::string>(right, at);
  if (name == nullptr) return nullptr;
  const Entity* entity = find(*uid);
  const Value* found = entity == nullptr ? nullptr : entity->tags.find(*name);
  if (op == BinaryOperator::HasTag) return truth(found != nullptr);
  if (entity == nullptr) return fail(at, missing_entity(*uid));
  if (found == nullptr)
    return fail(at, "`" + uid->to_string() + "` does not have the tag `" + *name + "`");
  return found;
}

bool Evaluator::is_in(const EntityUid& member, const EntityUid& group) {
  if (member == group) return true;
  if (!member_ || *member_ != member) {
    ancestors_ = entities_.ancestors(member);
    member_ = member;
  }
  return Entities::has(ancestors_, group);
}

// With a set on the right every element must be an entity, also behind one that matches.
const Value* Evaluator::in(const Value& left, const Value& right, Position at) {
  const auto* uid = expect<EntityUid>(left, at);
  if (uid == nullptr) return nullptr;
  if (const auto* group = right.get<EntityUid>()) return truth(is_in(*uid, *group));
  const Set* groups = right.get<Set>();
  if (groups == nullptr) return fail(at, wrong_type_of_three("set", kAnyEntity, right));
  if (const Value* other = groups->find_no_entity())
    return fail(at, wrong_type(kAnyEntity, *other));
  return truth(std::any_of(groups->begin(), groups->end(), [this, uid](const Value& group) {
    return is_in(*uid, *group.get<EntityUid>());
  }));
}

const Value* Evaluator::eval(const IsEmpty& node, Position at, Value& scratch) {
  const Value* value = eval(*node.set, scratch);
  const Set* set = value == nullptr ? nullptr : expect<Set>(*value, at);
  return set == nullptr ? nullptr : truth(set->size() == 0);
}

const Value* Evaluator::eval(const If& node, Position, Value& scratch) {
  const bool* condition = eval_bool(*node.condition, scratch);
  if (condition == nullptr) return nullptr;
  return eval(*condition ? *node.then : *node.otherwise, scratch);
}

const Value* Evaluator::eval(const Attribute& node, Position at, Value& scratch) {
  const Value* object = eval(*node.object, scratch);
  return object == nullptr ? nullptr : attribute(*object, node.name, at);
}

const Entity* Evaluator::find(const EntityUid& uid) {
  if (found_ != nullptr && *found_uid_ == uid) return found_;
  found_ = entities_.find(uid);
  if (found_ != nullptr) found_uid_ = &found_->uid;
  return found_;
}

const Value* Evaluator::attribute(const Value& object, const std::string& name, Position at) {
  if (const auto* record = object.get<Record>()) {
    const Value* found = record->find(name);
    if (found == nullptr) return fail(at, "record does not have the attribute `" + name + "`");
    return found;
  }
  const auto* uid = object.get<EntityUid>();
  if (uid == nullptr) return fail(at, wrong_type_of_three("record", kAnyEntity, object));
  const Entity* entity = find(*uid);
  if (entity == nullptr) return fail(at, missing_entity(*uid));
  const Value* found = entity->attributes.find(name);
  if (found == nullptr)
    return fail(at, "`" + uid->to_string() + "` does not have the attribute `" + name + "`");
  return found;
}

// A missing link is false; a link that is neither record nor entity is an error.
const Value* Evaluator::eval(const Has& node, Position at, Value& scratch) {
  const Value* object = eval(*node.object, scratch);
  if (object == nullptr) return nullptr;
  for (const std::string& name : node.path) {
    const auto* uid = object->get<EntityUid>();
    const auto* record = object->get<Record>();
    if (uid == nullptr && record == nullptr)
      return fail(at, wrong_type_of_three("record", kAnyEntity, *object));
    if (uid != nullptr) {
      const Entity* entity = find(*uid);
      if (entity == nullptr) return truth(false);
      record = &entity->attributes;
    }
    object = record->find(name);
    if (object == nullptr) return truth(false);
  }
  return truth(true);
}

const Value* Evaluator::eval(const Like& node, Position at, Value& scratch) {
  const Value* value = eval(*node.text, scratch);
  const auto* text = value == nullptr ? nullptr : expect<std::string>(*value, at);
  return text == nullptr ? nullptr : truth(node.pattern.matches(*text));
}

const Value* Evaluator::eval(const Is& node, Position at, Value& scratch) {
  const Value* value = eval(*node.entity, scratch);
  const auto* uid = value == nullptr ? nullptr : expect<EntityUid>(*value, at);
  if (uid == nullptr) return nullptr;
  if (!same_text(uid->type(), node.type)) return truth(false);
  if (node.group == nullptr) return truth(true);
  Value group_scratch;
  const Value* group = eval(*node.group, group_scratch);
  return group == nullptr ? nullptr : in(*value, *group, at);
}

bool Evaluator::evaluate_all(const std::vector<ExpressionPtr>& expressions,
                             std::vector<Value>& out) {
  out.reserve(expressions.size());
  for (const auto& expression : expressions) {
    Value scratch;
    const Value* value = eval(*expression, scratch);
    if (value == nullptr) return false;
    out.push_back(*value);
  }
  return true;
}

const Value* Evaluator::eval(const SetLiteral& node, Position, Value& scratch) {
  if (node.constant) return &*node.constant;
  std::vector<Value> values;
  if (!evaluate_all(node.elements, values)) return nullptr;
  scratch = Set(std::move(values));
  return &scratch;
}

const Value* Evaluator::eval(const RecordLiteral& node, Position, Value& scratch) {
  if (node.constant) return &*node.constant;
  std::vector<Record::Member> members;
  members.reserve(node.members.size());
  for (const auto& [name, expression] : node.members) {
    Value member_scratch;
    const Value* value = eval(*expression, member_scratch);
    if (value == nullptr) return nullptr;
    members.emplace_back(name, *value);
  }
  scratch = Record(std::move(members));
  return &scratch;
}

const Value* Evaluator::eval(const Call& node, Position at, Value& scratch) {
  if (node.constant) return &*node.constant;
  std::vector<Value> arguments;
  if (!evaluate_all(node.arguments, arguments)) return nullptr;
  auto answer = call_extension(node.function, arguments);
  if (!answer.ok()) return fail(at, answer.error().message);
  scratch = std::move(answer).value();
  return &scratch;
}

}  // namespace cedar
