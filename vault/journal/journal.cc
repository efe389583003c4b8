#include "vault/journal/journal.h"

#include <array>

#include "vault/base/check.h"
#include "vault/journal/record.h"

namespace vrm::journal {

namespace {

struct Word {
  Kind kind;
  std::string_view text;
};

constexpr std::array kWords = {
    Word{Kind::VaultMade, "vault_made"},
    Word{Kind::Unlocked, "unlocked"},
    Word{Kind::Locked, "locked"},
    Word{Kind::Sealed, "sealed"},
    Word{Kind::UnlockRefused, "unlock_refused"},
    Word{Kind::PassphraseChanged, "passphrase_changed"},
    Word{Kind::RecoveryMade, "recovery_made"},
    Word{Kind::FieldSet, "field_set"},
    Word{Kind::FieldUnset, "field_unset"},
    Word{Kind::Imported, "imported"},
    Word{Kind::ImportUndone, "import_undone"},
    Word{Kind::BackedUp, "backed_up"},
    Word{Kind::Exported, "exported"},
    Word{Kind::BrandAdded, "brand_added"},
    Word{Kind::BrandBlocked, "brand_blocked"},
    Word{Kind::BrandForgotten, "brand_forgotten"},
    Word{Kind::BrandUnblocked, "brand_unblocked"},
    Word{Kind::BrandChanged, "brand_changed"},
    Word{Kind::BrandKeysChanged, "brand_keys_changed"},
    Word{Kind::BrandKeysAccepted, "brand_keys_accepted"},
    Word{Kind::BrandTrusted, "brand_trusted"},
    Word{Kind::BrandUntrusted, "brand_untrusted"},
    Word{Kind::BrandIntroduced, "brand_introduced"},
    Word{Kind::RequestReceived, "request_received"},
    Word{Kind::RequestApproved, "request_approved"},
    Word{Kind::RequestDenied, "request_denied"},
    Word{Kind::RequestLapsed, "request_lapsed"},
    Word{Kind::RuleMade, "rule_made"},
    Word{Kind::RuleRemoved, "rule_removed"},
    Word{Kind::PolicyAdded, "policy_added"},
    Word{Kind::PolicyRemoved, "policy_removed"},
    Word{Kind::TermsWanted, "terms_wanted"},
    Word{Kind::TermsUnwanted, "terms_unwanted"},
    Word{Kind::BrandMuted, "brand_muted"},
    Word{Kind::BrandUnmuted, "brand_unmuted"},
    Word{Kind::GrantRenewed, "grant_renewed"},
    Word{Kind::GrantUnused, "grant_unused"},
    Word{Kind::GrantMade, "grant_made"},
    Word{Kind::GrantRevoked, "grant_revoked"},
    Word{Kind::GrantConfirmed, "grant_confirmed"},
    Word{Kind::GrantGivenBack, "grant_given_back"},
    Word{Kind::OlderNoticed, "older_noticed"},
    Word{Kind::TokenIssued, "token_issued"},
    Word{Kind::Read, "read"},
    Word{Kind::TokenGivenBack, "token_given_back"},
    Word{Kind::IntentSent, "intent_sent"},
    Word{Kind::IntentCancelled, "intent_cancelled"},
    Word{Kind::OfferReceived, "offer_received"},
    Word{Kind::OfferWithdrawn, "offer_withdrawn"},
    Word{Kind::OfferDeclined, "offer_declined"},
    Word{Kind::OfferAccepted, "offer_accepted"},
    Word{Kind::AcceptanceAcknowledged, "acceptance_acknowledged"},
    Word{Kind::AcceptanceCancelled, "acceptance_cancelled"},
    Word{Kind::NothingOffered, "nothing_offered"},
    Word{Kind::DocumentAdded, "document_added"},
    Word{Kind::DocumentRemoved, "document_removed"},
    Word{Kind::DocumentRead, "document_read"},
    Word{Kind::PartyRefused, "party_refused"},
    Word{Kind::StrangersRefused, "strangers_refused"},
    Word{Kind::VaultMigrated, "vault_migrated"},
    Word{Kind::VaultRekeyed, "vault_rekeyed"},
    Word{Kind::FieldRestored, "field_restored"},
    Word{Kind::IntentErased, "intent_erased"},
    Word{Kind::GrantErased, "grant_erased"},
    Word{Kind::RequestErased, "request_erased"},
};

Result<Numbered> decode(const store::Store& store, std::uint64_t number, BytesView record) {
  const Parts parts = TRY(decode_record(record));
  Numbered out;
  out.number = number;
  out.entry.at = parts.outer.at;
  out.entry.kind = parts.outer.kind;
  out.entry.outcome = parts.outer.outcome;
  out.entry.brand_key = parts.outer.brand_key;
  if (!parts.outer.brand_key) {
    TRY(decode_inner(parts.inner, out.entry));
    return out;
  }
  auto inner = store.open_with(*parts.outer.brand_key, parts.inner, parts.outer_bytes);
  if (!inner.ok() && inner.error().code == ErrorCode::Locked) {
    out.forgotten = true;  // the vault is open, so what is not here is nowhere
    return out;
  }
  if (!inner.ok()) return std::move(inner).error();
  TRY(decode_inner(inner.value().view(), out.entry));
  return out;
}

}  // namespace

std::string_view to_string(Kind kind) {
  for (const Word& word : kWords) {
    if (word.kind == kind) return word.text;
  }
  return {};
}

std::string_view to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::Done:
      return "done";
    case Outcome::Allowed:
      return "allowed";
    case Outcome::Refused:
      return "refused";
  }
  return {};
}

std::optional<Kind> kind_from(std::string_view text) {
  for (const Word& word : kWords) {
    if (word.text == text) return word.kind;
  }
  return std::nullopt;
}

Result<std::uint64_t> append(store::Txn& txn, const store::Store& store, const Entry& entry) {
  Bytes record = encode_outer({entry.kind, entry.outcome, entry.at, entry.brand_key});
  const Bytes inner = TRY(encode_inner(entry));
  if (entry.brand_key) {
    const Bytes box = TRY(store.seal_with(*entry.brand_key, inner, record));
    record.insert(record.end(), box.begin(), box.end());
  } else {
    record.insert(record.end(), inner.begin(), inner.end());
  }
  txn.note_time(entry.at);
  return txn.append_log(record);
}

Bytes record_of(const Entry& entry) {
  VRM_CHECK(!entry.brand_key);
  Bytes record = encode_outer({entry.kind, entry.outcome, entry.at, std::nullopt});
  const auto inner = encode_inner(entry);
  VRM_CHECK(inner.ok());
  record.insert(record.end(), inner.value().begin(), inner.value().end());
  return record;
}

Result<std::vector<Numbered>> read(const store::Store& store, std::uint64_t from,
                                   std::uint64_t to) {
  std::vector<Numbered> entries;
  TRY(visit(store, from, to, [&entries](const Numbered& record) -> Result<void> {
    entries.push_back(record);
    return {};
  }));
  return entries;
}

Result<void> visit(const store::Store& store, std::uint64_t from, std::uint64_t to,
                   const Visitor& visitor) {
  return store.read_log(from, to, [&](std::uint64_t number, BytesView record) -> Result<void> {
    const auto decoded = TRY(decode(store, number, record));
    return visitor(decoded);
  });
}

}  // namespace vrm::journal
