#pragma once
// What opens a vault, made of what a person gave: a passphrase, the bytes of a credential file.

#include <optional>
#include <string_view>

#include "vault/base/result.h"
#include "vault/crypto/secret.h"
#include "vault/store/slots.h"

namespace vrm::gate {

enum class SlotKind { Passphrase, Credential };

std::optional<SlotKind> slot_kind_from(std::string_view word);

// Malformed: empty (vault.empty_passphrase). BadKey (vault.bad_credential): no credential.
Result<store::Opener> opener_from(SlotKind kind, crypto::Secret secret);

}  // namespace vrm::gate
