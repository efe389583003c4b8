#include "cli/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <filesystem>

extern char** environ;

namespace vrm::cli {

namespace {

namespace fs = std::filesystem;

constexpr int kReadyFd = 3;
constexpr std::size_t kLogTail = 4096;

std::vector<char*> pointers_to(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (auto& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

struct Pipe {
  File read;
  File write;
};

Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return system_error("pipe");
  return Pipe{File(ends[0]), File(ends[1])};
}

int ended_with(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

Result<std::string> daemon_program() {
  std::error_code failed;
  const auto own = fs::read_symlink("/proc/self/exe", failed);
  if (!failed) {
    const auto beside = own.parent_path() / "vrmd";
    if (access(beside.c_str(), X_OK) == 0) return beside.string();
  }
  const char* path = std::getenv("PATH");
  std::string_view rest = path == nullptr ? "" : path;
  while (!rest.empty()) {
    const auto end = rest.find(':');
    const auto candidate = std::string(rest.substr(0, end)) + "/vrmd";
    if (candidate.starts_with('/') && access(candidate.c_str(), X_OK) == 0) return candidate;
    rest = end == rest.npos ? "" : rest.substr(end + 1);
  }
  return refusal(ErrorCode::Unavailable, "daemon.no_program");
}

// The folder and what is missing above it; only our own folders are made, and for us alone.
Result<void> make_private_folder(const std::string& path) {
  const mode_t before = umask(0077);
  std::error_code failed;
  fs::create_directories(path, failed);
  umask(before);
  if (!failed) return {};
  errno = failed.value();
  return system_error(path);
}

// Our own environment, and that the daemon is to say what keeps it from starting in `language`.
std::vector<std::string> environment_with_language(words::Language language) {
  constexpr std::string_view kName = "VRM_LANG=";
  std::vector<std::string> variables;
  for (char** at = environ; *at != nullptr; ++at)
    if (!std::string_view(*at).starts_with(kName)) variables.emplace_back(*at);
  variables.push_back(std::string(kName) + std::string(words::to_string(language)));
  return variables;
}

// In the child: only calls that are safe behind a fork.
[[noreturn]] void become(char* const* words, char* const* variables, int null, int log, int ready) {
  setsid();
  umask(0077);
  sigset_t none{};
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  const bool placed = dup2(null, STDIN_FILENO) >= 0 && dup2(log, STDOUT_FILENO) >= 0 &&
                      dup2(log, STDERR_FILENO) >= 0;
  if (placed && (ready == kReadyFd ? fcntl(ready, F_SETFD, 0) : dup2(ready, kReadyFd)) >= 0) {
    syscall(SYS_close_range, kReadyFd + 1, ~0U, 0);
    if (chdir("/") == 0) execve(words[0], words, variables);
  }
  _exit(127);
}

// True when the word came; false when the pipe was closed or the time is over.
bool says_ready(int fd, Duration patience) {
  const auto end = std::chrono::steady_clock::now() + patience;
  std::string said;
  while (said.find('\n') == said.npos && said.size() < 64) {
    const auto left = std::chrono::duration_cast<Duration>(end - std::chrono::steady_clock::now());
    pollfd waiting{fd, POLLIN, 0};
    const int ready = poll(&waiting, 1, static_cast<int>(std::max<std::int64_t>(0, left.count())));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return false;
    std::array<char, 64> chunk{};
    const auto got = read(fd, chunk.data(), chunk.size());
    if (got <= 0) return false;
    said.append(chunk.data(), static_cast<std::size_t>(got));
  }
  return said.starts_with("ready\n");
}

// Why the daemon did not start, and what to type next ("" when it said nothing of that).
struct LastWords {
  std::string why;
  std::string next;
};

// What the daemon said last; the last line when somebody else said it.
LastWords last_words(const std::string& path, off_t from) {
  const File log(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::array<char, kLogTail> tail{};
  const off_t end = lseek(log.fd(), 0, SEEK_END);
  const auto start = std::max(from, end - static_cast<off_t>(kLogTail));
  const auto got = log.fd() < 0 ? -1 : pread(log.fd(), tail.data(), tail.size(), start);
  std::string_view text(tail.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  while (text.ends_with('\n')) text.remove_suffix(1);
  constexpr std::string_view kSpeaker = "vrmd: ";
  const auto said = text.rfind(kSpeaker);
  if (said != text.npos) {
    text.remove_prefix(said + kSpeaker.size());
    const auto first = text.find('\n');
    return {std::string(text.substr(0, first)),
            first == text.npos ? std::string() : std::string(text.substr(first + 1))};
  }
  const auto line = text.rfind('\n');
  return {std::string(line == text.npos ? text : text.substr(line + 1)), ""};
}

Error not_ready(const LastWords& words, const std::string& log, const std::string& config) {
  std::string key = config.empty() ? "daemon.not_ready" : "daemon.not_ready_as_before";
  if (!words.next.empty()) key = config.empty() ? "daemon.refused" : "daemon.refused_as_before";
  return refusal(ErrorCode::Unavailable, key,
                 {{"line", words.why}, {"next", words.next}, {"log", log}, {"file", config}});
}

}  // namespace

Result<WipedText> output_of(const std::vector<std::string>& program) {
  VRM_CHECK(!program.empty());
  auto pipe = TRY(make_pipe());
  posix_spawn_file_actions_t actions{};
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, pipe.write.fd(), STDOUT_FILENO);
  auto words = program;
  pid_t child = 0;
  const int failed =
      posix_spawn(&child, words[0].c_str(), &actions, nullptr, pointers_to(words).data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  const Gaps named = {{"program", program[0]}};
  if (failed != 0) return refusal(ErrorCode::Malformed, "secret.program_failed", named);
  pipe.write.close();
  auto secret = read_secret(pipe.read.fd());
  pipe.read.close();
  if (ended_with(child) != 0 && secret.ok())
    return refusal(ErrorCode::Malformed, "secret.program_failed", named);
  return secret;
}

Result<void> start_daemon(const DaemonPlan& plan) {
  const auto program = TRY(daemon_program());
  TRY(make_private_folder(plan.vault_folder));
  TRY(make_private_folder(fs::path(plan.socket).parent_path().string()));
  const auto log_path = plan.vault_folder + "/vrmd.log";
  const File log(
      open(log_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (log.fd() < 0) return system_error(log_path);
  const off_t log_before = lseek(log.fd(), 0, SEEK_END);
  const File null(open("/dev/null", O_RDONLY | O_CLOEXEC));
  auto pipe = TRY(make_pipe());
  std::vector<std::string> words = {program,     "--vault",    plan.vault_folder,       "--socket",
                                    plan.socket, "--ready-fd", std::to_string(kReadyFd)};
  if (!plan.config.empty()) words.insert(words.end(), {"--config", plan.config});
  words.insert(words.end(), plan.flags.begin(), plan.flags.end());
  const auto pointers = pointers_to(words);
  auto variables = environment_with_language(plan.language);
  const auto variable_pointers = pointers_to(variables);
  const pid_t child = fork();
  if (child < 0) return system_error(program);
  if (child == 0)
    become(pointers.data(), variable_pointers.data(), null.fd(), log.fd(), pipe.write.fd());
  pipe.write.close();
  if (says_ready(pipe.read.fd(), plan.patience)) return {};
  // What was typed now is not what was remembered, and more likely the reason.
  const bool as_before = plan.flags.empty();
  return not_ready(last_words(log_path, log_before), log_path, as_before ? plan.config : "");
}

Watched::Watched(std::int64_t pid)
    : process_(static_cast<int>(syscall(SYS_pidfd_open, static_cast<pid_t>(pid), 0))) {}

bool Watched::wait(Duration patience) const {
  if (process_.fd() < 0) return true;
  pollfd waiting{process_.fd(), POLLIN, 0};
  const auto end = std::chrono::steady_clock::now() + patience;
  while (true) {
    const auto left = std::chrono::duration_cast<Duration>(end - std::chrono::steady_clock::now());
    const int ready = poll(&waiting, 1, static_cast<int>(std::max<std::int64_t>(0, left.count())));
    if (ready >= 0 || errno != EINTR) return ready > 0;
  }
}

}  // namespace vrm::cli
