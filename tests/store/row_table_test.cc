#include "vault/store/row_table.h"

#include <doctest/doctest.h>

#include <map>
#include <random>

#include "tests/store/test_vault.h"

using namespace vrm;         // tests only
using namespace vrm::store;  // tests only

namespace {

RowPtr kept(const RowId& id, std::uint64_t version) {
  Row row;
  row.table = Table::Fields;
  row.id = id;
  row.version = version;
  const Bytes box(version % 300, static_cast<std::uint8_t>(version));
  row.box = box;
  return KeptRow::make(row);
}

// What the table should be.
using Plain = std::map<RowId, std::uint64_t>;

void must_hold(const RowTable& table, const Plain& plain) {
  std::size_t wrong = 0;
  for (const auto& [id, version] : plain) {
    const RowPtr row = table.find(id);
    if (row == nullptr || row->id != id || row->version != version) ++wrong;
  }
  CHECK(wrong == 0);
  CHECK(table.size() == plain.size());
  Plain met;
  std::size_t twice = 0;
  for (const RowPtr& row : table)
    if (!met.emplace(row->id, row->version).second) ++twice;
  CHECK(twice == 0);
  CHECK(met == plain);
}

}  // namespace

TEST_SUITE("store/kept_row") {
  TEST_CASE("a kept row has a head and a box of its own") {
    Row row;
    row.table = Table::Grants;
    row.id = row_id(7);
    row.key = row_id(8);
    row.version = 9;
    row.place = -10;
    Bytes box(333, 11);
    row.box = box;
    const RowPtr kept = KeptRow::make(row);
    box.assign(333, 0);
    CHECK(kept->table == Table::Grants);
    CHECK(kept->id == row_id(7));
    CHECK(kept->key == row_id(8));
    CHECK(kept->version == 9);
    CHECK(kept->place == -10);
    const BytesView held = kept->view().box;
    CHECK(Bytes(held.begin(), held.end()) == Bytes(333, 11));
  }

  TEST_CASE("a row lives as long as somebody holds it") {
    RowPtr first = kept(row_id(1), 299);
    RowPtr second = first;
    CHECK(first == second);
    first = kept(row_id(2), 1);
    CHECK_FALSE(first == second);
    CHECK(second->box().size() == 299);
    const RowPtr third = std::move(second);
    CHECK(second == nullptr);
    first.reset();
    CHECK(first == nullptr);
    CHECK(third->box()[298] == static_cast<std::uint8_t>(299));
    CHECK(KeptRow::make(Row{})->box().empty());
  }
}

TEST_SUITE("store/row_table") {
  TEST_CASE("an empty table has nothing, and gives nothing up") {
    RowTable table;
    CHECK(table.size() == 0);
    CHECK(table.find(row_id(1)) == nullptr);
    CHECK_FALSE(table.contains(row_id(1)));
    table.erase(row_id(1));
    CHECK(table.begin() == table.end());
    table.put(kept(row_id(1), 1));
    table.clear();
    must_hold(table, {});
  }

  TEST_CASE("whatever is put in, replaced and erased, the table has what a map has") {
    std::mt19937_64 dice(1);
    for (const std::uint64_t ids : {3U, 40U, 700U, 20'000U}) {
      CAPTURE(ids);
      RowTable table;
      Plain plain;
      std::size_t wrong = 0;
      for (std::uint64_t step = 1; step <= 4 * ids; ++step) {
        const RowId id = row_id(dice() % ids);
        const bool is_there = plain.contains(id);
        if (table.contains(id) != is_there) ++wrong;
        if (is_there && dice() % 2 == 0) {
          table.erase(id);
          plain.erase(id);
        } else {
          const RowPtr before = table.put(kept(id, step));
          if ((before != nullptr) != is_there) ++wrong;
          if (before != nullptr && before->version != plain[id]) ++wrong;
          plain[id] = step;
        }
        if (ids < 50) must_hold(table, plain);
      }
      CHECK(wrong == 0);
      must_hold(table, plain);
      const Plain all = plain;
      for (const auto& [id, version] : all) {
        table.erase(id);
        plain.erase(id);
        if (ids < 1000) must_hold(table, plain);
      }
      CHECK(table.size() == 0);
    }
  }

  TEST_CASE(
      "ids that differ in any two bytes alone are told apart, in no more room than was asked for") {
    for (std::size_t byte = 0; byte + 1 < RowId{}.size(); ++byte) {
      RowTable table;
      table.reserve(4'096);
      Plain plain;
      for (std::uint64_t number = 0; number < 4'096; ++number) {
        RowId id{};
        id[byte] = static_cast<std::uint8_t>(number);
        id[byte + 1] = static_cast<std::uint8_t>(number >> 8);
        table.put(kept(id, number));
        plain[id] = number;
      }
      must_hold(table, plain);
    }
  }

  TEST_CASE("who holds a row keeps it when the table lets it go") {
    RowTable table;
    table.put(kept(row_id(1), 5));
    const RowPtr held = table.find(row_id(1));
    table.put(kept(row_id(1), 6));
    CHECK(held->version == 5);
    CHECK(table.find(row_id(1))->version == 6);
    const RowPtr other = table.find(row_id(1));
    RowTable moved = std::move(table);
    moved.clear();
    CHECK(other->version == 6);
  }
}
