#include "tests/cedar_random/words.h"

#include <limits>

namespace cedar_random {

namespace {

constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();

std::string digits(std::size_t number, std::size_t width) {
  std::string text = std::to_string(number);
  while (text.size() < width) text.insert(text.begin(), '0');
  return text;
}

std::string draw_decimal(Draw& draw) {
  static const std::vector<std::string> kEdges = {"0.0",
                                                  "-0.0",
                                                  "1.0",
                                                  "1.00",
                                                  "1.0000",
                                                  "0.5",
                                                  "-0.5",
                                                  "-1.0",
                                                  "12.3456",
                                                  "-0.0001",
                                                  "922337203685477.5807",
                                                  "-922337203685477.5808"};
  if (draw.chance(80)) return draw.one_of(kEdges);
  std::string text = draw.chance(30) ? "-" : "";
  text += std::to_string(draw.below(30)) + ".";
  const std::size_t fraction = draw.below(10);
  return text + digits(fraction, 1 + draw.below(4));
}

std::string draw_ip(Draw& draw) {
  static const std::vector<std::string> kEdges = {"127.0.0.1",
                                                  "127.0.0.1/32",
                                                  "127.0.0.0/8",
                                                  "127.0.0.0/7",
                                                  "10.0.0.5",
                                                  "10.0.0.5/24",
                                                  "10.0.0.0/24",
                                                  "10.0.0.0/8",
                                                  "0.0.0.0/0",
                                                  "224.0.0.1",
                                                  "239.255.255.255/4",
                                                  "224.0.0.0/3",
                                                  "255.255.255.255",
                                                  "::1",
                                                  "::",
                                                  "::/0",
                                                  "::1/127",
                                                  "ff00::/8",
                                                  "ff02::1",
                                                  "ff00::/7",
                                                  "1:2:3:4:5:6:7:8",
                                                  "1:2:3:4:5:6:7::",
                                                  "::2:3:4:5:6:7:8",
                                                  "FE80::1/10",
                                                  "fe80::abCD:0:1/64",
                                                  "1::8"};
  if (draw.chance(80)) return draw.one_of(kEdges);
  const bool local = draw.chance(50);
  const std::string number = std::to_string(draw.below(256));
  const std::string address = local ? "10.0.0." + number : "127.0." + number + ".1";
  return address + "/" + std::to_string(draw.below(33));
}

std::string draw_datetime(Draw& draw) {
  static const std::vector<std::string> kEdges = {"1970-01-01",
                                                  "1969-12-31",
                                                  "2024-02-29",
                                                  "0000-01-01",
                                                  "9999-12-31T23:59:59.999Z",
                                                  "0000-01-01T00:00:00+2359",
                                                  "1969-12-31T23:59:59.999Z",
                                                  "1970-01-01T00:00:00Z",
                                                  "1970-01-01T02:00:00+0200",
                                                  "2024-10-15T11:35:00Z"};
  if (draw.chance(50)) return draw.one_of(kEdges);
  std::string text = digits(1960 + draw.below(70), 4);
  text += "-" + digits(1 + draw.below(12), 2);
  text += "-" + digits(1 + draw.below(28), 2);
  if (draw.chance(40)) return text;
  text += "T" + digits(draw.below(24), 2);
  text += ":" + digits(draw.below(60), 2);
  text += ":" + digits(draw.below(60), 2);
  if (draw.chance(50)) text += "." + digits(draw.below(1000), 3);
  if (draw.chance(50)) return text + "Z";
  text += draw.chance(50) ? "+" : "-";
  text += digits(draw.below(24), 2);
  return text + digits(draw.below(60), 2);
}

std::string draw_duration(Draw& draw) {
  static const std::vector<std::string> kEdges = {"0ms",
                                                  "-0ms",
                                                  "1d",
                                                  "-1d",
                                                  "24h",
                                                  "1440m",
                                                  "86400s",
                                                  "90s",
                                                  "-90s",
                                                  "1d2h3m4s5ms",
                                                  "9223372036854775807ms",
                                                  "-9223372036854775808ms",
                                                  "106751991167d",
                                                  "-106751991167d7h12m55s808ms",
                                                  "00000000000000000000001ms"};
  if (draw.chance(60)) return draw.one_of(kEdges);
  std::string text = draw.chance(40) ? "-" : "";
  bool empty = true;
  for (const char* unit : {"d", "h", "m", "s"}) {
    if (!draw.chance(50)) continue;
    text += std::to_string(draw.below(100)) + unit;
    empty = false;
  }
  return empty || draw.chance(30) ? text + std::to_string(draw.below(2000)) + "ms" : text;
}

// With a character more, less or another, or with the end of another argument.
std::string changed(Draw& draw, std::string text, const std::string& function) {
  static const std::string kCharacters = "0123459-+:./TZdhms fF";
  const char c = kCharacters.at(draw.below(kCharacters.size()));
  const std::size_t at = text.empty() ? 0 : draw.below(text.size());
  const std::size_t how = draw.below(text.empty() ? 2 : 5);
  if (how == 0) return text + c;
  if (how == 1) {
    const std::string other = draw_argument(draw, function);
    return text + other.substr(draw.below(other.size()));
  }
  if (how == 2) return text.insert(at, 1, c);
  if (how == 3) return text.erase(at, 1);
  text.at(at) = c;
  return text;
}

}  // namespace

std::int64_t draw_number(Draw& draw) {
  static const std::vector<std::int64_t> kEdges = {
      kMax,         kMin,       kMax - 1,   kMin + 1,    kMax / 2,   kMax / 2 + 1,     kMin / 2,
      kMin / 2 - 1, 3037000499, 3037000500, -3037000500, 2147483648, 9007199254740993, 86400000};
  if (draw.chance(12)) return draw.one_of(kEdges);
  return static_cast<std::int64_t>(draw.below(9)) - 3;
}

std::string draw_text(Draw& draw) {
  static const std::vector<std::string> kTexts = {
      "",   "a",        "b",    "ab",  "abc",   "a*c", "*",  "**",     "é",         "e\u0301",
      "😀",  "é😀a",      "a\nb", "\\*", "\"q\"", "'",   "?",  "\x01",   "ünï©ødé",   "aaaaab",
      "ba", "x\u200by", "A",    "1",   "1.0",   "if",  "a ", "\\u{1}", "127.0.0.1", "1d"};
  return draw.one_of(kTexts);
}

bool is_plain(const std::string& name) {
  return name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_1") == std::string::npos &&
         !name.empty() && name != "if" && name != "in";
}

std::string draw_name(Draw& draw) {
  static const std::vector<std::string> kNames = {"a", "b",   "n", "owner", "_x1", "size", "flag",
                                                  "a", "x y", "é", "if",    "",    "a.b",  "in"};
  return draw.one_of(kNames);
}

std::vector<std::string> scalars_of(const std::string& text) {
  std::vector<std::string> scalars;
  for (const char c : text) {
    if (scalars.empty() || (static_cast<unsigned char>(c) & 0xC0U) != 0x80U) scalars.emplace_back();
    scalars.back() += c;
  }
  return scalars;
}

std::string draw_argument(Draw& draw, const std::string& function) {
  if (function == "decimal") return draw_decimal(draw);
  if (function == "ip") return draw_ip(draw);
  return function == "datetime" ? draw_datetime(draw) : draw_duration(draw);
}

std::string draw_bad_argument(Draw& draw, const std::string& function) {
  static const std::vector<std::string> kBad = {"1",
                                                ".5",
                                                "1.",
                                                "+1.0",
                                                "1.23456",
                                                "--1.0",
                                                "1.-5",
                                                "922337203685477.5808",
                                                "-922337203685477.5809",
                                                "1.2.3",
                                                "01.2.3.4",
                                                "1.2.3.4/33",
                                                "1.2.3.4/08",
                                                "::ffff:1.2.3.4",
                                                "1::2::3",
                                                "12345::",
                                                "::1/129",
                                                ":1::",
                                                "1:2:3:4:5:6:7:8::",
                                                "256.0.0.1",
                                                "2024-02-30",
                                                "2023-02-29",
                                                "2024-13-01",
                                                "2016-12-31T23:59:60Z",
                                                "2h1d",
                                                "1h1h",
                                                "+1h",
                                                "-",
                                                "106751991168d",
                                                "2024-10-15T00:00:00+2400",
                                                "2024-10-15T24:00:00Z",
                                                "2024-10-15T00:00:00.5Z",
                                                "2024-10-15T00:00:00",
                                                "2024-10-15Z",
                                                "2024-10-15T00:00:00Z+0100",
                                                "9223372036854775808ms",
                                                "1900-02-29"};
  if (draw.chance(30)) return draw.one_of(kBad);
  std::string text = changed(draw, draw_argument(draw, function), function);
  while (draw.chance(30)) text = changed(draw, text, function);
  return text;
}

}  // namespace cedar_random
