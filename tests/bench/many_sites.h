#pragma once
// The web sites of many brands in one thread on loopback: documents are served, and what is posted
// is taken at once with 202, at as little cost as can be.

#include <condition_variable>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

#include "tests/bench/latency.h"
#include "vault/base/result.h"
#include "vault/base/time.h"

namespace vrm::bench {

// The first whole request of `bytes`, as far as this server cares.
struct SiteRequest {
  std::string_view method;
  std::string_view path;
  std::string_view body;
  std::size_t size = 0;  // of all of it
};
// Nothing: it is not whole yet. Malformed: it never will be.
Result<std::optional<SiteRequest>> first_request(std::string_view bytes);

class ManySites {
 public:
  struct Posted {
    std::string path;
    std::string body;
    Moment came;
  };

  // On a free port of 127.0.0.1. Io: the system refused.
  static Result<std::unique_ptr<ManySites>> open();
  ~ManySites();
  ManySites(const ManySites&) = delete;
  ManySites& operator=(const ManySites&) = delete;

  int port() const { return port_; }
  std::string base() const { return "http://127.0.0.1:" + std::to_string(port_); }

  // A GET of `path` is answered with this; of any other with 404. Any thread.
  void serve(const std::string& path, std::string json);
  // Forgets what was posted. Any thread.
  void forget_posted();
  // Waits for `count` posts since the last forget_posted(), for `most`, and tells when the last of
  // them came. One waits at a time. Unavailable: fewer came.
  Result<Moment> wait_posted(std::size_t count, Duration most);
  // In the order in which they came.
  std::vector<Posted> posted() const;

 private:
  struct Visitor {
    std::string in;
    std::string out;
  };

  ManySites(int listener, int epoll, int bell, int port);
  void work();
  void let_in();
  bool hear(int fd, Visitor& visitor);
  bool answer(Visitor& visitor);
  bool write(int fd, Visitor& visitor);

  const int listener_;
  const int epoll_;
  const int bell_;
  const int port_;
  std::unordered_map<int, Visitor> visitors_;  // the thread's
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, std::string, std::less<>> documents_;
  std::vector<Posted> posted_;
  std::size_t wanted_ = 0;  // how many somebody waits for: nobody is woken before
  std::thread thread_;
};

}  // namespace vrm::bench
