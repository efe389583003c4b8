#include "vault/brands/brand.h"

#include <nlohmann/json.hpp>

#include "vault/base/json.h"

namespace vrm::brands {

namespace {

constexpr std::string_view kStandingWords[] = {"known", "blocked", "keys_changed"};

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
  return brand;
}

}  // namespace

std::string_view to_string(Standing standing) {
  return kStandingWords[static_cast<std::size_t>(standing)];
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
