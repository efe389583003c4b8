// The two catalogues against each other, against French typography and against the sources that
// name their keys.

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "vault/words/words.h"

using namespace vrm;
using words::Language;

namespace {

namespace fs = std::filesystem;

using Keys = std::set<std::string>;

std::multiset<std::string> gaps_of(const std::string& text) {
  std::multiset<std::string> gaps;
  for (auto open = text.find('{'); open != text.npos; open = text.find('{', open + 1))
    gaps.insert(text.substr(open, text.find('}', open) - open + 1));
  return gaps;
}

std::string content(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// Every text between quotes that has the shape of a key, or of the beginning of one.
bool key_shaped(const std::string& text) {
  const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || c == '_' || c == '.'; };
  return text.find('.') != text.npos && text.front() != '.' &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz_.") == text.npos &&
         std::all_of(text.begin(), text.end(), allowed);
}

Keys literals_in(const std::string& source) {
  Keys found;
  for (auto open = source.find('"'); open != source.npos;) {
    const auto close = source.find('"', open + 1);
    if (close == source.npos) break;
    const auto text = source.substr(open + 1, close - open - 1);
    // Between two literals lies code: only what has a key's shape is taken, so being off by one
    // quote does no harm.
    if (!text.empty() && key_shaped(text)) found.insert(text);
    open = close;
  }
  return found;
}

Keys refusals_in(const std::string& source) {
  Keys found;
  for (auto at = source.find("refusal(ErrorCode::"); at != source.npos;
       at = source.find("refusal(ErrorCode::", at + 1)) {
    const auto comma = source.find(',', at);
    const auto key = source.find_first_not_of(" \n", comma + 1);
    if (comma == source.npos || source[key] != '"') continue;
    found.insert(source.substr(key + 1, source.find('"', key + 1) - key - 1));
  }
  return found;
}

struct Sources {
  Keys all;       // key-shaped texts of the program
  Keys refusals;  // keys of its refusals
  Keys cli;       // key-shaped texts of cli/
};

Sources read_sources() {
  Sources sources;
  for (const auto* folder : {"vault", "cli", "policies"}) {
    if (!fs::exists(fs::path(VRM_SOURCE_DIR) / folder)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(VRM_SOURCE_DIR) / folder)) {
      if (entry.path().extension() != ".cc" && entry.path().extension() != ".h") continue;
      const auto text = content(entry.path());
      sources.all.merge(literals_in(text));
      sources.refusals.merge(refusals_in(text));
      if (std::string_view(folder) == "cli") sources.cli.merge(literals_in(text));
    }
  }
  return sources;
}

bool is_named(const std::string& key, const Keys& literals) {
  if (literals.contains(key)) return true;
  for (const std::string ending : {".one", ".many"})
    if (key.ends_with(ending) && literals.contains(key.substr(0, key.size() - ending.size())))
      return true;
  return std::any_of(literals.begin(), literals.end(), [&](const std::string& literal) {
    // A beginning that the source completes: "error.", "profile.bad_".
    return (literal.ends_with('.') || literal.ends_with('_')) && key.starts_with(literal);
  });
}

bool exists(const std::string& literal, const std::vector<std::string>& keys) {
  return std::any_of(keys.begin(), keys.end(), [&](const std::string& key) {
    return key == literal || key == literal + ".one" ||
           (literal.ends_with('.') && key.starts_with(literal));
  });
}

// Where a sign of French stands without its narrow no-break space, or a straight apostrophe stands
// for a curved one.
std::string typography_of(const std::string& text) {
  const std::string narrow = "\u202F";
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto before = text.substr(0, at);
    const auto after = text.substr(at + 1);
    const bool ends = after.empty() || after[0] == ' ' || after[0] == '\n' || after[0] == ')';
    const bool sign = std::string_view(":;?!").find(text[at]) != std::string_view::npos;
    if (sign && ends && at > 0 && !before.ends_with(narrow)) return text;
    if (text.compare(at, 2, "«") == 0 && !text.substr(at + 2).starts_with(narrow)) return text;
    if (text.compare(at, 2, "»") == 0 && !before.ends_with(narrow)) return text;
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    if (text[at] == '\'' && at > 0 && letter(before.back()) && !after.empty() && letter(after[0]))
      return text;
  }
  return "";
}

}  // namespace

TEST_SUITE("words/catalogue") {
  TEST_CASE("both languages have the same keys") {
    CHECK(words::keys(Language::English) == words::keys(Language::French));
  }

  TEST_CASE("both languages fill the same gaps") {
    for (const auto& key : words::keys(Language::English)) {
      CAPTURE(key);
      CHECK(gaps_of(words::sentence(Language::English, key)) ==
            gaps_of(words::sentence(Language::French, key)));
    }
  }

  TEST_CASE("no sentence is empty, and none has a tab or ends in a blank") {
    for (const auto language : {Language::English, Language::French}) {
      for (const auto& key : words::keys(language)) {
        CAPTURE(key);
        const auto text = words::sentence(language, key);
        CHECK_FALSE(text.empty());
        CHECK(text.find('\t') == text.npos);
        CHECK_FALSE(text.ends_with(' '));
        CHECK_FALSE(text.ends_with('\n'));
      }
    }
  }

  TEST_CASE("French has its own spaces and apostrophes") {
    for (const auto& key : words::keys(Language::French)) {
      CAPTURE(key);
      CHECK(typography_of(words::sentence(Language::French, key)) == "");
    }
  }

  TEST_CASE("the test of French sees what it is for") {
    for (const auto* wrong : {"oui: non", "oui : non", "quoi?", "«oui»", "« oui »", "l'un"})
      CHECK(typography_of(wrong) == wrong);
    for (const auto* right :
         {"oui\u202F: non", "http://x:80/a?b", "«\u202Foui\u202F»", "l’un", "'pass vrm'"})
      CHECK(typography_of(right) == "");
  }

  TEST_CASE("every key that a source names is in the catalogue") {
    const auto sources = read_sources();
    const auto keys = words::keys(Language::English);
    REQUIRE(sources.refusals.size() > 20);
    REQUIRE(sources.cli.size() > 100);
    for (const auto& named : sources.refusals) {
      CAPTURE(named);
      CHECK(exists(named, keys));
    }
    for (const auto& named : sources.cli) {
      CAPTURE(named);
      CHECK(exists(named, keys));
    }
  }

  TEST_CASE("every sentence is named by a source") {
    const auto sources = read_sources();
    for (const auto& key : words::keys(Language::English)) {
      CAPTURE(key);
      CHECK(is_named(key, sources.all));
    }
  }

  TEST_CASE("counting picks the right form in each language") {
    CHECK(words::counted(Language::English, "count.fields", 0) == "0 fields");
    CHECK(words::counted(Language::English, "count.fields", 1) == "1 field");
    CHECK(words::counted(Language::French, "count.fields", 0) == "0 donnée");
    CHECK(words::counted(Language::French, "count.fields", 2) == "2 données");
  }
}
