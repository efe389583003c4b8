#pragma once
// What the store is measured against: the same bytes in a plain SQLite table, as durably.

#include <filesystem>
#include <memory>

#include "vault/base/bytes.h"
#include "vault/base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace vrm::bench {

class PlainTable {
 public:
  // A new file; write-ahead log, synchronous=FULL, pages of 4 KiB, as the vault's. Io.
  static Result<PlainTable> make(const std::filesystem::path& file);
  PlainTable(PlainTable&& other) noexcept
      : database_(std::exchange(other.database_, nullptr)),
        insert_(std::exchange(other.insert_, nullptr)) {}
  PlainTable& operator=(PlainTable&&) = delete;
  ~PlainTable();

  // One transaction with one row; durable when it returns. Io.
  Result<void> insert(BytesView bytes);

 private:
  PlainTable() = default;

  sqlite3* database_ = nullptr;
  sqlite3_stmt* insert_ = nullptr;
};

}  // namespace vrm::bench
