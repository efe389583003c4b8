// A revocation stops the very next byte, on every path by which something of the grant could still leave.

#include "tests/support/owner_door.h"
#include "tests/support/world.h"

using namespace vrm;  // tests only
using namespace testing;
using nlohmann::json;

namespace {

constexpr std::size_t kPart = api::kPartBytes;

// A brand with everything that a grant can bring: a token, a refresh token, a document, a ticket that waits.
struct Held {
  explicit Held(const json& more = json::object()) : brand(world, "velo.example", "Velo", more) {
    world.set("address.home.locality", "Lyon");
    OwnerDoor owner(world);
    const std::string text(kPart + 5, 'p');
    const auto begun =
        owner.post("/v1/uploads", {{"file", "pass"}, {"name", "pass"}, {"size", text.size()}});
    const std::string path = "/v1/uploads/" + begun["id"].get<std::string>();
    REQUIRE(owner.raw("PUT", path + "/parts/1", "", text.substr(0, kPart)).status == 200);
    REQUIRE(owner.raw("PUT", path + "/parts/2", "", text.substr(kPart)).status == 200);
    REQUIRE(owner.call("POST", path + "/finish", json::object()).status == 200);
    const auto granted = brand.granted({"address.home.locality", "document.pass"});
    token = granted["access_token"];
    refresh = granted["refresh_token"];
    grant = granted["grant_id"];
    const auto waiting = must(world.owner->make_grant(
        {{"brand", brand.handle}, {"fields", {"address.home.locality"}}, {"purpose", "delivery"}}));
    ticket = waiting["auth_req_id"];
    ticket_grant = waiting["id"];
  }

  void revoke() { must(world.owner->revoke({{"ids", {grant}}})); }
  void revoke_ticket() { must(world.owner->revoke({{"ids", {ticket_grant}}})); }
  routes::Request part(int n) {
    const std::string path =
        "/v/" + brand.vid + "/v1/documents/document.pass/parts/" + std::to_string(n);
    routes::Request request{.method = "GET",
                            .path = path,
                            .query = "purpose=delivery",
                            .headers = {},
                            .body = "",
                            .peer = ""};
    request.headers.emplace_back("authorization", "DPoP " + token);
    request.headers.emplace_back("dpop", brand.proof_for("GET", path, token));
    return request;
  }
  routes::Request read() { return brand.read_request(token, "address.home.locality"); }
  routes::Request at_token(const char* type, const char* name, const std::string& value) {
    auto fields = brand.form();
    fields["grant_type"] = type;
    fields[name] = value;
    const std::string path = "/v/" + brand.vid + "/token";
    routes::Request request{.method = "POST",
                            .path = path,
                            .query = "",
                            .headers = {},
                            .body = form_encoded(fields),
                            .peer = ""};
    request.headers.emplace_back("content-type", "application/x-www-form-urlencoded");
    request.headers.emplace_back("dpop", brand.proof_for("POST", path));
    return request;
  }
  routes::Request refreshing() { return at_token("refresh_token", "refresh_token", refresh); }
  routes::Request collecting() {
    return at_token("urn:openid:params:grant-type:ciba", "auth_req_id", ticket);
  }

  World world;
  TestBrand brand;
  std::string token, refresh, grant, ticket, ticket_grant;
};

// Where, on the way of a call, the revocation comes.
enum class Comes { Before, Decided, Recorded };

routes::Answer called(Held& held, routes::Request request, Comes comes,
                      const std::function<void()>& revoke) {
  const auto reply = std::make_shared<WaitingReply>();
  if (comes == Comes::Before) revoke();
  held.world.routes->handle(std::move(request), reply);
  if (comes == Comes::Decided) revoke();
  held.world.routes->turn_ended();
  if (comes == Comes::Recorded) revoke();  // its own commit comes after the call's
  return reply->wait();
}

}  // namespace

TEST_SUITE("routes/revocations") {
  TEST_CASE(
      "a read is stopped wherever on its way the revocation comes, by the door or a mailbox") {
    for (const char* peer : {"127.0.0.1", "mailbox:https://velo.example/box"})
      for (const auto comes : {Comes::Before, Comes::Decided, Comes::Recorded}) {
        Held held;
        auto request = held.read();
        request.peer = peer;
        const auto answer = called(held, std::move(request), comes, [&] { held.revoke(); });
        CHECK(answer.status == 401);
        CHECK(error_of(answer) == "invalid_token");
        CHECK(answer.body.find("Lyon") == std::string::npos);
      }
  }

  TEST_CASE("an answer for a mailbox is made as it is posted, and not before") {
    World world;
    world.set("address.home.locality", "Lyon");
    TestBrand brand(world, "velo.example", "Velo");
    const auto granted = brand.granted({"address.home.locality"});
    const auto reply = std::make_shared<WaitingReply>();
    auto request = brand.read_request(granted["access_token"], "address.home.locality");
    request.peer = "mailbox:https://velo.example/box";
    world.routes->handle(std::move(request), reply);
    world.routes->turn_ended();
    world.vault->rooms()->store->run([](store::Txn&) -> Result<void> { return {}; }).ok();
    CHECK(world.log_count("read", "allowed") == 1);  // recorded, and still in the vault
    must(world.owner->revoke({{"all", true}}));
    CHECK(reply->wait().status == 401);
  }

  TEST_CASE("a part of a document is stopped, the first and one of a read that goes on") {
    for (const auto comes : {Comes::Before, Comes::Decided, Comes::Recorded}) {
      Held held;
      CHECK(called(held, held.part(1), comes, [&] { held.revoke(); }).status == 401);
    }
    for (const auto comes : {Comes::Before, Comes::Decided, Comes::Recorded}) {
      Held held;
      REQUIRE(held.world.call(held.part(1)).status == 200);
      const auto answer = called(held, held.part(2), comes, [&] { held.revoke(); });
      CHECK(answer.status == 401);
      CHECK(answer.body.find("ppppp") == std::string::npos);
      CHECK(held.world.call(held.part(1)).status == 401);
    }
  }

  TEST_CASE("a refresh is stopped, and brings no token that reads") {
    for (const auto comes : {Comes::Before, Comes::Decided, Comes::Recorded}) {
      Held held;
      const auto answer = called(held, held.refreshing(), comes, [&] { held.revoke(); });
      CHECK(answer.status == 400);
      CHECK(error_of(answer) == "invalid_grant");
      CHECK(held.world.call(held.refreshing()).status == 400);
    }
  }

  TEST_CASE("a collection is stopped, and its ticket is good no more") {
    for (const auto comes : {Comes::Before, Comes::Decided, Comes::Recorded}) {
      Held held;
      const auto answer = called(held, held.collecting(), comes, [&] { held.revoke_ticket(); });
      CHECK(answer.status == 400);
      CHECK(error_of(answer) == "invalid_grant");
      CHECK(held.world.call(held.collecting()).status == 400);
    }
  }

  TEST_CASE(
      "by id, by brand and all at once: the next read is refused, and another brand's only then") {
    for (const char* how : {"ids", "brand", "all"}) {
      CAPTURE(how);
      Held held;
      TestBrand other(held.world, "troc.example", "Troc");
      const std::string theirs = other.granted({"address.home.locality"})["access_token"];
      const bool all = std::string(how) == "all";
      if (std::string(how) == "ids")
        held.revoke();
      else
        must(held.world.owner->revoke(all ? json{{"all", true}}
                                          : json{{"brand", held.brand.handle}}));
      CHECK(held.world.call(held.read()).status == 401);
      CHECK(other.read(theirs, "address.home.locality").status == (all ? 401 : 200));
    }
  }

  TEST_CASE("in five hundred tries no read or refresh that is on its way gets by") {
    Held held;
    int got_by = 0;
    for (int i = 0; i < 250; ++i) {
      const auto granted = held.brand.granted({"address.home.locality"});
      held.token = granted["access_token"];
      held.refresh = granted["refresh_token"];
      held.grant = granted["grant_id"];
      const auto comes = i % 2 == 0 ? Comes::Decided : Comes::Recorded;
      for (const bool reads : {true, false}) {
        const auto answer =
            called(held, reads ? held.read() : held.refreshing(), comes, [&] { held.revoke(); });
        if (answer.status == 200) ++got_by;
        if (held.world.call(reads ? held.read() : held.refreshing()).status == 200) ++got_by;
      }
    }
    CHECK(got_by == 0);
  }
}
