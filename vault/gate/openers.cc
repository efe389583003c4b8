#include "vault/gate/openers.h"

namespace vrm::gate {

std::optional<SlotKind> slot_kind_from(std::string_view word) {
  if (word == "passphrase") return SlotKind::Passphrase;
  if (word == "credential") return SlotKind::Credential;
  return std::nullopt;
}

Result<store::Opener> opener_from(SlotKind kind, crypto::Secret secret) {
  if (secret.bytes().empty()) return refusal(ErrorCode::Malformed, "vault.empty_passphrase");
  if (kind == SlotKind::Passphrase) return store::Opener(store::Passphrase{std::move(secret)});
  if (secret.bytes().size() != store::kCredentialBytes)
    return refusal(ErrorCode::BadKey, "vault.bad_credential");
  return store::Opener(store::Credential{std::move(secret)});
}

}  // namespace vrm::gate
