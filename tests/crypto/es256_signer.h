#pragma once
// A P-256 key that signs, for tests: the vault itself only verifies ES256.

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>

#include <array>
#include <memory>
#include <string_view>

#include "vault/base/bytes.h"
#include "vault/base/check.h"

namespace vrm::test {

class Es256Signer {
 public:
  Es256Signer() : key_(EVP_EC_gen("P-256"), EVP_PKEY_free) { VRM_CHECK(key_ != nullptr); }

  std::array<std::uint8_t, 32> x() const { return coordinate(OSSL_PKEY_PARAM_EC_PUB_X); }
  std::array<std::uint8_t, 32> y() const { return coordinate(OSSL_PKEY_PARAM_EC_PUB_Y); }

  // r | s.
  std::array<std::uint8_t, 64> sign(BytesView message) const {
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                    EVP_MD_CTX_free);
    VRM_CHECK(EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) == 1);
    std::array<std::uint8_t, 80> der{};
    std::size_t size = der.size();
    VRM_CHECK(EVP_DigestSign(context.get(), der.data(), &size, message.data(), message.size()) ==
              1);
    const unsigned char* at = der.data();
    std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> pair(
        d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(size)), ECDSA_SIG_free);
    std::array<std::uint8_t, 64> out{};
    VRM_CHECK(BN_bn2binpad(ECDSA_SIG_get0_r(pair.get()), out.data(), 32) == 32);
    VRM_CHECK(BN_bn2binpad(ECDSA_SIG_get0_s(pair.get()), out.data() + 32, 32) == 32);
    return out;
  }

 private:
  std::array<std::uint8_t, 32> coordinate(const char* name) const {
    BIGNUM* number = nullptr;
    VRM_CHECK(EVP_PKEY_get_bn_param(key_.get(), name, &number) == 1);
    std::array<std::uint8_t, 32> out{};
    VRM_CHECK(BN_bn2binpad(number, out.data(), 32) == 32);
    BN_free(number);
    return out;
  }

  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_;
};

}  // namespace vrm::test
