#pragma once
// An intent: what was said to whom, and how it stands.
//
//   open ──accept──► accepting ──acknowledged──► accepted
//    │ ▲                 │
//    │ └───cancelled─────┘         open ──owner──► cancelled      open ──clock──► closed ──accept──► accepting
//
// Closed takes no more offers, but one that came in time and still lives may be accepted.
// Only `cancelled` and the name of the latest acceptance are stored here, under the intent's own key, which is not in
// memory while the vault is locked. Whether that acceptance is pending, acknowledged or cancelled is told by its own
// record, which is under the brand's key: so an acknowledgement bites while the vault is locked, and nothing is kept twice.

#include <optional>
#include <string>
#include <string_view>

#include "vault/base/ids.h"
#include "vault/base/result.h"
#include "vault/base/time.h"
#include "vault/market/demand.h"
#include "vault/market/states.h"
#include "vault/store/store.h"

namespace vrm::market {

struct Intent {
  IntentId id;
  PublicPart told;
  PrivatePart kept;
  Instant made_at;
  bool cancelled = false;
  std::string acceptance;  // id of the latest, "" for none

  store::RowId row{};
  store::KeyId key{};  // the intent's own

  // `latest`: the state of `acceptance`; nothing when there is none.
  IntentState state(std::optional<AcceptanceState> latest, Instant now) const;
};

Bytes write_intent(const Intent& intent);
// Corrupt: not what write_intent wrote.
Result<Intent> read_intent(BytesView record);

}  // namespace vrm::market
