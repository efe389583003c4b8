#pragma once
// All intents, invitations, offers' files and acceptances of the vault. Changes as in store::RowBook. Safe from any
// thread. Intents and offers' files are there only while the vault is open.

#include <memory>
#include <string_view>
#include <vector>

#include "vault/base/random.h"
#include "vault/market/acceptance.h"
#include "vault/market/intent.h"
#include "vault/market/invitation.h"
#include "vault/market/offer_file.h"
#include "vault/store/row_book.h"

namespace vrm::market {

using IntentPtr = std::shared_ptr<const Intent>;
using InvitationPtr = std::shared_ptr<const Invitation>;
using OfferFilePtr = std::shared_ptr<const OfferFile>;
using AcceptancePtr = std::shared_ptr<const Acceptance>;

class IntentBook {
 public:
  Result<void> load(const store::Store& store) { return rows_.load(store); }
  void clear() { rows_.clear(); }
  IntentPtr find(std::string_view id) const { return rows_.find(id); }
  // As a person types it: id or unique beginning. NotFound; Conflict: several begin so; Malformed.
  Result<IntentPtr> find_typed(std::string_view typed) const;
  // Newest first.
  std::vector<IntentPtr> list() const;
  // With a row and a key of its own.
  Result<IntentPtr> make(store::Txn& txn, Intent intent, Random& random);
  Result<IntentPtr> put(store::Txn& txn, Intent intent) {
    return rows_.put(txn, std::move(intent));
  }
  // NotFound.
  Result<void> erase(store::Txn& txn, std::string_view id) { return rows_.erase(txn, id); }

 private:
  struct Codec {
    static constexpr store::Table kTable = store::Table::Intents;
    static std::string name(const Intent& intent) { return intent.id.text; }
    static Bytes write(const Intent& intent) { return write_intent(intent); }
    static Result<Intent> read(BytesView record) { return read_intent(record); }
  };
  store::RowBook<Intent, Codec> rows_;
};

class InvitationBook {
 public:
  Result<void> load(const store::Store& store) { return rows_.load(store); }
  void clear() { rows_.clear(); }
  // By {iid}.
  InvitationPtr find(std::string_view iid) const { return rows_.find(iid); }
  // In the order of the brands' handles.
  std::vector<InvitationPtr> of_intent(std::string_view intent) const;
  std::vector<InvitationPtr> all() const { return rows_.all(); }
  // With a row of its own; its key is the brand's and is filled in.
  Result<InvitationPtr> make(store::Txn& txn, Invitation invitation, Random& random);
  Result<InvitationPtr> put(store::Txn& txn, Invitation invitation) {
    return rows_.put(txn, std::move(invitation));
  }
  Result<void> forget_intent(store::Txn& txn, std::string_view intent) {
    return rows_.erase_if(txn, [intent](const auto& record) { return record.intent == intent; });
  }

  // What lies under a brand's key, when the brand is forgotten.
  Result<void> forget(store::Txn& txn, const store::KeyId& key) {
    return rows_.erase_if(txn, [&key](const auto& record) { return record.key == key; });
  }

 private:
  struct Codec {
    static constexpr store::Table kTable = store::Table::Invitations;
    static std::string name(const Invitation& invitation) { return invitation.iid; }
    static Bytes write(const Invitation& invitation) { return write_invitation(invitation); }
    static Result<Invitation> read(BytesView record) { return read_invitation(record); }
  };
  store::RowBook<Invitation, Codec> rows_;
};

class OfferBook {
 public:
  Result<void> load(const store::Store& store) { return rows_.load(store); }
  void clear() { rows_.clear(); }
  OfferFilePtr find(std::string_view id) const { return rows_.find(id); }
  // As IntentBook::find_typed.
  Result<OfferFilePtr> find_typed(std::string_view typed) const;
  // Oldest first.
  std::vector<OfferFilePtr> of_intent(std::string_view intent) const;
  // With a row of its own. `key` is the intent's.
  Result<OfferFilePtr> make(store::Txn& txn, OfferFile file, const store::KeyId& key,
                            Random& random);
  Result<OfferFilePtr> put(store::Txn& txn, OfferFile file) {
    return rows_.put(txn, std::move(file));
  }
  Result<void> forget_intent(store::Txn& txn, std::string_view intent) {
    return rows_.erase_if(txn, [intent](const auto& file) { return file.intent == intent; });
  }

  // A brand's offers, when it is forgotten.
  Result<void> forget(store::Txn& txn, std::string_view brand) {
    return rows_.erase_if(txn, [brand](const auto& file) { return file.brand == brand; });
  }

 private:
  struct Codec {
    static constexpr store::Table kTable = store::Table::Offers;
    static std::string name(const OfferFile& file) { return file.id.text; }
    static Bytes write(const OfferFile& file) { return write_offer_file(file); }
    static Result<OfferFile> read(BytesView record) { return read_offer_file(record); }
  };
  store::RowBook<OfferFile, Codec> rows_;
};

class AcceptanceBook {
 public:
  Result<void> load(const store::Store& store) { return rows_.load(store); }
  void clear() { rows_.clear(); }
  AcceptancePtr find(std::string_view id) const { return rows_.find(id); }
  AcceptancePtr of_jti(std::string_view jti) const;
  // The one made last for what a brand calls `iid`; nothing when there is none.
  AcceptancePtr latest_of(std::string_view iid) const;
  // Whether an acceptance of this offer of the brand's was not cancelled.
  bool has_open(std::string_view offer, std::string_view brand) const;
  // Oldest first.
  std::vector<AcceptancePtr> pending() const;
  std::vector<AcceptancePtr> all() const { return rows_.all(); }
  // With a row of its own; its key is the brand's and is filled in.
  Result<AcceptancePtr> make(store::Txn& txn, Acceptance acceptance, Random& random);
  Result<AcceptancePtr> put(store::Txn& txn, Acceptance acceptance) {
    return rows_.put(txn, std::move(acceptance));
  }
  Result<void> forget_intent(store::Txn& txn, std::string_view intent) {
    return rows_.erase_if(txn, [intent](const auto& record) { return record.intent == intent; });
  }

  // What lies under a brand's key, when the brand is forgotten.
  Result<void> forget(store::Txn& txn, const store::KeyId& key) {
    return rows_.erase_if(txn, [&key](const auto& record) { return record.key == key; });
  }

 private:
  struct Codec {
    static constexpr store::Table kTable = store::Table::Acceptances;
    static std::string name(const Acceptance& acceptance) { return acceptance.id.text; }
    static Bytes write(const Acceptance& acceptance) { return write_acceptance(acceptance); }
    static Result<Acceptance> read(BytesView record) { return read_acceptance(record); }
  };
  store::RowBook<Acceptance, Codec> rows_;
};

}  // namespace vrm::market
