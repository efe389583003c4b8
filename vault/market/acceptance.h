#pragma once
// An acceptance: bound to the exact bytes of one revision, good until the brand acknowledged it or its time is over.

#include <string>
#include <string_view>
#include <vector>

#include "vault/base/ids.h"
#include "vault/base/result.h"
#include "vault/base/time.h"
#include "vault/jose/jwk.h"
#include "vault/market/states.h"
#include "vault/store/store.h"

namespace vrm::market {

inline constexpr Duration kAcceptanceLife = std::chrono::minutes(15);

struct Acceptance {
  AcceptanceId id;
  std::string intent;  // in_…
  std::string iid;
  std::string offer;  // of_…
  std::string oid;
  std::int64_t rev = 0;
  std::string brand;
  std::string jti;     // of the vrm-accept+jwt, whose bytes are the outbox's
  std::string sha256;  // base64url, of those bytes
  std::string url;
  Instant made_at;
  Instant until;
  AcceptanceState state = AcceptanceState::Pending;
  std::vector<std::string> grants;  // gr_…
  std::string order;                // the brand's own name for it, once acknowledged

  store::RowId row{};
  store::KeyId key{};  // the brand's
};

Bytes write_acceptance(const Acceptance& acceptance);
// Corrupt: not what write_acceptance wrote.
Result<Acceptance> read_acceptance(BytesView record);

struct AcknowledgementRules {
  std::string_view client_id;   // `iss`
  std::string_view issuer;      // `aud`
  std::string_view acceptance;  // jti of the vrm-accept+jwt
  std::string_view sha256;      // of its bytes
  Instant now;
};
struct Acknowledgement {
  std::string order;  // printable, at most 64 scalars; "" when not said
};
// A vrm-ack+jwt. Malformed: shape, another party, another acceptance, other bytes, expired; BadKey: not signed by a key
// of `keys`.
Result<Acknowledgement> take_acknowledgement(std::string_view jws, const jose::JwkSet& keys,
                                             const AcknowledgementRules& rules);

}  // namespace vrm::market
