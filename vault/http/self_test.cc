#include "vault/http/self_test.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <string_view>

#include "vault/http/loop.h"

namespace vrm::http {

namespace {

struct Shape {
  std::string_view name;
  std::string_view bytes;
  std::size_t served;  // how many requests of it the routes may see
};

using namespace std::string_view_literals;

constexpr std::array kShapes{
    Shape{"a plain request", "GET /a HTTP/1.1\r\nHost: self\r\n\r\n"sv, 1},
    Shape{"no blank, a tab, an empty value",
          "GET /a HTTP/1.1\r\nHost:self\r\nX:\tb \r\nY:\r\n\r\n"sv, 1},
    Shape{"a body", "POST /a HTTP/1.1\r\nHost: self\r\nContent-Length: 2\r\n\r\nhi"sv, 1},
    Shape{"two in one piece",
          "GET /a HTTP/1.1\r\nHost: self\r\n\r\nGET /b?c=d HTTP/1.1\r\nHost: self\r\n\r\n"sv, 2},
    Shape{"bare LF behind the request line", "GET /a HTTP/1.1\nHost: self\r\n\r\n"sv, 0},
    Shape{"bare LF behind a header", "GET /a HTTP/1.1\r\nHost: self\nX: b\r\n\r\n"sv, 0},
    Shape{"bare LF behind the last header", "GET /a HTTP/1.1\r\nHost: self\r\nX: b\n\r\n"sv, 0},
    Shape{"bare LF as the empty line", "GET /a HTTP/1.1\r\nHost: self\r\n\n"sv, 0},
    Shape{"bare CR in a value", "GET /a HTTP/1.1\r\nHost: self\r\nX: b\rY: c\r\n\r\n"sv, 0},
    Shape{"a folded line", "GET /a HTTP/1.1\r\nHost: self\r\nX: b\r\n c\r\n\r\n"sv, 0},
    Shape{"NUL in a value", "GET /a HTTP/1.1\r\nHost: self\r\nX: b\0c\r\n\r\n"sv, 0},
    Shape{"NUL before a value", "GET /a HTTP/1.1\r\nHost: self\r\nX:\0b\r\n\r\n"sv, 0},
    Shape{"NUL in a name", "GET /a HTTP/1.1\r\nHost: self\r\nX\0Y: b\r\n\r\n"sv, 0},
    Shape{"NUL in the path", "GET /a\0b HTTP/1.1\r\nHost: self\r\n\r\n"sv, 0},
    Shape{"NUL in the method", "GE\0T /a HTTP/1.1\r\nHost: self\r\n\r\n"sv, 0},
    Shape{"two blanks before the path", "GET  /a HTTP/1.1\r\nHost: self\r\n\r\n"sv, 0},
    Shape{"two blanks before the version", "GET /a  HTTP/1.1\r\nHost: self\r\n\r\n"sv, 0},
    Shape{"a blank behind the version", "GET /a HTTP/1.1 \r\nHost: self\r\n\r\n"sv, 0},
    Shape{"an encoded path", "GET /%61 HTTP/1.1\r\nHost: self\r\n\r\n"sv, 0},
    Shape{"an encoded NUL", "GET /a%00b HTTP/1.1\r\nHost: self\r\n\r\n"sv, 0},
    Shape{"a blank before the colon", "GET /a HTTP/1.1\r\nHost : self\r\n\r\n"sv, 0},
    Shape{"two Hosts", "GET /a HTTP/1.1\r\nHost: self\r\nHost: self\r\n\r\n"sv, 0},
    Shape{"no Host", "GET /a HTTP/1.1\r\nX: b\r\n\r\n"sv, 0},
    Shape{"another Host", "GET /a HTTP/1.1\r\nHost: other\r\n\r\n"sv, 0},
    Shape{"two lengths",
          "POST /a HTTP/1.1\r\nHost: self\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nhi"sv,
          0},
    Shape{
        "a length and chunks",
        "POST /a HTTP/1.1\r\nHost: self\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"sv,
        0},
    Shape{"chunks",
          "POST /a HTTP/1.1\r\nHost: self\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"sv, 0},
    Shape{"a length with a sign",
          "POST /a HTTP/1.1\r\nHost: self\r\nContent-Length: +2\r\n\r\nhi"sv, 0},
    Shape{
        "a refused request with another one as its body",
        "GET /a HTTP/1.1\r\nHost: self\r\nContent-Length: 32\r\n\r\nGET /b HTTP/1.1\r\nHost: self\r\n\r\n"sv,
        0},
};

constexpr int kTurns = 16;

class Counting final : public routes::Handler {
 public:
  std::size_t body_limit(std::string_view, std::string_view) const override { return 64; }
  void handle(routes::Request, std::shared_ptr<routes::Reply> reply) override {
    ++served;
    reply->send({204, {}, {}});
  }
  std::size_t served = 0;
};

// How many requests the loop served of `shape`. Io: no socket.
Result<std::size_t> serve(const Shape& shape, Loop& loop, House& house, Counting& counting) {
  std::array<int, 2> ends{-1, -1};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return Error{ErrorCode::Io, "no sockets for the self-test"};
  }
  counting.served = 0;
  const Peer peer{"self", "self"};
  (void)house.enter(peer.house);
  const bool taken = loop.adopt(ends[1], peer);
  const ssize_t sent = ::send(ends[0], shape.bytes.data(), shape.bytes.size(), MSG_NOSIGNAL);
  (void)::shutdown(ends[0], SHUT_WR);
  // Everything is here already: no turn has to wait.
  for (int turns = 0; taken && turns < kTurns && house.size() > 0; ++turns) loop.turn(Duration(0));
  ::close(ends[0]);
  for (int turns = 0; turns < kTurns && house.size() > 0; ++turns) loop.turn(Duration(0));
  if (!taken || sent != static_cast<ssize_t>(shape.bytes.size()) || house.size() > 0) {
    return Error{ErrorCode::Io, "the self-test's connection broke"};
  }
  return counting.served;
}

}  // namespace

Result<void> test_strict_pass(const Clock& clock) {
  Counting counting;
  House house(1, 1);
  Pace pace(0);
  Tally tally;
  LoopRules rules;
  rules.head = {{"self"}, {"GET", "POST"}, 4096, 16};
  const auto loop = TRY(Loop::make(rules, nullptr, counting, clock, house, pace, tally));
  for (const auto& shape : kShapes) {
    const std::size_t served = TRY(serve(shape, *loop, house, counting));
    if (served != shape.served) {
      return refusal(ErrorCode::Denied, "http.self_test_failed",
                     {{"shape", std::string(shape.name)}});
    }
  }
  return {};
}

}  // namespace vrm::http
