#pragma once
// One run of `vrm`, from its arguments to its exit code.

#include <string>
#include <vector>

namespace vrm::cli {

// `arguments` without the program's name.
int run(const std::vector<std::string>& arguments);

}  // namespace vrm::cli
