#include "vault/http/door.h"

#include "tests/http/wire.h"

using namespace vrm;  // tests only
using wire::Client;

TEST_SUITE("http/door") {
  TEST_CASE("a request reaches the handler whole, and its answer comes back") {
    wire::Echo echo;
    const auto door = wire::open(wire::loopback(), echo);
    Client client(door->port());
    REQUIRE(
        client.send("POST /v/1/data?x=%41 HTTP/1.1\r\nHost: Vault.Test\r\nX-Two:  b \r\n"
                    "content-length: 5\r\n\r\nhello"));
    const std::string answer = client.answer();
    CHECK(answer.starts_with("HTTP/1.1 200 OK\r\n"));
    CHECK(answer.ends_with("\r\n\r\nPOST /v/1/data|x=%41|hello"));
    const auto seen = echo.take();
    REQUIRE(seen.size() == 1);
    CHECK(seen[0].peer == "127.0.0.1");
    CHECK(seen[0].header("x-two") == "b");
    CHECK(seen[0].header("host") == "Vault.Test");
  }

  TEST_CASE("a kept-alive connection serves one request after another") {
    wire::Echo echo;
    const auto door = wire::open(wire::loopback(), echo);
    Client client(door->port());
    for (int i = 0; i < 3; ++i) {
      REQUIRE(client.send(wire::get("/n" + std::to_string(i))));
      CHECK(client.answer().ends_with("GET /n" + std::to_string(i) + "||"));
    }
    CHECK(door->connections() == 1);
  }

  TEST_CASE("three requests in one piece get three answers in their order") {
    wire::Echo echo;
    const auto door = wire::open(wire::loopback(), echo);
    Client client(door->port());
    REQUIRE(client.send(wire::get("/1") +
                        "POST /2 HTTP/1.1\r\nHost: vault.test\r\nContent-Length: 2\r\n\r\nhi" +
                        wire::get("/3")));
    CHECK(client.answer().ends_with("GET /1||"));
    CHECK(client.answer().ends_with("POST /2||hi"));
    CHECK(client.answer().ends_with("GET /3||"));
  }

  TEST_CASE("a request that comes byte by byte is served") {
    wire::Echo echo;
    const auto door = wire::open(wire::loopback(), echo);
    Client client(door->port());
    const std::string bytes =
        "POST /slow HTTP/1.1\r\nHost:\tvault.test \r\nEmpty:\r\nContent-Length: 3\r\n\r\nabc";
    for (const char byte : bytes) REQUIRE(client.send({&byte, 1}));
    CHECK(client.answer().ends_with("POST /slow||abc"));
  }

  TEST_CASE("a body of the limit is taken and one byte more is refused unread") {
    wire::Echo echo;
    const auto door = wire::open(wire::loopback(), echo);
    const std::string head = "POST /small HTTP/1.1\r\nHost: vault.test\r\nContent-Length: ";
    Client fits(door->port());
    REQUIRE(fits.send(head + "8\r\n\r\n12345678"));
    CHECK(fits.status() == 200);
    Client over(door->port());
    REQUIRE(over.send(head + "9\r\n\r\n123456789"));
    CHECK(over.status() == 413);
    CHECK(over.closed());
    Client large(door->port());
    REQUIRE(large.send("POST /a HTTP/1.1\r\nHost: vault.test\r\nContent-Length: 65536\r\n\r\n" +
                       std::string(65536, 'x')));
    CHECK(large.status() == 200);
    Client promise(door->port());
    REQUIRE(
        promise.send("POST /a HTTP/1.1\r\nHost: vault.test\r\nContent-Length: 9999999999\r\n\r\n"));
    CHECK(promise.status() == 413);
    CHECK(echo.take().size() == 2);
  }

  TEST_CASE("an answer given by another thread reaches its own connection") {
    wire::Keeper keeper;
    const auto door = wire::open(wire::loopback(), keeper);
    Client first(door->port());
    REQUIRE(first.send(wire::get("/1")));
    auto one = keeper.take(1);
    Client second(door->port());
    REQUIRE(second.send(wire::get("/2")));
    auto two = keeper.take(1);
    std::thread answering([&] {
      two[0]->send({200, {}, "second"});
      one[0]->send_later([] { return routes::Answer{201, {}, "first"}; });
    });
    CHECK(second.answer().ends_with("second"));
    const std::string answer = first.answer();
    CHECK(answer.starts_with("HTTP/1.1 201 "));
    CHECK(answer.ends_with("first"));
    answering.join();
  }

  TEST_CASE("a reply that is dropped becomes an answer 500") {
    wire::Keeper keeper;
    const auto door = wire::open(wire::loopback(), keeper);
    Client client(door->port());
    REQUIRE(client.send(wire::get()));
    keeper.take(1).clear();
    CHECK(client.status() == 500);
  }

  TEST_CASE("an answer that cannot be written as HTTP becomes an answer 500") {
    wire::Keeper keeper;
    const auto door = wire::open(wire::loopback(), keeper);
    Client client(door->port());
    for (const auto& broken :
         {routes::Answer{200, {{"X", "a\r\nEvil: 1"}}, {}}, routes::Answer{99, {}, {}},
          routes::Answer{200, {{"Bad Name\n", "a"}}, {}}}) {
      REQUIRE(client.send(wire::get()));
      keeper.take(1)[0]->send(broken);
      const std::string answer = client.answer();
      CHECK(answer.starts_with("HTTP/1.1 500 "));
      CHECK(answer.find("Evil") == std::string::npos);
    }
  }

  TEST_CASE("a client that leaves while its request is served harms nobody") {
    wire::Keeper keeper;
    const auto door = wire::open(wire::loopback(), keeper);
    std::vector<std::shared_ptr<routes::Reply>> kept;
    {
      Client gone(door->port());
      REQUIRE(gone.send(wire::get()));
      kept = keeper.take(1);
    }
    kept[0]->send({200, {}, std::string(300'000, 'x')});
    Client client(door->port());
    REQUIRE(client.send(wire::get()));
    keeper.take(1)[0]->send({200, {}, "here"});
    CHECK(client.answer().ends_with("here"));
    CHECK(wire::eventually([&] { return door->connections() == 1; }));
  }

  TEST_CASE("stop answers what is served within its grace and 503 to the rest") {
    wire::Keeper keeper;
    auto options = wire::loopback();
    options.deadlines.grace = Duration(150);
    const auto door = wire::open(options, keeper);
    Client lucky(door->port());
    Client pending(door->port());
    Client idle(door->port());
    REQUIRE(lucky.send(wire::get()));
    auto lucky_reply = keeper.take(1);
    REQUIRE(pending.send(wire::get()));
    auto pending_reply = keeper.take(1);
    std::thread stopping([&] { door->stop(); });
    CHECK(idle.closed());
    lucky_reply[0]->send({200, {}, "done"});
    CHECK(lucky.status() == 200);
    CHECK(pending.status() == 503);
    CHECK(pending.closed());
    stopping.join();
    pending_reply[0]->send({200, {}, "too late"});
    CHECK(door->connections() == 0);
    door->stop();
  }

  TEST_CASE("a reply may be answered and dropped after its door is gone") {
    wire::Keeper keeper;
    auto options = wire::loopback();
    options.deadlines.grace = Duration(0);
    auto door = wire::open(options, keeper);
    Client client(door->port());
    REQUIRE(client.send(wire::get() + wire::get()));
    auto kept = keeper.take(1);
    door.reset();
    CHECK(client.status() == 503);
    kept[0]->send_later([] { return routes::Answer{}; });
  }

  TEST_CASE("HEAD, OPTIONS and unknown methods are told which ones are served") {
    wire::Echo echo;
    const auto door = wire::open(wire::loopback(), echo);
    for (const auto* method : {"OPTIONS", "TRACE", "CONNECT", "FOO", "get"}) {
      CAPTURE(method);
      Client client(door->port());
      REQUIRE(client.send(std::string(method) + " /a HTTP/1.1\r\nHost: vault.test\r\n\r\n"));
      const std::string answer = client.answer();
      CHECK(answer.starts_with("HTTP/1.1 405 "));
      CHECK(answer.find("\r\nAllow: GET, POST, PUT, PATCH, DELETE\r\n") != std::string::npos);
    }
    Client head(door->port());
    REQUIRE(head.send("HEAD /a HTTP/1.1\r\nHost: vault.test\r\n\r\n"));
    CHECK(head.closed());
    CHECK(head.rest().starts_with("HTTP/1.1 405 "));
    CHECK(head.rest().ends_with("\r\n\r\n"));
    CHECK(echo.take().empty());
  }

  TEST_CASE("a refusal has one shape, is not stored and closes the connection") {
    wire::Echo echo;
    const auto door = wire::open(wire::loopback(), echo);
    Client client(door->port());
    REQUIRE(client.send("GET /a HTTP/1.1\r\nHost: evil.test\r\n\r\n" + wire::get("/secret")));
    const std::string answer = client.answer();
    CHECK(answer.starts_with("HTTP/1.1 400 "));
    CHECK(answer.find("\r\nContent-Type: application/problem+json\r\n") != std::string::npos);
    CHECK(answer.find("\r\nCache-Control: no-store\r\n") != std::string::npos);
    CHECK(answer.find("\r\nConnection: close\r\n") != std::string::npos);
    CHECK(answer.find("\"error\":\"invalid_request\"") != std::string::npos);
    CHECK(answer.find("evil") == std::string::npos);
    CHECK(client.closed());
    CHECK(client.rest().empty());
    CHECK(echo.take().empty());
    CHECK(door->tally().refused == 1);
  }

  TEST_CASE("several loops share one port and answer all") {
    wire::Echo echo;
    auto options = wire::loopback();
    options.loops = 3;
    const auto door = wire::open(options, echo);
    std::vector<Client> clients;
    for (int i = 0; i < 24; ++i) clients.emplace_back(door->port());
    for (auto& client : clients) REQUIRE(client.send(wire::get()));
    for (auto& client : clients) CHECK(client.status() == 200);
    CHECK(door->connections() == 24);
  }

  TEST_CASE("plain HTTP is not offered beyond loopback") {
    wire::Echo echo;
    auto options = wire::loopback();
    options.place = http::TcpPlace{"0.0.0.0", 0};
    const auto opened = http::Door::open(options, echo, wire::clock());
    REQUIRE_FALSE(opened.ok());
    CHECK(opened.error().say == "http.plain_needs_loopback");
  }

  TEST_CASE("a taken port and a name for an address are refused in words") {
    wire::Echo echo;
    const auto door = wire::open(wire::loopback(), echo);
    auto options = wire::loopback();
    options.place = http::TcpPlace{"127.0.0.1", door->port()};
    CHECK(http::Door::open(options, echo, wire::clock()).error().say == "http.address_not_free");
    options.place = http::TcpPlace{"localhost", 0};
    CHECK(http::Door::open(options, echo, wire::clock()).error().say ==
          "http.plain_needs_loopback");
    CHECK(http::listen_tcp("localhost", 0, false).error().say == "http.address_malformed");
  }
}
