// vrm get, set, unset, list.

#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/document.h"
#include "cli/file.h"
#include "cli/names.h"
#include "cli/session.h"
#include "cli/terminal.h"
#include "cli/typed_amount.h"
#include "cli/typed_date.h"
#include "vault/api/paths.h"

namespace vrm::cli {

namespace {

using nlohmann::json;

constexpr std::size_t kMostValue = 64 * 1024;

// Over a shoulder or in a shared screen, a sensitive value is not shown unasked. A program that
// names a field asks for it; one that lists them does not.
bool hides(const Session& session, const json& field, bool named) {
  if (named && !session.settings().to_terminal) return false;
  return flag_at(field, "sensitive") && !session.has("reveal");
}

std::string shown(Session& session, const json& field, bool named) {
  if (hides(session, field, named)) return std::string(kMask);
  const auto value = text_at(field, "value");
  const bool is_answer = raw_at(field, "type") == "bool" && session.settings().to_terminal;
  return is_answer ? session.screen().word("bool.", value) : value;
}

Result<json> fetch(Session& session, const std::string& name) {
  const auto path = TRY(api::path_to(api::kFields, name));
  auto field = session.get(path);
  if (!field.ok()) return explained(session, name, std::move(field).error());
  return field;
}

void show_one(Session& session, const json& field) {
  auto& screen = session.screen();
  if (session.has("raw") && !session.settings().to_terminal)
    return screen.raw(raw_at(field, "value"));
  screen.verbatim(shown(session, field, true));
  if (hides(session, field, true)) screen.note("get.hidden", {{"field", text_at(field, "field")}});
  if (has_at(field, "derived_from") && session.settings().to_terminal)
    screen.note("get.derived", {{"from", text_at(field, "derived_from")}});
}

std::string readers_of(const json& field) {
  std::vector<std::string> brands;
  for (const auto& reader : list_at(field, "readers")) {
    const auto brand = text_at(reader, "brand");
    if (brands.empty() || brands.back() != brand) brands.push_back(brand);
  }
  return joined(brands);
}

// What it is derived from stands last: in a file always, on a terminal when there is such a field.
void show_fields(Session& session, const json& items, bool named) {
  Table table{{"head.field", "head.value", "head.readers"}, {}};
  const bool tells_origin = !session.settings().to_terminal ||
                            std::any_of(items.begin(), items.end(), [](const json& field) {
                              return has_at(field, "derived_from");
                            });
  if (tells_origin) table.headings.push_back("head.derived");
  bool hidden = false;
  for (const auto& field : items) {
    hidden = hidden || hides(session, field, named);
    table.rows.push_back(
        {text_at(field, "field"), shown(session, field, named), readers_of(field)});
    if (tells_origin) table.rows.back().push_back(text_at(field, "derived_from"));
  }
  session.screen().table(table);
  if (hidden) session.screen().note("list.hidden");
}

Result<std::string> value_from_stdin() {
  auto value = TRY(read_to_end(STDIN_FILENO, kMostValue));
  if (value.ends_with('\n')) value.pop_back();
  return value;
}

bool can_ask(const Session& session) {
  return !session.settings().no_input && has_terminal();
}

// What is to be typed: of which field, whether others may see it, and how it is spelled.
struct Wanted {
  std::string name;
  bool sensitive = false;
  std::string type = {};     // "": not known
  std::string example = {};  // "": any text will do
};

// As a field of the catalogue that is of this type is spelled.
std::string example_of_type(const json& catalogue, const std::string& type) {
  if (type == "text" || type == "multiline") return "";
  for (const auto& field : list_at(catalogue, "fields"))
    if (raw_at(field, "type") == type) return text_at(field, "example");
  return "";
}

Wanted wanted_from(const Session& session, const json& catalogue, const std::string& name) {
  const auto* entry = entry_of(catalogue, name);
  if (entry == nullptr) {
    const auto type = session.value("type").value_or("");
    return {name, false, type, example_of_type(catalogue, type)};
  }
  const auto type = raw_at(*entry, "type");
  const bool is_free = type == "text" || type == "multiline";
  return {name, is_sensitive(catalogue, name), type, is_free ? "" : text_at(*entry, "example")};
}

Result<std::string> ask_value(Session& session, const Wanted& wanted) {
  const auto question =
      session.screen().question(wanted.example.empty() ? "ask.value" : "ask.value_as",
                                {{"field", wanted.name}, {"example", wanted.example}});
  const auto typed = TRY(ask(question, wanted.sensitive ? Echo::Hidden : Echo::Shown));
  return std::string(typed.view());
}

// What stands in argv is seen by every process of the machine and kept in the shell's history.
Result<std::string> value_of(Session& session, const Wanted& wanted) {
  const bool in_argv = session.arguments().size() > 1;
  if (in_argv && session.has("stdin")) return refusal(ErrorCode::Malformed, "set.two_values");
  if (session.has("stdin")) return value_from_stdin();
  if (!in_argv) return ask_value(session, wanted);
  if (wanted.sensitive)
    return refusal(ErrorCode::Malformed, "set.sensitive_in_argv", {{"field", wanted.name}});
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
    show_fields(session, items, true);
  return {};
}

namespace {

// Turns a day in another spelling into that of the wire, and says it as a person reads it, "" when nothing had to be
// understood. Malformed: it may be two days.
Result<std::string> understood_day(Session& session, const std::string& field, std::string& value) {
  const auto language = session.settings().language;
  if (const auto either = either_day(value, language))
    return refusal(ErrorCode::Malformed, "set.two_days",
                   {{"typed", value},
                    {"field", field},
                    {"day_first", date_text(either->first)},
                    {"month_first", date_text(either->second)}});
  const auto day = calendar_day(value, language);
  if (!day || date_text(*day) == value) return std::string();
  value = date_text(*day);
  return spelled_day(session.screen(), *day);
}

}  // namespace

Result<void> run_set(Session& session) {
  const auto& name = session.argument(0);
  const auto path = TRY(api::path_to(api::kFields, name));
  if (session.arguments().size() == 1 && !session.has("stdin") && !can_ask(session))
    return refusal(ErrorCode::Malformed, "input.value", {{"field", name}});
  const auto catalogue = TRY(session.get(std::string(api::kCatalogue)));
  TRY(check_names(session, catalogue, {name}));
  const auto wanted = wanted_from(session, catalogue, name);
  auto value = TRY(value_of(session, wanted));
  std::string read_as;
  if (wanted.type == "money") value = amount_from_typed(value);
  if (wanted.type == "date") read_as = TRY(understood_day(session, name, value));
  json body = {{"value", std::move(value)}};
  if (const auto type = session.value("type")) body["type"] = *type;
  const auto field = TRY(session.send(
      {"PUT", path, body.dump(-1, ' ', false, json::error_handler_t::replace), BodyKind::Json}));
  auto& screen = session.screen();
  if (session.settings().json) {
    screen.document(field);
    return {};
  }
  const Gaps with = {{"field", text_at(field, "field")}, {"type", text_at(field, "type")}};
  if (!session.settings().quiet)
    screen.say(
        read_as.empty() || !screen.settings().to_terminal ? "set.done" : "set.done_day",
        {{"field", text_at(field, "field")}, {"type", text_at(field, "type")}, {"day", read_as}});
  const bool is_new = number_at(field, "version") == 1;
  if (is_new && entry_of(catalogue, name) == nullptr) screen.note("set.own_name", with);
  screen.notes(field);
  return {};
}

Result<void> run_unset(Session& session) {
  const auto& names = session.arguments();
  for (const auto& name : names) {
    const auto field = TRY(fetch(session, name));
    if (flag_at(field, "claim"))
      return refusal(ErrorCode::Denied, "unset.claim", {{"field", name}});
  }
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
    return explain_empty_list(session, session.arguments().empty() ? "" : session.argument(0));
  } else {
    show_fields(session, list_at(fields, "items"), false);
  }
  return {};
}

}  // namespace vrm::cli
