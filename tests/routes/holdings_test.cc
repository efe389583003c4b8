// What a brand holds, and gives back: RFC 7009, RFC 7662, Grant Management; and an answer that was lost on its way.

#include "tests/support/bidder.h"
#include "tests/support/world.h"

using namespace vrm;  // tests only
using nlohmann::json;
using testing::error_of;
using testing::header_of;
using testing::json_of;
using testing::must;
using testing::TestBrand;
using testing::World;

namespace {

// A shop that may read the town, and another brand beside it.
struct Holdings {
  Holdings() {
    world.set("address.home.locality", "Lyon");
    const json answer = shop.granted({"address.home.locality"}, {{"max_reads", 5}});
    token = answer["access_token"];
    refresh = answer["refresh_token"];
    grant = answer["grant_id"];
  }

  routes::Answer read() { return shop.read(token, "address.home.locality"); }
  static routes::Answer call(TestBrand& brand, const std::string& what, const std::string& shown) {
    auto fields = brand.form();
    fields["token"] = shown;
    return brand.post(what, fields);
  }
  routes::Answer revoke(const std::string& shown) { return call(shop, "/revoke", shown); }
  routes::Answer introspect(const std::string& shown) { return call(shop, "/introspect", shown); }
  bool is_active(const std::string& shown) {
    const auto answer = introspect(shown);
    CHECK(answer.status == 200);
    return json_of(answer)["active"] == true;
  }
  std::int64_t ends() {
    const std::string text = must(world.owner->grant(grant))["expires_at"];
    return must(instant_from_rfc3339(text)).seconds();
  }
  std::string state_of(const std::string& id) { return must(world.owner->grant(id))["state"]; }
  // As the vault is after its older self was put in its place.
  void suspend() {
    auto* rooms = world.vault->rooms();
    must(rooms->store->run([&](store::Txn& txn) -> Result<void> {
      TRY(rooms->grants.suspend(txn, grant));
      return {};
    }));
  }

  World world;
  TestBrand shop{world, "velo.example", "Velo"};
  TestBrand other{world, "troc.example", "Troc"};
  std::string token;
  std::string refresh;
  std::string grant;
};

constexpr const char* kInactive = R"({"active":false})";

}  // namespace

TEST_SUITE("routes/holdings revocation") {
  TEST_CASE(
      "a refresh token given back ends the grant: the next read, the next refresh, for good") {
    Holdings held;
    const auto second = json_of(held.shop.refresh(held.refresh))["access_token"];
    CHECK(held.read().status == 200);
    const auto answer = held.revoke(held.refresh);
    CHECK(answer.status == 200);
    CHECK(answer.body.empty());
    CHECK(header_of(answer, "Content-Type").empty());
    for (int life = 0; life < 2; ++life) {
      CHECK(error_of(held.read()) == "invalid_token");
      CHECK(error_of(held.shop.read(second, "address.home.locality")) == "invalid_token");
      CHECK(error_of(held.shop.refresh(held.refresh)) == "invalid_grant");
      CHECK(held.state_of(held.grant) == "given_back");
      held.world.restart();
      held.world.unlock();
      held.world.clock.advance(std::chrono::seconds(2));
    }
    CHECK(held.world.log_count("grant_given_back", "done") == 1);
    CHECK(held.world.log_reasons("token_issued", "refused").front() == "given_back");
    CHECK(held.world.web.delivered.empty());  // it knows
    const auto gone = must(held.world.owner->revoke({{"ids", {held.grant}}}));
    CHECK(gone["items"][0]["already"] == true);
  }

  TEST_CASE("giving back what was given back, or taken back, is done already") {
    Holdings held;
    CHECK(held.revoke(held.refresh).status == 200);
    CHECK(held.revoke(held.refresh).status == 200);
    CHECK(held.world.log_count("grant_given_back", "done") == 1);
    CHECK(held.world.log_reasons("grant_given_back", "refused") ==
          std::vector<std::string>{"given_back"});
    const json more = held.shop.granted({"address.home.locality"});
    must(held.world.owner->revoke({{"ids", {more["grant_id"]}}}));
    CHECK(held.revoke(more["refresh_token"]).status == 200);
    CHECK(held.state_of(more["grant_id"]) == "revoked");
  }

  TEST_CASE(
      "an access token given back ends alone, also over a restart and a clock that goes back") {
    Holdings held;
    const std::string second = json_of(held.shop.refresh(held.refresh))["access_token"];
    CHECK(held.read().status == 200);
    CHECK(held.revoke(held.token).status == 200);
    CHECK(error_of(held.read()) == "invalid_token");
    CHECK(held.shop.read(second, "address.home.locality").status == 200);
    CHECK(held.world.log_count("token_given_back", "done") == 1);
    held.world.restart();
    held.world.unlock();
    held.world.clock.advance(std::chrono::seconds(2));
    CHECK(error_of(held.read()) == "invalid_token");
    CHECK_FALSE(held.is_active(held.token));
    held.world.clock.jump(-std::chrono::minutes(1));
    CHECK(error_of(held.read()) == "invalid_token");
    held.world.clock.jump(std::chrono::minutes(1));
    CHECK(held.shop.read(second, "address.home.locality").status == 200);
    CHECK(held.shop.refresh(held.refresh).status == 200);
    CHECK(must(held.world.owner->verify())["ok"] == true);
  }

  TEST_CASE("what ended a token is erased once the token would have run out, and not before") {
    Holdings held;
    const auto ended = [&] {
      std::size_t count = 0;
      must(held.world.vault->rooms()->store->scan(
          store::Table::Refresh,
          [&](const store::RowId&, const store::KeyId&, BytesView record) -> Result<void> {
            count += grants::read_ticket(record).value().kind == grants::TicketKind::Ended;
            return {};
          }));
      return count;
    };
    CHECK(held.revoke(held.token).status == 200);
    CHECK(ended() == 1);
    held.world.clock.advance(std::chrono::minutes(9));
    const std::string second = json_of(held.shop.refresh(held.refresh))["access_token"];
    CHECK(held.revoke(second).status == 200);
    CHECK(ended() == 2);
    held.world.clock.advance(std::chrono::minutes(2));
    const std::string third = json_of(held.shop.refresh(held.refresh))["access_token"];
    CHECK(held.revoke(third).status == 200);
    CHECK(ended() == 2);
    CHECK(error_of(held.shop.read(second, "address.home.locality")) == "invalid_token");
  }

  TEST_CASE(
      "a token given back between the decision and the commit, or the commit and the answer") {
    for (const bool after_commit : {false, true}) {
      CAPTURE(after_commit);
      Holdings held;
      const auto reply = std::make_shared<testing::WaitingReply>();
      held.world.routes->handle(held.shop.read_request(held.token, "address.home.locality"), reply);
      if (after_commit) held.world.routes->turn_ended();
      CHECK(held.revoke(held.token).status == 200);  // ends the turn
      const auto read = reply->wait();
      CHECK(error_of(read) == "invalid_token");
      CHECK(read.body.find("Lyon") == std::string::npos);
    }
  }

  TEST_CASE("what is no token, has run out or is another brand's is told as done, byte for byte") {
    Holdings held;
    const auto own = held.revoke(held.token);
    const json theirs = held.other.granted({"address.home.locality"});
    const std::string refresh = theirs["refresh_token"];
    const std::string token = theirs["access_token"];
    for (const std::string& shown :
         {std::string("nothing"), std::string(), refresh, token, held.token, "ended:" + token,
          held.shop.draw(), std::string(9000, 'A')}) {
      CAPTURE(shown);
      const auto answer = held.revoke(shown);
      CHECK(answer.status == own.status);
      CHECK(answer.body == own.body);
      CHECK(answer.headers.size() == own.headers.size());
    }
    CHECK(held.other.read(token, "address.home.locality").status == 200);
    CHECK(held.other.refresh(refresh).status == 200);
    CHECK(held.world.log_count("token_given_back", "refused") == 8);
  }

  TEST_CASE("who does not prove to be the brand gives nothing back") {
    Holdings held;
    auto fields = held.other.form();
    fields["token"] = held.refresh;
    CHECK(error_of(held.shop.post("/revoke", fields)) == "invalid_client");
    CHECK(error_of(held.shop.post("/revoke", {{"token", held.refresh}})) == "invalid_client");
    CHECK(held.read().status == 200);
  }

  TEST_CASE("while locked a brand can give back, and after it the vault opens with that kept") {
    Holdings held;
    must(held.world.owner->lock());
    CHECK(held.revoke(held.refresh).status == 200);
    held.world.unlock();
    CHECK(held.state_of(held.grant) == "given_back");
    must(held.world.owner->seal());
    CHECK(error_of(held.revoke(held.refresh)) == "vault_sealed");
  }

  TEST_CASE("an intent's refresh token given back ends all that opens the intent for that brand") {
    World world;
    testing::Bidder velo{world, "velo.example", "Velo"};
    testing::Bidder troc{world, "troc.example", "Troc"};
    must(world.owner->new_intent({{"text", "mountain bike"},
                                  {"max", "900EUR"},
                                  {"by", "2026-11-27"},
                                  {"near", "Lyon"},
                                  {"to", {velo.brand.handle, troc.brand.handle}},
                                  {"jitter", false}},
                                 false));
    const auto ticket_of = [&](testing::Bidder& bidder) {
      for (const auto& message : world.web.delivered) {
        const json claims = testing::payload_of(message.body);
        if (claims["aud"] == bidder.brand.client_id)
          return claims["auth_req_id"].get<std::string>();
      }
      return std::string();
    };
    const std::string auth_req_id = ticket_of(velo);
    const json got = json_of(velo.brand.poll(auth_req_id));
    const json theirs = json_of(troc.brand.poll(ticket_of(troc)));
    const std::string token = got["access_token"];
    const std::string path = "/v1/intents/" + got["grant_id"].get<std::string>();
    CHECK(velo.brand.call_with(token, "GET", path).status == 200);
    CHECK(json_of(Holdings::call(velo.brand, "/introspect", token))["active"] == true);
    CHECK(Holdings::call(velo.brand, "/revoke", got["refresh_token"]).status == 200);
    CHECK(velo.brand.call_with(token, "GET", path).status == 404);
    CHECK(json_of(Holdings::call(velo.brand, "/introspect", token))["active"] == false);
    CHECK(error_of(velo.brand.refresh(got["refresh_token"])) == "invalid_grant");
    CHECK(error_of(velo.brand.poll(auth_req_id)) == "invalid_grant");
    CHECK(troc.brand
              .call_with(theirs["access_token"], "GET",
                         "/v1/intents/" + theirs["grant_id"].get<std::string>())
              .status == 200);
    CHECK(world.log_count("token_given_back", "done") == 1);
  }
}

TEST_SUITE("routes/holdings introspection") {
  TEST_CASE("a good token's answer says whose it is, for what, until when and by which key") {
    Holdings held;
    const auto answer = held.introspect(held.token);
    CHECK(answer.status == 200);
    CHECK(header_of(answer, "Cache-Control") == "no-store");
    const json body = json_of(answer);
    const json claims = testing::payload_of(held.token);
    for (const char* name : {"iss", "sub", "client_id", "aud", "exp", "iat", "jti", "cnf",
                             "grant_id", "authorization_details"}) {
      CAPTURE(name);
      CHECK(body[name] == claims[name]);
    }
    CHECK(body["active"] == true);
    CHECK(body["token_type"] == "DPoP");
    CHECK(body["scope"] == "vrm");
    CHECK(body["authorization_details"][0]["max_reads"] == 5);
    CHECK(body["authorization_details"][0]["expires_at"] == held.ends());
    const json kept = json_of(held.introspect(held.refresh));
    CHECK(kept["active"] == true);
    CHECK(kept["grant_id"] == held.grant);
    CHECK_FALSE(kept.contains("token_type"));
    CHECK_FALSE(kept.contains("cnf"));
    CHECK(held.read().status == 200);  // asking costs no read
    CHECK(must(held.world.owner->grant(held.grant))["reads"]["used"] == 1);
  }

  TEST_CASE("a token is not active once it ran out, was given back, or its grant ended or rests") {
    const auto both_are_inactive = [](Holdings& held) {
      CHECK(held.introspect(held.token).body == kInactive);
      CHECK(held.introspect(held.refresh).body == kInactive);
      CHECK(held.world.log_count("party_refused", "refused") == 2);
    };
    SUBCASE("revoked") {
      Holdings held;
      must(held.world.owner->revoke({{"ids", {held.grant}}}));
      both_are_inactive(held);
    }
    SUBCASE("given back") {
      Holdings held;
      held.revoke(held.refresh);
      both_are_inactive(held);
    }
    SUBCASE("expired") {
      Holdings held;
      held.world.clock.advance(std::chrono::hours(24 * 31));
      both_are_inactive(held);
    }
    SUBCASE("spent") {
      Holdings held;
      for (int i = 0; i < 5; ++i) CHECK(held.read().status == 200);
      both_are_inactive(held);
    }
    SUBCASE("suspended") {
      Holdings held;
      held.suspend();
      both_are_inactive(held);
    }
    SUBCASE("blocked") {
      Holdings held;
      must(held.world.owner->block(held.shop.handle));
      both_are_inactive(held);
    }
    SUBCASE("the access token alone") {
      Holdings held;
      held.world.clock.advance(std::chrono::minutes(10));
      CHECK(held.introspect(held.token).body == kInactive);
      CHECK(held.is_active(held.refresh));
    }
  }

  TEST_CASE("another brand's tokens, tickets and what is no token are alike: not active") {
    Holdings held;
    const json theirs = held.other.granted({"address.home.locality"});
    const auto ticket =
        must(held.world.owner->make_grant({{"brand", held.shop.handle},
                                           {"fields", {"address.home.locality"}},
                                           {"purpose", "delivery"}}))["auth_req_id"];
    for (const std::string& shown :
         {theirs["access_token"].get<std::string>(), theirs["refresh_token"].get<std::string>(),
          ticket.get<std::string>(), std::string("nothing"), std::string()}) {
      CAPTURE(shown);
      const auto answer = held.introspect(shown);
      CHECK(answer.status == 200);
      CHECK(answer.body == kInactive);
    }
    CHECK(held.world.log_reasons("party_refused", "refused") ==
          std::vector<std::string>(5, "invalid_token"));
  }

  TEST_CASE("locked, it says as little as a read does") {
    Holdings held;
    const json standing =
        held.shop.granted({"address.home.locality"}, {{"served_while_locked", true}});
    must(held.world.owner->lock());
    CHECK(error_of(held.introspect(held.token)) == "vault_locked");
    CHECK(held.is_active(standing["access_token"]));
  }
}

TEST_SUITE("routes/holdings grants") {
  TEST_CASE("with its token a grant shows what is granted now, until when and how often") {
    Holdings held;
    CHECK(held.read().status == 200);
    const auto answer = held.shop.call_with(held.token, "GET", "/grants/" + held.grant);
    CHECK(answer.status == 200);
    const json body = json_of(answer);
    CHECK(body["state"] == "active");
    CHECK(body["reads_left"] == 4);
    CHECK(body["authorization_details"][0]["datatypes"] == json({"address.home.locality"}));
    CHECK(body["expires_at"] == held.ends());
    CHECK(body["scopes"][0]["scope"] == "vrm");
    const json endless = held.shop.granted({"address.home.locality"});
    CHECK_FALSE(json_of(held.shop.call_with(endless["access_token"], "GET",
                                            "/grants/" + endless["grant_id"].get<std::string>()))
                    .contains("reads_left"));
  }

  TEST_CASE("deleting it gives it back; its token is worth nothing from then on") {
    Holdings held;
    const auto answer = held.shop.call_with(held.token, "DELETE", "/grants/" + held.grant);
    CHECK(answer.status == 204);
    CHECK(answer.body.empty());
    CHECK(held.state_of(held.grant) == "given_back");
    CHECK(error_of(held.read()) == "invalid_token");
    for (const char* method : {"GET", "DELETE"}) {
      const auto again = held.shop.call_with(held.token, method, "/grants/" + held.grant);
      CHECK(again.status == 401);
      CHECK(error_of(again) == "invalid_token");
    }
    CHECK(held.world.log_count("grant_given_back", "done") == 1);
  }

  TEST_CASE("an unknown grant, another of the brand's and another brand's are alike: 404") {
    Holdings held;
    const json own = held.shop.granted({"address.home.locality"});
    const json theirs = held.other.granted({"address.home.locality"});
    for (const char* method : {"GET", "DELETE"}) {
      const auto unknown = held.shop.call_with(held.token, method, "/grants/gr_00000000");
      CHECK(unknown.status == 404);
      for (const json& one : {own, theirs}) {
        const auto answer = held.shop.call_with(held.token, method,
                                                "/grants/" + one["grant_id"].get<std::string>());
        CHECK(answer.status == 404);
        CHECK(answer.body == unknown.body);
        CHECK(answer.headers.size() == unknown.headers.size());
      }
    }
    CHECK(held.state_of(own["grant_id"]) == "active");
    CHECK(held.state_of(theirs["grant_id"]) == "active");
    CHECK(error_of(held.other.call_with(held.token, "DELETE", "/grants/" + held.grant)) ==
          "invalid_token");
  }

  TEST_CASE("neither works without a proof of the token's own key, or by another path") {
    Holdings held;
    const std::string path = "/v/" + held.shop.vid + "/grants/" + held.grant;
    routes::Request request{.method = "DELETE",
                            .path = path,
                            .query = "",
                            .headers = {{"authorization", "DPoP " + held.token}},
                            .body = "",
                            .peer = ""};
    const auto bare = held.world.call(request);
    CHECK(bare.status == 401);
    CHECK(error_of(bare) == "invalid_dpop_proof");
    CHECK(header_of(bare, "WWW-Authenticate").find("resource_metadata=") != std::string::npos);
    const auto thief = crypto::SigningKey::random(held.world.random);
    request.headers.emplace_back(
        "dpop", held.shop.proof_by(thief, "DELETE", path, held.token, held.shop.nonce()));
    CHECK(error_of(held.world.call(request)) == "invalid_token");
    request.headers.back().second =
        held.shop.proof_by(held.shop.key, "DELETE", path, held.token, "");
    const auto unasked = held.world.call(request);
    CHECK(unasked.status == 401);
    CHECK(error_of(unasked) == "use_dpop_nonce");
    request.headers.back().second = held.shop.proof_for("DELETE", path, held.token);
    request.query = "all=1";
    CHECK(error_of(held.world.call(request)) == "invalid_request");
    request.path = "/v/" + held.shop.vid + "/grants/request";
    request.query = "";
    CHECK(held.world.call(request).status == 404);
    CHECK(held.state_of(held.grant) == "active");
  }

  TEST_CASE("one that rests says so as a read does, and can be given back") {
    Holdings held;
    held.suspend();
    const std::string path = "/grants/" + held.grant;
    const auto shown = held.shop.call_with(held.token, "GET", path);
    const auto read = held.read();
    CHECK(shown.status == 403);
    CHECK(shown.body == read.body);
    CHECK(held.shop.call_with(held.token, "DELETE", path).status == 204);
    CHECK(held.state_of(held.grant) == "given_back");
  }
}

TEST_SUITE("routes/holdings rest") {
  TEST_CASE("a suspended grant is refused as a rule would, and its refresh token stays good") {
    Holdings held;
    held.suspend();
    const auto read = held.read();
    CHECK(read.status == 403);
    CHECK(error_of(read) == "policy_denied");
    const auto refresh = held.shop.refresh(held.refresh);
    CHECK(refresh.status == 400);
    CHECK(error_of(refresh) == "policy_denied");
    CHECK(held.world.log_reasons("read", "refused") == std::vector<std::string>{"suspended"});
    CHECK(held.world.log_reasons("token_issued", "refused") ==
          std::vector<std::string>{"suspended"});
    must(held.world.owner->confirm({{"ids", {held.grant}}}));
    CHECK(held.read().status == 200);
    CHECK(held.shop.refresh(held.refresh).status == 200);
  }

  TEST_CASE("suspended or blocked, one that ended meanwhile has ended") {
    Holdings held;
    held.suspend();
    must(held.world.owner->revoke({{"ids", {held.grant}}}));
    CHECK(error_of(held.shop.refresh(held.refresh)) == "invalid_grant");
    must(held.world.owner->block(held.shop.handle));
    CHECK(error_of(held.shop.refresh(held.refresh)) == "invalid_grant");
    CHECK(error_of(held.read()) == "invalid_token");
  }

  TEST_CASE(
      "a brand blocked before it collected hears that its request waits, and then that it lapsed") {
    Holdings held;
    const std::string id =
        json_of(held.shop.ask(TestBrand::wish({"contact.email"})))["auth_req_id"];
    const std::string request = must(held.world.owner->requests(false))["items"][0]["id"];
    must(held.world.owner->approve(request, json::object()));
    must(held.world.owner->block(held.shop.handle));
    CHECK(error_of(held.shop.poll(id)) == "authorization_pending");
    held.world.clock.advance(std::chrono::seconds(6));
    must(held.world.owner->unblock(held.shop.handle));
    CHECK(held.shop.poll(id).status == 200);
    const std::string late =
        json_of(held.shop.ask(TestBrand::wish({"contact.email"})))["auth_req_id"];
    const std::string second = must(held.world.owner->requests(false))["items"][0]["id"];
    must(held.world.owner->approve(second, json::object()));
    must(held.world.owner->block(held.shop.handle));
    held.world.clock.advance(std::chrono::hours(25));
    CHECK(error_of(held.shop.poll(late)) == "expired_token");
  }
}

namespace {

struct Lost : Holdings {
  Lost() {
    ticket = must(world.owner->make_grant({{"brand", shop.handle},
                                           {"fields", {"address.home.locality"}},
                                           {"purpose", "delivery"}}))["auth_req_id"];
    first = json_of(shop.poll(ticket));
  }
  std::string ticket;
  json first;
};

}  // namespace

TEST_SUITE("routes/holdings lost answer") {
  TEST_CASE(
      "a token answer that was lost is told once more: a fresh token, the same refresh token") {
    Lost lost;
    lost.world.clock.advance(std::chrono::seconds(59));
    const auto again = lost.shop.poll(lost.ticket);
    REQUIRE(again.status == 200);
    const json body = json_of(again);
    CHECK(body["refresh_token"] == lost.first["refresh_token"]);
    CHECK(body["grant_id"] == lost.first["grant_id"]);
    CHECK(body["access_token"] != lost.first["access_token"]);
    CHECK(lost.shop.read(body["access_token"], "address.home.locality").status == 200);
    CHECK(lost.shop.refresh(body["refresh_token"]).status == 200);
    CHECK(error_of(lost.shop.poll(lost.ticket)) == "invalid_grant");
    CHECK(lost.world.log_count("token_issued", "allowed") == 4);  // Holdings' own, two, the refresh
  }

  TEST_CASE("after a minute, by another key, by another brand or after the end it is not") {
    SUBCASE("a minute") {
      Lost lost;
      lost.world.clock.advance(std::chrono::seconds(60));
      CHECK(error_of(lost.shop.poll(lost.ticket)) == "invalid_grant");
    }
    SUBCASE("another key") {
      Lost lost;
      auto fields = lost.shop.form();
      fields["grant_type"] = "urn:openid:params:grant-type:ciba";
      fields["auth_req_id"] = lost.ticket;
      const auto thief = crypto::SigningKey::random(lost.world.random);
      const std::string path = "/v/" + lost.shop.vid + "/token";
      CHECK(error_of(lost.shop.post("/token", fields,
                                    lost.shop.proof_by(thief, "POST", path, "",
                                                       lost.shop.nonce()))) == "invalid_grant");
      CHECK(lost.shop.poll(lost.ticket).status == 200);  // and who may still hears it
    }
    SUBCASE("another brand") {
      Lost lost;
      CHECK(error_of(lost.other.poll(lost.ticket)) == "invalid_grant");
    }
    SUBCASE("taken back") {
      Lost lost;
      must(lost.world.owner->revoke({{"all", true}}));
      CHECK(error_of(lost.shop.poll(lost.ticket)) == "invalid_grant");
    }
    SUBCASE("given back") {
      Lost lost;
      lost.revoke(lost.first["refresh_token"]);
      CHECK(error_of(lost.shop.poll(lost.ticket)) == "invalid_grant");
    }
    SUBCASE("the vault was started anew") {
      Lost lost;
      lost.world.restart();
      lost.world.unlock();
      lost.world.clock.advance(std::chrono::seconds(2));
      CHECK(error_of(lost.shop.poll(lost.ticket)) == "invalid_grant");
    }
  }
}
