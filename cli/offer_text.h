#pragma once
// One offer, whole: what it is, what it costs in money and data, and how its score comes about.

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "cli/screen.h"

namespace vrm::cli {

// What the brand says it does with a field's data: how long it keeps it, to whom it passes it on.
std::vector<std::string> handling_terms(const Screen& screen, const nlohmann::json& item);

void show_offer(Screen& screen, const nlohmann::json& offer);

}  // namespace vrm::cli
