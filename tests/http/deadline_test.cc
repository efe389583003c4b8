// Who is slow, idle or many: the door goes on serving the others.

#include <algorithm>

#include "tests/http/wire.h"

using namespace vrm;  // tests only
using wire::Client;

namespace {

http::DoorOptions hurried() {
  auto options = wire::loopback();
  options.deadlines = {Duration(200), Duration(300), Duration(400),
                       Duration(300), Duration(100), Duration(20)};
  return options;
}

// How long the other end lets this connection live while `part` is sent every 20 ms.
Duration drip(Client& client, std::string_view part) {
  const auto start = std::chrono::steady_clock::now();
  while (wire::since(start) < Duration(3000)) {
    if (!part.empty() && !client.send(part)) break;
    if (client.closed(Duration(20))) break;
  }
  return wire::since(start);
}

}  // namespace

TEST_SUITE("http/deadline") {
  TEST_CASE("a first request that does not end is closed, however it is dripped") {
    wire::Echo echo;
    const auto door = wire::open(hurried(), echo);
    const std::vector<std::pair<std::string, std::string>> drips{
        {"", ""},
        {"GET /", "a"},
        {"GET /a HTTP/1.1\r\nHost: vault.test\r\n", "X-Drip: a\r\n"},
        {"GET /a HTTP/1.1\r\nHost: vault.test\r\n", ""}};
    for (const auto& one : drips) {
      const std::string& begin = one.first;
      const std::string& part = one.second;
      CAPTURE(begin);
      CAPTURE(part);
      Client client(door->port());
      REQUIRE(client.send(begin));
      const Duration lived = drip(client, part);
      CHECK(lived >= Duration(150));
      CHECK(lived < Duration(1500));
      CHECK((client.rest().empty() || client.rest().starts_with("HTTP/1.1 4")));
    }
    CHECK(door->tally().late >= 3);
    CHECK(echo.take().empty());
  }

  TEST_CASE("a body that does not come is closed with 408") {
    wire::Echo echo;
    const auto door = wire::open(hurried(), echo);
    Client client(door->port());
    REQUIRE(client.send("POST /a HTTP/1.1\r\nHost: vault.test\r\nContent-Length: 1000\r\n\r\n"));
    const Duration lived = drip(client, "b");
    CHECK(lived >= Duration(250));
    CHECK(lived < Duration(1500));
    CHECK(client.rest().starts_with("HTTP/1.1 408 "));
    CHECK(client.rest().find("\"error\":\"request_timeout\"") != std::string::npos);
  }

  TEST_CASE("a kept-alive connection is closed when no further request ends") {
    wire::Echo echo;
    const auto door = wire::open(hurried(), echo);
    for (const std::string begin : {"", "GET /dri"}) {
      CAPTURE(begin);
      Client client(door->port());
      REQUIRE(client.send(wire::get()));
      CHECK(client.status() == 200);
      REQUIRE(client.send(begin));
      const Duration lived = drip(client, begin.empty() ? "" : "p");
      CHECK(lived >= Duration(350));
      CHECK(lived < Duration(1500));
    }
  }

  TEST_CASE("a request that is being served has no deadline") {
    wire::Keeper keeper;
    const auto door = wire::open(hurried(), keeper);
    Client client(door->port());
    REQUIRE(client.send(wire::get()));
    auto kept = keeper.take(1);
    CHECK_FALSE(client.closed(Duration(700)));
    kept[0]->send({200, {}, "late but here"});
    CHECK(client.answer().ends_with("late but here"));
  }

  TEST_CASE("a reader that does not read is closed") {
    wire::Keeper keeper;
    const auto door = wire::open(hurried(), keeper);
    Client client(door->port());
    const int small = 4096;
    ::setsockopt(client.fd(), SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    REQUIRE(client.send(wire::get()));
    keeper.take(1)[0]->send({200, {}, std::string(8'000'000, 'x')});
    CHECK(wire::eventually([&] { return door->connections() == 0; }));
    CHECK(door->tally().late == 1);
  }

  TEST_CASE("pipelining without reading is closed") {
    wire::Echo echo;
    const auto door = wire::open(hurried(), echo);
    Client client(door->port());
    const std::string many = [] {
      std::string text;
      for (int i = 0; i < 200; ++i) text += wire::get("/" + std::string(400, 'a'));
      return text;
    }();
    for (int i = 0; i < 400 && client.send_patiently(many, Duration(300)); ++i) {
    }
    CHECK(wire::eventually([&] { return door->connections() == 0; }));
  }

  TEST_CASE("four hundred drips do not keep an honest client waiting") {
    wire::Echo echo;
    auto options = hurried();
    options.deadlines.head = Duration(1000);
    const auto door = wire::open(options, echo);
    std::vector<Client> drips;
    for (int i = 0; i < 400; ++i) {
      drips.emplace_back(door->port());
      REQUIRE(drips.back().send("GET /a HTTP/1.1\r\nHost: vault.test\r\n"));
    }
    for (int i = 0; i < 12; ++i) {
      for (auto& drip : drips) (void)drip.send("X");
      const auto start = std::chrono::steady_clock::now();
      Client honest(door->port());
      REQUIRE(honest.send(wire::get()));
      CHECK(honest.status() == 200);
      CHECK(wire::since(start) < Duration(500));
    }
    CHECK(wire::eventually([&] { return door->connections() == 0; }));
  }

  TEST_CASE("clients in step do not stall the door, whatever their number") {
    wire::Echo echo;
    const auto door = wire::open(wire::loopback(), echo);
    std::vector<Client> clients;
    for (const std::size_t count : {127U, 128U, 129U, 256U, 384U}) {
      CAPTURE(count);
      while (clients.size() < count) clients.emplace_back(door->port());
      for (int round = 0; round < 5; ++round) {
        for (auto& client : clients) REQUIRE(client.send(wire::get()));
        for (auto& client : clients) REQUIRE(client.status() == 200);
      }
    }
  }

  TEST_CASE("a full house shows out who has been longest without a whole request") {
    wire::Keeper keeper;
    auto options = wire::loopback();
    options.connections = 3;
    const auto door = wire::open(options, keeper);
    Client served(door->port());
    REQUIRE(served.send(wire::get()));
    auto kept = keeper.take(1);
    Client oldest(door->port());
    REQUIRE(oldest.send("GET /"));
    REQUIRE(wire::eventually([&] { return door->connections() == 2; }));
    Client younger(door->port());
    REQUIRE(wire::eventually([&] { return door->connections() == 3; }));
    Client newcomer(door->port());
    REQUIRE(newcomer.send(wire::get()));
    CHECK(oldest.closed());
    keeper.take(1)[0]->send({200, {}, {}});
    CHECK(newcomer.status() == 200);
    CHECK_FALSE(younger.closed(Duration(10)));
    kept[0]->send({200, {}, {}});
    CHECK(served.status() == 200);
    CHECK(door->tally().shown_out == 1);
  }

  TEST_CASE("a house full of served requests answers 503") {
    wire::Keeper keeper;
    auto options = wire::loopback();
    options.connections = 2;
    const auto door = wire::open(options, keeper);
    Client one(door->port());
    Client two(door->port());
    REQUIRE(one.send(wire::get()));
    REQUIRE(two.send(wire::get()));
    auto kept = keeper.take(2);
    Client three(door->port());
    const std::string answer = three.answer();
    CHECK(answer.starts_with("HTTP/1.1 503 "));
    CHECK(answer.find("\r\nRetry-After: 1\r\n") != std::string::npos);
    CHECK(three.closed());
    CHECK(door->tally().turned_away == 1);
  }

  TEST_CASE("one peer cannot take more than its share") {
    wire::Echo echo;
    auto options = wire::loopback();
    options.per_peer = 2;
    const auto door = wire::open(options, echo);
    {
      Client one(door->port());
      Client two(door->port());
      REQUIRE(wire::eventually([&] { return door->connections() == 2; }));
      Client three(door->port());
      CHECK(three.status() == 503);
    }
    REQUIRE(wire::eventually([&] { return door->connections() == 0; }));
    Client again(door->port());
    REQUIRE(again.send(wire::get()));
    CHECK(again.status() == 200);
  }
}
