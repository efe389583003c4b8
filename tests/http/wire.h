#pragma once
// A client that sends raw bytes, and handlers for the tests of the doors.

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vault/base/clock.h"
#include "vault/http/door.h"

namespace wire {

using namespace std::string_view_literals;
using vrm::Duration;

inline Duration since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - start);
}

// One connection. Reads wait at most `patience`.
class Client {
 public:
  explicit Client(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int one = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    REQUIRE(::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0);
  }
  explicit Client(const std::string& path) : fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    std::memcpy(to.sun_path, path.data(), path.size());
    REQUIRE(::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0);
  }
  Client(Client&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)), left_(std::move(other.left_)) {}
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client() {
    if (fd_ >= 0) ::close(fd_);
  }

  int fd() const { return fd_; }

  // False: the other end closed before all was taken.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  // Waits at most `patience` for room; false: closed, or no room.
  bool send_patiently(std::string_view bytes, Duration patience) {
    while (!bytes.empty()) {
      pollfd one{fd_, POLLOUT, 0};
      if (::poll(&one, 1, static_cast<int>(patience.count())) != 1) return false;
      const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  void end() { ::shutdown(fd_, SHUT_WR); }

  // One answer, head and body; empty when the connection ended or `patience` ran out first.
  std::string answer(Duration patience = Duration(4000)) {
    while (true) {
      const std::size_t end = left_.find("\r\n\r\n");
      if (end != std::string::npos) {
        std::size_t length = 0;
        const std::size_t at = left_.find("Content-Length: ");
        if (at != std::string::npos && at < end) length = std::stoul(left_.substr(at + 16));
        if (left_.size() >= end + 4 + length) {
          std::string one = left_.substr(0, end + 4 + length);
          left_.erase(0, one.size());
          return one;
        }
      }
      if (!more(patience)) return {};
    }
  }
  int status(Duration patience = Duration(4000)) {
    const std::string one = answer(patience);
    return one.size() > 12 ? std::stoi(one.substr(9, 3)) : 0;
  }
  // True when the other end closed within `patience`; what it still sent is in rest().
  bool closed(Duration patience = Duration(4000)) {
    while (more(patience)) {
    }
    return ended_;
  }
  const std::string& rest() const { return left_; }

 private:
  bool more(Duration patience) {
    pollfd one{fd_, POLLIN, 0};
    if (::poll(&one, 1, static_cast<int>(patience.count())) != 1) return false;
    char part[16384];
    const ssize_t got = ::recv(fd_, part, sizeof part, 0);
    if (got <= 0) {
      ended_ = true;
      return false;
    }
    left_.append(part, static_cast<std::size_t>(got));
    return true;
  }

  int fd_;
  std::string left_;
  bool ended_ = false;
};

// Answers at once with what it was asked, and keeps it.
class Echo : public vrm::routes::Handler {
 public:
  std::size_t body_limit(std::string_view, std::string_view path) const override {
    return path == "/small" ? 8 : 64 * 1024;
  }
  void handle(vrm::routes::Request request, std::shared_ptr<vrm::routes::Reply> reply) override {
    std::string said =
        request.method + " " + request.path + "|" + request.query + "|" + request.body;
    {
      const std::lock_guard lock(mutex_);
      seen_.push_back(std::move(request));
    }
    reply->send({200, {{"Content-Type", "text/plain"}}, std::move(said)});
  }
  std::vector<vrm::routes::Request> take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(seen_, {});
  }

 private:
  std::mutex mutex_;
  std::vector<vrm::routes::Request> seen_;
};

// Keeps every Reply until the test takes it.
class Keeper : public vrm::routes::Handler {
 public:
  std::size_t body_limit(std::string_view, std::string_view) const override { return 64 * 1024; }
  void handle(vrm::routes::Request, std::shared_ptr<vrm::routes::Reply> reply) override {
    const std::lock_guard lock(mutex_);
    kept_.push_back(std::move(reply));
    came_.notify_all();
  }
  std::vector<std::shared_ptr<vrm::routes::Reply>> take(std::size_t count) {
    std::unique_lock lock(mutex_);
    REQUIRE(came_.wait_for(lock, std::chrono::seconds(5), [&] { return kept_.size() >= count; }));
    return std::exchange(kept_, {});
  }

 private:
  std::mutex mutex_;
  std::condition_variable came_;
  std::vector<std::shared_ptr<vrm::routes::Reply>> kept_;
};

inline const vrm::SystemClock& clock() {
  static const vrm::SystemClock the_clock;
  return the_clock;
}

inline vrm::http::DoorOptions loopback() {
  vrm::http::DoorOptions options;
  options.place = vrm::http::TcpPlace{"127.0.0.1", 0};
  options.hosts = {"vault.test", "127.0.0.1:0"};
  return options;
}

inline std::unique_ptr<vrm::http::Door> open(vrm::http::DoorOptions options,
                                             vrm::routes::Handler& handler) {
  auto opened = vrm::http::Door::open(std::move(options), handler, clock());
  const std::string why = opened.ok() ? "" : opened.error().message;
  CAPTURE(why);
  REQUIRE(opened.ok());
  return std::move(opened).value();
}

inline std::string get(std::string_view path = "/a") {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: vault.test\r\n\r\n";
}

// Waits until `done`, at most `patience`.
template <typename Done>
bool eventually(Done done, Duration patience = Duration(4000)) {
  const auto start = std::chrono::steady_clock::now();
  while (!done()) {
    if (since(start) > patience) return false;
    (void)::poll(nullptr, 0, 2);
  }
  return true;
}

}  // namespace wire
