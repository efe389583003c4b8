// vrm import: a file, its preview, and taking an import back.

#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/document.h"
#include "cli/file.h"
#include "cli/names.h"
#include "cli/session.h"
#include "cli/typed_id.h"
#include "vault/api/error.h"
#include "vault/api/paths.h"

namespace vrm::cli {

namespace {

using nlohmann::json;

void show_problems(Screen& screen, const json& report) {
  for (const auto& problem : list_at(report, "problems")) {
    const Error told{ErrorCode::Malformed, raw_at(problem, "message"), raw_at(problem, "say"),
                     gaps_at(problem)};
    auto said = screen.text(told);
    said = said.substr(0, said.find('\n'));
    screen.line(screen.text(
        "import.line", {{"line", std::to_string(number_at(problem, "line"))}, {"problem", said}}));
  }
}

void show_items(Screen& screen, const json& report, bool reveal) {
  Table table{{"head.field", "head.value", "head.change"}, {}};
  bool hidden = false;
  for (const auto& item : list_at(report, "items")) {
    const bool hides = flag_at(item, "sensitive") && !reveal;
    hidden = hidden || hides;
    table.rows.push_back({text_at(item, "field"),
                          hides ? std::string(kMask) : text_at(item, "value"),
                          screen.word("change.", text_at(item, "change"))});
  }
  if (!table.rows.empty()) screen.table(table);
  if (hidden) screen.note("list.hidden");
}

Gaps counts_of(const json& report) {
  const auto number = [&](std::string_view name) {
    return std::to_string(number_at(report, name));
  };
  return {{"added", number("added")},
          {"changed", number("changed")},
          {"same", number("same")},
          {"kept", number("kept")},
          {"id", text_at(report, "id")}};
}

// Written, but not all of it: exit 9 and why.
Result<void> verdict(const json& report) {
  const auto& problems = list_at(report, "problems");
  const auto left = std::count_if(problems.begin(), problems.end(),
                                  [](const json& one) { return !flag_at(one, "left_out"); });
  if (left == 0 || !flag_at(report, "written")) return {};
  return refusal(ErrorCode::Conflict, api::kPartial,
                 {{"n", std::to_string(left)}, {"id", text_at(report, "id")}});
}

enum class Import { Preview, Write };

std::string path_for(const Session& session, Import what) {
  std::string path = api::with_query(std::string(api::kImport), "format",
                                     session.value("format").value_or("auto"));
  if (what == Import::Preview) path = api::with_query(path, "preview", "1");
  for (const auto* name : {"keep", "card"})
    if (const auto value = session.value(name)) path = api::with_query(path, name, *value);
  return path;
}

Result<std::string> bytes_of_file(const std::string& file) {
  auto bytes = file == "-" ? read_to_end(STDIN_FILENO, api::kMostImportBytes)
                           : read_file(file, api::kMostImportBytes);
  if (!bytes.ok() && bytes.error().code == ErrorCode::NotFound)
    return refusal(ErrorCode::NotFound, "import.no_file", {{"path", file}});
  return bytes;
}

Result<json> send_bytes(Session& session, const std::string& bytes, Import what) {
  constexpr Duration kImportPatience = std::chrono::minutes(5);
  return session.send({"POST", path_for(session, what), bytes, BodyKind::Bytes, kImportPatience});
}

void show_report(Session& session, const json& report, const std::string& file) {
  auto& screen = session.screen();
  const auto card = text_at(report, "card");
  screen.say(card.empty() ? "import.head_plain" : "import.head",
             {{"file", file}, {"format", text_at(report, "format")}, {"card", card}});
  show_items(screen, report, session.has("reveal"));
  show_problems(screen, report);
}

bool takes_new(const Session& session) {
  return session.value("keep") == "new";
}

// What the person has is written over only once they have seen by what, and said yes. Whether they have seen it.
Result<bool> ask_before_overwriting(Session& session, const std::string& bytes,
                                    const std::string& file) {
  if (!takes_new(session) || session.settings().yes) return false;
  const auto preview = TRY(send_bytes(session, bytes, Import::Preview));
  if (number_at(preview, "changed") == 0) return false;
  TRY(session.asks());
  if (!session.settings().json) show_report(session, preview, file);
  auto& screen = session.screen();
  screen.flush();
  TRY(session.confirm("ask.overwrite",
                      {{"changed", screen.count("count.values", number_at(preview, "changed"))},
                       {"added", std::to_string(number_at(preview, "added"))}}));
  return true;
}

// How the import went, or would go, and what to type for another end of it.
void show_outcome(Session& session, const json& report, const std::string& file) {
  auto& screen = session.screen();
  auto with = counts_of(report);
  with.emplace_back("file", file);
  with.emplace_back(
      "command", screen.command("vrm import ") + file + (takes_new(session) ? " --keep new" : ""));
  const bool writes = number_at(report, "added") + number_at(report, "changed") > 0;
  screen.say(flag_at(report, "written")         ? "import.written"
             : writes && session.has("preview") ? "import.previewed"
                                                : "import.unchanged",
             with);
  if (number_at(report, "kept") > 0) screen.note("import.take_new", with);
}

Result<void> undo(Session& session, const std::string& id) {
  std::string path = TRY(api::path_to(api::kImport, id, api::kUndo));
  if (session.has("skip-changed")) path = api::with_query(path, "skip_changed", "1");
  const auto report = TRY(session.post(path));
  if (session.settings().json) {
    session.screen().document(report);
  } else {
    show_items(session.screen(), report, session.has("reveal"));
    session.screen().say("import.undone", counts_of(report));
  }
  return verdict(report);
}

}  // namespace

Result<void> run_import(Session& session) {
  const auto id = session.value("undo");
  if (session.arguments().empty() == !id.has_value())
    return refusal(ErrorCode::Malformed, "usage.import");
  if (id) TRY(check_typed_id(session, *id, ""));
  if (id) return undo(session, *id);
  const auto& file = session.argument(0);
  const auto bytes = TRY(bytes_of_file(file));
  const bool previews = session.has("preview");
  const bool seen = previews ? false : TRY(ask_before_overwriting(session, bytes, file));
  const auto report = TRY(send_bytes(session, bytes, previews ? Import::Preview : Import::Write));
  if (session.settings().json) {
    session.screen().document(report);
    return verdict(report);
  }
  if (!seen) show_report(session, report, file);
  show_outcome(session, report, file);
  return verdict(report);
}

}  // namespace vrm::cli
