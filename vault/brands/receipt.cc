#include "vault/brands/receipt.h"

#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "vault/base/json.h"
#include "vault/base/json_text.h"
#include "vault/jose/jwt.h"

namespace vrm::brands {

namespace {

constexpr std::array<std::string_view, 1> kTypes = {"vrm-receipt+jwt"};
constexpr std::size_t kUsualReceiptBytes = 640;

Error bad_receipt(std::string message) {
  return Error{ErrorCode::Malformed, std::move(message)};
}

// Id and digest; two empty texts where it names none.
Result<std::pair<std::string, std::string>> read_receipt_terms(const nlohmann::json& payload) {
  std::pair<std::string, std::string> terms;
  if (!payload.contains("terms")) return terms;
  const auto* named = TRY(need_object(payload, "terms"));
  terms.first = TRY(need_string(*named, "id"));
  terms.second = TRY(need_string(*named, "digest"));
  if (terms.first.empty() || terms.second.empty()) return bad_receipt("`terms` are empty");
  return terms;
}

}  // namespace

// Written letter by letter: there is one for every read, and a tree of JSON costs as much as half its
// signature.
std::string write_receipt(const Issuer& issuer, const Brand& brand, const Certified& certified,
                          std::string_view jti) {
  std::string claims;
  claims.reserve(kUsualReceiptBytes);
  claims += "{\"aud\":";
  append_json_text(claims, brand.client_id);
  claims += ",\"fields\":[";
  for (const auto& field : certified.fields) {
    if (claims.back() != '[') claims += ',';
    append_json_text(claims, field);
  }
  claims += ']';
  append_json_member(claims, "grant_id", certified.grant);
  claims += ",\"iat\":" + std::to_string(certified.at.seconds());
  append_json_member(claims, "iss", issuer.url);
  append_json_member(claims, "jti", jti);
  append_json_member(claims, "purpose", certified.purpose);
  append_json_member(claims, "sub", issuer.subject);
  if (!certified.terms_id.empty()) {
    claims += ",\"terms\":{\"digest\":";
    append_json_text(claims, certified.terms_digest);
    append_json_member(claims, "id", certified.terms_id);
    claims += '}';
  }
  if (!certified.witness.empty())
    append_json_member(claims, "witness", to_base64url(certified.witness));
  claims += '}';
  return jose::sign_jws(issuer.key, {.typ = kTypes[0], .kid = issuer.jwk.kid}, claims);
}

Result<ShownReceipt> read_receipt(std::string_view text) {
  auto jws = TRY(jose::Jws::read(text, {.types = kTypes, .most_bytes = kMostReceiptBytes}));
  const auto payload = TRY(jws.claims());
  const jose::Claims claims = TRY(jose::read_claims(payload));
  auto fields = TRY(need_strings(payload, "fields"));
  auto purpose = TRY(need_string(payload, "purpose"));
  auto grant = TRY(need_string(payload, "grant_id"));
  auto terms = TRY(read_receipt_terms(payload));
  const auto shown = TRY(find_string(payload, "witness"));
  Bytes witness;
  if (shown) witness = TRY(from_base64url(*shown));
  const auto slash = claims.iss.rfind('/');
  if (slash == std::string::npos || claims.aud.empty() || !claims.iat || fields.empty())
    return bad_receipt("a claim of the receipt is missing or empty");
  return ShownReceipt{.vid = claims.iss.substr(slash + 1),
                      .client_id = claims.aud,
                      .fields = std::move(fields),
                      .purpose = std::move(purpose),
                      .grant = std::move(grant),
                      .at = *claims.iat,
                      .terms_id = std::move(terms.first),
                      .terms_digest = std::move(terms.second),
                      .witness = std::move(witness),
                      .jws = std::move(jws)};
}

bool is_signed_by(const ShownReceipt& receipt, const Issuer& issuer) {
  return receipt.jws.verify(jose::VerifyingKey(issuer.key.public_key())).ok();
}

}  // namespace vrm::brands
