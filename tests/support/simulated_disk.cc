#include "tests/support/simulated_disk.h"

#include <algorithm>

#include "vault/base/check.h"

namespace vrm::testing {

namespace {

constexpr std::size_t kSector = 512;

using Dice = std::mt19937_64;
enum class Fate { Kept, Dropped, TornAtSectors, TornAtBytes };
enum class Mode { AllDropped, AllKept, Drawn };

Fate draw_fate(Mode mode, Change::Kind kind, Dice& dice) {
  if (mode == Mode::AllDropped) return Fate::Dropped;
  if (mode == Mode::AllKept) return Fate::Kept;
  const auto drawn = dice() % 4;
  if (drawn == 0) return Fate::Dropped;
  if (drawn == 1) return Fate::Kept;
  if (kind != Change::Kind::Write) return dice() % 2 == 0 ? Fate::Kept : Fate::Dropped;
  return drawn == 2 ? Fate::TornAtSectors : Fate::TornAtBytes;
}

void put(Bytes& file, std::uint64_t offset, BytesView bytes) {
  if (bytes.empty()) return;
  const auto at = offset;
  if (file.size() < at + bytes.size()) file.resize(at + bytes.size());
  std::copy(bytes.begin(), bytes.end(), file.begin() + static_cast<std::ptrdiff_t>(at));
}

// The file grew, and what lies there is nothing or what lay on the disk before.
void grow(Bytes& file, const Change& write, Dice& dice) {
  const std::size_t end = write.at + write.bytes.size();
  const std::size_t before = file.size();
  if (end <= before || dice() % 2 == 0) return;
  file.resize(end);
  if (dice() % 2 == 0) return;
  for (std::size_t i = before; i < end; ++i) file[i] = static_cast<std::uint8_t>(dice());
}

void tear_at_sectors(Bytes& file, const Change& write, Dice& dice) {
  grow(file, write, dice);
  const BytesView bytes = write.bytes;
  std::size_t done = 0;
  while (done < bytes.size()) {
    const std::size_t into = (write.at + done) % kSector;
    const std::size_t part = std::min(kSector - into, bytes.size() - done);
    if (dice() % 2 == 0) put(file, write.at + done, bytes.subspan(done, part));
    done += part;
  }
}

void tear_at_bytes(Bytes& file, const Change& write, Dice& dice) {
  grow(file, write, dice);
  const BytesView bytes = write.bytes;
  if (bytes.empty()) return;
  const std::size_t part = dice() % bytes.size();
  if (dice() % 4 != 0) return put(file, write.at, bytes.first(part));
  put(file, write.at + part, bytes.subspan(part));
}

void apply(Bytes& file, const Change& change, Fate fate, Dice& dice) {
  if (change.kind == Change::Kind::Truncate) {
    if (fate == Fate::Kept) file.resize(change.at);
    return;
  }
  if (fate == Fate::Kept) put(file, change.at, change.bytes);
  if (fate == Fate::Dropped && dice() % 4 == 0) grow(file, change, dice);
  if (fate == Fate::TornAtSectors) tear_at_sectors(file, change, dice);
  if (fate == Fate::TornAtBytes) tear_at_bytes(file, change, dice);
}

using Names = std::map<std::filesystem::path, std::uint64_t>;

void apply(Names& names, const Change& change) {
  if (change.kind == Change::Kind::Create) names[change.path] = change.file;
  if (change.kind == Change::Kind::Remove) names.erase(change.path);
  if (change.kind == Change::Kind::Rename) {
    names.erase(change.path);
    names[change.to] = change.file;
  }
}

std::filesystem::path folder_of(const Change& change) {
  return (change.kind == Change::Kind::Rename ? change.to : change.path).parent_path();
}

bool promises(const Change& change) {
  return change.kind == Change::Kind::Sync || change.kind == Change::Kind::SyncFolder;
}

Error io_error(const std::filesystem::path& path, const std::string& says) {
  return Error{ErrorCode::Io, path.string() + ": " + says};
}

}  // namespace

Medium::Medium(const Image& image) {
  for (const auto& [path, bytes] : image) {
    const auto shared = std::make_shared<Bytes>(bytes);
    files_[next_file_] = File{shared, shared, {}};
    names_[path] = durable_names_[path] = next_file_++;
  }
}

// Bytes that are nobody else's.
Bytes& Medium::own(Shared& shared) {
  if (shared.use_count() != 1) shared = std::make_shared<Bytes>(*shared);
  return *shared;
}

void Medium::take(const Change& change) {
  switch (change.kind) {
    case Change::Kind::Create:
      files_[change.file];
      next_file_ = std::max(next_file_, change.file + 1);
      [[fallthrough]];
    case Change::Kind::Remove:
    case Change::Kind::Rename:
      apply(names_, change);
      pending_names_.push_back(change);
      return;
    case Change::Kind::SyncFolder:
      std::erase_if(pending_names_, [&](const Change& pending) {
        if (folder_of(pending) != change.path) return false;
        apply(durable_names_, pending);
        return true;
      });
      return;
    case Change::Kind::Write:
      put(own(files_[change.file].now), change.at, change.bytes);
      files_[change.file].pending.push_back({change});
      return;
    case Change::Kind::Truncate:
      own(files_[change.file].now).resize(change.at);
      files_[change.file].pending.push_back({change});
      return;
    case Change::Kind::FailedSync:
      for (Pending& pending : files_[change.file].pending)
        pending.doubtful = pending.doubtful || !pending.sure;
      return;
    case Change::Kind::Sync: {
      File& file = files_[change.file];
      bool all = true;
      for (Pending& pending : file.pending) {
        pending.sure = !pending.doubtful;
        all = all && pending.sure;
      }
      if (!all) return;
      file.durable = file.now;
      file.pending.clear();
      return;
    }
  }
}

std::optional<std::uint64_t> Medium::find(const std::filesystem::path& path) const {
  const auto found = names_.find(path);
  if (found == names_.end()) return std::nullopt;
  return found->second;
}

const Bytes& Medium::content(std::uint64_t file) const {
  return *files_.at(file).now;
}

std::uint64_t Medium::size() const {
  std::uint64_t sum = 0;
  for (const auto& [path, file] : names_) sum += files_.at(file).now->size();
  return sum;
}

std::vector<std::string> Medium::names_in(const std::filesystem::path& folder) const {
  std::vector<std::string> names;
  for (const auto& [path, file] : names_)
    if (path.parent_path() == folder) names.push_back(path.filename().string());
  return names;
}

Image Medium::now() const {
  Image image;
  for (const auto& [path, file] : names_) image[path] = *files_.at(file).now;
  return image;
}

Image Medium::after_cut(std::uint64_t seed) const {
  Dice dice(seed);
  const Mode mode = seed % 4 == 0 ? Mode::AllDropped : seed % 4 == 1 ? Mode::AllKept : Mode::Drawn;
  Names names = durable_names_;
  for (const Change& change : pending_names_)
    if (draw_fate(mode, change.kind, dice) == Fate::Kept) apply(names, change);
  Image image;
  for (const auto& [path, number] : names) {
    const File& file = files_.at(number);
    Bytes content = *file.durable;
    for (const Pending& pending : file.pending)
      apply(content, pending.change,
            pending.sure ? Fate::Kept : draw_fate(mode, pending.change.kind, dice), dice);
    image[path] = std::move(content);
  }
  return image;
}

Medium History::killed(std::size_t count) const {
  Medium medium = beginning;
  const std::size_t end = std::min(count + 1, changes.size());
  for (std::size_t i = 0; i < end; ++i)
    if (i < count || !promises(changes[i])) medium.take(changes[i]);
  return medium;
}

Image History::cut(std::size_t count, std::uint64_t seed) const {
  return killed(count).after_cut(seed);
}

class SimulatedDisk::OpenFile final : public store::File {
 public:
  OpenFile(SimulatedDisk& disk, std::uint64_t number, std::filesystem::path path)
      : disk_(disk), number_(number), path_(std::move(path)) {}
  ~OpenFile() override {
    if (held_.empty()) return;
    const std::lock_guard hold(disk_.mutex_);
    disk_.locked_.erase(held_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  Result<std::size_t> read(std::uint64_t offset, std::span<std::uint8_t> out) override {
    if (disk_.reads_) disk_.reads_(path_);
    const std::lock_guard hold(disk_.mutex_);
    if (auto error = disk_.struck(kReading, path_)) return *error;
    const Bytes& content = disk_.medium_.content(number_);
    const std::size_t from = std::min(offset, content.size());
    const std::size_t count = std::min(out.size(), content.size() - from);
    std::copy_n(content.begin() + static_cast<std::ptrdiff_t>(from), count, out.begin());
    return count;
  }
  Result<void> write(std::uint64_t offset, BytesView bytes) override {
    const std::lock_guard hold(disk_.mutex_);
    return disk_.write(number_, path_, offset, bytes);
  }
  Result<void> truncate(std::uint64_t size) override {
    const std::lock_guard hold(disk_.mutex_);
    if (auto error = disk_.struck(kCutting, path_)) return *error;
    disk_.take({.kind = Change::Kind::Truncate, .file = number_, .at = size});
    return {};
  }
  Result<void> sync() override {
    const std::lock_guard hold(disk_.mutex_);
    return disk_.sync(number_, path_);
  }
  Result<std::uint64_t> size() override {
    const std::lock_guard hold(disk_.mutex_);
    if (auto error = disk_.struck(kMeasuring, path_)) return *error;
    return disk_.medium_.content(number_).size();
  }
  Result<void> keep_others_out() override {
    const std::lock_guard hold(disk_.mutex_);
    if (auto error = disk_.struck(kLocking, path_)) return *error;
    return {};
  }

  void hold_folder(std::filesystem::path folder) { held_ = std::move(folder); }

 private:
  SimulatedDisk& disk_;
  const std::uint64_t number_;
  const std::filesystem::path path_;
  std::filesystem::path held_;
};

void SimulatedDisk::begin(Medium medium) {
  const std::lock_guard hold(mutex_);
  VRM_CHECK(locked_.empty());
  beginning_ = medium;
  medium_ = std::move(medium);
  changes_.clear();
  fault_.reset();
  room_.reset();
}

Image SimulatedDisk::now() const {
  const std::lock_guard hold(mutex_);
  return medium_.now();
}

std::uint64_t SimulatedDisk::used() const {
  const std::lock_guard hold(mutex_);
  return medium_.size();
}

History SimulatedDisk::history() const {
  const std::lock_guard hold(mutex_);
  return {beginning_, changes_};
}

std::size_t SimulatedDisk::changes() const {
  const std::lock_guard hold(mutex_);
  return changes_.size();
}

void SimulatedDisk::fail(Fault fault) {
  const std::lock_guard hold(mutex_);
  fault_ = std::move(fault);
  seen_ = failed_ = 0;
}

void SimulatedDisk::heal() {
  const std::lock_guard hold(mutex_);
  fault_.reset();
}

std::uint64_t SimulatedDisk::seen() const {
  const std::lock_guard hold(mutex_);
  return seen_;
}

std::uint64_t SimulatedDisk::failed() const {
  const std::lock_guard hold(mutex_);
  return failed_;
}

void SimulatedDisk::limit_room(std::optional<std::uint64_t> bytes) {
  const std::lock_guard hold(mutex_);
  room_ = bytes;
}

void SimulatedDisk::ignore_syncs(bool ignore) {
  const std::lock_guard hold(mutex_);
  syncs_ignored_ = ignore;
}

std::optional<Error> SimulatedDisk::struck(Doing doing, const std::filesystem::path& path) {
  if (!fault_ || (fault_->doing & doing) == 0) return std::nullopt;
  ++seen_;
  if (seen_ < fault_->at || (seen_ > fault_->at && !fault_->for_ever)) return std::nullopt;
  ++failed_;
  return io_error(path, fault_->says);
}

void SimulatedDisk::take(Change change) {
  medium_.take(change);
  changes_.push_back(std::move(change));
}

Result<void> SimulatedDisk::write(std::uint64_t file, const std::filesystem::path& path,
                                  std::uint64_t offset, BytesView bytes) {
  auto error = struck(kWriting, path);
  std::size_t part = error ? bytes.size() / 2 : bytes.size();
  const std::uint64_t before = medium_.content(file).size();
  const std::uint64_t growth = std::max(before, offset + part) - before;
  if (room_ && growth > 0 && medium_.size() + growth > *room_) {
    const std::uint64_t free = *room_ - std::min(*room_, medium_.size());
    part -= std::min<std::uint64_t>(growth - free, part);
    error = io_error(path, "No space left on device");
  }
  const BytesView done = bytes.first(part);
  take({.kind = Change::Kind::Write,
        .file = file,
        .at = offset,
        .bytes = Bytes(done.begin(), done.end())});
  if (error) return *error;
  return {};
}

Result<void> SimulatedDisk::sync(std::uint64_t file, const std::filesystem::path& path) {
  if (auto error = struck(kSyncing, path)) {
    take({.kind = Change::Kind::FailedSync, .file = file});
    return *error;
  }
  if (!syncs_ignored_) take({.kind = Change::Kind::Sync, .file = file});
  return {};
}

Result<std::uint64_t> SimulatedDisk::open_number(const std::filesystem::path& path,
                                                 store::OpenMode mode) {
  if (auto error = struck(kOpening, path)) return *error;
  const auto found = medium_.find(path);
  if (found && mode == store::OpenMode::CreateNew)
    return Error{ErrorCode::Conflict, "there is a file " + path.string()};
  if (found) return *found;
  if (mode == store::OpenMode::Existing || mode == store::OpenMode::ReadOnly)
    return Error{ErrorCode::NotFound, "no file " + path.string()};
  const std::uint64_t made = medium_.next_file();
  take({.kind = Change::Kind::Create, .file = made, .path = path});
  return made;
}

Result<std::unique_ptr<store::File>> SimulatedDisk::open(const std::filesystem::path& path,
                                                         store::OpenMode mode) {
  const std::lock_guard hold(mutex_);
  const std::uint64_t number = TRY(open_number(path, mode));
  std::unique_ptr<store::File> file = std::make_unique<OpenFile>(*this, number, path);
  return file;
}

Result<bool> SimulatedDisk::exists(const std::filesystem::path& path) {
  const std::lock_guard hold(mutex_);
  if (auto error = struck(kLooking, path)) return *error;
  return medium_.find(path).has_value();
}

Result<void> SimulatedDisk::remove(const std::filesystem::path& path) {
  const std::lock_guard hold(mutex_);
  if (auto error = struck(kRemoving, path)) return *error;
  const auto found = medium_.find(path);
  if (!found) return Error{ErrorCode::NotFound, "no file " + path.string()};
  take({.kind = Change::Kind::Remove, .file = *found, .path = path});
  return {};
}

Result<std::vector<std::string>> SimulatedDisk::list(const std::filesystem::path& folder) {
  const std::lock_guard hold(mutex_);
  if (auto error = struck(kLooking, folder)) return *error;
  return medium_.names_in(folder);
}

Result<void> SimulatedDisk::rename(const std::filesystem::path& from,
                                   const std::filesystem::path& to) {
  const std::lock_guard hold(mutex_);
  if (auto error = struck(kRenaming, from)) return *error;
  const auto found = medium_.find(from);
  if (!found) return Error{ErrorCode::NotFound, "no file " + from.string()};
  take({.kind = Change::Kind::Rename, .file = *found, .path = from, .to = to});
  return {};
}

Result<void> SimulatedDisk::sync_folder(const std::filesystem::path& folder) {
  const std::lock_guard hold(mutex_);
  if (auto error = struck(kSyncingFolder, folder)) return *error;
  if (!syncs_ignored_) take({.kind = Change::Kind::SyncFolder, .path = folder});
  return {};
}

Result<std::optional<std::uint64_t>> SimulatedDisk::room(const std::filesystem::path& folder) {
  const std::lock_guard hold(mutex_);
  if (auto error = struck(kMeasuring, folder)) return *error;
  if (!room_) return std::optional<std::uint64_t>();
  return std::optional(*room_ - std::min(*room_, medium_.size()));
}

Result<void> SimulatedDisk::make_folder(const std::filesystem::path& folder) {
  const std::lock_guard hold(mutex_);
  if (auto error = struck(kMakingFolder, folder)) return *error;
  return {};
}

Result<std::unique_ptr<store::File>> SimulatedDisk::lock_folder(
    const std::filesystem::path& folder) {
  const std::lock_guard hold(mutex_);
  if (auto error = struck(kLocking, folder)) return *error;
  const std::filesystem::path path = folder / "lock";
  const std::uint64_t number = TRY(open_number(path, store::OpenMode::CreateOrExisting));
  if (!locked_.insert(folder).second)
    return refusal(ErrorCode::Conflict, "store.held", {{"pid", "1"}});
  auto file = std::make_unique<OpenFile>(*this, number, path);
  file->hold_folder(folder);
  // Its text is for people; that it cannot be written holds nobody up here.
  std::unique_ptr<store::File> held = std::move(file);
  return held;
}

}  // namespace vrm::testing
