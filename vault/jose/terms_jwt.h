#pragma once
// Signed terms (`vrm-terms+jwt`): a brand's word, by its pinned key, that it asks under terms that it names.
//
//   claims  iss  the client_id        aud  the issuer        iat, exp  at most a minute apart        jti
//           authorization_details  what it asks, the terms among it: the same as the parameter of that name
//
// Whoever is shown it later sees by it alone who accepted which terms for which data. Each is good once, as client
// assertions are (client_assertion.h).

#include <optional>
#include <string>
#include <string_view>

#include "vault/jose/client_assertion.h"

namespace vrm::jose {

inline constexpr std::string_view kTermsType = "vrm-terms+jwt";

// Checks signed terms and takes them, once, at the expense of `share`; nothing when they are taken.
// Malformed also without `iat` or without `authorization_details`; Details: they are of another request.
std::optional<AssertionRefusal> take_terms(std::string_view text,
                                           std::string_view authorization_details,
                                           const JwkSet& keys, const AssertionRules& rules,
                                           ReplayMemory& memory, const std::string& share);

}  // namespace vrm::jose
