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

std::optional<Instant> instant_at(const std::optional<std::int64_t>& ms) {
  return ms ? std::optional<Instant>(Instant{*ms}) : std::nullopt;
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
  }
  VRM_CHECK(false);
  return {};
}

bool has_ended(Condition condition) {
  return condition == Condition::Expired || condition == Condition::Spent ||
         condition == Condition::Revoked || condition == Condition::GivenBack ||
         condition == Condition::Unused;
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

bool Grant::covers(std::string_view field) const {
  return std::find(fields.begin(), fields.end(), field) != fields.end();
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
