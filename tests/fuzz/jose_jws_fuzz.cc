// Any text is either refused as a JWS or read with every bound kept; so are the claims and key sets
// in it.

#include <nlohmann/json.hpp>

#include "vault/base/check.h"
#include "vault/jose/access_token.h"
#include "vault/jose/client_assertion.h"
#include "vault/jose/jws.h"
#include "vault/jose/jwt.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vrm;
  static constexpr std::string_view kTypes[] = {"", "at+jwt"};
  static const auto key = crypto::SigningKey(crypto::Secret::copy_of(Bytes(32, 1))).public_key();
  const std::string text = text_of({data, size});

  const auto jws = jose::Jws::read(text, {.types = kTypes});
  if (jws.ok()) {
    VRM_CHECK(text.size() <= jose::kMostJwsBytes);
    VRM_CHECK(std::count(text.begin(), text.end(), '.') == 2);
    VRM_CHECK(!jws.value().verify(jose::VerifyingKey(key)).ok());  // nobody can guess a signature
    const auto claims = jws.value().claims();
    if (claims.ok()) static_cast<void>(jose::read_claims(claims.value()).ok());
  }
  VRM_CHECK(!jose::read_access_token(text, key, "i", "a", Instant{}).ok());
  static_cast<void>(jose::claimed_client(text).ok());

  const auto set = jose::JwkSet::read(text);
  if (set.ok()) {
    VRM_CHECK(set.value().members().size() <= jose::kMostKeysInSet);
    for (const auto& member : set.value().members())
      VRM_CHECK(jose::read_jwk(jose::write_jwk(member.jwk)).value() == member.jwk);
  }
  return 0;
}
