#include "vault/grants/grant.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "vault/base/check.h"
#include "vault/base/json.h"

namespace vrm::grants {

namespace {

constexpr std::string_view kStoredWords[] = {"waiting", "active", "revoked", "held", "unused"};

std::string_view to_string(Stored stored) {
  return kStoredWords[static_cast<std::size_t>(stored)];
}

Result<Stored> stored_from(std::string_view word) {
  for (const auto stored :
       {Stored::Waiting, Stored::Active, Stored::Revoked, Stored::Held, Stored::Unused})
    if (to_string(stored) == word) return stored;
  return Error{ErrorCode::Corrupt, "a grant's state is unknown"};
}

bool contains(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::optional<Instant> instant_at(const std::optional<std::int64_t>& ms) {
  return ms ? std::optional<Instant>(Instant{*ms}) : std::nullopt;
}

// An object of texts; missing: none.
Result<std::map<std::string, std::string>> texts_by_name(const nlohmann::json& json,
                                                         const char* name) {
  std::map<std::string, std::string> texts;
  if (!json.contains(name)) return texts;
  const auto* object = TRY(need_object(json, name));
  for (const auto& [key, text] : object->items()) {
    if (!text.is_string()) return Error{ErrorCode::Corrupt, "a grant's form is no text"};
    texts.emplace(key, text.get<std::string>());
  }
  return texts;
}

Result<std::map<std::string, Alias>> aliases_in(const nlohmann::json& json) {
  std::map<std::string, Alias> aliases;
  if (!json.contains("alias")) return aliases;
  const auto* object = TRY(need_object(json, "alias"));
  for (const auto& [field, kept] : object->items()) {
    Alias alias;
    alias.type = TRY(need_string(kept, "type"));
    alias.value = TRY(need_string(kept, "value"));
    aliases.emplace(field, std::move(alias));
  }
  return aliases;
}

Result<Grant> grant_from(const nlohmann::json& json) {
  Grant grant;
  grant.id.text = TRY(need_string(json, "id"));
  grant.brand = TRY(need_string(json, "brand"));
  grant.fields = TRY(need_strings(json, "fields"));
  grant.purpose = TRY(need_string(json, "purpose"));
  const std::string state = TRY(need_string(json, "state"));
  grant.stored = TRY(stored_from(state));
  grant.made_at = {TRY(need_int(json, "made_at"))};
  grant.expires_at = {TRY(need_int(json, "expires_at"))};
  grant.max_reads = TRY(find_int(json, "max_reads"));
  grant.reads = TRY(need_int(json, "reads"));
  grant.last_read_at = instant_at(TRY(find_int(json, "last_read_at")));
  grant.retention_days = TRY(need_int(json, "retention_days"));
  grant.served_while_locked = TRY(find_bool(json, "served_while_locked")).value_or(false);
  grant.suspended = TRY(find_bool(json, "suspended")).value_or(false);
  grant.request = TRY(need_string(json, "request"));
  grant.offer = TRY(find_string(json, "offer")).value_or("");
  grant.revoked_at = instant_at(TRY(find_int(json, "revoked_at")));
  grant.given_back = TRY(find_bool(json, "given_back")).value_or(false);
  grant.renewed_at = instant_at(TRY(find_int(json, "renewed_at")));
  grant.unused_at = instant_at(TRY(find_int(json, "unused_at")));
  grant.coarse = TRY(texts_by_name(json, "coarse"));
  grant.once = TRY(find_strings(json, "once")).value_or(std::vector<std::string>());
  grant.once_read = TRY(find_strings(json, "once_read")).value_or(std::vector<std::string>());
  grant.aliases = TRY(aliases_in(json));
  grant.while_order = TRY(find_string(json, "while_order")).value_or("");
  grant.terms = TRY(find_terms(json));
  return grant;
}

}  // namespace

std::string_view to_string(Condition condition) {
  switch (condition) {
    case Condition::Waiting:
      return "waiting";
    case Condition::Active:
      return "active";
    case Condition::Expired:
      return "expired";
    case Condition::Spent:
      return "spent";
    case Condition::Revoked:
      return "revoked";
    case Condition::Held:
      return "held";
    case Condition::Unused:
      return "unused";
    case Condition::Suspended:
      return "suspended";
    case Condition::GivenBack:
      return "given_back";
    case Condition::OrderEnded:
      return "order_ended";
  }
  VRM_CHECK(false);
  return {};
}

bool has_ended(Condition condition) {
  return condition == Condition::Expired || condition == Condition::Spent ||
         condition == Condition::Revoked || condition == Condition::GivenBack ||
         condition == Condition::Unused || condition == Condition::OrderEnded;
}

Condition Grant::condition(Instant now) const {
  if (stored == Stored::Revoked) return given_back ? Condition::GivenBack : Condition::Revoked;
  if (stored == Stored::Unused) return Condition::Unused;
  if (max_reads && reads >= *max_reads) return Condition::Spent;
  if (now >= expires_at) return Condition::Expired;
  if (suspended) return Condition::Suspended;
  if (stored == Stored::Held) return Condition::Held;
  return stored == Stored::Waiting ? Condition::Waiting : Condition::Active;
}

std::vector<std::int64_t> Grant::turning_counts() const {
  if (!max_reads) return {};
  return {*max_reads};
}

bool Grant::covers(std::string_view field) const {
  return contains(fields, field) && !contains(once_read, field);
}

bool Grant::is_once(std::string_view field) const {
  return contains(once, field);
}

void Grant::count_read(const std::vector<std::string>& read_fields) {
  ++reads;
  for (const auto& field : read_fields)
    if (contains(once, field) && !contains(once_read, field)) once_read.push_back(field);
}

void Grant::uncount_read(const std::vector<std::string>& read_fields) {
  if (reads > 0) --reads;
  std::erase_if(once_read, [&](const auto& field) { return contains(read_fields, field); });
}

bool Grant::is_unused(Instant now, Duration limit) const {
  const Condition is = condition(now);
  if (is != Condition::Active && is != Condition::Waiting) return false;
  Instant last = renewed_at.value_or(made_at);
  if (last_read_at) last = std::max(last, *last_read_at);
  return now >= last + limit;
}

Bytes write_grant(const Grant& grant) {
  nlohmann::json json = {{"id", grant.id.text},
                         {"brand", grant.brand},
                         {"fields", grant.fields},
                         {"purpose", grant.purpose},
                         {"state", to_string(grant.stored)},
                         {"made_at", grant.made_at.ms},
                         {"expires_at", grant.expires_at.ms},
                         {"reads", grant.reads},
                         {"retention_days", grant.retention_days},
                         {"served_while_locked", grant.served_while_locked},
                         {"request", grant.request}};
  if (!grant.offer.empty()) json["offer"] = grant.offer;
  if (grant.suspended) json["suspended"] = true;
  if (grant.max_reads) json["max_reads"] = *grant.max_reads;
  if (grant.last_read_at) json["last_read_at"] = grant.last_read_at->ms;
  if (grant.revoked_at) json["revoked_at"] = grant.revoked_at->ms;
  if (grant.given_back) json["given_back"] = true;
  if (grant.renewed_at) json["renewed_at"] = grant.renewed_at->ms;
  if (grant.unused_at) json["unused_at"] = grant.unused_at->ms;
  if (!grant.coarse.empty()) json["coarse"] = grant.coarse;
  if (!grant.once.empty()) json["once"] = grant.once;
  if (!grant.once_read.empty()) json["once_read"] = grant.once_read;
  for (const auto& [field, alias] : grant.aliases)
    json["alias"][field] = {{"type", alias.type}, {"value", alias.value}};
  if (!grant.while_order.empty()) json["while_order"] = grant.while_order;
  put_terms(json, grant.terms);
  const std::string text = write_json(json);
  return {text.begin(), text.end()};
}

Result<Grant> read_grant(BytesView record) {
  const auto json = read_json(text_of(record));
  if (json.ok()) {
    auto grant = grant_from(json.value());
    if (grant.ok()) return grant;
  }
  return Error{ErrorCode::Corrupt, "a grant's record cannot be read"};
}

}  // namespace vrm::grants
