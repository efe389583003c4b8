#include "vault/store/backup_format.h"

#include <algorithm>

#include "vault/crypto/derive.h"
#include "vault/crypto/hash.h"
#include "vault/store/encoding.h"
#include "vault/store/head.h"

namespace vrm::store {

namespace {

constexpr std::string_view kChunkMark = "vrm.backup";

// What stands before the key's box, and is authenticated by it.
Bytes encode_before_key(const BackupHeader& header) {
  Encoder out;
  out.raw(bytes_of(kBackupMagic));
  out.u16(header.format);
  out.u16(header.vault_format);
  out.raw(header.vault);
  out.u32(static_cast<std::uint32_t>(header.slots.size()));
  out.raw(header.slots);
  return out.take();
}

Error bad_header() {
  return refusal(ErrorCode::Corrupt, "backup.bad_header");
}

}  // namespace

std::size_t BackupStart::header_bytes() const {
  return kBackupStartBytes + slots_bytes + crypto::kAeadKeyBytes + crypto::kAeadOverheadBytes +
         crypto::kDigestBytes;
}

Result<BackupStart> decode_backup_start(BytesView bytes) {
  Decoder in(bytes);
  if (text_of(in.raw(kBackupMagic.size())) != kBackupMagic)
    return refusal(ErrorCode::Malformed, "backup.none");
  BackupStart start;
  start.format = in.u16();
  start.vault_format = in.u16();
  start.vault = in.array<16>();
  start.slots_bytes = in.u32();
  if (in.failed() || start.format == 0) return bad_header();
  if (start.format > kBackupFormat || start.vault_format > kFormat)
    return refusal(ErrorCode::Corrupt, "backup.newer");
  if (start.slots_bytes > kMostSlotsFileBytes) return bad_header();
  return start;
}

Result<BackupHeader> decode_backup_header(const BackupStart& start, BytesView bytes) {
  if (bytes.size() != start.header_bytes()) return bad_header();
  const BytesView hashed = bytes.first(bytes.size() - crypto::kDigestBytes);
  const crypto::Digest digest = crypto::hash({hashed});
  if (!std::equal(digest.begin(), digest.end(), bytes.end() - crypto::kDigestBytes))
    return bad_header();
  Decoder in(hashed.subspan(kBackupStartBytes));
  BackupHeader header;
  header.format = start.format;
  header.vault_format = start.vault_format;
  header.vault = start.vault;
  const BytesView slots = in.raw(start.slots_bytes);
  header.slots.assign(slots.begin(), slots.end());
  header.key_box = in.array<crypto::kAeadKeyBytes + crypto::kAeadOverheadBytes>();
  return header;
}

crypto::Secret backup_wrap_key(const crypto::Secret& root, const VaultId& vault) {
  return crypto::derive_key(root.bytes(), "backup", vault);
}

Bytes seal_backup_header(BackupHeader& header, const crypto::Secret& key,
                         const crypto::Secret& wrap, const crypto::Nonce& nonce) {
  Bytes bytes = encode_before_key(header);
  crypto::seal_into(header.key_box, wrap.bytes(), nonce, key.bytes(), bytes);
  bytes.insert(bytes.end(), header.key_box.begin(), header.key_box.end());
  const crypto::Digest digest = crypto::hash({bytes});
  bytes.insert(bytes.end(), digest.begin(), digest.end());
  return bytes;
}

Result<crypto::Secret> open_backup_key(const BackupHeader& header, const crypto::Secret& wrap) {
  crypto::Secret key = crypto::Secret::zeros(crypto::kAeadKeyBytes);
  const Bytes context = encode_before_key(header);
  if (!crypto::open_into(key.writable(), wrap.bytes(), header.key_box, context).ok())
    return bad_header();
  return key;
}

Bytes backup_context(const VaultId& vault) {
  Encoder out;
  out.raw(bytes_of(kChunkMark));
  out.raw(vault);
  return out.take();
}

}  // namespace vrm::store
