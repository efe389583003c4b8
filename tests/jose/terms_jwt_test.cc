#include "vault/jose/terms_jwt.h"

#include <doctest/doctest.h>

#include <array>
#include <nlohmann/json.hpp>

#include "tests/crypto/es256_signer.h"
#include "tests/jose/forge.h"
#include "vault/base/json.h"

using namespace vrm;  // tests only
using jose::AssertionRefusal;
using test::forge;
using test::with;

namespace {

constexpr std::string_view kBrandId = "https://velo.example/vrm-brand.json";
constexpr std::string_view kVault = "https://relay.example/v/Yk3v";
constexpr Instant kNowAt{1'795'283'771'000};
constexpr Instant kStartedAt{1'795'283'000'000};

const std::string kDetails =
    R"([{"type":"vrm_data","datatypes":["contact.email"],"purpose":"delivery",)"
    R"("terms":{"id":"https://w3id.org/x#SD-BASE","digest":"sha-256:00"}}])";
const std::string kTermsHeader = R"({"alg":"EdDSA","kid":"k1","typ":"vrm-terms+jwt"})";
const std::string kTermsPayload =
    R"({"iss":"https://velo.example/vrm-brand.json","aud":"https://relay.example/v/Yk3v",)"
    R"("iat":1795283771,"exp":1795283831,"jti":"t1","authorization_details":)" +
    kDetails + "}";

struct TermsWorld {
  test::ManualClock clock;
  test::CountingRandom random;
  jose::JwkSet keys = make_keys();
  jose::AssertionRules rules{
      .client_id = kBrandId, .issuer = kVault, .now = kNowAt, .started = kStartedAt};
  jose::ReplayMemory memory{clock, random, {.total = 4, .per_share = 4}};

  static jose::JwkSet make_keys() {
    auto ed = jose::jwk_of(test::key_of(1).public_key());
    ed.kid = "k1";
    return jose::JwkSet::from(jose::write_jwk_set(std::array{ed})).value();
  }
  std::optional<AssertionRefusal> refusal_of(std::string_view text,
                                             std::string_view details = kDetails) {
    return jose::take_terms(text, details, keys, rules, memory, "velo");
  }
};

std::string good_terms() {
  return forge(kTermsHeader, kTermsPayload, test::key_of(1));
}

}  // namespace

TEST_SUITE("jose/terms_jwt") {
  TEST_CASE("signed terms of this very request are taken, once") {
    TermsWorld world;
    CHECK_FALSE(world.refusal_of(good_terms()));
    CHECK(world.refusal_of(good_terms()) == AssertionRefusal::Replayed);
  }

  TEST_CASE("they are the same whatever the order and the blanks of what was asked") {
    TermsWorld world;
    CHECK_FALSE(world.refusal_of(
        good_terms(),
        R"([ {"terms": {"digest":"sha-256:00","id":"https://w3id.org/x#SD-BASE"},)"
        R"( "purpose":"delivery","type":"vrm_data","datatypes":["contact.email"]} ])"));
  }

  TEST_CASE("whatever of the request they do not say, they are of another") {
    for (const auto& change :
         {std::pair{"contact.email", "contact.phone_number"},
          {"delivery", "quote"},
          {"SD-BASE", "SD-BASE-ATP"},
          {"sha-256:00", "sha-256:01"},
          {R"("purpose")", R"("retention_days":90,"purpose")"},
          {R"(["contact.email"])", R"(["contact.email","person.birthdate"])"}}) {
      CAPTURE(change.second);
      TermsWorld world;
      CHECK(world.refusal_of(good_terms(), with(kDetails, change.first, change.second)) ==
            AssertionRefusal::Details);
      CHECK(world.memory.size() == 0);
    }
    TermsWorld world;
    CHECK(world.refusal_of(good_terms(), "") == AssertionRefusal::Details);
    CHECK(world.refusal_of(good_terms(), "[") == AssertionRefusal::Details);
  }

  TEST_CASE("an attack on signed terms is refused for what it is, and uses up no jti") {
    struct TermsAttack {
      std::string_view name;
      std::string from, to;
      AssertionRefusal refusal;
    };
    const std::string aud = R"("https://relay.example/v/Yk3v")";
    const TermsAttack attacks[] = {
        {"another iss", R"("iss":"https://velo)", R"("iss":"https://thief)",
         AssertionRefusal::Client},
        {"no iss", R"("iss")", R"("by")", AssertionRefusal::Client},
        {"another vault", "/Yk3v", "/Zk3v", AssertionRefusal::Audience},
        {"no aud", R"("aud")", R"("for")", AssertionRefusal::Audience},
        {"aud as a list", aud, '[' + aud + ']', AssertionRefusal::Malformed},
        {"expired", R"("iat":1795283771,"exp":1795283831)", R"("iat":1795283600,"exp":1795283660)",
         AssertionRefusal::Time},
        {"good for an hour", "1795283831", "1795287371", AssertionRefusal::Time},
        {"no exp", R"("exp")", R"("end")", AssertionRefusal::Malformed},
        {"no iat", R"("iat")", R"("at")", AssertionRefusal::Malformed},
        {"ends before it begins", "1795283831", "1795283770", AssertionRefusal::Malformed},
        {"from the future", R"("iat":1795283771,"exp":1795283831)",
         R"("iat":1795283832,"exp":1795283890)", AssertionRefusal::Time},
        {"from before the start", R"("iat":1795283771)", R"("iat":1795282999)",
         AssertionRefusal::BeforeStart},
        {"no jti", R"("jti")", R"("id")", AssertionRefusal::Malformed},
        {"jti twice", R"("jti")", R"("jti":"t0","jti")", AssertionRefusal::Malformed},
        {"no details", R"("authorization_details")", R"("details")", AssertionRefusal::Malformed},
        {"details as a text", R"("authorization_details":)",
         R"("authorization_details":"x","more":)", AssertionRefusal::Malformed}};
    for (const auto& one : attacks) {
      CAPTURE(one.name);
      TermsWorld world;
      CHECK(world.refusal_of(forge(kTermsHeader, with(kTermsPayload, one.from, one.to),
                                   test::key_of(1))) == one.refusal);
      CHECK(world.memory.size() == 0);
    }
  }

  TEST_CASE("nothing else that a brand signs is signed terms, and nobody else signs for it") {
    for (const char* typ : {"JWT", "client-authentication+jwt", "dpop+jwt", "vrm-offer+jwt"}) {
      TermsWorld world;
      CHECK(world.refusal_of(forge(with(kTermsHeader, "vrm-terms+jwt", typ), kTermsPayload,
                                   test::key_of(1))) == AssertionRefusal::Malformed);
    }
    TermsWorld world;
    CHECK(world.refusal_of(forge(with(kTermsHeader, R"(,"typ":"vrm-terms+jwt")", ""), kTermsPayload,
                                 test::key_of(1))) == AssertionRefusal::Malformed);
    CHECK(world.refusal_of(forge(with(kTermsHeader, "EdDSA", "none"), kTermsPayload,
                                 test::key_of(1))) == AssertionRefusal::Malformed);
    CHECK(world.refusal_of(forge(with(kTermsHeader, "k1", "k9"), kTermsPayload, test::key_of(1))) ==
          AssertionRefusal::UnknownKey);
    CHECK(world.refusal_of(forge(kTermsHeader, kTermsPayload, test::key_of(2))) ==
          AssertionRefusal::Signature);
    CHECK(world.refusal_of("") == AssertionRefusal::Malformed);
    CHECK(world.memory.size() == 0);
  }

  TEST_CASE("no bit of signed terms can be changed") {
    const std::string good = good_terms();
    for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
      TermsWorld world;
      std::string changed = good;
      changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
      CAPTURE(bit);
      CHECK(world.refusal_of(changed).has_value());
    }
  }

  TEST_CASE("the jti of an assertion is another's than that of signed terms") {
    TermsWorld world;
    CHECK_FALSE(world.refusal_of(good_terms()));
    const std::string assertion = forge(
        R"({"alg":"EdDSA","kid":"k1"})",
        R"({"iat":1795283771,"exp":1795283831,"jti":"t1","aud":"https://relay.example/v/Yk3v",)"
        R"("iss":"https://velo.example/vrm-brand.json","sub":"https://velo.example/vrm-brand.json"})",
        test::key_of(1));
    const auto taken =
        jose::take_assertion(assertion, world.keys, world.rules, world.memory, "velo");
    CHECK(std::holds_alternative<jose::ClientAssertion>(taken));
  }
}
