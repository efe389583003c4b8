// A receipt that somebody shows: whether it is this vault's, and what it proves of the vault.

#include <set>

#include "tests/support/world.h"
#include "vault/brands/receipt.h"
#include "vault/routes/owner_routes.h"

using namespace vrm;  // tests only
using nlohmann::json;
using testing::error_of;
using testing::must;
using testing::TestBrand;
using testing::World;

namespace {

namespace fs = std::filesystem;

// A vault with anchors, a shop that may read the town, and copies of both folders.
struct Shop {
  Shop() {
    world.set("address.home.locality", "Lyon");
    world.set("contact.email", "ana@example.org");
    const auto answer = brand.granted({"address.home.locality"});
    token = answer["access_token"];
    grant = answer["grant_id"];
  }

  static std::string receipt_of(const routes::Answer& answer) {
    REQUIRE(answer.status == 200);
    return json::parse(answer.body)["receipt"];
  }
  std::string receipt() { return receipt_of(brand.read(token, "address.home.locality")); }
  Result<json> check(const std::string& text) {
    return world.owner->check_receipt({{"receipt", text}});
  }
  std::string said(const std::string& text) {
    const auto checked = check(text);
    return checked.ok() ? "" : checked.error().say;
  }
  std::string state_of(const std::string& id) {
    return must(world.owner->grant(id))["state"].get<std::string>();
  }
  std::set<std::string> warnings() {
    std::set<std::string> codes;
    const auto status = must(world.owner->status());
    for (const auto& warning : status["warnings"]) codes.insert(warning["code"].get<std::string>());
    return codes;
  }

  // Of the vault and of its anchor.
  void copy() {
    world.stop();
    for (const char* name : {"vault", "anchors"})
      fs::copy(world.folder / name, world.folder / (std::string("old-") + name),
               fs::copy_options::recursive);
    come_back();
  }
  void put_back() {
    world.stop();
    for (const char* name : {"vault", "anchors"}) {
      fs::remove_all(world.folder / name);
      fs::copy(world.folder / (std::string("old-") + name), world.folder / name,
               fs::copy_options::recursive);
      fs::permissions(world.folder / name, fs::perms::owner_all);
    }
    come_back();
  }
  void come_back() {
    must(world.start());
    world.unlock();
    world.clock.advance(std::chrono::seconds(5));
  }

  store::SystemDisk disk;
  World world{World::default_limits(), nullptr, fs::temp_directory_path(), &disk};
  TestBrand brand{world, "velo.example", "Velo"};
  std::string token;
  std::string grant;
};

}  // namespace

TEST_SUITE("routes/receipts") {
  TEST_CASE("a receipt of this vault: what it states, and the record of that read") {
    Shop shop;
    const std::string first = shop.receipt();
    shop.world.clock.advance(std::chrono::seconds(7));
    const std::string second = shop.receipt();
    const auto checked = must(shop.check(second));
    CHECK(checked["schema"] == "vrm.receipt/1");
    CHECK(checked["genuine"] == true);
    CHECK(checked["brand"] == shop.brand.handle);
    CHECK(checked["brand_name"] == "Velo");
    CHECK(checked["grant"] == shop.grant);
    CHECK(checked["fields"] == json::array({"address.home.locality"}));
    CHECK(checked["purpose"] == "delivery");
    CHECK(checked["purpose_dpv"] == "dpv:DeliveryOfGoods");
    CHECK(checked["at"] == to_rfc3339({shop.world.clock.now().seconds() * 1000}));
    CHECK(checked["rolled_back"] == false);
    CHECK(checked["suspended"] == 0);
    const auto newest = must(shop.world.owner->log(
        {.brand = {}, .field = {}, .kind = "read", .since = {}, .limit = 2}))["items"];
    CHECK(checked["record"] == newest[0]["number"]);
    CHECK(must(shop.check(first))["record"] == newest[1]["number"]);
    CHECK(shop.state_of(shop.grant) == "active");
  }

  TEST_CASE("checking receipts changes nothing while the vault is what it was") {
    Shop shop;
    const std::string receipt = shop.receipt();
    const auto size = shop.world.vault->rooms()->store->log_size();
    CHECK(must(shop.check(receipt))["rolled_back"] == false);
    CHECK(shop.world.vault->rooms()->store->log_size() == size);
    // At once after its answer as well, when nothing was committed since.
    for (int i = 0; i < 20; ++i) CHECK(must(shop.check(shop.receipt()))["rolled_back"] == false);
    shop.world.restart();
    shop.world.unlock();
    CHECK(must(shop.check(receipt))["rolled_back"] == false);
    CHECK(shop.warnings() == std::set<std::string>{"no_recovery_words"});
  }

  TEST_CASE("two receipts carry two witnesses, of one size, that have nothing in common") {
    Shop shop;
    std::set<Bytes> seen;
    for (int i = 0; i < 50; ++i) {
      const auto read = brands::read_receipt(shop.receipt());
      REQUIRE(read.ok());
      const Bytes& witness = read.value().witness;
      CHECK(witness.size() == 52);
      for (std::size_t at = 0; at + 4 <= witness.size(); ++at)
        seen.emplace(witness.begin() + static_cast<std::ptrdiff_t>(at),
                     witness.begin() + static_cast<std::ptrdiff_t>(at + 4));
    }
    CHECK(seen.size() == 50 * 49);
  }

  TEST_CASE("an older copy put back with its anchor is proven by a newer receipt") {
    Shop shop;
    const std::string older = shop.receipt();
    shop.copy();
    const auto later = shop.brand.granted({"contact.email"});
    const std::string newer =
        Shop::receipt_of(shop.brand.read(later["access_token"], "contact.email"));
    must(shop.world.owner->revoke({{"ids", {shop.grant}}}));
    CHECK(must(shop.check(newer))["rolled_back"] == false);

    shop.put_back();  // the revocation is forgotten, and nothing here can know
    CHECK(shop.state_of(shop.grant) == "active");
    CHECK(shop.warnings() == std::set<std::string>{"no_recovery_words"});
    CHECK(must(shop.check(older))["rolled_back"] == false);
    CHECK(must(shop.check(older))["record"].is_number());
    CHECK(shop.state_of(shop.grant) == "active");

    const auto proven = must(shop.check(newer));
    CHECK(proven["rolled_back"] == true);
    CHECK(proven["genuine"] == true);
    CHECK(proven["record"] == nullptr);
    CHECK(proven["suspended"] == 1);
    CHECK(shop.state_of(shop.grant) == "suspended");
    CHECK(shop.warnings().contains("newer_receipt"));
    CHECK(shop.world.log_count("older_noticed", "done") == 1);
    CHECK(shop.brand.read(shop.token, "address.home.locality").status == 403);

    // Noticed once: the owner looks, and it goes on.
    CHECK(must(shop.check(newer))["rolled_back"] == false);
    CHECK(must(shop.check(newer))["record"] == nullptr);
    shop.world.restart();
    shop.world.unlock();
    CHECK(shop.warnings().contains("newer_receipt"));
    must(shop.world.owner->confirm({{"all", true}}));
    CHECK_FALSE(shop.warnings().contains("newer_receipt"));
    CHECK(must(shop.check(newer))["rolled_back"] == false);
    CHECK(shop.state_of(shop.grant) == "active");
  }

  TEST_CASE("it is proven too by a refresh token that is asked about or given back") {
    for (const char* call : {"/introspect", "/revoke"}) {
      CAPTURE(std::string(call));
      Shop shop;
      shop.copy();
      // Further than the older copy comes by being opened.
      for (const char* town : {"Lille", "Nantes", "Nice", "Paris", "Reims", "Tours"})
        shop.world.set("address.home.locality", town);
      const auto later = shop.brand.granted({"contact.email"});
      shop.put_back();
      auto fields = shop.brand.form();
      fields["token"] = later["refresh_token"];
      CHECK(shop.brand.post(call, fields).status == 200);
      CHECK(shop.warnings().contains("newer_token"));
      CHECK(shop.state_of(shop.grant) == "suspended");
    }
  }

  TEST_CASE("it is proven too by a receipt for a brand that the older copy does not know") {
    Shop shop;
    shop.copy();
    TestBrand troc(shop.world, "troc.example", "Troc");
    const auto given = troc.granted({"contact.email"});
    const std::string newer = Shop::receipt_of(troc.read(given["access_token"], "contact.email"));
    shop.put_back();
    const auto proven = must(shop.check(newer));
    CHECK(proven["rolled_back"] == true);
    CHECK(proven["genuine"] == false);
    CHECK_FALSE(proven.contains("brand"));
    CHECK(shop.state_of(shop.grant) == "suspended");
    CHECK(shop.said(newer) == "receipt.unknown_brand");  // the second time it proves nothing
  }

  TEST_CASE("while the vault is locked, sealed or open for rescue no receipt is looked at") {
    Shop shop;
    const std::string receipt = shop.receipt();
    must(shop.world.owner->lock());
    CHECK(shop.check(receipt).error().code == ErrorCode::Locked);
    must(shop.world.owner->seal());
    CHECK(shop.check(receipt).error().code == ErrorCode::Locked);
    must(shop.world.owner->unlock(gate::SlotKind::Credential, World::credential(),
                                  gate::Unlock::ForRescue));
    CHECK(shop.check(receipt).error().say == "store.rescue_read_only");
  }

  TEST_CASE("receipts of what is served while the vault is locked carry a witness too") {
    Shop shop;
    const auto served = shop.brand.granted({"contact.email"}, {{"served_while_locked", true}});
    must(shop.world.owner->lock());
    const auto answer = shop.brand.read(served["access_token"], "contact.email");
    const std::string receipt = Shop::receipt_of(answer);
    const auto read = brands::read_receipt(receipt);
    REQUIRE(read.ok());
    CHECK_FALSE(read.value().witness.empty());
    shop.world.unlock();
    CHECK(must(shop.check(receipt))["record"].is_number());
  }

  TEST_CASE("a receipt of another vault, of a forgotten brand or of nobody is refused") {
    Shop shop;
    Shop other;
    CHECK(shop.check(other.receipt()).error().code == ErrorCode::NotFound);
    CHECK(shop.said(other.receipt()) == "receipt.unknown_brand");
    const std::string receipt = shop.receipt();
    for (const std::string& text : {std::string(), std::string("no receipt"), shop.token,
                                    receipt + "A", receipt + "\n", std::string(60'000, 'A')}) {
      CHECK(shop.check(text).error().code == ErrorCode::Malformed);
      CHECK(shop.said(text) == "receipt.malformed");
    }
    CHECK(shop.world.owner->check_receipt(json::object()).error().code == ErrorCode::Malformed);
    must(shop.world.owner->forget_brand(shop.brand.handle));
    CHECK(shop.said(receipt) == "receipt.unknown_brand");
    CHECK(shop.warnings() == std::set<std::string>{"no_recovery_words"});
  }

  TEST_CASE("with a bit flipped anywhere a receipt is refused and suspends nothing") {
    Shop shop;
    const std::string good = shop.receipt();
    std::set<std::string> reasons;
    for (std::size_t bit = 0; bit < good.size() * 8; bit += 5) {
      CAPTURE(bit);
      std::string changed = good;
      changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
      const auto said = shop.said(changed);
      CHECK_FALSE(said.empty());
      reasons.insert(said);
    }
    CHECK(reasons ==
          std::set<std::string>{"receipt.changed", "receipt.malformed", "receipt.unknown_brand"});
    CHECK(shop.state_of(shop.grant) == "active");
    CHECK(shop.world.log_count("older_noticed", "done") == 0);
  }

  TEST_CASE("the owner's route takes it, and another call at that address is none") {
    Shop shop;
    routes::OwnerRoutes owner(*shop.world.owner, [] {});
    const auto call = [&](const std::string& method, const std::string& path,
                          const std::string& body) {
      const auto reply = std::make_shared<testing::WaitingReply>();
      owner.handle({.method = method,
                    .path = path,
                    .query = "",
                    .headers = {},
                    .body = body,
                    .peer = "owner"},
                   reply);
      return reply->wait();
    };
    const std::string receipt = shop.receipt();
    const auto answer = call("POST", "/v1/receipts/check", write_json({{"receipt", receipt}}));
    CHECK(answer.status == 200);
    CHECK(json::parse(answer.body)["genuine"] == true);
    CHECK(call("POST", "/v1/receipts/check", "[]").status == 400);
    CHECK(call("POST", "/v1/receipts/check", R"({"receipt":"x"})").status == 400);
    CHECK(call("GET", "/v1/receipts/check", "").status == 404);
    CHECK(call("POST", "/v1/receipts", "").status == 404);
    CHECK(owner.body_limit("POST", "/v1/receipts/check") == 64 * 1024);
  }
}
