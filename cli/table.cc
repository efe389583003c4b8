#include "cli/table.h"

#include <algorithm>
#include <numeric>
#include <optional>

#include "cli/wrap.h"

namespace vrm::cli {

namespace {

constexpr std::size_t kGap = 2;          // blanks between columns
constexpr std::size_t kLeastColumn = 6;  // no column is cut below this
constexpr std::size_t kWide = 60;        // a narrower terminal shows blocks rather than cut cells

constexpr std::size_t kParted = 5;  // blocks of so many cells stand apart

using Cells = std::vector<std::string>;

template <std::size_t N>
bool is_one_of(std::string_view heading, const std::string_view (&all)[N]) {
  return std::find(std::begin(all), std::end(all), heading) != std::end(all);
}

// Several names of fields, which are long.
bool holds_names(std::string_view heading) {
  constexpr std::string_view kNames[] = {"head.asks", "head.fields", "head.what"};
  return is_one_of(heading, kNames);
}

// A time, an id or a state says nothing when it is cut.
bool stays_whole(std::string_view heading) {
  constexpr std::string_view kWhole[] = {
      "head.when",     "head.received", "head.ends",   "head.id",    "head.kind",    "head.state",
      "head.outcome",  "head.reads",    "head.change", "head.rank",  "head.total",   "head.arrives",
      "head.data",     "head.version",  "head.valid",  "head.score", "head.field",   "head.from",
      "head.document", "head.grant",    "head.offers", "head.limit", "head.deadline"};
  return is_one_of(heading, kWhole) || holds_names(heading);
}

std::string_view without_end(std::string_view text) {
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

class Layout {
 public:
  Layout(const Table& table, const Cells& headings, std::size_t columns)
      : table_(table), headings_(headings), columns_(columns) {
    for (const auto& heading : headings) widths_.push_back(width(heading));
    for (const auto& row : table.rows)
      for (std::size_t i = 0; i < row.size(); ++i) widths_[i] = std::max(widths_[i], width(row[i]));
  }

  std::vector<TableLine> lines() {
    if (fits()) return rows();
    if (columns_ < kWide || table_.never_cut) return blocks();
    below_ = column_of(holds_names);
    if (narrowed()) return rows();
    below_ = column_of([](std::string_view heading) { return heading == "head.wanted"; });
    return below_ && narrowed() ? rows() : blocks();
  }

 private:
  // With the gaps between them.
  std::size_t whole_width() const {
    std::size_t sum = 0;
    for (std::size_t i = 0; i < widths_.size(); ++i)
      if (i != below_) sum += widths_[i] + kGap;
    return sum - kGap;
  }

  bool fits() const { return whole_width() <= columns_; }

  template <typename Wanted>
  std::optional<std::size_t> column_of(Wanted wanted) const {
    const auto& all = table_.headings;
    const auto found = std::find_if(all.begin(), all.end(), wanted);
    if (found == all.end()) return std::nullopt;
    return static_cast<std::size_t>(found - all.begin());
  }

  // The widest columns that bear it give way. Whether the rest fits then; if not, nothing changed.
  bool narrowed() {
    const auto before = widths_;
    while (!fits()) {
      std::size_t* widest = nullptr;
      for (std::size_t i = 1; i < widths_.size(); ++i) {
        if (i == below_ || stays_whole(table_.headings[i])) continue;
        if (widest == nullptr || widths_[i] > *widest) widest = &widths_[i];
      }
      if (widest == nullptr || *widest <= kLeastColumn) {
        widths_ = before;
        return false;
      }
      --*widest;
    }
    return true;
  }

  std::string row_text(const Cells& cells) const {
    std::string text;
    for (std::size_t i = 0; i < cells.size(); ++i)
      if (i != below_) text += padded(cut(cells[i], widths_[i]), widths_[i] + kGap);
    return std::string(without_end(text));
  }

  void add_row(std::vector<TableLine>& lines, const Cells& cells, bool strong) const {
    lines.push_back({row_text(cells), strong});
    if (!below_ || cells[*below_].empty()) return;
    const std::string indent(widths_[0] + kGap, ' ');
    for (const auto& line : wrapped(indent + cells[*below_], columns_, 0))
      lines.push_back({line, strong});
  }

  std::vector<TableLine> rows() const {
    std::vector<TableLine> lines;
    add_row(lines, headings_, true);
    for (const auto& row : table_.rows) add_row(lines, row, false);
    return lines;
  }

  // How many cells say which row it is.
  std::size_t named_by() const {
    const auto id = std::find(table_.headings.begin(), table_.headings.end(), "head.id");
    return id == table_.headings.end() ? 1
                                       : static_cast<std::size_t>(id - table_.headings.begin()) + 1;
  }

  std::vector<TableLine> blocks() const {
    const auto first = named_by();
    std::size_t label = 0;
    for (auto i = first; i < headings_.size(); ++i) label = std::max(label, width(headings_[i]));
    std::vector<TableLine> lines;
    const auto add = [&](const std::string& text, bool strong) {
      for (auto& line : wrapped(text, columns_)) lines.push_back({std::move(line), strong});
    };
    for (const auto& row : table_.rows) {
      if (&row != &table_.rows.front() && row.size() >= kParted) lines.push_back({"", false});
      std::string title = table_.headings.front() == "head.version" ? headings_[0] + " " : "";
      for (std::size_t i = 0; i < first; ++i) title += (i == 0 ? "" : " ") + row[i];
      add(title, true);
      for (auto i = first; i < row.size(); ++i)
        if (!row[i].empty()) add("  " + padded(headings_[i], label + kGap) + row[i], false);
    }
    return lines;
  }

  const Table& table_;
  const Cells& headings_;
  std::size_t columns_;
  std::vector<std::size_t> widths_;
  std::optional<std::size_t> below_;  // the column that stands below its row
};

}  // namespace

std::vector<TableLine> laid_out(const Table& table, const std::vector<std::string>& headings,
                                std::size_t columns) {
  return Layout(table, headings, columns).lines();
}

}  // namespace vrm::cli
