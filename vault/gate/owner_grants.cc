// OwnerDesk: deciding on what brands ask, granting, taking back.

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "vault/base/json.h"
#include "vault/gate/documents.h"
#include "vault/gate/forms.h"
#include "vault/gate/orders.h"
#include "vault/gate/owner_desk.h"
#include "vault/gate/sight.h"
#include "vault/gate/typed_brand.h"
#include "vault/gate/wish.h"
#include "vault/profile/field_name.h"

namespace vrm::gate {

using nlohmann::json;

namespace {

constexpr Duration kDefaultLife = std::chrono::hours(24 * 30);
constexpr Duration kTicketLife = std::chrono::hours(24 * 7);

struct Bounds {
  std::optional<Duration> life;
  std::optional<std::int64_t> max_reads;
  bool served_while_locked = false;
};

Result<Bounds> read_bounds(const json& body) {
  Bounds bounds;
  const auto life = TRY(find_string(body, "for"));
  if (life && *life == "once") {
    bounds.max_reads = 1;
  } else if (life) {
    bounds.life = TRY(duration_from_text(*life));
    if (bounds.life->count() > kMostGrantSeconds * 1000)
      return refusal(ErrorCode::Malformed, "grant.too_long", {{"for", *life}});
  }
  const auto max_reads = TRY(find_int(body, "max_reads"));
  if (max_reads && (*max_reads < 1 || *max_reads > kMostReads))
    return refusal(ErrorCode::Malformed, "grant.bad_max_reads",
                   {{"reads", std::to_string(*max_reads)}});
  if (max_reads) bounds.max_reads = max_reads;
  bounds.served_while_locked = TRY(find_bool(body, "served_while_locked")).value_or(false);
  return bounds;
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

Error not_asked(const grants::AccessRequest& request, const std::string& name) {
  std::vector<std::string_view> asked(request.needed.begin(), request.needed.end());
  asked.insert(asked.end(), request.optional.begin(), request.optional.end());
  std::string near;
  for (const auto& one : profile::nearest(name, asked)) near += (near.empty() ? "" : ", ") + one;
  Gaps with = {{"field", name}, {"request", request.id.text}};
  if (near.empty()) return refusal(ErrorCode::Malformed, "request.not_asked", std::move(with));
  with.emplace_back("near", std::move(near));
  return refusal(ErrorCode::Malformed, "request.not_asked_near", std::move(with));
}

// The fields that the owner gives of those asked: the needed ones and `also`, or exactly `only`.
Result<std::vector<std::string>> chosen_fields(const grants::AccessRequest& request,
                                               const json& body) {
  const auto only = TRY(find_strings(body, "only"));
  const auto also = TRY(find_strings(body, "also"));
  std::vector<std::string> chosen = only ? *only : request.needed;
  if (also) chosen.insert(chosen.end(), also->begin(), also->end());
  std::set<std::string> seen;
  for (const auto& name : chosen) {
    if (!contains(request.needed, name) && !contains(request.optional, name))
      return not_asked(request, name);
    if (!seen.insert(name).second)
      return refusal(ErrorCode::Malformed, "grant.field_twice", {{"field", name}});
  }
  if (chosen.empty()) return refusal(ErrorCode::Malformed, "grant.no_field");
  return chosen;
}

Result<std::vector<std::string>> named_fields(const json& body) {
  auto fields = TRY(need_strings(body, "fields"));
  if (fields.empty()) return refusal(ErrorCode::Malformed, "grant.no_field");
  if (fields.size() > kMostFieldsInAGrant)
    return refusal(ErrorCode::Malformed, "grant.too_many_fields");
  std::set<std::string> seen;
  for (const auto& name : fields) {
    TRY(profile::check_field_name(name));
    if (!seen.insert(name).second)
      return refusal(ErrorCode::Malformed, "grant.field_twice", {{"field", name}});
  }
  return fields;
}

Error unknown_purpose(const grants::Purposes& purposes, const std::string& typed) {
  std::vector<std::string_view> words;
  for (const auto& purpose : purposes.all())
    if (purpose.grantable) words.emplace_back(purpose.word);
  std::string near;
  for (const auto& word : profile::nearest(typed, words)) near += (near.empty() ? "" : ", ") + word;
  if (near.empty()) return refusal(ErrorCode::Malformed, "purpose.unknown", {{"purpose", typed}});
  return refusal(ErrorCode::Malformed, "purpose.unknown_near",
                 {{"purpose", typed}, {"near", near}});
}

// The offer whose order the grant is to hang on; "" of none. As OfferBook::find_typed; Denied: no order of this brand is
// open on it.
Result<std::string> order_from(const Rooms& rooms, const json& body, const brands::Brand& brand) {
  const auto typed = TRY(find_string(body, "while_order"));
  if (!typed) return std::string();
  const auto file = TRY(rooms.offers.find_typed(*typed));
  if (rooms.acceptances.has_open(file->id.text, brand.handle)) return file->id.text;
  return refusal(ErrorCode::Denied, "grant.no_order",
                 {{"offer", file->id.text}, {"brand", brand.handle}});
}

// What the owner did to a grant that is there.
journal::Entry entry_at(Instant at, const grants::Grant& grant, journal::Kind kind) {
  return {.at = at,
          .kind = kind,
          .brand_key = grant.key,
          .brand = grant.brand,
          .grant = grant.id.text,
          .fields = grant.fields,
          .purpose = grant.purpose};
}

journal::Entry entry_for(const brands::Brand& brand, const grants::Grant& grant,
                         journal::Kind kind) {
  return {.kind = kind,
          .outcome = journal::Outcome::Done,
          .brand_key = brand.key,
          .brand = brand.handle,
          .grant = grant.id.text,
          .fields = grant.fields,
          .purpose = grant.purpose};
}

}  // namespace

Result<json> OwnerDesk::requests(bool all) const {
  auto* rooms = TRY(vault_.open_rooms());
  json items = json::array();
  for (const auto& request : rooms->requests.list()) {
    if (!all && !waits_for_owner(*rooms, *request, vault_.now())) continue;
    json document =
        TRY(request_document(*rooms, *request, vault_.knowledge().purposes, vault_.now()));
    add_terms_said(document);
    items.push_back(std::move(document));
  }
  return json{{"schema", "vrm.requests/1"}, {"items", std::move(items)}};
}

Result<json> OwnerDesk::request(std::string_view id) const {
  auto* rooms = TRY(vault_.open_rooms());
  const auto request = TRY(rooms->requests.find_typed(id));
  json document =
      TRY(request_document(*rooms, *request, vault_.knowledge().purposes, vault_.now()));
  add_terms_said(document);
  return document;
}

json OwnerDesk::shown_grant(const Rooms& rooms, const brands::Brand& brand,
                            const grants::Grant& grant) const {
  const Instant now = vault_.now();
  const auto& knowledge = vault_.knowledge();
  json document = grant_document(rooms, grant, knowledge.purposes, now);
  document["lets_see"] =
      lets_see(rooms, knowledge, policies_.rules().get(), brand, std::span(&grant, 1), now);
  return document;
}

Result<json> OwnerDesk::approve(std::string_view id, const json& body, Making making) {
  auto* rooms = TRY(vault_.changeable_rooms());
  const auto request = TRY(rooms->requests.find_typed(id));
  const Instant now = vault_.now();
  TRY(rooms->requests.pending(request->id.text, now));
  const auto brand = TRY(rooms->brands.find_typed(request->brand));
  if (brand->standing != brands::Standing::Known)
    return refusal(ErrorCode::Denied, "brand.not_served", {{"brand", brand->handle}});
  const Bounds bounds = TRY(read_bounds(body));
  grants::Grant grant;
  grant.id = GrantId::make(vault_.means().random);
  grant.brand = brand->handle;
  grant.key = brand->key;
  grant.fields = TRY(chosen_fields(*request, body));
  grant.while_order = TRY(order_from(*rooms, body, *brand));
  TRY(take_forms(grant, body, rooms->profile, rooms->documents));
  grant.purpose = request->purpose;
  grant.made_at = now;
  const Duration asked_life = std::chrono::seconds(request->expires_in_s);
  grant.expires_at = now + (bounds.life ? std::min(*bounds.life, asked_life) : asked_life);
  grant.max_reads = request->max_reads;
  if (bounds.max_reads)
    grant.max_reads = std::min(*bounds.max_reads, request->max_reads.value_or(kMostReads));
  grant.retention_days = request->retention_days;
  grant.served_while_locked = bounds.served_while_locked;
  grant.request = request->id.text;
  grant.terms = request->terms;
  const bool remember = TRY(find_bool(body, "remember")).value_or(false);
  if (remember && has_forms(grant)) return refusal(ErrorCode::Malformed, "grant.form_remembered");
  json document = shown_grant(*rooms, *brand, grant);
  if (making == Making::Shown) return document;
  grants::Rule rule = rule_on(*request, grants::Says::Approve);
  rule.gives = grant.fields;
  rule.life_s = grant.life().count() / 1000;
  rule.max_reads = grant.max_reads;
  rule.served_while_locked = grant.served_while_locked;
  const auto job = [&](store::Txn& txn) -> Result<void> {
    TRY(rooms->requests.approve(txn, request->id.text, grant.id.text, now));
    TRY(rooms->grants.make(txn, grant, vault_.means().random));
    if (remember) TRY(keep_rule(txn, *rooms, rule));
    return {};
  };
  TRY(record(*rooms, entry_for(*brand, grant, journal::Kind::RequestApproved), job));
  document["notes"] = json::array();
  if (bounds.life && *bounds.life > asked_life)
    document["notes"].push_back(
        {{"say", "grant.asked_less"}, {"with", {{"brand", brand->handle}}}});
  if (remember) document["remembered"] = rule.id.text;
  return document;
}

Result<json> OwnerDesk::deny(std::string_view id, const json& body) {
  auto* rooms = TRY(vault_.changeable_rooms());
  const auto request = TRY(rooms->requests.find_typed(id));
  const bool tell = TRY(find_bool(body, "tell")).value_or(false);
  journal::Entry entry{.kind = journal::Kind::RequestDenied,
                       .outcome = journal::Outcome::Done,
                       .brand_key = request->key,
                       .brand = request->brand,
                       .fields = request->needed,
                       .purpose = request->purpose,
                       .reason = request->id.text};
  const bool remember = TRY(find_bool(body, "remember")).value_or(false);
  const grants::Rule rule = rule_on(*request, grants::Says::Deny);
  const auto job = [&](store::Txn& txn) -> Result<void> {
    TRY(rooms->requests.deny(txn, request->id.text, tell, vault_.now()));
    if (remember) TRY(keep_rule(txn, *rooms, rule));
    return {};
  };
  TRY(record(*rooms, entry, job));
  json document = TRY(this->request(request->id.text));
  if (remember) document["remembered"] = rule.id.text;
  return document;
}

Result<json> OwnerDesk::make_grant(const json& body, Making making) {
  auto* rooms = TRY(vault_.changeable_rooms());
  const std::string handle = TRY(need_string(body, "brand"));
  const auto brand = TRY(named_brand(rooms->brands, handle));
  if (brand->standing != brands::Standing::Known)
    return refusal(ErrorCode::Denied, "brand.not_served", {{"brand", brand->handle}});
  const std::string purpose = TRY(need_string(body, "purpose"));
  const auto* known = vault_.knowledge().purposes.find(purpose);
  if (known == nullptr) return unknown_purpose(vault_.knowledge().purposes, purpose);
  if (!known->grantable)
    return refusal(ErrorCode::Denied, "purpose.never", {{"purpose", known->word}});
  const Bounds bounds = TRY(read_bounds(body));
  const Instant now = vault_.now();
  grants::Grant grant;
  grant.id = GrantId::make(vault_.means().random);
  grant.brand = brand->handle;
  grant.key = brand->key;
  grant.fields = TRY(named_fields(body));
  grant.while_order = TRY(order_from(*rooms, body, *brand));
  TRY(take_forms(grant, body, rooms->profile, rooms->documents));
  grant.purpose = known->dpv;
  grant.made_at = now;
  grant.expires_at = now + bounds.life.value_or(kDefaultLife);
  grant.max_reads = bounds.max_reads;
  grant.served_while_locked = bounds.served_while_locked;
  json document = shown_grant(*rooms, *brand, grant);
  if (making == Making::Shown) return document;
  const std::string shown = grants::TicketBook::draw(vault_.means().random);
  const grants::Ticket ticket{.kind = grants::TicketKind::ForGrant,
                              .brand = brand->handle,
                              .target = grant.id.text,
                              .expires_at = std::min(grant.expires_at, now + kTicketLife),
                              .key = brand->key};
  const auto job = [&](store::Txn& txn) -> Result<void> {
    TRY(rooms->grants.make(txn, grant, vault_.means().random));
    TRY(rooms->tickets.make(txn, ticket, shown));
    return {};
  };
  TRY(record(*rooms, entry_for(*brand, grant, journal::Kind::GrantMade), job));
  document["auth_req_id"] = shown;
  return document;
}

Result<json> OwnerDesk::grants(std::string_view brand, bool all) const {
  auto* rooms = TRY(vault_.open_rooms());
  const Instant now = vault_.now();
  const std::string wanted =
      brand.empty() ? std::string() : TRY(typed_brand(rooms->brands, brand))->handle;
  json items = json::array();
  for (const auto& grant : rooms->grants.list()) {
    const auto condition = condition_of(*rooms, *grant, now);
    const bool lives = condition == grants::Condition::Active ||
                       condition == grants::Condition::Waiting ||
                       condition == grants::Condition::Suspended;
    if ((!all && !lives) || (!wanted.empty() && grant->brand != wanted)) continue;
    items.push_back(grant_document(*rooms, *grant, vault_.knowledge().purposes, now));
  }
  return json{{"schema", "vrm.grants/1"}, {"items", std::move(items)}};
}

Result<json> OwnerDesk::grant(std::string_view id) const {
  auto* rooms = TRY(vault_.open_rooms());
  const auto grant = TRY(rooms->grants.find_typed(id));
  return grant_document(*rooms, *grant, vault_.knowledge().purposes, vault_.now());
}

Result<std::vector<grants::GrantPtr>> OwnerDesk::named_grants(const Rooms& rooms,
                                                              const json& body) const {
  const auto ids = TRY(find_strings(body, "ids"));
  const auto brand = TRY(find_string(body, "brand"));
  const bool all = TRY(find_bool(body, "all")).value_or(false);
  std::vector<grants::GrantPtr> named;
  if (ids) {
    for (const auto& id : *ids) {
      const auto grant = TRY(rooms.grants.find_typed(id));
      named.push_back(grant);
    }
    return named;
  }
  if (!brand && !all) return refusal(ErrorCode::Malformed, "grant.which");
  const std::string wanted = brand ? TRY(named_brand(rooms.brands, *brand))->handle : std::string();
  for (const auto& grant : rooms.grants.list()) {
    const bool matches = all || grant->brand == wanted;
    if (matches && grant->stored != grants::Stored::Revoked) named.push_back(grant);
  }
  return named;
}

namespace {

// What would give the brand as much again, without asking, when it asks for the same purpose.
std::vector<std::string> rules_behind(const Rooms& rooms, const grants::Grant& grant) {
  std::vector<std::string> ids;
  for (const auto& rule : rooms.rules.list())
    if (rule->says == grants::Says::Approve && rule->brand == grant.brand &&
        rule->purpose == grant.purpose)
      ids.push_back(rule->id.text);
  return ids;
}

}  // namespace

Result<json> OwnerDesk::revoke(const json& body) {
  auto* rooms = TRY(vault_.serving_rooms());
  const auto named = TRY(named_grants(*rooms, body));
  const Instant now = vault_.now();
  const auto job = [&](store::Txn& txn) -> Result<void> {
    for (const auto& grant : named) {
      if (grant->stored == grants::Stored::Revoked) continue;
      TRY(rooms->grants.revoke(txn, grant->id.text, now));
      const auto entry = entry_at(now, *grant, journal::Kind::GrantRevoked);
      TRY(journal::append(txn, *rooms->store, entry));
      TRY(tell_revoked(txn, *rooms, *grant));
    }
    return {};
  };
  TRY(rooms->store->run(job));
  // While locked nobody has proven to be the owner: which fields they were is not told, as in `served`.
  const bool names_fields = vault_.state() == State::Open;
  json items = json::array();
  for (const auto& before : named) {
    const bool already = before->stored == grants::Stored::Revoked;
    const auto current = rooms->grants.find(before->id.text);
    const auto& grant = current == nullptr ? before : current;  // erased meanwhile
    json item = {{"id", grant->id.text},
                 {"brand", grant->brand},
                 {"reads", grant->reads},
                 {"last_read_at", nullptr},
                 {"already", already}};
    if (names_fields) item["fields"] = grant->fields;
    if (auto rules = rules_behind(*rooms, *grant); !rules.empty()) item["rules"] = std::move(rules);
    if (grant->last_read_at)
      item["last_read_at"] = to_rfc3339({grant->last_read_at->seconds() * 1000});
    items.push_back(std::move(item));
  }
  return json{{"schema", "vrm.revoked/1"}, {"items", std::move(items)}};
}

Result<json> OwnerDesk::confirm(const json& body) {
  auto* rooms = TRY(vault_.changeable_rooms());
  auto named = TRY(named_grants(*rooms, body));
  const Instant now = vault_.now();
  const bool by_id = body.contains("ids");
  if (!by_id)
    std::erase_if(named, [now](const auto& grant) {
      return grant->condition(now) != grants::Condition::Suspended;
    });
  const auto job = [&](store::Txn& txn) -> Result<void> {
    for (const auto& grant : named) {
      if (!grant->suspended) continue;
      TRY(rooms->grants.confirm(txn, grant->id.text, now));
      const auto entry = entry_at(now, *grant, journal::Kind::GrantConfirmed);
      TRY(journal::append(txn, *rooms->store, entry));
    }
    const bool looked_at_all = suspended_count(*rooms, now) == 0;
    if (looked_at_all && vault_.doubt()) TRY(vault_.settle_doubt(txn));
    return {};
  };
  TRY(rooms->store->run(job));
  json items = json::array();
  for (const auto& grant : named)
    items.push_back({{"id", grant->id.text},
                     {"brand", grant->brand},
                     {"fields", grant->fields},
                     {"already", !grant->suspended}});
  return json{{"schema", "vrm.confirmed/1"},
              {"items", std::move(items)},
              {"suspended", suspended_count(*rooms, now)}};
}

Result<void> OwnerDesk::tell_revoked(store::Txn& txn, Rooms& rooms,
                                     const grants::Grant& grant) const {
  constexpr Duration kMostPatience = std::chrono::hours(24 * 3);
  const auto brand = rooms.brands.find(grant.brand);
  const auto issuer = rooms.issuers.of_brand(grant.brand);
  if (brand == nullptr || issuer == nullptr || brand->event_endpoint.empty()) return {};
  const Instant now = vault_.now();
  brands::Outgoing event{.brand = brand->handle,
                         .url = brand->event_endpoint,
                         .content_type = "application/secevent+jwt",
                         .due = now,
                         .given_up_at = now + kMostPatience,
                         .key = brand->key};
  event.body = brands::write_revocation_event(*issuer, *brand, grant.id.text,
                                              new_unguessable_name(vault_.means().random), now);
  return deals_.post(txn, rooms, std::move(event));
}

}  // namespace vrm::gate
