#include "vault/base/clock.h"

#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <ctime>

using vrm::SystemClock;

TEST_SUITE("base/clock") {
  TEST_CASE("the wall clock tells the same time as the system's") {
    const SystemClock clock;
    const auto wall = [] {
      return std::chrono::duration_cast<vrm::Duration>(
                 std::chrono::system_clock::now().time_since_epoch())
          .count();
    };
    const auto before = wall();
    const auto now = clock.now().ms;
    const auto after = wall();
    // The system's clock may be set between two of the three; it is not set back by years.
    CHECK(now > vrm::instant_from_rfc3339("2020-01-01T00:00:00Z").value().ms);
    if (before <= after) {
      CHECK(now >= before);
      CHECK(now <= after);
    }
  }

  TEST_CASE("ticks never go back") {
    const SystemClock clock;
    auto last = clock.ticks();
    for (int i = 0; i < 10000; ++i) {
      const auto next = clock.ticks();
      REQUIRE(next >= last);
      last = next;
    }
  }

  TEST_CASE("ticks are those of the clock that goes on while the machine sleeps") {
    const SystemClock clock;
    const auto since_boot = [] {
      timespec now{};
      REQUIRE(clock_gettime(CLOCK_BOOTTIME, &now) == 0);
      return std::int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
    };
    const auto before = since_boot();
    const auto ticks = clock.ticks().count();
    CHECK(before <= ticks);
    CHECK(ticks <= since_boot());
  }

  TEST_CASE("a program that was handed a clock cannot tell the system's from another") {
    class Stopped final : public vrm::Clock {
     public:
      vrm::Instant now() const override { return {1000}; }
      vrm::Duration ticks() const override { return vrm::Duration(7); }
    };
    const Stopped stopped;
    const vrm::Clock& clock = stopped;
    CHECK(clock.now() == vrm::Instant{1000});
    CHECK(clock.ticks() == vrm::Duration(7));
  }
}
