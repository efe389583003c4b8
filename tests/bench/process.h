#pragma once
// A program that the measurement starts, on one core when asked, and ends with it.

#include <sys/types.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "vault/base/result.h"
#include "vault/base/time.h"

namespace vrm::bench {

struct ProgramPlan {
  std::vector<std::string> words;  // the path of the program, then its arguments
  std::vector<std::pair<std::string, std::string>> environment = {};  // besides our own
  std::optional<int> core = {};
  // The program gets `--ready-fd N` and must write a line there.
  bool tells_ready = false;
  std::string log = "/dev/null";  // where its stdout and stderr go
};

class Program {
 public:
  // Unavailable: it could not be started, or ended or stayed silent for 30 s instead of being
  // ready.
  static Result<Program> start(const ProgramPlan& plan);

  Program(Program&& other) noexcept;
  Program& operator=(Program&&) = delete;
  // Asks it to end and waits; kills it after 10 s.
  ~Program();

  pid_t pid() const { return pid_; }
  const std::string& ready_line() const { return ready_line_; }
  // How long it took from just before the fork to the ready line.
  std::chrono::microseconds time_to_ready() const { return time_to_ready_; }

  // Waits for its own end. Gives its exit code, or 128 and its signal.
  int wait();

 private:
  explicit Program(pid_t pid) : pid_(pid) {}

  pid_t pid_;
  std::string ready_line_;
  std::chrono::microseconds time_to_ready_{0};
};

}  // namespace vrm::bench
