#pragma once
// Runs the owner's own command with a text on its standard input: one at a time, for so long at most, its output thrown
// away. The daemon never waits for it.
//
// The command is the owner's (`--notify-command`), as a shell takes it, and nothing is ever added to it: what is told goes
// in as text, so no brand's word reaches an argument or the environment. It has none of the daemon's descriptors.
// Like the daemon it gains no rights from the programs it runs (PR_SET_NO_NEW_PRIVS): one that is setuid runs without.

#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <string>
#include <string_view>

#include "vault/base/clock.h"

namespace vrm::daemon {

class Notifier {
 public:
  Notifier(std::string command, const Clock& clock, Duration limit = std::chrono::seconds(30))
      : command_(std::move(command)), clock_(clock), limit_(limit) {}
  // Ends a command that runs.
  ~Notifier();
  Notifier(const Notifier&) = delete;
  Notifier& operator=(const Notifier&) = delete;

  bool runs() const { return child_ > 0; }
  // REQUIRES: none runs, and the text is at most 4096 bytes, which a pipe holds.
  void run(std::string_view text);
  // Whether it ended, and ends it when its time is over. Every second.
  void tick();

  // How the last one failed: notify_not_started, notify_failed (its exit code was not 0), notify_too_long. "": it did
  // not. From any thread.
  std::string failure() const;

 private:
  enum class Outcome { Fine, NotStarted, Failed, TooLong };
  bool start(int input);

  const std::string command_;
  const Clock& clock_;
  const Duration limit_;
  pid_t child_ = 0;
  Duration until_{0};
  bool is_over_ = false;  // it was ended
  std::atomic<Outcome> outcome_{Outcome::Fine};
};

}  // namespace vrm::daemon
