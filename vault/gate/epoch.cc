#include "vault/gate/epoch.h"

#include <nlohmann/json.hpp>

#include "vault/base/check.h"
#include "vault/base/json.h"
#include "vault/gate/vault.h"

namespace vrm::gate {

namespace {

constexpr store::RowId kNoteRow = {'e', 'p', 'o', 'c', 'h'};

constexpr Doubt kDoubts[] = {Doubt::OlderCopy, Doubt::NoAnchor,   Doubt::BadAnchor,
                             Doubt::Restored,  Doubt::NewerToken, Doubt::NewerReceipt};

Result<EpochNote> note_from(const nlohmann::json& note_json) {
  EpochNote note;
  const std::int64_t epoch = TRY(need_int(note_json, "epoch"));
  if (epoch < 0 || epoch > UINT32_MAX) return Error{ErrorCode::Corrupt, "no epoch"};
  note.epoch = static_cast<std::uint32_t>(epoch);
  const std::string word = TRY(find_string(note_json, "doubt")).value_or("");
  for (const Doubt doubt : kDoubts)
    if (to_string(doubt) == word) note.doubt = doubt;
  return note;
}

}  // namespace

std::string_view to_string(Doubt doubt) {
  switch (doubt) {
    case Doubt::OlderCopy:
      return "older_copy";
    case Doubt::NoAnchor:
      return "no_anchor";
    case Doubt::BadAnchor:
      return "bad_anchor";
    case Doubt::Restored:
      return "restored";
    case Doubt::NewerToken:
      return "newer_token";
    case Doubt::NewerReceipt:
      return "newer_receipt";
  }
  VRM_CHECK(false);
  return {};
}

Doubt doubt_of(store::Rollback rollback) {
  switch (rollback) {
    case store::Rollback::OlderThanAnchor:
      return Doubt::OlderCopy;
    case store::Rollback::NoAnchor:
      return Doubt::NoAnchor;
    case store::Rollback::BadAnchor:
      return Doubt::BadAnchor;
  }
  VRM_CHECK(false);
  return Doubt::BadAnchor;
}

Result<EpochNote> read_epoch_note(const store::Store& store) {
  const auto record = store.read(store::Table::Settings, kNoteRow);
  if (!record.ok() && record.error().code == ErrorCode::NotFound) return EpochNote{};
  if (!record.ok()) return record.error();
  const auto kept = read_json(record.value().text());
  if (kept.ok()) {
    auto note = note_from(kept.value());
    if (note.ok()) return note;
  }
  return Error{ErrorCode::Corrupt, "the note of the epoch cannot be read"};
}

Result<void> write_epoch_note(store::Txn& txn, const EpochNote& note) {
  nlohmann::json kept = {{"epoch", note.epoch}};
  if (note.doubt) kept["doubt"] = to_string(*note.doubt);
  const std::string text = write_json(kept);
  return txn.write(store::Table::Settings, kNoteRow, store::kVaultKey, bytes_of(text));
}

Result<void> suspend_grants(store::Txn& txn, Rooms& rooms, Doubt doubt, Instant now) {
  for (const auto& grant : rooms.grants.list()) {
    const auto condition = grant->condition(now);
    const bool lives = condition == grants::Condition::Active ||
                       condition == grants::Condition::Waiting ||
                       condition == grants::Condition::Held;
    if (lives) TRY(rooms.grants.suspend(txn, grant->id.text));
  }
  const journal::Entry entry{
      .at = now, .kind = journal::Kind::OlderNoticed, .reason = std::string(to_string(doubt))};
  TRY(journal::append(txn, *rooms.store, entry));
  return {};
}

}  // namespace vrm::gate
