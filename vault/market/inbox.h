#pragma once
// Offers that came while the vault was locked: checked and counted in the brand's invitation, their contents sealed to
// the vault's inbox key, which only an unlock brings back. At the unlock they become offers' files.

#include <memory>
#include <string>
#include <vector>

#include "vault/base/random.h"
#include "vault/crypto/sealed_box.h"
#include "vault/market/books.h"
#include "vault/market/offer_file.h"
#include "vault/store/row_book.h"

namespace vrm::market {

struct InboxItem {
  std::string brand = {};
  Bytes box = {};  // an OfferFile's record with one revision

  store::RowId row{};
  store::KeyId key{};  // the brand's
};

using InboxItemPtr = std::shared_ptr<const InboxItem>;

// `file` has the one revision that came.
InboxItem seal_offer(const crypto::BoxPublicKey& reader, const OfferFile& file);
// Corrupt: altered, or sealed to another key.
Result<OfferFile> open_offer(const crypto::BoxKeyPair& reader, const InboxItem& item);

// Adds the one revision of `came` to the file of that id, or makes it. A revision that is there already changes nothing.
Result<void> file_offer(store::Txn& txn, OfferBook& offers, OfferFile came, const store::KeyId& key,
                        Random& random);

class Inbox {
 public:
  Result<void> load(const store::Store& store) { return rows_.load(store); }
  void clear() { rows_.clear(); }
  std::vector<InboxItemPtr> all() const { return rows_.all(); }
  Result<InboxItemPtr> add(store::Txn& txn, InboxItem item, Random& random);
  Result<void> erase(store::Txn& txn, const InboxItem& item) {
    return rows_.erase(txn, Codec::name(item));
  }

  // What lies under a brand's key, when the brand is forgotten.
  Result<void> forget(store::Txn& txn, const store::KeyId& key) {
    return rows_.erase_if(txn, [&key](const auto& record) { return record.key == key; });
  }

 private:
  struct Codec {
    static constexpr store::Table kTable = store::Table::Inbox;
    static std::string name(const InboxItem& item) { return text_of(item.row); }
    static Bytes write(const InboxItem& item);
    static Result<InboxItem> read(BytesView record);
  };

  store::RowBook<InboxItem, Codec> rows_;
};

}  // namespace vrm::market
