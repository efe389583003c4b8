#include "tests/bench/at_once.h"

#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace vrm::bench {

Result<void> at_once(std::size_t count, std::size_t threads,
                     const std::function<Result<void>(std::size_t)>& once) {
  std::mutex mutex;
  std::size_t next = 0;
  std::optional<Error> failed;
  const auto work = [&] {
    while (true) {
      std::size_t mine = 0;
      {
        const std::lock_guard lock(mutex);
        if (failed || next == count) return;
        mine = next++;
      }
      auto done = once(mine);
      if (done.ok()) continue;
      const std::lock_guard lock(mutex);
      if (!failed) failed = std::move(done).error();
    }
  };
  std::vector<std::thread> workers;
  for (std::size_t i = 0; i < threads; ++i) workers.emplace_back(work);
  for (auto& worker : workers) worker.join();
  if (failed) return std::move(*failed);
  return {};
}

}  // namespace vrm::bench
