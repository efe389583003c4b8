#pragma once
// A vault's database through SQLite itself, as who knows its format would change it: a file while the vault is closed, or
// the bytes of one.

#include <doctest/doctest.h>
#include <sqlite3.h>

#include <algorithm>
#include <filesystem>
#include <string>

#include "vault/base/bytes.h"

namespace vrm::store {

class ByHand {
 public:
  explicit ByHand(const std::filesystem::path& path) {
    REQUIRE(sqlite3_open(path.c_str(), &db_) == SQLITE_OK);
  }
  explicit ByHand(Bytes file) {
    file[18] = file[19] = 1;  // without a write-ahead log, for there is no file beside it
    REQUIRE(sqlite3_open(":memory:", &db_) == SQLITE_OK);
    const auto size = static_cast<sqlite3_int64>(file.size());
    auto* bytes = static_cast<unsigned char*>(sqlite3_malloc64(file.size()));
    std::copy(file.begin(), file.end(), bytes);
    REQUIRE(sqlite3_deserialize(db_, "main", bytes, size, size,
                                SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_RESIZEABLE) ==
            SQLITE_OK);
  }
  ~ByHand() { sqlite3_close(db_); }
  ByHand(const ByHand&) = delete;
  ByHand& operator=(const ByHand&) = delete;

  // How many rows it changed.
  int run(const std::string& sql) {
    char* said = nullptr;
    const int code = sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, &said);
    INFO(sql << ": " << std::string(said != nullptr ? said : ""));
    REQUIRE(code == SQLITE_OK);
    return sqlite3_changes(db_);
  }
  // One value, as SQL would spell it; "" where there is no row.
  std::string quoted(const std::string& expression, const std::string& from) {
    sqlite3_stmt* statement = nullptr;
    const std::string sql = "SELECT quote(" + expression + ") FROM " + from;
    REQUIRE(sqlite3_prepare_v2(db_, sql.c_str(), -1, &statement, nullptr) == SQLITE_OK);
    std::string value;
    if (sqlite3_step(statement) == SQLITE_ROW)
      value = reinterpret_cast<const char*>(sqlite3_column_text(statement, 0));
    sqlite3_finalize(statement);
    return value;
  }
  // The bytes of it all, as a vault's database has them.
  Bytes file() {
    sqlite3_int64 size = 0;
    const unsigned char* bytes = sqlite3_serialize(db_, "main", &size, SQLITE_SERIALIZE_NOCOPY);
    Bytes out(bytes, bytes + size);
    out[18] = out[19] = 2;
    return out;
  }

 private:
  sqlite3* db_ = nullptr;
};

}  // namespace vrm::store
