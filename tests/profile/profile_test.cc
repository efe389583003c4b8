#include "vault/profile/profile.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/profile/fixture.h"
#include "vault/profile/record.h"

using namespace vrm;
using namespace vrm::profile;
using vrm::profile::test::day;
using vrm::profile::test::gap;
using vrm::profile::test::MemoryStore;
using vrm::profile::test::Vault;

namespace {

std::vector<std::string> names_of(const std::vector<FieldMeta>& fields) {
  std::vector<std::string> out;
  for (const auto& field : fields) out.push_back(field.name);
  return out;
}

// Two jobs that share a commit. Gives what each was told.
std::pair<Result<void>, Result<void>> together(MemoryStore& store, store::Job first,
                                               store::Job second) {
  std::pair<Result<void>, Result<void>> told;
  std::vector<store::Work> work;
  work.push_back(
      {std::move(first), [&told](Result<void> answer) { told.first = std::move(answer); }});
  work.push_back(
      {std::move(second), [&told](Result<void> answer) { told.second = std::move(answer); }});
  store.submit(std::move(work));
  return told;
}

// Whether any row of the store holds these bytes.
bool is_anywhere(const MemoryStore& store, std::string_view text) {
  for (const auto& [_, row] : store.content().rows)
    if (text_of(row.bytes).find(text) != std::string::npos) return true;
  return false;
}

}  // namespace

TEST_SUITE("profile/profile") {
  TEST_CASE("a field is set, read, answered, changed and unset") {
    Vault vault;
    REQUIRE(vault.set("body.height", "178").ok());
    const auto meta = vault.profile.find("body.height");
    REQUIRE(meta.has_value());
    CHECK(meta->type == "measure");
    CHECK(meta->source == "self");
    CHECK(meta->version == 1);
    CHECK(meta->sensitive());
    CHECK(meta->settled);
    CHECK_FALSE(meta->claim);
    CHECK(vault.get("body.height") == "178 cm");
    CHECK(vault.answer("body.height") == R"({"value":"178","unit":"cm","as_of":"2026-11-21"})");

    vault.now = day("2026-12-01");
    REQUIRE(vault.set("body.height", "1,79 m").ok());
    const auto changed = vault.profile.find("body.height");
    CHECK(changed->version == 2);
    CHECK(changed->key == meta->key);
    CHECK(changed->row == meta->row);
    CHECK(vault.answer("body.height") == R"({"value":"1.79","unit":"m","as_of":"2026-12-01"})");

    REQUIRE(vault.unset("body.height").ok());
    CHECK_FALSE(vault.profile.find("body.height").has_value());
    CHECK_FALSE(vault.store.content().keys.contains(meta->key));
    CHECK(vault.store.count(store::Table::Fields) == 0);
  }

  TEST_CASE("every field has a key of its own") {
    Vault vault;
    REQUIRE(vault.set("contact.email", "ana@example.org").ok());
    REQUIRE(vault.set("contact.website", "https://example.org/").ok());
    CHECK(vault.profile.find("contact.email")->key != vault.profile.find("contact.website")->key);
    CHECK(vault.profile.find("contact.email")->row != vault.profile.find("contact.website")->row);
  }

  TEST_CASE("a name of the owner's own is text, or the type it was given first") {
    Vault vault;
    REQUIRE(vault.set("garden.tree", "an apple tree").ok());
    CHECK(vault.profile.find("garden.tree")->type == "text");
    REQUIRE(vault.set("garden.area", "120 m2", "measure").ok());
    REQUIRE(vault.set("garden.area", "130 m2").ok());
    CHECK(vault.profile.find("garden.area")->type == "measure");
    CHECK(vault.set("garden.area", "large").error().say == "profile.bad_measure");
    CHECK(vault.set("garden.area", "large", "text").ok());
    CHECK(vault.set("garden.area", "large", "blob").error().say == "profile.no_type");
  }

  TEST_CASE("refusals change nothing and say why") {
    Vault vault;
    const auto bad = vault.set("person.birthdate", "31/02/1990");
    CHECK(bad.error().say == "profile.bad_date");
    CHECK(gap(bad.error(), "typed") == "31/02/1990");
    CHECK(vault.set("Contact.Email", "a@example.org").error().say == "profile.bad_name");
    const auto other = vault.set("contact.email", "a@example.org", "text");
    CHECK(other.error().code == ErrorCode::Denied);
    CHECK(other.error().say == "profile.type_is_fixed");
    CHECK(vault.profile.list("").empty());
    CHECK(vault.store.count(store::Table::Fields) == 0);
  }

  TEST_CASE("unsetting what is not there names what may have been meant") {
    Vault vault;
    REQUIRE(vault.set("garden.tree", "apple").ok());
    const auto near = vault.unset("garden.tre");
    CHECK(near.error().code == ErrorCode::NotFound);
    CHECK(near.error().say == "profile.no_field_near");
    CHECK(gap(near.error(), "near") == "garden.tree");
    CHECK(near.error().message == "profile.no_field_near");
    CHECK(vault.unset("zzzzzzzzzzz").error().say == "profile.no_field");
    const auto group = vault.unset("gardn");
    CHECK(group.error().say == "profile.no_field_near");
    CHECK(gap(group.error(), "near") == "garden.tree");
  }

  TEST_CASE("a name that only the catalogue has is not told as one of the owner's") {
    Vault vault;
    const auto known = vault.unset("birthdate");
    CHECK(known.error().say == "profile.no_field_known");
    CHECK(gap(known.error(), "near") == "person.birthdate, pet.birthdate");
    CHECK(vault.unset("person.birthdate").error().say == "profile.no_field");
    REQUIRE(vault.set("person.birthdate", "1990-02-14").ok());
    CHECK(vault.unset("birthdate").error().say == "profile.no_field_near");
    CHECK(gap(vault.profile.no_such_field("contact.emial"), "near") == "contact.email");
  }

  TEST_CASE("listing takes whole parts of names, sorted") {
    Vault vault;
    for (const auto* name :
         {"work.role", "address.home.locality", "address.work.locality", "contact.email_work"})
      REQUIRE(
          vault.set(name, std::string(name) == "contact.email_work" ? "a@example.org" : "x").ok());
    CHECK(vault.profile.list("").size() == 4);
    CHECK(names_of(vault.profile.list("address")) ==
          std::vector<std::string>{"address.home.locality", "address.work.locality"});
    CHECK(names_of(vault.profile.list("address.home.")) ==
          std::vector<std::string>{"address.home.locality"});
    CHECK(names_of(vault.profile.list("work.role")) == std::vector<std::string>{"work.role"});
    CHECK(vault.profile.list("addr").empty());
    CHECK(vault.profile.list("contact.email").empty());
  }

  TEST_CASE("a vault that is not open takes no fields") {
    Vault vault;
    REQUIRE(vault.set("contact.email", "a@example.org").ok());
    vault.store.lock({vault.profile.find("contact.email")->key});
    CHECK(vault.set("contact.email", "b@example.org").error().code == ErrorCode::Locked);
    CHECK(vault.unset("contact.email").error().code == ErrorCode::Locked);
    CHECK(vault.refresh().error().code == ErrorCode::Locked);
    CHECK(vault.get("contact.email") == "a@example.org");
  }

  TEST_CASE("loading finds everything again, and refuses what is no field") {
    Vault vault;
    REQUIRE(vault.set("person.birthdate", "2015-05-05").ok());
    REQUIRE(vault.set("garden.area", "120 m2", "measure").ok());
    Profile again(vault.store, vault.catalogue, vault.random);
    REQUIRE(again.load().ok());
    REQUIRE(again.list("").size() == vault.profile.list("").size());
    for (const auto& meta : again.list("")) {
      CAPTURE(meta.name);
      const auto known = vault.profile.find(meta.name);
      REQUIRE(known.has_value());
      CHECK(meta.version == known->version);
      CHECK(meta.key == known->key);
      CHECK(meta.row == known->row);
      CHECK(meta.claim == known->claim);
      CHECK(meta.settled == known->settled);
      CHECK(meta.updated_at == known->updated_at);
      CHECK(meta.sensitivity == known->sensitivity);
    }
    vault.store.put_raw(store::RowId{9}, Bytes{1, 2, 3});
    CHECK(again.load().error().code == ErrorCode::Corrupt);
    vault.store.open_for_rescue();
    CHECK(again.load().ok());
    CHECK(again.find("garden.area").has_value());
  }

  TEST_CASE("one name in two rows is corrupt") {
    Vault vault;
    const auto bytes = encode_record({"garden.tree", "text", "self", "apple", {}, 1, false});
    vault.store.put_raw(store::RowId{1}, Bytes(bytes.view().begin(), bytes.view().end()));
    CHECK(vault.profile.load().ok());
    vault.store.put_raw(store::RowId{2}, Bytes(bytes.view().begin(), bytes.view().end()));
    CHECK(vault.profile.load().error().code == ErrorCode::Corrupt);
  }

  TEST_CASE("a row that holds another field than the index says is corrupt") {
    Vault vault;
    REQUIRE(vault.set("garden.tree", "apple").ok());
    auto meta = *vault.profile.find("garden.tree");
    meta.name = "garden.bush";
    CHECK(vault.profile.value(meta).error().code == ErrorCode::Corrupt);
    std::string out = "kept";
    CHECK(vault.profile.append_answer(meta, out).error().code == ErrorCode::Corrupt);
    CHECK(out == "kept");
    meta.row = {};
    CHECK(vault.profile.value(meta).error().code == ErrorCode::NotFound);
  }
}

TEST_SUITE("profile/jobs") {
  TEST_CASE("two jobs of one group that set one field make one row") {
    Vault vault;
    const auto set = [&](std::string_view value) {
      return [&vault, value](store::Txn& txn) {
        return vault.profile.set(txn, "garden.tree", value, "self", vault.now);
      };
    };
    const auto told = together(vault.store, set("apple"), set("pear"));
    CHECK(told.first.ok());
    CHECK(told.second.ok());
    CHECK(vault.get("garden.tree") == "pear");
    CHECK(vault.profile.find("garden.tree")->version == 2);
    CHECK(vault.store.count(store::Table::Fields) == 1);
  }

  TEST_CASE("the index shows nothing of a job before its commit") {
    Vault vault;
    REQUIRE(vault.store
                .run([&](store::Txn& txn) -> Result<void> {
                  TRY(vault.profile.set(txn, "garden.tree", "apple", "self", vault.now));
                  CHECK_FALSE(vault.profile.find("garden.tree").has_value());
                  CHECK(vault.profile.find(txn, "garden.tree").has_value());
                  return {};
                })
                .ok());
    CHECK(vault.profile.find("garden.tree").has_value());
  }

  TEST_CASE("a job that fails behind a set leaves the group's other jobs alone") {
    Vault vault;
    const auto told = together(
        vault.store,
        [&](store::Txn& txn) -> Result<void> {
          TRY(vault.profile.set(txn, "garden.tree", "apple", "self", vault.now));
          TRY(vault.profile.set(txn, "person.birthdate", "1990-02-14", "self", vault.now));
          return Error{ErrorCode::Denied, "no"};
        },
        [&](store::Txn& txn) {
          return vault.profile.set(txn, "garden.tree", "pear", "self", vault.now);
        });
    CHECK_FALSE(told.first.ok());
    CHECK(told.second.ok());
    CHECK(vault.get("garden.tree") == "pear");
    CHECK(vault.profile.find("garden.tree")->version == 1);
    CHECK(vault.profile.list("").size() == 1);
  }

  TEST_CASE("a failed commit undoes every job of its group, in the index too") {
    Vault vault;
    REQUIRE(vault.set("garden.tree", "apple").ok());
    vault.store.next_commit_fails = true;
    const auto told = together(
        vault.store,
        [&](store::Txn& txn) -> Result<void> {
          TRY(vault.profile.set(txn, "garden.tree", "pear", "self", vault.now));
          return vault.profile.set(txn, "garden.tree", "plum", "self", vault.now);
        },
        [&](store::Txn& txn) { return vault.profile.unset(txn, "garden.tree", vault.now); });
    CHECK(told.first.error().code == ErrorCode::Io);
    CHECK(told.second.error().code == ErrorCode::Io);
    CHECK(vault.get("garden.tree") == "apple");
    REQUIRE(vault.set("garden.tree", "cherry").ok());
    CHECK(vault.profile.find("garden.tree")->version == 2);
    CHECK(vault.get("garden.tree") == "cherry");
  }

  TEST_CASE("set, unset and set again in one job start the field anew") {
    Vault vault;
    REQUIRE(vault.set("garden.tree", "apple").ok());
    const auto before = vault.profile.find("garden.tree");
    REQUIRE(vault.store
                .run([&](store::Txn& txn) -> Result<void> {
                  TRY(vault.profile.unset(txn, "garden.tree", vault.now));
                  return vault.profile.set(txn, "garden.tree", "pear", "self", vault.now);
                })
                .ok());
    const auto after = vault.profile.find("garden.tree");
    CHECK(after->version == 1);
    CHECK(after->key != before->key);
    CHECK_FALSE(vault.store.content().keys.contains(before->key));
  }
}

TEST_SUITE("profile/locking") {
  TEST_CASE("locking keeps the named fields and wipes every other name") {
    Vault vault;
    REQUIRE(vault.set("person.birthdate", "1990-02-14").ok());
    REQUIRE(vault.set("contact.email", "a@example.org").ok());
    const auto over_18 = *vault.profile.find("person.age_over_18");
    vault.store.lock({over_18.key});
    vault.profile.keep_only({"person.age_over_18"});
    CHECK(names_of(vault.profile.list("")) == std::vector<std::string>{"person.age_over_18"});
    CHECK(vault.answer("person.age_over_18") == R"({"value":true,"as_of":"2026-11-21"})");
    CHECK(vault.profile.find("person.age_over_18")->source == "derived");
    CHECK(vault.profile.near("contact.emial").empty());
    vault.store.open();
    REQUIRE(vault.profile.load().ok());
    CHECK(vault.get("person.birthdate") == "1990-02-14");
  }

  TEST_CASE("sealing forgets all") {
    Vault vault;
    REQUIRE(vault.set("garden.tree", "apple").ok());
    vault.store.seal();
    vault.profile.clear();
    CHECK(vault.profile.list("").empty());
    CHECK_FALSE(vault.profile.find("garden.tree").has_value());
    CHECK(vault.profile.near("garden.tre").empty());
  }

  TEST_CASE("a commit or a failure that ends after locking brings no name back") {
    for (const bool fails : {false, true}) {
      CAPTURE(fails);
      Vault vault;
      REQUIRE(vault.set("garden.tree", "apple").ok());
      REQUIRE(vault.set("garden.bush", "rose").ok());
      vault.store.next_commit_fails = fails;
      const auto done = vault.store.run([&](store::Txn& txn) -> Result<void> {
        TRY(vault.profile.set(txn, "garden.tree", "pear", "self", vault.now));
        TRY(vault.profile.set(txn, "garden.bush", "holly", "self", vault.now));
        vault.profile.keep_only({"garden.bush"});
        return {};
      });
      CHECK(done.ok() != fails);
      CHECK(names_of(vault.profile.list("")) == std::vector<std::string>{"garden.bush"});
      CHECK(vault.profile.find("garden.bush")->version == (fails ? 1 : 2));
    }
  }
}

TEST_SUITE("profile/derived") {
  TEST_CASE("a birth date makes its claims, each a cell of its own without the date") {
    Vault vault;
    REQUIRE(vault.set("person.birthdate", "2012-02-29").ok());
    CHECK(vault.get("person.age_over_13") == "true");
    CHECK(vault.get("person.age_over_16") == "false");
    CHECK(vault.get("person.birth_year") == "2012");
    const auto birth = *vault.profile.find("person.birthdate");
    const auto over_13 = *vault.profile.find("person.age_over_13");
    const auto over_16 = *vault.profile.find("person.age_over_16");
    CHECK(over_13.claim);
    CHECK(over_13.settled);
    CHECK_FALSE(over_16.settled);
    CHECK(over_13.key != birth.key);
    CHECK(over_13.key != over_16.key);
    REQUIRE(
        vault.store.run([&](store::Txn& txn) { return txn.erase(store::Table::Fields, birth.row); })
            .ok());
    CHECK_FALSE(is_anywhere(vault.store, "2012-02-29"));
  }

  TEST_CASE("a claim turns true on the birthday and bears no trace of the day") {
    Vault vault;
    REQUIRE(vault.set("person.birthdate", "2012-02-29").ok());
    for (const auto* today : {"2027-12-31", "2028-02-28"}) {
      vault.now = day(today);
      REQUIRE(vault.refresh().ok());
      CHECK(vault.get("person.age_over_16") == "false");
      CHECK(vault.profile.find("person.age_over_16")->version == 1);  // nothing was rewritten
    }
    vault.now = day("2028-02-29");
    REQUIRE(vault.refresh().ok());
    CHECK(vault.get("person.age_over_16") == "true");
    CHECK(vault.profile.find("person.age_over_16")->settled);
    CHECK(vault.answer("person.age_over_16") == R"({"value":true,"as_of":"2026-11-21"})");
  }

  TEST_CASE("claims follow what they are made of, and go with it") {
    Vault vault;
    REQUIRE(vault.set("person.birthdate", "2015-05-05").ok());
    CHECK(vault.get("person.age_over_18") == "false");
    const auto claim = *vault.profile.find("person.age_over_18");
    REQUIRE(vault.set("person.birthdate", "1990-05-05").ok());
    CHECK(vault.get("person.age_over_18") == "true");
    CHECK(vault.profile.find("person.age_over_18")->key == claim.key);
    REQUIRE(vault.unset("person.birthdate").ok());
    CHECK(vault.profile.list("").empty());
    CHECK(vault.store.count(store::Table::Fields) == 0);
    CHECK(vault.store.content().keys.size() == 1);  // the vault's own
  }

  TEST_CASE("claims are neither set nor unset by hand") {
    Vault vault;
    const auto set = vault.set("person.age_over_18", "yes");
    CHECK(set.error().code == ErrorCode::Denied);
    CHECK(set.error().say == "profile.claim_by_hand");
    CHECK(gap(set.error(), "from") == "person.birthdate");
    REQUIRE(vault.set("person.birthdate", "1990-05-05").ok());
    CHECK(vault.unset("person.age_over_18").error().say == "profile.claim_by_hand");
    CHECK(vault.get("person.age_over_18") == "true");
  }

  TEST_CASE("a region is derived in France and typed elsewhere") {
    Vault vault;
    REQUIRE(vault.set("address.home.postal_code", "69007").ok());
    CHECK(vault.get("address.home.region") == "Auvergne-Rhône-Alpes");
    CHECK(vault.get("address.home.department") == "Rhône");
    CHECK(vault.get("address.home.postal_prefix") == "69");
    REQUIRE(vault.set("address.home.country", "US").ok());
    CHECK(vault.get("address.home.region").empty());
    CHECK(vault.get("address.home.postal_prefix") == "69");
    REQUIRE(vault.set("address.home.region", "New York").ok());
    CHECK_FALSE(vault.profile.find("address.home.region")->claim);
    REQUIRE(vault.set("address.home.postal_code", "12345").ok());
    CHECK(vault.get("address.home.region") == "New York");

    REQUIRE(vault.unset("address.home.region").ok());
    CHECK(vault.get("address.home.region").empty());
    REQUIRE(vault.set("address.home.country", "FR").ok());
    CHECK(vault.get("address.home.region") == "Occitanie");
    CHECK(vault.profile.find("address.home.region")->claim);
  }

  TEST_CASE("what the owner typed for a region wins until it is unset") {
    Vault vault;
    REQUIRE(vault.set("address.home.postal_code", "69007").ok());
    CHECK(vault.profile.typed_over("address.home.postal_code", vault.now).value().empty());
    REQUIRE(vault.set("address.home.region", "Lyonnais").ok());
    CHECK(vault.get("address.home.region") == "Lyonnais");
    const std::vector<std::string> typed = {"address.home.region"};
    CHECK(vault.profile.typed_over("address.home.region", vault.now).value() == typed);
    REQUIRE(vault.set("address.home.postal_code", "75001").ok());
    REQUIRE(vault.set("address.home.country", "FR").ok());
    REQUIRE(vault.refresh().ok());
    CHECK(vault.get("address.home.region") == "Lyonnais");
    CHECK(vault.profile.typed_over("address.home.postal_code", vault.now).value() == typed);
    REQUIRE(vault.profile.load().ok());
    REQUIRE(vault.refresh().ok());
    CHECK(vault.get("address.home.region") == "Lyonnais");
    REQUIRE(vault.unset("address.home.region").ok());
    CHECK(vault.get("address.home.region") == "Île-de-France");
    CHECK(vault.set("address.home.department", "Seine").error().say == "profile.claim_by_hand");
  }

  TEST_CASE("a birth to come, and a code of France without five digits, are refused") {
    Vault vault;
    CHECK(vault.set("person.birthdate", "2990-01-01").error().say == "profile.date_to_come");
    CHECK(vault.set("person.birthdate", "2026-11-21").ok());
    CHECK(vault.set("document.passport_expires", "2990-01-01").ok());
    CHECK(vault.set("address.home.postal_code", "99999999").ok());
    CHECK(vault.profile.country_of("address.home.postal_code").value().empty());
    REQUIRE(vault.set("address.home.country", "FR").ok());
    const auto french = vault.set("address.home.postal_code", "99999999");
    CHECK(french.error().say == "profile.bad_french_code");
    CHECK(gap(french.error(), "field") == "address.home.postal_code");
    REQUIRE(vault.set("address.home.country", "NL").ok());
    CHECK(vault.set("address.home.postal_code", "1012 AB").ok());
  }

  TEST_CASE("refreshing makes the claims a newer catalogue brings, and leaves no field behind") {
    Vault vault;
    const auto row =
        encode_record({"person.birthdate", "date", "self", "1990-02-14", vault.now, 1, false});
    vault.store.put_raw(store::RowId{1}, Bytes(row.view().begin(), row.view().end()));
    REQUIRE(vault.profile.load().ok());
    CHECK(vault.get("person.age_over_18").empty());
    REQUIRE(vault.refresh().ok());
    CHECK(vault.get("person.age_over_18") == "true");
    const auto rows = vault.store.count(store::Table::Fields);
    REQUIRE(vault.refresh().ok());
    CHECK(vault.store.count(store::Table::Fields) == rows);
  }
}
