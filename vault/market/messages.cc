#include "vault/market/messages.h"

#include <chrono>
#include <nlohmann/json.hpp>

#include "vault/base/check.h"
#include "vault/base/json.h"
#include "vault/crypto/sha256.h"
#include "vault/jose/jws.h"

namespace vrm::market {

namespace {

using nlohmann::json;

// Longer than the deliveries try.
constexpr Duration kNoticeLife = std::chrono::hours(24 * 7);

std::string signed_by(const brands::Issuer& issuer, std::string_view typ, const json& claims) {
  return jose::sign_jws(issuer.key, {.typ = typ, .kid = issuer.jwk.kid}, write_json(claims));
}

json claims_of(const brands::Issuer& issuer, const brands::Brand& brand, std::string_view jti,
               Instant now, Instant until) {
  return {{"iss", issuer.url},    {"aud", brand.client_id}, {"sub", issuer.subject},
          {"iat", now.seconds()}, {"exp", until.seconds()}, {"jti", jti}};
}

json list_of(const std::vector<AcceptedGrant>& grants) {
  json list = json::array();
  for (const auto& grant : grants) {
    auto details = read_json(grant.authorization_details);
    VRM_CHECK(details.ok() && details.value().is_array());
    list.push_back({{"auth_req_id", grant.auth_req_id},
                    {"authorization_details", std::move(details).value()}});
  }
  return list;
}

}  // namespace

json intent_claims(const brands::Issuer& issuer, const brands::Brand& brand, std::string_view iid,
                   std::string_view auth_req_id, std::int64_t interval_s, const PublicPart& part,
                   Instant now) {
  json claims = claims_of(issuer, brand, iid, now, part.offers_until);
  claims["auth_req_id"] = auth_req_id;
  claims["interval"] = interval_s;
  claims["demand"] = write_demand(part);
  return claims;
}

std::string write_intent_message(const brands::Issuer& issuer, const json& claims) {
  return signed_by(issuer, "vrm-intent+jwt", claims);
}

std::string write_acceptance_message(const brands::Issuer& issuer, const brands::Brand& brand,
                                     std::string_view jti, std::string_view iid,
                                     std::string_view oid, std::int64_t rev,
                                     std::string_view offer_sha256,
                                     const std::vector<AcceptedGrant>& grants, Instant now,
                                     Instant until) {
  json claims = claims_of(issuer, brand, jti, now, until);
  claims["intent"] = iid;
  claims["offer"] = oid;
  claims["rev"] = rev;
  claims["offer_sha256"] = offer_sha256;
  claims["grants"] = list_of(grants);
  return signed_by(issuer, "vrm-accept+jwt", claims);
}

std::string write_cancellation(const brands::Issuer& issuer, const brands::Brand& brand,
                               std::string_view jti, std::string_view iid,
                               std::string_view acceptance_jti, Instant now) {
  json claims = claims_of(issuer, brand, jti, now, now + kNoticeLife);
  claims["intent"] = iid;
  claims["acceptance"] = acceptance_jti;
  return signed_by(issuer, "vrm-cancel+jwt", claims);
}

std::string write_close(const brands::Issuer& issuer, const brands::Brand& brand,
                        std::string_view jti, std::string_view iid, Instant now) {
  json claims = claims_of(issuer, brand, jti, now, now + kNoticeLife);
  claims["intent"] = iid;
  return signed_by(issuer, "vrm-close+jwt", claims);
}

std::string sha256_of(std::string_view jws) {
  return to_base64url(crypto::sha256(bytes_of(jws)));
}

}  // namespace vrm::market
