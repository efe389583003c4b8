#pragma once
// DPoP (RFC 9449): a proof, made anew for each request, that the sender holds a key.
//
// check_proof asks everything that costs little before the signature, so that a stranger's rubbish
// costs a microsecond. It does not ask whether the proof was used before: hand the answer to
// remember_proof afterwards.

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "vault/base/random.h"
#include "vault/base/time.h"
#include "vault/crypto/signing.h"
#include "vault/jose/jws.h"
#include "vault/jose/nonce.h"
#include "vault/jose/replay.h"

namespace vrm::jose {

inline constexpr std::size_t kMostProofBytes = 4 * 1024;
// The nonce says how old a proof is; `iat` is held to a wide bound, since a client's clock may be
// wrong.
inline constexpr Duration kProofClockSkew = std::chrono::seconds(300);
// How long a used proof is remembered: as long as its nonce, and one turn more for the request
// whose nonce was looked at just before it ended.
inline constexpr Duration kProofMemory = kNonceLife + kNonceTurn;

// In the order in which the questions are asked.
enum class ProofRefusal {
  Malformed,     // size, shape, typ, alg, jwk, or a claim that is missing or of another type
  Method,        // `htm` is another
  Address,       // `htu` is another
  NonceMissing,  // answer use_dpop_nonce
  NonceOld,      // not a nonce that is accepted now; answer use_dpop_nonce
  IssuedAt,      // `iat` is more than kProofClockSkew away
  TokenHash,     // `ath` is missing or another
  OtherKey,      // the key is not the one that the token is bound to
  Signature,     // not signed by the key it brings, or that is no key
};

std::string_view to_string(ProofRefusal refusal);

struct ProofRules {
  std::string_view method;
  // The address as configured, never as the request gives it; query and fragment do not count.
  std::string_view url;
  // DpopNonces::accepted(). REQUIRES: not empty; the vault always asks for a nonce.
  std::span<const std::string> nonces;
  Instant now;
  // token_hash() of the access token that came along; "" where none does, as at the token endpoint.
  std::string_view token_hash = {};
  // The thumbprint (`cnf.jkt`) that the key must have; "" when any key may come.
  std::string_view thumbprint = {};
  // The header of a proof that was accepted before, if any.
  HeaderPtr known_header = nullptr;
};

struct Proof {
  std::string thumbprint;
  std::string jti;
  Instant issued;
  HeaderPtr header = nullptr;
};

std::variant<Proof, ProofRefusal> check_proof(std::string_view text, const ProofRules& rules);

// What check_proof would ask before the signature and the key, for who has another signature to look
// at first. Nothing: no objection so far.
std::optional<ProofRefusal> look_at_proof(std::string_view text, const ProofRules& rules);

// Takes a checked proof once.
Seen remember_proof(ReplayMemory& memory, const std::string& share, const Proof& proof);

// `ath`: base64url of the SHA-256 of the token's text.
std::string token_hash(std::string_view token);

// The address in the one spelling in which addresses are compared: scheme and host in lower case,
// no default port, no query, no fragment, "/" for an empty path. Nothing: not an http or https
// address with a host, or one with a user, a space, a backslash or a byte that is not printable
// ASCII.
std::optional<std::string> normal_address(std::string_view url);

// What a client says in a proof.
struct ProofWish {
  std::string_view method;
  std::string_view url;
  Instant now;
  std::string_view nonce = {};  // "": none yet
  std::string_view token = {};  // the access token that goes along; "": none
};

std::string make_proof(const crypto::SigningKey& key, const ProofWish& wish, Random& random);

}  // namespace vrm::jose
