#pragma once
// How the files of a rekeyed vault take the place of the former ones. Two files cannot be renamed at once, so a third one
// decides:
//
//   vault.db.new             the database, sealed anew; whole and durable before
//   {anchor}.rekeyed         what the anchor will be, beside it
//   slots.rekeyed            the new slots. From the moment that this name is durable the vault is the new one; before, it
//                            is the old one
//
// Whatever comes between, take_up_rekey() ends what was decided, as often as it is begun: the former database is
// overwritten and vault.db.new renamed to it, the anchor is renamed, the former slots are overwritten and slots.rekeyed
// renamed to them.

#include <filesystem>
#include <functional>

#include "vault/base/result.h"
#include "vault/store/anchor.h"
#include "vault/store/disk.h"
#include "vault/store/slots_file.h"

namespace vrm::store {

// Whether a rekey was decided and is not ended.
Result<bool> is_rekey_decided(Disk& disk, const std::filesystem::path& folder);

// Ends what was decided; otherwise nothing happens. REQUIRES: no file of the vault is open. Corrupt: of a newer format
// (nothing is touched). Io: to be called again, before anything of the vault is read.
Result<void> take_up_rekey(Disk& disk, const std::filesystem::path& folder,
                           const std::filesystem::path& anchors);

// Removes what a rekey that was not decided left. Io: what is left may still count after a power cut.
Result<void> clear_rekey(Disk& disk, const std::filesystem::path& folder);

// Lays down what the anchor will be. Nothing without a folder of anchors. Errors as keep_anchor.
Result<void> lay_anchor(Disk& disk, const AnchorPlace& place, const Anchor& anchor,
                        const crypto::Secret& key);
void clear_anchor(Disk& disk, const AnchorPlace& place);

// Decides. `tried` is given the new slots as they are read back, and its Error is handed on. When it fails the vault is
// the old one, and durably so; but Io (store.rekey_unsettled): it is one or the other, which is known once
// take_up_rekey() and clear_rekey() have succeeded.
Result<void> decide_rekey(Disk& disk, const std::filesystem::path& folder, const SlotsFile& slots,
                          const std::function<Result<void>(const SlotsFile&)>& tried);

}  // namespace vrm::store
