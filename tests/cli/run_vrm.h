#pragma once
// Runs the real program and catches what it says.

#include <atomic>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace vrm::cli_test {

struct Ran {
  int exit = 0;  // 128 + the signal that ended it
  std::string out;
  std::string err;
};

using Environment = std::map<std::string, std::string>;

struct How {
  Environment environment = {};  // besides PATH, TZ, HOME, LANG
  std::string input = {};
  std::string program = {};              // another copy of vrm
  std::optional<std::string> fd3 = {};   // what file descriptor 3 gives
  const char* stdout_path = nullptr;     // instead of catching it
  bool closed_pipe = false;              // stdout is a pipe that nobody reads
  std::atomic<int>* terminal = nullptr;  // gets our end of the terminal
  unsigned short columns = 80;           // of the terminal
};

// Without a terminal.
Ran run_vrm(std::vector<std::string> arguments, const How& how = {});

// On a terminal: everything it shows is in `out`. Each answer is typed when its
// question has come.
Ran run_on_terminal(std::vector<std::string> arguments,
                    std::vector<std::pair<std::string, std::string>> answers = {},
                    const How& how = {});

std::string vrm_program();

}  // namespace vrm::cli_test
