#include "vault/jose/access_token.h"

#include <doctest/doctest.h>

#include "tests/jose/forge.h"
#include "vault/jose/jws.h"

using namespace vrm;  // tests only
using jose::AccessToken;
using test::forge;
using test::with;

namespace {

constexpr std::string_view kIssuer = "https://relay.example/v/Yk3vQ2x1b0E";
constexpr std::string_view kAudience = "https://relay.example/v/Yk3vQ2x1b0E/v1";
constexpr Instant kNow{1'795'283'771'000};

AccessToken sample() {
  return {.issuer = std::string(kIssuer),
          .audience = std::string(kAudience),
          .subject = "ppid:Yk3v",
          .client_id = "https://velo.example/vrm-brand.json",
          .jti = "t1",
          .grant_id = "g_1",
          .issued = kNow,
          .expires = kNow + std::chrono::minutes(10),
          .key_thumbprint = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
          .authorization_details = R"([{"datatypes":["body.height"],"type":"vrm_data"}])"};
}

Result<AccessToken> read(std::string_view text, Instant now = kNow) {
  return jose::read_access_token(text, test::key_of(1).public_key(), kIssuer, kAudience, now);
}

std::string written() {
  return jose::write_access_token(sample(), test::key_of(1), "k1").value();
}

std::string part(const std::string& jws, int index) {
  std::size_t at = 0;
  for (; index > 0; --index) at = jws.find('.', at) + 1;
  return text_of(from_base64url(jws.substr(at, jws.find('.', at) - at)).value());
}

}  // namespace

TEST_SUITE("jose/access_token") {
  TEST_CASE("what is written reads back the same until it expires") {
    CHECK(read(written()).value() == sample());
    CHECK(read(written(), sample().expires - Duration(1)).ok());
  }

  TEST_CASE("the wire form is the at+jwt of RFC 9068 with cnf.jkt") {
    CHECK(part(written(), 0) == R"({"alg":"EdDSA","kid":"k1","typ":"at+jwt"})");
    CHECK(part(written(), 1) ==
          R"({"aud":"https://relay.example/v/Yk3vQ2x1b0E/v1","authorization_details":)"
          R"([{"datatypes":["body.height"],"type":"vrm_data"}],)"
          R"("client_id":"https://velo.example/vrm-brand.json",)"
          R"("cnf":{"jkt":"kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"},"exp":1795284371,)"
          R"("grant_id":"g_1","iat":1795283771,"iss":"https://relay.example/v/Yk3vQ2x1b0E",)"
          R"("jti":"t1","sub":"ppid:Yk3v"})");
  }

  TEST_CASE("a token that another key signed, or for another, or out of its time, is refused") {
    const auto code = [](const Result<AccessToken>& token) { return token.error().code; };
    const auto text = written();
    const auto key = test::key_of(1).public_key();
    CHECK(code(jose::read_access_token(text, test::key_of(2).public_key(), kIssuer, kAudience,
                                       kNow)) == ErrorCode::BadKey);
    CHECK(code(jose::read_access_token(text, key, "https://relay.example/v/other", kAudience,
                                       kNow)) == ErrorCode::Denied);
    CHECK(code(jose::read_access_token(text, key, kIssuer, kIssuer, kNow)) == ErrorCode::Denied);
    CHECK(code(read(text, sample().expires)) == ErrorCode::Denied);
    CHECK(code(read(text, sample().issued - Duration(1))) == ErrorCode::Denied);
  }

  TEST_CASE("a token of another shape is refused, though our key signed it") {
    const std::string header = part(written(), 0), payload = part(written(), 1);
    REQUIRE(read(forge(header, payload, test::key_of(1))).ok());
    struct Refused {
      std::string_view name, from, to;
    };
    const Refused refused[] = {
        {"aud as a list", R"("https://relay.example/v/Yk3vQ2x1b0E/v1")",
         R"(["https://relay.example/v/Yk3vQ2x1b0E/v1"])"},
        {"no aud", R"("aud":"https://relay.example/v/Yk3vQ2x1b0E/v1",)", ""},
        {"no iss", R"("iss":"https://relay.example/v/Yk3vQ2x1b0E",)", ""},
        {"no exp", R"("exp":1795284371,)", ""},
        {"no iat", R"("iat":1795283771,)", ""},
        {"no jti", R"("jti":"t1",)", ""},
        {"no sub", R"(,"sub":"ppid:Yk3v")", ""},
        {"no client", R"("client_id":"https://velo.example/vrm-brand.json",)", ""},
        {"no grant", R"("grant_id":"g_1",)", ""},
        {"no cnf", R"("cnf")", R"("conf")"},
        {"no jkt", R"("jkt")", R"("x5t")"},
        {"jkt cut", "XBygrS4k", "XBygrS4"},
        {"cnf as a text", R"({"jkt":"kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"})", R"("k")"},
        {"cnf twice", R"("cnf")", R"("cnf":{"jkt":"x"},"cnf")"},
        {"details as an object", R"([{"datatypes":["body.height"],"type":"vrm_data"}])", "{}"},
        {"no details", R"("authorization_details")", R"("details")"},
        {"made for eleven minutes", "1795284371", "1795284431"},
        {"ended before it began", "1795284371", "1795283770"},
        {"exp as a text", "1795284371", R"("1795284371")"},
        {"exp as a fraction", "1795284371", "1795284371.5"},
        {"not begun", R"("jti")", R"("nbf":1795283772,"jti")"}};
    for (const auto& one : refused) {
      CAPTURE(one.name);
      CHECK_FALSE(read(forge(header, with(payload, one.from, one.to), test::key_of(1))).ok());
    }
  }

  TEST_CASE("another document of the vault is no access token") {
    const auto receipt =
        jose::sign_jws(test::key_of(1), {.typ = "vrm-receipt+jwt"}, part(written(), 1));
    CHECK(read(receipt).error().code == ErrorCode::Malformed);
  }

  TEST_CASE("one altered bit anywhere in the text ends the token") {
    const auto text = written();
    for (std::size_t bit = 0; bit < text.size() * 8; ++bit) {
      auto altered = text;
      altered[bit / 8] =
          static_cast<char>(static_cast<unsigned char>(altered[bit / 8]) ^ (1U << (bit % 8)));
      if (read(altered).ok()) FAIL_CHECK("bit " << bit << " was not seen");
    }
  }

  TEST_CASE("details that do not fit into a token are said to, not cut") {
    auto token = sample();
    token.authorization_details = R"([{"note":")" + std::string(8000, 'x') + R"("}])";
    CHECK(jose::write_access_token(token, test::key_of(1), "k1").error().code ==
          ErrorCode::Malformed);
  }
}
