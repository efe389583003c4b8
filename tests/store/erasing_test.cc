// What is destroyed is gone from the vault's files, and what stays does not notice.

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>

#include "tests/store/test_vault.h"
#include "vault/store/database.h"

using namespace vrm;         // tests only
using namespace vrm::store;  // tests only

namespace {

struct Wrapped {
  Bytes ring;
  std::map<KeyId, Bytes> keys;
};

// As they lie in the file; nobody holds the vault meanwhile.
Wrapped boxes_of(TestVault& vault) {
  vault.close();
  const auto database = must(Database::open(vault.disk, vault.random, vault.database()));
  Wrapped boxes;
  boxes.ring = must(database->ring());
  must(database->each_row([&](std::int64_t, const std::optional<Row>& row) -> Result<void> {
    if (row->table == Table::Keys) boxes.keys[row->id] = Bytes(row->box.begin(), row->box.end());
    return {};
  }));
  return boxes;
}

bool is_in_files(const TestVault& vault, const Bytes& bytes) {
  for (const auto& entry : std::filesystem::directory_iterator(vault.options.folder)) {
    std::ifstream file(entry.path(), std::ios::binary);
    const Bytes content{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    if (std::search(content.begin(), content.end(), bytes.begin(), bytes.end()) != content.end())
      return true;
  }
  return false;
}

}  // namespace

TEST_SUITE("store/erasing") {
  TEST_CASE("a destroyed key takes the ring with it, and neither is in any file at once") {
    TestVault vault;
    vault.create();
    const KeyId gone = new_key(*vault.store);
    const KeyId stays = new_key(*vault.store);
    put(*vault.store, Table::Fields, row_id(1), "to be forgotten", gone);
    put(*vault.store, Table::Fields, row_id(2), "kept", stays);
    put(*vault.store, Table::Fields, row_id(3), "the vault's own");
    const Wrapped before = boxes_of(vault);
    REQUIRE(before.keys.size() == 3);
    CHECK(is_in_files(vault, before.keys.at(gone)));
    CHECK(is_in_files(vault, before.ring));
    vault.reopen();
    KeyId made{};
    must(vault.store->run([&](Txn& txn) -> Result<void> {
      made = TRY(txn.make_key());
      TRY(txn.erase(Table::Fields, row_id(1)));
      TRY(txn.write(Table::Fields, row_id(4), made, bytes_of("made beside it")));
      return txn.destroy_key(gone);
    }));
    // While it runs: there is no waiting for a close.
    CHECK_FALSE(is_in_files(vault, before.keys.at(gone)));
    CHECK_FALSE(is_in_files(vault, before.keys.at(stays)));
    CHECK_FALSE(is_in_files(vault, before.ring));
    for (const bool anew : {false, true}) {
      if (anew) vault.reopen();
      CHECK(get(*vault.store, Table::Fields, row_id(2)) == "kept");
      CHECK(get(*vault.store, Table::Fields, row_id(3)) == "the vault's own");
      CHECK(get(*vault.store, Table::Fields, row_id(4)) == "made beside it");
      CHECK(must(vault.store->check()).damages.empty());
    }
    const Wrapped after = boxes_of(vault);
    CHECK(after.keys.size() == 3);
    CHECK(after.keys.count(gone) == 0);
    CHECK(after.keys.at(stays) != before.keys.at(stays));
    CHECK(after.ring != before.ring);
  }

  TEST_CASE("a job that fails makes no ring, and one that destroys what it made leaves nothing") {
    TestVault vault;
    vault.create();
    const KeyId key = new_key(*vault.store);
    put(*vault.store, Table::Fields, row_id(1), "kept", key);
    const auto failed = vault.store->run([&](Txn& txn) -> Result<void> {
      TRY(txn.destroy_key(key));
      return Error{ErrorCode::Denied, "no"};
    });
    CHECK_FALSE(failed.ok());
    CHECK(get(*vault.store, Table::Fields, row_id(1)) == "kept");
    must(vault.store->run([&](Txn& txn) -> Result<void> {
      const KeyId passing = TRY(txn.make_key());
      return txn.destroy_key(passing);
    }));
    CHECK(get(*vault.store, Table::Fields, row_id(1)) == "kept");
    CHECK(must(vault.store->check()).damages.empty());
    vault.reopen();
    CHECK(get(*vault.store, Table::Fields, row_id(1)) == "kept");
    CHECK(boxes_of(vault).keys.size() == 2);
  }

  TEST_CASE("groups that make and destroy keys at once agree with a model") {
    TestVault vault;
    vault.create();
    std::map<std::uint64_t, std::pair<KeyId, std::string>> model;
    std::uint64_t drawn = 7;
    const auto next = [&drawn](std::uint64_t below) {
      drawn = drawn * 6364136223846793005ULL + 1442695040888963407ULL;
      return (drawn >> 33) % below;
    };
    for (int round = 0; round < 60; ++round) {
      must(vault.store->run([&](Txn& txn) -> Result<void> {
        for (std::uint64_t i = 0; i < 1 + next(4); ++i) {
          const std::uint64_t id = next(20);
          if (const auto found = model.find(id); found != model.end()) {
            TRY(txn.erase(Table::Fields, row_id(id)));
            TRY(txn.destroy_key(found->second.first));
            model.erase(found);
            continue;
          }
          const KeyId key = TRY(txn.make_key());
          const std::string text = std::to_string(round) + " " + std::to_string(i);
          TRY(txn.write(Table::Fields, row_id(id), key, bytes_of(text)));
          model[id] = {key, text};
        }
        return {};
      }));
      if (round % 10 == 9) vault.reopen();
      for (std::uint64_t id = 0; id < 20; ++id) {
        const auto found = model.find(id);
        CHECK(get(*vault.store, Table::Fields, row_id(id)) ==
              (found == model.end() ? "<not_found>" : found->second.second));
      }
    }
    CHECK(must(vault.store->check()).damages.empty());
  }
}
