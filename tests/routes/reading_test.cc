#include "tests/support/world.h"

using namespace vrm;  // tests only
using testing::error_of;
using testing::header_of;
using testing::json_of;
using testing::TestBrand;
using testing::World;

namespace {

// A world with a shop that may read the town for delivery.
struct Shop {
  Shop() {
    world.set("address.home.locality", "Lyon");
    world.set("address.home.postal_code", "69002");
    world.set("person.birthdate", "1988-05-14");
    const auto answer = brand.granted({"address.home.locality"});
    token = answer["access_token"];
    refresh = answer["refresh_token"];
    grant = answer["grant_id"];
  }

  routes::Answer read(const std::string& fields = "address.home.locality",
                      const std::string& purpose = "delivery") {
    return brand.read(token, fields, purpose);
  }
  void revoke() { testing::must(world.owner->revoke({{"ids", {grant}}})); }

  World world;
  TestBrand brand{world, "velo.example", "Velo"};
  std::string token;
  std::string refresh;
  std::string grant;
};

}  // namespace

TEST_SUITE("routes/reading") {
  TEST_CASE("a granted field is read with its value, recorded before, and carries a fresh nonce") {
    Shop shop;
    const auto answer = shop.read();
    CHECK(answer.status == 200);
    const auto body = nlohmann::json::parse(answer.body);
    CHECK(body["data"]["address.home.locality"]["value"] == "Lyon");
    CHECK(body["grant_id"] == shop.grant);
    CHECK(shop.world.log_count("read", "allowed") == 1);
    bool has_nonce = false;
    for (const auto& [name, value] : answer.headers)
      has_nonce = has_nonce || (name == "DPoP-Nonce" && !value.empty());
    CHECK(has_nonce);
  }

  TEST_CASE("a granted field without a value is an empty answer") {
    Shop shop;
    const auto answer = shop.brand.granted({"contact.email"});
    const auto read = shop.brand.read(answer["access_token"], "contact.email");
    CHECK(read.status == 200);
    CHECK(nlohmann::json::parse(read.body)["data"]["contact.email"]["value"].is_null());
  }

  TEST_CASE(
      "a field outside the grant is refused alike whether it has a value, is known or is nothing") {
    Shop shop;
    const auto has_value = shop.read("address.home.postal_code");
    const auto is_known = shop.read("contact.email");
    const auto is_nothing = shop.read("no.such_thing");
    for (const auto* answer : {&has_value, &is_known, &is_nothing}) {
      CHECK(answer->status == 403);
      CHECK(error_of(*answer) == "insufficient_scope");
    }
    CHECK(has_value.body == is_known.body);
    CHECK(has_value.body == is_nothing.body);
    CHECK(shop.world.log_count("read", "refused") == 3);
  }

  TEST_CASE("one field outside refuses the whole read") {
    Shop shop;
    CHECK(shop.read("address.home.locality,person.birthdate").status == 403);
    CHECK(shop.world.log_count("read", "allowed") == 0);
  }

  TEST_CASE("a purpose outside the grant is refused, an unknown one is a mistake") {
    Shop shop;
    CHECK(shop.read("address.home.locality", "marketing").status == 403);
    CHECK(shop.read("address.home.locality", "dpv:DirectMarketing").status == 403);
    CHECK(shop.read("address.home.locality", "request").status ==
          403);  // a wider purpose is outside too
    const auto unknown = shop.read("address.home.locality", "because");
    CHECK(unknown.status == 400);
    CHECK(error_of(unknown) == "invalid_request");
    CHECK(shop.read("address.home.locality", "dpv:DeliveryOfGoods").status == 200);
  }

  TEST_CASE("one grant's purpose never opens another grant's field") {
    Shop shop;
    const auto other = shop.brand.granted({"person.birthdate"}, {{"purpose", "identity"}});
    CHECK(shop.brand.read(other["access_token"], "person.birthdate", "identity").status == 200);
    CHECK(shop.brand.read(shop.token, "person.birthdate", "identity").status == 403);
    CHECK(shop.brand.read(shop.token, "person.birthdate", "delivery").status == 403);
    CHECK(shop.brand.read(other["access_token"], "address.home.locality", "identity").status ==
          403);
    CHECK(shop.brand.read(other["access_token"], "person.birthdate", "delivery").status == 403);
  }

  TEST_CASE(
      "to check an age the claim is given and the birth date is not, even when it is granted") {
    Shop shop;
    const auto age =
        shop.brand.granted({"person.age_over_18", "person.birthdate"}, {{"purpose", "age"}});
    const auto claim = shop.brand.read(age["access_token"], "person.age_over_18", "age");
    CHECK(claim.status == 200);
    CHECK(nlohmann::json::parse(claim.body)["data"]["person.age_over_18"]["value"] == true);
    const auto data = shop.brand.read(age["access_token"], "person.birthdate", "age");
    CHECK(data.status == 403);
    CHECK(error_of(data) == "policy_denied");
  }

  TEST_CASE("after a revocation the very next read is refused, and so is a refresh") {
    Shop shop;
    CHECK(shop.read().status == 200);
    shop.revoke();
    const auto read = shop.read();
    CHECK(read.status == 401);
    CHECK(error_of(read) == "invalid_token");
    CHECK(error_of(shop.brand.refresh(shop.refresh)) == "invalid_grant");
    // The brand hears that its token is not valid; the owner reads why.
    CHECK(shop.world.log_reasons("read", "refused") == std::vector<std::string>{"revoked"});
    CHECK(shop.world.log_reasons("token_issued", "refused") == std::vector<std::string>{"revoked"});
    REQUIRE(shop.world.web.delivered.size() == 1);
    CHECK(shop.world.web.delivered[0].url == "https://velo.example/events");
  }

  TEST_CASE("a revocation survives the end of the process, and so does its record") {
    Shop shop;
    shop.revoke();
    shop.world.restart();
    shop.world.unlock();
    CHECK(error_of(shop.read()) == "invalid_token");
    CHECK(testing::must(shop.world.owner->verify())["ok"] == true);
  }

  TEST_CASE("a revocation between the decision and the commit wins") {
    Shop shop;
    const auto reply = std::make_shared<testing::WaitingReply>();
    const auto request = shop.brand.read_request(shop.token, "address.home.locality");
    shop.world.routes->handle(request, reply);  // decided; its record waits for the end of the turn
    shop.revoke();
    shop.world.routes->turn_ended();
    CHECK(reply->wait().status == 401);
    CHECK(shop.world.log_count("read", "allowed") == 0);
    CHECK(shop.world.log_reasons("read", "refused") == std::vector<std::string>{"revoked"});
  }

  TEST_CASE("a revocation between the commit and the answer wins") {
    Shop shop;
    const auto reply = std::make_shared<testing::WaitingReply>();
    const auto request = shop.brand.read_request(shop.token, "address.home.locality");
    shop.world.routes->handle(request, reply);
    shop.world.routes->turn_ended();
    shop.revoke();  // its own commit comes after the read's
    CHECK(reply->wait().status == 401);
  }

  TEST_CASE("a stolen token without the key is worth nothing") {
    Shop shop;
    const auto thief = crypto::SigningKey::random(shop.world.random);
    const auto proof =
        shop.brand.proof_by(thief, "GET", shop.brand.data_path(), shop.token, shop.brand.nonce());
    const auto answer =
        shop.brand.read_with(shop.token, proof, "fields=address.home.locality&purpose=delivery");
    CHECK(answer.status == 401);
    CHECK(error_of(answer) == "invalid_token");
  }

  TEST_CASE("a proof is good once") {
    Shop shop;
    const auto proof = shop.brand.proof_for("GET", shop.brand.data_path(), shop.token);
    const std::string query = "fields=address.home.locality&purpose=delivery";
    CHECK(shop.brand.read_with(shop.token, proof, query).status == 200);
    const auto again = shop.brand.read_with(shop.token, proof, query);
    CHECK(again.status == 401);
    CHECK(error_of(again) == "invalid_dpop_proof");
    CHECK(shop.world.log_count("read", "allowed") == 1);
  }

  TEST_CASE("a proof from before a restart is not taken after it") {
    Shop shop;
    const auto proof = shop.brand.proof_for("GET", shop.brand.data_path(), shop.token);
    shop.world.restart();
    shop.world.unlock();
    const auto answer =
        shop.brand.read_with(shop.token, proof, "fields=address.home.locality&purpose=delivery");
    CHECK(error_of(answer) == "use_dpop_nonce");
  }

  TEST_CASE(
      "a proof without a nonce, with an old one, for another method, address or token is refused") {
    Shop shop;
    const std::string path = shop.brand.data_path();
    const std::string query = "fields=address.home.locality&purpose=delivery";
    const auto none = shop.brand.proof_by(shop.brand.key, "GET", path, shop.token, "");
    CHECK(error_of(shop.brand.read_with(shop.token, none, query)) == "use_dpop_nonce");
    const auto old = shop.brand.proof_for("GET", path, shop.token);
    shop.world.clock.advance(std::chrono::minutes(2));
    CHECK(error_of(shop.brand.read_with(shop.token, old, query)) == "use_dpop_nonce");
    const auto post = shop.brand.proof_for("POST", path, shop.token);
    CHECK(error_of(shop.brand.read_with(shop.token, post, query)) == "invalid_dpop_proof");
    const auto elsewhere = shop.brand.proof_for("GET", "/v/other/v1/data", shop.token);
    CHECK(error_of(shop.brand.read_with(shop.token, elsewhere, query)) == "invalid_dpop_proof");
    const auto other_token = shop.brand.proof_for("GET", path, shop.token + "x");
    CHECK(error_of(shop.brand.read_with(shop.token, other_token, query)) == "invalid_dpop_proof");
  }

  TEST_CASE("a token that was altered, expired or made for another brand's issuer is refused") {
    Shop shop;
    std::string altered = shop.token;
    altered[altered.size() / 2] = altered[altered.size() / 2] == 'A' ? 'B' : 'A';
    CHECK(error_of(shop.brand.read(altered, "address.home.locality")) == "invalid_token");
    TestBrand other(shop.world, "troc.example", "Troc");
    CHECK(error_of(other.read(shop.token, "address.home.locality")) == "invalid_token");
    shop.world.clock.advance(std::chrono::minutes(11));
    CHECK(error_of(shop.read()) == "invalid_token");
    CHECK(shop.brand.refresh(shop.refresh).status == 200);
  }

  TEST_CASE("an expired grant stays dead when the clock goes back, also over a restart") {
    Shop shop;
    const auto day = shop.brand.granted({"address.home.locality"}, {{"for", "1d"}});
    shop.world.clock.advance(std::chrono::hours(25));
    shop.world.set("contact.email", "ana@example.org");  // anything recorded keeps the time
    CHECK(error_of(shop.brand.refresh(day["refresh_token"])) == "invalid_grant");
    shop.world.clock.jump(std::chrono::hours(-48));
    CHECK(error_of(shop.brand.read(day["access_token"], "address.home.locality")) ==
          "invalid_token");
    shop.world.restart();
    shop.world.unlock();
    CHECK(error_of(shop.brand.read(day["access_token"], "address.home.locality")) ==
          "invalid_token");
  }

  TEST_CASE("a count of two is spent after two reads, whatever happens in between") {
    Shop shop;
    const auto twice = shop.brand.granted({"address.home.locality"}, {{"max_reads", 2}});
    const std::string token = twice["access_token"];
    CHECK(shop.brand.read(token, "address.home.locality").status == 200);
    shop.world.restart();
    shop.world.unlock();
    CHECK(shop.brand.read(token, "address.home.locality").status == 200);
    CHECK(shop.brand.read(token, "address.home.locality").status == 401);
  }

  TEST_CASE("a hundred reads in one turn share a count of one: exactly one is served") {
    Shop shop;
    const auto once = shop.brand.granted({"address.home.locality"}, {{"for", "once"}});
    const std::string token = once["access_token"];
    std::vector<std::shared_ptr<testing::WaitingReply>> replies;
    for (int i = 0; i < 100; ++i) {
      replies.push_back(std::make_shared<testing::WaitingReply>());
      shop.world.routes->handle(shop.brand.read_request(token, "address.home.locality"),
                                replies.back());
    }
    shop.world.routes->turn_ended();
    int served = 0;
    for (const auto& reply : replies)
      if (reply->wait().status == 200) ++served;
    CHECK(served == 1);
    CHECK(shop.world.log_count("read", "allowed") == 1);
    CHECK(shop.world.log_count("read", "refused") == 99);
  }

  TEST_CASE("locked, a standing grant is served and the others are not; sealed, nobody is") {
    Shop shop;
    const auto standing =
        shop.brand.granted({"address.home.postal_code"}, {{"served_while_locked", true}});
    testing::must(shop.world.owner->lock());
    const auto served = shop.brand.read(standing["access_token"], "address.home.postal_code");
    CHECK(served.status == 200);
    CHECK(nlohmann::json::parse(served.body)["data"]["address.home.postal_code"]["value"] ==
          "69002");
    CHECK(error_of(shop.read()) == "vault_locked");
    CHECK(shop.brand.refresh(standing["refresh_token"]).status == 200);
    CHECK(error_of(shop.brand.refresh(shop.refresh)) == "vault_locked");
    CHECK(shop.world.owner->field("address.home.postal_code").error().code == ErrorCode::Locked);
    testing::must(shop.world.owner->seal());
    CHECK(error_of(shop.brand.read(standing["access_token"], "address.home.postal_code")) ==
          "vault_sealed");
    CHECK(shop.world.owner->revoke({{"all", true}}).error().say == "vault.sealed");
  }

  TEST_CASE("locked, a grant is taken back without a passphrase, and the next read is refused") {
    Shop shop;
    const auto standing =
        shop.brand.granted({"address.home.postal_code"}, {{"served_while_locked", true}});
    testing::must(shop.world.owner->lock());
    testing::must(shop.world.owner->revoke({{"ids", {standing["grant_id"]}}}));
    CHECK(error_of(shop.brand.read(standing["access_token"], "address.home.postal_code")) ==
          "invalid_token");
    shop.world.unlock();
    CHECK(error_of(shop.brand.read(standing["access_token"], "address.home.postal_code")) ==
          "invalid_token");
  }

  TEST_CASE("a blocked brand gets nothing, and its requests look as if they waited") {
    Shop shop;
    testing::must(shop.world.owner->block(shop.brand.handle));
    CHECK(shop.read().status == 403);
    // Nothing that it holds is lost: unblocked, it goes on.
    const auto refresh = shop.brand.refresh(shop.refresh);
    CHECK(refresh.status == 400);
    CHECK(error_of(refresh) == "policy_denied");
    const auto asked = shop.brand.ask(TestBrand::wish({"contact.email"}));
    CHECK(asked.status == 200);
    CHECK(error_of(shop.brand.poll(nlohmann::json::parse(asked.body)["auth_req_id"])) ==
          "authorization_pending");
    CHECK(testing::must(shop.world.owner->requests(false))["items"].empty());
    testing::must(shop.world.owner->unblock(shop.brand.handle));
    CHECK(shop.brand.refresh(shop.refresh).status == 200);
    CHECK(shop.read().status == 200);
  }

  TEST_CASE("malformed reads are told so: fields, purpose, headers, encodings, duplicates") {
    Shop shop;
    const std::string path = shop.brand.data_path();
    const auto query_error = [&](const std::string& query) {
      return error_of(
          shop.brand.read_with(shop.token, shop.brand.proof_for("GET", path, shop.token), query));
    };
    for (const std::string query :
         {"", "fields=address.home.locality", "purpose=delivery", "fields=&purpose=delivery",
          "fields=a,,b&purpose=delivery", "fields=a,a&purpose=delivery",
          "fields=A.B&purpose=delivery", "fields=a&fields=b&purpose=delivery",
          "fields=a&purpose=delivery&more=1", "fields=%zz&purpose=delivery",
          "fields=a%00&purpose=delivery", "fields=../x&purpose=delivery"}) {
      CAPTURE(query);
      CHECK(query_error(query) == "invalid_request");
    }
    routes::Request bare{.method = "GET",
                         .path = path,
                         .query = "fields=a&purpose=delivery",
                         .headers = {},
                         .body = "",
                         .peer = ""};
    const auto unknown = shop.world.call(bare);
    CHECK(error_of(unknown) == "invalid_token");
    CHECK(json_of(unknown)["type"] == "https://vrm.example/api/brand#invalid_token");
    CHECK(header_of(unknown, "WWW-Authenticate") ==
          "DPoP error=\"invalid_token\", algs=\"EdDSA Ed25519 ES256\", resource_metadata=\"" +
              std::string(testing::kBase) + "/.well-known/oauth-protected-resource/v/" +
              shop.brand.vid + "/v1\"");
    bare.headers.emplace_back("authorization", "Bearer " + shop.token);
    CHECK(error_of(shop.world.call(bare)) == "invalid_token");
    bare.headers = {{"authorization", "DPoP " + shop.token}, {"dpop", "a"}, {"dpop", "b"}};
    const auto several = shop.world.call(bare);
    CHECK(error_of(several) == "invalid_dpop_proof");
    CHECK(json_of(several)["detail"] == "several DPoP headers: one is wanted");
    bare.headers = {{"authorization", "DPoP " + shop.token}};
    CHECK(json_of(shop.world.call(bare))["detail"] == "the DPoP header is missing");
    const auto detail = [&](const std::string& query) {
      return json_of(shop.brand.read_with(shop.token, shop.brand.proof_for("GET", path, shop.token),
                                          query))["detail"];
    };
    CHECK(detail("purpose=delivery") == "fields is missing");
    CHECK(detail("fields=contact.email") == "purpose is missing");
  }

  TEST_CASE("an issuer that was never introduced, and any other path, answers 404") {
    Shop shop;
    for (const std::string path :
         {"/", "/v/", "/v/AAAAAAAAAAAAAAAAAAAAAA/v1/data", "/v/AAAAAAAAAAAAAAAAAAAAAA/jwks.json",
          "/v/x/jwks.json", "/admin",
          "/.well-known/oauth-authorization-server/v/AAAAAAAAAAAAAAAAAAAAAA"}) {
      CAPTURE(path);
      routes::Request request{.method = "GET",
                              .path = path,
                              .query = "fields=a&purpose=delivery",
                              .headers = {},
                              .body = "",
                              .peer = ""};
      request.headers = {{"authorization", "DPoP " + shop.token}, {"dpop", "x"}};
      CHECK(shop.world.call(request).status == 404);
      request.headers.clear();  // nor is it asked for a token
      CHECK(shop.world.call(request).status == 404);
    }
  }

  TEST_CASE("a brand that calls too often is told to wait") {
    auto limits = World::default_limits();
    limits.calls_per_minute = 5;
    World world(limits);
    TestBrand brand(world, "velo.example", "Velo");
    int refused = 0;
    for (int i = 0; i < 8; ++i)
      if (brand.ask(TestBrand::wish({"contact.email"})).status == 429) ++refused;
    CHECK(refused == 3);
    world.clock.advance(std::chrono::minutes(1));
    CHECK(brand.ask(TestBrand::wish({"contact.email"})).status == 200);
  }
}
