// Terms that the owner wants, terms that a brand names and signs, and where they are told: over the brands' routes.

#include <algorithm>

#include "tests/support/owner_door.h"
#include "tests/support/world.h"
#include "vault/brands/receipt.h"

using namespace vrm;  // tests only
using nlohmann::json;
using testing::error_of;
using testing::must;
using testing::TestBrand;
using testing::World;

namespace {

constexpr const char* kTown = "address.home.locality";

json named_terms_of(World& world, std::string_view word) {
  const auto* agreement = world.knowledge->roster.find(word);
  REQUIRE(agreement != nullptr);
  return {{"id", agreement->id}, {"digest", agreement->digest}};
}

json wish_under(World& world, std::string_view word) {
  json wish = TestBrand::wish({kTown});
  wish["terms"] = named_terms_of(world, word);
  return wish;
}

// The claims of signed terms, as they should be.
json terms_claims(World& world, TestBrand& brand, const json& wish) {
  static int drawn = 0;
  const auto now = world.clock.now().seconds();
  return {{"iss", brand.client_id},
          {"aud", brand.issuer},
          {"iat", now},
          {"exp", now + 50},
          {"jti", "t" + std::to_string(++drawn)},
          {"authorization_details", {wish}}};
}

std::string signed_as(TestBrand& brand, const json& claims,
                      std::string_view typ = "vrm-terms+jwt") {
  return jose::sign_jws(brand.key, {.typ = typ, .kid = jose::jwk_of(brand.key.public_key()).kid},
                        write_json(claims));
}

routes::Answer ask_signed(TestBrand& brand, const json& wish, const std::string& jws) {
  auto fields = brand.form();
  fields["scope"] = "vrm";
  fields["authorization_details"] = write_json(json::array({wish}));
  fields["terms_jwt"] = jws;
  return brand.post("/grants/request", fields);
}

json newest_request(World& world) {
  return must(world.owner->requests(true))["items"].at(0);
}

std::string told_by(const routes::Answer& answer) {
  return json::parse(answer.body).value("error_description", "");
}

struct TermsRig {
  TermsRig() { world.set(kTown, "Lyon"); }
  void want(const json& more = {{"brand", "velo"}}, std::string_view word = "SD-BASE") {
    json body = {{"id", word}};
    body.update(more);
    must(world.owner->want_terms(body));
  }
  World world;
  TestBrand velo{world, "velo.example", "Velo"};
};

}  // namespace

TEST_SUITE("routes/terms") {
  TEST_CASE("named terms are in the request, grant, token, introspection and receipt") {
    TermsRig rig;
    const json terms = named_terms_of(rig.world, "SD-BASE-DP");
    const auto answer = rig.velo.ask(wish_under(rig.world, "SD-BASE-DP"));
    REQUIRE(answer.status == 200);
    const json request = newest_request(rig.world);
    CHECK(request["terms"]["word"] == "SD-BASE-DP");
    CHECK(request["terms"]["signed"] == false);
    CHECK_FALSE(request["terms"]["says_fr"].get<std::string>().empty());
    CHECK(rig.world.log_reasons("request_received", "done").front() == "SD-BASE-DP");
    const json grant =
        must(rig.world.owner->approve(request["id"].get<std::string>(), json::object()));
    CHECK(grant["terms"]["id"] == terms["id"]);
    CHECK(grant["terms"]["digest"] == terms["digest"]);

    rig.world.restart();
    rig.world.unlock();
    rig.world.clock.advance(std::chrono::seconds(2));
    const auto polled = rig.velo.poll(json::parse(answer.body)["auth_req_id"]);
    REQUIRE(polled.status == 200);
    const json token = json::parse(polled.body);
    CHECK(token["authorization_details"][0]["terms"] == terms);
    auto form = rig.velo.form();
    form["token"] = token["access_token"];
    const auto about = rig.velo.post("/introspect", form);
    CHECK(json::parse(about.body)["authorization_details"][0]["terms"] == terms);

    const auto read = rig.velo.read(token["access_token"], kTown);
    REQUIRE(read.status == 200);
    const std::string receipt = json::parse(read.body)["receipt"];
    const auto shown = brands::read_receipt(receipt);
    REQUIRE(shown.ok());
    CHECK(shown.value().terms_id == terms["id"]);
    CHECK(shown.value().terms_digest == terms["digest"]);
    const json checked = must(rig.world.owner->check_receipt({{"receipt", receipt}}));
    CHECK(checked["genuine"] == true);
    CHECK(checked["terms"]["word"] == "SD-BASE-DP");
  }

  TEST_CASE("without terms all is as it was, and a receipt names none") {
    TermsRig rig;
    const auto answer = rig.velo.ask(TestBrand::wish({kTown}));
    REQUIRE(answer.status == 200);
    CHECK(newest_request(rig.world)["terms"].is_null());
    const json grant = must(rig.world.owner->approve(
        newest_request(rig.world)["id"].get<std::string>(), json::object()));
    CHECK(grant["terms"].is_null());
    const json token = json::parse(rig.velo.poll(json::parse(answer.body)["auth_req_id"]).body);
    CHECK_FALSE(token["authorization_details"][0].contains("terms"));
    const auto read = rig.velo.read(token["access_token"], kTown);
    const json checked =
        must(rig.world.owner->check_receipt({{"receipt", json::parse(read.body)["receipt"]}}));
    CHECK(checked["terms"].is_null());
  }

  TEST_CASE("terms that are unknown, or have another digest, are refused") {
    TermsRig rig;
    json wish = wish_under(rig.world, "SD-BASE");
    wish["terms"]["digest"] = "sha-256:00";
    CHECK(error_of(rig.velo.ask(wish)) == "invalid_authorization_details");
    CHECK(told_by(rig.velo.ask(wish)).find("`terms`") == 0);
    wish["terms"] = {{"id", "https://thief.example/terms"}, {"digest", "sha-256:00"}};
    CHECK(error_of(rig.velo.ask(wish)) == "invalid_authorization_details");
    CHECK(must(rig.world.owner->requests(true))["items"].empty());
  }

  TEST_CASE("what the owner wants is asked for: a request without it says what to send") {
    TermsRig rig;
    rig.want();
    const json wanted = named_terms_of(rig.world, "SD-BASE");
    for (const json& wish : {TestBrand::wish({kTown}), wish_under(rig.world, "SD-BASE-ATP")}) {
      const auto refused = rig.velo.ask(wish);
      CHECK(error_of(refused) == "invalid_authorization_details");
      CHECK(told_by(refused).find(wanted["id"].get<std::string>()) != std::string::npos);
      CHECK(told_by(refused).find(wanted["digest"].get<std::string>()) != std::string::npos);
    }
    CHECK(rig.world.log_reasons("request_received", "refused") ==
          std::vector<std::string>{"terms_missing", "terms_missing"});
    CHECK(must(rig.world.owner->requests(true))["items"].empty());
    CHECK(rig.velo.ask(wish_under(rig.world, "SD-BASE")).status == 200);
    // Also while the vault is locked, and after it was started anew.
    must(rig.world.owner->lock());
    CHECK(error_of(rig.velo.ask(TestBrand::wish({kTown}))) == "invalid_authorization_details");
    rig.world.restart();
    rig.world.unlock();
    rig.world.clock.advance(std::chrono::seconds(2));
    CHECK(error_of(rig.velo.ask(TestBrand::wish({kTown}))) == "invalid_authorization_details");
    must(rig.world.owner->unwant_terms({{"brand", "velo"}}));
    CHECK(rig.velo.ask(TestBrand::wish({kTown})).status == 200);
    CHECK(rig.world.log_reasons("terms_wanted", "done") == std::vector<std::string>{"SD-BASE"});
    CHECK(rig.world.log_count("terms_unwanted", "done") == 1);
  }

  TEST_CASE("wanted of all is wanted of those that are added later") {
    TermsRig rig;
    rig.want({{"all", true}, {"signed", true}});
    TestBrand troc(rig.world, "troc.example", "Troc");
    const json terms = must(rig.world.owner->terms());
    CHECK(terms["wanted"].size() == 2);
    CHECK(terms["wanted_of_new"]["word"] == "SD-BASE");
    CHECK(error_of(troc.ask(TestBrand::wish({kTown}))) == "invalid_authorization_details");
    CHECK(error_of(rig.velo.ask(TestBrand::wish({kTown}))) == "invalid_authorization_details");
    rig.world.restart();
    rig.world.unlock();
    CHECK(must(rig.world.owner->terms())["wanted_of_new"]["signed"] == true);
    CHECK(must(rig.world.owner->brand("troc"))["wants_terms"]["word"] == "SD-BASE");
    must(rig.world.owner->unwant_terms({{"all", true}}));
    TestBrand vent(rig.world, "vent.example", "Vent");
    const json none = must(rig.world.owner->terms());
    CHECK(none["wanted"].empty());
    CHECK(none["wanted_of_new"].is_null());
    must(rig.world.owner->unwant_terms({{"all", true}}));
  }

  TEST_CASE("whom the terms are wanted of is said, and they are known") {
    TermsRig rig;
    const auto code_of = [&](const json& body) {
      const auto answer = rig.world.owner->want_terms(body);
      REQUIRE_FALSE(answer.ok());
      return answer.error().say;
    };
    CHECK(code_of({{"id", "SD-BASE"}}) == "terms.of_whom");
    CHECK(code_of({{"id", "SD-BASE"}, {"brand", "velo"}, {"all", true}}) == "terms.of_whom");
    CHECK(code_of({{"id", "mine"}, {"all", true}}) == "terms.unknown");
    CHECK(code_of({{"id", "SD-BASE"}, {"brand", "nobody"}}) == "brand.unknown");
    CHECK(must(rig.world.owner->terms())["wanted"].empty());
  }

  TEST_CASE("where a signature is wanted the request brings one, and the grant keeps it") {
    TermsRig rig;
    rig.want({{"brand", "velo"}, {"signed", true}});
    const json wish = wish_under(rig.world, "SD-BASE");
    const auto unsigned_one = rig.velo.ask(wish);
    CHECK(error_of(unsigned_one) == "invalid_request");
    CHECK(told_by(unsigned_one).find("terms_jwt") == 0);
    CHECK(rig.world.log_reasons("request_received", "refused").front() == "terms_unsigned");
    const std::string jws = signed_as(rig.velo, terms_claims(rig.world, rig.velo, wish));
    CHECK(ask_signed(rig.velo, wish, jws).status == 200);
    const json request = newest_request(rig.world);
    CHECK(request["terms"]["signed"] == true);
    CHECK(rig.world.log_reasons("request_received", "done").front() == "SD-BASE signed");
    const json grant =
        must(rig.world.owner->approve(request["id"].get<std::string>(), json::object()));
    CHECK(grant["terms"]["jws"] == jws);
    CHECK(must(rig.world.owner->grant(grant["id"].get<std::string>()))["terms"]["jws"] == jws);
    // Once.
    const auto again = ask_signed(rig.velo, wish, jws);
    CHECK(error_of(again) == "invalid_request");
    CHECK(told_by(again) == "terms_jwt: replayed");
  }

  TEST_CASE("signed terms of another request, brand, vault, time or kind are refused") {
    TermsRig rig;
    rig.want({{"brand", "velo"}, {"signed", true}});
    TestBrand troc(rig.world, "troc.example", "Troc");
    rig.world.restart();
    rig.world.unlock();
    rig.world.clock.advance(std::chrono::seconds(2));
    const json wish = wish_under(rig.world, "SD-BASE");
    const json good = terms_claims(rig.world, rig.velo, wish);
    const auto told = [&](const std::string& jws) {
      const auto refused = ask_signed(rig.velo, wish, jws);
      CHECK(error_of(refused) == "invalid_request");
      return told_by(refused);
    };
    const auto changed = [&](const char* name, const json& value) {
      json claims = good;
      claims[name] = value;
      return signed_as(rig.velo, claims);
    };
    json more = wish;
    more["datatypes"].push_back("contact.email");
    CHECK(told(changed("authorization_details", json::array({more}))) ==
          "terms_jwt: authorization_details");
    CHECK(told(changed("iss", troc.client_id)) == "terms_jwt: client");
    CHECK(told(changed("aud", troc.issuer)) == "terms_jwt: aud");
    CHECK(told(changed("exp", good["exp"].get<std::int64_t>() + 3600)) == "terms_jwt: time");
    CHECK(told(changed("iat", good["iat"].get<std::int64_t>() - 100'000)) ==
          "terms_jwt: before_start");
    CHECK(told(signed_as(troc, good)).find("terms_jwt: ") == 0);
    CHECK(told(signed_as(rig.velo, good, "JWT")) == "terms_jwt: malformed");
    CHECK(told("") == "terms_jwt: malformed");
    CHECK(must(rig.world.owner->requests(true))["items"].empty());
    CHECK(ask_signed(rig.velo, wish, signed_as(rig.velo, good)).status == 200);
    // What nobody wanted signed is checked all the same.
    const json bare = TestBrand::wish({kTown});
    CHECK(told_by(ask_signed(troc, bare, "x")) ==
          "terms_jwt: authorization_details names no terms");
  }

  TEST_CASE("a remembered answer goes on under the same terms alone") {
    TermsRig rig;
    REQUIRE(rig.velo.ask(wish_under(rig.world, "SD-BASE")).status == 200);
    const std::string id = newest_request(rig.world)["id"];
    const json approved = must(rig.world.owner->approve(id, {{"remember", true}}));
    rig.world.clock.advance(std::chrono::seconds(1));
    REQUIRE(rig.velo.ask(wish_under(rig.world, "SD-BASE")).status == 200);
    CHECK(newest_request(rig.world)["rule"] == approved["remembered"]);
    rig.world.clock.advance(std::chrono::seconds(1));
    REQUIRE(rig.velo.ask(wish_under(rig.world, "SD-BASE-ATP")).status == 200);
    CHECK(newest_request(rig.world)["rule"] == "");
    rig.world.clock.advance(std::chrono::seconds(1));
    REQUIRE(rig.velo.ask(TestBrand::wish({kTown})).status == 200);
    CHECK(newest_request(rig.world)["rule"] == "");
  }
}
