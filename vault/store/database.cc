#include "vault/store/database.h"

#include <sqlite3.h>

#include <algorithm>

#include "vault/base/check.h"
#include "vault/store/vfs.h"

namespace vrm::store {

namespace {

constexpr int kHeadId = 1;
constexpr int kRingId = 2;
constexpr int kApplicationId = 0x56524d31;  // "VRM1"

// First: without it the write-ahead log wants shared memory.
constexpr const char* kExclusive = "PRAGMA locking_mode=EXCLUSIVE";

constexpr std::array<const char*, 3> kTablesSql = {
    "CREATE TABLE meta(id INTEGER PRIMARY KEY, box BLOB NOT NULL)",
    "CREATE TABLE rows(place INTEGER PRIMARY KEY, tbl INTEGER NOT NULL, id BLOB NOT NULL, "
    "version INTEGER NOT NULL, key BLOB NOT NULL, box BLOB NOT NULL)",
    "CREATE TABLE log(number INTEGER PRIMARY KEY, box BLOB NOT NULL)",
};

BytesView blob_at(sqlite3_stmt* statement, int column) {
  const void* data = sqlite3_column_blob(statement, column);
  if (data == nullptr) return {};
  return {static_cast<const std::uint8_t*>(data),
          static_cast<std::size_t>(sqlite3_column_bytes(statement, column))};
}

// The bytes are not copied: they outlive the step.
void put(sqlite3_stmt* statement, int at, BytesView bytes) {
  VRM_CHECK(sqlite3_bind_blob64(statement, at, bytes.data(), bytes.size(), nullptr) == SQLITE_OK);
}
void put(sqlite3_stmt* statement, int at, std::int64_t number) {
  VRM_CHECK(sqlite3_bind_int64(statement, at, number) == SQLITE_OK);
}

std::optional<Row> row_at(sqlite3_stmt* statement) {
  const auto is = [&](int column, int type) {
    return sqlite3_column_type(statement, column) == type;
  };
  if (!is(1, SQLITE_INTEGER) || !is(2, SQLITE_BLOB) || !is(3, SQLITE_INTEGER) ||
      !is(4, SQLITE_BLOB) || !is(5, SQLITE_BLOB)) {
    return std::nullopt;
  }
  const auto table = table_from(sqlite3_column_int64(statement, 1));
  const BytesView id = blob_at(statement, 2);
  const BytesView key = blob_at(statement, 4);
  if (!table || id.size() != 16 || key.size() != 16) return std::nullopt;
  Row row;
  row.table = *table;
  std::copy(id.begin(), id.end(), row.id.begin());
  std::copy(key.begin(), key.end(), row.key.begin());
  row.version = static_cast<std::uint64_t>(sqlite3_column_int64(statement, 3));
  row.box = blob_at(statement, 5);
  row.place = sqlite3_column_int64(statement, 0);
  return row;
}

bool says_corrupt(int code) {
  const int plain = code & 0xff;
  return plain == SQLITE_CORRUPT || plain == SQLITE_NOTADB || plain == SQLITE_FORMAT;
}

// SQLite takes a tree's order for granted: where pages lead back, who reads on from the last number reads for ever.
Error out_of_order(std::string_view table) {
  return corrupt_at("vault.db: the pages of " + std::string(table) + " are out of order");
}

}  // namespace

void Database::CloseStatement::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

Database::Database(std::unique_ptr<Vfs> vfs, std::filesystem::path path)
    : vfs_(std::move(vfs)), path_(std::move(path)) {}

Database::~Database() {
  for (Statement* statement :
       {&begin_, &commit_, &rollback_, &insert_, &update_, &erase_, &log_, &meta_}) {
    statement->reset();
  }
  sqlite3_close(db_);
}

Result<std::unique_ptr<Database>> Database::create(Disk& disk, Random& random,
                                                   const std::filesystem::path& path) {
  if (TRY(disk.exists(path))) return Error{ErrorCode::Conflict, "there is a file " + path.string()};
  std::unique_ptr<Database> made(new Database(std::make_unique<Vfs>(disk, random), path));
  TRY(made->connect(SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE));
  TRY(made->set_up());
  for (const char* sql : kTablesSql) TRY(made->execute(sql));
  TRY(made->execute(("PRAGMA application_id=" + std::to_string(kApplicationId)).c_str()));
  TRY(made->set_format(kFormat));
  made->format_ = kFormat;
  TRY(made->prepare_all());
  return made;
}

Result<std::unique_ptr<Database>> Database::open(Disk& disk, Random& random,
                                                 const std::filesystem::path& path) {
  if (!TRY(disk.exists(path))) return Error{ErrorCode::NotFound, "no file " + path.string()};
  std::unique_ptr<Database> opened(new Database(std::make_unique<Vfs>(disk, random), path));
  TRY(opened->connect(SQLITE_OPEN_READWRITE));
  const bool has_log = TRY(disk.exists(path.string() + "-wal"));
  TRY(opened->check_format(has_log));
  TRY(opened->set_up());
  TRY(opened->check_schema());
  TRY(opened->prepare_all());
  return opened;
}

Error Database::error_now(int code) {
  const auto from_disk = vfs_->take_error();
  if (says_corrupt(code)) return corrupt_at("vault.db: " + std::string(sqlite3_errmsg(db_)));
  if (from_disk) return *from_disk;
  return Error{ErrorCode::Io, "vault.db: " + std::string(sqlite3_errmsg(db_))};
}

Result<void> Database::connect(int flags) {
  const int code =
      sqlite3_open_v2(path_.c_str(), &db_, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
                      vfs_->name().c_str());
  if (code != SQLITE_OK) return error_now(code);
  for (const int off : {SQLITE_DBCONFIG_ENABLE_TRIGGER, SQLITE_DBCONFIG_ENABLE_VIEW,
                        SQLITE_DBCONFIG_TRUSTED_SCHEMA}) {
    sqlite3_db_config(db_, off, 0, nullptr);
  }
  sqlite3_db_config(db_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  return {};
}

Result<void> Database::execute(const char* sql) {
  const int code = sqlite3_exec(db_, sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return error_now(code);
  return {};
}

Result<Database::Statement> Database::prepare(const char* sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(db_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) return error_now(code);
  return Statement(statement);
}

Result<std::int64_t> Database::pragma(const char* sql) {
  const Statement statement = TRY(prepare(sql));
  const int code = sqlite3_step(statement.get());
  if (code != SQLITE_ROW) return error_now(code);
  return sqlite3_column_int64(statement.get(), 0);
}

Result<void> Database::set_up() {
  for (const char* sql : {
           kExclusive,
           "PRAGMA journal_mode=WAL",
           "PRAGMA synchronous=FULL",
           "PRAGMA temp_store=MEMORY",
           "PRAGMA secure_delete=ON",
           "PRAGMA trusted_schema=OFF",
           "PRAGMA cell_size_check=ON",
           "PRAGMA mmap_size=0",
       }) {
    TRY(execute(sql));
  }
  return {};
}

// Until it is known to be a vault of a known format, a write-ahead log stays where it is as well.
Result<void> Database::check_format(bool has_log) {
  TRY(execute(kExclusive));
  if (has_log) sqlite3_db_config(db_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  if (TRY(pragma("PRAGMA application_id")) != kApplicationId)
    return corrupt_at("vault.db: not a vault");
  format_ = TRY(pragma("PRAGMA user_version"));
  if (format_ > kFormat) return corrupt_at("vault.db: written by a newer version of vrm");
  if (format_ < kOldestFormat) return corrupt_at("vault.db: not a vault");
  sqlite3_db_config(db_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, nullptr);
  return {};
}

Result<void> Database::check_schema() {
  const Statement statement = TRY(prepare("SELECT sql FROM sqlite_schema ORDER BY rowid"));
  std::size_t seen = 0;
  int code = SQLITE_ROW;
  while ((code = sqlite3_step(statement.get())) == SQLITE_ROW) {
    if (seen >= kTablesSql.size() || text_of(blob_at(statement.get(), 0)) != kTablesSql[seen]) {
      return corrupt_at("vault.db: has other tables than a vault has");
    }
    ++seen;
  }
  if (code != SQLITE_DONE) return error_now(code);
  if (seen != kTablesSql.size()) return corrupt_at("vault.db: has other tables than a vault has");
  return {};
}

Result<void> Database::prepare_all() {
  begin_ = TRY(prepare("BEGIN IMMEDIATE"));
  commit_ = TRY(prepare("COMMIT"));
  rollback_ = TRY(prepare("ROLLBACK"));
  insert_ = TRY(prepare(
      "INSERT INTO rows(place, tbl, id, version, key, box) VALUES(?1, ?2, ?3, ?4, ?5, ?6)"));
  update_ = TRY(prepare("UPDATE rows SET version=?2, key=?3, box=?4 WHERE place=?1"));
  erase_ = TRY(prepare("DELETE FROM rows WHERE place=?1"));
  log_ = TRY(prepare("INSERT INTO log(number, box) VALUES(?1, ?2)"));
  meta_ = TRY(prepare(
      "INSERT INTO meta(id, box) VALUES(?1, ?2) ON CONFLICT(id) DO UPDATE SET box=excluded.box"));
  return {};
}

Result<void> Database::step(sqlite3_stmt* statement) {
  const int code = sqlite3_step(statement);
  if (code == SQLITE_DONE) {
    sqlite3_reset(statement);
    return {};
  }
  Error error = error_now(code);
  sqlite3_reset(statement);
  return error;
}

Result<Bytes> Database::meta(int id) {
  const Statement statement = TRY(prepare("SELECT box FROM meta WHERE id=?1"));
  put(statement.get(), 1, id);
  const int code = sqlite3_step(statement.get());
  if (code == SQLITE_DONE) return Error{ErrorCode::NotFound, "no such row"};
  if (code != SQLITE_ROW) return error_now(code);
  const BytesView box = blob_at(statement.get(), 0);
  return Bytes(box.begin(), box.end());
}

Result<Bytes> Database::head() {
  return meta(kHeadId);
}
Result<Bytes> Database::ring() {
  return meta(kRingId);
}

Result<void> Database::each_row(const RowVisitor& visitor) {
  const Statement statement =
      TRY(prepare("SELECT place, tbl, id, version, key, box FROM rows ORDER BY place"));
  std::optional<std::int64_t> last;
  int code = SQLITE_ROW;
  while ((code = sqlite3_step(statement.get())) == SQLITE_ROW) {
    const std::int64_t place = sqlite3_column_int64(statement.get(), 0);
    if (last && place <= *last) return out_of_order("rows");
    last = place;
    TRY(visitor(place, row_at(statement.get())));
  }
  if (code != SQLITE_DONE) return error_now(code);
  return {};
}

Result<std::vector<LogBox>> Database::log_from(std::uint64_t from, std::size_t most) {
  const Statement statement =
      TRY(prepare("SELECT number, box FROM log WHERE number>=?1 ORDER BY number LIMIT ?2"));
  put(statement.get(), 1, static_cast<std::int64_t>(from));
  put(statement.get(), 2, static_cast<std::int64_t>(most));
  std::vector<LogBox> boxes;
  auto lowest = static_cast<std::int64_t>(from);
  int code = SQLITE_ROW;
  while ((code = sqlite3_step(statement.get())) == SQLITE_ROW) {
    const std::int64_t number = sqlite3_column_int64(statement.get(), 0);
    if (number < lowest) return out_of_order("log");
    lowest = number == INT64_MAX ? number : number + 1;
    const BytesView box = blob_at(statement.get(), 1);
    boxes.push_back({static_cast<std::uint64_t>(number), Bytes(box.begin(), box.end())});
  }
  if (code != SQLITE_DONE) return error_now(code);
  return boxes;
}

Result<void> Database::set_format(std::uint32_t format) {
  return execute(("PRAGMA user_version=" + std::to_string(format)).c_str());
}

Result<void> Database::apply(const Changes& changes) {
  if (format_ != changes.format) TRY(set_format(changes.format));
  for (const std::int64_t place : changes.erased) {
    put(erase_.get(), 1, place);
    TRY(step(erase_.get()));
  }
  for (const RowPtr& row : changes.updated) {
    put(update_.get(), 1, row->place);
    put(update_.get(), 2, static_cast<std::int64_t>(row->version));
    put(update_.get(), 3, row->key);
    put(update_.get(), 4, row->box());
    TRY(step(update_.get()));
  }
  for (const RowPtr& row : changes.inserted) {
    put(insert_.get(), 1, row->place);
    put(insert_.get(), 2, static_cast<std::int64_t>(row->table));
    put(insert_.get(), 3, row->id);
    put(insert_.get(), 4, static_cast<std::int64_t>(row->version));
    put(insert_.get(), 5, row->key);
    put(insert_.get(), 6, row->box());
    TRY(step(insert_.get()));
  }
  for (const LogBox& logged : changes.logged) {
    put(log_.get(), 1, static_cast<std::int64_t>(logged.number));
    put(log_.get(), 2, logged.box);
    TRY(step(log_.get()));
  }
  if (changes.ring) {
    put(meta_.get(), 1, kRingId);
    put(meta_.get(), 2, *changes.ring);
    TRY(step(meta_.get()));
  }
  put(meta_.get(), 1, kHeadId);
  put(meta_.get(), 2, changes.head);
  return step(meta_.get());
}

// Some failures end the transaction by themselves.
Result<void> Database::roll_back() {
  if (sqlite3_get_autocommit(db_) != 0) return {};
  return step(rollback_.get());
}

Result<void> Database::commit(const Changes& changes) {
  const auto ready = roll_back();
  if (!ready.ok()) return Error{ErrorCode::Io, ready.error().message};
  const auto begun = step(begin_.get());
  if (!begun.ok()) return Error{ErrorCode::Io, begun.error().message};
  auto done = apply(changes);
  if (done.ok()) done = step(commit_.get());
  if (done.ok()) {
    format_ = changes.format;
    return {};
  }
  static_cast<void>(roll_back());  // what fails here is tried again before the next commit
  return Error{ErrorCode::Io, done.error().message, done.error().say, done.error().with};
}

Result<void> Database::checkpoint() {
  const Statement statement = TRY(prepare("PRAGMA wal_checkpoint(TRUNCATE)"));
  const int code = sqlite3_step(statement.get());
  if (code != SQLITE_ROW) return error_now(code);
  if (sqlite3_column_int64(statement.get(), 0) != 0) return error_now(SQLITE_BUSY);
  return {};
}

Result<void> Database::check_pages() {
  const Statement statement = TRY(prepare("PRAGMA integrity_check(1)"));
  const int code = sqlite3_step(statement.get());
  if (code != SQLITE_ROW) return error_now(code);
  const std::string said = text_of(blob_at(statement.get(), 0));
  if (said != "ok") return corrupt_at("vault.db: " + said);
  return {};
}

}  // namespace vrm::store
