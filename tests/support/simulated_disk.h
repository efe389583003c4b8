#pragma once
// A disk in memory that loses what a real one may lose when the power goes, and fails where it is told to.
//
// Until a file is synced, each write to it may be kept, dropped or torn, and each truncation kept or dropped; until a
// folder is synced, so may each creation, rename and removal in it. A sync that fails never makes up for it: one that
// succeeds afterwards does not cover what was written before the failed one, as on Linux.
//
// All that changes the disk is kept as its history, so that one run gives every power cut there may be within it. Safe
// from any thread.

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "vault/store/disk.h"

namespace vrm::testing {

// What there is on a disk that is at rest.
using Image = std::map<std::filesystem::path, Bytes>;

// Kinds of operation, as bits of a set.
enum Doing : unsigned {
  kOpening = 1U << 0,
  kReading = 1U << 1,
  kMeasuring = 1U << 2,
  kLooking = 1U << 3,
  kWriting = 1U << 4,
  kCutting = 1U << 5,
  kSyncing = 1U << 6,
  kRemoving = 1U << 7,
  kRenaming = 1U << 8,
  kSyncingFolder = 1U << 9,
  kMakingFolder = 1U << 10,
  kLocking = 1U << 11,
};
inline constexpr unsigned kEverything = (1U << 12) - 1;

struct Fault {
  unsigned doing = kEverything;
  std::uint64_t at =
      1;  // which of these operations fails, counted from the moment it is told, from 1
  bool for_ever = false;  // and all of them after it
  std::string says = "Input/output error";
};

// One step by which a disk changed.
struct Change {
  enum class Kind { Create, Write, Truncate, Sync, FailedSync, Remove, Rename, SyncFolder };
  Kind kind;
  std::uint64_t file = 0;  // its number, for a name may pass to another file
  std::uint64_t at = 0;    // the offset of a write, the size of a truncation
  Bytes bytes = {};
  std::filesystem::path path = {};
  std::filesystem::path to = {};
};

// Files and names, with what of them would survive a power cut.
class Medium {
 public:
  explicit Medium(const Image& image = {});

  void take(const Change& change);
  // Without a file of that name: nothing.
  std::optional<std::uint64_t> find(const std::filesystem::path& path) const;
  const Bytes& content(std::uint64_t file) const;
  std::uint64_t next_file() const { return next_file_; }
  std::uint64_t size() const;  // of all files that have a name
  std::vector<std::string> names_in(const std::filesystem::path& folder) const;

  Image now() const;
  // One of the states that a power cut may leave. Of four seeds one keeps all that was unsynced, one drops all of it.
  Image after_cut(std::uint64_t seed) const;

 private:
  // Unsynced; `doubtful` since a sync failed, `sure` since one after it succeeded.
  struct Pending {
    Change change;
    bool doubtful = false;
    bool sure = false;
  };
  // Most files of most cuts are never written: copies share their bytes until one of them is.
  using Shared = std::shared_ptr<Bytes>;
  struct File {
    Shared durable = std::make_shared<Bytes>();
    Shared now = durable;
    std::vector<Pending> pending;
  };
  static Bytes& own(Shared& shared);

  std::map<std::uint64_t, File> files_;
  std::map<std::filesystem::path, std::uint64_t> names_;
  std::map<std::filesystem::path, std::uint64_t> durable_names_;
  std::vector<Change> pending_names_;
  std::uint64_t next_file_ = 1;
};

// What happened on a disk since it was at its beginning.
struct History {
  Medium beginning;
  std::vector<Change> changes;

  // The first `count` changes happened, and the next one was under way: nothing that it promises holds.
  Image cut(std::size_t count, std::uint64_t seed) const;
  // The same for a process that was killed while the power stayed on: unsynced changes are there, and still unsynced.
  Medium killed(std::size_t count) const;
};

class SimulatedDisk final : public store::Disk {
 public:
  SimulatedDisk() = default;
  explicit SimulatedDisk(const Image& image) { begin(Medium(image)); }

  // Another disk is put in its place, without a history or faults. REQUIRES: no file is open.
  void begin(Medium medium);
  Image now() const;
  std::uint64_t used() const;  // bytes, of all files
  History history() const;
  std::size_t changes() const;  // so far

  // Replaces what it was told before.
  void fail(Fault fault);
  void heal();
  std::uint64_t seen() const;    // operations of the fault's kinds since it was told
  std::uint64_t failed() const;  // of those
  // Writes that need more room than this fail, with as much of them done as there was room for.
  void limit_room(std::optional<std::uint64_t> bytes);
  // Told of each read of a file, on the reading thread. REQUIRES: nothing is read meanwhile.
  void watch_reads(std::function<void(const std::filesystem::path&)> told) {
    reads_ = std::move(told);
  }
  // A disk that lies: syncs answer well and do nothing. The control of every test of power cuts.
  void ignore_syncs(bool ignore);

  Result<std::unique_ptr<store::File>> open(const std::filesystem::path& path,
                                            store::OpenMode mode) override;
  Result<bool> exists(const std::filesystem::path& path) override;
  Result<void> remove(const std::filesystem::path& path) override;
  Result<std::vector<std::string>> list(const std::filesystem::path& folder) override;
  Result<void> rename(const std::filesystem::path& from, const std::filesystem::path& to) override;
  Result<void> sync_folder(const std::filesystem::path& folder) override;
  Result<std::optional<std::uint64_t>> room(const std::filesystem::path& folder) override;
  Result<void> make_folder(const std::filesystem::path& folder) override;
  Result<std::unique_ptr<store::File>> lock_folder(const std::filesystem::path& folder) override;

 private:
  class OpenFile;

  // What follows is called with `mutex_` held.
  std::optional<Error> struck(Doing doing, const std::filesystem::path& path);
  void take(Change change);
  Result<void> write(std::uint64_t file, const std::filesystem::path& path, std::uint64_t offset,
                     BytesView bytes);
  Result<void> sync(std::uint64_t file, const std::filesystem::path& path);
  Result<std::uint64_t> open_number(const std::filesystem::path& path, store::OpenMode mode);

  mutable std::mutex mutex_;
  Medium beginning_;
  Medium medium_;
  std::vector<Change> changes_;
  std::set<std::filesystem::path> locked_;
  std::optional<Fault> fault_;
  std::uint64_t seen_ = 0;
  std::uint64_t failed_ = 0;
  std::optional<std::uint64_t> room_;
  std::function<void(const std::filesystem::path&)> reads_;
  bool syncs_ignored_ = false;
};

}  // namespace vrm::testing
