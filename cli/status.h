#pragma once
// How a vrm.status document is shown.

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "cli/session.h"

namespace vrm::cli {

// "unlocked, locks at 14:32"
std::string state_text(const Screen& screen, const nlohmann::json& status);

// One line a brand that is served while the vault is locked.
std::vector<std::string> served_lines(const Screen& screen, const nlohmann::json& status);

// Whether an intent takes offers, or an acceptance waits for its brand.
bool has_intents(const nlohmann::json& counts);

// "1 open intent, 3 live offers, 1 acceptance under way".
std::string intents_text(const Screen& screen, const nlohmann::json& counts);

// After wrong tries to open it, how many there were.
void note_wrong_tries(Screen& screen, const nlohmann::json& status);

void print_status(Screen& screen, const nlohmann::json& status);

}  // namespace vrm::cli
