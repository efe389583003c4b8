// vrm grant renew: grants go on, in one step.

#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/document.h"
#include "cli/session.h"
#include "cli/typed_date.h"
#include "cli/typed_id.h"
#include "vault/api/paths.h"

namespace vrm::cli {

namespace {

using nlohmann::json;

void show_what_would(Screen& screen, const json& rehearsal) {
  for (const auto& item : list_at(rehearsal, "items")) {
    screen.say("renew.one", {{"id", text_at(item, "id")},
                             {"brand", text_at(item, "brand")},
                             {"fields", joined(texts_at(item, "fields"))},
                             {"purpose", text_at(item, "purpose")},
                             {"before", screen.when(raw_at(item, "ended_at"))},
                             {"after", screen.when(raw_at(item, "expires_at"))}});
    if (const auto asked = texts_at(item, "requests"); !asked.empty())
      screen.line("  " + screen.text("renew.one_asked", {{"requests", joined(asked)}}));
  }
  screen.flush();
}

// Exactly one of: ids, --ending.
Result<json> which(Session& session) {
  const auto ending = session.value("ending");
  if (session.arguments().empty() == !ending) return refusal(ErrorCode::Malformed, "usage.renew");
  if (ending) return json{{"ending", length_from_typed(*ending)}};
  for (const auto& id : session.arguments()) TRY(check_typed_id(session, id, api::kGrants));
  return json{{"ids", session.arguments()}};
}

}  // namespace

Result<void> run_grant_renew(Session& session) {
  const auto wanted = TRY(which(session));
  const auto path = std::string(api::kRenew);
  const auto rehearsal = TRY(session.post(api::with_query(path, "dry_run", "1"), wanted));
  auto& screen = session.screen();
  const auto& items = list_at(rehearsal, "items");
  if (!items.empty() && !session.settings().yes) {
    TRY(session.asks());
    if (!session.settings().json) show_what_would(screen, rehearsal);
    TRY(session.confirm("ask.renew", {}));
  }
  json renewed = rehearsal;
  if (!items.empty()) {
    // What was shown is what goes on, whatever was typed.
    json ids = json::array();
    for (const auto& item : items) ids.push_back(raw_at(item, "id"));
    renewed = TRY(session.post(path, {{"ids", std::move(ids)}}));
  }
  if (session.settings().json) {
    screen.document(renewed);
    return {};
  }
  if (items.empty()) screen.note("renew.nothing");
  if (session.settings().quiet) return {};
  for (const auto& item : list_at(renewed, "items"))
    screen.say("renew.done", {{"id", text_at(item, "id")},
                              {"brand", text_at(item, "brand")},
                              {"fields", joined(texts_at(item, "fields"))},
                              {"when", screen.when(raw_at(item, "expires_at"))}});
  return {};
}

}  // namespace vrm::cli
