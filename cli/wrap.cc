#include "cli/wrap.h"

#include <algorithm>

#include "vault/base/text.h"

namespace vrm::cli {

namespace {

constexpr std::size_t kLeastRoom = 20;  // behind a label
constexpr std::size_t kBelowLabel = 2;  // deeper than a further line stands what has no room there
constexpr std::string_view kOpening = "(\"'";
constexpr std::string_view kClosing = ",;.:)!?";

// What is not broken, and the blanks before it.
struct Stretch {
  std::size_t blanks = 0;
  std::string text;
};

std::vector<Stretch> words_of(std::string_view text) {
  std::vector<Stretch> words;
  while (true) {
    const auto blanks = std::min(text.find_first_not_of(' '), text.size());
    text.remove_prefix(blanks);
    if (text.empty()) return words;
    const auto end = std::min(text.find(' '), text.size());
    words.push_back({blanks, std::string(text.substr(0, end))});
    text.remove_prefix(end);
  }
}

bool begins_command(std::string_view word) {
  while (!word.empty() && kOpening.find(word.front()) != kOpening.npos) word.remove_prefix(1);
  return word == "vrm";
}

// Where what begins at `at` ends: behind its closing quote, if that comes.
std::size_t end_of_quoted(const std::vector<Stretch>& words, std::size_t at) {
  const char quote = words[at].text.front();
  if (quote != '\'' && quote != '"') return at + 1;
  if (words[at].text.find(quote, 1) != std::string::npos) return at + 1;
  for (auto end = at + 1; end < words.size() && words[end].blanks == 1; ++end)
    if (words[end].text.find(quote) != std::string::npos) return end + 1;
  return at + 1;
}

// How many words belong together from `at` on.
std::size_t together(const std::vector<Stretch>& words, std::size_t at) {
  std::size_t end = at + 1;
  const auto goes_on = [&] { return end < words.size() && words[end].blanks == 1; };
  if (begins_command(words[at].text)) {
    while (goes_on() && kClosing.find(words[end - 1].text.back()) == kClosing.npos &&
           !begins_command(words[end].text))
      ++end;
    return end - at;
  }
  if (words[at].text == "!" && goes_on())
    return 1 + together(words, end);  // a mark of what follows
  const bool has_value =
      words[at].text.starts_with("--") && goes_on() && !words[end].text.starts_with('-');
  return (has_value ? end_of_quoted(words, end) : end_of_quoted(words, at)) - at;
}

std::vector<Stretch> units_of(std::string_view text) {
  const auto words = words_of(text);
  std::vector<Stretch> units;
  for (std::size_t at = 0; at < words.size();) {
    const auto count = together(words, at);
    units.push_back(words[at]);
    for (std::size_t i = 1; i < count; ++i) units.back().text += " " + words[at + i].text;
    at += count;
  }
  return units;
}

// Where the further lines stand, and from which unit on nothing stays on the first.
struct Shape {
  std::size_t indent = 0;
  std::size_t below = 0;  // 0: none
};

Shape layout_of(const std::vector<Stretch>& units, std::size_t columns, std::size_t hang) {
  const auto outer = units.front().blanks;
  std::size_t column = outer + width(units.front().text);
  for (std::size_t at = 1; at < units.size(); ++at) {
    column += units[at].blanks;
    if (units[at].blanks > 1) {
      const Shape below{outer + (hang == 0 ? 0 : hang + kBelowLabel), at};
      if (column + kLeastRoom > columns) return below;
      for (auto i = at; i < units.size(); ++i) {
        const auto wide = width(units[i].text);
        if (column + wide > columns && below.indent + wide <= columns) return below;
      }
      return {column, 0};
    }
    column += width(units[at].text);
  }
  return {outer + hang, 0};
}

}  // namespace

std::size_t width(std::string_view text) {
  std::size_t columns = 0;
  for (std::size_t at = 0; at < text.size(); ++columns) next_scalar(text, at);
  return columns;
}

std::string cut(std::string_view text, std::size_t columns) {
  if (width(text) <= columns) return std::string(text);
  std::size_t at = 0;
  for (std::size_t i = 0; i + 1 < columns; ++i) next_scalar(text, at);
  std::string out(text.substr(0, at));
  append_utf8(out, 0x2026);
  return out;
}

std::string padded(std::string_view text, std::size_t columns) {
  const auto have = width(text);
  return std::string(text) + std::string(have < columns ? columns - have : 0, ' ');
}

std::vector<std::string> wrapped(std::string_view text, std::size_t columns, std::size_t hang) {
  const auto units = units_of(text);
  if (width(text) <= columns || units.empty()) return {std::string(text)};
  const auto layout = layout_of(units, columns, hang);
  std::vector<std::string> lines = {std::string(units[0].blanks, ' ') + units[0].text};
  for (std::size_t at = 1; at < units.size(); ++at) {
    const auto& unit = units[at];
    const bool fits = width(lines.back()) + unit.blanks + width(unit.text) <= columns;
    if (fits && at != layout.below)
      lines.back() += std::string(unit.blanks, ' ') + unit.text;
    else
      lines.push_back(std::string(layout.indent, ' ') + unit.text);
  }
  return lines;
}

}  // namespace vrm::cli
