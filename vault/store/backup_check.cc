#include "vault/store/backup_check.h"

#include "vault/store/digest.h"
#include "vault/store/documents.h"

namespace vrm::store {

namespace {

Error wrong(std::string place) {
  return refusal(ErrorCode::Corrupt, "backup.wrong", {{"place", std::move(place)}});
}

Result<void> check_held(BackupFile& file, const KnownDocument& document) {
  const auto held =
      TRY(DocumentFile::over(file.document_file(), file.slots().vault, document.id, document.seal));
  return held->check();
}

// Of the rows' documents none is missing, and each is the one that was put away.
Result<void> check_documents(BackupFile& file, const Content& content) {
  const KnownDocuments documents = documents_in(content, content.keys);
  if (!documents.damages.empty()) return wrong(documents.damages.front().place);
  file.rewind_documents();
  for (const KnownDocument& document : documents.known) {
    const auto held = file.next_document();
    if (!held.ok()) return file.damage().value_or(held.error());
    if (!held.value() || held.value()->id != document.id)
      return wrong(place_of_document(document.id) + ": is missing");
    const auto whole = check_held(file, document);
    if (whole.ok()) continue;
    if (const auto damage = file.damage()) return *damage;
    return whole.error().with.empty() ? whole.error() : wrong(whole.error().with.front().second);
  }
  const auto more = file.next_document();
  if (!more.ok()) return file.damage().value_or(more.error());
  if (more.value()) return wrong(place_of_document(more.value()->id) + ": has no row");
  return {};
}

}  // namespace

BackupReport report_of(const BackupFile& file, const Content& content) {
  BackupReport report;
  report.vault = file.slots().vault;
  report.format = file.format();
  report.made_at = file.made_at();
  report.bytes = file.bytes();
  report.epoch = content.head.epoch;
  report.counter = content.head.counter;
  report.log_records = content.head.log_records;
  for (std::size_t i = 0; i < kTables; ++i) report.rows[i] = content.tables[i].size();
  return report;
}

Result<ReadBack> read_back(BackupFile& file) {
  const VaultId& vault = file.slots().vault;
  const crypto::Secret head = head_key(file.root(), vault);
  const crypto::Secret sums = sums_key(file.root(), vault);
  const CheckingKeys keys{head, sums, &file.root()};
  Findings found = TRY(read_vault(file, vault, keys, Depth::Opened));
  if (const auto damage = file.damage()) return *damage;
  if (!found.report.damages.empty())
    return refusal(ErrorCode::Corrupt, "backup.wrong",
                   {{"place", found.report.damages.front().place}});
  TRY(check_documents(file, found.content));
  if (!file.at_end())
    return refusal(ErrorCode::Corrupt, "backup.wrong", {{"place", "bytes behind the last record"}});
  ReadBack read{report_of(file, found.content), std::move(found.content)};
  read.report.digest = TRY(digest_of(read.content, file));
  return read;
}

Result<BackupReport> check_backup(Disk& disk, const std::filesystem::path& file,
                                  const Opener& opener, const Progress& progress) {
  const auto opened = TRY(BackupFile::open(disk, file, opener));
  opened->tell(progress);
  const ReadBack whole = TRY(read_back(*opened));
  return whole.report;
}

}  // namespace vrm::store
