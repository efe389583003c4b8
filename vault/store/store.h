#pragma once
// The vault's file: sealed cells that only the right keys open, changed by one writer, and nothing changed unseen.
//
//   row     = (table, id) -> version, key id, box       box = nonce | sealed record | tag, padded
//   head    = one sealed row: sums over all rows, the log's chain, the clock's high water, the counter
//   log     = numbered boxes, each under the next key of a ratchet, chained by hash; see vault/journal
//
// docs/formats/vault_file.md draws the bytes. All rows but the log's are held in memory as they lie on the disk,
// sealed; so a read touches no file, and locking forgets nothing but keys.
//
// Keys: every row names a data key. Data keys are random; each lies in table Keys, wrapped under the ring key, which
// the root key wraps, which the slots wrap (vault/store/slots.h). In memory they live in guarded pages.
//
// States: attached (no keys), open (all keys), serving (only the data keys that lock() was told to keep, and what
// writing needs: the head's, the sums' and the log's current key). A vault opened for rescue is read only.
//
// Threads: every call is safe from any thread. Jobs run one after another on the writer's thread; those that are
// waiting when a commit ends share the next one (group commit), each undone alone when it fails. A job reads the Store
// as last committed; it calls neither unlock, lock, seal, check, add_slot, replace_slots nor run.

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "vault/base/bytes.h"
#include "vault/base/clock.h"
#include "vault/base/random.h"
#include "vault/base/result.h"
#include "vault/base/time.h"
#include "vault/crypto/wiped_bytes.h"
#include "vault/store/disk.h"
#include "vault/store/slots.h"

namespace vrm::store {

// The numbers are part of the format.
enum class Table : std::uint8_t {
  Keys = 1,      // wrapped data keys; written by the store alone
  Settings = 2,  // the owner's settings, under the vault's own key
  Fields = 3,    // a field's value and its metadata, under the field's key
  Brands = 4,    // who a brand is, under the brand's key
  Grants = 5,    // what a brand may read, under the brand's key
  Requests = 6,  // what a brand asks, under the brand's key
  Refresh = 7,   // refresh tokens and auth_req_ids, by their hash, under the brand's key
  Imports = 8,   // what an import changed, for its undoing, under the vault's own key
  Outbox = 9,    // what waits to be sent to a brand, under the brand's key
  Intents = 10,  // what the owner wants, with its private part, under the intent's key
  Invitations =
      11,  // what one brand was told of an intent, and how its offers stand, under the brand's key
  Offers = 12,  // offers as they were signed, under the intent's key
  Inbox =
      13,  // what came while the vault was locked, sealed to its inbox key, under the brand's key
  Acceptances = 14,  // which offer was accepted, and what became of it, under the brand's key
  Documents = 15,    // what a document is, and what its file must be, under the document's key
  Versions = 16,     // what a field was before, by the field's row id, under a key of its own
  Rules = 17,  // decisions on what a brand asks that stand for the next time, under the brand's key
};
inline constexpr std::uint8_t kTables = 17;  // their numbers are 1 to this

using RowId = std::array<std::uint8_t, 16>;
using KeyId = std::array<std::uint8_t, 16>;

// The vault's own data key: for what belongs to no field and no brand. In memory only while open.
inline constexpr KeyId kVaultKey{};

// What one job may do; it lives for the call. Everything it changes is kept or dropped together.
class Txn {
 public:
  virtual ~Txn() = default;

  // The record of a row, as this job and those before it left it.
  // NotFound: no such row. Locked: its key is not in memory. Corrupt: it does not open.
  virtual Result<crypto::WipedBytes> read(Table table, const RowId& id) const = 0;

  // Makes or replaces a row. Locked: the key is not in memory.
  virtual Result<void> write(Table table, const RowId& id, const KeyId& key, BytesView record) = 0;

  // The same for a row that many jobs of one group write, each in place of the one before: `make` gives the record
  // when it is wanted, within the group, so that what nobody will see is not made. The key opens the row for the
  // whole group. REQUIRES: `make` gives the same each time, and no more than a record may have.
  virtual Result<void> write_late(Table table, const RowId& id, const KeyId& key,
                                  std::function<Bytes()> make) = 0;

  // NotFound: no such row.
  virtual Result<void> erase(Table table, const RowId& id) = 0;

  // A new random data key, wrapped and in memory; kept through lock() only when lock() is told so.
  // Locked: the ring key is not in memory (state serving).
  virtual Result<KeyId> make_key() = 0;

  // What the key sealed is unreadable afterwards. NotFound: no such key.
  virtual Result<void> destroy_key(const KeyId& key) = 0;

  // Appends one record to the log. Gives its number, from 1.
  virtual Result<std::uint64_t> append_log(BytesView record) = 0;

  // What this job does must outlive an older copy of the vault: the anchor is moved on before Done.
  virtual void anchor() = 0;

  // The vault begins another epoch: what was promised in the one before may not be all that was promised. Anchored.
  virtual void begin_epoch() = 0;

  // Raises the high-water mark of time; a lower `at` changes nothing.
  virtual void note_time(Instant at) = 0;

  // Run on the writer's thread: after the commit and before Done; or when this job or its commit failed,
  // the last registered first.
  virtual void on_commit(std::function<void()> action) = 0;
  virtual void on_rollback(std::function<void()> action) = 0;
};

using Job = std::function<Result<void>(Txn&)>;
// Told once, on the writer's thread: the job's own Error, or Io when the commit failed, or success, which is durable.
using Done = std::function<void(Result<void>)>;

struct Work {
  Job job;
  Done done;
};

// One place where the file is not what the vault left there.
struct Damage {
  std::string
      place;  // "table grants, row 3f..: does not open"; names tables and row ids, never a name or value
};

// Why the vault that was unlocked may be an older copy of itself.
enum class Rollback {
  OlderThanAnchor,  // or another than the one that the anchor was kept for
  NoAnchor,         // lost, or the vault was brought here from elsewhere
  BadAnchor,        // it cannot be read, or someone without the root key wrote it
};

// Whether the anchor says how far the vault has come. Behind: it could not be written; each commit tries anew.
enum class Anchoring { Off, Kept, Behind };

struct CheckReport {
  std::uint64_t rows = 0;
  std::uint64_t log_records = 0;
  std::vector<Damage> damages;            // empty: everything verifies
  std::optional<Rollback> rollback = {};  // of unlock: the vault has begun another epoch
};

// The moment that a witness is of.
enum class WitnessOf {
  Committed,   // what is durable: to be handed out at any time
  NextCommit,  // to be handed out when a job submitted after this is done
};

enum class State { Attached, Serving, Open, Rescue };
enum class OpenFor { Use, Rescue };

struct Options {
  std::filesystem::path folder;  // of one vault; holds vault.db and slots
  KdfCost kdf = {};              // of new passphrase slots
  // Measures this machine, so that a passphrase takes it about half a second; null: `kdf` as it stands.
  const Clock* clock = nullptr;
  // Folder of the anchors, outside the vault's; "" when none is to be kept.
  std::filesystem::path anchors = {};
  // Makes the log's record of a step from one format to the next (vault/store/migrations.h); null: none is written.
  std::function<Bytes(std::uint32_t from, std::uint32_t to)> migration_record = {};
};

struct Usage {
  std::uint64_t commits = 0;
  std::uint64_t jobs = 0;
};

// How far what takes long has come; `all` may be a guess. Called often, on the calling thread.
using Progress = std::function<void(std::uint64_t done, std::uint64_t all)>;

struct BackupOrder;  // vault/store/backup.h
struct BackupReport;
struct RekeyOrder;  // vault/store/rekey.h

class Store {
 public:
  // Makes a vault in a folder that has none, with one slot, and leaves it open.
  // Conflict: there is a vault, or another process holds it. Io.
  static Result<std::unique_ptr<Store>> create(Disk& disk, Random& random, const Options& options,
                                               const Opener& slot);

  // Holds an existing vault, without any key. NotFound: no vault there. Conflict: another process holds it (its pid
  // is in the gaps of the error). Corrupt: not a vault, or one of a newer format, which is left untouched. Io.
  static Result<std::unique_ptr<Store>> attach(Disk& disk, Random& random, const Options& options);

  virtual ~Store() = default;

  virtual State state() const = 0;

  // Random, public: names the vault. Known in every state.
  virtual const std::array<std::uint8_t, 16>& vault_id() const = 0;

  // Attached or Serving -> Open. Everything is verified first: the head, the sums over all rows, every wrapped key,
  // the log's chain. BadKey: the opener opens no slot. Corrupt: what does not verify, in the gap `place`.
  // OpenFor::Rescue opens what still opens, read only, whatever does not verify; the report says what.
  // A passphrase whose cost is clearly below that of a new slot gets a new slot, when the options have a clock.
  virtual Result<CheckReport> unlock(const Opener& opener, OpenFor purpose) = 0;

  // Open -> Serving: wipes the root key, the ring key and every data key but `kept`.
  virtual void lock(const std::vector<KeyId>& kept) = 0;

  // -> Attached: wipes every key.
  virtual void seal() = 0;

  // Reads the files anew and checks all that the present keys allow. Locked: Attached.
  virtual Result<CheckReport> check() = 0;

  // Adds a slot; the root key must be in memory. Locked, Io.
  virtual Result<void> add_slot(const Opener& slot) = 0;

  // Puts one slot in the place of all slots of its kind, in one write: after a failure or a kill at any moment, all
  // slots are the old ones, or all the new. `opener` proves who asks. `before` is called once it did and before
  // anything is written; its Error ends the call. Locked: not open. BadKey, Corrupt: as unlock. Conflict: no room
  // for one more. Io; with store.slots_unsettled when the new slots lie there but may not outlive a power cut.
  virtual Result<void> replace_slots(const Opener& opener, const Opener& slot,
                                     const std::function<Result<void>()>& before) = 0;

  // A new root key, ring and data keys, and all rows and records sealed anew under them (vault/store/rekey.h). `opener`
  // proves who asks; what opens the vault afterwards is the order's. After a failure, a kill or a power cut at any moment
  // the vault is the old one, or the new one whole. Locked: not open. Denied: open for rescue. BadKey, Corrupt: as unlock.
  // Io (store.rekey_no_room): too little room, and nothing was written; (store.rekey_unsettled, store.rekey_unfinished):
  // the vault is Attached, and the next unlock finds out which it is, or ends what was decided; Io.
  // REQUIRES: the order has a slot.
  virtual Result<void> rekey(const Opener& opener, const RekeyOrder& order) = 0;

  // Whether the slots, read anew from the disk, open. In every state; nothing changes. BadKey, Corrupt, Io.
  virtual Result<void> try_opener(const Opener& opener) const = 0;

  // Whether there is a slot of this kind. In every state.
  virtual bool has_slot(SlotKind kind) const = 0;
  // Writes what was committed last into one encrypted file, while jobs run on. Locked: not open.
  // Denied: open for rescue. Conflict (backup.exists): the file is there and is not to be replaced;
  // (backup.changed): all was sealed anew meanwhile. Malformed (backup.in_vault): the file would lie
  // in the vault's own folder. Corrupt: the database is not what was committed. NotFound, Io.
  virtual Result<BackupReport> back_up(const BackupOrder& order) = 0;
  // check_backup() with the root key that is in memory. Locked. BadKey (backup.other_key): of
  // another vault, or of this one under another root key.
  virtual Result<BackupReport> check_own_backup(const std::filesystem::path& file,
                                                const Progress& progress = {}) const = 0;

  // Hands work to the writer, all of it before any of it runs. Done is told in every case; Rescue: Denied.
  virtual void submit(std::vector<Work> work) = 0;

  // One job, waited for. Not from the writer's thread.
  virtual Result<void> run(Job job) = 0;

  // The record of a row as last committed. NotFound, Locked, Corrupt.
  virtual Result<crypto::WipedBytes> read(Table table, const RowId& id) const = 0;

  // Every row of a table whose key is in memory, in no order; rows whose key is not are passed over.
  // Corrupt: one does not open (Rescue: it is passed over). The visitor's Error ends the scan and is handed on.
  using Visitor = std::function<Result<void>(const RowId&, const KeyId&, BytesView record)>;
  virtual Result<void> scan(Table table, const Visitor& visitor) const = 0;

  // Rows of a table, whether their keys are here or not.
  virtual std::uint64_t count(Table table) const = 0;

  // The log's records `from`..`to`, counted from 1, both included. Locked: not open. Corrupt.
  using LogVisitor = std::function<Result<void>(std::uint64_t number, BytesView record)>;
  virtual Result<void> read_log(std::uint64_t from, std::uint64_t to,
                                const LogVisitor& visitor) const = 0;
  virtual std::uint64_t log_size() const = 0;

  // Seals and opens something of a brand's or field's outside the rows (the log's inner parts, opaque tokens).
  // `context` is authenticated. Locked: the key is not in memory. Corrupt: does not open. What was sealed before a rekey
  // opens while open alone.
  virtual Result<Bytes> seal_with(const KeyId& key, BytesView plain, BytesView context) const = 0;
  virtual Result<crypto::WipedBytes> open_with(const KeyId& key, BytesView box,
                                               BytesView context) const = 0;

  // 32 bytes derived from a data key for one named use (a brand's signing seed). A rekey does not change them; after one
  // they are derived while open alone. Locked.
  virtual Result<crypto::Secret> derive_from(const KeyId& key, std::string_view use) const = 0;

  virtual Instant high_water() const = 0;

  // Counts the lives of the vault: a restore begins another, and so does a rollback that was noticed. 0 before the
  // first unlock.
  virtual std::uint32_t epoch() const = 0;
  virtual Anchoring anchoring() const = 0;

  // How far the vault has come, sealed (vault/store/witness.h). Locked: Attached.
  virtual Result<Bytes> witness(WitnessOf moment) const = 0;
  // True: this vault made it, when it was further than it is now. Never true while Attached.
  virtual bool proves_rollback(BytesView witness) const = 0;

  virtual Usage usage() const = 0;

  // Whether every key in memory lies in pages that are never swapped out.
  virtual bool keys_are_locked() const = 0;

 protected:
  Store() = default;
};

}  // namespace vrm::store
