#include "vault/store/vault_folder.h"

namespace vrm::store {

Result<void> make_room(Disk& disk, const std::filesystem::path& folder) {
  if (TRY(disk.exists(folder / kDatabaseName)))
    return refusal(ErrorCode::Conflict, "store.vault_exists");
  if (!TRY(disk.exists(folder / kFreshName))) {
    if (TRY(disk.exists(folder / kSlotsName)))
      return refusal(ErrorCode::Conflict, "store.slots_without_vault");
    return {};
  }
  // The unfinished database last: it tells that the slots beside it belong to no vault.
  for (const std::string_view suffix : {"-wal", "-journal"}) {
    const std::filesystem::path left = folder / (std::string(kFreshName) + std::string(suffix));
    if (TRY(disk.exists(left))) TRY(disk.remove(left));
  }
  if (TRY(disk.exists(folder / kSlotsName))) {
    TRY(disk.remove(folder / kSlotsName));
    TRY(disk.sync_folder(folder));
  }
  return disk.remove(folder / kFreshName);
}

Result<void> settle(Disk& disk, const std::filesystem::path& folder, const SlotsFile& slots) {
  TRY(replace_file(disk, folder / kSlotsName, encode_slots(slots)));
  TRY(disk.rename(folder / kFreshName, folder / kDatabaseName));
  return disk.sync_folder(folder);
}

Result<SlotsFile> read_slots(Disk& disk, const std::filesystem::path& folder) {
  const auto bytes = read_file(disk, folder / kSlotsName, kMostSlotsFileBytes);
  if (!bytes.ok() && bytes.error().code == ErrorCode::NotFound)
    return corrupt_at("slots: the file is missing");
  if (!bytes.ok() && bytes.error().code == ErrorCode::Malformed)
    return corrupt_at("slots: too long");
  if (!bytes.ok()) return bytes.error();
  return decode_slots(bytes.value());
}

}  // namespace vrm::store
