#pragma once
// What one brand was told of an intent and what it answered: the brand-facing truth, under the brand's key, so that
// offers are taken, revised and withdrawn while the vault is locked. The offers' contents lie under the intent's key
// (offer_file.h).

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "vault/base/ids.h"
#include "vault/base/result.h"
#include "vault/base/time.h"
#include "vault/market/demand.h"
#include "vault/market/states.h"
#include "vault/store/store.h"

namespace vrm::market {

// Of one brand to one intent, whatever became of them. kMostLiveOffers of them are live or accepted.
inline constexpr std::size_t kMostOffersEver = 20;

// Waiting: in the queue. Sent: the brand has it. Retrying: it failed, and is tried again. Dead: given up.
enum class Delivered { Waiting, Sent, Retrying, Dead };
std::string_view to_string(Delivered delivered);

struct OfferEntry {
  OfferId id = {};
  std::string oid = {};
  std::int64_t rev = 0;
  std::string sha256 = {};               // base64url, of the compact JWS of `rev`
  OfferState stored = OfferState::Live;  // never Expired
  Instant valid_until = {};
};

struct Invitation {
  std::string iid = {};     // what the brand calls the intent; 128 random bits
  std::string intent = {};  // in_…
  std::string brand = {};   // handle
  std::string currency = {};
  Instant offers_until = {};
  bool closed = false;   // no more offers: accepted elsewhere, cancelled
  std::string url = {};  // where the vrm-intent+jwt goes
  Delivered delivered = Delivered::Waiting;
  std::int64_t attempts = 0;
  bool passes = false;  // the brand said that it has nothing to offer; an offer takes that back
  std::vector<OfferEntry> offers = {};

  store::RowId row{};
  store::KeyId key{};  // the brand's

  bool takes_offers(Instant now) const { return !closed && now < offers_until; }
  const OfferEntry* find(std::string_view oid) const;
};

// What became of an entry by the clock too.
OfferState state_of(const OfferEntry& entry, Instant now);

// What taking an offer at `rev` with this digest does to an invitation. Same, whatever state the offer is in: the bytes
// that are the latest already. Stale: an older or equal revision with other bytes, or one of an offer that ended
// (withdrawn, expired, declined); who wants to offer again takes another oid.
enum class Taking { New, Revised, Same, Stale, TooMany, Closed, Accepted };
Taking taking(const Invitation& invitation, std::string_view oid, std::int64_t rev,
              std::string_view sha256, Instant now);

Bytes write_invitation(const Invitation& invitation);
// Corrupt: not what write_invitation wrote.
Result<Invitation> read_invitation(BytesView record);

}  // namespace vrm::market
