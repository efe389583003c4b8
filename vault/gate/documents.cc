#include "vault/gate/documents.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "vault/base/text.h"
#include "vault/gate/forms.h"
#include "vault/gate/orders.h"
#include "vault/gate/over_asking.h"

namespace vrm::gate {

namespace {

using nlohmann::json;

json time_or_null(const std::optional<Instant>& at) {
  return at ? json(in_seconds(*at)) : json(nullptr);
}

// The short word that the owner types, for a DPV name.
std::string word_of(const grants::Purposes& purposes, std::string_view dpv) {
  const auto* purpose = purposes.find(dpv);
  return purpose == nullptr ? std::string(dpv) : purpose->word;
}

bool lives(const Rooms& rooms, const grants::Grant& grant, Instant now) {
  const auto condition = condition_of(rooms, grant, now);
  return condition == grants::Condition::Active || condition == grants::Condition::Waiting;
}

// A grant that lives is worth nothing to a brand that is not served.
std::string_view state_of(const Rooms& rooms, const grants::Grant& grant,
                          const brands::BrandPtr& brand, Instant now) {
  if (lives(rooms, grant, now) && brand != nullptr && brand->standing != brands::Standing::Known)
    return brands::to_string(brand->standing);
  return grants::to_string(condition_of(rooms, grant, now));
}

json readers_of(const Rooms& rooms, std::string_view field, const grants::Purposes& purposes,
                Instant now) {
  json readers = json::array();
  for (const auto& grant : rooms.grants.list()) {
    if (!can_be_read(rooms, *grant, now) || !grant->covers(field)) continue;
    readers.push_back({{"brand", grant->brand},
                       {"grant", grant->id.text},
                       {"purpose", word_of(purposes, grant->purpose)},
                       {"until", in_seconds(grant->expires_at)},
                       {"last_read_at", time_or_null(grant->last_read_at)}});
  }
  return readers;
}

bool is_muted(const Rooms& rooms, std::string_view brand, Instant now) {
  const auto known = rooms.brands.find(brand);
  return known != nullptr && known->is_muted(now);
}

json face_of(const Rooms& rooms, const std::string& handle) {
  const auto brand = rooms.brands.find(handle);
  if (brand == nullptr) return {{"brand", handle}};
  return {{"brand", handle},
          {"name", brand->name},
          {"domain", brand->host},
          {"fingerprint", brand->fingerprint},
          {"address_checked", brand->address_checked},
          {"trust", brands::to_string(trust_of(*brand))},
          {"looks_like", brand->looks_like},
          {"known_since", in_seconds(brand->known_since)}};
}

// A brand that was forgotten, and its name.
brands::Brand nobody(const std::string& handle) {
  brands::Brand brand;
  brand.handle = handle;
  return brand;
}

Result<json> asked_fields(const Rooms& rooms, const std::vector<std::string>& names,
                          const grants::Purpose* purpose, const OverAsking& over) {
  json items = json::array();
  for (const auto& name : names) {
    json item = {{"field", name},
                 {"unusual", purpose != nullptr && !grants::Purposes::is_usual(*purpose, name)},
                 {"unregistered", over.field(name)}};
    const auto field = rooms.profile.find(name);
    item["have"] = is_there(rooms, name);
    if (const auto paper = rooms.documents.find(name)) {
      item["type"] = paper->type;
      item["sensitive"] = false;
      item["value"] = paper->file;
    }
    if (field) {
      item["type"] = field->type;
      item["sensitive"] = field->sensitive();
      const auto value = TRY(rooms.profile.value(*field));
      item["value"] = std::string(value.text());
    }
    items.push_back(std::move(item));
  }
  return items;
}

// How far a brand is to be believed, and why.
json trust_document(const brands::Brand& brand) {
  json document = {{"trust", brands::to_string(trust_of(brand))},
                   {"trusted", brand.trusted},
                   {"looks_like", brand.looks_like},
                   {"keys_since", in_seconds(brand.keys_since)},
                   {"checked_at", nullptr},
                   {"renamed", nullptr},
                   {"keys_shown", nullptr}};
  if (brand.checked_at.ms > 0) document["checked_at"] = in_seconds(brand.checked_at);
  if (!brand.former_name.empty())
    document["renamed"] = {{"from", brand.former_name}, {"at", in_seconds(brand.renamed_at)}};
  if (!brand.shown_fingerprint.empty())
    document["keys_shown"] = {{"fingerprint", brand.shown_fingerprint},
                              {"since", in_seconds(brand.shown_at)}};
  return document;
}

}  // namespace

void add_purpose(json& document, const grants::Purposes& purposes, std::string_view name) {
  const auto* purpose = purposes.find(name);
  document["purpose"] = purpose == nullptr ? std::string(name) : purpose->word;
  document["purpose_dpv"] = purpose == nullptr ? std::string(name) : purpose->dpv;
  if (purpose == nullptr) return;
  document["purpose_label_en"] = purpose->label_en;
  document["purpose_label_fr"] = purpose->label_fr;
}

json terms_document(const std::optional<grants::NamedTerms>& terms) {
  if (!terms) return nullptr;
  return {{"id", terms->id},
          {"word", terms->id.substr(terms->id.rfind('#') + 1)},
          {"digest", terms->digest},
          {"signed", !terms->jws.empty()},
          {"jws", terms->jws.empty() ? json(nullptr) : json(terms->jws)}};
}

void add_over_asking(json& document, const OverAsking& over, std::int64_t retention_days) {
  document["unregistered_purpose"] = over.purpose();
  document["unregistered_retention"] = over.retention(retention_days);
  document["registered_days"] =
      over.registered_days() > 0 ? json(over.registered_days()) : json(nullptr);
}

void add_marks(json& item, const Rooms& rooms, const std::string& brand,
               const grants::Purposes& purposes) {
  const auto known = rooms.brands.find(brand);
  const brands::Brand asking = known == nullptr ? nobody(brand) : *known;
  const auto field = item["field"].get<std::string>();
  const auto name = item["purpose"].get<std::string>();
  const auto* purpose = purposes.find(name);
  const OverAsking over(asking, purposes, name);
  item["unusual"] = purpose != nullptr && !grants::Purposes::is_usual(*purpose, field);
  item["unregistered"] = over.field(field);
  add_over_asking(item, over, item["retention_days"].get<std::int64_t>());
}

std::string in_seconds(Instant at) {
  return to_rfc3339({at.seconds() * 1000});
}

bool is_there(const Rooms& rooms, std::string_view name) {
  return rooms.profile.find(name).has_value() || rooms.documents.find(name) != nullptr;
}

json paper_document(const Rooms& rooms, const profile::Document& document,
                    const grants::Purposes& purposes, Instant now) {
  return {{"schema", "vrm.document/1"},
          {"name", document.name},
          {"file", document.file},
          {"type", document.type},
          {"size", document.size},
          {"parts", parts_of(document.size)},
          {"sha-256", to_hex(document.sha256)},
          {"source", document.source},
          {"added_at", in_seconds(document.added_at)},
          {"readers", readers_of(rooms, document.name, purposes, now)}};
}

Result<std::string> read_part(const Vault& vault, const profile::Document& document,
                              std::uint64_t part) {
  if (part < 1 || part > parts_of(document.size))
    return refusal(ErrorCode::NotFound, "document.no_part", {{"part", std::to_string(part)}});
  const store::Store& store = *vault.rooms()->store;
  const auto seal = TRY(profile::seal_of(store, document));
  const auto file = TRY(store::DocumentFile::open(vault.means().disk, vault.options().folder,
                                                  store.vault_id(), document.row, seal));
  std::string bytes(bytes_of_part(document.size, part), 0);
  TRY(file->read((part - 1) * kPartBytes,
                 {reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size()}));
  return bytes;
}

bool can_be_read(const Rooms& rooms, const grants::Grant& grant, Instant now) {
  const auto brand = rooms.brands.find(grant.brand);
  return lives(rooms, grant, now) &&
         (brand == nullptr || brand->standing == brands::Standing::Known);
}

std::int64_t suspended_count(const Rooms& rooms, Instant now) {
  const auto grants = rooms.grants.list();
  return std::count_if(grants.begin(), grants.end(), [now](const auto& grant) {
    return grant->condition(now) == grants::Condition::Suspended;
  });
}

json derived_from(const Rooms& rooms, const profile::FieldMeta& field) {
  const auto* spec = rooms.profile.catalogue().find(field.name);
  if (!field.claim || spec == nullptr || !spec->claim) return nullptr;
  return spec->claim->from;
}

Result<json> field_document(const Rooms& rooms, const profile::FieldMeta& field,
                            WithValue with_value, const grants::Purposes& purposes, Instant now) {
  json document = {{"schema", "vrm.field/1"},
                   {"field", field.name},
                   {"type", field.type},
                   {"sensitivity", field.sensitivity},
                   {"sensitive", field.sensitive()},
                   {"claim", field.claim},
                   {"derived_from", derived_from(rooms, field)},
                   {"source", field.source},
                   {"updated_at", in_seconds(field.updated_at)},
                   {"version", field.version},
                   {"known", rooms.profile.catalogue().find(field.name) != nullptr},
                   {"readers", readers_of(rooms, field.name, purposes, now)}};
  if (with_value == WithValue::Yes) {
    const auto value = TRY(rooms.profile.value(field));
    document["value"] = std::string(value.text());
  }
  return document;
}

json grant_document(const Rooms& rooms, const grants::Grant& grant,
                    const grants::Purposes& purposes, Instant now) {
  const auto brand = rooms.brands.find(grant.brand);
  json reads = {{"used", grant.reads}, {"max", nullptr}};
  if (grant.max_reads) reads["max"] = *grant.max_reads;
  json missing = json::array();
  for (const auto& name : grant.fields)
    if (!is_there(rooms, name) && !grant.aliases.contains(name)) missing.push_back(name);
  json document = {{"schema", "vrm.grant/1"},
                   {"id", grant.id.text},
                   {"brand", grant.brand},
                   {"brand_name", brand == nullptr ? grant.brand : brand->name},
                   {"fields", grant.fields},
                   {"missing", std::move(missing)},
                   {"state", state_of(rooms, grant, brand, now)},
                   {"made_at", in_seconds(grant.made_at)},
                   {"expires_at", in_seconds(grant.expires_at)},
                   {"reads", std::move(reads)},
                   {"last_read_at", time_or_null(grant.last_read_at)},
                   {"retention_days", grant.retention_days},
                   {"served_while_locked", grant.served_while_locked},
                   {"request", grant.request},
                   {"revoked_at", time_or_null(grant.revoked_at)},
                   {"renewed_at", time_or_null(grant.renewed_at)},
                   {"unused_at", time_or_null(grant.unused_at)},
                   {"terms", terms_document(grant.terms)}};
  add_purpose(document, purposes, grant.purpose);
  add_forms(document, grant);
  return document;
}

Result<json> request_document(const Rooms& rooms, const grants::AccessRequest& request,
                              const grants::Purposes& purposes, Instant now) {
  const auto* purpose = purposes.find(request.purpose);
  const auto known = rooms.brands.find(request.brand);
  const brands::Brand brand = known == nullptr ? nobody(request.brand) : *known;
  const OverAsking over(brand, purposes, request.purpose);
  auto needed = TRY(asked_fields(rooms, request.needed, purpose, over));
  auto optional = TRY(asked_fields(rooms, request.optional, purpose, over));
  json document = {{"schema", "vrm.request/1"},
                   {"id", request.id.text},
                   {"brand", face_of(rooms, request.brand)},
                   {"state", grants::to_string(request.condition(now))},
                   {"received_at", in_seconds(request.received_at)},
                   {"lapses_at", in_seconds(request.lapses_at)},
                   {"reason", request.reason},
                   {"binding_message", request.binding_message},
                   {"needed", std::move(needed)},
                   {"optional", std::move(optional)},
                   {"until", in_seconds(now + std::chrono::seconds(request.expires_in_s))},
                   {"max_reads", nullptr},
                   {"retention_days", request.retention_days},
                   {"grant", request.grant},
                   {"rule", request.rule},
                   {"muted", is_muted(rooms, request.brand, now)}};
  add_purpose(document, purposes, request.purpose);
  add_over_asking(document, over, request.retention_days);
  document["terms"] = terms_document(request.terms);
  if (request.max_reads) document["max_reads"] = *request.max_reads;
  if (const auto grant = rooms.grants.find(request.grant); grant != nullptr) {
    document["until"] = in_seconds(grant->expires_at);
    document["given"] = grant->fields;
    add_forms(document, *grant);
  }
  return document;
}

bool waits_for_owner(const Rooms& rooms, const grants::AccessRequest& request, Instant now) {
  return request.condition(now) == grants::RequestCondition::Pending &&
         !is_muted(rooms, request.brand, now);
}

json rule_document(const Rooms& rooms, const grants::Rule& rule, const grants::Purposes& purposes) {
  const auto brand = rooms.brands.find(rule.brand);
  const auto requests = rooms.requests.list();
  json document = {
      {"schema", "vrm.rule/1"},
      {"id", rule.id.text},
      {"brand", rule.brand},
      {"brand_name", brand == nullptr ? rule.brand : brand->name},
      {"says", grants::to_string(rule.says)},
      {"decided", rule.decided},
      {"made_at", in_seconds(rule.made_at)},
      {"request", rule.request},
      {"answered", std::count_if(requests.begin(), requests.end(), [&rule](const auto& request) {
         return request->rule == rule.id.text;
       })}};
  add_purpose(document, purposes, rule.purpose);
  if (rule.says == grants::Says::Deny) return document;
  document["gives"] = rule.gives;
  document["terms"] = terms_document(rule.terms);
  document["for_s"] = rule.life_s;
  document["max_reads"] = nullptr;
  if (rule.max_reads) document["max_reads"] = *rule.max_reads;
  document["retention_days"] = rule.retention_days;
  document["served_while_locked"] = rule.served_while_locked;
  return document;
}

json brand_document(const Rooms& rooms, const brands::Brand& brand, Instant now) {
  const auto issuer = rooms.issuers.of_brand(brand.handle);
  std::int64_t active = 0;
  std::optional<Instant> last_read;
  for (const auto& grant : rooms.grants.list()) {
    if (grant->brand != brand.handle) continue;
    if (can_be_read(rooms, *grant, now)) ++active;
    if (grant->last_read_at && (!last_read || *last_read < *grant->last_read_at))
      last_read = grant->last_read_at;
  }
  json document = {
      {"schema", "vrm.brand/1"},
      {"brand", brand.handle},
      {"name", brand.name},
      {"client_id", brand.client_id},
      {"domain", brand.host},
      {"fingerprint", brand.fingerprint},
      {"address_checked", brand.address_checked},
      {"known_since", in_seconds(brand.known_since)},
      {"state", brands::to_string(brand.standing)},
      {"tags", brand.tags},
      {"introduced", brand.introduced ? "sent" : "paste"},
      {"issuer", issuer == nullptr ? "" : issuer->url},
      {"grants_active", active},
      {"last_read_at", time_or_null(last_read)},
      {"muted", brand.is_muted(now)},
      {"muted_until", brand.is_muted(now) ? time_or_null(brand.muted_until) : json(nullptr)}};
  document["wants_terms"] = nullptr;
  if (!brand.wants_terms.empty())
    document["wants_terms"] = {{"id", brand.wants_terms},
                               {"word", brand.wants_terms.substr(brand.wants_terms.rfind('#') + 1)},
                               {"signed", brand.wants_signed}};
  document.update(trust_document(brand));
  document.update(brands::facts_document(brand.facts));
  return document;
}

json log_document(const journal::Numbered& numbered, const grants::Purposes& purposes) {
  const auto& entry = numbered.entry;
  return {{"number", numbered.number},
          {"at", in_seconds(entry.at)},
          {"kind", journal::to_string(entry.kind)},
          {"outcome", journal::to_string(entry.outcome)},
          {"brand", entry.brand},
          {"grant", entry.grant},
          {"fields", entry.fields},
          {"purpose", word_of(purposes, entry.purpose)},
          {"purpose_dpv", entry.purpose},
          {"reason", entry.reason},
          {"forgotten", numbered.forgotten}};
}

json check_document(const store::CheckReport& report) {
  json damages = json::array();
  for (const auto& damage : report.damages) damages.push_back({{"place", damage.place}});
  return {{"schema", "vrm.verify/1"},
          {"ok", report.damages.empty()},
          {"rows", report.rows},
          {"log_records", report.log_records},
          {"damages", std::move(damages)}};
}

json catalogue_document(const Knowledge& knowledge) {
  json fields = json::array();
  for (const auto& field : knowledge.catalogue.all()) {
    fields.push_back({{"name", field.name},
                      {"type", profile::to_string(field.type)},
                      {"example", profile::example_of(field.type, field.unit)},
                      {"group", field.name.substr(0, field.name.find('.'))},
                      {"sensitivity", field.sensitivity},
                      {"claim", field.claim.has_value()},
                      {"label_en", field.label_en},
                      {"label_fr", field.label_fr}});
  }
  json purposes = json::array();
  for (const auto& purpose : knowledge.purposes.all()) {
    purposes.push_back({{"word", purpose.word},
                        {"dpv", purpose.dpv},
                        {"default", purpose.grantable ? "ask" : "never"},
                        {"label_en", purpose.label_en},
                        {"label_fr", purpose.label_fr}});
  }
  return {{"schema", "vrm.catalogue/1"},
          {"fields", std::move(fields)},
          {"purposes", std::move(purposes)}};
}

}  // namespace vrm::gate
