#pragma once
// A brand's offer as it was signed (vrm-offer+jwt, docs/api/brand.md), read strictly. Every text in an Offer is safe to
// print, not empty unless told, and no longer than said here. Members that we do not know are passed over.

#include <chrono>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vault/base/money.h"
#include "vault/base/result.h"
#include "vault/base/time.h"
#include "vault/jose/jwk.h"
#include "vault/market/demand.h"

namespace vrm::market {

inline constexpr std::size_t kMostOfferBytes = 16 * 1024;
inline constexpr std::size_t kMostTitleBytes = 200;
inline constexpr std::size_t kMostOfferedProperties = 50;  // as long as those of a demand
inline constexpr std::size_t kMostRequiredFields = 20;
inline constexpr std::size_t kMostPurposeBytes = 64;
inline constexpr std::size_t kMostRecipients = 10;
inline constexpr std::size_t kMostRecipientBytes = 100;
inline constexpr std::int64_t kMostRetentionDays = 36'500;
inline constexpr std::int64_t kMostWarrantyMonths = 1'200;
inline constexpr std::int64_t kMostReturnDays = 3'650;
// Nobody promises for a day that lies further off.
inline constexpr Duration kMostDeliveryTime = std::chrono::hours(24 * 1'000);
inline constexpr std::int64_t kMostRevision = 20;
inline constexpr Duration kMostOfferLife = std::chrono::hours(24 * 90);

// What accepting would disclose, at most.
struct RequiredData {
  std::string field;      // well formed; known or not
  std::string purpose;    // as the brand wrote it: a DPV name or its word
  std::string needed_at;  // "accept", "ship" or "after"
  std::int64_t retention_days = 0;
  std::vector<std::string> recipients;
  bool optional = false;
};

struct Offer {
  std::string oid;  // the brand's own name for it
  std::int64_t rev = 1;
  Instant signed_at;
  Instant valid_until;
  std::string title;
  std::string gtin;  // "" when not said
  std::vector<Property> properties;
  Money subtotal, shipping, fee, total;
  Instant arrives;  // midnight UTC of the day
  std::optional<std::int64_t> warranty_months;
  std::optional<std::int64_t> return_days;
  std::vector<RequiredData> required;
};

struct OfferRules {
  std::string_view client_id;  // `iss`
  std::string_view issuer;     // `aud`
  std::string_view intent;     // {iid}
  std::string_view oid;        // of the path
  std::string_view currency;
  Instant now;
};

// Checks everything: size, shape, signature by one of `keys`, iss, aud, intent, jti = oid, times, revision, money and
// its sum, currency, day of arrival, required data (no field twice for one purpose). Malformed: what does not hold, in words for the brand's developer; BadKey: not signed
// by a key of `keys`.
Result<Offer> take_offer(std::string_view jws, const jose::JwkSet& keys, const OfferRules& rules);

// The same offer out of the vault's own record, where it was taken before: no signature and no time is looked at.
// Corrupt: not an offer.
Result<Offer> read_kept_offer(std::string_view jws);
// The member `offer` of a kept one, to be shown: every text in it made safe to print. Corrupt.
Result<nlohmann::json> offer_document(std::string_view jws);

}  // namespace vrm::market
