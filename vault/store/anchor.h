#pragma once
// The anchor: a small file outside the vault's folder that says how far the vault had come, so that an older copy of
// the whole folder, put back, is noticed. docs/formats/anchor.md draws it.
//
//   file = "VRMANCHR" | format 2 | vault id 16 | epoch 4 | counter 8 | hash of the head's box 32 | mac 32

#include <cstdint>
#include <filesystem>
#include <optional>

#include "vault/base/bytes.h"
#include "vault/base/result.h"
#include "vault/crypto/hash.h"
#include "vault/crypto/secret.h"
#include "vault/store/disk.h"
#include "vault/store/head.h"
#include "vault/store/row.h"
#include "vault/store/store.h"

namespace vrm::store {

inline constexpr std::size_t kAnchorBytes = 8 + 2 + 16 + 4 + 8 + 32 + 32;

struct Anchor {
  VaultId vault{};
  std::uint32_t epoch = 0;
  std::uint64_t counter = 0;
  crypto::Digest head_hash{};

  friend bool operator==(const Anchor&, const Anchor&) = default;
};

Anchor anchor_of(const VaultId& vault, const Head& head, const crypto::Digest& head_hash);

// The key of the mac: derived from the root key, in memory whenever the vault can be written.
crypto::Secret anchor_key(const crypto::Secret& root, const VaultId& vault);

Bytes encode_anchor(const Anchor& anchor, const crypto::Secret& key);
// Corrupt: another shape, or written without the key.
Result<Anchor> decode_anchor(BytesView bytes, const crypto::Secret& key);

// Where the anchor of a vault lies in the folder of anchors.
std::filesystem::path anchor_path(const std::filesystem::path& anchors, const VaultId& vault);

// Durable when it returns; the folder is made when it is not there. Errors as Disk::make_folder and replace_file.
Result<void> keep_anchor(Disk& disk, const std::filesystem::path& anchors, const Anchor& anchor,
                         const crypto::Secret& key);

// What the anchor that was kept says of the vault as it was found.
struct Comparison {
  std::optional<Rollback> rollback;
  std::uint32_t epoch = 0;  // the highest that either has seen
};
Comparison compare_with_anchor(Disk& disk, const std::filesystem::path& anchors,
                               const Anchor& found, const crypto::Secret& key);

}  // namespace vrm::store
