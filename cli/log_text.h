#pragma once
// What the log says in a person's own words: a kind, and why something happened or was refused. The
// JSON of `vrm log` keeps the codes of docs/formats/journal.md.

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "cli/screen.h"
#include "vault/base/result.h"

namespace vrm::cli {

// "failed unlock"; the code itself when it is of a newer daemon.
std::string kind_text(const Screen& screen, const nlohmann::json& record);

// "2 wrong tries", "version 3", "not in the grant". "" when the record has no reason.
std::string reason_text(const Screen& screen, const nlohmann::json& record);

// The code of a kind as it was typed: in either language, with blanks or dashes between its words,
// or the code. Malformed: there is no such kind; those that are stand in the refusal.
Result<std::string> kind_from(const Screen& screen, const std::string& typed);

// The log as a terminal shows it: nothing is cut, what is too wide goes on below in its column.
void show_log_table(Screen& screen, const nlohmann::json& log);

}  // namespace vrm::cli
