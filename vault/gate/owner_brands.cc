// OwnerDesk: whom the vault knows. Adding a brand pins its keys and introduces the vault to it, under a name of its own.

#include <algorithm>
#include <nlohmann/json.hpp>

#include "vault/base/json.h"
#include "vault/brands/lookalike.h"
#include "vault/gate/documents.h"
#include "vault/gate/owner_desk.h"
#include "vault/gate/typed_brand.h"
#include "vault/market/offer.h"

namespace vrm::gate {

using nlohmann::json;

namespace {

Error not_a_document(const std::string& url, const std::string& why) {
  return refusal(ErrorCode::Unavailable, "brand.not_fetched", {{"url", url}, {"why", why}});
}

Result<std::string> fetch_json(brands::Web& web, const std::string& url) {
  const auto page = TRY(web.get(url));
  if (page.status != 200) return not_a_document(url, "HTTP " + std::to_string(page.status));
  const auto semicolon = page.content_type.find(';');
  const std::string type = page.content_type.substr(0, semicolon);
  if (type != "application/json" && !type.ends_with("+json"))
    return not_a_document(url, "not JSON");
  return page.body;
}

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

Result<brands::Document> OwnerDesk::fetch_document(const json& body, bool& address_checked) const {
  const auto url = TRY(find_string(body, "url"));
  auto& web = vault_.means().web;
  address_checked = url.has_value();
  std::string text;
  if (url) {
    text = TRY(fetch_json(web, *url));
  } else {
    const auto* given = TRY(need_object(body, "document"));
    text = write_json(*given);
  }
  auto document = TRY(brands::read_document(text, vault_.options().plain_http));
  if (url && document.client_id != *url)
    return refusal(ErrorCode::Denied, "brand.other_client_id",
                   {{"url", *url}, {"client_id", document.client_id}});
  if (document.jwks.empty()) {
    const std::string keys = TRY(fetch_json(web, document.jwks_uri));
    document.jwks = TRY(brands::usable_keys(keys));
  }
  return document;
}

Result<void> OwnerDesk::refuse_lookalikes(const Rooms& rooms,
                                          const brands::Document& document) const {
  for (const auto& known : rooms.brands.list()) {
    const bool alike =
        brands::hosts_look_alike(known->host, document.host) ||
        (known->host != document.host && brands::names_look_alike(known->name, document.name));
    if (!alike) continue;
    return refusal(ErrorCode::Denied, "brand.looks_like",
                   {{"name", document.name},
                    {"domain", brands::shown_host(document.host)},
                    {"known", known->handle},
                    {"known_domain", brands::shown_host(known->host)}});
  }
  return {};
}

Result<json> OwnerDesk::add_brand(const json& body) {
  auto* rooms = TRY(vault_.changeable_rooms());
  bool address_checked = false;
  const auto document = TRY(fetch_document(body, address_checked));
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
  if (!is_sure) TRY(refuse_lookalikes(*rooms, document));

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
  TRY(introduce(*rooms, added, answer));
  return answer;
}

Result<void> OwnerDesk::introduce(Rooms& rooms, const brands::BrandPtr& brand, json& answer) {
  const auto issuer = rooms.issuers.of_brand(brand->handle);
  const std::string introduction = brands::write_introduction(
      *issuer, *brand, new_unguessable_name(vault_.means().random), vault_.now());
  bool delivered = false;
  if (!brand->introduction_endpoint.empty()) {
    const auto page =
        vault_.means().web.post(brand->introduction_endpoint, "application/jwt", introduction);
    delivered = page.ok() && page.value().status / 100 == 2;
  }
  auto shown = brand;
  if (delivered) {
    brands::Brand next = *brand;
    next.introduced = true;
    const auto job = [&](store::Txn& txn) -> Result<void> {
      shown = TRY(rooms.brands.change(txn, next));
      return {};
    };
    TRY(rooms.store->run(job));
  }
  answer = brand_document(rooms, *shown, vault_.now());
  if (!delivered) answer["introduction"] = introduction;
  return {};
}

Result<json> OwnerDesk::block(std::string_view handle) {
  return set_standing(handle, brands::Standing::Blocked);
}

Result<json> OwnerDesk::unblock(std::string_view handle) {
  return set_standing(handle, brands::Standing::Known);
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
  auto* rooms = TRY(vault_.changeable_rooms());
  const auto brand = TRY(named_brand(rooms->brands, handle));
  const bool is_muted = brand->is_muted(vault_.now());
  if (is_muted == muted && (!muted || (!until && !brand->muted_until))) {
    json unchanged = brand_document(*rooms, *brand, vault_.now());
    unchanged["already"] = true;
    return unchanged;
  }
  const auto kind = muted ? journal::Kind::BrandMuted : journal::Kind::BrandUnmuted;
  const journal::Entry entry{.kind = kind, .brand_key = brand->key, .brand = brand->handle};
  const auto job = [&](store::Txn& txn) -> Result<void> {
    const auto current = TRY(named_brand(rooms->brands, brand->handle));
    brands::Brand next = *current;
    next.muted = muted;
    next.muted_until = until;
    TRY(rooms->brands.change(txn, next));
    return {};
  };
  TRY(record(*rooms, entry, job));
  return this->brand(brand->handle);
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

Result<json> OwnerDesk::set_standing(std::string_view handle, brands::Standing standing) {
  auto* rooms = TRY(vault_.changeable_rooms());
  const auto brand = TRY(named_brand(rooms->brands, handle));
  if (brand->standing == standing) {
    json unchanged = brand_document(*rooms, *brand, vault_.now());
    unchanged["already"] = true;
    return unchanged;
  }
  brands::Brand next = *brand;
  next.standing = standing;
  const auto kind = standing == brands::Standing::Blocked ? journal::Kind::BrandBlocked
                                                          : journal::Kind::BrandUnblocked;
  const journal::Entry entry{.kind = kind, .brand_key = brand->key, .brand = brand->handle};
  const auto job = [&](store::Txn& txn) -> Result<void> {
    TRY(rooms->brands.change(txn, next));
    return {};
  };
  TRY(record(*rooms, entry, job));
  return this->brand(next.handle);
}

}  // namespace vrm::gate
