#pragma once
// The anchor: a small file outside the vault's folder that says how far the vault had come there, so that an older copy
// of the whole folder, put back, is noticed. There is one for each folder that a vault was opened in, so that a copy
// that goes its own way elsewhere does not make this one look old. docs/formats/anchor.md draws it.
//
//   file = "VRMANCHR" | format 2 = 2 | vault id 16 | epoch 4 | counter 8 | hash of the head's box 32 |
//          folder: length 2, path | mac 32
//
// Each daemon writes the anchor of its own folder alone, whatever others of the same vault do.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "vault/base/bytes.h"
#include "vault/base/result.h"
#include "vault/crypto/hash.h"
#include "vault/crypto/secret.h"
#include "vault/store/disk.h"
#include "vault/store/head.h"
#include "vault/store/row.h"
#include "vault/store/store.h"

namespace vrm::store {

inline constexpr std::size_t kMostFolderBytes = 4096;
inline constexpr std::size_t kMostAnchorBytes = 8 + 2 + 16 + 4 + 8 + 32 + 2 + kMostFolderBytes + 32;
inline constexpr std::size_t kMostAnchors = 16;  // of one vault

struct Anchor {
  VaultId vault{};
  std::uint32_t epoch = 0;
  std::uint64_t counter = 0;
  crypto::Digest head_hash{};
  std::string folder = {};  // without links; "" in format 1, which knew of one folder only

  friend bool operator==(const Anchor&, const Anchor&) = default;
};

// Which anchor it is about: that of one vault in one folder.
struct AnchorPlace {
  std::filesystem::path anchors;  // the folder of the anchors; "" when none is kept
  VaultId vault{};
  std::string folder;  // the vault's, without links
};

// Where `folder` cannot be looked at, it is taken as it stands.
AnchorPlace anchor_place(Disk& disk, const std::filesystem::path& anchors, const VaultId& vault,
                         const std::filesystem::path& folder);
std::filesystem::path anchor_path(const AnchorPlace& place);
// Where format 1 had the one anchor of a vault.
std::filesystem::path former_anchor_path(const AnchorPlace& place);

Anchor anchor_of(const AnchorPlace& place, const Head& head, const crypto::Digest& head_hash);

// The key of the mac: derived from the root key, in memory whenever the vault can be written.
crypto::Secret anchor_key(const crypto::Secret& root, const VaultId& vault);

// Of a folder's path that is too long, the beginning is kept.
Bytes encode_anchor(const Anchor& anchor, const crypto::Secret& key);
// Format 1 or 2. Corrupt: another shape, or written without the key.
Result<Anchor> decode_anchor(BytesView bytes, const crypto::Secret& key);

// Durable when it returns; the folder is made when it is not there. Errors as Disk::make_folder and replace_file.
Result<void> keep_anchor(Disk& disk, const AnchorPlace& place, const Anchor& anchor,
                         const crypto::Secret& key);

// What the anchors that were kept say of the vault as it was found: that of its folder, or when there is none, the
// furthest of all that the vault has.
struct Comparison {
  std::optional<Rollback> rollback;
  std::uint32_t epoch = 0;  // the highest that either has seen
};
Comparison compare_with_anchors(Disk& disk, const AnchorPlace& place, const Anchor& found,
                                const crypto::Secret& key);

// Removes anchors that say nothing any more: that of format 1, those of folders that the vault was moved out of, and
// what is beyond kMostAnchors, but never the furthest. What fails is tried anew another time.
// REQUIRES: the place has its own anchor.
void tidy_anchors(Disk& disk, const AnchorPlace& place, const crypto::Secret& key);

}  // namespace vrm::store
