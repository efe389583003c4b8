#pragma once
// Servers on loopback, and the options with which they are reached.

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <httplib.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <thread>

#include "vault/outbound/fetch.h"

namespace vrm::outbound_tests {

using outbound::Address;
using outbound::Fetched;

inline const SystemClock& the_clock() {
  static const SystemClock clock;
  return clock;
}

// Gives the next list each time it is asked, then the last one again.
class Scripted final : public outbound::Resolver {
 public:
  explicit Scripted(std::vector<std::vector<const char*>> answers) : answers_(std::move(answers)) {}
  Result<std::vector<Address>> resolve(const std::string&, Duration) override {
    std::vector<Address> found;
    for (const auto* text : answers_[std::min(asked, answers_.size() - 1)]) {
      found.push_back(*outbound::address_from_text(text));
    }
    ++asked;
    return found;
  }
  std::size_t asked = 0;

 private:
  std::vector<std::vector<const char*>> answers_;
};

inline outbound::FetchOptions loopback(Duration total = Duration(4000)) {
  outbound::FetchOptions options;
  options.urls.allow_loopback = true;
  options.total = total;
  return options;
}

// A brand's server on loopback.
class Brand {
 public:
  Brand() {
    // A connection that is kept has a thread of its own.
    server.new_task_queue = [] { return new httplib::ThreadPool(64); };
    int listening = -1;
    server.set_socket_options([&listening](int fd) { listening = fd; });
    server.Get("/ok", [](const httplib::Request& request, httplib::Response& response) {
      response.set_content("{\"host\":\"" + request.get_header_value("Host") + "\"}",
                           "application/json");
    });
    server.Get("/headers", [](const httplib::Request& request, httplib::Response& response) {
      std::string names;
      for (const auto& [name, value] : request.headers) names += name + ",";
      response.set_content(names, "text/plain");
    });
    server.Post("/in", [](const httplib::Request& request, httplib::Response& response) {
      response.status = 202;
      response.set_content(request.get_header_value("Content-Type") + "|" + request.body,
                           "text/plain");
    });
    server.Get("/moved", [](const httplib::Request&, httplib::Response& response) {
      response.set_redirect("/ok", 302);
    });
    server.Get("/teapot",
               [](const httplib::Request&, httplib::Response& response) { response.status = 418; });
    server.Get(R"(/bytes/(\d+))", [](const httplib::Request& request, httplib::Response& response) {
      response.set_content(std::string(std::stoul(request.matches[1]), 'x'), "text/plain");
    });
    server.Get("/cookie", [](const httplib::Request&, httplib::Response& response) {
      response.set_header("Set-Cookie", "a=b; Path=/");
    });
    port = server.bind_to_any_port("127.0.0.1");
    REQUIRE(::listen(listening, 128) == 0);  // the library lets five wait
    thread = std::thread([this] { server.listen_after_bind(); });
    while (!server.is_running()) std::this_thread::yield();
  }
  ~Brand() {
    server.stop();
    thread.join();
  }
  std::string url(const std::string& path) const {
    return "http://127.0.0.1:" + std::to_string(port) + path;
  }
  httplib::Server server;
  int port = 0;
  std::thread thread;
};

// Accepts on loopback, reads a request and lets `speak` write to it. Counts who came.
class Raw {
 public:
  explicit Raw(std::function<void(int)> speak)
      : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    REQUIRE(::bind(listener_, reinterpret_cast<const sockaddr*>(&at), size) == 0);
    REQUIRE(::listen(listener_, 8) == 0);
    REQUIRE(::getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &size) == 0);
    port = ntohs(at.sin_port);
    thread_ = std::thread([this, speak] {
      while (true) {
        const int fd = ::accept(listener_, nullptr, nullptr);
        if (fd < 0) return;
        ++came;
        char part[4096];
        if (::recv(fd, part, sizeof part, 0) > 0) speak(fd);
        ::close(fd);
      }
    });
  }
  ~Raw() {
    ending = true;
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  static bool say(int fd, std::string_view text) {
    return ::send(fd, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size());
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port) + "/"; }
  int port = 0;
  std::atomic<int> came = 0;
  std::atomic<bool> ending = false;

 private:
  int listener_;
  std::thread thread_;
};

inline std::string why(const Result<Fetched>& fetched) {
  return fetched.ok() ? "status " + std::to_string(fetched.value().status) : fetched.error().say;
}

}  // namespace vrm::outbound_tests
