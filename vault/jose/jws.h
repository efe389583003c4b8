#pragma once
// Compact JWS (RFC 7515): header.payload.signature, each in base64url.
//
// Reading goes in steps, cheap ones first: Jws::read looks at size, shape and header, claims() at
// the payload, and verify() costs a signature. A header is refused that names a key or a rule from
// outside (jku, x5u, x5c, crit, b64, and jwk where it has no place) or another `typ` than wanted:
// one key signs several kinds of document, and none may be taken for another.

#include <cstdint>
#include <memory>
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

// What a header says. The same bytes say the same: who meets a header again need not read it again.
struct HeaderRead {
  std::string encoded;  // as it stands in the text
  KeyKind kind = KeyKind::Ed25519;
  std::string kid = {};
  std::optional<Jwk> jwk = {};
  std::string thumbprint = {};  // of `jwk`
};
using HeaderPtr = std::shared_ptr<const HeaderRead>;

struct JwsRules {
  // The `typ` that are wanted, compared exactly; "" stands for a header without one.
  std::span<const std::string_view> types;
  std::size_t most_bytes = kMostJwsBytes;
  // InHeader: the header must bring a public key (`jwk`), as a DPoP proof does.
  KeyPlace key = KeyPlace::Ours;
  // One that was read before by the same rules; taken over when the text has the very same.
  HeaderPtr known = nullptr;
};

class Jws {
 public:
  // A well-shaped JWS whose signature has not been looked at.
  // Malformed: too long, not three parts in strict base64url, a signature that is not 64 bytes, a
  // header that is not strict JSON, of another `typ`, with an `alg` other than EdDSA, Ed25519 and
  // ES256, with a forbidden member, or with a `jwk` that does not fit `alg`.
  static Result<Jws> read(std::string_view text, const JwsRules& rules);

  // The kind of key that `alg` wants.
  KeyKind kind() const { return header_->kind; }
  // "" when the header has none. It chooses among keys that we know already.
  const std::string& kid() const { return header_->kid; }
  // The header's `jwk`. REQUIRES: read with KeyPlace::InHeader.
  const Jwk& jwk() const;
  const HeaderPtr& header() const { return header_; }
  BytesView payload() const { return payload_; }

  // BadKey: `key` did not sign this, or is of another kind than `alg` wants.
  Result<void> verify(const VerifyingKey& key) const;

  // The payload as an object. Nobody has vouched for it before verify() said so.
  // Malformed: not strict JSON, or no object.
  Result<nlohmann::json> claims() const;

 private:
  Jws() = default;

  HeaderPtr header_;
  std::string signed_;
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
