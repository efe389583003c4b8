#pragma once
// How a brand is shown.

#include <nlohmann/json_fwd.hpp>

#include "cli/session.h"

namespace vrm::cli {

// Who it is, how far it is to be believed, what it may read, and what it says of itself.
void show_brand(Screen& screen, const nlohmann::json& brand);

// That it knows how to reach the vault, or what to paste at its site.
void show_introduction(Screen& screen, const nlohmann::json& brand);

// The keys that its document shows in the place of those pinned, both, and what to do; nothing where they are the same.
void show_changed_keys(Screen& screen, const nlohmann::json& brand);

}  // namespace vrm::cli
