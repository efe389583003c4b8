#include "vault/crypto/es256.h"

#include <doctest/doctest.h>

#include "tests/crypto/es256_signer.h"

using namespace vrm;  // tests only

namespace {

Bytes decoded(std::string_view text) {
  return from_base64url(text).value();
}

// RFC 7515 appendix A.3.
const Bytes kX = decoded("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU");
const Bytes kY = decoded("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0");
constexpr std::string_view kSigned =
    "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNv"
    "bS9pc19yb290Ijp0cnVlfQ";
const Bytes kSignature = decoded(
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q");

}  // namespace

TEST_SUITE("crypto/es256") {
  TEST_CASE("the signature of RFC 7515 A.3 is good, again and again with one key") {
    const auto key = crypto::Es256Key::from_point(kX, kY).value();
    for (int i = 0; i < 3; ++i) CHECK(key.verify(bytes_of(kSigned), kSignature));
    const auto copy = key;
    CHECK(copy.verify(bytes_of(kSigned), kSignature));
  }

  TEST_CASE("one altered bit in the signature or the message is seen") {
    const auto key = crypto::Es256Key::from_point(kX, kY).value();
    for (std::size_t bit = 0; bit < kSignature.size() * 8; ++bit) {
      CAPTURE(bit);
      auto altered = kSignature;
      altered[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
      CHECK_FALSE(key.verify(bytes_of(kSigned), altered));
    }
    std::string message(kSigned);
    message[3] = 'x';
    CHECK_FALSE(key.verify(bytes_of(message), kSignature));
  }

  TEST_CASE("what a signer signs is good under its key and under no other") {
    const test::Es256Signer one, other;
    const auto key = crypto::Es256Key::from_point(one.x(), one.y()).value();
    CHECK(key.verify(bytes_of("lyon"), one.sign(bytes_of("lyon"))));
    CHECK_FALSE(key.verify(bytes_of("lyon"), other.sign(bytes_of("lyon"))));
  }

  TEST_CASE("a signature of zeros, of the group order, in DER or of another length is refused") {
    const auto key = crypto::Es256Key::from_point(kX, kY).value();
    CHECK_FALSE(key.verify(bytes_of(kSigned), Bytes(64, 0)));
    CHECK_FALSE(key.verify(bytes_of(kSigned), Bytes(64, 0xFF)));
    auto no_r = kSignature;
    std::fill_n(no_r.begin(), 32, std::uint8_t{0});
    CHECK_FALSE(key.verify(bytes_of(kSigned), no_r));
    auto no_s = kSignature;
    std::fill(no_s.begin() + 32, no_s.end(), std::uint8_t{0});
    CHECK_FALSE(key.verify(bytes_of(kSigned), no_s));
    CHECK_FALSE(key.verify(bytes_of(kSigned), BytesView(kSignature).first(63)));
    CHECK_FALSE(key.verify(bytes_of(kSigned), {}));
    auto longer = kSignature;
    longer.push_back(0);
    CHECK_FALSE(key.verify(bytes_of(kSigned), longer));
    Bytes der{0x30, 0x44, 0x02, 0x20};
    der.insert(der.end(), kSignature.begin(), kSignature.begin() + 32);
    der.insert(der.end(), {0x02, 0x20});
    der.insert(der.end(), kSignature.begin() + 32, kSignature.end());
    CHECK_FALSE(key.verify(bytes_of(kSigned), der));
  }

  TEST_CASE("a point that is not on the curve is no key") {
    auto off = kY;
    off[31] ^= 1U;
    CHECK(crypto::Es256Key::from_point(kX, off).error().code == ErrorCode::Malformed);
    CHECK_FALSE(crypto::Es256Key::from_point(Bytes(32, 0), Bytes(32, 0)).ok());
    CHECK_FALSE(crypto::Es256Key::from_point(Bytes(32, 0xFF), kY).ok());
    CHECK_FALSE(crypto::Es256Key::from_point(kY, kX).ok());
    CHECK_FALSE(crypto::Es256Key::from_point(BytesView(kX).first(31), kY).ok());
    CHECK_FALSE(crypto::Es256Key::from_point(kX, {}).ok());
  }
}
