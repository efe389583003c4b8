#include "cli/log_text.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "cli/document.h"
#include "vault/words/words.h"

namespace vrm::cli {

namespace {

using nlohmann::json;

constexpr std::string_view kKinds = "kind.";
constexpr std::string_view kReasons = "log_reason.";
constexpr std::string_view kWrongKeys = "bad_key ";
constexpr std::string_view kCurved = "’";

// Kinds whose reason is a number, two formats or an id, not a word.
bool starts_with_digit(std::string_view text) {
  return !text.empty() && text.front() >= '0' && text.front() <= '9';
}

// What two ways to type one phrase have in common.
std::string folded(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool curved = text.substr(at).starts_with(kCurved);
    const char c = curved ? '\'' : text[at];
    if (curved) at += kCurved.size() - 1;
    if (c >= 'A' && c <= 'Z')
      out += static_cast<char>(c - 'A' + 'a');
    else
      out += c == '-' || c == '_' ? ' ' : c;
  }
  return out;
}

// As a shell takes it without quotes.
std::string as_typed(std::string text) {
  std::replace(text.begin(), text.end(), ' ', '-');
  return text;
}

// "invalid_token 3, rate_limited 1": each word with how often it was.
std::string counted_reasons(const Screen& screen, std::string_view reasons) {
  std::vector<std::string> parts;
  while (!reasons.empty()) {
    const auto end = reasons.find(", ");
    const auto part = reasons.substr(0, end);
    const auto blank = part.find(' ');
    const auto word = screen.word(kReasons, part.substr(0, blank));
    parts.push_back(blank == part.npos
                        ? word
                        : screen.text("log.times", {{"n", std::string(part.substr(blank + 1))},
                                                    {"what", word}}));
    reasons = end == reasons.npos ? std::string_view() : reasons.substr(end + 2);
  }
  return joined(parts);
}

std::string formats_text(const Screen& screen, std::string_view formats) {
  const auto arrow = formats.find(" > ");
  if (arrow == formats.npos) return std::string(formats);
  return screen.text("log.formats", {{"from", std::string(formats.substr(0, arrow))},
                                     {"to", std::string(formats.substr(arrow + 3))}});
}

}  // namespace

std::string kind_text(const Screen& screen, const json& record) {
  return screen.word(kKinds, text_at(record, "kind"));
}

std::string reason_text(const Screen& screen, const json& record) {
  const auto kind = raw_at(record, "kind");
  const auto reason = text_at(record, "reason");
  if (flag_at(record, "forgotten")) return screen.text("log.forgotten");
  if (kind == "field_restored" && starts_with_digit(reason))
    return screen.text("log.version", {{"n", reason}});
  if (kind == "vault_migrated") return formats_text(screen, reason);
  if (kind == "strangers_refused" || kind == "brand_changed")
    return counted_reasons(screen, reason);
  const bool answers = kind == "request_received" || kind == "request_approved";
  if (answers && reason.starts_with("ru_")) return screen.text("log.by_rule", {{"rule", reason}});
  constexpr std::string_view kSigned = " signed";
  if ((kind == "terms_wanted" || kind == "request_received") && reason.ends_with(kSigned))
    return screen.text("terms.signed",
                       {{"terms", reason.substr(0, reason.size() - kSigned.size())}});
  if (reason.starts_with(kWrongKeys)) {
    std::int64_t tries = 0;
    const auto* end = reason.data() + reason.size();
    if (std::from_chars(reason.data() + kWrongKeys.size(), end, tries).ptr == end)
      return screen.count("count.wrong_tries", tries);
  }
  return reason.empty() ? reason : screen.word(kReasons, reason);
}

Result<std::string> kind_from(const Screen& screen, const std::string& typed) {
  std::vector<std::string> shown;
  const auto meant = folded(typed);
  for (const auto& key : words::keys(words::Language::English)) {
    if (!key.starts_with(kKinds)) continue;
    const auto kind = key.substr(kKinds.size());
    if (meant == folded(kind)) return kind;
    for (const auto language : {words::Language::English, words::Language::French})
      if (meant == folded(words::sentence(language, key))) return kind;
    shown.push_back(as_typed(screen.text(key)));
  }
  std::sort(shown.begin(), shown.end());
  // In three gaps: one is cut to what a stranger may fill it with.
  const auto third = static_cast<std::ptrdiff_t>(shown.size() / 3);
  const auto second = shown.begin() + third;
  const auto last = second + third;
  return refusal(ErrorCode::Malformed, "log.unknown_kind",
                 {{"kind", typed},
                  {"kinds", joined({shown.begin(), second})},
                  {"more", joined({second, last})},
                  {"rest", joined({last, shown.end()})}});
}

}  // namespace vrm::cli
