#pragma once
// Files as the command line meets them: an open one, reading a whole one, writing.

#include <unistd.h>

#include <string>
#include <string_view>
#include <utility>

#include "cli/wiped_text.h"
#include "vault/base/result.h"

namespace vrm::cli {

// Owns a file descriptor; -1 is none.
class File {
 public:
  explicit File(int fd) : fd_(fd) {}
  File(File&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  File& operator=(File&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~File() { close(); }

  int fd() const { return fd_; }
  void close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }

 private:
  int fd_;
};

// NotFound: there is no such file. Malformed: it has more than `most` bytes. Io: the system
// refused.
Result<std::string> read_file(const std::string& path, std::size_t most);
Result<std::string> read_to_end(int fd, std::size_t most);

// A secret to its end. Malformed: it has more than a WipedText holds. Io.
Result<WipedText> read_secret(int fd);

// Io: the system refused.
Result<void> write_all(int fd, std::string_view bytes);

// What errno says, in English.
Error system_error(const std::string& path);

}  // namespace vrm::cli
