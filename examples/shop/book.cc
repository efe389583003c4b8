#include "examples/shop/book.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <nlohmann/json.hpp>
#include <utility>

#include "vault/base/json.h"

namespace vrm::shop {
namespace {

using nlohmann::json;

constexpr const char* kIntents = "intents.json";
constexpr const char* kOffers = "offers.json";
constexpr Duration kMemory = std::chrono::hours(24 * 30);

constexpr std::array<std::pair<OfferState, std::string_view>, 5> kOfferStates = {{
    {OfferState::Live, "live"},
    {OfferState::Withdrawn, "withdrawn"},
    {OfferState::Accepted, "accepted"},
    {OfferState::Closed, "closed"},
    {OfferState::Refused, "refused"},
}};
constexpr std::array<std::pair<AcceptanceState, std::string_view>, 5> kAcceptanceStates = {{
    {AcceptanceState::Owed, "owed"},
    {AcceptanceState::Acknowledged, "acknowledged"},
    {AcceptanceState::Silent, "silent"},
    {AcceptanceState::Declined, "declined"},
    {AcceptanceState::Cancelled, "cancelled"},
}};

template <typename States, typename State>
std::string_view word_of(const States& states, State state) {
  for (const auto& [known, word] : states) {
    if (known == state) return word;
  }
  VRM_CHECK(false);
}

template <typename States>
auto state_of(const States& states, std::string_view word) -> Result<decltype(states[0].first)> {
  for (const auto& [known, name] : states) {
    if (name == word) return known;
  }
  return Error{ErrorCode::Malformed, "no such state: " + std::string(word)};
}

Result<Instant> need_instant(const json& item, std::string_view name) {
  const std::string text = TRY(need_string(item, name));
  return instant_from_rfc3339(text);
}

Result<bool> need_bool(const json& item, std::string_view name) {
  return TRY(find_bool(item, name)).value_or(false);
}

json pass_json(const Pass& pass) {
  return {{"access_token", pass.access_token},
          {"refresh_token", pass.refresh_token},
          {"expires", to_rfc3339(pass.expires)}};
}

Result<Pass> pass_from(const json& item) {
  Pass pass;
  pass.access_token = TRY(need_string(item, "access_token"));
  pass.refresh_token = TRY(need_string(item, "refresh_token"));
  pass.expires = TRY(need_instant(item, "expires"));
  return pass;
}

Result<json> intent_json(const IntentEntry& entry) {
  const json demand = TRY(read_json(entry.demand));
  json item = {{"issuer", entry.issuer},
               {"intent", entry.iid},
               {"auth_req_id", entry.auth_req_id},
               {"interval", entry.interval_s},
               {"until", to_rfc3339(entry.until)},
               {"sha256", entry.sha256},
               {"demand", demand},
               {"open", entry.open},
               {"offered", entry.offered},
               {"over_asked", entry.over_asked},
               {"not_before", to_rfc3339(entry.not_before)},
               {"tries", entry.tries}};
  if (entry.pass) item["pass"] = pass_json(*entry.pass);
  return item;
}

Result<IntentEntry> intent_from(const json& item) {
  IntentEntry entry;
  entry.issuer = TRY(need_string(item, "issuer"));
  entry.iid = TRY(need_string(item, "intent"));
  entry.auth_req_id = TRY(need_string(item, "auth_req_id"));
  entry.interval_s = TRY(need_int(item, "interval"));
  entry.until = TRY(need_instant(item, "until"));
  entry.sha256 = TRY(need_string(item, "sha256"));
  const json* demand = TRY(need_object(item, "demand"));
  entry.demand = write_json(*demand);
  entry.open = TRY(need_bool(item, "open"));
  entry.offered = TRY(need_bool(item, "offered"));
  entry.over_asked = TRY(need_bool(item, "over_asked"));
  entry.not_before = TRY(need_instant(item, "not_before"));
  entry.tries = TRY(need_int(item, "tries"));
  if (item.contains("pass")) entry.pass = TRY(pass_from(item["pass"]));
  return entry;
}

json revision_json(const Revision& revision) {
  return {{"rev", revision.rev},
          {"price", amount_of(revision.price)},
          {"currency", revision.price.currency},
          {"sha256", revision.sha256},
          {"valid_until", to_rfc3339(revision.valid_until)},
          {"taken", revision.taken}};
}

Result<Revision> revision_from(const json& item) {
  Revision revision;
  revision.rev = TRY(need_int(item, "rev"));
  const std::string price = TRY(need_string(item, "price"));
  const std::string currency = TRY(need_string(item, "currency"));
  revision.price = TRY(money_from_amount(price, currency));
  revision.sha256 = TRY(need_string(item, "sha256"));
  revision.valid_until = TRY(need_instant(item, "valid_until"));
  revision.taken = TRY(need_bool(item, "taken"));
  return revision;
}

json acceptance_json(const Acceptance& acceptance) {
  json grants = json::array();
  for (const GrantKey& grant : acceptance.grants) {
    grants.push_back({{"auth_req_id", grant.auth_req_id}, {"outcome", grant.outcome}});
  }
  return {{"jti", acceptance.jti},
          {"sha256", acceptance.sha256},
          {"until", to_rfc3339(acceptance.until)},
          {"state", to_string(acceptance.state)},
          {"acknowledgement", acceptance.acknowledgement},
          {"order", acceptance.order},
          {"not_before", to_rfc3339(acceptance.not_before)},
          {"grants", grants}};
}

Result<Acceptance> acceptance_from(const json& item) {
  Acceptance acceptance;
  acceptance.jti = TRY(need_string(item, "jti"));
  acceptance.sha256 = TRY(need_string(item, "sha256"));
  acceptance.until = TRY(need_instant(item, "until"));
  const std::string state = TRY(need_string(item, "state"));
  acceptance.state = TRY(state_of(kAcceptanceStates, state));
  acceptance.acknowledgement = TRY(need_string(item, "acknowledgement"));
  acceptance.order = TRY(need_string(item, "order"));
  acceptance.not_before = TRY(need_instant(item, "not_before"));
  const json* grants = TRY(need_array(item, "grants"));
  for (const json& grant : *grants) {
    GrantKey key;
    key.auth_req_id = TRY(need_string(grant, "auth_req_id"));
    key.outcome = TRY(need_string(grant, "outcome"));
    acceptance.grants.push_back(std::move(key));
  }
  return acceptance;
}

json offer_json(const OfferEntry& entry) {
  json revisions = json::array();
  for (const Revision& revision : entry.revisions) revisions.push_back(revision_json(revision));
  json acceptances = json::array();
  for (const Acceptance& one : entry.acceptances) acceptances.push_back(acceptance_json(one));
  return {{"issuer", entry.issuer},
          {"intent", entry.iid},
          {"offer", entry.oid},
          {"product", entry.product},
          {"made_at", to_rfc3339(entry.made_at)},
          {"state", to_string(entry.state)},
          {"told", entry.told},
          {"dropped", entry.dropped},
          {"revisions", revisions},
          {"jws", entry.jws},
          {"acceptances", acceptances}};
}

Result<OfferEntry> offer_from(const json& item) {
  OfferEntry entry;
  entry.issuer = TRY(need_string(item, "issuer"));
  entry.iid = TRY(need_string(item, "intent"));
  entry.oid = TRY(need_string(item, "offer"));
  entry.product = TRY(need_string(item, "product"));
  entry.made_at = TRY(need_instant(item, "made_at"));
  const std::string state = TRY(need_string(item, "state"));
  entry.state = TRY(state_of(kOfferStates, state));
  entry.told = TRY(need_bool(item, "told"));
  entry.dropped = TRY(need_bool(item, "dropped"));
  entry.jws = TRY(need_string(item, "jws"));
  const json* revisions = TRY(need_array(item, "revisions"));
  for (const json& one : *revisions) {
    Revision revision = TRY(revision_from(one));
    entry.revisions.push_back(std::move(revision));
  }
  if (entry.revisions.empty()) return Error{ErrorCode::Malformed, "an offer without a revision"};
  const json* acceptances = TRY(need_array(item, "acceptances"));
  for (const json& one : *acceptances) {
    Acceptance acceptance = TRY(acceptance_from(one));
    entry.acceptances.push_back(std::move(acceptance));
  }
  return entry;
}

// The rows of a file; none when there is no file yet.
Result<json> rows(const Folder& folder, const char* file) {
  const Result<json> kept = folder.read(file);
  if (!kept.ok() && kept.error().code == ErrorCode::NotFound) return json::array();
  if (!kept.ok()) return kept.error();
  const json* items = TRY(need_array(kept.value(), "items"));
  return *items;
}

struct Files {
  json intents = json::array();
  json offers = json::array();
};

Result<Files> read_files(const Folder& folder) {
  Files files;
  files.intents = TRY(rows(folder, kIntents));
  files.offers = TRY(rows(folder, kOffers));
  return files;
}

Result<Ledger> ledger_from(const Files& files) {
  Ledger ledger;
  for (const json& item : files.intents) {
    IntentEntry entry = TRY(intent_from(item));
    ledger.intents.push_back(std::move(entry));
  }
  for (const json& item : files.offers) {
    OfferEntry entry = TRY(offer_from(item));
    ledger.offers.push_back(std::move(entry));
  }
  return ledger;
}

Result<Files> files_from(const Ledger& ledger) {
  Files files;
  for (const IntentEntry& entry : ledger.intents) {
    json item = TRY(intent_json(entry));
    files.intents.push_back(std::move(item));
  }
  for (const OfferEntry& entry : ledger.offers) files.offers.push_back(offer_json(entry));
  return files;
}

}  // namespace

std::string_view to_string(OfferState state) {
  return word_of(kOfferStates, state);
}

std::string_view to_string(AcceptanceState state) {
  return word_of(kAcceptanceStates, state);
}

IntentEntry* Ledger::find_intent(std::string_view issuer, std::string_view iid) {
  const auto found = std::find_if(intents.begin(), intents.end(), [&](const IntentEntry& entry) {
    return entry.issuer == issuer && entry.iid == iid;
  });
  return found == intents.end() ? nullptr : &*found;
}

OfferEntry* Ledger::find_offer(std::string_view issuer, std::string_view iid,
                               std::string_view oid) {
  const auto found = std::find_if(offers.begin(), offers.end(), [&](const OfferEntry& entry) {
    return entry.issuer == issuer && entry.iid == iid && entry.oid == oid;
  });
  return found == offers.end() ? nullptr : &*found;
}

std::int64_t Ledger::sold(std::string_view product) const {
  return std::count_if(offers.begin(), offers.end(), [&](const OfferEntry& entry) {
    return entry.state == OfferState::Accepted && entry.product == product;
  });
}

void Ledger::forget_old(Instant now) {
  std::erase_if(intents, [&](const IntentEntry& entry) { return entry.until + kMemory < now; });
  std::erase_if(offers, [&](const OfferEntry& entry) {
    return find_intent(entry.issuer, entry.iid) == nullptr;
  });
}

Result<Ledger> Book::read() const {
  const FolderLock lock = TRY(FolderLock::take(folder_, "book.lock"));
  const Files files = TRY(read_files(folder_));
  return ledger_from(files);
}

Result<void> Book::change(const std::function<Result<void>(Ledger&)>& work) const {
  const FolderLock lock = TRY(FolderLock::take(folder_, "book.lock"));
  const Files before = TRY(read_files(folder_));
  Ledger ledger = TRY(ledger_from(before));
  TRY(work(ledger));
  const Files after = TRY(files_from(ledger));
  // Offers first: an intent that says it was offered something must not lose that something.
  if (after.offers != before.offers) TRY(folder_.write(kOffers, {{"items", after.offers}}));
  if (after.intents != before.intents) {
    TRY(folder_.write(kIntents, {{"items", after.intents}}));
  }
  return {};
}

}  // namespace vrm::shop
