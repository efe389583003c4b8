#pragma once
// Random choices that are the same everywhere for one seed.

#include <random>
#include <vector>

namespace cedar_random {

class Draw {
 public:
  explicit Draw(std::uint64_t seed) : engine_(seed) {}

  std::uint64_t any() { return engine_(); }
  // 0 to count - 1. REQUIRES: count is not 0.
  std::size_t below(std::size_t count) { return engine_() % count; }
  bool chance(std::size_t percent) { return below(100) < percent; }
  // REQUIRES: there is one.
  template <typename T>
  const T& one_of(const std::vector<T>& all) {
    return all.at(below(all.size()));
  }

 private:
  std::mt19937_64 engine_;  // exactly specified, unlike the standard's distributions
};

}  // namespace cedar_random
