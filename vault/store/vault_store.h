#pragma once
// The Store on a Disk. Who may touch what:
//
//   group_     held while a group of jobs runs and commits, and by whatever changes the state or
//   reads the files anew database_turn_  held while SQLite is used content_mutex_  shared to read
//   what is in memory; alone to change it
//
// Always taken in this order. Jobs run under group_ alone; on_commit and Done run under none.

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <shared_mutex>
#include <thread>

#include "vault/store/anchor.h"
#include "vault/store/commit.h"
#include "vault/store/content.h"
#include "vault/store/database.h"
#include "vault/store/documents.h"
#include "vault/store/reserve.h"
#include "vault/store/slots_file.h"
#include "vault/store/staging.h"
#include "vault/store/store.h"
#include "vault/store/verify.h"

namespace vrm::store {

struct Snapshot;  // vault/store/backup_writing.h

class VaultStore final : public Store {
 public:
  VaultStore(Disk& disk, Random& random, Options options, std::unique_ptr<File> lock,
             SlotsFile slots, std::unique_ptr<Database> database);
  ~VaultStore() override;

  State state() const override;
  const VaultId& vault_id() const override { return vault_; }
  Result<CheckReport> unlock(const Opener& opener, OpenFor purpose) override;
  void lock(const std::vector<KeyId>& kept) override;
  void seal() override;
  Result<CheckReport> check() override;
  Result<void> add_slot(const Opener& slot) override;
  Result<void> replace_slots(const Opener& opener, const Opener& slot,
                             const std::function<Result<void>()>& before) override;
  Result<void> rekey(const Opener& opener, const RekeyOrder& order) override;
  Result<void> try_opener(const Opener& opener) const override;
  bool has_slot(SlotKind kind) const override;
  Result<BackupReport> back_up(const BackupOrder& order) override;
  Result<BackupReport> check_own_backup(const std::filesystem::path& file,
                                        const Progress& progress) const override;

  void submit(std::vector<Work> work) override;
  Result<void> run(Job job) override;

  Result<crypto::WipedBytes> read(Table table, const RowId& id) const override;
  Result<void> scan(Table table, const Visitor& visitor) const override;
  std::uint64_t count(Table table) const override;
  Result<void> read_log(std::uint64_t from, std::uint64_t to,
                        const LogVisitor& visitor) const override;
  std::uint64_t log_size() const override;
  Result<Bytes> seal_with(const KeyId& key, BytesView plain, BytesView context) const override;
  Result<crypto::WipedBytes> open_with(const KeyId& key, BytesView box,
                                       BytesView context) const override;
  Result<crypto::Secret> derive_from(const KeyId& key, std::string_view use) const override;
  Instant high_water() const override;
  std::uint32_t epoch() const override;
  Anchoring anchoring() const override;
  Result<Bytes> witness(WitnessOf moment) const override;
  bool proves_rollback(BytesView witness) const override;
  Usage usage() const override;
  bool keys_are_locked() const override;

 private:
  struct Ran;

  void close();  // -> Attached; under group_
  Result<CheckReport> open_with_root(const crypto::Secret& root, const Result<void>& mac,
                                     OpenFor purpose);

  Duration ticks() const;  // 0 without a clock
  // A passphrase's slot that `opened` the vault in `took` gets the cost of a new one; when that
  // fails, it stays as it was.
  void raise_cost(const SlotsFile& seen, const OpenedSlot& opened, const Opener& opener,
                  Duration took);
  // Writes the slots with a new mac, under group_.
  Result<void> put_slots(SlotsFile changed, const crypto::Secret& root);
  Result<Snapshot> snapshot();

  // Of a rekey, all under group_.
  Result<SlotsFile> slots_for(const crypto::Secret& root, const std::vector<Opener>& openers);
  Result<void> find_room();
  Result<Content> write_anew(const crypto::Secret& root, const RekeyOrder& order);
  Result<void> decide(const Content& content, const SlotsFile& slots,
                      const std::vector<Opener>& openers);
  Result<void> take_anew(Content content, SlotsFile slots);
  void leave_files();         // -> Attached, and no file is open until take_files()
  Result<void> take_files();  // opens them anew, when they are not

  Result<crypto::Secret> log_key_at(std::uint64_t number) const;  // under database_turn_
  Result<void> begin_use(CheckReport& report);                    // under group_
  Result<std::unique_ptr<File>> whole_file(const KnownDocument& document) const;
  Result<Findings> read_for_unlock(const CheckingKeys& keys);
  Result<void> find_documents(Findings& found, OpenFor purpose) const;
  Result<CheckReport> check_database(KnownDocuments& documents);
  Result<void> check_documents(const KnownDocuments& documents, CheckReport& report) const;
  Result<std::optional<Rollback>> heed_anchor();  // under group_
  Result<void> migrate();                         // under group_; vault/store/migrations.h
  void move_anchor();                             // under group_

  void write_until_closed();
  void run_group(std::vector<Work> works);
  void run_jobs(std::vector<Work>& works, std::vector<Ran>& ran);
  std::optional<Error> refusal_to_write() const;
  Result<void> commit(const Staging& staging);
  Result<void> commit_on_full_disk(const Changes& changes, Result<void> done);

  Disk& disk_;
  Random& random_;
  const Options options_;
  const std::unique_ptr<File> folder_lock_;
  const VaultId vault_;
  const AnchorPlace anchor_place_;

  mutable std::mutex group_;
  SlotsFile slots_;
  std::atomic<unsigned> slot_kinds_;  // a bit each
  Nonces nonces_;
  Reserve reserve_;

  mutable std::mutex database_turn_;
  std::unique_ptr<Database> database_;  // null: a rekey is to be taken up
  std::uint64_t sealings_ = 0;          // rekeys since it was attached

  mutable std::shared_mutex content_mutex_;
  State state_ = State::Attached;
  Anchoring anchoring_ = Anchoring::Off;
  bool anchors_are_tidy_ = false;  // under group_; since it was opened
  Content content_;
  Usage usage_;

  std::mutex queue_mutex_;
  std::condition_variable queue_changed_;
  std::vector<Work> queue_;
  bool closing_ = false;
  std::thread writer_;
};

// The files of a vault, once a rekey that was decided has been ended and one that was not is cleared away.
struct VaultFiles {
  SlotsFile slots;
  std::unique_ptr<Database> database;
};
Result<VaultFiles> open_files(Disk& disk, Random& random, const Options& options);

// The kinds of a file's slots, a bit each.
unsigned kinds_in(const SlotsFile& file);
// What a new slot of this opener costs: measured where the options have a clock. Unavailable.
Result<KdfCost> cost_of_new(const Options& options, const Opener& slot);

}  // namespace vrm::store
