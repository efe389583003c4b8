#pragma once
// Names of fields as a person types them, held against the catalogue and the vault: what is
// misspelt is asked about before it becomes a field of the owner's own.

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "cli/session.h"

namespace vrm::cli {

// A value that is not shown unasked.
inline constexpr std::string_view kMask = "••••••";

// The catalogue's entry of a name; null when it has none. It lives as long as `catalogue`.
const nlohmann::json* entry_of(const nlohmann::json& catalogue, std::string_view name);
bool is_sensitive(const nlohmann::json& catalogue, std::string_view name);

// Lets a name pass that the catalogue or the vault knows, and one that is near none. For another
// asks whether it is meant, unless --own or --yes says so. Malformed (input.own_name): nobody can be
// asked. Denied: the answer was no.
Result<void> check_names(Session& session, const nlohmann::json& catalogue,
                         const std::vector<std::string>& names);

// The names of what a grant gives: fields of the catalogue, of the owner's own, and documents, whose
// first word `document.` may be left out. For a name near one of them asks as check_names does.
// Malformed (grant.no_such_name): near none of them either, and neither --own nor --yes says that it
// is meant.
Result<std::vector<std::string>> granted_names(Session& session, const nlohmann::json& catalogue,
                                               const std::vector<std::string>& names);

// `failed`, or that the name is the beginning of several fields.
Error explained(Session& session, const std::string& name, Error failed);

// Why a list of the fields under `prefix` is empty, to stderr.
Result<void> explain_empty_list(Session& session, const std::string& prefix);

}  // namespace vrm::cli
