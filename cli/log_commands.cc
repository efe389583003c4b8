// vrm log, log verify, verify.

#include <time.h>

#include <ctime>
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/document.h"
#include "cli/log_text.h"
#include "cli/session.h"
#include "cli/typed_date.h"
#include "vault/api/paths.h"
#include "vault/base/clock.h"
#include "vault/base/time.h"

namespace vrm::cli {

namespace {

using nlohmann::json;

constexpr Duration kVerifyPatience = std::chrono::minutes(5);  // a large vault is read as a whole

// A length of time counts back from now; a date or an hour is the owner's, as the table shows it.
Result<std::string> since_text(const std::string& typed) {
  const auto now = SystemClock().now();
  const auto length = duration_from_text(typed);
  if (length.ok()) return to_rfc3339(now - length.value());
  if (const auto at = moment_from_typed(typed)) return to_rfc3339(*at);
  return refusal(ErrorCode::Malformed, "log.bad_since", {{"since", typed}});
}

Result<std::string> log_path(Session& session) {
  std::string path(api::kLog);
  for (const auto* name : {"brand", "field"})
    if (const auto typed = session.value(name)) path = api::with_query(path, name, *typed);
  if (const auto typed = session.value("kind")) {
    const auto kind = TRY(kind_from(session.screen(), *typed));
    path = api::with_query(path, "kind", kind);
  }
  if (const auto typed = session.value("since")) {
    const auto since = TRY(since_text(*typed));
    path = api::with_query(path, "since", since);
  }
  const auto limit = TRY(session.number("limit"));
  if (limit) path = api::with_query(path, "limit", std::to_string(*limit));
  return path;
}

void show_log(Screen& screen, const json& log) {
  if (list_at(log, "items").empty()) return screen.note("log.none");
  if (screen.settings().to_terminal) {
    show_log_table(screen, log);
  } else {
    Table table{{"head.when", "head.kind", "head.outcome", "head.brand", "head.fields", "head.for",
                 "head.reason", "head.grant"},
                {}};
    for (const auto& item : list_at(log, "items"))
      table.rows.push_back({screen.when(raw_at(item, "at")), kind_text(screen, item),
                            screen.word("outcome.", text_at(item, "outcome")),
                            text_at(item, "brand"), joined(texts_at(item, "fields")),
                            text_at(item, "purpose"), reason_text(screen, item),
                            text_at(item, "grant")});
    screen.table(table);
  }
  const auto shown = static_cast<std::int64_t>(list_at(log, "items").size());
  if (const auto matching = number_at(log, "matching"); matching > shown)
    screen.note("log.more",
                {{"shown", std::to_string(shown)}, {"matching", std::to_string(matching)}});
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
  const auto verdict = TRY(
      session.send({"POST", std::string(api::kLogVerify), "", BodyKind::None, kVerifyPatience}));
  return show_verdict(session, verdict, "log.verified");
}

Result<void> run_verify(Session& session) {
  const auto verdict =
      TRY(session.send({"POST", std::string(api::kVerify), "", BodyKind::None, kVerifyPatience}));
  return show_verdict(session, verdict, "verify.done");
}

}  // namespace vrm::cli
