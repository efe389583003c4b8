#include "examples/shop/inbox.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "examples/shop/letter.h"
#include "examples/shop/web.h"
#include "vault/base/json.h"
#include "vault/jose/jwk.h"
#include "vault/jose/jws.h"
#include "vault/jose/jwt.h"

namespace vrm::shop {
namespace {

constexpr std::array<std::string_view, 1> kIntroduction = {"vrm-introduction+jwt"};
constexpr std::string_view kEvent = "secevent+jwt";
constexpr const char* kGrantRevoked = "https://vrm.example/events/grant-revoked";
constexpr std::size_t kMostHeard = 10000;
constexpr Duration kEventMemory = std::chrono::hours(24);

Error bad_introduction(const char* why) {
  return {ErrorCode::Malformed, why};
}

std::vector<Vault>::iterator find_vault(std::vector<Vault>& vaults, std::string_view issuer) {
  return std::find_if(vaults.begin(), vaults.end(),
                      [&](const Vault& vault) { return vault.issuer == issuer; });
}

}  // namespace

Result<Vault> Inbox::take_introduction(std::string_view text) {
  const jose::Jws jws = TRY(jose::Jws::read(text, {.types = kIntroduction}));
  const nlohmann::json payload = TRY(jws.claims());
  const jose::Claims claims = TRY(jose::read_claims(payload));
  TRY(jose::check_audience(claims, client_id_));
  TRY(jose::check_has_jti(claims));
  TRY(jose::check_times(claims, clock_.now(), jose::kClockSkew));
  TRY(url_from_text(claims.iss));
  if (claims.sub.empty()) return bad_introduction("the introduction has no `sub`");
  const nlohmann::json* jwks = TRY(need_object(payload, "jwks"));
  Vault vault{
      .issuer = claims.iss, .subject = claims.sub, .reference = "", .jwks = write_json(*jwks)};
  vault.reference = TRY(vrm::find_string(payload, "ref")).value_or("");

  const std::lock_guard guard(lock_);
  std::vector<Vault> vaults = TRY(load_vaults(folder_));
  const auto known = find_vault(vaults, vault.issuer);
  const jose::JwkSet keys = TRY(jose::JwkSet::read(vault.jwks));
  TRY(check_signed_by(jws, keys));
  if (known != vaults.end()) {
    const jose::JwkSet pinned = TRY(jose::JwkSet::read(known->jwks));
    TRY(check_signed_by(jws, pinned));
    vaults.erase(known);
  }
  TRY(first_time(claims.iss, claims.jti, *claims.exp + jose::kClockSkew));
  vaults.push_back(vault);
  TRY(save_vaults(folder_, vaults));
  return vault;
}

Result<GrantRevoked> Inbox::take_event(std::string_view text) {
  const std::lock_guard guard(lock_);
  const Letter letter = TRY(open_letter(text, {.type = kEvent, .client_id = client_id_}, folder_));
  const nlohmann::json payload = letter.payload();
  const nlohmann::json* events = TRY(need_object(payload, "events"));
  const nlohmann::json* revoked = TRY(need_object(*events, kGrantRevoked));
  GrantRevoked event{.issuer = letter.claims.iss, .grant_id = ""};
  event.grant_id = TRY(need_string(*revoked, "grant_id"));
  // An event has no end: it is sent again until we say that we have it.
  TRY(first_time(letter.claims.iss, letter.claims.jti, clock_.now() + kEventMemory));
  return event;
}

Result<void> Inbox::first_time(const std::string& issuer, const std::string& jti,
                               Instant forget_at) {
  const Instant now = clock_.now();
  std::erase_if(heard_, [&](const auto& entry) { return entry.second < now; });
  if (heard_.size() >= kMostHeard) return Error{ErrorCode::Unavailable, "too many at once"};
  if (!heard_.emplace(issuer + " " + jti, forget_at).second) {
    return Error{ErrorCode::Conflict, "heard before"};
  }
  return {};
}

}  // namespace vrm::shop
