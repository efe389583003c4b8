#include "vault/store/vfs.h"

#include <sqlite3.h>
#include <time.h>

#include <algorithm>
#include <cstring>
#include <new>

#include "vault/base/check.h"
#include "vault/base/text.h"

namespace vrm::store {

struct Vfs::State {
  State(Disk& the_disk, Random& the_random) : disk(the_disk), random(the_random) {}

  Disk& disk;
  Random& random;
  std::string name;
  sqlite3_vfs vfs{};
  std::optional<Error> error;
};

namespace {

constexpr std::size_t kMostGathered = std::size_t{1} << 20;
constexpr int kMostPath = 4096;

// One open file, with the run of writes that the Disk has not seen yet.
struct OpenFile {
  Vfs::State& vfs;
  std::filesystem::path path;
  std::unique_ptr<File> file;
  bool folder_synced = false;  // whoever made the file may have been killed before it did
  // So much of a write-ahead log was there: whoever wrote it may have failed to sync it, and then no
  // later sync would cover it, though it can be read. The first sync writes it once more.
  std::uint64_t found = 0;
  std::uint64_t gathered_at = 0;
  Bytes gathered = {};

  int fail(Error error, int code) {
    vfs.error = std::move(error);
    return code;
  }

  // What could not be written is let go: SQLite is told now, and writes it again if it still wants
  // it.
  int flush() {
    if (gathered.empty()) return SQLITE_OK;
    auto written = file->write(gathered_at, gathered);
    gathered.clear();
    if (!written.ok()) return fail(std::move(written).error(), SQLITE_IOERR_WRITE);
    return SQLITE_OK;
  }
};

Result<void> write_found_again(OpenFile& open) {
  Bytes part;
  for (std::uint64_t at = 0; at < open.found; at += part.size()) {
    part.resize(std::min<std::uint64_t>(open.found - at, kMostGathered));
    const std::size_t got = TRY(open.file->read(at, part));
    part.resize(got);
    if (part.empty()) break;
    TRY(open.file->write(at, part));
  }
  open.found = 0;
  return {};
}

struct SqliteFile {
  sqlite3_file base;
  OpenFile* open;
};

OpenFile& of(sqlite3_file* file) {
  return *reinterpret_cast<SqliteFile*>(file)->open;
}
Vfs::State& of(sqlite3_vfs* vfs) {
  return *static_cast<Vfs::State*>(vfs->pAppData);
}

int x_close(sqlite3_file* file) noexcept {
  OpenFile* open = &of(file);
  const int code = open->flush();
  delete open;
  reinterpret_cast<SqliteFile*>(file)->open = nullptr;
  return code;
}

int x_read(sqlite3_file* file, void* out, int amount, sqlite3_int64 offset) noexcept {
  OpenFile& open = of(file);
  const int flushed = open.flush();
  if (flushed != SQLITE_OK) return flushed;
  const std::span<std::uint8_t> wanted(static_cast<std::uint8_t*>(out),
                                       static_cast<std::size_t>(amount));
  auto got = open.file->read(static_cast<std::uint64_t>(offset), wanted);
  if (!got.ok()) return open.fail(std::move(got).error(), SQLITE_IOERR_READ);
  const std::size_t count = got.value();
  if (count == wanted.size()) return SQLITE_OK;
  std::fill(wanted.begin() + static_cast<std::ptrdiff_t>(count), wanted.end(), std::uint8_t{0});
  return SQLITE_IOERR_SHORT_READ;
}

int x_write(sqlite3_file* file, const void* bytes, int amount, sqlite3_int64 offset) noexcept {
  OpenFile& open = of(file);
  const auto at = static_cast<std::uint64_t>(offset);
  if (open.gathered_at + open.gathered.size() != at || open.gathered.size() >= kMostGathered) {
    const int flushed = open.flush();
    if (flushed != SQLITE_OK) return flushed;
  }
  if (open.gathered.empty()) open.gathered_at = at;
  const auto* begin = static_cast<const std::uint8_t*>(bytes);
  open.gathered.insert(open.gathered.end(), begin, begin + amount);
  return SQLITE_OK;
}

int x_truncate(sqlite3_file* file, sqlite3_int64 size) noexcept {
  OpenFile& open = of(file);
  const int flushed = open.flush();
  if (flushed != SQLITE_OK) return flushed;
  auto cut = open.file->truncate(static_cast<std::uint64_t>(size));
  return cut.ok() ? SQLITE_OK : open.fail(std::move(cut).error(), SQLITE_IOERR_TRUNCATE);
}

int x_sync(sqlite3_file* file, int) noexcept {
  OpenFile& open = of(file);
  const int flushed = open.flush();
  if (flushed != SQLITE_OK) return flushed;
  auto again = write_found_again(open);
  if (!again.ok()) return open.fail(std::move(again).error(), SQLITE_IOERR_WRITE);
  auto synced = open.file->sync();
  if (!synced.ok()) return open.fail(std::move(synced).error(), SQLITE_IOERR_FSYNC);
  if (open.folder_synced) return SQLITE_OK;
  auto folder = open.vfs.disk.sync_folder(open.path.parent_path());
  if (!folder.ok()) return open.fail(std::move(folder).error(), SQLITE_IOERR_DIR_FSYNC);
  open.folder_synced = true;
  return SQLITE_OK;
}

int x_file_size(sqlite3_file* file, sqlite3_int64* size) noexcept {
  OpenFile& open = of(file);
  const int flushed = open.flush();
  if (flushed != SQLITE_OK) return flushed;
  auto measured = open.file->size();
  if (!measured.ok()) return open.fail(std::move(measured).error(), SQLITE_IOERR_FSTAT);
  *size = static_cast<sqlite3_int64>(measured.value());
  return SQLITE_OK;
}

int x_lock(sqlite3_file*, int) noexcept {
  return SQLITE_OK;
}
int x_check_reserved_lock(sqlite3_file*, int* held) noexcept {
  *held = 0;
  return SQLITE_OK;
}
int x_file_control(sqlite3_file*, int, void*) noexcept {
  return SQLITE_NOTFOUND;
}
int x_sector_size(sqlite3_file*) noexcept {
  return 4096;
}
int x_device_characteristics(sqlite3_file*) noexcept {
  return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

const sqlite3_io_methods* methods() {
  static const sqlite3_io_methods table = [] {
    sqlite3_io_methods made{};
    made.iVersion = 1;  // no shared memory: the connection is exclusive
    made.xClose = x_close;
    made.xRead = x_read;
    made.xWrite = x_write;
    made.xTruncate = x_truncate;
    made.xSync = x_sync;
    made.xFileSize = x_file_size;
    made.xLock = x_lock;
    made.xUnlock = x_lock;
    made.xCheckReservedLock = x_check_reserved_lock;
    made.xFileControl = x_file_control;
    made.xSectorSize = x_sector_size;
    made.xDeviceCharacteristics = x_device_characteristics;
    return made;
  }();
  return &table;
}

int x_open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags,
           int* out_flags) noexcept {
  file->pMethods = nullptr;
  Vfs::State& state = of(vfs);
  if (name == nullptr) return SQLITE_CANTOPEN;  // a temporary file: temp_store=MEMORY leaves none
  const std::filesystem::path path(name);
  const bool may_create = (flags & SQLITE_OPEN_CREATE) != 0;
  auto opened = state.disk.open(path, may_create ? OpenMode::CreateOrExisting : OpenMode::Existing);
  if (!opened.ok()) {
    state.error = std::move(opened).error();
    return SQLITE_CANTOPEN;
  }
  if ((flags & SQLITE_OPEN_MAIN_DB) != 0) {
    auto kept = opened.value()->keep_others_out();
    if (!kept.ok()) {
      state.error = std::move(kept).error();
      return SQLITE_CANTOPEN;
    }
  }
  std::uint64_t found = 0;
  if ((flags & SQLITE_OPEN_WAL) != 0) {
    auto size = opened.value()->size();
    if (!size.ok()) {
      state.error = std::move(size).error();
      return SQLITE_CANTOPEN;
    }
    found = size.value();
  }
  auto* open = new OpenFile{state, path, std::move(opened).value()};
  open->found = found;
  reinterpret_cast<SqliteFile*>(file)->open = open;
  file->pMethods = methods();
  if (out_flags != nullptr) *out_flags = flags;
  return SQLITE_OK;
}

int x_delete(sqlite3_vfs* vfs, const char* name, int sync_folder) noexcept {
  Vfs::State& state = of(vfs);
  const std::filesystem::path path(name);
  auto removed = state.disk.remove(path);
  if (!removed.ok()) {
    if (removed.error().code == ErrorCode::NotFound) return SQLITE_IOERR_DELETE_NOENT;
    state.error = std::move(removed).error();
    return SQLITE_IOERR_DELETE;
  }
  if (sync_folder == 0) return SQLITE_OK;
  return state.disk.sync_folder(path.parent_path()).ok() ? SQLITE_OK : SQLITE_IOERR_DIR_FSYNC;
}

int x_access(sqlite3_vfs* vfs, const char* name, int, int* there) noexcept {
  const auto found = of(vfs).disk.exists(name);
  if (!found.ok()) return SQLITE_IOERR_ACCESS;
  *there = found.value() ? 1 : 0;
  return SQLITE_OK;
}

int x_full_pathname(sqlite3_vfs*, const char* name, int size, char* out) noexcept {
  const std::size_t length = std::strlen(name);
  if (length + 1 > static_cast<std::size_t>(size)) return SQLITE_CANTOPEN;
  std::memcpy(out, name, length + 1);
  return SQLITE_OK;
}

int x_randomness(sqlite3_vfs* vfs, int size, char* out) noexcept {
  of(vfs).random.fill({reinterpret_cast<std::uint8_t*>(out), static_cast<std::size_t>(size)});
  return size;
}

int x_sleep(sqlite3_vfs*, int microseconds) noexcept {
  return microseconds;
}

// Nothing the vault asks of SQLite depends on the time of day.
int x_current_time(sqlite3_vfs*, double* days) noexcept {
  *days = 2440587.5;
  return SQLITE_OK;
}

int x_get_last_error(sqlite3_vfs*, int, char*) noexcept {
  return 0;
}

}  // namespace

Vfs::Vfs(Disk& disk, Random& random) : state_(std::make_unique<State>(disk, random)) {
  std::array<std::uint8_t, 16> bytes{};
  random.fill(bytes);
  state_->name =
      "vrm-" + to_hex(bytes) + "-" + std::to_string(reinterpret_cast<std::uintptr_t>(state_.get()));
  sqlite3_vfs& vfs = state_->vfs;
  vfs.iVersion = 1;
  vfs.szOsFile = sizeof(SqliteFile);
  vfs.mxPathname = kMostPath;
  vfs.zName = state_->name.c_str();
  vfs.pAppData = state_.get();
  vfs.xOpen = x_open;
  vfs.xDelete = x_delete;
  vfs.xAccess = x_access;
  vfs.xFullPathname = x_full_pathname;
  vfs.xRandomness = x_randomness;
  vfs.xSleep = x_sleep;
  vfs.xCurrentTime = x_current_time;
  vfs.xGetLastError = x_get_last_error;
  // Fails for want of memory alone; no database is opened with it then.
  if (sqlite3_vfs_register(&vfs, 0) != SQLITE_OK)
    state_->error = Error{ErrorCode::Unavailable, "there is no memory for the database"};
}

Vfs::~Vfs() {
  sqlite3_vfs_unregister(&state_->vfs);
}

const std::string& Vfs::name() const {
  return state_->name;
}

std::optional<Error> Vfs::take_error() {
  return std::exchange(state_->error, std::nullopt);
}

}  // namespace vrm::store
