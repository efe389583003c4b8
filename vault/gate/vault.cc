#include "vault/gate/vault.h"

#include <algorithm>
#include <tuple>

#include "vault/base/check.h"

namespace vrm::gate {

namespace {

// What stays in memory when the owner locks: each brand's key, and the fields of the grants served while locked.
struct Kept {
  std::vector<store::KeyId> keys;
  std::vector<std::string> fields;
};

Kept kept_through_lock(const Rooms& rooms, Instant now) {
  Kept kept;
  for (const auto& brand : rooms.brands.list()) kept.keys.push_back(brand->key);
  for (const auto& grant : rooms.grants.list()) {
    const auto condition = grant->condition(now);
    const bool lives = condition == grants::Condition::Active ||
                       condition == grants::Condition::Waiting ||
                       condition == grants::Condition::Held;
    if (!grant->served_while_locked || !lives) continue;
    for (const auto& name : grant->fields) {
      if (const auto document = rooms.documents.find(name)) kept.keys.push_back(document->key);
      const auto field = rooms.profile.find(name);
      if (!field || !field->settled) continue;
      kept.fields.push_back(name);
      kept.keys.push_back(field->key);
    }
  }
  return kept;
}

}  // namespace

std::string_view to_string(State state) {
  switch (state) {
    case State::Empty:
      return "empty";
    case State::Sealed:
      return "sealed";
    case State::Serving:
      return "serving";
    case State::Open:
      return "open";
    case State::Rescue:
      return "rescue";
  }
  VRM_CHECK(false);
  return {};
}

std::string_view to_string(LockCause cause) {
  switch (cause) {
    case LockCause::Start:
      return "start";
    case LockCause::Command:
      return "command";
    case LockCause::Sealed:
      return "sealed";
    case LockCause::Signal:
      return "signal";
    case LockCause::Idle:
      return "idle";
    case LockCause::Limit:
      return "limit";
  }
  VRM_CHECK(false);
  return {};
}

Result<Knowledge> Knowledge::load() {
  auto catalogue = TRY(profile::Catalogue::embedded());
  auto purposes = TRY(grants::Purposes::load());
  auto roster = TRY(grants::Roster::load());
  return Knowledge{std::move(catalogue), std::move(purposes), std::move(roster)};
}

store::Options Vault::store_options() const {
  store::Options made{.folder = options_.folder, .anchors = options_.anchors};
  if (options_.kdf)
    made.kdf = *options_.kdf;
  else
    made.clock = &means_.clock;
  made.migration_record = [this](std::uint32_t from, std::uint32_t to) {
    return journal::record_of({.at = now(),
                               .kind = journal::Kind::VaultMigrated,
                               .reason = std::to_string(from) + " > " + std::to_string(to)});
  };
  return made;
}

Result<std::unique_ptr<Vault>> Vault::find(Means means, const Knowledge& knowledge,
                                           VaultOptions options) {
  std::unique_ptr<Vault> vault(new Vault(means, knowledge, std::move(options)));
  auto store = store::Store::attach(means.disk, means.random, vault->store_options());
  if (!store.ok() && store.error().code == ErrorCode::NotFound) return vault;
  if (!store.ok()) return std::move(store).error();
  vault->remember(LockCause::Start);
  vault->set_rooms(std::move(store).value());
  return vault;
}

void Vault::set_rooms(std::unique_ptr<store::Store> store) {
  owned_ =
      std::make_unique<Rooms>(std::move(store), knowledge_.catalogue, means_.random, options_.base);
  rooms_ = owned_.get();
}

Rooms* Vault::rooms() const {
  return rooms_;
}

State Vault::state() const {
  auto* rooms = this->rooms();
  if (rooms == nullptr) return State::Empty;
  switch (rooms->store->state()) {
    case store::State::Attached:
      return State::Sealed;
    case store::State::Serving:
      return State::Serving;
    case store::State::Open:
      return State::Open;
    case store::State::Rescue:
      return State::Rescue;
  }
  VRM_CHECK(false);
  return State::Empty;
}

Result<Rooms*> Vault::open_rooms() const {
  auto* rooms = this->rooms();
  if (rooms == nullptr) return refusal(ErrorCode::NotFound, "vault.none");
  const auto state = rooms->store->state();
  if (state == store::State::Attached || state == store::State::Serving) return locked_refusal();
  return rooms;
}

void Vault::remember(LockCause cause) {
  const std::lock_guard lock(last_mutex_);
  last_lock_ = {cause, means_.clock.now()};
}

LastLock Vault::last_lock() const {
  const std::lock_guard lock(last_mutex_);
  return last_lock_;
}

Error Vault::locked_refusal() const {
  const auto* rooms = this->rooms();
  const auto last = last_lock();
  const auto at = to_rfc3339({last.at.seconds() * 1000});
  if (last.cause == LockCause::Idle)
    return refusal(ErrorCode::Locked, "vault.locked_idle", {{"locked_at", at}});
  if (last.cause == LockCause::Limit)
    return refusal(ErrorCode::Locked, "vault.locked_limit", {{"locked_at", at}});
  if (last.cause == LockCause::Signal)
    return refusal(ErrorCode::Locked, "vault.locked_signal", {{"locked_at", at}});
  const bool serves = rooms != nullptr && rooms->store->state() == store::State::Serving;
  return refusal(ErrorCode::Locked, serves ? "vault.locked" : "vault.sealed");
}

Result<Rooms*> Vault::changeable_rooms() const {
  auto* rooms = TRY(open_rooms());
  if (rooms->store->state() == store::State::Rescue)
    return refusal(ErrorCode::Denied, "store.rescue_read_only");
  return rooms;
}

Result<Rooms*> Vault::serving_rooms() const {
  auto* rooms = this->rooms();
  if (rooms != nullptr && rooms->store->state() == store::State::Serving) return rooms;
  return changeable_rooms();
}

Instant Vault::now() const {
  std::int64_t now = means_.clock.now().ms;
  if (auto* rooms = this->rooms();
      rooms != nullptr && rooms->store->state() != store::State::Attached)
    now = std::max(now, rooms->store->high_water().ms);
  auto latest = latest_ms_.load();
  while (latest < now && !latest_ms_.compare_exchange_weak(latest, now)) {
  }
  return {std::max(latest, now)};
}

Result<void> Vault::init(const store::Opener& slot) {
  const std::lock_guard changing(changing_);
  if (rooms() != nullptr) return refusal(ErrorCode::Conflict, "vault.exists");
  auto store = TRY(store::Store::create(means_.disk, means_.random, store_options(), slot));
  set_rooms(std::move(store));
  earlier_ms_ = 0;
  TRY(inbox_keys(*rooms()));
  return note(*rooms(), journal::Kind::VaultMade);
}

Result<store::BackupReport> Vault::restore(const std::filesystem::path& file,
                                           const std::filesystem::path& folder,
                                           const store::Opener& opener,
                                           const store::Progress& progress) {
  const bool own = folder.lexically_normal() == options_.folder.lexically_normal();
  // A restore elsewhere takes long and keeps nobody from locking this vault.
  std::unique_lock changing(changing_, std::defer_lock);
  if (own) changing.lock();
  if (own && rooms() != nullptr)
    return refusal(ErrorCode::Conflict, "backup.vault_exists", {{"folder", folder.string()}});
  auto report =
      TRY(store::restore_backup(means_.disk, means_.random, file, folder, opener, progress));
  if (!own) return report;
  auto store = TRY(store::Store::attach(means_.disk, means_.random, store_options()));
  set_rooms(std::move(store));
  return report;
}

Result<Opened> Vault::unlock(const store::Opener& opener, store::OpenFor purpose) {
  const std::lock_guard changing(changing_);
  auto* rooms = this->rooms();
  if (rooms == nullptr) return refusal(ErrorCode::NotFound, "vault.none");
  const auto before = rooms->store->state();
  if (before == store::State::Open || before == store::State::Rescue) return Opened{};
  auto report = rooms->store->unlock(opener, purpose);
  if (!report.ok()) {
    if (report.error().code != ErrorCode::BadKey) return std::move(report).error();
    count_wrong_key(*rooms);
    return std::move(report).error();
  }
  std::int64_t unknown = -1;
  earlier_ms_.compare_exchange_strong(unknown, rooms->store->high_water().ms);
  const auto loaded = load(*rooms, purpose, report.value().rollback);
  if (!loaded.ok()) {
    rooms->store->seal();
    return loaded.error();
  }
  Opened opened{std::move(report).value(), wrong_};
  if (purpose == store::OpenFor::Use) wrong_ = {};
  return opened;
}

Result<void> Vault::load(Rooms& rooms, store::OpenFor purpose,
                         std::optional<store::Rollback> rollback) {
  TRY(rooms.profile.load());
  TRY(rooms.documents.load(*rooms.store));
  TRY(rooms.brands.load(*rooms.store));
  TRY(rooms.grants.load(*rooms.store));
  TRY(rooms.requests.load(*rooms.store));
  TRY(rooms.rules.load(*rooms.store));
  TRY(rooms.tickets.load(*rooms.store));
  TRY(rooms.issuers.load(*rooms.store, rooms.brands));
  TRY(rooms.outbox.load(*rooms.store));
  TRY(rooms.intents.load(*rooms.store));
  TRY(rooms.invitations.load(*rooms.store));
  TRY(rooms.offers.load(*rooms.store));
  TRY(rooms.inbox.load(*rooms.store));
  TRY(rooms.acceptances.load(*rooms.store));
  const auto reader = TRY(inbox_keys(rooms));
  if (purpose == store::OpenFor::Rescue) return {};
  TRY(heed_epoch(rooms, rollback));
  const Instant at = now();
  const auto refresh = [&rooms, at](store::Txn& txn) {
    txn.anchor();  // opening is possible on a full disk
    return rooms.profile.refresh_claims(txn, at);
  };
  TRY(rooms.store->run(refresh));
  TRY(empty_inbox(rooms, reader));
  TRY(note_wrong_keys(rooms));
  return note(rooms, journal::Kind::Unlocked);
}

// An epoch that was not dealt with and that the anchor knows nothing of was begun by a restore.
Result<void> Vault::heed_epoch(Rooms& rooms, std::optional<store::Rollback> rollback) {
  EpochNote note = TRY(read_epoch_note(*rooms.store));
  if (note.epoch != rooms.store->epoch()) {
    const Doubt otherwise = this->doubt().value_or(Doubt::Restored);
    const Doubt doubt = rollback ? doubt_of(*rollback) : otherwise;
    note = {.epoch = rooms.store->epoch(), .doubt = doubt};
    const Instant at = now();
    const auto job = [&rooms, &note, doubt, at](store::Txn& txn) -> Result<void> {
      TRY(suspend_grants(txn, rooms, doubt, at));
      return write_epoch_note(txn, note);
    };
    TRY(rooms.store->run(job));
  }
  doubt_ = note.doubt ? static_cast<int>(*note.doubt) : -1;
  return {};
}

std::optional<Doubt> Vault::doubt() const {
  const int doubt = doubt_;
  return doubt < 0 ? std::nullopt : std::optional(static_cast<Doubt>(doubt));
}

Result<void> Vault::settle_doubt(store::Txn& txn) {
  TRY(write_epoch_note(txn, {.epoch = rooms()->store->epoch()}));
  txn.on_commit([this] { doubt_ = -1; });
  return {};
}

Result<bool> Vault::heed_witness(BytesView witness, Doubt doubt) {
  auto* rooms = this->rooms();
  if (rooms == nullptr || !rooms->store->proves_rollback(witness)) return false;
  const Instant at = now();
  const auto job = [rooms, at, doubt, proof = Bytes(witness.begin(), witness.end())](
                       store::Txn& txn) -> Result<void> {
    if (!rooms->store->proves_rollback(proof)) return {};  // another was quicker
    txn.begin_epoch();
    TRY(suspend_grants(txn, *rooms, doubt, at));
    // While locked the note waits for the next unlock, which suspends once more.
    if (rooms->store->state() == store::State::Serving) return {};
    return write_epoch_note(txn, {.epoch = rooms->store->epoch() + 1, .doubt = doubt});
  };
  TRY(rooms->store->run(job));
  doubt_ = static_cast<int>(doubt);
  return true;
}

Result<void> Vault::note_wrong_keys(Rooms& rooms) {
  if (unrecorded_ == 0) return {};
  const journal::Entry entry{.at = now(),
                             .kind = journal::Kind::UnlockRefused,
                             .outcome = journal::Outcome::Refused,
                             .reason = "bad_key " + std::to_string(unrecorded_)};
  TRY(record(rooms, entry));
  unrecorded_ = 0;
  return {};
}

Result<crypto::BoxKeyPair> Vault::inbox_keys(Rooms& rooms) {
  const auto seed = TRY(rooms.store->derive_from(store::kVaultKey, "inbox"));
  auto keys = crypto::box_key_pair(seed);
  rooms.inbox_reader = keys.public_key;
  return keys;
}

Result<void> Vault::empty_inbox(Rooms& rooms, const crypto::BoxKeyPair& reader) {
  const auto items = rooms.inbox.all();
  if (items.empty()) return {};
  std::vector<market::OfferFile> opened;
  for (const auto& item : items) {
    auto came = TRY(market::open_offer(reader, *item));
    opened.push_back(std::move(came));
  }
  std::sort(opened.begin(), opened.end(), [](const auto& a, const auto& b) {
    return std::tie(a.id.text, a.latest().rev) < std::tie(b.id.text, b.latest().rev);
  });
  Random& random = means_.random;
  return rooms.store->run([&](store::Txn& txn) -> Result<void> {
    txn.anchor();
    for (const auto& item : items) TRY(rooms.inbox.erase(txn, *item));
    for (auto& came : opened) {
      const auto intent = rooms.intents.find(came.intent);
      if (intent == nullptr) continue;
      TRY(market::file_offer(txn, rooms.offers, std::move(came), intent->key, random));
    }
    return {};
  });
}

Result<void> Vault::note(Rooms& rooms, journal::Kind kind) {
  const journal::Entry entry{.at = now(), .kind = kind};
  return rooms.store->run([&rooms, &entry](store::Txn& txn) -> Result<void> {
    if (entry.kind == journal::Kind::Unlocked) txn.anchor();
    TRY(journal::append(txn, *rooms.store, entry));
    return {};
  });
}

Result<void> Vault::lock(LockCause cause) {
  const std::lock_guard changing(changing_);
  return lock_now(cause);
}

void Vault::lock_unless_changing(LockCause cause) {
  const std::unique_lock changing(changing_, std::try_to_lock);
  if (changing.owns_lock()) static_cast<void>(lock_now(cause).ok());
}

Result<void> Vault::lock_now(LockCause cause) {
  auto* rooms = this->rooms();
  if (rooms == nullptr) return refusal(ErrorCode::NotFound, "vault.none");
  const auto state = rooms->store->state();
  if (state == store::State::Serving || state == store::State::Attached) return {};
  rooms->uploads.clear();
  remember(cause);
  if (state == store::State::Rescue) {
    rooms->store->seal();
    rooms->profile.clear();
    rooms->documents.clear();
    return {};
  }
  // Locking protects: it happens even when the journal cannot be written, and the Error tells.
  auto noted = note(*rooms, journal::Kind::Locked);
  const Kept kept = kept_through_lock(*rooms, now());
  rooms->store->lock(kept.keys);
  rooms->profile.keep_only(kept.fields);
  if (!rooms->documents.load(*rooms->store).ok()) rooms->documents.clear();
  rooms->intents.clear();
  rooms->offers.clear();
  return noted;
}

Result<void> Vault::seal() {
  const std::lock_guard changing(changing_);
  auto* rooms = this->rooms();
  if (rooms == nullptr) return refusal(ErrorCode::NotFound, "vault.none");
  const auto state = rooms->store->state();
  Result<void> noted;
  if (state == store::State::Open || state == store::State::Serving)
    noted = note(*rooms, journal::Kind::Sealed);
  rooms->uploads.clear();
  remember(LockCause::Sealed);
  rooms->store->seal();
  forget(*rooms);
  return noted;
}

void Vault::forget(Rooms& rooms) {
  rooms.profile.clear();
  rooms.documents.clear();
  rooms.issuers.clear();
  rooms.brands.clear();
  rooms.grants.clear();
  rooms.requests.clear();
  rooms.rules.clear();
  rooms.tickets.clear();
  rooms.outbox.clear();
  rooms.intents.clear();
  rooms.invitations.clear();
  rooms.offers.clear();
  rooms.inbox.clear();
  rooms.acceptances.clear();
}

}  // namespace vrm::gate
