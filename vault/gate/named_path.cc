#include "vault/gate/named_path.h"

namespace vrm::gate {

Result<std::filesystem::path> absolute_path(const std::string& typed) {
  const std::filesystem::path path = std::filesystem::path(typed).lexically_normal();
  if (!path.is_absolute() || typed.find('\0') != std::string::npos)
    return refusal(ErrorCode::Malformed, "backup.no_path", {{"path", typed}});
  return path;
}

Result<std::filesystem::path> file_path(const std::string& typed) {
  auto path = TRY(absolute_path(typed));
  if (!path.has_filename())
    return refusal(ErrorCode::Malformed, "backup.no_path", {{"path", typed}});
  return path;
}

}  // namespace vrm::gate
