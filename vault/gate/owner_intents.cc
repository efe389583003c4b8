// OwnerDesk: the owner speaks first. An intent is told to each brand they picked, as a stranger with another name.

#include <algorithm>
#include <chrono>
#include <future>
#include <nlohmann/json.hpp>
#include <set>
#include <span>
#include <system_error>

#include "vault/base/json.h"
#include "vault/gate/market_documents.h"
#include "vault/gate/owner_desk.h"
#include "vault/gate/typed_brand.h"
#include "vault/market/messages.h"
#include "vault/profile/field_name.h"

namespace vrm::gate {

using nlohmann::json;

namespace {

constexpr Duration kDefaultOpenFor = std::chrono::hours(48);
constexpr Duration kMostOpenFor = std::chrono::hours(24 * 90);
constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::int64_t kMostJitterMs = 5000;
constexpr std::int64_t kPollInterval_s = 5;
// For how long after its last offer a brand may withdraw one, or acknowledge that one was accepted.
constexpr Duration kAnswerLife = std::chrono::hours(24 * 30);

Instant day_of(Instant at) {
  return {at.ms / kDayMs * kDayMs};
}

Result<std::vector<market::Property>> read_properties(const json& body, std::string_view member) {
  std::vector<market::Property> properties;
  const auto found = body.find(member);
  if (found == body.end()) return properties;
  if (!found->is_array())
    return Error{ErrorCode::Malformed, "`" + std::string(member) + "` is no list"};
  for (const auto& item : *found) {
    market::Property property;
    property.name = TRY(need_string(item, "name"));
    property.value = TRY(need_string(item, "value"));
    properties.push_back(std::move(property));
  }
  return properties;
}

Result<market::Told> read_told(const json& body, std::string_view member) {
  const auto word = TRY(find_string(body, member));
  return market::told_from(word.value_or("band"));
}

Result<void> read_limit(const json& body, market::PublicPart& told, market::PrivatePart& kept) {
  const auto typed = TRY(find_string(body, "max"));
  const auto currency = TRY(find_string(body, "currency"));
  told.currency = currency.value_or("EUR");
  TRY(decimals_of(told.currency));
  if (!typed) return {};
  const Money limit = TRY(money_from_typed(*typed));
  kept.limit = limit;
  told.currency = limit.currency;
  told.limit_kind = TRY(read_told(body, "tell_max"));
  if (told.limit_kind == market::Told::Exact) told.limit_told = limit;
  if (told.limit_kind == market::Told::Band) told.limit_told = market::band_above(limit);
  return {};
}

Result<void> read_deadline(const json& body, Instant now, market::PublicPart& told,
                           market::PrivatePart& kept) {
  const auto typed = TRY(find_string(body, "by"));
  if (!typed) return {};
  const auto day = date_from_text(*typed);
  if (!day.ok()) return refusal(ErrorCode::Malformed, "intent.bad_deadline", {{"typed", *typed}});
  if (day.value() < day_of(now))
    return refusal(ErrorCode::Malformed, "intent.deadline_past", {{"typed", *typed}});
  kept.deadline = day.value();
  const auto kind = TRY(read_told(body, "tell_by"));
  if (kind == market::Told::Exact) told.deadline_told = day.value();
  if (kind == market::Told::Band) told.deadline_told = market::band_after(day.value(), now);
  return {};
}

Result<market::Intent> read_wanted(const json& body, Instant now) {
  market::Intent intent;
  const auto text = TRY(find_string(body, "text"));
  if (!text || text->empty()) return refusal(ErrorCode::Malformed, "intent.no_text");
  intent.told.text = *text;
  intent.told.category = TRY(find_string(body, "category")).value_or("");
  intent.told.near = TRY(find_string(body, "near")).value_or("");
  intent.told.gtins = TRY(find_strings(body, "gtin")).value_or(std::vector<std::string>());
  intent.told.must = TRY(read_properties(body, "must"));
  intent.told.nice = TRY(read_properties(body, "nice"));
  TRY(read_limit(body, intent.told, intent.kept));
  TRY(read_deadline(body, now, intent.told, intent.kept));
  Duration open_for = kDefaultOpenFor;
  if (const auto typed = TRY(find_string(body, "open_for"))) {
    const auto wanted = duration_from_text(*typed);
    if (!wanted.ok() || wanted.value() > kMostOpenFor)
      return refusal(ErrorCode::Malformed, "intent.bad_open_for", {{"typed", *typed}});
    open_for = wanted.value();
  }
  intent.told.offers_until = {(now + open_for).seconds() * 1000};
  intent.kept.weights = TRY(read_weights(body, market::Weights{}));
  intent.made_at = now;
  TRY(market::check_public(intent.told));
  TRY(market::check_private(intent.kept, intent.told.currency));
  return intent;
}

// One brand's part of an intent, made but not sent.
struct Prepared {
  brands::BrandPtr brand;
  brands::IssuerPtr issuer;
  std::string iid;
  std::string shown;  // the auth_req_id
  json claims;        // of a rehearsal, which shows them
  std::string bytes;
};

// What no brand is told, of what there is.
json kept_document(const market::Intent& intent) {
  json kept = json::array();
  if (intent.kept.limit && intent.told.limit_kind != market::Told::Exact) kept.push_back("limit");
  if (intent.kept.deadline && intent.told.deadline_told != intent.kept.deadline)
    kept.push_back("deadline");
  kept.push_back("weights");
  return kept;
}

enum class Claims { Kept, Dropped };

void write_messages(std::span<Prepared> all, const market::PublicPart& told, Instant now,
                    Claims claims) {
  for (auto& one : all) {
    json said = market::intent_claims(*one.issuer, *one.brand, one.iid, one.shown, kPollInterval_s,
                                      told, now);
    one.bytes = market::write_intent_message(*one.issuer, said);
    if (claims == Claims::Kept) one.claims = std::move(said);
  }
}

// A signature a brand is most of the time that an intent to many takes: a second thread makes half of them.
void write_all_messages(std::span<Prepared> all, const market::PublicPart& told, Instant now,
                        Claims claims) {
  constexpr std::size_t kWorthAThread = 32;
  const auto here = all.first(all.size() / 2);
  const auto there = all.subspan(here.size());
  std::future<void> other;
  if (all.size() >= kWorthAThread) {
    try {
      other =
          std::async(std::launch::async, [&, there] { write_messages(there, told, now, claims); });
    } catch (const std::system_error&) {  // no thread is to be had: one is enough
    }
  }
  write_messages(here, told, now, claims);
  if (other.valid())
    other.get();
  else
    write_messages(there, told, now, claims);
}

void shuffle(std::vector<brands::BrandPtr>& brands, Random& random) {
  for (std::size_t i = brands.size(); i > 1; --i)
    std::swap(brands[i - 1], brands[random_below(random, i)]);
}

// Neither a brand nor a tag of one: with those that may have been meant.
Error unknown_recipient(const brands::BrandBook& book, const std::string& typed) {
  auto near = near_brands(book, typed);
  const auto known = book.list();
  std::vector<std::string_view> tags;
  for (const auto& brand : known) tags.insert(tags.end(), brand->tags.begin(), brand->tags.end());
  for (const auto& tag : profile::nearest(typed, tags)) near += (near.empty() ? "" : ", ") + tag;
  if (near.empty())
    return refusal(ErrorCode::NotFound, "intent.unknown_recipient", {{"to", typed}});
  return refusal(ErrorCode::NotFound, "intent.unknown_recipient_near",
                 {{"to", typed}, {"near", std::move(near)}});
}

}  // namespace

Result<market::Weights> read_weights(const json& body, market::Weights weights) {
  constexpr int kMost = 10;
  if (!body.contains("weights")) return weights;
  const auto* given = TRY(need_object(body, "weights"));
  const std::pair<std::string_view, int*> places[] = {{"price", &weights.price},
                                                      {"delivery", &weights.delivery},
                                                      {"data", &weights.data},
                                                      {"terms", &weights.terms},
                                                      {"nice", &weights.nice}};
  for (const auto& item : given->items()) {
    const std::string& name = item.key();  // clang 14 captures no structured binding
    const json& value = item.value();
    const auto* place = std::find_if(std::begin(places), std::end(places),
                                     [&](const auto& each) { return each.first == name; });
    const bool is_good = place != std::end(places) && value.is_number_integer() &&
                         value.get<std::int64_t>() >= 0 && value.get<std::int64_t>() <= kMost;
    if (!is_good) return refusal(ErrorCode::Malformed, "intent.bad_weight", {{"name", name}});
    *place->second = value.get<int>();
  }
  if (weights.price + weights.delivery + weights.data + weights.terms + weights.nice == 0)
    return refusal(ErrorCode::Malformed, "intent.bad_weight", {{"name", "0"}});
  return weights;
}

Result<std::vector<brands::BrandPtr>> OwnerDesk::recipients(const Rooms& rooms,
                                                            const json& body) const {
  const auto to = TRY(find_strings(body, "to"));
  if (!to || to->empty()) return refusal(ErrorCode::Malformed, "intent.no_recipient");
  std::vector<brands::BrandPtr> picked;
  std::set<std::string> handles;
  const auto pick = [&](const brands::BrandPtr& brand) {
    if (handles.insert(brand->handle).second) picked.push_back(brand);
  };
  const auto known = rooms.brands.list();
  for (const auto& name : *to) {
    if (const auto brand = rooms.brands.find(name); brand != nullptr) {
      if (brand->standing != brands::Standing::Known)
        return refusal(ErrorCode::Denied, "brand.not_served", {{"brand", brand->handle}});
      if (brand->intent_endpoint.empty())
        return refusal(ErrorCode::Denied, "intent.takes_none", {{"brand", brand->handle}});
      pick(brand);
      continue;
    }
    const std::string_view word = name;
    const std::string tag(word.starts_with("tag:") ? word.substr(4) : word);
    bool is_tag = false;
    for (const auto& brand : known) {
      const auto& tags = brand->tags;
      if (std::find(tags.begin(), tags.end(), tag) == tags.end()) continue;
      is_tag = true;
      // Of many, those that cannot be asked are passed over.
      if (brand->standing == brands::Standing::Known && !brand->intent_endpoint.empty())
        pick(brand);
    }
    if (!is_tag) return unknown_recipient(rooms.brands, tag);
  }
  if (picked.empty()) return refusal(ErrorCode::Malformed, "intent.no_recipient");
  shuffle(picked, vault_.means().random);
  return picked;
}

Result<json> OwnerDesk::new_intent(const json& body, bool is_rehearsal) {
  auto* rooms = TRY(vault_.changeable_rooms());
  const Instant now = vault_.now();
  market::Intent intent = TRY(read_wanted(body, now));
  const auto picked = TRY(recipients(*rooms, body));
  const bool jitters = TRY(find_bool(body, "jitter")).value_or(true);
  Random& random = vault_.means().random;
  intent.id = IntentId::make(random);
  std::vector<Prepared> prepared;
  for (const auto& brand : picked) {
    const auto issuer = rooms->issuers.of_brand(brand->handle);
    if (issuer == nullptr) return Error{ErrorCode::Corrupt, "a brand has no issuer"};
    prepared.push_back({.brand = brand,
                        .issuer = issuer,
                        .iid = new_unguessable_name(random),
                        .shown = grants::TicketBook::draw(random),
                        .claims = {},
                        .bytes = {}});
  }
  write_all_messages(prepared, intent.told, now, is_rehearsal ? Claims::Kept : Claims::Dropped);
  if (is_rehearsal) {
    json messages = json::array();
    for (auto& one : prepared)
      messages.push_back({{"brand", one.brand->handle},
                          {"url", one.brand->intent_endpoint},
                          {"claims", std::move(one.claims)},
                          {"bytes", std::move(one.bytes)}});
    return json{{"schema", "vrm.dry_run/1"},
                {"intent", intent_document(*rooms, intent, now)},
                {"messages", std::move(messages)},
                {"kept", kept_document(intent)}};
  }
  const auto job = [&](store::Txn& txn) -> Result<void> {
    TRY(rooms->intents.make(txn, intent, random));
    std::vector<brands::Outgoing> messages;
    for (const auto& one : prepared) {
      TRY(rooms->invitations.make(txn,
                                  {.iid = one.iid,
                                   .intent = intent.id.text,
                                   .brand = one.brand->handle,
                                   .currency = intent.told.currency,
                                   .offers_until = intent.told.offers_until,
                                   .url = one.brand->intent_endpoint,
                                   .key = one.brand->key},
                                  random));
      const grants::Ticket ticket{.kind = grants::TicketKind::ForIntent,
                                  .brand = one.brand->handle,
                                  .target = one.iid,
                                  .expires_at = intent.told.offers_until + kAnswerLife,
                                  .key = one.brand->key};
      TRY(rooms->tickets.make(txn, ticket, one.shown));
      const auto pause =
          jitters ? static_cast<std::int64_t>(random_below(random, kMostJitterMs)) : 0;
      messages.push_back({.id = {},
                          .brand = one.brand->handle,
                          .about = "intent:" + one.iid,
                          .url = one.brand->intent_endpoint,
                          .content_type = "application/jwt",
                          .body = one.bytes,
                          .attempts = 0,
                          .due = now + Duration(pause),
                          .given_up_at = intent.told.offers_until,
                          .key = one.brand->key});
      const journal::Entry entry{.at = now,
                                 .kind = journal::Kind::IntentSent,
                                 .brand_key = one.brand->key,
                                 .brand = one.brand->handle,
                                 .reason = intent.id.text};
      TRY(journal::append(txn, *rooms->store, entry));
    }
    return deals_.post_all(txn, *rooms, std::move(messages));
  };
  TRY(rooms->store->run(job));
  return this->intent(intent.id.text);
}

Result<json> OwnerDesk::intents(bool all) const {
  auto* rooms = TRY(vault_.open_rooms());
  const Instant now = vault_.now();
  json items = json::array();
  for (const auto& intent : rooms->intents.list()) {
    const auto state = state_of(*rooms, *intent, now);
    const bool shown = state == market::IntentState::Open ||
                       state == market::IntentState::Accepting ||
                       state == market::IntentState::Accepted;
    if (all || shown) items.push_back(intent_document(*rooms, *intent, now));
  }
  return json{{"schema", "vrm.intents/1"}, {"items", std::move(items)}};
}

Result<json> OwnerDesk::intent(std::string_view id) const {
  auto* rooms = TRY(vault_.open_rooms());
  const auto intent = TRY(rooms->intents.find_typed(id));
  return intent_document(*rooms, *intent, vault_.now());
}

Result<json> OwnerDesk::cancel_intent(std::string_view id) {
  auto* rooms = TRY(vault_.changeable_rooms());
  const auto typed = TRY(rooms->intents.find_typed(id));
  const std::string name = typed->id.text;
  const auto job = [&](store::Txn& txn) -> Result<void> {
    const auto intent = rooms->intents.find(name);
    const Instant now = vault_.now();
    const auto state = state_of(*rooms, *intent, now);
    if (state == market::IntentState::Cancelled) return {};
    if (!market::next(state, market::IntentEvent::Cancel)) return not_open(*rooms, *intent, now);
    market::Intent next = *intent;
    next.cancelled = true;
    TRY(rooms->intents.put(txn, std::move(next)));
    TRY(deals_.close_invitations(txn, *rooms, name, ""));
    const journal::Entry entry{.at = now, .kind = journal::Kind::IntentCancelled, .reason = name};
    TRY(journal::append(txn, *rooms->store, entry));
    deals_.tell_after(txn, "intent_closed", name, "", "");
    return {};
  };
  TRY(rooms->store->run(job));
  return this->intent(name);
}

void OwnerDesk::follow(std::uint64_t after, Duration wait, std::string intent,
                       std::function<void(json)> answer) {
  deals_.feed().follow(after, wait,
                       [intent = std::move(intent), answer = std::move(answer)](const News& news) {
                         answer(news_document(news, intent));
                       });
}

}  // namespace vrm::gate
