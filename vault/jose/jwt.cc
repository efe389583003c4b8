#include "vault/jose/jwt.h"

#include <nlohmann/json.hpp>

#include "vault/base/json.h"

namespace vrm::jose {

namespace {

using nlohmann::json;

constexpr std::int64_t kLastSecond = 253402300799;  // 9999-12-31T23:59:59Z

Error bad_claim(std::string_view name, std::string_view reason) {
  return Error{ErrorCode::Malformed,
               "the claim `" + std::string(name) + "` " + std::string(reason)};
}

Error denied(std::string message) {
  return Error{ErrorCode::Denied, std::move(message)};
}

Result<std::string> text_claim(const json& payload, std::string_view name) {
  auto text = TRY(find_string(payload, name));
  if (text && text->empty()) return bad_claim(name, "is empty");
  return std::move(text).value_or("");
}

Result<std::optional<Instant>> time_claim(const json& payload, std::string_view name) {
  const auto seconds = TRY(find_int(payload, name));
  if (!seconds) return std::optional<Instant>();
  if (*seconds < 0 || *seconds > kLastSecond) return bad_claim(name, "is no time");
  return std::optional<Instant>(Instant{*seconds * 1000});
}

}  // namespace

Result<Claims> read_claims(const json& payload) {
  Claims claims;
  claims.iss = TRY(text_claim(payload, "iss"));
  claims.aud = TRY(text_claim(payload, "aud"));
  claims.sub = TRY(text_claim(payload, "sub"));
  claims.jti = TRY(text_claim(payload, "jti"));
  if (claims.jti.size() > kMostJtiBytes) return bad_claim("jti", "is too long");
  claims.iat = TRY(time_claim(payload, "iat"));
  claims.nbf = TRY(time_claim(payload, "nbf"));
  claims.exp = TRY(time_claim(payload, "exp"));
  return claims;
}

Result<void> check_issuer(const Claims& claims, std::string_view wanted) {
  if (claims.iss != wanted || wanted.empty()) return denied("`iss` is another");
  return {};
}

Result<void> check_audience(const Claims& claims, std::string_view wanted) {
  if (claims.aud != wanted || wanted.empty()) return denied("`aud` is another");
  return {};
}

Result<void> check_has_jti(const Claims& claims) {
  if (claims.jti.empty()) return bad_claim("jti", "is missing");
  return {};
}

Result<void> check_times(const Claims& claims, Instant now, Duration skew) {
  if (!claims.exp) return bad_claim("exp", "is missing");
  if (*claims.exp + skew <= now) return denied("`exp` is past");
  if (claims.nbf && *claims.nbf > now + skew) return denied("`nbf` is to come");
  if (claims.iat && *claims.iat > now + skew) return denied("`iat` is to come");
  return {};
}

}  // namespace vrm::jose
