#include "examples/shop/folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>
#include <string>

#include "vault/base/json.h"

namespace vrm::shop {
namespace {

constexpr JsonLimits kMostInFile{.bytes = 16 * 1024 * 1024, .depth = 40};

// The error of the last system call.
Error refused_by_system(const std::filesystem::path& file) {
  return {ErrorCode::Io, file.string() + ": " + std::strerror(errno)};
}

Result<std::string> bytes_in(int fd, const std::filesystem::path& file) {
  std::string text;
  char chunk[4096];
  for (;;) {
    const ssize_t got = ::read(fd, chunk, sizeof chunk);
    if (got < 0) return refused_by_system(file);
    if (got == 0) return text;
    text.append(chunk, static_cast<std::size_t>(got));
  }
}

Result<void> put_bytes(int fd, std::string_view text, const std::filesystem::path& file) {
  while (!text.empty()) {
    const ssize_t put = ::write(fd, text.data(), text.size());
    if (put < 0) return refused_by_system(file);
    text.remove_prefix(static_cast<std::size_t>(put));
  }
  if (::fsync(fd) != 0) return refused_by_system(file);
  return {};
}

}  // namespace

Result<Folder> Folder::open(std::filesystem::path path) {
  std::error_code failed;
  if (!std::filesystem::is_directory(path, failed)) {
    if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), failed);
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return refused_by_system(path);
  }
  return Folder(std::move(path));
}

Result<nlohmann::json> Folder::read(std::string_view name) const {
  const std::filesystem::path file = path_ / name;
  const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0 && errno == ENOENT) return Error{ErrorCode::NotFound, file.string() + " is missing"};
  if (fd < 0) return refused_by_system(file);
  auto text = bytes_in(fd, file);
  ::close(fd);
  if (!text.ok()) return std::move(text).error();
  return read_json(text.value(), kMostInFile);
}

Result<void> Folder::write(std::string_view name, const nlohmann::json& value) const {
  const std::filesystem::path file = path_ / name;
  const std::filesystem::path fresh = file.string() + "." + std::to_string(::gettid()) + ".new";
  const int fd = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return refused_by_system(fresh);
  Result<void> put = put_bytes(fd, write_json_pretty(value) + "\n", fresh);
  ::close(fd);
  if (put.ok() && std::rename(fresh.c_str(), file.c_str()) != 0) put = refused_by_system(file);
  if (!put.ok()) ::unlink(fresh.c_str());
  return put;
}

Result<FolderLock> FolderLock::take(const Folder& folder, std::string_view name) {
  const std::filesystem::path file = folder.path() / name;
  const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return refused_by_system(file);
  int locked = 0;
  do {
    locked = ::flock(fd, LOCK_EX);
  } while (locked != 0 && errno == EINTR);
  if (locked == 0) return FolderLock(fd);
  const Error refused = refused_by_system(file);
  ::close(fd);
  return refused;
}

FolderLock::~FolderLock() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace vrm::shop
