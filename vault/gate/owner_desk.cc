#include "vault/gate/owner_desk.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "vault/base/json.h"
#include "vault/crypto/secret.h"
#include "vault/gate/by_rule.h"
#include "vault/gate/documents.h"
#include "vault/gate/typed_brand.h"
#include "vault/profile/plausible.h"

namespace vrm::gate {

using nlohmann::json;

namespace {

std::int64_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::int64_t total = 0;
  std::int64_t resident = 0;
  statm >> total >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

std::int64_t acceptances_pending(const Rooms& rooms) {
  const auto all = rooms.acceptances.all();
  return std::count_if(all.begin(), all.end(), [](const auto& acceptance) {
    return acceptance->state == market::AcceptanceState::Pending;
  });
}

json counts_of(const Rooms& rooms, Instant now) {
  std::int64_t pending = 0;
  for (const auto& request : rooms.requests.list())
    if (waits_for_owner(rooms, *request, now)) ++pending;
  std::int64_t active = 0;
  for (const auto& grant : rooms.grants.list())
    if (can_be_read(rooms, *grant, now)) ++active;
  std::set<std::string> intents;
  std::int64_t live = 0;
  for (const auto& invitation : rooms.invitations.all()) {
    if (!invitation->takes_offers(now)) continue;
    intents.insert(invitation->intent);
    for (const auto& entry : invitation->offers)
      if (market::state_of(entry, now) == market::OfferState::Live) ++live;
  }
  const auto open = static_cast<std::int64_t>(intents.size());
  return {{"fields", rooms.store->count(store::Table::Fields)},
          {"documents", rooms.store->count(store::Table::Documents)},
          {"brands", rooms.brands.list().size()},
          {"requests_pending", pending},
          {"grants_active", active},
          {"grants_suspended", suspended_count(rooms, now)},
          {"intents_open", open},
          {"offers_live", live},
          {"acceptances_pending", acceptances_pending(rooms)}};
}

// By brand, without naming a field or a purpose: this is shown without a passphrase. What it tells of a grant
// is enough to take it back.
json served_of(const Rooms& rooms, Instant now) {
  std::map<std::string, json> served;
  for (const auto& grant : rooms.grants.list()) {
    // One that waits is collected and read while the vault is locked, too.
    if (!grant->served_while_locked || !can_be_read(rooms, *grant, now)) continue;
    json item = {{"id", grant->id.text},
                 {"state", grants::to_string(grant->condition(now))},
                 {"expires_at", in_seconds(grant->expires_at)}};
    item["reads"] = {{"used", grant->reads}, {"max", nullptr}};
    if (grant->max_reads) item["reads"]["max"] = *grant->max_reads;
    served[grant->brand].push_back(std::move(item));
  }
  json items = json::array();
  for (auto& [brand, grants] : served) {
    const auto known = rooms.brands.find(brand);
    const std::string name = known == nullptr ? brand : known->name;
    const auto count = grants.size();
    items.push_back(
        {{"brand", brand}, {"name", name}, {"grants", count}, {"items", std::move(grants)}});
  }
  return items;
}

// Whether no key is ever written to the swap: none that is here, and none that comes.
bool memory_is_locked(const Rooms& rooms) {
  constexpr std::size_t kRoom = 4096;
  return rooms.store->keys_are_locked() && crypto::Secret::zeros(kRoom).is_locked();
}

json note(std::string_view say, const Gaps& gaps) {
  json with = json::object();
  for (const auto& [name, text] : gaps) with[name] = text;
  return {{"say", say}, {"with", std::move(with)}};
}

// What the owner should know of a value that was just set, though nothing is wrong with it.
Result<json> notes_on(const Rooms& rooms, std::string_view name, const std::string& value,
                      Instant now) {
  json notes = json::array();
  const auto& catalogue = rooms.profile.catalogue();
  const auto typed_over = TRY(rooms.profile.typed_over(name, now));
  for (const auto& typed : typed_over)
    notes.push_back(note(typed == name ? "profile.typed_instead" : "profile.typed_stays",
                         {{"field", typed}, {"from", catalogue.find(typed)->claim->from}}));
  const auto country_field = catalogue.country_field_of(name);
  const auto country = TRY(rooms.profile.country_of(name));
  if (!country_field.empty() && country.empty() && !profile::is_french_code(value))
    notes.push_back(
        note("profile.which_country", {{"field", std::string(name)}, {"country", country_field}}));
  return notes;
}

// Whether some brand's calls are fetched from where it keeps them. Not known before the first unlock.
bool reaches_by_mailbox(const Rooms* rooms) {
  if (rooms == nullptr) return false;
  const auto known = rooms->brands.list();
  return std::any_of(known.begin(), known.end(),
                     [](const auto& brand) { return !brand->mailbox.empty(); });
}

}  // namespace

OwnerDesk::OwnerDesk(Vault& vault, Policies& policies, Deals& deals, ProcessFacts facts,
                     OwnerLimits limits)
    : vault_(vault),
      policies_(policies),
      deals_(deals),
      facts_(std::move(facts)),
      limits_(limits),
      started_(vault.means().clock.ticks()),
      touched_ms_(started_.count()),
      opened_ms_(started_.count()) {}

Result<json> OwnerDesk::status() const {
  const State state = vault_.state();
  const Duration up = vault_.means().clock.ticks() - started_;
  json document = {
      {"schema", "vrm.status/1"},
      {"vault", {{"state", to_string(state)}, {"folder", vault_.options().folder.string()}}},
      {"daemon",
       {{"version", facts_.version},
        {"pid", getpid()},
        {"uptime_s", up.count() / 1000},
        {"memory_bytes", resident_bytes()},
        {"options", facts_.options.empty() ? json::object() : json(facts_.options)}}},
      {"brand_door", nullptr},
      {"warnings", json::array()}};
  auto* rooms = vault_.rooms();
  if (!facts_.brand_door.empty())
    document["brand_door"] = {
        {"address", facts_.brand_door}, {"base", vault_.options().base}, {"tls", facts_.tls}};
  else if (!reaches_by_mailbox(rooms))
    document["warnings"].push_back({{"code", "brand_door_closed"}, {"with", json::object()}});
  if (facts_.notify_failure)
    if (const auto failure = facts_.notify_failure(); !failure.empty())
      document["warnings"].push_back({{"code", failure}, {"with", json::object()}});
  if (policies_.rules() == nullptr)
    document["warnings"].push_back(
        {{"code", "policies_refused"}, {"with", {{"folder", policies_.folder().string()}}}});
  if (rooms == nullptr) return document;
  for (const auto kind : {SlotKind::Passphrase, SlotKind::Credential, SlotKind::Recovery})
    document["vault"]["keys"][std::string(to_string(kind))] = rooms->store->has_slot(kind);
  if (!rooms->store->has_slot(SlotKind::Recovery))
    document["warnings"].push_back({{"code", "no_recovery_words"}, {"with", json::object()}});
  const auto usage = rooms->store->usage();
  document["usage"] = {{"commits", usage.commits}, {"jobs", usage.jobs}};
  add_limits(document["vault"]);
  document["vault"]["memory_locked"] = memory_is_locked(*rooms);
  if (state == State::Sealed) return document;
  if (state == State::Open) document["backup"] = last_backup(*rooms);
  add_doubts(document["warnings"]);
  document["counts"] = counts_of(*rooms, vault_.now());
  document["served"] = served_of(*rooms, vault_.now());
  return document;
}

void OwnerDesk::add_doubts(json& warnings) const {
  const auto& rooms = *vault_.rooms();
  const auto suspended = std::to_string(suspended_count(rooms, vault_.now()));
  if (const auto doubt = vault_.doubt())
    warnings.push_back({{"code", to_string(*doubt)}, {"with", {{"n", suspended}}}});
  if (rooms.store->anchoring() == store::Anchoring::Behind)
    warnings.push_back(
        {{"code", "anchor_behind"}, {"with", {{"folder", vault_.options().anchors.string()}}}});
  for (const auto& brand : rooms.brands.list())
    if (brand->standing == brands::Standing::KeysChanged)
      warnings.push_back(
          {{"code", "keys_changed"}, {"with", {{"brand", brand->handle}, {"name", brand->name}}}});
}

Result<json> OwnerDesk::init(SlotKind kind, crypto::Secret secret) {
  const auto slot = TRY(kind == SlotKind::Passphrase ? new_passphrase(std::move(secret))
                                                     : opener_from(kind, std::move(secret)));
  TRY(vault_.init(slot));
  opened();
  return status();
}

// The status as who has just opened the vault gets it.
Result<json> OwnerDesk::status_after(const WrongKeys& tries) const {
  json document = TRY(status());
  if (tries.count > 0)
    document["vault"]["wrong_keys"] = {{"count", tries.count}, {"since", in_seconds(tries.first)}};
  return document;
}

Result<json> OwnerDesk::unlock(SlotKind kind, crypto::Secret secret, Unlock unlock) {
  const auto opener = TRY(opener_from(kind, std::move(secret)));
  const auto purpose = unlock == Unlock::ForRescue ? store::OpenFor::Rescue : store::OpenFor::Use;
  const auto before = vault_.state();
  const auto done = TRY(vault_.unlock(opener, purpose));
  const auto& report = done.report;
  const bool was_open = before == State::Open || before == State::Rescue;
  was_open ? touch() : opened();
  if (purpose == store::OpenFor::Use) {
    deals_.resume();
    static_cast<void>(answer_waiting(vault_).ok());  // else they wait for the owner
  }
  json document = TRY(status_after(done.wrong_before));
  if (!report.damages.empty()) document["vault"]["damages"] = check_document(report)["damages"];
  return document;
}

Result<void> OwnerDesk::record(Rooms& rooms, journal::Entry entry, const store::Job& job) {
  entry.at = vault_.now();
  return rooms.store->run([&](store::Txn& txn) -> Result<void> {
    TRY(job(txn));
    TRY(journal::append(txn, *rooms.store, entry));
    return {};
  });
}

Result<json> OwnerDesk::fields(std::string_view prefix) const {
  auto* rooms = TRY(vault_.open_rooms());
  json items = json::array();
  for (const auto& field : rooms->profile.list(prefix)) {
    json document = TRY(
        field_document(*rooms, field, WithValue::Yes, vault_.knowledge().purposes, vault_.now()));
    items.push_back(std::move(document));
  }
  return json{{"schema", "vrm.fields/1"}, {"items", std::move(items)}};
}

Result<json> OwnerDesk::field(std::string_view name) const {
  auto* rooms = TRY(vault_.open_rooms());
  const auto field = rooms->profile.find(name);
  if (!field && rooms->documents.find(name) != nullptr)
    return refusal(ErrorCode::NotFound, "document.is_one", {{"field", std::string(name)}});
  if (!field) return rooms->profile.no_such_field(name);
  return field_document(*rooms, *field, WithValue::Yes, vault_.knowledge().purposes, vault_.now());
}

Result<json> OwnerDesk::set_field(std::string_view name, const json& body) {
  auto* rooms = TRY(vault_.changeable_rooms());
  const std::string value = TRY(need_string(body, "value"));
  const auto type = TRY(find_string(body, "type"));
  const auto wanted_type = type ? std::optional<std::string_view>(*type) : std::nullopt;
  const journal::Entry entry{.kind = journal::Kind::FieldSet, .fields = {std::string(name)}};
  return run_and_show_field(*rooms, entry, [&](store::Txn& txn) {
    return rooms->profile.set(txn, name, value, "self", vault_.now(), wanted_type);
  });
}

// REQUIRES: the entry names one field.
Result<json> OwnerDesk::run_and_show_field(Rooms& rooms, const journal::Entry& entry,
                                           const store::Job& job) {
  TRY(record(rooms, entry, job));
  const std::string& name = entry.fields.front();
  json document = TRY(field(name));
  document["notes"] =
      TRY(notes_on(rooms, name, document["value"].get<std::string>(), vault_.now()));
  return document;
}

Result<json> OwnerDesk::unset_field(std::string_view name) {
  auto* rooms = TRY(vault_.changeable_rooms());
  const auto field = rooms->profile.find(name);
  if (!field) return rooms->profile.no_such_field(name);
  json document =
      TRY(field_document(*rooms, *field, WithValue::No, vault_.knowledge().purposes, vault_.now()));
  const journal::Entry entry{.kind = journal::Kind::FieldUnset, .fields = {std::string(name)}};
  TRY(record(*rooms, entry,
             [&](store::Txn& txn) { return rooms->profile.unset(txn, name, vault_.now()); }));
  return document;
}

Result<json> OwnerDesk::catalogue() const {
  return catalogue_document(vault_.knowledge());
}

Result<json> OwnerDesk::log(const LogQuery& query) const {
  auto* rooms = TRY(vault_.open_rooms());
  std::optional<journal::Kind> kind;
  if (!query.kind.empty()) {
    kind = journal::kind_from(query.kind);
    if (!kind) return refusal(ErrorCode::Malformed, "log.unknown_kind", {{"kind", query.kind}});
  }
  std::vector<journal::Numbered> all;
  const std::uint64_t size = rooms->store->log_size();
  if (size > 0) all = TRY(journal::read(*rooms->store, 1, size));
  // What the log names is taken as it stands, though the brand may go by another name now.
  auto brand = query.brand;
  const auto is_of_brand = [&brand](const auto& item) { return item.entry.brand == brand; };
  if (!brand.empty() && std::none_of(all.begin(), all.end(), is_of_brand))
    brand = TRY(typed_brand(rooms->brands, brand))->handle;
  const auto wanted = [&](const journal::Entry& entry) {
    return (brand.empty() || entry.brand == brand) && (!kind || entry.kind == *kind) &&
           (!query.since || entry.at >= *query.since) &&
           (query.field.empty() ||
            std::find(entry.fields.begin(), entry.fields.end(), query.field) != entry.fields.end());
  };
  json items = json::array();
  std::size_t matching = 0;
  for (auto at = all.rbegin(); at != all.rend(); ++at) {
    if (!wanted(at->entry) || ++matching > query.limit) continue;
    items.push_back(log_document(*at, vault_.knowledge().purposes));
  }
  return json{
      {"schema", "vrm.log/1"}, {"items", std::move(items)}, {"matching", matching}, {"size", size}};
}

Result<json> OwnerDesk::verify() const {
  auto* rooms = vault_.rooms();
  if (rooms == nullptr) return refusal(ErrorCode::NotFound, "vault.none");
  if (rooms->store->state() == store::State::Attached)
    return refusal(ErrorCode::Locked, "vault.sealed");
  const auto report = TRY(rooms->store->check());
  return check_document(report);
}

}  // namespace vrm::gate
