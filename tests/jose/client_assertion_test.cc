#include "vault/jose/client_assertion.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "tests/crypto/es256_signer.h"
#include "tests/jose/forge.h"
#include "vault/base/json.h"

using namespace vrm;  // tests only
using jose::AssertionRefusal;
using std::chrono::seconds;
using test::b64;
using test::forge;
using test::with;

namespace {

constexpr std::string_view kClient = "https://velo.example/vrm-brand.json";
constexpr std::string_view kIssuer = "https://relay.example/v/Yk3v";
constexpr Instant kNow{1'795'283'771'000};
constexpr Instant kStarted{1'795'283'000'000};

// As openid-client writes them.
const std::string kHeader = R"({"alg":"EdDSA","kid":"k1"})";
const std::string kPayload =
    R"({"iat":1795283771,"nbf":1795283771,"exp":1795283831,"jti":"j1",)"
    R"("aud":"https://relay.example/v/Yk3v","iss":"https://velo.example/vrm-brand.json",)"
    R"("sub":"https://velo.example/vrm-brand.json"})";

struct World {
  test::ManualClock clock;
  test::CountingRandom random;
  test::Es256Signer signer;
  jose::JwkSet keys = make_keys();
  jose::AssertionRules rules{
      .client_id = kClient, .issuer = kIssuer, .now = kNow, .started = kStarted};
  jose::ReplayMemory memory{clock, random, {.total = 4, .per_share = 4}};

  jose::JwkSet make_keys() const {
    auto ed = jose::jwk_of(test::key_of(1).public_key());
    ed.kid = "k1";
    const jose::Jwk ec{.kind = jose::KeyKind::P256, .x = signer.x(), .y = signer.y(), .kid = "k2"};
    return jose::JwkSet::from(jose::write_jwk_set(std::array{ed, ec})).value();
  }

  std::optional<AssertionRefusal> refusal_of(std::string_view text) {
    const auto answer = jose::take_assertion(text, keys, rules, memory, "velo");
    if (const auto* refusal = std::get_if<AssertionRefusal>(&answer)) return *refusal;
    return std::nullopt;
  }
};

std::string good() {
  return forge(kHeader, kPayload, test::key_of(1));
}

}  // namespace

TEST_SUITE("jose/client_assertion") {
  TEST_CASE("an assertion as openid-client writes it is taken, once") {
    World world;
    const auto answer = jose::take_assertion(good(), world.keys, world.rules, world.memory, "velo");
    const auto* taken = std::get_if<jose::ClientAssertion>(&answer);
    REQUIRE(taken != nullptr);
    CHECK(taken->client_id == kClient);
    CHECK(taken->jti == "j1");
    CHECK(taken->expires == kNow + seconds(60));
    CHECK(world.refusal_of(good()) == AssertionRefusal::Replayed);
    CHECK(jose::claimed_client(good()).value() == kClient);
  }

  TEST_CASE("a refused assertion does not use up its jti") {
    World world;
    CHECK(world.refusal_of(forge(kHeader, kPayload, test::key_of(2))) ==
          AssertionRefusal::Signature);
    CHECK(world.memory.size() == 0);
    CHECK_FALSE(world.refusal_of(good()));
  }

  TEST_CASE("both names of Ed25519, ES256, the known types and a missing kid are taken") {
    World world;
    CHECK_FALSE(
        world.refusal_of(forge(with(kHeader, "EdDSA", "Ed25519"), kPayload, test::key_of(1))));
    CHECK_FALSE(world.refusal_of(forge(with(kHeader, "{", R"({"typ":"JWT",)"),
                                       with(kPayload, "j1", "j2"), test::key_of(1))));
    CHECK_FALSE(world.refusal_of(forge(R"({"alg":"EdDSA","typ":"client-authentication+jwt"})",
                                       with(kPayload, "j1", "j3"), test::key_of(1))));
    const std::string head =
        b64(R"({"alg":"ES256","kid":"k2"})") + '.' + b64(with(kPayload, "j1", "j4"));
    CHECK_FALSE(world.refusal_of(head + '.' + to_base64url(world.signer.sign(bytes_of(head)))));
  }

  TEST_CASE("an attack on an assertion is refused for what it is") {
    struct Attack {
      std::string_view name;
      std::string from, to;
      AssertionRefusal refusal;
    };
    const std::string aud = R"("https://relay.example/v/Yk3v")", exp = "1795283831";
    const std::string iat = R"("iat":1795283771,"nbf":1795283771)";
    const Attack attacks[] = {
        {"another iss", R"("iss":"https://velo)", R"("iss":"https://thief)",
         AssertionRefusal::Client},
        {"another sub", R"("sub":"https://velo)", R"("sub":"https://thief)",
         AssertionRefusal::Client},
        {"no iss", R"("iss")", R"("by")", AssertionRefusal::Client},
        {"no sub", R"("sub")", R"("of")", AssertionRefusal::Malformed},
        {"aud of another vault", "/Yk3v", "/Zk3v", AssertionRefusal::Audience},
        {"aud of the token endpoint", "/Yk3v", "/Yk3v/token", AssertionRefusal::Audience},
        {"aud with a slash more", "/Yk3v", "/Yk3v/", AssertionRefusal::Audience},
        {"no aud", R"("aud")", R"("for")", AssertionRefusal::Audience},
        {"aud as a list", aud, '[' + aud + ']', AssertionRefusal::Audience},
        {"aud as a list with another", aud, '[' + aud + R"(,"https://thief.example"])",
         AssertionRefusal::Audience},
        {"aud twice", R"("aud")", R"("aud":"https://thief.example","aud")",
         AssertionRefusal::Malformed},
        {"expired", exp, "1795283711", AssertionRefusal::Time},
        {"good for an hour", exp, "1795287371", AssertionRefusal::Time},
        {"good for ever", exp, "253402300799", AssertionRefusal::Time},
        {"no exp", R"("exp")", R"("end")", AssertionRefusal::Malformed},
        {"exp as a text", exp, '"' + exp + '"', AssertionRefusal::Malformed},
        {"not begun", iat, R"("nbf":1795283832)", AssertionRefusal::Time},
        {"from the future", iat, R"("iat":1795283832)", AssertionRefusal::Time},
        {"from before the start", iat, R"("iat":1795282999)", AssertionRefusal::BeforeStart},
        {"no jti", R"("jti")", R"("id")", AssertionRefusal::Malformed},
        {"empty jti", R"("j1")", R"("")", AssertionRefusal::Malformed},
        {"jti twice", R"("jti")", R"("jti":"j0","jti")", AssertionRefusal::Malformed}};
    for (const auto& one : attacks) {
      CAPTURE(one.name);
      World world;
      CHECK(world.refusal_of(forge(kHeader, with(kPayload, one.from, one.to), test::key_of(1))) ==
            one.refusal);
      CHECK(world.memory.size() == 0);
    }
  }

  TEST_CASE("an attack on the header of an assertion is refused") {
    struct Attack {
      std::string_view name;
      std::string header;
      AssertionRefusal refusal;
    };
    const Attack attacks[] = {
        {"alg none", with(kHeader, "EdDSA", "none"), AssertionRefusal::Malformed},
        {"alg HS256", with(kHeader, "EdDSA", "HS256"), AssertionRefusal::Malformed},
        {"alg of the other key", with(kHeader, "EdDSA", "ES256"), AssertionRefusal::UnknownKey},
        {"a proof for an assertion", with(kHeader, "{", R"({"typ":"dpop+jwt",)"),
         AssertionRefusal::Malformed},
        {"a token for an assertion", with(kHeader, "{", R"({"typ":"at+jwt",)"),
         AssertionRefusal::Malformed},
        {"an offer for an assertion", with(kHeader, "{", R"({"typ":"vrm-offer+jwt",)"),
         AssertionRefusal::Malformed},
        {"unknown kid", with(kHeader, "k1", "k9"), AssertionRefusal::UnknownKey},
        {"kid of the other kind", with(kHeader, "k1", "k2"), AssertionRefusal::UnknownKey},
        {"embedded jwk", with(kHeader, "{", R"({"jwk":{},)"), AssertionRefusal::Malformed},
        {"jku", with(kHeader, "{", R"({"jku":"https://velo.example/jwks",)"),
         AssertionRefusal::Malformed},
        {"crit", with(kHeader, "{", R"({"crit":["x"],)"), AssertionRefusal::Malformed}};
    for (const auto& one : attacks) {
      CAPTURE(one.name);
      World world;
      CHECK(world.refusal_of(forge(one.header, kPayload, test::key_of(1))) == one.refusal);
    }
    World world;
    CHECK(world.refusal_of("") == AssertionRefusal::Malformed);
    CHECK(world.refusal_of(good() + ".x") == AssertionRefusal::Malformed);
    CHECK_FALSE(jose::claimed_client("x").ok());
  }

  TEST_CASE("without iat an assertion counts as issued a minute before its end") {
    const auto bare = with(kPayload, R"("iat":1795283771,)", "");
    World world;
    world.rules.started = kNow;
    CHECK_FALSE(world.refusal_of(forge(kHeader, bare, test::key_of(1))));
    world.rules.started = kNow + Duration(1);
    CHECK(world.refusal_of(forge(kHeader, with(bare, "j1", "j2"), test::key_of(1))) ==
          AssertionRefusal::BeforeStart);
  }

  TEST_CASE("a used assertion is remembered until it could not be taken any more") {
    World world;
    REQUIRE_FALSE(world.refusal_of(good()));
    std::optional<AssertionRefusal> last;
    for (int second = 0; second < 300; ++second) {
      world.clock.elapsed += seconds(1);
      world.rules.now = world.rules.now + seconds(1);
      last = world.refusal_of(good());
      REQUIRE(last.has_value());
      REQUIRE((last == AssertionRefusal::Replayed || last == AssertionRefusal::Time));
    }
    CHECK(last == AssertionRefusal::Time);
  }

  TEST_CASE("what cannot be remembered is not taken") {
    World world;
    for (const char* jti : {"a", "b", "c", "d"})
      REQUIRE_FALSE(world.refusal_of(forge(kHeader, with(kPayload, "j1", jti), test::key_of(1))));
    CHECK(world.refusal_of(good()) == AssertionRefusal::Full);
  }

  TEST_CASE("each refusal has a word of its own") {
    std::set<std::string_view> words;
    for (const auto refusal :
         {AssertionRefusal::Malformed, AssertionRefusal::Client, AssertionRefusal::Audience,
          AssertionRefusal::Time, AssertionRefusal::BeforeStart, AssertionRefusal::UnknownKey,
          AssertionRefusal::Signature, AssertionRefusal::Replayed, AssertionRefusal::Full})
      words.insert(jose::to_string(refusal));
    CHECK(words.size() == 9);
  }
}
