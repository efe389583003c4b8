#include "vault/brands/brand.h"

#include <nlohmann/json.hpp>

#include "vault/base/json.h"

namespace vrm::brands {

namespace {

constexpr std::string_view kStandingWords[] = {"known", "blocked", "keys_changed"};
constexpr std::string_view kTrustWords[] = {"blocked",   "keys_changed", "lookalike",
                                            "unchecked", "known",        "trusted"};

Result<Standing> standing_from(std::string_view word) {
  for (const auto standing : {Standing::Known, Standing::Blocked, Standing::KeysChanged})
    if (to_string(standing) == word) return standing;
  return Error{ErrorCode::Corrupt, "a brand's standing is unknown"};
}

Result<Brand> brand_from(const nlohmann::json& json) {
  Brand brand;
  brand.handle = TRY(need_string(json, "handle"));
  brand.name = TRY(need_string(json, "name"));
  brand.client_id = TRY(need_string(json, "client_id"));
  brand.host = TRY(need_string(json, "host"));
  brand.jwks = TRY(need_string(json, "jwks"));
  brand.fingerprint = TRY(need_string(json, "fingerprint"));
  brand.introduction_endpoint = TRY(need_string(json, "introduction_endpoint"));
  brand.event_endpoint = TRY(need_string(json, "event_endpoint"));
  brand.intent_endpoint = TRY(find_string(json, "intent_endpoint")).value_or("");
  brand.mailbox = TRY(find_string(json, "mailbox")).value_or("");
  brand.address_checked = TRY(find_bool(json, "address_checked")).value_or(false);
  brand.introduced = TRY(find_bool(json, "introduced")).value_or(false);
  brand.known_since = {TRY(need_int(json, "known_since"))};
  const std::string standing = TRY(need_string(json, "standing"));
  brand.standing = TRY(standing_from(standing));
  brand.tags = TRY(need_strings(json, "tags"));
  brand.muted = TRY(find_bool(json, "muted")).value_or(false);
  const auto muted_until = TRY(find_int(json, "muted_until"));
  if (muted_until) brand.muted_until = Instant{*muted_until};
  brand.facts = TRY(read_kept_facts(json));
  brand.trusted = TRY(find_bool(json, "trusted")).value_or(false);
  brand.looks_like = TRY(find_string(json, "looks_like")).value_or("");
  brand.keys_since = {TRY(find_int(json, "keys_since")).value_or(brand.known_since.ms)};
  brand.checked_at = {TRY(find_int(json, "checked_at")).value_or(0)};
  brand.former_name = TRY(find_string(json, "former_name")).value_or("");
  brand.renamed_at = {TRY(find_int(json, "renamed_at")).value_or(0)};
  brand.shown_jwks = TRY(find_string(json, "shown_jwks")).value_or("");
  brand.shown_fingerprint = TRY(find_string(json, "shown_fingerprint")).value_or("");
  brand.shown_at = {TRY(find_int(json, "shown_at")).value_or(0)};
  brand.tokens_after = {TRY(find_int(json, "tokens_after")).value_or(0)};
  brand.wants_terms = TRY(find_string(json, "wants_terms")).value_or("");
  brand.wants_signed = TRY(find_bool(json, "wants_signed")).value_or(false);
  return brand;
}

// What most brands have not is left out, and read as missing.
void put_if(nlohmann::json& json, const char* member, const std::string& text) {
  if (!text.empty()) json[member] = text;
}
void put_if(nlohmann::json& json, const char* member, Instant at) {
  if (at.ms != 0) json[member] = at.ms;
}

void put_later_members(nlohmann::json& json, const Brand& brand) {
  put_facts(json, brand.facts);
  if (brand.trusted) json["trusted"] = true;
  put_if(json, "looks_like", brand.looks_like);
  if (brand.keys_since.ms != brand.known_since.ms) put_if(json, "keys_since", brand.keys_since);
  put_if(json, "checked_at", brand.checked_at);
  put_if(json, "former_name", brand.former_name);
  put_if(json, "renamed_at", brand.renamed_at);
  put_if(json, "shown_jwks", brand.shown_jwks);
  put_if(json, "shown_fingerprint", brand.shown_fingerprint);
  put_if(json, "shown_at", brand.shown_at);
  put_if(json, "tokens_after", brand.tokens_after);
  put_if(json, "wants_terms", brand.wants_terms);
  if (brand.wants_signed) json["wants_signed"] = true;
}

}  // namespace

std::string_view to_string(Standing standing) {
  return kStandingWords[static_cast<std::size_t>(standing)];
}

std::string_view to_string(Trust trust) {
  return kTrustWords[static_cast<std::size_t>(trust)];
}

Trust trust_of(const Brand& brand) {
  if (brand.standing == Standing::Blocked) return Trust::Blocked;
  if (brand.standing == Standing::KeysChanged) return Trust::KeysChanged;
  if (brand.trusted) return Trust::Trusted;
  if (!brand.looks_like.empty()) return Trust::Lookalike;
  return brand.address_checked ? Trust::Known : Trust::Unchecked;
}

Bytes write_brand(const Brand& brand) {
  nlohmann::json json = {{"handle", brand.handle},
                         {"name", brand.name},
                         {"client_id", brand.client_id},
                         {"host", brand.host},
                         {"jwks", brand.jwks},
                         {"fingerprint", brand.fingerprint},
                         {"introduction_endpoint", brand.introduction_endpoint},
                         {"event_endpoint", brand.event_endpoint},
                         {"intent_endpoint", brand.intent_endpoint},
                         {"mailbox", brand.mailbox},
                         {"address_checked", brand.address_checked},
                         {"introduced", brand.introduced},
                         {"known_since", brand.known_since.ms},
                         {"standing", to_string(brand.standing)},
                         {"tags", brand.tags}};
  if (brand.muted) json["muted"] = true;
  if (brand.muted_until) json["muted_until"] = brand.muted_until->ms;
  put_later_members(json, brand);
  const std::string text = write_json(json);
  return {text.begin(), text.end()};
}

Result<Brand> read_brand(BytesView record) {
  const auto json = read_json(text_of(record), {.bytes = 256 * 1024});
  if (json.ok()) {
    auto brand = brand_from(json.value());
    if (brand.ok()) return brand;
  }
  return Error{ErrorCode::Corrupt, "a brand's record cannot be read"};
}

}  // namespace vrm::brands
