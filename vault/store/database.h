#pragma once
// The SQLite file: three tables of boxes, read whole and changed by one transaction at a time. It
// has no key.
//
// One thread at a time; who uses it takes turns (vault/store/vault_store.h).

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "vault/base/random.h"
#include "vault/base/result.h"
#include "vault/store/boxes.h"
#include "vault/store/disk.h"
#include "vault/store/kept_row.h"
#include "vault/store/migrations.h"

struct sqlite3;
struct sqlite3_stmt;

namespace vrm::store {

// What one transaction changes. Rows are told apart by their place.
struct Changes {
  std::vector<RowPtr> inserted;
  std::vector<RowPtr> updated;
  std::vector<std::int64_t> erased;
  std::vector<LogBox> logged;
  Bytes head;
  std::uint32_t format = kFormat;  // of the head
  std::optional<Bytes> ring;
};

class Vfs;

class Database final : public Boxes {
 public:
  // Makes an empty one. Conflict: the file is there. Io.
  static Result<std::unique_ptr<Database>> create(Disk& disk, Random& random,
                                                  const std::filesystem::path& path);
  // Corrupt: not a database, of no format that is known here (nothing of it is changed then), or with other tables
  // than ours. NotFound. Io.
  static Result<std::unique_ptr<Database>> open(Disk& disk, Random& random,
                                                const std::filesystem::path& path);
  ~Database() override;
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  Result<Bytes> head() override;
  Result<Bytes> ring() override;
  Result<void> each_row(const RowVisitor& visitor) override;
  Result<std::vector<LogBox>> log_from(std::uint64_t from, std::size_t most) override;

  // Durable when it returns; nothing is changed when it fails. Io.
  Result<void> commit(const Changes& changes);

  // Brings all of the write-ahead log into the file and empties it, so that what was erased is in
  // neither. Io.
  Result<void> checkpoint();

  // SQLite's own check of pages and tables. Corrupt.
  Result<void> check_pages() override;

 private:
  struct CloseStatement {
    void operator()(sqlite3_stmt* statement) const;
  };
  using Statement = std::unique_ptr<sqlite3_stmt, CloseStatement>;

  Database(std::unique_ptr<Vfs> vfs, std::filesystem::path path);

  Result<void> connect(int flags);
  Result<void> execute(const char* sql);
  Result<Statement> prepare(const char* sql);
  Result<std::int64_t> pragma(const char* sql);
  Result<void> set_up();
  Result<void> check_format(bool has_log);
  Result<void> check_schema();
  Result<void> prepare_all();
  Result<void> step(sqlite3_stmt* statement);
  Result<void> apply(const Changes& changes);
  Result<void> set_format(std::uint32_t format);
  Result<void> roll_back();
  Result<Bytes> meta(int id);
  Error error_now(int code);

  std::unique_ptr<Vfs> vfs_;
  std::filesystem::path path_;
  sqlite3* db_ = nullptr;
  std::int64_t format_ = 0;  // as the file says it
  Statement begin_, commit_, rollback_, insert_, update_, erase_, log_, meta_;
};

}  // namespace vrm::store
