#pragma once
// A clock that a test sets. Safe from any thread.

#include <atomic>

#include "vault/base/clock.h"

namespace vrm::testing {

class FakeClock final : public Clock {
 public:
  Instant now() const override { return {now_.load()}; }
  Duration ticks() const override { return Duration(ticks_.load()); }

  void advance(Duration by) {
    now_ += by.count();
    ticks_ += by.count();
  }
  // The wall clock jumps; ticks go on.
  void jump(Duration by) { now_ += by.count(); }

 private:
  std::atomic<std::int64_t> now_{1'795'000'000'000};  // 18 November 2026
  std::atomic<std::int64_t> ticks_{1'000'000};
};

}  // namespace vrm::testing
