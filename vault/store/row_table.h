#pragma once
// The rows of one table, found by their id.
//
//   slots = rows, each in the first free slot from the one that its id's hash points to, around the end
//   marks = a byte for each slot: 0, nothing there; else bits of the hash, so that few rows but the wanted one are
//           looked at
//
// No row has memory of its own but for the row itself, and 9 bytes for each slot, of which 4 in 5 are taken at the
// most.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "vault/store/kept_row.h"

namespace vrm::store {

class RowTable {
 public:
  // Each row once, in no order; a change of the table ends it.
  class Iterator {
   public:
    const RowPtr& operator*() const { return table_.slots_[slot_]; }
    Iterator& operator++() {
      slot_ = table_.next_taken(slot_ + 1);
      return *this;
    }
    friend bool operator==(const Iterator& a, const Iterator& b) { return a.slot_ == b.slot_; }

   private:
    friend class RowTable;
    Iterator(const RowTable& table, std::size_t slot) : table_(table), slot_(slot) {}

    const RowTable& table_;
    std::size_t slot_;
  };

  std::size_t size() const { return size_; }
  bool contains(const RowId& id) const { return find(id) != nullptr; }
  // Nothing: no such row.
  RowPtr find(const RowId& id) const;

  // Takes a row in, and gives the one that had its id.
  RowPtr put(RowPtr row);
  // An id that is not here changes nothing.
  void erase(const RowId& id);
  void clear();
  // So many rows will be here: no room is looked for until then.
  void reserve(std::size_t rows);

  Iterator begin() const { return {*this, next_taken(0)}; }
  Iterator end() const { return {*this, slots_.size()}; }

 private:
  std::size_t home_of(std::uint64_t hash) const;
  std::size_t after(std::size_t slot) const { return slot + 1 == slots_.size() ? 0 : slot + 1; }
  // Where the row is, or the free slot where it would be. REQUIRES: there is a slot.
  std::size_t slot_of(const RowId& id) const;
  std::size_t next_taken(std::size_t from) const;
  void grow(std::size_t slots);

  std::vector<RowPtr> slots_;
  std::vector<std::uint8_t> marks_;
  std::size_t size_ = 0;
};

}  // namespace vrm::store
