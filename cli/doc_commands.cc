// vrm doc add, list, show, open, rm.

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/doc_transfer.h"
#include "cli/document.h"
#include "cli/plain_copy.h"
#include "cli/qr_code.h"
#include "cli/session.h"
#include "cli/settings.h"
#include "cli/terminal.h"
#include "vault/api/paths.h"
#include "vault/base/text.h"

namespace vrm::cli {

namespace {

using nlohmann::json;

// The most that a code of the largest kind holds.
constexpr std::size_t kMostInACode = 2953;

// The vault says `document.passport`; a person may leave out the first word.
std::string short_name(const json& document) {
  constexpr std::string_view kGroup = "document.";
  auto name = text_at(document, "name");
  if (name.starts_with(kGroup)) name.erase(0, kGroup.size());
  return name;
}

std::string size_of(const Screen& screen, const json& document) {
  const auto bytes = number_at(document, "size");
  if (bytes < 10'000) return screen.text("doc.bytes", {{"n", std::to_string(bytes)}});
  return screen.text("backup.kibibytes", {{"n", std::to_string((bytes + 1023) / 1024)}});
}

std::string brands_reading(const json& document) {
  std::vector<std::string> brands;
  for (const auto& reader : list_at(document, "readers")) {
    const auto brand = text_at(reader, "brand");
    if (brands.empty() || brands.back() != brand) brands.push_back(brand);
  }
  return joined(brands);
}

void show(Screen& screen, const json& document) {
  screen.detail("doc.file", text_at(document, "file"));
  screen.detail("doc.type", text_at(document, "type"));
  screen.detail("backup.size", size_of(screen, document));
  screen.detail("doc.added_at", screen.when(raw_at(document, "added_at")));
  // Half of it tells two files apart as well, and fits a terminal.
  const auto hash = text_at(document, "sha-256");
  screen.detail("doc.hash", screen.settings().to_terminal ? hash.substr(0, 32) + "…" : hash);
  screen.detail("doc.readers", brands_reading(document));
}

// The one document whose file was called so, as `vrm doc list` shows it; null when there is none.
Result<json> with_file(Session& session, const std::string& file) {
  const auto documents = TRY(session.get(std::string(api::kDocuments)));
  json found;
  for (const auto& document : list_at(documents, "items")) {
    if (raw_at(document, "file") != file) continue;
    if (!found.is_null())
      return refusal(ErrorCode::Conflict, "doc.several_files", {{"file", file}});
    found = document;
  }
  return found;
}

// The document that was typed: its name, whole or short, or else that of its file.
Result<json> named(Session& session) {
  const auto& typed = session.argument(0);
  const auto path = api::path_to(api::kDocuments, typed);
  auto document = path.ok() ? session.get(path.value()) : Result<json>(path.error());
  const bool is_none =
      !document.ok() && (!path.ok() || document.error().code == ErrorCode::NotFound);
  if (!is_none) return document;
  auto found = TRY(with_file(session, typed));
  if (found.is_null()) return document;
  return found;
}

// What a code on a ticket holds: a short text in one line or a few.
bool is_code(std::string_view content) {
  if (content.size() > kMostInACode || !is_utf8(content)) return false;
  return std::none_of(content.begin(), content.end(), [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\r' && c != '\t') ||
           c == 0x7F;
  });
}

// The text of a ticket's code. Malformed (doc.not_a_code): the document is none.
Result<std::string> code_of(Session& session, const json& document) {
  const Gaps with = {{"name", short_name(document)}};
  if (number_at(document, "size") > static_cast<std::int64_t>(kMostInACode))
    return refusal(ErrorCode::Malformed, "doc.not_a_code", with);
  auto content = TRY(fetch_small(session, document, kMostInACode));
  if (!is_code(content)) return refusal(ErrorCode::Malformed, "doc.not_a_code", with);
  return content;
}

// Into a file that the person named.
Result<void> write_to(Session& session, const json& document, const std::string& path) {
  const int mode = session.has("force") ? O_TRUNC : O_EXCL;
  const File file(open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | mode, 0600));
  if (file.fd() < 0 && errno == EEXIST)
    return refusal(ErrorCode::Conflict, "backup.exists", {{"file", path}});
  if (file.fd() < 0) return system_error(path);
  const auto fetched = fetch_document(session, document, file.fd());
  if (!fetched.ok()) {
    unlink(path.c_str());
    return fetched;
  }
  if (session.settings().json)
    session.screen().document(
        {{"schema", "vrm.document-copy/1"}, {"name", raw_at(document, "name")}, {"file", path}});
  else if (!session.settings().quiet)
    session.screen().say("doc.copied", {{"file", path}});
  return {};
}

// For as long as the person looks.
Result<void> look(Session& session, const json& document) {
  const auto copy = TRY(PlainCopy::make(raw_at(document, "file")));
  TRY(fetch_document(session, document, copy.fd()));
  auto& screen = session.screen();
  screen.say("doc.plain", {{"file", copy.path()}});
  if (!copy.is_in_memory()) screen.note("doc.on_disk");
  screen.flush();
  if (!show_with_desktop(copy.path())) screen.note("doc.no_viewer");
  wait_for_enter(screen.text("ask.doc_seen"));
  screen.note("doc.wiped");
  return {};
}

}  // namespace

Result<void> run_doc_add(Session& session) {
  const auto document =
      TRY(send_document(session, session.argument(0),
                        {session.value("name").value_or(""), session.value("type").value_or("")}));
  auto& screen = session.screen();
  if (session.settings().json) screen.document(document);
  if (session.settings().json || session.settings().quiet) return {};
  screen.say("doc.added", {{"name", short_name(document)}, {"field", text_at(document, "name")}});
  show(screen, document);
  return {};
}

Result<void> run_doc_list(Session& session) {
  const auto documents = TRY(session.get(std::string(api::kDocuments)));
  auto& screen = session.screen();
  if (session.settings().json) {
    screen.document(documents);
    return {};
  }
  Table table{{"head.document", "head.file", "head.size", "head.added", "head.readers_document"},
              {}};
  for (const auto& document : list_at(documents, "items"))
    table.rows.push_back({short_name(document), text_at(document, "file"),
                          size_of(screen, document), screen.when(raw_at(document, "added_at")),
                          brands_reading(document)});
  if (table.rows.empty())
    screen.note("doc.none");
  else
    screen.table(table);
  return {};
}

Result<void> run_doc_show(Session& session) {
  auto document = TRY(named(session));
  auto& screen = session.screen();
  const bool draws = session.has("qr");
  std::string content;
  if (draws) content = TRY(code_of(session, document));
  if (session.settings().json) {
    if (draws) document["content"] = content;
    screen.document(document);
    return {};
  }
  screen.line(short_name(document));
  show(screen, document);
  if (!draws) return {};
  const auto lines = TRY(qr_code(content, session.settings().columns));
  for (const auto& line : lines) screen.verbatim(line);
  return {};
}

Result<void> run_doc_open(Session& session) {
  const auto output = session.value("output");
  const bool asks = !session.settings().no_input && has_terminal();
  if (!output && (session.settings().json || !asks))
    return refusal(ErrorCode::Malformed, "doc.open_needs_output");
  const auto document = TRY(named(session));
  return output ? write_to(session, document, absolute(*output)) : look(session, document);
}

Result<void> run_doc_rm(Session& session) {
  const auto document = TRY(named(session));
  TRY(session.confirm("ask.doc_rm",
                      {{"name", short_name(document)}, {"file", text_at(document, "file")}}));
  const auto path = TRY(api::path_to(api::kDocuments, raw_at(document, "name")));
  const auto removed = TRY(session.send_if_running({"DELETE", path}));
  auto& screen = session.screen();
  if (session.settings().json)
    screen.document(removed);
  else if (!session.settings().quiet)
    screen.say("doc.removed", {{"name", short_name(removed)}});
  return {};
}

}  // namespace vrm::cli
