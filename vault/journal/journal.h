#pragma once
// What happened, for the owner: every decision about an authenticated party and every act of the owner, one record
// each, appended to the store's chained log in the transaction of what it tells, before any answer leaves.
//
//   record = { at, kind, outcome, key id of the brand (or none), inner part }
//   inner  = { brand, grant, fields, purpose, reason }, sealed under the brand's key where there is a brand, so that
//            destroying that key leaves a chain that still verifies and no longer names the brand
//
// Names, never values. docs/formats/journal.md draws the bytes.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "vault/base/result.h"
#include "vault/base/time.h"
#include "vault/store/store.h"

namespace vrm::journal {

// The numbers are part of the format; a new kind takes a new number.
enum class Kind : std::uint8_t {
  VaultMade = 1,
  Unlocked = 2,
  Locked = 3,
  Sealed = 4,
  UnlockRefused = 5,      // wrong passphrases since the vault was opened last, counted
  OlderNoticed = 6,       // the vault may be older than it was; why is the reason
  PassphraseChanged = 7,  // proven by what the reason names
  RecoveryMade = 8,
  FieldSet = 10,
  FieldUnset = 11,
  Imported = 12,
  ImportUndone = 13,
  BackedUp = 15,
  Exported = 16,  // all of it, in the clear
  BrandAdded = 20,
  BrandBlocked = 21,
  BrandUnblocked = 22,
  BrandForgotten = 23,
  BrandChanged = 24,       // its document says something else; the reason names what
  BrandKeysChanged = 25,   // its document shows other keys; the reason is their fingerprint
  BrandKeysAccepted = 26,  // the owner pinned them; the same
  BrandTrusted = 27,
  BrandUntrusted = 28,
  BrandIntroduced = 29,  // once more
  RequestReceived = 30,
  RequestApproved = 31,
  RequestDenied = 32,
  RequestLapsed = 33,
  BrandMuted = 34,
  BrandUnmuted = 35,
  RuleMade = 36,  // the rule is the reason, as where one answered
  RuleRemoved = 37,
  TermsWanted = 38,  // of one brand, or of all; the terms are the reason
  TermsUnwanted = 39,
  GrantMade = 40,
  GrantRevoked = 41,
  GrantConfirmed = 42,
  GrantRenewed = 46,    // from now on for as long as it was given
  GrantUnused = 47,     // it ended because nobody read with it
  GrantGivenBack = 49,  // by its brand
  TokenIssued = 50,
  Read = 51,
  PolicyAdded = 53,  // to the owner's own, or replaced there; its file is the reason
  PolicyRemoved = 54,
  TokenGivenBack = 52,  // an access token, by its brand, before its end; or what was none
  IntentSent = 70,      // to one brand; the intent is the reason
  IntentCancelled = 71,
  OfferReceived = 72,
  OfferWithdrawn = 73,
  OfferDeclined = 74,
  OfferAccepted = 75,
  AcceptanceAcknowledged = 76,
  AcceptanceCancelled = 77,
  NothingOffered = 78,  // a brand said so of an intent
  DocumentAdded = 80,   // its name is the field
  DocumentRemoved = 81,
  DocumentRead = 82,      // by the owner: its first part left the vault
  PartyRefused = 60,      // an authenticated party asked for what it may not have
  VaultMigrated = 62,     // from one format to the next; the reason names both
  VaultRekeyed = 63,      // a new root key and all that it wraps; proven by what the reason names
  StrangersRefused = 61,  // unauthenticated refusals of one minute, counted by reason
  FieldRestored = 65,     // to the version that the reason names
  IntentErased = 66,      // the intent is the reason
  GrantErased = 67,
  RequestErased = 68,
};

enum class Outcome : std::uint8_t { Done = 1, Allowed = 2, Refused = 3 };

struct Entry {
  Instant at = {};
  Kind kind = Kind::VaultMade;
  Outcome outcome = Outcome::Done;
  std::optional<store::KeyId> brand_key = {};  // seals what follows when there is a brand
  std::string brand = {};                      // the brand's handle
  std::string grant = {};
  std::vector<std::string> fields = {};
  std::string purpose = {};
  std::string reason = {};  // a short word of the error table, or of the owner's
};

// The word of a kind in JSON and on the command line: "read", "grant_made".
std::string_view to_string(Kind kind);
std::string_view to_string(Outcome outcome);
std::optional<Kind> kind_from(std::string_view word);

// Appends within the transaction; also raises the high-water mark of time to entry.at.
// Locked: the brand's key is not in memory.
Result<std::uint64_t> append(store::Txn& txn, const store::Store& store, const Entry& entry);

// The record of an entry that concerns no brand, for whoever appends it otherwise. REQUIRES: no brand_key; its texts and
// fields are within the bounds of the format.
Bytes record_of(const Entry& entry);

struct Numbered {
  std::uint64_t number = 0;
  Entry
      entry;  // brand, grant, fields, purpose and reason are empty when the inner part no longer opens
  bool forgotten = false;  // its brand was forgotten
};

// Records from..to, both included. Locked: the vault is not open. Corrupt.
Result<std::vector<Numbered>> read(const store::Store& store, std::uint64_t from, std::uint64_t to);

// The same, one after the other. The visitor's Error ends it and is handed on.
using Visitor = std::function<Result<void>(const Numbered& record)>;
Result<void> visit(const store::Store& store, std::uint64_t from, std::uint64_t to,
                   const Visitor& visitor);

}  // namespace vrm::journal
