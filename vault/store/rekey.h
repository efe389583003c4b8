#pragma once
// A new root key, and with it a new ring key, new data keys, and every row and record sealed anew under them. Whoever has
// the former root key, or former slots with what opened them, opens former copies of the vault and nothing that is
// written from then on. docs/decisions/0008-rekey.md tells what changes and what stays.
//
// Jobs wait while it lasts, as do lock and seal; reads go on. It needs as much room again as the database takes.

#include <vector>

#include "vault/base/time.h"
#include "vault/store/backup.h"
#include "vault/store/slots.h"

namespace vrm::store {

struct RekeyOrder {
  std::vector<Opener> slots;  // what opens the vault afterwards; each is tried before it counts
  Bytes record;               // the log's last, of the same commit; empty: none
  Instant at;                 // its time
  Progress progress = {};     // in rows and records; `all` is no guess
};

}  // namespace vrm::store
