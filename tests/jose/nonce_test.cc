#include "vault/jose/nonce.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "vault/base/bytes.h"

using namespace vrm;  // tests only
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

constexpr std::string_view kIssuer = "https://v.example/v/1";

jose::DpopNonces nonces_of(std::uint8_t fill) {
  return jose::DpopNonces(crypto::Secret::copy_of(Bytes(jose::kNonceKeyBytes, fill)));
}

bool accepts(const jose::DpopNonces& nonces, const std::string& nonce, Duration ticks,
             std::string_view issuer = kIssuer) {
  const auto accepted = nonces.accepted(issuer, ticks);
  return std::find(accepted.begin(), accepted.end(), nonce) != accepted.end();
}

}  // namespace

TEST_SUITE("jose/nonce") {
  TEST_CASE("a nonce is one of its turn, and the same for who holds the key") {
    const auto nonces = nonces_of(1);
    const auto first = nonces.current(kIssuer, seconds(30));
    CHECK(first.size() == 22);
    CHECK(first == nonces_of(1).current(kIssuer, milliseconds(59'999)));
    CHECK(first != nonces.current(kIssuer, seconds(60)));
    CHECK(first != nonces.current("https://v.example/v/2", seconds(30)));
    CHECK(first != nonces_of(2).current(kIssuer, seconds(30)));
  }

  TEST_CASE("a nonce does not depend on what was asked before") {
    const auto nonces = nonces_of(1);
    for (const std::string_view issuer : {kIssuer, std::string_view("https://v.example/v/2")}) {
      for (const auto ticks : {seconds(0), seconds(30), seconds(31), seconds(30)}) {
        CHECK(nonces.current(issuer, ticks) == nonces_of(1).current(issuer, ticks));
        CHECK(nonces.accepted(issuer, ticks) == nonces_of(1).accepted(issuer, ticks));
      }
    }
  }

  TEST_CASE("a nonce is accepted in its turn and the next, not before and not after") {
    const auto nonces = nonces_of(1);
    const auto nonce = nonces.current(kIssuer, seconds(300));
    CHECK_FALSE(accepts(nonces, nonce, milliseconds(299'999)));
    CHECK(accepts(nonces, nonce, seconds(300)));
    CHECK(accepts(nonces, nonce, milliseconds(359'999)));
    CHECK_FALSE(accepts(nonces, nonce, seconds(360)));
    CHECK_FALSE(accepts(nonces, nonce, seconds(300), "https://v.example/v/2"));
    CHECK_FALSE(accepts(nonces_of(2), nonce, seconds(300)));
    CHECK_FALSE(accepts(nonces, "", seconds(300)));
  }

  TEST_CASE("the first turn has a nonce too") {
    const auto nonces = nonces_of(1);
    const auto accepted = nonces.accepted(kIssuer, Duration::zero());
    CHECK(accepted[0] == nonces.current(kIssuer, Duration::zero()));
    CHECK(accepted[0] != accepted[1]);
  }
}
