#include "examples/shop/intake.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "vault/base/ids.h"
#include "vault/base/text.h"
#include "vault/jose/jwt.h"

namespace vrm::shop {
namespace {

constexpr std::size_t kMostIntents = 500;

Error conflict(const char* why) {
  return {ErrorCode::Conflict, why};
}

Error unknown(const char* what) {
  return {ErrorCode::NotFound, std::string("no such ") + what + " is known here"};
}

// The answer to an acceptance that was heard before.
Result<Reply> as_before(const Acceptance& acceptance, std::string_view sha256) {
  if (acceptance.sha256 != sha256) return conflict("an acceptance of that name was heard already");
  switch (acceptance.state) {
    case AcceptanceState::Acknowledged:
      return Reply{200, acceptance.acknowledgement};
    case AcceptanceState::Owed:
    case AcceptanceState::Silent:
      return Reply{202};
    case AcceptanceState::Declined:
      return conflict("the offer was withdrawn");
    case AcceptanceState::Cancelled:
      return conflict("the acceptance was cancelled");
  }
  VRM_CHECK(false);
}

// The revision that was accepted. An older one is good only while the vault has taken no newer one.
Result<Revision> accepted_revision(const OfferEntry& offer, const AcceptMessage& message) {
  const auto found = std::find_if(offer.revisions.begin(), offer.revisions.end(),
                                  [&](const Revision& one) { return one.rev == message.rev; });
  if (found == offer.revisions.end() || found->sha256 != message.offer_sha256) {
    return Error{ErrorCode::Malformed, "what was accepted is not what we signed"};
  }
  const bool overtaken = std::any_of(found + 1, offer.revisions.end(),
                                     [](const Revision& later) { return later.taken; });
  if (overtaken) return conflict("a newer revision stands");
  return *found;
}

Result<void> check_open(const OfferEntry& offer, const Revision& revision, Instant now) {
  if (offer.state == OfferState::Accepted) return conflict("the offer is accepted already");
  if (offer.state == OfferState::Withdrawn) return conflict("the offer was withdrawn");
  if (offer.state != OfferState::Live) return conflict("the offer has ended");
  if (revision.valid_until + jose::kClockSkew < now) return conflict("the offer has expired");
  return {};
}

// What is no longer in the catalogue was promised all the same.
bool is_sold_out(const Character& character, const Ledger& ledger, std::string_view name) {
  for (const Product& product : character.catalogue) {
    if (product.name == name) return ledger.sold(name) >= product.stock;
  }
  return false;
}

std::string named(const OfferEntry& offer) {
  return offer.oid + " (" + printable(offer.product, 60) + ")";
}

}  // namespace

Result<Reply> Intake::take(std::string_view text) {
  const Message message =
      TRY(read_message(text, business_.client_id, business_.folder, business_.clock.now()));
  const std::string sha256 = sha256_of(text);
  if (const auto* intent = std::get_if<IntentMessage>(&message)) {
    return take_intent(*intent, sha256);
  }
  if (const auto* accepted = std::get_if<AcceptMessage>(&message)) {
    return take_acceptance(*accepted, sha256);
  }
  if (const auto* closed = std::get_if<CloseMessage>(&message)) return take_close(*closed);
  return take_cancellation(std::get<CancelMessage>(message));
}

Result<Reply> Intake::take_intent(const IntentMessage& message, std::string_view sha256) {
  const Instant now = business_.clock.now();
  bool fresh = false;
  TRY(business_.book().change([&](Ledger& ledger) -> Result<void> {
    if (const IntentEntry* known = ledger.find_intent(message.issuer, message.iid)) {
      if (known->sha256 != sha256) return conflict("an intent of that name was heard already");
      return {};
    }
    ledger.forget_old(now);
    if (ledger.intents.size() >= kMostIntents) {
      return Error{ErrorCode::Unavailable, "more intents than we can answer"};
    }
    IntentEntry entry;
    entry.issuer = message.issuer;
    entry.iid = message.iid;
    entry.auth_req_id = message.auth_req_id;
    entry.interval_s = message.interval_s;
    entry.until = message.until;
    entry.sha256 = sha256;
    entry.demand = message.demand_text;
    entry.not_before = now + business_.character.answer_after;
    ledger.intents.push_back(std::move(entry));
    fresh = true;
    return {};
  }));
  if (fresh) business_.say("a customer wants: " + message.demand.in_words());
  return Reply{204};
}

Result<Reply> Intake::take_acceptance(const AcceptMessage& message, std::string_view sha256) {
  // A refusal is written down too, so the work on the book gives none itself.
  Result<Reply> reply = Reply{};
  TRY(business_.book().change([&](Ledger& ledger) -> Result<void> {
    reply = accept(message, sha256, ledger);
    return {};
  }));
  return reply;
}

Result<Reply> Intake::accept(const AcceptMessage& message, std::string_view sha256,
                             Ledger& ledger) {
  OfferEntry* offer = ledger.find_offer(message.issuer, message.iid, message.oid);
  if (offer == nullptr) return unknown("offer");
  for (const Acceptance& one : offer->acceptances) {
    if (one.jti == message.jti) return as_before(one, sha256);
  }
  const Revision revision = TRY(accepted_revision(*offer, message));
  Acceptance acceptance;
  acceptance.jti = message.jti;
  acceptance.sha256 = sha256;
  acceptance.until = message.until;
  for (const std::string& auth_req_id : message.grants) {
    acceptance.grants.push_back({auth_req_id, ""});
  }
  Result<void> open = check_open(*offer, revision, business_.clock.now());
  if (open.ok() && is_sold_out(business_.character, ledger, offer->product)) {
    offer->state = OfferState::Withdrawn;
    open = conflict("it is sold out");
  }
  if (business_.character.acknowledge == Acknowledge::Withdrawn && open.ok()) {
    offer->state = OfferState::Withdrawn;
    open = conflict("the offer was withdrawn");
  }
  if (!open.ok()) {
    business_.say("declined an acceptance of " + named(*offer) + ": " + open.error().message);
    acceptance.state = AcceptanceState::Declined;
    offer->acceptances.insert(offer->acceptances.begin(), std::move(acceptance));
    return open.error();
  }
  return settle(message, *offer, std::move(acceptance));
}

Reply Intake::settle(const AcceptMessage& message, OfferEntry& offer, Acceptance acceptance) {
  const Instant now = business_.clock.now();
  Reply reply{202};
  acceptance.order = new_id(business_.random, "or");
  offer.state = OfferState::Accepted;
  switch (business_.character.acknowledge) {
    case Acknowledge::Never:
      acceptance.state = AcceptanceState::Silent;
      business_.say("accepted: " + named(offer) + "; we keep silent");
      break;
    case Acknowledge::Later:
      acceptance.state = AcceptanceState::Owed;
      acceptance.not_before = now + business_.character.acknowledge_after;
      business_.say("accepted: " + named(offer) + "; the acknowledgement follows");
      break;
    case Acknowledge::AtOnce:
    case Acknowledge::Withdrawn:
      acceptance.state = AcceptanceState::Acknowledged;
      acceptance.not_before = now + kBeforeCollecting;
      acceptance.acknowledgement = write_acknowledgement(
          business_.with(message.issuer),
          {acceptance.jti, acceptance.sha256, acceptance.order, now, acceptance.until},
          business_.random);
      reply = {200, acceptance.acknowledgement};
      business_.say("accepted: " + named(offer) + ", order " + acceptance.order);
      break;
  }
  offer.acceptances.push_back(std::move(acceptance));
  return reply;
}

Result<Reply> Intake::take_close(const CloseMessage& message) {
  bool was_open = false;
  TRY(business_.book().change([&](Ledger& ledger) -> Result<void> {
    IntentEntry* intent = ledger.find_intent(message.issuer, message.iid);
    if (intent == nullptr) return unknown("intent");
    was_open = std::exchange(intent->open, false);
    for (OfferEntry& offer : ledger.offers) {
      const bool ours = offer.issuer == message.issuer && offer.iid == message.iid;
      if (ours && offer.state == OfferState::Live) offer.state = OfferState::Closed;
    }
    return {};
  }));
  if (was_open) business_.say("closed: this customer takes no more offers");
  return Reply{204};
}

Result<Reply> Intake::take_cancellation(const CancelMessage& message) {
  std::string which;
  TRY(business_.book().change([&](Ledger& ledger) -> Result<void> {
    for (OfferEntry& offer : ledger.offers) {
      if (offer.issuer != message.issuer || offer.iid != message.iid) continue;
      for (Acceptance& one : offer.acceptances) {
        if (one.jti != message.acceptance) continue;
        if (one.state == AcceptanceState::Cancelled) return {};
        const bool held = one.state != AcceptanceState::Declined;
        one.state = AcceptanceState::Cancelled;
        if (held && offer.state == OfferState::Accepted) offer.state = OfferState::Live;
        which = named(offer);
        return {};
      }
    }
    return unknown("acceptance");
  }));
  if (!which.empty()) business_.say("cancelled: " + which + " is not sold after all");
  return Reply{204};
}

}  // namespace vrm::shop
