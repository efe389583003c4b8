#include "vault/store/anchor.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "vault/crypto/derive.h"
#include "vault/store/encoding.h"
#include "vault/store/vault_folder.h"

namespace vrm::store {

namespace {

constexpr std::string_view kAnchorMagic = "VRMANCHR";
constexpr std::string_view kAnchorEnding = ".anchor";
constexpr std::uint16_t kAnchorFormat = 2;
constexpr std::uint16_t kFormerFormat = 1;
constexpr std::size_t kTagBytes = 16;

crypto::Digest mac_of(BytesView bytes, const crypto::Secret& key) {
  return crypto::keyed_hash(key.bytes(), {bytes});
}

std::pair<std::uint32_t, std::uint64_t> moment_of(const Anchor& anchor) {
  return {anchor.epoch, anchor.counter};
}

// An anchor file of the vault, and what is in it; nothing: it cannot be trusted.
struct Kept {
  std::filesystem::path path;
  std::optional<Anchor> anchor;
};

Result<Anchor> kept_at(Disk& disk, const std::filesystem::path& path, const VaultId& vault,
                       const crypto::Secret& key) {
  const Bytes bytes = TRY(read_file(disk, path, kMostAnchorBytes));
  Anchor anchor = TRY(decode_anchor(bytes, key));
  if (anchor.vault != vault) return corrupt_at("anchor: of another vault");
  return anchor;
}

// All but the place's own.
Result<std::vector<Kept>> other_anchors(Disk& disk, const AnchorPlace& place,
                                        const crypto::Secret& key) {
  const std::string beginning = to_hex(place.vault) + ".";
  std::vector<Kept> others;
  for (const std::string& name : TRY(disk.list(place.anchors))) {
    const bool is_one = name.starts_with(beginning) && name.ends_with(kAnchorEnding);
    const std::filesystem::path path = place.anchors / name;
    if (!is_one || path == anchor_path(place)) continue;
    auto anchor = kept_at(disk, path, place.vault, key);
    // One that went meanwhile was another daemon's to remove.
    if (!anchor.ok() && anchor.error().code == ErrorCode::NotFound) continue;
    others.push_back({path, anchor.ok() ? std::optional(std::move(anchor).value()) : std::nullopt});
  }
  return others;
}

// Untrusted ones first, then by how far the vault had come.
bool is_nearer(const Kept& one, const Kept& other) {
  if (!one.anchor || !other.anchor) return !one.anchor && other.anchor;
  return moment_of(*one.anchor) < moment_of(*other.anchor);
}

Comparison compare(const Anchor& found, const Anchor& kept) {
  const bool is_other = moment_of(found) == moment_of(kept) && found.head_hash != kept.head_hash;
  const bool is_older = moment_of(found) < moment_of(kept);
  const std::uint32_t epoch = std::max(found.epoch, kept.epoch);
  if (is_older || is_other) return {Rollback::OlderThanAnchor, epoch};
  return {std::nullopt, epoch};
}

// For a folder that the vault was not opened in yet: moved or copied there, or put there by somebody.
Comparison compare_with_furthest(const Anchor& found, const std::vector<Kept>& others) {
  if (others.empty()) return {Rollback::NoAnchor, found.epoch};
  Comparison compared{std::nullopt, found.epoch};
  const auto furthest = std::max_element(others.begin(), others.end(), is_nearer);
  if (furthest->anchor) compared.epoch = std::max(found.epoch, furthest->anchor->epoch);
  const auto is_bad = [](const Kept& kept) { return !kept.anchor; };
  if (std::any_of(others.begin(), others.end(), is_bad)) {
    compared.rollback = Rollback::BadAnchor;
    return compared;
  }
  // Two folders may have come equally far, each its own way.
  const auto knows_it = [&](const Kept& kept) {
    return moment_of(*kept.anchor) == moment_of(*furthest->anchor) &&
           !compare(found, *kept.anchor).rollback;
  };
  if (std::none_of(others.begin(), others.end(), knows_it))
    compared.rollback = Rollback::OlderThanAnchor;
  return compared;
}

bool is_moved_out(Disk& disk, const std::string& folder) {
  if (folder.empty()) return true;  // of format 1: the place's own says it now
  const auto is_there = disk.exists(std::filesystem::path(folder) / kDatabaseName);
  return is_there.ok() && !is_there.value();
}

}  // namespace

AnchorPlace anchor_place(Disk& disk, const std::filesystem::path& anchors, const VaultId& vault,
                         const std::filesystem::path& folder) {
  return {anchors, vault, disk.real_path(folder).string().substr(0, kMostFolderBytes)};
}

std::filesystem::path anchor_path(const AnchorPlace& place) {
  const crypto::Digest tag = crypto::hash({bytes_of(place.folder)});
  const std::string name = to_hex(place.vault) + "." + to_hex(BytesView(tag).first(kTagBytes));
  return place.anchors / (name + std::string(kAnchorEnding));
}

std::filesystem::path former_anchor_path(const AnchorPlace& place) {
  return place.anchors / (to_hex(place.vault) + std::string(kAnchorEnding));
}

Anchor anchor_of(const AnchorPlace& place, const Head& head, const crypto::Digest& head_hash) {
  return {.vault = place.vault,
          .epoch = head.epoch,
          .counter = head.counter,
          .head_hash = head_hash,
          .folder = place.folder};
}

crypto::Secret anchor_key(const crypto::Secret& root, const VaultId& vault) {
  return crypto::derive_key(root.bytes(), "anchor mac", vault);
}

Bytes encode_anchor(const Anchor& anchor, const crypto::Secret& key) {
  const std::string_view folder = std::string_view(anchor.folder).substr(0, kMostFolderBytes);
  Encoder out;
  out.raw(bytes_of(kAnchorMagic));
  out.u16(kAnchorFormat);
  out.raw(anchor.vault);
  out.u32(anchor.epoch);
  out.u64(anchor.counter);
  out.raw(anchor.head_hash);
  out.u16(static_cast<std::uint16_t>(folder.size()));
  out.raw(bytes_of(folder));
  const crypto::Digest mac = mac_of(out.view(), key);
  out.raw(mac);
  return out.take();
}

Result<Anchor> decode_anchor(BytesView bytes, const crypto::Secret& key) {
  Decoder in(bytes);
  const bool is_ours = text_of(in.raw(kAnchorMagic.size())) == kAnchorMagic;
  const std::uint16_t format = in.u16();
  Anchor anchor;
  anchor.vault = in.array<16>();
  anchor.epoch = in.u32();
  anchor.counter = in.u64();
  anchor.head_hash = in.array<crypto::kDigestBytes>();
  if (format == kAnchorFormat) anchor.folder = text_of(in.raw(in.u16()));
  const auto mac = in.array<crypto::kDigestBytes>();
  const bool is_known = format == kAnchorFormat || format == kFormerFormat;
  const bool names_it = format == kFormerFormat || !anchor.folder.empty();
  if (!is_ours || !is_known || !in.done()) return corrupt_at("anchor: not an anchor");
  if (mac_of(bytes.first(bytes.size() - mac.size()), key) != mac)
    return corrupt_at("anchor: was changed");
  if (!names_it || anchor.folder.size() > kMostFolderBytes)
    return corrupt_at("anchor: not of a folder");
  return anchor;
}

Result<void> keep_anchor(Disk& disk, const AnchorPlace& place, const Anchor& anchor,
                         const crypto::Secret& key) {
  TRY(disk.make_folder(place.anchors));
  return replace_file(disk, anchor_path(place), encode_anchor(anchor, key));
}

Comparison compare_with_anchors(Disk& disk, const AnchorPlace& place, const Anchor& found,
                                const crypto::Secret& key) {
  const auto own = kept_at(disk, anchor_path(place), place.vault, key);
  if (own.ok() && own.value().folder == place.folder) return compare(found, own.value());
  if (own.ok() || own.error().code != ErrorCode::NotFound)
    return {Rollback::BadAnchor, found.epoch};
  const auto others = other_anchors(disk, place, key);
  if (!others.ok()) return {Rollback::BadAnchor, found.epoch};
  return compare_with_furthest(found, others.value());
}

void tidy_anchors(Disk& disk, const AnchorPlace& place, const crypto::Secret& key) {
  auto found = other_anchors(disk, place, key);
  if (!found.ok()) return;
  std::vector<Kept> others = std::move(found).value();
  const auto remove = [&disk](const Kept& kept) { static_cast<void>(disk.remove(kept.path).ok()); };
  const auto says_nothing = [&](const Kept& kept) {
    const bool is_former = kept.path == former_anchor_path(place);
    return is_former || (kept.anchor && is_moved_out(disk, kept.anchor->folder));
  };
  const auto left = std::stable_partition(others.begin(), others.end(),
                                          [&](const Kept& kept) { return !says_nothing(kept); });
  std::for_each(left, others.end(), remove);
  others.erase(left, others.end());
  std::stable_sort(others.begin(), others.end(), is_nearer);
  const std::size_t most = kMostAnchors - 1;
  if (others.size() > most)
    std::for_each(others.begin(), others.end() - static_cast<std::ptrdiff_t>(most), remove);
}

}  // namespace vrm::store
