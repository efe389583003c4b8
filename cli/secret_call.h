#pragma once
// Calls whose body is a secret, or two.

#include <functional>
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

using AsksOpener = std::function<Result<SlotSecret>()>;
using SendsOpener = std::function<Result<nlohmann::json>(const SlotSecret&)>;

// What `send` answers to what `ask` gives. One that a person typed and that does not open it (BadKey)
// is asked for again, kMostTries times in all; those tries are left out of the `wrong_keys` of the status answered.
Result<nlohmann::json> until_it_opens(Session& session, const AsksOpener& ask,
                                      const SendsOpener& send);

}  // namespace vrm::cli
