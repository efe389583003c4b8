#pragma once
// One offer, whole: what it is, what it costs in money and data, and how its score comes about.

#include <nlohmann/json_fwd.hpp>

#include "cli/screen.h"

namespace vrm::cli {

void show_offer(Screen& screen, const nlohmann::json& offer);

}  // namespace vrm::cli
