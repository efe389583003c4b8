#include "cli/terminal.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <thread>

#include "cli/file.h"

namespace vrm::cli {

namespace {

sigset_t ending_signals() {
  sigset_t ending{};
  sigemptyset(&ending);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) sigaddset(&ending, signal);
  return ending;
}

// While it lives, signals that would end the process wait, and what is typed is not shown.
class Quiet {
 public:
  Quiet(int tty, Echo echo) : tty_(tty) {
    const sigset_t ending = ending_signals();
    pthread_sigmask(SIG_BLOCK, &ending, &before_);
    signals_ = File(signalfd(-1, &ending, SFD_CLOEXEC));
    if (echo == Echo::Hidden && tcgetattr(tty_, &shown_) == 0) {
      termios hidden = shown_;
      hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
      // Under a Hush it is hidden already, and what was typed ahead is the answer.
      changed_ = (shown_.c_lflag & ECHO) != 0 && tcsetattr(tty_, TCSAFLUSH, &hidden) == 0;
      hidden_ = changed_ || (shown_.c_lflag & ECHO) == 0;
    }
  }
  Quiet(const Quiet&) = delete;
  Quiet& operator=(const Quiet&) = delete;
  // The terminal first: a signal that waited ends the process at the second call.
  ~Quiet() {
    if (changed_) tcsetattr(tty_, TCSAFLUSH, &shown_);
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

  bool hidden() const { return hidden_; }

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
  bool hidden_ = false;
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
    if (!quiet.wait()) {
      if (quiet.hidden()) TRY(write_all(tty.fd(), "\n"));
      return closed();
    }
    const auto got = read(tty.fd(), line.free_room().data(), line.free_room().size());
    if (got <= 0) return closed();
    line.grow(static_cast<std::size_t>(got));
  }
  if (quiet.hidden()) TRY(write_all(tty.fd(), "\n"));
  line.keep_first_line();
  return line;
}

// A thread waits for the signals, because the command is busy elsewhere between two questions.
struct Hush::State {
  File tty{open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)};
  File done{eventfd(0, EFD_CLOEXEC)};
  File signals{-1};
  termios shown{};
  sigset_t before{};
  std::thread watch;

  bool begin() {
    if (tty.fd() < 0 || done.fd() < 0 || tcgetattr(tty.fd(), &shown) != 0) return false;
    const sigset_t ending = ending_signals();
    pthread_sigmask(SIG_BLOCK, &ending, &before);
    signals = File(signalfd(-1, &ending, SFD_CLOEXEC));
    termios hidden = shown;
    hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    tcsetattr(tty.fd(), TCSAFLUSH, &hidden);
    watch = std::thread([this] { wait(); });
    return true;
  }

  void wait() {
    std::array<pollfd, 2> ready = {pollfd{signals.fd(), POLLIN, 0}, pollfd{done.fd(), POLLIN, 0}};
    while (poll(ready.data(), ready.size(), -1) < 0 && errno == EINTR) {
    }
    if (ready[0].revents == 0) return;
    tcsetattr(tty.fd(), TCSAFLUSH, &shown);
    const sigset_t ending = ending_signals();
    pthread_sigmask(SIG_UNBLOCK, &ending, nullptr);  // what waited ends the process here
  }

  void end() {
    const std::uint64_t one = 1;
    static_cast<void>(!write(done.fd(), &one, sizeof(one)));
    watch.join();
    tcsetattr(tty.fd(), TCSAFLUSH, &shown);
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }
};

Hush::Hush(bool wanted) {
  if (!wanted) return;
  state_ = std::make_unique<State>();
  if (!state_->begin()) state_.reset();
}

Hush::~Hush() {
  if (state_ != nullptr) state_->end();
}

}  // namespace vrm::cli
