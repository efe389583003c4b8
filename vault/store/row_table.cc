#include "vault/store/row_table.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace vrm::store {

namespace {

constexpr std::size_t kFewestSlots = 8;

// Ids are random, or number things: every bit of them reaches every bit of the hash.
std::uint64_t hash_of(const RowId& id) {
  constexpr std::uint64_t kOdd = 0x9E3779B97F4A7C15ULL;
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  std::memcpy(&low, id.data(), 8);
  std::memcpy(&high, id.data() + 8, 8);
  std::uint64_t hash = (low ^ (low >> 32)) * kOdd + high;
  hash = (hash ^ (hash >> 32)) * kOdd;
  hash = (hash ^ (hash >> 29)) * kOdd;
  return hash ^ (hash >> 32);
}

std::uint8_t mark_of(std::uint64_t hash) {
  return static_cast<std::uint8_t>(hash | 0x80);
}

// With one in five free, a row is found within a few slots.
std::size_t slots_to_hold(std::size_t rows) {
  return std::max(kFewestSlots, rows + rows / 4 + 1);
}

}  // namespace

std::size_t RowTable::home_of(std::uint64_t hash) const {
  return ((hash >> 32) * slots_.size()) >> 32;
}

std::size_t RowTable::slot_of(const RowId& id) const {
  const std::uint64_t hash = hash_of(id);
  std::size_t slot = home_of(hash);
  while (marks_[slot] != 0 && (marks_[slot] != mark_of(hash) || slots_[slot]->id != id))
    slot = after(slot);
  return slot;
}

std::size_t RowTable::next_taken(std::size_t from) const {
  while (from < marks_.size() && marks_[from] == 0) ++from;
  return from;
}

RowPtr RowTable::find(const RowId& id) const {
  return size_ == 0 ? nullptr : slots_[slot_of(id)];
}

RowPtr RowTable::put(RowPtr row) {
  if (slots_to_hold(size_ + 1) > slots_.size()) grow(slots_to_hold(size_ + 1 + size_ / 2));
  const std::size_t slot = slot_of(row->id);
  if (marks_[slot] == 0) ++size_;
  marks_[slot] = mark_of(hash_of(row->id));
  return std::exchange(slots_[slot], std::move(row));
}

// What lies behind moves up, as far as its own home, so that it is found without what was before it.
void RowTable::erase(const RowId& id) {
  if (size_ == 0) return;
  std::size_t gap = slot_of(id);
  if (marks_[gap] == 0) return;
  const auto distance = [this](std::size_t from, std::size_t to) {
    return to >= from ? to - from : to + slots_.size() - from;
  };
  for (std::size_t next = after(gap); marks_[next] != 0; next = after(next)) {
    const std::size_t home = home_of(hash_of(slots_[next]->id));
    if (distance(home, next) < distance(gap, next)) continue;
    slots_[gap] = std::move(slots_[next]);
    marks_[gap] = marks_[next];
    gap = next;
  }
  slots_[gap].reset();
  marks_[gap] = 0;
  --size_;
}

void RowTable::clear() {
  *this = RowTable();
}

void RowTable::reserve(std::size_t rows) {
  if (slots_to_hold(rows) > slots_.size()) grow(slots_to_hold(rows));
}

void RowTable::grow(std::size_t slots) {
  RowTable larger;
  larger.slots_.resize(slots);
  larger.marks_.resize(slots);
  for (RowPtr& row : slots_)
    if (row != nullptr) larger.put(std::move(row));
  *this = std::move(larger);
}

}  // namespace vrm::store
