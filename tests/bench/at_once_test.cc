#include "tests/bench/at_once.h"

#include <doctest/doctest.h>

#include <atomic>
#include <vector>

namespace bench = vrm::bench;

TEST_SUITE("bench/at_once") {
  TEST_CASE("each is done once, however many threads there are") {
    for (const std::size_t threads : {std::size_t{1}, std::size_t{3}, std::size_t{8}}) {
      CAPTURE(threads);
      std::vector<std::atomic<int>> done(100);
      const auto all =
          bench::at_once(done.size(), threads, [&](std::size_t i) -> vrm::Result<void> {
            ++done[i];
            return {};
          });
      CHECK(all.ok());
      for (const auto& times : done) CHECK(times == 1);
    }
  }

  TEST_CASE("one failure is told, and nothing is begun after it") {
    std::atomic<int> begun = 0;
    const auto all = bench::at_once(1000, 1, [&](std::size_t i) -> vrm::Result<void> {
      ++begun;
      if (i < 4) return {};
      return vrm::Error{vrm::ErrorCode::Io, "the fifth"};
    });
    REQUIRE_FALSE(all.ok());
    CHECK(all.error().message == "the fifth");
    CHECK(begun == 5);
  }

  TEST_CASE("nothing to do is done") {
    CHECK(bench::at_once(0, 4, [](std::size_t) -> vrm::Result<void> {
            return vrm::Error{vrm::ErrorCode::Io, "never asked"};
          }).ok());
  }
}
