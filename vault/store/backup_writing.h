#pragma once
// Writes a backup: FILE.new, synced, then renamed, so that FILE is the whole of it or what it was.

#include <functional>
#include <vector>

#include "vault/crypto/secret.h"
#include "vault/store/backup.h"
#include "vault/store/boxes.h"
#include "vault/store/documents.h"
#include "vault/store/head.h"
#include "vault/store/kept_row.h"
#include "vault/store/slots_file.h"

namespace vrm::store {

// One committed state of a vault, but for its log.
struct Snapshot {
  SlotsFile slots;
  crypto::Secret wrap;  // backup_wrap_key()
  Head head;
  Bytes head_box;
  Bytes ring_box;
  std::vector<RowPtr> rows;
  std::vector<KnownDocument> documents;
};

// What is read while jobs run on.
struct BackupSources {
  // The log's boxes `from`.., at most so many.
  std::function<Result<std::vector<LogBox>>(std::uint64_t from, std::size_t most)> log;
  // A document's file, every byte of which was found to be its own. Corrupt: it is not so.
  // Conflict (backup.changed): the document was removed meanwhile.
  std::function<Result<std::unique_ptr<File>>(const KnownDocument& document)> document;
};

// Errors as Store::back_up, of the file. Conflict (backup.changed): the log is not the snapshot's.
Result<BackupReport> write_backup(Disk& disk, Random& random, const BackupOrder& order,
                                  Snapshot snapshot, const BackupSources& sources);

}  // namespace vrm::store
