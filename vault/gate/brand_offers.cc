// BrandDesk: offers. token and proof -> invitation -> the signed offer -> one transaction that keeps it, or refuses it.

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "vault/base/json.h"
#include "vault/gate/brand_desk.h"
#include "vault/market/messages.h"
#include "vault/market/offer.h"

namespace vrm::gate {

namespace {

Refused not_found() {
  return {BrandError::NotFound};
}

// A brand hears of a decline as of any other end.
std::string_view word_for_brand(const market::OfferEntry& entry, Instant now) {
  const auto state = market::state_of(entry, now);
  return state == market::OfferState::Declined ? market::to_string(market::OfferState::Closed)
                                               : market::to_string(state);
}

std::string offer_answer(const market::OfferEntry& entry, Instant now) {
  return write_json(
      {{"offer", entry.oid}, {"rev", entry.rev}, {"state", word_for_brand(entry, now)}});
}

std::optional<Refused> refusal_of(market::Taking taking) {
  switch (taking) {
    case market::Taking::New:
    case market::Taking::Revised:
    case market::Taking::Same:
      return std::nullopt;
    case market::Taking::Stale:
      return Refused{BrandError::StaleRevision,
                     "this revision or a later one is known, or the offer is over: a higher `rev`, "
                     "or another name"};
    case market::Taking::TooMany:
      return Refused{BrandError::TooManyOffers, "withdraw one first"};
    case market::Taking::Closed:
      return Refused{BrandError::IntentClosed, "no more offers"};
    case market::Taking::Accepted:
      return Refused{BrandError::OfferAccepted, "it was accepted as it stands"};
  }
  return not_found();
}

// What changes in an invitation when `offer` is taken as `digest`.
market::OfferEntry& entry_for_offer(market::Invitation& invitation, const market::Offer& offer,
                                    std::string digest, Random& random) {
  auto found = std::find_if(invitation.offers.begin(), invitation.offers.end(),
                            [&](const market::OfferEntry& each) { return each.oid == offer.oid; });
  if (found == invitation.offers.end())
    found = invitation.offers.insert(found, {.id = OfferId::make(random), .oid = offer.oid});
  market::OfferEntry& entry = *found;
  entry.rev = offer.rev;
  entry.sha256 = std::move(digest);
  entry.stored = market::OfferState::Live;
  entry.valid_until = offer.valid_until;
  return entry;
}

// Which data is wanted for what nothing is ever given for, so that accepting the offer would fail; "" for none.
std::string wrong_purpose(const market::Offer& offer, const grants::Purposes& purposes) {
  for (const auto& data : offer.required) {
    const auto* known = purposes.find(data.purpose);
    if (known == nullptr || !known->grantable)
      return "the `purpose` of " + data.field + " is unknown, or never granted; there is " +
             purposes.words();
  }
  return "";
}

bool has_standing_offer(const market::Invitation& invitation, Instant now) {
  return std::any_of(
      invitation.offers.begin(), invitation.offers.end(), [now](const market::OfferEntry& each) {
        const auto state = market::state_of(each, now);
        return state == market::OfferState::Live || state == market::OfferState::Accepted;
      });
}

// The contents: under the intent's key when it is here, else sealed to the inbox.
Result<void> keep_contents(store::Txn& txn, Rooms& rooms, const market::Invitation& invitation,
                           const market::OfferEntry& entry, std::string jws, Instant now,
                           Random& random) {
  market::OfferFile came{.id = entry.id,
                         .intent = invitation.intent,
                         .iid = invitation.iid,
                         .brand = invitation.brand,
                         .oid = entry.oid};
  came.revisions.push_back({.rev = entry.rev, .received_at = now, .jws = std::move(jws)});
  const auto intent = rooms.intents.find(invitation.intent);
  if (intent != nullptr)
    return market::file_offer(txn, rooms.offers, std::move(came), intent->key, random);
  market::InboxItem item = market::seal_offer(rooms.inbox_reader, came);
  item.key = invitation.key;
  TRY(rooms.inbox.add(txn, std::move(item), random));
  return {};
}

}  // namespace

// One change on its way through the writer: it is made, or refused with nothing changed, and recorded either way.
struct BrandDesk::Step {
  journal::Entry entry;
  std::function<Result<Outcome<std::string>>(store::Txn&, journal::Entry&)> run;
  Outcome<std::string> outcome = Refused{};
};

std::optional<BrandDesk::Invited> BrandDesk::invited(std::string_view vid, const OfferCall& call,
                                                     const Proved& proved, journal::Kind kind,
                                                     const Later<std::string>& later) {
  auto found = holder(vid, call.token, proved);
  if (const auto* refused = std::get_if<Refused>(&found)) {
    refuse_stranger(*refused, later);
    return std::nullopt;
  }
  auto& [caller, token] = std::get<Holder>(found);
  journal::Entry entry = entry_for(caller, kind, journal::Outcome::Refused);
  if (!rate_.take(caller.brand->handle)) {
    refuse_party(caller, std::move(entry), {BrandError::RateLimited, "too many calls", 60}, later);
    return std::nullopt;
  }
  const auto invitation = caller.rooms->invitations.find(call.iid);
  // Another brand's intent, another token's and one that never was look alike.
  if (invitation == nullptr || invitation->brand != caller.brand->handle ||
      token->token.grant_id != call.iid || caller.rooms->tickets.has_ended(call.iid) ||
      caller.brand->standing != brands::Standing::Known) {
    refuse_party(caller, std::move(entry), not_found(), later);
    return std::nullopt;
  }
  return Invited{std::move(caller), invitation};
}

void BrandDesk::take_step(const Invited& invited, std::shared_ptr<Step> step,
                          const Later<std::string>& later) {
  Rooms& rooms = *invited.caller.rooms;
  store::Job job = [step, &rooms](store::Txn& txn) -> Result<void> {
    step->outcome = TRY(step->run(txn, step->entry));
    const auto* refused = std::get_if<Refused>(&step->outcome);
    step->entry.outcome = refused == nullptr ? journal::Outcome::Done : journal::Outcome::Refused;
    if (refused != nullptr) step->entry.reason = to_string(refused->error);
    TRY(journal::append(txn, *rooms.store, step->entry));
    return {};
  };
  enqueue(std::move(job), [step, later](Result<void> kept) {
    const bool durable = kept.ok();
    later([step, durable]() -> Outcome<std::string> {
      if (!durable) return Refused{BrandError::TemporarilyUnavailable, "try again", 5};
      return step->outcome;
    });
  });
}

void BrandDesk::show_intent(std::string_view vid, const OfferCall& call, const Proved& proved,
                            const Later<std::string>& later) {
  const auto found = invited(vid, call, proved, journal::Kind::OfferReceived, later);
  if (!found) return;
  const auto& invitation = *found->invitation;
  const Instant now = found->caller.now;
  nlohmann::json offers = nlohmann::json::array();
  for (const auto& entry : invitation.offers)
    offers.push_back(
        {{"offer", entry.oid}, {"rev", entry.rev}, {"state", word_for_brand(entry, now)}});
  const std::string answer =
      write_json({{"intent", invitation.iid},
                  {"state", invitation.takes_offers(now) ? "open" : "closed"},
                  {"offers_until", to_rfc3339({invitation.offers_until.seconds() * 1000})},
                  {"no_offer", invitation.passes},
                  {"offers", std::move(offers)}});
  later([answer]() -> Outcome<std::string> { return answer; });
}

void BrandDesk::put_offer(std::string_view vid, const OfferCall& call, const Proved& proved,
                          const Later<std::string>& later) {
  const auto found = invited(vid, call, proved, journal::Kind::OfferReceived, later);
  if (!found) return;
  const Caller& caller = found->caller;
  journal::Entry entry = entry_for(caller, journal::Kind::OfferReceived, journal::Outcome::Refused);
  const auto offer = market::take_offer(call.body, caller.issuer->brand_keys,
                                        {.client_id = caller.brand->client_id,
                                         .issuer = caller.issuer->url,
                                         .intent = call.iid,
                                         .oid = call.oid,
                                         .currency = found->invitation->currency,
                                         .now = caller.now});
  if (!offer.ok())
    return refuse_party(caller, std::move(entry), {BrandError::InvalidOffer, offer.error().message},
                        later);
  if (auto wrong = wrong_purpose(offer.value(), vault_.knowledge().purposes); !wrong.empty())
    return refuse_party(caller, std::move(entry), {BrandError::InvalidOffer, std::move(wrong)},
                        later);
  auto step = std::make_shared<Step>(Step{.entry = std::move(entry), .run = {}});
  step->run = [this, rooms = caller.rooms, iid = call.iid, jws = call.body, offer = offer.value(),
               now = caller.now](store::Txn& txn,
                                 journal::Entry& noted) -> Result<Outcome<std::string>> {
    const auto invitation = rooms->invitations.find(iid);
    if (invitation == nullptr) return Outcome<std::string>(not_found());
    std::string digest = market::sha256_of(jws);
    const auto taking = market::taking(*invitation, offer.oid, offer.rev, digest, now);
    if (auto refused = refusal_of(taking)) return Outcome<std::string>(std::move(*refused));
    if (taking == market::Taking::Same)
      return Outcome<std::string>(offer_answer(*invitation->find(offer.oid), now));
    market::Invitation next = *invitation;
    Random& random = vault_.means().random;
    const market::OfferEntry taken = entry_for_offer(next, offer, std::move(digest), random);
    next.passes = false;
    TRY(keep_contents(txn, *rooms, *invitation, taken, jws, now, random));
    TRY(rooms->invitations.put(txn, std::move(next)));
    noted.reason = taken.id.text;
    deals_.tell_after(txn, taking == market::Taking::New ? "offer_made" : "offer_revised",
                      invitation->intent, taken.id.text, invitation->brand);
    return Outcome<std::string>(offer_answer(taken, now));
  };
  take_step(*found, std::move(step), later);
}

void BrandDesk::withdraw_offer(std::string_view vid, const OfferCall& call, const Proved& proved,
                               const Later<std::string>& later) {
  const auto found = invited(vid, call, proved, journal::Kind::OfferWithdrawn, later);
  if (!found) return;
  const Caller& caller = found->caller;
  auto step = std::make_shared<Step>(
      Step{.entry = entry_for(caller, journal::Kind::OfferWithdrawn, journal::Outcome::Refused),
           .run = {}});
  step->run = [this, rooms = caller.rooms, iid = call.iid, oid = call.oid, now = caller.now](
                  store::Txn& txn, journal::Entry& noted) -> Result<Outcome<std::string>> {
    const auto invitation = rooms->invitations.find(iid);
    if (invitation == nullptr || invitation->find(oid) == nullptr)
      return Outcome<std::string>(not_found());
    market::Invitation next = *invitation;
    const auto entry = std::find_if(next.offers.begin(), next.offers.end(),
                                    [&](const auto& each) { return each.oid == oid; });
    noted.reason = entry->id.text;
    const auto state = market::state_of(*entry, now);
    if (state == market::OfferState::Withdrawn)
      return Outcome<std::string>(offer_answer(*entry, now));
    const auto after = market::next(state, market::OfferEvent::Withdraw);
    if (!after)
      return Outcome<std::string>(state == market::OfferState::Accepted
                                      ? Refused{BrandError::OfferAccepted, "it was accepted"}
                                      : Refused{BrandError::IntentClosed, "it ended already"});
    entry->stored = *after;
    const market::OfferEntry withdrawn = *entry;
    TRY(rooms->invitations.put(txn, std::move(next)));
    deals_.tell_after(txn, "offer_withdrawn", invitation->intent, withdrawn.id.text,
                      invitation->brand);
    return Outcome<std::string>(offer_answer(withdrawn, now));
  };
  take_step(*found, std::move(step), later);
}

void BrandDesk::pass_intent(std::string_view vid, const OfferCall& call, const Proved& proved,
                            const Later<std::string>& later) {
  const auto found = invited(vid, call, proved, journal::Kind::NothingOffered, later);
  if (!found) return;
  const Caller& caller = found->caller;
  auto step = std::make_shared<Step>(
      Step{.entry = entry_for(caller, journal::Kind::NothingOffered, journal::Outcome::Refused),
           .run = {}});
  step->run = [this, rooms = caller.rooms, iid = call.iid, now = caller.now](
                  store::Txn& txn, journal::Entry& noted) -> Result<Outcome<std::string>> {
    const auto invitation = rooms->invitations.find(iid);
    if (invitation == nullptr) return Outcome<std::string>(not_found());
    if (!invitation->takes_offers(now))
      return Outcome<std::string>(Refused{BrandError::IntentClosed, "it ended already"});
    if (has_standing_offer(*invitation, now))
      return Outcome<std::string>(
          Refused{BrandError::InvalidRequest, "an offer of yours stands: withdraw it first"});
    noted.reason = invitation->intent;
    const std::string answer = write_json({{"intent", iid}, {"no_offer", true}});
    if (invitation->passes) return Outcome<std::string>(answer);
    market::Invitation next = *invitation;
    next.passes = true;
    TRY(rooms->invitations.put(txn, std::move(next)));
    deals_.tell_after(txn, "nothing_offered", invitation->intent, "", invitation->brand);
    return Outcome<std::string>(answer);
  };
  take_step(*found, std::move(step), later);
}

void BrandDesk::acknowledge(std::string_view vid, const OfferCall& call, const Proved& proved,
                            const Later<std::string>& later) {
  const auto found = invited(vid, call, proved, journal::Kind::AcceptanceAcknowledged, later);
  if (!found) return;
  const Caller& caller = found->caller;
  journal::Entry entry =
      entry_for(caller, journal::Kind::AcceptanceAcknowledged, journal::Outcome::Refused);
  const auto acceptance = caller.rooms->acceptances.latest_of(call.iid);
  if (acceptance == nullptr) return refuse_party(caller, std::move(entry), not_found(), later);
  const auto ended = [&] {
    refuse_party(caller, entry, {BrandError::AcceptanceEnded, "it does not wait any more"}, later);
  };
  if (acceptance->state == market::AcceptanceState::Cancelled || caller.now >= acceptance->until)
    return ended();
  const auto taken = market::take_acknowledgement(call.body, caller.issuer->brand_keys,
                                                  {.client_id = caller.brand->client_id,
                                                   .issuer = caller.issuer->url,
                                                   .acceptance = acceptance->jti,
                                                   .sha256 = acceptance->sha256,
                                                   .now = caller.now});
  if (!taken.ok())
    return refuse_party(caller, std::move(entry), {BrandError::InvalidOffer, taken.error().message},
                        later);
  const std::string answer = write_json({{"state", "acknowledged"}});
  if (acceptance->state == market::AcceptanceState::Acknowledged)
    return later([answer]() -> Outcome<std::string> { return answer; });
  auto* rooms = caller.rooms;
  store::Job job = [this, rooms, id = acceptance->id.text, order = taken.value().order](
                       store::Txn& txn) { return deals_.acknowledge(txn, *rooms, id, order); };
  enqueue(std::move(job), [this, caller, entry, answer, later](Result<void> kept) mutable {
    if (kept.ok()) return later([answer]() -> Outcome<std::string> { return answer; });
    if (kept.error().code == ErrorCode::Conflict) {
      refuse_party(caller, std::move(entry),
                   {BrandError::AcceptanceEnded, "it does not wait any more"}, later);
      return flush();
    }
    later([]() -> Outcome<std::string> {
      return Refused{BrandError::TemporarilyUnavailable, "try again", 5};
    });
  });
}

}  // namespace vrm::gate
