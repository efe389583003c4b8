#include "vault/daemon/notifier.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vault/base/check.h"

namespace vrm::daemon {

namespace {

constexpr std::size_t kMostText = 4096;
constexpr int kFirstOwnFd = 3;

}  // namespace

Notifier::~Notifier() {
  if (child_ <= 0) return;
  static_cast<void>(kill(-child_, SIGKILL));
  static_cast<void>(waitpid(child_, nullptr, 0));
}

void Notifier::run(std::string_view text) {
  VRM_CHECK(!runs() && text.size() <= kMostText);
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) {
    outcome_ = Outcome::NotStarted;
    return;
  }
  // A pipe holds it whole, so this waits for nobody, whether the command reads it or not.
  const bool written =
      write(ends[1], text.data(), text.size()) == static_cast<ssize_t>(text.size());
  close(ends[1]);
  if (!written || !start(ends[0])) outcome_ = Outcome::NotStarted;
  close(ends[0]);
}

bool Notifier::start(int input) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  if (posix_spawn_file_actions_init(&actions) != 0) return false;
  if (posix_spawnattr_init(&attributes) != 0) {
    posix_spawn_file_actions_destroy(&actions);
    return false;
  }
  // A group of its own, so that all of it can be ended; and the signals as a program finds them, not as the daemon has them.
  sigset_t none;
  sigset_t usual;
  sigemptyset(&none);
  sigemptyset(&usual);
  sigaddset(&usual, SIGPIPE);
  const char* const words[] = {"sh", "-c", command_.c_str(), nullptr};
  pid_t child = 0;
  const bool started =
      posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO) == 0 &&
      posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0) == 0 &&
      posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0) == 0 &&
      posix_spawn_file_actions_addclosefrom_np(&actions, kFirstOwnFd) == 0 &&
      posix_spawnattr_setsigmask(&attributes, &none) == 0 &&
      posix_spawnattr_setsigdefault(&attributes, &usual) == 0 &&
      posix_spawnattr_setpgroup(&attributes, 0) == 0 &&
      posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                                POSIX_SPAWN_SETPGROUP) == 0 &&
      posix_spawn(&child, "/bin/sh", &actions, &attributes, const_cast<char* const*>(words),
                  environ) == 0;
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (!started) return false;
  child_ = child;
  is_over_ = false;
  until_ = clock_.ticks() + limit_;
  return true;
}

void Notifier::tick() {
  if (!runs()) return;
  int status = 0;
  const pid_t ended = waitpid(child_, &status, WNOHANG);
  if (ended == 0) {
    if (clock_.ticks() < until_) return;
    is_over_ = true;
    static_cast<void>(kill(-child_, SIGKILL));  // reaped by the next tick
    return;
  }
  child_ = 0;
  const bool fine = ended > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
  outcome_ = is_over_ ? Outcome::TooLong : fine ? Outcome::Fine : Outcome::Failed;
}

std::string Notifier::failure() const {
  switch (outcome_.load()) {
    case Outcome::Fine:
      return "";
    case Outcome::NotStarted:
      return "notify_not_started";
    case Outcome::Failed:
      return "notify_failed";
    case Outcome::TooLong:
      return "notify_too_long";
  }
  return "";
}

}  // namespace vrm::daemon
