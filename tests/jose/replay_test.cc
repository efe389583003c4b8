#include "vault/jose/replay.h"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>

#include "tests/jose/forge.h"

using namespace vrm;  // tests only
using jose::ReplayMemory;
using jose::Seen;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

struct World {
  test::ManualClock clock;
  test::CountingRandom random;
};

constexpr Duration kLife = seconds(90);

}  // namespace

TEST_SUITE("jose/replay") {
  TEST_CASE("what was taken once is not taken again, whoever pays") {
    World world;
    ReplayMemory memory(world.clock, world.random);
    CHECK(memory.remember("velo", "key", "j1", kLife) == Seen::Fresh);
    CHECK(memory.remember("velo", "key", "j1", kLife) == Seen::Replayed);
    CHECK(memory.remember("decat", "key", "j1", seconds(1)) == Seen::Replayed);
    CHECK(memory.size() == 1);
  }

  TEST_CASE("another maker may use the same jti, and joints do not blur") {
    World world;
    ReplayMemory memory(world.clock, world.random);
    CHECK(memory.remember("velo", "ab", "c", kLife) == Seen::Fresh);
    CHECK(memory.remember("velo", "a", "bc", kLife) == Seen::Fresh);
    CHECK(memory.remember("velo", "abc", "", kLife) == Seen::Fresh);
    CHECK(memory.remember("velo", "", "abc", kLife) == Seen::Fresh);
  }

  TEST_CASE("an entry lives at least as long as asked, and then goes") {
    for (const auto start : {0, 1, 29'999, 30'000}) {
      CAPTURE(start);
      World world;
      world.clock.elapsed = milliseconds(start);
      ReplayMemory memory(world.clock, world.random);
      REQUIRE(memory.remember("velo", "key", "j1", kLife) == Seen::Fresh);
      world.clock.elapsed += kLife;
      CHECK(memory.remember("velo", "key", "j1", kLife) == Seen::Replayed);
      world.clock.elapsed += seconds(30);
      CHECK(memory.size() == 0);
      CHECK(memory.remember("velo", "key", "j1", kLife) == Seen::Fresh);
    }
  }

  TEST_CASE("a short life does not cut a long one beside it") {
    World world;
    ReplayMemory memory(world.clock, world.random);
    CHECK(memory.remember("velo", "key", "long", seconds(300)) == Seen::Fresh);
    CHECK(memory.remember("velo", "key", "short", seconds(10)) == Seen::Fresh);
    CHECK(memory.remember("velo", "key", "middle", seconds(100)) == Seen::Fresh);
    world.clock.elapsed = seconds(200);
    CHECK(memory.remember("velo", "key", "long", kLife) == Seen::Replayed);
    CHECK(memory.remember("velo", "key", "short", kLife) == Seen::Fresh);
    CHECK(memory.remember("velo", "key", "middle", kLife) == Seen::Fresh);
  }

  TEST_CASE("a full share refuses its brand and no other, and forgets nothing for it") {
    World world;
    ReplayMemory memory(world.clock, world.random, {.total = 10, .per_share = 3});
    for (const char* jti : {"1", "2", "3"})
      REQUIRE(memory.remember("velo", "key", jti, kLife) == Seen::Fresh);
    CHECK(memory.remember("velo", "key", "4", kLife) == Seen::Full);
    CHECK(memory.remember("velo", "key", "1", kLife) == Seen::Replayed);
    CHECK(memory.remember("decat", "key", "4", kLife) == Seen::Fresh);
    world.clock.elapsed = seconds(120);
    CHECK(memory.remember("velo", "key", "4", kLife) == Seen::Fresh);
  }

  TEST_CASE("a full memory refuses everybody until something ends") {
    World world;
    ReplayMemory memory(world.clock, world.random, {.total = 2, .per_share = 2});
    REQUIRE(memory.remember("velo", "key", "1", kLife) == Seen::Fresh);
    REQUIRE(memory.remember("decat", "key", "2", kLife) == Seen::Fresh);
    CHECK(memory.remember("troc", "key", "3", kLife) == Seen::Full);
    CHECK(memory.size() == 2);
    world.clock.elapsed = seconds(120);
    memory.sweep();
    CHECK(memory.remember("troc", "key", "3", kLife) == Seen::Fresh);
    CHECK(memory.size() == 1);
    ReplayMemory none(world.clock, world.random, {.total = 0, .per_share = 2});
    CHECK(none.remember("velo", "key", "1", kLife) == Seen::Full);
    ReplayMemory shareless(world.clock, world.random, {.total = 2, .per_share = 0});
    CHECK(shareless.remember("velo", "key", "1", kLife) == Seen::Full);
  }

  TEST_CASE("fifty thousand are all remembered") {
    World world;
    ReplayMemory memory(world.clock, world.random, {.total = 50'000, .per_share = 50'000});
    int fresh = 0, replayed = 0;
    for (int round = 0; round < 2; ++round)
      for (int i = 0; i < 50'000; ++i) {
        const auto seen = memory.remember("velo", "key", std::to_string(i), kLife);
        fresh += seen == Seen::Fresh ? 1 : 0;
        replayed += seen == Seen::Replayed ? 1 : 0;
      }
    CHECK(fresh == 50'000);
    CHECK(replayed == 50'000);
    CHECK(memory.remember("velo", "key", "one more", kLife) == Seen::Full);
  }

  TEST_CASE("of many threads with one proof exactly one is first") {
    World world;
    ReplayMemory memory(world.clock, world.random);
    std::atomic<int> fresh{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&] {
        for (int i = 0; i < 500; ++i)
          if (memory.remember("velo", "key", std::to_string(i), kLife) == Seen::Fresh) ++fresh;
      });
    for (auto& thread : threads) thread.join();
    CHECK(fresh == 500);
  }
}
