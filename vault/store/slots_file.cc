#include "vault/store/slots_file.h"

#include <algorithm>

#include "vault/base/check.h"
#include "vault/crypto/aead.h"
#include "vault/crypto/derive.h"
#include "vault/store/encoding.h"

namespace vrm::store {

namespace {

constexpr std::string_view kSlotsMagic = "VRMSLOTS";
constexpr std::uint16_t kSlotsFormat = 1;

// What stands before the box in a slot, and is authenticated by it.
Bytes context_of(const VaultId& vault, const Slot& slot) {
  Encoder out;
  out.raw(vault);
  out.u8(static_cast<std::uint8_t>(slot.kind));
  out.u64(slot.cost.memory_bytes);
  out.u64(slot.cost.passes);
  out.raw(slot.salt);
  out.raw(slot.commitment);
  return out.take();
}

Result<crypto::Secret> key_of(const VaultId& vault, const Slot& slot, const Opener& opener) {
  if (const auto* passphrase = std::get_if<Passphrase>(&opener)) {
    return crypto::key_from_passphrase(passphrase->text, slot.salt, slot.cost);
  }
  Encoder context;
  context.raw(vault);
  context.raw(slot.salt);
  if (const auto* recovery = std::get_if<Recovery>(&opener)) {
    if (recovery->bytes.bytes().size() != kRecoveryBytes)
      return Error{ErrorCode::Malformed, "recovery is not 16 bytes long"};
    crypto::Secret filled = crypto::Secret::zeros(32);
    std::ranges::copy(recovery->bytes.bytes(), filled.writable().begin());
    return crypto::derive_key(filled.bytes(), "recovery words", context.view());
  }
  const crypto::Secret& bytes = std::get<Credential>(opener).bytes;
  if (bytes.bytes().size() != kCredentialBytes)
    return Error{ErrorCode::Malformed, "credential is not 32 bytes long"};
  return crypto::derive_key(bytes.bytes(), "credential", context.view());
}

// An AEAD box may open under two keys made on purpose; this names the one key.
crypto::Digest commitment_of(const VaultId& vault, const crypto::Secret& key) {
  crypto::Digest out;
  crypto::derive_into(out, key.bytes(), "slot commitment", vault);
  return out;
}

Bytes encode_without_mac(const SlotsFile& file) {
  Encoder out;
  out.raw(bytes_of(kSlotsMagic));
  out.u16(kSlotsFormat);
  out.raw(file.vault);
  out.u16(static_cast<std::uint16_t>(file.slots.size()));
  for (const Slot& slot : file.slots) {
    out.u8(static_cast<std::uint8_t>(slot.kind));
    out.u64(slot.cost.memory_bytes);
    out.u64(slot.cost.passes);
    out.raw(slot.salt);
    out.raw(slot.commitment);
    out.raw(slot.box);
  }
  return out.take();
}

crypto::Digest mac_of(const SlotsFile& file, const crypto::Secret& root) {
  const crypto::Secret key = crypto::derive_key(root.bytes(), "slots mac", file.vault);
  return crypto::keyed_hash(key.bytes(), {encode_without_mac(file)});
}

Result<Slot> decode_slot(Decoder& in) {
  Slot slot;
  const std::uint8_t kind = in.u8();
  slot.cost.memory_bytes = in.u64();
  slot.cost.passes = in.u64();
  slot.salt = in.array<crypto::kSaltBytes>();
  slot.commitment = in.array<crypto::kDigestBytes>();
  slot.box = in.array<72>();
  if (in.failed()) return corrupt_at("slots: cut short");
  if (kind < 1 || kind > 3) return corrupt_at("slots: a slot of an unknown kind");
  slot.kind = static_cast<SlotKind>(kind);
  if (slot.kind != SlotKind::Passphrase && (slot.cost.memory_bytes != 0 || slot.cost.passes != 0)) {
    return corrupt_at("slots: a cost in a slot that has none");
  }
  return slot;
}

}  // namespace

Bytes encode_slots(const SlotsFile& file) {
  Encoder out;
  out.raw(encode_without_mac(file));
  out.raw(file.mac);
  return out.take();
}

Result<SlotsFile> decode_slots(BytesView bytes) {
  Decoder in(bytes);
  if (text_of(in.raw(kSlotsMagic.size())) != kSlotsMagic)
    return corrupt_at("slots: not a vault's key slots");
  if (in.u16() != kSlotsFormat) return corrupt_at("slots: written by a newer version of vrm");
  SlotsFile file;
  file.vault = in.array<16>();
  const std::size_t count = in.u16();
  if (in.failed() || count == 0 || count > kMostSlots)
    return corrupt_at("slots: impossible number of slots");
  for (std::size_t i = 0; i < count; ++i) file.slots.push_back(TRY(decode_slot(in)));
  file.mac = in.array<crypto::kDigestBytes>();
  if (!in.done()) return corrupt_at("slots: another length than its slots have");
  return file;
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

SlotKind kind_of(const Opener& opener) {
  if (std::holds_alternative<Passphrase>(opener)) return SlotKind::Passphrase;
  return std::holds_alternative<Credential>(opener) ? SlotKind::Credential : SlotKind::Recovery;
}

Result<Slot> make_slot(const VaultId& vault, const crypto::Secret& root, const Opener& opener,
                       KdfCost cost, Random& random) {
  Slot slot;
  slot.kind = kind_of(opener);
  if (slot.kind == SlotKind::Passphrase) slot.cost = cost;
  random.fill(slot.salt);
  const crypto::Secret key = TRY(key_of(vault, slot, opener));
  slot.commitment = commitment_of(vault, key);
  crypto::Nonce nonce;
  random.fill(nonce);
  const crypto::Secret wrap = crypto::derive_key(key.bytes(), "slot wrap", vault);
  crypto::seal_into(slot.box, wrap.bytes(), nonce, root.bytes(), context_of(vault, slot));
  return slot;
}

Result<OpenedSlot> open_slot(const SlotsFile& file, const Opener& opener) {
  Error refused = refusal(ErrorCode::BadKey, "store.bad_key");
  for (std::size_t i = 0; i < file.slots.size(); ++i) {
    const Slot& slot = file.slots[i];
    if (slot.kind != kind_of(opener)) continue;
    const std::string place = "slots: slot " + std::to_string(i + 1);
    if (slot.kind == SlotKind::Passphrase && !crypto::within_bounds(slot.cost)) {
      refused = corrupt_at(place + " has a cost below the floor or above the ceiling");
      continue;
    }
    const crypto::Secret key = TRY(key_of(file.vault, slot, opener));
    const crypto::Digest commitment = commitment_of(file.vault, key);
    if (!crypto::Secret::copy_of(commitment).equals(slot.commitment)) continue;
    const crypto::Secret wrap = crypto::derive_key(key.bytes(), "slot wrap", file.vault);
    crypto::Secret root = crypto::Secret::zeros(crypto::kAeadKeyBytes);
    if (!crypto::open_into(root.writable(), wrap.bytes(), slot.box, context_of(file.vault, slot))
             .ok()) {
      return corrupt_at(place + " does not open");
    }
    return OpenedSlot{std::move(root), i};
  }
  return refused;
}

Result<crypto::Secret> open_slots(const SlotsFile& file, const Opener& opener) {
  auto opened = TRY(open_slot(file, opener));
  return std::move(opened.root);
}

void set_mac(SlotsFile& file, const crypto::Secret& root) {
  file.mac = mac_of(file, root);
}

Result<void> check_mac(const SlotsFile& file, const crypto::Secret& root) {
  if (mac_of(file, root) != file.mac)
    return corrupt_at("slots: a slot was changed, added or taken away");
  return {};
}

}  // namespace vrm::store
