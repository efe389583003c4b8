#include "vault/base/clock.h"

#include <ctime>

#include "vault/base/check.h"

namespace vrm {

Instant SystemClock::now() const {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<Duration>(now).count()};
}

Duration SystemClock::ticks() const {
  timespec since_boot{};
  VRM_CHECK(clock_gettime(CLOCK_BOOTTIME, &since_boot) == 0);
  return std::chrono::duration_cast<Duration>(std::chrono::seconds(since_boot.tv_sec) +
                                              std::chrono::nanoseconds(since_boot.tv_nsec));
}

}  // namespace vrm
