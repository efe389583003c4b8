#include "cli/terminal.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "cli/file.h"

namespace vrm::cli {

namespace {

// While it lives, signals that would end the process wait, and what is typed is not shown.
class Quiet {
 public:
  Quiet(int tty, Echo echo) : tty_(tty) {
    sigset_t ending{};
    sigemptyset(&ending);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) sigaddset(&ending, signal);
    sigprocmask(SIG_BLOCK, &ending, &before_);
    signals_ = File(signalfd(-1, &ending, SFD_CLOEXEC));
    if (echo == Echo::Hidden && tcgetattr(tty_, &shown_) == 0) {
      termios hidden = shown_;
      hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
      changed_ = tcsetattr(tty_, TCSAFLUSH, &hidden) == 0;
    }
  }
  Quiet(const Quiet&) = delete;
  Quiet& operator=(const Quiet&) = delete;
  // The terminal first: a signal that waited ends the process at the second call.
  ~Quiet() {
    if (changed_) tcsetattr(tty_, TCSAFLUSH, &shown_);
    sigprocmask(SIG_SETMASK, &before_, nullptr);
  }

  bool hidden() const { return changed_; }

  // Waits for something typed. False: a signal came.
  bool wait() {
    std::array<pollfd, 2> ready = {pollfd{tty_, POLLIN, 0}, pollfd{signals_.fd(), POLLIN, 0}};
    while (poll(ready.data(), ready.size(), -1) < 0 && errno == EINTR) {
    }
    return ready[1].revents == 0;
  }

 private:
  int tty_;
  File signals_{-1};
  sigset_t before_{};
  termios shown_{};
  bool changed_ = false;
};

Error closed() {
  return refusal(ErrorCode::Malformed, "input.closed");
}

}  // namespace

bool has_terminal() {
  return File(open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)).fd() >= 0;
}

Result<WipedText> ask(std::string_view question, Echo echo) {
  const File tty(open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY));
  if (tty.fd() < 0) return Error{ErrorCode::Unavailable, "no terminal"};
  WipedText line;
  Quiet quiet(tty.fd(), echo);
  TRY(write_all(tty.fd(), std::string(question) + " "));
  while (line.view().find('\n') == std::string_view::npos) {
    if (line.free_room().empty()) return refusal(ErrorCode::Malformed, "secret.too_long");
    if (!quiet.wait()) return closed();
    const auto got = read(tty.fd(), line.free_room().data(), line.free_room().size());
    if (got <= 0) return closed();
    line.grow(static_cast<std::size_t>(got));
  }
  if (quiet.hidden()) TRY(write_all(tty.fd(), "\n"));
  line.keep_first_line();
  return line;
}

}  // namespace vrm::cli
