#include "vault/store/backup_check.h"

#include "vault/store/digest.h"

namespace vrm::store {

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
