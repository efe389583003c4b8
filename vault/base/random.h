#pragma once
// Where random bytes come from. The system's source is crypto::SystemRandom; a test brings its own.

#include <cstdint>
#include <span>

namespace vrm {

class Random {
 public:
  virtual ~Random() = default;
  // Fills the whole span. Safe from any thread.
  virtual void fill(std::span<std::uint8_t> out) = 0;
};

}  // namespace vrm
