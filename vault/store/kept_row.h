#pragma once
// A row as it is held in memory: head and box in one block, for a vault has many of them. It never changes, and lives
// as long as somebody holds it.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "vault/store/row.h"

namespace vrm::store {

class RowPtr;

class KeptRow final : public RowHead {
 public:
  // A copy of the row. REQUIRES: its box is one that seal_row() made, or could have.
  static RowPtr make(const Row& row);

  KeptRow(const KeptRow&) = delete;
  KeptRow& operator=(const KeptRow&) = delete;

  BytesView box() const { return {reinterpret_cast<const std::uint8_t*>(this + 1), box_bytes_}; }
  // It dies with this.
  Row view() const { return {*this, box()}; }

 private:
  friend class RowPtr;

  explicit KeptRow(const Row& row);
  ~KeptRow() = default;
  void hold() const { holders_.fetch_add(1, std::memory_order_relaxed); }
  void release() const;

  std::uint32_t box_bytes_;
  mutable std::atomic<std::uint32_t> holders_{1};
};

// Who holds a row, or nothing. As safe from many threads as a shared_ptr, and half as long.
class RowPtr {
 public:
  RowPtr() = default;
  RowPtr(std::nullptr_t) {}
  RowPtr(const RowPtr& other) : row_(other.row_) {
    if (row_ != nullptr) row_->hold();
  }
  RowPtr(RowPtr&& other) noexcept : row_(std::exchange(other.row_, nullptr)) {}
  RowPtr& operator=(RowPtr other) noexcept {
    std::swap(row_, other.row_);
    return *this;
  }
  ~RowPtr() {
    if (row_ != nullptr) row_->release();
  }

  const KeptRow& operator*() const { return *row_; }
  const KeptRow* operator->() const { return row_; }
  void reset() { *this = RowPtr(); }

  friend bool operator==(const RowPtr&, const RowPtr&) = default;
  friend bool operator==(const RowPtr& row, std::nullptr_t) { return row.row_ == nullptr; }

 private:
  friend class KeptRow;

  explicit RowPtr(const KeptRow* made) : row_(made) {}

  const KeptRow* row_ = nullptr;
};

}  // namespace vrm::store
