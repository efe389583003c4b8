#pragma once
// The offers of an intent as they come, change and go.

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "cli/session.h"

namespace vrm::cli {

// On a terminal the table, drawn anew in its place; otherwise a line for each change, the offers
// that are there being the first. Until nothing more can come or the person ends it, which is 0.
// Errors of the calls, once they were made again for a minute. `id` is the intent's, as it can be
// asked for; `asked_with` the body that asked for `offers`.
Result<void> watch_offers(Session& session, const std::string& id, const nlohmann::json& intent,
                          const nlohmann::json& offers, const nlohmann::json& asked_with);

}  // namespace vrm::cli
