#include "vault/brands/lookalike.h"

#include <idn2.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <vector>

#include "vault/base/text.h"

namespace vrm::brands {

namespace {

constexpr std::size_t kShortestNearMiss = 5;

struct LookAlike {
  char32_t seen;
  const char* as;
};

// Cyrillic, Greek, Armenian, small capitals and figures that pass for Latin letters; then Latin letters with marks.
constexpr LookAlike kLookAlikes[] = {
    {U'а', "a"},  {U'е', "e"},  {U'о', "o"},  {U'р', "p"}, {U'с', "c"}, {U'у', "y"}, {U'х', "x"},
    {U'і', "l"},  {U'ј', "j"},  {U'ѕ', "s"},  {U'һ', "h"}, {U'ԁ', "d"}, {U'ԛ', "q"}, {U'ԝ', "w"},
    {U'к', "k"},  {U'м', "m"},  {U'т', "t"},  {U'в', "b"}, {U'н', "h"}, {U'г', "r"}, {U'п', "n"},
    {U'ь', "b"},  {U'α', "a"},  {U'ο', "o"},  {U'ρ', "p"}, {U'ν', "v"}, {U'υ', "u"}, {U'ι', "l"},
    {U'κ', "k"},  {U'τ', "t"},  {U'χ', "x"},  {U'γ', "y"}, {U'η', "n"}, {U'ω', "w"}, {U'ε', "e"},
    {U'օ', "o"},  {U'ս', "u"},  {U'ց', "g"},  {U'հ', "h"}, {U'ո', "n"}, {U'ᴀ', "a"}, {U'ᴄ', "c"},
    {U'ᴅ', "d"},  {U'ᴇ', "e"},  {U'ᴋ', "k"},  {U'ᴍ', "m"}, {U'ᴏ', "o"}, {U'ᴘ', "p"}, {U'ᴛ', "t"},
    {U'ᴜ', "u"},  {U'ᴠ', "v"},  {U'ᴡ', "w"},  {U'ᴢ', "z"}, {U'ɑ', "a"}, {U'ɡ', "g"}, {U'ı', "l"},
    {U'ɩ', "l"},  {U'0', "o"},  {U'1', "l"},  {U'i', "l"}, {U'3', "e"}, {U'5', "s"}, {U'8', "b"},
    {U'|', "l"},  {U'à', "a"},  {U'á', "a"},  {U'â', "a"}, {U'ã', "a"}, {U'ä', "a"}, {U'å', "a"},
    {U'ā', "a"},  {U'ă', "a"},  {U'ą', "a"},  {U'ạ', "a"}, {U'ç', "c"}, {U'ć', "c"}, {U'č', "c"},
    {U'ċ', "c"},  {U'ď', "d"},  {U'đ', "d"},  {U'è', "e"}, {U'é', "e"}, {U'ê', "e"}, {U'ë', "e"},
    {U'ē', "e"},  {U'ė', "e"},  {U'ę', "e"},  {U'ě', "e"}, {U'ẹ', "e"}, {U'ğ', "g"}, {U'ģ', "g"},
    {U'ħ', "h"},  {U'ì', "l"},  {U'í', "l"},  {U'î', "l"}, {U'ï', "l"}, {U'ī', "l"}, {U'į', "l"},
    {U'ị', "l"},  {U'ķ', "k"},  {U'ĺ', "l"},  {U'ļ', "l"}, {U'ľ', "l"}, {U'ł', "l"}, {U'ñ', "n"},
    {U'ń', "n"},  {U'ņ', "n"},  {U'ň', "n"},  {U'ò', "o"}, {U'ó', "o"}, {U'ô', "o"}, {U'õ', "o"},
    {U'ö', "o"},  {U'ø', "o"},  {U'ō', "o"},  {U'ő', "o"}, {U'ọ', "o"}, {U'ŕ', "r"}, {U'ř', "r"},
    {U'ś', "s"},  {U'š', "s"},  {U'ş', "s"},  {U'ș', "s"}, {U'ť', "t"}, {U'ţ', "t"}, {U'ț', "t"},
    {U'ù', "u"},  {U'ú', "u"},  {U'û', "u"},  {U'ü', "u"}, {U'ū', "u"}, {U'ů', "u"}, {U'ű', "u"},
    {U'ų', "u"},  {U'ụ', "u"},  {U'ý', "y"},  {U'ÿ', "y"}, {U'ź', "z"}, {U'ż', "z"}, {U'ž', "z"},
    {U'æ', "ae"}, {U'œ', "oe"}, {U'ß', "ss"}, {U'þ', "p"}};

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

// True when one insertion, deletion, change or exchange of neighbours makes the one from the other.
bool differ_in_one_place(std::string_view a, std::string_view b) {
  if (a.size() > b.size()) std::swap(a, b);
  if (b.size() - a.size() > 1) return false;
  const auto begin =
      static_cast<std::size_t>(std::mismatch(a.begin(), a.end(), b.begin()).first - a.begin());
  const auto rest_a = a.substr(begin);
  const auto rest_b = b.substr(begin);
  if (a.size() != b.size()) return rest_a == rest_b.substr(1);
  if (rest_a.empty() || rest_a.substr(1) == rest_b.substr(1)) return true;
  return rest_a.size() >= 2 && rest_a[0] == rest_b[1] && rest_a[1] == rest_b[0] &&
         rest_a.substr(2) == rest_b.substr(2);
}

bool skeletons_look_alike(const std::string& a, const std::string& b) {
  if (a.empty() || b.empty()) return false;
  return a == b || (std::min(a.size(), b.size()) >= kShortestNearMiss && differ_in_one_place(a, b));
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

}  // namespace

std::string skeleton(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const auto scalar = next_scalar(text, at);
    if (!scalar || is_mark(*scalar)) continue;
    const char32_t c = lower(*scalar);
    const auto* found =
        std::find_if(std::begin(kLookAlikes), std::end(kLookAlikes),
                     [c](const LookAlike& look_alike) { return look_alike.seen == c; });
    if (found != std::end(kLookAlikes))
      out += found->as;
    else if ((c >= U'a' && c <= U'z') || (c >= U'0' && c <= U'9') || c >= 0x80)
      append_utf8(out, c);
  }
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
  return skeleton(seen_a) == skeleton(seen_b) ||
         skeletons_look_alike(skeleton(main_label(seen_a)), skeleton(main_label(seen_b)));
}

bool names_look_alike(std::string_view a, std::string_view b) {
  return skeletons_look_alike(skeleton(a), skeleton(b));
}

}  // namespace vrm::brands
