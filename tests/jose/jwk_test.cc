#include "vault/jose/jwk.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "tests/crypto/es256_signer.h"
#include "tests/jose/forge.h"
#include "vault/base/json.h"
#include "vault/crypto/sha256.h"

using namespace vrm;  // tests only
using jose::KeyKind;

namespace {

// RFC 8037 A.2 and RFC 9449 section 4.1.
constexpr std::string_view kEd25519 =
    R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})";
constexpr std::string_view kP256 =
    R"({"kty":"EC","x":"l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs",)"
    R"("y":"9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA","crv":"P-256"})";

Result<jose::Jwk> read(std::string_view text) {
  return jose::read_jwk(read_json(text).value());
}

std::string member(std::string_view kid, std::uint8_t fill) {
  auto key = jose::jwk_of(test::key_of(fill).public_key());
  key.kid = kid;
  return write_json(jose::write_jwk(key));
}

std::string set_of(std::initializer_list<std::string> keys) {
  std::string text = R"({"keys":[)";
  for (const auto& key : keys) text += key + ',';
  if (keys.size() > 0) text.pop_back();
  return text + "]}";
}

}  // namespace

TEST_SUITE("jose/jwk") {
  TEST_CASE("thumbprints are those of RFC 8037 A.3 and RFC 9449 section 6.1") {
    CHECK(jose::thumbprint(read(kEd25519).value()) ==
          "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    CHECK(jose::thumbprint(read(kP256).value()) == "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I");
  }

  TEST_CASE("a thumbprint is the hash of the required members in order, without spaces") {
    CHECK(
        jose::thumbprint(read(kEd25519).value()) ==
        to_base64url(crypto::sha256(bytes_of(
            R"({"crv":"Ed25519","kty":"OKP","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})"))));
  }

  TEST_CASE("a thumbprint does not depend on the members that are not required") {
    const auto named = read(test::with(std::string(kEd25519), "{",
                                       R"({"kid":"1","use":"sig","alg":"EdDSA","ext":true,)"));
    CHECK(named.value().kid == "1");
    CHECK(jose::thumbprint(named.value()) == jose::thumbprint(read(kEd25519).value()));
  }

  TEST_CASE("what is written reads back the same, without alg") {
    for (auto key : {read(kEd25519).value(), read(kP256).value()}) {
      key.kid = jose::thumbprint(key);
      const auto written = jose::write_jwk(key);
      CHECK_FALSE(written.contains("alg"));
      CHECK(written.at("use") == "sig");
      CHECK(jose::read_jwk(written).value() == key);
    }
    const auto ours = jose::jwk_of(test::key_of(1).public_key());
    CHECK(ours.kid == jose::thumbprint(ours));
  }

  TEST_CASE("a key that is not exactly a public key of ours is refused") {
    const std::string ed(kEd25519), ec(kP256);
    struct Refused {
      std::string_view name;
      std::string text;
    };
    const Refused refused[] = {
        {"no object", "[]"},
        {"secret part, Ed25519", test::with(ed, "{", R"({"d":"AAAA",)")},
        {"secret part, P-256", test::with(ec, "{", R"({"d":"AAAA",)")},
        {"secret part that is null", test::with(ed, "{", R"({"d":null,)")},
        {"symmetric part", test::with(ed, "{", R"({"k":"AAAA",)")},
        {"symmetric key", R"({"kty":"oct","k":"AAAA"})"},
        {"RSA", R"({"kty":"RSA","n":"AQAB","e":"AQAB"})"},
        {"Ed448", test::with(ed, "Ed25519", "Ed448")},
        {"X25519", test::with(ed, "Ed25519", "X25519")},
        {"P-384", test::with(ec, "P-256", "P-384")},
        {"secp256k1", test::with(ec, "P-256", "secp256k1")},
        {"kty in lower case", test::with(ed, "OKP", "okp")},
        {"curve of the other kind", test::with(ed, "Ed25519", "P-256")},
        {"no kty", test::with(ed, R"("kty":"OKP",)", "")},
        {"no crv", test::with(ed, R"("crv":"Ed25519",)", "")},
        {"no x", R"({"kty":"OKP","crv":"Ed25519"})"},
        {"no y", R"({"kty":"EC","crv":"P-256","x":"l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs"})"},
        {"y of an Ed25519 key", test::with(ed, "{", R"({"y":"AAAA",)")},
        {"x a byte short", test::with(ed, "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
                                      "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHUQ")},
        {"x a byte long", test::with(ed, "HURo", "HURoAA")},
        {"x with padding", test::with(ed, "HURo", "HURo=")},
        {"x in a second spelling", test::with(ed, "HURo", "HURp")},
        {"x in base64 of the other alphabet", test::with(ed, "VS_7", "VS/7")},
        {"x as a number", R"({"kty":"OKP","crv":"Ed25519","x":11})"},
        {"alg of another kind", test::with(ed, "{", R"({"alg":"ES256",)")},
        {"alg of a symmetric kind", test::with(ec, "{", R"({"alg":"HS256",)")},
        {"alg for encryption", test::with(ec, "{", R"({"alg":"ECDH-ES",)")},
        {"use for encryption", test::with(ed, "{", R"({"use":"enc",)")},
        {"key_ops without verify", test::with(ed, "{", R"({"key_ops":["sign"],)")},
        {"key_ops that is a text", test::with(ed, "{", R"({"key_ops":"verify",)")},
        {"empty kid", test::with(ed, "{", R"({"kid":"",)")},
        {"kid that is a number", test::with(ed, "{", R"({"kid":1,)")},
        {"kid without end", test::with(ed, "{", R"({"kid":")" + std::string(257, 'k') + R"(",)")}};
    for (const auto& one : refused) {
      CAPTURE(one.name);
      const auto key = read(one.text);
      REQUIRE_FALSE(key.ok());
      CHECK(key.error().code == ErrorCode::Malformed);
    }
  }

  TEST_CASE(
      "a verifying key answers for its own kind, and no key is made of a point off the curve") {
    const auto key = test::key_of(1);
    const jose::VerifyingKey ed(key.public_key());
    CHECK(ed.kind() == KeyKind::Ed25519);
    CHECK(ed.verify(bytes_of("lyon"), key.sign(bytes_of("lyon"))));
    const test::Es256Signer signer;
    jose::Jwk point{.kind = KeyKind::P256, .x = signer.x(), .y = signer.y(), .kid = {}};
    const auto ec = jose::VerifyingKey::from(point).value();
    CHECK(ec.kind() == KeyKind::P256);
    CHECK(ec.verify(bytes_of("lyon"), signer.sign(bytes_of("lyon"))));
    CHECK_FALSE(ec.verify(bytes_of("lyon"), key.sign(bytes_of("lyon"))));
    point.y[0] ^= 1U;
    CHECK_FALSE(jose::VerifyingKey::from(point).ok());
  }

  TEST_CASE("a key is found by its kid and kind") {
    const auto set = jose::JwkSet::read(set_of({member("a", 1), member("b", 2)})).value();
    const auto message = bytes_of("lyon");
    const auto* b = set.find("b", KeyKind::Ed25519);
    REQUIRE(b != nullptr);
    CHECK(b->verify(message, test::key_of(2).sign(message)));
    CHECK_FALSE(b->verify(message, test::key_of(1).sign(message)));
    CHECK(set.find("c", KeyKind::Ed25519) == nullptr);
    CHECK(set.find("b", KeyKind::P256) == nullptr);
  }

  TEST_CASE("without a kid only a key that is alone of its kind is found") {
    CHECK(jose::JwkSet::read(set_of({member("a", 1), member("b", 2)}))
              .value()
              .find("", KeyKind::Ed25519) == nullptr);
    const auto set = jose::JwkSet::read(set_of({member("a", 1), std::string(kP256)})).value();
    REQUIRE(set.find("", KeyKind::Ed25519) != nullptr);
    CHECK(set.find("", KeyKind::P256) != nullptr);
    CHECK(set.find("a", KeyKind::P256) == nullptr);
  }

  TEST_CASE("keys that we do not use are passed over, not tried") {
    const auto set = jose::JwkSet::read(
                         set_of({R"({"kty":"RSA","n":"AQAB","e":"AQAB","kid":"r"})",
                                 R"({"kty":"OKP","crv":"X25519","x":"AAAA","use":"enc","kid":"e"})",
                                 test::with(member("f", 2), R"("use":"sig")", R"("use":"enc")"),
                                 member("a", 1)}))
                         .value();
    CHECK(set.members().size() == 1);
    CHECK(set.find("f", KeyKind::Ed25519) == nullptr);
    CHECK(set.find("a", KeyKind::Ed25519) != nullptr);
    CHECK(jose::JwkSet::read(R"({"keys":[]})").value().members().empty());
  }

  TEST_CASE("sixteen keys are a set, seventeen are not") {
    std::string keys;
    for (int i = 0; i < 16; ++i)
      keys += member(std::to_string(i), static_cast<std::uint8_t>(i)) + ',';
    keys.pop_back();
    CHECK(jose::JwkSet::read(R"({"keys":[)" + keys + "]}").value().members().size() == 16);
    CHECK_FALSE(jose::JwkSet::read(R"({"keys":[)" + keys + ',' + member("16", 16) + "]}").ok());
  }

  TEST_CASE("a set is refused whole when one key in it is not right") {
    const std::string refused[] = {
        "",
        "[]",
        "{}",
        R"({"keys":{}})",
        R"({"keys":["a"]})",
        R"({"keys":[],"keys":[]})",
        set_of({member("a", 1), member("a", 2)}),
        set_of({member("a", 1), R"({"kty":"RSA","n":"AQAB","e":"AQAB","kid":"a"})"}),
        set_of({member("a", 1), R"({"kty":"oct","k":"AAAA"})"}),
        set_of({member("a", 1), R"({"kty":"RSA","n":"AQAB","e":"AQAB","d":"AQAB"})"}),
        set_of({member("a", 1), test::with(member("b", 2), "{", R"({"d":"AAAA",)")}),
        set_of({member("a", 1), R"({"crv":"Ed25519"})"}),
        set_of({member("a", 1), test::with(std::string(kP256), "9VE4", "9VE5")}),
        set_of(
            {R"({"kty":"OKP","crv":"Ed25519","x":"AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"})"}),
        R"({"keys":[)" + member("a", 1) +
            "]} "
            "x"};
    for (const auto& text : refused) {
      CAPTURE(text);
      CHECK_FALSE(jose::JwkSet::read(text).ok());
    }
  }
}
