#pragma once
// A brand as a person types it, for a path of the daemon's, which takes no blanks and the like.

#include <string>
#include <string_view>

#include "cli/session.h"

namespace vrm::cli {

// The path of the brand typed. What can stand in a path is the daemon's to find; else it is the name
// of one brand, whatever the case. NotFound (brand.unknown), Conflict (id.several). Errors of the call.
Result<std::string> path_of_brand(Session& session, const std::string& typed,
                                  std::string_view verb = {});

// The handle of the one brand in `brands` that is called so, whatever the case; "" when none is or
// several are.
std::string handle_of(const nlohmann::json& brands, std::string_view typed);

}  // namespace vrm::cli
