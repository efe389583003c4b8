#pragma once
// Nonces that the vault hands out for DPoP proofs (RFC 9449 section 8).
//
//   nonce = base64url(first 16 bytes of HMAC-SHA-256(key, turn | issuer)),  turn = ticks / 30 s
//
// Nothing is stored: who holds the key can make and recognise them. They count Clock::ticks, not
// the wall clock, so that a clock set back brings none to life again; and the key is made when the
// daemon starts, so that a restart ends them all. Safe from any thread.

#include <array>
#include <chrono>
#include <mutex>
#include <string>
#include <string_view>

#include "vault/base/time.h"
#include "vault/crypto/secret.h"

namespace vrm::jose {

inline constexpr std::size_t kNonceKeyBytes = 32;
inline constexpr Duration kNonceTurn = std::chrono::seconds(30);
// A nonce is accepted in the turn it was made in and the next one.
inline constexpr Duration kNonceLife = 2 * kNonceTurn;

class DpopNonces {
 public:
  // REQUIRES: key holds kNonceKeyBytes.
  explicit DpopNonces(crypto::Secret key);

  // The nonce of the turn that `ticks` is in: what to hand out.
  std::string current(std::string_view issuer, Duration ticks) const;
  // What to accept: the current one and the one before.
  std::array<std::string, 2> accepted(std::string_view issuer, Duration ticks) const;

 private:
  // The nonces of one issuer: of a turn and of the one before.
  struct Pair {
    std::string issuer;
    std::int64_t turn = 0;
    std::array<std::string, 2> nonces;
  };

  Pair pair_of(std::string_view issuer, std::int64_t turn) const;
  std::string of_turn(std::string_view issuer, std::int64_t turn) const;

  crypto::Secret key_;
  mutable std::mutex mutex_;
  mutable Pair last_;  // asked for; the same are asked for again by every call of a busy brand
};

}  // namespace vrm::jose
