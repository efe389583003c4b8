#include "policies/cedar/policy_set.h"

#include <algorithm>
#include <unordered_set>

#include "policies/cedar/parser.h"

namespace cedar {

namespace {

vrm::Error failure(vrm::ErrorCode code, std::string message) {
  return vrm::Error{code, std::move(message)};
}

vrm::Result<void> check_slot(std::string_view name, const ScopeConstraint& constraint,
                             const std::optional<EntityUid>& value) {
  const bool wanted = constraint.place == ScopeConstraint::Place::Slot;
  if (wanted == value.has_value()) return {};
  return failure(vrm::ErrorCode::Malformed, std::string(wanted ? "a value is missing for the slot ?"
                                                               : "there is a value and no slot ?") +
                                                std::string(name));
}

template <typename Named>
auto find_by_id(const std::vector<Named>& all, std::string_view id) {
  return std::find_if(all.begin(), all.end(), [id](const Named& each) { return each.id == id; });
}

std::string id_of(const PolicyBody& body, std::size_t position, PolicyNames names) {
  if (names == PolicyNames::ByAnnotation)
    if (const auto given = find_annotation(body, "id")) return std::string(*given);
  return "policy" + std::to_string(position);
}

}  // namespace

vrm::Result<PolicySet> PolicySet::parse(std::string_view text, PolicyNames names) {
  auto bodies = TRY(parse_policies(text));
  PolicySet set;
  std::unordered_set<std::string> ids;
  for (std::size_t i = 0; i < bodies.size(); ++i) {
    std::string id = id_of(*bodies[i], i, names);
    if (!ids.insert(id).second)
      return failure(vrm::ErrorCode::Conflict, "two policies have the id `" + id + "`");
    if (bodies[i]->has_slot())
      set.templates_.push_back({std::move(id), std::move(bodies[i])});
    else
      set.policies_.push_back({std::move(id), std::move(bodies[i])});
  }
  return set;
}

vrm::Result<void> PolicySet::add(std::string id, std::string_view text) {
  auto bodies = TRY(parse_policies(text));
  if (bodies.size() != 1)
    return failure(vrm::ErrorCode::Malformed,
                   "one policy was expected, not " + std::to_string(bodies.size()));
  return add(std::move(id), std::move(bodies[0]));
}

vrm::Result<void> PolicySet::add(std::string id, std::shared_ptr<const PolicyBody> body) {
  if (find_policy(id) != nullptr || find_template(id) != nullptr)
    return failure(vrm::ErrorCode::Conflict, "two policies have the id `" + id + "`");
  if (body->has_slot())
    templates_.push_back({std::move(id), std::move(body)});
  else
    policies_.push_back({std::move(id), std::move(body)});
  return {};
}

vrm::Result<void> PolicySet::link(std::string_view template_id, std::string id, SlotValues slots) {
  const Template* found = find_template(template_id);
  if (found == nullptr)
    return failure(vrm::ErrorCode::NotFound,
                   "there is no template `" + std::string(template_id) + "`");
  if (find_policy(id) != nullptr || find_template(id) != nullptr)
    return failure(vrm::ErrorCode::Conflict, "two policies have the id `" + id + "`");
  TRY(check_slot("principal", found->body->principal, slots.principal));
  TRY(check_slot("resource", found->body->resource, slots.resource));
  policies_.push_back({std::move(id), found->body, std::move(slots), found->id});
  return {};
}

vrm::Result<void> PolicySet::remove(std::string_view id) {
  if (const auto policy = find_by_id(policies_, id); policy != policies_.end()) {
    policies_.erase(policy);
    return {};
  }
  const auto found = find_by_id(templates_, id);
  if (found == templates_.end())
    return failure(vrm::ErrorCode::NotFound, "there is no policy `" + std::string(id) + "`");
  const bool linked = std::any_of(policies_.begin(), policies_.end(),
                                  [id](const Policy& each) { return each.template_id == id; });
  if (linked)
    return failure(vrm::ErrorCode::Conflict, "the template `" + std::string(id) + "` has links");
  templates_.erase(found);
  return {};
}

const Policy* PolicySet::find_policy(std::string_view id) const {
  const auto found = find_by_id(policies_, id);
  return found == policies_.end() ? nullptr : &*found;
}

const Template* PolicySet::find_template(std::string_view id) const {
  const auto found = find_by_id(templates_, id);
  return found == templates_.end() ? nullptr : &*found;
}

}  // namespace cedar
