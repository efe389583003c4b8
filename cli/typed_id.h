#pragma once
// An id as a person types it.

#include <string>
#include <string_view>

#include "cli/session.h"

namespace vrm::cli {

// Ids in help and README end with an ellipsis; whoever copies it is told which ids there are.
// `list` is the path that lists them, "" when nothing does.
// Malformed (id.ellipsis, id.ellipsis_none): `typed` is such an id. Errors of the call.
Result<void> check_typed_id(Session& session, std::string_view typed, std::string_view list);

// The same of an offer, whose ids stand in `vrm offers`.
Result<void> check_typed_offer(std::string_view typed);

}  // namespace vrm::cli
