#include "tests/bench/latency.h"

#include <doctest/doctest.h>

TEST_SUITE("bench/latency") {
  TEST_CASE("a percentile is one of the values, by nearest rank") {
    std::vector<std::uint64_t> values = {50, 15, 40, 20, 35};
    CHECK(vrm::bench::percentile(values, 0.05) == 15);
    CHECK(vrm::bench::percentile(values, 0.30) == 20);
    CHECK(vrm::bench::percentile(values, 0.50) == 35);
    CHECK(vrm::bench::percentile(values, 0.99) == 50);
    CHECK(vrm::bench::percentile(values, 1.0) == 50);
  }

  TEST_CASE("of a hundred values the 99th percentile leaves one above") {
    std::vector<std::uint64_t> values;
    for (std::uint64_t i = 100; i > 0; --i) values.push_back(i);
    CHECK(vrm::bench::percentile(values, 0.99) == 99);
  }

  TEST_CASE("no values have no percentile") {
    std::vector<std::uint64_t> none;
    CHECK(vrm::bench::percentile(none, 0.5) == 0);
  }

  TEST_CASE("a median is the middle one, whatever the order, and of nothing it is 0") {
    CHECK(vrm::bench::median({3.0, 1.0, 2.0}) == 2.0);
    CHECK(vrm::bench::median({4.0, 1.0, 2.0, 3.0}) == 3.0);
    CHECK(vrm::bench::median({}) == 0.0);
  }

  TEST_CASE("milliseconds are counted with their parts") {
    const vrm::bench::Moment from{};
    CHECK(vrm::bench::milliseconds(from, from + std::chrono::microseconds(1500)) == 1.5);
  }
}
