#include "vault/store/store.h"

#include <doctest/doctest.h>

#include <atomic>
#include <future>
#include <thread>

#include "tests/store/test_vault.h"

using namespace vrm;         // tests only
using namespace vrm::store;  // tests only

TEST_SUITE("store/store") {
  TEST_CASE("a new vault is open, and holds what is written") {
    TestVault vault;
    Store& store = vault.create();
    CHECK(store.state() == State::Open);
    put(store, Table::Fields, row_id(1), "Lyon");
    CHECK(get(store, Table::Fields, row_id(1)) == "Lyon");
    CHECK(get(store, Table::Fields, row_id(2)) == "<not_found>");
    CHECK(store.count(Table::Fields) == 1);
    CHECK(store.count(Table::Grants) == 0);
  }

  TEST_CASE("what was written is there after a restart") {
    TestVault vault;
    vault.create();
    const KeyId key = new_key(*vault.store);
    put(*vault.store, Table::Fields, row_id(1), "Lyon", key);
    put(*vault.store, Table::Settings, row_id(2), "fr");
    put(*vault.store, Table::Settings, row_id(2), "en");
    log(*vault.store, "first");
    must(vault.store->run([](Txn& txn) -> Result<void> {
      txn.note_time(Instant{1234});
      return {};
    }));
    const auto id = vault.store->vault_id();
    Store& store = vault.attach();
    CHECK(store.state() == State::Attached);
    CHECK(store.vault_id() == id);
    CHECK(get(store, Table::Fields, row_id(1)) == "<locked>");
    const CheckReport report = must(store.unlock(credential(), OpenFor::Use));
    CHECK(report.damages.empty());
    CHECK(report.log_records == 1);
    CHECK(get(store, Table::Fields, row_id(1)) == "Lyon");
    CHECK(get(store, Table::Settings, row_id(2)) == "en");
    CHECK(log_of(store) == std::vector<std::string>{"first"});
    CHECK(store.high_water() == Instant{1234});
  }
}
