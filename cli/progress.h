#pragma once
// How far what takes long has come: asked of the daemon while it works and told on stderr, once it has taken a second.

#include <condition_variable>
#include <mutex>
#include <thread>

#include "cli/session.h"

namespace vrm::cli {

// Lasts as long as it lives; whoever has one writes nothing meanwhile.
class ProgressWatch {
 public:
  explicit ProgressWatch(Session& session);
  ~ProgressWatch();
  ProgressWatch(const ProgressWatch&) = delete;
  ProgressWatch& operator=(const ProgressWatch&) = delete;

 private:
  void watch();
  bool ends_within(Duration time);
  void tell();

  Session& session_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool ending_ = false;
  std::int64_t told_ = -1;  // percent
  std::thread thread_;
};

}  // namespace vrm::cli
