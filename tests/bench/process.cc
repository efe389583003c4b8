#include "tests/bench/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

#include "tests/bench/machine.h"

namespace vrm::bench {
namespace {

using Ticks = std::chrono::steady_clock;
constexpr int kReadyFd = 3;
constexpr std::chrono::seconds kReadyPatience{30};
constexpr std::chrono::seconds kEndPatience{10};

// Between fork and exec, where another thread of ours may hold the lock of malloc: system calls
// only.
[[noreturn]] void become(const ProgramPlan& plan, char** words, char** environment, int ready_fd) {
  if (plan.core && !pin_to_core(*plan.core).ok()) ::_exit(126);
  const int log = ::open(plan.log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  ::dup2(log, 1);
  ::dup2(log, 2);
  if (ready_fd == kReadyFd) {
    ::fcntl(kReadyFd, F_SETFD, 0);  // dup2 on itself would leave it to be closed
  } else if (ready_fd >= 0) {
    ::dup2(ready_fd, kReadyFd);
  }
  ::execve(words[0], words, environment);
  ::_exit(127);
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

// Our environment with what the plan sets.
std::vector<std::string> environment_of(const ProgramPlan& plan) {
  std::vector<std::string> all;
  for (const auto& [name, value] : plan.environment) all.push_back(name + "=" + value);
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::string_view name = text.substr(0, text.find('='));
    const auto same = [&](const auto& given) { return given.first == name; };
    if (std::none_of(plan.environment.begin(), plan.environment.end(), same))
      all.emplace_back(text);
  }
  return all;
}

// One line, without its end. Nothing: the writer ended, or nothing came in time.
std::optional<std::string> read_line(int fd) {
  const Ticks::time_point end = Ticks::now() + kReadyPatience;
  std::string line;
  for (;;) {
    pollfd waiting{.fd = fd, .events = POLLIN, .revents = 0};
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Ticks::now());
    if (left.count() <= 0 || ::poll(&waiting, 1, static_cast<int>(left.count())) <= 0) return {};
    std::array<char, 256> buffer;
    const ssize_t got = ::read(fd, buffer.data(), buffer.size());
    if (got <= 0) return {};
    line.append(buffer.data(), static_cast<std::size_t>(got));
    const std::size_t newline = line.find('\n');
    if (newline != std::string::npos) return line.substr(0, newline);
  }
}

}  // namespace

Result<Program> Program::start(const ProgramPlan& plan) {
  std::vector<std::string> texts = plan.words;
  std::array<int, 2> pipe = {-1, -1};
  if (plan.tells_ready) {
    if (::pipe2(pipe.data(), O_CLOEXEC) != 0) return refused_by_system("pipe2");
    texts.insert(texts.end(), {"--ready-fd", std::to_string(kReadyFd)});
  }
  std::vector<char*> words = pointers_to(texts);
  std::vector<std::string> settings = environment_of(plan);
  std::vector<char*> environment = pointers_to(settings);

  const Ticks::time_point start = Ticks::now();
  const pid_t pid = ::fork();
  if (pid == 0) become(plan, words.data(), environment.data(), pipe[1]);
  if (pipe[1] >= 0) ::close(pipe[1]);
  if (pid < 0) return refused_by_system("fork");
  Program program(pid);
  if (!plan.tells_ready) return program;

  std::optional<std::string> line = read_line(pipe[0]);
  program.time_to_ready_ =
      std::chrono::duration_cast<std::chrono::microseconds>(Ticks::now() - start);
  ::close(pipe[0]);
  if (!line) {
    return Error{ErrorCode::Unavailable,
                 plan.words[0] + " did not say that it is ready: " + plan.log};
  }
  program.ready_line_ = std::move(*line);
  return program;
}

Program::Program(Program&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      ready_line_(std::move(other.ready_line_)),
      time_to_ready_(other.time_to_ready_) {}

Program::~Program() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGTERM);
  const Ticks::time_point end = Ticks::now() + kEndPatience;
  while (::waitpid(pid_, nullptr, WNOHANG) == 0) {
    if (Ticks::now() > end) ::kill(pid_, SIGKILL);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

int Program::wait() {
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace vrm::bench
