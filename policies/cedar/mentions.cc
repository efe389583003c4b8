#include "policies/cedar/mentions.h"

#include <vector>

namespace cedar {

namespace {

using Uids = std::unordered_set<EntityUid, EntityUidHash>;

void gather(const std::optional<EntityUid>& slot, std::string_view type, Uids& found) {
  if (slot && slot->type() == type) found.insert(*slot);
}

void gather(const ScopeConstraint& constraint, std::string_view type, Uids& found) {
  for (const EntityUid& uid : constraint.entities)
    if (uid.type() == type) found.insert(uid);
}

void gather(const Expression& whole, std::string_view type, Uids& found) {
  std::vector<const Expression*> waiting{&whole};
  while (!waiting.empty()) {
    const Expression& expression = *waiting.back();
    waiting.pop_back();
    if (const auto* literal = std::get_if<Literal>(&expression.node))
      if (const auto* uid = literal->value.get<EntityUid>(); uid != nullptr && uid->type() == type)
        found.insert(*uid);
    const auto below = operands(expression);
    waiting.insert(waiting.end(), below.begin(), below.end());
  }
}

}  // namespace

Uids entities_named_in(const PolicySet& policies, std::string_view type) {
  Uids found;
  for (const Policy& policy : policies.policies()) {
    gather(policy.slots.principal, type, found);
    gather(policy.slots.resource, type, found);
    for (const auto* constraint :
         {&policy.body->principal, &policy.body->action, &policy.body->resource})
      gather(*constraint, type, found);
    for (const Condition& condition : policy.body->conditions) gather(*condition.body, type, found);
  }
  return found;
}

}  // namespace cedar
