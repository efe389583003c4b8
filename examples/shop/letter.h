#pragma once
// A signed document from a vault that introduced itself: whose it is, and that it is for us.

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "examples/shop/folder.h"
#include "examples/shop/records.h"
#include "vault/base/result.h"
#include "vault/base/time.h"
#include "vault/jose/jws.h"
#include "vault/jose/jwt.h"

namespace vrm::shop {

struct LetterRules {
  std::string_view type;       // the `typ` that is wanted
  std::string_view client_id;  // whom it must be for
  std::size_t most_bytes = jose::kMostJwsBytes;
};

struct Letter {
  Vault vault;
  jose::Claims claims;
  std::string text;  // the payload, strict JSON

  nlohmann::json payload() const;
};

// Malformed: not such a document, or without `jti`. Denied: for somebody else. NotFound: `iss` is
// no vault that we know. BadKey: not signed by a key of that vault. Times are
// check_current's to ask.
Result<Letter> open_letter(std::string_view text, const LetterRules& rules, const Folder& folder);

// Denied: no `exp`, or it has passed, or the letter is from the future, or about another person
// than the one that this vault introduced (`sub`, where it says one).
Result<void> check_current(const Letter& letter, Instant now);

// The `typ` in the header of a compact JWS, which nobody has vouched for: it says what to check the
// text as. Malformed: there is none.
Result<std::string> type_of(std::string_view text);

// BadKey: signed by none of them.
Result<void> check_signed_by(const jose::Jws& jws, const jose::JwkSet& keys);

}  // namespace vrm::shop
