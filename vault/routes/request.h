#pragma once
// A request and its answer as the routes see them: no socket, no HTTP version.
//
// The two carriers (vault/http's doors and vault/outbound's mailbox) read the wire strictly and hand over a Request.
// The routes give back exactly one answer, at once or later.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vrm::routes {

// Names in lower case, in the order sent, values without surrounding blanks.
using Headers = std::vector<std::pair<std::string, std::string>>;

struct Request {
  std::string method;  // upper case
  std::string path;    // starts with '/'; no query, no percent sign, no empty or dot segment
  std::string query;   // behind the '?', as sent, still encoded; empty when there is none
  Headers headers;
  std::string body;
  std::string
      peer;  // where it came from, for limits: an address without port, "owner" or "mailbox"

  // The value of a header that may stand at most once. Nothing when absent or when it stands twice.
  std::optional<std::string_view> header(std::string_view name) const;
  std::size_t count(std::string_view name) const;
};

struct Answer {
  int status = 200;
  Headers headers;  // besides Content-Length, Connection and Date, which the carrier writes
  std::string body;
};

// The place where one request's answer goes. Exactly one of the two is called, once, from any thread.
class Reply {
 public:
  virtual ~Reply() = default;
  virtual void send(Answer answer) = 0;
  // The carrier calls `finish` on its own thread, when it is about to write: work that is not the caller's
  // (the writer thread's, above all) is done there.
  virtual void send_later(std::function<Answer()> finish) = 0;
};

// Serves one kind of caller. `reply` is kept until it is answered.
class Handler {
 public:
  virtual ~Handler() = default;
  // The most bytes a body may have on this method and path; asked before the body is read.
  virtual std::size_t body_limit(std::string_view method, std::string_view path) const = 0;
  // Called on the carrier's thread.
  virtual void handle(Request request, std::shared_ptr<Reply> reply) = 0;
  // Called on the carrier's thread when it has handed over all requests it had at this moment: work that waits
  // to be done together (one durable flush for many) starts now.
  virtual void turn_ended() {}
};

}  // namespace vrm::routes
