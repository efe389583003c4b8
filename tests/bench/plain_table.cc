#include "tests/bench/plain_table.h"

#include <sqlite3.h>

namespace vrm::bench {
namespace {

Error failed(sqlite3* database) {
  return {ErrorCode::Io, std::string("sqlite: ") + ::sqlite3_errmsg(database)};
}

}  // namespace

Result<PlainTable> PlainTable::make(const std::filesystem::path& file) {
  PlainTable table;
  if (::sqlite3_open(file.c_str(), &table.database_) != SQLITE_OK) return failed(table.database_);
  constexpr const char* kSetUp =
      "PRAGMA page_size=4096; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
      "CREATE TABLE rows(id INTEGER PRIMARY KEY, bytes BLOB);";
  if (::sqlite3_exec(table.database_, kSetUp, nullptr, nullptr, nullptr) != SQLITE_OK)
    return failed(table.database_);
  if (::sqlite3_prepare_v2(table.database_, "INSERT INTO rows(bytes) VALUES(?)", -1, &table.insert_,
                           nullptr) != SQLITE_OK)
    return failed(table.database_);
  return table;
}

PlainTable::~PlainTable() {
  ::sqlite3_finalize(insert_);
  ::sqlite3_close(database_);
}

Result<void> PlainTable::insert(BytesView bytes) {
  ::sqlite3_bind_blob(insert_, 1, bytes.data(), static_cast<int>(bytes.size()), SQLITE_STATIC);
  const int stepped = ::sqlite3_step(insert_);
  ::sqlite3_reset(insert_);
  if (stepped != SQLITE_DONE) return failed(database_);
  return {};
}

}  // namespace vrm::bench
