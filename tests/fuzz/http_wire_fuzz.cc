// Raw bytes through the real parser and the strict pass, against a reader so strict that it has one
// reading.
//
// Whatever the door serves, the strict reader must read the same from the same bytes: as many
// requests, with the same method, path, query and body, one behind the other. A difference is a
// smuggled request. Left out: a NUL beside a LF, which the parser's buffer cannot show
// (docs/decisions/0002).

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <cstdlib>

#include "vault/base/ascii.h"
#include "vault/http/loop.h"

namespace {

using namespace vrm;

struct Served {
  std::string method, path, query, body;
  bool operator==(const Served&) const = default;
};

class Recorder final : public routes::Handler {
 public:
  std::size_t body_limit(std::string_view, std::string_view) const override { return 64; }
  void handle(routes::Request request, std::shared_ptr<routes::Reply> reply) override {
    served.push_back({request.method, request.path, request.query, request.body});
    reply->send({204, {}, {}});
  }
  std::vector<Served> served;
};

// Reads one request from the front of `text`. Nothing: there is none with one reading.
bool read_one(std::string_view& text, Served& out) {
  // Before a request line the parser passes over empty lines, and takes one that begins with NUL
  // for one.
  while (!text.empty() && (text.starts_with("\r\n") || text[0] == '\n' || text[0] == '\0')) {
    text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
  }
  const std::size_t end = text.find("\r\n\r\n");
  if (end == std::string_view::npos) return false;
  const std::string_view head = text.substr(0, end);
  for (std::size_t i = 0; i < head.size(); ++i) {
    const bool pair = head[i] == '\r' && i + 1 < head.size() && head[i + 1] == '\n';
    if (pair) {
      ++i;
      if (i + 1 < head.size() && (head[i + 1] == ' ' || head[i + 1] == '\t')) return false;
    } else if (head[i] == '\r' || head[i] == '\n' || head[i] == '\0') {
      return false;
    }
  }
  const std::string_view line = head.substr(0, head.find("\r\n"));
  const std::size_t one = line.find(' ');
  const std::size_t two = line.rfind(' ');
  if (one == std::string_view::npos || one == two || line.substr(two + 1) != "HTTP/1.1")
    return false;
  const std::string_view target = line.substr(one + 1, two - one - 1);
  out.method = line.substr(0, one);
  out.path = target.substr(0, target.find('?'));
  out.query = target.find('?') == std::string_view::npos ? "" : target.substr(target.find('?') + 1);
  std::size_t length = 0;
  std::size_t hosts = 0;
  std::size_t lengths = 0;
  std::size_t at = line.size();
  while (at < head.size()) {
    at += 2;
    const std::size_t stop = std::min(head.find("\r\n", at), head.size());
    const std::string_view header = head.substr(at, stop - at);
    at = stop;
    const std::size_t colon = header.find(':');
    if (colon == std::string_view::npos) return false;
    const std::string name = lower(header.substr(0, colon));
    const std::string_view value = http::without_blanks(header.substr(colon + 1));
    if (name == "transfer-encoding") return false;
    hosts += name == "host" ? 1U : 0U;
    if (name == "host" && lower(value) != "h") return false;
    if (name != "content-length") continue;
    ++lengths;
    const auto read = std::from_chars(value.data(), value.data() + value.size(), length);
    if (read.ec != std::errc{} || read.ptr != value.data() + value.size()) return false;
  }
  text.remove_prefix(end + 4);
  if (hosts != 1 || lengths > 1 || text.size() < length) return false;
  out.body = text.substr(0, length);
  text.remove_prefix(length);
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const SystemClock clock;
  static Recorder recorder;
  static http::House house(4, 4);
  static http::Pace pace(0);
  static http::Tally tally;
  static const std::unique_ptr<http::Loop> loop = [] {
    http::LoopRules rules;
    rules.head = {{"h"}, {"GET", "POST"}, 2048, 16};
    return http::Loop::make(rules, nullptr, recorder, clock, house, pace, tally).value();
  }();
  std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const std::string_view unseen : {std::string_view("\n\0", 2), std::string_view("\0\n", 2)}) {
    if (text.find(unseen) != std::string_view::npos) return 0;
  }
  std::array<int, 2> ends{-1, -1};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) std::abort();
  recorder.served.clear();
  (void)house.enter("self");
  if (!loop->adopt(ends[1], {"self", "self"})) std::abort();
  (void)!::send(ends[0], text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  for (int i = 0; i < 6 && house.size() > 0; ++i) loop->turn(Duration(0));
  ::close(ends[0]);
  for (int i = 0; i < 6 && house.size() > 0; ++i) loop->turn(Duration(0));
  if (house.size() > 0) std::abort();
  for (const auto& served : recorder.served) {
    Served same;
    if (!read_one(text, same) || !(same == served)) std::abort();
  }
  return 0;
}
