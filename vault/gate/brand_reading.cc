// BrandDesk: a read. token -> proof -> grant -> policies -> record -> commit -> grant once more -> cell.

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "vault/base/json.h"
#include "vault/brands/receipt.h"
#include "vault/gate/brand_desk.h"
#include "vault/gate/orders.h"
#include "vault/jose/dpop.h"

namespace vrm::gate {

namespace {

constexpr std::size_t kMostTokensRemembered = 10'000;
constexpr std::size_t kUsualAnswerBytes = 1088;
constexpr std::size_t kDateChars = 10;  // of YYYY-MM-DD

Refused invalid_token() {
  return {BrandError::InvalidToken, "not valid, or not any more"};
}
// The brand hears the same whatever became of the grant; its owner may know.
Refused ended(grants::Condition condition) {
  Refused refused = invalid_token();
  refused.noted = to_string(condition);
  return refused;
}
// As any rule that forbids: the grant may come back.
Refused resting(grants::Condition condition) {
  return {BrandError::PolicyDenied, "a rule of the owner", {}, std::string(to_string(condition))};
}
Refused outside() {
  return {BrandError::InsufficientScope, "a field or purpose outside the grant"};
}

// A name that stands in JSON as it is: field names have no letter that would be escaped.
void append_name(std::string& out, std::string_view name) {
  out += '"';
  out += name;
  out += "\":";
}

// What a brand is told of a document; its bytes come part by part.
void append_document(std::string& out, const profile::Document& document) {
  const std::string value = write_json({{"name", document.file},
                                        {"type", document.type},
                                        {"size", document.size},
                                        {"parts", parts_of(document.size)},
                                        {"sha-256", to_hex(document.sha256)}});
  out += "{\"value\":" + value + ",\"as_of\":\"";
  out.append(to_rfc3339(document.added_at), 0, kDateChars);
  out += "\"}";
}

// A value that stands in for the owner's looks like one, and is as old as the grant.
void append_alias(std::string& out, const grants::Alias& alias, Instant at) {
  const auto type = profile::type_from_text(alias.type).value_or(profile::Type::Text);
  out += '{';
  profile::append_value_json(type, alias.value, out);
  out += ",\"as_of\":\"";
  out.append(to_rfc3339(at), 0, kDateChars);
  out += "\"}";
}

// The body of an answer: the cells are opened here, after the record is durable.
Outcome<std::string> disclose(const Rooms& rooms, const grants::Grant& grant,
                              const std::vector<std::string>& fields, std::string_view receipt,
                              Instant now) {
  std::string body;
  body.reserve(kUsualAnswerBytes);
  body += "{\"data\":{";
  for (const auto& name : fields) {
    if (body.back() != '{') body += ',';
    append_name(body, name);
    if (const auto alias = grant.aliases.find(name); alias != grant.aliases.end()) {
      append_alias(body, alias->second, grant.made_at);
      continue;
    }
    if (const auto document = rooms.documents.find(name)) {
      append_document(body, *document);
      continue;
    }
    const auto field = rooms.profile.find(name);
    if (!field) {
      body += "{\"value\":null}";
      continue;
    }
    const auto appended = rooms.profile.append_answer(*field, body);
    if (appended.ok()) continue;
    if (appended.error().code == ErrorCode::NotFound) {
      body += "{\"value\":null}";
    } else if (appended.error().code == ErrorCode::Locked) {
      return Refused{BrandError::VaultLocked, "this field is served while the vault is open", 60};
    } else {
      return Refused{BrandError::TemporarilyUnavailable, "try again", 60};
    }
  }
  body += "},\"grant_id\":\"" + grant.id.text + "\"";
  if (grant.retention_days > 0)
    body += ",\"retention_until\":\"" +
            to_rfc3339(now + std::chrono::hours(24) * grant.retention_days) + "\"";
  body += ",\"receipt\":\"";
  body += receipt;
  return body + "\"}";
}

}  // namespace

// A read that was allowed, on its way through the writer.
struct BrandDesk::Pass {
  Pass(const Caller& of, TokenPtr by, journal::Entry written, std::uint64_t wanted, std::string key,
       const Later<std::string>& answer)
      : caller(of),
        token(std::move(by)),
        entry(std::move(written)),
        part(wanted),
        repeat_key(std::move(key)),
        later(answer) {}

  Caller caller;
  TokenPtr token;
  journal::Entry entry;
  std::uint64_t part;  // of the document that is the entry's field; 0: what is wanted is the data
  std::string repeat_key;  // under which it counts once
  Later<std::string> later;
};

Outcome<BrandDesk::TokenPtr> BrandDesk::verified(const Caller& caller, const std::string& token,
                                                 const Proved& proved) {
  const std::string hash = jose::token_hash(token);
  {
    const std::lock_guard lock(tokens_mutex_);
    const auto found = tokens_.find(hash);
    if (found != tokens_.end() && found->second->vid == caller.issuer->vid) {
      if (found->second->token.expires > caller.now && !is_given_back(caller, *found->second))
        return found->second;
      tokens_.erase(found);
      return invalid_token();
    }
  }
  if (auto refused = look_at_proof(caller, proved, hash)) return std::move(*refused);
  auto read = jose::read_access_token(token, caller.issuer->key.public_key(), caller.issuer->url,
                                      brands::resource_of(*caller.issuer), caller.now);
  if (!read.ok()) return invalid_token();
  const auto checked =
      std::make_shared<const VerifiedToken>(caller.issuer->vid, hash, std::move(read).value());
  if (is_given_back(caller, *checked)) return invalid_token();
  const std::lock_guard lock(tokens_mutex_);
  if (tokens_.size() >= kMostTokensRemembered) tokens_.clear();
  tokens_[hash] = checked;
  return checked;
}

bool BrandDesk::is_given_back(const Caller& caller, const VerifiedToken& held) {
  return caller.rooms->tickets.has_end(held.end);
}

std::optional<Refused> BrandDesk::decide(const Caller& caller, const grants::Grant& grant,
                                         const Reading& reading, std::string_view purpose) const {
  if (vault_.state() == State::Serving && !grant.served_while_locked)
    return Refused{BrandError::VaultLocked, "this grant is served while the vault is open", 60};
  const auto condition = condition_of(*caller.rooms, grant, caller.now);
  if (condition == grants::Condition::Suspended) return resting(condition);
  if (condition != grants::Condition::Active) return ended(condition);
  const auto rules = policies_.rules();
  if (rules == nullptr)
    return Refused{BrandError::TemporarilyUnavailable, "the owner has to look at a rule", 600};
  for (const auto& field : reading.fields) {
    const Decision decision = rules->decide({*caller.brand, &grant, field, purpose, caller.now});
    if (decision.allowed) continue;
    // A forbid that bites inside the grant is told as such; all else is outside, known or unknown alike.
    const bool bites = grant.covers(field) && !decision.reasons.empty();
    return bites ? forbidden(*caller.brand) : outside();
  }
  return std::nullopt;
}

Outcome<BrandDesk::Holder> BrandDesk::holder(std::string_view vid, const std::string& token,
                                             const Proved& proved) {
  auto found = caller(vid);
  if (auto* refused = std::get_if<Refused>(&found)) return std::move(*refused);
  auto& caller = std::get<Caller>(found);
  auto known = verified(caller, token, proved);
  if (auto* refused = std::get_if<Refused>(&known)) return std::move(*refused);
  auto& held = std::get<TokenPtr>(known);
  // Whoever asked for it may have held a key that the brand gave up since.
  if (held->token.issued.ms <= caller.brand->tokens_after.ms) return invalid_token();
  std::string key;
  if (auto refused = check_proof(caller, proved, held->hash, held->token.key_thumbprint, key))
    return std::move(*refused);
  return Holder{std::move(caller), std::move(held)};
}

void BrandDesk::read(std::string_view vid, const Reading& reading, const Proved& proved,
                     const Later<std::string>& later) {
  pass(vid, reading, 0, proved, later);
}

void BrandDesk::read_part(std::string_view vid, const Reading& reading, std::uint64_t part,
                          const Proved& proved, const Later<std::string>& later) {
  pass(vid, reading, part, proved, later);
}

void BrandDesk::pass(std::string_view vid, const Reading& reading, std::uint64_t part,
                     const Proved& proved, const Later<std::string>& later) {
  const auto found = holder(vid, reading.token, proved);
  if (const auto* refused = std::get_if<Refused>(&found)) return refuse_stranger(*refused, later);
  const auto& [caller, token] = std::get<Holder>(found);
  const VerifiedToken& held = *token;

  // From here on the party is known: every answer has its record.
  journal::Entry entry = entry_for(caller, journal::Kind::Read, journal::Outcome::Refused);
  entry.grant = held.token.grant_id;
  entry.fields = reading.fields;
  const auto* purpose = vault_.knowledge().purposes.find(reading.purpose);
  entry.purpose = purpose == nullptr ? "" : purpose->dpv;
  if (!rate_.take(caller.brand->handle))
    return refuse_party(caller, entry, {BrandError::RateLimited, "too many calls", 60}, later);
  if (purpose == nullptr)
    return refuse_party(caller, entry,
                        {BrandError::InvalidRequest,
                         "purpose: unknown; there is " + vault_.knowledge().purposes.words()},
                        later);
  const auto grant = caller.rooms->grants.find(held.token.grant_id);
  if (grant == nullptr || grant->brand != caller.brand->handle)
    return refuse_party(caller, entry, invalid_token(), later);
  grants::Grant asked = *grant;
  const bool goes_on = part > 0 && is_being_read(caller, asked, reading.fields.front());
  auto repeat = Repeats::Seen::Never;
  if (!reading.repeat_key.empty()) repeat = repeats_.look(entry, reading.repeat_key);
  if (repeat == Repeats::Seen::Another)
    return refuse_party(caller, entry,
                        {BrandError::InvalidRequest, "Idempotency-Key: it came with another read"},
                        later);
  const bool is_repeat = repeat == Repeats::Seen::Counted;
  if (goes_on || is_repeat) asked.uncount_read(reading.fields);  // this read is among those counted
  if (auto refused = decide(caller, asked, reading, purpose->dpv))
    return refuse_party(caller, entry, std::move(*refused), later);

  entry.outcome = journal::Outcome::Allowed;
  const auto pass = std::make_shared<const Pass>(caller, token, std::move(entry), part,
                                                 reading.repeat_key, later);
  if (goes_on) return later([this, pass] { return handed_over(*pass); });
  const auto counting = is_repeat ? grants::Counting::Before : grants::Counting::Now;
  store::Job job = [pass, counting](store::Txn& txn) -> Result<void> {
    Rooms& rooms = *pass->caller.rooms;
    if (is_given_back(pass->caller, *pass->token))
      return Error{ErrorCode::Denied, "the token was given back"};
    TRY(check_order(rooms, pass->entry.grant));
    TRY(rooms.grants.use(txn, pass->entry.grant, pass->entry.fields, pass->entry.at, counting));
    TRY(journal::append(txn, *rooms.store, pass->entry));
    return {};
  };
  enqueue(std::move(job), [this, pass](Result<void> kept) {
    if (kept.ok()) {
      note_documents(pass->caller, pass->entry);
      if (!pass->repeat_key.empty()) repeats_.note(pass->entry, pass->repeat_key);
      return pass->later([this, pass] { return handed_over(*pass); });
    }
    // It ended between the decision and the record, or the record could not be written: nothing is disclosed.
    const auto code = kept.error().code;
    const bool was_read =
        code == ErrorCode::Conflict;  // another read of a field that is read once came first
    const bool has_ended = code == ErrorCode::Denied || code == ErrorCode::NotFound;
    if (!has_ended && !was_read)
      return pass->later([]() -> Outcome<std::string> {
        return Refused{BrandError::TemporarilyUnavailable, "try again", 5};
      });
    journal::Entry refused = pass->entry;
    refused.outcome = journal::Outcome::Refused;
    refuse_party(pass->caller, std::move(refused), was_read ? outside() : ended_meanwhile(*pass),
                 pass->later);
    flush();
  });
}

Refused BrandDesk::ended_meanwhile(const Pass& pass) {
  const auto& rooms = *pass.caller.rooms;
  const auto grant = rooms.grants.find(pass.entry.grant);
  if (grant == nullptr || is_given_back(pass.caller, *pass.token)) return invalid_token();
  return ended(condition_of(rooms, *grant, pass.caller.now));
}

Outcome<std::string> BrandDesk::handed_over(const Pass& pass) const {
  const Caller& caller = pass.caller;
  const journal::Entry& entry = pass.entry;
  const auto current = caller.rooms->grants.find(entry.grant);
  if (current == nullptr || current->stored != grants::Stored::Active ||
      !is_order_open(*caller.rooms, *current) || is_given_back(caller, *pass.token))
    return invalid_token();
  // Blocked, or other keys noticed, since it was decided.
  const auto brand = caller.rooms->brands.find(caller.brand->handle);
  if (brand == nullptr || brand->standing != brands::Standing::Known)
    return forbidden(brand == nullptr ? *caller.brand : *brand);
  if (pass.part > 0) return part_of(*caller.rooms, entry.fields.front(), pass.part);
  // Of what is durable, and so at least of the commit that has the record.
  const auto witness = caller.rooms->store->witness(store::WitnessOf::Committed);
  const std::string receipt =
      brands::write_receipt(*caller.issuer, *caller.brand,
                            {.fields = entry.fields,
                             .purpose = entry.purpose,
                             .grant = entry.grant,
                             .at = entry.at,
                             .terms_id = current->terms ? current->terms->id : "",
                             .terms_digest = current->terms ? current->terms->digest : "",
                             .witness = witness.ok() ? BytesView(witness.value()) : BytesView()},
                            new_unguessable_name(vault_.means().random));
  return disclose(*caller.rooms, *current, entry.fields, receipt, entry.at);
}

}  // namespace vrm::gate
