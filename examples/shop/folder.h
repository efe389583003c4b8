#pragma once
// The shop's folder: small JSON files, each written whole, so that a reader sees the old one or the
// new one. The folder has mode 0700 and its files 0600, for keys and tokens lie in it.

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string_view>
#include <utility>

#include "vault/base/result.h"

namespace vrm::shop {

class Folder {
 public:
  // Makes the folder when it is missing. Io: the system refused.
  static Result<Folder> open(std::filesystem::path path);

  // NotFound: no such file. Malformed: not JSON. Io: the system refused.
  Result<nlohmann::json> read(std::string_view name) const;
  // Io: the system refused; an earlier file is then as it was.
  Result<void> write(std::string_view name, const nlohmann::json& value) const;

  const std::filesystem::path& path() const { return path_; }

 private:
  explicit Folder(std::filesystem::path path) : path_(std::move(path)) {}

  std::filesystem::path path_;
};

// Keeps every other thread and program that takes the same lock of this folder waiting until it
// dies.
class FolderLock {
 public:
  // Io: the system refused.
  static Result<FolderLock> take(const Folder& folder, std::string_view name);
  ~FolderLock();
  FolderLock(FolderLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FolderLock& operator=(FolderLock&&) = delete;

 private:
  explicit FolderLock(int fd) : fd_(fd) {}

  int fd_;
};

}  // namespace vrm::shop
