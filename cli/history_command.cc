// vrm history: what a field was before, and back to it.

#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/document.h"
#include "cli/names.h"
#include "cli/session.h"
#include "vault/api/paths.h"

namespace vrm::cli {

namespace {

using nlohmann::json;

// `derived_from`: the field that a claim is made of.
std::string source_text(const Screen& screen, const json& item, const std::string& derived_from) {
  constexpr std::string_view kImport = "import:";
  constexpr std::string_view kRestored = "restored:";
  const std::string source = text_at(item, "source");
  std::string text;
  if (source == "self")
    text = screen.text("history.typed");
  else if (source == "derived")
    text = derived_from.empty() ? screen.text("history.derived")
                                : screen.text("history.derived_from", {{"from", derived_from}});
  else if (source.starts_with(kRestored))
    text = screen.text("history.restored", {{"version", source.substr(kRestored.size())}});
  else if (source.starts_with(kImport))
    text = screen.text("history.import", {{"import", source.substr(kImport.size())}});
  else
    text = source;
  if (has_at(item, "format")) text += " (" + text_at(item, "format") + ")";
  return flag_at(item, "undone") ? screen.text("history.undone", {{"source", text}}) : text;
}

void show_history(Session& session, const json& history) {
  auto& screen = session.screen();
  const bool hides =
      flag_at(history, "sensitive") && session.settings().to_terminal && !session.has("reveal");
  Table table{{"head.version", "head.when", "head.from", "head.value"}, {}};
  for (const auto& item : list_at(history, "items"))
    table.rows.push_back({std::to_string(number_at(item, "version")),
                          screen.when(raw_at(item, "at")),
                          source_text(screen, item, text_at(history, "derived_from")),
                          hides ? std::string(kMask) : text_at(item, "value")});
  screen.table(table);
  const Gaps with = {{"field", text_at(history, "field")}};
  if (hides) screen.note("history.hidden", with);
  screen.note(table.rows.size() > 1 ? "history.back" : "history.first", with);
}

Result<void> restore(Session& session, const std::string& name, std::int64_t version) {
  const auto path = TRY(api::path_to(api::kFields, name, api::kRestoreVersion));
  const auto restored = session.post(path, {{"version", version}});
  if (!restored.ok()) return explained(session, name, restored.error());
  const auto& field = restored.value();
  auto& screen = session.screen();
  if (session.settings().json) {
    screen.document(field);
    return {};
  }
  const Gaps with = {{"field", text_at(field, "field")},
                     {"version", std::to_string(version)},
                     {"now", std::to_string(number_at(field, "version"))}};
  if (!session.settings().quiet)
    screen.say(flag_at(field, "already") ? "history.is_present" : "history.done", with);
  screen.notes(field);
  return {};
}

}  // namespace

Result<void> run_history(Session& session) {
  const auto& name = session.argument(0);
  if (const auto version = TRY(session.number("restore"))) return restore(session, name, *version);
  const auto path = TRY(api::path_to(api::kFields, name, api::kHistory));
  const auto history = session.get(path);
  if (!history.ok()) return explained(session, name, history.error());
  if (session.settings().json)
    session.screen().document(history.value());
  else
    show_history(session, history.value());
  return {};
}

}  // namespace vrm::cli
