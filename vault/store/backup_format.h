#pragma once
// The bytes of a backup; docs/formats/backup.md draws them.
//
//   file   = header | H(header) 32 | chunks
//   header = "VRMBAKUP" | format 2 | format of the vault in it 2 | vault id 16 | length of slots 4 |
//            slots, as the file of that name has them | box of the backup's key 72
//   chunk  = box of at most 65536 bytes of the stream; all but the last have as many
//   stream = made at 8 | length 4 | head's box | length 4 | ring's box | rows 8 | log records 8 |
//            rows: tbl 1, id 16, version 8, key id 16, length 4, box | log: length 4, box |
//            documents 8 | documents: id 16, length 8, file

#include <array>
#include <cstdint>
#include <string_view>

#include "vault/crypto/aead.h"
#include "vault/crypto/secret.h"
#include "vault/store/chunks.h"
#include "vault/store/slots_file.h"

namespace vrm::store {

// Format 1 had no documents.
inline constexpr std::uint16_t kBackupFormat = 2;
inline constexpr std::string_view kBackupMagic = "VRMBAKUP";
inline constexpr std::size_t kBackupStartBytes = 8 + 2 + 2 + 16 + 4;  // what stands before slots
inline constexpr std::size_t kRowStartBytes = 1 + 16 + 8 + 16 + 4;    // what stands before a box
inline constexpr std::size_t kDocumentStartBytes = 16 + 8;            // what stands before a file
inline constexpr std::size_t kMostMetaBytes = 65536;                  // of the head's or ring's box
// Of a row's or record's box.
inline constexpr std::size_t kMostBoxBytes = kMostRecordBytes + 65536 + crypto::kAeadOverheadBytes;

struct BackupHeader {
  std::uint16_t format = kBackupFormat;
  std::uint16_t vault_format = 0;
  VaultId vault{};
  Bytes slots;
  std::array<std::uint8_t, crypto::kAeadKeyBytes + crypto::kAeadOverheadBytes> key_box{};
};

// What a file begins with, as far as it must be known to read on: how long the header is, with its
// hash.
struct BackupStart {
  std::uint16_t format = 0;
  std::uint16_t vault_format = 0;
  VaultId vault{};
  std::size_t slots_bytes = 0;
  std::size_t header_bytes() const;
};

// Malformed: not a backup (backup.none). Corrupt: of a newer format (backup.newer), or impossible
// (backup.bad_header). REQUIRES: bytes has kBackupStartBytes, or is all there is.
Result<BackupStart> decode_backup_start(BytesView bytes);
// Corrupt (backup.bad_header): another length or hash.
Result<BackupHeader> decode_backup_header(const BackupStart& start, BytesView bytes);

// What wraps a backup's key.
crypto::Secret backup_wrap_key(const crypto::Secret& root, const VaultId& vault);
// With its hash. Fills header.key_box.
Bytes seal_backup_header(BackupHeader& header, const crypto::Secret& key,
                         const crypto::Secret& wrap, const crypto::Nonce& nonce);
// The backup's key. Corrupt (backup.bad_header): it does not open.
Result<crypto::Secret> open_backup_key(const BackupHeader& header, const crypto::Secret& wrap);

// What is authenticated beside every chunk.
Bytes backup_context(const VaultId& vault);

}  // namespace vrm::store
