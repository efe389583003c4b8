// OwnerDesk: what is over is erased, by the owner's word or by itself after a time.
//
// A grant that ended keeps its row, which refuses, until every access token that names it has run out; its refresh
// tokens are erased with it. After that a token that names it could only be refused as unknown. An intent has a data
// key of its own: with the key goes what was wanted, the real limit and all offers. A word to brands that it is
// closed still leaves. A request that no grant answers lies under its brand's key, and only its row goes.

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "vault/gate/market_documents.h"
#include "vault/gate/owner_desk.h"
#include "vault/jose/access_token.h"

namespace vrm::gate {

using nlohmann::json;

namespace {

// The latest token lives kMostTokenLife; the rest is for clocks that differ.
constexpr Duration kTokensSurelyOver = std::chrono::hours(1);
static_assert(kTokensSurelyOver > 2 * jose::kMostTokenLife);
// A brand's requests of a day are counted.
constexpr Duration kCountedFor = std::chrono::hours(24);

// The grants that an acceptance made which waits for its brand: it still speaks of them.
using Awaited = std::set<std::string, std::less<>>;
Awaited awaited_in(const Rooms& rooms) {
  Awaited awaited;
  for (const auto& pending : rooms.acceptances.pending())
    awaited.insert(pending->grants.begin(), pending->grants.end());
  return awaited;
}

// Since when the grant is good for nothing. Nothing: it has not ended.
std::optional<Instant> ended_at(const Awaited& awaited, const grants::Grant& grant, Instant now) {
  if (awaited.contains(grant.id.text)) return std::nullopt;
  switch (grant.condition(now)) {
    case grants::Condition::Revoked:
    case grants::Condition::GivenBack:
      return grant.revoked_at.value_or(grant.expires_at);
    case grants::Condition::Unused:
      return grant.unused_at.value_or(grant.expires_at);
    case grants::Condition::Expired:
      return grant.expires_at;
    case grants::Condition::Spent:
      return std::min(grant.last_read_at.value_or(grant.expires_at), grant.expires_at);
    case grants::Condition::Waiting:
    case grants::Condition::Active:
    case grants::Condition::Held:
    case grants::Condition::Suspended:
    case grants::Condition::
        OrderEnded:  // of its record nothing tells when; it has its own time besides
      return std::nullopt;
  }
  return std::nullopt;
}

// The same of an intent, whose time to take offers is told to brands and bounds all that is not accepted.
std::optional<Instant> ended_at(const Rooms& rooms, const market::Intent& intent, Instant now) {
  const auto state = state_of(rooms, intent, now);
  if (state == market::IntentState::Open || state == market::IntentState::Accepting)
    return std::nullopt;
  Instant ended = intent.told.offers_until;
  const auto acceptance = rooms.acceptances.find(intent.acceptance);
  if (acceptance == nullptr) return ended;
  ended.ms = std::max(ended.ms, acceptance->until.ms);
  for (const auto& id : acceptance->grants) {
    const auto grant = rooms.grants.find(id);
    if (grant == nullptr) continue;
    const auto over = ended_at(Awaited(), *grant, now);
    if (!over) return std::nullopt;
    ended.ms = std::max(ended.ms, over->ms);
  }
  return ended;
}

// The same of a request. A denial ends when its silence would have: a brand cannot tell them apart, in this neither. One
// that was approved goes with its grant.
std::optional<Instant> ended_at(const grants::AccessRequest& request, Instant now) {
  switch (request.condition(now)) {
    case grants::RequestCondition::Denied:
    case grants::RequestCondition::Lapsed:
      return std::max(request.lapses_at, request.received_at + kCountedFor);
    case grants::RequestCondition::Pending:
    case grants::RequestCondition::Approved:
      return std::nullopt;
  }
  return std::nullopt;
}

// Denied: its time has not come.
Result<void> check_erasable(const Rooms& rooms, const grants::Grant& grant, Instant now) {
  const std::string& id = grant.id.text;
  const auto ended = ended_at(awaited_in(rooms), grant, now);
  if (!ended) return refusal(ErrorCode::Denied, "erase.grant_lives", {{"grant", id}});
  const Instant erasable = *ended + kTokensSurelyOver;
  if (now >= erasable) return {};
  return refusal(ErrorCode::Denied, "erase.tokens_live",
                 {{"grant", id}, {"erasable_at", to_rfc3339({erasable.seconds() * 1000})}});
}

Result<void> check_erasable(const Rooms& rooms, const market::Intent& intent, Instant now) {
  if (ended_at(rooms, intent, now)) return {};
  return refusal(ErrorCode::Denied, "erase.intent_lives", {{"intent", intent.id.text}});
}

json erased(std::string_view id, std::string_view what) {
  return {{"schema", "vrm.erased/1"}, {"id", id}, {"what", what}};
}

}  // namespace

Result<void> OwnerDesk::erase(store::Txn& txn, Rooms& rooms, const grants::Grant& grant) const {
  TRY(rooms.tickets.forget_target(txn, grant.id.text));
  if (rooms.requests.find(grant.request) != nullptr) {
    TRY(rooms.tickets.forget_target(txn, grant.request));
    TRY(rooms.requests.erase(txn, grant.request));
  }
  TRY(rooms.grants.erase(txn, grant.id.text));
  const journal::Entry entry{.at = vault_.now(),
                             .kind = journal::Kind::GrantErased,
                             .brand_key = grant.key,
                             .brand = grant.brand,
                             .grant = grant.id.text};
  TRY(journal::append(txn, *rooms.store, entry));
  return {};
}

Result<void> OwnerDesk::erase(store::Txn& txn, Rooms& rooms, const market::Intent& intent) const {
  const std::string id = intent.id.text;
  for (const auto& invitation : rooms.invitations.of_intent(id)) {
    TRY(rooms.tickets.forget_target(txn, invitation->iid));
    TRY(deals_.drop_demand(txn, rooms, invitation->iid));
  }
  TRY(rooms.invitations.forget_intent(txn, id));
  TRY(rooms.acceptances.forget_intent(txn, id));
  TRY(rooms.offers.forget_intent(txn, id));
  TRY(rooms.intents.erase(txn, id));
  TRY(txn.destroy_key(intent.key));
  const journal::Entry entry{.at = vault_.now(), .kind = journal::Kind::IntentErased, .reason = id};
  TRY(journal::append(txn, *rooms.store, entry));
  return {};
}

Result<void> OwnerDesk::erase(store::Txn& txn, Rooms& rooms,
                              const grants::AccessRequest& request) const {
  TRY(rooms.tickets.forget_target(txn, request.id.text));
  TRY(rooms.requests.erase(txn, request.id.text));
  const journal::Entry entry{.at = vault_.now(),
                             .kind = journal::Kind::RequestErased,
                             .brand_key = request.key,
                             .brand = request.brand};
  TRY(journal::append(txn, *rooms.store, entry));
  return {};
}

Result<json> OwnerDesk::erase_grant(std::string_view typed, Erasing erasing) {
  auto* rooms = TRY(vault_.changeable_rooms());
  const auto named = TRY(rooms->grants.find_typed(typed));
  const std::string id = named->id.text;
  TRY(check_erasable(*rooms, *named, vault_.now()));
  const auto job = [&](store::Txn& txn) -> Result<void> {
    const auto grant = rooms->grants.find(id);
    if (grant == nullptr) return refusal(ErrorCode::NotFound, "grant.unknown", {{"grant", id}});
    TRY(check_erasable(*rooms, *grant, vault_.now()));
    txn.anchor();
    return erase(txn, *rooms, *grant);
  };
  if (erasing == Erasing::Done) TRY(rooms->store->run(job));
  return erased(id, "grant");
}

Result<json> OwnerDesk::erase_intent(std::string_view typed, Erasing erasing) {
  auto* rooms = TRY(vault_.changeable_rooms());
  const auto named = TRY(rooms->intents.find_typed(typed));
  const std::string id = named->id.text;
  TRY(check_erasable(*rooms, *named, vault_.now()));
  const auto job = [&](store::Txn& txn) -> Result<void> {
    const auto intent = rooms->intents.find(id);
    if (intent == nullptr) return refusal(ErrorCode::NotFound, "intent.unknown", {{"intent", id}});
    TRY(check_erasable(*rooms, *intent, vault_.now()));
    txn.anchor();
    return erase(txn, *rooms, *intent);
  };
  if (erasing == Erasing::Done) TRY(rooms->store->run(job));
  return erased(id, "intent");
}

Result<std::size_t> OwnerDesk::erase_long_ended() {
  if (!limits_.keep_ended || vault_.state() != State::Open) return std::size_t{0};
  // A vault that may be older than it was keeps what there is to look at.
  if (vault_.doubt()) return std::size_t{0};
  auto* rooms = TRY(vault_.changeable_rooms());
  const Instant now = vault_.now();
  const Duration kept = std::max(*limits_.keep_ended, kTokensSurelyOver);
  const auto is_over = [now, kept](std::optional<Instant> ended) {
    return ended && now >= *ended + kept;
  };
  const Awaited awaited = awaited_in(*rooms);
  const auto is_any = [&] {
    for (const auto& grant : rooms->grants.list())
      if (is_over(ended_at(awaited, *grant, now))) return true;
    for (const auto& intent : rooms->intents.list())
      if (is_over(ended_at(*rooms, *intent, now))) return true;
    for (const auto& request : rooms->requests.list())
      if (is_over(ended_at(*request, now))) return true;
    return false;
  };
  std::size_t count = 0;
  if (!is_any()) return count;
  const auto job = [&](store::Txn& txn) -> Result<void> {
    for (const auto& intent : rooms->intents.list()) {
      if (!is_over(ended_at(*rooms, *intent, now))) continue;
      TRY(erase(txn, *rooms, *intent));
      ++count;
    }
    for (const auto& grant : rooms->grants.list()) {
      if (!is_over(ended_at(awaited, *grant, now))) continue;
      TRY(erase(txn, *rooms, *grant));
      ++count;
    }
    for (const auto& request : rooms->requests.list()) {
      if (!is_over(ended_at(*request, now))) continue;
      TRY(erase(txn, *rooms, *request));
      ++count;
    }
    return {};
  };
  TRY(rooms->store->run(job));
  return count;
}

}  // namespace vrm::gate
