// vrm log, log verify, verify.

#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/document.h"
#include "cli/session.h"
#include "vault/api/paths.h"
#include "vault/base/clock.h"
#include "vault/base/time.h"

namespace vrm::cli {

namespace {

using nlohmann::json;

// A length of time counts back from now; a date or time stands as typed.
std::string since_text(const std::string& typed) {
  const auto length = duration_from_text(typed);
  if (!length.ok()) return typed;
  return to_rfc3339(SystemClock().now() - length.value());
}

Result<std::string> log_path(const Session& session) {
  std::string path(api::kLog);
  for (const auto* name : {"brand", "field", "kind"})
    if (const auto typed = session.value(name)) path = api::with_query(path, name, *typed);
  if (const auto since = session.value("since"))
    path = api::with_query(path, "since", since_text(*since));
  const auto limit = TRY(session.number("limit"));
  if (limit) path = api::with_query(path, "limit", std::to_string(*limit));
  return path;
}

// A terminal is too narrow for the grant's id as well.
void show_log(Screen& screen, const json& log) {
  Table table{{"head.when", "head.kind", "head.outcome", "head.brand", "head.fields", "head.for",
               "head.reason"},
              {}};
  const bool wide = !screen.settings().to_terminal;
  if (wide) table.headings.push_back("head.grant");
  for (const auto& item : list_at(log, "items")) {
    table.rows.push_back(
        {screen.when(raw_at(item, "at")), screen.word("kind.", text_at(item, "kind")),
         screen.word("outcome.", text_at(item, "outcome")), text_at(item, "brand"),
         joined(texts_at(item, "fields")), text_at(item, "purpose"), text_at(item, "reason")});
    if (wide) table.rows.back().push_back(text_at(item, "grant"));
  }
  if (table.rows.empty()) return screen.note("log.none");
  screen.table(table);
  screen.note("log.next", {{"size", std::to_string(number_at(log, "size"))}});
}

// Exit 12 when something does not verify, even where the daemon answers with the report.
Result<void> show_verdict(Session& session, const json& verdict, std::string_view key) {
  auto& screen = session.screen();
  const bool ok = flag_at(verdict, "ok");
  if (session.settings().json) {
    screen.document(verdict);
  } else if (ok) {
    screen.say(key, {{"rows", std::to_string(number_at(verdict, "rows"))},
                     {"records", std::to_string(number_at(verdict, "log_records"))}});
  } else {
    for (const auto& damage : list_at(verdict, "damages"))
      screen.line(screen.text("status.damaged", {{"place", text_at(damage, "place")}}));
  }
  if (ok) return {};
  const auto& damages = list_at(verdict, "damages");
  return refusal(ErrorCode::Corrupt, "verify.damaged",
                 {{"place", damages.empty() ? "-" : text_at(damages[0], "place")}});
}

}  // namespace

Result<void> run_log(Session& session) {
  const auto path = TRY(log_path(session));
  const auto log = TRY(session.get(path));
  if (session.settings().json)
    session.screen().document(log);
  else
    show_log(session.screen(), log);
  return {};
}

Result<void> run_log_verify(Session& session) {
  const auto verdict = TRY(session.post(std::string(api::kLogVerify)));
  return show_verdict(session, verdict, "log.verified");
}

Result<void> run_verify(Session& session) {
  const auto verdict = TRY(session.post(std::string(api::kVerify)));
  return show_verdict(session, verdict, "verify.done");
}

}  // namespace vrm::cli
