// OwnerDesk: comparing offers, accepting one, declining.

#include <algorithm>
#include <chrono>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "vault/base/json.h"
#include "vault/gate/documents.h"
#include "vault/gate/market_documents.h"
#include "vault/gate/owner_desk.h"
#include "vault/gate/sight.h"
#include "vault/gate/wish.h"
#include "vault/market/messages.h"
#include "vault/market/offer.h"

namespace vrm::gate {

using nlohmann::json;

namespace {

constexpr Duration kAfterDelivery = std::chrono::hours(24 * 15);  // 14 days after the day of it
constexpr std::int64_t kFulfilmentReads = 2;

Error not_live(const market::OfferFile& file) {
  return refusal(ErrorCode::Conflict, "offer.not_live", {{"offer", file.id.text}});
}

// What is given, by purpose: each becomes one grant, for purposes never mix.
struct Gift {
  const grants::Purpose* purpose = nullptr;
  std::vector<std::string> fields;
  std::int64_t retention_days = 0;  // the longest of them, as the brand declared
};

// The needed data of the offer and the optional ones that the owner named.
Result<std::vector<Gift>> gifts_of(const market::Offer& offer, const json& body,
                                   const grants::Purposes& purposes) {
  const auto also = TRY(find_strings(body, "also")).value_or(std::vector<std::string>());
  std::set<std::string> named(also.begin(), also.end());
  std::vector<Gift> gifts;
  for (const auto& required : offer.required) {
    const bool is_named = named.erase(required.field) > 0;
    if (required.optional && !is_named) continue;
    const auto* purpose = purposes.find(required.purpose);
    if (purpose == nullptr || !purpose->grantable)
      return refusal(ErrorCode::Denied, "offer.bad_purpose", {{"purpose", required.purpose}});
    auto gift = std::find_if(gifts.begin(), gifts.end(),
                             [&](const Gift& each) { return each.purpose == purpose; });
    if (gift == gifts.end()) gift = gifts.insert(gifts.end(), Gift{purpose, {}, 0});
    if (std::find(gift->fields.begin(), gift->fields.end(), required.field) == gift->fields.end())
      gift->fields.push_back(required.field);
    gift->retention_days = std::max(gift->retention_days, required.retention_days);
  }
  if (!named.empty())
    return refusal(ErrorCode::Malformed, "offer.field_not_asked", {{"field", *named.begin()}});
  return gifts;
}

std::vector<grants::Grant> grants_for(const std::vector<Gift>& gifts, const market::Offer& offer,
                                      const market::OfferFile& file, const brands::Brand& brand,
                                      Instant now, Random& random) {
  std::vector<grants::Grant> grants;
  for (const auto& gift : gifts) {
    grants::Grant grant;
    grant.id = GrantId::make(random);
    grant.brand = brand.handle;
    grant.key = brand.key;
    grant.fields = gift.fields;
    grant.purpose = gift.purpose->dpv;
    grant.stored = grants::Stored::Held;
    grant.made_at = now;
    grant.expires_at = std::max(offer.arrives, now) + kAfterDelivery;
    grant.max_reads = kFulfilmentReads;
    grant.retention_days = gift.retention_days;
    grant.served_while_locked = true;
    grant.offer = file.id.text;
    grants.push_back(std::move(grant));
  }
  return grants;
}

std::vector<std::string> recipients_of(const market::Offer& offer, std::string_view field) {
  for (const auto& required : offer.required)
    if (required.field == field) return required.recipients;
  return {};
}

json sent_document(const Rooms& rooms, const market::Offer& offer, const std::vector<Gift>& gifts,
                   const std::vector<grants::Grant>& grants, const grants::Purposes& purposes) {
  json items = json::array();
  for (std::size_t i = 0; i < gifts.size(); ++i)
    for (const auto& field : gifts[i].fields) {
      items.push_back({{"field", field},
                       {"have", is_there(rooms, field)},
                       {"until", to_rfc3339({grants[i].expires_at.seconds() * 1000})},
                       {"served_while_locked", grants[i].served_while_locked},
                       {"max_reads", *grants[i].max_reads},
                       {"retention_days", grants[i].retention_days},
                       {"recipients", recipients_of(offer, field)}});
      add_purpose(items.back(), purposes, gifts[i].purpose->dpv);
      add_marks(items.back(), rooms, grants[i].brand, purposes);
    }
  return items;
}

json kept_back(const market::Offer& offer, const std::vector<Gift>& gifts) {
  std::set<std::string> given;
  for (const auto& gift : gifts) given.insert(gift.fields.begin(), gift.fields.end());
  std::set<std::string> kept;
  for (const auto& required : offer.required)
    if (!given.contains(required.field)) kept.insert(required.field);
  return kept;
}

json others_of(const Rooms& rooms, const market::OfferFile& file) {
  json others = json::array();
  for (const auto& invitation : rooms.invitations.of_intent(file.intent))
    if (invitation->brand != file.brand) others.push_back(invitation->brand);
  return others;
}

}  // namespace

// An acceptance that is made and not yet kept.
struct OwnerDesk::Accepting {
  market::Acceptance acceptance;
  std::string message;
  std::vector<grants::Grant> grants;
  std::vector<std::string> shown;  // the auth_req_id of each
};

Result<json> OwnerDesk::offers(std::string_view id, const json& body) const {
  auto* rooms = TRY(vault_.open_rooms());
  const auto intent = TRY(rooms->intents.find_typed(id));
  const std::uint64_t cursor = deals_.feed().cursor();
  Comparing comparing;
  comparing.weights = TRY(read_weights(body, intent->kept.weights));
  const auto sort = TRY(find_string(body, "sort"));
  comparing.sort = TRY(market::sort_from(sort.value_or("score")));
  comparing.must_only = TRY(find_bool(body, "must_only")).value_or(false);
  auto document =
      TRY(offers_document(*rooms, *intent, comparing, vault_.knowledge().purposes, vault_.now()));
  document["cursor"] = cursor;
  return document;
}

Result<json> OwnerDesk::offer(std::string_view id) const {
  auto* rooms = TRY(vault_.open_rooms());
  const auto file = TRY(rooms->offers.find_typed(id));
  const auto intent = TRY(rooms->intents.find_typed(file->intent));
  return offer_document(*rooms, *intent, *file, vault_.knowledge().purposes, vault_.now());
}

Result<json> OwnerDesk::accept(std::string_view id, const json& body, bool is_rehearsal) {
  auto* rooms = TRY(vault_.changeable_rooms());
  const Instant now = vault_.now();
  Random& random = vault_.means().random;
  const auto file = TRY(rooms->offers.find_typed(id));
  const auto intent = TRY(rooms->intents.find_typed(file->intent));
  const auto brand = TRY(rooms->brands.find_typed(file->brand));
  const auto issuer = rooms->issuers.of_brand(brand->handle);
  if (brand->standing != brands::Standing::Known || issuer == nullptr)
    return refusal(ErrorCode::Denied, "brand.not_served", {{"brand", brand->handle}});
  if (!market::next(state_of(*rooms, *intent, now), market::IntentEvent::Accept))
    return not_open(*rooms, *intent, now);
  if (state_of(*rooms, *file, now) != market::OfferState::Live) return not_live(*file);
  const auto offer = TRY(market::read_kept_offer(file->latest().jws));
  const auto seen_rev = TRY(find_int(body, "rev"));
  if (seen_rev && *seen_rev != offer.rev)
    return refusal(ErrorCode::Conflict, "offer.revised", {{"offer", file->id.text}});
  const auto gifts = TRY(gifts_of(offer, body, vault_.knowledge().purposes));

  Accepting accepting;
  accepting.grants = grants_for(gifts, offer, *file, *brand, now, random);
  const Instant until{(now + market::kAcceptanceLife).seconds() * 1000};
  json document = {
      {"schema", "vrm.acceptance/1"},
      {"id", nullptr},
      {"intent", intent->id.text},
      {"offer", file->id.text},
      {"rev", offer.rev},
      {"brand", brand->handle},
      {"brand_name", brand->name},
      {"title", offer.title},
      {"state", "pending"},
      {"total", money_document(offer.total)},
      {"until", to_rfc3339(until)},
      {"order", nullptr},
      {"send", sent_document(*rooms, offer, gifts, accepting.grants, vault_.knowledge().purposes)},
      {"keep_back", kept_back(offer, gifts)},
      {"tell_closed", others_of(*rooms, *file)},
      {"grants", json::array()}};
  const auto shown = TRY(offer_document(*rooms, *intent, *file, vault_.knowledge().purposes, now));
  document["musts"] = shown.value("musts", json::array());
  document["lets_see"] =
      lets_see(*rooms, vault_.knowledge(), policies_.rules().get(), *brand, accepting.grants, now);
  if (is_rehearsal) return document;

  std::vector<market::AcceptedGrant> told;
  auto& acceptance = accepting.acceptance;
  for (const auto& grant : accepting.grants) {
    accepting.shown.push_back(grants::TicketBook::draw(random));
    told.push_back({accepting.shown.back(), write_granted(grant)});
    acceptance.grants.push_back(grant.id.text);
  }
  acceptance.id = AcceptanceId::make(random);
  acceptance.intent = intent->id.text;
  acceptance.iid = file->iid;
  acceptance.offer = file->id.text;
  acceptance.oid = file->oid;
  acceptance.rev = offer.rev;
  acceptance.brand = brand->handle;
  acceptance.jti = new_unguessable_name(random);
  acceptance.url = brand->intent_endpoint;
  acceptance.made_at = now;
  acceptance.until = until;
  acceptance.key = brand->key;
  accepting.message = market::write_acceptance_message(
      *issuer, *brand, acceptance.jti, file->iid, file->oid, offer.rev,
      market::sha256_of(file->latest().jws), told, now, until);
  acceptance.sha256 = market::sha256_of(accepting.message);
  const std::string seen = market::sha256_of(file->latest().jws);
  TRY(rooms->store->run(
      [&](store::Txn& txn) { return keep_acceptance(txn, *rooms, accepting, seen); }));
  document["id"] = acceptance.id.text;
  document["grants"] = acceptance.grants;
  return document;
}

// Everything of an acceptance, or nothing: it is asked once more here whether the offer still stands as it was seen.
Result<void> OwnerDesk::keep_acceptance(store::Txn& txn, Rooms& rooms, const Accepting& accepting,
                                        std::string_view seen) {
  const auto& acceptance = accepting.acceptance;
  const Instant now = vault_.now();
  Random& random = vault_.means().random;
  const auto intent = rooms.intents.find(acceptance.intent);
  if (intent == nullptr) return Error{ErrorCode::NotFound, "the intent is gone"};
  if (!market::next(state_of(rooms, *intent, now), market::IntentEvent::Accept))
    return not_open(rooms, *intent, now);
  const auto invitation = rooms.invitations.find(acceptance.iid);
  market::Invitation changed = *invitation;
  const auto entry = std::find_if(changed.offers.begin(), changed.offers.end(),
                                  [&](const auto& each) { return each.oid == acceptance.oid; });
  const auto after = entry == changed.offers.end() || entry->sha256 != seen
                         ? std::nullopt
                         : market::next(market::state_of(*entry, now), market::OfferEvent::Accept);
  if (!after) return refusal(ErrorCode::Conflict, "offer.not_live", {{"offer", acceptance.offer}});
  entry->stored = *after;
  TRY(rooms.invitations.put(txn, std::move(changed)));
  market::Intent next = *intent;
  next.acceptance = acceptance.id.text;
  TRY(rooms.intents.put(txn, std::move(next)));
  TRY(rooms.acceptances.make(txn, acceptance, random));
  for (std::size_t i = 0; i < accepting.grants.size(); ++i) {
    const auto& grant = accepting.grants[i];
    TRY(rooms.grants.make(txn, grant, random));
    const grants::Ticket ticket{.kind = grants::TicketKind::ForGrant,
                                .brand = grant.brand,
                                .target = grant.id.text,
                                .expires_at = grant.expires_at,
                                .key = grant.key};
    TRY(rooms.tickets.make(txn, ticket, accepting.shown[i]));
    const journal::Entry made{.at = now,
                              .kind = journal::Kind::GrantMade,
                              .brand_key = grant.key,
                              .brand = grant.brand,
                              .grant = grant.id.text,
                              .fields = grant.fields,
                              .purpose = grant.purpose,
                              .reason = acceptance.offer};
    TRY(journal::append(txn, *rooms.store, made));
  }
  const journal::Entry accepted{.at = now,
                                .kind = journal::Kind::OfferAccepted,
                                .brand_key = acceptance.key,
                                .brand = acceptance.brand,
                                .reason = acceptance.offer};
  TRY(journal::append(txn, *rooms.store, accepted));
  return deals_.post(txn, rooms,
                     {.id = {},
                      .brand = acceptance.brand,
                      .about = "acceptance:" + acceptance.id.text,
                      .url = acceptance.url,
                      .content_type = "application/jwt",
                      .body = accepting.message,
                      .attempts = 0,
                      .due = now,
                      .given_up_at = acceptance.until,
                      .key = acceptance.key});
}

Result<json> OwnerDesk::decline(std::string_view id) {
  auto* rooms = TRY(vault_.changeable_rooms());
  const auto file = TRY(rooms->offers.find_typed(id));
  const auto job = [&](store::Txn& txn) -> Result<void> {
    const Instant now = vault_.now();
    const auto invitation = rooms->invitations.find(file->iid);
    if (invitation == nullptr) return not_live(*file);
    market::Invitation changed = *invitation;
    const auto entry = std::find_if(changed.offers.begin(), changed.offers.end(),
                                    [&](const auto& each) { return each.oid == file->oid; });
    if (entry == changed.offers.end()) return not_live(*file);
    if (entry->stored == market::OfferState::Declined) return {};
    if (entry->stored == market::OfferState::Accepted)
      return refusal(ErrorCode::Conflict, "offer.is_accepted", {{"offer", file->id.text}});
    const auto after = market::next(market::state_of(*entry, now), market::OfferEvent::Decline);
    if (!after) return not_live(*file);
    entry->stored = *after;
    TRY(rooms->invitations.put(txn, std::move(changed)));
    const journal::Entry declined{.at = now,
                                  .kind = journal::Kind::OfferDeclined,
                                  .brand_key = invitation->key,
                                  .brand = invitation->brand,
                                  .reason = file->id.text};
    TRY(journal::append(txn, *rooms->store, declined));
    deals_.tell_after(txn, "offer_declined", file->intent, file->id.text, file->brand);
    return {};
  };
  TRY(rooms->store->run(job));
  return offer(file->id.text);
}

}  // namespace vrm::gate
