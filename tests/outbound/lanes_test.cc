#include "vault/outbound/lanes.h"

#include <doctest/doctest.h>

#include <algorithm>

using namespace vrm;  // tests only
using outbound::Delivery;
using outbound::Lanes;

namespace {

Delivery of(const std::string& id, const std::string& host, std::int64_t due) {
  return {id, "https://" + host + "/in", "application/jwt", "body", 0, {due}};
}

std::string taken(Lanes& lanes, std::int64_t now) {
  const auto one = lanes.take({now});
  return one ? one->id : "";
}

}  // namespace

TEST_SUITE("outbound/lanes") {
  TEST_CASE("the origin of a URL is all before its path") {
    CHECK(outbound::origin_of("https://a.fr/in") == "https://a.fr");
    CHECK(outbound::origin_of("http://127.0.0.1:80/a://b/") == "http://127.0.0.1:80");
    CHECK(outbound::origin_of("https://a.fr") == "https://a.fr");
    CHECK(outbound::origin_of("https://a.fr?x/") == "https://a.fr");
    CHECK(outbound::origin_of("nothing") == "nothing");
  }

  TEST_CASE("what is due first goes first, of the same time the one that came first") {
    Lanes lanes(8);
    lanes.add(of("third", "a.fr", 30));
    lanes.add(of("first", "b.fr", 10));
    lanes.add(of("second", "a.fr", 20));
    lanes.add(of("fourth", "c.fr", 30));
    CHECK(taken(lanes, 9).empty());
    CHECK(lanes.next_due() == Instant{10});
    for (const auto* id : {"first", "second", "third", "fourth"}) CHECK(taken(lanes, 30) == id);
    CHECK(taken(lanes, 100).empty());
    CHECK_FALSE(lanes.next_due().has_value());
    CHECK(lanes.size() == 4);
  }

  TEST_CASE("an origin that has its share waits, and holds up no other") {
    Lanes lanes(2);
    for (const auto* id : {"a1", "a2", "a3", "a4"}) lanes.add(of(id, "a.fr", 1));
    lanes.add(of("b1", "b.fr", 2));
    CHECK(taken(lanes, 2) == "a1");
    CHECK(taken(lanes, 2) == "a2");
    CHECK(lanes.next_due() == Instant{2});
    CHECK(taken(lanes, 2) == "b1");
    CHECK(taken(lanes, 2).empty());
    CHECK_FALSE(lanes.next_due().has_value());
    lanes.finish("a2");
    CHECK(lanes.next_due() == Instant{1});
    CHECK(taken(lanes, 2) == "a3");
    CHECK(taken(lanes, 2).empty());
  }

  TEST_CASE("what is put back waits for its new time") {
    Lanes lanes(1);
    lanes.add(of("1", "a.fr", 1));
    lanes.add(of("2", "a.fr", 2));
    auto one = lanes.take({1});
    REQUIRE(one);
    one->due = {50};
    one->attempts = 1;
    lanes.put_back(*one);
    CHECK(taken(lanes, 49) == "2");
    lanes.finish("2");
    CHECK(taken(lanes, 49).empty());
    const auto again = lanes.take({50});
    REQUIRE(again);
    CHECK(again->id == "1");
    CHECK(again->attempts == 1);
    lanes.finish("1");
    CHECK(lanes.size() == 0);
  }

  TEST_CASE("only what waits can be taken out") {
    Lanes lanes(1);
    lanes.add(of("1", "a.fr", 1));
    lanes.add(of("2", "a.fr", 1));
    CHECK(taken(lanes, 1) == "1");
    CHECK_FALSE(lanes.remove("1").has_value());
    CHECK_FALSE(lanes.remove("no such").has_value());
    const auto gone = lanes.remove("2");
    REQUIRE(gone);
    CHECK(gone->id == "2");
    CHECK_FALSE(lanes.contains("2"));
    CHECK(lanes.contains("1"));
    lanes.finish("1");
    CHECK(taken(lanes, 1).empty());
  }

  // Any sequence, against a list that is looked through.
  TEST_CASE("the lanes agree with a plain list over random steps") {
    struct Plain {
      Delivery delivery;
      std::uint64_t order;
      bool under_way;
    };
    constexpr std::size_t kPerOrigin = 2;
    std::uint32_t state = 1;
    const auto draw = [&state](std::uint32_t below) {
      state = state * 1664525U + 1013904223U;
      return (state >> 8U) % below;
    };
    Lanes lanes(kPerOrigin);
    std::vector<Plain> plain;
    std::uint64_t came = 0;
    std::int64_t now = 0;
    const auto room = [&](const Plain& one) {
      const auto of_same = std::count_if(plain.begin(), plain.end(), [&](const Plain& other) {
        return other.under_way && other.delivery.url == one.delivery.url;
      });
      return of_same < static_cast<std::ptrdiff_t>(kPerOrigin);
    };
    for (int step = 0; step < 20'000; ++step) {
      CAPTURE(step);
      now += draw(3);
      const auto what = draw(4);
      if (what == 0) {
        const std::string host(1, static_cast<char>('a' + draw(4)));
        const auto made = of(std::to_string(step), host, now + draw(20));
        plain.push_back({made, came++, false});
        lanes.add(made);
      } else if (what == 1) {
        const Plain* best = nullptr;
        for (const auto& one : plain) {
          if (one.under_way || one.delivery.due > Instant{now} || !room(one)) continue;
          const auto key = [](const Plain& p) { return std::pair(p.delivery.due, p.order); };
          if (best == nullptr || key(one) < key(*best)) best = &one;
        }
        const std::string expected = best == nullptr ? "" : best->delivery.id;
        REQUIRE(taken(lanes, now) == expected);
        for (auto& one : plain)
          if (one.delivery.id == expected) one.under_way = true;
      } else if (!plain.empty()) {
        const auto at = plain.begin() + draw(static_cast<std::uint32_t>(plain.size()));
        if (what == 2 && at->under_way) {
          at->delivery.due = {now + draw(20)};
          at->order = came++;
          at->under_way = false;
          lanes.put_back(at->delivery);
        } else if (at->under_way) {
          lanes.finish(at->delivery.id);
          plain.erase(at);
        } else {
          REQUIRE(lanes.remove(at->delivery.id).has_value());
          plain.erase(at);
        }
      }
      REQUIRE(lanes.size() == plain.size());
    }
  }
}
