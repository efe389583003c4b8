// The database changed by hand, as a thief of the disk would: what is refused, and what is said
// about where.

#include <doctest/doctest.h>

#include <fstream>

#include "tests/store/by_hand.h"
#include "tests/store/test_vault.h"
#include "vault/store/migrations.h"
#include "vault/store/row.h"

using namespace vrm;         // tests only
using namespace vrm::store;  // tests only

namespace {

std::string where(Table table, const RowId& id) {
  return "tbl=" + std::to_string(static_cast<int>(table)) + " AND id=x'" + to_hex(id) + "'";
}

// A vault with fields 1 to 8, a grant and three log records; closed.
struct Target : TestVault {
  Target() {
    create();
    for (std::uint64_t i = 1; i <= 8; ++i)
      put(*store, Table::Fields, row_id(i), "value " + std::to_string(i));
    put(*store, Table::Grants, row_id(77), "active");
    for (const char* record : {"one", "two", "three"}) log(*store, record);
    close();
  }

  // What unlocking says the place is; "" when it opens.
  std::string refused_at() {
    attach();
    const auto report = store->unlock(credential(), OpenFor::Use);
    if (report.ok()) return "";
    CHECK(report.error().code == ErrorCode::Corrupt);
    CHECK(report.error().say == "store.corrupt");
    CHECK(store->state() == State::Attached);
    REQUIRE(report.error().with.size() == 1);
    CHECK(report.error().with[0].first == "place");
    return report.error().with[0].second;
  }

  // Every way down from the root page of a table's tree leads to the same page.
  void lead_back(const std::string& table) {
    const auto root =
        ByHand(database()).quoted("rootpage", "sqlite_schema WHERE name='" + table + "'");
    Bytes file = must(read_file(disk, database(), std::size_t{16} << 20));
    const auto page = file.begin() + (std::stol(root) - 1) * 4096;
    REQUIRE(page[0] == 5);  // with pages below it
    const int cells = page[3] * 256 + page[4];
    REQUIRE(cells > 1);
    const auto child = [&](int cell) {
      return page + page[12 + 2 * cell] * 256 + page[13 + 2 * cell];
    };
    const Bytes first(child(0), child(0) + 4);
    for (int cell = 1; cell < cells; ++cell) std::copy(first.begin(), first.end(), child(cell));
    std::copy(first.begin(), first.end(), page + 8);
    must(replace_file(disk, database(), file));
  }

  CheckReport rescue() {
    attach();
    CheckReport report = must(store->unlock(credential(), OpenFor::Rescue));
    CHECK_FALSE(report.damages.empty());
    CHECK(store->state() == State::Rescue);
    return report;
  }
};

}  // namespace

TEST_SUITE("store/verify") {
  TEST_CASE("while a vault is attached, a stranger's program gets into neither file nor log") {
    Target vault;
    vault.reopen();
    put(*vault.store, Table::Fields, row_id(9), "acknowledged");
    sqlite3* stranger = nullptr;
    REQUIRE(sqlite3_open(vault.database().c_str(), &stranger) == SQLITE_OK);
    CHECK(sqlite3_exec(stranger, "SELECT count(*) FROM rows", nullptr, nullptr, nullptr) ==
          SQLITE_BUSY);
    sqlite3_close(stranger);
    CHECK(std::filesystem::exists(vault.database().string() + "-wal"));
    vault.reopen();
    CHECK(get(*vault.store, Table::Fields, row_id(9)) == "acknowledged");
  }

  TEST_CASE("a vault that a stranger's program is using is not attached") {
    Target vault;
    sqlite3* stranger = nullptr;
    REQUIRE(sqlite3_open(vault.database().c_str(), &stranger) == SQLITE_OK);
    REQUIRE(sqlite3_exec(stranger, "BEGIN EXCLUSIVE", nullptr, nullptr, nullptr) == SQLITE_OK);
    const auto refused = Store::attach(vault.disk, vault.random, vault.options);
    sqlite3_close(stranger);
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code == ErrorCode::Unavailable);
    CHECK(vault.refused_at().empty());
  }

  TEST_CASE("pages that lead back to where a reader was are refused, and nobody reads for ever") {
    for (const char* table : {"log", "rows"}) {
      CAPTURE(table);
      Target vault;
      vault.reopen();
      must(vault.store->run([&](Txn& txn) -> Result<void> {
        for (std::uint64_t i = 0; i < 2000; ++i) {
          TRY(txn.append_log(bytes_of("record")));
          TRY(txn.write(Table::Fields, row_id(100 + i), kVaultKey, bytes_of("value")));
        }
        return {};
      }));
      vault.close();
      vault.lead_back(table);
      CHECK(vault.refused_at().starts_with("vault.db: the pages of " + std::string(table) +
                                           " are out of order"));
      const CheckReport report = vault.rescue();
      CHECK(report.damages.size() < 5000);
    }
  }

  TEST_CASE("an untouched vault opens, also after a stranger's program has rewritten its pages") {
    Target vault;
    ByHand(vault.database()).run("VACUUM");
    CHECK(vault.refused_at().empty());
    CHECK(get(*vault.store, Table::Fields, row_id(8)) == "value 8");
  }

  TEST_CASE("a deleted row is refused by its id, and the others are rescued") {
    Target vault;
    CHECK(
        ByHand(vault.database()).run("DELETE FROM rows WHERE " + where(Table::Fields, row_id(3))) ==
        1);
    CHECK(vault.refused_at() == place_of(Table::Fields, row_id(3)) + ": a row is missing");
    vault.rescue();
    CHECK(get(*vault.store, Table::Fields, row_id(3)) == "<not_found>");
    CHECK(get(*vault.store, Table::Fields, row_id(4)) == "value 4");
    CHECK(get(*vault.store, Table::Grants, row_id(77)) == "active");
  }

  TEST_CASE("several deleted rows are refused with their table") {
    Target vault;
    CHECK(ByHand(vault.database()).run("DELETE FROM rows WHERE tbl=3") == 8);
    CHECK(vault.refused_at().starts_with("table fields: a row is missing, 2 of them"));
  }

  TEST_CASE("a revocation that was deleted is refused") {
    Target vault;
    vault.reopen();
    put(*vault.store, Table::Grants, row_id(78), "revoked");
    vault.close();
    CHECK(ByHand(vault.database())
              .run("DELETE FROM rows WHERE " + where(Table::Grants, row_id(78))) == 1);
    CHECK(vault.refused_at() == place_of(Table::Grants, row_id(78)) + ": a row is missing");
  }

  TEST_CASE("a grant rolled back to before its revocation is refused by its id") {
    Target vault;
    const std::string row = "rows WHERE " + where(Table::Grants, row_id(77));
    const std::string version = ByHand(vault.database()).quoted("version", row);
    const std::string box = ByHand(vault.database()).quoted("box", row);
    vault.reopen();
    put(*vault.store, Table::Grants, row_id(77), "revoked");
    vault.close();
    CHECK(ByHand(vault.database())
              .run("UPDATE rows SET version=" + version + ", box=" + box + " WHERE " +
                   where(Table::Grants, row_id(77))) == 1);
    const std::string place = vault.refused_at();
    CHECK(place.starts_with(place_of(Table::Grants, row_id(77)) +
                            ": a row was rolled back, from version "));
    vault.rescue();
    const auto refused =
        vault.store->run([](Txn& txn) { return txn.erase(Table::Grants, row_id(77)); });
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code == ErrorCode::Denied);
    CHECK(refused.error().say == "store.rescue_read_only");
  }

  TEST_CASE("an old box under the present version does not open") {
    Target vault;
    const std::string box =
        ByHand(vault.database()).quoted("box", "rows WHERE " + where(Table::Grants, row_id(77)));
    vault.reopen();
    put(*vault.store, Table::Grants, row_id(77), "revoked");
    vault.close();
    ByHand(vault.database())
        .run("UPDATE rows SET box=" + box + " WHERE " + where(Table::Grants, row_id(77)));
    CHECK(vault.refused_at() == place_of(Table::Grants, row_id(77)) + ": does not open");
    vault.rescue();
    CHECK(get(*vault.store, Table::Grants, row_id(77)) == "<corrupt>");
    CHECK(get(*vault.store, Table::Fields, row_id(1)) == "value 1");
  }

  TEST_CASE("a box copied under another id is a row too many") {
    Target vault;
    ByHand(vault.database())
        .run("INSERT INTO rows(tbl,id,version,key,box) SELECT tbl,x'" + to_hex(row_id(99)) +
             "',version,key,box FROM rows WHERE " + where(Table::Fields, row_id(1)));
    CHECK(vault.refused_at() == place_of(Table::Fields, row_id(99)) + ": a row too many");
    const CheckReport report = vault.rescue();
    CHECK(report.damages.size() == 1);
    CHECK(get(*vault.store, Table::Fields, row_id(99)) == "<corrupt>");
    CHECK(get(*vault.store, Table::Fields, row_id(1)) == "value 1");
  }

  TEST_CASE("the same row twice is a row too many") {
    Target vault;
    ByHand(vault.database())
        .run(
            "INSERT INTO rows(tbl,id,version,key,box) SELECT tbl,id,version,key,box FROM rows "
            "WHERE " +
            where(Table::Fields, row_id(1)));
    CHECK(vault.refused_at() == place_of(Table::Fields, row_id(1)) + ": a row too many");
  }

  TEST_CASE("a row that was erased and is put back is a row too many, although it opens") {
    Target vault;
    const std::string row = "rows WHERE " + where(Table::Fields, row_id(5));
    const std::string values = ByHand(vault.database()).quoted("version", row) + "," +
                               ByHand(vault.database()).quoted("key", row) + "," +
                               ByHand(vault.database()).quoted("box", row);
    vault.reopen();
    must(vault.store->run([](Txn& txn) { return txn.erase(Table::Fields, row_id(5)); }));
    vault.close();
    ByHand(vault.database())
        .run("INSERT INTO rows(tbl,id,version,key,box) VALUES(3,x'" + to_hex(row_id(5)) + "'," +
             values + ")");
    CHECK(vault.refused_at() == place_of(Table::Fields, row_id(5)) + ": a row too many");
  }

  TEST_CASE("two boxes exchanged do not open") {
    Target vault;
    {
      ByHand hand(vault.database());
      const std::string one = hand.quoted("box", "rows WHERE " + where(Table::Fields, row_id(1)));
      const std::string two = hand.quoted("box", "rows WHERE " + where(Table::Fields, row_id(2)));
      hand.run("UPDATE rows SET box=" + two + " WHERE " + where(Table::Fields, row_id(1)));
      hand.run("UPDATE rows SET box=" + one + " WHERE " + where(Table::Fields, row_id(2)));
    }
    CHECK(vault.refused_at().ends_with(": does not open (and 1 more)"));
    const CheckReport report = vault.rescue();
    CHECK(report.damages.size() == 2);
    CHECK(get(*vault.store, Table::Fields, row_id(1)) == "<corrupt>");
    CHECK(get(*vault.store, Table::Fields, row_id(3)) == "value 3");
  }

  TEST_CASE("one altered bit of a box does not open") {
    Target vault;
    std::string box =
        ByHand(vault.database()).quoted("box", "rows WHERE " + where(Table::Fields, row_id(6)));
    box[60] = box[60] == '0' ? '1' : '0';
    ByHand(vault.database())
        .run("UPDATE rows SET box=" + box + " WHERE " + where(Table::Fields, row_id(6)));
    CHECK(vault.refused_at() == place_of(Table::Fields, row_id(6)) + ": does not open");
  }

  TEST_CASE("a row moved to another table is missing in one and too many in the other") {
    Target vault;
    ByHand(vault.database()).run("UPDATE rows SET tbl=2 WHERE " + where(Table::Fields, row_id(2)));
    const CheckReport report = vault.rescue();
    REQUIRE(report.damages.size() == 2);
    CHECK(report.damages[0].place == place_of(Table::Settings, row_id(2)) + ": a row too many");
    CHECK(report.damages[1].place == place_of(Table::Fields, row_id(2)) + ": a row is missing");
  }

  TEST_CASE("an old head alone is older than the rows") {
    Target vault;
    const std::string head = ByHand(vault.database()).quoted("box", "meta WHERE id=1");
    vault.reopen();
    put(*vault.store, Table::Grants, row_id(77), "revoked");
    vault.close();
    CHECK(ByHand(vault.database()).run("UPDATE meta SET box=" + head + " WHERE id=1") == 1);
    CHECK(vault.refused_at().starts_with("head: is older than the rows"));
  }

  TEST_CASE("a head that is missing or altered is refused, and the rows are rescued") {
    Target vault;
    ByHand(vault.database()).run("UPDATE meta SET box=x'00112233' WHERE id=1");
    CHECK(vault.refused_at() == "head: does not open");
    vault.close();
    ByHand(vault.database()).run("DELETE FROM meta WHERE id=1");
    CHECK(vault.refused_at() == "head: is missing");
    vault.rescue();
    CHECK(log_of(*vault.store) == std::vector<std::string>{"one", "two", "three"});
    CHECK(get(*vault.store, Table::Fields, row_id(1)) == "value 1");
  }

  TEST_CASE("a ring that is missing or altered is refused") {
    Target vault;
    ByHand(vault.database()).run("UPDATE meta SET box=zeroblob(72) WHERE id=2");
    CHECK(vault.refused_at() == "ring: another one was put there (and 1 more)");
    vault.close();
    ByHand(vault.database()).run("DELETE FROM meta WHERE id=2");
    CHECK(vault.refused_at() == "ring: is missing");
  }

  TEST_CASE("a deleted key is refused by its id") {
    Target vault;
    vault.reopen();
    const KeyId key = new_key(*vault.store);
    put(*vault.store, Table::Fields, row_id(9), "secret", key);
    vault.close();
    CHECK(ByHand(vault.database()).run("DELETE FROM rows WHERE " + where(Table::Keys, key)) == 1);
    CHECK(vault.refused_at() == place_of(Table::Keys, key) + ": a row is missing");
    vault.rescue();
    CHECK(get(*vault.store, Table::Fields, row_id(9)) == "<locked>");
    CHECK(get(*vault.store, Table::Fields, row_id(1)) == "value 1");
  }

  TEST_CASE("an altered key is refused by its id") {
    Target vault;
    ByHand(vault.database())
        .run("UPDATE rows SET box=zeroblob(104) WHERE " + where(Table::Keys, kVaultKey));
    CHECK(vault.refused_at() == place_of(Table::Keys, kVaultKey) + ": does not open");
  }

  TEST_CASE("a row without the shape of a row is refused") {
    Target vault;
    ByHand(vault.database())
        .run("INSERT INTO rows(place,tbl,id,version,key,box) VALUES(900,42,x'00','a',x'',x'')");
    CHECK(vault.refused_at() == "table rows, place 900: has not the shape of a row");
  }

  TEST_CASE("a log cut at its end is refused") {
    Target vault;
    ByHand(vault.database()).run("DELETE FROM log WHERE number=3");
    CHECK(vault.refused_at() == "log, record 3: missing");
  }

  TEST_CASE("a log with a gap is refused") {
    Target vault;
    ByHand(vault.database()).run("DELETE FROM log WHERE number=2");
    CHECK(vault.refused_at() == "log, record 2: missing");
    vault.rescue();
    CHECK(log_of(*vault.store) == std::vector<std::string>{"one", "three"});
  }

  TEST_CASE("an altered log record is refused by its number, and the others are rescued") {
    Target vault;
    std::string box = ByHand(vault.database()).quoted("box", "log WHERE number=2");
    box[70] = box[70] == '0' ? '1' : '0';
    ByHand(vault.database()).run("UPDATE log SET box=" + box + " WHERE number=2");
    CHECK(vault.refused_at() == "log, record 2: does not open");
    vault.rescue();
    CHECK(log_of(*vault.store) == std::vector<std::string>{"one", "three"});
  }

  TEST_CASE("log records exchanged, or one too many, are refused") {
    Target vault;
    {
      ByHand hand(vault.database());
      hand.run("INSERT INTO log(number, box) SELECT 4, box FROM log WHERE number=1");
    }
    CHECK(vault.refused_at() == "log, record 4: one too many");
    vault.close();
    {
      ByHand hand(vault.database());
      hand.run("DELETE FROM log WHERE number=4");
      hand.run("INSERT INTO log(number, box) SELECT -5, box FROM log WHERE number=1");
    }
    CHECK(vault.refused_at().ends_with("one too many"));
    vault.close();
    {
      ByHand hand(vault.database());
      hand.run("DELETE FROM log WHERE number=-5");
      hand.run("UPDATE log SET number=-1 WHERE number=1");
      hand.run("UPDATE log SET number=1 WHERE number=2");
      hand.run("UPDATE log SET number=2 WHERE number=-1");
    }
    CHECK(vault.refused_at() == "log, record 1: does not open (and 1 more)");
  }

  TEST_CASE("a table or trigger of a stranger's is refused") {
    Target vault;
    ByHand(vault.database())
        .run("CREATE TRIGGER t AFTER UPDATE ON rows BEGIN DELETE FROM log; END");
    const auto attached = Store::attach(vault.disk, vault.random, vault.options);
    REQUIRE_FALSE(attached.ok());
    CHECK(attached.error().code == ErrorCode::Corrupt);
    CHECK(attached.error().with[0].second == "vault.db: has other tables than a vault has");
  }

  TEST_CASE("a user_version that is not the head's means nothing, and the next commit mends it") {
    Target vault;
    const auto format = [&vault] {
      return ByHand(vault.database()).quoted("user_version", "pragma_user_version");
    };
    REQUIRE(format() == std::to_string(kFormat));
    ByHand(vault.database()).run("PRAGMA user_version=1");
    vault.reopen();
    vault.close();
    CHECK(format() == "1");
    put(vault.reopen(), Table::Versions, row_id(5), "former");
    vault.close();
    CHECK(format() == std::to_string(kFormat));
    CHECK(get(vault.reopen(), Table::Versions, row_id(5)) == "former");
    vault.close();
    ByHand(vault.database()).run("PRAGMA user_version=0");
    const auto attached = Store::attach(vault.disk, vault.random, vault.options);
    CHECK(attached.error().with[0].second == "vault.db: not a vault");
  }

  TEST_CASE("a newer format is refused and left untouched") {
    Target vault;
    ByHand(vault.database()).run("PRAGMA user_version=" + std::to_string(kFormat + 1));
    const auto size = std::filesystem::file_size(vault.database());
    const auto time = std::filesystem::last_write_time(vault.database());
    const auto attached = Store::attach(vault.disk, vault.random, vault.options);
    REQUIRE_FALSE(attached.ok());
    CHECK(attached.error().with[0].second == "vault.db: written by a newer version of vrm");
    CHECK(std::filesystem::file_size(vault.database()) == size);
    CHECK(std::filesystem::last_write_time(vault.database()) == time);
  }

  TEST_CASE("a file that is no database is refused") {
    Target vault;
    std::ofstream(vault.database(), std::ios::binary) << std::string(8192, 'x');
    const auto attached = Store::attach(vault.disk, vault.random, vault.options);
    REQUIRE_FALSE(attached.ok());
    CHECK(attached.error().code == ErrorCode::Corrupt);
  }

  TEST_CASE("a check of an open vault finds what changed beneath it") {
    Target vault;
    Store& store = vault.reopen();
    CHECK(must(store.check()).damages.empty());
    CHECK(must(store.check()).rows == 10);
    CHECK(must(store.check()).log_records == 3);
    store.lock({});
    CHECK(must(store.check()).damages.empty());
    store.seal();
    const auto refused = store.check();
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code == ErrorCode::Locked);
  }
}
