// The attacks of docs/decisions/0002, as raw bytes on a real socket.

#include "tests/http/wire.h"

using namespace vrm;  // tests only
using wire::Client;
using namespace std::string_view_literals;

namespace {

struct Attack {
  std::string_view name;
  std::string bytes;
  int status;
  int heads = 1;  // how many heads the answer has; libmicrohttpd writes that of its own refusal of
                  // a length twice
};

const std::string kHost = "Host: vault.test\r\n";
const std::string kSmuggled = "GET /secret HTTP/1.1\r\nHost: vault.test\r\nX-VRM: forged\r\n\r\n";

std::string post(const std::string& headers, const std::string& body) {
  return "POST /a HTTP/1.1\r\n" + kHost + headers + "\r\n" + body;
}
std::string with(std::string_view line) {
  return "GET /a HTTP/1.1\r\n" + kHost + std::string(line) + "\r\n\r\n";
}
std::string at(std::string_view target) {
  return "GET " + std::string(target) + " HTTP/1.1\r\n" + kHost + "\r\n";
}

std::vector<Attack> framings() {
  const std::string chunks = "0\r\n\r\n" + kSmuggled;
  const std::string length = "Content-Length: " + std::to_string(kSmuggled.size()) + "\r\n";
  return {
      {"length and chunks", post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", chunks),
       411},
      {"chunks and length", post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", chunks),
       411},
      {"chunks", post("Transfer-Encoding: chunked\r\n", chunks), 411},
      {"chunks in capitals", post("TRANSFER-ENCODING: CHUNKED\r\n", chunks), 411},
      {"xchunked", post("Transfer-Encoding: xchunked\r\nContent-Length: 5\r\n", "hello"), 411},
      {"identity", post("Transfer-Encoding: identity\r\nContent-Length: 5\r\n", "hello"), 411},
      {"a negative chunk", post("Transfer-Encoding: chunked\r\n", "-2\r\nab\r\n0\r\n\r\n"), 411},
      {"blank before the colon", post("Transfer-Encoding : chunked\r\n", chunks), 400},
      {"tab before the colon", post("Content-Length\t: 5\r\n", "hello"), 400},
      {"underscore for a dash", post("Transfer_Encoding: chunked\r\nContent-Length: 0\r\n", chunks),
       400},
      {"two lengths", post("Content-Length: 5\r\nContent-Length: 5\r\n", "hello"), 400},
      {"two different lengths", post("Content-Length: 0\r\nContent-Length: 70\r\n", kSmuggled),
       400},
      {"a list of lengths", post("Content-Length: 5, 5\r\n", "hello"), 400, 2},
      {"a signed length", post("Content-Length: +5\r\n", "hello"), 400, 2},
      {"a negative length", post("Content-Length: -1\r\n", "hello"), 400, 2},
      {"a hexadecimal length", post("Content-Length: 0x5\r\n", "hello"), 400, 2},
      {"a length with a letter", post("Content-Length: 4x\r\n", "hello"), 400, 2},
      {"a length of two words", post("Content-Length: 5 6\r\n", "hello"), 400, 2},
      {"a length with zeros before it", post("Content-Length: 005\r\n", "hello"), 400},
      {"an empty length", post("Content-Length:\r\n", "hello"), 400, 2},
      {"a length of 2^64-1", post("Content-Length: 18446744073709551615\r\n", "hello"), 400},
      {"a length above 2^64", post("Content-Length: 99999999999999999999999\r\n", "hello"), 413, 2},
      {"a body and no length", post("", "hello"), 411},
      {"a GET with a body", "GET /a HTTP/1.1\r\n" + kHost + length + "\r\n" + kSmuggled, 400},
      {"gzip", post("Content-Encoding: gzip\r\nContent-Length: 5\r\n", "hello"), 415},
      {"expect", post("Expect: 100-continue\r\nContent-Length: 5\r\n", ""), 417},
      {"range", with("Range: bytes=0-0,1-1,2-2"), 400},
      {"upgrade", with("Connection: Upgrade\r\nUpgrade: websocket"), 400},
      {"trailer", post("Trailer: X\r\nContent-Length: 5\r\n", "hello"), 400},
      {"connection naming a header", with("Connection: close, Authorization"), 400},
  };
}

std::vector<Attack> heads() {
  return {
      {"no Host", "GET /a HTTP/1.1\r\nX: b\r\n\r\n", 400},
      {"no header at all", "GET /a HTTP/1.1\r\n\r\n", 400},
      {"two Hosts", with("Host: vault.test"), 400},
      {"a foreign Host", "GET /a HTTP/1.1\r\nHost: evil.test\r\n\r\n", 400},
      {"a Host and another port", "GET /a HTTP/1.1\r\nHost: vault.test:1\r\n\r\n", 400},
      {"a Host with a dot behind", "GET /a HTTP/1.1\r\nHost: vault.test.\r\n\r\n", 400},
      {"an empty Host", "GET /a HTTP/1.1\r\nHost:\r\n\r\n", 400},
      {"a Host list", "GET /a HTTP/1.1\r\nHost: vault.test, evil.test\r\n\r\n", 400},
      {"bare LF everywhere", "GET /a HTTP/1.1\nHost: vault.test\n\n", 400},
      {"bare LF behind the request line", "GET /a HTTP/1.1\nHost: vault.test\r\n\r\n", 400},
      {"bare LF behind a header", "GET /a HTTP/1.1\r\nX: b\nHost: vault.test\r\n\r\n", 400},
      {"bare LF behind the last header", "GET /a HTTP/1.1\r\nHost: vault.test\n\r\n", 400},
      {"bare LF as the empty line", "GET /a HTTP/1.1\r\nHost: vault.test\r\n\n", 400},
      {"bare CR in a value", with("X: b\rY: c"), 400},
      {"a folded value", with("X: b\r\n c"), 400},
      {"a fold with a tab", with("X: b\r\n\tc"), 400},
      {"a fold before the first header", "GET /a HTTP/1.1\r\n X: b\r\n" + kHost + "\r\n", 400},
      {"NUL in a value", with("X: b\0c"sv), 400},
      {"NUL in Origin", with("Origin: http://ok\0.evil"sv), 400},
      {"NUL in a name", with("X\0: b"sv), 400},
      {"NUL before the value", with("X:\0b"sv), 400},
      {"NUL at the end of a value", with("X: b\0"sv), 400},
      {"a control byte in a value", with("X: \x01"), 400},
      {"an escape in a value", with("X: \x1b[2J"), 400},
      {"DEL in a value", with("X: \x7f"), 400},
      {"a byte above 127 in a value", with("X: \xc3\xa9"), 400},
      {"a byte above 127 in a name", with("\xc3\xa9: b"), 400},
      {"an underscore in a name", with("REMOTE_ADDR: 10.9.9.9"), 400},
      {"an empty name", with(": b"), 400},
      {"a line without a colon", with("nonsense"), 400},
      {"two blanks before the path", "GET  /a HTTP/1.1\r\n" + kHost + "\r\n", 400},
      {"two blanks behind the path", "GET /a  HTTP/1.1\r\n" + kHost + "\r\n", 400},
      {"a blank in the path", at("/a b"), 400},
      {"a tab for a blank", "GET\t/a HTTP/1.1\r\n" + kHost + "\r\n", 400},
      {"HTTP/1.0", "GET /a HTTP/1.0\r\n" + kHost + "\r\n", 505},
      {"HTTP/2.0", "GET /a HTTP/2.0\r\n" + kHost + "\r\n", 505},
      {"HTTP/9.9", "GET /a HTTP/9.9\r\n" + kHost + "\r\n", 505},
      {"65 headers", with([] {
         std::string many = "X: b";
         for (int i = 0; i < 64; ++i) many += "\r\nX: b";
         return many;
       }()),
       431},
      {"an endless value", with("X: " + std::string(20'000, 'a')), 431},
      {"a head of 40 KiB", with("X: " + std::string(40 * 1024, 'a')), 431},
      {"a path of 40 KiB", at("/" + std::string(40 * 1024, 'a')), 414},
  };
}

std::vector<Attack> paths() {
  std::vector<Attack> all;
  for (const std::string_view path : {"/%61"sv,
                                      "/a%00b"sv,
                                      "/a%2fb"sv,
                                      "/%2e%2e/a"sv,
                                      "//"sv,
                                      "//a"sv,
                                      "/a//b"sv,
                                      "/a/"sv,
                                      "/."sv,
                                      "/.."sv,
                                      "/./a"sv,
                                      "/a/./b"sv,
                                      "/../a"sv,
                                      "/a/../b"sv,
                                      "/a/.."sv,
                                      "/a/."sv,
                                      "/a\\b"sv,
                                      "/a#b"sv,
                                      "/a|b"sv,
                                      "/a\x01b"sv,
                                      "/a\x7f"sv,
                                      "/a\xc3\xa9"sv,
                                      "/a\0b"sv,
                                      "/a<b>"sv,
                                      "/a\"b"sv,
                                      "*"sv,
                                      "a"sv,
                                      "http://vault.test/a"sv,
                                      "vault.test:443"sv,
                                      "?a"sv,
                                      "/a?b#c"sv,
                                      "/a?b\\c"sv,
                                      "/a?\x01"sv,
                                      "/a?<b>"sv,
                                      "/a?b\0c"sv}) {
    all.push_back({path, at(path), 400});
  }
  return all;
}

void attack(const std::vector<Attack>& attacks) {
  wire::Echo echo;
  const auto door = wire::open(wire::loopback(), echo);
  for (const auto& one : attacks) {
    CAPTURE(one.name);
    Client client(door->port());
    (void)client.send(one.bytes);
    CHECK(client.closed());
    const std::string answer = client.rest();
    const int status = answer.size() > 12 ? std::stoi(answer.substr(9, 3)) : 0;
    CHECK(status == one.status);
    // Nothing behind the refused head was read as a request.
    int heads = 0;
    for (std::size_t at = 0; (at = answer.find("\r\nDate: ", at)) != std::string::npos; ++at) {
      ++heads;
    }
    CHECK(heads == one.heads);
    CHECK(echo.take().empty());
  }
  Client honest(door->port());
  REQUIRE(honest.send(wire::get()));
  CHECK(honest.status() == 200);
}

}  // namespace

TEST_SUITE("http/attack") {
  TEST_CASE("no framing lets a request hide in another") {
    attack(framings());
  }

  TEST_CASE("a head with two readings is refused") {
    attack(heads());
  }

  TEST_CASE("a path or query that could be read in another way is refused") {
    attack(paths());
  }

  TEST_CASE("what is sent behind a refused request is never served, also when it comes later") {
    wire::Echo echo;
    const auto door = wire::open(wire::loopback(), echo);
    const std::string evil = "POST /a HTTP/1.1\r\nHost: evil.test\r\nContent-Length: 4096\r\n\r\n";
    Client together(door->port());
    (void)together.send(evil + std::string(4096, 'p') + kSmuggled);
    CHECK(together.closed());
    Client apart(door->port());
    (void)apart.send(evil);
    (void)apart.answer();
    (void)apart.send(kSmuggled);
    CHECK(apart.closed());
    CHECK(echo.take().empty());
  }

  TEST_CASE("a million headers and an endless line cost neither memory nor the door") {
    wire::Echo echo;
    const auto door = wire::open(wire::loopback(), echo);
    Client headers(door->port());
    REQUIRE(headers.send("GET /a HTTP/1.1\r\n" + kHost));
    const std::string thousand = [] {
      std::string many;
      for (int i = 0; i < 1000; ++i) many += "X-A: b\r\n";
      return many;
    }();
    int sent = 0;
    while (sent < 1000 && headers.send_patiently(thousand, Duration(1000))) ++sent;
    CHECK(sent < 1000);
    Client line(door->port());
    int parts = 0;
    while (parts < 1000 && line.send_patiently(std::string(64 * 1024, 'A'), Duration(1000)))
      ++parts;
    CHECK(parts < 1000);
    CHECK(echo.take().empty());
  }

  TEST_CASE("what a page or a program may say beside the framing passes on") {
    wire::Echo echo;
    const auto door = wire::open(wire::loopback(), echo);
    Client client(door->port());
    for (const auto* line :
         {"Origin: https://evil.test", "Connection: keep-alive", "Connection: Keep-Alive, close",
          "Cookie: a=b; c=d", "User-Agent: x (100%; y_z)", "X-Forwarded-For: 1.2.3.4"}) {
      CAPTURE(line);
      Client one(door->port());
      REQUIRE(one.send(with(line)));
      CHECK(one.status() == 200);
      CHECK(echo.take().size() == 1);
    }
    Client zero(door->port());
    REQUIRE(
        zero.send("GET /a?x=%00%zz&y=/../? HTTP/1.1\r\n" + kHost + "Content-Length: 0\r\n\r\n"));
    CHECK(zero.answer().ends_with("GET /a|x=%00%zz&y=/../?|"));
  }
}
