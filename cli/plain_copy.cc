#include "cli/plain_copy.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <optional>

#include "cli/settings.h"
#include "cli/terminal.h"
#include "vault/base/text.h"

namespace vrm::cli {

namespace {

constexpr std::size_t kMostNameBytes = 200;
constexpr std::string_view kFolderPrefix = "vrm-doc-";

void wipe_file(int fd) {
  struct stat status {};
  if (fstat(fd, &status) != 0 || lseek(fd, 0, SEEK_SET) != 0) return;
  const std::string zeros(65536, '\0');
  for (off_t left = status.st_size; left > 0;) {
    const auto now = std::min<off_t>(left, static_cast<off_t>(zeros.size()));
    if (!write_all(fd, std::string_view(zeros).substr(0, static_cast<std::size_t>(now))).ok())
      return;
    left -= now;
  }
  fsync(fd);
}

// What a copy leaves that was killed. One that is still shown holds its file's lock.
void sweep(const std::string& folder) {
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(folder, failed)) {
    const std::string path = entry.path();
    const File file(open(path.c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC));
    if (file.fd() < 0 || flock(file.fd(), LOCK_EX | LOCK_NB) != 0) continue;
    wipe_file(file.fd());
    unlink(path.c_str());
  }
  rmdir(folder.c_str());  // unless one is still shown
}

// The mode of a folder of ours; nothing when it is another's, or a link.
std::optional<mode_t> mode_of_ours(const std::string& folder) {
  struct stat status {};
  if (lstat(folder.c_str(), &status) != 0 || !S_ISDIR(status.st_mode) || status.st_uid != geteuid())
    return std::nullopt;
  return status.st_mode;
}

bool is_private(const std::string& folder) {
  const auto mode = mode_of_ours(folder);
  return mode && (*mode & 077) == 0;
}

// A folder in which nobody else renames or removes what is ours.
bool keeps_ours(const std::string& folder) {
  struct stat status {};
  if (folder.empty() || stat(folder.c_str(), &status) != 0 || !S_ISDIR(status.st_mode))
    return false;
  if (status.st_uid != geteuid() && status.st_uid != 0) return false;
  if (access(folder.c_str(), W_OK | X_OK) != 0) return false;
  return is_private(folder) || (status.st_mode & S_ISVTX) != 0;
}

// In a place for everybody, another's folder of such a name is left alone.
void sweep_all(const std::string& place) {
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(place, failed))
    if (entry.path().filename().string().starts_with(kFolderPrefix) && mode_of_ours(entry.path()))
      sweep(entry.path());
}

}  // namespace

std::string safe_file_name(std::string_view name) {
  std::string safe = printable(name);
  for (char& c : safe)
    if (c == '/' || c == '\\') c = '_';
  while (safe.starts_with('.') || safe.starts_with('-') || safe.starts_with(' ')) safe.erase(0, 1);
  while (safe.size() > kMostNameBytes) {
    // Whole characters go, from behind what may be the ending.
    std::size_t at = safe.size() - 1;
    while (at > 0 && (static_cast<unsigned char>(safe[at]) & 0xC0) == 0x80) --at;
    safe.resize(at);
  }
  return safe.empty() ? "document" : safe;
}

std::vector<std::string> plain_places() {
  // That of the login, and memory that every login shares; then what may be a disk.
  const std::string runtime = environment("XDG_RUNTIME_DIR");
  const std::string temporary = environment("TMPDIR");
  std::vector<std::string> places;
  if (is_private(runtime)) places.push_back(runtime);
  places.emplace_back("/dev/shm");
  if (temporary.starts_with('/')) places.push_back(temporary);
  places.emplace_back("/tmp");
  return places;
}

Result<PlainCopy> PlainCopy::make(std::string_view name, const std::vector<std::string>& places) {
  for (const auto& place : places)
    if (keeps_ours(place)) sweep_all(place);
  const auto place = std::find_if(places.begin(), places.end(), keeps_ours);
  if (place == places.end()) return refusal(ErrorCode::Unavailable, "doc.no_room");
  std::string folder = *place + "/" + std::string(kFolderPrefix) + "XXXXXX";
  if (mkdtemp(folder.data()) == nullptr) return system_error(folder);
  const std::string path = folder + "/" + safe_file_name(name);
  File file(open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (file.fd() < 0) {
    const Error failed = system_error(path);
    rmdir(folder.c_str());
    return failed;
  }
  flock(file.fd(), LOCK_EX | LOCK_NB);  // until this process and those it shows it with have ended
  return PlainCopy(std::move(folder), path, std::move(file));
}

bool PlainCopy::is_in_memory() const {
  constexpr auto kTmpfs = 0x01021994;
  constexpr auto kRamfs = 0x858458f6;
  struct statfs where {};
  if (fstatfs(file_.fd(), &where) != 0) return false;
  return where.f_type == kTmpfs || where.f_type == kRamfs;
}

PlainCopy::~PlainCopy() {
  if (file_.fd() < 0) return;  // moved away
  wipe_file(file_.fd());
  unlink(path_.c_str());
  rmdir(folder_.c_str());
}

bool show_with_desktop(const std::string& path) {
  if (environment("DISPLAY").empty() && environment("WAYLAND_DISPLAY").empty()) return false;
  std::string program = "xdg-open";
  std::string file = path;
  std::array<char*, 3> arguments = {program.data(), file.data(), nullptr};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  for (const int fd : {0, 1, 2})
    posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_RDWR, 0);
  pid_t child = 0;
  const int failed =
      posix_spawnp(&child, program.c_str(), &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) return false;
  int ended = 0;
  while (waitpid(child, &ended, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(ended) && WEXITSTATUS(ended) == 0;
}

void wait_for_enter(std::string_view question) {
  constexpr std::array kEnding = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
  const pid_t child = fork();
  if (child == 0) {
    signal(SIGINT, SIG_DFL);  // the copy is wiped all the same
    static_cast<void>(ask(question, Echo::Shown).ok());
    _exit(0);
  }
  if (child < 0) {
    static_cast<void>(ask(question, Echo::Shown).ok());
    return;
  }
  std::array<struct sigaction, kEnding.size()> before{};
  struct sigaction ignored {};
  ignored.sa_handler = SIG_IGN;
  for (std::size_t i = 0; i < kEnding.size(); ++i) sigaction(kEnding[i], &ignored, &before[i]);
  int ended = 0;
  while (waitpid(child, &ended, 0) < 0 && errno == EINTR) {
  }
  for (std::size_t i = 0; i < kEnding.size(); ++i) sigaction(kEnding[i], &before[i], nullptr);
}

}  // namespace vrm::cli
