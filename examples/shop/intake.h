#pragma once
// The shop's intent endpoint: takes what vaults send about intents and writes it into the book. It
// calls nobody: what follows from it is the seller's to do. Safe from any thread.

#include <optional>
#include <string>
#include <string_view>

#include "examples/shop/business.h"
#include "examples/shop/message.h"
#include "vault/base/result.h"

namespace vrm::shop {

struct Reply {
  int status = 204;
  std::string jws = {};  // the body, application/jwt, when there is one
};

class Intake {
 public:
  // REQUIRES: `business` outlives it.
  explicit Intake(const Business& business) : business_(business) {}

  // A message that comes again changes nothing and is answered as before. The errors of
  // read_message; and Malformed: an acceptance of other bytes than were sent; NotFound: an intent
  // or offer that we do not know; Conflict: the offer was withdrawn, has expired or is accepted
  // already, or a name is used for something else; Unavailable: too many intents; Io: the folder.
  Result<Reply> take(std::string_view text);

 private:
  Result<Reply> take_intent(const IntentMessage& message, std::string_view sha256);
  Result<Reply> take_acceptance(const AcceptMessage& message, std::string_view sha256);
  Result<Reply> take_close(const CloseMessage& message);
  Result<Reply> take_cancellation(const CancelMessage& message);
  Result<Reply> accept(const AcceptMessage& message, std::string_view sha256, Ledger& ledger);
  Reply settle(const AcceptMessage& message, OfferEntry& offer, Acceptance acceptance);

  const Business& business_;
};

}  // namespace vrm::shop
