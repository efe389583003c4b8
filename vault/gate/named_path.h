#pragma once
// Paths that the owner names, of files which the daemon writes or reads.

#include <filesystem>
#include <string>

#include "vault/base/result.h"

namespace vrm::gate {

// Malformed (backup.no_path): not absolute.
Result<std::filesystem::path> absolute_path(const std::string& typed);
// Malformed (backup.no_path): not absolute, or a folder by its spelling.
Result<std::filesystem::path> file_path(const std::string& typed);

}  // namespace vrm::gate
