#include "vault/store/anchor.h"

#include <algorithm>
#include <utility>

#include "vault/crypto/derive.h"
#include "vault/store/encoding.h"

namespace vrm::store {

namespace {

constexpr std::string_view kAnchorMagic = "VRMANCHR";
constexpr std::uint16_t kAnchorFormat = 1;

Bytes encode_without_mac(const Anchor& anchor) {
  Encoder out;
  out.raw(bytes_of(kAnchorMagic));
  out.u16(kAnchorFormat);
  out.raw(anchor.vault);
  out.u32(anchor.epoch);
  out.u64(anchor.counter);
  out.raw(anchor.head_hash);
  return out.take();
}

crypto::Digest mac_of(BytesView bytes, const crypto::Secret& key) {
  return crypto::keyed_hash(key.bytes(), {bytes});
}

}  // namespace

Anchor anchor_of(const VaultId& vault, const Head& head, const crypto::Digest& head_hash) {
  return {.vault = vault, .epoch = head.epoch, .counter = head.counter, .head_hash = head_hash};
}

crypto::Secret anchor_key(const crypto::Secret& root, const VaultId& vault) {
  return crypto::derive_key(root.bytes(), "anchor mac", vault);
}

Bytes encode_anchor(const Anchor& anchor, const crypto::Secret& key) {
  Bytes bytes = encode_without_mac(anchor);
  const crypto::Digest mac = mac_of(bytes, key);
  bytes.insert(bytes.end(), mac.begin(), mac.end());
  return bytes;
}

Result<Anchor> decode_anchor(BytesView bytes, const crypto::Secret& key) {
  Decoder in(bytes);
  const bool is_ours =
      text_of(in.raw(kAnchorMagic.size())) == kAnchorMagic && in.u16() == kAnchorFormat;
  Anchor anchor;
  anchor.vault = in.array<16>();
  anchor.epoch = in.u32();
  anchor.counter = in.u64();
  anchor.head_hash = in.array<crypto::kDigestBytes>();
  const auto mac = in.array<crypto::kDigestBytes>();
  if (!is_ours || !in.done()) return corrupt_at("anchor: not an anchor");
  if (mac_of(bytes.first(kAnchorBytes - mac.size()), key) != mac)
    return corrupt_at("anchor: was changed");
  return anchor;
}

std::filesystem::path anchor_path(const std::filesystem::path& anchors, const VaultId& vault) {
  return anchors / (to_hex(vault) + ".anchor");
}

Result<void> keep_anchor(Disk& disk, const std::filesystem::path& anchors, const Anchor& anchor,
                         const crypto::Secret& key) {
  TRY(disk.make_folder(anchors));
  return replace_file(disk, anchor_path(anchors, anchor.vault), encode_anchor(anchor, key));
}

Comparison compare_with_anchor(Disk& disk, const std::filesystem::path& anchors,
                               const Anchor& found, const crypto::Secret& key) {
  const auto bytes = read_file(disk, anchor_path(anchors, found.vault), kAnchorBytes);
  if (!bytes.ok() && bytes.error().code == ErrorCode::NotFound)
    return {Rollback::NoAnchor, found.epoch};
  if (!bytes.ok()) return {Rollback::BadAnchor, found.epoch};
  const auto kept = decode_anchor(bytes.value(), key);
  if (!kept.ok() || kept.value().vault != found.vault) return {Rollback::BadAnchor, found.epoch};
  const Anchor& anchor = kept.value();
  const std::uint32_t epoch = std::max(found.epoch, anchor.epoch);
  const auto is = std::pair(found.epoch, found.counter);
  const auto was = std::pair(anchor.epoch, anchor.counter);
  if (is < was || (is == was && found.head_hash != anchor.head_hash))
    return {Rollback::OlderThanAnchor, epoch};
  return {std::nullopt, epoch};
}

}  // namespace vrm::store
