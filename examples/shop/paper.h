#pragma once
// What the shop signs about an intent: its offers and its acknowledgements (docs/api/brand.md).

#include <cstdint>
#include <string>
#include <string_view>

#include "examples/shop/character.h"
#include "examples/shop/keys.h"
#include "vault/base/money.h"
#include "vault/base/random.h"
#include "vault/base/result.h"
#include "vault/base/time.h"

namespace vrm::shop {

inline constexpr std::size_t kMostOfferBytes = 16 * 1024;

// Who signs, and for whom.
struct Parties {
  const ShopKey& key;
  std::string_view client_id;
  std::string_view issuer;
};

struct OfferWords {
  std::string_view iid;
  std::string_view oid;
  std::int64_t rev = 1;
  const Product& product;
  Money price;  // of this revision; the catalogue's may be another
  Instant now;
  Instant valid_until;
};

// Malformed: more than kMostOfferBytes, or a total that no amount is.
Result<std::string> write_offer(const Parties& parties, const Character& character,
                                const OfferWords& words);

struct AcknowledgementWords {
  std::string_view acceptance;  // jti of the vrm-accept+jwt
  std::string_view sha256;      // of its bytes
  std::string_view order;
  Instant now;
  Instant until;
};

std::string write_acknowledgement(const Parties& parties, const AcknowledgementWords& words,
                                  Random& random);

// base64url of SHA-256 over the text's bytes.
std::string sha256_of(std::string_view text);

// The day of `at`, as 2026-11-26.
std::string day_of(Instant at);

}  // namespace vrm::shop
