// BrandDesk: the token endpoint. A ticket and a proof of a key become an access token bound to that key.

#include <algorithm>
#include <nlohmann/json.hpp>

#include "vault/base/json.h"
#include "vault/gate/brand_desk.h"
#include "vault/gate/wish.h"

namespace vrm::gate {

namespace {

constexpr std::string_view kCibaGrant = "urn:openid:params:grant-type:ciba";
constexpr std::string_view kRefreshGrant = "refresh_token";
constexpr std::size_t kMostPollsRemembered = 10'000;
const std::string* find_in(const Form& form, std::string_view name) {
  const auto found = form.find(name);
  return found == form.end() ? nullptr : &found->second;
}

// `noted`: what its owner's log tells; the brand hears the same whatever became of the grant.
Refused invalid_grant(std::string_view noted = {}) {
  Refused refused{BrandError::InvalidGrant, "unknown, used or ended"};
  refused.noted = noted;
  return refused;
}

}  // namespace

void BrandDesk::token(std::string_view vid, const Form& form, const Proved& proved,
                      const Later<std::string>& later) {
  auto found = this->caller(vid);
  if (const auto* known = std::get_if<Caller>(&found))
    if (auto refused = look_at_proof(*known, proved, ""))
      return refuse_stranger(std::move(*refused), later);
  found = authenticated(vid, form);
  if (auto* refused = std::get_if<Refused>(&found))
    return refuse_stranger(std::move(*refused), later);
  const auto& caller = std::get<Caller>(found);
  std::string key;
  if (auto refused = check_proof(caller, proved, "", "", key))
    return refuse_stranger(std::move(*refused), later);
  const auto* type = find_in(form, "grant_type");
  const auto* ticket = type != nullptr && *type == kRefreshGrant ? find_in(form, "refresh_token")
                                                                 : find_in(form, "auth_req_id");
  const auto refuse = [&](Refused refused) {
    refuse_party(caller, entry_for(caller, journal::Kind::PartyRefused, journal::Outcome::Refused),
                 std::move(refused), later);
  };
  if (type == nullptr || (*type != kCibaGrant && *type != kRefreshGrant))
    return refuse({BrandError::UnsupportedGrantType, "ciba or refresh_token"});
  if (ticket == nullptr)
    return refuse({BrandError::InvalidRequest, "auth_req_id or refresh_token is missing"});
  if (*type == kRefreshGrant) {
    if (proves_rollback(*ticket)) return refuse(invalid_grant());
    return refresh(caller, *ticket, key, later);
  }
  collect(caller, *ticket, key, later);
}

bool BrandDesk::polls_too_often(const std::string& shown, Duration ticks) {
  const std::lock_guard lock(polls_mutex_);
  if (polls_.size() >= kMostPollsRemembered) polls_.clear();
  const auto [place, is_first] = polls_.emplace(shown, ticks);
  if (is_first) return false;
  const Duration since = ticks - std::exchange(place->second, ticks);
  return since < std::chrono::seconds(limits_.poll_interval_s);
}

void BrandDesk::collect(const Caller& caller, const std::string& shown,
                        const std::string& key_thumbprint, const Later<std::string>& later) {
  const auto tell = [&later](Refused refused) {
    later([refused]() -> Outcome<std::string> { return refused; });
  };
  const auto refuse = [&](Refused refused) {
    refuse_party(caller, entry_for(caller, journal::Kind::PartyRefused, journal::Outcome::Refused),
                 std::move(refused), later);
  };
  const auto ticket = caller.rooms->tickets.find(shown);
  if (ticket == nullptr || ticket->brand != caller.brand->handle ||
      ticket->kind == grants::TicketKind::Refresh ||
      ticket->kind == grants::TicketKind::IntentRefresh)
    return refuse(invalid_grant());
  if (ticket->kind == grants::TicketKind::ForIntent)
    return issue_for_intent(caller, ticket, key_thumbprint, later);
  if (ticket->kind == grants::TicketKind::ForGrant) {
    const auto grant = caller.rooms->grants.find(ticket->target);
    const bool is_held =
        grant != nullptr && grant->condition(caller.now) == grants::Condition::Held;
    if (!is_held) return issue(caller, ticket, ticket->target, key_thumbprint, later);
    if (polls_too_often(shown, vault_.means().clock.ticks()))
      return tell({BrandError::SlowDown, "wait for the interval"});
    return tell({BrandError::AuthorizationPending, "the acceptance is not acknowledged"});
  }
  const auto request = caller.rooms->requests.find(ticket->target);
  if (request == nullptr) return refuse(invalid_grant());
  const auto condition = request->condition(caller.now);
  if (condition == grants::RequestCondition::Approved)
    return issue(caller, ticket, request->grant, key_thumbprint, later);
  if (condition == grants::RequestCondition::Denied && request->tell)
    return refuse({BrandError::AccessDenied, "the owner said no"});
  if (caller.now >= request->lapses_at)
    return refuse({BrandError::ExpiredToken, "the request lapsed"});
  // Until then a denial that is not told looks like waiting.
  if (polls_too_often(shown, vault_.means().clock.ticks()))
    return tell({BrandError::SlowDown, "wait for the interval"});
  tell({BrandError::AuthorizationPending, "the owner has not decided"});
}

void BrandDesk::refresh(const Caller& caller, const std::string& shown,
                        const std::string& key_thumbprint, const Later<std::string>& later) {
  const auto ticket = caller.rooms->tickets.find(shown);
  if (ticket != nullptr && ticket->brand == caller.brand->handle &&
      ticket->kind == grants::TicketKind::IntentRefresh)
    return issue_for_intent(caller, ticket, key_thumbprint, later);
  if (ticket == nullptr || ticket->brand != caller.brand->handle ||
      ticket->kind != grants::TicketKind::Refresh)
    return refuse_party(caller,
                        entry_for(caller, journal::Kind::PartyRefused, journal::Outcome::Refused),
                        invalid_grant(), later);
  issue(caller, ticket, ticket->target, key_thumbprint, later);
}

// A token that this vault gave out at a later moment shows that it was rolled back since.
bool BrandDesk::proves_rollback(const std::string& shown) {
  const auto proved = vault_.heed_witness(grants::TicketBook::witness_in(shown), Doubt::NewerToken);
  return !proved.ok() || proved.value();
}

std::string BrandDesk::draw_refresh_token(const Rooms& rooms) {
  const auto witness = rooms.store->witness(store::WitnessOf::NextCommit);
  Random& random = vault_.means().random;
  return witness.ok() ? grants::TicketBook::draw(random, witness.value())
                      : grants::TicketBook::draw(random);
}

void BrandDesk::issue(const Caller& caller, grants::TicketPtr ticket, const std::string& grant_id,
                      const std::string& key_thumbprint, const Later<std::string>& later) {
  const auto grant = caller.rooms->grants.find(grant_id);
  journal::Entry entry = entry_for(caller, journal::Kind::TokenIssued, journal::Outcome::Allowed);
  entry.grant = grant_id;
  const auto refuse = [&](Refused refused) {
    entry.outcome = journal::Outcome::Refused;
    refuse_party(caller, entry, std::move(refused), later);
  };
  if (grant == nullptr) return refuse(invalid_grant());
  if (caller.brand->standing != brands::Standing::Known)
    return refuse(invalid_grant(to_string(caller.brand->standing)));
  if (vault_.state() == State::Serving && !grant->served_while_locked)
    return refuse({BrandError::VaultLocked, "this grant is served while the vault is open", 60});
  const auto condition = grant->condition(caller.now);
  if (condition != grants::Condition::Active && condition != grants::Condition::Waiting)
    return refuse(invalid_grant(to_string(condition)));

  entry.fields = grant->fields;
  entry.purpose = grant->purpose;
  const bool is_refresh = ticket->kind == grants::TicketKind::Refresh;
  const std::string refresh_token = is_refresh ? std::string() : draw_refresh_token(*caller.rooms);
  auto* rooms = caller.rooms;
  store::Job job = [rooms, ticket, entry, refresh_token,
                    is_refresh](store::Txn& txn) -> Result<void> {
    const auto active = TRY(rooms->grants.activate(txn, entry.grant, entry.at));
    if (!is_refresh) {
      TRY(rooms->tickets.use_up(txn, *ticket));
      const grants::Ticket next{.kind = grants::TicketKind::Refresh,
                                .brand = ticket->brand,
                                .target = active->id.text,
                                .expires_at = active->expires_at,
                                .key = ticket->key};
      TRY(rooms->tickets.make(txn, next, refresh_token));
    }
    TRY(journal::append(txn, *rooms->store, entry));
    return {};
  };
  enqueue(std::move(job), [this, caller, grant_id, refresh_token, key_thumbprint,
                           later](Result<void> kept) {
    if (!kept.ok()) {
      const bool ended =
          kept.error().code == ErrorCode::Denied || kept.error().code == ErrorCode::NotFound;
      const Refused told =
          ended ? invalid_grant() : Refused{BrandError::TemporarilyUnavailable, "try again", 5};
      return later([told]() -> Outcome<std::string> { return told; });
    }
    later([this, caller, grant_id, refresh_token, key_thumbprint]() -> Outcome<std::string> {
      const auto current = caller.rooms->grants.find(grant_id);
      if (current == nullptr || current->condition(caller.now) != grants::Condition::Active)
        return invalid_grant();
      return token_answer(caller, *current, refresh_token, key_thumbprint);
    });
  });
}

void BrandDesk::issue_for_intent(const Caller& caller, grants::TicketPtr ticket,
                                 const std::string& key_thumbprint,
                                 const Later<std::string>& later) {
  journal::Entry entry = entry_for(caller, journal::Kind::TokenIssued, journal::Outcome::Allowed);
  const auto invitation = caller.rooms->invitations.find(ticket->target);
  if (invitation == nullptr || invitation->closed || caller.now >= ticket->expires_at ||
      caller.brand->standing != brands::Standing::Known) {
    entry.outcome = journal::Outcome::Refused;
    return refuse_party(caller, std::move(entry), invalid_grant(), later);
  }
  entry.reason = invitation->intent;
  const bool is_refresh = ticket->kind == grants::TicketKind::IntentRefresh;
  const std::string refresh_token = is_refresh ? std::string() : draw_refresh_token(*caller.rooms);
  const std::string iid = ticket->target;
  const Instant ends = ticket->expires_at;
  store::Job job = [rooms = caller.rooms, ticket, entry, refresh_token,
                    is_refresh](store::Txn& txn) -> Result<void> {
    if (!is_refresh) {
      TRY(rooms->tickets.use_up(txn, *ticket));
      const grants::Ticket next{.kind = grants::TicketKind::IntentRefresh,
                                .brand = ticket->brand,
                                .target = ticket->target,
                                .expires_at = ticket->expires_at,
                                .key = ticket->key};
      TRY(rooms->tickets.make(txn, next, refresh_token));
    }
    TRY(journal::append(txn, *rooms->store, entry));
    return {};
  };
  enqueue(std::move(job), [this, caller, iid, ends, refresh_token, key_thumbprint,
                           later](Result<void> kept) {
    if (!kept.ok()) {
      const Refused told = kept.error().code == ErrorCode::NotFound
                               ? invalid_grant()
                               : Refused{BrandError::TemporarilyUnavailable, "try again", 5};
      return later([told]() -> Outcome<std::string> { return told; });
    }
    later([this, caller, iid, ends, refresh_token, key_thumbprint]() -> Outcome<std::string> {
      const std::string details =
          write_json(nlohmann::json::array({{{"type", "vrm_offer"}, {"intent", iid}}}));
      return token_for(caller, iid, ends, details, refresh_token, key_thumbprint);
    });
  });
}

std::string BrandDesk::token_answer(const Caller& caller, const grants::Grant& grant,
                                    const std::string& refresh_token,
                                    const std::string& key_thumbprint) {
  return token_for(caller, grant.id.text, grant.expires_at,
                   write_granted(grant.fields, grant.purpose, grant.retention_days), refresh_token,
                   key_thumbprint);
}

std::string BrandDesk::token_for(const Caller& caller, const std::string& grant_id, Instant ends,
                                 const std::string& details, const std::string& refresh_token,
                                 const std::string& key_thumbprint) {
  const Instant issued{caller.now.seconds() * 1000};
  const Instant last{std::max(issued.ms + 1000, ends.seconds() * 1000)};
  const Instant expires = std::min(issued + jose::kMostTokenLife, last);
  const jose::AccessToken token{.issuer = caller.issuer->url,
                                .audience = brands::resource_of(*caller.issuer),
                                .subject = caller.issuer->subject,
                                .client_id = caller.brand->client_id,
                                .jti = new_unguessable_name(vault_.means().random),
                                .grant_id = grant_id,
                                .issued = issued,
                                .expires = expires,
                                .key_thumbprint = key_thumbprint,
                                .authorization_details = details};
  const auto text = jose::write_access_token(token, caller.issuer->key, caller.issuer->jwk.kid);
  VRM_CHECK(text.ok());  // a grant has at most kMostFieldsInAGrant names of 64 bytes
  nlohmann::json answer = {{"access_token", text.value()},
                           {"token_type", "DPoP"},
                           {"expires_in", (expires - issued).count() / 1000},
                           {"scope", "vrm"},
                           {"grant_id", grant_id},
                           {"authorization_details", nlohmann::json::parse(details)}};
  if (!refresh_token.empty()) answer["refresh_token"] = refresh_token;
  return write_json(answer);
}

}  // namespace vrm::gate
