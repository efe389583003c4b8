#include "cli/screen.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <ctime>
#include <nlohmann/json.hpp>

#include "cli/document.h"
#include "cli/file.h"
#include "cli/hint.h"
#include "vault/api/error.h"
#include "vault/base/json.h"
#include "vault/base/text.h"
#include "vault/base/time.h"

namespace vrm::cli {

namespace {

constexpr std::size_t kWholeLine = 1'000'000;
constexpr std::size_t kDetailLabel = 18;
constexpr std::size_t kAnswer = 4;         // columns left behind a question
constexpr std::size_t kFailureIndent = 5;  // of "vrm: "
constexpr std::string_view kBold = "\x1B[1m";
constexpr std::string_view kRed = "\x1B[31m";
constexpr std::string_view kPlain = "\x1B[0m";

void put(std::FILE* out, std::string_view bytes) {
  if (!bytes.empty()) std::fwrite(bytes.data(), 1, bytes.size(), out);
}

void put_line(std::FILE* out, std::string_view text, std::string_view color = {}) {
  put(out, color);
  put(out, printable(text, kWholeLine));
  put(out, color.empty() ? "" : kPlain);
  put(out, "\n");
}

// The lines of a sentence, the further ones behind `indent` blanks.
std::vector<std::string> lines_of(std::string_view sentence, std::size_t indent) {
  std::vector<std::string> lines;
  while (true) {
    const auto end = sentence.find('\n');
    const std::string blanks(lines.empty() ? 0 : indent, ' ');
    lines.push_back(blanks + std::string(sentence.substr(0, end)));
    if (end == sentence.npos) return lines;
    sentence.remove_prefix(end + 1);
  }
}

void append_escape(std::string& out, char32_t unit) {
  std::array<char, 8> text{};
  const int size = std::snprintf(text.data(), text.size(), "\\u%04x", static_cast<unsigned>(unit));
  out.append(text.data(), static_cast<std::size_t>(size));
}

std::tm local(Instant at) {
  const std::time_t seconds = at.seconds();
  std::tm parts{};
  localtime_r(&seconds, &parts);
  return parts;
}

// `text`, which is JSON, with escapes instead of what a terminal should not see.
std::string escaped(const std::string& text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t from = at;
    const auto scalar = next_scalar(text, at);
    const auto spelled = std::string_view(text).substr(from, at - from);
    if (!scalar || spelled == "\n" || printable(spelled) == spelled) {
      out += spelled;
    } else if (*scalar < 0x10000) {
      append_escape(out, *scalar);
    } else {
      append_escape(out, 0xD7C0U + (*scalar >> 10U));
      append_escape(out, 0xDC00U + (*scalar & 0x3FFU));
    }
  }
  return out;
}

}  // namespace

std::string safe_json(const nlohmann::json& value) {
  return escaped(write_json(value));
}

std::string safe_json_pretty(const nlohmann::json& value) {
  return escaped(write_json_pretty(value));
}

std::string Screen::text(std::string_view key, const Gaps& with) const {
  if (settings_.vault.empty() || !tells_commands(key))
    return words::sentence(settings_.language, key, with);
  // Before the gaps are filled: what a stranger wrote is no command of ours.
  constexpr std::string_view kVault = "{ vault }";
  auto gaps = with;
  gaps.emplace_back(kVault.substr(1, kVault.size() - 2), settings_.vault);
  return words::filled(for_vault(words::sentence(settings_.language, key), kVault), gaps);
}

std::string Screen::text(const Error& error) const {
  if (!error.say.empty() && words::has(settings_.language, error.say))
    return text(error.say, error.with);
  return text("error." + std::string(vrm::to_string(error.code)), {{"message", error.message}});
}

std::string Screen::command(std::string_view typed) const {
  return for_vault(typed, settings_.vault);
}

std::string Screen::count(std::string_view key, std::int64_t n) const {
  return words::counted(settings_.language, key, n);
}

std::string Screen::word(std::string_view prefix, std::string_view word) const {
  const std::string key = std::string(prefix) + std::string(word);
  return words::has(settings_.language, key) ? text(key) : printable(word);
}

std::string Screen::when(std::string_view rfc3339) const {
  const auto at = instant_from_rfc3339(rfc3339);
  if (!settings_.to_terminal || !at.ok()) return printable(rfc3339);
  const std::tm then = local(at.value());
  const std::tm now = local(Instant{std::time(nullptr) * 1000});
  const bool today = then.tm_year == now.tm_year && then.tm_yday == now.tm_yday;
  std::array<char, 32> out{};
  const auto size =
      std::strftime(out.data(), out.size(), today ? "%H:%M" : "%Y-%m-%d %H:%M", &then);
  return {out.data(), size};
}

void Screen::out(std::string_view bytes) {
  VRM_CHECK(frame_ == nullptr);
  put(stdout, bytes);
}

void Screen::out_line(std::string_view text, std::string_view color) {
  if (frame_ == nullptr) return put_line(stdout, text, color);
  const auto shown = cut(printable(text, kWholeLine), settings_.columns);
  frame_->push_back(std::string(color) + shown + std::string(color.empty() ? "" : kPlain) + "\n");
}

void Screen::line(std::string_view text) {
  if (!settings_.to_terminal) return out_line(text);
  for (const auto& one : wrapped(printable(text, kWholeLine), settings_.columns)) out_line(one);
}

void Screen::labelled(std::string_view label, std::size_t column, std::string_view text) {
  auto begins = padded(label, column);
  if (!settings_.to_terminal) return out_line(begins + std::string(text));
  for (const auto& one : wrapped(printable(text, kWholeLine), settings_.columns - column, 0)) {
    out_line(begins + one);
    begins = std::string(column, ' ');
  }
}

void Screen::verbatim(std::string_view text) {
  out_line(text);
}

std::string Screen::question(std::string_view key, const Gaps& with) const {
  std::string question;
  for (const auto& one : lines_of(text(key, with), 0))
    for (const auto& line : wrapped(one, settings_.columns - kAnswer))
      question += (question.empty() ? "" : "\n") + line;
  return question;
}

void Screen::say(std::string_view key, const Gaps& with) {
  for (const auto& one : lines_of(text(key, with), 2)) line(one);
}

void Screen::detail(std::string_view label, const std::string& value) {
  if (!value.empty()) line("  " + padded(text(label), kDetailLabel) + value);
}

void Screen::document(const nlohmann::json& value) {
  out(safe_json(value) + "\n");
}

void Screen::raw(std::string_view bytes) {
  VRM_CHECK(!settings_.to_terminal);
  out(bytes);
}

// In one write past stdio, which would make two of it on a terminal, so that nothing else comes
// between; the last row is the cursor's.
void Screen::redraw(const std::function<void()>& draw) {
  VRM_CHECK(settings_.redraws);
  measure(settings_);
  std::vector<std::string> lines;
  frame_ = &lines;
  draw();
  frame_ = nullptr;
  if (lines.empty() && drawn_ == 0) return;
  lines.resize(std::min(lines.size(), settings_.rows - 1));
  std::string bytes = drawn_ == 0 ? "" : "\x1B[" + std::to_string(drawn_) + "A";
  // Without wrapping, for letters that are wider than one column.
  bytes += "\r\x1B[J\x1B[?7l";
  for (const auto& one : lines) bytes += one;
  bytes += "\x1B[?7h";
  drawn_ = lines.size();
  flush();
  if (!write_all(STDOUT_FILENO, bytes).ok()) lost_ = true;
}

void Screen::flush() {
  std::fflush(stdout);
}

void Screen::table(const Table& table) {
  if (settings_.to_terminal) return aligned(table);
  for (const auto& row : table.rows) {
    std::string text;
    for (const auto& cell : row)
      text += (&cell == &row.front() ? "" : "\t") + printable(cell, kWholeLine);
    out(text + "\n");
  }
}

void Screen::aligned(Table table) {
  std::vector<std::string> headings;
  for (const auto key : table.headings) headings.push_back(text(key));
  for (auto& row : table.rows)
    for (auto& cell : row) cell = printable(cell, kWholeLine);
  for (const auto& line : laid_out(table, headings, settings_.columns))
    out_line(line.text, line.strong && settings_.color_out ? kBold : "");
}

void Screen::err_line(std::string_view text, std::size_t hang, std::string_view color) {
  if (!settings_.err_to_terminal) return put_line(stderr, text, color);
  for (const auto& one : wrapped(printable(text, kWholeLine), settings_.columns, hang))
    put_line(stderr, one, color);
}

void Screen::note(std::string_view key, const Gaps& with) {
  if (settings_.quiet) return;
  std::fflush(stdout);  // where both go to one place, each stands where it was said
  const auto said = text(key, with);
  if (settings_.json) {
    put(stderr, safe_json({{"note", {{"say", key}, {"message", said}}}}) + "\n");
    return;
  }
  for (const auto& one : lines_of(said, 2)) err_line(one);
}

void Screen::notes(const nlohmann::json& document) {
  for (const auto& one : list_at(document, "notes")) {
    const auto key = raw_at(one, "say");
    if (words::has(settings_.language, key)) note(key, gaps_at(one));
  }
}

void Screen::failure(const Error& error) {
  std::fflush(stdout);
  if (settings_.json) {
    auto document = api::to_json(error);
    document["error"]["message"] = words::sentence(settings_.language, error);
    put(stderr, safe_json(document) + "\n");
    return;
  }
  Error shown = error;
  for (auto& [gap, value] : shown.with)
    if (gap.ends_with("_at")) value = when(value);
  const auto lines = lines_of("vrm: " + text(shown), kFailureIndent);
  err_line(lines.front(), kFailureIndent, settings_.color_err ? kRed : "");
  for (std::size_t i = 1; i < lines.size(); ++i) err_line(lines[i]);
}

Result<void> Screen::finish() {
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0 || lost_)
    return refusal(ErrorCode::Io, "screen.not_written");
  return {};
}

}  // namespace vrm::cli
