#include "vault/gate/rules.h"

#include "policies/cedar/authorizer.h"
#include "policies/cedar/datetime.h"
#include "vault/base/check.h"
#include "vault/base/embed.h"

VRM_DECLARE_EMBEDDED(policies_default_grant_cedar);
VRM_DECLARE_EMBEDDED(policies_default_blocked_cedar);
VRM_DECLARE_EMBEDDED(policies_default_never_sold_cedar);
VRM_DECLARE_EMBEDDED(policies_default_claims_stay_claims_cedar);

namespace vrm::gate {

namespace {

using cedar::Entity;
using cedar::EntityUid;
using cedar::Record;
using cedar::Value;

EntityUid uid(const char* type, std::string_view id) {
  return EntityUid(type, std::string(id));
}

EntityUid brand_uid(const brands::Brand& brand) {
  return uid("VRM::Brand", brand.client_id);
}
EntityUid field_uid(std::string_view name) {
  return uid("VRM::Field", name);
}
EntityUid purpose_uid(std::string_view dpv) {
  return uid("VRM::Purpose", dpv);
}
EntityUid grant_uid(const grants::Grant& grant) {
  return uid("VRM::Grant", grant.id.text);
}

Record record(std::vector<Record::Member> members) {
  return Record(std::move(members));
}

Value datetime(Instant at) {
  return cedar::Datetime{at.ms};
}

Entity field_entity(std::string_view name, int sensitivity, bool claim) {
  const auto group = name.substr(0, name.find('.'));
  return {.uid = field_uid(name),
          .attributes = record({{"sensitivity", Value(sensitivity)}, {"claim", Value(claim)}}),
          .parents = {uid("VRM::Category", group)}};
}

Entity brand_entity(const brands::Brand& brand, const EntityUid& principal) {
  return {
      .uid = principal,
      .attributes = record({{"blocked", Value(brand.standing == brands::Standing::Blocked)},
                            {"keysChanged", Value(brand.standing == brands::Standing::KeysChanged)},
                            {"addressChecked", Value(brand.address_checked)},
                            {"trust", std::string(brands::to_string(trust_of(brand)))}})};
}

// Grants name their brand by its handle; the principal is its client_id.
EntityUid brand_of(const grants::Grant& grant, const brands::Brand& asking,
                   const EntityUid& principal) {
  return grant.brand == asking.handle ? principal : uid("VRM::Brand", "handle:" + grant.brand);
}

Entity grant_entity(const grants::Grant& grant, EntityUid brand, EntityUid purpose, Instant now) {
  std::vector<Record::Member> members{
      {"brand", std::move(brand)},
      {"purposes", cedar::Set({Value(std::move(purpose))})},
      {"state", std::string(grants::to_string(grant.condition(now)))},
      {"notBefore", datetime(grant.made_at)},
      {"expires", datetime(grant.expires_at)},
      {"reads", Value(grant.reads)}};
  if (grant.max_reads) members.emplace_back("maxReads", Value(*grant.max_reads));
  return {.uid = grant_uid(grant), .attributes = Record(std::move(members))};
}

std::vector<Entity> resident_entities(const profile::Catalogue& catalogue,
                                      const grants::Purposes& purposes) {
  std::vector<Entity> entities;
  for (const auto& purpose : purposes.all()) {
    Entity entity{.uid = purpose_uid(purpose.dpv)};
    if (!purpose.parent.empty()) entity.parents.push_back(purpose_uid(purpose.parent));
    entities.push_back(std::move(entity));
  }
  for (const auto& field : catalogue.all())
    entities.push_back(field_entity(field.name, field.sensitivity, field.claim.has_value()));
  return entities;
}

std::vector<std::string> embedded_policies() {
  return {std::string(VRM_EMBEDDED(policies_default_grant_cedar)),
          std::string(VRM_EMBEDDED(policies_default_blocked_cedar)),
          std::string(VRM_EMBEDDED(policies_default_never_sold_cedar)),
          std::string(VRM_EMBEDDED(policies_default_claims_stay_claims_cedar))};
}

}  // namespace

struct Rules::Inside {
  cedar::PolicySet policies;
  cedar::Entities resident;
  EntityUid read = uid("VRM::Action", "read");
};

Rules::Rules(std::unique_ptr<const Inside> inside) : inside_(std::move(inside)) {}
Rules::Rules(Rules&&) noexcept = default;
Rules& Rules::operator=(Rules&&) noexcept = default;
Rules::~Rules() = default;

Result<Rules> Rules::load(const profile::Catalogue& catalogue, const grants::Purposes& purposes) {
  auto rules = parse(embedded_policies(), catalogue, purposes);
  if (!rules.ok()) return Error{ErrorCode::Corrupt, "policies/default: " + rules.error().message};
  return rules;
}

Result<Rules> Rules::parse(const std::vector<std::string>& policies,
                           const profile::Catalogue& catalogue, const grants::Purposes& purposes) {
  std::string all;
  for (const auto& text : policies) all += text + "\n";
  auto inside = std::make_unique<Inside>();
  inside->policies = TRY(cedar::PolicySet::parse(all, cedar::PolicyNames::ByAnnotation));
  inside->resident = TRY(cedar::Entities::make(resident_entities(catalogue, purposes)));
  return Rules(std::move(inside));
}

Decision Rules::decide(const Question& question) const {
  const EntityUid field = field_uid(question.field);
  const EntityUid principal = brand_uid(question.brand);
  const EntityUid purpose = purpose_uid(question.purpose);
  std::vector<Entity> entities;
  entities.push_back(brand_entity(question.brand, principal));
  if (inside_->resident.find(field) == nullptr)
    entities.push_back(field_entity(question.field, profile::kPersonal, false));
  std::vector<Record::Member> context{{"now", datetime(question.now)}, {"purpose", purpose}};
  std::vector<cedar::Membership> memberships;
  if (question.grant != nullptr) {
    const grants::Grant& shown = *question.grant;
    Entity grant = grant_entity(
        shown, brand_of(shown, question.brand, principal),
        shown.purpose == question.purpose ? purpose : purpose_uid(shown.purpose), question.now);
    if (question.grant->covers(question.field)) memberships.push_back({field, grant.uid});
    context.emplace_back("grant", grant.uid);
    entities.push_back(std::move(grant));
  }
  const auto world = cedar::Entities::overlay(inside_->resident, std::move(entities), memberships);
  if (!world.ok()) return {.allowed = false, .reasons = {}, .errors = {world.error().message}};
  const auto response =
      cedar::is_authorized({principal, inside_->read, field, Record(std::move(context))},
                           inside_->policies, world.value());
  Decision decision{
      .allowed = response.decision == cedar::Decision::Allow && response.errors.empty(),
      .reasons = response.reasons,
      .errors = {}};
  for (const auto& error : response.errors) decision.errors.push_back(error.policy_id);
  return decision;
}

}  // namespace vrm::gate
