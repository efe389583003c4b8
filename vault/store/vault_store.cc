#include "vault/store/vault_store.h"

#include "vault/base/check.h"
#include "vault/store/log_chain.h"
#include "vault/store/vault_folder.h"
#include "vault/store/witness.h"

namespace vrm::store {

namespace {

// The first commit: the vault's own key, and the ring that wraps it.
Result<Commit> write_first(Database& database, const VaultId& vault, const crypto::Secret& root,
                           Random& random) {
  Content content;
  content.vault = vault;
  content.roots =
      std::make_unique<RootKeys>(RootKeys{root.clone(), crypto::Secret::random(32, random)});
  content.writing =
      std::make_unique<WritingKeys>(writing_keys(root, vault, first_log_key(root, vault)));
  content.head.log_chain = first_chain(vault);
  const Bytes ring = seal_ring(content.roots->ring, root, vault);
  content.head.ring = crypto::hash({ring});

  const crypto::Secret key = crypto::Secret::random(crypto::KeySlab::kKeyBytes, random);
  RowHead row;
  row.table = Table::Keys;
  row.id = kVaultKey;
  row.version = 1;
  row.key = kRingKey;
  Nonces nonces(random);
  Staging staging;
  StagedRow made;
  made.key = kRingKey;
  made.box = seal_row(row, vault, content.roots->ring.bytes(), nonces.next(), key.bytes());
  staging.rows.emplace(RowKey{Table::Keys, kVaultKey}, std::move(made));
  Commit first = prepare(content, staging, nonces);
  first.changes.ring = ring;
  TRY(database.commit(first.changes));
  return first;
}

}  // namespace

Result<std::unique_ptr<Store>> Store::create(Disk& disk, Random& random, const Options& options,
                                             const Opener& slot) {
  TRY(disk.make_folder(options.folder));
  SlotsFile slots;
  random.fill(slots.vault);
  const crypto::Secret root = crypto::Secret::random(crypto::kAeadKeyBytes, random);
  const KdfCost cost = TRY(cost_of_new(options, slot));
  slots.slots.push_back(TRY(make_slot(slots.vault, root, slot, cost, random)));
  set_mac(slots, root);
  {
    const auto lock = TRY(disk.lock_folder(options.folder));
    TRY(make_room(disk, options.folder));
    const std::filesystem::path fresh = options.folder / kFreshName;
    const AnchorPlace place = anchor_place(disk, options.anchors, slots.vault, options.folder);
    Anchor anchor;
    {
      const auto database = TRY(Database::create(disk, random, fresh));
      const Commit first = TRY(write_first(*database, slots.vault, root, random));
      anchor = anchor_of(place, first.head, first.head_hash);
      TRY(database->checkpoint());
    }
    // That it cannot be kept is told by anchoring(), and keeps nobody from having a vault.
    if (!options.anchors.empty())
      static_cast<void>(keep_anchor(disk, place, anchor, anchor_key(root, slots.vault)).ok());
    TRY(settle(disk, options.folder, slots));
  }
  std::unique_ptr<Store> made = TRY(attach(disk, random, options));
  const CheckReport report = TRY(made->unlock(slot, OpenFor::Use));
  VRM_CHECK(report.damages.empty());
  return made;
}

Result<std::unique_ptr<Store>> Store::attach(Disk& disk, Random& random, const Options& options) {
  if (!TRY(disk.exists(options.folder / kDatabaseName)))
    return refusal(ErrorCode::NotFound, "store.no_vault");
  TRY(disk.make_folder(options.folder));
  auto lock = TRY(disk.lock_folder(options.folder));
  auto files = TRY(open_files(disk, random, options));
  std::unique_ptr<Store> held = std::make_unique<VaultStore>(
      disk, random, options, std::move(lock), std::move(files.slots), std::move(files.database));
  return held;
}

VaultStore::VaultStore(Disk& disk, Random& random, Options options, std::unique_ptr<File> lock,
                       SlotsFile slots, std::unique_ptr<Database> database)
    : disk_(disk),
      random_(random),
      options_(std::move(options)),
      folder_lock_(std::move(lock)),
      vault_(slots.vault),
      anchor_place_(anchor_place(disk, options_.anchors, vault_, options_.folder)),
      slots_(std::move(slots)),
      slot_kinds_(kinds_in(slots_)),
      nonces_(random),
      reserve_(disk, random, options_.folder),
      database_(std::move(database)),
      writer_([this] { write_until_closed(); }) {
  content_.vault = vault_;
}

VaultStore::~VaultStore() {
  {
    const std::lock_guard hold(queue_mutex_);
    closing_ = true;
  }
  queue_changed_.notify_one();
  writer_.join();
}

State VaultStore::state() const {
  const std::shared_lock hold(content_mutex_);
  return state_;
}

Result<CheckReport> VaultStore::unlock(const Opener& opener, OpenFor purpose) {
  SlotsFile slots;
  {
    const std::lock_guard group(group_);
    TRY(take_files());
    slots = slots_;
  }
  const Duration began = ticks();
  const OpenedSlot opened = TRY(open_slot(slots, opener));
  const Duration took = ticks() - began;
  const crypto::Secret& root = opened.root;
  const auto mac = check_mac(slots, root);
  if (!mac.ok() && purpose == OpenFor::Use) return mac.error();

  const CheckReport report = TRY(open_with_root(root, mac, purpose));
  if (purpose == OpenFor::Use) raise_cost(slots, opened, opener, took);
  return report;
}

Result<CheckReport> VaultStore::open_with_root(const crypto::Secret& root, const Result<void>& mac,
                                               OpenFor purpose) {
  const std::lock_guard group(group_);
  const crypto::Secret head = head_key(root, vault_);
  const crypto::Secret sums = sums_key(root, vault_);
  const CheckingKeys keys{head, sums, &root};
  Findings found = TRY(read_for_unlock(keys));
  TRY(find_documents(found, purpose));
  if (!mac.ok()) found.report.damages.push_back({mac.error().with.front().second});
  if (purpose == OpenFor::Use && !found.report.damages.empty()) {
    const std::size_t more = found.report.damages.size() - 1;
    std::string place = found.report.damages.front().place;
    if (more > 0) place += " (and " + std::to_string(more) + " more)";
    return corrupt_at(place);
  }
  {
    const std::unique_lock hold(content_mutex_);
    content_ = std::move(found.content);
    state_ = purpose == OpenFor::Use ? State::Open : State::Rescue;
    anchoring_ = options_.anchors.empty() ? Anchoring::Off : Anchoring::Kept;
  }
  anchors_are_tidy_ = false;
  if (purpose == OpenFor::Rescue) return found.report;
  auto begun = begin_use(found.report);
  if (begun.ok()) return found.report;
  close();
  return std::move(begun).error();
}

Result<void> VaultStore::begin_use(CheckReport& report) {
  // It is tried anew later.
  static_cast<void>(reserve_.take().ok());
  if (!options_.anchors.empty()) report.rollback = TRY(heed_anchor());
  // Files without a row beside an older database may be those of the newer one, which may come back. What is not swept
  // now is at the next unlock.
  if (!report.rollback)
    static_cast<void>(
        sweep_documents(disk_, options_.folder, content_.rows(Table::Documents)).ok());
  return migrate();
}

// Whether each document's file is there; its bytes are read when they are wanted, or by check().
Result<void> VaultStore::find_documents(Findings& found, OpenFor purpose) const {
  KnownDocuments documents = documents_in(found.content, found.content.keys);
  std::vector<Damage>& damages = found.report.damages;
  damages.insert(damages.end(), documents.damages.begin(), documents.damages.end());
  for (const KnownDocument& document : documents.known) {
    auto looked = look_at_document(disk_, options_.folder, vault_, document, Thoroughly::No);
    if (!looked.ok() && purpose == OpenFor::Use) return std::move(looked).error();
    if (!looked.ok())
      damages.push_back({place_of_document(document.id) + ": cannot be read"});
    else if (looked.value())
      damages.push_back(*looked.value());
  }
  return {};
}

Result<Findings> VaultStore::read_for_unlock(const CheckingKeys& keys) {
  const std::lock_guard turn(database_turn_);
  return read_vault(*database_, vault_, keys, Depth::Sums);
}

// A vault that may be older than it was goes on in another epoch, so that what the anchor says then is newer.
Result<std::optional<Rollback>> VaultStore::heed_anchor() {
  const Anchor found = anchor_of(anchor_place_, content_.head, content_.head_hash);
  const Comparison compared =
      compare_with_anchors(disk_, anchor_place_, found, content_.writing->anchor);
  if (!compared.rollback) return compared.rollback;
  Staging staging;
  staging.anchored = true;
  staging.epoch = compared.epoch + 1;
  TRY(commit(staging));
  return compared.rollback;
}

void VaultStore::close() {
  Content empty;
  empty.vault = vault_;
  const std::unique_lock hold(content_mutex_);
  content_ = std::move(empty);
  state_ = State::Attached;
}

void VaultStore::lock(const std::vector<KeyId>& kept) {
  const std::lock_guard group(group_);
  if (state_ == State::Rescue) close();  // what does not verify serves nobody
  if (state_ == State::Attached) return;
  const std::unique_lock hold(content_mutex_);
  content_.roots.reset();
  content_.keys.keep_only(kept);
  state_ = State::Serving;
}

void VaultStore::seal() {
  const std::lock_guard group(group_);
  close();
}

Result<CheckReport> VaultStore::check() {
  KnownDocuments documents;
  CheckReport report = TRY(check_database(documents));
  TRY(check_documents(documents, report));
  return report;
}

Result<CheckReport> VaultStore::check_database(KnownDocuments& documents) {
  const std::lock_guard group(group_);
  if (state_ == State::Attached || content_.writing == nullptr) return locked_error();
  const CheckingKeys keys{content_.writing->head, content_.writing->sums,
                          content_.roots != nullptr ? &content_.roots->root : nullptr,
                          &content_.keys};
  documents = documents_in(content_, content_.keys);
  const std::lock_guard turn(database_turn_);
  Findings found = TRY(read_vault(*database_, vault_, keys, Depth::Opened));
  if (state_ != State::Rescue && found.content.head_hash != content_.head_hash) {
    found.report.damages.push_back({"head: is not the one this vault wrote last"});
  }
  const auto slots = read_slots(disk_, options_.folder);
  if (!slots.ok() && slots.error().code != ErrorCode::Corrupt) return slots.error();
  if (!slots.ok() || encode_slots(slots.value()) != encode_slots(slots_)) {
    found.report.damages.push_back({"slots: were changed"});
  }
  return found.report;
}

// While jobs run on, for it takes long: a document that was removed meanwhile is missed by nobody.
Result<void> VaultStore::check_documents(const KnownDocuments& documents,
                                         CheckReport& report) const {
  report.damages.insert(report.damages.end(), documents.damages.begin(), documents.damages.end());
  for (const KnownDocument& document : documents.known) {
    const auto damage =
        TRY(look_at_document(disk_, options_.folder, vault_, document, Thoroughly::Yes));
    if (!damage) continue;
    const std::shared_lock hold(content_mutex_);
    if (content_.find(Table::Documents, document.id) != nullptr) report.damages.push_back(*damage);
  }
  return {};
}

}  // namespace vrm::store
