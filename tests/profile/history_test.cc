#include "vault/profile/history.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/profile/fixture.h"

using namespace vrm;
using namespace vrm::profile;
using vrm::profile::test::day;
using vrm::profile::test::MemoryStore;
using vrm::profile::test::Vault;

namespace {

constexpr auto kEmail = "contact.email";

std::vector<std::string> history_of(const Vault& vault, std::string_view name) {
  std::vector<std::string> lines;
  const auto versions = vault.profile.versions(vault.profile.find(name).value()).value();
  for (const auto& version : versions)
    lines.push_back(std::to_string(version.number) + " " + std::string(version.value.text()) + " " +
                    version.state.source + (version.undone ? " undone" : ""));
  return lines;
}

Result<void> restore(Vault& vault, std::string_view name, std::int64_t number) {
  return vault.store.run(
      [&](store::Txn& txn) { return vault.profile.restore_version(txn, name, number, vault.now); });
}

std::size_t histories(const Vault& vault) {
  return vault.store.count(store::Table::Versions);
}

const MemoryStore::Row& row_of(const Vault& vault, store::Table table, std::string_view name) {
  return vault.store.content().rows.at({table, vault.profile.find(name)->row});
}

ImportResult import(Vault& vault, const std::string& json, const ImportId& id) {
  ImportPlan plan = read_import(vault.catalogue, json).value();
  REQUIRE(compare(vault.profile, plan, vault.now).ok());
  return vault.import(plan, id).value();
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_SUITE("profile/history") {
  TEST_CASE("a field that was set once has no history, and each change keeps what was before") {
    Vault vault;
    REQUIRE(vault.set(kEmail, "a@example.org").ok());
    CHECK(histories(vault) == 0);
    CHECK(history_of(vault, kEmail) == Lines{"1 a@example.org self"});
    vault.now = day("2026-12-01");
    REQUIRE(vault.set(kEmail, "b@example.org").ok());
    vault.now = day("2026-12-02");
    REQUIRE(vault.set(kEmail, "c@example.org").ok());
    CHECK(history_of(vault, kEmail) ==
          Lines{"3 c@example.org self", "2 b@example.org self", "1 a@example.org self"});
    CHECK(histories(vault) == 1);
    const auto versions = vault.profile.versions(vault.profile.find(kEmail).value()).value();
    CHECK(versions[1].state.updated_at == day("2026-12-01"));
    CHECK(versions[2].state.updated_at == day("2026-11-21"));
    CHECK(versions[2].state.type == "email");
  }

  TEST_CASE("a former version becomes the present one, as a new version") {
    Vault vault;
    REQUIRE(vault.set(kEmail, "a@example.org").ok());
    REQUIRE(vault.set(kEmail, "b@example.org").ok());
    vault.now = day("2026-12-05");
    REQUIRE(restore(vault, kEmail, 1).ok());
    CHECK(vault.get(kEmail) == "a@example.org");
    CHECK(vault.profile.find(kEmail)->updated_at == day("2026-12-05"));
    CHECK(history_of(vault, kEmail) ==
          Lines{"3 a@example.org restored:1", "2 b@example.org self", "1 a@example.org self"});
    REQUIRE(restore(vault, kEmail, 2).ok());
    CHECK(history_of(vault, kEmail).front() == "4 b@example.org restored:2");
    CHECK(history_of(vault, kEmail).size() == 4);
  }

  TEST_CASE("the present version restored changes nothing, and one that is not kept is refused") {
    Vault vault;
    REQUIRE(vault.set(kEmail, "a@example.org").ok());
    REQUIRE(restore(vault, kEmail, 1).ok());
    CHECK(vault.profile.find(kEmail)->version == 1);
    for (const std::int64_t number : {0, -1, 2}) {
      const auto refused = restore(vault, kEmail, number);
      CHECK(refused.error().code == ErrorCode::NotFound);
      CHECK(refused.error().say == "profile.no_version");
    }
    CHECK(restore(vault, "contact.phone_number", 1).error().say.starts_with("profile.no_field"));
    vault.store.seal();
    CHECK(restore(vault, kEmail, 1).error().code == ErrorCode::Locked);
  }

  TEST_CASE("what is derived has no versions, and what is derived of a restored value follows it") {
    Vault vault;
    REQUIRE(vault.set("person.birthdate", "1990-02-14").ok());
    REQUIRE(vault.set("person.birthdate", "2015-02-14").ok());
    CHECK(vault.get("person.age_over_18") == "false");
    CHECK(history_of(vault, "person.age_over_18").size() == 1);
    CHECK(histories(vault) == 1);
    REQUIRE(restore(vault, "person.birthdate", 1).ok());
    CHECK(vault.get("person.age_over_18") == "true");
    const auto refused = restore(vault, "person.age_over_18", 1);
    CHECK(refused.error().say == "profile.claim_by_hand");
  }

  TEST_CASE("a typed region outlives its being derived, and stays once it is restored") {
    Vault vault;
    REQUIRE(vault.set("address.home.region", "Lyonnais").ok());
    REQUIRE(vault.set("address.home.region", "Beaujolais").ok());
    REQUIRE(vault.set("address.home.postal_code", "69007").ok());
    REQUIRE(restore(vault, "address.home.region", 1).ok());
    REQUIRE(vault.set("address.home.postal_code", "75001").ok());
    CHECK(vault.get("address.home.region") == "Lyonnais");
  }

  TEST_CASE("an import and its undoing are in the history") {
    Vault vault;
    REQUIRE(vault.set(kEmail, "a@example.org").ok());
    const auto set_at = vault.profile.find(kEmail)->updated_at;
    const ImportId id{"im_7F2K9QXD"};
    vault.now = day("2026-12-01");
    CHECK(import(vault, R"({"contact.email":"b@example.org"})", id).changed == 1);
    REQUIRE(vault.undo_import(id).ok());
    CHECK(history_of(vault, kEmail) == Lines{"3 a@example.org self",
                                             "2 b@example.org import:im_7F2K9QXD undone",
                                             "1 a@example.org self"});
    CHECK(vault.profile.find(kEmail)->updated_at == set_at);
    REQUIRE(restore(vault, kEmail, 2).ok());
    CHECK(vault.get(kEmail) == "b@example.org");
  }

  TEST_CASE("an import keeps no value of its own: what it undoes is found in the history") {
    Vault vault;
    REQUIRE(vault.set(kEmail, "canary-in-history@example.org").ok());
    CHECK(import(vault, R"({"contact.email":"b@example.org"})", {"im_7F2K9QXD"}).changed == 1);
    for (const auto& [place, row] : vault.store.content().rows)
      if (text_of(row.bytes).find("canary-in-history") != std::string::npos)
        CHECK(place.first == store::Table::Versions);
  }

  TEST_CASE("an import written down before there were histories is undone by the value it holds") {
    Vault vault;
    REQUIRE(vault.set(kEmail, "b@example.org").ok());
    const auto meta = vault.profile.find(kEmail).value();
    const ImportId id{"im_7F2K9QXD"};
    const auto box = vault.store.seal_with(meta.key, bytes_of("a@example.org"),
                                           bytes_of("import im_7F2K9QXD contact.email"));
    const std::string record =
        R"({"id":"im_7F2K9QXD","format":"json","at":0,"changes":[{"field":"contact.email","derived":false,)"
        R"("before":{"type":"email","source":"self","at":86400000,"box":")" +
        to_base64url(box.value()) + R"("}}]})";
    store::RowId row{};
    std::copy(id.text.begin(), id.text.end(), row.begin());
    const store::Job job = [&](store::Txn& txn) -> Result<void> {
      TRY(vault.profile.set(txn, kEmail, "b@example.org", "import:" + id.text, vault.now));
      return txn.write(store::Table::Imports, row, store::kVaultKey, bytes_of(record));
    };
    REQUIRE(vault.store.run(job).ok());
    REQUIRE(vault.undo_import(id).ok());
    CHECK(vault.get(kEmail) == "a@example.org");
    CHECK(vault.profile.find(kEmail)->updated_at.ms == 86400000);
  }

  TEST_CASE("unsetting a field destroys its history with its keys") {
    Vault vault;
    REQUIRE(vault.set(kEmail, "a@example.org").ok());
    REQUIRE(vault.set(kEmail, "b@example.org").ok());
    const auto own = row_of(vault, store::Table::Fields, kEmail).key;
    const auto of_history = row_of(vault, store::Table::Versions, kEmail).key;
    CHECK(vault.store.content().keys.contains(of_history));
    REQUIRE(vault.unset(kEmail).ok());
    CHECK(histories(vault) == 0);
    CHECK_FALSE(vault.store.content().keys.contains(own));
    CHECK_FALSE(vault.store.content().keys.contains(of_history));
    REQUIRE(vault.set(kEmail, "c@example.org").ok());
    CHECK(history_of(vault, kEmail) == Lines{"1 c@example.org self"});
  }

  TEST_CASE("the key of a field that stays through a lock does not open what the field was") {
    Vault vault;
    REQUIRE(vault.set(kEmail, "a@example.org").ok());
    REQUIRE(vault.set(kEmail, "b@example.org").ok());
    const auto meta = vault.profile.find(kEmail).value();
    vault.store.lock({meta.key});
    CHECK(vault.profile.value(meta).value().text() == "b@example.org");
    CHECK(vault.profile.versions(meta).error().code == ErrorCode::Locked);
  }

  TEST_CASE("the fiftieth version before the present one is the oldest that is kept") {
    Vault vault;
    for (int i = 1; i <= 60; ++i) REQUIRE(vault.set("work.role", "role " + std::to_string(i)).ok());
    const auto lines = history_of(vault, "work.role");
    REQUIRE(lines.size() == 1 + kMostVersions);
    CHECK(lines.front() == "60 role 60 self");
    CHECK(lines.back() == "10 role 10 self");
    CHECK(restore(vault, "work.role", 9).error().say == "profile.no_version");
    CHECK(restore(vault, "work.role", 10).ok());
  }

  TEST_CASE("a history of long values has at most the bytes of one box of 64 KiB") {
    Vault vault;
    for (int i = 0; i < 30; ++i)
      REQUIRE(vault.set("garden.tree", std::string(4000, static_cast<char>('a' + i % 26))).ok());
    CHECK(row_of(vault, store::Table::Versions, "garden.tree").bytes.size() <= kMostHistoryBytes);
    CHECK(history_of(vault, "garden.tree").size() == 1 + 16);
  }

  TEST_CASE("jobs that share a commit each keep the version before, and a failed one keeps none") {
    Vault vault;
    std::vector<store::Work> work;
    const auto put = [&vault](const char* value) {
      return [&vault, value](store::Txn& txn) {
        return vault.profile.set(txn, kEmail, value, "self", vault.now);
      };
    };
    const auto heed = [](Result<void> answer) { CHECK(answer.ok()); };
    work.push_back({put("a@example.org"), heed});
    work.push_back({put("b@example.org"), heed});
    work.push_back({put("c@example.org"), heed});
    vault.store.submit(std::move(work));
    CHECK(history_of(vault, kEmail).size() == 3);
    vault.store.next_commit_fails = true;
    CHECK_FALSE(vault.set(kEmail, "d@example.org").ok());
    CHECK(history_of(vault, kEmail).front() == "3 c@example.org self");
  }

  TEST_CASE("a history is read back as it was written, and nothing else is one") {
    History history;
    history.key[3] = 7;
    history.versions.push_back({{{}, "text", "self", "one", day("2026-11-01"), 1, false}, false});
    history.versions.push_back({{{}, "text", "self", "two", day("2026-11-02"), 4, false}, true});
    const auto bytes = encode_history(history);
    const auto read = decode_history(bytes.view());
    REQUIRE(read.ok());
    CHECK(read.value().key == history.key);
    REQUIRE(read.value().versions.size() == 2);
    CHECK(read.value().versions[1].undone);
    CHECK(read.value().versions[1].record.value == "two");
    CHECK(read.value().versions[0].record.version == 1);
    for (std::size_t size = 0; size < bytes.view().size(); ++size) {
      const auto cut = decode_history(bytes.view().first(size));
      CHECK((!cut.ok() || cut.value().versions.size() < 2));
    }
    const Bytes good(bytes.view().begin(), bytes.view().end());
    for (const std::size_t place : {std::size_t{0}, std::size_t{17}, std::size_t{18}}) {
      Bytes bad = good;
      bad[place] = 2;
      CHECK(decode_history(bad).error().code == ErrorCode::Corrupt);
    }
    std::swap(history.versions[0], history.versions[1]);
    CHECK_FALSE(decode_history(encode_history(history).view()).ok());
    history.versions = {{{"named", "text", "self", "one", day("2026-11-01"), 1, false}, false}};
    CHECK_FALSE(decode_history(encode_history(history).view()).ok());
    history.versions = {{{{}, "text", "self", "one", day("2026-11-01"), 1, true}, false}};
    CHECK_FALSE(decode_history(encode_history(history).view()).ok());
  }
}
