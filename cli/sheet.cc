#include "cli/sheet.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <vector>

#include "cli/document.h"
#include "vault/api/error.h"
#include "vault/api/paths.h"

namespace vrm::cli {

namespace {

using nlohmann::json;

constexpr std::size_t kColumn = 16;
constexpr std::size_t kPaper = 80;

const json& vault_told(const json& status) {
  return object_at(status, "vault");
}

// "  1. abandon      2. ability      3. able": three in a row, as far as `columns` bear it.
std::vector<std::string> rows_of(const json& words, std::size_t columns) {
  const std::size_t in_row = std::clamp<std::size_t>(columns / kColumn, 1, 3);
  std::vector<std::string> rows;
  std::size_t n = 0;
  for (const auto& word : words) {
    if (n % in_row == 0) rows.emplace_back();
    ++n;
    const std::string number = std::to_string(n);
    std::string cell = std::string(4 - number.size(), ' ') + number + ". ";
    cell += word.is_string() ? word.get_ref<const std::string&>() : std::string();
    rows.back() += n % in_row == 0 ? cell : padded(cell, kColumn);
  }
  return rows;
}

}  // namespace

Result<json> open_vault(Session& session) {
  auto status = TRY(session.get(std::string(api::kStatus)));
  const auto state = text_at(vault_told(status), "state");
  if (state == "empty") return refusal(ErrorCode::NotFound, api::kNoVault);
  if (state == "sealed") return refusal(ErrorCode::Locked, "vault.sealed");
  if (state == "serving") return refusal(ErrorCode::Locked, "vault.locked");
  if (state == "rescue") return refusal(ErrorCode::Denied, "store.rescue_read_only");
  return status;
}

bool has_words(const json& status) {
  return flag_at(object_at(vault_told(status), "keys"), "recovery");
}

Result<File> sheet_file(Session& session) {
  const auto path = session.value("output");
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

Result<void> write_sheet(Session& session, const File& file, const json& words,
                         const std::string& folder) {
  auto& screen = session.screen();
  const bool to_screen = file.fd() < 0 && screen.settings().to_terminal;
  auto rows = rows_of(words, to_screen ? screen.settings().columns : kPaper);
  if (file.fd() < 0) {
    screen.say("recovery.sheet_title", {{"folder", folder}});
    screen.line("");
    for (const auto& row : rows) screen.verbatim(row);
    screen.line("");
    screen.say("recovery.sheet_text");
  } else {
    TRY(write_all(file.fd(), screen.text("recovery.sheet_title", {{"folder", folder}}) + "\n\n"));
    for (const auto& row : rows) TRY(write_all(file.fd(), row + "\n"));
    TRY(write_all(file.fd(), "\n" + screen.text("recovery.sheet_text") + "\n"));
    if (fsync(file.fd()) != 0) return system_error(*session.value("output"));
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

}  // namespace vrm::cli
