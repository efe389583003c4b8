#include "vault/gate/openers.h"

#include <string>

#include "vault/api/secrets.h"
#include "vault/base/check.h"
#include "vault/store/recovery_words.h"

namespace vrm::gate {

namespace {

// Below this even Argon2id buys no time worth having.
using api::kShortestPassphrase;

}  // namespace

std::string_view to_string(SlotKind kind) {
  switch (kind) {
    case SlotKind::Passphrase:
      return "passphrase";
    case SlotKind::Credential:
      return "credential";
    case SlotKind::Recovery:
      return "recovery";
  }
  VRM_CHECK(false);
  return {};
}

std::optional<SlotKind> slot_kind_from(std::string_view word) {
  for (const auto kind : {SlotKind::Passphrase, SlotKind::Credential, SlotKind::Recovery})
    if (to_string(kind) == word) return kind;
  return std::nullopt;
}

Result<store::Opener> opener_from(SlotKind kind, crypto::Secret secret) {
  if (kind == SlotKind::Recovery) {
    auto bytes = TRY(store::bytes_from_words(secret));
    return store::Opener(store::Recovery{std::move(bytes)});
  }
  if (secret.bytes().empty()) return refusal(ErrorCode::Malformed, "vault.empty_passphrase");
  if (kind == SlotKind::Passphrase) return store::Opener(store::Passphrase{std::move(secret)});
  if (secret.bytes().size() != store::kCredentialBytes)
    return refusal(ErrorCode::BadKey, "vault.bad_credential");
  return store::Opener(store::Credential{std::move(secret)});
}

Result<store::Opener> new_passphrase(crypto::Secret secret) {
  if (!secret.bytes().empty() && secret.bytes().size() < kShortestPassphrase)
    return refusal(ErrorCode::Malformed, "vault.short_passphrase",
                   {{"n", std::to_string(kShortestPassphrase)}});
  return opener_from(SlotKind::Passphrase, std::move(secret));
}

}  // namespace vrm::gate
