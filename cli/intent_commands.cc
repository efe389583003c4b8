// vrm intent list, intent show, intent cancel.

#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/document.h"
#include "cli/intent_text.h"
#include "cli/session.h"
#include "cli/typed_date.h"
#include "cli/typed_id.h"
#include "vault/api/paths.h"

namespace vrm::cli {

namespace {

using nlohmann::json;

constexpr std::string_view kEveryIntent = "/v1/intents?all=1";

// How many there are to choose from, or the one that was chosen.
std::string offers_text(const json& intent) {
  if (raw_at(intent, "state") == "accepted")
    return text_at(object_at(intent, "acceptance"), "offer");
  return std::to_string(number_at(intent, "offers_live"));
}

void show_intents(Screen& screen, const json& intents) {
  Table table{{"head.id", "head.wanted", "head.limit", "head.deadline", "head.state", "head.offers",
               "head.ends"},
              {}};
  const auto day = today();
  for (const auto& intent : list_at(intents, "items"))
    table.rows.push_back({text_at(intent, "id"), text_at(intent, "text"), money_at(intent, "limit"),
                          shown_day(screen, text_at(intent, "deadline"), day),
                          screen.word("intent_state.", text_at(intent, "state")),
                          offers_text(intent), screen.when(raw_at(intent, "offers_until"))});
  if (table.rows.empty())
    screen.note("intent.none");
  else
    screen.table(table);
}

}  // namespace

Result<void> run_intent_list(Session& session) {
  std::string path(api::kIntents);
  if (session.has("all")) path = api::with_query(path, "all", "1");
  const auto intents = TRY(session.get(path));
  if (session.settings().json)
    session.screen().document(intents);
  else
    show_intents(session.screen(), intents);
  return {};
}

Result<void> run_intent_show(Session& session) {
  TRY(check_typed_id(session, session.argument(0), kEveryIntent));
  const auto path = TRY(api::path_to(api::kIntents, session.argument(0)));
  const auto intent = TRY(session.get(path));
  if (session.settings().json)
    session.screen().document(intent);
  else
    show_intent(session.screen(), intent);
  return {};
}

Result<void> run_intent_cancel(Session& session) {
  TRY(check_typed_id(session, session.argument(0), api::kIntents));
  const auto path = TRY(api::path_to(api::kIntents, session.argument(0), api::kCancel));
  const auto intent = TRY(session.post(path));
  if (session.settings().json)
    session.screen().document(intent);
  else if (!session.settings().quiet)
    session.screen().say("intent.cancelled",
                         {{"id", text_at(intent, "id")}, {"text", text_at(intent, "text")}});
  return {};
}

}  // namespace vrm::cli
