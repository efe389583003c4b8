#include "vault/gate/forms.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "vault/base/json.h"
#include "vault/gate/wish.h"

namespace vrm::gate {

namespace {

using nlohmann::json;

// What is told of a grant stands in its access token (jose::kMostJwsBytes), beside the rest.
constexpr std::size_t kMostToldBytes = 4096;

Result<void> check_given(const grants::Grant& grant, const std::string& field) {
  if (std::find(grant.fields.begin(), grant.fields.end(), field) != grant.fields.end()) return {};
  return refusal(ErrorCode::Malformed, "grant.form_not_given", {{"field", field}});
}

// An object of texts, by given fields.
Result<std::map<std::string, std::string>> texts_of(const grants::Grant& grant, const json& body,
                                                    const char* name) {
  std::map<std::string, std::string> texts;
  if (!body.contains(name)) return texts;
  const auto* object = TRY(need_object(body, name));
  for (const auto& [field, text] : object->items()) {
    if (!text.is_string())
      return Error{ErrorCode::Malformed, "`" + std::string(name) + "` holds what is no text"};
    TRY(check_given(grant, field));
    texts.emplace(field, text.get<std::string>());
  }
  return texts;
}

Error not_coarser(const std::vector<const profile::FieldSpec*>& claims, const std::string& field,
                  const std::string& claim) {
  if (claims.empty()) return refusal(ErrorCode::Malformed, "grant.no_claim", {{"field", field}});
  std::string names;
  for (const auto* one : claims) names += (names.empty() ? "" : ", ") + one->name;
  return refusal(ErrorCode::Malformed, "grant.not_claim_of",
                 {{"field", field}, {"claim", claim}, {"claims", names}});
}

// The type of a field, also of one that the owner has not got yet.
profile::Type type_of(const profile::Profile& profile, const std::string& field) {
  const auto own = profile.find(field);
  const auto type = own ? profile::type_from_text(own->type) : std::nullopt;
  return type.value_or(profile.catalogue().type_of(field));
}

Result<void> take_aliases(grants::Grant& grant, const json& body, const profile::Profile& profile,
                          const profile::DocumentBook& documents) {
  const auto typed = TRY(texts_of(grant, body, "alias"));
  std::size_t bytes = 0;
  for (const auto& [field, value] : typed) {
    const auto* spec = profile.catalogue().find(field);
    // A brand builds on what follows from a fact, and takes a document for what it is.
    if ((spec != nullptr && spec->claim) || documents.find(field) != nullptr)
      return refusal(ErrorCode::Malformed, "grant.no_alias", {{"field", field}});
    const auto type = type_of(profile, field);
    auto canonical =
        TRY(profile::parse_value(type, field, value, spec == nullptr ? "" : spec->unit));
    bytes += canonical.size();
    grant.aliases.emplace(
        field, grants::Alias{std::string(profile::to_string(type)), std::move(canonical)});
  }
  if (bytes > profile::kMaxValueBytes) return refusal(ErrorCode::Malformed, "grant.too_many_forms");
  return {};
}

// The claim stands where the field stood, once.
void put_in_place(grants::Grant& grant, const std::string& field, const std::string& claim) {
  auto& fields = grant.fields;
  const bool is_there = std::find(fields.begin(), fields.end(), claim) != fields.end();
  const auto at = std::find(fields.begin(), fields.end(), field);
  if (is_there)
    fields.erase(at);
  else
    *at = claim;
  grant.coarse.emplace(field, claim);
}

}  // namespace

Result<void> take_forms(grants::Grant& grant, const json& body, const profile::Profile& profile,
                        const profile::DocumentBook& documents) {
  const auto coarse = TRY(texts_of(grant, body, "coarse"));
  for (const auto& [field, claim] : coarse) {
    const auto claims = profile.catalogue().coarser(field);
    const auto is_it = [&name = claim](const auto* spec) { return spec->name == name; };
    if (std::none_of(claims.begin(), claims.end(), is_it)) return not_coarser(claims, field, claim);
    put_in_place(grant, field, claim);
  }
  TRY(take_aliases(grant, body, profile, documents));
  grant.once = TRY(find_strings(body, "once")).value_or(std::vector<std::string>());
  std::set<std::string> seen;
  for (const auto& field : grant.once) {
    TRY(check_given(grant, field));
    if (!seen.insert(field).second)
      return refusal(ErrorCode::Malformed, "grant.field_twice", {{"field", field}});
  }
  if (has_forms(grant) && write_granted(grant).size() > kMostToldBytes)
    return refusal(ErrorCode::Malformed, "grant.too_many_forms");
  return {};
}

bool has_forms(const grants::Grant& grant) {
  return !grant.coarse.empty() || !grant.once.empty() || !grant.aliases.empty() ||
         !grant.while_order.empty();
}

void add_forms(json& document, const grants::Grant& grant) {
  if (!grant.coarse.empty()) document["coarse"] = grant.coarse;
  if (!grant.once.empty()) document["once"] = grant.once;
  if (!grant.once_read.empty()) document["once_read"] = grant.once_read;
  for (const auto& [field, alias] : grant.aliases) document["alias"][field] = alias.value;
  if (!grant.while_order.empty()) document["while_order"] = grant.while_order;
}

}  // namespace vrm::gate
