#include <algorithm>

#include "tests/support/world.h"

using namespace vrm;  // tests only
using testing::error_of;
using testing::header_of;
using testing::json_of;
using testing::TestBrand;
using testing::World;

namespace {

std::string id_in(const routes::Answer& answer) {
  REQUIRE(answer.status == 200);
  return nlohmann::json::parse(answer.body)["auth_req_id"];
}

// So many asks in one turn of the door: all are submitted before any is decided.
std::vector<routes::Answer> asked_at_once(World& world, TestBrand& brand, int count,
                                          const std::string& life_s) {
  std::vector<std::shared_ptr<testing::WaitingReply>> replies;
  for (int i = 0; i < count; ++i) {
    auto fields = brand.form();
    fields["requested_expiry"] = life_s;
    fields["authorization_details"] =
        write_json(nlohmann::json::array({TestBrand::wish({"contact.email"})}));
    routes::Request request{.method = "POST",
                            .path = "/v/" + brand.vid + "/grants/request",
                            .query = "",
                            .headers = {},
                            .body = testing::form_encoded(fields),
                            .peer = ""};
    request.headers.emplace_back("content-type", "application/x-www-form-urlencoded");
    replies.push_back(std::make_shared<testing::WaitingReply>());
    world.routes->handle(std::move(request), replies.back());
  }
  world.routes->turn_ended();
  std::vector<routes::Answer> answers;
  for (const auto& reply : replies) answers.push_back(reply->wait());
  return answers;
}

int count_of(const std::vector<routes::Answer>& answers, int status) {
  return static_cast<int>(
      std::count_if(answers.begin(), answers.end(),
                    [status](const auto& answer) { return answer.status == status; }));
}

std::string only_request(World& world) {
  const auto requests = testing::must(world.owner->requests(false));
  REQUIRE(requests["items"].size() == 1);
  return requests["items"][0]["id"];
}

}  // namespace

TEST_SUITE("routes/asking") {
  TEST_CASE("a brand asks for three, the owner gives two, and two are what the token is good for") {
    World world;
    world.set("address.home.locality", "Lyon");
    TestBrand brand(world, "velo.example", "Velo");
    const auto id = id_in(brand.ask(TestBrand::wish(
        {"address.home.locality", "address.home.postal_code", "person.birthdate"})));
    CHECK(error_of(brand.poll(id)) == "authorization_pending");
    const auto request = testing::must(world.owner->request(only_request(world)));
    CHECK(request["needed"].size() == 3);
    CHECK(request["needed"][0]["value"] == "Lyon");
    CHECK(request["needed"][0]["unusual"] == false);
    CHECK(request["needed"][2]["unusual"] == true);
    testing::must(
        world.owner->approve(request["id"].get<std::string>(),
                             {{"only", {"address.home.locality", "address.home.postal_code"}}}));
    const auto answer = brand.poll(id);
    REQUIRE(answer.status == 200);
    const auto body = nlohmann::json::parse(answer.body);
    CHECK(body["token_type"] == "DPoP");
    CHECK(body["authorization_details"][0]["datatypes"].size() == 2);
    CHECK(brand.read(body["access_token"], "address.home.locality").status == 200);
    CHECK(brand.read(body["access_token"], "person.birthdate").status == 403);
    world.clock.advance(std::chrono::minutes(2));
    CHECK(error_of(brand.poll(id)) == "invalid_grant");  // good once
  }

  TEST_CASE("optional fields are given only when the owner adds them") {
    World world;
    TestBrand brand(world, "velo.example", "Velo");
    auto wish = TestBrand::wish({"address.home.locality"});
    wish["optional"] = {"contact.phone_number"};
    brand.ask(wish);
    const auto grant =
        testing::must(world.owner->approve(only_request(world), nlohmann::json::object()));
    CHECK(grant["fields"] == nlohmann::json({"address.home.locality"}));
    brand.ask(wish);
    const auto more = testing::must(
        world.owner->approve(only_request(world), {{"also", {"contact.phone_number"}}}));
    CHECK(more["fields"].size() == 2);
  }

  TEST_CASE("the owner gives no more than was asked: field, time and count") {
    World world;
    TestBrand brand(world, "velo.example", "Velo");
    auto wish = TestBrand::wish({"contact.email"});
    wish["expires_in"] = 86400;
    wish["max_reads"] = 3;
    brand.ask(wish);
    const auto id = only_request(world);
    CHECK(world.owner->approve(id, {{"only", {"person.birthdate"}}}).error().say ==
          "request.not_asked");
    CHECK(world.owner->approve(id, {{"only", {"contact.emial"}}}).error().say ==
          "request.not_asked_near");
    const auto grant = testing::must(world.owner->approve(id, {{"for", "30d"}, {"max_reads", 10}}));
    CHECK(grant["reads"]["max"] == 3);
    CHECK(instant_from_rfc3339(grant["expires_at"].get<std::string>()).value() <=
          world.vault->now() + std::chrono::hours(24));
    CHECK(world.owner->approve(id, nlohmann::json::object()).error().code == ErrorCode::Conflict);
  }

  TEST_CASE("a denial looks like waiting until the request lapses, unless the owner tells") {
    World world;
    TestBrand brand(world, "velo.example", "Velo");
    const auto silent = id_in(brand.ask(TestBrand::wish({"contact.email"})));
    testing::must(world.owner->deny(only_request(world), nlohmann::json::object()));
    CHECK(error_of(brand.poll(silent)) == "authorization_pending");
    const auto told = id_in(brand.ask(TestBrand::wish({"contact.email"})));
    testing::must(world.owner->deny(only_request(world), {{"tell", true}}));
    CHECK(error_of(brand.poll(told)) == "access_denied");
    const auto lapsing = id_in(brand.ask(TestBrand::wish({"contact.email"})));
    world.clock.advance(std::chrono::hours(25));
    CHECK(error_of(brand.poll(silent)) == "expired_token");
    CHECK(error_of(brand.poll(lapsing)) == "expired_token");
    CHECK(testing::must(world.owner->requests(false))["items"].empty());
  }

  TEST_CASE("polling faster than the interval is told to slow down") {
    World world;
    TestBrand brand(world, "velo.example", "Velo");
    const auto id = id_in(brand.ask(TestBrand::wish({"contact.email"})));
    CHECK(error_of(brand.poll(id)) == "authorization_pending");
    CHECK(error_of(brand.poll(id)) == "slow_down");
    world.clock.advance(std::chrono::seconds(6));
    CHECK(error_of(brand.poll(id)) == "authorization_pending");
  }

  TEST_CASE("three may wait and ten may come a day") {
    gate::BrandLimits limits = World::default_limits();
    limits.pending_requests = 3;
    limits.requests_per_day = 10;
    World world(limits);
    TestBrand brand(world, "velo.example", "Velo");
    for (int i = 0; i < 3; ++i) CHECK(brand.ask(TestBrand::wish({"contact.email"})).status == 200);
    const auto fourth = brand.ask(TestBrand::wish({"contact.email"}));
    CHECK(fourth.status == 429);
    CHECK(error_of(fourth) == "rate_limited");
    CHECK(json_of(fourth)["error_description"] == "3 requests wait for the owner");
    CHECK(header_of(fourth, "Retry-After") == "86400");
    TestBrand other(world, "troc.example", "Troc");
    CHECK(other.ask(TestBrand::wish({"contact.email"})).status == 200);
  }

  TEST_CASE("who asked too often is told which limit it was, and when the next ask is taken") {
    gate::BrandLimits limits = World::default_limits();
    limits.pending_requests = 2;
    limits.requests_per_day = 4;
    World world(limits);
    TestBrand brand(world, "velo.example", "Velo");
    const auto ask = [&](int life_s) {
      auto fields = brand.form();
      fields["requested_expiry"] = std::to_string(life_s);
      fields["authorization_details"] =
          write_json(nlohmann::json::array({TestBrand::wish({"contact.email"})}));
      return brand.post("/grants/request", fields);
    };
    const auto wait = [&](int seconds) { world.clock.advance(std::chrono::seconds(seconds)); };
    CHECK(ask(600).status == 200);
    wait(100);
    CHECK(ask(3600).status == 200);
    const auto two_wait = ask(600);
    CHECK(two_wait.status == 429);
    CHECK(json_of(two_wait)["error_description"] == "2 requests wait for the owner");
    REQUIRE(header_of(two_wait, "Retry-After") == "500");
    wait(499);
    CHECK(ask(600).status == 429);
    wait(1);
    CHECK(ask(60).status == 200);
    wait(60);
    CHECK(ask(60).status == 200);
    wait(60);
    const auto four_today = ask(60);
    CHECK(four_today.status == 429);
    CHECK(json_of(four_today)["error_description"] == "4 came within a day");
    const int left = std::stoi(header_of(four_today, "Retry-After"));
    CHECK(left == 86400 - 720);
    wait(left - 1);
    CHECK(ask(60).status == 429);
    wait(1);
    CHECK(ask(60).status == 200);
  }

  TEST_CASE("of four asks that come at once three are taken, and the fourth is in the log") {
    gate::BrandLimits limits = World::default_limits();
    limits.pending_requests = 3;
    World world(limits);
    TestBrand brand(world, "velo.example", "Velo");
    const auto answers = asked_at_once(world, brand, 4, "86400");
    CHECK(count_of(answers, 200) == 3);
    REQUIRE(answers.back().status == 429);
    CHECK(json_of(answers.back())["error_description"] == "3 requests wait for the owner");
    CHECK(header_of(answers.back(), "Retry-After") == "86400");
    CHECK(testing::must(world.owner->requests(false))["items"].size() == 3);
    CHECK(world.log_count("request_received", "done") == 3);
    CHECK(world.log_reasons("request_received", "refused") ==
          std::vector<std::string>{"rate_limited"});
  }

  TEST_CASE("of twelve asks that come at once the ten of a day are taken") {
    gate::BrandLimits limits = World::default_limits();
    limits.requests_per_day = 10;
    World world(limits);
    TestBrand brand(world, "velo.example", "Velo");
    const auto answers = asked_at_once(world, brand, 12, "60");
    CHECK(count_of(answers, 200) == 10);
    CHECK(count_of(answers, 429) == 2);
    CHECK(json_of(answers.back())["error_description"] == "10 came within a day");
    CHECK(testing::must(world.owner->requests(true))["items"].size() == 10);
    // All ten are of one moment: a day later there is room for ten again.
    const int left = std::stoi(header_of(answers.back(), "Retry-After"));
    world.clock.advance(std::chrono::seconds(left - 1));
    CHECK(count_of(asked_at_once(world, brand, 1, "60"), 429) == 1);
    world.clock.advance(std::chrono::seconds(1));
    CHECK(count_of(asked_at_once(world, brand, 11, "60"), 200) == 10);
  }

  TEST_CASE("where more wait than may, the next ask is told when the last of those too many goes") {
    World world;
    TestBrand brand(world, "velo.example", "Velo");
    for (const char* life : {"100", "200", "300", "400"}) {
      CHECK(count_of(asked_at_once(world, brand, 1, life), 200) == 1);
      world.clock.advance(std::chrono::seconds(10));
    }
    gate::BrandLimits stricter = World::default_limits();
    stricter.pending_requests = 2;
    SUBCASE("of those that wait") {}
    SUBCASE("of those of a day") {
      stricter.pending_requests = 1000;
      stricter.requests_per_day = 2;
    }
    const bool of_a_day = stricter.requests_per_day == 2;
    world.limit(stricter);
    world.unlock();
    world.clock.advance(std::chrono::seconds(1));
    const auto early = asked_at_once(world, brand, 1, "60").front();
    REQUIRE(early.status == 429);
    // Three of four must go: the third came 21 s ago, and was to wait for 300.
    const int left = std::stoi(header_of(early, "Retry-After"));
    CHECK(left == (of_a_day ? 86400 : 300) - 21);
    world.clock.advance(std::chrono::seconds(left - 1));
    CHECK(asked_at_once(world, brand, 1, "60").front().status == 429);
    world.clock.advance(std::chrono::seconds(1));
    CHECK(asked_at_once(world, brand, 1, "60").front().status == 200);
  }

  TEST_CASE("a call that is not well-formed is told which parameter it is") {
    World world;
    TestBrand brand(world, "velo.example", "Velo");
    const auto description = [&](const std::map<std::string, std::string>& more,
                                 const std::string& what = "/grants/request") {
      auto fields = brand.form();
      for (const auto& [name, value] : more) fields[name] = value;
      const auto answer =
          brand.post(what, fields, brand.proof_for("POST", "/v/" + brand.vid + what));
      CHECK(error_of(answer) == "invalid_request");
      return json_of(answer)["error_description"].get<std::string>();
    };
    CHECK(description({{"scope", "openid"}}).starts_with("scope"));
    CHECK(description({{"requested_expiry", "soon"}}).starts_with("requested_expiry"));
    CHECK(description({{"login_hint", "ppid:other"}}).starts_with("login_hint"));
    CHECK(description({}) == "authorization_details is missing");
    CHECK(description({}, "/token") == "grant_type is missing");
    CHECK(description({{"grant_type", "refresh_token"}}, "/token") == "refresh_token is missing");
    CHECK(description({{"grant_type", "urn:openid:params:grant-type:ciba"}}, "/token") ==
          "auth_req_id is missing");
    CHECK(description({}, "/revoke") == "token is missing");
    CHECK(description({}, "/introspect") == "token is missing");
    CHECK(json_of(brand.post_text("/token", "a=1&scope=x&scope=y"))["error_description"] ==
          "not a form: `scope` twice");
  }

  TEST_CASE("a request waits through a restart, and its answer is collected after it") {
    World world;
    TestBrand brand(world, "velo.example", "Velo");
    const auto id = id_in(brand.ask(TestBrand::wish({"contact.email"})));
    world.restart();
    world.unlock();
    world.clock.advance(std::chrono::seconds(10));
    testing::must(world.owner->approve(only_request(world), nlohmann::json::object()));
    CHECK(brand.poll(id).status == 200);
  }

  TEST_CASE(
      "requests of other shapes are refused: type, purpose, names, counts, several elements, "
      "duplicate keys") {
    World world;
    TestBrand brand(world, "velo.example", "Velo");
    auto bad_type = TestBrand::wish({"contact.email"});
    bad_type["type"] = "other";
    auto bad_action = TestBrand::wish({"contact.email"});
    bad_action["actions"] = {"write"};
    auto bad_reads = TestBrand::wish({"contact.email"});
    bad_reads["max_reads"] = 0;
    auto long_life = TestBrand::wish({"contact.email"});
    long_life["expires_in"] = 1'000'000'000;
    for (const auto& wish : {bad_type, bad_action, bad_reads, long_life, TestBrand::wish({}),
                             TestBrand::wish({"Bad.Name"}), TestBrand::wish({"a", "a"}),
                             TestBrand::wish({"contact.email"}, "nonsense"),
                             TestBrand::wish({"contact.email"}, "resale"),
                             TestBrand::wish(std::vector<std::string>(40, "a.b"))}) {
      CAPTURE(wish.dump());
      CHECK(error_of(brand.ask(wish)) == "invalid_authorization_details");
    }
    for (
        const std::string details :
        {"", "{}", "[]",
         R"([{"type":"vrm_data","type":"vrm_data","datatypes":["a"],"purpose":"delivery"}])",
         R"([{"type":"vrm_data","datatypes":["a"],"purpose":"delivery"},{"type":"vrm_data","datatypes":["b"],"purpose":"quote"}])"}) {
      CAPTURE(details);
      auto fields = brand.form();
      fields["authorization_details"] = details;
      CHECK(error_of(brand.post("/grants/request", fields)) == "invalid_authorization_details");
    }
    CHECK(world.log_count("request_received", "refused") == 15);
  }

  TEST_CASE("who does not prove to be the brand is refused and only counted") {
    World world;
    TestBrand brand(world, "velo.example", "Velo");
    const auto with_assertion = [&](const std::string& assertion) {
      auto fields = brand.form();
      fields["client_assertion"] = assertion;
      fields["authorization_details"] =
          write_json(nlohmann::json::array({TestBrand::wish({"contact.email"})}));
      return error_of(brand.post("/grants/request", fields));
    };
    const auto altered = [&](const char* member, const nlohmann::json& value) {
      auto claims = brand.assertion_claims();
      claims[member] = value;
      return with_assertion(brand.sign(brand.key, claims));
    };
    const auto other_key = crypto::SigningKey::random(world.random);
    CHECK(with_assertion("") == "invalid_client");
    CHECK(with_assertion(brand.sign(other_key, brand.assertion_claims())) == "invalid_client");
    CHECK(altered("aud", "https://elsewhere.example") == "invalid_client");
    CHECK(altered("aud", {brand.issuer}) == "invalid_client");
    CHECK(altered("iss", "https://troc.example/vrm-brand.json") == "invalid_client");
    CHECK(altered("sub", "https://troc.example/vrm-brand.json") == "invalid_client");
    CHECK(altered("exp", world.clock.now().seconds() - 100) == "invalid_client");
    CHECK(altered("exp", world.clock.now().seconds() + 3600) == "invalid_client");
    const auto once = brand.assertion();
    CHECK(with_assertion(once) == "");
    CHECK(with_assertion(once) == "invalid_client");  // used before
    auto fields = brand.form();
    fields["client_id"] = "https://troc.example/vrm-brand.json";
    CHECK(error_of(brand.post("/grants/request", fields)) == "invalid_client");
    CHECK(world.log_count("party_refused", "refused") == 0);
    world.desk->note_strangers();
    CHECK(world.log_count("strangers_refused", "refused") == 1);
  }

  TEST_CASE("an assertion from before the daemon's start is refused, to be made anew") {
    World world;
    TestBrand brand(world, "velo.example", "Velo");
    auto fields = brand.form();
    world.clock.advance(std::chrono::seconds(5));
    world.restart();
    world.unlock();
    fields["authorization_details"] =
        write_json(nlohmann::json::array({TestBrand::wish({"contact.email"})}));
    CHECK(error_of(brand.post("/grants/request", fields)) == "temporarily_unavailable");
    const auto anew = brand.form();
    fields.insert_or_assign("client_assertion", anew.at("client_assertion"));
    CHECK(error_of(brand.post("/grants/request", fields)) == "");
  }

  TEST_CASE(
      "an assertion of the second of the start is taken by a vault that has no earlier life") {
    World world;
    world.clock.advance(std::chrono::milliseconds(700));
    std::filesystem::remove_all(world.folder / "vault");
    world.restart();
    testing::must(world.owner->init(gate::SlotKind::Credential, World::credential()));
    TestBrand brand(world, "velo.example", "Velo");
    CHECK(brand.ask(TestBrand::wish({"contact.email"})).status == 200);

    world.restart();
    world.unlock();
    CHECK(error_of(brand.ask(TestBrand::wish({"contact.email"}))) == "temporarily_unavailable");
  }

  TEST_CASE(
      "the token endpoint refuses other tickets, other brands, other grant types and missing "
      "proofs") {
    World world;
    TestBrand brand(world, "velo.example", "Velo");
    TestBrand other(world, "troc.example", "Troc");
    const auto id = id_in(brand.ask(TestBrand::wish({"contact.email"})));
    testing::must(world.owner->approve(only_request(world), nlohmann::json::object()));
    CHECK(error_of(other.poll(id)) == "invalid_grant");
    CHECK(error_of(brand.poll("unknown")) == "invalid_grant");
    CHECK(error_of(brand.refresh(id)) == "invalid_grant");
    auto fields = brand.form();
    fields["grant_type"] = "authorization_code";
    fields["auth_req_id"] = id;
    CHECK(error_of(brand.post("/token", fields,
                              brand.proof_for("POST", "/v/" + brand.vid + "/token"))) ==
          "unsupported_grant_type");
    fields = brand.form();
    fields["grant_type"] = "urn:openid:params:grant-type:ciba";
    fields["auth_req_id"] = id;
    const auto unproven = brand.post("/token", fields);
    CHECK(error_of(unproven) == "invalid_dpop_proof");
    CHECK(json_of(unproven)["error_description"] == "the DPoP header is missing");
    fields = brand.form();
    fields["grant_type"] = "urn:openid:params:grant-type:ciba";
    fields["auth_req_id"] = id;
    CHECK(brand.poll(id).status == 200);
    CHECK(world.log_count("party_refused", "refused") == 4);
  }

  TEST_CASE("bodies that are no form, or a form with a name twice, are refused") {
    World world;
    TestBrand brand(world, "velo.example", "Velo");
    for (const std::string body : {"a=1&a=2", "=1", "a=%", "a=%4", "a=%zz", "a=%00", "a=%ff"}) {
      CAPTURE(body);
      CHECK(error_of(brand.post_text("/grants/request", body)) == "invalid_request");
    }
    std::string many = "a0=1";
    for (int i = 1; i < 40; ++i) many += "&a" + std::to_string(i) + "=1";
    CHECK(error_of(brand.post_text("/token", many)) == "invalid_request");
    routes::Request json{.method = "POST",
                         .path = "/v/" + brand.vid + "/token",
                         .query = "",
                         .headers = {{"content-type", "application/json"}},
                         .body = "{}",
                         .peer = ""};
    CHECK(error_of(world.call(json)) == "invalid_request");
    CHECK(world.routes->body_limit("POST", "/v/x/token") <= 64 * 1024);
    CHECK(world.routes->body_limit("GET", "/v/x/v1/data") == 0);
  }

  TEST_CASE("two brands see nothing in common: issuer, keys, subject") {
    World world;
    TestBrand one(world, "velo.example", "Velo");
    TestBrand two(world, "troc.example", "Troc");
    CHECK(one.issuer != two.issuer);
    const auto keys_of = [&](const TestBrand& brand) {
      routes::Request request{.method = "GET",
                              .path = "/v/" + brand.vid + "/jwks.json",
                              .query = "",
                              .headers = {},
                              .body = "",
                              .peer = ""};
      return world.call(request).body;
    };
    CHECK(keys_of(one) != keys_of(two));
    CHECK(one.ask(TestBrand::wish({"contact.email"})).status == 200);
    auto fields = two.form();  // the other's assertion at this one's issuer
    CHECK(error_of(one.post("/grants/request", fields)) == "invalid_client");
  }

  TEST_CASE("metadata names the endpoints of this issuer and nothing of the vault") {
    World world;
    TestBrand brand(world, "velo.example", "Velo");
    routes::Request request{.method = "GET",
                            .path = "/.well-known/oauth-authorization-server/v/" + brand.vid,
                            .query = "",
                            .headers = {},
                            .body = "",
                            .peer = ""};
    const auto answer = world.call(request);
    CHECK(answer.status == 200);
    const auto body = nlohmann::json::parse(answer.body);
    CHECK(body["issuer"] == brand.issuer);
    CHECK(body["token_endpoint"] == brand.issuer + "/token");
    CHECK(body["revocation_endpoint"] == brand.issuer + "/revoke");
    CHECK(body["introspection_endpoint"] == brand.issuer + "/introspect");
    CHECK(body["grant_management_endpoint"] == brand.issuer + "/grants");
    CHECK(body["grant_management_actions_supported"] == nlohmann::json({"query", "revoke"}));
    request.path = "/.well-known/oauth-protected-resource/v/" + brand.vid + "/v1";
    CHECK(nlohmann::json::parse(world.call(request).body)["resource"] == brand.issuer + "/v1");
  }
}
