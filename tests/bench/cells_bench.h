#pragma once
// What a vault of many cells takes: to open it, to read one of them, in memory and on the disk.

#include <filesystem>

#include "vault/base/result.h"

namespace vrm::bench {

inline constexpr std::size_t kCellBytes = 100;  // of a cell's record

struct CellTimes {
  double unlock_s = 0;      // by a credential, so without key derivation; a median, as all below
  double unlock_cpu_s = 0;  // of all threads
  double read_us = 0;       // one cell found and opened
  // Bytes a cell beyond its own kCellBytes:
  double heap = 0;      // what malloc has given out since before the vault was attached
  double resident = 0;  // what the process grew by meanwhile, at the most
  double disk = 0;
};

// All cells under one key. Io: the disk refused.
Result<CellTimes> time_cells(const std::filesystem::path& below, std::size_t cells);

struct FieldSizes {
  double load_s = 0;  // unlock, and the index of all fields
  // Bytes a field:
  double index = 0;   // the profile's index, by name
  double memory = 0;  // that, the field's row and key, and what finds them
  double disk = 0;    // beyond its value
};

// Fields with short values as the owner sets them, each under a key of its own. Io: the disk refused.
Result<FieldSizes> size_fields(const std::filesystem::path& below, std::size_t fields);

}  // namespace vrm::bench
