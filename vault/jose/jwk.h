#pragma once
// Public keys as JSON (RFC 7517, 8037): Ed25519 and P-256, and nothing else.
//
// Jwk is what was written down, VerifyingKey is ready to verify with, JwkSet is a brand's published
// keys.

#include <array>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "vault/base/bytes.h"
#include "vault/base/result.h"
#include "vault/crypto/es256.h"
#include "vault/crypto/signing.h"

namespace vrm::jose {

enum class KeyKind { Ed25519, P256 };

struct Jwk {
  KeyKind kind = KeyKind::Ed25519;
  std::array<std::uint8_t, 32> x{};
  std::array<std::uint8_t, 32> y{};  // P-256 only
  std::string kid;                   // "" when it has no name

  friend bool operator==(const Jwk&, const Jwk&) = default;
};

// The key with its thumbprint as its kid.
Jwk jwk_of(const crypto::PublicKey& key);

// Looks at the shape alone; whether a point is on the curve is asked by VerifyingKey::from.
// Malformed: no object, another kind of key, a secret or symmetric part, a coordinate of another
// length or spelling, `alg`, `use` or `key_ops` that do not fit verifying with this kind of key.
Result<Jwk> read_jwk(const nlohmann::json& object);

// With `use`, and `kid` when it has one; without `alg`, whose name for Ed25519 is not the same for
// all readers.
nlohmann::json write_jwk(const Jwk& key);
nlohmann::json write_jwk_set(std::span<const Jwk> keys);

// RFC 7638 with SHA-256, in base64url: 43 letters that depend on the key alone.
std::string thumbprint(const Jwk& key);

class VerifyingKey {
 public:
  explicit VerifyingKey(const crypto::PublicKey& key) : key_(key) {}
  // Malformed: the point is not on the curve. An Ed25519 key is asked for that by verify.
  static Result<VerifyingKey> from(const Jwk& key);

  KeyKind kind() const { return key_.index() == 0 ? KeyKind::Ed25519 : KeyKind::P256; }
  bool verify(BytesView message, BytesView signature) const;

 private:
  explicit VerifyingKey(crypto::Es256Key key) : key_(std::move(key)) {}

  std::variant<crypto::PublicKey, crypto::Es256Key> key_;
};

inline constexpr std::size_t kMostKeysInSet = 16;
inline constexpr std::size_t kMostKidBytes = 256;

class JwkSet {
 public:
  struct Member {
    Jwk jwk;
    VerifyingKey key;
  };

  // Keys that are not for verifying with Ed25519 or P-256 are passed over (RFC 7517 section 5).
  // Malformed: no set, more than kMostKeysInSet keys, a kid twice, a secret or symmetric part in
  // any key, or a key of our kinds that is not well made or not a point of its curve.
  static Result<JwkSet> read(std::string_view text);
  static Result<JwkSet> from(const nlohmann::json& set);

  // The key of that kid and kind; with kid "", the only key of that kind. Null: there is none, or
  // without a kid more than one. The pointer dies with the set.
  const VerifyingKey* find(std::string_view kid, KeyKind kind) const;

  const std::vector<Member>& members() const { return members_; }

 private:
  std::vector<Member> members_;
};

}  // namespace vrm::jose
