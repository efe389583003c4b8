#include "vault/base/system_error.h"

#include <cerrno>
#include <system_error>

namespace vrm {

std::string_view key_of_errno(int number) {
  switch (number) {
    case EACCES:
    case EPERM:
      return "file.no_access";
    case EROFS:
      return "file.read_only";
    case ENOSPC:
    case EDQUOT:
      return "file.no_room";
    case ENOTDIR:
      return "file.not_a_folder";
    case EISDIR:
      return "file.is_folder";
    case ELOOP:
      return "file.is_link";
    case EIO:
      return "file.disk_fails";
    default:
      return {};
  }
}

Error system_refusal(std::string_view doing, const std::string& path, int number) {
  const std::string key(key_of_errno(number));
  Error error{ErrorCode::Io,
              std::string(doing) + " " + path + ": " + std::generic_category().message(number)};
  if (key.empty()) return error;
  error.say = key;
  error.with = {{"path", path}};
  return error;
}

}  // namespace vrm
