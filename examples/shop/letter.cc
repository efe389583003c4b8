#include "examples/shop/letter.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <span>
#include <utility>
#include <vector>

#include "vault/base/bytes.h"
#include "vault/base/json.h"
#include "vault/jose/jwk.h"

namespace vrm::shop {
namespace {

Result<Vault> known_vault(const Folder& folder, std::string_view issuer) {
  const std::vector<Vault> vaults = TRY(load_vaults(folder));
  const auto known = std::find_if(vaults.begin(), vaults.end(),
                                  [&](const Vault& vault) { return vault.issuer == issuer; });
  if (known == vaults.end()) return Error{ErrorCode::NotFound, "from no vault that we know"};
  return *known;
}

}  // namespace

nlohmann::json Letter::payload() const {
  return read_json(text, {.bytes = text.size()}).value();
}

Result<void> check_signed_by(const jose::Jws& jws, const jose::JwkSet& keys) {
  const jose::VerifyingKey* key = keys.find(jws.kid(), jws.kind());
  if (key == nullptr) return Error{ErrorCode::BadKey, "signed by none of the vault's keys"};
  return jws.verify(*key);
}

Result<std::string> type_of(std::string_view text) {
  const std::string_view header = text.substr(0, text.find('.'));
  if (header.size() > 1024) return Error{ErrorCode::Malformed, "its header is too long"};
  const Bytes bytes = TRY(from_base64url(header));
  const nlohmann::json json = TRY(read_json(text_of(bytes)));
  return need_string(json, "typ");
}

Result<Letter> open_letter(std::string_view text, const LetterRules& rules, const Folder& folder) {
  const jose::Jws jws = TRY(
      jose::Jws::read(text, {.types = std::span(&rules.type, 1), .most_bytes = rules.most_bytes}));
  Letter letter;
  letter.text = text_of(jws.payload());
  const nlohmann::json payload = TRY(read_json(letter.text, {.bytes = rules.most_bytes}));
  letter.claims = TRY(jose::read_claims(payload));
  TRY(jose::check_audience(letter.claims, rules.client_id));
  TRY(jose::check_has_jti(letter.claims));
  letter.vault = TRY(known_vault(folder, letter.claims.iss));
  const jose::JwkSet keys = TRY(jose::JwkSet::read(letter.vault.jwks));
  TRY(check_signed_by(jws, keys));
  return letter;
}

Result<void> check_current(const Letter& letter, Instant now) {
  TRY(jose::check_times(letter.claims, now, jose::kClockSkew));
  if (!letter.claims.sub.empty() && letter.claims.sub != letter.vault.subject) {
    return Error{ErrorCode::Denied, "about somebody whom this vault did not introduce"};
  }
  return {};
}

}  // namespace vrm::shop
