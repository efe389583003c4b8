// What the owner is told beside the answer, by the owner's desk.

#include "tests/support/world.h"

using namespace vrm;  // tests only
using testing::must;
using testing::TestBrand;
using testing::World;

namespace {

using nlohmann::json;

void fail_to_unlock(World& world) {
  const auto wrong =
      world.owner->unlock(gate::SlotKind::Credential, World::credential(8), gate::Unlock::ForUse);
  REQUIRE_FALSE(wrong.ok());
  CHECK(wrong.error().code == ErrorCode::BadKey);
}

json unlocked(World& world, gate::Unlock how = gate::Unlock::ForUse) {
  return must(world.owner->unlock(gate::SlotKind::Credential, World::credential(), how));
}

json records_of(const World& world, const std::string& kind) {
  return must(world.owner->log(
      {.brand = {}, .field = {}, .kind = kind, .since = {}, .limit = 100}))["items"];
}

std::vector<std::string> notes_of(const json& document) {
  std::vector<std::string> says;
  for (const auto& note : document.at("notes")) says.push_back(note["say"]);
  return says;
}

json set(World& world, std::string_view field, std::string_view value) {
  return must(world.owner->set_field(field, {{"value", std::string(value)}}));
}

using Says = std::vector<std::string>;

Says warnings_of(const json& status) {
  Says codes;
  for (const auto& warning : status.at("warnings")) codes.push_back(warning["code"]);
  return codes;
}

// Of an answer that is a refusal: its key, and the gap `near`.
std::string refused(const Result<json>& answer) {
  REQUIRE_FALSE(answer.ok());
  std::string text = answer.error().say;
  for (const auto& [gap, value] : answer.error().with)
    if (gap == "near") text += " " + value;
  return text;
}

}  // namespace

TEST_SUITE("routes/owner") {
  TEST_CASE("a brand is found by its name whatever the case, and a misspelt one is told") {
    World world;
    const TestBrand velo(world, "velo.example", "Velo Lyon");
    const TestBrand rush(world, "rush.example", "Bike Rush");
    const auto& handle = velo.handle;
    CHECK(handle == "velo-lyon");
    CHECK(TestBrand(world, "voleur.example", "Crème & Vélos").handle == "creme-velos");
    for (const auto* typed : {"velo", "VELO-LYON", "velo lyon", "Velo Lyon"})
      CHECK(must(world.owner->brand(typed))["brand"] == handle);
    CHECK(refused(world.owner->brand("velo-lion")) == "brand.unknown_near velo-lyon");
    CHECK(refused(world.owner->brand("quite another")) == "brand.unknown");
    CHECK(refused(world.owner->revoke({{"brand", "bike_rush"}})) == "brand.unknown_near bike-rush");
    CHECK(refused(world.owner->grants("vello-lyon", false)) == "brand.unknown_near velo-lyon");
    CHECK(refused(world.owner->make_grant(
              {{"brand", "bike-rus h"}, {"fields", {"contact.email"}}, {"purpose", "delivery"}})) ==
          "brand.unknown_near bike-rush");
    CHECK(refused(world.owner->new_intent({{"text", "bike"}, {"to", {"bike_rush"}}}, true)) ==
          "intent.unknown_recipient_near bike-rush");
  }

  TEST_CASE(
      "what changes something takes no beginning of a handle, and tells the brand it begins") {
    World world;
    const TestBrand velo(world, "velo.example", "Velo Lyon");
    const TestBrand vite(world, "vite.example", "Vite");
    for (const auto* typed : {"velo", "ve", "VELO"}) {
      CAPTURE(typed);
      const std::string told = "brand.unknown_near velo-lyon";
      CHECK(refused(world.owner->block(typed)) == told);
      CHECK(refused(world.owner->unblock(typed)) == told);
      CHECK(refused(world.owner->forget_brand(typed)) == told);
      CHECK(refused(world.owner->revoke({{"brand", typed}})) == told);
      CHECK(refused(world.owner->confirm({{"brand", typed}})) == told);
      CHECK(refused(world.owner->make_grant(
                {{"brand", typed}, {"fields", {"contact.email"}}, {"purpose", "delivery"}})) ==
            told);
      CHECK(refused(world.owner->new_intent({{"text", "bike"}, {"to", {typed}}}, true)) ==
            "intent.unknown_recipient_near velo-lyon");
    }
    CHECK(refused(world.owner->block("v")) == "brand.unknown_near velo-lyon, vite");
    CHECK(refused(world.owner->block("")) == "brand.unknown");
    for (const auto* typed : {"velo-lyon", "VELO-LYON", "velo lyon"}) {
      CHECK(must(world.owner->block(typed))["brand"] == "velo-lyon");
      CHECK(must(world.owner->unblock(typed))["brand"] == "velo-lyon");
      CHECK(must(world.owner->revoke({{"brand", typed}}))["items"].empty());
    }
    CHECK(must(world.owner->brand("velo"))["brand"] == "velo-lyon");
  }

  TEST_CASE("the log of a brand that never was, or was forgotten, is no empty log") {
    World world;
    const TestBrand velo(world, "velo.example", "Velo");
    const auto log_of = [&](const std::string& brand) {
      return world.owner->log({.brand = brand, .field = {}, .kind = {}, .since = {}, .limit = 100});
    };
    CHECK(must(log_of("velo"))["items"].size() == must(log_of("Velo"))["items"].size());
    CHECK(refused(log_of("vello")) == "brand.unknown_near velo");
    must(world.owner->forget_brand("velo"));
    // Its records can no longer be told from others'.
    CHECK(refused(log_of("velo")) == "brand.unknown");
  }

  TEST_CASE("a log that is cut off says how much there is") {
    World world;
    const auto log_of = [&](std::size_t limit) {
      return must(
          world.owner->log({.brand = {}, .field = {}, .kind = {}, .since = {}, .limit = limit}));
    };
    world.set("contact.email", "ana@example.org");
    const auto whole = log_of(100);
    CHECK(whole["matching"] == whole["items"].size());
    const auto cut = log_of(1);
    CHECK(cut["items"].size() == 1);
    CHECK(cut["items"][0] == whole["items"][0]);
    CHECK(cut["matching"] == whole["matching"]);
  }

  TEST_CASE("wrong keys at a sealed vault are recorded in one record when it opens, and told") {
    World world;
    world.restart();
    for (int i = 0; i < 3; ++i) fail_to_unlock(world);
    const auto rescued = unlocked(world, gate::Unlock::ForRescue);
    CHECK(rescued["vault"]["wrong_keys"]["count"] == 3);
    must(world.owner->lock());
    const auto opened = unlocked(world);
    CHECK(opened["vault"]["wrong_keys"]["count"] == 3);
    const auto records = records_of(world, "unlock_refused");
    REQUIRE(records.size() == 1);
    CHECK(records[0]["outcome"] == "refused");
    CHECK(records[0]["reason"] == "bad_key 3");
    must(world.owner->lock());
    CHECK_FALSE(unlocked(world)["vault"].contains("wrong_keys"));
    CHECK(records_of(world, "unlock_refused").size() == 1);
  }

  TEST_CASE("a wrong key at a locked vault is recorded at once, and outlives the process") {
    World world;
    must(world.owner->lock());
    fail_to_unlock(world);
    fail_to_unlock(world);
    world.restart();
    CHECK_FALSE(unlocked(world)["vault"].contains("wrong_keys"));  // of this process
    CHECK(records_of(world, "unlock_refused").size() == 2);
    CHECK(must(world.owner->verify())["ok"] == true);
  }

  TEST_CASE("a value that stands against what the vault would derive is told") {
    World world;
    CHECK(notes_of(set(world, "address.home.postal_code", "69007")) == Says{});
    CHECK(notes_of(set(world, "address.home.region", "Lyonnais")) == Says{"profile.typed_instead"});
    CHECK(notes_of(set(world, "address.home.postal_code", "75001")) == Says{"profile.typed_stays"});
    CHECK(must(world.owner->field("address.home.region"))["value"] == "Lyonnais");
  }

  TEST_CASE(
      "a postal code that is not French asks for its country, and no more once that is known") {
    World world;
    CHECK(notes_of(set(world, "address.home.postal_code", "99999999")) ==
          Says{"profile.which_country"});
    set(world, "address.home.country", "BR");
    CHECK(notes_of(set(world, "address.home.postal_code", "99999999")) == Says{});
  }

  TEST_CASE("a grant names the fields that the owner has not got") {
    World world;
    TestBrand brand(world, "velo.example", "Velo");
    world.set("address.home.locality", "Lyon");
    const auto grant =
        must(world.owner->make_grant({{"brand", brand.handle},
                                      {"fields", {"address.home.locality", "contact.email"}},
                                      {"purpose", "delivery"}}));
    CHECK(grant["missing"] == json{"contact.email"});
    CHECK(grant["purpose_label_fr"] == "livrer ce que vous avez acheté");
    world.set("contact.email", "ana@example.org");
    CHECK(must(world.owner->grant(grant["id"].get<std::string>()))["missing"].empty());
  }

  TEST_CASE("giving for longer than was asked gives what was asked, and says so") {
    World world;
    TestBrand brand(world, "velo.example", "Velo");
    for (const auto& [length, says] :
         std::vector<std::pair<std::string, Says>>{{"60d", {"grant.asked_less"}}, {"1d", {}}}) {
      auto wish = TestBrand::wish({"contact.email"});
      wish["expires_in"] = 7 * 24 * 3600;
      REQUIRE(brand.ask(wish).status == 200);
      const auto waiting = must(world.owner->requests(false))["items"];
      REQUIRE(waiting.size() == 1);
      const auto grant =
          must(world.owner->approve(waiting[0]["id"].get<std::string>(), {{"for", length}}));
      CHECK(notes_of(grant) == says);
    }
  }

  TEST_CASE("a grant of a brand that is blocked is shown so, and counted nowhere") {
    World world;
    TestBrand brand(world, "velo.example", "Velo");
    world.set("address.home.locality", "Lyon");
    brand.granted({"address.home.locality"}, {{"served_while_locked", true}});
    const auto state = [&] { return must(world.owner->grants("", true))["items"][0]["state"]; };
    CHECK(state() == "active");
    CHECK(must(world.owner->status())["served"].size() == 1);
    CHECK_FALSE(must(world.owner->block(brand.handle)).contains("already"));
    CHECK(state() == "blocked");
    const auto status = must(world.owner->status());
    CHECK(status["counts"]["grants_active"] == 0);
    CHECK(status["served"].empty());
    CHECK(must(world.owner->field("address.home.locality"))["readers"].empty());
    CHECK(must(world.owner->block(brand.handle))["already"] == true);
    CHECK(records_of(world, "brand_blocked").size() == 1);
    must(world.owner->unblock(brand.handle));
    CHECK(state() == "active");
    CHECK(must(world.owner->unblock(brand.handle))["already"] == true);
  }

  TEST_CASE("a brand that is forgotten is nowhere, and the rest of the vault does not notice") {
    World world;
    TestBrand velo(world, "velo.example", "Velo");
    TestBrand troc(world, "troc.example", "Troc");
    world.set("address.home.locality", "Lyon");
    velo.granted({"address.home.locality"}, {{"served_while_locked", true}});
    troc.granted({"address.home.locality"});
    REQUIRE(velo.ask(TestBrand::wish({"contact.email"})).status == 200);
    const auto rehearsed = must(world.owner->forget_brand(velo.handle, gate::Erasing::Rehearsed));
    CHECK(rehearsed["grants"] == 1);
    CHECK(rehearsed["requests"] == 1);
    CHECK(rehearsed["orders"].empty());
    CHECK(must(world.owner->brands())["items"].size() == 2);
    const auto forgotten = must(world.owner->forget_brand(velo.handle));
    CHECK(forgotten["brand"] == velo.handle);
    CHECK(forgotten == rehearsed);
    CHECK(must(world.owner->brands())["items"].size() == 1);
    CHECK(must(world.owner->grants("", true))["items"].size() == 1);
    CHECK(must(world.owner->requests(true))["items"].empty());
    CHECK(must(world.owner->status())["served"].empty());
    CHECK(must(world.owner->field("address.home.locality"))["readers"].size() == 1);
    CHECK(velo.ask(TestBrand::wish({"contact.email"})).status == 404);
    CHECK(world.owner->forget_brand(velo.handle).error().code == ErrorCode::NotFound);
    // What the journal said of it stays in the chain, and says nothing any more.
    CHECK(must(world.owner->verify())["damages"].empty());
    std::size_t unreadable = 0;
    const auto log = must(world.owner->log({}));
    for (const auto& item : log["items"]) {
      CHECK(item.value("brand", "") != velo.handle);
      if (item.value("forgotten", false)) ++unreadable;
    }
    CHECK(unreadable >= 4);
    CHECK(records_of(world, "brand_forgotten").size() == 1);
    // It may come back, as a stranger.
    must(world.owner->seal());
    world.unlock();
    CHECK(must(world.owner->brands())["items"].size() == 1);
    CHECK(must(world.owner->verify())["damages"].empty());
    CHECK(must(world.owner->field("address.home.locality"))["value"] == "Lyon");
  }

  TEST_CASE("the log and the readers of a field name purposes by the word that is typed") {
    World world;
    TestBrand brand(world, "velo.example", "Velo");
    world.set("address.home.locality", "Lyon");
    brand.granted({"address.home.locality"});
    CHECK(records_of(world, "grant_made")[0]["purpose"] == "delivery");
    CHECK(records_of(world, "grant_made")[0]["purpose_dpv"] == "dpv:DeliveryOfGoods");
    const auto readers = must(world.owner->field("address.home.locality"))["readers"];
    CHECK(readers[0]["purpose"] == "delivery");
  }

  TEST_CASE(
      "what an import leaves out for want of a place is no failure, and what is sensitive is "
      "marked") {
    World world;
    const auto report = must(world.owner->import(
        "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ana\r\nBDAY:1988-05-14\r\nNOTE:likes bikes\r\n"
        "EMAIL:no address\r\nEND:VCARD\r\n",
        {.format = "auto", .card = {}, .preview = false, .keep = ""}));
    for (const auto& item : report["items"])
      CHECK(item["sensitive"] == (item["field"] == "person.birthdate"));
    REQUIRE(report["problems"].size() == 2);
    for (const auto& problem : report["problems"])
      CHECK(problem["left_out"] == (problem["say"] == "profile.import_not_kept"));
  }

  TEST_CASE("the log of an import names what it wrote, and not what it left as it was") {
    World world;
    world.set("contact.email", "kept@example.org");
    world.set("person.name", "Ana");
    must(
        world.owner->import("BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ana\r\nEMAIL:other@example.org\r\n"
                            "TEL:+33639981234\r\nEND:VCARD\r\n",
                            {.format = "auto", .card = {}, .preview = false, .keep = ""}));
    gate::LogQuery imports;
    imports.kind = "imported";
    const auto log = must(world.owner->log(imports));
    REQUIRE(log["items"].size() == 1);
    CHECK(log["items"][0]["fields"] == nlohmann::json{"contact.phone_number"});
  }

  TEST_CASE("a purpose that is misspelt is answered with the near ones") {
    World world;
    TestBrand brand(world, "velo.example", "Velo");
    for (const auto& [purpose, say] : std::vector<std::pair<std::string, std::string>>{
             {"delivry", "purpose.unknown_near"}, {"xyzzy", "purpose.unknown"}}) {
      const auto grant = world.owner->make_grant(
          {{"brand", brand.handle}, {"fields", {"contact.email"}}, {"purpose", purpose}});
      REQUIRE_FALSE(grant.ok());
      CHECK(grant.error().say == say);
    }
  }

  TEST_CASE("a brand that is known is told apart from one that shows other keys at its address") {
    World world;
    TestBrand velo(world, "velo.example", "Velo");
    const auto again = [&](const crypto::SigningKey& key) {
      const std::vector<jose::Jwk> keys{jose::jwk_of(key.public_key())};
      return world.owner->add_brand({{"document",
                                      {{"client_id", velo.client_id},
                                       {"client_name", "Velo"},
                                       {"jwks", jose::write_jwk_set(keys)},
                                       {"vrm", {{"event_endpoint", "https://velo.example/e"}}}}}});
    };
    const auto same = again(velo.key);
    REQUIRE_FALSE(same.ok());
    CHECK(same.error().say == "brand.known");
    const auto other = again(crypto::SigningKey::random(world.random));
    REQUIRE_FALSE(other.ok());
    CHECK(other.error().say == "brand.known_otherwise");
    REQUIRE(other.error().with.size() == 4);
    CHECK(other.error().with[2].second != other.error().with[3].second);
  }

  TEST_CASE("without an open door a brand is made known only when it keeps a mailbox") {
    World world;
    gate::OwnerDesk doorless(*world.vault, *world.policies, *world.deals, gate::ProcessFacts{},
                             gate::OwnerLimits{});
    const auto adding = [&](const json& endpoints) {
      const std::vector<jose::Jwk> keys{
          jose::jwk_of(crypto::SigningKey::random(world.random).public_key())};
      return json{{"document",
                   {{"client_id", "https://velo.example/vrm-brand.json"},
                    {"client_name", "Velo"},
                    {"jwks", jose::write_jwk_set(keys)},
                    {"vrm", endpoints}}}};
    };
    const auto refused = doorless.add_brand(adding(json::object()));
    REQUIRE(!refused.ok());
    CHECK(refused.error().say == "brand.no_mailbox");
    CHECK(warnings_of(must(doorless.status())) == Says{"brand_door_closed", "no_recovery_words"});
    must(doorless.add_brand(adding({{"mailbox_endpoint", "https://velo.example/mailbox"}})));
    CHECK(warnings_of(must(doorless.status())) == Says{"no_recovery_words"});
  }
}
