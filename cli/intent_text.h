#pragma once
// How intents are shown, and what a person sets on one.

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "cli/session.h"

namespace vrm::cli {

// "858.90 EUR"; "" when there is none.
std::string money_text(const nlohmann::json& money);
std::string money_at(const nlohmann::json& object, std::string_view name);

// "price 5, delivery 3", those that weigh anything.
std::string weights_text(const Screen& screen, const nlohmann::json& weights);

// {"price":5,"data":3} of what was typed in --weights, the names in either language.
// Malformed: no such shape.
Result<nlohmann::json> weights_from(const Session& session);

// How a brand stands to being told: "has it", "not reached yet, tried again at 14:32".
std::string delivery_text(const Screen& screen, const nlohmann::json& brand);
// What came of it: "2 offers", "nothing to offer", "told, no answer so far", or how it stands to being told.
std::string answer_text(const Screen& screen, const nlohmann::json& brand);
// The brands that have no offer to choose, by why that is: the gaps of `answer.of`.
std::vector<Gaps> silences(const Screen& screen, const nlohmann::json& intent);

// What brands hear of an intent, and what of it stays here. Says of a limit and a day that there is none.
void show_wish(Screen& screen, const nlohmann::json& intent);
// The first few of many, and how many more.
std::string few_of(const Screen& screen, const std::vector<std::string>& names);

// "mountain bike" between quotes.
std::string quoted_text(const Screen& screen, const nlohmann::json& intent);

void show_intent(Screen& screen, const nlohmann::json& intent);

}  // namespace vrm::cli
