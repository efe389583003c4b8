#pragma once
// The contents of one offer: every revision as it was signed, under the intent's key. How it stands is in the brand's
// invitation. While the vault is locked a revision waits sealed in the inbox (store::Table::Inbox) until the unlock.

#include <cstdint>
#include <string>
#include <vector>

#include "vault/base/ids.h"
#include "vault/base/result.h"
#include "vault/base/time.h"
#include "vault/store/store.h"

namespace vrm::market {

struct Revision {
  std::int64_t rev = 1;
  Instant received_at = {};
  std::string jws = {};
};

struct OfferFile {
  OfferId id = {};
  std::string intent = {};  // in_…
  std::string iid = {};
  std::string brand = {};
  std::string oid = {};
  std::vector<Revision> revisions = {};  // oldest first, at least one, at most kMostRevision

  store::RowId row{};
  store::KeyId key{};  // the intent's

  const Revision& latest() const { return revisions.back(); }
};

Bytes write_offer_file(const OfferFile& file);
// Corrupt: not what write_offer_file wrote.
Result<OfferFile> read_offer_file(BytesView record);

}  // namespace vrm::market
