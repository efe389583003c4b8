// vrm passwd, recover, recovery sheet, recovery check.

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/document.h"
#include "cli/file.h"
#include "cli/secret_call.h"
#include "cli/status.h"
#include "cli/terminal.h"
#include "vault/api/error.h"
#include "vault/api/paths.h"

namespace vrm::cli {

namespace {

using nlohmann::json;

constexpr std::size_t kWordsInRow = 3;
constexpr std::size_t kColumn = 16;

const json& vault_of(const json& status) {
  return object_at(status, "vault");
}

bool has_words(const json& status) {
  return flag_at(object_at(vault_of(status), "keys"), "recovery");
}

// Before anybody is asked for a secret; the daemon refuses the same.
Result<json> open_vault(Session& session) {
  auto status = TRY(session.get(std::string(api::kStatus)));
  const auto state = text_at(vault_of(status), "state");
  if (state == "empty") return refusal(ErrorCode::NotFound, api::kNoVault);
  if (state == "sealed") return refusal(ErrorCode::Locked, "vault.sealed");
  if (state == "serving") return refusal(ErrorCode::Locked, "vault.locked");
  if (state == "rescue") return refusal(ErrorCode::Denied, "store.rescue_read_only");
  return status;
}

Result<json> vault_with_words(Session& session) {
  auto status = TRY(session.get(std::string(api::kStatus)));
  if (text_at(vault_of(status), "state") == "empty")
    return refusal(ErrorCode::NotFound, api::kNoVault);
  if (!has_words(status)) return refusal(ErrorCode::NotFound, "recovery.none");
  return status;
}

void done(Session& session, const json& document, std::string_view key) {
  if (session.settings().json) return session.screen().document(document);
  if (session.settings().quiet) return;
  session.screen().say(key, {{"state", state_text(session.screen(), document)}});
}

// Where the sheet goes: a file made before anything is asked, or stdout (-1).
Result<File> sheet_file(Session& session) {
  const auto path = session.value("out");
  if (!path) {
    if (session.settings().to_terminal || session.settings().json || session.has("print"))
      return File(-1);
    return refusal(ErrorCode::Malformed, "recovery.no_paper");
  }
  File file(open(path->c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (file.fd() < 0 && errno == EEXIST)
    return refusal(ErrorCode::Conflict, "recovery.file_exists", {{"path", *path}});
  if (file.fd() < 0) return system_error(*path);
  return file;
}

// "  1. abandon      2. ability      3. able", four lines.
std::vector<std::string> rows_of(const json& words) {
  std::vector<std::string> rows;
  std::size_t n = 0;
  for (const auto& word : words) {
    if (n % kWordsInRow == 0) rows.emplace_back();
    ++n;
    const std::string number = std::to_string(n);
    std::string cell = std::string(4 - number.size(), ' ') + number + ". ";
    cell += word.is_string() ? word.get_ref<const std::string&>() : std::string();
    rows.back() += n % kWordsInRow == 0 ? cell : padded(cell, kColumn);
  }
  return rows;
}

Result<void> write_sheet(Session& session, const File& file, const json& words,
                         const std::string& folder) {
  auto& screen = session.screen();
  auto rows = rows_of(words);
  if (file.fd() < 0) {
    screen.say("recovery.sheet_title", {{"folder", folder}});
    screen.line("");
    for (const auto& row : rows) screen.line(row);
    screen.line("");
    screen.say("recovery.sheet_text");
  } else {
    TRY(write_all(file.fd(), screen.text("recovery.sheet_title", {{"folder", folder}}) + "\n\n"));
    for (const auto& row : rows) TRY(write_all(file.fd(), row + "\n"));
    TRY(write_all(file.fd(), "\n" + screen.text("recovery.sheet_text") + "\n"));
    if (fsync(file.fd()) != 0) return system_error(*session.value("out"));
  }
  for (auto& row : rows) explicit_bzero(row.data(), row.size());
  return {};
}

void wipe_words(json& answer) {
  if (!answer.contains("words") || !answer["words"].is_array()) return;
  for (auto& word : answer["words"]) {
    if (!word.is_string()) continue;
    auto& text = word.get_ref<std::string&>();
    explicit_bzero(text.data(), text.size());
  }
}

// Asks for the opener and shows what the daemon made. A file that gets no words is not left behind.
Result<void> make_sheet(Session& session, const File& file, const json& status) {
  json answer;
  {
    const Hush hush(asks_person(session.flags(), session.settings()));
    const auto opener = TRY(secret_to_open(session.flags(), session.settings()));
    answer = TRY(send_secret(session, std::string(api::kRecovery), opener));
  }
  if (session.settings().json && file.fd() < 0) {
    session.screen().document(answer);
  } else {
    TRY(write_sheet(session, file, list_at(answer, "words"), text_at(vault_of(status), "folder")));
  }
  wipe_words(answer);
  return {};
}

}  // namespace

Result<void> run_passwd(Session& session) {
  const auto before = TRY(open_vault(session));
  if (!has_words(before)) session.screen().note("passwd.no_words");
  const bool asks = asks_person(session.flags(), session.settings()) ||
                    asks_new_passphrase(session.flags(), session.settings());
  const Hush hush(asks);
  const auto opener = TRY(secret_to_open(session.flags(), session.settings()));
  const auto fresh = TRY(new_passphrase(session.flags(), session.settings()));
  const auto status = TRY(send_secrets(session, std::string(api::kPassphrase), opener, fresh));
  done(session, status, "passwd.done");
  session.screen().note("passwd.old_copies");
  return {};
}

Result<void> run_recover(Session& session) {
  TRY(vault_with_words(session));
  const Hush hush(!session.settings().no_input);
  const auto words = TRY(words_to_open(session.flags(), session.settings()));
  const auto fresh = TRY(new_passphrase(session.flags(), session.settings()));
  const auto status = TRY(send_secrets(session, std::string(api::kRecover), words, fresh));
  done(session, status, "recover.done");
  session.screen().note("passwd.old_copies");
  return {};
}

Result<void> run_recovery_sheet(Session& session) {
  const auto before = TRY(open_vault(session));
  if (has_words(before)) TRY(session.confirm("ask.replace_words", {}));
  const File file = TRY(sheet_file(session));
  const auto made = make_sheet(session, file, before);
  if (!made.ok()) {
    if (file.fd() >= 0) unlink(session.value("out")->c_str());
    return made;
  }
  session.screen().note("recovery.made");
  if (has_words(before)) session.screen().note("recovery.former_gone");
  return {};
}

Result<void> run_recovery_check(Session& session) {
  TRY(vault_with_words(session));
  const Hush hush(!session.settings().no_input);
  const auto words = TRY(words_to_open(session.flags(), session.settings()));
  const auto answer = TRY(send_secret(session, std::string(api::kRecoveryCheck), words));
  if (session.settings().json)
    session.screen().document(answer);
  else if (!session.settings().quiet)
    session.screen().say("recovery.opens");
  return {};
}

}  // namespace vrm::cli
