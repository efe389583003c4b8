#include "vault/words/words.h"

#include <functional>
#include <map>
#include <nlohmann/json.hpp>

#include "vault/base/ascii.h"
#include "vault/base/embed.h"
#include "vault/base/json.h"
#include "vault/base/text.h"

VRM_DECLARE_EMBEDDED(vault_words_en_json);
VRM_DECLARE_EMBEDDED(vault_words_fr_json);

namespace vrm::words {

namespace {

using Catalogue = std::map<std::string, std::string, std::less<>>;

// REQUIRES: `text` is a flat object of texts; it is part of the program.
Catalogue parse(std::string_view text) {
  const auto document = read_json(text, JsonLimits{.bytes = 1024 * 1024, .depth = 2});
  VRM_CHECK(document.ok() && document.value().is_object());
  Catalogue catalogue;
  for (const auto& [key, value] : document.value().items()) {
    VRM_CHECK(value.is_string());
    catalogue.emplace(key, value.get_ref<const std::string&>());
  }
  return catalogue;
}

const Catalogue& catalogue_of(Language language) {
  static const Catalogue english = parse(VRM_EMBEDDED(vault_words_en_json));
  static const Catalogue french = parse(VRM_EMBEDDED(vault_words_fr_json));
  return language == Language::French ? french : english;
}

const std::string* gap_value(const Gaps& with, std::string_view name) {
  for (const auto& [key, value] : with)
    if (key == name) return &value;
  return nullptr;
}

bool names_french(std::string_view hint) {
  if (hint.size() < 2 || lower(hint[0]) != 'f' || lower(hint[1]) != 'r') return false;
  return hint.size() == 2 || std::string_view("_-.@").find(hint[2]) != std::string_view::npos;
}

}  // namespace

std::string_view to_string(Language language) {
  return language == Language::French ? "fr" : "en";
}

Language language_from(const LanguageHints& hints) {
  for (const auto hint : {hints.flag, hints.vrm_lang, hints.lc_all, hints.lc_messages, hints.lang})
    if (!hint.empty()) return names_french(hint) ? Language::French : Language::English;
  return Language::English;
}

// What fills a gap is never looked at for gaps of its own.
std::string filled(std::string_view text, const Gaps& with) {
  std::string out;
  while (!text.empty()) {
    const auto open = text.find('{');
    const auto close = open == text.npos ? text.npos : text.find('}', open);
    if (close == text.npos) break;
    const auto* value = gap_value(with, text.substr(open + 1, close - open - 1));
    out += text.substr(0, open);
    out += value != nullptr ? printable(*value) : std::string(text.substr(open, close - open + 1));
    text.remove_prefix(close + 1);
  }
  return out += text;
}

std::string sentence(Language language, std::string_view key, const Gaps& with) {
  const auto& catalogue = catalogue_of(language);
  const auto found = catalogue.find(key);
  return found == catalogue.end() ? std::string(key) : filled(found->second, with);
}

std::string counted(Language language, std::string_view key, std::int64_t n, Gaps with) {
  const bool one = language == Language::French ? n == 0 || n == 1 : n == 1;
  with.emplace_back("n", std::to_string(n));
  return sentence(language, std::string(key) + (one ? ".one" : ".many"), with);
}

std::string sentence(Language language, const Error& error) {
  if (!error.say.empty() && has(language, error.say))
    return sentence(language, error.say, error.with);
  const std::string key = "error." + std::string(vrm::to_string(error.code));
  return sentence(language, key, {{"message", error.message}});
}

bool has(Language language, std::string_view key) {
  return catalogue_of(language).contains(key);
}

std::vector<std::string> keys(Language language) {
  std::vector<std::string> all;
  for (const auto& [key, text] : catalogue_of(language)) all.push_back(key);
  return all;
}

}  // namespace vrm::words
