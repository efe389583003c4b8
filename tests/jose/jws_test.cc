#include "vault/jose/jws.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "tests/crypto/es256_signer.h"
#include "tests/jose/forge.h"
#include "vault/base/json.h"

using namespace vrm;  // tests only
using jose::Jws;
using test::b64;
using test::forge;
using test::with;

namespace {

constexpr std::string_view kUntyped[] = {""};
constexpr std::string_view kReceipt[] = {"vrm-receipt+jwt"};
constexpr std::string_view kHeader = R"({"alg":"EdDSA","typ":"vrm-receipt+jwt","kid":"a"})";
constexpr std::string_view kPayload = R"({"iss":"https://v.example/v/1","n":1})";

Result<Jws> read(std::string_view text) {
  return Jws::read(text, {.types = kReceipt});
}

}  // namespace

TEST_SUITE("jose/jws") {
  TEST_CASE("the JWS of RFC 8037 A.4 is good, and is what we write from its parts") {
    const std::string text =
        "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc."
        "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
    const crypto::SigningKey key(crypto::Secret::copy_of(
        from_base64url("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A").value()));
    const auto jws = Jws::read(text, {.types = kUntyped}).value();
    CHECK(jws.verify(jose::VerifyingKey(key.public_key())).ok());
    CHECK(text_of(jws.payload()) == "Example of Ed25519 signing");
    CHECK_FALSE(jws.claims().ok());
    CHECK(forge(R"({"alg":"EdDSA"})", "Example of Ed25519 signing", key) == text);
  }

  TEST_CASE("the JWS of RFC 7515 A.3 is good") {
    const std::string text =
        "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlL"
        "mNvbS9pc19yb290Ijp0cnVlfQ."
        "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
    const auto jwk =
        jose::read_jwk(read_json(R"({"kty":"EC","crv":"P-256",)"
                                 R"("x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
                                 R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})")
                           .value())
            .value();
    const auto jws = Jws::read(text, {.types = kUntyped}).value();
    CHECK(jws.verify(jose::VerifyingKey::from(jwk).value()).ok());
    CHECK(jws.claims().value().at("iss") == "joe");
  }

  TEST_CASE("what is signed reads back with its kid, and only under its key") {
    const auto key = test::key_of(1);
    const auto text = jose::sign_jws(key, {.typ = "vrm-receipt+jwt", .kid = "a"}, kPayload);
    const auto jws = read(text).value();
    CHECK(jws.kid() == "a");
    CHECK(jws.kind() == jose::KeyKind::Ed25519);
    CHECK(jws.verify(jose::VerifyingKey(key.public_key())).ok());
    CHECK(jws.claims().value().at("n") == 1);
    CHECK(jws.verify(jose::VerifyingKey(test::key_of(2).public_key())).error().code ==
          ErrorCode::BadKey);
  }

  TEST_CASE("both names of Ed25519 and ES256 are read, each with its own kind of key") {
    const auto key = test::key_of(1);
    const auto ed = forge(with(std::string(kHeader), "EdDSA", "Ed25519"), kPayload, key);
    CHECK(read(ed).value().verify(jose::VerifyingKey(key.public_key())).ok());
    const test::Es256Signer signer;
    const std::string head =
        b64(with(std::string(kHeader), "EdDSA", "ES256")) + '.' + b64(kPayload);
    const auto ec_text = head + '.' + to_base64url(signer.sign(bytes_of(head)));
    const auto ec = read(ec_text).value();
    const jose::Jwk jwk{.kind = jose::KeyKind::P256, .x = signer.x(), .y = signer.y(), .kid = {}};
    CHECK(ec.verify(jose::VerifyingKey::from(jwk).value()).ok());
    CHECK_FALSE(ec.verify(jose::VerifyingKey(key.public_key())).ok());
    CHECK_FALSE(read(ed).value().verify(jose::VerifyingKey::from(jwk).value()).ok());
  }

  TEST_CASE("a document that is not exactly as wanted is not read, though its key signed it") {
    const auto key = test::key_of(1);
    const std::string good = forge(kHeader, kPayload, key);
    REQUIRE(read(good).ok());
    const std::string header(kHeader), payload(kPayload);
    const auto headed = [&](std::string_view from, std::string_view to) {
      return forge(with(header, from, to), payload, key);
    };
    const auto last = good.rfind('.');
    struct Refused {
      std::string_view name;
      std::string text;
    };
    const Refused refused[] = {
        {"empty", ""},
        {"dots alone", ".."},
        {"two parts", good.substr(0, last)},
        {"trailing dot", good + "."},
        {"leading dot", "." + good},
        {"four parts", good + ".AAAA"},
        {"five parts, as encrypted", good + ".AAAA.AAAA"},
        {"empty signature", test::without_signature(good)},
        {"empty header", good.substr(good.find('.'))},
        {"signature a byte short", good.substr(0, good.size() - 2)},
        {"signature a byte long", good + "AA"},
        {"padding", good + "=="},
        {"padding of the header", with(good, ".", "=.")},
        {"space before", " " + good},
        {"line end behind", good + "\n"},
        {"NUL behind", good + std::string(1, '\0')},
        {"alphabet of plain base64", good.substr(0, last + 1) + "/" + good.substr(last + 2)},
        {"alg none", headed("EdDSA", "none")},
        {"alg none without signature", test::without_signature(headed("EdDSA", "none"))},
        {"alg NoNe", headed("EdDSA", "NoNe")},
        {"alg HS256", headed("EdDSA", "HS256")},
        {"alg RS256", headed("EdDSA", "RS256")},
        {"alg PS256", headed("EdDSA", "PS256")},
        {"alg ES384", headed("EdDSA", "ES384")},
        {"alg ES256K", headed("EdDSA", "ES256K")},
        {"alg Ed448", headed("EdDSA", "Ed448")},
        {"alg in lower case", headed("EdDSA", "eddsa")},
        {"alg that is empty", headed("EdDSA", "")},
        {"alg that is a list", headed(R"("EdDSA")", R"(["EdDSA"])")},
        {"alg that is null", headed(R"("EdDSA")", "null")},
        {"no alg", headed(R"("alg":"EdDSA",)", "")},
        {"alg twice", headed("{", R"({"alg":"none",)")},
        {"alg twice, the second escaped", headed("}", R"(,"\u0061lg":"none"})")},
        {"another typ", headed("vrm-receipt+jwt", "at+jwt")},
        {"typ of a plain JWT", headed("vrm-receipt+jwt", "JWT")},
        {"typ in other case", headed("vrm-receipt+jwt", "VRM-receipt+jwt")},
        {"typ with its prefix", headed("vrm-receipt+jwt", "application/vrm-receipt+jwt")},
        {"typ with a space", headed("vrm-receipt+jwt", "vrm-receipt+jwt ")},
        {"typ that is empty", headed("vrm-receipt+jwt", "")},
        {"typ that is null", headed(R"("vrm-receipt+jwt")", "null")},
        {"no typ", headed(R"("typ":"vrm-receipt+jwt",)", "")},
        {"crit", headed("{", R"({"crit":["exp"],)")},
        {"empty crit", headed("{", R"({"crit":[],)")},
        {"b64 false", headed("{", R"({"b64":false,)")},
        {"b64 true", headed("{", R"({"b64":true,)")},
        {"jku", headed("{", R"({"jku":"https://thief.example/jwks",)")},
        {"x5u", headed("{", R"({"x5u":"https://thief.example/x",)")},
        {"x5c", headed("{", R"({"x5c":["MIIB"],)")},
        {"embedded jwk",
         headed("{",
                R"({"jwk":)" + write_json(jose::write_jwk(jose::jwk_of(key.public_key()))) + ",")},
        {"embedded jwk that is null", headed("{", R"({"jwk":null,)")},
        {"kid that is a number", headed(R"("a")", "1")},
        {"kid that is empty", headed(R"("a")", R"("")")},
        {"kid without end", headed(R"("a")", '"' + std::string(257, 'k') + '"')},
        {"header that is a list", forge("[]", payload, key)},
        {"header that is a text", forge(R"("EdDSA")", payload, key)},
        {"header with something behind", forge(header + "x", payload, key)},
        {"header with a comment", forge("/**/" + header, payload, key)},
        {"header with a byte order mark", forge("\xEF\xBB\xBF" + header, payload, key)},
        {"header with a trailing comma", headed("}", ",}")},
        {"header that is not UTF-8", headed(R"("a")", "\"\xFF\"")},
        {"header with a fraction", headed("{", R"({"x":1.0,)")},
        {"header too deep", headed("{", R"({"x":[[[[]]]],)")},
        {"header too long", headed("{", R"({"x":")" + std::string(2048, 'x') + R"(",)")},
        {"all too long", forge(header, std::string(8 * 1024, ' ') + payload, key)}};
    for (const auto& one : refused) {
      CAPTURE(one.name);
      const auto jws = read(one.text);
      REQUIRE_FALSE(jws.ok());
      CHECK(jws.error().code == ErrorCode::Malformed);
    }
  }

  TEST_CASE("each last letter of a signature but one is a second spelling, and refused") {
    const std::string good = forge(kHeader, kPayload, test::key_of(1));
    int read_well = 0;
    for (const char c :
         std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")) {
      const auto jws = read(good.substr(0, good.size() - 1) + c);
      if (jws.ok() && jws.value().verify(jose::VerifyingKey(test::key_of(1).public_key())).ok())
        ++read_well;
    }
    CHECK(read_well == 1);
  }

  TEST_CASE("a payload that is not one strict object has no claims") {
    const auto key = test::key_of(1);
    const std::string payloads[] = {"",
                                    "null",
                                    "[]",
                                    R"({"n":1,"n":2})",
                                    R"({"n":1.5})",
                                    R"({"n":9223372036854775808})",
                                    R"({"n":1}{})",
                                    "{\"n\":\"\xC0\x80\"}",
                                    R"({"n":"\u0000"})",
                                    R"({"n":"\ud800"})",
                                    std::string(17, '[') + std::string(17, ']'),
                                    R"({"n":1)"};
    for (const auto& payload : payloads) {
      CAPTURE(payload);
      const std::string text = forge(kHeader, payload, key);
      const auto jws = read(text).value();
      CHECK(jws.verify(jose::VerifyingKey(key.public_key())).ok());
      CHECK(jws.claims().error().code == ErrorCode::Malformed);
    }
  }

  TEST_CASE("a key in the header is read where it belongs, and must fit alg") {
    const auto key = test::key_of(1);
    const auto jwk = jose::jwk_of(key.public_key());
    constexpr std::string_view types[] = {"dpop+jwt"};
    const jose::JwsRules rules{.types = types, .key = jose::KeyPlace::InHeader};
    const auto text = jose::sign_jws(key, {.typ = "dpop+jwt", .jwk = &jwk}, kPayload);
    const auto jws = Jws::read(text, rules).value();
    CHECK(jose::thumbprint(jws.jwk()) == jwk.kid);
    CHECK(jws.jwk().kid.empty());
    const std::string header = text_of(from_base64url(text.substr(0, text.find('.'))).value());
    CHECK_FALSE(Jws::read(forge(with(header, "EdDSA", "ES256"), kPayload, key), rules).ok());
    CHECK_FALSE(Jws::read(forge(R"({"alg":"EdDSA","typ":"dpop+jwt"})", kPayload, key), rules).ok());
  }
}
