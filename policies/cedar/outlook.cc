#include "policies/cedar/outlook.h"

#include <algorithm>
#include <array>

#include "policies/cedar/sample.h"
#include "vault/base/check.h"

namespace cedar {

namespace {

// What `b OP a` is called as `a OP' b`.
BinaryOperator turned_round(BinaryOperator op) {
  if (op == BinaryOperator::Less) return BinaryOperator::Greater;
  if (op == BinaryOperator::LessEqual) return BinaryOperator::GreaterEqual;
  if (op == BinaryOperator::Greater) return BinaryOperator::Less;
  if (op == BinaryOperator::GreaterEqual) return BinaryOperator::LessEqual;
  return op;
}

bool is_comparison(BinaryOperator op) {
  return op == BinaryOperator::Equal || op == BinaryOperator::NotEqual ||
         op == BinaryOperator::Less || op == BinaryOperator::LessEqual ||
         op == BinaryOperator::Greater || op == BinaryOperator::GreaterEqual;
}

std::optional<MovingTerm> moved_by(Extension function, const MovingTerm& term, const Value& by) {
  const auto* length = by.get<Duration>();
  const auto* moment = by.get<Datetime>();
  if (function == Extension::Offset && length != nullptr) return term.offset(*length);
  if (function == Extension::DurationSince && moment != nullptr) return term.since(*moment);
  return std::nullopt;
}

std::optional<MovingTerm> moved_until(Extension function, const MovingTerm& term,
                                      const Value& later) {
  const auto* moment = later.get<Datetime>();
  const bool since = function == Extension::DurationSince && moment != nullptr;
  return since ? term.until(*moment) : std::nullopt;
}

}  // namespace

struct Outlook::Sampled {
  Sampled(const Request& request, const Entities& entities, std::span<const OpenValue> open,
          const Box& box)
      : world(request, entities, open, box), evaluator(world.request(), world.entities()) {}

  Sample world;
  Evaluator evaluator;
};

Outlook::Outlook(const Request& request, const Entities& entities, std::span<const OpenValue> open,
                 ResourceKnown known)
    : evaluator_(request, entities),
      request_(request),
      entities_(entities),
      open_(open),
      known_(known),
      context_open_(std::any_of(open.begin(), open.end(),
                                [](const OpenValue& value) { return !value.owner; })),
      cuts_(open.size()) {}

Outlook::~Outlook() = default;

void Outlook::look_at(const Box& box) {
  VRM_CHECK(box.size() == open_.size());
  box_ = &box;
  for (Cuts& cuts : cuts_) cuts = {};
  departure_.reset();
  sample_.reset();
}

const Sample& Outlook::sample() {
  if (!sample_) sample_ = std::make_unique<Sampled>(request_, entities_, open_, *box_);
  return sample_->world;
}

std::variant<Value, EvaluationError> Outlook::value(const Seen& seen,
                                                    const Expression& expression) {
  VRM_CHECK(seen.kind == Kind::Fixed);
  if (!seen.by_box) return evaluator_.value(expression);
  sample();
  return sample_->evaluator.value(expression);
}

// Scope and conditions are one `&&` chain.
Outcomes Outlook::of(const Policy& policy) {
  policy_ = &policy;
  Outcomes all = scope_of(policy);
  for (const Condition& condition : policy.body->conditions) {
    if (!all.holds) return all;
    const Outcomes one = truth(*condition.body).outcomes;
    const bool when = condition.kind == Condition::Kind::When;
    all.holds = when ? one.holds : one.fails;
    all.fails |= when ? one.fails : one.holds;
    all.errs |= one.errs;
  }
  return all;
}

Outcomes Outlook::scope_of(const Policy& policy) const {
  const PolicyBody& body = *policy.body;
  if (!evaluator_.matches(body.principal, request_.principal, policy.slots.principal) ||
      !evaluator_.matches(body.action, request_.action, std::nullopt))
    return Outcomes::just(false);
  return resource_in(body.resource, policy.slots.resource);
}

Outcomes Outlook::resource_in(const ScopeConstraint& constraint,
                              const std::optional<EntityUid>& slot) const {
  using Scope = ScopeConstraint::Kind;
  if (known_ == ResourceKnown::All)
    return Outcomes::just(evaluator_.matches(constraint, request_.resource, slot));
  if (constraint.kind == Scope::Any) return Outcomes::just(true);
  const bool typed = constraint.kind == Scope::Is || constraint.kind == Scope::IsIn;
  if (typed && constraint.type != request_.resource.type()) return Outcomes::just(false);
  if (constraint.kind == Scope::Is) return Outcomes::just(true);
  return {.holds = true, .fails = true, .errs = false};
}

Outlook::Seen Outlook::truth(const Expression& expression) {
  Seen seen = see(expression);
  if (seen.kind == Kind::Moving || seen.kind == Kind::Context) return depart(expression, seen);
  if (!seen.outcomes.none()) return seen;
  const auto found = value(seen, expression);
  const auto* known = std::get_if<Value>(&found);
  const bool* answer = known == nullptr ? nullptr : known->get<bool>();
  seen.outcomes = answer == nullptr ? Outcomes::error() : Outcomes::just(*answer);
  return seen;
}

Outlook::Seen Outlook::depart(const Expression& at, const std::string& why) {
  if (!departure_) {
    departure_ = malformed_at(at.at, why);
    departure_->message = "policy `" + policy_->id + "`, " + departure_->message;
  }
  return depends();
}

Outlook::Seen Outlook::depart(const Expression& at, const Seen& part) {
  if (part.kind == Kind::Context)
    return depart(at, "the whole context is used as a value, which changes with all that is open");
  return depart(at, "`" + open_[part.term->index()].to_string() +
                        "` is open and may only be compared, with what is not open itself");
}

Outlook::Seen Outlook::combined(std::span<const Seen> parts, const Expression& whole) {
  bool all_fixed = true;
  bool by_box = false;
  for (const Seen& part : parts) {
    if (part.kind == Kind::Moving || part.kind == Kind::Context) return depart(whole, part);
    all_fixed &= part.kind == Kind::Fixed;
    by_box |= part.by_box;
  }
  return all_fixed ? fixed({}, by_box) : depends();
}

Outlook::Seen Outlook::see(const Expression& expression) {
  return std::visit([&](const auto& node) { return see(node, expression); }, expression.node);
}

Outlook::Seen Outlook::see(const Literal& node, const Expression&) {
  const auto* uid = node.value.get<EntityUid>();
  const bool unknown = known_ == ResourceKnown::TypeOnly && uid != nullptr &&
                       uid->type() == request_.resource.type();
  return unknown ? depends() : fixed();
}

Outlook::Seen Outlook::see(const Variable& node, const Expression&) {
  if (node == Variable::Context && context_open_) return {.kind = Kind::Context};
  if (node == Variable::Resource && known_ == ResourceKnown::TypeOnly) return depends();
  return fixed();
}

Outlook::Seen Outlook::see(const Not& node, const Expression& whole) {
  Seen seen = see(*node.operand);
  if (seen.kind == Kind::Moving || seen.kind == Kind::Context) return depart(whole, seen);
  std::swap(seen.outcomes.holds, seen.outcomes.fails);
  return seen;
}

Outlook::Seen Outlook::see(const Negate& node, const Expression& whole) {
  return combined(std::array{see(*node.operand)}, whole);
}

// An operand behind one that surely ends the chain is not reached.
Outlook::Seen Outlook::see_chain(const std::vector<ExpressionPtr>& operands, bool stop) {
  Outcomes all = Outcomes::just(!stop);
  bool by_box = false;
  for (const auto& operand : operands) {
    const Seen seen = truth(*operand);
    const Outcomes& one = seen.outcomes;
    by_box |= seen.by_box || seen.kind == Kind::Depends;
    const bool goes_on = stop ? one.fails : one.holds;
    const bool stops = stop ? one.holds : one.fails;
    (stop ? all.fails : all.holds) = goes_on;
    (stop ? all.holds : all.fails) |= stops;
    all.errs |= one.errs;
    if (!goes_on) break;
  }
  return all.sure() ? fixed(all, by_box) : depends(all);
}

Outlook::Seen Outlook::see(const And& node, const Expression&) {
  return see_chain(node.operands, false);
}

Outlook::Seen Outlook::see(const Or& node, const Expression&) {
  return see_chain(node.operands, true);
}

Outlook::Seen Outlook::see(const Binary& node, const Expression& whole) {
  if (is_comparison(node.op)) return see_comparison(node.op, *node.left, *node.right, whole);
  const std::array parts{see(*node.left), see(*node.right)};
  return combined(parts, whole);
}

Outlook::Seen Outlook::see_comparison(BinaryOperator op, const Expression& left,
                                      const Expression& right, const Expression& whole) {
  const std::array parts{see(left), see(right)};
  const bool moves[] = {parts[0].kind == Kind::Moving, parts[1].kind == Kind::Moving};
  if (moves[0] && moves[1])
    return depart(whole, "`" + open_[parts[0].term->index()].to_string() + "` and `" +
                             open_[parts[1].term->index()].to_string() +
                             "` are both open, and may not be compared with each other");
  if (!moves[0] && !moves[1]) return combined(parts, whole);
  const Seen& moving = moves[0] ? parts[0] : parts[1];
  const Seen& other = moves[0] ? parts[1] : parts[0];
  if (other.kind == Kind::Context) return depart(whole, other);
  if (other.kind == Kind::Depends) return depends();
  const auto with = value(other, moves[0] ? right : left);
  if (std::holds_alternative<EvaluationError>(with)) return fixed(Outcomes::error(), true);
  const std::size_t index = moving.term->index();
  const Outcomes outcomes = moving.term->compare(
      moves[0] ? op : turned_round(op), std::get<Value>(with), (*box_)[index], cuts_[index]);
  return outcomes.sure() ? fixed(outcomes, true) : depends(outcomes);
}

Outlook::Seen Outlook::see(const IsEmpty& node, const Expression& whole) {
  return combined(std::array{see(*node.set)}, whole);
}

Outlook::Seen Outlook::see(const If& node, const Expression&) {
  const Seen condition = truth(*node.condition);
  if (condition.outcomes.sure()) {
    if (condition.outcomes.errs) return condition;
    Seen chosen = see(condition.outcomes.holds ? *node.then : *node.otherwise);
    chosen.by_box |= condition.by_box;
    return chosen;
  }
  see(*node.then);  // for their cuts
  see(*node.otherwise);
  return depends();
}

std::optional<std::size_t> Outlook::open_in_context(std::string_view name) const {
  for (std::size_t i = 0; i < open_.size(); ++i)
    if (!open_[i].owner && open_[i].name == name) return i;
  return std::nullopt;
}

std::optional<std::size_t> Outlook::open_attribute(const Seen& seen, const Expression& object,
                                                   std::string_view name) {
  for (std::size_t i = 0; i < open_.size(); ++i) {
    if (!open_[i].owner || open_[i].name != name) continue;
    const auto owner = value(seen, object);
    const auto* found = std::get_if<Value>(&owner);
    const auto* uid = found == nullptr ? nullptr : found->get<EntityUid>();
    if (uid != nullptr && *uid == *open_[i].owner) return i;
  }
  return std::nullopt;
}

Outlook::Seen Outlook::see(const Attribute& node, const Expression& whole) {
  const Seen object = see(*node.object);
  if (object.kind == Kind::Depends) return depends();
  if (object.kind == Kind::Moving) return depart(whole, object);
  const auto index = object.kind == Kind::Context ? open_in_context(node.name)
                                                  : open_attribute(object, *node.object, node.name);
  if (!index) return fixed({}, object.by_box);
  return {.kind = Kind::Moving, .term = MovingTerm(*index, open_[*index].kind)};
}

// Whether something is there never changes with its value; what is behind it may.
Outlook::Seen Outlook::see(const Has& node, const Expression& whole) {
  const Seen object = see(*node.object);
  if (object.kind == Kind::Moving) return depart(whole, object);
  const bool goes_through = node.path.size() > 1 && !open_.empty();
  return object.kind == Kind::Depends ? depends() : fixed({}, object.by_box || goes_through);
}

Outlook::Seen Outlook::see(const Like& node, const Expression& whole) {
  return combined(std::array{see(*node.text)}, whole);
}

Outlook::Seen Outlook::see(const Is& node, const Expression& whole) {
  const auto* variable = std::get_if<Variable>(&node.entity->node);
  const bool resource = variable != nullptr && *variable == Variable::Resource;
  if (resource && request_.resource.type() != node.type) return fixed(Outcomes::just(false));
  if (resource && node.group == nullptr) return fixed(Outcomes::just(true));
  std::vector<Seen> parts{see(*node.entity)};
  if (node.group != nullptr) parts.push_back(see(*node.group));
  return combined(parts, whole);
}

Outlook::Seen Outlook::see(const SetLiteral& node, const Expression& whole) {
  std::vector<Seen> parts;
  for (const auto& element : node.elements) parts.push_back(see(*element));
  return combined(parts, whole);
}

Outlook::Seen Outlook::see(const RecordLiteral& node, const Expression& whole) {
  std::vector<Seen> parts;
  for (const auto& member : node.members) parts.push_back(see(*member.second));
  return combined(parts, whole);
}

std::optional<Outlook::Seen> Outlook::see_moved(const Call& node, std::span<const Seen> parts) {
  std::optional<MovingTerm> term;
  const bool first = parts[0].kind == Kind::Moving;
  if (parts.size() == 1) {
    if (node.function == Extension::ToDate) term = parts[0].term->to_date();
    if (node.function == Extension::ToTime) term = parts[0].term->to_time();
  } else {
    const Seen& other = parts[first ? 1 : 0];
    if (other.kind == Kind::Depends) return depends();
    if (other.kind != Kind::Fixed) return std::nullopt;
    const auto by = value(other, *node.arguments[first ? 1 : 0]);
    if (std::holds_alternative<EvaluationError>(by)) return fixed(Outcomes::error(), true);
    term = first ? moved_by(node.function, *parts[0].term, std::get<Value>(by))
                 : moved_until(node.function, *parts[1].term, std::get<Value>(by));
  }
  if (!term) return std::nullopt;
  return Seen{.kind = Kind::Moving, .term = std::move(term)};
}

Outlook::Seen Outlook::see(const Call& node, const Expression& whole) {
  if (node.constant) return fixed();
  if (node.arguments.size() != describe(node.function).arguments)
    return fixed(Outcomes::error(), true);
  std::vector<Seen> parts;
  bool moving = false;
  for (const auto& argument : node.arguments) {
    parts.push_back(see(*argument));
    moving |= parts.back().kind == Kind::Moving;
  }
  if (!moving) return combined(parts, whole);
  auto moved = see_moved(node, parts);
  return moved ? std::move(*moved) : combined(parts, whole);
}

}  // namespace cedar
