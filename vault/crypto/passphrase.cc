#include "vault/crypto/passphrase.h"

#include <sodium.h>

#include <algorithm>

#include "vault/base/check.h"

namespace vrm::crypto {

static_assert(kSaltBytes == crypto_pwhash_argon2id_SALTBYTES);

namespace {

constexpr std::uint64_t kMemoryStep = 16ULL * 1024 * 1024;
constexpr std::uint64_t kMostMeasuredMemory = kCostCeiling.memory_bytes / 2;
constexpr std::uint64_t kFewPasses = 3;
constexpr int kTries = 3;

// Time goes by memory times passes. Within the bounds it fits with room to spare.
std::uint64_t work(PassphraseCost cost) {
  return cost.memory_bytes / 1024 * cost.passes;
}

}  // namespace

bool within_bounds(PassphraseCost cost) {
  return cost.memory_bytes >= kCostFloor.memory_bytes &&
         cost.memory_bytes <= kCostCeiling.memory_bytes && cost.passes >= kCostFloor.passes &&
         cost.passes <= kCostCeiling.passes;
}

Result<Secret> key_from_passphrase(const Secret& passphrase, const Salt& salt,
                                   PassphraseCost cost) {
  VRM_CHECK(sodium_init() >= 0);
  if (!within_bounds(cost))
    return Error{ErrorCode::Malformed, "cost of the passphrase is out of bounds"};
  Secret key = Secret::zeros(32);
  const BytesView text = passphrase.bytes();
  if (crypto_pwhash_argon2id(key.writable().data(), key.bytes().size(),
                             reinterpret_cast<const char*>(text.data()), text.size(), salt.data(),
                             cost.passes, cost.memory_bytes,
                             crypto_pwhash_argon2id_ALG_ARGON2ID13) != 0) {
    return Error{ErrorCode::Unavailable, "not enough memory for the passphrase"};
  }
  return key;
}

PassphraseCost cost_taking(Duration wanted, PassphraseCost known, Duration took) {
  if (took.count() <= 0) return known;
  const std::uint64_t kib = work(known) * static_cast<std::uint64_t>(wanted.count()) /
                            static_cast<std::uint64_t>(took.count());
  PassphraseCost cost{kib / kFewPasses * 1024 / kMemoryStep * kMemoryStep, kFewPasses};
  if (cost.memory_bytes < kCostFloor.memory_bytes) return kCostFloor;
  if (cost.memory_bytes <= kMostMeasuredMemory) return cost;
  return {kMostMeasuredMemory, std::min(kib * 1024 / kMostMeasuredMemory, kCostCeiling.passes)};
}

Result<PassphraseCost> measured_cost(const Clock& clock) {
  const Secret text = Secret::zeros(kSaltBytes);
  Duration quickest = Duration::max();
  for (int left = kTries; left > 0; --left) {
    const Duration began = clock.ticks();
    const auto key = TRY(key_from_passphrase(text, Salt{}, kCostFloor));
    quickest = std::min(quickest, clock.ticks() - began);
  }
  if (quickest.count() <= 0) return PassphraseCost{};
  return cost_taking(kPassphraseTime, kCostFloor, quickest);
}

bool is_well_above(PassphraseCost better, PassphraseCost cost) {
  return work(better) * 2 >= work(cost) * 3;
}

}  // namespace vrm::crypto
