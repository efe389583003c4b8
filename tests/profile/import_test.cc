#include "vault/profile/import.h"

#include <doctest/doctest.h>

#include <map>
#include <string>

#include "tests/profile/fixture.h"

using namespace vrm;
using namespace vrm::profile;
using vrm::profile::test::day;
using vrm::profile::test::gap;
using vrm::profile::test::Vault;

namespace {

const ImportId kFirst{"im_7F2K9QXD"};
const ImportId kSecond{"im_00000002"};

ImportPlan plan_of(const Vault& vault, const std::string& json) {
  ImportPlan plan = read_import(vault.catalogue, json).value();
  REQUIRE(compare(vault.profile, plan, vault.now).ok());
  return plan;
}

Change change_of(const ImportPlan& plan, std::string_view field) {
  for (const auto& item : plan.items)
    if (item.field == field) return item.change;
  REQUIRE_MESSAGE(false, field);
  return Change::Same;
}

// All there is: name, value, source and time of each field.
std::map<std::string, std::string> content_of(const Vault& vault) {
  std::map<std::string, std::string> out;
  for (const auto& meta : vault.profile.list(""))
    out[meta.name] = vault.get(meta.name) + "|" + meta.type + "|" + meta.source + "|" +
                     to_rfc3339(meta.updated_at);
  return out;
}

}  // namespace

TEST_SUITE("profile/import_undo") {
  TEST_CASE("a plan says what it would change, and changes nothing") {
    Vault vault;
    REQUIRE(vault.set("contact.email", "a@example.org").ok());
    REQUIRE(vault.set("work.role", "x").ok());
    const auto before = content_of(vault);
    const auto plan = plan_of(
        vault, R"({"contact.email":"b@example.org","work.role":"x","person.given_name":"Ana"})");
    CHECK(change_of(plan, "contact.email") == Change::Changed);
    CHECK(change_of(plan, "work.role") == Change::Same);
    CHECK(change_of(plan, "person.given_name") == Change::Added);
    CHECK(to_string(Change::Changed) == "changed");
    CHECK(content_of(vault) == before);
  }

  TEST_CASE("an import is applied with its source, and undone to what was there") {
    Vault vault;
    REQUIRE(vault.set("contact.email", "a@example.org").ok());
    REQUIRE(vault.set("work.role", "x").ok());
    const auto before = content_of(vault);
    vault.now = day("2026-12-01");
    const auto plan = plan_of(
        vault,
        R"({"contact.email":"b@example.org","work.role":"x","person.birthdate":"1990-02-14","garden.tree":"é\"\n"})");
    CHECK(plan.items.size() == 4);
    const auto done = vault.import(plan, kFirst);
    REQUIRE(done.ok());
    CHECK(done.value().added == 2);
    CHECK(done.value().changed == 1);
    CHECK(done.value().same == 1);
    CHECK(vault.get("contact.email") == "b@example.org");
    CHECK(vault.profile.find("contact.email")->source == "import:im_7F2K9QXD");
    CHECK(vault.profile.find("work.role")->source == "self");
    CHECK(vault.get("person.age_over_18") == "true");

    const auto listed = imports(vault.store).value();
    REQUIRE(listed.size() == 1);
    CHECK(listed[0].id == kFirst);
    CHECK(listed[0].format == "json");
    CHECK(listed[0].fields == 3);

    vault.now = day("2026-12-02");
    const auto undone = vault.undo_import(kFirst);
    REQUIRE(undone.ok());
    CHECK(undone.value().removed == 2);
    CHECK(undone.value().restored == 1);
    CHECK(content_of(vault) == before);
    CHECK(imports(vault.store).value().empty());
    CHECK(vault.undo_import(kFirst).error().say == "profile.no_import");
  }

  TEST_CASE("imports on top of each other are undone the last one first") {
    Vault vault;
    REQUIRE(vault.set("contact.email", "a@example.org").ok());
    const auto at_first = content_of(vault);
    REQUIRE(vault.import(plan_of(vault, R"({"contact.email":"b@example.org"})"), kFirst).ok());
    vault.now = day("2026-12-01");
    REQUIRE(vault.import(plan_of(vault, R"({"contact.email":"c@example.org"})"), kSecond).ok());
    CHECK(imports(vault.store).value().front().id == kSecond);
    CHECK(vault.undo_import(kFirst).error().code == ErrorCode::Conflict);
    REQUIRE(vault.undo_import(kSecond).ok());
    CHECK(vault.get("contact.email") == "b@example.org");
    REQUIRE(vault.undo_import(kFirst).ok());
    CHECK(content_of(vault) == at_first);
  }

  TEST_CASE("fields changed since are named, and left alone when told so") {
    Vault vault;
    REQUIRE(vault.set("work.role", "x").ok());
    REQUIRE(
        vault
            .import(plan_of(vault,
                            R"({"work.role":"y","person.given_name":"Ana","person.name":"Ana M"})"),
                    kFirst)
            .ok());
    REQUIRE(vault.set("person.given_name", "Anna").ok());
    REQUIRE(vault.unset("person.name").ok());
    const auto before = content_of(vault);
    const auto refused = vault.undo_import(kFirst);
    CHECK(refused.error().code == ErrorCode::Conflict);
    CHECK(refused.error().say == "profile.undo_changed_since");
    CHECK(gap(refused.error(), "fields") == "person.given_name, person.name");
    CHECK(content_of(vault) == before);
    const auto skipped = vault.undo_import(kFirst, OnChanged::Skip);
    REQUIRE(skipped.ok());
    CHECK(skipped.value().skipped == std::vector<std::string>{"person.given_name", "person.name"});
    CHECK(vault.get("work.role") == "x");
    CHECK(vault.get("person.given_name") == "Anna");
  }

  TEST_CASE("keeping what is there only adds") {
    Vault vault;
    REQUIRE(vault.set("work.role", "x").ok());
    const auto done = vault.import(plan_of(vault, R"({"work.role":"y","person.given_name":"Ana"})"),
                                   kFirst, Keep::Existing);
    REQUIRE(done.ok());
    CHECK(done.value().kept == 1);
    CHECK(done.value().added == 1);
    CHECK(vault.get("work.role") == "x");
    CHECK(vault.get("person.given_name") == "Ana");
  }

  TEST_CASE("a name that a known one may have meant is told, not made a field") {
    Vault vault;
    const auto plan = plan_of(
        vault,
        R"({"values":{"address":{"home":{"locality":"Lyon"}}},"contact.emial":"a@example.org","garden.tree":"apple"})");
    REQUIRE(plan.items.size() == 1);
    CHECK(plan.items[0].field == "garden.tree");
    REQUIRE(plan.problems.size() == 2);
    for (const auto& problem : plan.problems) {
      CHECK(problem.what.say == "profile.import_near");
      CHECK_FALSE(problem.is_notice());
    }
    CHECK(gap(plan.problems[1].what, "near") == "address.home.locality");
    CHECK(gap(plan.problems[0].what, "near") == "contact.email");
    REQUIRE(vault.set("contact.emial", "mine").ok());
    CHECK(change_of(plan_of(vault, R"({"contact.emial":"b"})"), "contact.emial") ==
          Change::Changed);
  }

  TEST_CASE("an export brings its owner's own names back, with their types") {
    Vault vault;
    const auto plan = plan_of(
        vault,
        R"({"schema":"vrm.export/1","fields":[{"field":"note.door","type":"multiline"}],"values":{"note.door":"a\nb","contact.emial":"x"}})");
    CHECK(plan.problems.empty());
    REQUIRE(vault.import(plan, kFirst).ok());
    CHECK(vault.get("note.door") == "a\nb");
    CHECK(vault.profile.find("note.door")->type == "multiline");
    CHECK(vault.get("contact.emial") == "x");
  }

  TEST_CASE("an import that cannot be written down is not applied at all") {
    Vault vault;
    const auto plan = plan_of(vault, R"({"work.role":"y","person.birthdate":"1990-02-14"})");
    vault.store.next_commit_fails = true;
    CHECK(vault.import(plan, kFirst).error().code == ErrorCode::Io);
    CHECK(vault.profile.list("").empty());
    ImportPlan bad = plan;
    bad.items.push_back({"contact.email", "email", "nobody", 1, Change::Added});
    CHECK(vault.import(bad, kFirst).error().say == "profile.bad_email");
    CHECK(vault.profile.list("").empty());
    vault.store.seal();
    CHECK(vault.import(plan, kFirst).error().code == ErrorCode::Locked);
  }

  TEST_CASE("importing what is there already leaves nothing to undo") {
    Vault vault;
    REQUIRE(vault.set("work.role", "y").ok());
    REQUIRE(vault.import(plan_of(vault, R"({"work.role":"y"})"), kFirst).value().same == 1);
    CHECK(imports(vault.store).value().empty());
  }

  TEST_CASE("a value that was unset is not kept by the import that changed it") {
    Vault vault;
    REQUIRE(vault.set("health.blood_group", "AB-").ok());
    const auto key = vault.profile.find("health.blood_group")->key;
    REQUIRE(vault.import(plan_of(vault, R"({"health.blood_group":"0+"})"), kFirst).ok());
    REQUIRE(vault.unset("health.blood_group").ok());
    CHECK_FALSE(
        vault.store.content().keys.contains(key));  // the one its former value is sealed under
    CHECK(vault.undo_import(kFirst).error().code == ErrorCode::Conflict);
  }

  TEST_CASE("moving to France and back by an import leaves the region as it was typed") {
    Vault vault;
    REQUIRE(vault.set("address.home.country", "US").ok());
    REQUIRE(vault.set("address.home.postal_code", "12345").ok());
    REQUIRE(vault.set("address.home.region", "New York").ok());
    const auto before = content_of(vault);
    const auto plan =
        plan_of(vault, R"({"address.home.country":"FR","address.home.postal_code":"69007"})");
    REQUIRE(vault.import(plan, kFirst).ok());
    CHECK(vault.get("address.home.region") == "New York");
    REQUIRE(vault.undo_import(kFirst).ok());
    CHECK(content_of(vault) == before);
  }

  TEST_CASE("a birth to come in a file is a problem, and what has no place here only a notice") {
    Vault vault;
    const auto plan =
        plan_of(vault, R"({"person.birthdate":"2990-01-01","nothing":"x","work.role":"y"})");
    CHECK(plan.items.size() == 1);
    REQUIRE(plan.problems.size() == 2);
    for (const auto& problem : plan.problems)
      CHECK(problem.is_notice() == (problem.what.say == "profile.import_not_kept"));
  }

  TEST_CASE(
      "moving from France by an import brings the region with it, and undoing derives it again") {
    Vault vault;
    REQUIRE(vault.set("address.home.country", "FR").ok());
    REQUIRE(vault.set("address.home.postal_code", "69007").ok());
    const auto before = content_of(vault);
    const auto plan = plan_of(
        vault,
        R"({"address.home.region":"New York","address.home.country":"US","address.home.postal_code":"12345"})");
    CHECK(plan.problems.empty());
    REQUIRE(vault.import(plan, kFirst).ok());
    CHECK(vault.get("address.home.region") == "New York");
    REQUIRE(vault.undo_import(kFirst).ok());
    CHECK(content_of(vault) == before);
  }

  TEST_CASE("a region that the vault derives of what it has is a problem, not an item") {
    Vault vault;
    REQUIRE(vault.set("address.home.postal_code", "69007").ok());
    const auto plan = plan_of(vault, R"({"address.home.region":"Bretagne","work.role":"x"})");
    CHECK(plan.items.size() == 1);
    REQUIRE(plan.problems.size() == 1);
    CHECK(plan.problems[0].what.say == "profile.import_claim");
  }

  TEST_CASE("a name of the owner's own keeps its type") {
    Vault vault;
    REQUIRE(vault.set("garden.area", "120 m2", "measure").ok());
    const auto good = plan_of(vault, R"({"garden.area":{"value":"130","unit":"m2"}})");
    CHECK(change_of(good, "garden.area") == Change::Changed);
    REQUIRE(vault.import(good, kFirst).ok());
    CHECK(vault.profile.find("garden.area")->type == "measure");
    const auto bad = plan_of(vault, R"({"garden.area":"large"})");
    CHECK(bad.items.empty());
    CHECK(bad.problems[0].what.say == "profile.bad_measure");
  }

  TEST_CASE("what one vault answers another one imports") {
    Vault vault;
    REQUIRE(vault.set("body.height", "178 cm").ok());
    REQUIRE(vault.set("size.shoe_eu", "42").ok());
    REQUIRE(vault.set("preference.newsletter", "no").ok());
    REQUIRE(vault.set("budget.bicycle", "849.00 EUR").ok());
    REQUIRE(vault.set("address.home.street_address", "1 rue \"X\"\nBât. B").ok());
    std::string text = "{";
    for (const auto& meta : vault.profile.list(""))
      text += (text.size() > 1 ? ",\"" : "\"") + meta.name + "\":" + vault.answer(meta.name);
    Vault other;
    REQUIRE(other.import(plan_of(other, text + "}"), kFirst).ok());
    for (const auto& meta : vault.profile.list("")) {
      CAPTURE(meta.name);
      CHECK(other.get(meta.name) == vault.get(meta.name));
    }
  }
}
