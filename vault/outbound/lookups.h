#pragma once
// Names resolved beside a loop that may not wait: asked here, found later, on a few threads.

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "vault/base/clock.h"
#include "vault/outbound/bell.h"
#include "vault/outbound/resolver.h"

namespace vrm::outbound {

struct Found {
  std::uint64_t key = 0;
  Result<std::vector<Address>> addresses;  // errors as Resolver's
};

class Lookups {
 public:
  // Rings `bell` when something was found. Threads are made as they are needed.
  Lookups(Resolver& resolver, const Clock& clock, const Bell& bell, std::size_t most_threads = 16);
  // Waits for the names that are being resolved.
  ~Lookups();
  Lookups(const Lookups&) = delete;
  Lookups& operator=(const Lookups&) = delete;

  // `until` is a time of the clock's ticks.
  void ask(std::uint64_t key, const std::string& host, Duration until);
  std::vector<Found> take();

 private:
  struct Asked {
    std::uint64_t key;
    std::string host;
    Duration until;
  };

  void work();

  Resolver& resolver_;
  const Clock& clock_;
  const Bell& bell_;
  const std::size_t most_threads_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Asked> asked_;
  std::vector<Found> found_;
  std::size_t idle_ = 0;
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace vrm::outbound
