#include "cli/file.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "vault/base/system_error.h"

namespace vrm::cli {

Error system_error(const std::string& path) {
  const int code = errno;
  const auto folder = path.substr(0, path.find_last_of('/') + 1);
  if (code == ENOENT && !folder.empty() && access(folder.c_str(), F_OK) != 0)
    return refusal(ErrorCode::NotFound, "file.no_folder", {{"path", path}, {"folder", folder}});
  if (code == ENOENT) return refusal(ErrorCode::NotFound, "file.none", {{"path", path}});
  if (const std::string key(key_of_errno(code)); !key.empty())
    return refusal(ErrorCode::Io, key, {{"path", path}});
  const auto why = std::error_code(code, std::generic_category()).message();
  return refusal(ErrorCode::Io, "file.refused", {{"path", path}, {"why", why}});
}

Result<std::string> read_to_end(int fd, std::size_t most) {
  std::string out;
  std::array<char, 65536> chunk{};
  while (true) {
    const auto got = read(fd, chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error("fd " + std::to_string(fd));
    if (got == 0) return out;
    out.append(chunk.data(), static_cast<std::size_t>(got));
    if (out.size() > most)
      return refusal(ErrorCode::Malformed, "file.too_big", {{"most", std::to_string(most)}});
  }
}

Result<std::string> read_file(const std::string& path, std::size_t most) {
  const File file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (file.fd() < 0) return system_error(path);
  return read_to_end(file.fd(), most);
}

Result<WipedText> read_secret(int fd) {
  WipedText secret;
  while (true) {
    if (secret.free_room().empty()) return refusal(ErrorCode::Malformed, "secret.too_long");
    const auto got = read(fd, secret.free_room().data(), secret.free_room().size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error("fd " + std::to_string(fd));
    if (got == 0) return secret;
    secret.grow(static_cast<std::size_t>(got));
  }
}

Result<void> write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto put = write(fd, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return system_error("fd " + std::to_string(fd));
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  return {};
}

}  // namespace vrm::cli
