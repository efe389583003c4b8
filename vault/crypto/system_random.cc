#include "vault/crypto/system_random.h"

#include <sodium.h>

#include "vault/base/check.h"

namespace vrm::crypto {

SystemRandom::SystemRandom() {
  VRM_CHECK(sodium_init() >= 0);
}

void SystemRandom::fill(std::span<std::uint8_t> out) {
  randombytes_buf(out.data(), out.size());
}

}  // namespace vrm::crypto
