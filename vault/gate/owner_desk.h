#pragma once
// All that the owner may do, one function a verb; owner routes hold this and nothing more. Every answer is a document
// of docs/api/owner.md; every act is recorded in the transaction that does it.
//
// Bodies are JSON objects that were read strictly; a member that is missing or of another type is Malformed.
// Errors that hold everywhere: vault.none, vault.sealed, vault.locked, store.rescue_read_only; Io.
// Safe from any thread. add_brand and whatever takes a secret take long.

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vault/gate/deals.h"
#include "vault/gate/long_work.h"
#include "vault/gate/openers.h"
#include "vault/gate/policies.h"
#include "vault/gate/vault.h"

namespace vrm::gate {

// What status tells of the process; the daemon fills it in.
struct ProcessFacts {
  std::string version;
  std::string brand_door;  // "127.0.0.1:7610", "" when the door is closed
  bool tls = false;
  std::map<std::string, std::string> options =
      {};  // what the daemon was started with; "" of a switch
  // Why the owner's own command could not tell what waits, when it last should have (docs/api/owner.md, `notify_*`). "":
  // it could, or there is none. From any thread; null: there is none.
  std::function<std::string()> notify_failure = {};
};

// When the vault locks by itself and what it forgets by itself; nothing: never.
struct OwnerLimits {
  std::optional<Duration> idle_lock = std::chrono::minutes(15);  // without a person
  std::optional<Duration> hard_lock = std::chrono::hours(12);    // after it was opened
  std::optional<Duration> keep_ended =
      std::chrono::hours(24 * 90);  // grants, intents and requests that ended
  std::optional<Duration> unused =
      std::chrono::hours(24 * 90);  // ends a grant that nobody read with
};

// How far the vault is opened.
enum class Unlock { ForUse, ForRescue };

// Whether what is to be erased is, or whether it only is seen that it could be.
enum class Erasing { Done, Rehearsed };

struct LogQuery {
  std::string brand;  // one that the log names, or as typed_brand finds it
  std::string field;
  std::string kind;
  std::optional<Instant> since;
  std::size_t limit = 50;
};

struct WhyQuery {
  std::string field;
  std::string purpose = {};        // short word or DPV name; "": what each grant is for
  std::optional<Instant> at = {};  // nothing: now
};

// Whether something is done, or only shown what it would do.
enum class Making { Done, Shown };

// The member `weights`, each 0 to 10; those not named are as in `weights`. Malformed (intent.bad_weight).
Result<market::Weights> read_weights(const nlohmann::json& body, market::Weights weights);

class OwnerDesk {
 public:
  OwnerDesk(Vault& vault, Policies& policies, Deals& deals, ProcessFacts facts, OwnerLimits limits);

  Result<nlohmann::json> status() const;

  // Errors as opener_from and new_passphrase.
  Result<nlohmann::json> init(SlotKind kind, crypto::Secret secret);
  Result<nlohmann::json> unlock(SlotKind kind, crypto::Secret secret, Unlock unlock);
  Result<nlohmann::json> lock();
  Result<nlohmann::json> seal();

  // Open only; the secret proves once more who asks. BadKey (keys.wrong): it opens nothing. Io.
  Result<nlohmann::json> change_passphrase(SlotKind kind, crypto::Secret secret,
                                           crypto::Secret passphrase);
  // New recovery words in the place of the former; told here and never again, and tried before.
  Result<nlohmann::json> make_recovery(SlotKind kind, crypto::Secret secret);
  // A new root key, and all sealed anew under it. What opens the vault afterwards: the secret, or the new passphrase in its
  // place; new recovery words, told here and never again, when it had some; nothing else. Malformed
  // (rekey.needs_passphrase): words prove it, and there is no passphrase to go on with. Errors as store::Store::rekey.
  Result<nlohmann::json> rekey(SlotKind kind, crypto::Secret secret,
                               std::optional<crypto::Secret> passphrase);
  // How far what takes long has come. In every state; no act of a person.
  nlohmann::json progress() const;
  // In every state. NotFound (recovery.none), Malformed (recovery.*), BadKey (recovery.wrong).
  Result<nlohmann::json> check_recovery(crypto::Secret words);
  // Opens with the words, and the passphrase takes the place of the forgotten one. Errors as both.
  Result<nlohmann::json> recover(crypto::Secret words, crypto::Secret passphrase);

  // A backup into `file`, an absolute path; with `is_checked` it is read back whole. Errors as
  // store::Store::back_up; Malformed (backup.no_path): the path is not absolute.
  struct BackupCall {
    std::string file;
    bool replace = false;
    bool is_checked = false;
  };
  Result<nlohmann::json> back_up(const BackupCall& call);
  // Reads a backup whole: with a secret of its own, in any state, or without with the open vault's
  // key. Errors as opener_from, store::check_backup and store::Store::check_own_backup.
  Result<nlohmann::json> check_backup(const std::string& file);
  Result<nlohmann::json> check_backup(const std::string& file, SlotKind kind,
                                      crypto::Secret secret);
  // In any state: makes a vault of a backup in a folder that has none, which may be this vault's own
  // while it is empty. Errors as opener_from and store::restore_backup.
  Result<nlohmann::json> restore(const std::string& file, const std::string& folder, SlotKind kind,
                                 crypto::Secret secret);

  // All that the owner may see, in the clear, as one JSON file, and the documents in a folder beside it
  // (docs/formats/export.md); its record is written before they are there. Errors of the path as back_up.
  Result<nlohmann::json> export_all(const std::string& file, bool replace);

  Result<nlohmann::json> fields(std::string_view prefix) const;
  Result<nlohmann::json> field(std::string_view name) const;
  Result<nlohmann::json> set_field(std::string_view name, const nlohmann::json& body);
  Result<nlohmann::json> unset_field(std::string_view name);
  // What the field is and was, the newest first.
  Result<nlohmann::json> history(std::string_view name) const;
  // Makes the version of the body's number the present one. NotFound (profile.no_version).
  Result<nlohmann::json> restore_field(std::string_view name, const nlohmann::json& body);
  Result<nlohmann::json> catalogue() const;

  // A document on its way in: {file, size, name?, type?} gives an upload, which takes parts of kPartBytes from 1 on and
  // ends, when {sha-256?} is that of all that came. Malformed (document.*); Conflict: the name is taken (document.exists), too many
  // uploads (document.too_many), or not the part that is wanted (document.part_order). NotFound (document.no_upload).
  Result<nlohmann::json> begin_document(const nlohmann::json& body);
  Result<nlohmann::json> put_part(std::string_view upload, std::uint64_t part, BytesView bytes);
  Result<nlohmann::json> finish_document(std::string_view upload, const nlohmann::json& body);
  Result<nlohmann::json> drop_upload(std::string_view upload);

  Result<nlohmann::json> documents() const;
  Result<nlohmann::json> document(std::string_view name) const;
  // Its bytes, one part of kPartBytes; the first is recorded. NotFound: no such document or part. Corrupt.
  Result<std::string> document_part(std::string_view name, std::uint64_t part);
  Result<nlohmann::json> remove_document(std::string_view name);

  struct ImportCall {
    std::string format;
    std::optional<std::string> card;
    bool preview = false;
    std::string keep;
  };
  Result<nlohmann::json> import(std::string_view text, const ImportCall& call);
  Result<nlohmann::json> undo_import(std::string_view id, bool skip_changed);

  Result<nlohmann::json> brands() const;
  Result<nlohmann::json> brand(std::string_view handle) const;
  Result<nlohmann::json> add_brand(const nlohmann::json& body);
  Result<nlohmann::json> block(std::string_view handle);
  Result<nlohmann::json> unblock(std::string_view handle);
  // What the brand asks waits without a word to the owner, for the body's {for?} or until unmute; the brand cannot tell.
  // Malformed (brand.mute_too_long).
  Result<nlohmann::json> mute(std::string_view handle, const nlohmann::json& body);
  Result<nlohmann::json> unmute(std::string_view handle);
  // The owner's mark, which goes when the brand's keys change. Denied (brand.not_served): it is blocked, or they did.
  Result<nlohmann::json> trust(std::string_view handle);
  Result<nlohmann::json> untrust(std::string_view handle);
  // Fetches its document anew; takes long. Errors as gate::refresh_brand.
  Result<nlohmann::json> refresh_brand(std::string_view handle);
  // Pins the keys that its document shows now, of the fingerprint {fingerprint} that the owner saw. Conflict
  // (brand.keys_same): they are pinned; (brand.keys_other): it shows others by now.
  Result<nlohmann::json> accept_keys(std::string_view handle, const nlohmann::json& body);
  // Sends the introduction once more, or with {print:true} only gives it; takes long. Denied (brand.not_served).
  Result<nlohmann::json> introduce_again(std::string_view handle, const nlohmann::json& body);
  // Everything about a brand is erased, and its key destroyed: what the journal says of it is unreadable from then on.
  // The answer counts what went, or would go. Conflict (brand.deal_pending): an acceptance of its offer is under way.
  Result<nlohmann::json> forget_brand(std::string_view handle, Erasing erasing = Erasing::Done);

  // Those that wait for the owner, without those of muted brands; with `all` every one.
  Result<nlohmann::json> requests(bool all) const;
  Result<nlohmann::json> request(std::string_view id) const;
  // Shown: the grant as it would be, with what it would let its brand see (vault/gate/sight.h), and nothing is kept.
  Result<nlohmann::json> approve(std::string_view id, const nlohmann::json& body,
                                 Making making = Making::Done);
  Result<nlohmann::json> deny(std::string_view id, const nlohmann::json& body);
  // With the member `remember` both keep the decision as a rule, which answers the like from then on (grants::Rule).
  Result<nlohmann::json> rules(std::string_view brand) const;
  Result<nlohmann::json> rule(std::string_view id) const;
  // Grants that it made stay. NotFound (rule.unknown).
  Result<nlohmann::json> remove_rule(std::string_view id);

  // The terms of the roster, and which of them brands must name when they ask.
  Result<nlohmann::json> terms() const;
  // From now on a request of {brand}, or with {all:true} of every brand, known or added later, must name the terms {id},
  // and with {signed:true} sign them. NotFound (terms.unknown); Malformed (terms.of_whom).
  Result<nlohmann::json> want_terms(const nlohmann::json& body);
  // The same, none.
  Result<nlohmann::json> unwant_terms(const nlohmann::json& body);

  Result<nlohmann::json> make_grant(const nlohmann::json& body, Making making = Making::Done);
  Result<nlohmann::json> grants(std::string_view brand, bool all) const;
  Result<nlohmann::json> grant(std::string_view id) const;
  Result<nlohmann::json> revoke(const nlohmann::json& body);
  // Grants by {ids}, or those that end within {ending} or whose brand asks for the same again, last from now on as long as
  // they were given for, and so do their refresh tokens; requests for the same are answered with them. All or none.
  // Denied (grant.no_renewal): one is good for nothing; (brand.not_served).
  Result<nlohmann::json> renew(const nlohmann::json& body, bool is_rehearsal);
  // Ends the grants that nobody read with for the limit. Gives how many. The daemon calls it now and then.
  Result<std::size_t> end_unused();
  // Suspended grants go on as they were.
  Result<nlohmann::json> confirm(const nlohmann::json& body);

  // What the brand can read, for what, until when and how often, by the policies and the grants as they are. Malformed
  // (see.not_exact): the policies leave what can be enumerated.
  Result<nlohmann::json> sees(std::string_view brand) const;
  // What the policies say of each grant of the brand that is for this field, and of one that would be.
  Result<nlohmann::json> why(std::string_view brand, const WhyQuery& query) const;
  // Whether the policies refuse the field whatever grant is made (vault/gate/never.h), and who can read it now.
  Result<nlohmann::json> never(std::string_view field) const;

  // What is wanted, to be told to the brands named; with `is_rehearsal` nothing is sent or kept, and the answer shows the
  // exact bytes that each would get.
  Result<nlohmann::json> new_intent(const nlohmann::json& body, bool is_rehearsal);
  Result<nlohmann::json> intents(bool all) const;
  Result<nlohmann::json> intent(std::string_view id) const;
  Result<nlohmann::json> cancel_intent(std::string_view id);
  Result<nlohmann::json> offers(std::string_view intent, const nlohmann::json& body) const;
  Result<nlohmann::json> offer(std::string_view id) const;
  Result<nlohmann::json> accept(std::string_view offer, const nlohmann::json& body,
                                bool is_rehearsal);
  Result<nlohmann::json> decline(std::string_view offer);

  // What happened since `after`, as soon as there is something, at the latest after `wait`. `answer` is called once,
  // from any thread.
  void follow(std::uint64_t after, Duration wait, std::string intent,
              std::function<void(nlohmann::json)> answer);

  // Erases what is over, for good. NotFound. Denied (erase.grant_lives, erase.intent_lives): it is not;
  // (erase.tokens_live, with the gap `erasable_at`): a token that it gave out may live still.
  Result<nlohmann::json> erase_grant(std::string_view id, Erasing erasing = Erasing::Done);
  Result<nlohmann::json> erase_intent(std::string_view id, Erasing erasing = Erasing::Done);
  // What has been over for longer than the limit, denied and lapsed requests too. Gives how many. The daemon calls it
  // now and then.
  Result<std::size_t> erase_long_ended();

  Result<nlohmann::json> log(const LogQuery& query) const;
  // Whether {receipt} is this vault's, what it says, and whether the log has its read. When its witness proves that the
  // vault was rolled back, every grant is suspended, and the answer says so whoever signed. Otherwise Malformed
  // (receipt.malformed); NotFound (receipt.unknown_brand); BadKey (receipt.changed): signed by another, or changed.
  Result<nlohmann::json> check_receipt(const nlohmann::json& body);
  Result<nlohmann::json> verify() const;

  // In force, built in ones first, and what is wrong with the owner's files. In every state.
  Result<nlohmann::json> policies() const;
  // Whether {name, text} could be added, what should be looked at, and, in an open vault, what it would change of what brands
  // can see. In every state. Malformed (policy.bad_name).
  Result<nlohmann::json> check_policy(const nlohmann::json& body) const;
  // Adds or replaces it, in force at once. Malformed (policy.bad_name, policy.refused, policy.no_folder). Open only.
  Result<nlohmann::json> add_policy(const nlohmann::json& body);
  // A rehearsal tells what it would change, as check_policy(). NotFound (policy.unknown); Malformed (policy.bad_name). Open
  // only.
  Result<nlohmann::json> remove_policy(std::string_view name, bool is_rehearsal = false);

  // A person did something: the idle clock starts anew. Routes say it for the calls that say so.
  void touch();
  // Locks when nobody did anything for the idle limit, or when the vault was open for the hard one. Routes
  // call it before each call, the daemon every second.
  void lock_when_due();
  // SIGUSR1.
  void lock_by_signal();
  // Instead of what a room said: why the vault is locked and what to type. REQUIRES: the vault exists.
  Error locked_refusal() const { return vault_.locked_refusal(); }

 private:
  Result<nlohmann::json> status_after(const WrongKeys& tries) const;
  Result<void> erase(store::Txn& txn, Rooms& rooms, const grants::Grant& grant) const;
  Result<void> erase(store::Txn& txn, Rooms& rooms, const market::Intent& intent) const;
  Result<void> erase(store::Txn& txn, Rooms& rooms, const grants::AccessRequest& request) const;
  Result<void> let_intents_go(store::Txn& txn, Rooms& rooms, std::string_view brand) const;
  Result<nlohmann::json> set_muted(std::string_view handle, bool muted,
                                   std::optional<Instant> until);
  grants::Rule rule_on(const grants::AccessRequest& request, grants::Says says) const;
  Result<void> keep_rule(store::Txn& txn, Rooms& rooms, const grants::Rule& rule) const;
  Result<std::vector<grants::GrantPtr>> to_renew(const Rooms& rooms,
                                                 const nlohmann::json& body) const;
  // `change` says whether it changed anything; when not, nothing is recorded and the answer has `already`.
  Result<nlohmann::json> set_wanted(const nlohmann::json& body, const std::string& id,
                                    bool is_signed);
  Result<void> want_of_new(const Rooms& rooms, brands::Brand& brand) const;
  // What the terms of a document say, in both languages.
  void add_terms_said(nlohmann::json& document) const;
  Result<nlohmann::json> change_brand(std::string_view handle, journal::Kind kind,
                                      const std::function<bool(brands::Brand&)>& change);
  Result<nlohmann::json> run_and_show_field(Rooms& rooms, const journal::Entry& entry,
                                            const store::Job& job);
  void add_doubts(nlohmann::json& warnings) const;
  void add_limits(nlohmann::json& vault) const;
  void opened();
  Result<void> record(Rooms& rooms, journal::Entry entry, const store::Job& job);
  Result<nlohmann::json> all_documents() const;
  Result<void> export_documents(const Rooms& rooms, const std::filesystem::path& folder) const;
  Result<profile::DocumentPtr> named_document(const Rooms& rooms, std::string_view typed) const;
  nlohmann::json last_backup(const Rooms& rooms) const;
  Result<brands::Document> named_document(const nlohmann::json& body, bool& address_checked) const;
  enum class Introducing { ByPost, ByHand };
  Result<void> introduce(Rooms& rooms, const brands::BrandPtr& brand, Introducing introducing,
                         nlohmann::json& answer);
  Result<std::vector<grants::GrantPtr>> named_grants(const Rooms& rooms,
                                                     const nlohmann::json& body) const;
  Result<void> tell_revoked(store::Txn& txn, Rooms& rooms, const grants::Grant& grant) const;

  struct Accepting;
  Result<void> keep_acceptance(store::Txn& txn, Rooms& rooms, const Accepting& accepting,
                               std::string_view seen);
  // The brands that `to` names, each once, in random order.
  Result<std::vector<brands::BrandPtr>> recipients(const Rooms& rooms,
                                                   const nlohmann::json& body) const;

  // What a file of policies, or its end (no `text`), would change of what brands can see; null in a closed vault.
  Result<nlohmann::json> change_by(const std::string& file, std::optional<std::string> text) const;
  // Unavailable (policy.none_in_force).
  Result<std::shared_ptr<const Rules>> rules_in_force() const;
  nlohmann::json shown_grant(const Rooms& rooms, const brands::Brand& brand,
                             const grants::Grant& grant) const;

  Vault& vault_;
  Policies& policies_;
  Deals& deals_;
  const ProcessFacts facts_;
  const OwnerLimits limits_;
  const Duration started_;
  std::atomic<std::int64_t> touched_ms_;
  LongWork long_work_;
  std::atomic<std::int64_t> opened_ms_;
};

}  // namespace vrm::gate
