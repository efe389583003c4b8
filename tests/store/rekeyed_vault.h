#pragma once
// A vault with some of everything, and what a rekey makes of it.

#include <string>

#include "tests/store/simulated_vault.h"
#include "vault/store/rekey.h"

namespace vrm::store {

inline constexpr std::string_view kRecord = "rekeyed";

inline RekeyOrder order_for(std::uint8_t byte) {
  RekeyOrder order;
  order.slots.push_back(credential(byte));
  order.record = Bytes(kRecord.begin(), kRecord.end());
  return order;
}

inline Result<void> rekey(Store& store, std::uint8_t from, std::uint8_t to) {
  return store.rekey(credential(from), order_for(to));
}

// Some of everything: rows of several tables, a field's key, a key that was destroyed, records.
inline KeyId fill(Store& store) {
  const KeyId own = new_key(store);
  const KeyId gone = new_key(store);
  for (std::uint64_t i = 1; i <= 12; ++i)
    put(store, Table::Fields, row_id(i), "value " + std::to_string(i), own);
  put(store, Table::Settings, row_id(1), "settings");
  put(store, Table::Imports, row_id(2), std::string(20'000, 'i'));
  put(store, Table::Brands, row_id(3), "gone", gone);
  for (int i = 1; i <= 5; ++i) log(store, "record " + std::to_string(i));
  must(store.run([&](Txn& txn) -> Result<void> {
    txn.anchor();
    return txn.destroy_key(gone);
  }));
  return own;
}

// With what opens it now: the new credential or the old one.
inline Result<StoreContent> reopen(Disk& disk) {
  auto found = verified(disk, 8);
  if (found.ok() || found.error().code != ErrorCode::BadKey) return found;
  return verified(disk, 7);
}

// A vault on a disk that loses and fails, before and after.
struct Life {
  Life() {
    SimulatedDisk disk;
    crypto::SystemRandom random;
    auto store = must(Store::create(disk, random, kOptions, credential()));
    fill(*store);
    before = must(content_of(*store));
    store.reset();
    image = disk.now();
    after = before;
    after.log.emplace_back(kRecord);
    after.keys += 1;  // the witness's
  }

  // What `found` is: "before", "after", or what is wrong with it.
  std::string is(const Result<StoreContent>& found) const {
    if (!found.ok()) return testing::said(found.error());
    if (found.value() == before) return "before";
    if (found.value() == after) return "after";
    return "neither:" + testing::difference(found.value(), before);
  }

  Image image;
  StoreContent before;
  StoreContent after;
};

}  // namespace vrm::store
