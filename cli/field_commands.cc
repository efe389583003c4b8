// vrm get, set, unset, list.

#include <unistd.h>

#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/document.h"
#include "cli/file.h"
#include "cli/session.h"
#include "cli/terminal.h"
#include "vault/api/paths.h"

namespace vrm::cli {

namespace {

using nlohmann::json;

constexpr std::size_t kMostValue = 64 * 1024;
constexpr std::int64_t kSensitiveFrom = 2;
constexpr std::string_view kMask = "••••••";

// Over a shoulder or in a shared screen, a sensitive value is not shown unasked.
bool hides(const Session& session, const json& field) {
  return session.settings().to_terminal && flag_at(field, "sensitive") && !session.has("reveal");
}

std::string shown(const Session& session, const json& field) {
  return hides(session, field) ? std::string(kMask) : text_at(field, "value");
}

Result<json> fetch(Session& session, const std::string& name) {
  const auto path = TRY(api::path_to(api::kFields, name));
  return session.get(path);
}

void show_one(Session& session, const json& field) {
  auto& screen = session.screen();
  if (session.has("raw") && !session.settings().to_terminal)
    return screen.raw(raw_at(field, "value"));
  screen.line(shown(session, field));
  if (hides(session, field)) screen.note("get.hidden", {{"field", text_at(field, "field")}});
}

std::string readers_of(const json& field) {
  std::vector<std::string> brands;
  for (const auto& reader : list_at(field, "readers")) {
    const auto brand = text_at(reader, "brand");
    if (brands.empty() || brands.back() != brand) brands.push_back(brand);
  }
  return joined(brands);
}

void show_fields(Session& session, const json& items) {
  Table table{{"head.field", "head.value", "head.readers"}, {}};
  for (const auto& field : items)
    table.rows.push_back({text_at(field, "field"), shown(session, field), readers_of(field)});
  session.screen().table(table);
}

Result<bool> is_sensitive(Session& session, const std::string& name) {
  const auto catalogue = TRY(session.get(std::string(api::kCatalogue)));
  for (const auto& field : list_at(catalogue, "fields"))
    if (raw_at(field, "name") == name) return number_at(field, "sensitivity") >= kSensitiveFrom;
  return false;
}

Result<std::string> value_from_stdin() {
  auto value = TRY(read_to_end(STDIN_FILENO, kMostValue));
  if (value.ends_with('\n')) value.pop_back();
  return value;
}

Result<std::string> ask_value(Session& session, const std::string& name) {
  if (session.settings().no_input || !has_terminal())
    return refusal(ErrorCode::Malformed, "input.value", {{"field", name}});
  const bool hidden = TRY(is_sensitive(session, name));
  const auto typed = TRY(ask(session.screen().text("ask.value", {{"field", name}}),
                             hidden ? Echo::Hidden : Echo::Shown));
  return std::string(typed.view());
}

// What stands in argv is seen by every process of the machine and kept in the shell's history.
Result<std::string> value_of(Session& session, const std::string& name) {
  const bool in_argv = session.arguments().size() > 1;
  if (in_argv && session.has("stdin")) return refusal(ErrorCode::Malformed, "set.two_values");
  if (session.has("stdin")) return value_from_stdin();
  if (!in_argv) return ask_value(session, name);
  if (TRY(is_sensitive(session, name)))
    return refusal(ErrorCode::Malformed, "set.sensitive_in_argv", {{"field", name}});
  return session.argument(1);
}

}  // namespace

Result<void> run_get(Session& session) {
  const auto& names = session.arguments();
  if (session.has("raw") && names.size() > 1) return refusal(ErrorCode::Malformed, "get.raw_one");
  json items = json::array();
  for (const auto& name : names) items.push_back(TRY(fetch(session, name)));
  if (session.settings().json)
    session.screen().document(names.size() == 1
                                  ? items[0]
                                  : json{{"schema", "vrm.fields/1"}, {"items", std::move(items)}});
  else if (names.size() == 1)
    show_one(session, items[0]);
  else
    show_fields(session, items);
  return {};
}

Result<void> run_set(Session& session) {
  const auto& name = session.argument(0);
  const auto path = TRY(api::path_to(api::kFields, name));
  auto value = TRY(value_of(session, name));
  json body = {{"value", std::move(value)}};
  if (const auto type = session.value("type")) body["type"] = *type;
  const auto field = TRY(session.send(
      {"PUT", path, body.dump(-1, ' ', false, json::error_handler_t::replace), BodyKind::Json}));
  if (session.settings().json)
    session.screen().document(field);
  else if (!session.settings().quiet)
    session.screen().say("set.done",
                         {{"field", text_at(field, "field")}, {"type", text_at(field, "type")}});
  return {};
}

Result<void> run_unset(Session& session) {
  const auto& names = session.arguments();
  for (const auto& name : names) TRY(api::path_to(api::kFields, name));
  TRY(session.confirm("ask.unset", {{"fields", joined(names)}}));
  json items = json::array();
  for (const auto& name : names) {
    const auto path = TRY(api::path_to(api::kFields, name));
    items.push_back(TRY(session.send({"DELETE", path})));
    if (!session.settings().json && !session.settings().quiet)
      session.screen().say("unset.done", {{"field", name}});
  }
  if (session.settings().json)
    session.screen().document(names.size() == 1
                                  ? items[0]
                                  : json{{"schema", "vrm.fields/1"}, {"items", std::move(items)}});
  return {};
}

Result<void> run_list(Session& session) {
  std::string path(api::kFields);
  if (!session.arguments().empty()) path = api::with_query(path, "prefix", session.argument(0));
  const auto fields = TRY(session.get(path));
  if (session.settings().json) {
    session.screen().document(fields);
  } else if (list_at(fields, "items").empty()) {
    session.screen().note("list.none");
  } else {
    show_fields(session, list_at(fields, "items"));
  }
  return {};
}

}  // namespace vrm::cli
