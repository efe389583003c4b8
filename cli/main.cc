// vrm: the owner's command.

#include <csignal>

#include "cli/run.h"

int main(int argc, char** argv) {
  // `vrm log | head` ends without a word, whatever was inherited.
  std::signal(SIGPIPE, SIG_DFL);
  return vrm::cli::run(std::vector<std::string>(argv + (argc > 0 ? 1 : 0), argv + argc));
}
