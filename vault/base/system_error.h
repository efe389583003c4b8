#pragma once
// What the operating system refused, as an Error that a person can read in their own language.

#include <string>
#include <string_view>

#include "vault/base/error.h"

namespace vrm {

// The key of the sentence for an errno and a {path}: "file.no_access", "file.no_room" …; "" for one
// that no person can do anything about.
std::string_view key_of_errno(int number);

// Io. The message is `doing` with the path and the system's own words.
Error system_refusal(std::string_view doing, const std::string& path, int number);

}  // namespace vrm
