// What opens the vault, changed and tried; each change is in the log before it is made.

#include "vault/gate/openers.h"
#include "vault/gate/vault.h"
#include "vault/store/rekey.h"
#include "vault/store/slots_file.h"

namespace vrm::gate {

Result<void> Vault::record(Rooms& rooms, const journal::Entry& entry) {
  return rooms.store->run([&rooms, &entry](store::Txn& txn) -> Result<void> {
    TRY(journal::append(txn, *rooms.store, entry));
    return {};
  });
}

void Vault::count_wrong_key(Rooms& rooms) {
  if (wrong_.count++ == 0) wrong_.first = now();
  ++unrecorded_;
  const auto state = rooms.store->state();
  // What cannot be written now is written when the vault opens.
  if (state == store::State::Serving || state == store::State::Open)
    static_cast<void>(note_wrong_keys(rooms).ok());
}

Result<void> Vault::change_keys(const store::Opener& opener, const store::Opener& slot,
                                journal::Kind kind) {
  const std::lock_guard changing(changing_);
  auto* rooms = TRY(changeable_rooms());
  journal::Entry entry{
      .at = now(), .kind = kind, .reason = std::string(to_string(store::kind_of(opener)))};
  bool recorded = false;
  const auto before = [&]() -> Result<void> {
    TRY(record(*rooms, entry));
    recorded = true;
    return {};
  };
  auto changed = rooms->store->replace_slots(opener, slot, before);
  if (changed.ok()) return {};
  if (changed.error().code == ErrorCode::BadKey) count_wrong_key(*rooms);
  if (recorded && changed.error().say != "store.slots_unsettled") {
    entry.outcome = journal::Outcome::Refused;
    entry.reason = to_string(changed.error().code);
    static_cast<void>(record(*rooms, entry).ok());  // the Error that is told says more
  }
  return changed;
}

Result<void> Vault::rekey(const store::Opener& opener, store::RekeyOrder order) {
  const std::lock_guard changing(changing_);
  auto* rooms = TRY(changeable_rooms());
  const journal::Entry entry{.at = now(),
                             .kind = journal::Kind::VaultRekeyed,
                             .reason = std::string(to_string(store::kind_of(opener)))};
  order.at = entry.at;
  order.record = journal::record_of(entry);
  auto rekeyed = rooms->store->rekey(opener, order);
  if (rekeyed.ok()) return {};
  if (rekeyed.error().code == ErrorCode::BadKey) count_wrong_key(*rooms);
  if (rooms->store->state() == store::State::Attached) forget(*rooms);
  return rekeyed;
}

Result<void> Vault::try_opener(const store::Opener& opener) {
  const std::lock_guard changing(changing_);
  auto* rooms = this->rooms();
  if (rooms == nullptr) return refusal(ErrorCode::NotFound, "vault.none");
  auto tried = rooms->store->try_opener(opener);
  if (!tried.ok() && tried.error().code == ErrorCode::BadKey) count_wrong_key(*rooms);
  return tried;
}

}  // namespace vrm::gate
