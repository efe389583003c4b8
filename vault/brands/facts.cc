#include "vault/brands/facts.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "vault/base/json.h"
#include "vault/base/text.h"

namespace vrm::brands {

namespace {

using nlohmann::json;

constexpr std::size_t kMostText = 200;     // scalars
constexpr std::size_t kMostName = 64;      // bytes, of fields and purposes
constexpr std::size_t kMostTermsId = 200;  // bytes

Error wrong_fact(const std::string& why) {
  return Error{ErrorCode::Malformed, why};
}

Result<std::string> text_in(const json& object, const char* member) {
  const auto found = TRY(find_string(object, member));
  return found ? printable(*found, kMostText) : std::string();
}

Result<const json*> list_in(const json& object, const char* member, std::size_t most) {
  static const json kNone = json::array();
  if (!object.contains(member)) return &kNone;
  const auto* list = TRY(need_array(object, member));
  if (list->size() > most)
    return wrong_fact("`" + std::string(member) + "` has more than " + std::to_string(most));
  return list;
}

bool is_name(std::string_view text, std::string_view besides) {
  return !text.empty() && text.size() <= kMostName &&
         std::all_of(text.begin(), text.end(), [besides](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                  besides.find(c) != std::string_view::npos;
         });
}

bool is_field(std::string_view text) {
  return is_name(text, "_.") && text.front() != '.' && text.back() != '.' &&
         text.find("..") == std::string_view::npos;
}

bool is_purpose(std::string_view text) {
  return is_name(text, ":-_ABCDEFGHIJKLMNOPQRSTUVWXYZ");
}

// An id is compared and shown, so it has no blank and nothing that needs to be made printable.
bool is_terms_id(std::string_view text) {
  return !text.empty() && text.size() <= kMostTermsId &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

Result<Identifier> identifier_from(const json& item) {
  Identifier identifier;
  identifier.type = TRY(text_in(item, "type"));
  identifier.value = TRY(text_in(item, "value"));
  if (identifier.type.empty() || identifier.value.empty())
    return wrong_fact("`identifiers`: `type` and `value` are needed");
  return identifier;
}

Result<Use> use_from(const json& item) {
  Use use;
  use.purpose = TRY(need_string(item, "purpose"));
  if (!is_purpose(use.purpose)) return wrong_fact("`uses`: a `purpose` is no name");
  use.fields = TRY(need_strings(item, "fields"));
  if (use.fields.empty()) return wrong_fact("`uses`: no `fields`");
  if (use.fields.size() > kMostFieldsOfUse)
    return wrong_fact("`uses`: more than " + std::to_string(kMostFieldsOfUse) + " `fields`");
  for (const auto& field : use.fields)
    if (!is_field(field)) return wrong_fact("`uses`: one of `fields` is no name");
  const auto days = TRY(find_int(item, "retention_days"));
  if (days && (*days < 1 || *days > kMostUseDays))
    return wrong_fact("`uses`: `retention_days` is not from 1 to " + std::to_string(kMostUseDays));
  use.retention_days = days.value_or(0);
  return use;
}

Result<std::vector<Use>> uses_in(const json& object) {
  const auto* list = TRY(list_in(object, "uses", kMostUses));
  std::vector<Use> uses;
  for (const auto& item : *list) {
    auto use = TRY(use_from(item));
    for (const auto& before : uses)
      if (before.purpose == use.purpose) return wrong_fact("`uses`: a `purpose` stands twice");
    uses.push_back(std::move(use));
  }
  return uses;
}

}  // namespace

Result<Facts> read_facts(const json& vrm) {
  Facts facts;
  facts.legal_name = TRY(text_in(vrm, "legal_name"));
  const auto* identifiers = TRY(list_in(vrm, "identifiers", kMostIdentifiers));
  for (const auto& item : *identifiers) {
    auto identifier = TRY(identifier_from(item));
    facts.identifiers.push_back(std::move(identifier));
  }
  if (vrm.contains("contacts")) {
    const auto* contacts = TRY(need_object(vrm, "contacts"));
    facts.privacy_contact = TRY(text_in(*contacts, "privacy"));
    facts.address = TRY(text_in(*contacts, "address"));
  }
  facts.uses = TRY(uses_in(vrm));
  const auto* terms = TRY(list_in(vrm, "terms", kMostTermsIds));
  for (const auto& item : *terms) {
    if (!item.is_string() || !is_terms_id(item.get_ref<const std::string&>()))
      return wrong_fact("`terms`: one is no id");
    facts.terms.push_back(item.get<std::string>());
  }
  return facts;
}

json facts_document(const Facts& facts) {
  json identifiers = json::array();
  for (const auto& each : facts.identifiers)
    identifiers.push_back({{"type", each.type}, {"value", each.value}});
  json uses = json::array();
  for (const auto& each : facts.uses) {
    json use = {{"purpose", each.purpose}, {"fields", each.fields}};
    if (each.retention_days > 0) use["retention_days"] = each.retention_days;
    uses.push_back(std::move(use));
  }
  return {{"legal_name", facts.legal_name},
          {"identifiers", std::move(identifiers)},
          {"contacts", {{"privacy", facts.privacy_contact}, {"address", facts.address}}},
          {"uses", std::move(uses)},
          {"terms", facts.terms}};
}

void put_facts(json& record, const Facts& facts) {
  if (facts != Facts{}) record["facts"] = facts_document(facts);
}

Result<Facts> read_kept_facts(const json& record) {
  if (!record.contains("facts")) return Facts{};
  const auto* kept = TRY(need_object(record, "facts"));
  return read_facts(*kept);
}

}  // namespace vrm::brands
