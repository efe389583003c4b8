#pragma once
// What the shop remembers of its selling: the intents it heard, its offers, what was accepted. It
// lies in two files of the shop's folder, intents.json and offers.json, so that it survives a
// restart, and commands change it beside the running shop.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "examples/shop/bound_token.h"
#include "examples/shop/demand.h"
#include "examples/shop/folder.h"
#include "vault/base/money.h"
#include "vault/base/result.h"
#include "vault/base/time.h"

namespace vrm::shop {

// A vault needs a moment to take an acknowledgement before its grants are good.
inline constexpr Duration kBeforeCollecting = std::chrono::seconds(1);

struct IntentEntry {
  std::string issuer;
  std::string iid;
  std::string auth_req_id;
  std::int64_t interval_s = 5;
  Instant until;         // offers end then
  std::string sha256;    // of the message, which comes again when our answer was lost
  std::string demand;    // as it came, JSON
  bool open = true;      // no longer once it was closed or there is no way to answer
  bool offered = false;  // whether the catalogue was looked through
  bool over_asked = false;
  Instant not_before;      // nothing is sent about it until then
  std::int64_t tries = 0;  // failed ones in a row
  std::optional<Pass> pass;
};

struct Revision {
  std::int64_t rev = 1;
  Money price;
  std::string sha256;  // of the JWS
  Instant valid_until;
  bool taken = false;  // the vault said that it has it
};

struct GrantKey {
  std::string auth_req_id;
  std::string outcome;  // the grant's name, or why there is none; "" while it is not collected
};

enum class AcceptanceState {
  Owed,          // we said 202, the acknowledgement is to follow
  Acknowledged,  // it is sold
  Silent,        // we said 202 and leave it at that
  Declined,      // we said 409
  Cancelled,     // the vault took it back, or its time went by
};

struct Acceptance {
  std::string jti;
  std::string sha256;  // of the message
  Instant until;
  AcceptanceState state = AcceptanceState::Owed;
  std::string acknowledgement;  // the JWS, once there is one
  std::string order;
  Instant not_before;  // nothing is sent or fetched about it until then
  std::vector<GrantKey> grants;
};

enum class OfferState {
  Live,
  Withdrawn,
  Accepted,
  Closed,   // the intent ended without it
  Refused,  // the vault did not take it
};

struct OfferEntry {
  std::string issuer;
  std::string iid;
  std::string oid;
  std::string product;
  Instant made_at;
  OfferState state = OfferState::Live;
  bool told = true;                     // whether the vault knows that it is withdrawn
  bool dropped = false;                 // whether its price came down
  std::vector<Revision> revisions;      // oldest first, at least one
  std::string jws;                      // of the latest revision
  std::vector<Acceptance> acceptances;  // the one that may hold is the last

  const Revision& latest() const { return revisions.back(); }
  // Whether the latest revision is still to be sent.
  bool unsent() const { return state == OfferState::Live && !latest().taken; }
};

struct Ledger {
  std::vector<IntentEntry> intents;
  std::vector<OfferEntry> offers;

  // Null: there is none.
  IntentEntry* find_intent(std::string_view issuer, std::string_view iid);
  OfferEntry* find_offer(std::string_view issuer, std::string_view iid, std::string_view oid);
  // How many of a product were sold, or will be once an acceptance is acknowledged.
  std::int64_t sold(std::string_view product) const;
  // Forgets intents that ended more than 30 days before `now`, with their offers.
  void forget_old(Instant now);
};

std::string_view to_string(OfferState state);
std::string_view to_string(AcceptanceState state);

class Book {
 public:
  explicit Book(Folder folder) : folder_(std::move(folder)) {}

  // Empty when nothing was heard yet. Malformed, Io: the files.
  Result<Ledger> read() const;
  // Reads, lets `work` change the ledger and writes what it changed, unless it gave an error.
  // Nobody else changes the book meanwhile, neither a thread nor a program. Io: nothing changed.
  Result<void> change(const std::function<Result<void>(Ledger&)>& work) const;

 private:
  Folder folder_;
};

}  // namespace vrm::shop
