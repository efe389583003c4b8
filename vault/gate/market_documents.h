#pragma once
// The owner's documents about intents, offers and acceptances (docs/api/owner.md) made of what the rooms hold.

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "vault/gate/feed.h"
#include "vault/gate/vault.h"
#include "vault/market/ranking.h"

namespace vrm::gate {

nlohmann::json money_document(const Money& money);

// How the intent stands, its latest acceptance taken into account.
market::IntentState state_of(const Rooms& rooms, const market::Intent& intent, Instant now);

// How an offer stands; Closed when its invitation is gone.
// Why an intent takes no acceptance and cannot be ended: Conflict, with words for how it stands.
Error not_open(const Rooms& rooms, const market::Intent& intent, Instant now);
market::OfferState state_of(const Rooms& rooms, const market::OfferFile& file, Instant now);

nlohmann::json intent_document(const Rooms& rooms, const market::Intent& intent, Instant now);

// All offers to an intent, compared. Corrupt: one cannot be read.
struct Comparing {
  market::Weights weights;
  market::Sort sort = market::Sort::Score;
  bool must_only = false;  // leave out what fails a must
};
Result<nlohmann::json> offers_document(const Rooms& rooms, const market::Intent& intent,
                                       const Comparing& comparing, const grants::Purposes& purposes,
                                       Instant now);

// One offer whole, with its revisions and the offer as it was signed. Corrupt.
Result<nlohmann::json> offer_document(const Rooms& rooms, const market::Intent& intent,
                                      const market::OfferFile& file,
                                      const grants::Purposes& purposes, Instant now);

nlohmann::json news_document(const News& news, std::string_view intent);

}  // namespace vrm::gate
