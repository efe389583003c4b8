#include "vault/gate/brand_error.h"

#include "vault/base/check.h"

namespace vrm::gate {

std::string_view to_string(BrandError error) {
  switch (error) {
    case BrandError::InvalidRequest:
      return "invalid_request";
    case BrandError::InvalidAuthorizationDetails:
      return "invalid_authorization_details";
    case BrandError::UnsupportedGrantType:
      return "unsupported_grant_type";
    case BrandError::UseDpopNonce:
      return "use_dpop_nonce";
    case BrandError::AuthorizationPending:
      return "authorization_pending";
    case BrandError::SlowDown:
      return "slow_down";
    case BrandError::ExpiredToken:
      return "expired_token";
    case BrandError::AccessDenied:
      return "access_denied";
    case BrandError::InvalidGrant:
      return "invalid_grant";
    case BrandError::InvalidClient:
      return "invalid_client";
    case BrandError::InvalidDpopProof:
      return "invalid_dpop_proof";
    case BrandError::InvalidToken:
      return "invalid_token";
    case BrandError::InsufficientScope:
      return "insufficient_scope";
    case BrandError::PolicyDenied:
      return "policy_denied";
    case BrandError::NotFound:
      return "not_found";
    case BrandError::RateLimited:
      return "rate_limited";
    case BrandError::VaultSealed:
      return "vault_sealed";
    case BrandError::VaultLocked:
      return "vault_locked";
    case BrandError::TemporarilyUnavailable:
      return "temporarily_unavailable";
    case BrandError::InvalidOffer:
      return "invalid_offer";
    case BrandError::StaleRevision:
      return "stale_revision";
    case BrandError::TooManyOffers:
      return "too_many_offers";
    case BrandError::IntentClosed:
      return "intent_closed";
    case BrandError::OfferAccepted:
      return "offer_accepted";
    case BrandError::AcceptanceEnded:
      return "acceptance_ended";
  }
  VRM_CHECK(false);
  return {};
}

}  // namespace vrm::gate
