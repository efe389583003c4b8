#pragma once
// The offers of an intent as a table, and what changed between two of them.

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "cli/screen.h"

namespace vrm::cli {

// Ids that differ in what is left of them; at least four letters behind the kind's.
std::vector<std::string> short_ids(const std::vector<std::string>& ids);

// "price too dear", "frame not said", of every must that an offer fails.
std::string failures_text(const Screen& screen, const nlohmann::json& offer);

// "84", or "-" of an offer that is not ranked.
std::string score_text(const nlohmann::json& offer);

// What is wanted and what came; on a terminal with a heading, the best first, those that fail a must
// or are over below. REQUIRES: there are offers, or stdout is a terminal.
void show_offers(Screen& screen, const nlohmann::json& intent, const nlohmann::json& offers);

struct OfferChange {
  std::string kind;  // offer_made, offer_revised, offer_gone or offer_{state}
  const nlohmann::json* offer;
};
// From one vrm.offers/1 to another; the pointers live as long as both.
std::vector<OfferChange> changes_between(const nlohmann::json& before, const nlohmann::json& after);

}  // namespace vrm::cli
