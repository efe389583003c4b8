#include "vault/jose/dpop.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "tests/crypto/es256_signer.h"
#include "tests/jose/forge.h"
#include "vault/base/json.h"
#include "vault/jose/jws.h"

using namespace vrm;  // tests only
using jose::ProofRefusal;
using test::b64;
using test::forge;
using test::with;

namespace {

constexpr std::string_view kUrl = "https://relay.example/v/Yk3v/v1/data";
constexpr Instant kNow{1'795'283'771'000};
const std::string kNonces[] = {"nonce-now", "nonce-before"};
constexpr std::string_view kToken = "eyJ.an.access-token";

std::string print_of(std::uint8_t fill) {
  return jose::jwk_of(test::key_of(fill).public_key()).kid;
}

const std::string kPrint = print_of(1);
const std::string kAth = jose::token_hash(kToken);

jose::ProofRules rules() {
  return {.method = "GET",
          .url = kUrl,
          .nonces = kNonces,
          .now = kNow,
          .token_hash = kAth,
          .thumbprint = kPrint};
}

std::string made(std::uint8_t fill = 1) {
  test::CountingRandom random;
  return jose::make_proof(
      test::key_of(fill),
      {.method = "GET", .url = kUrl, .now = kNow, .nonce = "nonce-now", .token = kToken}, random);
}

std::string part(int index) {
  const std::string text = made();
  const auto first = text.find('.');
  const auto from = index == 0 ? 0 : first + 1;
  return text_of(from_base64url(text.substr(from, text.find('.', from) - from)).value());
}

std::optional<ProofRefusal> refusal_of(std::string_view text, const jose::ProofRules& with_rules) {
  const auto answer = jose::check_proof(text, with_rules);
  if (const auto* refusal = std::get_if<ProofRefusal>(&answer)) return *refusal;
  return std::nullopt;
}

}  // namespace

TEST_SUITE("jose/dpop") {
  TEST_CASE("a proof that we make passes, with its key, jti and time") {
    const auto answer = jose::check_proof(made(), rules());
    const auto* proof = std::get_if<jose::Proof>(&answer);
    REQUIRE(proof != nullptr);
    CHECK(proof->thumbprint == kPrint);
    CHECK(proof->jti.size() == 22);
    CHECK(proof->issued == kNow);
  }

  TEST_CASE("the header of a proof holds the public key and nothing secret") {
    CHECK(part(0) == R"({"alg":"EdDSA","jwk":{"crv":"Ed25519","kty":"OKP","x":")" +
                         to_base64url(test::key_of(1).public_key()) + R"("},"typ":"dpop+jwt"})");
  }

  TEST_CASE("two proofs for the same request differ in their jti") {
    test::CountingRandom random;
    const jose::ProofWish wish{.method = "GET", .url = kUrl, .now = kNow};
    CHECK(jose::make_proof(test::key_of(1), wish, random) !=
          jose::make_proof(test::key_of(1), wish, random));
  }

  TEST_CASE("the proof of RFC 9449 section 4.1 reads, is signed, and lacks only our nonce") {
    const std::string text =
        "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0Vj"
        "NoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5"
        "VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TV"
        "CIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8"
        "lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg";
    constexpr std::string_view types[] = {"dpop+jwt"};
    const auto jws =
        jose::Jws::read(text, {.types = types, .key = jose::KeyPlace::InHeader}).value();
    CHECK(jws.verify(jose::VerifyingKey::from(jws.jwk()).value()).ok());
    CHECK(jose::thumbprint(jws.jwk()) == "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I");
    CHECK(jws.claims().value().at("jti") == "-BwC3ESc6acc2lTc");
    CHECK(refusal_of(text, {.method = "POST",
                            .url = "https://server.example.com/token",
                            .nonces = kNonces,
                            .now = Instant{1562262616000}}) == ProofRefusal::NonceMissing);
  }

  TEST_CASE("a proof with a P-256 key passes as well") {
    const test::Es256Signer signer;
    const jose::Jwk jwk{.kind = jose::KeyKind::P256, .x = signer.x(), .y = signer.y(), .kid = {}};
    nlohmann::json header{{"typ", "dpop+jwt"}, {"alg", "ES256"}, {"jwk", jose::write_jwk(jwk)}};
    const std::string head = b64(write_json(header)) + '.' + b64(part(1));
    auto asked = rules();
    const auto print = jose::thumbprint(jwk);
    asked.thumbprint = print;
    CHECK_FALSE(refusal_of(head + '.' + to_base64url(signer.sign(bytes_of(head))), asked));
    header["jwk"]["y"] = to_base64url(signer.x());  // not on the curve
    asked.thumbprint = {};
    const std::string off = b64(write_json(header)) + '.' + b64(part(1));
    CHECK(refusal_of(off + '.' + to_base64url(signer.sign(bytes_of(off))), asked) ==
          ProofRefusal::Signature);
  }

  TEST_CASE("where no token comes along and no key is bound, any key's proof passes") {
    test::CountingRandom random;
    auto asked = rules();
    asked.token_hash = asked.thumbprint = {};
    const auto bare = jose::make_proof(
        test::key_of(7), {.method = "GET", .url = kUrl, .now = kNow, .nonce = "nonce-before"},
        random);
    CHECK_FALSE(refusal_of(bare, asked));
    CHECK_FALSE(refusal_of(made(7), asked));
  }

  TEST_CASE("an attack on the claims is refused for what it is, though the right key signed it") {
    const std::string header = part(0), payload = part(1);
    REQUIRE_FALSE(refusal_of(forge(header, payload, test::key_of(1)), rules()));
    struct Attack {
      std::string_view name;
      std::string from, to;
      ProofRefusal refusal;
    };
    const std::string iat = "1795283771", htu = R"("htu":")" + std::string(kUrl) + '"';
    const Attack attacks[] = {
        {"another method", "\"GET\"", "\"POST\"", ProofRefusal::Method},
        {"method in lower case", "\"GET\"", "\"get\"", ProofRefusal::Method},
        {"no method", "\"htm\":\"GET\",", "", ProofRefusal::Malformed},
        {"method as a list", "\"GET\"", "[\"GET\"]", ProofRefusal::Malformed},
        {"another host", "relay.example", "thief.example", ProofRefusal::Address},
        {"a host that begins like ours", "relay.example", "relay.example.thief.example",
         ProofRefusal::Address},
        {"another port", "relay.example", "relay.example:8443", ProofRefusal::Address},
        {"our host as the user of another", "relay.example", "relay.example@thief.example",
         ProofRefusal::Address},
        {"another path", "/v1/data", "/v1/query", ProofRefusal::Address},
        {"another vault", "/Yk3v/", "/Zk3v/", ProofRefusal::Address},
        {"path in other case", "/v1/data", "/V1/data", ProofRefusal::Address},
        {"a slash more", "/v1/data", "/v1/data/", ProofRefusal::Address},
        {"a detour", "/v1/data", "/v1/x/../data", ProofRefusal::Address},
        {"another scheme", "https:", "http:", ProofRefusal::Address},
        {"a path alone", htu, R"("htu":"/v/Yk3v/v1/data")", ProofRefusal::Address},
        {"a backslash", "/v1/data", "\\\\v1/data", ProofRefusal::Address},
        {"an empty address", htu, R"("htu":"")", ProofRefusal::Address},
        {"no address", htu + ",", "", ProofRefusal::Malformed},
        {"no nonce", R"(,"nonce":"nonce-now")", "", ProofRefusal::NonceMissing},
        {"a nonce of yesterday", "nonce-now", "nonce-yesterday", ProofRefusal::NonceOld},
        {"an empty nonce", "nonce-now", "", ProofRefusal::NonceOld},
        {"nonce as a list", R"("nonce-now")", R"(["nonce-now"])", ProofRefusal::Malformed},
        {"nonce twice", R"("nonce")", R"("nonce":"x","nonce")", ProofRefusal::Malformed},
        {"too old", iat, "1795283470", ProofRefusal::IssuedAt},
        {"from the future", iat, "1795284072", ProofRefusal::IssuedAt},
        {"iat in milliseconds", iat, "1795283771000", ProofRefusal::Malformed},
        {"iat as a text", iat, "\"1795283771\"", ProofRefusal::Malformed},
        {"iat as a fraction", iat, "1795283771.0", ProofRefusal::Malformed},
        {"iat below zero", iat, "-1", ProofRefusal::Malformed},
        {"no iat", "\"iat\":" + iat + ",", "", ProofRefusal::Malformed},
        {"another token", kAth, jose::token_hash("another"), ProofRefusal::TokenHash},
        {"hash of the token cut", kAth, kAth.substr(0, 42), ProofRefusal::TokenHash},
        {"hash of the token padded", kAth, kAth + "=", ProofRefusal::TokenHash},
        {"no hash of the token", R"("ath":")" + kAth + "\",", "", ProofRefusal::TokenHash},
        {"no jti", R"("jti")", R"("id")", ProofRefusal::Malformed},
        {"jti as a number", R"("jti":")", R"("jti":1,"x":")", ProofRefusal::Malformed},
        {"jti twice", "{", R"({"jti":"x",)", ProofRefusal::Malformed},
        {"jti without end", R"("jti":")", R"("jti":")" + std::string(256, 'j'),
         ProofRefusal::Malformed},
        {"something behind the claims", "\"}", "\"}x", ProofRefusal::Malformed},
        {"larger than a proof may be", "{", R"({"x":")" + std::string(4000, 'x') + "\",",
         ProofRefusal::Malformed}};
    for (const auto& one : attacks) {
      CAPTURE(one.name);
      CHECK(refusal_of(forge(header, with(payload, one.from, one.to), test::key_of(1)), rules()) ==
            one.refusal);
    }
  }

  TEST_CASE("an attack on the header is refused before anything else is looked at") {
    const std::string header = part(0), payload = part(1);
    struct Attack {
      std::string_view name;
      std::string from, to;
    };
    const Attack attacks[] = {{"alg none", "EdDSA", "none"},
                              {"alg HS256", "EdDSA", "HS256"},
                              {"alg RS256", "EdDSA", "RS256"},
                              {"alg of another kind of key", "EdDSA", "ES256"},
                              {"alg twice", "{", R"({"alg":"none",)"},
                              {"typ of a plain JWT", "dpop+jwt", "JWT"},
                              {"typ of a token", "dpop+jwt", "at+jwt"},
                              {"typ in capitals", "dpop+jwt", "DPOP+JWT"},
                              {"no typ", R"(,"typ":"dpop+jwt")", ""},
                              {"no key", R"("jwk")", R"("key")"},
                              {"a kid for a key", R"("jwk")", R"("kid":"1","key")"},
                              {"the secret key", R"("kty")", R"("d":"AAAA","kty")"},
                              {"a symmetric key", R"("kty":"OKP")", R"("kty":"oct","k":"AAAA")"},
                              {"a key for encryption", "Ed25519", "X25519"},
                              {"the key twice", R"("jwk")", R"("jwk":{},"jwk")"},
                              {"x twice in the key", R"("kty")", R"("x":"AAAA","kty")"},
                              {"crit", "{", R"({"crit":["b64"],"b64":false,)"},
                              {"jku", "{", R"({"jku":"https://thief.example/",)"},
                              {"x5c", "{", R"({"x5c":["MIIB"],)"}};
    for (const auto& one : attacks) {
      CAPTURE(one.name);
      CHECK(refusal_of(forge(with(header, one.from, one.to), payload, test::key_of(1)), rules()) ==
            ProofRefusal::Malformed);
    }
    const auto good = made();
    CHECK(refusal_of(test::without_signature(good), rules()) == ProofRefusal::Malformed);
    CHECK(refusal_of(good + ".AAAA", rules()) == ProofRefusal::Malformed);
    CHECK(refusal_of(good + ", " + good, rules()) == ProofRefusal::Malformed);
    CHECK(refusal_of("", rules()) == ProofRefusal::Malformed);
  }

  TEST_CASE("a thief cannot put their key, or the victim's key, under a proof of their own") {
    CHECK(refusal_of(made(2), rules()) == ProofRefusal::OtherKey);
    CHECK(refusal_of(forge(part(0), part(1), test::key_of(2)), rules()) == ProofRefusal::Signature);
    auto any_key = rules();
    any_key.thumbprint = {};
    CHECK(refusal_of(forge(part(0), part(1), test::key_of(2)), any_key) == ProofRefusal::Signature);
  }

  TEST_CASE("a header that is known is not read again, and vouches for no other and no claim") {
    const auto answer = jose::check_proof(made(), rules());
    REQUIRE(std::holds_alternative<jose::Proof>(answer));
    auto knowing = rules();
    knowing.known_header = std::get<jose::Proof>(answer).header;
    const auto again = jose::check_proof(made(), knowing);
    REQUIRE(std::holds_alternative<jose::Proof>(again));
    CHECK(std::get<jose::Proof>(again).header == knowing.known_header);
    CHECK(std::get<jose::Proof>(again).thumbprint == kPrint);
    CHECK(refusal_of(made(2), knowing) == ProofRefusal::OtherKey);
    CHECK(refusal_of(forge(part(0), part(1), test::key_of(2)), knowing) == ProofRefusal::Signature);
    const auto text = made();
    for (std::size_t bit = 0; bit < text.size() * 8; ++bit) {
      auto altered = text;
      altered[bit / 8] =
          static_cast<char>(static_cast<unsigned char>(altered[bit / 8]) ^ (1U << (bit % 8)));
      if (!refusal_of(altered, knowing)) FAIL_CHECK("bit " << bit << " was not seen");
    }
    const std::string other = print_of(2);
    knowing.thumbprint = other;
    CHECK(refusal_of(made(), knowing) == ProofRefusal::OtherKey);
  }

  TEST_CASE("a key of small order signs nothing") {
    const std::string header =
        R"({"alg":"EdDSA","jwk":{"crv":"Ed25519","kty":"OKP","x":"AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"},"typ":"dpop+jwt"})";
    auto any_key = rules();
    any_key.thumbprint = {};
    Bytes signature(64, 0);
    signature[0] = 1;
    CHECK(refusal_of(b64(header) + '.' + b64(part(1)) + '.' + to_base64url(signature), any_key) ==
          ProofRefusal::Signature);
  }

  TEST_CASE("questions that cost little are asked before the signature") {
    const auto unsigned_proof = [](std::string_view from, std::string_view to) {
      return forge(part(0), with(part(1), from, to), test::key_of(9));
    };
    CHECK(refusal_of(unsigned_proof("\"GET\"", "\"PUT\""), rules()) == ProofRefusal::Method);
    CHECK(refusal_of(unsigned_proof("/data", "/x"), rules()) == ProofRefusal::Address);
    CHECK(refusal_of(unsigned_proof("nonce-now", "x"), rules()) == ProofRefusal::NonceOld);
    CHECK(refusal_of(unsigned_proof("1795283771", "1"), rules()) == ProofRefusal::IssuedAt);
    CHECK(refusal_of(unsigned_proof(kAth, "x"), rules()) == ProofRefusal::TokenHash);
  }

  TEST_CASE("iat is good to the second on both sides of its bound") {
    const auto at = [](std::string_view iat) {
      return refusal_of(forge(part(0), with(part(1), "1795283771", iat), test::key_of(1)), rules());
    };
    CHECK_FALSE(at("1795283471"));
    CHECK_FALSE(at("1795284071"));
    CHECK(at("1795283470") == ProofRefusal::IssuedAt);
    CHECK(at("1795284072") == ProofRefusal::IssuedAt);
  }

  TEST_CASE("one altered bit anywhere in the text ends the proof") {
    const auto text = made();
    auto any_key = rules();
    any_key.thumbprint = {};
    for (std::size_t bit = 0; bit < text.size() * 8; ++bit) {
      auto altered = text;
      altered[bit / 8] =
          static_cast<char>(static_cast<unsigned char>(altered[bit / 8]) ^ (1U << (bit % 8)));
      if (!refusal_of(altered, any_key)) FAIL_CHECK("bit " << bit << " was not seen");
    }
  }

  TEST_CASE("a proof is taken once") {
    test::ManualClock clock;
    test::CountingRandom random;
    jose::ReplayMemory memory(clock, random);
    const auto proof = std::get<jose::Proof>(jose::check_proof(made(), rules()));
    CHECK(jose::remember_proof(memory, "velo", proof) == jose::Seen::Fresh);
    CHECK(jose::remember_proof(memory, "velo", proof) == jose::Seen::Replayed);
  }

  TEST_CASE("a used proof is remembered longer than any nonce of its time is accepted") {
    for (const auto used_at : {0, 1, 29'999, 30'000, 59'999}) {
      CAPTURE(used_at);
      test::ManualClock clock;
      test::CountingRandom random;
      jose::ReplayMemory memory(clock, random);
      const jose::DpopNonces nonces(crypto::Secret::copy_of(Bytes(32, 1)));
      clock.elapsed = Duration(used_at);
      const auto nonce = nonces.current("i", clock.elapsed);
      const auto proof = std::get<jose::Proof>(jose::check_proof(made(), rules()));
      REQUIRE(jose::remember_proof(memory, "velo", proof) == jose::Seen::Fresh);
      for (auto accepted = nonces.accepted("i", clock.elapsed);
           accepted[0] == nonce || accepted[1] == nonce;
           accepted = nonces.accepted("i", clock.elapsed))
        clock.elapsed += Duration(1);
      CHECK(jose::remember_proof(memory, "velo", proof) == jose::Seen::Replayed);
    }
  }

  TEST_CASE("the hash of a token is that of RFC 9449 section 7.1") {
    CHECK(jose::token_hash("Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU") ==
          "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo");
  }

  TEST_CASE("addresses are compared in one spelling") {
    const auto normal = [](std::string_view url) {
      return jose::normal_address(url).value_or("-");
    };
    CHECK(normal("HTTPS://Relay.Example:443/V/a?fields=x#y") == "https://relay.example/V/a");
    CHECK(normal("http://relay.example:80/a") == "http://relay.example/a");
    CHECK(normal("http://relay.example:443/a") == "http://relay.example:443/a");
    CHECK(normal("http://relay.example:/a") == "http://relay.example/a");
    CHECK(normal("https://relay.example") == "https://relay.example/");
    CHECK(normal("https://relay.example?x=/y") == "https://relay.example/");
    CHECK(normal("https://relay.example#/y") == "https://relay.example/");
    CHECK(normal("http://[::1]:8080/a") == "http://[::1]:8080/a");
    CHECK(normal("https://[2001:DB8::1]:443/a") == "https://[2001:db8::1]/a");
    for (const auto* bad :
         {"", "relay.example/a", "//relay.example/a", "ftp://relay.example/a",
          "https:/relay.example", "https://", "https:///a", "https://:443/a",
          "https://user@relay.example/a", "https://relay.example:port/a",
          "https://relay.example:443:443/a", "https://relay.example:-1/a",
          "https://relay.example/a b", "https://relay.example\\a", "https://relay.example/\xC3\xA9",
          "https://relay.example/\n", "https://relay.example/\x7F"}) {
      CAPTURE(bad);
      CHECK_FALSE(jose::normal_address(bad));
    }
  }

  TEST_CASE("query, fragment, case of the host and default port do not count in htu") {
    const auto at = [](std::string_view htu) {
      return refusal_of(forge(part(0), with(part(1), kUrl, htu), test::key_of(1)), rules());
    };
    CHECK_FALSE(at("https://relay.example/v/Yk3v/v1/data?fields=body.height"));
    CHECK_FALSE(at("https://relay.example/v/Yk3v/v1/data#x"));
    CHECK_FALSE(at("HTTPS://RELAY.example:443/v/Yk3v/v1/data"));
    auto queried = rules();
    queried.url = "https://relay.example/v/Yk3v/v1/data?fields=body.height";
    CHECK_FALSE(refusal_of(made(), queried));
  }

  TEST_CASE("each refusal has a word of its own") {
    std::set<std::string_view> words;
    for (const auto refusal :
         {ProofRefusal::Malformed, ProofRefusal::Method, ProofRefusal::Address,
          ProofRefusal::NonceMissing, ProofRefusal::NonceOld, ProofRefusal::IssuedAt,
          ProofRefusal::TokenHash, ProofRefusal::OtherKey, ProofRefusal::Signature})
      words.insert(jose::to_string(refusal));
    CHECK(words.size() == 9);
  }
}
