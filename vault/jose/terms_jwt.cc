#include "vault/jose/terms_jwt.h"

#include <nlohmann/json.hpp>

#include "vault/base/json.h"
#include "vault/jose/jws.h"
#include "vault/jose/jwt.h"

namespace vrm::jose {

namespace {

constexpr std::string_view kTermsTypes[] = {kTermsType};
constexpr std::string_view kBound = "authorization_details";

struct ReadTerms {
  Jws jws;
  Claims claims;
  nlohmann::json details;
};

Result<ReadTerms> read_terms_jwt(std::string_view text) {
  Jws jws = TRY(Jws::read(text, {.types = kTermsTypes}));
  const nlohmann::json payload = TRY(jws.claims());
  Claims claims = TRY(read_claims(payload));
  TRY(check_has_jti(claims));
  if (!claims.exp || !claims.iat || *claims.exp <= *claims.iat)
    return Error{ErrorCode::Malformed, "no `exp` after an `iat`"};
  const auto* details = TRY(need_array(payload, kBound));
  return ReadTerms{std::move(jws), std::move(claims), *details};
}

}  // namespace

std::optional<AssertionRefusal> take_terms(std::string_view text,
                                           std::string_view authorization_details,
                                           const JwkSet& keys, const AssertionRules& rules,
                                           ReplayMemory& memory, const std::string& share) {
  const auto read = read_terms_jwt(text);
  if (!read.ok()) return AssertionRefusal::Malformed;
  const auto& terms = read.value();
  if (const auto refusal = find_refusal(terms.claims, rules)) return refusal;
  const auto asked = read_json(authorization_details);
  if (!asked.ok() || asked.value() != terms.details) return AssertionRefusal::Details;
  return take_once(terms.jws, terms.claims, keys, rules, memory,
                   {.share = share, .maker = terms.claims.iss + " " + std::string(kTermsType)});
}

}  // namespace vrm::jose
