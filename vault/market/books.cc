#include "vault/market/books.h"

#include <algorithm>

namespace vrm::market {

namespace {

// The one that `typed` names or begins. NotFound under `unknown`; Conflict.
template <typename Ptr>
Result<Ptr> only(const std::vector<Ptr>& found, std::string unknown, std::string gap,
                 std::string_view typed) {
  if (found.empty())
    return refusal(ErrorCode::NotFound, std::move(unknown), {{std::move(gap), std::string(typed)}});
  if (found.size() > 1)
    return refusal(ErrorCode::Conflict, "id.several", {{"typed", std::string(typed)}});
  return found.front();
}

template <typename Ptr, typename Wanted>
std::vector<Ptr> those(std::vector<Ptr> all, Wanted wanted) {
  std::erase_if(all, [&wanted](const Ptr& record) { return !wanted(*record); });
  return all;
}

}  // namespace

Result<IntentPtr> IntentBook::find_typed(std::string_view typed) const {
  const std::string id = TRY(id_from_typed(IntentKind::kPrefix, typed));
  return only(rows_.beginning_with(id), "intent.unknown", "intent", typed);
}

std::vector<IntentPtr> IntentBook::list() const {
  auto all = rows_.all();
  std::stable_sort(all.begin(), all.end(),
                   [](const IntentPtr& a, const IntentPtr& b) { return a->made_at > b->made_at; });
  return all;
}

Result<IntentPtr> IntentBook::make(store::Txn& txn, Intent intent, Random& random) {
  random.fill(intent.row);
  intent.key = TRY(txn.make_key());
  return rows_.put(txn, std::move(intent));
}

std::vector<InvitationPtr> InvitationBook::of_intent(std::string_view intent) const {
  auto found = those(
      rows_.all(), [intent](const Invitation& invitation) { return invitation.intent == intent; });
  std::stable_sort(found.begin(), found.end(), [](const InvitationPtr& a, const InvitationPtr& b) {
    return a->brand < b->brand;
  });
  return found;
}

Result<InvitationPtr> InvitationBook::make(store::Txn& txn, Invitation invitation, Random& random) {
  random.fill(invitation.row);
  return rows_.put(txn, std::move(invitation));
}

Result<OfferFilePtr> OfferBook::find_typed(std::string_view typed) const {
  const std::string id = TRY(id_from_typed(OfferKind::kPrefix, typed));
  return only(rows_.beginning_with(id), "offer.unknown", "offer", typed);
}

std::vector<OfferFilePtr> OfferBook::of_intent(std::string_view intent) const {
  auto found =
      those(rows_.all(), [intent](const OfferFile& file) { return file.intent == intent; });
  std::stable_sort(found.begin(), found.end(), [](const OfferFilePtr& a, const OfferFilePtr& b) {
    return a->revisions.front().received_at < b->revisions.front().received_at;
  });
  return found;
}

Result<OfferFilePtr> OfferBook::make(store::Txn& txn, OfferFile file, const store::KeyId& key,
                                     Random& random) {
  random.fill(file.row);
  file.key = key;
  return rows_.put(txn, std::move(file));
}

AcceptancePtr AcceptanceBook::of_jti(std::string_view jti) const {
  const auto found =
      those(rows_.all(), [jti](const Acceptance& acceptance) { return acceptance.jti == jti; });
  return found.empty() ? nullptr : found.front();
}

AcceptancePtr AcceptanceBook::latest_of(std::string_view iid) const {
  AcceptancePtr latest;
  for (const auto& acceptance : rows_.all())
    if (acceptance->iid == iid && (latest == nullptr || acceptance->made_at >= latest->made_at))
      latest = acceptance;
  return latest;
}

bool AcceptanceBook::has_open(std::string_view offer, std::string_view brand) const {
  const auto acceptances = rows_.all();
  return std::any_of(acceptances.begin(), acceptances.end(), [&](const AcceptancePtr& each) {
    return each->offer == offer && each->brand == brand &&
           each->state != AcceptanceState::Cancelled;
  });
}

std::vector<AcceptancePtr> AcceptanceBook::pending() const {
  auto found = those(rows_.all(), [](const Acceptance& acceptance) {
    return acceptance.state == AcceptanceState::Pending;
  });
  std::stable_sort(found.begin(), found.end(), [](const AcceptancePtr& a, const AcceptancePtr& b) {
    return a->made_at < b->made_at;
  });
  return found;
}

Result<AcceptancePtr> AcceptanceBook::make(store::Txn& txn, Acceptance acceptance, Random& random) {
  random.fill(acceptance.row);
  return rows_.put(txn, std::move(acceptance));
}

}  // namespace vrm::market
