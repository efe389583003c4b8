#include "examples/shop/assertion.h"

#include <array>
#include <nlohmann/json.hpp>

#include "vault/base/bytes.h"
#include "vault/base/json.h"
#include "vault/jose/jws.h"

namespace vrm::shop {
namespace {

constexpr std::int64_t kLifeSeconds = 60;

// A name that no other document has: 128 random bits.
std::string fresh_jti(Random& random) {
  std::array<std::uint8_t, 16> bytes{};
  random.fill(bytes);
  return to_base64url(bytes);
}

}  // namespace

std::string client_assertion(const ShopKey& key, std::string_view client_id,
                             std::string_view issuer, Instant now, Random& random) {
  const nlohmann::json claims = {{"iss", client_id},
                                 {"sub", client_id},
                                 {"aud", issuer},
                                 {"iat", now.seconds()},
                                 {"exp", now.seconds() + kLifeSeconds},
                                 {"jti", fresh_jti(random)}};
  return jose::sign_jws(key.signing(), {.typ = "JWT", .kid = key.jwk().kid}, write_json(claims));
}

std::string signed_terms(const ShopKey& key, std::string_view client_id, std::string_view issuer,
                         const nlohmann::json& details, Instant now, Random& random) {
  const nlohmann::json claims = {{"iss", client_id},         {"aud", issuer},
                                 {"iat", now.seconds()},     {"exp", now.seconds() + kLifeSeconds},
                                 {"jti", fresh_jti(random)}, {"authorization_details", details}};
  return jose::sign_jws(key.signing(), {.typ = "vrm-terms+jwt", .kid = key.jwk().kid},
                        write_json(claims));
}

}  // namespace vrm::shop
