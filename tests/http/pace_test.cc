#include "vault/http/pace.h"

#include "tests/http/wire.h"

using namespace vrm;  // tests only

TEST_SUITE("http/pace") {
  TEST_CASE(
      "each peer has a bucket that empties, fills at its rate and holds no more than a minute's "
      "calls") {
    http::Pace pace(60);
    for (int call = 0; call < 60; ++call) CHECK(pace.take("a", Duration(0)));
    CHECK_FALSE(pace.take("a", Duration(0)));
    CHECK(pace.take("b", Duration(0)));
    CHECK_FALSE(pace.take("a", Duration(999)));
    CHECK(pace.take("a", Duration(1000)));
    CHECK_FALSE(pace.take("a", Duration(1000)));
    int taken = 0;
    while (pace.take("a", std::chrono::hours(5))) ++taken;
    CHECK(taken == 60);
    CHECK(pace.retry_after_s() == 1);
    CHECK(http::Pace(7).retry_after_s() == 9);
  }

  TEST_CASE("without a rate nobody waits") {
    http::Pace pace(0);
    for (int call = 0; call < 10'000; ++call) REQUIRE(pace.take("a", Duration(0)));
    CHECK(pace.peers() == 0);
  }

  TEST_CASE("the table has a bound: newcomers share a bucket until the quiet are forgotten") {
    http::Pace pace(2, 3);
    const Duration begun = std::chrono::seconds(10);
    for (const auto* peer : {"a", "b", "c"}) CHECK(pace.take(peer, begun));
    CHECK(pace.take("d", begun));
    CHECK(pace.take("e", begun));
    CHECK_FALSE(pace.take("f", begun));
    CHECK_FALSE(pace.take("d", begun));
    CHECK(pace.take("a", begun));  // those who have a place keep their own
    CHECK(pace.peers() == 3);
    CHECK(pace.take("f", begun + std::chrono::minutes(1)));
    CHECK(pace.peers() == 1);
  }

  TEST_CASE("who asks too fast is answered 429 with Retry-After before the routes hear of it") {
    wire::Echo echo;
    auto options = wire::loopback();
    options.calls_per_minute = 3;
    const auto door = wire::open(options, echo);
    for (int call = 0; call < 3; ++call) CHECK(wire::Client(door->port()).send(wire::get()));
    REQUIRE(wire::eventually([&] { return door->tally().requests == 3; }));
    wire::Client client(door->port());
    REQUIRE(client.send(wire::get()));
    const std::string told = client.answer();
    CHECK(told.starts_with("HTTP/1.1 429 "));
    CHECK(told.find("Retry-After: 20\r\n") != std::string::npos);
    CHECK(told.find("\"error\":\"rate_limited\"") != std::string::npos);
    CHECK(client.closed());
    CHECK(door->tally().paced == 1);
    CHECK(door->tally().requests == 3);
  }
}
