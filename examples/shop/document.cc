#include "examples/shop/document.h"

#include <nlohmann/json.hpp>

#include "examples/shop/mailbox_host.h"
#include "vault/base/json.h"
#include "vault/jose/jwk.h"

namespace vrm::shop {

nlohmann::json said_of_itself(const Brand& brand) {
  const nlohmann::json person = {"person.name", "person.given_name", "person.family_name"};
  nlohmann::json served = person;
  for (const char* group : {"contact", "address", "document"}) served.push_back(group);
  return {{"legal_name", brand.name + " SAS"},
          {"identifiers", {{{"type", "vat"}, {"value", "FR00000000000"}}}},
          {"contacts",
           {{"privacy", brand.base + "/privacy"}, {"address", "1 rue de l'Exemple, 69002 Lyon"}}},
          {"uses",
           {{{"purpose", "service"}, {"fields", served}},
            {{"purpose", "quote"},
             {"fields", {"address.home.postal_code", "address.home.locality", "size", "body"}},
             {"retention_days", 30}},
            {{"purpose", "sizing"}, {"fields", {"body", "size"}}},
            {{"purpose", "age"}, {"fields", {"person.age_over_18"}}, {"retention_days", 30}}}}};
}

std::string brand_document(const Brand& brand, const ShopKey& client_key, const Speaks& speaks) {
  nlohmann::json vrm = said_of_itself(brand);
  vrm.update({{"introduction_endpoint", brand.base + kIntroductionPath},
              {"event_endpoint", brand.base + kEventPath}});
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
