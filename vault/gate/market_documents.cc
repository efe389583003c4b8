#include "vault/gate/market_documents.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "vault/gate/documents.h"
#include "vault/market/offer.h"

namespace vrm::gate {

namespace {

using nlohmann::json;

json money_or_null(const std::optional<Money>& money) {
  return money ? money_document(*money) : json(nullptr);
}
json date_or_null(const std::optional<Instant>& day) {
  return day ? json(market::date_of(*day)) : json(nullptr);
}
template <typename T>
json or_null(const std::optional<T>& value) {
  return value ? json(*value) : json(nullptr);
}

json properties_document(const std::vector<market::Property>& properties) {
  json items = json::array();
  for (const auto& property : properties)
    items.push_back({{"name", property.name}, {"value", property.value}});
  return items;
}

json weights_document(const market::Weights& weights) {
  return {{"price", weights.price},
          {"delivery", weights.delivery},
          {"data", weights.data},
          {"terms", weights.terms},
          {"nice", weights.nice}};
}

bool can_be_chosen(market::OfferState state) {
  return state == market::OfferState::Live || state == market::OfferState::Accepted;
}

// When what failed already is sent again, by what it is about.
using Retries = std::map<std::string, Instant, std::less<>>;

Retries retries_of(const Rooms& rooms) {
  Retries retries;
  for (const auto& waiting : rooms.outbox.all())
    if (waiting->attempts > 0) retries.insert_or_assign(waiting->about, waiting->due);
  return retries;
}

json brand_line(const Rooms& rooms, const market::Invitation& invitation, const Retries& retries,
                Instant now) {
  const auto brand = rooms.brands.find(invitation.brand);
  std::int64_t offers = 0;
  for (const auto& entry : invitation.offers)
    if (can_be_chosen(market::state_of(entry, now))) ++offers;
  const json answered = offers > 0                  ? json("offered")
                        : invitation.passes         ? json("no_offer")
                        : invitation.offers.empty() ? json(nullptr)
                                                    : json("ended");
  json line = {{"brand", invitation.brand},
               {"name", brand == nullptr ? invitation.brand : brand->name},
               {"delivery", market::to_string(invitation.delivered)},
               {"attempts", invitation.attempts},
               {"next_at", nullptr},
               {"answer", answered},
               {"offers", offers}};
  const auto retry = retries.find("intent:" + invitation.iid);
  if (retry != retries.end()) line["next_at"] = in_seconds(retry->second);
  return line;
}

json required_document(const Rooms& rooms, const std::string& brand,
                       const market::RequiredData& required, const grants::Purposes& purposes) {
  json item = {{"field", required.field},
               {"purpose", required.purpose},
               {"needed_at", required.needed_at},
               {"retention_days", required.retention_days},
               {"recipients", required.recipients},
               {"optional", required.optional},
               {"have", is_there(rooms, required.field)},
               {"sensitive",
                rooms.profile.catalogue().sensitivity_of(required.field) >= profile::kSensitive}};
  add_marks(item, rooms, brand, purposes);
  return item;
}

// It asks more than the brand registered, or what is not usual for its purpose.
bool asks_too_much(const json& item) {
  for (const char* mark :
       {"unusual", "unregistered", "unregistered_purpose", "unregistered_retention"})
    if (item.at(mark).get<bool>()) return true;
  return false;
}

json price_change(const market::OfferFile& file, const market::Offer& offer) {
  if (file.revisions.size() < 2) return nullptr;
  const auto before = market::read_kept_offer(file.revisions[file.revisions.size() - 2].jws);
  if (!before.ok() || before.value().total.minor == offer.total.minor) return nullptr;
  const bool fell = before.value().total.minor > offer.total.minor;
  const Money by{fell ? before.value().total.minor - offer.total.minor
                      : offer.total.minor - before.value().total.minor,
                 offer.total.currency};
  json change = money_document(by);
  if (fell) change["amount"] = "-" + change["amount"].get<std::string>();
  return change;
}

struct Line {
  market::OfferFilePtr file;
  market::Offer offer;
  market::OfferState state;
};

json line_document(const Rooms& rooms, const Line& line, const grants::Purposes& purposes) {
  const auto brand = rooms.brands.find(line.file->brand);
  json data = json::array();
  for (const auto& required : line.offer.required)
    data.push_back(required_document(rooms, line.file->brand, required, purposes));
  const bool too_much = std::any_of(data.begin(), data.end(), asks_too_much);
  return {{"id", line.file->id.text},
          {"brand", line.file->brand},
          {"brand_name", brand == nullptr ? line.file->brand : brand->name},
          {"title", line.offer.title},
          {"rev", line.offer.rev},
          {"state", market::to_string(line.state)},
          {"subtotal", money_document(line.offer.subtotal)},
          {"shipping", money_document(line.offer.shipping)},
          {"fee", money_document(line.offer.fee)},
          {"total", money_document(line.offer.total)},
          {"arrives", market::date_of(line.offer.arrives)},
          {"valid_until", in_seconds(line.offer.valid_until)},
          {"warranty_months", or_null(line.offer.warranty_months)},
          {"return_days", or_null(line.offer.return_days)},
          {"properties", properties_document(line.offer.properties)},
          {"data", std::move(data)},
          {"over_asking", too_much},
          {"price_change", price_change(*line.file, line.offer)}};
}

bool is_met(const market::Met& met) {
  return met.why == market::Why::Passes;
}

json met_document(const std::vector<market::Met>& asked) {
  json items = json::array();
  for (const auto& met : asked) {
    json item = {{"name", met.name}, {"pass", is_met(met)}};
    if (!is_met(met)) item["why"] = market::to_string(met.why);
    items.push_back(std::move(item));
  }
  return items;
}

void add_ranking(json& item, const market::Ranked& ranked) {
  item["musts_asked"] = ranked.musts.size();
  item["musts_passed"] = std::count_if(ranked.musts.begin(), ranked.musts.end(), is_met);
  item["musts"] = met_document(ranked.musts);
  item["nices"] = met_document(ranked.nices);
  item["data_cost"] = ranked.data_cost;
  item["score"] = ranked.passes ? json(ranked.score) : json(nullptr);
  json parts = json::array();
  for (const auto& part : ranked.parts)
    parts.push_back({{"name", part.name}, {"weight", part.weight}, {"points", part.points}});
  item["parts"] = std::move(parts);
}

Result<std::vector<Line>> lines_of(const Rooms& rooms, std::string_view intent, Instant now) {
  std::vector<Line> lines;
  for (const auto& file : rooms.offers.of_intent(intent)) {
    auto offer = TRY(market::read_kept_offer(file->latest().jws));
    lines.push_back({file, std::move(offer), state_of(rooms, *file, now)});
  }
  return lines;
}

std::vector<market::Ranked> ranked_lines(const Rooms& rooms, const market::Intent& intent,
                                         const std::vector<Line>& lines,
                                         const Comparing& comparing) {
  std::vector<market::Offer> offers;
  for (const auto& line : lines) offers.push_back(line.offer);
  const auto& catalogue = rooms.profile.catalogue();
  const market::Wanted wanted{.told = intent.told,
                              .kept = intent.kept,
                              .weights = comparing.weights,
                              .is_sensitive = [&catalogue](std::string_view field) {
                                return catalogue.sensitivity_of(field) >= profile::kSensitive;
                              }};
  return market::rank(offers, wanted, comparing.sort);
}

}  // namespace

json money_document(const Money& money) {
  return {{"amount", amount_of(money)}, {"currency", money.currency}};
}

market::IntentState state_of(const Rooms& rooms, const market::Intent& intent, Instant now) {
  std::optional<market::AcceptanceState> latest;
  if (!intent.acceptance.empty()) {
    // One that is gone with its brand had been acknowledged: OwnerDesk::forget_brand.
    const auto acceptance = rooms.acceptances.find(intent.acceptance);
    latest = acceptance == nullptr ? market::AcceptanceState::Acknowledged : acceptance->state;
  }
  return intent.state(latest, now);
}

Error not_open(const Rooms& rooms, const market::Intent& intent, Instant now) {
  const auto acceptance = rooms.acceptances.find(intent.acceptance);
  const auto state = state_of(rooms, intent, now);
  const char* say = state == market::IntentState::Accepting  ? "intent.under_way"
                    : state == market::IntentState::Accepted ? "intent.is_accepted"
                                                             : "intent.not_open";
  return refusal(ErrorCode::Conflict, say,
                 {{"intent", intent.id.text},
                  {"offer", acceptance == nullptr ? "" : acceptance->offer},
                  {"brand", acceptance == nullptr ? "" : acceptance->brand}});
}

market::OfferState state_of(const Rooms& rooms, const market::OfferFile& file, Instant now) {
  const auto invitation = rooms.invitations.find(file.iid);
  const auto* entry = invitation == nullptr ? nullptr : invitation->find(file.oid);
  return entry == nullptr ? market::OfferState::Closed : market::state_of(*entry, now);
}

namespace {

// How the latest acceptance of the intent stands.
json acceptance_document(const Rooms& rooms, const market::Intent& intent) {
  const auto acceptance = rooms.acceptances.find(intent.acceptance);
  if (acceptance == nullptr) return nullptr;
  return {{"schema", "vrm.acceptance/1"},
          {"id", acceptance->id.text},
          {"intent", acceptance->intent},
          {"offer", acceptance->offer},
          {"rev", acceptance->rev},
          {"brand", acceptance->brand},
          {"state", market::to_string(acceptance->state)},
          {"until", in_seconds(acceptance->until)},
          {"order", acceptance->order.empty() ? json(nullptr) : json(acceptance->order)},
          {"grants", acceptance->grants}};
}

}  // namespace

json intent_document(const Rooms& rooms, const market::Intent& intent, Instant now) {
  json brands = json::array();
  std::int64_t live = 0;
  const Retries retries = retries_of(rooms);
  for (const auto& invitation : rooms.invitations.of_intent(intent.id.text)) {
    brands.push_back(brand_line(rooms, *invitation, retries, now));
    for (const auto& entry : invitation->offers)
      if (market::state_of(entry, now) == market::OfferState::Live) ++live;
  }
  return {{"schema", "vrm.intent/1"},
          {"id", intent.id.text},
          {"text", intent.told.text},
          {"category", intent.told.category},
          {"gtin", intent.told.gtins},
          {"near", intent.told.near},
          {"must", properties_document(intent.told.must)},
          {"nice", properties_document(intent.told.nice)},
          {"currency", intent.told.currency},
          {"limit", money_or_null(intent.kept.limit)},
          {"limit_told", market::to_string(intent.told.limit_kind)},
          {"limit_shown", money_or_null(intent.told.limit_told)},
          {"deadline", date_or_null(intent.kept.deadline)},
          {"deadline_told", !intent.told.deadline_told                          ? "none"
                            : intent.told.deadline_told == intent.kept.deadline ? "exact"
                                                                                : "band"},
          {"deadline_shown", date_or_null(intent.told.deadline_told)},
          {"weights", weights_document(intent.kept.weights)},
          {"state", market::to_string(state_of(rooms, intent, now))},
          {"made_at", in_seconds(intent.made_at)},
          {"offers_until", in_seconds(intent.told.offers_until)},
          {"offers_live", live},
          {"acceptance", acceptance_document(rooms, intent)},
          {"brands", std::move(brands)}};
}

Result<json> offers_document(const Rooms& rooms, const market::Intent& intent,
                             const Comparing& comparing, const grants::Purposes& purposes,
                             Instant now) {
  std::vector<Line> chosen;
  std::vector<Line> ended;
  auto lines = TRY(lines_of(rooms, intent.id.text, now));
  for (auto& line : lines) (can_be_chosen(line.state) ? chosen : ended).push_back(std::move(line));
  json items = json::array();
  for (const auto& ranked : ranked_lines(rooms, intent, chosen, comparing)) {
    if (comparing.must_only && !ranked.passes) continue;
    json item = line_document(rooms, chosen[ranked.index], purposes);
    add_ranking(item, ranked);
    items.push_back(std::move(item));
  }
  if (!comparing.must_only)
    for (const auto& line : ended) items.push_back(line_document(rooms, line, purposes));
  return json{{"schema", "vrm.offers/1"},
              {"intent", intent_document(rooms, intent, now)},
              {"weights", weights_document(comparing.weights)},
              {"items", std::move(items)}};
}

namespace {

// What the brand calls the order that it made of the offer; null while there is none.
json order_of(const Rooms& rooms, const market::Intent& intent, const market::OfferFile& file) {
  const auto acceptance = rooms.acceptances.find(intent.acceptance);
  if (acceptance == nullptr || acceptance->offer != file.id.text || acceptance->order.empty())
    return nullptr;
  return acceptance->order;
}

}  // namespace

Result<json> offer_document(const Rooms& rooms, const market::Intent& intent,
                            const market::OfferFile& file, const grants::Purposes& purposes,
                            Instant now) {
  std::vector<Line> lines = TRY(lines_of(rooms, intent.id.text, now));
  const auto wanted = std::find_if(lines.begin(), lines.end(),
                                   [&](const Line& line) { return line.file->id == file.id; });
  if (wanted == lines.end()) return Error{ErrorCode::Corrupt, "an offer is not among its own"};
  json document = line_document(rooms, *wanted, purposes);
  for (auto& item : document["data"])
    add_purpose(item, purposes, item["purpose"].get<std::string>());
  std::vector<Line> chosen;
  for (const auto& line : lines)
    if (can_be_chosen(line.state)) chosen.push_back(line);
  const Comparing comparing{.weights = intent.kept.weights};
  for (const auto& ranked : ranked_lines(rooms, intent, chosen, comparing))
    if (chosen[ranked.index].file->id == file.id) add_ranking(document, ranked);
  json revisions = json::array();
  for (const auto& revision : file.revisions) {
    const auto offer = TRY(market::read_kept_offer(revision.jws));
    revisions.push_back({{"rev", revision.rev},
                         {"total", money_document(offer.total)},
                         {"received_at", in_seconds(revision.received_at)}});
  }
  document["schema"] = "vrm.offer/1";
  document["intent"] = intent.id.text;
  document["order"] = order_of(rooms, intent, file);
  document["revisions"] = std::move(revisions);
  document["offer"] = TRY(market::offer_document(file.latest().jws));
  return document;
}

json news_document(const News& news, std::string_view intent) {
  json items = json::array();
  for (const auto& event : news.events) {
    if (!intent.empty() && event.intent != intent) continue;
    items.push_back({{"number", event.number},
                     {"at", in_seconds(event.at)},
                     {"kind", event.kind},
                     {"intent", event.intent},
                     {"offer", event.offer},
                     {"brand", event.brand}});
  }
  return {{"schema", "vrm.events/1"},
          {"cursor", news.cursor},
          {"missed", news.missed},
          {"items", std::move(items)}};
}

}  // namespace vrm::gate
