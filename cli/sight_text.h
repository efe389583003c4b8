#pragma once
// How it is shown what brands can see.

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "cli/screen.h"
#include "cli/table.h"

namespace vrm::cli {

// "delivery, service itself": the purposes of an item; what is under one that stands by its word alone is open as well.
std::string open_for_text(const Screen& screen, const nlohmann::json& item);
// "until 23 Dec", with the hour and the times of day where there are some.
std::string open_when_text(const Screen& screen, const nlohmann::json& item);
// "3", "3 after 2 more", or "" where reads are not limited.
std::string reads_left_text(const Screen& screen, const nlohmann::json& item);

// "age-by-claim (To check an age ...), never-sold": policies with their reasons.
std::string policies_text(const nlohmann::json& policies);

// Items as a table; each with its brand where they are of several.
Table table_of_sights(const Screen& screen, const nlohmann::json& items, bool with_brand);

// The member `changes` of a checked policy: what opens to which brand, and what closes.
void show_changes(Screen& screen, const nlohmann::json& document);
// Whether something opens, or it cannot be told.
bool may_open(const nlohmann::json& document);

// The member `lets_see` of a grant or an acceptance: what it lets the brand see, and nothing else.
void show_lets_see(Screen& screen, const nlohmann::json& document);

}  // namespace vrm::cli
