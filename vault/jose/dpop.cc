#include "vault/jose/dpop.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "vault/base/ascii.h"
#include "vault/base/check.h"
#include "vault/base/json.h"
#include "vault/crypto/sha256.h"
#include "vault/jose/jws.h"
#include "vault/jose/jwt.h"

namespace vrm::jose {

namespace {

using nlohmann::json;

constexpr std::string_view kProofTypes[] = {"dpop+jwt"};
constexpr std::size_t kJtiBytes = 16;

struct ProofClaims {
  std::string jti, htm, htu;
  std::optional<std::string> nonce, ath;
  Instant iat;
};

Result<ProofClaims> read_proof_claims(const json& payload) {
  const Claims common = TRY(read_claims(payload));
  TRY(check_has_jti(common));
  if (!common.iat) return Error{ErrorCode::Malformed, "the proof has no `iat`"};
  ProofClaims claims;
  claims.jti = common.jti;
  claims.iat = *common.iat;
  claims.htm = TRY(need_string(payload, "htm"));
  claims.htu = TRY(need_string(payload, "htu"));
  claims.nonce = TRY(find_string(payload, "nonce"));
  claims.ath = TRY(find_string(payload, "ath"));
  return claims;
}

bool same_address(std::string_view claimed, std::string_view ours) {
  if (claimed == ours && ours.find_first_of("?#") == ours.npos) return true;
  const auto a = normal_address(claimed);
  const auto b = normal_address(ours);
  return a && b && *a == *b;
}

// Every question that needs no cryptography, cheapest and most telling first.
std::optional<ProofRefusal> find_refusal(const ProofClaims& claims, const ProofRules& rules) {
  if (claims.htm != rules.method) return ProofRefusal::Method;
  if (!same_address(claims.htu, rules.url)) return ProofRefusal::Address;
  if (!claims.nonce) return ProofRefusal::NonceMissing;
  if (std::find(rules.nonces.begin(), rules.nonces.end(), *claims.nonce) == rules.nonces.end())
    return ProofRefusal::NonceOld;
  if (claims.iat < rules.now - kProofClockSkew || claims.iat > rules.now + kProofClockSkew)
    return ProofRefusal::IssuedAt;
  if (!rules.token_hash.empty() && claims.ath != rules.token_hash) return ProofRefusal::TokenHash;
  return std::nullopt;
}

struct LookedAt {
  Jws jws;
  ProofClaims claims;
};

std::variant<LookedAt, ProofRefusal> look_at(std::string_view text, const ProofRules& rules) {
  VRM_CHECK(!rules.nonces.empty());
  auto jws = Jws::read(text, {.types = kProofTypes,
                              .most_bytes = kMostProofBytes,
                              .key = KeyPlace::InHeader,
                              .known = rules.known_header});
  if (!jws.ok()) return ProofRefusal::Malformed;
  const auto payload = jws.value().claims();
  if (!payload.ok()) return ProofRefusal::Malformed;
  auto claims = read_proof_claims(payload.value());
  if (!claims.ok()) return ProofRefusal::Malformed;
  if (const auto refusal = find_refusal(claims.value(), rules)) return *refusal;
  return LookedAt{std::move(jws).value(), std::move(claims).value()};
}

bool is_signed_by(const Jws& jws, const Jwk& jwk) {
  const auto key = VerifyingKey::from(jwk);
  return key.ok() && jws.verify(key.value()).ok();
}

bool is_printable_address(std::string_view url) {
  return std::all_of(url.begin(), url.end(),
                     [](char c) { return c > ' ' && c < 0x7F && c != '\\'; });
}

bool is_port(std::string_view text) {
  return !text.empty() && text.size() <= 5 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// `host[:port]` in lower case without the default port.
std::optional<std::string> normal_authority(std::string_view authority,
                                            std::string_view default_port) {
  if (authority.find('@') != authority.npos) return std::nullopt;
  const auto bracket = authority.rfind(']');
  const auto colon = authority.find(':', bracket == authority.npos ? 0 : bracket);
  const auto host = authority.substr(0, colon);
  if (host.empty()) return std::nullopt;
  if (colon == authority.npos) return lower(host);
  const auto port = authority.substr(colon + 1);
  if (port.empty() || port == default_port) return lower(host);
  if (!is_port(port)) return std::nullopt;
  return lower(authority);
}

}  // namespace

std::string_view to_string(ProofRefusal refusal) {
  switch (refusal) {
    case ProofRefusal::Malformed:
      return "malformed";
    case ProofRefusal::Method:
      return "htm";
    case ProofRefusal::Address:
      return "htu";
    case ProofRefusal::NonceMissing:
      return "nonce_missing";
    case ProofRefusal::NonceOld:
      return "nonce_old";
    case ProofRefusal::IssuedAt:
      return "iat";
    case ProofRefusal::TokenHash:
      return "ath";
    case ProofRefusal::OtherKey:
      return "other_key";
    case ProofRefusal::Signature:
      return "signature";
  }
  VRM_CHECK(false);
  return {};
}

std::optional<ProofRefusal> look_at_proof(std::string_view text, const ProofRules& rules) {
  const auto looked = look_at(text, rules);
  const auto* refusal = std::get_if<ProofRefusal>(&looked);
  return refusal == nullptr ? std::nullopt : std::optional(*refusal);
}

std::variant<Proof, ProofRefusal> check_proof(std::string_view text, const ProofRules& rules) {
  const auto looked = look_at(text, rules);
  if (const auto* refusal = std::get_if<ProofRefusal>(&looked)) return *refusal;
  const auto& [jws, claims] = std::get<LookedAt>(looked);
  const HeaderPtr& header = jws.header();
  if (!rules.thumbprint.empty() && header->thumbprint != rules.thumbprint)
    return ProofRefusal::OtherKey;
  if (!is_signed_by(jws, jws.jwk())) return ProofRefusal::Signature;
  return Proof{header->thumbprint, claims.jti, claims.iat, header};
}

Seen remember_proof(ReplayMemory& memory, const std::string& share, const Proof& proof) {
  return memory.remember(share, proof.thumbprint, proof.jti, kProofMemory);
}

std::string token_hash(std::string_view token) {
  return to_base64url(crypto::sha256(bytes_of(token)));
}

std::optional<std::string> normal_address(std::string_view url) {
  if (!is_printable_address(url)) return std::nullopt;
  const auto scheme_end = url.find("://");
  if (scheme_end == url.npos) return std::nullopt;
  const std::string scheme = lower(url.substr(0, scheme_end));
  if (scheme != "https" && scheme != "http") return std::nullopt;
  std::string_view rest = url.substr(scheme_end + 3);
  rest = rest.substr(0, rest.find_first_of("?#"));
  const auto slash = rest.find('/');
  const auto authority = normal_authority(rest.substr(0, slash), scheme == "https" ? "443" : "80");
  if (!authority) return std::nullopt;
  const std::string_view path = slash == rest.npos ? "/" : rest.substr(slash);
  return scheme + "://" + *authority + std::string(path);
}

std::string make_proof(const crypto::SigningKey& key, const ProofWish& wish, Random& random) {
  std::array<std::uint8_t, kJtiBytes> jti;
  random.fill(jti);
  json payload = json::object();
  payload["jti"] = to_base64url(jti);
  payload["htm"] = wish.method;
  payload["htu"] = wish.url.substr(0, wish.url.find_first_of("?#"));
  payload["iat"] = wish.now.seconds();
  if (!wish.nonce.empty()) payload["nonce"] = wish.nonce;
  if (!wish.token.empty()) payload["ath"] = token_hash(wish.token);
  const Jwk jwk{.kind = KeyKind::Ed25519, .x = key.public_key(), .y = {}, .kid = {}};
  return sign_jws(key, {.typ = "dpop+jwt", .kid = {}, .jwk = &jwk}, write_json(payload));
}

}  // namespace vrm::jose
