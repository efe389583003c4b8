// The log on a terminal: each record is as many rows as its fullest cell needs, so that the rows
// fit and no cell is cut; where there is no room for that, a block.

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>

#include "cli/document.h"
#include "cli/log_text.h"
#include "vault/base/text.h"

namespace vrm::cli {

namespace {

using nlohmann::json;

using Cells = std::vector<std::string>;  // each may have several lines

constexpr std::size_t kBlanks = 2;  // that a table puts between columns

// How far down each column may go, in the order in which they give way: what happened and to what
// stays readable longest.
struct GivesWay {
  std::size_t column;
  std::size_t least;
};
enum Column : std::size_t { kWhen, kWhat, kOutcome, kBrand, kDetails };
constexpr GivesWay kOrder[] = {
    {kDetails, 28}, {kWhat, 16}, {kBrand, 12}, {kWhat, 12}, {kDetails, 20}};

std::vector<std::string_view> lines_in(std::string_view cell) {
  std::vector<std::string_view> lines;
  for (auto end = cell.find('\n'); end != cell.npos; end = cell.find('\n')) {
    lines.push_back(cell.substr(0, end));
    cell.remove_prefix(end + 1);
  }
  lines.push_back(cell);
  return lines;
}

// How many bytes of `text` are its first `columns` columns.
std::size_t bytes_of(std::string_view text, std::size_t columns) {
  std::size_t at = 0;
  for (std::size_t i = 0; i < columns && at < text.size(); ++i) next_scalar(text, at);
  return at;
}

// Where a line of at most `columns` ends: behind a blank, else inside a long name behind one of its
// joints, else anywhere. REQUIRES: text is wider.
std::size_t break_in(std::string_view text, std::size_t columns) {
  const auto most = bytes_of(text, columns);
  if (const auto blank = text.substr(0, most + 1).rfind(' '); blank != text.npos && blank > 0)
    return blank;
  const auto joint = text.substr(0, most).find_last_of("._-/:@");
  return joint == text.npos ? most : joint + 1;
}

std::vector<std::string> broken(std::string_view cell, std::size_t columns) {
  std::vector<std::string> lines;
  for (auto line : lines_in(cell)) {
    while (width(line) > columns) {
      const auto end = break_in(line, columns);
      lines.emplace_back(line.substr(0, end));
      line.remove_prefix(end);
      while (line.starts_with(' ')) line.remove_prefix(1);
    }
    lines.emplace_back(line);
  }
  return lines;
}

std::size_t widest_line(std::string_view cell) {
  std::size_t widest = 0;
  for (const auto line : lines_in(cell)) widest = std::max(widest, width(line));
  return widest;
}

// The widths of the columns; none when not even the least would fit.
std::optional<std::vector<std::size_t>> widths_for(const Screen& screen, const Table& table) {
  std::vector<std::size_t> headings;
  for (const auto key : table.headings) headings.push_back(width(screen.text(key)));
  auto widths = headings;
  for (const auto& row : table.rows)
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], widest_line(row[i]));
  const auto whole = screen.settings().columns - kBlanks * (widths.size() - 1);
  for (const auto& [column, least] : kOrder) {
    const auto total = std::accumulate(widths.begin(), widths.end(), std::size_t{0});
    if (total <= whole) return widths;
    const auto wanted = widths[column] - std::min(widths[column], total - whole);
    widths[column] = std::min(widths[column], std::max({least, headings[column], wanted}));
  }
  if (std::accumulate(widths.begin(), widths.end(), std::size_t{0}) > whole) return std::nullopt;
  return widths;
}

// The rows that a terminal shows for one record.
std::vector<Cells> rows_of(const Cells& record, const std::vector<std::size_t>& widths) {
  std::vector<std::vector<std::string>> columns;
  std::size_t height = 0;
  for (std::size_t i = 0; i < record.size(); ++i) {
    columns.push_back(broken(record[i], widths[i]));
    height = std::max(height, columns.back().size());
  }
  std::vector<Cells> rows(height, Cells(record.size()));
  for (std::size_t i = 0; i < columns.size(); ++i)
    for (std::size_t line = 0; line < columns[i].size(); ++line) rows[line][i] = columns[i][line];
  return rows;
}

// Of what, for what and why, each on a line of its own. A record without fields names its grant.
std::string details_text(const Screen& screen, const json& record) {
  std::vector<std::string> lines;
  const auto fields = joined(texts_at(record, "fields"));
  lines.push_back(fields.empty() ? text_at(record, "grant") : fields);
  if (const auto purpose = text_at(record, "purpose"); !purpose.empty())
    lines.push_back(screen.text("log.for", {{"purpose", purpose}}));
  lines.push_back(reason_text(screen, record));
  std::erase(lines, "");
  return joined(lines, "\n");
}

}  // namespace

void show_log_table(Screen& screen, const json& log) {
  Table table{{"head.when", "head.kind", "head.outcome", "head.brand", "head.details"}, {}};
  for (const auto& record : list_at(log, "items"))
    table.rows.push_back({screen.when(raw_at(record, "at")), kind_text(screen, record),
                          screen.word("outcome.", text_at(record, "outcome")),
                          text_at(record, "brand"), details_text(screen, record)});
  const auto widths = widths_for(screen, table);
  if (!widths) {
    table.never_cut = true;
    for (auto& record : table.rows) {
      const auto lines = lines_in(record[kDetails]);
      record[kDetails] = joined({lines.begin(), lines.end()});
    }
    return screen.table(table);
  }
  Table fitting{table.headings, {}};
  for (const auto& record : table.rows)
    for (auto& row : rows_of(record, *widths)) fitting.rows.push_back(std::move(row));
  screen.table(fitting);
}

}  // namespace vrm::cli
