#pragma once
// Recovery words on paper, and what the commands that change keys look at before they ask for a secret.

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "cli/file.h"
#include "cli/session.h"

namespace vrm::cli {

// The status of a vault that is open; the daemon refuses the same. NotFound, Locked, Denied: it is not.
Result<nlohmann::json> open_vault(Session& session);
bool has_words(const nlohmann::json& status);

// Where the sheet goes: a file made before anything is asked (--output), or stdout (-1). Malformed (recovery.no_paper):
// stdout is no terminal, and nobody said --print. Conflict, Io: the file.
Result<File> sheet_file(Session& session);
// Io.
Result<void> write_sheet(Session& session, const File& file, const nlohmann::json& words,
                         const std::string& folder);
void wipe_words(nlohmann::json& answer);

}  // namespace vrm::cli
