#include "examples/shop/keys.h"

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "vault/base/bytes.h"
#include "vault/base/json.h"
#include "vault/crypto/secret.h"

namespace vrm::shop {
namespace {

nlohmann::json private_jwk(const crypto::Secret& seed) {
  const jose::Jwk jwk = jose::jwk_of(crypto::SigningKey(seed).public_key());
  return {{"kty", "OKP"},
          {"crv", "Ed25519"},
          {"x", to_base64url(jwk.x)},
          {"d", to_base64url(seed.bytes())},
          {"kid", jwk.kid}};
}

}  // namespace

Result<ShopKey> ShopKey::from_private_jwk(const nlohmann::json& jwk) {
  const std::string encoded = TRY(need_string(jwk, "d"));
  Bytes bytes = TRY(from_base64url(encoded));
  if (bytes.size() != crypto::kSigningSeedBytes) {
    return Error{ErrorCode::Malformed, "the key's `d` is not 32 bytes"};
  }
  const crypto::Secret seed = crypto::Secret::copy_of(bytes);
  crypto::wipe(bytes);
  return ShopKey(crypto::SigningKey(seed));
}

Result<ShopKey> ShopKey::load_or_make(const Folder& folder, std::string_view name, Random& random) {
  Result<nlohmann::json> kept = folder.read(name);
  if (!kept.ok() && kept.error().code == ErrorCode::NotFound) {
    return make_anew(folder, name, random);
  }
  const nlohmann::json jwk = TRY(std::move(kept));
  return from_private_jwk(jwk);
}

Result<ShopKey> ShopKey::make_anew(const Folder& folder, std::string_view name, Random& random) {
  const crypto::Secret seed = crypto::Secret::random(crypto::kSigningSeedBytes, random);
  const nlohmann::json jwk = private_jwk(seed);
  TRY(folder.write(name, jwk));
  return from_private_jwk(jwk);
}

Result<ShopKeys> ShopKeys::load_or_make(const Folder& folder, Random& random) {
  ShopKey client = TRY(ShopKey::load_or_make(folder, kClientKeyFile, random));
  ShopKey dpop = TRY(ShopKey::load_or_make(folder, "dpop-key.json", random));
  return ShopKeys{std::move(client), std::move(dpop)};
}

}  // namespace vrm::shop
