#include "vault/store/vault_folder.h"

#include "vault/store/document.h"

namespace vrm::store {

Result<void> make_room(Disk& disk, const std::filesystem::path& folder) {
  if (TRY(disk.exists(folder / kDatabaseName)))
    return refusal(ErrorCode::Conflict, "store.vault_exists");
  // Beside them a whole vault may lie under its other name.
  if (TRY(disk.exists(folder / kRekeyedName)))
    return refusal(ErrorCode::Conflict, "store.slots_without_vault");
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
  const auto documents = TRY(disk.list(folder / kDocumentsName));
  for (const std::string& name : documents) TRY(disk.remove(folder / kDocumentsName / name));
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

}  // namespace vrm::store
