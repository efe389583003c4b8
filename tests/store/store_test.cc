#include "vault/store/store.h"

#include <doctest/doctest.h>
#include <unistd.h>

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

  TEST_CASE("an opener that fits no slot is refused, and nothing opens") {
    TestVault vault;
    vault.create();
    Store& store = vault.attach();
    const auto refused = store.unlock(credential(8), OpenFor::Use);
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code == ErrorCode::BadKey);
    CHECK(refused.error().say == "store.bad_key");
    CHECK(store.state() == State::Attached);
  }

  TEST_CASE("a passphrase opens its vault, and another one does not") {
    TestVault vault;
    vault.options.kdf = crypto::kCostFloor;
    const auto passphrase = [](std::string_view text) {
      return Opener(Passphrase{crypto::Secret::copy_of(bytes_of(text))});
    };
    vault.store =
        must(Store::create(vault.disk, vault.random, vault.options, passphrase("correct horse")));
    put(*vault.store, Table::Fields, row_id(1), "Lyon");
    Store& store = vault.attach();
    const auto refused = store.unlock(passphrase("correct horsf"), OpenFor::Use);
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code == ErrorCode::BadKey);
    const auto other_kind = store.unlock(credential(), OpenFor::Use);
    REQUIRE_FALSE(other_kind.ok());
    CHECK(other_kind.error().code == ErrorCode::BadKey);
    must(store.unlock(passphrase("correct horse"), OpenFor::Use));
    CHECK(get(store, Table::Fields, row_id(1)) == "Lyon");
  }

  TEST_CASE("an added slot opens the vault as the first one does") {
    TestVault vault;
    Store& made = vault.create();
    put(made, Table::Fields, row_id(1), "Lyon");
    must(made.add_slot(credential(9)));
    Store& store = vault.attach();
    must(store.unlock(credential(9), OpenFor::Use));
    CHECK(get(store, Table::Fields, row_id(1)) == "Lyon");
    store.seal();
    must(store.unlock(credential(), OpenFor::Use));
    store.lock({});
    const auto refused = store.add_slot(credential(10));
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code == ErrorCode::Locked);
  }

  TEST_CASE("a vault is not made over another, nor beside slots whose vault is gone") {
    TestVault vault;
    vault.create();
    vault.close();
    const auto over = Store::create(vault.disk, vault.random, vault.options, credential());
    REQUIRE_FALSE(over.ok());
    CHECK(over.error().code == ErrorCode::Conflict);
    CHECK(over.error().say == "store.vault_exists");
    std::filesystem::remove(vault.database());
    const auto beside = Store::create(vault.disk, vault.random, vault.options, credential());
    REQUIRE_FALSE(beside.ok());
    CHECK(beside.error().say == "store.slots_without_vault");
  }

  TEST_CASE("an interrupted making leaves no vault, and the next one succeeds") {
    TestVault vault;
    vault.create();
    vault.close();
    std::filesystem::rename(vault.database(), vault.options.folder / "vault.db.new");
    const auto attached = Store::attach(vault.disk, vault.random, vault.options);
    REQUIRE_FALSE(attached.ok());
    CHECK(attached.error().code == ErrorCode::NotFound);
    CHECK(vault.create().state() == State::Open);
  }

  TEST_CASE("a second store of the same vault is refused with the pid of the first") {
    TestVault vault;
    vault.create();
    const auto second = Store::attach(vault.disk, vault.random, vault.options);
    REQUIRE_FALSE(second.ok());
    CHECK(second.error().code == ErrorCode::Conflict);
    CHECK(second.error().say == "store.held");
    CHECK(second.error().with == Gaps{{"pid", std::to_string(::getpid())}});
  }

  TEST_CASE("locking keeps the keys it is told to, and no other") {
    TestVault vault;
    Store& store = vault.create();
    const KeyId served = new_key(store);
    const KeyId other = new_key(store);
    put(store, Table::Fields, row_id(1), "Lyon", served);
    put(store, Table::Fields, row_id(2), "1990-01-01", other);
    put(store, Table::Settings, row_id(3), "fr");
    log(store, "before");
    store.lock({served});
    CHECK(store.state() == State::Serving);
    CHECK(get(store, Table::Fields, row_id(1)) == "Lyon");
    CHECK(get(store, Table::Fields, row_id(2)) == "<locked>");
    CHECK(get(store, Table::Settings, row_id(3)) == "<locked>");
    CHECK(store.count(Table::Fields) == 2);

    put(store, Table::Fields, row_id(1), "Paris", served);
    log(store, "while serving");
    std::vector<std::string> seen;
    must(store.scan(Table::Fields,
                    [&](const RowId&, const KeyId&, BytesView record) -> Result<void> {
                      seen.push_back(text_of(record));
                      return {};
                    }));
    CHECK(seen == std::vector<std::string>{"Paris"});

    const auto writes_locked =
        store.run([&](Txn& txn) { return txn.write(Table::Fields, row_id(4), other, {}); });
    REQUIRE_FALSE(writes_locked.ok());
    CHECK(writes_locked.error().code == ErrorCode::Locked);
    const auto makes_key = store.run([&](Txn& txn) -> Result<void> {
      TRY(txn.make_key());
      return {};
    });
    REQUIRE_FALSE(makes_key.ok());
    CHECK(makes_key.error().code == ErrorCode::Locked);
    CHECK_FALSE(store.seal_with(other, {}, {}).ok());
    CHECK_FALSE(store.derive_from(other, "signing").ok());
    CHECK(store.read_log(1, 9, [](std::uint64_t, BytesView) -> Result<void> { return {}; })
              .error()
              .code == ErrorCode::Locked);

    must(store.unlock(credential(), OpenFor::Use));
    CHECK(get(store, Table::Fields, row_id(2)) == "1990-01-01");
    CHECK(get(store, Table::Fields, row_id(1)) == "Paris");
    CHECK(log_of(store) == std::vector<std::string>{"before", "while serving"});
  }

  TEST_CASE("a sealed vault answers nothing and takes nothing") {
    TestVault vault;
    Store& store = vault.create();
    put(store, Table::Fields, row_id(1), "Lyon");
    store.seal();
    CHECK(store.state() == State::Attached);
    CHECK(get(store, Table::Fields, row_id(1)) == "<locked>");
    CHECK(store.run([](Txn&) -> Result<void> { return {}; }).error().code == ErrorCode::Locked);
    must(store.unlock(credential(), OpenFor::Use));
    CHECK(get(store, Table::Fields, row_id(1)) == "Lyon");
  }

  TEST_CASE("a destroyed key's rows are unreadable, now and after a restart") {
    TestVault vault;
    Store& store = vault.create();
    const KeyId key = new_key(store);
    put(store, Table::Fields, row_id(1), "Lyon", key);
    const Bytes box = must(store.seal_with(key, bytes_of("inner"), bytes_of("context")));
    must(store.run([&](Txn& txn) -> Result<void> {
      TRY(txn.destroy_key(key));
      CHECK(txn.read(Table::Fields, row_id(1)).error().code == ErrorCode::Locked);
      CHECK(txn.destroy_key(key).error().code == ErrorCode::NotFound);
      return {};
    }));
    CHECK(get(store, Table::Fields, row_id(1)) == "<locked>");
    CHECK(store.open_with(key, box, bytes_of("context")).error().code == ErrorCode::Locked);
    vault.reopen();
    CHECK(get(*vault.store, Table::Fields, row_id(1)) == "<locked>");
    CHECK(must(vault.store->check()).damages.empty());
  }

  TEST_CASE("what a key seals outside the rows opens with the same key and context alone") {
    TestVault vault;
    Store& store = vault.create();
    const KeyId key = new_key(store);
    const Bytes box = must(store.seal_with(key, bytes_of("inner"), bytes_of("context")));
    CHECK(must(store.open_with(key, box, bytes_of("context"))).text() == "inner");
    CHECK(store.open_with(key, box, bytes_of("contexu")).error().code == ErrorCode::Corrupt);
    CHECK(store.open_with(kVaultKey, box, bytes_of("context")).error().code == ErrorCode::Corrupt);
    CHECK(store.open_with(key, {}, {}).error().code == ErrorCode::Corrupt);
    const crypto::Secret signing = must(store.derive_from(key, "signing"));
    CHECK(must(store.derive_from(key, "signing")).equals(signing.bytes()));
    CHECK_FALSE(must(store.derive_from(key, "signinh")).equals(signing.bytes()));
    CHECK_FALSE(must(store.derive_from(kVaultKey, "signing")).equals(signing.bytes()));
  }

  TEST_CASE("a scan hands the visitor's refusal on") {
    TestVault vault;
    Store& store = vault.create();
    put(store, Table::Fields, row_id(1), "Lyon");
    put(store, Table::Fields, row_id(2), "Paris");
    int visited = 0;
    const auto scanned =
        store.scan(Table::Fields, [&](const RowId&, const KeyId&, BytesView) -> Result<void> {
          ++visited;
          return Error{ErrorCode::Denied, "enough"};
        });
    REQUIRE_FALSE(scanned.ok());
    CHECK(scanned.error().code == ErrorCode::Denied);
    CHECK(visited == 1);
  }

  TEST_CASE("ten thousand rows, some of every size, verify and read back") {
    TestVault vault;
    Store& store = vault.create();
    must(store.run([](Txn& txn) -> Result<void> {
      for (std::uint64_t i = 0; i < 10'000; ++i) {
        TRY(txn.write(Table::Fields, row_id(i), kVaultKey,
                      bytes_of(std::string(i % 300, 'v') + std::to_string(i))));
      }
      return txn.write(Table::Imports, row_id(1), kVaultKey, Bytes(300'000, 42));
    }));
    vault.reopen();
    CHECK(vault.store->count(Table::Fields) == 10'000);
    for (const std::uint64_t i : {0U, 1U, 4999U, 9999U}) {
      CHECK(get(*vault.store, Table::Fields, row_id(i)) ==
            std::string(i % 300, 'v') + std::to_string(i));
    }
    CHECK(get(*vault.store, Table::Imports, row_id(1)).size() == 300'000);
    CHECK(must(vault.store->check()).rows == 10'002);
  }
}

TEST_SUITE("store/jobs") {
  TEST_CASE("a job that fails undoes only itself") {
    TestVault vault;
    Store& store = vault.create();
    put(store, Table::Fields, row_id(1), "old");
    std::vector<std::string> told(3);
    std::promise<void> last;
    KeyId lost{};
    std::vector<Work> group;
    group.push_back({[](Txn& txn) -> Result<void> {
                       TRY(txn.write(Table::Fields, row_id(1), kVaultKey, bytes_of("first")));
                       TRY(txn.append_log(bytes_of("first")));
                       return {};
                     },
                     [&](Result<void> result) { told[0] = result.ok() ? "done" : "failed"; }});
    group.push_back(
        {[&](Txn& txn) -> Result<void> {
           CHECK(TRY(txn.read(Table::Fields, row_id(1))).text() == "first");
           TRY(txn.write(Table::Fields, row_id(1), kVaultKey, bytes_of("second")));
           TRY(txn.write(Table::Fields, row_id(2), kVaultKey, bytes_of("second")));
           CHECK(TRY(txn.append_log(bytes_of("second"))) == 2);
           lost = TRY(txn.make_key());
           txn.note_time(Instant{99});
           return Error{ErrorCode::Denied, "no"};
         },
         [&](Result<void> result) { told[1] = result.ok() ? "done" : result.error().message; }});
    group.push_back(
        {[&](Txn& txn) -> Result<void> {
           CHECK(TRY(txn.read(Table::Fields, row_id(1))).text() == "first");
           CHECK(txn.read(Table::Fields, row_id(2)).error().code == ErrorCode::NotFound);
           CHECK(txn.write(Table::Fields, row_id(3), lost, {}).error().code == ErrorCode::Locked);
           CHECK(TRY(txn.append_log(bytes_of("third"))) == 2);
           TRY(txn.write(Table::Fields, row_id(3), kVaultKey, bytes_of("third")));
           return {};
         },
         [&](Result<void> result) {
           told[2] = result.ok() ? "done" : "failed";
           last.set_value();
         }});
    store.submit(std::move(group));
    last.get_future().get();
    CHECK(told == std::vector<std::string>{"done", "no", "done"});
    vault.reopen();
    CHECK(get(*vault.store, Table::Fields, row_id(1)) == "first");
    CHECK(get(*vault.store, Table::Fields, row_id(2)) == "<not_found>");
    CHECK(get(*vault.store, Table::Fields, row_id(3)) == "third");
    CHECK(log_of(*vault.store) == std::vector<std::string>{"first", "third"});
    CHECK(vault.store->high_water() == Instant{0});
  }

  TEST_CASE("a job sees its own erasures and writes, and an erased row can be made again") {
    TestVault vault;
    Store& store = vault.create();
    put(store, Table::Fields, row_id(1), "old");
    must(store.run([](Txn& txn) -> Result<void> {
      TRY(txn.erase(Table::Fields, row_id(1)));
      CHECK(txn.read(Table::Fields, row_id(1)).error().code == ErrorCode::NotFound);
      CHECK(txn.erase(Table::Fields, row_id(1)).error().code == ErrorCode::NotFound);
      TRY(txn.write(Table::Fields, row_id(2), kVaultKey, bytes_of("gone at once")));
      return txn.erase(Table::Fields, row_id(2));
    }));
    CHECK(get(store, Table::Fields, row_id(1)) == "<not_found>");
    put(store, Table::Fields, row_id(1), "new");
    vault.reopen();
    CHECK(get(*vault.store, Table::Fields, row_id(1)) == "new");
    CHECK(vault.store->count(Table::Fields) == 1);
  }

  TEST_CASE(
      "after a commit its actions run in order, before anyone is told; after a failure backwards") {
    TestVault vault;
    Store& store = vault.create();
    std::string order;
    std::promise<void> last;
    std::vector<Work> group;
    const auto job = [&](std::string name, bool fails) -> Job {
      return [&order, name, fails](Txn& txn) -> Result<void> {
        TRY(txn.write(Table::Fields, row_id(1), kVaultKey, bytes_of(name)));
        for (const std::string step : {"1", "2"}) {
          txn.on_commit([&order, name, step] { order += " +" + name + step; });
          txn.on_rollback([&order, name, step] { order += " -" + name + step; });
        }
        if (fails) return Error{ErrorCode::Denied, "no"};
        return {};
      };
    };
    group.push_back({job("a", false), [&](Result<void>) { order += " a"; }});
    group.push_back({job("b", true), [&](Result<void>) { order += " b"; }});
    group.push_back({job("c", false), [&](Result<void>) {
                       order += " c";
                       last.set_value();
                     }});
    store.submit(std::move(group));
    last.get_future().get();
    CHECK(order == " -b2 -b1 +a1 +a2 +c1 +c2 a b c");
  }

  TEST_CASE("jobs handed over together share a commit") {
    TestVault vault;
    Store& store = vault.create();
    const Usage before = store.usage();
    std::atomic<int> told = 0;
    std::promise<void> last;
    std::vector<Work> group;
    for (std::uint64_t i = 0; i < 100; ++i) {
      group.push_back({[i](Txn& txn) -> Result<void> {
                         TRY(txn.append_log(bytes_of("read " + std::to_string(i))));
                         return txn.write(Table::Grants, row_id(i % 10), kVaultKey,
                                          bytes_of(std::to_string(i)));
                       },
                       [&](Result<void> result) {
                         CHECK(result.ok());
                         if (++told == 100) last.set_value();
                       }});
    }
    store.submit(std::move(group));
    last.get_future().get();
    CHECK(store.usage().jobs - before.jobs == 100);
    CHECK(store.usage().commits - before.commits == 1);
    vault.reopen();
    CHECK(vault.store->log_size() == 100);
    CHECK(get(*vault.store, Table::Grants, row_id(9)) == "99");
  }

  TEST_CASE("of records written late by a group the last is made, and one that failed is not") {
    TestVault vault;
    Store& store = vault.create();
    std::string made;
    std::string seen;
    std::promise<void> last;
    std::vector<Work> group;
    for (const char* name : {"a", "b", "c"}) {
      const auto make = [&made, name] {
        made += name;
        return Bytes{static_cast<std::uint8_t>(name[0])};
      };
      group.push_back({[&seen, make, name](Txn& txn) -> Result<void> {
                         TRY(txn.write_late(Table::Grants, row_id(1), kVaultKey, make));
                         if (name[0] == 'c') return Error{ErrorCode::Denied, "not this one"};
                         if (name[0] == 'a') return {};
                         const auto read = TRY(txn.read(Table::Grants, row_id(1)));
                         seen = read.text();
                         return {};
                       },
                       [&last, name](Result<void> result) {
                         CHECK(result.ok() == (name[0] != 'c'));
                         if (name[0] == 'c') last.set_value();
                       }});
    }
    store.submit(std::move(group));
    last.get_future().get();
    CHECK(made == "b");
    CHECK(seen == "b");
    vault.reopen();
    CHECK(get(*vault.store, Table::Grants, row_id(1)) == "b");
  }

  TEST_CASE("a row is not written late under a key that is not here") {
    TestVault vault;
    const auto late = vault.create().run([](Txn& txn) {
      return txn.write_late(Table::Grants, row_id(1), KeyId{7}, [] { return Bytes{1}; });
    });
    REQUIRE_FALSE(late.ok());
    CHECK(late.error().code == ErrorCode::Locked);
  }

  TEST_CASE("a job that changes nothing costs no commit") {
    TestVault vault;
    Store& store = vault.create();
    must(store.run([](Txn& txn) -> Result<void> {
      txn.note_time(Instant{10});
      return {};
    }));
    const Usage before = store.usage();
    must(store.run([](Txn& txn) -> Result<void> {
      txn.note_time(Instant{9});
      return {};
    }));
    CHECK(store.usage().commits == before.commits);
    CHECK(store.high_water() == Instant{10});
  }

  TEST_CASE("a record longer than 16 MiB is refused") {
    TestVault vault;
    Store& store = vault.create();
    const Bytes huge((std::size_t{16} << 20) + 1);
    CHECK(store.run([&](Txn& txn) { return txn.write(Table::Fields, row_id(1), kVaultKey, huge); })
              .error()
              .code == ErrorCode::Malformed);
  }

  TEST_CASE("threads that write, read, scan, lock and unlock at once lose nothing") {
    TestVault vault;
    Store& store = vault.create();
    const KeyId key = new_key(store);
    put(store, Table::Grants, row_id(1000), "0", key);
    std::vector<std::thread> threads;
    std::atomic<int> failures = 0;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < 100; ++i) {
          const auto added = store.run([&](Txn& txn) -> Result<void> {
            const auto record = TRY(txn.read(Table::Grants, row_id(1000)));
            const int count = std::stoi(std::string(record.text()));
            TRY(txn.append_log(bytes_of("use")));
            return txn.write(Table::Grants, row_id(1000), key, bytes_of(std::to_string(count + 1)));
          });
          if (!added.ok() || !store.read(Table::Grants, row_id(1000)).ok()) ++failures;
        }
      });
    }
    threads.emplace_back([&] {
      for (int i = 0; i < 10; ++i) {
        store.lock({key});
        if (!store.unlock(credential(), OpenFor::Use).ok()) ++failures;
        if (!store.check().ok()) ++failures;
        if (!store
                 .scan(Table::Grants,
                       [](const RowId&, const KeyId&, BytesView) -> Result<void> { return {}; })
                 .ok()) {
          ++failures;
        }
      }
    });
    for (std::thread& thread : threads) thread.join();
    CHECK(failures == 0);
    vault.reopen();
    CHECK(get(*vault.store, Table::Grants, row_id(1000)) == "400");
    CHECK(vault.store->log_size() == 400);
    CHECK(must(vault.store->check()).damages.empty());
  }
}
