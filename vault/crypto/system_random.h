#pragma once
// The system's random source (libsodium over getrandom). Safe from any thread.

#include "vault/base/random.h"

namespace vrm::crypto {

class SystemRandom final : public Random {
 public:
  SystemRandom();
  void fill(std::span<std::uint8_t> out) override;
};

}  // namespace vrm::crypto
