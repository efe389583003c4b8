#include "vault/crypto/sha256.h"

#include <doctest/doctest.h>

using namespace vrm;  // tests only

TEST_SUITE("crypto/sha256") {
  TEST_CASE("SHA-256 of nothing and of abc are those of FIPS 180-4") {
    CHECK(to_hex(crypto::sha256({})) ==
          "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(to_hex(crypto::sha256(bytes_of("abc"))) ==
          "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  }

  TEST_CASE("HMAC-SHA-256 is that of RFC 4231 case 1 with its key filled up to 32 bytes") {
    Bytes key(32, 0);
    std::fill_n(key.begin(), 20, std::uint8_t{0x0b});  // HMAC fills short keys with zeros
    CHECK(to_hex(crypto::hmac_sha256(crypto::Secret::copy_of(key), bytes_of("Hi There"))) ==
          "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  }

  TEST_CASE("a comparison in constant time still compares") {
    CHECK(crypto::same_bytes({}, {}));
    CHECK(crypto::same_bytes(bytes_of("lyon"), bytes_of("lyon")));
    CHECK_FALSE(crypto::same_bytes(bytes_of("lyon"), bytes_of("lyoN")));
    CHECK_FALSE(crypto::same_bytes(bytes_of("lyon"), bytes_of("lyo")));
  }
}
