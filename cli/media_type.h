#pragma once
// What a file is, by the end of its name.

#include <string_view>

namespace vrm::cli {

// "application/octet-stream" when its name does not say.
std::string_view media_type_of(std::string_view file);

}  // namespace vrm::cli
