// The owner's keys: a new passphrase, recovery words, and the way back in with them.

#include <nlohmann/json.hpp>

#include "vault/gate/by_rule.h"
#include "vault/gate/owner_desk.h"
#include "vault/store/recovery_words.h"
#include "vault/store/rekey.h"

namespace vrm::gate {

using nlohmann::json;

namespace {

// A wrong key as the person meets it here.
Error told(Error error, const char* say) {
  if (error.code == ErrorCode::BadKey) return refusal(ErrorCode::BadKey, say);
  return error;
}

Result<void> must_have_words(const Vault& vault) {
  const auto* rooms = vault.rooms();
  if (rooms == nullptr) return refusal(ErrorCode::NotFound, "vault.none");
  if (!rooms->store->has_slot(SlotKind::Recovery))
    return refusal(ErrorCode::NotFound, "recovery.none");
  return {};
}

json listed(const crypto::Secret& words) {
  json list = json::array();
  const BytesView text = words.bytes();
  for (auto at = text.begin(); at < text.end();) {
    const auto end = std::find(at, text.end(), ' ');
    list.push_back(std::string(at, end));
    at = end == text.end() ? end : end + 1;
  }
  return list;
}

}  // namespace

Result<json> OwnerDesk::change_passphrase(SlotKind kind, crypto::Secret secret,
                                          crypto::Secret passphrase) {
  TRY(vault_.changeable_rooms());
  const auto slot = TRY(new_passphrase(std::move(passphrase)));
  const auto opener = TRY(opener_from(kind, std::move(secret)));
  auto changed = vault_.change_keys(opener, slot, journal::Kind::PassphraseChanged);
  if (!changed.ok()) return told(std::move(changed).error(), "keys.wrong");
  return status();
}

Result<json> OwnerDesk::make_recovery(SlotKind kind, crypto::Secret secret) {
  TRY(vault_.changeable_rooms());
  const auto opener = TRY(opener_from(kind, std::move(secret)));
  auto bytes = crypto::Secret::random(store::kRecoveryBytes, vault_.means().random);
  const crypto::Secret words = store::words_of(bytes);
  const store::Opener slot = store::Recovery{std::move(bytes)};
  auto changed = vault_.change_keys(opener, slot, journal::Kind::RecoveryMade);
  if (!changed.ok()) return told(std::move(changed).error(), "keys.wrong");
  // What is about to be written down must open what lies on the disk.
  const auto written = TRY(opener_from(SlotKind::Recovery, words.clone()));
  TRY(vault_.try_opener(written));
  return json{{"schema", "vrm.recovery/1"}, {"words", listed(words)}};
}

json OwnerDesk::progress() const {
  return long_work_.document();
}

Result<json> OwnerDesk::rekey(SlotKind kind, crypto::Secret secret,
                              std::optional<crypto::Secret> passphrase) {
  const auto* rooms = TRY(vault_.changeable_rooms());
  if (kind == SlotKind::Recovery && !passphrase)
    return refusal(ErrorCode::Malformed, "rekey.needs_passphrase");
  store::RekeyOrder order;
  if (kind == SlotKind::Credential || (kind == SlotKind::Passphrase && !passphrase))
    order.slots.push_back(TRY(opener_from(kind, secret.clone())));
  if (passphrase) order.slots.push_back(TRY(new_passphrase(std::move(*passphrase))));
  const auto opener = TRY(opener_from(kind, std::move(secret)));
  std::optional<crypto::Secret> words;
  if (rooms->store->has_slot(SlotKind::Recovery)) {
    auto bytes = crypto::Secret::random(store::kRecoveryBytes, vault_.means().random);
    words = store::words_of(bytes);
    order.slots.push_back(store::Recovery{std::move(bytes)});
  }
  LongWork::Turn turn(long_work_, "rekey");
  order.progress = turn.progress();
  auto rekeyed = vault_.rekey(opener, std::move(order));
  if (!rekeyed.ok()) return told(std::move(rekeyed).error(), "keys.wrong");
  json document = {{"schema", "vrm.rekey/1"}, {"words", nullptr}};
  if (words) document["words"] = listed(*words);
  return document;
}

Result<json> OwnerDesk::check_recovery(crypto::Secret words) {
  TRY(must_have_words(vault_));
  const auto opener = TRY(opener_from(SlotKind::Recovery, std::move(words)));
  auto tried = vault_.try_opener(opener);
  if (!tried.ok()) return told(std::move(tried).error(), "recovery.wrong");
  return json{{"schema", "vrm.recovery_check/1"}, {"opens", true}};
}

Result<json> OwnerDesk::recover(crypto::Secret words, crypto::Secret passphrase) {
  TRY(must_have_words(vault_));
  const auto slot = TRY(new_passphrase(std::move(passphrase)));
  const auto opener = TRY(opener_from(SlotKind::Recovery, std::move(words)));
  const State before = vault_.state();
  auto opened = vault_.unlock(opener, store::OpenFor::Use);
  if (!opened.ok()) return told(std::move(opened).error(), "recovery.wrong");
  auto changed = vault_.change_keys(opener, slot, journal::Kind::PassphraseChanged);
  if (!changed.ok()) {
    // As it was before; what it was asked for did not happen.
    if (before == State::Sealed) static_cast<void>(vault_.seal().ok());
    if (before == State::Serving) static_cast<void>(vault_.lock(LockCause::Command).ok());
    return told(std::move(changed).error(), "recovery.wrong");
  }
  touch();
  deals_.resume();
  static_cast<void>(answer_waiting(vault_).ok());  // else they wait for the owner
  return status_after(opened.value().wrong_before);
}

}  // namespace vrm::gate
