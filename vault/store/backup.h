#pragma once
// Backups: a whole vault, as it stood after one commit, in one encrypted file of its own key. What
// opens the vault opens them. docs/formats/backup.md draws the bytes; Store::back_up makes one.

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>

#include "vault/base/time.h"
#include "vault/crypto/hash.h"
#include "vault/store/store.h"

namespace vrm::store {

enum class Replace { No, Yes };

struct BackupOrder {
  std::filesystem::path file;
  Instant made_at;
  Replace replace = Replace::No;
  Progress progress = {};  // in bytes
};

// What a backup holds.
struct BackupReport {
  std::array<std::uint8_t, 16> vault{};
  std::uint16_t format = 0;
  Instant made_at;
  std::uint32_t epoch = 0;    // of the vault in it; of one that was restored: its own
  std::uint64_t counter = 0;  // of commits
  std::array<std::uint64_t, kTables> rows{};
  std::uint64_t log_records = 0;
  std::uint64_t bytes = 0;  // of the file
  crypto::Digest digest{};  // vault/store/digest.h; zeros of one that was only written
};

// Reads a backup whole and opens all that is in it, which takes the memory of the vault unlocked.
// NotFound, Malformed (backup.none): no such file, or no backup. BadKey (backup.bad_key): the opener opens no slot.
// Corrupt: of a newer format (backup.newer); its beginning is not as it was written
// (backup.bad_header), or something behind it: backup.damaged, with the gaps `chunk`, `chunks`,
// `rows` and `records`, which tell how many of them can be read before it; backup.cut when the end
// is missing; backup.wrong when every chunk opens and what they hold is no whole vault. Io.
Result<BackupReport> check_backup(Disk& disk, const std::filesystem::path& file,
                                  const Opener& opener, const Progress& progress = {});

// Makes the vault of a backup in a folder that has none; a kill leaves none there or all of it. Its
// epoch is one higher than it was, so that it is known that time was turned back.
// Errors as check_backup; Conflict: there is a vault (backup.vault_exists), or
// another process holds the folder.
Result<BackupReport> restore_backup(Disk& disk, Random& random, const std::filesystem::path& file,
                                    const std::filesystem::path& folder, const Opener& opener,
                                    const Progress& progress = {});

}  // namespace vrm::store
