// What brands can see, why, and what never: the owner's desk over a vault with grants.

#include <algorithm>

#include "tests/support/owner_door.h"
#include "tests/support/world.h"
#include "vault/gate/policy_world.h"
#include "vault/gate/sight.h"

using namespace vrm;  // tests only
using nlohmann::json;
using testing::must;
using testing::TestBrand;
using testing::World;

namespace {

constexpr const char* kTown = "address.home.locality";
constexpr const char* kPost = "contact.email";

struct Seen {
  Seen() { world.set(kTown, "Lyon"), world.set(kPost, "ana@example.org"); }

  json grant(const char* field, const std::string& purpose, json more = json::object()) {
    json body = {{"brand", velo.handle}, {"fields", {field}}, {"purpose", purpose}};
    body.update(more);
    return must(world.owner->make_grant(body));
  }
  json sees() { return must(world.owner->sees(velo.handle))["items"]; }
  json why(const std::string& field, const std::string& purpose = "") {
    return must(world.owner->why(velo.handle, {.field = field, .purpose = purpose}));
  }

  World world;
  TestBrand velo{world, "velo.example", "Velo"};
};

}  // namespace

TEST_SUITE("routes/seeing") {
  TEST_CASE(
      "a grant is seen with its purposes, its end and its reads left, until it is taken back") {
    Seen seen;
    CHECK(seen.sees().empty());
    const json grant = seen.grant(kTown, "service", {{"for", "7d"}, {"max_reads", 3}});
    const json items = seen.sees();
    REQUIRE(items.size() == 1);
    CHECK(items[0]["field"] == kTown);
    CHECK(items[0]["for"] == json::array({"service"}));
    const std::vector<std::string> purposes = items[0]["purposes"];
    CHECK(std::find(purposes.begin(), purposes.end(), "delivery") != purposes.end());
    CHECK(items[0]["grant"] == grant["id"]);
    CHECK(items[0]["until"] == grant["expires_at"]);
    CHECK(items[0]["from"].is_null());
    CHECK(items[0]["reads"] == json({{"after", 0}, {"left", 3}}));
    CHECK(items[0]["policies"] == json::array({"grant"}));
    must(seen.world.owner->revoke({{"ids", {grant["id"]}}}));
    CHECK(seen.sees().empty());
  }

  TEST_CASE("a blocked brand sees nothing, and why says so") {
    Seen seen;
    seen.grant(kTown, "delivery");
    CHECK(seen.why(kTown)["allowed"] == true);
    must(seen.world.owner->block(seen.velo.handle));
    CHECK(seen.sees().empty());
    const json why = seen.why(kTown);
    CHECK(why["allowed"] == false);
    REQUIRE(why["decisions"].size() == 1);
    CHECK(why["decisions"][0]["policies"][0]["id"] == "blocked");
    CHECK_FALSE(why["decisions"][0]["policies"][0]["reason"].get<std::string>().empty());
  }

  TEST_CASE("why tells of each grant for the field, at any moment, and of one that could be made") {
    Seen seen;
    CHECK(seen.why(kTown)["decisions"].empty());
    const json grant = seen.grant(kTown, "delivery", {{"for", "7d"}});
    const json other = seen.why(kTown, "resale");
    CHECK(other["allowed"] == false);
    CHECK(other["decisions"][0]["policies"][0]["id"] == "never-sold");
    CHECK(other["if_given"]["policies"][0]["id"] == "never-sold");
    const json now = seen.why(kTown, "delivery");
    CHECK(now["allowed"] == true);
    CHECK(now["decisions"][0]["policies"][0]["id"] == "grant");
    const auto later = must(seen.world.owner->why(
        seen.velo.handle,
        {.field = kTown, .at = seen.world.clock.now() + std::chrono::hours(24 * 8)}));
    CHECK(later["allowed"] == false);
    CHECK(later["decisions"][0]["state"] == "expired");
    CHECK(seen.world.owner->why(seen.velo.handle, {.field = kTown, .purpose = "lol"}).error().say ==
          "purpose.unknown");
    CHECK(seen.why(kPost)["decisions"].empty());
  }

  TEST_CASE("why tells of a purpose that no grant may name, though no policy forbids it") {
    Seen seen;
    const json given = seen.why(kTown, "any")["if_given"];
    CHECK(given["grantable"] == false);
    CHECK(given["allowed"] == false);
    CHECK(given["policies"].empty());
    CHECK(seen.why(kTown, "delivery")["if_given"]["grantable"] == true);
  }

  TEST_CASE("why tells of a grant whose only read was made") {
    Seen seen;
    const json offered = seen.velo.granted({kTown}, {{"once", {kTown}}});
    CHECK(seen.why(kTown)["allowed"] == true);
    REQUIRE(seen.velo.read(offered["access_token"], kTown, "delivery").status == 200);
    const json why = seen.why(kTown);
    CHECK(why["allowed"] == false);
    REQUIRE(why["decisions"].size() == 1);
    CHECK(why["decisions"][0]["covers"] == false);
    CHECK(seen.sees().empty());
  }

  TEST_CASE("a purpose of which something is closed stands for itself alone") {
    Seen seen;
    seen.world.set("person.name", "Ana");
    seen.grant("person.name", "verification");
    seen.grant(kTown, "service");
    must(seen.world.owner->add_policy(
        {{"name", "quick"},
         {"text",
          "forbid (principal, action, resource) when { context.purpose == "
          "VRM::Purpose::\"dpv:DeliveryOfGoods\" };"}}));
    const json items = seen.sees();
    REQUIRE(items.size() == 2);
    CHECK(items[0]["field"] == kTown);
    CHECK(items[0]["for"].empty());
    CHECK(items[0]["for_itself"] == json::array({"service", "request"}));
    CHECK(items[1]["for"] == json::array({"identity"}));
    CHECK(items[1]["for_itself"] == json::array({"verification"}));
  }

  TEST_CASE("a grant tells beforehand what it lets be seen, and that is what is seen then") {
    Seen seen;
    const json body = {{"brand", seen.velo.handle}, {"fields", {kTown}}, {"purpose", "delivery"}};
    const json shown = must(seen.world.owner->make_grant(body, gate::Making::Shown));
    CHECK(seen.sees().empty());
    CHECK(must(seen.world.owner->grants("", true))["items"].empty());
    json items = shown["lets_see"]["items"];
    REQUIRE(items.size() == 1);
    const json made = must(seen.world.owner->make_grant(body));
    json then = seen.sees();
    CHECK(made["lets_see"]["items"] == then);
    items[0]["grant"] = then[0]["grant"];
    CHECK(items == then);
  }

  TEST_CASE("a field that the policies keep closed is told before it is given") {
    Seen seen;
    const json shown = must(seen.world.owner->make_grant(
        {{"brand", seen.velo.handle}, {"fields", {"person.birthdate"}}, {"purpose", "age"}},
        gate::Making::Shown));
    CHECK(shown["lets_see"]["items"].empty());
    REQUIRE(shown["lets_see"]["closed"].size() == 1);
    CHECK(shown["lets_see"]["closed"][0]["field"] == "person.birthdate");
    CHECK(shown["lets_see"]["closed"][0]["policies"][0]["id"] == "age-by-claim");
  }

  TEST_CASE("an approval is shown before it is done") {
    Seen seen;
    REQUIRE(seen.velo.ask(TestBrand::wish({kTown})).status == 200);
    const std::string id = must(seen.world.owner->requests(true))["items"].at(0)["id"];
    const json shown = must(seen.world.owner->approve(id, json::object(), gate::Making::Shown));
    CHECK(shown["lets_see"]["items"][0]["field"] == kTown);
    CHECK(must(seen.world.owner->request(id))["state"] == "pending");
    must(seen.world.owner->approve(id, json::object()));
    CHECK(seen.sees().size() == 1);
    CHECK(seen.world.owner->approve(id, json::object(), gate::Making::Shown).error().say ==
          "request.answered");
  }

  TEST_CASE(
      "under the default policies a field can be granted; never tells an example and who reads it "
      "now") {
    Seen seen;
    json never = must(seen.world.owner->never(kTown));
    CHECK(never["never"] == false);
    CHECK(never["example"]["brand"] == seen.velo.handle);
    CHECK(never["open_now"].empty());
    seen.grant(kTown, "delivery");
    never = must(seen.world.owner->never(kTown));
    CHECK(never["open_now"].size() == 1);
  }

  TEST_CASE(
      "where a policy spares one grant by its name, never is not sure, and that grant is told") {
    Seen seen;
    const auto sparing = [](const std::string& id) {
      return json{{"name", "home"},
                  {"text",
                   "forbid (principal, action, resource in VRM::Category::\"address\") unless { "
                   "resource in VRM::Grant::\"" +
                       id + "\" };"}};
    };
    must(seen.world.owner->add_policy(sparing("gr_7F2K9QXD")));
    json never = must(seen.world.owner->never(kTown));
    CHECK(never["never"].is_null());
    CHECK(never["example"].is_null());
    const json grant = seen.grant(kTown, "delivery");
    must(seen.world.owner->add_policy(sparing(grant["id"])));
    never = must(seen.world.owner->never(kTown));
    CHECK(never["never"] == false);
    CHECK(never["open_now"].size() == 1);
  }

  TEST_CASE("where it cannot be enumerated what is open now, never does not say that nothing is") {
    Seen seen;
    seen.grant(kTown, "delivery", {{"max_reads", 9}});
    const json odd = {{"name", "odd"},
                      {"text",
                       "permit (principal, action, resource) when { context has grant && "
                       "context.grant.reads * 2 < 6 };"}};
    const json changes = must(seen.world.owner->check_policy(odd))["changes"];
    CHECK(changes["exact"] == false);
    CHECK(changes["why"].get<std::string>().starts_with("policy `odd:1`, line 1, column "));
    must(seen.world.owner->add_policy(odd));
    CHECK(seen.world.owner->sees(seen.velo.handle).error().say == "see.not_exact");
    CHECK(must(seen.world.owner->never(kTown))["open_now"].is_null());
  }

  TEST_CASE("what other policies would change is told as what opens and what closes") {
    Seen seen;
    seen.grant(kTown, "delivery", {{"for", "7d"}});
    const auto& knowledge = *seen.world.knowledge;
    seen.grant("contact.email", "marketing", {{"for", "7d"}});
    const auto other = must(
        gate::Rules::parse({"permit (principal, action, resource in VRM::Category::\"contact\");"},
                           knowledge.catalogue, knowledge.purposes));
    gate::Rooms& rooms = *must(seen.world.vault->open_rooms());
    const auto now_in_force = seen.world.policies->rules();
    const json change =
        gate::change_of_sight(rooms, knowledge, now_in_force.get(), &other, seen.world.clock.now());
    CHECK(change["exact"] == true);
    REQUIRE(change["closes"].size() == 1);
    CHECK(change["closes"][0]["field"] == kTown);
    CHECK(std::all_of(change["opens"].begin(), change["opens"].end(), [](const json& item) {
      return item["field"].get<std::string>().starts_with("contact.");
    }));
    CHECK_FALSE(change["opens"].empty());
    const json same =
        gate::change_of_sight(rooms, knowledge, &other, &other, seen.world.clock.now());
    CHECK(same["opens"].empty());
    CHECK(same["closes"].empty());
  }
}
