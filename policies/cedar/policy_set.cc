#include "policies/cedar/policy_set.h"

#include <algorithm>

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

template <typename Places>
void forget_place(Places& places, std::string_view id, std::size_t position) {
  places.erase(places.find(id));
  for (auto& [each, place] : places)
    if (place > position) --place;
}

template <typename All>
auto at(const All& all, std::size_t position) {
  return all.begin() + static_cast<std::ptrdiff_t>(position);
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
  for (std::size_t i = 0; i < bodies.size(); ++i) {
    std::string id = id_of(*bodies[i], i, names);
    TRY(set.add(std::move(id), std::move(bodies[i])));
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
  TRY(check_free(id));
  if (body->has_slot())
    put(Template{std::move(id), std::move(body)});
  else
    put(Policy{std::move(id), std::move(body)});
  return {};
}

vrm::Result<void> PolicySet::link(std::string_view template_id, std::string id, SlotValues slots) {
  const Template* found = find_template(template_id);
  if (found == nullptr)
    return failure(vrm::ErrorCode::NotFound,
                   "there is no template `" + std::string(template_id) + "`");
  TRY(check_free(id));
  TRY(check_slot("principal", found->body->principal, slots.principal));
  TRY(check_slot("resource", found->body->resource, slots.resource));
  put({std::move(id), found->body, std::move(slots), found->id});
  return {};
}

vrm::Result<void> PolicySet::check_free(const std::string& id) const {
  if (!policy_places_.contains(id) && !template_places_.contains(id)) return {};
  return failure(vrm::ErrorCode::Conflict, "two policies have the id `" + id + "`");
}

void PolicySet::put(Policy policy) {
  index_.add(policy, static_cast<std::uint32_t>(policies_.size()));
  policy_places_.emplace(policy.id, policies_.size());
  policies_.push_back(std::move(policy));
}

void PolicySet::put(Template waiting) {
  template_places_.emplace(waiting.id, templates_.size());
  templates_.push_back(std::move(waiting));
}

vrm::Result<void> PolicySet::remove(std::string_view id) {
  if (const auto place = policy_places_.find(id); place != policy_places_.end()) {
    const std::size_t position = place->second;
    index_.remove(policies_[position], static_cast<std::uint32_t>(position));
    forget_place(policy_places_, id, position);
    policies_.erase(at(policies_, position));
    return {};
  }
  const auto found = template_places_.find(id);
  if (found == template_places_.end())
    return failure(vrm::ErrorCode::NotFound, "there is no policy `" + std::string(id) + "`");
  const bool linked = std::any_of(policies_.begin(), policies_.end(),
                                  [id](const Policy& each) { return each.template_id == id; });
  if (linked)
    return failure(vrm::ErrorCode::Conflict, "the template `" + std::string(id) + "` has links");
  const std::size_t position = found->second;
  forget_place(template_places_, id, position);
  templates_.erase(at(templates_, position));
  return {};
}

const Policy* PolicySet::find_policy(std::string_view id) const {
  const auto found = policy_places_.find(id);
  return found == policy_places_.end() ? nullptr : &policies_[found->second];
}

const Template* PolicySet::find_template(std::string_view id) const {
  const auto found = template_places_.find(id);
  return found == template_places_.end() ? nullptr : &templates_[found->second];
}

}  // namespace cedar
