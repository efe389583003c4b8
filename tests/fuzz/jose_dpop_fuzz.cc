// Any text is refused as a proof; a proof of ours whose claims are any text is refused or has what
// was asked for.

#include <nlohmann/json.hpp>

#include "vault/base/check.h"
#include "vault/jose/dpop.h"
#include "vault/jose/jws.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vrm;
  static const crypto::SigningKey key(crypto::Secret::copy_of(Bytes(32, 1)));
  static const jose::Jwk jwk = jose::jwk_of(key.public_key());
  static const std::string nonces[] = {"n"};
  const jose::ProofRules rules{
      .method = "GET", .url = "https://v.example/v/1", .nonces = nonces, .now = Instant{1000}};
  const std::string text = text_of({data, size});

  VRM_CHECK(std::holds_alternative<jose::ProofRefusal>(jose::check_proof(text, rules)));

  const auto signed_text = jose::sign_jws(key, {.typ = "dpop+jwt", .jwk = &jwk}, text);
  const auto answer = jose::check_proof(signed_text, rules);
  if (const auto* proof = std::get_if<jose::Proof>(&answer)) {
    VRM_CHECK(proof->thumbprint == jwk.kid && !proof->jti.empty());
    VRM_CHECK(signed_text.size() <= jose::kMostProofBytes);
  } else {
    // The key is the one it brings and did sign: whatever is wrong is in the claims.
    VRM_CHECK(std::get<jose::ProofRefusal>(answer) != jose::ProofRefusal::Signature);
  }
  const auto normal = jose::normal_address(text);
  if (normal) VRM_CHECK(jose::normal_address(*normal) == normal);
  return 0;
}
