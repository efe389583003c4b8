#include "cli/command.h"

#include <algorithm>
#include <array>
#include <utility>

namespace vrm::cli {

namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 24> kSynonyms = {{
    {"brand", "brand list"},
    {"brands", "brand list"},
    {"request", "request list"},
    {"requests", "request list"},
    {"rule", "rule list"},
    {"rules", "rule list"},
    {"policy", "policy list"},
    {"policies", "policy list"},
    {"intent", "intent list"},
    {"intents", "intent list"},
    {"offer", "offers"},
    {"daemon", "daemon status"},
    {"doc", "doc list"},
    {"docs", "doc list"},
    {"receipt", "receipt check"},
    {"share", "grant"},
    {"logs", "log"},
    {"delete", "unset"},
    {"rm", "unset"},
    {"password", "passwd"},
    {"login", "unlock"},
    {"logout", "lock"},
    {"ls", "list"},
    {"show", "get"},
}};

constexpr std::array<std::pair<std::string_view, std::string_view>, 2> kWithMore = {{
    {"intent", "intent new"},
    {"offer", "offer show"},
}};

}  // namespace

const std::vector<Flag>& global_flags() {
  static const std::vector<Flag> flags = {
      {"json", ""},       {"no-input", ""},  {"yes", "", 'y'},    {"quiet", "", 'q'},
      {"no-color", ""},   {"lang", "fr|en"}, {"vault", "FOLDER"}, {"socket", "PATH"},
      {"timeout", "30s"}, {"help", "", 'h'}, {"version", ""},
  };
  return flags;
}

const Command* find_command(std::string_view name) {
  const auto& all = commands();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const Command& c) { return c.name == name; });
  return found == all.end() ? nullptr : &*found;
}

bool is_family(std::string_view noun) {
  const auto& all = commands();
  return std::any_of(all.begin(), all.end(), [&](const Command& command) {
    return command.name.size() > noun.size() && command.name.starts_with(noun) &&
           command.name[noun.size()] == ' ';
  });
}

std::string_view meaning_with_more(std::string_view noun) {
  for (const auto& [word, meaning] : kWithMore)
    if (word == noun) return meaning;
  return {};
}

std::string_view meaning_of(std::string_view synonym) {
  for (const auto& [word, meaning] : kSynonyms)
    if (word == synonym) return meaning;
  return {};
}

}  // namespace vrm::cli
