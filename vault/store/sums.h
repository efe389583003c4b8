#pragma once
// What all rows add up to: a keyed multiset hash (MSet-Add-Hash), and beside it sums that tell what
// changed and where.
//
//   leaf(row)  = BLAKE2b-256(sums key; table | row id | version | key id | box)
//   leaves     = sum of the leaves mod 2^256                  nobody without the key makes another
//   set with this sum rows, versions, ids, weighted = the number of rows, and the sums of version,
//   id, and id x version
//                                   when one row is missing, too many or of another version, they
//                                   name it
//
// One Sum for each table and each of four buckets (the two lowest bits of the row id).

#include <array>
#include <cstdint>

#include "vault/crypto/hash.h"
#include "vault/store/encoding.h"
#include "vault/store/row.h"

namespace vrm::store {

__extension__ using Wide = unsigned __int128;

struct Sum {
  std::array<std::uint64_t, 4> leaves{};
  std::uint64_t rows = 0;
  std::uint64_t versions = 0;
  Wide ids = 0;
  Wide weighted = 0;

  friend bool operator==(const Sum&, const Sum&) = default;
};

// What a row adds to the sums.
crypto::Digest leaf_of(const Row& row, BytesView sums_key);

// A row id as a number, and back.
Wide number_of(const RowId& id);
RowId id_of(Wide number);

class Sums {
 public:
  static constexpr std::size_t kBuckets = 4;

  void add(const RowHead& row, const crypto::Digest& leaf);
  void subtract(const RowHead& row, const crypto::Digest& leaf);

  static std::size_t bucket_of(const RowId& id) { return id[15] % kBuckets; }
  const Sum& at(Table table, std::size_t bucket) const { return sums_[index(table)][bucket]; }
  std::uint64_t rows(Table table) const;

  // Of the tables 1 to `tables`; nothing is in the others. REQUIRES: tables <= kTables.
  void encode(Encoder& out, std::size_t tables = kTables) const;
  static Sums decode(Decoder& in, std::size_t tables = kTables);

  friend bool operator==(const Sums&, const Sums&) = default;

 private:
  static std::size_t index(Table table) { return static_cast<std::size_t>(table) - 1; }

  std::array<std::array<Sum, kBuckets>, kTables> sums_{};
};

}  // namespace vrm::store
