#include "tests/cli/run_vrm.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <filesystem>

namespace vrm::cli_test {

namespace {

struct Ends {
  int read = -1;
  int write = -1;
};

Ends pipe_ends() {
  std::array<int, 2> ends{};
  REQUIRE(pipe2(ends.data(), O_CLOEXEC) == 0);
  return {ends[0], ends[1]};
}

// A pipe that gives `text` (less than a pipe holds) and then ends.
int pipe_with(const std::string& text) {
  const auto ends = pipe_ends();
  REQUIRE(write(ends.write, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  close(ends.write);
  return ends.read;
}

int exit_of(pid_t child) {
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// argv and environ, kept alive and in the shape exec wants.
struct Words {
  std::vector<std::string> texts;
  std::vector<char*> pointers() {
    std::vector<char*> all;
    for (auto& text : texts) all.push_back(text.data());
    all.push_back(nullptr);
    return all;
  }
};

Words environment_of(const How& how) {
  Environment all = {{"PATH", "/usr/bin:/bin"}, {"TZ", "UTC"}, {"HOME", "/nowhere"}, {"LANG", "C"}};
  for (const auto& [name, value] : how.environment) all[name] = value;
  Words words;
  for (const auto& [name, value] : all) words.texts.push_back(name + "=" + value);
  return words;
}

Words arguments_of(std::vector<std::string> arguments, const How& how) {
  arguments.insert(arguments.begin(), how.program.empty() ? vrm_program() : how.program);
  return {std::move(arguments)};
}

std::string all_of(Ends out, Ends err, std::string& err_text) {
  std::string out_text;
  std::array<pollfd, 2> waiting = {pollfd{out.read, POLLIN, 0}, pollfd{err.read, POLLIN, 0}};
  while (waiting[0].fd >= 0 || waiting[1].fd >= 0) {
    REQUIRE(poll(waiting.data(), waiting.size(), 60'000) > 0);
    for (std::size_t i = 0; i < 2; ++i) {
      if (waiting[i].fd < 0 || waiting[i].revents == 0) continue;
      std::array<char, 65536> chunk{};
      const auto got = read(waiting[i].fd, chunk.data(), chunk.size());
      if (got <= 0) waiting[i].fd = -1;
      if (got > 0)
        (i == 0 ? out_text : err_text).append(chunk.data(), static_cast<std::size_t>(got));
    }
  }
  return out_text;
}

}  // namespace

std::string vrm_program() {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path() / "vrm";
}

Ran run_vrm(std::vector<std::string> arguments, const How& how) {
  auto words = arguments_of(std::move(arguments), how);
  auto environment = environment_of(how);
  const auto argv = words.pointers();
  const auto envp = environment.pointers();
  const int input = pipe_with(how.input);
  const int third = how.fd3 ? pipe_with(*how.fd3) : -1;
  const auto out = pipe_ends();
  const auto err = pipe_ends();
  const auto unread = pipe_ends();
  close(unread.read);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    setsid();
    dup2(input, 0);
    dup2(how.closed_pipe ? unread.write : out.write, 1);
    if (how.stdout_path != nullptr) dup2(open(how.stdout_path, O_WRONLY), 1);
    dup2(err.write, 2);
    if (third == 3) fcntl(third, F_SETFD, 0);
    if (third > 3) dup2(third, 3);
    execve(argv[0], argv.data(), envp.data());
    _exit(99);
  }
  for (const int fd : {input, third, out.write, err.write, unread.write})
    if (fd >= 0) close(fd);
  Ran ran;
  ran.out = all_of(out, err, ran.err);
  close(out.read);
  close(err.read);
  ran.exit = exit_of(child);
  return ran;
}

Ran run_on_terminal(std::vector<std::string> arguments,
                    std::vector<std::pair<std::string, std::string>> answers, const How& how) {
  auto words = arguments_of(std::move(arguments), how);
  auto environment = environment_of(how);
  environment.texts.emplace_back("TERM=xterm");
  const auto argv = words.pointers();
  const auto envp = environment.pointers();
  winsize size{24, how.columns, 0, 0};
  int terminal = -1;
  const pid_t child = forkpty(&terminal, nullptr, nullptr, &size);
  REQUIRE(child >= 0);
  if (child == 0) {
    execve(argv[0], argv.data(), envp.data());
    _exit(99);
  }
  if (how.terminal != nullptr) *how.terminal = terminal;
  Ran ran;
  std::size_t seen = 0;
  std::array<char, 4096> chunk{};
  for (ssize_t got = 0; (got = read(terminal, chunk.data(), chunk.size())) > 0;) {
    ran.out.append(chunk.data(), static_cast<std::size_t>(got));
    while (!answers.empty()) {
      const auto& [question, typed] = answers.front();
      const auto asked = ran.out.find(question, seen);
      if (asked == std::string::npos) break;
      seen = asked + question.size();  // the next question may be in the same chunk
      REQUIRE(write(terminal, typed.data(), typed.size()) == static_cast<ssize_t>(typed.size()));
      answers.erase(answers.begin());
    }
  }
  close(terminal);
  ran.exit = exit_of(child);
  CHECK(answers.empty());
  return ran;
}

}  // namespace vrm::cli_test
