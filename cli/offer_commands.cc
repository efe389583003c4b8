// vrm offers, offer show, decline.

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/document.h"
#include "cli/intent_text.h"
#include "cli/offer_table.h"
#include "cli/offer_text.h"
#include "cli/offer_watch.h"
#include "cli/session.h"
#include "cli/typed_id.h"
#include "vault/api/paths.h"

namespace vrm::cli {

namespace {

using nlohmann::json;

// The one named, or the newest that is open.
Result<json> wanted_intent(Session& session) {
  if (!session.arguments().empty()) {
    TRY(check_typed_id(session, session.argument(0), api::kIntents));
    const auto path = TRY(api::path_to(api::kIntents, session.argument(0)));
    return session.get(path);
  }
  const auto intents = TRY(session.get(std::string(api::kIntents)));
  const json* newest = nullptr;
  for (const auto& intent : list_at(intents, "items")) {
    const auto state = raw_at(intent, "state");
    if (state != "open" && state != "accepting") continue;
    if (newest == nullptr || raw_at(intent, "made_at") > raw_at(*newest, "made_at"))
      newest = &intent;
  }
  if (newest == nullptr) return refusal(ErrorCode::NotFound, "offers.no_intent");
  return *newest;
}

Result<json> comparison_from(const Session& session) {
  json body = json::object();
  if (const auto sort = session.value("sort")) body["sort"] = *sort;
  if (session.has("weights")) {
    auto weights = TRY(weights_from(session));
    body["weights"] = std::move(weights);
  }
  if (session.has("must-only")) body["must_only"] = true;
  return body;
}

// Every brand has said that it offers nothing.
bool all_pass(const json& intent) {
  const auto& brands = list_at(intent, "brands");
  return !brands.empty() && std::all_of(brands.begin(), brands.end(), [](const json& brand) {
    return raw_at(brand, "answer") == "no_offer";
  });
}

// Nobody heard of it, and the vault has stopped trying.
bool all_dead(const json& intent) {
  const auto& brands = list_at(intent, "brands");
  return !brands.empty() && std::all_of(brands.begin(), brands.end(), [](const json& brand) {
    return raw_at(brand, "delivery") == "dead";
  });
}

// Which sentence tells what can be done now: with the best offer that has all that it must have, or with none.
void show_next(Screen& screen, const json& offers, const json& intent) {
  const Gaps with = {{"intent", text_at(intent, "id")},
                     {"state", screen.word("intent_state.", raw_at(intent, "state"))}};
  const auto state = raw_at(intent, "state");
  if (state == "accepting") return screen.note("offers.accepting", with);
  if (state == "accepted" || state == "cancelled") return screen.note("offers.over", with);
  const json* failing = nullptr;
  for (const auto& offer : list_at(offers, "items")) {
    if (raw_at(offer, "state") != "live") continue;
    if (has_at(offer, "score")) return screen.note("offers.next", {{"id", text_at(offer, "id")}});
    if (failing == nullptr) failing = &offer;
  }
  if (failing != nullptr)
    return screen.note("offers.next_fails", {{"id", text_at(*failing, "id")}});
  if (all_pass(intent)) return screen.note("offers.all_pass", with);
  if (all_dead(intent)) return screen.note("offers.all_dead", with);
  screen.note(list_at(offers, "items").empty() ? "offers.none_yet_wait" : "offers.none", with);
}

}  // namespace

Result<void> run_offers(Session& session) {
  const auto body = TRY(comparison_from(session));
  auto intent = TRY(wanted_intent(session));
  const auto id = session.arguments().empty() ? text_at(intent, "id") : session.argument(0);
  const auto path = TRY(api::path_to(api::kIntents, id, api::kIntentOffers));
  auto offers = TRY(session.post(path, body));
  if (session.has("watch")) return watch_offers(session, id, intent, offers, body);
  auto& screen = session.screen();
  if (session.settings().json) {
    screen.document(offers);
    return {};
  }
  if (!list_at(offers, "items").empty()) show_offers(screen, intent, offers);
  for (const auto& silence : silences(screen, intent)) screen.note("answer.of", silence);
  show_next(screen, offers, intent);
  return {};
}

Result<void> run_offer_show(Session& session) {
  TRY(check_typed_offer(session.argument(0)));
  const auto path = TRY(api::path_to(api::kOffers, session.argument(0)));
  const auto offer = TRY(session.get(path));
  if (session.settings().json)
    session.screen().document(offer);
  else
    show_offer(session.screen(), offer);
  return {};
}

Result<void> run_decline(Session& session) {
  TRY(check_typed_offer(session.argument(0)));
  const auto path = TRY(api::path_to(api::kOffers, session.argument(0), api::kDecline));
  const auto offer = TRY(session.post(path));
  if (session.settings().json)
    session.screen().document(offer);
  else if (!session.settings().quiet)
    session.screen().say("decline.done", {{"id", text_at(offer, "id")},
                                          {"title", text_at(offer, "title")},
                                          {"brand", text_at(offer, "brand")}});
  return {};
}

}  // namespace vrm::cli
