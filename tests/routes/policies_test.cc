// The owner's own policies, from the moment that they are added: over the brands' routes.

#include <algorithm>
#include <fstream>

#include "tests/support/world.h"

using namespace vrm;  // tests only
using nlohmann::json;
using testing::error_of;
using testing::must;
using testing::TestBrand;
using testing::World;

namespace {

constexpr const char* kTown = "address.home.locality";
constexpr const char* kNoAddress =
    "@id(\"no-address\") @reason(\"Nobody reads where I live.\")\n"
    "forbid (principal, action, resource in VRM::Category::\"address\");\n";

json named(const std::string& name, const std::string& text) {
  return {{"name", name}, {"text", text}};
}

// A world with a shop that may read the town.
struct PolicyShop {
  PolicyShop() {
    world.set(kTown, "Lyon");
    world.set("contact.email", "claire@example.org");
    token = brand.granted({kTown})["access_token"];
  }

  routes::Answer read(const std::string& field = kTown) {
    return brand.read(token, field, "delivery");
  }
  std::filesystem::path own(const std::string& file) const {
    return world.folder / "policies.d" / file;
  }
  void restart() {
    world.restart();
    world.unlock();
  }

  World world;
  TestBrand brand{world, "velo.example", "Velo"};
  std::string token;
};

}  // namespace

TEST_SUITE("routes/policies") {
  TEST_CASE("a rule of the owner's holds from the moment it is added, until it is taken away") {
    PolicyShop shop;
    CHECK(shop.read().status == 200);
    must(shop.world.owner->add_policy(named("home", kNoAddress)));
    const auto refused = shop.read();
    CHECK(refused.status == 403);
    CHECK(error_of(refused) == "policy_denied");
    shop.restart();
    CHECK(shop.read().status == 403);
    must(shop.world.owner->remove_policy("home"));
    CHECK(shop.read().status == 200);
    CHECK(shop.world.log_reasons("policy_added", "done") == std::vector<std::string>{"home.cedar"});
    CHECK(shop.world.log_reasons("policy_removed", "done") ==
          std::vector<std::string>{"home.cedar"});
  }

  TEST_CASE("a rule that means nothing here is refused with its place, and changes nothing") {
    PolicyShop shop;
    const std::string wrong =
        "forbid (principal, action, resource in VRM::Category::\"adress\");\n";
    const auto added = shop.world.owner->add_policy(named("home", wrong));
    REQUIRE_FALSE(added.ok());
    CHECK(added.error().say == "policy.refused");
    const auto& why = added.error().with.at(1).second;
    CAPTURE(why);
    CHECK(why.find("line 1, column 28") != std::string::npos);
    CHECK(why.find("did you mean `address`?") != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(shop.own("home.cedar")));
    CHECK(shop.world.log_count("policy_added", "done") == 0);
    CHECK(shop.read().status == 200);
    const auto named_badly = shop.world.owner->add_policy(named("../home", kNoAddress));
    CHECK(named_badly.error().say == "policy.bad_name");
    CHECK(shop.world.owner->remove_policy("home").error().say == "policy.unknown");
  }

  TEST_CASE("with a file that is refused no brand reads anything, and the owner hears why") {
    PolicyShop shop;
    must(shop.world.owner->add_policy(named("fine",
                                            "forbid (principal, action, resource) when { "
                                            "resource.sensitivity > 3 };")));
    std::ofstream(shop.own("broken.cedar")) << "forbid (principal, action, resource";
    shop.restart();
    const auto refused = shop.read();
    CHECK(refused.status == 503);
    CHECK(error_of(refused) == "temporarily_unavailable");
    const auto told = must(shop.world.owner->policies());
    CHECK(told["in_force"] == false);
    const auto status = must(shop.world.owner->status());
    const auto& warnings = status["warnings"];
    CHECK(std::any_of(warnings.begin(), warnings.end(),
                      [](const json& warning) { return warning["code"] == "policies_refused"; }));
    REQUIRE(told["findings"].size() == 1);
    CHECK(told["findings"][0]["file"] == "broken.cedar");
    CHECK(told["findings"][0]["message"].get<std::string>().starts_with("line 1, column 36: "));
    must(shop.world.owner->remove_policy("broken"));
    CHECK(shop.read().status == 200);
  }

  TEST_CASE("a permit of the owner's opens no field that the grant lacks") {
    PolicyShop shop;
    must(shop.world.owner->add_policy(named("open", "permit (principal, action, resource);")));
    CHECK(shop.read().status == 200);
    const auto outside = shop.read("contact.email");
    CHECK(outside.status == 403);
    CHECK(error_of(outside) == "insufficient_scope");
    CHECK(shop.world.log_count("read", "allowed") == 1);
  }

  TEST_CASE("a check tells what a rule would change of what brands can see, and so does its end") {
    PolicyShop shop;
    const auto closing = must(shop.world.owner->check_policy(named("home", kNoAddress)))["changes"];
    CHECK(closing["exact"] == true);
    CHECK(closing["opens"].empty());
    REQUIRE(closing["closes"].size() == 1);
    CHECK(closing["closes"][0]["field"] == kTown);
    CHECK(closing["closes"][0]["brand"] == "velo");
    CHECK(shop.read().status == 200);
    must(shop.world.owner->add_policy(named("home", kNoAddress)));
    const auto ending = must(shop.world.owner->remove_policy("home", true));
    REQUIRE(ending["changes"]["opens"].size() == 1);
    CHECK(ending["changes"]["opens"][0]["field"] == kTown);
    CHECK(ending["changes"]["closes"].empty());
    CHECK(shop.read().status == 403);
    must(shop.world.owner->lock());
    CHECK(must(shop.world.owner->check_policy(named("other", kNoAddress)))["changes"].is_null());
  }

  TEST_CASE(
      "a broad permit opens other purposes of a granted field, and the check says just that") {
    PolicyShop shop;
    const auto text = named("open", "permit (principal, action, resource);");
    const auto changes = must(shop.world.owner->check_policy(text))["changes"];
    REQUIRE_FALSE(changes["opens"].empty());
    for (const auto& item : changes["opens"]) CHECK(item["field"] == kTown);
    CHECK(shop.brand.read(shop.token, kTown, "marketing").status == 403);
    must(shop.world.owner->add_policy(text));
    CHECK(shop.brand.read(shop.token, kTown, "marketing").status == 200);
    CHECK(shop.read("contact.email").status == 403);
  }

  TEST_CASE("where nothing is in force, what mends it opens what was closed") {
    PolicyShop shop;
    std::filesystem::create_directories(shop.own("broken.cedar").parent_path());
    std::ofstream(shop.own("broken.cedar")) << "forbid (principal";
    shop.restart();
    CHECK(shop.world.owner->sees("velo").error().say == "policy.none_in_force");
    CHECK(shop.world.owner->never(kTown).error().say == "policy.none_in_force");
    const auto mending = must(shop.world.owner->remove_policy("broken", true))["changes"];
    CHECK_FALSE(mending["opens"].empty());
    const auto beside = must(shop.world.owner->check_policy(named("home", kNoAddress)))["changes"];
    CHECK(beside["opens"].empty());
  }

  TEST_CASE("of two rules with one id the new one is refused, wherever its file stands") {
    PolicyShop shop;
    must(shop.world.owner->add_policy(named("middle", kNoAddress)));
    for (const char* name : {"alpha", "zeta"}) {
      const auto again = shop.world.owner->add_policy(named(name, kNoAddress));
      REQUIRE_FALSE(again.ok());
      CHECK(again.error().say == "policy.refused");
      CHECK(again.error().with.at(1).second.find("already, in middle.cedar") != std::string::npos);
      CHECK(must(shop.world.owner->check_policy(named(name, kNoAddress)))["good"] == false);
    }
    CHECK(must(shop.world.owner->policies())["in_force"] == true);
  }

  TEST_CASE("what was changed by hand counts from the next start, and not beside another change") {
    PolicyShop shop;
    must(shop.world.owner->add_policy(named("home", kNoAddress)));
    std::filesystem::remove(shop.own("home.cedar"));
    std::ofstream(shop.own("broken.cedar")) << "forbid (principal";
    const auto harmless =
        named("fine", "forbid (principal, action, resource) when { resource.sensitivity > 3 };");
    must(shop.world.owner->add_policy(harmless));
    CHECK(shop.read().status == 403);
    must(shop.world.owner->remove_policy("fine"));
    CHECK(shop.read().status == 403);
    CHECK(must(shop.world.owner->policies())["in_force"] == true);
    must(shop.world.owner->remove_policy("home"));
    CHECK(shop.read().status == 200);
    shop.restart();
    CHECK(shop.read().status == 503);
    CHECK(must(shop.world.owner->add_policy(named("broken", kNoAddress)))["in_force"] == true);
    CHECK(shop.read().status == 403);
  }

  TEST_CASE("a file more than there may be is refused, and all others stay in force") {
    PolicyShop shop;
    const auto folder = shop.own("x").parent_path();
    std::filesystem::create_directories(folder);
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all);
    for (std::size_t number = 0; number < gate::kMostPolicyFiles; ++number)
      std::ofstream(shop.own("f" + std::to_string(number) + ".cedar"))
          << "forbid (principal, action, resource) when { resource.sensitivity > 3 };";
    shop.restart();
    CHECK(shop.read().status == 200);
    const auto more = shop.world.owner->add_policy(named("home", kNoAddress));
    REQUIRE_FALSE(more.ok());
    CHECK(more.error().with.at(1).second.find("more than 100 files") != std::string::npos);
    CHECK(shop.read().status == 200);
    must(shop.world.owner->add_policy(named("f7", kNoAddress)));
    CHECK(shop.read().status == 403);
  }

  TEST_CASE("a file that cannot be read is told by its name, and the others are known") {
    PolicyShop shop;
    must(shop.world.owner->add_policy(named("home", kNoAddress)));
    std::ofstream(shop.own("long.cedar")) << std::string(gate::kMostPolicyBytes + 100, ' ');
    std::filesystem::create_symlink(shop.own("home.cedar"), shop.own("link.cedar"));
    shop.restart();
    CHECK(shop.read().status == 503);
    const auto told = must(shop.world.owner->policies());
    std::vector<std::string> files;
    for (const auto& finding : told["findings"]) files.push_back(finding["file"]);
    std::sort(files.begin(), files.end());
    CHECK(files == std::vector<std::string>{"link.cedar", "long.cedar"});
    CHECK(std::any_of(told["items"].begin(), told["items"].end(),
                      [](const json& item) { return item["file"] == "home.cedar"; }));
    must(shop.world.owner->remove_policy("link"));
    const auto ending = must(shop.world.owner->remove_policy("long", true))["changes"];
    CHECK(ending["opens"].empty());
    must(shop.world.owner->remove_policy("long"));
    CHECK(shop.read().status == 403);
  }

  TEST_CASE("what is built in cannot be taken away, nor its names taken") {
    PolicyShop shop;
    CHECK(shop.world.owner->remove_policy("blocked").error().say == "policy.unknown");
    const auto taken = shop.world.owner->add_policy(
        named("mine", "@id(\"blocked\") forbid (principal, action, resource);"));
    REQUIRE_FALSE(taken.ok());
    CHECK(taken.error().say == "policy.refused");
  }

  TEST_CASE("a locked vault's policies stay as they are") {
    PolicyShop shop;
    must(shop.world.owner->lock());
    CHECK(shop.world.owner->add_policy(named("home", kNoAddress)).error().code ==
          ErrorCode::Locked);
    CHECK_FALSE(std::filesystem::exists(shop.own("home.cedar")));
  }
}
