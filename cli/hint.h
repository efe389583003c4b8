#pragma once
// What a person is told to type next, for the vault that they named.

#include <string>
#include <string_view>

#include "cli/call.h"

namespace vrm::cli {

// The flags that say which vault was meant, as a shell takes them again: "--vault '/my vault'"; "" when none was typed.
std::string typed_vault(const Flags& global);

// `text` with `flags` behind the name of each command in it that asks a vault: "vrm log verify" as
// "vrm log verify --vault X". One that names its own vault or folder, or stands as the subject of a sentence, stays as
// it is.
std::string for_vault(std::string_view text, std::string_view flags);

// Whether the sentence of this key tells what to type, and does not explain a command.
bool tells_commands(std::string_view key);

}  // namespace vrm::cli
