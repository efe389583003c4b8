#include "vault/store/backup_file.h"

#include <algorithm>

#include "vault/base/check.h"
#include "vault/store/document.h"
#include "vault/store/encoding.h"

namespace vrm::store {

namespace {

struct Beginning {
  std::unique_ptr<File> file;
  BackupHeader header;
  SlotsFile slots;
  std::uint64_t header_bytes = 0;
  std::uint64_t bytes = 0;
};

Result<Beginning> read_beginning(Disk& disk, const std::filesystem::path& path) {
  auto file = disk.open(path, OpenMode::ReadOnly);
  if (!file.ok() && file.error().code == ErrorCode::NotFound)
    return refusal(ErrorCode::NotFound, "backup.no_file", {{"file", path.string()}});
  if (!file.ok()) return std::move(file).error();
  Beginning read{std::move(file).value(), {}, {}, 0, 0};
  read.bytes = TRY(read.file->size());
  Bytes bytes(kBackupStartBytes);
  std::size_t got = TRY(read.file->read(0, bytes));
  bytes.resize(got);
  const BackupStart start = TRY(decode_backup_start(bytes));
  read.header_bytes = start.header_bytes();
  bytes.resize(start.header_bytes());
  got = TRY(read.file->read(0, bytes));
  bytes.resize(got);
  read.header = TRY(decode_backup_header(start, bytes));
  read.slots = TRY(decode_slots(read.header.slots));
  if (read.slots.vault != read.header.vault)
    return refusal(ErrorCode::Corrupt, "backup.bad_header");
  return read;
}

}  // namespace

Result<std::unique_ptr<BackupFile>> BackupFile::open(Disk& disk, const std::filesystem::path& path,
                                                     const Opener& opener) {
  Beginning read = TRY(read_beginning(disk, path));
  auto root = open_slots(read.slots, opener);
  if (!root.ok() && root.error().code == ErrorCode::BadKey)
    return refusal(ErrorCode::BadKey, "backup.bad_key");
  if (!root.ok()) return std::move(root).error();
  return make(std::move(read.file), std::move(read.header), std::move(read.slots),
              std::move(root).value(), read.header_bytes, read.bytes);
}

Result<std::unique_ptr<BackupFile>> BackupFile::open(Disk& disk, const std::filesystem::path& path,
                                                     const crypto::Secret& root,
                                                     const VaultId& vault) {
  Beginning read = TRY(read_beginning(disk, path));
  if (read.header.vault != vault || !check_mac(read.slots, root).ok())
    return refusal(ErrorCode::BadKey, "backup.other_key");
  return make(std::move(read.file), std::move(read.header), std::move(read.slots), root.clone(),
              read.header_bytes, read.bytes);
}

Result<std::unique_ptr<BackupFile>> BackupFile::make(std::unique_ptr<File> file,
                                                     BackupHeader header, SlotsFile slots,
                                                     crypto::Secret root,
                                                     std::uint64_t header_bytes,
                                                     std::uint64_t bytes) {
  TRY(check_mac(slots, root));
  crypto::Secret key = TRY(open_backup_key(header, backup_wrap_key(root, header.vault)));
  std::unique_ptr<BackupFile> made(new BackupFile(std::move(file), header, std::move(slots),
                                                  std::move(root), std::move(key), header_bytes,
                                                  bytes));
  const auto started = made->read_start();
  if (started.ok()) return made;
  if (const auto damage = made->damage()) return *damage;
  return started.error();
}

BackupFile::BackupFile(std::unique_ptr<File> file, const BackupHeader& header, SlotsFile slots,
                       crypto::Secret root, crypto::Secret key, std::uint64_t header_bytes,
                       std::uint64_t bytes)
    : file_(std::move(file)),
      format_(header.format),
      slots_(std::move(slots)),
      root_(std::move(root)),
      bytes_(bytes),
      stream_(*file_, header_bytes, bytes, std::move(key), backup_context(header.vault)),
      stream_size_(stream_.left()) {}

std::optional<Error> BackupFile::damage() const {
  if (!stream_.bad()) return std::nullopt;
  const BadChunk& bad = *stream_.bad();
  return refusal(ErrorCode::Corrupt, bad.cut ? "backup.cut" : "backup.damaged",
                 {{"chunk", std::to_string(bad.chunk)},
                  {"chunks", std::to_string(bad.chunks)},
                  {"rows", std::to_string(rows_read_)},
                  {"records", std::to_string(records_read_)}});
}

// Every chunk opens, so it was written like that: by something that is no vrm of this format.
Error BackupFile::wrong() const {
  return refusal(
      ErrorCode::Corrupt, "backup.wrong",
      {{"place", "backup, byte " + std::to_string(stream_.position()) + " of the stream"}});
}

Result<void> BackupFile::fill(std::span<std::uint8_t> out) {
  auto filled = stream_.read(out);
  if (filled.ok() || stream_.bad() || filled.error().code != ErrorCode::Corrupt) return filled;
  return wrong();
}

Result<std::uint64_t> BackupFile::read_number(std::size_t bytes) {
  std::array<std::uint8_t, 8> little{};
  TRY(fill(std::span(little).first(bytes)));
  return Decoder(little).u64();
}

Result<Bytes> BackupFile::read_box(std::size_t most) {
  const std::uint64_t size = TRY(read_number(4));
  if (size > most) return wrong();
  // No memory is taken for what cannot come; what is missing is asked for, to learn why.
  Bytes box(std::min(size, stream_.left()));
  TRY(fill(box));
  std::array<std::uint8_t, 1> more;
  if (box.size() < size) TRY(fill(more));
  return box;
}

Result<void> BackupFile::read_start() {
  made_at_.ms = static_cast<std::int64_t>(TRY(read_number(8)));
  head_ = TRY(read_box(kMostMetaBytes));
  ring_ = TRY(read_box(kMostMetaBytes));
  rows_ = TRY(read_number(8));
  records_ = TRY(read_number(8));
  first_row_ = stream_.position();
  return {};
}

Result<std::optional<Row>> BackupFile::read_row(std::int64_t place, Bytes& box) {
  std::array<std::uint8_t, kRowStartBytes - 4> start;
  TRY(fill(start));
  Decoder in(start);
  const auto table = table_from(in.u8());
  Row row;
  row.id = in.array<16>();
  row.version = in.u64();
  row.key = in.array<16>();
  box = TRY(read_box(kMostBoxBytes));
  row.box = box;
  row.place = place;
  if (!table) return std::optional<Row>();
  row.table = *table;
  return std::optional<Row>(row);
}

Result<void> BackupFile::each_row(const RowVisitor& visitor) {
  stream_.go_to(first_row_);
  next_record_ = 0;
  Bytes box;
  for (std::uint64_t i = 1; i <= rows_; ++i) {
    const auto place = static_cast<std::int64_t>(i);
    const std::optional<Row> row = TRY(read_row(place, box));
    rows_read_ = std::max(rows_read_, i);
    if (progress_) progress_(stream_.position(), stream_size_);
    TRY(visitor(place, row));
  }
  first_record_ = stream_.position();
  next_record_ = 1;
  if (records_ == 0) log_end_ = first_record_;
  return {};
}

Result<void> BackupFile::go_to_record(std::uint64_t number) {
  if (first_record_ == 0)
    TRY(each_row([](std::int64_t, const std::optional<Row>&) { return Result<void>(); }));
  if (next_record_ == 0 || next_record_ > number) {
    stream_.go_to(first_record_);
    next_record_ = 1;
  }
  for (; next_record_ < number; ++next_record_) {
    const Bytes passed = TRY(read_box(kMostBoxBytes));
  }
  return {};
}

Result<std::vector<LogBox>> BackupFile::log_from(std::uint64_t from, std::size_t most) {
  const std::uint64_t first = static_cast<std::int64_t>(from) < 1 ? 1 : from;
  std::vector<LogBox> boxes;
  if (first > records_) return boxes;
  TRY(go_to_record(first));
  while (boxes.size() < most && next_record_ <= records_) {
    const std::uint64_t number = std::exchange(next_record_, 0);  // until it was read
    Bytes box = TRY(read_box(kMostBoxBytes));
    boxes.push_back({number, std::move(box)});
    next_record_ = number + 1;
    records_read_ = std::max(records_read_, number);
    if (number == records_) log_end_ = stream_.position();
    if (progress_) progress_(stream_.position(), stream_size_);
  }
  return boxes;
}

// A part of the stream, as if it were a file.
class BackupFile::HeldFile final : public File {
 public:
  HeldFile(BackupFile& backup, std::uint64_t from, std::uint64_t bytes)
      : backup_(backup), from_(from), bytes_(bytes) {}

  Result<std::size_t> read(std::uint64_t offset, std::span<std::uint8_t> out) override {
    const std::uint64_t at = std::min(offset, bytes_);
    const std::size_t now = std::min<std::uint64_t>(out.size(), bytes_ - at);
    backup_.stream_.go_to(from_ + at);
    TRY(backup_.fill(out.first(now)));
    if (backup_.progress_) backup_.progress_(backup_.stream_.position(), backup_.stream_size_);
    return now;
  }
  Result<std::uint64_t> size() override { return bytes_; }
  Result<void> write(std::uint64_t, BytesView) override { return read_only(); }
  Result<void> truncate(std::uint64_t) override { return read_only(); }
  Result<void> sync() override { return read_only(); }
  Result<void> keep_others_out() override { return read_only(); }

 private:
  static Error read_only() { return Error{ErrorCode::Io, "a backup is read"}; }

  BackupFile& backup_;
  const std::uint64_t from_;
  const std::uint64_t bytes_;
};

Result<std::optional<BackupFile::Held>> BackupFile::next_document() {
  VRM_CHECK(log_end_ != 0);
  if (!documents_begun_) {
    stream_.go_to(log_end_);
    documents_left_ = format_ < 2 ? 0 : TRY(read_number(8));
    documents_begun_ = true;
  } else {
    stream_.go_to(held_at_ + held_.bytes);
  }
  next_record_ = 0;
  if (documents_left_ == 0) {
    end_ = stream_.position();
    return std::optional<Held>();
  }
  --documents_left_;
  TRY(fill(held_.id));
  held_.bytes = TRY(read_number(8));
  held_at_ = stream_.position();
  if (held_.bytes <= stream_.left()) return std::optional<Held>(held_);
  // What is missing is asked for, to learn why.
  if (held_.bytes > sealed_size(kMostDocumentBytes)) return wrong();
  stream_.go_to(held_at_ + stream_.left());
  std::array<std::uint8_t, 1> more;
  TRY(fill(more));
  return wrong();
}

std::unique_ptr<File> BackupFile::document_file() {
  return std::make_unique<HeldFile>(*this, held_at_, held_.bytes);
}

}  // namespace vrm::store
