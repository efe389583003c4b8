#include "vault/brands/lookalike.h"

#include <idn2.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <utility>
#include <vector>

#include "vault/base/text.h"

namespace vrm::brands {

namespace {

constexpr std::size_t kShortestNearMiss = 7;
constexpr std::size_t kShortestExchange = 5;

struct LookAlike {
  char32_t seen;
  const char* as;
};

// Cyrillic, Greek, Armenian, small capitals and figures that pass for Latin letters; then Latin letters with marks.
constexpr LookAlike kLookAlikes[] = {
    {U'а', "a"}, {U'е', "e"}, {U'о', "o"},  {U'р', "p"},  {U'с', "c"},  {U'у', "y"}, {U'х', "x"},
    {U'і', "i"}, {U'ј', "j"}, {U'ѕ', "s"},  {U'һ', "h"},  {U'ԁ', "d"},  {U'ԛ', "q"}, {U'ԝ', "w"},
    {U'к', "k"}, {U'м', "m"}, {U'т', "t"},  {U'в', "b"},  {U'н', "h"},  {U'г', "r"}, {U'п', "n"},
    {U'ь', "b"}, {U'α', "a"}, {U'ο', "o"},  {U'ρ', "p"},  {U'ν', "v"},  {U'υ', "u"}, {U'ι', "i"},
    {U'κ', "k"}, {U'τ', "t"}, {U'χ', "x"},  {U'γ', "y"},  {U'η', "n"},  {U'ω', "w"}, {U'ε', "e"},
    {U'օ', "o"}, {U'ս', "u"}, {U'ց', "g"},  {U'հ', "h"},  {U'ո', "n"},  {U'ᴀ', "a"}, {U'ᴄ', "c"},
    {U'ᴅ', "d"}, {U'ᴇ', "e"}, {U'ᴋ', "k"},  {U'ᴍ', "m"},  {U'ᴏ', "o"},  {U'ᴘ', "p"}, {U'ᴛ', "t"},
    {U'ᴜ', "u"}, {U'ᴠ', "v"}, {U'ᴡ', "w"},  {U'ᴢ', "z"},  {U'ɑ', "a"},  {U'ɡ', "g"}, {U'ı', "i"},
    {U'ɩ', "i"}, {U'|', "l"}, {U'ӏ', "l"},  {U'à', "a"},  {U'á', "a"},  {U'â', "a"}, {U'ã', "a"},
    {U'ä', "a"}, {U'å', "a"}, {U'ā', "a"},  {U'ă', "a"},  {U'ą', "a"},  {U'ạ', "a"}, {U'ç', "c"},
    {U'ć', "c"}, {U'č', "c"}, {U'ċ', "c"},  {U'ď', "d"},  {U'đ', "d"},  {U'è', "e"}, {U'é', "e"},
    {U'ê', "e"}, {U'ë', "e"}, {U'ē', "e"},  {U'ė', "e"},  {U'ę', "e"},  {U'ě', "e"}, {U'ẹ', "e"},
    {U'ğ', "g"}, {U'ģ', "g"}, {U'ħ', "h"},  {U'ì', "i"},  {U'í', "i"},  {U'î', "i"}, {U'ï', "i"},
    {U'ī', "i"}, {U'į', "i"}, {U'ị', "i"},  {U'ķ', "k"},  {U'ĺ', "l"},  {U'ļ', "l"}, {U'ľ', "l"},
    {U'ł', "l"}, {U'ñ', "n"}, {U'ń', "n"},  {U'ņ', "n"},  {U'ň', "n"},  {U'ò', "o"}, {U'ó', "o"},
    {U'ô', "o"}, {U'õ', "o"}, {U'ö', "o"},  {U'ø', "o"},  {U'ō', "o"},  {U'ő', "o"}, {U'ọ', "o"},
    {U'ŕ', "r"}, {U'ř', "r"}, {U'ś', "s"},  {U'š', "s"},  {U'ş', "s"},  {U'ș', "s"}, {U'ť', "t"},
    {U'ţ', "t"}, {U'ț', "t"}, {U'ù', "u"},  {U'ú', "u"},  {U'û', "u"},  {U'ü', "u"}, {U'ū', "u"},
    {U'ů', "u"}, {U'ű', "u"}, {U'ų', "u"},  {U'ụ', "u"},  {U'ý', "y"},  {U'ÿ', "y"}, {U'ź', "z"},
    {U'ż', "z"}, {U'ž', "z"}, {U'æ', "ae"}, {U'œ', "oe"}, {U'ß', "ss"}, {U'þ', "p"}};

// Figures that pass for letters in a word.
constexpr LookAlike kFigures[] = {{U'0', "o"}, {U'1', "l"}, {U'3', "e"}, {U'5', "s"}, {U'8', "b"}};

// The letter or figure that a compatibility form stands for: full width, circled, mathematical.
char32_t plain(char32_t c) {
  if (c >= 0xFF01 && c <= 0xFF5E) return c - 0xFF01 + U'!';
  if (c >= 0x24B6 && c <= 0x24CF) return c - 0x24B6 + U'A';
  if (c >= 0x24D0 && c <= 0x24E9) return c - 0x24D0 + U'a';
  if (c >= 0x1D400 && c <= 0x1D6A3) {
    const char32_t letter = (c - 0x1D400) % 52;
    return letter < 26 ? U'A' + letter : U'a' + letter - 26;
  }
  if (c >= 0x1D7CE && c <= 0x1D7FF) return (c - 0x1D7CE) % 10 + U'0';
  return c;
}

// Of the punctuation, blanks and invisible characters beyond ASCII that a name may have.
bool is_no_letter(char32_t c) {
  const bool latin =
      (c >= 0x80 && c <= 0xBF && c != 0xAA && c != 0xB5 && c != 0xBA) || c == 0xD7 || c == 0xF7;
  return latin || (c >= 0x2000 && c <= 0x206F) || (c >= 0x2100 && c <= 0x2BFF) ||
         (c >= 0x3000 && c <= 0x3004) || (c >= 0xFE00 && c <= 0xFE0F) || c == 0xFEFF ||
         (c >= 0xE0000 && c <= 0xE0FFF);
}

// Lower case for the scripts of the table above; other letters stay.
char32_t lower(char32_t c) {
  if (c >= U'A' && c <= U'Z') return c + 32;
  if (c >= 0xC0 && c <= 0xDE && c != 0xD7) return c + 32;
  if (c >= 0x100 && c <= 0x177 && c != 0x130 && c != 0x131) {
    const bool odd_is_upper = (c >= 0x139 && c <= 0x148);
    return (c % 2 == 0) != odd_is_upper ? c + 1 : c;
  }
  if (c == 0x178) return 0xFF;
  if (c >= 0x179 && c <= 0x17E) return c % 2 == 1 ? c + 1 : c;
  if (c >= 0x391 && c <= 0x3A9) return c + 32;
  if (c >= 0x400 && c <= 0x40F) return c + 80;
  if (c >= 0x410 && c <= 0x42F) return c + 32;
  return c;
}

// `text` with every `what` written as `with`, from left to right.
std::string replaced(const std::string& text, std::string_view what, std::string_view with) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const bool is_here = text.compare(at, what.size(), what) == 0;
    if (is_here)
      out += with;
    else
      out += text[at];
    at += is_here ? what.size() : 1;
  }
  return out;
}

bool is_mark(char32_t c) {
  return c >= 0x300 && c <= 0x36F;
}

bool is_figure(char c) {
  return c >= '0' && c <= '9';
}

// True when two neighbours exchanged make the one from the other.
bool differ_by_exchange(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  const auto begin =
      static_cast<std::size_t>(std::mismatch(a.begin(), a.end(), b.begin()).first - a.begin());
  const auto rest_a = a.substr(begin);
  const auto rest_b = b.substr(begin);
  return rest_a.size() >= 2 && rest_a[0] == rest_b[1] && rest_a[1] == rest_b[0] &&
         rest_a.substr(2) == rest_b.substr(2);
}

// True when one letter put in, dropped or changed makes the one from the other. Another figure makes another name.
bool differ_in_one_letter(std::string_view a, std::string_view b) {
  if (a.size() > b.size()) std::swap(a, b);
  if (b.size() - a.size() > 1) return false;
  const auto begin =
      static_cast<std::size_t>(std::mismatch(a.begin(), a.end(), b.begin()).first - a.begin());
  const auto rest_a = a.substr(begin);
  const auto rest_b = b.substr(begin);
  if (rest_b.empty()) return true;
  if (is_figure(rest_b.front()) || (!rest_a.empty() && is_figure(rest_a.front()))) return false;
  if (a.size() != b.size()) return rest_a == rest_b.substr(1);
  return rest_a.substr(1) == rest_b.substr(1);
}

bool skeletons_look_alike(const std::string& a, const std::string& b) {
  if (a.empty() || b.empty()) return false;
  const auto shorter = std::min(a.size(), b.size());
  return a == b || (shorter >= kShortestExchange && differ_by_exchange(a, b)) ||
         (shorter >= kShortestNearMiss && differ_in_one_letter(a, b));
}

// The label that a reader takes for the name: the one before the suffix, as `velo` of www.velo.example or velo.co.uk.
std::string_view main_label(std::string_view host) {
  constexpr std::size_t kLongestSecondLevel = 3;  // co, com, org, gouv is a name
  for (int labels = 0;; ++labels) {
    const auto last = host.rfind('.');
    if (last == std::string_view::npos) return host;
    const auto label = host.substr(last + 1);
    const bool is_suffix = labels == 0 || (labels == 1 && label.size() <= kLongestSecondLevel);
    if (!is_suffix) return label;
    host = host.substr(0, last);
  }
}

bool is_number_address(std::string_view host) {
  return host.starts_with('[') || host.find_first_not_of("0123456789.") == std::string_view::npos;
}

// Seen by nobody, so what stands on both sides is one word.
bool is_invisible(char32_t c) {
  return c == 0xAD || (c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) ||
         (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF || (c >= 0xFE00 && c <= 0xFE0F) ||
         (c >= 0xE0000 && c <= 0xE0FFF);
}

// I as Latin, Greek, Cyrillic and Armenian write it: a bar.
bool is_capital_bar(char32_t c) {
  return c == U'I' || c == U'Ι' || c == U'І' || c == U'Ӏ';
}

std::string letter_of_figure(char32_t c) {
  const auto* found = std::find_if(std::begin(kFigures), std::end(kFigures),
                                   [c](const LookAlike& figure) { return figure.seen == c; });
  return found == std::end(kFigures) ? std::string(1, static_cast<char>(c)) : found->as;
}

// "" for what is no letter.
std::string letter_for(char32_t c, Seen seen) {
  const auto* found = std::find_if(std::begin(kLookAlikes), std::end(kLookAlikes),
                                   [c](const LookAlike& like) { return like.seen == c; });
  if (found != std::end(kLookAlikes)) {
    const std::string as = found->as;
    return seen == Seen::InHost && as == "i" ? "l" : as;
  }
  std::string out;
  if ((c >= U'a' && c <= U'z') || (c >= 0x80 && !is_no_letter(c))) append_utf8(out, c);
  return out;
}

}  // namespace

std::string skeleton(std::string_view text, Seen seen) {
  std::string out;
  std::string figures;  // of a word that has no letter so far
  bool in_word = false;
  for (std::size_t at = 0; at < text.size();) {
    const auto scalar = next_scalar(text, at);
    if (!scalar || is_mark(*scalar) || is_invisible(*scalar)) continue;
    char32_t c = plain(*scalar);
    if (seen == Seen::InNameWithBars && is_capital_bar(c)) c = U'l';
    c = lower(c);
    if (seen == Seen::InHost && c == U'i') c = U'l';
    if (c >= U'0' && c <= U'9') {
      if (in_word)
        out += letter_of_figure(c);
      else
        figures += static_cast<char>(c);
      continue;
    }
    const std::string letter = letter_for(c, seen);
    if (letter.empty()) {
      out += std::exchange(figures, "");
      in_word = false;
      continue;
    }
    for (const char figure : std::exchange(figures, ""))
      out += letter_of_figure(static_cast<char32_t>(figure));
    out += letter;
    in_word = true;
  }
  out += figures;
  return replaced(replaced(replaced(out, "rn", "m"), "vv", "w"), "cl", "d");
}

std::string shown_host(std::string_view host_and_port) {
  const auto colon =
      host_and_port.starts_with('[') ? std::string_view::npos : host_and_port.rfind(':');
  const std::string host(host_and_port.substr(0, colon));
  char* decoded = nullptr;
  if (idn2_to_unicode_8z8z(host.c_str(), &decoded, 0) != IDN2_OK) return host;
  const std::unique_ptr<char, decltype(&std::free)> owner(decoded, &std::free);
  return decoded;
}

bool hosts_look_alike(std::string_view a, std::string_view b) {
  if (a == b) return false;
  const std::string seen_a = shown_host(a);
  const std::string seen_b = shown_host(b);
  if (seen_a == seen_b || is_number_address(seen_a) || is_number_address(seen_b)) return false;
  const auto of = [](std::string_view host) { return skeleton(host, Seen::InHost); };
  return of(seen_a) == of(seen_b) ||
         skeletons_look_alike(of(main_label(seen_a)), of(main_label(seen_b)));
}

bool names_look_alike(std::string_view a, std::string_view b) {
  constexpr Seen kSeen[] = {Seen::InName, Seen::InNameWithBars};
  for (const Seen seen_a : kSeen)
    for (const Seen seen_b : kSeen)
      if (skeletons_look_alike(skeleton(a, seen_a), skeleton(b, seen_b))) return true;
  return false;
}

}  // namespace vrm::brands
