#pragma once
// A shop's two Ed25519 keys, each in a file of its own as a private JWK (RFC 8037).
//
// client  who the shop is: it signs client assertions; its public half stands in the brand
// document,
//         where vaults pin it. Change it with notice.
// dpop    what tokens are bound to: it signs a proof with each call. It never leaves this machine
//         and may change at any refresh.

#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "examples/shop/folder.h"
#include "vault/base/random.h"
#include "vault/base/result.h"
#include "vault/crypto/signing.h"
#include "vault/jose/jwk.h"

namespace vrm::shop {

inline constexpr std::string_view kClientKeyFile = "client-key.json";

class ShopKey {
 public:
  // Io: the system refused. Malformed: the file holds no private Ed25519 JWK.
  static Result<ShopKey> load_or_make(const Folder& folder, std::string_view name, Random& random);
  // A new key in the place of the one in the file.
  static Result<ShopKey> make_anew(const Folder& folder, std::string_view name, Random& random);

  const crypto::SigningKey& signing() const { return signing_; }
  const jose::Jwk& jwk() const { return jwk_; }

 private:
  explicit ShopKey(crypto::SigningKey signing)
      : signing_(std::move(signing)), jwk_(jose::jwk_of(signing_.public_key())) {}
  static Result<ShopKey> from_private_jwk(const nlohmann::json& jwk);

  crypto::SigningKey signing_;
  jose::Jwk jwk_;
};

struct ShopKeys {
  ShopKey client;
  ShopKey dpop;

  static Result<ShopKeys> load_or_make(const Folder& folder, Random& random);
};

}  // namespace vrm::shop
