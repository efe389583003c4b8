#pragma once
// What follows when the vault may be older than it was: each grant that lived waits until the owner has looked at it,
// because one that was taken back since may be among them. The store begins an epoch then; the vault notes here which
// one it has dealt with.

#include <cstdint>
#include <optional>
#include <string_view>

#include "vault/base/result.h"
#include "vault/base/time.h"
#include "vault/store/store.h"

namespace vrm::gate {

struct Rooms;

// Why the vault may be older than it was.
enum class Doubt {
  OlderCopy,     // the anchor knows a later moment
  NoAnchor,      // the anchor is lost, or the vault came here from elsewhere
  BadAnchor,     // the anchor cannot be read or trusted
  Restored,      // the owner put a backup in place
  NewerToken,    // a brand holds what this vault gave out at a later moment
  NewerReceipt,  // the owner was shown such a thing
};

// "older_copy", "no_anchor", "bad_anchor", "restored", "newer_token", "newer_receipt".
std::string_view to_string(Doubt doubt);
Doubt doubt_of(store::Rollback rollback);

struct EpochNote {
  std::uint32_t epoch = 0;          // the one that was dealt with last
  std::optional<Doubt> doubt = {};  // what began it
};

// {0, nothing} when none was noted. Locked: the vault's own key is not in memory. Corrupt.
Result<EpochNote> read_epoch_note(const store::Store& store);
Result<void> write_epoch_note(store::Txn& txn, const EpochNote& note);

// Every grant that lives is suspended, and the journal says why.
Result<void> suspend_grants(store::Txn& txn, Rooms& rooms, Doubt doubt, Instant now);

}  // namespace vrm::gate
