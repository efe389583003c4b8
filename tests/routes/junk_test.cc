// What a stranger's rubbish costs: everything that needs no signature is asked first, so none is looked at.

#include "tests/support/world.h"
#include "vault/crypto/signing.h"

using namespace vrm;  // tests only
using testing::error_of;
using testing::TestBrand;
using testing::World;

namespace {

// Signatures that were looked at while `act` ran.
template <typename Act>
std::uint64_t cost_of(Act act) {
  const std::uint64_t before = crypto::signatures_checked();
  act();
  return crypto::signatures_checked() - before;
}

struct Stall {
  Stall() {
    world.set("address.home.locality", "Lyon");
    token = brand.granted({"address.home.locality"})["access_token"];
  }

  // Proofs that fail a question which costs nothing, each for a call with `shown` as its token.
  std::vector<std::pair<std::string, std::string>> bad_proofs(const std::string& method,
                                                              const std::string& path,
                                                              const std::string& shown) {
    const auto& key = stranger;
    const std::string nonce = brand.nonce();
    const auto made = [&](const std::string& its_method, const std::string& its_path,
                          const std::string& its_token, const std::string& its_nonce) {
      return brand.proof_by(key, its_method, its_path, its_token, its_nonce);
    };
    std::vector<std::pair<std::string, std::string>> proofs = {
        {"no JWS", "a.b.c"},
        {"too long", made(method, path, shown, nonce) + std::string(5000, 'a')},
        {"another method", made("PATCH", path, shown, nonce)},
        {"another address", made(method, path + "/x", shown, nonce)},
        {"no nonce", made(method, path, shown, "")},
        {"a nonce of its own", made(method, path, shown, std::string(nonce.size(), 'A'))},
    };
    if (!shown.empty()) proofs.emplace_back("another token", made(method, path, "other", nonce));
    world.clock.jump(-std::chrono::minutes(10));
    const std::string old = made(method, path, shown, nonce);
    world.clock.jump(std::chrono::minutes(10));
    proofs.emplace_back("another time", old);
    return proofs;
  }

  World world;
  TestBrand brand{world, "troc.example", "Troc"};
  crypto::SigningKey stranger = crypto::SigningKey::random(world.random);
  std::string token;
};

constexpr const char* kQuery = "fields=address.home.locality&purpose=delivery";

}  // namespace

TEST_SUITE("routes/junk") {
  TEST_CASE(
      "a good read looks at two signatures the first time, and at one when its token is known") {
    Stall stall;
    CHECK(cost_of([&] {
            CHECK(stall.brand.read(stall.token, "address.home.locality").status == 200);
          }) == 2);
    CHECK(cost_of([&] {
            CHECK(stall.brand.read(stall.token, "address.home.locality").status == 200);
          }) == 1);
  }

  TEST_CASE("a read with rubbish for a proof looks at no signature, whatever its token") {
    Stall stall;
    const std::string path = stall.brand.data_path();
    std::string forged = stall.token;
    forged[forged.size() - 10] = forged[forged.size() - 10] == 'A' ? 'B' : 'A';
    for (const std::string& shown : {stall.token, forged}) {
      for (const auto& one : stall.bad_proofs("GET", path, shown)) {
        const std::string name = one.first;
        CAPTURE(name);
        CHECK(cost_of([&] {
                const auto answer = stall.brand.read_with(shown, one.second, kQuery);
                CHECK(answer.status == 401);
              }) == 0);
      }
    }
    // The forged one costs one look when its proof is as it should be, and the proof none.
    const auto proof = stall.brand.proof_for("GET", path, forged);
    CHECK(cost_of([&] { CHECK(stall.brand.read_with(forged, proof, kQuery).status == 401); }) == 1);
  }

  TEST_CASE("rubbish for a token looks at no signature, though its proof be good") {
    Stall stall;
    const std::string path = stall.brand.data_path();
    const auto now = stall.world.clock.now().seconds();
    const auto by_stranger = [&](const char* typ, const nlohmann::json& claims) {
      return jose::sign_jws(stall.stranger, {.typ = typ, .kid = "k"}, write_json(claims));
    };
    const std::vector<std::string> tokens = {
        "rubbish",
        "a.b.c",
        std::string(8000, 'a'),
        by_stranger("at+jwt", {{"iss", "https://evil.example"}}),
        by_stranger("JWT", {{"iss", stall.brand.issuer}}),
        by_stranger(
            "at+jwt",
            {{"iss", stall.brand.issuer}, {"aud", "https://evil.example"}, {"exp", now + 60}}),
        by_stranger("at+jwt", {{"iss", stall.brand.issuer}, {"exp", now - 60}})};
    for (const auto& shown : tokens) {
      CAPTURE(shown.substr(0, 40));
      const auto proof =
          stall.brand.proof_by(stall.stranger, "GET", path, shown, stall.brand.nonce());
      CHECK(cost_of([&] {
              const auto answer = stall.brand.read_with(shown, proof, kQuery);
              CHECK(answer.status == 401);
              CHECK(error_of(answer) == "invalid_token");
            }) == 0);
    }
  }

  TEST_CASE("at the token endpoint rubbish for a proof or an assertion looks at no signature") {
    Stall stall;
    const std::string path = "/v/" + stall.brand.vid + "/token";
    auto fields = stall.brand.form();
    fields["grant_type"] = "refresh_token";
    fields["refresh_token"] = "rubbish";
    for (const auto& one : stall.bad_proofs("POST", path, "")) {
      const std::string name = one.first;
      CAPTURE(name);
      CHECK(cost_of([&] { CHECK(stall.brand.post("/token", fields, one.second).status >= 400); }) ==
            0);
    }
    auto other = stall.brand.assertion_claims();
    auto late = other;
    auto elsewhere = other;
    other["iss"] = other["sub"] = "https://evil.example/vrm-brand.json";
    late["exp"] = late["iat"] = stall.world.clock.now().seconds() - 3600;
    elsewhere["aud"] = "https://evil.example";
    const auto& unknown = stall.stranger;
    for (const auto& assertion :
         {std::string("rubbish"), std::string("a.b.c"), std::string(20'000, 'a'),
          stall.brand.sign(stall.brand.key, other), stall.brand.sign(stall.brand.key, late),
          stall.brand.sign(stall.brand.key, elsewhere),
          stall.brand.sign(unknown, stall.brand.assertion_claims())}) {
      CAPTURE(assertion.substr(0, 40));
      fields["client_assertion"] = assertion;
      CHECK(cost_of([&] {
              const auto proof =
                  stall.brand.proof_by(unknown, "POST", path, "", stall.brand.nonce());
              const auto answer = stall.brand.post("/token", fields, proof);
              CHECK(error_of(answer) == "invalid_client");
              CHECK(stall.brand.post("/grants/request", fields).status == 401);
            }) == 0);
    }
  }
}
