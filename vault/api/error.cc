#include "vault/api/error.h"

#include <array>
#include <nlohmann/json.hpp>
#include <string_view>

#include "vault/base/json.h"

namespace vrm::api {

namespace {

using nlohmann::json;

struct Row {
  ErrorCode code;
  std::string_view say;   // "": the row of the code itself
  std::string_view word;  // `code` on the wire
  int status;
  Exit exit;
};

// The whole table. Rows with a sentence come first: they are exceptions to the row of their code.
constexpr std::array kRows = {
    Row{ErrorCode::NotFound, kNoVault, "no_vault", 409, Exit::NoVault},
    Row{ErrorCode::NotFound, kNoFolder, "no_vault", 409, Exit::NoVault},
    Row{ErrorCode::Unavailable, kDaemonKeys, "no_daemon", 503, Exit::NoDaemon},
    Row{ErrorCode::Malformed, kInputKeys, "input_needed", 400, Exit::InputNeeded},
    Row{ErrorCode::Conflict, kPartial, "partial", 409, Exit::Partial},
    Row{ErrorCode::Malformed, "", "malformed", 400, Exit::Usage},
    Row{ErrorCode::NotFound, "", "not_found", 404, Exit::NotFound},
    Row{ErrorCode::Conflict, "", "conflict", 409, Exit::Conflict},
    Row{ErrorCode::Locked, "", "locked", 423, Exit::Locked},
    Row{ErrorCode::Denied, "", "denied", 403, Exit::Denied},
    Row{ErrorCode::BadKey, "", "bad_key", 401, Exit::BadKey},
    Row{ErrorCode::Corrupt, "", "corrupt", 500, Exit::Corrupt},
    Row{ErrorCode::Unavailable, "", "unavailable", 503, Exit::Unavailable},
    Row{ErrorCode::Io, "", "io", 500, Exit::Failed},
};

bool covers(const Row& row, const Error& error) {
  if (row.code != error.code) return false;
  const bool family = row.say.empty() || row.say.back() == '.';
  return family ? error.say.starts_with(row.say) : error.say == row.say;
}

const Row& row_of(const Error& error) {
  for (const auto& row : kRows)
    if (covers(row, error)) return row;
  VRM_CHECK(false);
  return kRows.back();
}

const Row& row_of_word(std::string_view word) {
  for (const auto& row : kRows)
    if (row.word == word) return row;
  return kRows.back();
}

// Gaps whose value is no text are left out: the sentence then shows the gap's name.
Gaps gaps_of(const json& object) {
  Gaps with;
  for (const auto& [name, value] : object.items())
    if (value.is_string()) with.emplace_back(name, value.get_ref<const std::string&>());
  return with;
}

}  // namespace

Exit exit_code(const Error& error) {
  return row_of(error).exit;
}

int http_status(const Error& error) {
  return row_of(error).status;
}

json to_json(const Error& error) {
  const Row& row = row_of(error);
  json body = {
      {"code", row.word}, {"exit", static_cast<int>(row.exit)}, {"message", error.message}};
  if (!error.say.empty()) {
    body["say"] = error.say;
    body["with"] = json::object();
    for (const auto& [name, value] : error.with) body["with"][name] = value;
  }
  return {{"error", std::move(body)}};
}

namespace {

Result<void> read_into(Error& error, const json& document) {
  const json* body = TRY(need_object(document, "error"));
  const auto word = TRY(need_string(*body, "code"));
  const auto message = TRY(find_string(*body, "message"));
  const auto say = TRY(find_string(*body, "say"));
  const Row& row = row_of_word(word);
  const bool family = row.say.ends_with('.');
  Gaps with;
  if (body->contains("with")) with = gaps_of(*TRY(need_object(*body, "with")));
  error = {row.code, message.value_or(word), say.value_or(family ? "" : std::string(row.say)),
           std::move(with)};
  return {};
}

}  // namespace

Error error_from_json(const json& document) {
  Error told{ErrorCode::Io, "the answer is no error document"};
  const auto read = read_into(told, document);
  return read.ok() ? told : Error{ErrorCode::Io, read.error().message};
}

}  // namespace vrm::api
