#include "examples/shop/document.h"

#include <nlohmann/json.hpp>

#include "examples/shop/mailbox_host.h"
#include "vault/base/json.h"
#include "vault/jose/jwk.h"

namespace vrm::shop {

std::string brand_document(const Brand& brand, const ShopKey& client_key, const Speaks& speaks) {
  nlohmann::json vrm = {{"introduction_endpoint", brand.base + kIntroductionPath},
                        {"event_endpoint", brand.base + kEventPath}};
  if (speaks.intents) vrm["intent_endpoint"] = brand.base + kIntentPath;
  if (speaks.mailbox) vrm["mailbox_endpoint"] = brand.base + kMailboxPath;
  const nlohmann::json document = {
      {"client_id", brand.client_id()},
      {"client_name", brand.name},
      {"client_uri", brand.base},
      {"token_endpoint_auth_method", "private_key_jwt"},
      {"dpop_bound_access_tokens", true},
      {"grant_types", {"urn:openid:params:grant-type:ciba", "refresh_token"}},
      {"jwks", jose::write_jwk_set({&client_key.jwk(), 1})},
      {"vrm", vrm}};
  return write_json_pretty(document);
}

}  // namespace vrm::shop
