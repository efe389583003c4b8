#pragma once
// What lies in a vault's folder, and how a vault comes to be there: vault.db under another name,
// then slots, then the renaming. Until that, there is no vault.

#include <filesystem>
#include <string_view>

#include "vault/base/result.h"
#include "vault/store/disk.h"
#include "vault/store/slots_file.h"

namespace vrm::store {

inline constexpr std::string_view kDatabaseName = "vault.db";
inline constexpr std::string_view kFreshName = "vault.db.new";
inline constexpr std::string_view kRekeyedName = "slots.rekeyed";  // vault/store/rekey_files.h

// What an interrupted making left goes; a vault, or half of one, stays. Conflict: there is one
// (store.vault_exists), or slots alone (store.slots_without_vault).
Result<void> make_room(Disk& disk, const std::filesystem::path& folder);

// The last steps of making: kFreshName is closed and whole.
Result<void> settle(Disk& disk, const std::filesystem::path& folder, const SlotsFile& slots);

}  // namespace vrm::store
