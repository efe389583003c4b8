#include "vault/base/random.h"

#include <array>
#include <limits>

#include "vault/base/check.h"

namespace vrm {

std::uint64_t random_below(Random& random, std::uint64_t bound) {
  VRM_CHECK(bound > 0);
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
  // Those behind the last whole run of `bound` numbers would make the small ones likelier.
  const std::uint64_t good = kMost - kMost % bound;
  while (true) {
    std::array<std::uint8_t, 8> drawn{};
    random.fill(drawn);
    std::uint64_t number = 0;
    for (const auto byte : drawn) number = number << 8U | byte;
    if (number < good) return number % bound;
  }
}

}  // namespace vrm
