#include "vault/brands/issuer.h"

#include <chrono>
#include <nlohmann/json.hpp>

#include "vault/base/json.h"
#include "vault/jose/jws.h"

namespace vrm::brands {

namespace {

constexpr std::size_t kVidBytes = 16;
constexpr std::size_t kSubjectBytes = 12;
constexpr Duration kPollLife = std::chrono::minutes(1);
constexpr Duration kIntroductionLife = std::chrono::hours(24);

std::string text_from(const crypto::Secret& derived, std::size_t size) {
  return to_base64url(derived.bytes().first(size));
}

std::string signed_by(const Issuer& issuer, std::string_view typ, const nlohmann::json& claims) {
  return jose::sign_jws(issuer.key, {.typ = typ, .kid = issuer.jwk.kid}, write_json(claims));
}

}  // namespace

Result<Issuer> issuer_for(const store::Store& store, const Brand& brand, std::string_view base) {
  const auto vid_seed = TRY(store.derive_from(brand.key, "brand.vid"));
  const auto subject_seed = TRY(store.derive_from(brand.key, "brand.subject"));
  const auto key_seed = TRY(store.derive_from(brand.key, "brand.sign"));
  auto brand_keys = jose::JwkSet::read(brand.jwks);
  if (!brand_keys.ok()) return Error{ErrorCode::Corrupt, "a brand's pinned keys cannot be read"};
  crypto::SigningKey key(key_seed);
  jose::Jwk jwk = jose::jwk_of(key.public_key());
  const std::string vid = text_from(vid_seed, kVidBytes);
  const std::string own_base = brand.mailbox.empty() ? std::string(base) : brand.mailbox;
  return Issuer{brand.handle,
                vid,
                own_base,
                own_base + "/v/" + vid,
                "ppid:" + text_from(subject_seed, kSubjectBytes),
                std::move(key),
                std::move(jwk),
                std::move(brand_keys).value()};
}

std::string resource_of(const Issuer& issuer) {
  return issuer.url + "/v1";
}

std::string write_introduction(const Issuer& issuer, const Brand& brand, std::string_view jti,
                               Instant now) {
  const std::vector<jose::Jwk> keys{issuer.jwk};
  return signed_by(issuer, "vrm-introduction+jwt",
                   {{"iss", issuer.url},
                    {"aud", brand.client_id},
                    {"sub", issuer.subject},
                    {"jwks", jose::write_jwk_set(keys)},
                    {"iat", now.seconds()},
                    {"exp", (now + kIntroductionLife).seconds()},
                    {"jti", jti},
                    {"ref", issuer.vid}});
}

std::string write_poll(const Issuer& issuer, const Brand& brand, std::string_view jti,
                       Instant now) {
  return signed_by(issuer, "vrm-poll+jwt",
                   {{"iss", issuer.url},
                    {"aud", brand.client_id},
                    {"iat", now.seconds()},
                    {"exp", (now + kPollLife).seconds()},
                    {"jti", jti}});
}

std::string write_carried_answer(const Issuer& issuer, const Brand& brand,
                                 const CarriedAnswer& answer, std::string_view jti, Instant now) {
  nlohmann::json headers = nlohmann::json::array();
  for (const auto& [name, value] : answer.headers)
    headers.push_back(nlohmann::json::array({name, value}));
  return signed_by(issuer, "vrm-answer+jwt",
                   {{"iss", issuer.url},
                    {"aud", brand.client_id},
                    {"iat", now.seconds()},
                    {"exp", (now + kPollLife).seconds()},
                    {"jti", jti},
                    {"id", answer.id},
                    {"status", answer.status},
                    {"headers", std::move(headers)},
                    {"body", to_base64url(bytes_of(answer.body))}});
}

std::string write_revocation_event(const Issuer& issuer, const Brand& brand, std::string_view grant,
                                   std::string_view jti, Instant now) {
  return signed_by(
      issuer, "secevent+jwt",
      {{"iss", issuer.url},
       {"aud", brand.client_id},
       {"iat", now.seconds()},
       {"jti", jti},
       {"events", {{"https://vrm.example/events/grant-revoked", {{"grant_id", grant}}}}}});
}

}  // namespace vrm::brands
