#include "policies/cedar/validator.h"

#include <algorithm>

#include "policies/cedar/name.h"
#include "policies/cedar/typechecker.h"
#include "vault/base/check.h"
#include "vault/base/text.h"

namespace cedar {

namespace {

// Looks for names that the schema lacks, also where no request ever gets.
class NameCheck {
 public:
  NameCheck(const Schema& schema, std::vector<Finding>& findings)
      : schema_(schema), findings_(findings) {}

  void scope(const ScopeConstraint& constraint) {
    if (!constraint.type.empty()) type(constraint.at, constraint.type);
    for (const auto& uid : constraint.entities) entity(constraint.at, uid);
    if (constraint.kind == ScopeConstraint::Kind::InAny && constraint.entities.empty())
      findings_.push_back({constraint.at, "an empty set has no type that is known here"});
  }

  // NOLINTNEXTLINE(misc-no-recursion): a tree is at most kMaxExpressionDepth deep.
  void expression(const Expression& expression) {
    if (const auto* literal = std::get_if<Literal>(&expression.node))
      if (const auto* uid = literal->value.get<EntityUid>()) entity(expression.at, *uid);
    if (const auto* is = std::get_if<Is>(&expression.node)) type(expression.at, is->type);
    for (const auto* operand : operands(expression)) this->expression(*operand);
  }

  void entity(Position at, const EntityUid& uid) {
    if (is_action_type(uid.type())) {
      if (schema_.find_action(uid) == nullptr) unknown_action(at, uid);
      return;
    }
    type(at, uid.type());
    const auto* declared = schema_.find_entity_type(uid.type());
    if (declared == nullptr || declared->ids.empty()) return;
    if (std::find(declared->ids.begin(), declared->ids.end(), uid.id()) == declared->ids.end())
      findings_.push_back({at, "`" + vrm::printable(uid.to_string(), 80) +
                                   "` is none of the entities of this enum" +
                                   did_you_mean(uid.id(), declared->ids)});
  }

 private:
  void type(Position at, const std::string& name) {
    if (schema_.find_entity_type(name) != nullptr || is_action_type(name)) return;
    std::vector<std::string> names;
    for (const auto& [declared, type] : schema_.entity_types()) names.push_back(declared);
    findings_.push_back({at, "the schema declares no entity type `" + vrm::printable(name, 80) +
                                 "`" + did_you_mean(name, names)});
  }

  void unknown_action(Position at, const EntityUid& uid) {
    std::vector<std::string> ids;
    for (const auto& [declared, action] : schema_.actions()) ids.push_back(declared.id());
    findings_.push_back({at, "the schema declares no action `" +
                                 vrm::printable(uid.to_string(), 80) + "`" +
                                 did_you_mean(uid.id(), ids)});
  }

  const Schema& schema_;
  std::vector<Finding>& findings_;
};

bool is_below(const Schema& schema, const std::string& type, const std::string& group) {
  if (type == group) return true;
  const auto* declared = schema.find_entity_type(type);
  return declared != nullptr && declared->ancestors.contains(group);
}

// Whether an entity of this type can be what the scope asks for. `slot` fills a slot; null: whatever fits does.
bool can_be(const Schema& schema, const ScopeConstraint& constraint, const EntityUid* slot,
            const std::string& type) {
  if (!constraint.type.empty() && constraint.type != type) return false;
  const EntityUid* named = constraint.entities.empty() ? slot : &constraint.entities[0];
  if (named == nullptr) return true;
  if (constraint.kind == ScopeConstraint::Kind::Equal) return named->type() == type;
  return is_below(schema, type, named->type());
}

bool is_meant(const ScopeConstraint& constraint, const EntityUid& uid, const ActionType& action) {
  if (constraint.kind == ScopeConstraint::Kind::Any) return true;
  return std::any_of(
      constraint.entities.begin(), constraint.entities.end(), [&](const EntityUid& each) {
        if (each == uid) return true;
        return constraint.kind != ScopeConstraint::Kind::Equal &&
               std::binary_search(action.ancestors.begin(), action.ancestors.end(), each);
      });
}

// Whether a policy can hold for one kind of request, by its types.
bool can_hold(const PolicyBody& policy, const Schema& schema, const RequestKind& kind,
              std::vector<Finding>& errors) {
  Typechecker checker(schema, kind, errors);
  Capabilities known;
  for (const auto& condition : policy.conditions) {
    const bool when = condition.kind == Condition::Kind::When;
    Inferred inferred = checker.infer(*condition.body, known);
    if (inferred.type == nullptr) return true;  // as far as anyone knows
    if (!is_bool(*inferred.type)) {
      Finding finding{condition.body->at, "expected Bool but saw " + to_string(*inferred.type)};
      if (std::find(errors.begin(), errors.end(), finding) == errors.end())
        errors.push_back(std::move(finding));
      return true;
    }
    if (inferred.type->kind == (when ? Type::Kind::False : Type::Kind::True)) return false;
    if (when) known.merge(inferred.gained);
  }
  return true;
}

}  // namespace

PolicyFindings validate(const std::string& id, const PolicyBody& policy, const SlotValues& slots,
                        const Schema& schema, Edition edition) {
  PolicyFindings findings{.id = id};
  const auto* principal_slot = slots.principal ? &*slots.principal : nullptr;
  const auto* resource_slot = slots.resource ? &*slots.resource : nullptr;
  NameCheck names(schema, findings.errors);
  for (const auto* constraint : {&policy.principal, &policy.action, &policy.resource})
    names.scope(*constraint);
  if (principal_slot != nullptr) names.entity(policy.principal.at, *principal_slot);
  if (resource_slot != nullptr) names.entity(policy.resource.at, *resource_slot);
  for (const auto& condition : policy.conditions) names.expression(*condition.body);
  bool applies = false;
  bool possible = false;
  for (const auto& [uid, action] : schema.actions()) {
    if (!is_meant(policy.action, uid, action)) continue;
    for (const auto& principal : action.principals) {
      if (!can_be(schema, policy.principal, principal_slot, principal)) continue;
      for (const auto& resource : action.resources) {
        if (!can_be(schema, policy.resource, resource_slot, resource)) continue;
        applies = true;
        const RequestKind kind{principal, uid, resource, action.context};
        if (can_hold(policy, schema, kind, findings.errors)) possible = true;
      }
    }
  }
  if (!applies) {
    (edition == Edition::V4_10 ? findings.errors : findings.warnings)
        .push_back({policy.at, "no action applies to what the scope asks for"});
  } else if (!possible) {
    findings.warnings.push_back(
        {policy.at, "this policy never applies: its conditions are false for every request"});
  }
  return findings;
}

std::vector<PolicyFindings> validate(const PolicySet& policies, const Schema& schema,
                                     Edition edition) {
  std::vector<PolicyFindings> all;
  const auto add = [&all](PolicyFindings findings) {
    if (!findings.errors.empty() || !findings.warnings.empty()) all.push_back(std::move(findings));
  };
  for (const auto& each : policies.templates())
    add(validate(each.id, *each.body, {}, schema, edition));
  for (const auto& each : policies.policies())
    add(validate(each.id, *each.body, each.slots, schema, edition));
  return all;
}

}  // namespace cedar
