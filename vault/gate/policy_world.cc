#include "vault/gate/policy_world.h"

#include <optional>
#include <set>
#include <span>

#include "policies/cedar/datetime.h"
#include "policies/cedar/parser.h"

namespace vrm::gate {

namespace {

using namespace std::string_view_literals;
using cedar::Entity;
using cedar::EntityUid;
using cedar::Record;
using cedar::Value;

EntityUid uid(const char* type, std::string_view id) {
  return EntityUid(type, std::string(id));
}

EntityUid brand_uid(std::string_view client_id) {
  static const EntityUid any = uid("VRM::Brand", "");
  return any.with_id(std::string(client_id));
}
EntityUid field_uid(std::string_view name) {
  return uid("VRM::Field", name);
}
EntityUid purpose_uid(std::string_view dpv) {
  return uid("VRM::Purpose", dpv);
}

// Members come in the order of their names, which saves the record from sorting them.

// What a name begins with, longest first: address.home and address, of address.home.street.
std::vector<std::string_view> categories_of(std::string_view name) {
  std::vector<std::string_view> categories;
  for (auto dot = name.rfind('.'); dot != std::string_view::npos; dot = name.rfind('.', dot - 1)) {
    categories.push_back(name.substr(0, dot));
    if (dot == 0) break;
  }
  return categories;
}

// In each of its categories itself: those of the owner's own naming have no entities.
Entity field_entity(std::string_view name, int sensitivity, bool claim) {
  Entity field{
      .uid = field_uid(name),
      .attributes = Record::of({{"claim", Value(claim)}, {"sensitivity", Value(sensitivity)}})};
  for (const auto category : categories_of(name))
    field.parents.push_back(uid("VRM::Category", category));
  return field;
}

// What the policies see of a brand, but for who it is.
struct BrandKind {
  brands::Trust trust;
  bool address_checked;
  bool blocked;
  bool keys_changed;
};

constexpr std::size_t kBrandKinds = 8 * (static_cast<std::size_t>(brands::Trust::Trusted) + 1);

std::size_t number_of(const BrandKind& kind) {
  return static_cast<std::size_t>(kind.trust) * 8 + (kind.address_checked ? 4U : 0U) +
         (kind.blocked ? 2U : 0U) + (kind.keys_changed ? 1U : 0U);
}

std::vector<Record> attributes_of_brands() {
  std::vector<Record> all;
  for (std::size_t number = 0; number < kBrandKinds; ++number) {
    const auto trust = static_cast<brands::Trust>(number / 8);
    all.push_back(Record::of({{"addressChecked", Value((number & 4U) != 0)},
                              {"blocked", Value((number & 2U) != 0)},
                              {"keysChanged", Value((number & 1U) != 0)},
                              {"trust", Value(std::string(brands::to_string(trust)))}}));
  }
  return all;
}

Entity brand_entity(const PolicyGround& ground, const brands::Brand& brand,
                    const EntityUid& principal) {
  const BrandKind kind{.trust = trust_of(brand),
                       .address_checked = brand.address_checked,
                       .blocked = brand.standing == brands::Standing::Blocked,
                       .keys_changed = brand.standing == brands::Standing::KeysChanged};
  return {.uid = principal, .attributes = ground.brands[number_of(kind)]};
}

// Grants name their brand by its handle; the principal is its client_id.
EntityUid brand_of(const grants::Grant& grant, const brands::Brand& asking,
                   const EntityUid& principal) {
  return grant.brand == asking.handle ? principal : brand_uid("handle:" + grant.brand);
}

Entity grant_entity(const grants::Grant& grant, EntityUid brand, cedar::Set purposes, Instant now) {
  std::vector<Record::Member> members;
  members.reserve(7);
  members.emplace_back("brand"sv, std::move(brand));
  members.emplace_back(std::string_view(kExpires), cedar::Datetime{grant.expires_at.ms});
  if (grant.max_reads) members.emplace_back(std::string_view(kMaxReads), *grant.max_reads);
  members.emplace_back(std::string_view(kNotBefore), cedar::Datetime{grant.made_at.ms});
  members.emplace_back("purposes"sv, std::move(purposes));
  members.emplace_back(std::string_view(kReads), grant.reads);
  members.emplace_back("state"sv, std::string(grants::to_string(grant.condition(now))));
  return {.uid = uid_of(grant), .attributes = Record(std::move(members))};
}

PolicyGround::Purpose purpose_named(std::string_view dpv) {
  EntityUid uid = purpose_uid(dpv);
  auto alone = cedar::Set::of({Value(uid)});
  return {std::move(uid), std::move(alone)};
}

// One that the ground does not know is made in `made`.
const PolicyGround::Purpose& purpose_of(const PolicyGround& ground, std::string_view dpv,
                                        std::optional<PolicyGround::Purpose>& made) {
  const auto found = ground.purposes.find(dpv);
  if (found != ground.purposes.end()) return found->second;
  return made.emplace(purpose_named(dpv));
}

Record context_of(const EntityUid* grant, const EntityUid& purpose, Instant now) {
  std::vector<Record::Member> members;
  members.reserve(3);
  if (grant != nullptr) members.emplace_back("grant"sv, *grant);
  members.emplace_back(std::string_view(kNow), cedar::Datetime{now.ms});
  members.emplace_back("purpose"sv, purpose);
  return Record(std::move(members));
}

}  // namespace

std::vector<Entity> resident_entities(const profile::Catalogue& catalogue,
                                      const grants::Purposes& purposes) {
  std::vector<Entity> entities;
  for (const auto& purpose : purposes.all()) {
    Entity entity{.uid = purpose_uid(purpose.dpv)};
    if (!purpose.parent.empty()) entity.parents.push_back(purpose_uid(purpose.parent));
    entities.push_back(std::move(entity));
  }
  std::set<std::string_view> categories;
  for (const auto& field : catalogue.all()) {
    entities.push_back(field_entity(field.name, field.sensitivity, field.claim.has_value()));
    const auto all = categories_of(field.name);
    categories.insert(all.begin(), all.end());
  }
  for (const auto category : categories) {
    Entity entity{.uid = uid("VRM::Category", category)};
    for (const auto above : categories_of(category))
      entity.parents.push_back(uid("VRM::Category", above));
    entities.push_back(std::move(entity));
  }
  return entities;
}

Result<std::vector<cedar::Policy>> read_policies(const PolicyText& text) {
  auto bodies = TRY(cedar::parse_policies(text.text));
  const std::string stem = text.file.substr(0, text.file.rfind('.'));
  std::vector<cedar::Policy> policies;
  for (auto& body : bodies) {
    const auto given = cedar::find_annotation(*body, "id");
    std::string id = given ? std::string(*given) : stem + ":" + std::to_string(policies.size() + 1);
    policies.push_back({std::move(id), std::move(body)});
  }
  return policies;
}

EntityUid uid_of(const grants::Grant& grant) {
  static const EntityUid any = uid("VRM::Grant", "");
  return any.with_id(grant.id.text);
}

Result<PolicyGround> PolicyGround::make(const std::vector<PolicyText>& policies,
                                        const profile::Catalogue& catalogue,
                                        const grants::Purposes& purposes) {
  PolicyGround ground;
  for (const auto& text : policies) {
    auto read = TRY(read_policies(text));
    for (auto& policy : read) {
      if (policy.body->has_slot())
        return cedar::malformed_at(policy.body->at, "a template, where only policies count");
      TRY(ground.policies.add(std::move(policy.id), std::move(policy.body)));
    }
  }
  ground.resident = TRY(cedar::Entities::make(resident_entities(catalogue, purposes)));
  for (const auto& purpose : purposes.all())
    ground.purposes.emplace(purpose.dpv, purpose_named(purpose.dpv));
  for (const auto& field : catalogue.all())
    ground.fields.emplace(field.name, field_uid(field.name));
  ground.brands = attributes_of_brands();
  return ground;
}

Result<PolicyWorld> world_of(const PolicyGround& ground, const Question& question) {
  const auto known = ground.fields.find(question.field);
  EntityUid field = known == ground.fields.end() ? field_uid(question.field) : known->second;
  EntityUid principal = brand_uid(question.brand.client_id);
  std::optional<PolicyGround::Purpose> asked_purpose;
  const auto& purpose = purpose_of(ground, question.purpose, asked_purpose);
  std::vector<Entity> entities;
  entities.reserve(3);
  entities.push_back(brand_entity(ground, question.brand, principal));
  if (known == ground.fields.end())
    entities.push_back(field_entity(question.field, profile::kPersonal, false));
  std::optional<cedar::Membership> covered;
  const EntityUid* grant = nullptr;
  if (question.grant != nullptr) {
    const grants::Grant& shown = *question.grant;
    std::optional<PolicyGround::Purpose> shown_purpose;
    entities.push_back(grant_entity(shown, brand_of(shown, question.brand, principal),
                                    purpose_of(ground, shown.purpose, shown_purpose).alone,
                                    question.now));
    grant = &entities.back().uid;
    if (shown.covers(question.field)) covered = {field, *grant};
  }
  Record context = context_of(grant, purpose.uid, question.now);
  std::span<const cedar::Membership> memberships;
  if (covered) memberships = {&*covered, 1};
  auto world = TRY(cedar::Entities::overlay(ground.resident, std::move(entities), memberships));
  static const EntityUid read = uid("VRM::Action", "read");
  return PolicyWorld{{std::move(principal), read, std::move(field), std::move(context)},
                     std::move(world)};
}

bool lets_pass(const cedar::Response& response) {
  return response.decision == cedar::Decision::Allow && response.errors.empty();
}

}  // namespace vrm::gate
