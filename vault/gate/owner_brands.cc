// OwnerDesk: whom the vault knows. Adding a brand pins its keys and introduces the vault to it, under a name of its own.

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>
#include <utility>

#include "vault/base/json.h"
#include "vault/brands/lookalike.h"
#include "vault/gate/brand_refresh.h"
#include "vault/gate/documents.h"
#include "vault/gate/owner_desk.h"
#include "vault/gate/typed_brand.h"
#include "vault/market/offer.h"

namespace vrm::gate {

using nlohmann::json;

namespace {

// Conflict (brand.deal_pending).
Result<void> check_no_deal(const Rooms& rooms, const std::string& brand) {
  for (const auto& pending : rooms.acceptances.pending())
    if (pending->brand == brand)
      return refusal(ErrorCode::Conflict, "brand.deal_pending", {{"brand", brand}});
  return {};
}

// Whether the brand may still have to send something: a grant of the deal lives, or the day has not come on which
// it was to arrive. What cannot be read any more is taken as still to come.
bool is_under_way(const Rooms& rooms, const market::Acceptance& acceptance, Instant now) {
  for (const auto& id : acceptance.grants) {
    const auto grant = rooms.grants.find(id);
    if (grant == nullptr) continue;
    if (!grants::has_ended(grant->condition(now))) return true;
  }
  const auto file = rooms.offers.find(acceptance.offer);
  if (file == nullptr) return false;
  const auto offer = market::read_kept_offer(file->latest().jws);
  return !offer.ok() || market::date_of(offer.value().arrives) >= market::date_of(now);
}

// The orders of a brand that may still be under way.
json orders_document(const Rooms& rooms, const std::string& brand, Instant now) {
  json orders = json::array();
  for (const auto& acceptance : rooms.acceptances.all()) {
    const bool is_order = acceptance->brand == brand &&
                          acceptance->state == market::AcceptanceState::Acknowledged &&
                          is_under_way(rooms, *acceptance, now);
    if (!is_order) continue;
    orders.push_back(
        {{"offer", acceptance->offer},
         {"intent", acceptance->intent},
         {"order", acceptance->order.empty() ? json(nullptr) : json(acceptance->order)}});
  }
  return orders;
}

// What goes with a brand, counted.
json forgotten_document(const Rooms& rooms, const brands::Brand& brand, Instant now) {
  const std::string& name = brand.handle;
  std::int64_t grants = 0;
  std::int64_t reads = 0;
  for (const auto& grant : rooms.grants.list()) {
    if (grant->brand != name) continue;
    ++grants;
    reads += grant->reads;
  }
  std::int64_t intents = 0;
  std::int64_t offers = 0;
  for (const auto& invitation : rooms.invitations.all()) {
    if (invitation->brand != name) continue;
    ++intents;
    offers += static_cast<std::int64_t>(invitation->offers.size());
  }
  const auto requests = rooms.requests.list();
  return {{"schema", "vrm.forgotten/1"},
          {"brand", name},
          {"name", brand.name},
          {"grants", grants},
          {"reads", reads},
          {"requests", std::count_if(requests.begin(), requests.end(),
                                     [&](const auto& each) { return each->brand == name; })},
          {"intents", intents},
          {"offers", offers},
          {"orders", orders_document(rooms, name, now)}};
}

Error unknown_brand(const std::string& handle) {
  return refusal(ErrorCode::NotFound, "brand.unknown", {{"brand", handle}});
}

// The keys that the document shows are the pinned ones from here on. Whoever held the former ones keeps no token of
// theirs, and what else the document says is looked at soon.
brands::Brand with_shown_keys(brands::Brand brand, Instant now) {
  brand.jwks = std::exchange(brand.shown_jwks, "");
  brand.fingerprint = std::exchange(brand.shown_fingerprint, "");
  brand.tokens_after = std::exchange(brand.shown_at, Instant{});
  brand.keys_since = now;
  brand.checked_at = {};
  brand.address_checked = true;
  if (brand.standing == brands::Standing::KeysChanged) brand.standing = brands::Standing::Known;
  return brand;
}

}  // namespace

Result<json> OwnerDesk::brands() const {
  auto* rooms = TRY(vault_.open_rooms());
  json items = json::array();
  for (const auto& brand : rooms->brands.list())
    items.push_back(brand_document(*rooms, *brand, vault_.now()));
  return json{{"schema", "vrm.brands/1"}, {"items", std::move(items)}};
}

Result<json> OwnerDesk::brand(std::string_view handle) const {
  auto* rooms = TRY(vault_.open_rooms());
  const auto brand = TRY(typed_brand(rooms->brands, handle));
  return brand_document(*rooms, *brand, vault_.now());
}

Result<brands::Document> OwnerDesk::named_document(const json& body, bool& address_checked) const {
  const auto url = TRY(find_string(body, "url"));
  auto& web = vault_.means().web;
  const auto plain_http = vault_.options().plain_http;
  address_checked = url.has_value();
  if (url) return gate::fetch_document(web, *url, plain_http);
  const auto* given = TRY(need_object(body, "document"));
  auto document = TRY(brands::read_document(write_json(*given), plain_http));
  if (document.jwks.empty()) document.jwks = TRY(fetch_keys(web, document.jwks_uri));
  return document;
}

Result<json> OwnerDesk::add_brand(const json& body) {
  auto* rooms = TRY(vault_.changeable_rooms());
  bool address_checked = false;
  const auto document = TRY(named_document(body, address_checked));
  if (const auto known = rooms->brands.with_client_id(document.client_id); known != nullptr) {
    const auto shown = brands::fingerprint_of(document.jwks);
    return refusal(ErrorCode::Conflict,
                   shown == known->fingerprint ? "brand.known" : "brand.known_otherwise",
                   {{"brand", known->handle},
                    {"name", known->name},
                    {"before", known->fingerprint},
                    {"now", shown}});
  }
  const bool is_sure = TRY(find_bool(body, "new")).value_or(false);
  const auto like = lookalike_of(*rooms, document.name, document.host, "");
  if (!is_sure && like != nullptr)
    return refusal(ErrorCode::Denied, "brand.looks_like",
                   {{"name", document.name},
                    {"domain", brands::shown_host(document.host)},
                    {"known", like->handle},
                    {"known_domain", brands::shown_host(like->host)}});

  brands::Brand brand;
  const auto wanted = TRY(find_string(body, "name"));
  brand.handle = rooms->brands.free_handle(wanted.value_or(""), document.name, document.host);
  brand.name = document.name;
  brand.client_id = document.client_id;
  brand.host = document.host;
  brand.jwks = document.jwks;
  brand.fingerprint = brands::fingerprint_of(document.jwks);
  brand.introduction_endpoint = document.introduction_endpoint;
  brand.event_endpoint = document.event_endpoint;
  brand.intent_endpoint = document.intent_endpoint;
  // Without an open door the brand's calls are fetched where it keeps them; the owner may want that with one too.
  const bool wants_mailbox = TRY(find_bool(body, "mailbox")).value_or(facts_.brand_door.empty());
  if (wants_mailbox) brand.mailbox = document.mailbox_endpoint;
  if (wants_mailbox && brand.mailbox.empty())
    return refusal(ErrorCode::Denied, "brand.no_mailbox", {{"brand", brand.handle}});
  brand.address_checked = address_checked;
  brand.known_since = vault_.now();
  brand.keys_since = brand.known_since;
  if (address_checked) brand.checked_at = brand.known_since;
  brand.facts = document.facts;
  if (like != nullptr) brand.looks_like = like->handle;
  TRY(want_of_new(*rooms, brand));
  brand.tags = TRY(find_strings(body, "tags")).value_or(std::vector<std::string>());

  brands::BrandPtr added;
  const auto job = [&](store::Txn& txn) -> Result<void> {
    added = TRY(rooms->brands.add(txn, brand, vault_.means().random));
    const journal::Entry entry{.at = vault_.now(),
                               .kind = journal::Kind::BrandAdded,
                               .brand_key = added->key,
                               .brand = added->handle,
                               .reason = added->client_id};
    TRY(journal::append(txn, *rooms->store, entry));
    return {};
  };
  TRY(rooms->store->run(job));
  TRY(rooms->issuers.add(*rooms->store, *added));
  json answer;
  TRY(introduce(*rooms, added, Introducing::ByPost, answer));
  return answer;
}

Result<void> OwnerDesk::introduce(Rooms& rooms, const brands::BrandPtr& brand,
                                  Introducing introducing, json& answer) {
  const auto issuer = rooms.issuers.of_brand(brand->handle);
  const std::string introduction = brands::write_introduction(
      *issuer, *brand, new_unguessable_name(vault_.means().random), vault_.now());
  bool delivered = false;
  if (introducing == Introducing::ByPost && !brand->introduction_endpoint.empty()) {
    const auto page =
        vault_.means().web.post(brand->introduction_endpoint, "application/jwt", introduction);
    delivered = page.ok() && page.value().status / 100 == 2;
  }
  auto shown = brand;
  if (delivered) {
    const auto job = [&](store::Txn& txn) -> Result<void> {
      const auto now_known = rooms.brands.find(brand->handle);
      if (now_known == nullptr) return unknown_brand(brand->handle);
      brands::Brand next = *now_known;
      next.introduced = true;
      shown = TRY(rooms.brands.change(txn, std::move(next)));
      return {};
    };
    TRY(rooms.store->run(job));
  }
  answer = brand_document(rooms, *shown, vault_.now());
  if (!delivered) answer["introduction"] = introduction;
  return {};
}

Result<json> OwnerDesk::introduce_again(std::string_view handle, const json& body) {
  auto* rooms = TRY(vault_.changeable_rooms());
  const auto brand = TRY(named_brand(rooms->brands, handle));
  if (brand->standing != brands::Standing::Known)
    return refusal(ErrorCode::Denied, "brand.not_served", {{"brand", brand->handle}});
  const bool is_printed = TRY(find_bool(body, "print")).value_or(false);
  const journal::Entry entry{
      .kind = journal::Kind::BrandIntroduced, .brand_key = brand->key, .brand = brand->handle};
  TRY(record(*rooms, entry, [](store::Txn&) -> Result<void> { return {}; }));
  json answer;
  TRY(introduce(*rooms, brand, is_printed ? Introducing::ByHand : Introducing::ByPost, answer));
  return answer;
}

Result<json> OwnerDesk::block(std::string_view handle) {
  return change_brand(handle, journal::Kind::BrandBlocked, [](brands::Brand& brand) {
    const bool changes = brand.standing != brands::Standing::Blocked;
    brand.standing = brands::Standing::Blocked;
    return changes;
  });
}

// Keys that changed meanwhile are not accepted by this.
Result<json> OwnerDesk::unblock(std::string_view handle) {
  return change_brand(handle, journal::Kind::BrandUnblocked, [](brands::Brand& brand) {
    if (brand.standing != brands::Standing::Blocked) return false;
    brand.standing =
        brand.shown_fingerprint.empty() ? brands::Standing::Known : brands::Standing::KeysChanged;
    return true;
  });
}

Result<json> OwnerDesk::trust(std::string_view handle) {
  auto* rooms = TRY(vault_.changeable_rooms());
  const auto brand = TRY(named_brand(rooms->brands, handle));
  if (brand->standing != brands::Standing::Known)
    return refusal(ErrorCode::Denied, "brand.not_served", {{"brand", brand->handle}});
  return change_brand(handle, journal::Kind::BrandTrusted, [](brands::Brand& now_known) {
    if (now_known.trusted || now_known.standing != brands::Standing::Known) return false;
    now_known.trusted = true;
    return true;
  });
}

Result<json> OwnerDesk::untrust(std::string_view handle) {
  return change_brand(handle, journal::Kind::BrandUntrusted,
                      [](brands::Brand& brand) { return std::exchange(brand.trusted, false); });
}

Result<json> OwnerDesk::refresh_brand(std::string_view handle) {
  auto* rooms = TRY(vault_.changeable_rooms());
  const auto brand = TRY(named_brand(rooms->brands, handle));
  const auto refreshed = TRY(gate::refresh_brand(vault_, brand->handle));
  json answer = brand_document(*rooms, *refreshed.brand, vault_.now());
  answer["changes"] = refreshed.changes;
  return answer;
}

Result<json> OwnerDesk::accept_keys(std::string_view handle, const json& body) {
  auto* rooms = TRY(vault_.changeable_rooms());
  const auto brand = TRY(named_brand(rooms->brands, handle));
  const std::string seen = TRY(need_string(body, "fingerprint"));
  const auto check = [&seen](const brands::Brand& asked) -> Result<void> {
    if (asked.shown_fingerprint.empty())
      return refusal(ErrorCode::Conflict, "brand.keys_same",
                     {{"brand", asked.handle}, {"name", asked.name}});
    if (asked.shown_fingerprint != seen)
      return refusal(ErrorCode::Conflict, "brand.keys_other",
                     {{"brand", asked.handle}, {"name", asked.name}});
    return {};
  };
  TRY(check(*brand));
  brands::BrandPtr accepted;
  const journal::Entry entry{.kind = journal::Kind::BrandKeysAccepted,
                             .brand_key = brand->key,
                             .brand = brand->handle,
                             .reason = seen};
  const auto job = [&](store::Txn& txn) -> Result<void> {
    const auto now_known = rooms->brands.find(brand->handle);
    if (now_known == nullptr) return unknown_brand(brand->handle);
    TRY(check(*now_known));
    accepted = TRY(rooms->brands.change(txn, with_shown_keys(*now_known, vault_.now())));
    txn.anchor();
    return {};
  };
  TRY(record(*rooms, entry, job));
  TRY(rooms->issuers.add(*rooms->store, *accepted));
  return brand_document(*rooms, *accepted, vault_.now());
}

Result<json> OwnerDesk::mute(std::string_view handle, const json& body) {
  constexpr Duration kLongest = std::chrono::hours(24 * 3660);
  const auto length = TRY(find_string(body, "for"));
  if (!length) return set_muted(handle, true, std::nullopt);
  const Duration span = TRY(duration_from_text(*length));
  if (span > kLongest)
    return refusal(ErrorCode::Malformed, "brand.mute_too_long", {{"for", *length}});
  return set_muted(handle, true, vault_.now() + span);
}

Result<json> OwnerDesk::unmute(std::string_view handle) {
  return set_muted(handle, false, std::nullopt);
}

Result<json> OwnerDesk::set_muted(std::string_view handle, bool muted,
                                  std::optional<Instant> until) {
  const auto kind = muted ? journal::Kind::BrandMuted : journal::Kind::BrandUnmuted;
  return change_brand(handle, kind, [muted, until, now = vault_.now()](brands::Brand& brand) {
    const bool is_same = brand.is_muted(now) == muted;
    if (is_same && (!muted || (!until && !brand.muted_until))) return false;
    brand.muted = muted;
    brand.muted_until = until;
    return true;
  });
}

Result<json> OwnerDesk::forget_brand(std::string_view handle, Erasing erasing) {
  auto* rooms = TRY(vault_.changeable_rooms());
  const auto brand = TRY(named_brand(rooms->brands, handle));
  const std::string name = brand->handle;
  const Instant now = vault_.now();
  json answer = forgotten_document(*rooms, *brand, now);
  if (erasing == Erasing::Rehearsed) {
    TRY(check_no_deal(*rooms, name));
    return answer;
  }
  const auto job = [&](store::Txn& txn) -> Result<void> {
    TRY(check_no_deal(*rooms, name));
    TRY(let_intents_go(txn, *rooms, name));
    TRY(deals_.drop_messages(txn, *rooms, brand->key));
    TRY(rooms->offers.forget(txn, name));
    TRY(rooms->inbox.forget(txn, brand->key));
    TRY(rooms->invitations.forget(txn, brand->key));
    TRY(rooms->acceptances.forget(txn, brand->key));
    TRY(rooms->tickets.forget(txn, brand->key));
    TRY(rooms->requests.forget(txn, brand->key));
    TRY(rooms->rules.forget(txn, brand->key));
    TRY(rooms->grants.forget(txn, brand->key));
    TRY(rooms->brands.forget(txn, brand->key));
    TRY(txn.destroy_key(brand->key));
    txn.anchor();
    txn.on_commit([rooms, name] { rooms->issuers.remove(name); });
    // Whom is what is to be forgotten.
    const journal::Entry entry{.at = now, .kind = journal::Kind::BrandForgotten};
    TRY(journal::append(txn, *rooms->store, entry));
    return {};
  };
  TRY(rooms->store->run(job));
  return answer;
}

// An intent that this brand's failed acceptance had held up goes on without it.
Result<void> OwnerDesk::let_intents_go(store::Txn& txn, Rooms& rooms,
                                       std::string_view brand) const {
  for (const auto& intent : rooms.intents.list()) {
    const auto acceptance = rooms.acceptances.find(intent->acceptance);
    const bool failed = acceptance != nullptr && acceptance->brand == brand &&
                        acceptance->state != market::AcceptanceState::Acknowledged;
    if (!failed) continue;
    market::Intent next = *intent;
    next.acceptance.clear();
    TRY(rooms.intents.put(txn, std::move(next)));
  }
  return {};
}

Result<json> OwnerDesk::change_brand(std::string_view handle, journal::Kind kind,
                                     const std::function<bool(brands::Brand&)>& change) {
  auto* rooms = TRY(vault_.changeable_rooms());
  const auto brand = TRY(named_brand(rooms->brands, handle));
  bool changed = false;
  const journal::Entry entry{
      .at = vault_.now(), .kind = kind, .brand_key = brand->key, .brand = brand->handle};
  // In the writer's turn, so that what the vault noticed of the brand meanwhile is not undone.
  const auto job = [&](store::Txn& txn) -> Result<void> {
    const auto now_known = rooms->brands.find(brand->handle);
    if (now_known == nullptr) return unknown_brand(brand->handle);
    brands::Brand next = *now_known;
    changed = change(next);
    if (!changed) return {};
    TRY(rooms->brands.change(txn, std::move(next)));
    TRY(journal::append(txn, *rooms->store, entry));
    return {};
  };
  TRY(rooms->store->run(job));
  json answer = TRY(this->brand(brand->handle));
  if (!changed) answer["already"] = true;
  return answer;
}

}  // namespace vrm::gate
