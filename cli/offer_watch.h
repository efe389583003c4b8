#pragma once
// The offers of an intent as they come, change and go.

#include <nlohmann/json.hpp>

#include "cli/session.h"

namespace vrm::cli {

struct Comparison {
  std::string id;  // of the intent, as it can be asked for
  nlohmann::json intent;
  nlohmann::json offers;
  nlohmann::json asked_with;  // the body that asks for them
};

// On a terminal the table, drawn anew in its place; otherwise a line for each change, the offers
// that are there being the first. Until nothing more can come or the person ends it, which is 0.
// Errors of the calls, once they were made again for a minute.
Result<void> watch_offers(Session& session, Comparison watched);

}  // namespace vrm::cli
