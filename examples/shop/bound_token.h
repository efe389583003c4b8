#pragma once
// The part that every answer of a vault's token endpoint has: a token bound to our DPoP key.

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "vault/base/result.h"
#include "vault/base/time.h"

namespace vrm::shop {

struct BoundToken {
  std::string access_token;
  std::string refresh_token;  // "" when the vault gave none
  Instant expires;
  std::string grant_id;
};

// Malformed: not the answer that the contract tells, or a token that is bound to no key.
Result<BoundToken> bound_token_from(const nlohmann::json& answer, Instant now);

// What lets a shop answer one intent.
struct Pass {
  std::string access_token;
  std::string refresh_token;
  Instant expires;

  // Malformed: as above, or a token for something else than offers to the intent `iid`.
  static Result<Pass> from_answer(std::string_view body, std::string_view iid, Instant now);
  // Without a new refresh token the old one stays good (RFC 6749 section 6). Malformed: as above.
  Result<Pass> refreshed_by(std::string_view body, std::string_view iid, Instant now) const;
};

}  // namespace vrm::shop
