#pragma once
// The face that the vault shows to one brand and to no other: issuer address, subject and signing key, derived from
// the brand's own data key, so that two brands have nothing in common to compare (protocol: one issuer per brand).

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vault/base/result.h"
#include "vault/base/time.h"
#include "vault/brands/brand.h"
#include "vault/crypto/signing.h"
#include "vault/jose/jwk.h"
#include "vault/store/store.h"

namespace vrm::brands {

struct Issuer {
  std::string brand;  // its handle
  std::string vid;    // the last segment of the issuer's address: 128 bits in base64url
  std::string
      base;  // the vault's own public address, or the brand's mailbox; without a slash at its end
  std::string url;      // {base}/v/{vid}
  std::string subject;  // what the brand calls the owner
  crypto::SigningKey key;
  jose::Jwk jwk;            // its public half, with its kid
  jose::JwkSet brand_keys;  // the brand's pinned keys, ready to verify with
};

// What access tokens are for: the resource server's address, {V}/v1.
std::string resource_of(const Issuer& issuer);

// Locked: the brand's key is not in memory. Corrupt: its pinned keys cannot be read.
Result<Issuer> issuer_for(const store::Store& store, const Brand& brand, std::string_view base);

// The signed introduction (docs/api/brand.md) that the brand checks with the keys it brings itself.
std::string write_introduction(const Issuer& issuer, const Brand& brand, std::string_view jti,
                               Instant now);

// What the vault signs at a brand's mailbox: that it may fetch calls there, and the answer to one of them. Each is good
// for a minute.
std::string write_poll(const Issuer& issuer, const Brand& brand, std::string_view jti, Instant now);
struct CarriedAnswer {
  std::string id;  // of the call
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};
std::string write_carried_answer(const Issuer& issuer, const Brand& brand,
                                 const CarriedAnswer& answer, std::string_view jti, Instant now);

// A security event token (RFC 8417) that tells the brand of a grant's end.
std::string write_revocation_event(const Issuer& issuer, const Brand& brand, std::string_view grant,
                                   std::string_view jti, Instant now);

}  // namespace vrm::brands
