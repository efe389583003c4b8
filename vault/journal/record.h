#pragma once
// The bytes of a journal record; docs/formats/journal.md draws them.
//
//   record = format 1 | kind 1 | outcome 1 | sealed 1 | at 8 | key id of the brand 16, when sealed
//   | inner part inner  = brand | grant | purpose | reason | number of fields 2 | fields each text:
//   length 2 | UTF-8
//            in the clear without a brand, in a box under the brand's key with one; authenticated
//            there: all before it

#include <optional>

#include "vault/base/bytes.h"
#include "vault/base/result.h"
#include "vault/journal/journal.h"

namespace vrm::journal {

// What stands before the inner part.
struct Outer {
  Kind kind = Kind::VaultMade;
  Outcome outcome = Outcome::Done;
  Instant at;
  std::optional<store::KeyId> brand_key;
};

// A record taken apart; the views lie in its bytes.
struct Parts {
  Outer outer;
  BytesView outer_bytes;
  BytesView inner;
};

Bytes encode_outer(const Outer& outer);
// Malformed: a text of the entry is longer than 65535 bytes, or there are more than 65535 fields.
Result<Bytes> encode_inner(const Entry& entry);

// Corrupt: not a record, or one of an unknown kind, outcome or format.
Result<Parts> decode_record(BytesView record);
// Fills what lies in the inner part. Corrupt.
Result<void> decode_inner(BytesView inner, Entry& entry);

}  // namespace vrm::journal
