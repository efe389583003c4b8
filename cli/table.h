#pragma once
// How a table lies on a terminal. What a person types next (an id, a field, a document) is never cut.

#include <string>
#include <string_view>
#include <vector>

namespace vrm::cli {

// Rows of cells under headings; laid out on a terminal, separated by tabs and whole otherwise.
struct Table {
  std::vector<std::string_view> headings;  // keys
  std::vector<std::vector<std::string>> rows;
  bool never_cut = false;  // what does not fit is blocks
};

struct TableLine {
  std::string text;
  bool strong = false;  // a heading
};

// As columns when they fit. Otherwise, where there is width, with names of fields (and what is
// wanted, if need be) below their row and the rest cut to fit; and where there is none, each row as a block: its first cells, up to an
// id when it has one, and below them each other cell that is not empty behind its heading, broken
// between words. `headings` are the sentences of the table's, and cells are printable.
std::vector<TableLine> laid_out(const Table& table, const std::vector<std::string>& headings,
                                std::size_t columns);

}  // namespace vrm::cli
