#pragma once
// ES256: verification of ECDSA signatures on P-256 with SHA-256 (RFC 7518 section 3.4, OpenSSL).
//
// Brands whose platform has no Ed25519 sign with it; the vault itself never does. A key is a point
// of the curve, kept ready for use; a copy shares it. Safe from any thread.

#include <cstdint>
#include <memory>

#include "vault/base/bytes.h"
#include "vault/base/result.h"

namespace vrm::crypto {

inline constexpr std::size_t kP256CoordinateBytes = 32;
inline constexpr std::size_t kEs256SignatureBytes = 64;

class Es256Key {
 public:
  // Malformed: a coordinate has another length than kP256CoordinateBytes, or the point is not on
  // the curve.
  static Result<Es256Key> from_point(BytesView x, BytesView y);

  // True when the holder of the secret half signed exactly `message`. `signature` is r | s, 32
  // bytes each, big-endian. Of the two signatures (r, s) and (r, n - s) both are good, so a
  // signature never serves as an identifier.
  bool verify(BytesView message, BytesView signature) const;

 private:
  struct Point;
  explicit Es256Key(std::shared_ptr<const Point> point) : point_(std::move(point)) {}

  std::shared_ptr<const Point> point_;
};

}  // namespace vrm::crypto
