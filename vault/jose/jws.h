#pragma once
// Compact JWS (RFC 7515): header.payload.signature, each in base64url.
//
// Reading goes in steps, cheap ones first: Jws::read looks at size, shape and header, claims() at
// the payload, and verify() costs a signature. A header is refused that names a key or a rule from
// outside (jku, x5u, x5c, crit, b64, and jwk where it has no place) or another `typ` than wanted:
// one key signs several kinds of document, and none may be taken for another.

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "vault/base/bytes.h"
#include "vault/base/result.h"
#include "vault/crypto/signing.h"
#include "vault/jose/jwk.h"

namespace vrm::jose {

inline constexpr std::size_t kMostJwsBytes = 8 * 1024;

enum class KeyPlace { Ours, InHeader };

struct JwsRules {
  // The `typ` that are wanted, compared exactly; "" stands for a header without one.
  std::span<const std::string_view> types;
  std::size_t most_bytes = kMostJwsBytes;
  // InHeader: the header must bring a public key (`jwk`), as a DPoP proof does.
  KeyPlace key = KeyPlace::Ours;
};

class Jws {
 public:
  // A well-shaped JWS whose signature has not been looked at. It views `text`.
  // Malformed: too long, not three parts in strict base64url, a signature that is not 64 bytes, a
  // header that is not strict JSON, of another `typ`, with an `alg` other than EdDSA, Ed25519 and
  // ES256, with a forbidden member, or with a `jwk` that does not fit `alg`.
  static Result<Jws> read(std::string_view text, const JwsRules& rules);

  // The kind of key that `alg` wants.
  KeyKind kind() const { return kind_; }
  // "" when the header has none. It chooses among keys that we know already.
  const std::string& kid() const { return kid_; }
  // The header's `jwk`. REQUIRES: read with KeyPlace::InHeader.
  const Jwk& jwk() const;
  BytesView payload() const { return payload_; }

  // BadKey: `key` did not sign this, or is of another kind than `alg` wants.
  Result<void> verify(const VerifyingKey& key) const;

  // The payload as an object. Nobody has vouched for it before verify() said so.
  // Malformed: not strict JSON, or no object.
  Result<nlohmann::json> claims() const;

 private:
  Jws() = default;
  Result<void> read_header(std::string_view text, const JwsRules& rules);

  KeyKind kind_ = KeyKind::Ed25519;
  std::string kid_;
  std::optional<Jwk> jwk_;
  std::string_view signed_;
  Bytes payload_;
  Bytes signature_;
};

// What stands in a header that we write, besides `alg`: EdDSA.
struct JwsHeader {
  std::string_view typ;
  std::string_view kid = {};  // "": none
  const Jwk* jwk = nullptr;   // written when there is one
};

std::string sign_jws(const crypto::SigningKey& key, const JwsHeader& header,
                     std::string_view payload);

}  // namespace vrm::jose
