#include "policies/cedar/policy_index.h"

#include <algorithm>

#include "vault/base/check.h"

namespace cedar {

namespace {

// The one entity for which, and for what is in it, the constraint can hold. Null: it names none.
const EntityUid* named_entity(const ScopeConstraint& constraint,
                              const std::optional<EntityUid>& slot) {
  using Kind = ScopeConstraint::Kind;
  if (constraint.kind != Kind::Equal && constraint.kind != Kind::In &&
      constraint.kind != Kind::IsIn)
    return nullptr;
  return constraint.place == ScopeConstraint::Place::Slot ? &*slot : &constraint.entities.front();
}

// Calls `take` with what `map` has for the entity and for everything that it is in.
template <typename Map, typename Take>
void look_under(const Map& map, const EntityUid& uid, const Entities& entities, const Take& take) {
  if (map.empty()) return;
  if (const auto found = map.find(uid); found != map.end()) take(found->second);
  for (const EntityUid& above : entities.ancestors(uid))
    if (const auto found = map.find(above); found != map.end()) take(found->second);
}

}  // namespace

void PolicyIndex::Candidates::take(const Positions& some) {
  if (some.empty()) return;
  if (only_ == nullptr && gathered_.empty()) {
    only_ = &some;
    return;
  }
  if (only_ != nullptr) gathered_ = *only_;
  only_ = nullptr;
  gathered_.insert(gathered_.end(), some.begin(), some.end());
}

PolicyIndex::Positions& PolicyIndex::place_of(const Policy& policy) {
  const EntityUid* principal = named_entity(policy.body->principal, policy.slots.principal);
  const EntityUid* resource = named_entity(policy.body->resource, policy.slots.resource);
  OfPrincipal& of = principal == nullptr ? any_principal_ : by_principal_[*principal];
  return resource == nullptr ? of.any_resource : of.by_resource[*resource];
}

void PolicyIndex::add(const Policy& policy, std::uint32_t position) {
  place_of(policy).push_back(position);
}

void PolicyIndex::remove(const Policy& policy, std::uint32_t position) {
  Positions& place = place_of(policy);
  const auto found = std::lower_bound(place.begin(), place.end(), position);
  VRM_CHECK(found != place.end() && *found == position);
  place.erase(found);
  move_down(position);
}

void PolicyIndex::move_down(std::uint32_t behind) {
  const auto move = [behind](Positions& place) {
    for (std::uint32_t& position : place)
      if (position > behind) --position;
  };
  const auto move_all = [&move](OfPrincipal& of) {
    move(of.any_resource);
    for (auto& [resource, place] : of.by_resource) move(place);
  };
  move_all(any_principal_);
  for (auto& [principal, of] : by_principal_) move_all(of);
}

PolicyIndex::Candidates PolicyIndex::candidates(const Request& request,
                                                const Entities& entities) const {
  Candidates found;
  const auto take = [&found](const Positions& some) { found.take(some); };
  const auto take_all = [&](const OfPrincipal& of) {
    take(of.any_resource);
    look_under(of.by_resource, request.resource, entities, take);
  };
  take_all(any_principal_);
  look_under(by_principal_, request.principal, entities, take_all);
  std::sort(found.gathered_.begin(), found.gathered_.end());
  return found;
}

}  // namespace cedar
