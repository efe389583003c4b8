#include "vault/store/rekey_files.h"

#include <algorithm>

#include "vault/store/migrations.h"
#include "vault/store/vault_folder.h"

namespace vrm::store {

namespace {

constexpr std::string_view kUndecided = "slots.rekeyed.new";

std::filesystem::path with(const std::filesystem::path& path, std::string_view suffix) {
  std::filesystem::path longer = path;
  longer += suffix;
  return longer;
}

std::filesystem::path next_anchor(const AnchorPlace& place) {
  return with(anchor_path(place), ".rekeyed");
}

// What a disk still holds of it opens with a key that nothing here gives any more; still it need not lie there.
Result<void> overwrite(Disk& disk, const std::filesystem::path& path) {
  const auto file = TRY(disk.open(path, OpenMode::Existing));
  const std::uint64_t size = TRY(file->size());
  const Bytes zeros(std::size_t{1} << 18);
  for (std::uint64_t at = 0; at < size; at += zeros.size()) {
    const auto now = static_cast<std::size_t>(std::min<std::uint64_t>(size - at, zeros.size()));
    TRY(file->write(at, BytesView(zeros).first(now)));
  }
  return file->sync();
}

// SQLite keeps user_version, the number of our format, in the bytes 60 to 63 of a database, the highest first.
Result<void> refuse_newer(Disk& disk, const std::filesystem::path& database) {
  const auto file = TRY(disk.open(database, OpenMode::Existing));
  std::array<std::uint8_t, 4> bytes{};
  TRY(file->read(60, bytes));
  std::uint32_t format = 0;
  for (const std::uint8_t byte : bytes) format = format << 8U | byte;
  if (format > kFormat) return corrupt_at("vault.db: written by a newer version of vrm");
  return {};
}

Result<void> put_database(Disk& disk, const std::filesystem::path& folder) {
  const std::filesystem::path fresh = folder / kFreshName;
  const std::filesystem::path former = folder / kDatabaseName;
  if (!TRY(disk.exists(fresh))) return {};  // it is in its place
  TRY(refuse_newer(disk, fresh));
  TRY(overwrite(disk, former));
  // The former write-ahead log must not be taken for the new database's.
  const std::filesystem::path log = with(former, "-wal");
  if (TRY(disk.exists(log))) TRY(disk.remove(log));
  TRY(disk.sync_folder(folder));
  TRY(disk.rename(fresh, former));
  return disk.sync_folder(folder);
}

Result<void> put_anchor(Disk& disk, const AnchorPlace& place) {
  if (place.anchors.empty()) return {};
  const std::filesystem::path anchor = anchor_path(place);
  if (TRY(disk.exists(next_anchor(place)))) TRY(disk.rename(next_anchor(place), anchor));
  // Who was killed here had renamed it, and not synced.
  if (!TRY(disk.exists(anchor))) return {};
  return disk.sync_folder(place.anchors);
}

Result<void> put_slots_in_place(Disk& disk, const std::filesystem::path& folder) {
  if (TRY(disk.exists(folder / kSlotsName))) TRY(overwrite(disk, folder / kSlotsName));
  TRY(disk.rename(folder / kRekeyedName, folder / kSlotsName));
  return disk.sync_folder(folder);
}

Result<SlotsFile> read_slots_in(Disk& disk, const std::filesystem::path& path) {
  const Bytes bytes = TRY(read_file(disk, path, kMostSlotsFileBytes));
  return decode_slots(bytes);
}

Result<void> write_synced(Disk& disk, const std::filesystem::path& path, BytesView bytes) {
  const auto file = TRY(disk.open(path, OpenMode::CreateOrExisting));
  TRY(file->truncate(0));
  TRY(file->write(0, bytes));
  return file->sync();
}

// The decision taken back, durably.
Result<void> take_back(Disk& disk, const std::filesystem::path& folder) {
  if (!TRY(disk.exists(folder / kRekeyedName))) return {};
  TRY(disk.remove(folder / kRekeyedName));
  return disk.sync_folder(folder);
}

}  // namespace

Result<bool> is_rekey_decided(Disk& disk, const std::filesystem::path& folder) {
  return disk.exists(folder / kRekeyedName);
}

Result<void> take_up_rekey(Disk& disk, const std::filesystem::path& folder,
                           const std::filesystem::path& anchors) {
  if (!TRY(is_rekey_decided(disk, folder))) return {};
  const SlotsFile slots = TRY(read_slots_in(disk, folder / kRekeyedName));
  TRY(disk.sync_folder(folder));  // who is seen may not be durable yet
  TRY(put_database(disk, folder));
  TRY(put_anchor(disk, anchor_place(disk, anchors, slots.vault, folder)));
  return put_slots_in_place(disk, folder);
}

Result<void> clear_rekey(Disk& disk, const std::filesystem::path& folder) {
  const std::filesystem::path fresh = folder / kFreshName;
  const std::filesystem::path undecided = folder / kUndecided;
  const bool began = TRY(disk.exists(fresh)) || TRY(disk.exists(undecided));
  if (!began) return {};
  // A decision that was taken back must not come again once its database is gone.
  TRY(disk.sync_folder(folder));
  for (const auto& path : {undecided, with(fresh, "-wal"), with(fresh, "-journal"), fresh})
    if (TRY(disk.exists(path))) TRY(disk.remove(path));
  return {};
}

Result<void> lay_anchor(Disk& disk, const AnchorPlace& place, const Anchor& anchor,
                        const crypto::Secret& key) {
  if (place.anchors.empty()) return {};
  TRY(disk.make_folder(place.anchors));
  return replace_file(disk, next_anchor(place), encode_anchor(anchor, key));
}

void clear_anchor(Disk& disk, const AnchorPlace& place) {
  if (!place.anchors.empty()) static_cast<void>(disk.remove(next_anchor(place)).ok());
}

Result<void> decide_rekey(Disk& disk, const std::filesystem::path& folder, const SlotsFile& slots,
                          const std::function<Result<void>(const SlotsFile&)>& tried) {
  TRY(write_synced(disk, folder / kUndecided, encode_slots(slots)));
  const SlotsFile written = TRY(read_slots_in(disk, folder / kUndecided));
  TRY(tried(written));
  TRY(disk.sync_folder(folder));  // vault.db.new has its name for good
  auto decided = disk.rename(folder / kUndecided, folder / kRekeyedName);
  if (decided.ok()) decided = disk.sync_folder(folder);
  if (decided.ok()) return {};
  if (take_back(disk, folder).ok()) return decided;
  return refusal(ErrorCode::Io, "store.rekey_unsettled");
}

}  // namespace vrm::store
