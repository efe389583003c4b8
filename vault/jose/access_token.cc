#include "vault/jose/access_token.h"

#include <nlohmann/json.hpp>

#include "vault/base/check.h"
#include "vault/base/json.h"
#include "vault/jose/jws.h"
#include "vault/jose/jwt.h"

namespace vrm::jose {

namespace {

using nlohmann::json;

constexpr std::string_view kTokenTypes[] = {"at+jwt"};
constexpr std::size_t kThumbprintLetters = 43;

Error bad_token(std::string message) {
  return Error{ErrorCode::Malformed, std::move(message)};
}

bool is_filled(const AccessToken& token) {
  return !token.issuer.empty() && !token.audience.empty() && !token.subject.empty() &&
         !token.client_id.empty() && !token.jti.empty() && !token.grant_id.empty() &&
         token.key_thumbprint.size() == kThumbprintLetters;
}

Result<AccessToken> token_of(const json& payload, const Claims& claims) {
  AccessToken token;
  token.issuer = claims.iss;
  token.audience = claims.aud;
  token.subject = claims.sub;
  token.jti = claims.jti;
  token.client_id = TRY(need_string(payload, "client_id"));
  token.grant_id = TRY(need_string(payload, "grant_id"));
  const json* confirmation = TRY(need_object(payload, "cnf"));
  token.key_thumbprint = TRY(need_string(*confirmation, "jkt"));
  const json* details = TRY(need_array(payload, "authorization_details"));
  token.authorization_details = write_json(*details);
  if (!claims.iat || !claims.exp) return bad_token("the token has no `iat` or no `exp`");
  token.issued = *claims.iat;
  token.expires = *claims.exp;
  if (!is_filled(token)) return bad_token("a claim of the token is missing or empty");
  return token;
}

}  // namespace

Result<std::string> write_access_token(const AccessToken& token, const crypto::SigningKey& key,
                                       std::string_view kid) {
  VRM_CHECK(is_filled(token));
  VRM_CHECK(token.expires > token.issued && token.expires - token.issued <= kMostTokenLife);
  auto details = read_json(token.authorization_details);
  VRM_CHECK(details.ok() && details.value().is_array());
  json payload = json::object();
  payload["iss"] = token.issuer;
  payload["aud"] = token.audience;
  payload["sub"] = token.subject;
  payload["client_id"] = token.client_id;
  payload["jti"] = token.jti;
  payload["grant_id"] = token.grant_id;
  payload["iat"] = token.issued.seconds();
  payload["exp"] = token.expires.seconds();
  payload["cnf"] = json::object();
  payload["cnf"]["jkt"] = token.key_thumbprint;
  payload["authorization_details"] = std::move(details).value();
  std::string text = sign_jws(key, {.typ = kTokenTypes[0], .kid = kid}, write_json(payload));
  if (text.size() > kMostJwsBytes) return bad_token("what is granted does not fit into a token");
  return text;
}

Result<AccessToken> read_access_token(std::string_view text, const crypto::PublicKey& key,
                                      std::string_view issuer, std::string_view audience,
                                      Instant now) {
  const Jws jws = TRY(Jws::read(text, {.types = kTokenTypes}));
  const json payload = TRY(jws.claims());
  const Claims claims = TRY(read_claims(payload));
  TRY(check_issuer(claims, issuer));
  TRY(check_audience(claims, audience));
  AccessToken token = TRY(token_of(payload, claims));
  TRY(check_times(claims, now, Duration::zero()));
  if (token.expires - token.issued > kMostTokenLife)
    return Error{ErrorCode::Denied, "the token is made for too long a time"};
  // Last: it costs more than all the rest.
  TRY(jws.verify(VerifyingKey(key)));
  return token;
}

}  // namespace vrm::jose
