#pragma once
// A data key's record in table Keys: the key, and behind it those in whose place it came, the latest first.
//
//   record = key 32 | the one before 32 | ... | the first 32
//
// A rekey puts a new key before the others (vault/store/rekey.h). Rows are under the key; what Store::seal_with sealed is
// under the one of its day; what is derived of a data key is derived of the first, so that it stays what it was.

#include <optional>

#include "vault/crypto/wiped_bytes.h"
#include "vault/store/content.h"

namespace vrm::store {

bool is_key_record(BytesView record);
// REQUIRES: is_key_record().
BytesView key_in(BytesView record);
BytesView first_key_in(BytesView record);

// The whole record of a key that is in memory. Nothing: it is not, or there is more of it and the ring key is not.
std::optional<crypto::WipedBytes> key_record(const Content& content, const KeyId& id);

}  // namespace vrm::store
