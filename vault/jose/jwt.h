#pragma once
// The registered claims of a JWT (RFC 7519) and the questions asked of them.
//
// read_claims looks at their shape; each check_ asks one question and answers Denied when it does
// not hold. `aud` is one text: a list would let a token made for another be used here.

#include <chrono>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "vault/base/result.h"
#include "vault/base/time.h"

namespace vrm::jose {

// How far the clock of another machine may be off.
inline constexpr Duration kClockSkew = std::chrono::seconds(60);

inline constexpr std::size_t kMostJtiBytes = 256;

struct Claims {
  std::string iss, aud, sub, jti;  // "" when missing
  std::optional<Instant> iat, nbf, exp;
};

// Malformed: a claim of another type, an empty text, a `jti` of more than kMostJtiBytes, a time
// that is not a whole number of seconds in the years 1970 to 9999.
Result<Claims> read_claims(const nlohmann::json& payload);

Result<void> check_issuer(const Claims& claims, std::string_view wanted);
Result<void> check_audience(const Claims& claims, std::string_view wanted);
Result<void> check_has_jti(const Claims& claims);

// `exp` is there and has not come; `nbf` and `iat`, if there, have come; each give or take `skew`.
Result<void> check_times(const Claims& claims, Instant now, Duration skew);

}  // namespace vrm::jose
