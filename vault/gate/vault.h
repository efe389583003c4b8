#pragma once
// One vault with its rooms: what the owner's desk and the brands' desk both stand on.
//
//   empty ──init──► open ──lock──► serving ──unlock──► open        any ──seal──► sealed ──unlock──► open
//
// `rescue` is open, read only, and serves nobody. Safe from any thread; changes of state come one at a time, from
// the owner's desk.

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "vault/base/clock.h"
#include "vault/base/random.h"
#include "vault/base/result.h"
#include "vault/brands/brand_book.h"
#include "vault/brands/document.h"
#include "vault/brands/issuer_book.h"
#include "vault/brands/outbox.h"
#include "vault/brands/web.h"
#include "vault/gate/epoch.h"
#include "vault/gate/uploads.h"
#include "vault/grants/grant_book.h"
#include "vault/grants/purposes.h"
#include "vault/grants/request_book.h"
#include "vault/grants/rule_book.h"
#include "vault/grants/terms.h"
#include "vault/grants/ticket.h"
#include "vault/journal/journal.h"
#include "vault/market/books.h"
#include "vault/market/inbox.h"
#include "vault/profile/catalogue.h"
#include "vault/profile/document_book.h"
#include "vault/profile/profile.h"
#include "vault/store/backup.h"
#include "vault/store/store.h"

namespace vrm::gate {

// What the gate may use of the world; everything lives as long as the vault.
struct Means {
  store::Disk& disk;
  const Clock& clock;
  Random& random;
  brands::Web& web;
};

struct VaultOptions {
  std::filesystem::path folder;
  std::string
      base;  // the public address of the brand door, "https://host[:port]", without a slash at its end
  std::filesystem::path anchors = {};  // folder of the anchors, outside `folder`; "" for none
  brands::PlainHttp plain_http = brands::PlainHttp::Refused;
  std::optional<store::KdfCost> kdf = {};  // of a passphrase; none: measured here
};

// What is known by heart: the same for every vault.
struct Knowledge {
  profile::Catalogue catalogue;
  grants::Purposes purposes;
  grants::Roster roster;

  // Corrupt: the build's own files are wrong.
  static Result<Knowledge> load();
};

// The rooms of a vault that exists.
struct Rooms {
  Rooms(std::unique_ptr<store::Store> opened, const profile::Catalogue& catalogue, Random& random,
        std::string base)
      : store(std::move(opened)), profile(*store, catalogue, random), issuers(std::move(base)) {
    profile.keep_free([this](std::string_view name) { return documents.find(name) != nullptr; });
  }

  // The writer ends before what its work refers to.
  ~Rooms() { store.reset(); }
  Rooms(const Rooms&) = delete;
  Rooms& operator=(const Rooms&) = delete;

  std::unique_ptr<store::Store> store;
  profile::Profile profile;
  profile::DocumentBook documents;  // while locked: those that are served
  Uploads uploads;                  // while open
  grants::GrantBook grants;
  grants::RequestBook requests;
  grants::RuleBook rules;
  grants::TicketBook tickets;
  brands::BrandBook brands;
  brands::IssuerBook issuers;
  brands::Outbox outbox;
  market::IntentBook intents;  // while open
  market::InvitationBook invitations;
  market::OfferBook offers;  // while open
  market::Inbox inbox;
  market::AcceptanceBook acceptances;
  // Who reads what comes while the vault is locked: the vault itself, once it is unlocked.
  crypto::BoxPublicKey inbox_reader{};
};

// Tries to open the vault with a wrong passphrase or key since it was opened last.
struct WrongKeys {
  std::int64_t count = 0;
  Instant first = {};
};

struct Opened {
  store::CheckReport report;
  WrongKeys wrong_before;
};

enum class State { Empty, Sealed, Serving, Open, Rescue };

// Why the vault is not open, or was not before it was opened.
enum class LockCause {
  Start,    // of this process
  Command,  // the owner locked
  Sealed,   // the owner sealed
  Signal,   // SIGUSR1
  Idle,     // nobody did anything for the idle limit
  Limit,    // it was open for the hard limit
};

struct LastLock {
  LockCause cause = LockCause::Start;
  Instant at = {};  // zero: never, as of a vault that was made in this process and is open since
};

std::string_view to_string(LockCause cause);  // start, command, sealed, signal, idle, limit

std::string_view to_string(State state);

class Vault {
 public:
  // Finds out whether there is a vault in the folder, and holds it. Errors as store::Store::attach, but NotFound.
  static Result<std::unique_ptr<Vault>> find(Means means, const Knowledge& knowledge,
                                             VaultOptions options);

  State state() const;

  // Null while there is no vault. Once there, they live as long as the Vault. Work for the store's writer may
  // refer to them: the store, which is in them, ends its writer before they go.
  Rooms* rooms() const;

  // The rooms when everything may be read. NotFound (vault.none), Locked as locked_refusal.
  Result<Rooms*> open_rooms() const;
  // The same, to change something. Also Denied (store.rescue_read_only).
  Result<Rooms*> changeable_rooms() const;
  // The rooms when at least what is served may be handled: serving or open. Errors as above.
  Result<Rooms*> serving_rooms() const;

  LastLock last_lock() const;
  // Why this is refused while the vault is not open, and what to type: vault.sealed, vault.locked, or
  // vault.locked_<cause> with the gap `locked_at`.
  Error locked_refusal() const;

  // The time that decides: never earlier than it ever was, in this process or before.
  Instant now() const;
  // The latest moment that an earlier process recorded here, by a clock that may have gone back since. Zero until the
  // vault is opened, and for one that was made in this process.
  Instant earlier_life() const { return {std::max<std::int64_t>(earlier_ms_, 0)}; }

  const Means& means() const { return means_; }
  const Knowledge& knowledge() const { return knowledge_; }
  const VaultOptions& options() const { return options_; }

  // Conflict (vault.exists): there is one. Errors as store::Store::create.
  Result<void> init(const store::Opener& slot);
  // Makes a vault of a backup in `folder`; when that is this vault's, it is sealed afterwards.
  // Errors as store::restore_backup.
  Result<store::BackupReport> restore(const std::filesystem::path& file,
                                      const std::filesystem::path& folder,
                                      const store::Opener& opener,
                                      const store::Progress& progress = {});
  // Opening an open vault is no failure. Errors as store::Store::unlock. A wrong key is counted, and
  // the count recorded as soon as the journal can be written: a sealed one cannot.
  Result<Opened> unlock(const store::Opener& opener, store::OpenFor purpose);
  // Puts `slot` in the place of those of its kind; `opener` proves who asks, and a wrong one is counted as at unlock.
  // Recorded as `kind`. Errors as changeable_rooms and store::Store::replace_slots.
  Result<void> change_keys(const store::Opener& opener, const store::Opener& slot,
                           journal::Kind kind);
  // A new root key and all that it wraps; the order says what opens the vault afterwards, and its record is made here.
  // A vault that is Attached after a failure is sealed. Errors as changeable_rooms and store::Store::rekey; a wrong
  // opener is counted as at unlock.
  Result<void> rekey(const store::Opener& opener, store::RekeyOrder order);
  // Errors as store::Store::try_opener; a wrong one is counted.
  Result<void> try_opener(const store::Opener& opener);
  // Why the vault may be older than it was, until the owner has looked. Known since the vault was opened.
  std::optional<Doubt> doubt() const;
  // The owner has looked at every grant. Errors as Txn::write.
  Result<void> settle_doubt(store::Txn& txn);
  // `witness` came with what is shown. When it proves that the vault was rolled back, every grant is suspended for this
  // doubt. True: it does. Errors as store::Store::run; nothing is served then either.
  Result<bool> heed_witness(BytesView witness, Doubt doubt);

  // Open -> serving. Locked already is no failure, and changes nothing.
  Result<void> lock(LockCause cause);
  // The same, but never waits for another change of state, which may take long: then it does nothing. What the
  // journal could not be told, the next command tells.
  void lock_unless_changing(LockCause cause);
  Result<void> seal();

 private:
  Vault(Means means, const Knowledge& knowledge, VaultOptions options)
      : means_(means), knowledge_(knowledge), options_(std::move(options)) {}

  store::Options store_options() const;
  Result<void> load(Rooms& rooms, store::OpenFor purpose, std::optional<store::Rollback> rollback);
  Result<void> heed_epoch(Rooms& rooms, std::optional<store::Rollback> rollback);
  // The keys of the inbox, the public one left with the rooms. Locked.
  static Result<crypto::BoxKeyPair> inbox_keys(Rooms& rooms);
  Result<void> empty_inbox(Rooms& rooms, const crypto::BoxKeyPair& reader);
  Result<void> note(Rooms& rooms, journal::Kind kind);
  static Result<void> record(Rooms& rooms, const journal::Entry& entry);
  void count_wrong_key(Rooms& rooms);
  Result<void> note_wrong_keys(Rooms& rooms);
  void set_rooms(std::unique_ptr<store::Store> store);
  static void forget(Rooms& rooms);  // all that was loaded
  void remember(LockCause cause);
  Result<void> lock_now(LockCause cause);  // under changing_

  const Means means_;
  const Knowledge& knowledge_;
  const VaultOptions options_;

  std::mutex changing_;  // held while the state changes
  mutable std::mutex last_mutex_;
  LastLock last_lock_;
  WrongKeys wrong_;               // since the vault was opened last
  std::int64_t unrecorded_ = 0;   // of those
  std::atomic<int> doubt_{-1};    // as a number of Doubt; -1: nothing
  std::unique_ptr<Rooms> owned_;  // set once
  std::atomic<Rooms*> rooms_{nullptr};
  mutable std::atomic<std::int64_t> latest_ms_{0};
  std::atomic<std::int64_t> earlier_ms_{-1};  // of earlier_life(); -1: not known yet
};

}  // namespace vrm::gate
