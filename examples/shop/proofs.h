#pragma once
// The two short-lived documents a shop signs: who asks (RFC 7523) and that the caller holds the key
// the token is bound to (DPoP, RFC 9449). Each is good for one call.

#include <string>

#include "examples/shop/keys.h"
#include "vault/base/random.h"
#include "vault/base/time.h"

namespace vrm::shop {

// For the endpoints of one vault: `issuer` is the audience, so that no other vault can use it.
std::string client_assertion(const ShopKey& key, std::string_view client_id,
                             std::string_view issuer, Instant now, Random& random);

struct Proven {
  std::string method;
  std::string url;           // without query
  std::string nonce;         // the newest DPoP-Nonce; "" when none was given yet
  std::string access_token;  // "" at the token endpoint
};

std::string dpop_proof(const ShopKey& key, const Proven& call, Instant now, Random& random);

}  // namespace vrm::shop
