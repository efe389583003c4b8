// VaultStore's backups.

#include <algorithm>

#include "vault/store/backup_check.h"
#include "vault/store/backup_file.h"
#include "vault/store/backup_writing.h"
#include "vault/store/vault_store.h"

namespace vrm::store {

namespace {

// A backup beside the vault would be lost with it, and could take the place of its files.
Result<void> refuse_inside(const std::filesystem::path& file,
                           const std::filesystem::path& vault_folder) {
  std::error_code failed;
  const bool inside =
      std::filesystem::equivalent(file.parent_path(), vault_folder, failed) && !failed;
  if (!inside) return {};
  return refusal(ErrorCode::Malformed, "backup.in_vault", {{"folder", vault_folder.string()}});
}

}  // namespace

// Between two groups of jobs, which wait for no more than the copying of the rows' pointers.
Result<Snapshot> VaultStore::snapshot() {
  const std::lock_guard group(group_);
  if (state_ == State::Rescue) return refusal(ErrorCode::Denied, "backup.rescue");
  if (state_ != State::Open) return locked_error();
  Snapshot taken{slots_, backup_wrap_key(content_.roots->root, vault_), content_.head, {}, {}, {},
                 {}};
  std::size_t rows = 0;
  for (const RowTable& table : content_.tables) rows += table.size();
  taken.rows.reserve(rows);
  for (const RowTable& table : content_.tables)
    for (const RowPtr& row : table) taken.rows.push_back(row);
  taken.documents = documents_in(content_, content_.keys).known;
  const std::lock_guard turn(database_turn_);
  taken.head_box = TRY(database_->head());
  taken.ring_box = TRY(database_->ring());
  if (crypto::hash({taken.head_box}) != content_.head_hash)
    return corrupt_at("head: is not the one this vault wrote last");
  if (crypto::hash({taken.ring_box}) != content_.head.ring)
    return corrupt_at("ring: another one was put there");
  return taken;
}

Result<BackupReport> VaultStore::back_up(const BackupOrder& order) {
  TRY(refuse_inside(order.file, options_.folder));
  Snapshot taken = TRY(snapshot());
  const auto by_place = [](const RowPtr& a, const RowPtr& b) { return a->place < b->place; };
  std::sort(taken.rows.begin(), taken.rows.end(), by_place);
  BackupSources sources;
  sources.log = [this](std::uint64_t from, std::size_t most) {
    const std::lock_guard turn(database_turn_);
    return database_->log_from(from, most);
  };
  sources.document = [this](const KnownDocument& document) { return whole_file(document); };
  return write_backup(disk_, random_, order, std::move(taken), sources);
}

Result<std::unique_ptr<File>> VaultStore::whole_file(const KnownDocument& document) const {
  const auto damage =
      TRY(look_at_document(disk_, options_.folder, vault_, document, Thoroughly::Yes));
  auto file = disk_.open(document_path(options_.folder, document.id), OpenMode::Existing);
  if (!damage && file.ok()) return file;
  const std::shared_lock hold(content_mutex_);
  if (content_.find(Table::Documents, document.id) == nullptr)
    return refusal(ErrorCode::Conflict, "backup.changed");
  return damage ? corrupt_at(damage->place) : std::move(file).error();
}

Result<BackupReport> VaultStore::check_own_backup(const std::filesystem::path& file,
                                                  const Progress& progress) const {
  std::optional<crypto::Secret> root;
  {
    const std::shared_lock hold(content_mutex_);
    if (content_.roots == nullptr) return locked_error();
    root = content_.roots->root.clone();
  }
  const auto opened = TRY(BackupFile::open(disk_, file, *root, vault_));
  opened->tell(progress);
  const ReadBack whole = TRY(read_back(*opened));
  return whole.report;
}

}  // namespace vrm::store
