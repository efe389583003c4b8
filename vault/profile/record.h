#pragma once
// A field as it lies in its sealed row.
//
//   1 | flags | at (8) | version (8) | name size | type size | source size | name | type | source |
//   value
//
// Sizes are one byte, numbers big-endian, at in milliseconds; flag 1: derived. Binary, so that a
// value is never copied into memory that nobody wipes, as a JSON reader would.

#include <cstdint>
#include <string_view>

#include "vault/base/bytes.h"
#include "vault/base/result.h"
#include "vault/base/time.h"
#include "vault/crypto/wiped_bytes.h"

namespace vrm::profile {

// The views live as long as what they were read from.
struct Record {
  std::string_view name;
  std::string_view type;
  std::string_view source;
  std::string_view value;
  Instant at;
  std::int64_t version = 0;
  bool derived = false;
};

// REQUIRES: name, type and source of at most 255 bytes.
crypto::WipedBytes encode_record(const Record& record);

// Corrupt: no such record. The views die with `bytes`.
Result<Record> decode_record(BytesView bytes);

}  // namespace vrm::profile
