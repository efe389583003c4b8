#pragma once
// What the person is and has: the fields of one vault and the claims derived from them.
//
// Every field is a row of Table::Fields under a data key of its own (see record.h). A claim is a
// row of its own too: serving person.age_over_18 never needs the key of person.birthdate.
//
// What a field was before lies in its history (history.h), under a key that no lock keeps: a brand that is
// served while the vault is locked has no way to it.
//
// In memory there is an index of names and metadata, never a value. Jobs see the index as the jobs
// before them left it; readers see what is committed.
//
// Threads: every call is safe from any thread; those with a Txn run within a job of the store's
// writer.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vault/base/random.h"
#include "vault/base/result.h"
#include "vault/base/time.h"
#include "vault/crypto/wiped_bytes.h"
#include "vault/profile/catalogue.h"
#include "vault/profile/field_index.h"
#include "vault/profile/value.h"
#include "vault/store/store.h"

namespace vrm::profile {

// A field as it stood, for putting it back.
struct FieldState {
  std::string type;
  std::string source;
  Instant updated_at;
};

// One of the values that a field has or had.
struct FieldVersion {
  std::int64_t number = 0;
  FieldState state;
  bool undone = false;  // an import that was undone
  crypto::WipedBytes value;
};

class Profile {
 public:
  Profile(store::Store& store, const Catalogue& catalogue, Random& random);
  ~Profile();
  Profile(const Profile&) = delete;
  Profile& operator=(const Profile&) = delete;

  const Catalogue& catalogue() const { return catalogue_; }

  // Names of which this is true belong to something else, and are not set. REQUIRES: before any job runs.
  void keep_free(std::function<bool(std::string_view)> is_taken) {
    is_taken_ = std::move(is_taken);
  }

  // After unlock: the index of all fields. Corrupt: a row is no field's record, or a name is there
  // twice (opened for rescue: passed over).
  Result<void> load();

  // On lock: wipes every other name from the index.
  void keep_only(const std::vector<std::string>& names);

  // On seal: wipes all of it.
  void clear();

  std::optional<FieldMeta> find(std::string_view name) const;

  // Sorted by name. `prefix` is "", a name, or its first parts: `address` and `address.` give
  // address.home.locality, `addr` gives nothing.
  std::vector<FieldMeta> list(std::string_view prefix) const;

  // At most 3 names of the owner's fields that may have been meant, the nearest first.
  std::vector<std::string> near(std::string_view name) const;

  // NotFound: profile.no_field; profile.no_field_near with the owner's fields that are near, or
  // profile.no_field_known with names that only the catalogue has.
  Error no_such_field(std::string_view name) const;

  // The canonical text. NotFound: unset meanwhile. Locked. Corrupt.
  Result<crypto::WipedBytes> value(const FieldMeta& field) const;

  // Appends what a brand gets: {"value":…,"unit":…,"as_of":"YYYY-MM-DD"}. On an Error nothing is
  // appended.
  Result<void> append_answer(const FieldMeta& field, std::string& out) const;

  // Fields that hold what the owner typed where the vault would derive something else: of `name` and
  // the claims it has a part in. Locked, Corrupt.
  Result<std::vector<std::string>> typed_over(std::string_view name, Instant now) const;

  // The code of the country that the address of this postal code is in, "" when it is not known.
  Result<std::string> country_of(std::string_view postal_code_field) const;

  // Makes or replaces a field, and makes, changes or removes the claims derived from it, all in
  // this job. A new field gets its own data key. `type` is for names the catalogue does not know;
  // without it: the type it has, or text. What the owner typed for a claim that may be typed stays
  // until it is unset. Malformed: the name, the value, or an unknown type.
  // Denied: a claim (profile.claim_by_hand), a name that is taken (document.by_hand), or another type than the catalogue's
  // (profile.type_is_fixed). Locked: the vault is not open.
  Result<void> set(store::Txn& txn, std::string_view name, std::string_view typed,
                   std::string_view source, Instant now, std::optional<std::string_view> type = {});

  // Removes a field and the claims that need it; their data keys are destroyed. A claim that was
  // typed is derived again.
  // NotFound: as no_such_field. Denied: a claim. Locked.
  Result<void> unset(store::Txn& txn, std::string_view name, Instant now);

  // The present version and the former ones that are kept, the newest first. NotFound: unset meanwhile.
  // Locked, Corrupt.
  Result<std::vector<FieldVersion>> versions(const FieldMeta& field) const;

  // Makes a former version the present one, as a new version with the source restored:<number>.
  // The present one stays as it is: nothing is changed. NotFound: as no_such_field, or no such
  // version (profile.no_version). Denied: as set. Locked, Corrupt.
  Result<void> restore_version(store::Txn& txn, std::string_view name, std::int64_t number,
                               Instant now);

  // Makes every claim anew that is not what it should be today, and those of a newer catalogue.
  // After load, and daily while open. Locked.
  Result<void> refresh_claims(store::Txn& txn, Instant now);

  // For imports, within a job: the field as this job and those before it left it.
  std::optional<FieldMeta> find(const store::Txn& txn, std::string_view name) const;
  Result<crypto::WipedBytes> value(const store::Txn& txn, const FieldMeta& field) const;
  // A former version of a field. Nothing: it is not kept.
  Result<std::optional<FieldVersion>> former(const store::Txn& txn, const FieldMeta& field,
                                             std::int64_t number) const;
  // Puts a value back as it stood, with its own source and time, in the place of one that is undone,
  // and derives its claims. Locked.
  Result<void> put_back(store::Txn& txn, std::string_view name, const FieldState& state,
                        std::string_view canonical, Instant now);

 private:
  struct Staged;

  Result<void> check_open() const;
  Result<Type> type_for(const store::Txn& txn, std::string_view name,
                        std::optional<std::string_view> type) const;
  Result<void> check_settable(const store::Txn& txn, std::string_view name, bool by_owner,
                              Instant now) const;
  Result<std::string> text_of(const store::Txn& txn, std::string_view name) const;
  enum class Put { Typed, Claim, Undo };
  Result<void> put(store::Txn& txn, std::string_view name, const FieldState& state,
                   std::string_view canonical, Put how);
  Result<void> keep_version(store::Txn& txn, const FieldMeta& meta, bool undone);
  Result<void> forget_versions(store::Txn& txn, const FieldMeta& meta);
  Result<void> remove(store::Txn& txn, const FieldMeta& meta);
  Result<void> derive_from(store::Txn& txn, std::string_view name, Instant now);
  Result<void> refresh_claim(store::Txn& txn, const FieldSpec& claim, Instant now);
  Result<std::optional<std::string>> derived(const store::Txn& txn, const FieldSpec& claim,
                                             Instant now) const;
  void stage(store::Txn& txn, std::string_view name, std::optional<FieldMeta> meta);
  void settle(const Staged& change);
  void set_pending(const std::string& name, std::shared_ptr<const Staged> change);

  store::Store& store_;
  const Catalogue& catalogue_;
  Random& random_;
  std::function<bool(std::string_view)> is_taken_;
  mutable std::mutex mutex_;
  FieldIndex committed_;  // what readers see
  // What jobs have changed since, the last change of each name: what the next job sees before that.
  std::map<std::string, std::shared_ptr<const Staged>, std::less<>> pending_;
  bool partial_ = false;  // since keep_only: names that are not here stay away
};

}  // namespace vrm::profile
