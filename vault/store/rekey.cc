// VaultStore's rekey.

#include "vault/store/rekey.h"

#include <algorithm>

#include "vault/base/check.h"
#include "vault/store/rekey_files.h"
#include "vault/store/resealing.h"
#include "vault/store/vault_folder.h"
#include "vault/store/vault_store.h"

namespace vrm::store {

namespace {

constexpr std::uint64_t kMostLog = std::uint64_t{8}
                                   << 20;  // of the new database, while it is written

Result<void> open_alike(const SlotsFile& slots, const std::vector<Opener>& openers,
                        const crypto::Secret& root) {
  for (const Opener& opener : openers) {
    const crypto::Secret opened = TRY(open_slots(slots, opener));
    if (!opened.equals(root.bytes())) return corrupt_at("slots.rekeyed: gives another root key");
  }
  return check_mac(slots, root);
}

}  // namespace

Result<SlotsFile> VaultStore::slots_for(const crypto::Secret& root,
                                        const std::vector<Opener>& openers) {
  SlotsFile made;
  made.vault = vault_;
  for (const Opener& opener : openers) {
    const KdfCost cost = TRY(cost_of_new(options_, opener));
    made.slots.push_back(TRY(make_slot(vault_, root, opener, cost, random_)));
  }
  set_mac(made, root);
  return made;
}

// Twice the database is needed, and its write-ahead log: less is known before anything is written.
Result<void> VaultStore::find_room() {
  const std::filesystem::path database = options_.folder / kDatabaseName;
  std::uint64_t size = 0;
  {
    const auto file = TRY(disk_.open(database, OpenMode::ReadOnly));
    size = TRY(file->size());
  }
  const std::uint64_t need = size + size / 4 + std::min(2 * size, kMostLog);
  const auto room = TRY(disk_.room(options_.folder));
  if (!room || *room >= need) return {};
  return refusal(
      ErrorCode::Io, "store.rekey_no_room",
      {{"need", std::to_string(need / 1024 + 1)}, {"room", std::to_string(*room / 1024)}});
}

// The keys of slots are derived while no group waits.
Result<void> VaultStore::rekey(const Opener& opener, const RekeyOrder& order) {
  VRM_CHECK(!order.slots.empty() && order.slots.size() <= kMostSlots);
  SlotsFile seen;
  {
    const std::lock_guard group(group_);
    if (state_ == State::Rescue) return refusal(ErrorCode::Denied, "store.rescue_read_only");
    if (state_ != State::Open) return locked_error();
    TRY(find_room());
    seen = slots_;
  }
  const crypto::Secret proof = TRY(open_slots(seen, opener));
  TRY(check_mac(seen, proof));
  const crypto::Secret root = crypto::Secret::random(crypto::kAeadKeyBytes, random_);
  SlotsFile slots = TRY(slots_for(root, order.slots));

  const std::lock_guard group(group_);
  if (state_ != State::Open) return locked_error();
  auto content = write_anew(root, order);
  auto decided =
      content.ok() ? decide(content.value(), slots, order.slots) : Result<void>(content.error());
  if (decided.ok()) return take_anew(std::move(content).value(), std::move(slots));
  if (decided.error().say == "store.rekey_unsettled") {
    leave_files();
    return decided;
  }
  // What is left opens with nothing; the next rekey, or attaching, removes it.
  static_cast<void>(clear_rekey(disk_, options_.folder).ok());
  clear_anchor(disk_, anchor_place_);
  return decided;
}

Result<Content> VaultStore::write_anew(const crypto::Secret& root, const RekeyOrder& order) {
  TRY(clear_rekey(disk_, options_.folder));
  const auto read_log = [this](std::uint64_t from, std::size_t most) {
    const std::lock_guard turn(database_turn_);
    return database_->log_from(from, most);
  };
  const Resealed old{content_, read_log};
  const Addition addition{root, order.record, order.at};
  return reseal(disk_, random_, options_.folder / kFreshName, old, addition, order.progress);
}

Result<void> VaultStore::decide(const Content& content, const SlotsFile& slots,
                                const std::vector<Opener>& openers) {
  const crypto::Secret& root = content.roots->root;
  const Anchor anchor = anchor_of(anchor_place_, content.head, content.head_hash);
  TRY(lay_anchor(disk_, anchor_place_, anchor, content.writing->anchor));
  return decide_rekey(disk_, options_.folder, slots,
                      [&](const SlotsFile& written) { return open_alike(written, openers, root); });
}

// Decided: what fails from here on is done by the next unlock.
Result<void> VaultStore::take_anew(Content content, SlotsFile slots) {
  {
    const std::lock_guard turn(database_turn_);
    database_.reset();
    auto files = open_files(disk_, random_, options_);
    if (files.ok()) {
      VaultFiles opened = std::move(files).value();
      database_ = std::move(opened.database);
      const std::unique_lock hold(content_mutex_);
      content_ = std::move(content);
      anchoring_ = options_.anchors.empty() ? Anchoring::Off : Anchoring::Kept;
      slots_ = std::move(slots);
      slot_kinds_ = kinds_in(slots_);
      ++sealings_;
      return {};
    }
  }
  leave_files();
  return refusal(ErrorCode::Io, "store.rekey_unfinished");
}

void VaultStore::leave_files() {
  close();
  const std::lock_guard turn(database_turn_);
  database_.reset();
}

Result<void> VaultStore::take_files() {
  const std::lock_guard turn(database_turn_);
  if (database_ != nullptr) return {};
  auto files = TRY(open_files(disk_, random_, options_));
  slots_ = std::move(files.slots);
  slot_kinds_ = kinds_in(slots_);
  database_ = std::move(files.database);
  return {};
}

Result<VaultFiles> open_files(Disk& disk, Random& random, const Options& options) {
  TRY(take_up_rekey(disk, options.folder, options.anchors));
  auto slots = TRY(read_slots(disk, options.folder));
  auto database = TRY(Database::open(disk, random, options.folder / kDatabaseName));
  TRY(clear_rekey(disk, options.folder));
  return VaultFiles{std::move(slots), std::move(database)};
}

}  // namespace vrm::store
