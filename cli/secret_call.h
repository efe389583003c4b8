#pragma once
// Calls whose body is a secret, or two.

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "cli/secret_source.h"
#include "cli/session.h"

namespace vrm::cli {

// To a daemon that runs already: the status was asked before.
Result<nlohmann::json> send_secret(Session& session, std::string path, const SlotSecret& opener);

// The same with a new passphrase behind it.
Result<nlohmann::json> send_secrets(Session& session, std::string path, const SlotSecret& opener,
                                    const WipedText& fresh);

}  // namespace vrm::cli
