#include "vault/market/inbox.h"

#include <nlohmann/json.hpp>

#include "vault/base/json.h"

namespace vrm::market {

namespace {

constexpr std::size_t kMostItemBytes = 128 * 1024;

}  // namespace

InboxItem seal_offer(const crypto::BoxPublicKey& reader, const OfferFile& file) {
  return {.brand = file.brand, .box = crypto::seal_to(reader, write_offer_file(file))};
}

Result<OfferFile> open_offer(const crypto::BoxKeyPair& reader, const InboxItem& item) {
  const Bytes opened = TRY(crypto::open_sealed(reader, item.box));
  return read_offer_file(opened);
}

Result<void> file_offer(store::Txn& txn, OfferBook& offers, OfferFile came, const store::KeyId& key,
                        Random& random) {
  const auto known = offers.find(came.id.text);
  if (known == nullptr) {
    TRY(offers.make(txn, std::move(came), key, random));
    return {};
  }
  if (known->latest().rev >= came.latest().rev) return {};
  OfferFile next = *known;
  next.revisions.push_back(came.latest());
  TRY(offers.put(txn, std::move(next)));
  return {};
}

Bytes Inbox::Codec::write(const InboxItem& item) {
  const std::string text = write_json({{"brand", item.brand}, {"box", to_base64url(item.box)}});
  return {text.begin(), text.end()};
}

Result<InboxItem> Inbox::Codec::read(BytesView record) {
  const auto json = read_json(text_of(record), {.bytes = kMostItemBytes});
  if (json.ok()) {
    const auto brand = need_string(json.value(), "brand");
    const auto box = need_string(json.value(), "box");
    if (brand.ok() && box.ok()) {
      auto bytes = from_base64url(box.value());
      if (bytes.ok()) return InboxItem{.brand = brand.value(), .box = std::move(bytes).value()};
    }
  }
  return Error{ErrorCode::Corrupt, "an inbox item's record cannot be read"};
}

Result<InboxItemPtr> Inbox::add(store::Txn& txn, InboxItem item, Random& random) {
  random.fill(item.row);
  return rows_.put(txn, std::move(item));
}

}  // namespace vrm::market
