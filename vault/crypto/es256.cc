#include "vault/crypto/es256.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <algorithm>
#include <array>

#include "vault/base/check.h"
#include "vault/crypto/signing.h"

namespace vrm::crypto {

namespace {

template <auto Free>
struct Freer {
  template <typename T>
  void operator()(T* held) const {
    Free(held);
  }
};

using KeyPtr = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using KeyContextPtr = std::unique_ptr<EVP_PKEY_CTX, Freer<EVP_PKEY_CTX_free>>;
using DigestContextPtr = std::unique_ptr<EVP_MD_CTX, Freer<EVP_MD_CTX_free>>;
using EcdsaPtr = std::unique_ptr<ECDSA_SIG, Freer<ECDSA_SIG_free>>;

// An ECDSA signature in DER takes at most 72 bytes on P-256.
using Der = std::array<unsigned char, 80>;

// Nothing is left in OpenSSL's per-thread list of errors when this dies.
struct ErrorsForgotten {
  ErrorsForgotten() = default;
  ErrorsForgotten(const ErrorsForgotten&) = delete;
  ErrorsForgotten& operator=(const ErrorsForgotten&) = delete;
  ~ErrorsForgotten() { ERR_clear_error(); }
};

// The length of r | s written as DER.
int der_of(BytesView signature, Der& out) {
  EcdsaPtr pair(ECDSA_SIG_new());
  VRM_CHECK(pair != nullptr);
  BIGNUM* r = BN_bin2bn(signature.data(), kP256CoordinateBytes, nullptr);
  BIGNUM* s = BN_bin2bn(signature.data() + kP256CoordinateBytes, kP256CoordinateBytes, nullptr);
  VRM_CHECK(r != nullptr && s != nullptr && ECDSA_SIG_set0(pair.get(), r, s) == 1);
  unsigned char* end = out.data();
  return i2d_ECDSA_SIG(pair.get(), &end);
}

}  // namespace

struct Es256Key::Point {
  KeyPtr key;
};

Result<Es256Key> Es256Key::from_point(BytesView x, BytesView y) {
  const Error refused{ErrorCode::Malformed, "not a point of P-256"};
  if (x.size() != kP256CoordinateBytes || y.size() != kP256CoordinateBytes) return refused;
  const ErrorsForgotten forgotten;
  std::array<unsigned char, 1 + 2 * kP256CoordinateBytes> octets{4};  // 4: uncompressed
  std::copy(y.begin(), y.end(), std::copy(x.begin(), x.end(), octets.begin() + 1));
  char group[] = "prime256v1";
  std::array<OSSL_PARAM, 3> params{
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
      OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, octets.data(), octets.size()),
      OSSL_PARAM_construct_end()};
  const KeyContextPtr context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  VRM_CHECK(context != nullptr && EVP_PKEY_fromdata_init(context.get()) == 1);
  EVP_PKEY* made = nullptr;
  const int ok = EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_PUBLIC_KEY, params.data());
  KeyPtr key(made);
  if (ok != 1 || key == nullptr) return refused;
  const KeyContextPtr checker(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
  VRM_CHECK(checker != nullptr);
  if (EVP_PKEY_public_check_quick(checker.get()) != 1) return refused;
  return Es256Key(std::make_shared<const Point>(Point{std::move(key)}));
}

bool Es256Key::verify(BytesView message, BytesView signature) const {
  if (signature.size() != kEs256SignatureBytes) return false;
  count_signature();
  const ErrorsForgotten forgotten;
  Der der;
  const int size = der_of(signature, der);
  if (size <= 0) return false;
  const DigestContextPtr context(EVP_MD_CTX_new());
  VRM_CHECK(context != nullptr);
  return EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, point_->key.get()) ==
             1 &&
         EVP_DigestVerify(context.get(), der.data(), static_cast<std::size_t>(size), message.data(),
                          message.size()) == 1;
}

}  // namespace vrm::crypto
