// Any text as an acknowledgement, and any text as the payload of one that is signed.

#include <nlohmann/json.hpp>

#include "vault/base/check.h"
#include "vault/base/text.h"
#include "vault/jose/jws.h"
#include "vault/market/acceptance.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vrm;
  using namespace vrm::market;
  static const crypto::SigningKey key(crypto::Secret::copy_of(Bytes(crypto::kSigningSeedBytes, 1)));
  static const jose::JwkSet keys = [] {
    const std::vector<jose::Jwk> listed{jose::jwk_of(key.public_key())};
    return jose::JwkSet::from(jose::write_jwk_set(listed)).value();
  }();
  constexpr AcknowledgementRules kRules{.client_id = "c",
                                        .issuer = "v",
                                        .acceptance = "a",
                                        .sha256 = "s",
                                        .now = {1'795'305'600'000}};
  const std::string text = text_of({data, size});
  VRM_CHECK(!take_acknowledgement(text, keys, kRules).ok());  // nobody can guess a signature
  const auto check = [](const Result<Acknowledgement>& taken) {
    if (!taken.ok()) return;
    const std::string& order = taken.value().order;
    VRM_CHECK(order.size() <= 256 && printable(order, 64) == order);
  };
  check(take_acknowledgement(jose::sign_jws(key, {.typ = "vrm-ack+jwt"}, text), keys, kRules));
  const std::string claims =
      R"({"iss":"c","aud":"v","iat":1795305600,"exp":1795309200,"jti":"j","acceptance":"a","accept_sha256":"s","order":)" +
      text + "}";
  check(take_acknowledgement(jose::sign_jws(key, {.typ = "vrm-ack+jwt"}, claims), keys, kRules));
  return 0;
}
