#pragma once
// A receipt: the vault's signed word to a brand of what it read when, for what. It goes with every answer; a person who
// is handed one finds out with it whether this vault gave it. docs/formats/receipt.md tells its claims.

#include <string>
#include <string_view>
#include <vector>

#include "vault/base/bytes.h"
#include "vault/base/result.h"
#include "vault/base/time.h"
#include "vault/brands/brand.h"
#include "vault/brands/issuer.h"
#include "vault/jose/jws.h"

namespace vrm::brands {

inline constexpr std::size_t kMostReceiptBytes = 16 * 1024;

// What is certified: field names, never values. It lives as long as what it points at.
struct Certified {
  const std::vector<std::string>& fields;
  std::string_view purpose;  // DPV name
  std::string_view grant;
  Instant at;                 // to the second
  std::string_view terms_id;  // that the brand accepted; "" for none
  std::string_view terms_digest;
  BytesView witness;  // vault/store/witness.h; none is written when it is empty
};

std::string write_receipt(const Issuer& issuer, const Brand& brand, const Certified& certified,
                          std::string_view jti);

// A receipt as it is shown. Nobody has vouched for it before is_signed_by() said so, but for the witness, which speaks
// for itself.
struct ShownReceipt {
  std::string vid;        // the issuer's, from its address
  std::string client_id;  // the brand's
  std::vector<std::string> fields;
  std::string purpose;
  std::string grant;
  Instant at;
  std::string terms_id;  // "": it names none
  std::string terms_digest;
  Bytes witness;  // empty: it has none
  jose::Jws jws;
};

// Malformed: longer than kMostReceiptBytes, no receipt, or a claim missing or of another type.
Result<ShownReceipt> read_receipt(std::string_view text);

bool is_signed_by(const ShownReceipt& receipt, const Issuer& issuer);

}  // namespace vrm::brands
