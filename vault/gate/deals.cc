#include "vault/gate/deals.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "vault/market/messages.h"

namespace vrm::gate {

namespace {

constexpr Duration kWordLife = std::chrono::hours(24 * 3);
constexpr std::string_view kJwt = "application/jwt";
constexpr std::string_view kOfIntent = "intent:";
constexpr std::string_view kOfAcceptance = "acceptance:";

brands::Message message_of(const brands::Outgoing& waiting) {
  return {.id = waiting.id,
          .url = waiting.url,
          .content_type = waiting.content_type,
          .body = waiting.body,
          .attempts = static_cast<int>(waiting.attempts),
          .due = waiting.due};
}

market::Delivered delivered_by(brands::Step step) {
  switch (step) {
    case brands::Step::Sent:
      return market::Delivered::Sent;
    case brands::Step::Retrying:
      return market::Delivered::Retrying;
    case brands::Step::Dead:
    case brands::Step::Withdrawn:
      return market::Delivered::Dead;
  }
  return market::Delivered::Dead;
}

journal::Entry entry_of(const market::Acceptance& acceptance, journal::Kind kind, Instant at) {
  return {.at = at,
          .kind = kind,
          .outcome = journal::Outcome::Done,
          .brand_key = acceptance.key,
          .brand = acceptance.brand,
          .grant = acceptance.grants.empty() ? "" : acceptance.grants.front(),
          .reason = acceptance.offer};
}

// The entry of the offer `oid` moved along `event`; false when there is no such arrow.
bool move_offer(market::Invitation& invitation, std::string_view oid, market::OfferEvent event,
                Instant now) {
  for (auto& entry : invitation.offers) {
    if (entry.oid != oid) continue;
    const auto next = market::next(market::state_of(entry, now), event);
    if (!next) return false;
    entry.stored = *next;
    return true;
  }
  return false;
}

}  // namespace

Deals::Deals(Vault& vault, Feed& feed) : vault_(vault), feed_(feed) {
  vault_.means().web.listen(this);
}

Deals::~Deals() {
  vault_.means().web.listen(nullptr);
  // Work handed to the writer refers to this object: it is let through first, whatever becomes of it.
  if (auto* rooms = vault_.rooms(); rooms != nullptr)
    static_cast<void>(rooms->store->run([](store::Txn&) -> Result<void> { return {}; }).ok());
}

void Deals::tell_after(store::Txn& txn, std::string kind, std::string intent, std::string offer,
                       std::string brand) const {
  txn.on_commit([this, kind = std::move(kind), intent = std::move(intent), offer = std::move(offer),
                 brand = std::move(brand)] { feed_.tell(kind, intent, offer, brand); });
}

Result<void> Deals::post(store::Txn& txn, Rooms& rooms, brands::Outgoing message) const {
  std::vector<brands::Outgoing> one;
  one.push_back(std::move(message));
  return post_all(txn, rooms, std::move(one));
}

Result<void> Deals::post_all(store::Txn& txn, Rooms& rooms,
                             std::vector<brands::Outgoing> messages) const {
  std::vector<brands::OutgoingPtr> kept;
  for (auto& message : messages) {
    auto added = TRY(rooms.outbox.add(txn, std::move(message), vault_.means().random));
    kept.push_back(std::move(added));
  }
  txn.on_commit([this, kept = std::move(kept)] {
    std::vector<brands::Message> leaving;
    for (const auto& message : kept) leaving.push_back(message_of(*message));
    vault_.means().web.deliver(std::move(leaving));
  });
  return {};
}

Result<void> Deals::drop_messages(store::Txn& txn, Rooms& rooms, const store::KeyId& brand) const {
  for (const auto& waiting : rooms.outbox.all()) {
    if (waiting->key != brand) continue;
    txn.on_commit([this, id = waiting->id] { vault_.means().web.cancel(id); });
  }
  return rooms.outbox.forget(txn, brand);
}

Result<void> Deals::drop_demand(store::Txn& txn, Rooms& rooms, std::string_view iid) const {
  const std::string about = std::string(kOfIntent) + std::string(iid);
  for (const auto& waiting : rooms.outbox.all()) {
    if (waiting->about != about) continue;
    TRY(rooms.outbox.erase(txn, waiting->id));
    txn.on_commit([this, id = waiting->id] { vault_.means().web.cancel(id); });
  }
  return {};
}

void Deals::resume() {
  auto* rooms = vault_.rooms();
  if (rooms == nullptr) return;
  std::vector<brands::Message> messages;
  for (const auto& waiting : rooms->outbox.all()) messages.push_back(message_of(*waiting));
  if (!messages.empty()) vault_.means().web.deliver(std::move(messages));
}

Result<void> Deals::close_invitations(store::Txn& txn, Rooms& rooms, std::string_view intent,
                                      std::string_view except) const {
  const Instant now = vault_.now();
  for (const auto& open : rooms.invitations.of_intent(intent)) {
    if (open->closed) continue;
    market::Invitation next = *open;
    next.closed = true;
    for (auto& entry : next.offers) {
      const auto after = market::next(market::state_of(entry, now), market::OfferEvent::IntentEnds);
      if (after) entry.stored = *after;
    }
    const auto brand = rooms.brands.find(open->brand);
    const auto issuer = rooms.issuers.of_brand(open->brand);
    TRY(rooms.invitations.put(txn, std::move(next)));
    const bool is_told = open->brand != except && brand != nullptr && issuer != nullptr &&
                         open->delivered != market::Delivered::Dead;
    if (!is_told) continue;
    brands::Outgoing close{.brand = open->brand,
                           .url = open->url,
                           .content_type = std::string(kJwt),
                           .due = now,
                           .given_up_at = now + kWordLife,
                           .key = open->key};
    close.body = market::write_close(*issuer, *brand, new_unguessable_name(vault_.means().random),
                                     open->iid, now);
    TRY(post(txn, rooms, std::move(close)));
  }
  return {};
}

Result<void> Deals::acknowledge(store::Txn& txn, Rooms& rooms, std::string_view id,
                                std::string_view order) const {
  const auto acceptance = rooms.acceptances.find(id);
  if (acceptance == nullptr) return Error{ErrorCode::NotFound, "no such acceptance"};
  const Instant now = vault_.now();
  const auto after = market::next(acceptance->state, market::AcceptanceEvent::Acknowledge);
  if (!after || now >= acceptance->until)
    return Error{ErrorCode::Conflict, "the acceptance does not wait any more"};
  market::Acceptance next = *acceptance;
  next.state = *after;
  next.order = order;
  TRY(rooms.acceptances.put(txn, std::move(next)));
  for (const auto& grant : acceptance->grants) TRY(rooms.grants.release(txn, grant, now));
  TRY(close_invitations(txn, rooms, acceptance->intent, acceptance->brand));
  TRY(journal::append(txn, *rooms.store,
                      entry_of(*acceptance, journal::Kind::AcceptanceAcknowledged, now)));
  tell_after(txn, "acceptance_acknowledged", acceptance->intent, acceptance->offer,
             acceptance->brand);
  return {};
}

Result<void> Deals::fail(store::Txn& txn, Rooms& rooms, std::string_view id,
                         Failure failure) const {
  const auto acceptance = rooms.acceptances.find(id);
  if (acceptance == nullptr) return Error{ErrorCode::NotFound, "no such acceptance"};
  const Instant now = vault_.now();
  const auto after = market::next(acceptance->state, failure == Failure::Silent
                                                         ? market::AcceptanceEvent::TimePasses
                                                         : market::AcceptanceEvent::Refuse);
  if (!after) return Error{ErrorCode::Conflict, "the acceptance does not wait any more"};
  market::Acceptance next = *acceptance;
  next.state = *after;
  TRY(rooms.acceptances.put(txn, std::move(next)));
  for (const auto& grant : acceptance->grants) TRY(rooms.grants.revoke(txn, grant, now));
  if (const auto open = rooms.invitations.find(acceptance->iid); open != nullptr) {
    market::Invitation changed = *open;
    if (move_offer(changed, acceptance->oid, market::OfferEvent::AcceptanceFails, now) &&
        failure == Failure::Withdrawn)
      move_offer(changed, acceptance->oid, market::OfferEvent::Withdraw, now);
    TRY(rooms.invitations.put(txn, std::move(changed)));
  }
  const auto brand = rooms.brands.find(acceptance->brand);
  const auto issuer = rooms.issuers.of_brand(acceptance->brand);
  if (brand != nullptr && issuer != nullptr) {
    brands::Outgoing cancellation{.brand = acceptance->brand,
                                  .url = acceptance->url,
                                  .content_type = std::string(kJwt),
                                  .due = now,
                                  .given_up_at = now + kWordLife,
                                  .key = acceptance->key};
    cancellation.body =
        market::write_cancellation(*issuer, *brand, new_unguessable_name(vault_.means().random),
                                   acceptance->iid, acceptance->jti, now);
    TRY(post(txn, rooms, std::move(cancellation)));
  }
  TRY(journal::append(txn, *rooms.store,
                      entry_of(*acceptance, journal::Kind::AcceptanceCancelled, now)));
  tell_after(txn, "acceptance_cancelled", acceptance->intent, acceptance->offer, acceptance->brand);
  return {};
}

void Deals::moved(const brands::Moved& moved) {
  auto* rooms = vault_.rooms();
  if (rooms == nullptr) return;
  std::vector<store::Work> work;
  // Without its key (sealed meanwhile) the message stays in the outbox and is sent again after the next unlock.
  work.push_back({[this, rooms, moved](store::Txn& txn) { return settle(txn, *rooms, moved); },
                  [](Result<void>) {}});
  rooms->store->submit(std::move(work));
}

Result<void> Deals::settle(store::Txn& txn, Rooms& rooms, const brands::Moved& moved) const {
  const auto waiting = rooms.outbox.find(moved.id);
  if (waiting == nullptr) return {};
  if (moved.step == brands::Step::Retrying && moved.next < waiting->given_up_at) {
    brands::Outgoing next = *waiting;
    next.attempts = moved.attempts;
    next.due = moved.next;
    TRY(rooms.outbox.put(txn, std::move(next)));
  } else {
    TRY(rooms.outbox.erase(txn, moved.id));
    const std::string id = moved.id;
    if (moved.step == brands::Step::Retrying)
      txn.on_commit([this, id] { vault_.means().web.cancel(id); });
  }
  const std::string_view about = waiting->about;
  if (about.starts_with(kOfIntent))
    return intent_moved(txn, rooms, about.substr(kOfIntent.size()), moved);
  if (about.starts_with(kOfAcceptance))
    return acceptance_moved(txn, rooms, about.substr(kOfAcceptance.size()), moved);
  return {};
}

Result<void> Deals::intent_moved(store::Txn& txn, Rooms& rooms, std::string_view iid,
                                 const brands::Moved& moved) const {
  const auto invitation = rooms.invitations.find(iid);
  if (invitation == nullptr) return {};
  market::Invitation next = *invitation;
  next.delivered = delivered_by(moved.step);
  next.attempts = moved.attempts;
  TRY(rooms.invitations.put(txn, std::move(next)));
  const std::string kind = moved.step == brands::Step::Sent       ? "intent_sent"
                           : moved.step == brands::Step::Retrying ? "intent_retrying"
                                                                  : "intent_dead";
  tell_after(txn, kind, invitation->intent, "", invitation->brand);
  return {};
}

Result<void> Deals::acceptance_moved(store::Txn& txn, Rooms& rooms, std::string_view id,
                                     const brands::Moved& moved) const {
  const auto acceptance = rooms.acceptances.find(id);
  if (acceptance == nullptr || acceptance->state != market::AcceptanceState::Pending) return {};
  if (moved.step == brands::Step::Retrying) return {};
  if (moved.step != brands::Step::Sent)
    return fail(txn, rooms, id, moved.status == 409 ? Failure::Withdrawn : Failure::Undelivered);
  if (moved.status == 202) return {};  // it will acknowledge by itself, or its time will be over
  const auto issuer = rooms.issuers.of_brand(acceptance->brand);
  const auto brand = rooms.brands.find(acceptance->brand);
  if (issuer == nullptr || brand == nullptr) return {};
  const auto acknowledged = market::take_acknowledgement(moved.body, issuer->brand_keys,
                                                         {.client_id = brand->client_id,
                                                          .issuer = issuer->url,
                                                          .acceptance = acceptance->jti,
                                                          .sha256 = acceptance->sha256,
                                                          .now = vault_.now()});
  // What is no acknowledgement is silence: the brand may still send one until the time is over.
  if (!acknowledged.ok()) return {};
  return acknowledge(txn, rooms, id, acknowledged.value().order);
}

void Deals::tick() {
  const State state = vault_.state();
  if (state != State::Open && state != State::Serving) return;
  auto* rooms = vault_.rooms();
  const Instant now = vault_.now();
  std::vector<store::Work> work;
  for (const auto& pending : rooms->acceptances.pending()) {
    if (now < pending->until) continue;
    const std::string id = pending->id.text;
    work.push_back(
        {[this, rooms, id](store::Txn& txn) { return fail(txn, *rooms, id, Failure::Silent); },
         [](Result<void>) {}});
  }
  if (!work.empty()) rooms->store->submit(std::move(work));
}

}  // namespace vrm::gate
