#pragma once
// From a passphrase to a key (Argon2id, RFC 9106, libsodium).

#include <array>
#include <cstdint>

#include "vault/base/bytes.h"
#include "vault/base/clock.h"
#include "vault/base/result.h"
#include "vault/crypto/secret.h"

namespace vrm::crypto {

struct PassphraseCost {
  std::uint64_t memory_bytes = 256ULL * 1024 * 1024;
  std::uint64_t passes = 3;
};

// What a stored cost must lie between, both included.
inline constexpr PassphraseCost kCostFloor{64ULL * 1024 * 1024, 2};
inline constexpr PassphraseCost kCostCeiling{1024ULL * 1024 * 1024, 10};

bool within_bounds(PassphraseCost cost);

inline constexpr std::size_t kSaltBytes = 16;
using Salt = std::array<std::uint8_t, kSaltBytes>;

// 32 bytes. Malformed: the cost is below the floor or above the ceiling. Unavailable: not enough
// memory.
Result<Secret> key_from_passphrase(const Secret& passphrase, const Salt& salt, PassphraseCost cost);

// How long a passphrase should take whoever tries it.
inline constexpr Duration kPassphraseTime = std::chrono::milliseconds(500);

// What takes about `wanted` on a machine that needed `took` for `known`: memory first, up to half of the ceiling, then
// passes; always within the bounds. `known` itself when `took` is nothing.
PassphraseCost cost_taking(Duration wanted, PassphraseCost known, Duration took);

// What takes about kPassphraseTime here, by `clock`; of several tries the quickest counts. A clock that stands still
// gives the default. Unavailable: not enough memory.
Result<PassphraseCost> measured_cost(const Clock& clock);

// Whether `better` is enough above `cost` to be worth a new slot, and not what two measurements differ by.
bool is_well_above(PassphraseCost better, PassphraseCost cost);

}  // namespace vrm::crypto
