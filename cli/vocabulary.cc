#include "cli/vocabulary.h"

#include <nlohmann/json.hpp>
#include <set>

#include "cli/document.h"
#include "cli/suggest.h"
#include "vault/base/embed.h"
#include "vault/base/json.h"

VRM_DECLARE_EMBEDDED(policies_fields_json);
VRM_DECLARE_EMBEDDED(policies_purposes_json);

namespace vrm::cli {

namespace {

using nlohmann::json;

constexpr std::size_t kListedName = 34;
constexpr JsonLimits kListLimits{.bytes = 512 * 1024, .depth = 8};

json linked_in(std::string_view text) {
  auto list = read_json(text, kListLimits);
  VRM_CHECK(list.ok());
  return std::move(list).value();
}

bool is_or_is_below(std::string_view name, std::string_view prefix) {
  if (!name.starts_with(prefix)) return false;
  return name.size() == prefix.size() || prefix.empty() || name[prefix.size()] == '.';
}

// The groups that `name` is in, and itself.
void add_path(std::set<std::string>& known, const std::string& name) {
  for (auto dot = name.find('.'); dot != name.npos; dot = name.find('.', dot + 1))
    known.insert(name.substr(0, dot));
  known.insert(name);
}

Result<void> list_field_names(Screen& screen, const std::string& prefix) {
  const bool french = screen.settings().language == words::Language::French;
  const auto catalogue = linked_in(VRM_EMBEDDED(policies_fields_json));
  std::set<std::string> known;
  bool found = false;
  for (const auto& field : list_at(catalogue, "fields")) {
    const auto name = text_at(field, "name");
    add_path(known, name);
    if (!is_or_is_below(name, prefix)) continue;
    found = true;
    screen.line("  " + padded(name, kListedName) + "  " + text_at(field, french ? "fr" : "en"));
  }
  if (found) return {};
  const auto near = suggestions(prefix, {known.begin(), known.end()});
  return refusal(ErrorCode::NotFound, near.empty() ? "help.no_field" : "help.no_field_near",
                 {{"prefix", prefix}, {"names", joined(near)}});
}

void list_purpose_words(Screen& screen) {
  const bool french = screen.settings().language == words::Language::French;
  const auto purposes = linked_in(VRM_EMBEDDED(policies_purposes_json));
  for (const auto& purpose : purposes)
    if (raw_at(purpose, "rule") != "never")
      screen.line("  " + padded(text_at(purpose, "word"), kListedName) + "  " +
                  text_at(purpose, french ? "label_fr" : "label_en"));
}

// The words of all that stand below it.
std::vector<std::string> purposes_below(const json& purposes, const std::string& dpv) {
  std::set<std::string> above = {dpv};
  std::vector<std::string> words;
  for (const auto& purpose : purposes) {
    if (!above.contains(raw_at(purpose, "parent"))) continue;
    above.insert(raw_at(purpose, "dpv"));
    words.push_back(text_at(purpose, "word"));
  }
  return words;
}

}  // namespace

std::string registered_purpose(const Screen& screen, std::string_view word) {
  const bool french = screen.settings().language == words::Language::French;
  const auto purposes = linked_in(VRM_EMBEDDED(policies_purposes_json));
  for (const auto& purpose : purposes) {
    if (raw_at(purpose, "word") != word && raw_at(purpose, "dpv") != word) continue;
    auto label = text_at(purpose, french ? "label_fr" : "label_en");
    if (const auto below = purposes_below(purposes, raw_at(purpose, "dpv")); !below.empty())
      label = screen.text("purpose.with", {{"label", label}, {"purposes", joined(below)}});
    return screen.text("purpose.labelled", {{"word", text_at(purpose, "word")}, {"label", label}});
  }
  return std::string(word);
}

Result<bool> show_list(Screen& screen, const std::vector<std::string>& words) {
  if (words.size() == 1 && words[0] == "purposes") {
    list_purpose_words(screen);
    return true;
  }
  if (words.empty() || words[0] != "fields") return false;
  TRY(list_field_names(screen, words.size() > 1 ? words[1] : ""));
  return true;
}

}  // namespace vrm::cli
