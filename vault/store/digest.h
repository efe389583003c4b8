#pragma once
// What a vault says, as 32 bytes, whatever keys and nonces it is sealed with: two vaults with the
// same digest hold the same records in the same tables and the same log.
//
//   log 0 = H("vrm.digest"); log n = H(log n-1 | n 8 | record)
//   digest = H(... H(H(log | tbl 1 | id 16 | H(record)) ...) over the rows of all tables but Keys,
//            by table, then by id, that have a key; H is BLAKE2b-256
//
// It is for the owner alone: who guesses all of a vault could test the guess with it.

#include <cstdint>
#include <vector>

#include "vault/crypto/hash.h"
#include "vault/store/boxes.h"
#include "vault/store/content.h"
#include "vault/store/store.h"

namespace vrm::store {

class Digesting {
 public:
  Digesting();

  void add(Table table, const RowId& id, BytesView record);
  // In order, from 1.
  void add_log(std::uint64_t number, BytesView record);
  crypto::Digest finish();

 private:
  struct Leaf {
    Table table;
    RowId id;
    crypto::Digest record;
  };

  std::vector<Leaf> leaves_;
  crypto::Digest log_;
};

// Of a store that is open and that nobody writes to meanwhile. Locked, Corrupt.
Result<crypto::Digest> digest_of(const Store& store);

// Of what was read whole, its log from where it lies. REQUIRES: content has its root key.
// Corrupt: a row or record does not open.
Result<crypto::Digest> digest_of(const Content& content, Boxes& boxes);

}  // namespace vrm::store
