// vrm backup, vrm restore, vrm export: the daemon writes and reads the files, at paths that this names.

#include <array>
#include <ctime>
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/document.h"
#include "cli/progress.h"
#include "cli/secret_call.h"
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
Result<json> send_opener(Session& session, const std::string& path) {
  const Hush hush(asks_person(session.flags(), session.settings()));
  const auto ask = [&] { return secret_to_open(session.flags(), session.screen()); };
  const auto send = [&](const SlotSecret& slot) {
    session.screen().note("backup.reading");
    const ProgressWatch watch(session);
    return session.send_if_running({"POST", api::with_query(path, "slot", to_string(slot.slot)),
                                    std::string(slot.secret.view()), BodyKind::Bytes,
                                    kBackupPatience});
  };
  return until_it_opens(session, ask, send);
}

// Whether a vault is there already: the daemon's own, or one whose database is seen.
bool holds_vault(const std::string& folder, const json& status) {
  const auto& own = object_at(status, "vault");
  if (text_at(own, "folder") == folder) return text_at(own, "state") != "empty";
  return access((folder + "/vault.db").c_str(), F_OK) == 0;
}

bool names_secret(const Session& session) {
  for (const auto* flag : {"credential-file", "password-fd", "password-file", "password-command",
                           "words", "words-fd", "words-file"})
    if (session.has(flag)) return true;
  return false;
}

// The open vault's own key reads its backups; for others, and while it is locked, a secret is asked.
Result<void> check(Session& session, const std::string& file, std::string_view key) {
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
  report(session, checked.value(), key);
  return {};
}

}  // namespace

Result<void> run_backup(Session& session) {
  const bool verifies = session.has("verify");
  const auto output = session.value("output");
  if (!session.arguments().empty()) {
    if (!verifies || output) return refusal(ErrorCode::Malformed, "usage.backup");
    return check(session, session.argument(0), "backup.whole");
  }
  const auto file = absolute(output.value_or("vrm-" + date_in_name() + ".vrmbak"));
  const bool is_there = access(file.c_str(), F_OK) == 0;
  if (verifies && is_there && !output && !session.has("force"))
    return check(session, file, "backup.whole_today");
  auto path = api::with_query(std::string(api::kBackup), "file", file);
  if (session.has("force")) path = api::with_query(path, "replace", "1");
  if (verifies) path = api::with_query(path, "check", "1");
  const auto sent = [&] {
    const ProgressWatch watch(session);
    return session.send({"POST", path, "", BodyKind::None, kBackupPatience});
  };
  const auto backup = sent();
  // Who wants a backup checked has use for the one that is there.
  if (!backup.ok() && verifies && backup.error().say == "backup.exists")
    return refusal(ErrorCode::Conflict, "backup.exists_check", {{"file", file}});
  if (!backup.ok()) return backup.error();
  report(session, backup.value(), verifies ? "backup.done_whole" : "backup.done");
  return {};
}

Result<void> run_restore(Session& session) {
  const auto status = TRY(session.get(std::string(api::kStatus)));
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
  const auto folder = into ? absolute(*into) : plan.vault_folder;
  // The daemon looks as well, but behind the question.
  if (asks_person(session.flags(), session.settings()) && holds_vault(folder, status))
    return refusal(ErrorCode::Conflict, "backup.vault_exists", {{"folder", folder}});
  auto path = api::with_query(std::string(api::kRestore), "file", file);
  path = api::with_query(path, "into", folder);
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
