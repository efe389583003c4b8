#pragma once
// Client assertions (private_key_jwt, RFC 7523): how a brand says who it is at the vault's
// endpoints.
//
// The audience is the issuer and nothing else, and one text: an assertion that a brand made for
// another server must not work here. Each is good once and for a minute.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "vault/base/result.h"
#include "vault/base/time.h"
#include "vault/jose/jwk.h"
#include "vault/jose/jws.h"
#include "vault/jose/jwt.h"
#include "vault/jose/replay.h"

namespace vrm::jose {

// How far ahead `exp` may lie by the brand's own clock.
inline constexpr Duration kMostAssertionLife = std::chrono::seconds(60);

// In the order in which the questions are asked.
enum class AssertionRefusal {
  Malformed,    // size, shape, typ, alg, or a claim that is missing or of another type
  Client,       // `iss` or `sub` is not the client
  Audience,     // `aud` is not the issuer
  Time,         // expired, too far ahead, or not begun
  BeforeStart,  // issued before the daemon started, so it may have been used then
  Details,      // of signed terms: they are of another request
  UnknownKey,   // the client has no key of that kid and kind
  Signature,    // not signed by that key
  Replayed,     // used before
  Full,         // cannot be remembered; answer that the vault is busy
};

std::string_view to_string(AssertionRefusal refusal);

struct AssertionRules {
  std::string_view client_id;
  std::string_view issuer;
  // The gate's time, which never goes back and may stand still. `memory` must count the same time, or an assertion
  // would be forgotten before it has expired.
  Instant now;
  // When the daemon started, whose memory of used assertions began then; no earlier than what an earlier one heard.
  Instant started;
};

struct ClientAssertion {
  std::string client_id;
  std::string jti;
  Instant expires;
};

// Checks an assertion and takes it, once, at the expense of `share`. Without `iat` it counts as
// issued kMostAssertionLife before its `exp`.
std::variant<ClientAssertion, AssertionRefusal> take_assertion(std::string_view text,
                                                               const JwkSet& keys,
                                                               const AssertionRules& rules,
                                                               ReplayMemory& memory,
                                                               const std::string& share);

// What an assertion has in common with signed terms (terms_jwt.h). REQUIRES, of both: an `exp` and a `jti`.
//
// Every question that needs no cryptography: `iss`, `aud` and the times.
std::optional<AssertionRefusal> find_refusal(const Claims& claims, const AssertionRules& rules);
// Who pays for being remembered, and what makes its `jti` unique.
struct Once {
  const std::string& share;
  std::string maker;
};
// The signature, by one of `keys`, and then that it was not used before; it is remembered from then on.
std::optional<AssertionRefusal> take_once(const Jws& jws, const Claims& claims, const JwkSet& keys,
                                          const AssertionRules& rules, ReplayMemory& memory,
                                          const Once& once);

// The client that an assertion claims to be from, to find its keys. Nobody has vouched for it.
// Malformed: not an assertion.
Result<std::string> claimed_client(std::string_view text);

}  // namespace vrm::jose
