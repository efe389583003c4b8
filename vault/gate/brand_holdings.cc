// BrandDesk: what a brand holds. It asks how a token or a grant stands (RFC 7662, Grant Management for OAuth 2.0) and gives
// it back (RFC 7009).
//
// Nothing of the owner's is in these answers: what the brand was granted it was told before. So a good token that is asked
// about leaves no record; all else does. What is given back is durable before it is confirmed.

#include <chrono>
#include <nlohmann/json.hpp>

#include "vault/base/json.h"
#include "vault/gate/brand_desk.h"
#include "vault/gate/wish.h"
#include "vault/jose/dpop.h"

namespace vrm::gate {

namespace {

constexpr Duration kClocksDiffer = std::chrono::minutes(1);

Refused no_token() {
  return {BrandError::InvalidToken, "not valid, or not any more"};
}

bool is_refresh(const grants::Ticket& ticket) {
  return ticket.kind == grants::TicketKind::Refresh ||
         ticket.kind == grants::TicketKind::IntentRefresh;
}

// The record alone, of what changes nothing.
store::Job noting(Rooms* rooms, journal::Entry entry) {
  return [rooms, entry = std::move(entry)](store::Txn& txn) -> Result<void> {
    TRY(journal::append(txn, *rooms->store, entry));
    return {};
  };
}

// `answer`, once the record is durable.
store::Done telling(std::string answer, const Later<std::string>& later) {
  return [answer = std::move(answer), later](Result<void> noted) {
    const bool durable = noted.ok();
    later([answer, durable]() -> Outcome<std::string> {
      if (!durable) return Refused{BrandError::TemporarilyUnavailable, "try again", 5};
      return answer;
    });
  };
}

std::string inactive_answer() {
  return write_json({{"active", false}});
}

}  // namespace

// A token of the caller's: an access token that has not run out, or a refresh token.
struct BrandDesk::HeldToken {
  TokenPtr access;
  grants::TicketPtr refresh;

  // Of a grant, or the {iid} of an intent.
  const std::string& target() const {
    return access != nullptr ? access->token.grant_id : refresh->target;
  }
};

std::optional<BrandDesk::HeldToken> BrandDesk::held_by(const Caller& caller,
                                                       const std::string& shown) {
  if (proves_rollback(shown)) return std::nullopt;
  const auto ticket = caller.rooms->tickets.find(shown);
  if (ticket != nullptr) {
    if (ticket->brand != caller.brand->handle || !is_refresh(*ticket)) return std::nullopt;
    return HeldToken{nullptr, ticket};
  }
  auto read = jose::read_access_token(shown, caller.issuer->key.public_key(), caller.issuer->url,
                                      brands::resource_of(*caller.issuer), caller.now);
  if (!read.ok() || read.value().issued.ms <= caller.brand->tokens_after.ms) return std::nullopt;
  auto held = std::make_shared<const VerifiedToken>(caller.issuer->vid, jose::token_hash(shown),
                                                    std::move(read).value());
  if (is_given_back(caller, *held)) return std::nullopt;
  return HeldToken{std::move(held), nullptr};
}

void BrandDesk::revoke(std::string_view vid, const Form& form, const Later<std::string>& later) {
  auto found = authenticated(vid, form);
  if (auto* refused = std::get_if<Refused>(&found))
    return refuse_stranger(std::move(*refused), later);
  const auto& caller = std::get<Caller>(found);
  journal::Entry entry =
      entry_for(caller, journal::Kind::TokenGivenBack, journal::Outcome::Refused);
  const auto shown = form.find("token");
  if (shown == form.end())
    return refuse_party(caller, std::move(entry), {BrandError::InvalidRequest, "token is missing"},
                        later);
  const auto held = held_by(caller, shown->second);
  if (held && held->refresh != nullptr && held->refresh->kind == grants::TicketKind::Refresh)
    return end_grant(caller, held->target(), Refused{}, later);
  if (held) return end_token(caller, *held, later);
  // What never was and what is another's are told as done.
  entry.reason = to_string(BrandError::InvalidToken);
  enqueue(noting(caller.rooms, std::move(entry)), telling(std::string(), later));
}

// One access token, or all that opens an intent for the brand.
void BrandDesk::end_token(const Caller& caller, const HeldToken& held,
                          const Later<std::string>& later) {
  journal::Entry entry = entry_for(caller, journal::Kind::TokenGivenBack, journal::Outcome::Done);
  const auto invitation = caller.rooms->invitations.find(held.target());
  if (invitation == nullptr)
    entry.grant = held.target();
  else
    entry.reason = invitation->intent;
  const bool is_one = held.access != nullptr;
  const std::string name = is_one ? held.access->token.jti : held.target();
  const grants::Ticket ending{.kind = grants::TicketKind::Ended,
                              .brand = caller.brand->handle,
                              .target = held.target(),
                              .expires_at = is_one
                                                ? held.access->token.expires
                                                : caller.now + jose::kMostTokenLife + kClocksDiffer,
                              .key = caller.brand->key};
  store::Job job = [rooms = caller.rooms, refresh = held.refresh, entry, ending,
                    name](store::Txn& txn) -> Result<void> {
    TRY(rooms->tickets.forget_ended(txn, entry.at));
    if (refresh != nullptr) TRY(rooms->tickets.use_up(txn, *refresh));
    TRY(rooms->tickets.end(txn, ending, name));
    TRY(journal::append(txn, *rooms->store, entry));
    return {};
  };
  enqueue(std::move(job), [later](Result<void> kept) {
    // Two that give the same back at once both hear that it is.
    const bool durable = kept.ok() || kept.error().code == ErrorCode::NotFound;
    later([durable]() -> Outcome<std::string> {
      if (!durable) return Refused{BrandError::TemporarilyUnavailable, "try again", 5};
      return std::string();
    });
  });
}

// `when_ended`: what the brand hears of one that was over already; an empty description: that it is.
void BrandDesk::end_grant(const Caller& caller, const std::string& id, const Refused& when_ended,
                          const Later<std::string>& later) {
  journal::Entry entry = entry_for(caller, journal::Kind::GrantGivenBack, journal::Outcome::Done);
  entry.grant = id;
  if (const auto grant = caller.rooms->grants.find(id)) {
    entry.fields = grant->fields;
    entry.purpose = grant->purpose;
  }
  auto refused = std::make_shared<bool>(false);
  store::Job job = [rooms = caller.rooms, entry, refused](store::Txn& txn) mutable -> Result<void> {
    const auto given = rooms->grants.give_back(txn, entry.grant, entry.at);
    *refused = !given.ok();
    if (*refused) {
      const auto code = given.error().code;
      if (code != ErrorCode::Denied && code != ErrorCode::NotFound) return given.error();
      const auto grant = rooms->grants.find(entry.grant);
      entry.outcome = journal::Outcome::Refused;
      entry.reason = grant == nullptr ? to_string(BrandError::NotFound)
                                      : grants::to_string(grant->condition(entry.at));
    }
    TRY(journal::append(txn, *rooms->store, entry));
    return {};
  };
  enqueue(std::move(job), [refused, when_ended, later](Result<void> kept) {
    const bool durable = kept.ok();
    later([durable, refused, when_ended]() -> Outcome<std::string> {
      if (!durable) return Refused{BrandError::TemporarilyUnavailable, "try again", 5};
      if (*refused && !when_ended.description.empty()) return when_ended;
      return std::string();
    });
  });
}

std::optional<Refused> BrandDesk::inactive(const Caller& caller, const HeldToken& held) const {
  const std::string& target = held.target();
  if (const auto grant = caller.rooms->grants.find(target))
    return grant->brand == caller.brand->handle ? hindered(caller, *grant, no_token()) : no_token();
  const auto invitation = caller.rooms->invitations.find(target);
  const bool is_open = invitation != nullptr && invitation->brand == caller.brand->handle &&
                       !caller.rooms->tickets.has_ended(target) &&
                       caller.brand->standing == brands::Standing::Known;
  return is_open ? std::nullopt : std::optional<Refused>(no_token());
}

std::string BrandDesk::about(const Caller& caller, const HeldToken& held) const {
  nlohmann::json answer = {{"active", true},
                           {"iss", caller.issuer->url},
                           {"sub", caller.issuer->subject},
                           {"client_id", caller.brand->client_id},
                           {"scope", "vrm"},
                           {"grant_id", held.target()}};
  const auto grant = caller.rooms->grants.find(held.target());
  answer["authorization_details"] = nlohmann::json::parse(
      grant == nullptr ? write_invited(held.target()) : write_granted(*grant));
  if (held.access == nullptr) {
    answer["exp"] = held.refresh->expires_at.seconds();
    return write_json(answer);
  }
  const auto& token = held.access->token;
  answer["aud"] = token.audience;
  answer["exp"] = token.expires.seconds();
  answer["iat"] = token.issued.seconds();
  answer["jti"] = token.jti;
  answer["token_type"] = "DPoP";
  answer["cnf"] = {{"jkt", token.key_thumbprint}};
  return write_json(answer);
}

void BrandDesk::introspect(std::string_view vid, const Form& form,
                           const Later<std::string>& later) {
  auto found = authenticated(vid, form);
  if (auto* refused = std::get_if<Refused>(&found))
    return refuse_stranger(std::move(*refused), later);
  const auto& caller = std::get<Caller>(found);
  journal::Entry entry = entry_for(caller, journal::Kind::PartyRefused, journal::Outcome::Refused);
  const auto shown = form.find("token");
  if (shown == form.end())
    return refuse_party(caller, std::move(entry), {BrandError::InvalidRequest, "token is missing"},
                        later);
  const auto held = held_by(caller, shown->second);
  auto why = held ? inactive(caller, *held) : no_token();
  if (why && why->error == BrandError::VaultLocked)
    return refuse_party(caller, std::move(entry), std::move(*why), later);
  if (!why) {
    const std::string answer = about(caller, *held);
    return later([answer]() -> Outcome<std::string> { return answer; });
  }
  entry.reason = why->noted.empty() ? std::string(to_string(why->error)) : why->noted;
  enqueue(noting(caller.rooms, std::move(entry)), telling(inactive_answer(), later));
}

// The holder of a token of the grant that is named; nothing when the call was answered.
std::optional<BrandDesk::Holder> BrandDesk::keeper(std::string_view vid, const GrantCall& call,
                                                   const Proved& proved, journal::Kind kind,
                                                   const Later<std::string>& later) {
  auto found = holder(vid, call.token, proved);
  if (const auto* refused = std::get_if<Refused>(&found)) {
    refuse_stranger(*refused, later);
    return std::nullopt;
  }
  auto& held = std::get<Holder>(found);
  journal::Entry entry = entry_for(held.caller, kind, journal::Outcome::Refused);
  std::optional<Refused> refused;
  if (!rate_.take(held.caller.brand->handle))
    refused = Refused{BrandError::RateLimited, "too many calls", 60};
  else if (held.token->token.grant_id != call.grant)
    refused = Refused{BrandError::NotFound};
  else if (held.caller.rooms->grants.find(call.grant) == nullptr)
    refused = no_token();
  if (!refused) return std::move(held);
  refuse_party(held.caller, std::move(entry), std::move(*refused), later);
  return std::nullopt;
}

void BrandDesk::show_grant(std::string_view vid, const GrantCall& call, const Proved& proved,
                           const Later<std::string>& later) {
  const auto found = keeper(vid, call, proved, journal::Kind::PartyRefused, later);
  if (!found) return;
  const Caller& caller = found->caller;
  const auto grant = caller.rooms->grants.find(call.grant);
  auto refused = grant == nullptr ? no_token() : hindered(caller, *grant, no_token());
  if (refused) {
    journal::Entry entry =
        entry_for(caller, journal::Kind::PartyRefused, journal::Outcome::Refused);
    entry.grant = call.grant;
    return refuse_party(caller, std::move(entry), std::move(*refused), later);
  }
  nlohmann::json answer = {
      {"grant_id", call.grant},
      {"state", grants::to_string(grant->condition(caller.now))},
      {"scopes", {{{"scope", "vrm"}, {"resources", {found->token->token.audience}}}}},
      {"claims", nlohmann::json::array()},
      {"authorization_details", nlohmann::json::parse(write_granted(*grant))},
      {"expires_at", grant->expires_at.seconds()}};
  if (grant->max_reads) answer["reads_left"] = *grant->max_reads - grant->reads;
  const std::string text = write_json(answer);
  later([text]() -> Outcome<std::string> { return text; });
}

void BrandDesk::give_back(std::string_view vid, const GrantCall& call, const Proved& proved,
                          const Later<std::string>& later) {
  const auto found = keeper(vid, call, proved, journal::Kind::GrantGivenBack, later);
  if (found) end_grant(found->caller, call.grant, no_token(), later);
}

}  // namespace vrm::gate
