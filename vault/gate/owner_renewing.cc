// OwnerDesk: grants that go on, and grants that end because nobody reads with them.

#include <algorithm>
#include <nlohmann/json.hpp>

#include "vault/base/json.h"
#include "vault/gate/documents.h"
#include "vault/gate/owner_desk.h"

namespace vrm::gate {

using nlohmann::json;

namespace {

journal::Entry entry_of_grant(const grants::Grant& grant, journal::Kind kind, Instant at) {
  return {.at = at,
          .kind = kind,
          .brand_key = grant.key,
          .brand = grant.brand,
          .grant = grant.id.text,
          .fields = grant.fields,
          .purpose = grant.purpose};
}

bool is_alive(const grants::Grant& grant, Instant now) {
  const auto condition = grant.condition(now);
  return condition == grants::Condition::Active || condition == grants::Condition::Waiting;
}

// Whether a request that waits asks for no more than the grant gives, but for its time and count.
bool is_same_again(const grants::AccessRequest& request, const grants::Grant& grant, Instant now) {
  if (request.brand != grant.brand || request.purpose != grant.purpose ||
      request.condition(now) != grants::RequestCondition::Pending)
    return false;
  const auto covered = [&grant](const auto& name) { return grant.covers(name); };
  const bool keeps_longer =
      grant.retention_days == 0
          ? request.retention_days != 0
          : request.retention_days == 0 || request.retention_days > grant.retention_days;
  return !keeps_longer && std::all_of(request.needed.begin(), request.needed.end(), covered) &&
         std::all_of(request.optional.begin(), request.optional.end(), covered);
}

std::vector<grants::RequestPtr> asked_again(const Rooms& rooms, const grants::Grant& grant,
                                            Instant now) {
  auto requests = rooms.requests.list();
  std::erase_if(requests, [&](const auto& each) { return !is_same_again(*each, grant, now); });
  return requests;
}

}  // namespace

Result<std::vector<grants::GrantPtr>> OwnerDesk::to_renew(const Rooms& rooms,
                                                          const json& body) const {
  const Instant now = vault_.now();
  const auto ids = TRY(find_strings(body, "ids"));
  const auto ending = TRY(find_string(body, "ending"));
  std::vector<grants::GrantPtr> named;
  if (ids) {
    for (const auto& id : *ids) {
      const auto grant = TRY(rooms.grants.find_typed(id));
      if (!is_alive(*grant, now))
        return refusal(ErrorCode::Denied, "grant.no_renewal", {{"grant", grant->id.text}});
      if (!can_be_read(rooms, *grant, now))
        return refusal(ErrorCode::Denied, "brand.not_served", {{"brand", grant->brand}});
      if (std::find(named.begin(), named.end(), grant) == named.end()) named.push_back(grant);
    }
    return named;
  }
  if (!ending) return refusal(ErrorCode::Malformed, "grant.which");
  const Duration within = TRY(duration_from_text(*ending));
  for (const auto& grant : rooms.grants.list()) {
    // What an order needs ends with it.
    if (!grant->offer.empty() || !is_alive(*grant, now) || !can_be_read(rooms, *grant, now))
      continue;
    if (grant->expires_at <= now + within || !asked_again(rooms, *grant, now).empty())
      named.push_back(grant);
  }
  return named;
}

Result<json> OwnerDesk::renew(const json& body, bool is_rehearsal) {
  auto* rooms = TRY(vault_.changeable_rooms());
  const auto named = TRY(to_renew(*rooms, body));
  const Instant now = vault_.now();
  json items = json::array();
  for (const auto& grant : named) {
    json requests = json::array();
    for (const auto& request : asked_again(*rooms, *grant, now))
      requests.push_back(request->id.text);
    json item = grant_document(*rooms, *grant, vault_.knowledge().purposes, now);
    item["ended_at"] = item["expires_at"];
    item["expires_at"] = in_seconds(now + grant->life());
    item["requests"] = std::move(requests);
    items.push_back(std::move(item));
  }
  const auto job = [&](store::Txn& txn) -> Result<void> {
    for (const auto& each : named) {
      const auto grant = TRY(rooms->grants.renew(txn, each->id.text, now));
      TRY(rooms->tickets.prolong(txn, grant->id.text, grant->expires_at));
      TRY(journal::append(txn, *rooms->store,
                          entry_of_grant(*grant, journal::Kind::GrantRenewed, now)));
      for (const auto& request : asked_again(*rooms, *grant, now)) {
        TRY(rooms->requests.approve(txn, request->id.text, grant->id.text, now));
        TRY(journal::append(txn, *rooms->store,
                            entry_of_grant(*grant, journal::Kind::RequestApproved, now)));
      }
    }
    return {};
  };
  if (!is_rehearsal && !named.empty()) TRY(rooms->store->run(job));
  return json{{"schema", "vrm.renewed/1"}, {"items", std::move(items)}};
}

Result<std::size_t> OwnerDesk::end_unused() {
  const State state = vault_.state();
  // A vault that may be older than it was does not know when it was read last.
  if (!limits_.unused || (state != State::Open && state != State::Serving) || vault_.doubt())
    return std::size_t{0};
  auto* rooms = TRY(vault_.serving_rooms());
  const Instant now = vault_.now();
  const Duration limit = *limits_.unused;
  auto grants = rooms->grants.list();
  std::erase_if(grants, [&](const auto& grant) { return !grant->is_unused(now, limit); });
  std::size_t count = 0;
  if (grants.empty()) return count;
  const auto job = [&](store::Txn& txn) -> Result<void> {
    for (const auto& each : grants) {
      const auto grant = TRY(rooms->grants.end_unused(txn, each->id.text, now, limit));
      if (grant == nullptr) continue;  // it was read meanwhile
      TRY(journal::append(txn, *rooms->store,
                          entry_of_grant(*grant, journal::Kind::GrantUnused, now)));
      TRY(tell_revoked(txn, *rooms, *grant));
      ++count;
    }
    return {};
  };
  TRY(rooms->store->run(job));
  return count;
}

}  // namespace vrm::gate
