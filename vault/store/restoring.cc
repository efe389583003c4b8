// From a backup to a vault.

#include <algorithm>

#include "vault/store/backup_check.h"
#include "vault/store/commit.h"
#include "vault/store/digest.h"
#include "vault/store/documents.h"
#include "vault/store/vault_folder.h"

namespace vrm::store {

namespace {

constexpr std::size_t kRowsAtOnce = 4096;
constexpr std::size_t kBytesAtOnce = std::size_t{4} << 20;
constexpr std::size_t kLogAtOnce = 256;

class Restoring {
 public:
  Restoring(Disk& disk, Random& random, const std::filesystem::path& folder, BackupFile& file)
      : disk_(disk), random_(random), folder_(folder), fresh_(folder / kFreshName), file_(file) {}

  Result<BackupReport> run() {
    ReadBack whole = TRY(read_back(file_));
    TRY(disk_.make_folder(folder_));
    const auto lock = TRY(disk_.lock_folder(folder_));
    TRY(make_room(disk_, folder_));
    const crypto::Digest wanted = whole.report.digest;
    auto made = write(std::move(whole.content));
    if (made.ok()) made = write_documents();
    Result<BackupReport> done = made.ok() ? check(wanted) : Result<BackupReport>(made.error());
    if (done.ok()) {
      const auto settled = settle(disk_, folder_, file_.slots());
      if (settled.ok()) return done;
      done = settled.error();
    }
    // What is left is no vault; that it could not be removed changes nothing.
    static_cast<void>(make_room(disk_, folder_).ok());
    return done;
  }

 private:
  Result<void> write(Content content) {
    const auto database = TRY(Database::create(disk_, random_, fresh_));
    TRY(write_rows(*database, content));
    TRY(write_log(*database, content.head.log_records));
    // Time was turned back: who knew the vault can tell by the epoch.
    content.head.epoch += 1;
    Nonces nonces(random_);
    Commit last = prepare(content, Staging(), nonces);
    last.changes.ring = TRY(file_.ring());
    TRY(database->commit(last.changes));
    return database->checkpoint();
  }

  Result<void> write_rows(Database& database, Content& content) {
    Changes changes;
    changes.head = TRY(file_.head());
    std::size_t bytes = 0;
    for (RowTable& table : content.tables) {
      for (const RowPtr& row : table) {
        changes.inserted.push_back(row);
        bytes += row->box().size();
        if (changes.inserted.size() < kRowsAtOnce && bytes < kBytesAtOnce) continue;
        TRY(database.commit(changes));
        changes.inserted.clear();
        bytes = 0;
      }
      table.clear();
    }
    return database.commit(changes);
  }

  Result<void> write_log(Database& database, std::uint64_t records) {
    for (std::uint64_t next = 1; next <= records;) {
      Changes changes;
      changes.head = TRY(file_.head());
      changes.logged = TRY(file_.log_from(next, kLogAtOnce));
      if (changes.logged.empty()) return Error{ErrorCode::Corrupt, "the backup was changed"};
      next += changes.logged.size();
      TRY(database.commit(changes));
    }
    return {};
  }

  // Each as it lies in the backup; nobody names them before the vault is there.
  Result<void> write_documents() {
    const std::filesystem::path into = folder_ / kDocumentsName;
    file_.rewind_documents();
    bool any = false;
    for (;;) {
      const auto held = TRY(file_.next_document());
      if (!held) break;
      if (!any) TRY(disk_.make_folder(into));
      any = true;
      TRY(write_document(document_path(folder_, held->id), held->bytes));
    }
    if (!any) return {};
    TRY(disk_.sync_folder(into));
    return disk_.sync_folder(folder_);
  }

  Result<void> write_document(const std::filesystem::path& path, std::uint64_t bytes) {
    const auto from = file_.document_file();
    // One that is there belongs to no vault.
    const auto into = TRY(disk_.open(path, OpenMode::CreateOrExisting));
    TRY(into->truncate(0));
    Bytes part(kChunkBoxBytes);
    for (std::uint64_t at = 0; at < bytes; at += part.size()) {
      part.resize(std::min<std::uint64_t>(kChunkBoxBytes, bytes - at));
      TRY(from->read(at, part));
      TRY(into->write(at, part));
    }
    return into->sync();
  }

  // What was written is read as an unlock reads it, and deeper.
  Result<BackupReport> check(const crypto::Digest& wanted) {
    const auto database = TRY(Database::open(disk_, random_, fresh_));
    const VaultId& vault = file_.slots().vault;
    const crypto::Secret head = head_key(file_.root(), vault);
    const crypto::Secret sums = sums_key(file_.root(), vault);
    const CheckingKeys keys{head, sums, &file_.root()};
    const Findings found = TRY(read_vault(*database, vault, keys, Depth::Opened));
    if (!found.report.damages.empty()) return corrupt_at(found.report.damages.front().place);
    for (const KnownDocument& document : documents_in(found.content, found.content.keys).known) {
      const auto damage = TRY(look_at_document(disk_, folder_, vault, document, Thoroughly::Yes));
      if (damage) return corrupt_at(damage->place);
    }
    BackupReport report = report_of(file_, found.content);
    report.digest = TRY(digest_of(found.content, *database));
    if (report.digest != wanted) return corrupt_at("vault.db.new: is not what the backup holds");
    return report;
  }

  Disk& disk_;
  Random& random_;
  const std::filesystem::path& folder_;
  const std::filesystem::path fresh_;
  BackupFile& file_;
};

}  // namespace

Result<BackupReport> restore_backup(Disk& disk, Random& random, const std::filesystem::path& file,
                                    const std::filesystem::path& folder, const Opener& opener,
                                    const Progress& progress) {
  // Before a long reading; the same is asked again when the folder is held.
  if (TRY(disk.exists(folder / kDatabaseName)))
    return refusal(ErrorCode::Conflict, "backup.vault_exists", {{"folder", folder.string()}});
  const auto opened = TRY(BackupFile::open(disk, file, opener));
  opened->tell(progress);
  return Restoring(disk, random, folder, *opened).run();
}

}  // namespace vrm::store
