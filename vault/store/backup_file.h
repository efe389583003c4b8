#pragma once
// A backup as it is read back: a vault's boxes out of its chunks.

#include <memory>

#include "vault/base/time.h"
#include "vault/store/backup.h"
#include "vault/store/backup_format.h"
#include "vault/store/boxes.h"
#include "vault/store/chunks.h"

namespace vrm::store {

class BackupFile final : public Boxes {
 public:
  // Errors as check_backup, of what must be read before the rows.
  static Result<std::unique_ptr<BackupFile>> open(Disk& disk, const std::filesystem::path& path,
                                                  const Opener& opener);
  // BadKey (backup.other_key): it is not of this vault and root key.
  static Result<std::unique_ptr<BackupFile>> open(Disk& disk, const std::filesystem::path& path,
                                                  const crypto::Secret& root, const VaultId& vault);

  Result<Bytes> head() override { return head_; }
  Result<Bytes> ring() override { return ring_; }
  Result<void> each_row(const RowVisitor& visitor) override;
  Result<std::vector<LogBox>> log_from(std::uint64_t from, std::size_t most) override;
  Result<void> check_pages() override { return {}; }  // each chunk says that it is whole

  const SlotsFile& slots() const { return slots_; }
  const crypto::Secret& root() const { return root_; }
  Instant made_at() const { return made_at_; }
  std::uint16_t format() const { return format_; }
  std::uint64_t bytes() const { return bytes_; }
  std::uint64_t rows() const { return rows_; }

  // Why reading stopped, with what could be read before; nothing when nothing stopped it.
  std::optional<Error> damage() const;
  // The next document's id and how many bytes its file has; nothing behind the last. Those of a format without
  // documents are none. REQUIRES: all rows and records were read.
  struct Held {
    RowId id;
    std::uint64_t bytes = 0;
  };
  Result<std::optional<Held>> next_document();
  // The file of the document that next_document() gave last. REQUIRES: it is used before the next one is asked for,
  // and dies before this does.
  std::unique_ptr<File> document_file();
  // The documents are to be read from the first on.
  void rewind_documents() { documents_begun_ = false; }

  // Nothing is left behind the last record. REQUIRES: all rows, records and documents were read.
  bool at_end() const { return end_ != 0 && end_ == stream_size_; }

  void tell(const Progress& progress) { progress_ = progress; }

 private:
  BackupFile(std::unique_ptr<File> file, const BackupHeader& header, SlotsFile slots,
             crypto::Secret root, crypto::Secret key, std::uint64_t header_bytes,
             std::uint64_t bytes);

  static Result<std::unique_ptr<BackupFile>> make(std::unique_ptr<File> file, BackupHeader header,
                                                  SlotsFile slots, crypto::Secret root,
                                                  std::uint64_t header_bytes, std::uint64_t bytes);
  Result<void> read_start();
  Result<void> fill(std::span<std::uint8_t> out);
  Result<Bytes> read_box(std::size_t most);
  Result<std::uint64_t> read_number(std::size_t bytes);
  // Its box lies in `box`.
  Result<std::optional<Row>> read_row(std::int64_t place, Bytes& box);
  Result<void> go_to_record(std::uint64_t number);
  class HeldFile;
  Error wrong() const;

  const std::unique_ptr<File> file_;
  const std::uint16_t format_;
  const SlotsFile slots_;
  const crypto::Secret root_;
  const std::uint64_t bytes_;
  ChunkReader stream_;
  const std::uint64_t stream_size_;
  Instant made_at_;
  Bytes head_;
  Bytes ring_;
  std::uint64_t rows_ = 0;
  std::uint64_t records_ = 0;
  std::uint64_t first_row_ = 0;  // where they begin in the stream
  std::uint64_t first_record_ = 0;
  std::uint64_t next_record_ = 0;  // the number of the one at the stream's position; 0: none
  std::uint64_t log_end_ = 0;      // once known
  std::uint64_t rows_read_ = 0;    // the most that were
  std::uint64_t records_read_ = 0;
  bool documents_begun_ = false;
  std::uint64_t documents_left_ = 0;
  Held held_{};                // the document read last
  std::uint64_t held_at_ = 0;  // where its file begins in the stream
  std::uint64_t end_ = 0;      // of all, once known
  Progress progress_;
};

}  // namespace vrm::store
