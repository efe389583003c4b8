#pragma once
// How a shop says who it is at a vault's endpoints: a client assertion (private_key_jwt, RFC 7523).

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "examples/shop/keys.h"
#include "vault/base/random.h"
#include "vault/base/time.h"

namespace vrm::shop {

// For the endpoints of one vault: `issuer` is the audience, so that no other vault can use it. It
// is good for one call and for a minute.
std::string client_assertion(const ShopKey& key, std::string_view client_id,
                             std::string_view issuer, Instant now, Random& random);

// The shop's signed word that it asks what `details` (authorization_details) says under the terms in it: `vrm-terms+jwt`,
// good once and for a minute.
std::string signed_terms(const ShopKey& key, std::string_view client_id, std::string_view issuer,
                         const nlohmann::json& details, Instant now, Random& random);

}  // namespace vrm::shop
