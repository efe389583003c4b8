#include "vault/crypto/signing.h"

#include <doctest/doctest.h>

#include "vault/crypto/system_random.h"

using namespace vrm;  // tests only

namespace {

Bytes from_hex(std::string_view hex) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  Bytes out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    out.push_back(static_cast<std::uint8_t>(digit(hex[i]) * 16 + digit(hex[i + 1])));
  return out;
}

crypto::PublicKey key_from_hex(std::string_view hex) {
  crypto::PublicKey key{};
  const Bytes bytes = from_hex(hex);
  std::copy(bytes.begin(), bytes.end(), key.begin());
  return key;
}

}  // namespace

TEST_SUITE("crypto/signing") {
  TEST_CASE("key and signature are those of RFC 8032 section 7.1") {
    struct Vector {
      std::string_view seed, key, message, signature;
    };
    const Vector vectors[] = {
        {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
         "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
         "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701"
         "c"
         "f9b46bd25bf5f0595bbe24655141438e7a100b"},
        {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
         "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
         "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d"
         "0"
         "f11d8c387b2eaeb4302aeeb00d291612bb0c00"}};
    for (const auto& v : vectors) {
      const crypto::SigningKey key(crypto::Secret::copy_of(from_hex(v.seed)));
      CHECK(to_hex(key.public_key()) == v.key);
      const auto signature = key.sign(from_hex(v.message));
      CHECK(to_hex(signature) == v.signature);
      CHECK(crypto::verify_ed25519(key.public_key(), from_hex(v.message), signature));
      CHECK(crypto::is_ed25519_key(key.public_key()));
    }
  }

  TEST_CASE("one altered bit in message, key or signature is seen") {
    crypto::SystemRandom random;
    const auto key = crypto::SigningKey::random(random);
    const Bytes message{'l', 'y', 'o', 'n'};
    const auto signature = key.sign(message);
    REQUIRE(crypto::verify_ed25519(key.public_key(), message, signature));
    for (std::size_t bit = 0; bit < 32 * 8; ++bit) {
      CAPTURE(bit);
      const auto flip = static_cast<std::uint8_t>(1U << (bit % 8));
      auto other_key = key.public_key();
      other_key[bit / 8] ^= flip;
      CHECK_FALSE(crypto::verify_ed25519(other_key, message, signature));
      auto other_message = message;
      other_message[bit / 8 % 4] ^= flip;
      CHECK_FALSE(crypto::verify_ed25519(key.public_key(), other_message, signature));
      auto altered = signature;
      altered[bit / 8] ^= flip;
      CHECK_FALSE(crypto::verify_ed25519(key.public_key(), message, altered));
      altered = signature;
      altered[32 + bit / 8] ^= flip;
      CHECK_FALSE(crypto::verify_ed25519(key.public_key(), message, altered));
    }
  }

  TEST_CASE("a signature that is cut or prolonged is none") {
    crypto::SystemRandom random;
    const auto key = crypto::SigningKey::random(random);
    const auto signature = key.sign({});
    const BytesView whole(signature);
    Bytes longer(whole.begin(), whole.end());
    longer.push_back(0);
    CHECK_FALSE(crypto::verify_ed25519(key.public_key(), {}, whole.first(63)));
    CHECK_FALSE(crypto::verify_ed25519(key.public_key(), {}, BytesView()));
    CHECK_FALSE(crypto::verify_ed25519(key.public_key(), {}, longer));
  }

  TEST_CASE("a signature whose second half is raised by the group order is refused") {
    const Bytes order =
        from_hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
    crypto::SystemRandom random;
    const auto key = crypto::SigningKey::random(random);
    auto signature = key.sign({});
    unsigned carry = 0;
    for (std::size_t i = 0; i < 32; ++i) {
      carry += static_cast<unsigned>(signature[32 + i]) + order[i];
      signature[32 + i] = static_cast<std::uint8_t>(carry & 255U);
      carry >>= 8U;
    }
    CHECK_FALSE(crypto::verify_ed25519(key.public_key(), {}, signature));
  }

  TEST_CASE("keys of small order, in a second spelling or off the curve are no keys") {
    const std::string_view bad[] = {
        "0100000000000000000000000000000000000000000000000000000000000000",   // the neutral element
        "0000000000000000000000000000000000000000000000000000000000000000",   // order 4
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",   // order 2
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",   // 1 as p + 1
        "0200000000000000000000000000000000000000000000000000000000000000"};  // no point
    for (const auto hex : bad) {
      CAPTURE(hex);
      const auto key = key_from_hex(hex);
      CHECK_FALSE(crypto::is_ed25519_key(key));
      // R = the neutral element, s = 0: what a verifier that multiplies by the key alone would
      // take.
      crypto::Signature forged{};
      forged[0] = 1;
      CHECK_FALSE(crypto::verify_ed25519(key, bytes_of("anything"), forged));
    }
  }
}
