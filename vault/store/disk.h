#pragma once
// The only way to files: database, write-ahead log, key slots. SystemDisk is the real one; a test's can lose what was
// not synced, tear a write or be full, and sees every file alike because SQLite runs on it too (vault/store/vfs.h).

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "vault/base/bytes.h"
#include "vault/base/result.h"

namespace vrm::store {

class File {
 public:
  virtual ~File() = default;
  // Fills what the file has from `offset` on; gives how many bytes that were (less than asked only at the end).
  virtual Result<std::size_t> read(std::uint64_t offset, std::span<std::uint8_t> out) = 0;
  virtual Result<void> write(std::uint64_t offset, BytesView bytes) = 0;
  virtual Result<void> truncate(std::uint64_t size) = 0;
  // What was written survives a power cut when this returns.
  virtual Result<void> sync() = 0;
  virtual Result<std::uint64_t> size() = 0;
  // Keeps programs that heed SQLite's locks from the file until it is closed: one that only looked
  // into it would, on leaving, take away the write-ahead log under us. Unavailable: one has it now.
  virtual Result<void> keep_others_out() = 0;
};

// ReadOnly is for what a person named: it may lie on a medium that cannot be written, be another
// user's, or be reached by a symbolic link.
enum class OpenMode { Existing, CreateNew, CreateOrExisting, ReadOnly };

// Errors: NotFound (no such file), Conflict (CreateNew and it exists; a lock that another process holds), Io.
class Disk {
 public:
  virtual ~Disk() = default;
  // Opens without following a symbolic link at the end of the path, but to read; new files are 0600.
  virtual Result<std::unique_ptr<File>> open(const std::filesystem::path& path, OpenMode mode) = 0;
  virtual Result<bool> exists(const std::filesystem::path& path) = 0;
  virtual Result<void> remove(const std::filesystem::path& path) = 0;
  // The names of what lies in a folder, in no order; none when there is no such folder.
  virtual Result<std::vector<std::string>> list(const std::filesystem::path& folder) = 0;
  virtual Result<void> rename(const std::filesystem::path& from,
                              const std::filesystem::path& to) = 0;
  // Makes renames, creations and removals in the folder survive a power cut.
  virtual Result<void> sync_folder(const std::filesystem::path& folder) = 0;
  // How many bytes there is room for. Nothing: it cannot be known. Io.
  virtual Result<std::optional<std::uint64_t>> room(const std::filesystem::path& /*folder*/) {
    return std::optional<std::uint64_t>();
  }
  // Which folder a path leads to, without links; the path as it stands where that cannot be known.
  virtual std::filesystem::path real_path(const std::filesystem::path& folder) {
    return folder.lexically_normal();
  }
  // Makes the folder and its parents, 0700; they survive a power cut. Denied: it is there and others may enter it, or it is not ours.
  virtual Result<void> make_folder(const std::filesystem::path& folder) = 0;
  // Holds the one-writer lock of a folder until the File is destroyed; the file holds our pid.
  // Conflict: another process has it; the gap `pid` names it.
  virtual Result<std::unique_ptr<File>> lock_folder(const std::filesystem::path& folder) = 0;
};

class SystemDisk final : public Disk {
 public:
  Result<std::unique_ptr<File>> open(const std::filesystem::path& path, OpenMode mode) override;
  Result<bool> exists(const std::filesystem::path& path) override;
  Result<void> remove(const std::filesystem::path& path) override;
  Result<std::vector<std::string>> list(const std::filesystem::path& folder) override;
  Result<void> rename(const std::filesystem::path& from, const std::filesystem::path& to) override;
  Result<void> sync_folder(const std::filesystem::path& folder) override;
  Result<std::optional<std::uint64_t>> room(const std::filesystem::path& folder) override;
  std::filesystem::path real_path(const std::filesystem::path& folder) override;
  Result<void> make_folder(const std::filesystem::path& folder) override;
  Result<std::unique_ptr<File>> lock_folder(const std::filesystem::path& folder) override;
};

// The whole of a small file. Malformed: more than `most` bytes.
Result<Bytes> read_file(Disk& disk, const std::filesystem::path& path, std::size_t most);

// Replaces a small file so that after a power cut it is the old or the new one: temporary, sync, rename, sync folder.
Result<void> replace_file(Disk& disk, const std::filesystem::path& path, BytesView bytes);

}  // namespace vrm::store
