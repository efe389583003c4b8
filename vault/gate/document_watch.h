#pragma once
// Looks at brands' documents by itself: about once a day, and soon after a brand came with a key that is not pinned.
//
// The moments are drawn at random for each brand, so that two brands cannot tell by them that they know the same
// vault. A brand cannot make the vault call out at will: for what it does, its document is fetched once in ten minutes
// at most. Blocked brands are not called. Safe from any thread.

#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "vault/gate/vault.h"

namespace vrm::gate {

struct WatchTimes {
  Duration least = std::chrono::hours(18);  // between two looks, and at most `spread` more
  Duration spread = std::chrono::hours(6);
  Duration overdue = std::chrono::minutes(30);  // one that is overdue is looked at within this
  Duration retry = std::chrono::hours(1);  // after a look that failed, and at most as long again
  Duration wondering = std::chrono::minutes(10);  // between two looks for an unknown key
};

class DocumentWatch {
 public:
  explicit DocumentWatch(Vault& vault, WatchTimes times = {}) : vault_(vault), times_(times) {}
  ~DocumentWatch() { stop(); }
  DocumentWatch(const DocumentWatch&) = delete;
  DocumentWatch& operator=(const DocumentWatch&) = delete;

  // A thread of its own does the work from here on.
  void start();
  // Ends it; a call that is under way must be ended by whoever makes calls. Nothing is done afterwards.
  void stop();

  // A brand signed with a key that is not pinned: its document is looked at soon. Does not wait.
  void wonder(const std::string& handle);
  // Notes whose turn has come; call it every minute. Does not wait.
  void tick();
  // Looks at one document, if one waits. False: none did.
  bool work_one();

 private:
  struct Look {
    Duration next{0};  // by the ticks of the clock
    std::optional<Duration> wondered_at = {};
  };

  Duration drawn(Duration most);
  Duration first_look(const brands::Brand& brand);
  void want(const std::string& handle);  // under mutex_

  Vault& vault_;
  const WatchTimes times_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, Look, std::less<>> looks_;  // by handle
  std::deque<std::string> wanted_;                  // handles, none twice
  bool stopped_ = false;
  std::thread thread_;
};

}  // namespace vrm::gate
