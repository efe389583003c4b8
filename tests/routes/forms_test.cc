// In which form the owner gives a field, and what the brand then hears and reads.

#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/support/bidder.h"
#include "tests/support/world.h"

using namespace vrm;  // tests only
using nlohmann::json;
using testing::error_of;
using testing::json_of;
using testing::must;
using testing::TestBrand;
using testing::World;

namespace {

const std::string kStreetField = "address.home.street_address";
const std::string kCodeField = "address.home.postal_code";
const std::string kTownField = "address.home.locality";
const std::string kRegionField = "address.home.region";

// A shop that asked, and what it got for it.
struct FormShop {
  FormShop() {
    world.set(kStreetField, "12 rue Merciere");
    world.set(kCodeField, "69002");
    world.set(kTownField, "Lyon");
    world.set("person.birthdate", "1990-04-12");
  }
  // The id of the request that waits.
  std::string ask(std::vector<std::string> fields) {
    world.clock.advance(std::chrono::seconds(1));
    const auto answer = shop.ask(TestBrand::wish(std::move(fields)));
    REQUIRE(answer.status == 200);
    ticket = json_of(answer)["auth_req_id"];
    return must(world.owner->requests(false))["items"][0]["id"];
  }
  void give(const std::vector<std::string>& fields, const json& how) {
    must(world.owner->approve(ask(fields), how));
    const auto answer = shop.poll(ticket);
    REQUIRE(answer.status == 200);
    const json body = json_of(answer);
    token = body["access_token"];
    refresh = body["refresh_token"];
    grant = body["grant_id"];
    told = body["authorization_details"][0];
  }
  std::string refused(const std::vector<std::string>& fields, const json& how) {
    const auto given = world.owner->approve(ask(fields), how);
    REQUIRE_FALSE(given.ok());
    return given.error().say;
  }
  routes::Answer read(const std::string& fields) { return shop.read(token, fields); }
  json value(const std::string& field) { return json_of(read(field))["data"][field]["value"]; }
  routes::Answer read_as(const std::string& key, const std::string& fields) {
    auto request = shop.read_request(token, fields);
    request.headers.emplace_back("idempotency-key", key);
    return world.call(std::move(request));
  }
  json introspected() {
    auto fields = shop.form();
    fields["token"] = token;
    return json_of(shop.post("/introspect", fields));
  }
  json shown() { return json_of(shop.call_with(token, "GET", "/grants/" + grant)); }
  void start_again() {
    world.restart();
    world.unlock();
    world.clock.advance(std::chrono::seconds(2));
  }

  World world;
  TestBrand shop{world, "velo.example", "Velo"};
  std::string ticket, token, refresh, grant;
  json told;
};

}  // namespace

TEST_SUITE("routes/forms coarse") {
  TEST_CASE("a claim takes the field's place, and the brand hears of what in place of what") {
    FormShop held;
    held.give(
        {kCodeField, "person.birthdate"},
        {{"coarse", {{kCodeField, kRegionField}, {"person.birthdate", "person.age_over_18"}}}});
    const json coarse = {{kCodeField, kRegionField}, {"person.birthdate", "person.age_over_18"}};
    CHECK(held.told["datatypes"] == json({kRegionField, "person.age_over_18"}));
    CHECK(held.told["coarse"] == coarse);
    CHECK(held.introspected()["authorization_details"][0]["coarse"] == coarse);
    CHECK(held.shown()["authorization_details"][0]["coarse"] == coarse);
    for (int life = 0; life < 2; ++life) {
      CHECK(held.value(kRegionField) == "Auvergne-Rhône-Alpes");
      CHECK(held.value("person.age_over_18") == true);
      for (const auto& finer : {kCodeField, std::string("person.birthdate"), kTownField}) {
        CHECK(held.read(finer).status == 403);
        CHECK(error_of(held.read(finer)) == "insufficient_scope");
      }
      CHECK(must(held.world.owner->grant(held.grant))["coarse"] == coarse);
      held.start_again();
    }
    const json request = must(held.world.owner->requests(true))["items"][0];
    CHECK(request["given"] == json({kRegionField, "person.age_over_18"}));
    CHECK(request["coarse"] == coarse);
  }

  TEST_CASE("of a street what is said less is made of its postal code; of two fields once") {
    FormShop held;
    held.give({kStreetField, kCodeField, kTownField},
              {{"coarse", {{kStreetField, kRegionField}, {kCodeField, kRegionField}}}});
    CHECK(held.told["datatypes"] == json({kRegionField, kTownField}));
    CHECK(held.told["coarse"] == json({{kStreetField, kRegionField}, {kCodeField, kRegionField}}));
    CHECK(held.read(kStreetField).status == 403);
    CHECK(held.read(kTownField).status == 200);
  }

  TEST_CASE("a claim of another field, and what has none, is refused and gives nothing") {
    FormShop held;
    const auto coarse = [](const std::string& field, const json& claim) {
      return json{{"coarse", {{field, claim}}}};
    };
    const auto given = held.world.owner->approve(held.ask({kCodeField, "contact.email"}),
                                                 coarse(kCodeField, "person.age_over_18"));
    REQUIRE_FALSE(given.ok());
    CHECK(given.error().say == "grant.not_claim_of");
    const auto& with = given.error().with;
    const auto claims = std::find_if(with.begin(), with.end(),
                                     [](const auto& gap) { return gap.first == "claims"; });
    REQUIRE(claims != with.end());
    CHECK(claims->second == "address.home.department, address.home.postal_prefix, " + kRegionField);
    CHECK(held.refused({kCodeField}, coarse(kCodeField, "address.work.region")) ==
          "grant.not_claim_of");
    CHECK(held.refused({kCodeField}, coarse(kCodeField, kCodeField)) == "grant.not_claim_of");
    CHECK(held.refused({"contact.email"}, coarse("contact.email", kRegionField)) ==
          "grant.no_claim");
    CHECK(held.refused({"address.home.country"}, coarse("address.home.country", kRegionField)) ==
          "grant.no_claim");
    CHECK(held.refused({kRegionField}, coarse(kRegionField, "address.home.department")) ==
          "grant.no_claim");
    CHECK(held.refused({kCodeField}, coarse(kTownField, kRegionField)) == "grant.form_not_given");
    CHECK(held.refused({kCodeField}, coarse(kCodeField, 7)).empty());
    CHECK(held.refused({kCodeField}, json{{"coarse", json::array({kCodeField})}}).empty());
    auto remembered = coarse(kCodeField, kRegionField);
    remembered["remember"] = true;
    CHECK(held.refused({kCodeField}, remembered) == "grant.form_remembered");
    CHECK(must(held.world.owner->grants("", true))["items"].empty());
  }

  TEST_CASE("a grant unasked may say what its claim stands in place of") {
    FormShop held;
    const json answer =
        held.shop.granted({kCodeField}, {{"coarse", {{kCodeField, "address.home.department"}}}});
    CHECK(answer["authorization_details"][0]["datatypes"] == json({"address.home.department"}));
    held.token = answer["access_token"];
    CHECK(held.read(kCodeField).status == 403);
    CHECK(held.value("address.home.department") == "Rhône");
  }
}

TEST_SUITE("routes/forms once") {
  TEST_CASE("a field given once is read once, over a restart too, and the others go on") {
    FormShop held;
    held.give({kStreetField, kTownField}, {{"once", {kStreetField}}});
    CHECK(held.told["once"] == json({kStreetField}));
    CHECK(held.told["datatypes"] == json({kStreetField, kTownField}));
    CHECK(held.introspected()["authorization_details"][0]["once"] == json({kStreetField}));
    CHECK(held.read(kTownField).status == 200);
    CHECK(held.value(kStreetField) == "12 rue Merciere");
    for (int life = 0; life < 2; ++life) {
      const auto again = held.read(kStreetField);
      CHECK(again.status == 403);
      CHECK(again.body == held.read("contact.email").body);  // as what was never in the grant
      CHECK(held.read(kTownField + "," + kStreetField).status == 403);
      CHECK(held.read(kTownField).status == 200);
      held.start_again();
    }
    const json grant = must(held.world.owner->grant(held.grant));
    CHECK(grant["once"] == json({kStreetField}));
    CHECK(grant["once_read"] == json({kStreetField}));
    CHECK(grant["reads"]["used"] == 4);
    CHECK(held.world.log_reasons("read", "refused").front() == "insufficient_scope");
  }

  TEST_CASE("a refused read does not spend it, and a repeat under its key gets it for a minute") {
    FormShop held;
    held.give({kStreetField, kTownField}, {{"once", {kStreetField}}});
    CHECK(held.read(kStreetField + ",contact.email").status == 403);
    CHECK(held.read_as("a", kStreetField).status == 200);
    CHECK(held.read_as("a", kStreetField).status == 200);
    CHECK(held.read_as("b", kStreetField).status == 403);
    CHECK(held.read(kStreetField).status == 403);
    CHECK(held.read_as("a", kStreetField).status == 200);
    CHECK(must(held.world.owner->grant(held.grant))["reads"]["used"] == 1);
    held.world.clock.advance(std::chrono::seconds(61));
    CHECK(held.read_as("a", kStreetField).status == 403);
    CHECK(held.read(kTownField).status == 200);
  }

  TEST_CASE("of many reads that are decided before any is counted, one gets it") {
    FormShop held;
    held.give({kStreetField, kTownField}, {{"once", {kStreetField}}});
    std::vector<std::shared_ptr<testing::WaitingReply>> replies;
    for (int i = 0; i < 16; ++i) {
      replies.push_back(std::make_shared<testing::WaitingReply>());
      held.world.routes->handle(held.shop.read_request(held.token, kStreetField), replies.back());
    }
    held.world.routes->turn_ended();
    int served = 0;
    int outside = 0;
    for (const auto& reply : replies) {
      const auto answer = reply->wait();
      served += answer.status == 200;
      outside += answer.status == 403 && error_of(answer) == "insufficient_scope";
    }
    CHECK(served == 1);
    CHECK(outside == 15);
    CHECK(held.world.log_count("read", "allowed") == 1);
    CHECK(held.world.log_count("read", "refused") == 15);
    CHECK(must(held.world.owner->grant(held.grant))["reads"]["used"] == 1);
  }

  TEST_CASE("a job that fails gives it back") {
    FormShop held;
    held.give({kStreetField, kTownField}, {{"once", {kStreetField}}});
    auto* rooms = held.world.vault->rooms();
    const auto failed = rooms->store->run([&](store::Txn& txn) -> Result<void> {
      TRY(rooms->grants.use(txn, held.grant, {kStreetField}, held.world.vault->now()));
      CHECK_FALSE(rooms->grants.find(held.grant)->covers(kStreetField));
      CHECK(rooms->grants.use(txn, held.grant, {kStreetField}, held.world.vault->now())
                .error()
                .code == ErrorCode::Conflict);
      return Error{ErrorCode::Io, "the disk is full"};
    });
    CHECK(failed.error().code == ErrorCode::Io);
    CHECK(held.value(kStreetField) == "12 rue Merciere");
    CHECK(held.read(kStreetField).status == 403);
  }

  TEST_CASE("what is not given cannot be given once, nor twice, nor more than a token holds") {
    FormShop held;
    CHECK(held.refused({kTownField}, {{"once", {kStreetField}}}) == "grant.form_not_given");
    CHECK(held.refused({kTownField}, {{"once", {kTownField, kTownField}}}) == "grant.field_twice");
    std::vector<std::string> fields;
    for (int number = 0; number < 32; ++number)
      fields.push_back("own." + std::string(58, 'a') + std::to_string(10 + number));
    json body = {{"brand", held.shop.handle}, {"fields", fields}, {"purpose", "delivery"}};
    body["once"] = fields;
    CHECK(held.world.owner->make_grant(body).error().say == "grant.too_many_forms");
    fields.resize(24);
    body["once"] = fields;
    CHECK(held.shop.granted(fields, {{"once", fields}})["grant_id"].is_string());
  }
}

namespace {

// A shop whose offer was accepted, and which then asked for more.
struct OrderShop {
  OrderShop() {
    world.set("address.home.street_address", "12 rue Merciere");
    world.set(kTownField, "Lyon");
    const auto intent = must(world.owner->new_intent({{"text", "mountain bike"},
                                                      {"max", "900EUR"},
                                                      {"by", "2026-11-27"},
                                                      {"near", "Lyon"},
                                                      {"to", {velo.brand.handle}},
                                                      {"jitter", false}},
                                                     false))["id"]
                            .get<std::string>();
    velo.hear();
    REQUIRE(velo.put("a1").status == 200);
    offer = must(world.owner->offers(intent, json::object()))["items"].at(0)["id"];
  }
  void accept() { must(world.owner->accept(offer, json::object(), false)); }
  std::string ask() {
    const auto answer = velo.brand.ask(TestBrand::wish({kTownField}));
    REQUIRE(answer.status == 200);
    ticket = json_of(answer)["auth_req_id"];
    return must(world.owner->requests(false))["items"][0]["id"];
  }
  json collect() {
    const auto answer = velo.brand.poll(ticket);
    REQUIRE(answer.status == 200);
    return json_of(answer);
  }
  json introspected(const std::string& shown) {
    auto fields = velo.brand.form();
    fields["token"] = shown;
    return json_of(velo.brand.post("/introspect", fields));
  }
  // The brand said that its offer is gone.
  void end_order() { velo.answers(409, "", brands::Step::Dead); }

  World world;
  testing::Bidder velo{world, "velo.example", "Velo"};
  std::string offer, ticket;
};

}  // namespace

TEST_SUITE("routes/forms order") {
  TEST_CASE("a grant tied to an order yields while that is open, and to nobody once it is over") {
    OrderShop held;
    held.accept();
    const auto given = must(held.world.owner->approve(held.ask(), {{"while_order", held.offer}}));
    CHECK(given["while_order"] == held.offer);
    const json answer = held.collect();
    CHECK(answer["authorization_details"][0]["while_order"] == true);
    const std::string token = answer["access_token"];
    const std::string grant = answer["grant_id"];
    CHECK(held.velo.brand.read(token, kTownField).status == 200);
    CHECK(held.introspected(token)["active"] == true);
    held.end_order();
    for (int life = 0; life < 2; ++life) {
      const auto refused = held.velo.brand.read(token, kTownField);
      CHECK(refused.status == 401);
      CHECK(error_of(refused) == "invalid_token");
      CHECK(held.world.log_reasons("read", "refused").front() == "order_ended");
      CHECK(error_of(held.velo.brand.refresh(answer["refresh_token"])) == "invalid_grant");
      CHECK(held.world.log_reasons("token_issued", "refused").front() == "order_ended");
      CHECK(held.introspected(token) == json({{"active", false}}));
      CHECK(held.velo.brand.call_with(token, "GET", "/grants/" + grant).status == 401);
      CHECK(must(held.world.owner->grant(grant))["state"] == "order_ended");
      held.world.restart();
      held.world.unlock();
      held.world.clock.advance(std::chrono::seconds(2));
    }
    CHECK(must(held.world.owner->grants("", false))["items"].empty());
  }

  TEST_CASE("it lasts through the acknowledgement, and one not collected in time is not given") {
    OrderShop held;
    held.accept();
    must(held.world.owner->approve(held.ask(), {{"while_order", held.offer}}));
    held.velo.answers(200, held.velo.acknowledgement(held.velo.last_message()));
    CHECK(held.velo.brand.read(held.collect()["access_token"], kTownField).status == 200);
    OrderShop late;
    late.accept();
    must(late.world.owner->approve(late.ask(), {{"while_order", late.offer}}));
    late.end_order();
    CHECK(error_of(late.velo.brand.poll(late.ticket)) == "invalid_grant");
  }

  TEST_CASE("an order that ends between the decision and the record stops the read") {
    OrderShop held;
    held.accept();
    must(held.world.owner->approve(held.ask(), {{"while_order", held.offer}}));
    const json answer = held.collect();
    const auto reply = std::make_shared<testing::WaitingReply>();
    held.world.routes->handle(held.velo.brand.read_request(answer["access_token"], kTownField),
                              reply);
    held.end_order();  // the read waits for its turn's end
    held.world.routes->turn_ended();
    CHECK(reply->wait().status == 401);
    CHECK(held.world.log_count("read", "allowed") == 0);
    CHECK(held.world.log_reasons("read", "refused").front() == "order_ended");
  }

  TEST_CASE("what an acceptance gave needs that acceptance, whatever the grant itself says") {
    OrderShop held;
    held.accept();
    held.velo.answers(200, held.velo.acknowledgement(held.velo.last_message()));
    const json grants = must(held.world.owner->grants("", true))["items"];
    REQUIRE(grants.size() == 1);
    CHECK(grants[0]["state"] == "waiting");
    auto* rooms = held.world.vault->rooms();
    must(rooms->store->run([&](store::Txn& txn) -> Result<void> {
      market::Acceptance over = *rooms->acceptances.all().at(0);
      over.state = market::AcceptanceState::Cancelled;
      TRY(rooms->acceptances.put(txn, std::move(over)));
      return {};
    }));
    CHECK(must(held.world.owner->grant(grants[0]["id"].get<std::string>()))["state"] ==
          "order_ended");
  }

  TEST_CASE("without an open order with that brand nothing is tied to it") {
    OrderShop held;
    const auto request = held.ask();
    const json tied = {{"while_order", held.offer}};
    CHECK(held.world.owner->approve(request, tied).error().say == "grant.no_order");
    CHECK_FALSE(held.world.owner->approve(request, {{"while_order", "of_00000000"}}).ok());
    held.accept();
    TestBrand other(held.world, "troc.example", "Troc");
    json unasked = {{"brand", other.handle}, {"fields", {kTownField}}, {"purpose", "delivery"}};
    unasked.update(tied);
    CHECK(held.world.owner->make_grant(unasked).error().say == "grant.no_order");
    json remembered = tied;
    remembered["remember"] = true;
    CHECK(held.world.owner->approve(request, remembered).error().say == "grant.form_remembered");
    CHECK(held.world.owner->approve(request, tied).ok());
  }
}

TEST_SUITE("routes/forms alias") {
  TEST_CASE("the brand gets what the owner typed in the value's place, and nothing tells it so") {
    FormShop held;
    held.world.set("contact.email", "ana@example.org");
    held.give(
        {"contact.email", "contact.phone_number"},
        {{"alias",
          {{"contact.email", " Velo.7@ME.example "}, {"contact.phone_number", "06 12 34 56 78"}}}});
    for (int life = 0; life < 2; ++life) {
      const json body = json_of(held.read("contact.email,contact.phone_number"));
      CHECK(body["data"]["contact.email"]["value"] == "Velo.7@me.example");
      CHECK(body["data"]["contact.phone_number"]["value"] == "+33612345678");
      CHECK(body["data"]["contact.email"].size() == 2);  // value and as_of
      held.start_again();
    }
    CHECK(write_json(held.told).find("alias") == std::string::npos);
    CHECK(write_json(held.shown()).find("alias") == std::string::npos);
    const json grant = must(held.world.owner->grant(held.grant));
    CHECK(grant["alias"]["contact.email"] == "Velo.7@me.example");
    CHECK(grant["missing"].empty());
  }

  TEST_CASE("it is checked as the field is, and stands in for no claim and no document") {
    FormShop held;
    const auto alias = [&](const std::string& field, const json& value) {
      return held.refused({field}, {{"alias", {{field, value}}}});
    };
    CHECK(alias("contact.email", "nobody") == "profile.bad_email");
    CHECK(alias("contact.email", "") == "profile.empty_value");
    CHECK(alias("contact.email", 7).empty());
    CHECK(alias("person.age_over_18", "true") == "grant.no_alias");
    CHECK(alias("contact.website", "https://a.example/" + std::string(4100, 'a')) ==
          "profile.value_too_long");
    CHECK(held.refused({kTownField}, {{"alias", {{kStreetField, "x"}}}}) == "grant.form_not_given");
    CHECK(held.refused({kCodeField}, {{"alias", {{kCodeField, "1"}}},
                                      {"coarse", {{kCodeField, kRegionField}}}}) ==
          "grant.form_not_given");
  }

  TEST_CASE("no file of the vault has it in the clear") {
    FormShop held;
    const std::string canary = "canary-alias-81k@example.org";
    held.give({"contact.email"}, {{"alias", {{"contact.email", canary}}}});
    CHECK(held.value("contact.email") == canary);
    held.world.stop();
    std::size_t files = 0;
    for (const auto& each : std::filesystem::recursive_directory_iterator(held.world.folder)) {
      if (!each.is_regular_file()) continue;
      std::ifstream in(each.path(), std::ios::binary);
      const std::string bytes(std::istreambuf_iterator<char>(in), {});
      CAPTURE(each.path().string());
      CHECK(bytes.find(canary) == std::string::npos);
      ++files;
    }
    CHECK(files >= 2);
  }
}
