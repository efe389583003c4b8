#pragma once
// What opens a vault, made of what a person gave: a passphrase, the bytes of a credential file, twelve recovery words.

#include <optional>
#include <string_view>

#include "vault/base/result.h"
#include "vault/crypto/secret.h"
#include "vault/store/slots.h"

namespace vrm::gate {

using SlotKind = store::SlotKind;

// "passphrase", "credential", "recovery"
std::string_view to_string(SlotKind kind);
std::optional<SlotKind> slot_kind_from(std::string_view word);

// Malformed: empty (vault.empty_passphrase), or no words of the list (recovery.*). BadKey
// (vault.bad_credential): no credential.
Result<store::Opener> opener_from(SlotKind kind, crypto::Secret secret);

// A passphrase that a slot is made of. Malformed: vault.empty_passphrase, vault.short_passphrase.
Result<store::Opener> new_passphrase(crypto::Secret secret);

}  // namespace vrm::gate
