// The Store's key slots: added, replaced, tried, and made to cost what a thief's machine of today needs.

#include <algorithm>

#include "vault/store/vault_store.h"

namespace vrm::store {

namespace {

unsigned bit_of(SlotKind kind) {
  return 1U << static_cast<unsigned>(kind);
}

}  // namespace

unsigned kinds_in(const SlotsFile& file) {
  unsigned kinds = 0;
  for (const Slot& slot : file.slots) kinds |= bit_of(slot.kind);
  return kinds;
}

Result<KdfCost> cost_of_new(const Options& options, const Opener& slot) {
  if (options.clock == nullptr || kind_of(slot) != SlotKind::Passphrase) return options.kdf;
  return crypto::measured_cost(*options.clock);
}

bool VaultStore::has_slot(SlotKind kind) const {
  return (slot_kinds_ & bit_of(kind)) != 0;
}

Duration VaultStore::ticks() const {
  return options_.clock == nullptr ? Duration(0) : options_.clock->ticks();
}

Result<void> VaultStore::put_slots(SlotsFile changed, const crypto::Secret& root) {
  set_mac(changed, root);
  const Bytes bytes = encode_slots(changed);
  const auto written = replace_file(disk_, options_.folder / kSlotsName, bytes);
  if (!written.ok()) {
    // What failed may have come behind the rename: what lies there now is what opens.
    const auto there = read_slots(disk_, options_.folder);
    if (!there.ok() || encode_slots(there.value()) != bytes) return written.error();
  }
  slots_ = std::move(changed);
  slot_kinds_ = kinds_in(slots_);
  if (!written.ok()) return refusal(ErrorCode::Io, "store.slots_unsettled");
  return {};
}

Result<void> VaultStore::add_slot(const Opener& opener) {
  const std::lock_guard group(group_);
  if (state_ != State::Open) return locked_error();
  if (slots_.slots.size() >= kMostSlots) return refusal(ErrorCode::Conflict, "store.slots_full");
  const KdfCost cost = TRY(cost_of_new(options_, opener));
  SlotsFile more = slots_;
  const crypto::Secret& root = content_.roots->root;
  more.slots.push_back(TRY(make_slot(vault_, root, opener, cost, random_)));
  return put_slots(std::move(more), root);
}

// Keys are derived while no group waits; the slots are taken from the file as it is then.
Result<void> VaultStore::replace_slots(const Opener& opener, const Opener& slot,
                                       const std::function<Result<void>()>& before) {
  SlotsFile seen;
  {
    const std::lock_guard group(group_);
    if (state_ != State::Open) return locked_error();
    seen = slots_;
  }
  const crypto::Secret root = TRY(open_slots(seen, opener));
  TRY(check_mac(seen, root));
  const KdfCost cost = TRY(cost_of_new(options_, slot));
  const Slot made = TRY(make_slot(vault_, root, slot, cost, random_));
  TRY(before());

  const std::lock_guard group(group_);
  SlotsFile changed = slots_;
  std::erase_if(changed.slots, [&](const Slot& each) { return each.kind == made.kind; });
  if (changed.slots.size() >= kMostSlots) return refusal(ErrorCode::Conflict, "store.slots_full");
  changed.slots.push_back(made);
  return put_slots(std::move(changed), root);
}

Result<void> VaultStore::try_opener(const Opener& opener) const {
  const SlotsFile slots = TRY(read_slots(disk_, options_.folder));
  const crypto::Secret root = TRY(open_slots(slots, opener));
  return check_mac(slots, root);
}

void VaultStore::raise_cost(const SlotsFile& seen, const OpenedSlot& opened, const Opener& opener,
                            Duration took) {
  const Slot& old = seen.slots[opened.at];
  if (old.kind != SlotKind::Passphrase || took.count() <= 0) return;
  const KdfCost better = crypto::cost_taking(crypto::kPassphraseTime, old.cost, took);
  if (!crypto::is_well_above(better, old.cost)) return;
  const auto made = make_slot(vault_, opened.root, opener, better, random_);
  if (!made.ok()) return;
  const std::lock_guard group(group_);
  SlotsFile changed = slots_;
  // Another change came first.
  if (opened.at >= changed.slots.size() || changed.slots[opened.at].box != old.box) return;
  changed.slots[opened.at] = made.value();
  static_cast<void>(
      put_slots(std::move(changed), opened.root).ok());  // the vault is open all the same
}

}  // namespace vrm::store
