#pragma once
// The vault's access token: a JWT of type at+jwt (RFC 9068), bound to a DPoP key by `cnf.jkt`
// (RFC 9449), naming its grant and what was granted (RFC 9396).
//
// It proves who holds which grant. Whether that grant still stands is asked of the store, each
// time.

#include <chrono>
#include <string>
#include <string_view>

#include "vault/base/result.h"
#include "vault/base/time.h"
#include "vault/crypto/signing.h"

namespace vrm::jose {

inline constexpr Duration kMostTokenLife = std::chrono::minutes(10);

struct AccessToken {
  std::string issuer;
  std::string audience;
  std::string subject;
  std::string client_id;
  std::string jti;
  std::string grant_id;
  Instant issued;   // whole seconds
  Instant expires;  // whole seconds
  std::string key_thumbprint;
  std::string authorization_details;  // a JSON list

  friend bool operator==(const AccessToken&, const AccessToken&) = default;
};

// Malformed: it would be longer than what read_access_token takes.
// REQUIRES: every text is filled, authorization_details is a JSON list, and the token lives longer
// than nothing and no longer than kMostTokenLife.
Result<std::string> write_access_token(const AccessToken& token, const crypto::SigningKey& key,
                                       std::string_view kid);

// `key`, `issuer` and `audience` are the vault's own for this brand; `now` is the clock that issued
// the token, so nothing is forgiven at its end.
// Malformed: not an at+jwt of our shape. BadKey: not signed by `key`. Denied: another issuer or
// audience, expired, made for longer than kMostTokenLife, or from the future.
Result<AccessToken> read_access_token(std::string_view text, const crypto::PublicKey& key,
                                      std::string_view issuer, std::string_view audience,
                                      Instant now);

}  // namespace vrm::jose
