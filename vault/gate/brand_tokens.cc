// BrandDesk: the token endpoint. A ticket and a proof of a key become an access token bound to that key.

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "vault/base/json.h"
#include "vault/gate/brand_desk.h"
#include "vault/gate/orders.h"
#include "vault/gate/wish.h"

namespace vrm::gate {

namespace {

constexpr std::string_view kCibaGrant = "urn:openid:params:grant-type:ciba";
constexpr std::string_view kRefreshGrant = "refresh_token";
constexpr std::size_t kMostPollsRemembered = 10'000;
constexpr Duration kCollectedKept = std::chrono::seconds(60);
constexpr std::size_t kMostCollectedKept = 256;  // each lies in guarded memory of its own
constexpr std::string_view kNotDecided = "the owner has not decided";

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
  if (type == nullptr) return refuse({BrandError::InvalidRequest, "grant_type is missing"});
  if (*type != kCibaGrant && *type != kRefreshGrant)
    return refuse({BrandError::UnsupportedGrantType, "grant_type: ciba or refresh_token"});
  if (ticket == nullptr) {
    const std::string wanted = *type == kRefreshGrant ? "refresh_token" : "auth_req_id";
    return refuse({BrandError::InvalidRequest, wanted + " is missing"});
  }
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

// Polling, as long as there is nothing else to say.
void BrandDesk::wait_on(const std::string& shown, std::string_view why,
                        const Later<std::string>& later) {
  Refused told{BrandError::AuthorizationPending, std::string(why)};
  if (polls_too_often(shown, vault_.means().clock.ticks()))
    told = {BrandError::SlowDown, "wait for the interval"};
  later([told]() -> Outcome<std::string> { return told; });
}

void BrandDesk::collect(const Caller& caller, const std::string& shown,
                        const std::string& key_thumbprint, const Later<std::string>& later) {
  const auto refuse = [&](Refused refused) {
    refuse_party(caller, entry_for(caller, journal::Kind::PartyRefused, journal::Outcome::Refused),
                 std::move(refused), later);
  };
  if (auto again = collected_again(caller, shown, key_thumbprint)) {
    const std::string target = again->ticket->target;
    if (again->ticket->kind == grants::TicketKind::IntentRefresh)
      return issue_for_intent(caller, std::move(*again), later);
    return issue(caller, std::move(*again), target, later);
  }
  const auto ticket = caller.rooms->tickets.find(shown);
  if (ticket == nullptr || ticket->brand != caller.brand->handle) return refuse(invalid_grant());
  Showing showing{.ticket = ticket, .shown = shown, .key_thumbprint = key_thumbprint};
  // What the owner gave rests while the brand is not served or the owner has not looked: to the brand it waits.
  const auto rests = [&caller](const grants::GrantPtr& grant) {
    const bool is_served = caller.brand->standing == brands::Standing::Known;
    return grant != nullptr && !has_ended(condition_of(*caller.rooms, *grant, caller.now)) &&
           (!is_served || grant->suspended);
  };
  switch (ticket->kind) {
    case grants::TicketKind::Refresh:
    case grants::TicketKind::IntentRefresh:
    case grants::TicketKind::Ended:
      return refuse(invalid_grant());
    case grants::TicketKind::ForIntent:
      return issue_for_intent(caller, std::move(showing), later);
    case grants::TicketKind::ForGrant: {
      const auto grant = caller.rooms->grants.find(ticket->target);
      if (grant != nullptr && grant->condition(caller.now) == grants::Condition::Held)
        return wait_on(shown, "the acceptance is not acknowledged", later);
      if (rests(grant)) return wait_on(shown, kNotDecided, later);
      return issue(caller, std::move(showing), ticket->target, later);
    }
    case grants::TicketKind::ForRequest:
      break;
  }
  const auto request = caller.rooms->requests.find(ticket->target);
  if (request == nullptr) return refuse(invalid_grant());
  const auto condition = request->condition(caller.now);
  if (condition == grants::RequestCondition::Approved &&
      !rests(caller.rooms->grants.find(request->grant)))
    return issue(caller, std::move(showing), request->grant, later);
  if (condition == grants::RequestCondition::Denied && request->tell)
    return refuse({BrandError::AccessDenied, "the owner said no"});
  if (caller.now >= request->lapses_at)
    return refuse({BrandError::ExpiredToken, "the request lapsed"});
  // Until then a denial that is not told looks like waiting.
  wait_on(shown, kNotDecided, later);
}

void BrandDesk::refresh(const Caller& caller, const std::string& shown,
                        const std::string& key_thumbprint, const Later<std::string>& later) {
  const auto ticket = caller.rooms->tickets.find(shown);
  const bool is_own = ticket != nullptr && ticket->brand == caller.brand->handle;
  Showing showing{.ticket = ticket, .shown = shown, .key_thumbprint = key_thumbprint};
  if (is_own && ticket->kind == grants::TicketKind::IntentRefresh)
    return issue_for_intent(caller, std::move(showing), later);
  if (is_own && ticket->kind == grants::TicketKind::Refresh)
    return issue(caller, std::move(showing), ticket->target, later);
  refuse_party(caller, entry_for(caller, journal::Kind::PartyRefused, journal::Outcome::Refused),
               invalid_grant(), later);
}

// An answer of which the brand heard nothing is told once more, to who shows the same by the same key. Its refresh token
// is in memory for that minute alone; nothing that could make it again is stored.
std::optional<BrandDesk::Showing> BrandDesk::collected_again(const Caller& caller,
                                                             const std::string& shown,
                                                             const std::string& key_thumbprint) {
  std::string refresh_token;
  {
    const std::lock_guard lock(collected_mutex_);
    const auto found = collected_.find(shown);
    if (found == collected_.end() || found->second.brand != caller.brand->handle ||
        found->second.key_thumbprint != key_thumbprint ||
        found->second.until <= vault_.means().clock.ticks())
      return std::nullopt;
    refresh_token = text_of(found->second.refresh_token.bytes());
    collected_.erase(found);
  }
  auto ticket = caller.rooms->tickets.find(refresh_token);
  if (ticket == nullptr) return std::nullopt;
  return Showing{std::move(ticket), shown, key_thumbprint, std::move(refresh_token)};
}

void BrandDesk::keep_collected(const Caller& caller, const Showing& showing) {
  const Duration ticks = vault_.means().clock.ticks();
  drop_collected(ticks);
  const std::lock_guard lock(collected_mutex_);
  if (collected_.size() >= kMostCollectedKept) return;  // what is lost then is asked for anew
  collected_.emplace(
      showing.shown,
      Collected{caller.brand->handle, showing.key_thumbprint,
                crypto::Secret::copy_of(bytes_of(showing.refresh_token)), ticks + kCollectedKept});
}

void BrandDesk::drop_collected(Duration ticks) {
  const std::lock_guard lock(collected_mutex_);
  std::erase_if(collected_, [ticks](const auto& each) { return each.second.until <= ticks; });
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

std::optional<Refused> BrandDesk::hindered(const Caller& caller, const grants::Grant& grant,
                                           Refused when_ended) const {
  if (vault_.state() == State::Serving && !grant.served_while_locked)
    return Refused{BrandError::VaultLocked, "this grant is served while the vault is open", 60};
  const auto condition = condition_of(*caller.rooms, grant, caller.now);
  if (has_ended(condition) || condition == grants::Condition::Held) {
    when_ended.noted = to_string(condition);
    return when_ended;
  }
  const auto standing = caller.brand->standing;
  const bool is_served = standing == brands::Standing::Known;
  if (is_served && condition != grants::Condition::Suspended) return std::nullopt;
  // It may come back: what the brand holds is not to be thrown away.
  Refused resting = forbidden(*caller.brand);
  resting.noted = is_served ? to_string(condition) : to_string(standing);
  return resting;
}

void BrandDesk::issue(const Caller& caller, Showing showing, const std::string& grant_id,
                      const Later<std::string>& later) {
  const auto grant = caller.rooms->grants.find(grant_id);
  journal::Entry entry = entry_for(caller, journal::Kind::TokenIssued, journal::Outcome::Allowed);
  entry.grant = grant_id;
  const auto refuse = [&](Refused refused) {
    entry.outcome = journal::Outcome::Refused;
    refuse_party(caller, entry, std::move(refused), later);
  };
  if (grant == nullptr) return refuse(invalid_grant());
  if (auto refused = hindered(caller, *grant, invalid_grant())) return refuse(std::move(*refused));

  entry.fields = grant->fields;
  entry.purpose = grant->purpose;
  const bool is_first = showing.ticket->kind != grants::TicketKind::Refresh;
  if (is_first) showing.refresh_token = draw_refresh_token(*caller.rooms);
  auto* rooms = caller.rooms;
  store::Job job = [rooms, showing, entry, is_first](store::Txn& txn) -> Result<void> {
    TRY(check_order(*rooms, entry.grant));
    const auto active = TRY(rooms->grants.activate(txn, entry.grant, entry.at));
    if (is_first) {
      TRY(rooms->tickets.use_up(txn, *showing.ticket));
      const grants::Ticket next{.kind = grants::TicketKind::Refresh,
                                .brand = showing.ticket->brand,
                                .target = active->id.text,
                                .expires_at = active->expires_at,
                                .key = showing.ticket->key};
      TRY(rooms->tickets.make(txn, next, showing.refresh_token));
    }
    TRY(journal::append(txn, *rooms->store, entry));
    return {};
  };
  enqueue(std::move(job), [this, caller, grant_id, showing, is_first, later](Result<void> kept) {
    if (!kept.ok()) {
      const bool ended =
          kept.error().code == ErrorCode::Denied || kept.error().code == ErrorCode::NotFound;
      const Refused told =
          ended ? invalid_grant() : Refused{BrandError::TemporarilyUnavailable, "try again", 5};
      return later([told]() -> Outcome<std::string> { return told; });
    }
    if (is_first) keep_collected(caller, showing);
    later([this, caller, grant_id, showing]() -> Outcome<std::string> {
      const auto current = caller.rooms->grants.find(grant_id);
      const bool is_active =
          current != nullptr &&
          condition_of(*caller.rooms, *current, caller.now) == grants::Condition::Active;
      if (!is_active) return invalid_grant();
      return token_answer(caller, *current, showing.refresh_token, showing.key_thumbprint);
    });
  });
}

void BrandDesk::issue_for_intent(const Caller& caller, Showing showing,
                                 const Later<std::string>& later) {
  journal::Entry entry = entry_for(caller, journal::Kind::TokenIssued, journal::Outcome::Allowed);
  const auto& ticket = showing.ticket;
  const auto invitation = caller.rooms->invitations.find(ticket->target);
  const auto refuse = [&](Refused refused) {
    entry.outcome = journal::Outcome::Refused;
    refuse_party(caller, entry, std::move(refused), later);
  };
  if (invitation == nullptr || invitation->closed || caller.now >= ticket->expires_at)
    return refuse(invalid_grant());
  const bool is_first = ticket->kind != grants::TicketKind::IntentRefresh;
  if (caller.brand->standing != brands::Standing::Known) {
    if (is_first) return wait_on(showing.shown, kNotDecided, later);
    Refused resting = forbidden(*caller.brand);
    resting.noted = to_string(caller.brand->standing);
    return refuse(std::move(resting));
  }
  entry.reason = invitation->intent;
  if (is_first) showing.refresh_token = draw_refresh_token(*caller.rooms);
  store::Job job = [rooms = caller.rooms, showing, entry,
                    is_first](store::Txn& txn) -> Result<void> {
    if (is_first) {
      TRY(rooms->tickets.use_up(txn, *showing.ticket));
      const grants::Ticket next{.kind = grants::TicketKind::IntentRefresh,
                                .brand = showing.ticket->brand,
                                .target = showing.ticket->target,
                                .expires_at = showing.ticket->expires_at,
                                .key = showing.ticket->key};
      TRY(rooms->tickets.make(txn, next, showing.refresh_token));
    }
    TRY(journal::append(txn, *rooms->store, entry));
    return {};
  };
  enqueue(std::move(job), [this, caller, showing, is_first, later](Result<void> kept) {
    if (!kept.ok()) {
      const Refused told = kept.error().code == ErrorCode::NotFound
                               ? invalid_grant()
                               : Refused{BrandError::TemporarilyUnavailable, "try again", 5};
      return later([told]() -> Outcome<std::string> { return told; });
    }
    if (is_first) keep_collected(caller, showing);
    later([this, caller, showing]() -> Outcome<std::string> {
      const std::string& iid = showing.ticket->target;
      return token_for(caller, iid, showing.ticket->expires_at, write_invited(iid),
                       showing.refresh_token, showing.key_thumbprint);
    });
  });
}

std::string BrandDesk::token_answer(const Caller& caller, const grants::Grant& grant,
                                    const std::string& refresh_token,
                                    const std::string& key_thumbprint) {
  return token_for(caller, grant.id.text, grant.expires_at, write_granted(grant), refresh_token,
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
