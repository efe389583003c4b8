#include "vault/gate/brand_desk.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "vault/base/json.h"
#include "vault/jose/client_assertion.h"
#include "vault/jose/dpop.h"

namespace vrm::gate {

namespace {

constexpr std::string_view kAssertionType =
    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
constexpr std::size_t kMostHeadersKnown = 1000;
constexpr int kRetryWhenBusy_s = 5;
constexpr int kRetryWhenSealed_s = 60;

Refused busy() {
  return {BrandError::TemporarilyUnavailable, "try again", kRetryWhenBusy_s};
}

std::string value_of(const Form& form, std::string_view name) {
  const auto found = form.find(name);
  return found == form.end() ? std::string() : found->second;
}

nlohmann::json algorithms() {
  return {"EdDSA", "Ed25519", "ES256"};
}

nlohmann::json terms_supported(const grants::Roster& roster) {
  nlohmann::json terms = nlohmann::json::array();
  for (const auto& each : roster.all()) terms.push_back({{"id", each.id}, {"digest", each.digest}});
  return terms;
}

Refused told_of(jose::ProofRefusal refusal) {
  if (refusal == jose::ProofRefusal::NonceMissing || refusal == jose::ProofRefusal::NonceOld)
    return {BrandError::UseDpopNonce, "take the nonce of DPoP-Nonce"};
  if (refusal == jose::ProofRefusal::OtherKey)
    return {BrandError::InvalidToken, "bound to another key"};
  return {BrandError::InvalidDpopProof, std::string(jose::to_string(refusal))};
}

}  // namespace

Refused forbidden(const brands::Brand& brand) {
  const bool by_keys = brand.standing == brands::Standing::KeysChanged;
  return {BrandError::PolicyDenied, by_keys
                                        ? "the brand shows other keys: the owner has to accept them"
                                        : "a rule of the owner"};
}

BrandDesk::BrandDesk(Vault& vault, const Policies& policies, Deals& deals, BrandLimits limits)
    : vault_(vault),
      policies_(policies),
      deals_(deals),
      limits_(limits),
      started_(vault.rooms() == nullptr ? Instant{} : vault.now()),
      nonces_(crypto::Secret::random(jose::kNonceKeyBytes, vault.means().random)),
      proofs_(vault.means().clock, vault.means().random, limits.replay),
      gate_time_(vault),
      assertions_(gate_time_, vault.means().random, limits.replay),
      rate_(vault.means().clock, limits.calls_per_minute),
      repeats_(vault.means().clock) {}

BrandDesk::~BrandDesk() = default;

std::string BrandDesk::base_of(std::string_view vid) const {
  const auto found = caller(vid);
  const auto* known = std::get_if<Caller>(&found);
  return known == nullptr ? "" : known->issuer->base;
}

std::vector<BrandDesk::MailboxOf> BrandDesk::mailboxes() const {
  std::vector<MailboxOf> mailboxes;
  const State state = vault_.state();
  if (state != State::Serving && state != State::Open) return mailboxes;
  for (const auto& brand : vault_.rooms()->brands.list()) {
    if (brand->mailbox.empty() || brand->standing != brands::Standing::Known) continue;
    const auto issuer = vault_.rooms()->issuers.of_brand(brand->handle);
    if (issuer != nullptr) mailboxes.push_back({brand->mailbox, issuer->vid, brand->handle});
  }
  return mailboxes;
}

std::string BrandDesk::poll_token(std::string_view vid) const {
  const auto found = caller(vid);
  const auto* known = std::get_if<Caller>(&found);
  if (known == nullptr) return {};
  return brands::write_poll(*known->issuer, *known->brand,
                            new_unguessable_name(vault_.means().random), known->now);
}

std::string BrandDesk::answer_token(std::string_view vid,
                                    const brands::CarriedAnswer& answer) const {
  const auto found = caller(vid);
  const auto* known = std::get_if<Caller>(&found);
  if (known == nullptr) return {};
  return brands::write_carried_answer(*known->issuer, *known->brand, answer,
                                      new_unguessable_name(vault_.means().random), known->now);
}

Outcome<BrandDesk::Caller> BrandDesk::caller(std::string_view vid) const {
  const State state = vault_.state();
  if (state != State::Serving && state != State::Open)
    return Refused{BrandError::VaultSealed, "the vault is closed", kRetryWhenSealed_s};
  Caller caller;
  caller.rooms = vault_.rooms();
  caller.issuer = caller.rooms->issuers.with_vid(vid);
  if (caller.issuer == nullptr) return Refused{BrandError::NotFound};
  caller.brand = caller.rooms->brands.find(caller.issuer->brand);
  if (caller.brand == nullptr) return Refused{BrandError::NotFound};
  caller.now = vault_.now();
  return caller;
}

std::optional<Refused> BrandDesk::closed(std::string_view vid) const {
  const auto found = caller(vid);
  const auto* refused = std::get_if<Refused>(&found);
  return refused == nullptr ? std::nullopt : std::optional<Refused>(*refused);
}

std::string BrandDesk::nonce(std::string_view vid) const {
  return nonces_.current(vid, vault_.means().clock.ticks());
}

Outcome<std::string> BrandDesk::server_metadata(std::string_view vid) const {
  const auto found = caller(vid);
  if (const auto* refused = std::get_if<Refused>(&found)) return *refused;
  const std::string& issuer = std::get<Caller>(found).issuer->url;
  return write_json(
      {{"issuer", issuer},
       {"token_endpoint", issuer + "/token"},
       {"jwks_uri", issuer + "/jwks.json"},
       {"backchannel_authentication_endpoint", issuer + "/grants/request"},
       {"backchannel_token_delivery_modes_supported", {"poll"}},
       {"backchannel_user_code_parameter_supported", false},
       {"grant_types_supported", {"urn:openid:params:grant-type:ciba", "refresh_token"}},
       {"response_types_supported", nlohmann::json::array()},
       {"token_endpoint_auth_methods_supported", {"private_key_jwt"}},
       {"token_endpoint_auth_signing_alg_values_supported", algorithms()},
       {"revocation_endpoint", issuer + "/revoke"},
       {"revocation_endpoint_auth_methods_supported", {"private_key_jwt"}},
       {"revocation_endpoint_auth_signing_alg_values_supported", algorithms()},
       {"introspection_endpoint", issuer + "/introspect"},
       {"introspection_endpoint_auth_methods_supported", {"private_key_jwt"}},
       {"introspection_endpoint_auth_signing_alg_values_supported", algorithms()},
       {"grant_management_endpoint", issuer + "/grants"},
       {"grant_management_actions_supported", {"query", "revoke"}},
       {"dpop_signing_alg_values_supported", algorithms()},
       {"authorization_details_types_supported", {"vrm_data", "vrm_offer"}},
       {"vrm_terms_supported", terms_supported(vault_.knowledge().roster)},
       {"scopes_supported", {"vrm"}},
       {"client_id_metadata_document_supported", true}});
}

Outcome<std::string> BrandDesk::resource_metadata(std::string_view vid) const {
  const auto found = caller(vid);
  if (const auto* refused = std::get_if<Refused>(&found)) return *refused;
  const auto& issuer = *std::get<Caller>(found).issuer;
  return write_json({{"resource", brands::resource_of(issuer)},
                     {"authorization_servers", {issuer.url}},
                     {"dpop_bound_access_tokens_required", true},
                     {"dpop_signing_alg_values_supported", algorithms()},
                     {"bearer_methods_supported", nlohmann::json::array()},
                     {"authorization_details_types_supported", {"vrm_data", "vrm_offer"}}});
}

Outcome<std::string> BrandDesk::keys(std::string_view vid) const {
  const auto found = caller(vid);
  if (const auto* refused = std::get_if<Refused>(&found)) return *refused;
  const std::vector<jose::Jwk> published{std::get<Caller>(found).issuer->jwk};
  return write_json(jose::write_jwk_set(published));
}

jose::AssertionRules BrandDesk::rules_for(const Caller& caller) const {
  return {.client_id = caller.brand->client_id,
          .issuer = caller.issuer->url,
          .now = caller.now,
          .started = std::max(started_, vault_.earlier_life())};
}

Outcome<BrandDesk::Caller> BrandDesk::authenticated(std::string_view vid, const Form& form) {
  auto found = caller(vid);
  if (std::holds_alternative<Refused>(found)) return found;
  const auto& caller = std::get<Caller>(found);
  const std::string client_id = value_of(form, "client_id");
  if (value_of(form, "client_assertion_type") != kAssertionType ||
      (!client_id.empty() && client_id != caller.brand->client_id))
    return Refused{BrandError::InvalidClient,
                   "private_key_jwt of the brand this issuer is for is needed"};
  const auto taken =
      jose::take_assertion(value_of(form, "client_assertion"), caller.issuer->brand_keys,
                           rules_for(caller), assertions_, caller.brand->handle);
  if (const auto* refusal = std::get_if<jose::AssertionRefusal>(&taken)) {
    if (*refusal == jose::AssertionRefusal::Full) return busy();
    // `iat` counts whole seconds: in the first second after a restart the vault cannot tell a fresh assertion from
    // one that was used before.
    if (*refusal == jose::AssertionRefusal::BeforeStart)
      return Refused{BrandError::TemporarilyUnavailable, "issued before the vault started", 1};
    // A key may go by the name of one that is pinned, or by none.
    const bool is_by_another_key = *refusal == jose::AssertionRefusal::UnknownKey ||
                                   *refusal == jose::AssertionRefusal::Signature;
    if (is_by_another_key && unknown_key_) unknown_key_(caller.brand->handle);
    return Refused{BrandError::InvalidClient,
                   "client_assertion: " + std::string(jose::to_string(*refusal))};
  }
  if (!rate_.take(caller.brand->handle))
    return Refused{BrandError::RateLimited, "too many calls", 60};
  return found;
}

std::optional<Refused> BrandDesk::look_at_proof(const Caller& caller, const Proved& proved,
                                                std::string_view token_hash) const {
  if (proved.proof.empty()) return Refused{BrandError::InvalidDpopProof, std::string(kNoProof)};
  const auto accepted = nonces_.accepted(caller.issuer->vid, vault_.means().clock.ticks());
  const auto refusal = jose::look_at_proof(proved.proof, {.method = proved.method,
                                                          .url = proved.url,
                                                          .nonces = accepted,
                                                          .now = vault_.means().clock.now(),
                                                          .token_hash = token_hash});
  return refusal ? std::optional(told_of(*refusal)) : std::nullopt;
}

std::optional<Refused> BrandDesk::check_proof(const Caller& caller, const Proved& proved,
                                              std::string_view token_hash,
                                              std::string_view wanted_key,
                                              std::string& key_thumbprint) {
  if (proved.proof.empty()) return Refused{BrandError::InvalidDpopProof, std::string(kNoProof)};
  const auto accepted = nonces_.accepted(caller.issuer->vid, vault_.means().clock.ticks());
  const auto checked = jose::check_proof(proved.proof, {.method = proved.method,
                                                        .url = proved.url,
                                                        .nonces = accepted,
                                                        .now = vault_.means().clock.now(),
                                                        .token_hash = token_hash,
                                                        .thumbprint = wanted_key,
                                                        .known_header = known_header(wanted_key)});
  if (const auto* refusal = std::get_if<jose::ProofRefusal>(&checked)) return told_of(*refusal);
  const auto& proof = std::get<jose::Proof>(checked);
  know_header(wanted_key, proof.header);
  switch (jose::remember_proof(proofs_, caller.brand->handle, proof)) {
    case jose::Seen::Fresh:
      break;
    case jose::Seen::Replayed:
      return Refused{BrandError::InvalidDpopProof, "used before"};
    case jose::Seen::Full:
      return busy();
  }
  key_thumbprint = proof.thumbprint;
  return std::nullopt;
}

jose::HeaderPtr BrandDesk::known_header(std::string_view key_thumbprint) {
  const std::lock_guard lock(headers_mutex_);
  const auto found = headers_.find(key_thumbprint);
  return found == headers_.end() ? nullptr : found->second;
}

void BrandDesk::know_header(std::string_view key_thumbprint, const jose::HeaderPtr& header) {
  if (key_thumbprint.empty()) return;
  const std::lock_guard lock(headers_mutex_);
  const auto found = headers_.find(key_thumbprint);
  if (found != headers_.end()) {
    found->second = header;
    return;
  }
  if (headers_.size() >= kMostHeadersKnown) headers_.clear();
  headers_.emplace(key_thumbprint, header);
}

void BrandDesk::count_stranger(BrandError reason) {
  const std::lock_guard lock(strangers_mutex_);
  ++strangers_[std::string(to_string(reason))];
}

void BrandDesk::refuse_stranger(Refused refused, const Later<std::string>& later) {
  if (refused.error != BrandError::UseDpopNonce) count_stranger(refused.error);
  later([refused = std::move(refused)]() -> Outcome<std::string> { return refused; });
}

void BrandDesk::note_strangers() {
  drop_collected(vault_.means().clock.ticks());
  auto* rooms = vault_.rooms();
  const State state = vault_.state();
  if (state != State::Serving && state != State::Open) return;
  std::map<std::string, std::int64_t, std::less<>> counted;
  {
    const std::lock_guard lock(strangers_mutex_);
    counted.swap(strangers_);
  }
  if (counted.empty()) return;
  journal::Entry entry{.at = vault_.now(),
                       .kind = journal::Kind::StrangersRefused,
                       .outcome = journal::Outcome::Refused};
  for (const auto& [reason, count] : counted) {
    if (!entry.reason.empty()) entry.reason += ", ";
    entry.reason += reason + " " + std::to_string(count);
  }
  const auto noted = rooms->store->run([&](store::Txn& txn) -> Result<void> {
    TRY(journal::append(txn, *rooms->store, entry));
    return {};
  });
  if (noted.ok()) return;
  const std::lock_guard lock(strangers_mutex_);  // the next minute tells
  for (const auto& [reason, count] : counted) strangers_[reason] += count;
}

journal::Entry BrandDesk::entry_for(const Caller& caller, journal::Kind kind,
                                    journal::Outcome outcome) const {
  journal::Entry entry;
  entry.at = caller.now;
  entry.kind = kind;
  entry.outcome = outcome;
  entry.brand_key = caller.brand->key;
  entry.brand = caller.brand->handle;
  return entry;
}

void BrandDesk::refuse_party(const Caller& caller, journal::Entry entry, Refused refused,
                             const Later<std::string>& later) {
  entry.reason = refused.noted.empty() ? std::string(to_string(refused.error)) : refused.noted;
  auto* rooms = caller.rooms;
  enqueue(
      [rooms, entry = std::move(entry)](store::Txn& txn) -> Result<void> {
        TRY(journal::append(txn, *rooms->store, entry));
        return {};
      },
      [refused = std::move(refused), later](Result<void> noted) {
        const Refused told = noted.ok() ? refused : busy();
        later([told]() -> Outcome<std::string> { return told; });
      });
}

void BrandDesk::enqueue(store::Job job, store::Done done) {
  const std::lock_guard lock(waiting_mutex_);
  waiting_.push_back(store::Work{std::move(job), std::move(done)});
}

void BrandDesk::flush() {
  std::vector<store::Work> waiting;
  {
    const std::lock_guard lock(waiting_mutex_);
    waiting.swap(waiting_);
  }
  if (waiting.empty()) return;
  vault_.rooms()->store->submit(
      std::move(waiting));  // who waits came through caller(), so there are rooms
}

}  // namespace vrm::gate
