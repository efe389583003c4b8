#include "cli/screen.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <ctime>
#include <nlohmann/json.hpp>
#include <numeric>

#include "cli/document.h"
#include "cli/file.h"
#include "vault/api/error.h"
#include "vault/base/json.h"
#include "vault/base/text.h"
#include "vault/base/time.h"

namespace vrm::cli {

namespace {

constexpr std::size_t kWholeLine = 1'000'000;
constexpr std::size_t kDetailLabel = 18;
constexpr std::size_t kGap = 2;          // blanks between columns
constexpr std::size_t kLeastColumn = 6;  // no column is cut below this
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

std::string_view trimmed(std::string_view text) {
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

// A time, an id or a state says nothing when it is cut.
bool stays_whole(std::string_view heading) {
  for (const auto* whole :
       {"head.when", "head.received", "head.ends", "head.id", "head.kind", "head.outcome",
        "head.state", "head.reads", "head.change", "head.rank", "head.total", "head.arrives",
        "head.version", "head.data", "head.valid", "head.score"})
    if (heading == whole) return true;
  return false;
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

namespace {

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
  return words::sentence(settings_.language, key, with);
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
  out_line(text);
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

// As wide as the widest cell; then the widest columns give way until the row fits the terminal:
// first those that bear it, then all.
std::vector<std::size_t> Screen::columns_of(const Table& table) const {
  std::vector<std::size_t> columns;
  for (const auto key : table.headings) columns.push_back(width(text(key)));
  for (const auto& row : table.rows)
    for (std::size_t i = 0; i < row.size(); ++i) columns[i] = std::max(columns[i], width(row[i]));
  const std::size_t gaps = kGap * (columns.size() - 1);
  const auto narrow = [&](bool all) {
    while (std::accumulate(columns.begin(), columns.end(), gaps) > settings_.columns) {
      std::size_t* widest = nullptr;
      for (std::size_t i = 0; i < columns.size(); ++i) {
        if (!all && stays_whole(table.headings[i])) continue;
        if (widest == nullptr || columns[i] > *widest) widest = &columns[i];
      }
      if (widest == nullptr || *widest <= kLeastColumn) return;
      --*widest;
    }
  };
  narrow(false);
  narrow(true);
  return columns;
}

void Screen::aligned(const Table& table) {
  const auto columns = columns_of(table);
  const auto row_text = [&](const auto& cell_at) {
    std::string out;
    for (std::size_t i = 0; i < columns.size(); ++i)
      out += padded(cut(cell_at(i), columns[i]), columns[i] + kGap);
    return std::string(trimmed(out));
  };
  const auto headings = row_text([&](std::size_t i) { return text(table.headings[i]); });
  out_line(headings, settings_.color_out ? kBold : "");
  for (const auto& row : table.rows)
    out_line(row_text([&](std::size_t i) { return printable(row[i], kWholeLine); }));
}

void Screen::note(std::string_view key, const Gaps& with) {
  if (settings_.quiet) return;
  std::fflush(stdout);  // where both go to one place, each stands where it was said
  const auto said = text(key, with);
  if (settings_.json) {
    put(stderr, safe_json({{"note", {{"say", key}, {"message", said}}}}) + "\n");
    return;
  }
  for (const auto& one : lines_of(said, 2)) put_line(stderr, one);
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
  const auto lines = lines_of("vrm: " + words::sentence(settings_.language, shown), 5);
  put_line(stderr, lines.front(), settings_.color_err ? kRed : "");
  for (std::size_t i = 1; i < lines.size(); ++i) put_line(stderr, lines[i]);
}

Result<void> Screen::finish() {
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0 || lost_)
    return refusal(ErrorCode::Io, "screen.not_written");
  return {};
}

}  // namespace vrm::cli
