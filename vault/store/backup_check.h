#pragma once
// Reads a backup whole, as deep as Store::check reads a vault.

#include "vault/store/backup_file.h"
#include "vault/store/verify.h"

namespace vrm::store {

struct ReadBack {
  BackupReport report;
  Content content;  // with all keys
};

// What is known of a vault that was read out of the file, but its digest.
BackupReport report_of(const BackupFile& file, const Content& content);

// Corrupt as check_backup: anything at all is wrong. Io.
Result<ReadBack> read_back(BackupFile& file);

}  // namespace vrm::store
