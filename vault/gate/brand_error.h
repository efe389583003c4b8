#pragma once
// What a brand is told when it does not get what it asks: the one error table of docs/api/brand.md.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace vrm::gate {

enum class BrandError {
  InvalidRequest,
  InvalidAuthorizationDetails,
  UnsupportedGrantType,
  UseDpopNonce,
  AuthorizationPending,
  SlowDown,
  ExpiredToken,
  AccessDenied,
  InvalidGrant,
  InvalidClient,
  InvalidDpopProof,
  InvalidToken,
  InsufficientScope,
  PolicyDenied,
  NotFound,
  RateLimited,
  VaultSealed,
  VaultLocked,
  TemporarilyUnavailable,
  InvalidOffer,
  StaleRevision,
  TooManyOffers,
  IntentClosed,
  OfferAccepted,
  AcceptanceEnded,
};
inline constexpr BrandError kLastBrandError = BrandError::AcceptanceEnded;

// The word on the wire.
std::string_view to_string(BrandError error);

// What is wrong with a call that brings no proof, wherever that is seen.
inline constexpr std::string_view kNoProof = "the DPoP header is missing";

struct Refused {
  BrandError error = BrandError::InvalidRequest;
  std::string description =
      {};  // for the brand's developer; nothing about what exists in the vault
  std::optional<int> retry_after_s = {};
  std::string noted = {};  // what the owner's log tells in place of the wire's word
};

template <typename T>
using Outcome = std::variant<T, Refused>;

// Called once, from any thread, with what makes the outcome. The carrier runs that on its own thread just before it
// writes, so that cells are opened late and the writer's thread does nobody's work.
template <typename T>
using Later = std::function<void(std::function<Outcome<T>()>)>;

}  // namespace vrm::gate
