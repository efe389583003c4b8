#include <doctest/doctest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include "vault/crypto/system_random.h"
#include "vault/profile/import.h"
#include "vault/profile/profile.h"
#include "vault/store/store.h"

// The profile on the store of files and ciphers: what the store in memory cannot show.

using namespace vrm;
using namespace vrm::profile;

namespace {

struct RealVault {
  RealVault() {
    std::string name = (std::filesystem::temp_directory_path() / "vrm-profile-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    folder = name;
    options.folder = folder / "vault";
    auto made = store::Store::create(disk, random, options, opener());
    REQUIRE(made.ok());
    store = std::move(made).value();
    profile = std::make_unique<Profile>(*store, catalogue, random);
  }
  ~RealVault() {
    store.reset();
    profile.reset();
    std::filesystem::remove_all(folder);
  }
  RealVault(const RealVault&) = delete;
  RealVault& operator=(const RealVault&) = delete;

  static store::Opener opener() {
    return store::Credential{crypto::Secret::copy_of(Bytes(store::kCredentialBytes, 7))};
  }
  void reopen() {
    store.reset();
    auto attached = store::Store::attach(disk, random, options);
    REQUIRE(attached.ok());
    store = std::move(attached).value();
    REQUIRE(store->unlock(opener(), store::OpenFor::Use).ok());
    profile = std::make_unique<Profile>(*store, catalogue, random);
    REQUIRE(profile->load().ok());
  }
  Result<void> set(std::string_view name, std::string_view typed) {
    return store->run([&](store::Txn& txn) { return profile->set(txn, name, typed, "self", now); });
  }
  std::string get(std::string_view name) const {
    const auto meta = profile->find(name);
    if (!meta) return "";
    const auto value = profile->value(*meta);
    return value.ok() ? std::string(value.value().text())
                      : "<" + std::string(to_string(value.error().code)) + ">";
  }
  bool is_in_a_file(std::string_view text) const {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
      if (!entry.is_regular_file()) continue;
      std::ifstream in(entry.path(), std::ios::binary);
      const std::string content(std::istreambuf_iterator<char>(in), {});
      if (content.find(text) != std::string::npos) return true;
    }
    return false;
  }

  std::filesystem::path folder;
  store::SystemDisk disk;
  crypto::SystemRandom random;
  store::Options options;
  Catalogue catalogue = Catalogue::embedded().value();
  Instant now = date_from_text("2026-11-21").value();
  std::unique_ptr<store::Store> store;
  std::unique_ptr<Profile> profile;
};

}  // namespace

TEST_SUITE("profile/real_store") {
  TEST_CASE("fields and claims survive a restart, and no name or value is in a file") {
    RealVault vault;
    REQUIRE(vault.set("garden.canary_field", "canary value \xC3\xA9").ok());
    REQUIRE(vault.set("person.birthdate", "1990-02-14").ok());
    vault.reopen();
    CHECK(vault.get("garden.canary_field") == "canary value \xC3\xA9");
    CHECK(vault.get("person.age_over_18") == "true");
    for (const auto* text : {"canary", "1990-02-14", "birthdate", "age_over_18"}) {
      CAPTURE(text);
      CHECK_FALSE(vault.is_in_a_file(text));
    }
  }

  TEST_CASE("locked, the kept field is served and another one's key is gone") {
    RealVault vault;
    REQUIRE(vault.set("person.birthdate", "1990-02-14").ok());
    const auto birth = *vault.profile->find("person.birthdate");
    const auto over_18 = *vault.profile->find("person.age_over_18");
    vault.store->lock({over_18.key});
    vault.profile->keep_only({over_18.name});
    std::string answer;
    REQUIRE(vault.profile->append_answer(over_18, answer).ok());
    CHECK(answer == R"({"value":true,"as_of":"2026-11-21"})");
    CHECK(vault.profile->value(birth).error().code == ErrorCode::Locked);
    CHECK(vault.set("garden.tree", "apple").error().code == ErrorCode::Locked);
    REQUIRE(vault.store->unlock(RealVault::opener(), store::OpenFor::Use).ok());
    REQUIRE(vault.profile->load().ok());
    CHECK(vault.get("person.birthdate") == "1990-02-14");
  }

  TEST_CASE("jobs of one group see each other's field") {
    RealVault vault;
    Result<void> first;
    Result<void> second;
    std::vector<store::Work> work;
    const auto set = [&](std::string_view value) {
      return [&vault, value](store::Txn& txn) {
        return vault.profile->set(txn, "garden.tree", value, "self", vault.now);
      };
    };
    work.push_back({set("apple"), [&](Result<void> answer) { first = std::move(answer); }});
    work.push_back({set("pear"), [&](Result<void> answer) { second = std::move(answer); }});
    vault.store->submit(std::move(work));
    REQUIRE(vault.set("garden.bush", "rose").ok());  // behind the group
    CHECK(first.ok());
    CHECK(second.ok());
    CHECK(vault.get("garden.tree") == "pear");
    CHECK(vault.profile->find("garden.tree")->version == 2);
    CHECK(vault.store->count(store::Table::Fields) == 2);
  }

  TEST_CASE("a failed job leaves neither rows nor names") {
    RealVault vault;
    const auto done = vault.store->run([&](store::Txn& txn) -> Result<void> {
      TRY(vault.profile->set(txn, "person.birthdate", "1990-02-14", "self", vault.now));
      return Error{ErrorCode::Denied, "no"};
    });
    CHECK(done.error().code == ErrorCode::Denied);
    CHECK(vault.profile->list("").empty());
    CHECK(vault.store->count(store::Table::Fields) == 0);
  }

  TEST_CASE("an import is applied, survives a restart and is undone") {
    RealVault vault;
    REQUIRE(vault.set("contact.email", "a@example.org").ok());
    ImportPlan plan =
        read_import(vault.catalogue,
                    R"({"contact.email":"b@example.org","person.birthdate":"1990-02-14"})")
            .value();
    REQUIRE(compare(*vault.profile, plan, vault.now).ok());
    const ImportId id = ImportId::make(vault.random);
    REQUIRE(vault.store
                ->run([&](store::Txn& txn) -> Result<void> {
                  TRY(apply(txn, *vault.profile, plan, id, Keep::New, vault.now));
                  return {};
                })
                .ok());
    vault.reopen();
    CHECK(vault.get("contact.email") == "b@example.org");
    CHECK(imports(*vault.store).value().front().id == id);
    REQUIRE(vault.store
                ->run([&](store::Txn& txn) -> Result<void> {
                  TRY(undo(txn, *vault.store, *vault.profile, id, OnChanged::Refuse, vault.now));
                  return {};
                })
                .ok());
    CHECK(vault.get("contact.email") == "a@example.org");
    CHECK(vault.profile->find("contact.email")->source == "self");
    CHECK(vault.profile->list("").size() == 1);
    vault.reopen();
    CHECK(vault.profile->list("").size() == 1);
  }
}
