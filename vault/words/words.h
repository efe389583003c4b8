#pragma once
// Everything a person reads, in English and French, from one catalogue (en.json and fr.json, linked
// in).
//
// A sentence has {gaps}. What fills a gap may come from a stranger, so it is made safe to print.
// A sentence's further lines say what to type next. Safe from any thread.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "vault/base/error.h"

namespace vrm::words {

enum class Language { English, French };

// "en" or "fr".
std::string_view to_string(Language language);

// What the environment says; an unset variable is "".
struct LanguageHints {
  std::string_view flag = {};         // --lang
  std::string_view vrm_lang = {};     // VRM_LANG
  std::string_view lc_all = {};       // LC_ALL
  std::string_view lc_messages = {};  // LC_MESSAGES
  std::string_view lang = {};         // LANG
};

// The first hint that is not empty decides: French when it names fr (`fr`, `fr_FR.UTF-8`, `FR-ca`),
// else English.
Language language_from(const LanguageHints& hints);

// The sentence of `key` with its gaps filled. A gap that `with` does not name stays as written; an
// unknown key is given back itself.
std::string sentence(Language language, std::string_view key, const Gaps& with = {});

// `text` with its gaps filled as those of a sentence.
std::string filled(std::string_view text, const Gaps& with);

// The sentence of `key`.one or `key`.many, as the language counts, with {n} filled.
std::string counted(Language language, std::string_view key, std::int64_t n, Gaps with = {});

// What to tell a person about an Error: its own sentence, else the sentence of its code and the
// English message.
std::string sentence(Language language, const Error& error);

bool has(Language language, std::string_view key);

// Every key of one language, in order.
std::vector<std::string> keys(Language language);

}  // namespace vrm::words
