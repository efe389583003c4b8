#pragma once
// The file `slots`: who can open the vault. docs/formats/slots.md draws it.
//
//   file = "VRMSLOTS" | format 2 | vault id 16 | number of slots 2 | slots, 137 each | mac 32
//   slot = kind 1 | memory 8 | passes 8 | salt 16 | commitment 32 | box of the root key 72
//   mac  = BLAKE2b-256(derived from the root key; all that stands before)

#include <cstdint>
#include <vector>

#include "vault/base/bytes.h"
#include "vault/base/random.h"
#include "vault/base/result.h"
#include "vault/crypto/hash.h"
#include "vault/store/disk.h"
#include "vault/store/row.h"
#include "vault/store/slots.h"

namespace vrm::store {

enum class SlotKind : std::uint8_t { Passphrase = 1, Credential = 2 };

struct Slot {
  SlotKind kind = SlotKind::Credential;
  KdfCost cost{0, 0};  // of a passphrase; 0 and 0 otherwise
  crypto::Salt salt{};
  crypto::Digest commitment{};
  std::array<std::uint8_t, 72> box{};
};

struct SlotsFile {
  VaultId vault{};
  std::vector<Slot> slots;
  crypto::Digest mac{};
};

inline constexpr std::string_view kSlotsName = "slots";
inline constexpr std::size_t kMostSlots = 16;
inline constexpr std::size_t kMostSlotsFileBytes = 8 + 2 + 16 + 2 + kMostSlots * 137 + 32;

Bytes encode_slots(const SlotsFile& file);
// Corrupt: another shape, a newer format, or a second spelling. The costs may be anything.
Result<SlotsFile> decode_slots(BytesView bytes);

// The file as it lies in the vault's folder. Corrupt: missing, or as decode_slots. Io.
Result<SlotsFile> read_slots(Disk& disk, const std::filesystem::path& folder);

// A slot that `opener` opens. Malformed: the cost is out of bounds, or a credential has another
// length. Unavailable.
Result<Slot> make_slot(const VaultId& vault, const crypto::Secret& root, const Opener& opener,
                       KdfCost cost, Random& random);

// The root key. BadKey: the opener opens no slot. Corrupt: none opens, and one that should have
// been tried has a cost out of bounds, or one recognised its opener and does not open. Unavailable:
// not enough memory.
Result<crypto::Secret> open_slots(const SlotsFile& file, const Opener& opener);

void set_mac(SlotsFile& file, const crypto::Secret& root);
// Corrupt: the file was changed by someone without the root key.
Result<void> check_mac(const SlotsFile& file, const crypto::Secret& root);

}  // namespace vrm::store
