#include "vault/store/backup_writing.h"

#include <algorithm>

#include "vault/store/backup_format.h"
#include "vault/store/chunks.h"
#include "vault/store/encoding.h"
#include "vault/store/log_chain.h"

namespace vrm::store {

namespace {

constexpr std::size_t kRecordsAtOnce = 64;

// What an interrupted backup left goes; a file that is no backup is somebody's.
Result<void> clear_left(Disk& disk, const std::filesystem::path& fresh) {
  if (!TRY(disk.exists(fresh))) return {};
  std::array<std::uint8_t, kBackupMagic.size()> start{};
  std::size_t got = 0;
  {
    const auto file = TRY(disk.open(fresh, OpenMode::Existing));
    got = TRY(file->read(0, start));
  }
  if (kBackupMagic.substr(0, got) != text_of(BytesView(start).first(got)))
    return refusal(ErrorCode::Conflict, "backup.exists", {{"file", fresh.string()}});
  return disk.remove(fresh);
}

class Writing {
 public:
  Writing(Disk& disk, Random& random, const BackupOrder& order, Snapshot snapshot,
          const BackupSources& sources)
      : disk_(disk),
        random_(random),
        order_(order),
        fresh_(order.file.string() + ".new"),
        snapshot_(std::move(snapshot)),
        sources_(sources) {}

  Result<BackupReport> run() {
    TRY(refuse_existing());
    TRY(clear_left(disk_, fresh_));
    const auto written = write_fresh();
    auto done = written.ok() ? put_in_place() : Result<void>(written.error());
    if (done.ok()) return report_;
    // That it could not be removed changes nothing: the next backup does it.
    static_cast<void>(disk_.remove(fresh_).ok());
    return std::move(done).error();
  }

 private:
  Result<void> refuse_existing() {
    if (order_.replace == Replace::Yes || !TRY(disk_.exists(order_.file))) return {};
    return refusal(ErrorCode::Conflict, "backup.exists", {{"file", order_.file.string()}});
  }

  Result<void> write_fresh() {
    auto opened = disk_.open(fresh_, OpenMode::CreateNew);
    if (!opened.ok() && opened.error().code == ErrorCode::NotFound)
      return refusal(ErrorCode::NotFound, "backup.no_folder",
                     {{"folder", order_.file.parent_path().string()}});
    if (!opened.ok()) return std::move(opened).error();
    const std::unique_ptr<File> file = std::move(opened).value();
    crypto::Secret key = crypto::Secret::random(crypto::kAeadKeyBytes, random_);
    BackupHeader header;
    header.vault_format = static_cast<std::uint16_t>(snapshot_.head.format);
    header.vault = snapshot_.slots.vault;
    header.slots = encode_slots(snapshot_.slots);
    crypto::Nonce nonce;
    random_.fill(nonce);
    const Bytes start = seal_backup_header(header, key, snapshot_.wrap, nonce);
    TRY(file->write(0, start));
    ChunkWriter chunks(*file, start.size(), std::move(key), backup_context(header.vault), random_);
    TRY(write_start(chunks));
    TRY(write_rows(chunks));
    TRY(write_log(chunks));
    TRY(write_documents(chunks));
    TRY(chunks.finish());
    report_.bytes = chunks.offset();
    return file->sync();
  }

  Result<void> write_start(ChunkWriter& chunks) {
    report_.vault = snapshot_.slots.vault;
    report_.format = kBackupFormat;
    report_.made_at = order_.made_at;
    report_.epoch = snapshot_.head.epoch;
    report_.counter = snapshot_.head.counter;
    report_.log_records = snapshot_.head.log_records;
    for (const RowPtr& row : snapshot_.rows) all_ += kRowStartBytes + row->box().size();
    for (const KnownDocument& document : snapshot_.documents)
      all_ += kDocumentStartBytes + sealed_size(document.seal.size);
    Encoder out;
    out.i64(order_.made_at.ms);
    put_box(out, snapshot_.head_box);
    put_box(out, snapshot_.ring_box);
    out.u64(snapshot_.rows.size());
    out.u64(snapshot_.head.log_records);
    return write(chunks, out.view());
  }

  Result<void> write_rows(ChunkWriter& chunks) {
    for (RowPtr& row : snapshot_.rows) {
      Encoder out;
      out.reserve(kRowStartBytes + row->box().size());
      out.u8(static_cast<std::uint8_t>(row->table));
      out.raw(row->id);
      out.u64(row->version);
      out.raw(row->key);
      put_box(out, row->box());
      TRY(write(chunks, out.view()));
      ++report_.rows[static_cast<std::size_t>(row->table) - 1];
      row.reset();
    }
    return {};
  }

  // The snapshot's log is a beginning of the present one, unless all was sealed anew meanwhile.
  Result<void> write_log(ChunkWriter& chunks) {
    crypto::Digest chain = first_chain(snapshot_.slots.vault);
    const std::uint64_t records = snapshot_.head.log_records;
    for (std::uint64_t next = 1; next <= records;) {
      const auto most = std::min<std::uint64_t>(kRecordsAtOnce, records - next + 1);
      const auto boxes = TRY(sources_.log(next, most));
      if (boxes.empty()) return refusal(ErrorCode::Conflict, "backup.changed");
      for (const LogBox& logged : boxes) {
        chain = next_chain(chain, next++, logged.box);
        Encoder out;
        put_box(out, logged.box);
        TRY(write(chunks, out.view()));
      }
    }
    if (chain != snapshot_.head.log_chain) return refusal(ErrorCode::Conflict, "backup.changed");
    return {};
  }

  Result<void> write_documents(ChunkWriter& chunks) {
    Encoder out;
    out.u64(snapshot_.documents.size());
    TRY(write(chunks, out.view()));
    for (const KnownDocument& document : snapshot_.documents) TRY(write_document(chunks, document));
    return {};
  }

  // As it lies in the vault's folder, sealed.
  Result<void> write_document(ChunkWriter& chunks, const KnownDocument& document) {
    const auto file = TRY(sources_.document(document));
    const std::uint64_t size = sealed_size(document.seal.size);
    Encoder out;
    out.raw(document.id);
    out.u64(size);
    TRY(write(chunks, out.view()));
    Bytes part(kChunkBoxBytes);
    for (std::uint64_t at = 0; at < size; at += part.size()) {
      part.resize(std::min<std::uint64_t>(kChunkBoxBytes, size - at));
      const std::size_t got = TRY(file->read(at, part));
      if (got != part.size()) return corrupt_at(place_of_document(document.id) + ": was changed");
      TRY(write(chunks, part));
    }
    return {};
  }

  static void put_box(Encoder& out, BytesView box) {
    out.u32(static_cast<std::uint32_t>(box.size()));
    out.raw(box);
  }

  Result<void> write(ChunkWriter& chunks, BytesView bytes) {
    TRY(chunks.write(bytes));
    done_ += bytes.size();
    if (order_.progress) order_.progress(done_, std::max(done_, all_));
    return {};
  }

  Result<void> put_in_place() {
    TRY(refuse_existing());  // nobody made one meanwhile
    TRY(disk_.rename(fresh_, order_.file));
    return disk_.sync_folder(order_.file.parent_path());
  }

  Disk& disk_;
  Random& random_;
  const BackupOrder& order_;
  const std::filesystem::path fresh_;
  Snapshot snapshot_;
  const BackupSources& sources_;
  BackupReport report_;
  std::uint64_t done_ = 0;
  std::uint64_t all_ = 0;
};

}  // namespace

Result<BackupReport> write_backup(Disk& disk, Random& random, const BackupOrder& order,
                                  Snapshot snapshot, const BackupSources& sources) {
  return Writing(disk, random, order, std::move(snapshot), sources).run();
}

}  // namespace vrm::store
