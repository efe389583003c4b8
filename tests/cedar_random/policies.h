#pragma once
// Random policy sets: a few policies, templates and links that decide together over one world.

#include <nlohmann/json_fwd.hpp>

#include "tests/cedar_random/draw.h"
#include "tests/cedar_random/world.h"

namespace cedar_random {

// {"staticPolicies", "templates", "templateLinks"}
nlohmann::json draw_policies(Draw& draw, const World& world);

}  // namespace cedar_random
