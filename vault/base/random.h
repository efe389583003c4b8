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

// A number from 0 to bound - 1, each as likely. REQUIRES: bound > 0.
std::uint64_t random_below(Random& random, std::uint64_t bound);

}  // namespace vrm
