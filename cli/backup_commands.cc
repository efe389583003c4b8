// vrm backup, vrm restore, vrm export: the daemon writes and reads the files, at paths that this names.

#include <array>
#include <ctime>
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/document.h"
#include "cli/progress.h"
#include "cli/secret_source.h"
#include "cli/session.h"
#include "cli/settings.h"
#include "cli/terminal.h"
#include "vault/api/error.h"
#include "vault/api/paths.h"

namespace vrm::cli {

namespace {

using nlohmann::json;

// A large vault takes its time.
constexpr Duration kBackupPatience = std::chrono::hours(1);

std::string date_in_name() {
  const std::time_t seconds = std::time(nullptr);
  std::tm parts{};
  localtime_r(&seconds, &parts);
  std::array<char, 16> out{};
  return {out.data(), std::strftime(out.data(), out.size(), "%Y-%m-%d", &parts)};
}

std::string kibibytes(const json& backup) {
  return std::to_string((number_at(backup, "bytes") + 1023) / 1024);
}

// What a backup holds.
void show_backup(Screen& screen, const json& backup) {
  const auto& tables = object_at(backup, "tables");
  screen.detail("backup.made_at", screen.when(raw_at(backup, "made_at")));
  screen.detail("backup.holds",
                screen.count("count.fields", number_at(tables, "fields")) + ", " +
                    screen.count("count.brands", number_at(tables, "brands")) + ", " +
                    screen.count("count.rows", number_at(backup, "rows")) + ", " +
                    screen.count("count.records", number_at(backup, "log_records")));
  screen.detail("backup.size", screen.text("backup.kibibytes", {{"n", kibibytes(backup)}}));
  // Half of it tells two vaults apart as well, and fits a terminal.
  screen.detail("backup.digest", text_at(backup, "digest").substr(0, 32));
}

void report(Session& session, const json& backup, std::string_view key) {
  auto& screen = session.screen();
  if (session.settings().json) return screen.document(backup);
  if (session.settings().quiet) return;
  screen.say(key, {{"file", text_at(backup, "file")}, {"folder", text_at(backup, "folder")}});
  show_backup(screen, backup);
}

// The daemon runs already: the status was asked before.
Result<json> send_opener(Session& session, std::string path) {
  const Hush hush(asks_person(session.flags(), session.settings()));
  const auto slot = TRY(secret_to_open(session.flags(), session.settings()));
  path = api::with_query(std::move(path), "slot", to_string(slot.slot));
  session.screen().note("backup.reading");
  const ProgressWatch watch(session);
  return session.send_if_running(
      {"POST", std::move(path), std::string(slot.secret.view()), BodyKind::Bytes, kBackupPatience});
}

bool names_secret(const Session& session) {
  for (const auto* flag : {"credential-file", "password-fd", "password-file", "password-command",
                           "words", "words-fd", "words-file"})
    if (session.has(flag)) return true;
  return false;
}

// The open vault's own key reads its backups; for others, and while it is locked, a secret is asked.
Result<void> check(Session& session, const std::string& file) {
  const auto path = api::with_query(std::string(api::kBackupCheck), "file", absolute(file));
  TRY(session.get(std::string(api::kStatus)));
  const auto by_own_key = [&] {
    const ProgressWatch watch(session);
    return session.send_if_running({"POST", path, "", BodyKind::None, kBackupPatience});
  };
  auto checked = names_secret(session) ? send_opener(session, path) : by_own_key();
  const bool other_key = !checked.ok() && (checked.error().code == ErrorCode::Locked ||
                                           checked.error().say == "backup.other_key" ||
                                           checked.error().say == api::kNoVault);
  if (other_key && !names_secret(session)) checked = send_opener(session, path);
  if (!checked.ok()) return checked.error();
  report(session, checked.value(), "backup.whole");
  return {};
}

}  // namespace

Result<void> run_backup(Session& session) {
  const bool verifies = session.has("verify");
  const auto output = session.value("output");
  if (!session.arguments().empty()) {
    if (!verifies || output) return refusal(ErrorCode::Malformed, "usage.backup");
    return check(session, session.argument(0));
  }
  const auto file = absolute(output.value_or("vrm-" + date_in_name() + ".vrmbak"));
  auto path = api::with_query(std::string(api::kBackup), "file", file);
  if (session.has("force")) path = api::with_query(path, "replace", "1");
  if (verifies) path = api::with_query(path, "check", "1");
  const auto sent = [&] {
    const ProgressWatch watch(session);
    return session.send({"POST", path, "", BodyKind::None, kBackupPatience});
  };
  const auto backup = TRY(sent());
  report(session, backup, verifies ? "backup.done_whole" : "backup.done");
  return {};
}

Result<void> run_restore(Session& session) {
  TRY(session.get(std::string(api::kStatus)));
  const auto file = absolute(session.argument(0));
  if (asks_person(session.flags(), session.settings()) && access(file.c_str(), F_OK) != 0)
    return refusal(ErrorCode::NotFound, "backup.no_file", {{"file", file}});
  if (session.has("dry-run")) {
    const auto path = api::with_query(std::string(api::kBackupCheck), "file", file);
    const auto backup = TRY(send_opener(session, path));
    report(session, backup, "restore.rehearsed");
    return {};
  }
  const auto plan = TRY(session.daemon_plan());
  const auto into = session.value("into");
  auto path = api::with_query(std::string(api::kRestore), "file", file);
  path = api::with_query(path, "into", into ? absolute(*into) : plan.vault_folder);
  const auto restored = TRY(send_opener(session, path));
  report(
      session, restored,
      text_at(restored, "folder") == plan.vault_folder ? "restore.done" : "restore.done_elsewhere");
  return {};
}

Result<void> run_export(Session& session) {
  const auto file = absolute(session.value("output").value_or("vrm-" + date_in_name() + ".json"));
  TRY(session.confirm("ask.export", {{"file", file}}));
  auto path = api::with_query(std::string(api::kExport), "file", file);
  if (session.has("force")) path = api::with_query(path, "replace", "1");
  const auto exported = TRY(session.send({"POST", path, "", BodyKind::None, kBackupPatience}));
  auto& screen = session.screen();
  if (session.settings().json) screen.document(exported);
  if (session.settings().json || session.settings().quiet) return {};
  screen.say("export.done", {{"file", text_at(exported, "file")}});
  if (const auto folder = text_at(exported, "documents_folder"); !folder.empty())
    screen.say("export.documents",
               {{"folder", folder},
                {"documents", screen.count("count.documents", number_at(exported, "documents"))}});
  screen.detail("backup.holds",
                screen.count("count.fields", number_at(exported, "fields")) + ", " +
                    screen.count("count.brands", number_at(exported, "brands")) + ", " +
                    screen.count("count.records", number_at(exported, "log_records")));
  screen.detail("backup.size", screen.text("backup.kibibytes", {{"n", kibibytes(exported)}}));
  return {};
}

}  // namespace vrm::cli
