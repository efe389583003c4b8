#pragma once
// What is under way between the vault and brands: messages in the outbox, and acceptances until they are acknowledged
// or over. Both desks and the daemon's clock drive it; every step is one transaction with its journal record, and what
// a crash leaves is taken up again at the next unlock.
//
// Functions with a Txn are part of a job of the store's writer. Safe from any thread.

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "vault/brands/web.h"
#include "vault/gate/feed.h"
#include "vault/gate/vault.h"

namespace vrm::gate {

class Deals final : public brands::Listener {
 public:
  // Both live longer. Listens to the vault's way out.
  Deals(Vault& vault, Feed& feed);
  ~Deals() override;
  Deals(const Deals&) = delete;
  Deals& operator=(const Deals&) = delete;

  // A message for the outbox; it leaves once the job is committed.
  Result<void> post(store::Txn& txn, Rooms& rooms, brands::Outgoing message) const;

  Result<void> post_all(store::Txn& txn, Rooms& rooms,
                        std::vector<brands::Outgoing> messages) const;

  // What waits for a brand is not sent any more.
  Result<void> drop_messages(store::Txn& txn, Rooms& rooms, const store::KeyId& brand) const;

  // What was to tell a brand of the intent it calls `iid` is not sent any more.
  Result<void> drop_demand(store::Txn& txn, Rooms& rooms, std::string_view iid) const;

  // Hands over what waits in the outbox. After an unlock.
  void resume();

  // The intent takes no more offers: every brand's invitation closes, and all but `except` (a handle, or "") are told.
  Result<void> close_invitations(store::Txn& txn, Rooms& rooms, std::string_view intent,
                                 std::string_view except) const;

  // The brand's acknowledgement holds: its grants are good from now on, the others hear that it is closed.
  // Conflict: the acceptance does not wait any more. NotFound.
  Result<void> acknowledge(store::Txn& txn, Rooms& rooms, std::string_view acceptance,
                           std::string_view order) const;

  // Why an acceptance did not come to hold.
  enum class Failure { Withdrawn, Silent, Undelivered };
  // Its grants are taken back, the brand gets a signed cancellation, the intent is open again. Conflict, NotFound as above.
  Result<void> fail(store::Txn& txn, Rooms& rooms, std::string_view acceptance,
                    Failure failure) const;

  // News for the owner's screen once the job is committed.
  void tell_after(store::Txn& txn, std::string kind, std::string intent, std::string offer,
                  std::string brand) const;
  Feed& feed() { return feed_; }

  // What became of a message (brands::Listener).
  void moved(const brands::Moved& moved) override;

  // Ends the acceptances whose time is over. The daemon calls it every second.
  void tick();

 private:
  Result<void> settle(store::Txn& txn, Rooms& rooms, const brands::Moved& moved) const;
  Result<void> intent_moved(store::Txn& txn, Rooms& rooms, std::string_view iid,
                            const brands::Moved& moved) const;
  Result<void> acceptance_moved(store::Txn& txn, Rooms& rooms, std::string_view acceptance,
                                const brands::Moved& moved) const;

  Vault& vault_;
  Feed& feed_;
};

}  // namespace vrm::gate
