#include "vault/jose/client_assertion.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "vault/base/check.h"

namespace vrm::jose {

namespace {

// Clients in the field write no `typ` or JWT; the last is what new ones are told to write.
constexpr std::string_view kAssertionTypes[] = {"", "JWT", "client-authentication+jwt"};

struct Read {
  Jws jws;
  Claims claims;
};

Result<Read> read_assertion(std::string_view text) {
  Jws jws = TRY(Jws::read(text, {.types = kAssertionTypes}));
  nlohmann::json payload = TRY(jws.claims());
  // A list names nobody here; the caller is told that it is `aud`.
  if (payload.is_object() && payload.contains("aud") && payload["aud"].is_array())
    payload["aud"] = "[]";
  Claims claims = TRY(read_claims(payload));
  TRY(check_has_jti(claims));
  if (!claims.exp || claims.sub.empty())
    return Error{ErrorCode::Malformed, "the assertion has no `exp` or no `sub`"};
  return Read{std::move(jws), std::move(claims)};
}

}  // namespace

std::string_view to_string(AssertionRefusal refusal) {
  switch (refusal) {
    case AssertionRefusal::Malformed:
      return "malformed";
    case AssertionRefusal::Client:
      return "client";
    case AssertionRefusal::Audience:
      return "aud";
    case AssertionRefusal::Time:
      return "time";
    case AssertionRefusal::BeforeStart:
      return "before_start";
    case AssertionRefusal::Details:
      return "authorization_details";
    case AssertionRefusal::UnknownKey:
      return "unknown_key";
    case AssertionRefusal::Signature:
      return "signature";
    case AssertionRefusal::Replayed:
      return "replayed";
    case AssertionRefusal::Full:
      return "full";
  }
  VRM_CHECK(false);
  return {};
}

std::optional<AssertionRefusal> find_refusal(const Claims& claims, const AssertionRules& rules) {
  if (!check_issuer(claims, rules.client_id).ok()) return AssertionRefusal::Client;
  if (!check_audience(claims, rules.issuer).ok()) return AssertionRefusal::Audience;
  if (!check_times(claims, rules.now, kClockSkew).ok() ||
      *claims.exp > rules.now + kMostAssertionLife + kClockSkew)
    return AssertionRefusal::Time;
  if (claims.iat.value_or(*claims.exp - kMostAssertionLife) < rules.started)
    return AssertionRefusal::BeforeStart;
  return std::nullopt;
}

std::optional<AssertionRefusal> take_once(const Jws& jws, const Claims& claims, const JwkSet& keys,
                                          const AssertionRules& rules, ReplayMemory& memory,
                                          const Once& once) {
  const VerifyingKey* key = keys.find(jws.kid(), jws.kind());
  if (key == nullptr) return AssertionRefusal::UnknownKey;
  if (!jws.verify(*key).ok()) return AssertionRefusal::Signature;
  // It could be accepted until `exp` and the skew have passed; the minute more is for a slow
  // request.
  const Duration life = *claims.exp + kClockSkew - rules.now + kMostAssertionLife;
  switch (memory.remember(once.share, once.maker, claims.jti, life)) {
    case Seen::Fresh:
      return std::nullopt;
    case Seen::Replayed:
      return AssertionRefusal::Replayed;
    case Seen::Full:
      return AssertionRefusal::Full;
  }
  VRM_CHECK(false);
  return AssertionRefusal::Full;
}

std::variant<ClientAssertion, AssertionRefusal> take_assertion(std::string_view text,
                                                               const JwkSet& keys,
                                                               const AssertionRules& rules,
                                                               ReplayMemory& memory,
                                                               const std::string& share) {
  const auto read = read_assertion(text);
  if (!read.ok()) return AssertionRefusal::Malformed;
  const auto& [jws, claims] = read.value();
  if (claims.sub != rules.client_id) return AssertionRefusal::Client;
  if (const auto refusal = find_refusal(claims, rules)) return *refusal;
  const Once once{.share = share, .maker = claims.iss};
  if (const auto refusal = take_once(jws, claims, keys, rules, memory, once)) return *refusal;
  return ClientAssertion{claims.iss, claims.jti, *claims.exp};
}

Result<std::string> claimed_client(std::string_view text) {
  Read read = TRY(read_assertion(text));
  return std::move(read.claims.sub);
}

}  // namespace vrm::jose
