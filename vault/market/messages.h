#pragma once
// What the vault signs for a brand about an intent (docs/api/brand.md). Each is signed by that brand's own issuer key
// and shares no name with what another brand gets.

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "vault/base/time.h"
#include "vault/brands/brand.h"
#include "vault/brands/issuer.h"
#include "vault/market/demand.h"

namespace vrm::market {

// The claims of the vrm-intent+jwt, for a person's eyes and for signing.
nlohmann::json intent_claims(const brands::Issuer& issuer, const brands::Brand& brand,
                             std::string_view iid, std::string_view auth_req_id,
                             std::int64_t interval_s, const PublicPart& part, Instant now);
std::string write_intent_message(const brands::Issuer& issuer, const nlohmann::json& claims);

struct AcceptedGrant {
  std::string auth_req_id;
  std::string authorization_details;  // a JSON list
};
// REQUIRES: every authorization_details is a JSON list.
std::string write_acceptance_message(const brands::Issuer& issuer, const brands::Brand& brand,
                                     std::string_view jti, std::string_view iid,
                                     std::string_view oid, std::int64_t rev,
                                     std::string_view offer_sha256,
                                     const std::vector<AcceptedGrant>& grants, Instant now,
                                     Instant until);
std::string write_cancellation(const brands::Issuer& issuer, const brands::Brand& brand,
                               std::string_view jti, std::string_view iid,
                               std::string_view acceptance_jti, Instant now);
std::string write_close(const brands::Issuer& issuer, const brands::Brand& brand,
                        std::string_view jti, std::string_view iid, Instant now);

// base64url of SHA-256 over the text's bytes.
std::string sha256_of(std::string_view jws);

}  // namespace vrm::market
