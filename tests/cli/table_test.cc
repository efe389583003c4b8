#include "cli/table.h"

#include <doctest/doctest.h>

using vrm::cli::Table;

namespace {

const Table kGrants{{"head.id", "head.brand", "head.what", "head.state"},
                    {{"gr_7F2K9QXD", "velo", "address.home.locality, contact.email", "active"},
                     {"gr_8F2K9QXD", "decat", "contact.email", "taken back"}}};
const std::vector<std::string> kGrantsHead = {"ID", "BRAND", "WHAT", "STATE"};

// Its lines, headings between stars.
std::string lines_of(const Table& table, const std::vector<std::string>& headings,
                     std::size_t columns) {
  std::string all;
  for (const auto& line : vrm::cli::laid_out(table, headings, columns))
    all += (line.strong ? "*" + line.text + "*" : line.text) + "\n";
  return all;
}

}  // namespace

TEST_SUITE("cli/table") {
  TEST_CASE("what fits stands in columns") {
    CHECK(lines_of(kGrants, kGrantsHead, 68) ==
          "*ID           BRAND  WHAT                                  STATE*\n"
          "gr_7F2K9QXD  velo   address.home.locality, contact.email  active\n"
          "gr_8F2K9QXD  decat  contact.email                         taken back\n");
  }

  TEST_CASE("one column less, and the names of fields stand whole below their row") {
    CHECK(lines_of(kGrants, kGrantsHead, 67) ==
          "*ID           BRAND  STATE*\n"
          "*             WHAT*\n"
          "gr_7F2K9QXD  velo   active\n"
          "             address.home.locality, contact.email\n"
          "gr_8F2K9QXD  decat  taken back\n"
          "             contact.email\n");
  }

  TEST_CASE("on a narrow terminal each row is a block, begun by its id, with nothing cut") {
    CHECK(lines_of(kGrants, kGrantsHead, 40) ==
          "*gr_7F2K9QXD*\n"
          "  BRAND  velo\n"
          "  WHAT   address.home.locality,\n"
          "         contact.email\n"
          "  STATE  active\n"
          "*gr_8F2K9QXD*\n"
          "  BRAND  decat\n"
          "  WHAT   contact.email\n"
          "  STATE  taken back\n");
  }

  TEST_CASE("an id that does not stand first names the block all the same") {
    const Table offers{{"head.rank", "head.id", "head.brand", "head.title", "head.total"},
                       {{"1", "of_2QK7", "velo", "A title that is much too long", "849.00"},
                        {"2", "of_3QK7", "decat", "", "858.90"}}};
    CHECK(lines_of(offers, {"#", "ID", "BRAND", "TITLE", "TOTAL"}, 30) ==
          "*1 of_2QK7*\n"
          "  BRAND  velo\n"
          "  TITLE  A title that is much\n"
          "         too long\n"
          "  TOTAL  849.00\n"
          "\n"
          "*2 of_3QK7*\n"
          "  BRAND  decat\n"
          "  TOTAL  858.90\n");
  }

  TEST_CASE("a version says that it is one, because it is a bare number") {
    const Table history{{"head.version", "head.value"},
                        {{"2", "a value that is far too long for its row"}}};
    CHECK(lines_of(history, {"VERSION", "VALUE"}, 40).starts_with("*VERSION 2*\n  VALUE  a value"));
  }

  TEST_CASE("where there is width, values give way and names do not") {
    const Table fields{{"head.field", "head.value", "head.readers"},
                       {{"address.delivery.street_address", std::string(60, 'x'), "velo"}}};
    CHECK(lines_of(fields, {"FIELD", "VALUE", "READ BY"}, 60) ==
          "*FIELD                            VALUE               READ BY*\n"
          "address.delivery.street_address  xxxxxxxxxxxxxxxxx…  velo\n");
    // Not even the widest terminal cuts a name.
    const Table long_name{{"head.field", "head.value"}, {{std::string(90, 'n'), "1"}}};
    CHECK(lines_of(long_name, {"FIELD", "VALUE"}, 80) ==
          "*" + std::string(90, 'n') + "*\n  VALUE  1\n");
  }

  TEST_CASE("no column is narrowed to nothing: then there are blocks") {
    const Table wide{
        {"head.id", "head.when", "head.kind", "head.reason"},
        {{std::string(30, 'i'), std::string(16, 'w'), std::string(10, 'k'), "because"}}};
    CHECK(lines_of(wide, {"ID", "WHEN", "WHAT", "REASON"}, 60)
              .starts_with("*" + std::string(30, 'i') + "*\n  WHEN"));
  }
}
