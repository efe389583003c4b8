#include "cli/help.h"

#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/document.h"
#include "cli/status.h"
#include "cli/suggest.h"
#include "cli/vocabulary.h"
#include "vault/api/error.h"
#include "vault/api/paths.h"

namespace vrm::cli {

namespace {

using nlohmann::json;

// The words of each group, a family once: "brand add" and "brand list" are "brand".
std::vector<std::pair<std::string_view, std::vector<std::string>>> groups() {
  std::vector<std::pair<std::string_view, std::vector<std::string>>> all;
  for (const auto& command : commands()) {
    if (all.empty() || all.back().first != command.group)
      all.emplace_back(command.group, std::vector<std::string>());
    const std::string word(command.name.substr(0, command.name.find(' ')));
    auto& words = all.back().second;
    if (words.empty() || words.back() != word) words.push_back(word);
  }
  return all;
}

std::string usage(const Screen& screen, const Command& command) {
  std::string text = "vrm " + std::string(command.name);
  if (!command.arguments.empty()) text += " " + placeholders(screen, command.arguments);
  if (!command.flags.empty()) text += " [...]";
  return text;
}

// Every command with what it does, in a line.
void show_commands(Screen& screen) {
  std::string_view group;
  for (const auto& command : commands()) {
    if (command.group != group) screen.line(screen.text(command.group));
    group = command.group;
    auto summary = screen.text(command.summary);
    summary.resize(std::min({summary.find(". "), summary.find('\n'), summary.size()}));
    if (summary.ends_with('.')) summary.pop_back();
    screen.line("  " + padded(command.name, 16) + summary);
  }
}

// Of a command, or of all.
void show_flags(Screen& screen, const std::vector<Flag>& flags, std::string_view command = {}) {
  for (const auto& flag : flags) {
    std::string spelled = "--" + std::string(flag.name);
    if (flag.letter != 0) spelled = "-" + std::string(1, flag.letter) + ", " + spelled;
    if (!flag.value.empty()) spelled += " " + placeholders(screen, flag.value);
    const std::string key = "flag." + std::string(flag.name);
    const std::string of_command = key + "." + std::string(command);
    const bool has_own = words::has(screen.settings().language, of_command);
    screen.line("  " + padded(spelled, 28) + "  " + screen.text(has_own ? of_command : key));
  }
}

// Nothing is started for a look at the help.
std::string state_now(Session& session, json& status) {
  auto answer = session.send_if_running({"GET", std::string(api::kStatus)});
  if (!answer.ok()) return session.screen().text("help.no_daemon");
  status = std::move(answer).value();
  return state_text(session.screen(), status);
}

void show_waiting(Screen& screen, const json& status) {
  screen.line("");
  if (status.empty())
    return screen.line("  " + padded(screen.text("help.start_daemon"), 30) + "  vrm daemon start");
  const auto& counts = object_at(status, "counts");
  const auto waiting = number_at(counts, "requests_pending");
  const auto active = number_at(counts, "grants_active");
  if (waiting > 0)
    screen.line("  " + padded(screen.count("count.requests", waiting), 30) + "  vrm request");
  if (active > 0)
    screen.line("  " + padded(screen.count("count.grants", active), 30) + "  vrm grants");
  if (has_intents(counts))
    screen.line("  " + padded(intents_text(screen, counts), 30) + "  vrm offers");
  const auto state = text_at(object_at(status, "vault"), "state");
  if (state == "empty") screen.line("  " + padded(screen.text("help.empty"), 30) + "  vrm init");
  if (state == "sealed" || state == "serving")
    screen.line("  " + padded(screen.text("help.locked"), 30) + "  vrm unlock");
}

json help_document(const Screen& screen) {
  json items = json::array();
  for (const auto& command : commands()) {
    json flags = json::array();
    for (const auto& flag : command.flags) flags.push_back("--" + std::string(flag.name));
    items.push_back({{"command", command.name},
                     {"usage", usage(screen, command)},
                     {"summary", screen.text(command.summary)},
                     {"flags", std::move(flags)}});
  }
  return {{"schema", "vrm.help/1"}, {"items", std::move(items)}};
}

// All commands of a family, when only its noun was named.
bool show_family(Screen& screen, const std::string& noun, bool after_another) {
  bool found = false;
  for (const auto& command : commands()) {
    if (!command.name.starts_with(noun + " ")) continue;
    if (found || after_another) screen.line("");
    show_command_help(screen, command);
    found = true;
  }
  return found;
}

Error no_such_command(const std::string& typed) {
  std::vector<std::string> names;
  for (const auto& command : commands()) names.emplace_back(command.name);
  for (const auto* word : {"brand", "request", "intent", "offer", "daemon", "fields", "purposes"})
    names.emplace_back(word);
  const auto near = suggestions(typed, names);
  return refusal(ErrorCode::Malformed, near.empty() ? "usage.no_command" : "usage.no_command_near",
                 {{"typed", typed}, {"names", joined(near)}});
}

}  // namespace

std::string placeholders(const Screen& screen, std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    std::string word;
    for (; at < text.size() && text[at] >= 'A' && text[at] <= 'Z'; ++at)
      word += static_cast<char>(text[at] - 'A' + 'a');
    const auto key = "placeholder." + word;
    if (words::has(screen.settings().language, key))
      out += screen.text(key);
    else
      out += text.substr(at - word.size(), word.size());
    if (at < text.size()) out += text[at++];
  }
  return out;
}

void show_version(Screen& screen) {
  if (screen.settings().json)
    screen.document({{"schema", "vrm.version/1"}, {"version", VRM_VERSION}});
  else
    screen.line("vrm " VRM_VERSION);
}

void show_command_help(Screen& screen, const Command& command) {
  for (const auto example : command.examples) screen.line("  vrm " + std::string(example));
  screen.line("");
  screen.line(usage(screen, command));
  screen.say(command.summary);
  show_flags(screen, command.flags, command.name);
  if (command.legend.empty()) return;
  screen.line("");
  screen.say(command.legend);
}

void show_overview(Session& session) {
  auto& screen = session.screen();
  if (session.settings().json) return screen.document(help_document(screen));
  json status = json::object();
  const auto state = state_now(session, status);
  screen.line("vrm " VRM_VERSION " - " + screen.text("help.motto", {{"state", state}}));
  show_waiting(screen, status);
  screen.line("");
  for (const auto& [group, words] : groups())
    screen.line(padded(screen.text(group), 10) + "  " + joined(words, "  "));
  screen.line("");
  screen.say("help.more");
}

Result<void> run_help(Session& session) {
  const auto& words = session.arguments();
  auto& screen = session.screen();
  if (words.empty() || session.settings().json) {
    if (session.settings().json) {
      show_overview(session);
      return {};
    }
    show_commands(screen);
    screen.line("");
    show_flags(screen, global_flags());
    screen.line("");
    screen.say("help.topics");
    return {};
  }
  if (TRY(show_list(screen, words))) return {};
  const auto typed = joined(words, " ");
  const auto meaning = std::string(meaning_of(typed));
  // `log` is a command and a family.
  const auto* own = find_command(typed);
  if (own != nullptr) show_command_help(screen, *own);
  if (show_family(screen, typed, own != nullptr) || own != nullptr) return {};
  const auto* command = find_command(meaning);
  if (command == nullptr) return no_such_command(typed);
  show_command_help(screen, *command);
  return {};
}

Result<void> run_version(Session& session) {
  show_version(session.screen());
  return {};
}

}  // namespace vrm::cli
