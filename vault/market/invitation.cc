#include "vault/market/invitation.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "vault/base/json.h"
#include "vault/base/money.h"
#include "vault/market/offer.h"
#include "vault/market/record.h"

namespace vrm::market {

namespace {

using nlohmann::json;

constexpr std::string_view kDeliveredWords[] = {"waiting", "sent", "retrying", "dead"};

Result<Delivered> delivered_from(std::string_view word) {
  for (const auto delivered :
       {Delivered::Waiting, Delivered::Sent, Delivered::Retrying, Delivered::Dead})
    if (to_string(delivered) == word) return delivered;
  return unreadable("delivered");
}

// Expired is never stored: it follows from the clock.
Result<OfferState> stored_from(std::string_view word) {
  for (const auto state : {OfferState::Live, OfferState::Withdrawn, OfferState::Declined,
                           OfferState::Accepted, OfferState::Closed})
    if (to_string(state) == word) return state;
  return unreadable("state");
}

json written(const OfferEntry& entry) {
  return {{"id", entry.id.text},
          {"oid", entry.oid},
          {"rev", entry.rev},
          {"sha256", entry.sha256},
          {"state", to_string(entry.stored)},
          {"valid_until", entry.valid_until.ms}};
}

Result<OfferEntry> read_entry(const json& object) {
  OfferEntry entry;
  entry.id.text = TRY(need_id(object, "id", OfferKind::kPrefix));
  entry.oid = TRY(need_wire_name(object, "oid"));
  entry.rev = TRY(need_count(object, "rev", kMostRevision));
  entry.sha256 = TRY(need_string(object, "sha256"));
  if (!is_sha256(entry.sha256)) return unreadable("sha256");
  const std::string state = TRY(need_string(object, "state"));
  entry.stored = TRY(stored_from(state));
  entry.valid_until = TRY(need_instant(object, "valid_until"));
  return entry;
}

Result<std::vector<OfferEntry>> read_entries(const json& object) {
  const json* list = TRY(need_array(object, "offers"));
  if (list->size() > kMostOffersEver) return unreadable("offers");
  std::vector<OfferEntry> entries;
  for (const json& item : *list) {
    OfferEntry entry = TRY(read_entry(item));
    entries.push_back(std::move(entry));
  }
  return entries;
}

Result<Invitation> invitation_from(const json& object) {
  Invitation invitation;
  invitation.iid = TRY(need_wire_name(object, "iid"));
  invitation.intent = TRY(need_id(object, "intent", IntentKind::kPrefix));
  invitation.brand = TRY(need_string(object, "brand"));
  invitation.currency = TRY(need_string(object, "currency"));
  TRY(decimals_of(invitation.currency));
  invitation.offers_until = TRY(need_instant(object, "offers_until"));
  invitation.closed = TRY(need_bool(object, "closed"));
  invitation.url = TRY(need_string(object, "url"));
  const std::string delivered = TRY(need_string(object, "delivered"));
  invitation.delivered = TRY(delivered_from(delivered));
  invitation.attempts = TRY(need_int(object, "attempts"));
  if (invitation.attempts < 0) return unreadable("attempts");
  // Records from before brands could say so have no such member.
  const auto passes = TRY(find_bool(object, "passes"));
  invitation.passes = passes.value_or(false);
  invitation.offers = TRY(read_entries(object));
  return invitation;
}

// An accepted one is live again when its acceptance fails.
std::size_t count_live(const Invitation& invitation, Instant now) {
  const auto is_live = [now](const OfferEntry& entry) {
    const OfferState state = state_of(entry, now);
    return state == OfferState::Live || state == OfferState::Accepted;
  };
  return static_cast<std::size_t>(
      std::count_if(invitation.offers.begin(), invitation.offers.end(), is_live));
}

Taking taking_new(const Invitation& invitation, Instant now) {
  if (!invitation.takes_offers(now)) return Taking::Closed;
  const bool full = invitation.offers.size() >= kMostOffersEver ||
                    count_live(invitation, now) >= static_cast<std::size_t>(kMostLiveOffers);
  return full ? Taking::TooMany : Taking::New;
}

}  // namespace

std::string_view to_string(Delivered delivered) {
  return kDeliveredWords[static_cast<std::size_t>(delivered)];
}

const OfferEntry* Invitation::find(std::string_view oid) const {
  const auto found = std::find_if(offers.begin(), offers.end(),
                                  [oid](const OfferEntry& entry) { return entry.oid == oid; });
  return found == offers.end() ? nullptr : &*found;
}

OfferState state_of(const OfferEntry& entry, Instant now) {
  if (entry.stored == OfferState::Live && now >= entry.valid_until) return OfferState::Expired;
  return entry.stored;
}

Taking taking(const Invitation& invitation, std::string_view oid, std::int64_t rev,
              std::string_view sha256, Instant now) {
  const OfferEntry* entry = invitation.find(oid);
  if (entry == nullptr) return taking_new(invitation, now);
  if (entry->rev == rev && entry->sha256 == sha256) return Taking::Same;
  const OfferState state = state_of(*entry, now);
  if (state == OfferState::Accepted) return Taking::Accepted;
  if (state == OfferState::Closed || !invitation.takes_offers(now)) return Taking::Closed;
  if (rev <= entry->rev || !next(state, OfferEvent::Revise)) return Taking::Stale;
  return Taking::Revised;
}

Bytes write_invitation(const Invitation& invitation) {
  json offers = json::array();
  for (const auto& entry : invitation.offers) offers.push_back(written(entry));
  json record = {{"iid", invitation.iid},
                 {"intent", invitation.intent},
                 {"brand", invitation.brand},
                 {"currency", invitation.currency},
                 {"offers_until", invitation.offers_until.ms},
                 {"closed", invitation.closed},
                 {"url", invitation.url},
                 {"delivered", to_string(invitation.delivered)},
                 {"attempts", invitation.attempts},
                 {"offers", std::move(offers)}};
  if (invitation.passes) record["passes"] = true;
  return to_record(record);
}

Result<Invitation> read_invitation(BytesView record) {
  const json object = TRY(json_of(record));
  auto invitation = invitation_from(object);
  if (!invitation.ok()) return unreadable("an invitation");
  return invitation;
}

}  // namespace vrm::market
