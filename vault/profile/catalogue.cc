#include "vault/profile/catalogue.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "vault/base/embed.h"
#include "vault/base/json.h"
#include "vault/profile/field_name.h"

VRM_DECLARE_EMBEDDED(policies_fields_json);

namespace vrm::profile {

namespace {

using nlohmann::json;

constexpr JsonLimits kCatalogueLimits{.bytes = 512 * 1024, .depth = 8};

Error wrong(std::string_view name, std::string_view what) {
  return Error{ErrorCode::Malformed,
               "field catalogue: `" + std::string(name) + "` " + std::string(what)};
}

std::optional<Rule> rule_from_text(std::string_view text) {
  constexpr std::pair<std::string_view, Rule> kRules[] = {
      {"age_over", Rule::AgeOver},
      {"birth_year", Rule::BirthYear},
      {"postal_prefix", Rule::PostalPrefix},
      {"french_region", Rule::FrenchRegion},
      {"french_department", Rule::FrenchDepartment}};
  for (const auto& [name, rule] : kRules)
    if (name == text) return rule;
  return std::nullopt;
}

Result<std::string> text_or_none(const json& object, std::string_view name) {
  return TRY(find_string(object, name)).value_or("");
}

Result<std::optional<Derivation>> derivation_of(const json& field, std::string_view name) {
  if (!field.contains("claim")) return std::optional<Derivation>();
  const json* claim = TRY(need_object(field, "claim"));
  const std::string rule_name = TRY(need_string(*claim, "rule"));
  const auto rule = rule_from_text(rule_name);
  if (!rule) return wrong(name, "has an unknown rule");
  Derivation out{*rule, TRY(need_string(*claim, "from")), TRY(text_or_none(*claim, "where"))};
  const auto years = TRY(find_int(*claim, "years")).value_or(0);
  if ((*rule == Rule::AgeOver) != (years > 0) || years < 0 || years > 150)
    return wrong(name, "has no fitting `years`");
  out.years = static_cast<int>(years);
  out.or_typed = TRY(find_bool(*claim, "or_typed")).value_or(false);
  return std::optional<Derivation>(std::move(out));
}

Result<FieldSpec> field_of(const json& field) {
  FieldSpec spec;
  spec.name = TRY(need_string(field, "name"));
  if (!is_field_name(spec.name)) return wrong(spec.name, "is no field's name");
  const std::string type_name = TRY(need_string(field, "type"));
  const auto type = type_from_text(type_name);
  if (!type) return wrong(spec.name, "has an unknown type");
  spec.type = *type;
  const auto sensitivity = TRY(need_int(field, "sensitivity"));
  if (sensitivity < kPublic || sensitivity > kSpecial)
    return wrong(spec.name, "has a sensitivity beyond 0..3");
  spec.sensitivity = static_cast<int>(sensitivity);
  spec.past = TRY(find_bool(field, "past")).value_or(false);
  if (spec.past && spec.type != Type::Date) return wrong(spec.name, "is past and no date");
  spec.unit = TRY(text_or_none(field, "unit"));
  spec.oidc = TRY(text_or_none(field, "oidc"));
  spec.vcard = TRY(text_or_none(field, "vcard"));
  spec.schema_org = TRY(text_or_none(field, "schema_org"));
  spec.dpv = TRY(text_or_none(field, "dpv"));
  spec.label_en = TRY(need_string(field, "en"));
  spec.label_fr = TRY(need_string(field, "fr"));
  spec.claim = TRY(derivation_of(field, spec.name));
  return spec;
}

Result<void> check_claim(const Catalogue& catalogue, const FieldSpec& spec) {
  if (!spec.claim) return {};
  const auto* from = catalogue.find(spec.claim->from);
  if (from == nullptr || from->claim)
    return wrong(spec.name, "is made of a field that is not there");
  const bool of_date = spec.claim->rule == Rule::AgeOver || spec.claim->rule == Rule::BirthYear;
  if (from->type != (of_date ? Type::Date : Type::PostalCode))
    return wrong(spec.name, "is made of another type");
  if (spec.claim->where.empty()) return {};
  const auto* where = catalogue.find(spec.claim->where);
  if (where == nullptr || where->type != Type::Country) return wrong(spec.name, "names no country");
  return {};
}

bool by_name(const FieldSpec& a, const FieldSpec& b) {
  return a.name < b.name;
}

}  // namespace

Result<Catalogue> Catalogue::from_text(std::string_view text) {
  const json root = TRY(read_json(text, kCatalogueLimits));
  Catalogue out;
  for (const json& group : *TRY(need_array(root, "groups")))
    out.groups_.push_back({TRY(need_string(group, "name")), TRY(need_string(group, "en")),
                           TRY(need_string(group, "fr"))});
  for (const json& field : *TRY(need_array(root, "fields")))
    out.fields_.push_back(TRY(field_of(field)));
  std::sort(out.fields_.begin(), out.fields_.end(), by_name);
  for (std::size_t i = 1; i < out.fields_.size(); ++i)
    if (out.fields_[i - 1].name == out.fields_[i].name)
      return wrong(out.fields_[i].name, "is there twice");
  for (const auto& spec : out.fields_) {
    TRY(check_claim(out, spec));
    const auto group = spec.name.substr(0, spec.name.find('.'));
    const bool known = std::any_of(out.groups_.begin(), out.groups_.end(),
                                   [&](const auto& g) { return g.name == group; });
    if (!known) return wrong(spec.name, "is in no group");
    if (!spec.oidc.empty() && out.find_oidc(spec.oidc) != &spec)
      return wrong(spec.name, "shares its OpenID Connect name");
  }
  return out;
}

Result<Catalogue> Catalogue::embedded() {
  return from_text(VRM_EMBEDDED(policies_fields_json));
}

const FieldSpec* Catalogue::find(std::string_view name) const {
  const auto found = std::lower_bound(
      fields_.begin(), fields_.end(), name,
      [](const FieldSpec& spec, std::string_view wanted) { return spec.name < wanted; });
  return found != fields_.end() && found->name == name ? &*found : nullptr;
}

const FieldSpec* Catalogue::find_oidc(std::string_view name) const {
  for (const auto& spec : fields_)
    if (!name.empty() && spec.oidc == name) return &spec;
  return nullptr;
}

std::string Catalogue::country_field_of(std::string_view name) const {
  for (const auto* claim : claims_of(name))
    if (claim->claim->from == name && !claim->claim->where.empty()) return claim->claim->where;
  return {};
}

// A street, a town: of an address, the claims made of its postal code say less. Its country says less still, and another
// claim is no finer for certain.
bool Catalogue::is_finer_part(std::string_view name, const FieldSpec& claim) const {
  const std::string_view from = claim.claim->from;
  const auto* part = find(name);
  if (part == nullptr || part->claim || claim.claim->where == name) return false;
  const auto group = from.substr(0, from.rfind('.') + 1);
  const bool is_address = group.starts_with("address.") && name.starts_with(group);
  return is_address && country_field_of(from) != name;
}

std::vector<const FieldSpec*> Catalogue::claims_of(std::string_view name) const {
  std::vector<const FieldSpec*> out;
  for (const auto& spec : fields_)
    if (spec.claim && (spec.claim->from == name || spec.claim->where == name)) out.push_back(&spec);
  return out;
}

std::vector<const FieldSpec*> Catalogue::coarser(std::string_view name) const {
  std::vector<const FieldSpec*> out;
  for (const auto& spec : fields_)
    if (spec.claim && (spec.claim->from == name || is_finer_part(name, spec))) out.push_back(&spec);
  return out;
}

std::vector<std::string> Catalogue::near(std::string_view name) const {
  std::vector<std::string_view> names;
  names.reserve(fields_.size());
  for (const auto& spec : fields_) names.emplace_back(spec.name);
  return nearest(name, names);
}

Type Catalogue::type_of(std::string_view name) const {
  const auto* spec = find(name);
  return spec == nullptr ? Type::Text : spec->type;
}

int Catalogue::sensitivity_of(std::string_view name) const {
  const auto* spec = find(name);
  return spec == nullptr ? kPersonal : spec->sensitivity;
}

}  // namespace vrm::profile
