#pragma once
// The time of day and a time that never goes back; both are parameters, so that tests own them.

#include <chrono>

#include "vault/base/time.h"

namespace vrm {

class Clock {
 public:
  virtual ~Clock() = default;
  // The wall clock. It may jump either way.
  virtual Instant now() const = 0;
  // Time since some fixed moment, that which the machine slept included; it never goes back. For waits and limits.
  virtual Duration ticks() const = 0;
};

class SystemClock final : public Clock {
 public:
  Instant now() const override;
  Duration ticks() const override;
};

}  // namespace vrm
