#include "vault/store/disk.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <system_error>

#include "vault/base/system_error.h"

namespace vrm::store {

namespace {

// Where SQLite's unix files lock each other out: the pending byte, the reserved one and the shared ones.
constexpr off_t kSqliteLockBytes = 0x40000000;
constexpr off_t kSqliteLockLength = 1 + 1 + 510;

Error io_error(std::string_view doing, const std::filesystem::path& path, int number) {
  return system_refusal(doing, path.string(), number);
}

class SystemFile final : public File {
 public:
  SystemFile(int fd, std::filesystem::path path) : fd_(fd), path_(std::move(path)) {}
  ~SystemFile() override { ::close(fd_); }
  SystemFile(const SystemFile&) = delete;
  SystemFile& operator=(const SystemFile&) = delete;

  Result<std::size_t> read(std::uint64_t offset, std::span<std::uint8_t> out) override {
    std::size_t done = 0;
    while (done < out.size()) {
      const ssize_t got =
          ::pread(fd_, out.data() + done, out.size() - done, static_cast<off_t>(offset + done));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return io_error("reading", path_, errno);
      if (got == 0) break;
      done += static_cast<std::size_t>(got);
    }
    return done;
  }

  Result<void> write(std::uint64_t offset, BytesView bytes) override {
    std::size_t done = 0;
    while (done < bytes.size()) {
      const ssize_t put = ::pwrite(fd_, bytes.data() + done, bytes.size() - done,
                                   static_cast<off_t>(offset + done));
      if (put < 0 && errno == EINTR) continue;
      if (put < 0) return io_error("writing", path_, errno);
      done += static_cast<std::size_t>(put);
    }
    return {};
  }

  Result<void> truncate(std::uint64_t size) override {
    if (::ftruncate(fd_, static_cast<off_t>(size)) != 0) return io_error("cutting", path_, errno);
    return {};
  }

  Result<void> sync() override {
    if (::fdatasync(fd_) != 0) return io_error("flushing", path_, errno);
    return {};
  }

  Result<std::uint64_t> size() override {
    struct stat status {};
    if (::fstat(fd_, &status) != 0) return io_error("measuring", path_, errno);
    return static_cast<std::uint64_t>(status.st_size);
  }

  // Of the open file, not of the process: unlike SQLite's own, it is not lost when some other
  // descriptor of the same file is closed.
  Result<void> keep_others_out() override {
    struct flock held {};
    held.l_type = F_WRLCK;
    held.l_whence = SEEK_SET;
    held.l_start = kSqliteLockBytes;
    held.l_len = kSqliteLockLength;
    if (::fcntl(fd_, F_OFD_SETLK, &held) == 0) return {};
    if (errno == EAGAIN || errno == EACCES)
      return Error{ErrorCode::Unavailable, "another program has " + path_.string() + " open"};
    return io_error("locking", path_, errno);
  }

  int fd() const { return fd_; }

 private:
  int fd_;
  std::filesystem::path path_;
};

Result<std::unique_ptr<SystemFile>> open_regular(const std::filesystem::path& path, int flags) {
  const int fd = ::open(path.c_str(), flags | O_CLOEXEC | O_NONBLOCK, 0600);
  if (fd < 0) {
    if (errno == ENOENT) return Error{ErrorCode::NotFound, "no file " + path.string()};
    if (errno == EEXIST) return Error{ErrorCode::Conflict, "there is a file " + path.string()};
    return io_error("opening", path, errno);
  }
  auto file = std::make_unique<SystemFile>(fd, path);
  struct stat status {};
  if (::fstat(fd, &status) != 0) return io_error("opening", path, errno);
  if (!S_ISREG(status.st_mode))
    return Error{ErrorCode::Io, "opening " + path.string() + ": not a regular file"};
  if ((flags & O_RDWR) != 0 && status.st_uid != ::geteuid())
    return Error{ErrorCode::Io, "opening " + path.string() + ": another user's file"};
  return file;
}

int flags_of(OpenMode mode) {
  constexpr int kOurs = O_RDWR | O_NOFOLLOW;
  switch (mode) {
    case OpenMode::Existing:
      return kOurs;
    case OpenMode::CreateNew:
      return kOurs | O_CREAT | O_EXCL;
    case OpenMode::CreateOrExisting:
      return kOurs | O_CREAT;
    case OpenMode::ReadOnly:
      return O_RDONLY;
  }
  return kOurs;
}

Result<void> sync_names_in(const std::filesystem::path& folder) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return io_error("flushing", folder, errno);
  const int failed = ::fsync(fd) == 0 ? 0 : errno;
  ::close(fd);
  if (failed != 0) return io_error("flushing", folder, failed);
  return {};
}

// Makes one folder, which is there after a power cut. NotFound: its parent is not there.
Result<void> make_one(const std::filesystem::path& folder) {
  if (::mkdir(folder.c_str(), 0700) != 0) {
    if (errno == EEXIST) return {};
    if (errno == ENOENT) return Error{ErrorCode::NotFound, "no folder for " + folder.string()};
    return io_error("making", folder, errno);
  }
  const std::filesystem::path parent = folder.parent_path();
  return sync_names_in(parent.empty() ? "." : parent);
}

Result<void> make_with_parents(const std::filesystem::path& folder) {
  auto made = make_one(folder);
  const std::filesystem::path parent = folder.parent_path();
  if (made.ok() || made.error().code != ErrorCode::NotFound || parent.empty() || parent == folder)
    return made;
  TRY(make_with_parents(parent));
  return make_one(folder);
}

Error held_by_another(SystemFile& file) {
  std::array<std::uint8_t, 16> text{};
  const auto got = file.read(0, text);
  int pid = 0;
  if (got.ok()) {
    const char* begin = reinterpret_cast<const char*>(text.data());
    std::from_chars(begin, begin + got.value(), pid);
  }
  return refusal(ErrorCode::Conflict, "store.held", {{"pid", std::to_string(pid)}});
}

}  // namespace

Result<std::unique_ptr<File>> SystemDisk::open(const std::filesystem::path& path, OpenMode mode) {
  std::unique_ptr<File> file = TRY(open_regular(path, flags_of(mode)));
  return file;
}

Result<bool> SystemDisk::exists(const std::filesystem::path& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) == 0) return true;
  if (errno == ENOENT || errno == ENOTDIR) return false;
  return io_error("looking for", path, errno);
}

Result<void> SystemDisk::remove(const std::filesystem::path& path) {
  if (::unlink(path.c_str()) == 0) return {};
  if (errno == ENOENT) return Error{ErrorCode::NotFound, "no file " + path.string()};
  return io_error("removing", path, errno);
}

Result<std::vector<std::string>> SystemDisk::list(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  std::error_code failed;
  std::filesystem::directory_iterator at(folder, failed);
  if (failed == std::errc::no_such_file_or_directory) return names;
  for (; !failed && at != std::filesystem::directory_iterator(); at.increment(failed))
    names.push_back(at->path().filename().string());
  if (failed) return io_error("listing", folder, failed.value());
  return names;
}

Result<void> SystemDisk::rename(const std::filesystem::path& from,
                                const std::filesystem::path& to) {
  if (::rename(from.c_str(), to.c_str()) == 0) return {};
  if (errno == ENOENT) return Error{ErrorCode::NotFound, "no file " + from.string()};
  return io_error("renaming", from, errno);
}

Result<void> SystemDisk::sync_folder(const std::filesystem::path& folder) {
  return sync_names_in(folder);
}

Result<std::optional<std::uint64_t>> SystemDisk::room(const std::filesystem::path& folder) {
  struct statvfs status {};
  if (::statvfs(folder.c_str(), &status) != 0) return io_error("measuring", folder, errno);
  return std::optional(std::uint64_t{status.f_bavail} * std::uint64_t{status.f_frsize});
}

std::filesystem::path SystemDisk::real_path(const std::filesystem::path& folder) {
  std::error_code error;
  auto found = std::filesystem::canonical(folder, error);
  return error ? folder.lexically_normal() : found;
}

Result<void> SystemDisk::make_folder(const std::filesystem::path& folder) {
  TRY(make_with_parents(folder));
  struct stat status {};
  if (::lstat(folder.c_str(), &status) != 0) return io_error("making", folder, errno);
  if (!S_ISDIR(status.st_mode) || status.st_uid != ::geteuid() || (status.st_mode & 077) != 0) {
    return refusal(ErrorCode::Denied, "store.folder_open", {{"folder", folder.string()}});
  }
  return {};
}

Result<std::unique_ptr<File>> SystemDisk::lock_folder(const std::filesystem::path& folder) {
  auto file = TRY(open_regular(folder / "lock", flags_of(OpenMode::CreateOrExisting)));
  if (::flock(file->fd(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return held_by_another(*file);
    return io_error("locking", folder, errno);
  }
  const std::string pid = std::to_string(::getpid()) + "\n";
  TRY(file->truncate(0));
  TRY(file->write(0, bytes_of(pid)));
  std::unique_ptr<File> held = std::move(file);
  return held;
}

Result<Bytes> read_file(Disk& disk, const std::filesystem::path& path, std::size_t most) {
  const auto file = TRY(disk.open(path, OpenMode::Existing));
  const std::uint64_t size = TRY(file->size());
  if (size > most) return Error{ErrorCode::Malformed, path.filename().string() + " is too long"};
  Bytes bytes(static_cast<std::size_t>(size));
  const std::size_t got = TRY(file->read(0, bytes));
  bytes.resize(got);
  return bytes;
}

Result<void> replace_file(Disk& disk, const std::filesystem::path& path, BytesView bytes) {
  std::filesystem::path fresh = path;
  fresh += ".new";
  {
    const auto file = TRY(disk.open(fresh, OpenMode::CreateOrExisting));
    TRY(file->truncate(0));
    TRY(file->write(0, bytes));
    TRY(file->sync());
  }
  TRY(disk.rename(fresh, path));
  return disk.sync_folder(path.parent_path());
}

}  // namespace vrm::store
