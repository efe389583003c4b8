#include "examples/shop/errands.h"

#include <algorithm>
#include <vector>

namespace vrm::shop {
namespace {

// What is to be done about one intent that takes offers, in that order.
class IntentErrands {
 public:
  IntentErrands(const IntentEntry& intent, const Ledger& ledger, const Character& character)
      : intent_(intent), character_(character) {
    for (const OfferEntry& offer : ledger.offers) {
      if (offer.issuer == intent.issuer && offer.iid == intent.iid) offers_.push_back(&offer);
    }
  }

  std::optional<Errand> next() const {
    if (!intent_.pass) return at(intent_.not_before, ErrandKind::FetchPass);
    if (!intent_.offered) return at(intent_.not_before, ErrandKind::MakeOffers);
    for (const OfferEntry* offer : offers_) {
      if (offer->unsent()) return at(intent_.not_before, ErrandKind::SendOffer, offer);
      if (offer->state == OfferState::Withdrawn && !offer->told) {
        return at(intent_.not_before, ErrandKind::SendWithdrawal, offer);
      }
    }
    if (character_.over_ask && !intent_.over_asked) {
      return at(intent_.not_before, ErrandKind::OverAsk);
    }
    return next_drop();
  }

 private:
  std::optional<Errand> next_drop() const {
    if (!character_.price_drop || !character_.price_drop->after) return std::nullopt;
    for (const OfferEntry* offer : offers_) {
      if (offer->state != OfferState::Live || offer->dropped) continue;
      const Instant due = offer->made_at + *character_.price_drop->after;
      return at(std::max(due, intent_.not_before), ErrandKind::DropPrice, offer);
    }
    return std::nullopt;
  }

  Errand at(Instant when, ErrandKind kind, const OfferEntry* offer = nullptr) const {
    return {when, kind, intent_.issuer, intent_.iid, offer == nullptr ? "" : offer->oid};
  }

  const IntentEntry& intent_;
  const Character& character_;
  std::vector<const OfferEntry*> offers_;
};

std::optional<Errand> errand_of_sale(const OfferEntry& offer) {
  if (offer.state != OfferState::Accepted || offer.acceptances.empty()) return std::nullopt;
  const Acceptance& acceptance = offer.acceptances.back();
  Errand errand{acceptance.not_before, ErrandKind::Acknowledge, offer.issuer, offer.iid, offer.oid};
  if (acceptance.state == AcceptanceState::Owed) return errand;
  errand.kind = ErrandKind::CollectGrants;
  const bool left = std::any_of(acceptance.grants.begin(), acceptance.grants.end(),
                                [](const GrantKey& grant) { return grant.outcome.empty(); });
  if (acceptance.state == AcceptanceState::Acknowledged && left) return errand;
  return std::nullopt;
}

void keep_earlier(std::optional<Errand>& first, const std::optional<Errand>& other) {
  if (other && (!first || other->at < first->at)) first = other;
}

}  // namespace

std::optional<Errand> next_errand(const Ledger& ledger, const Character& character, Instant now) {
  std::optional<Errand> first;
  for (const IntentEntry& intent : ledger.intents) {
    if (!intent.open || intent.until <= now) continue;
    keep_earlier(first, IntentErrands(intent, ledger, character).next());
  }
  for (const OfferEntry& offer : ledger.offers) keep_earlier(first, errand_of_sale(offer));
  return first;
}

}  // namespace vrm::shop
