#pragma once
// Does the shop's errands: fetches the token that lets it answer an intent, offers, revises,
// withdraws, acknowledges, and collects what an accepted offer brought.
//
// Everything is in the book before it is sent and once more when it is answered, so an errand that
// was cut off is done again, with the same bytes. One errand of a shop runs at a time, whichever
// thread or program does it. One thread at a time uses a Seller.

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "examples/shop/business.h"
#include "examples/shop/errands.h"
#include "examples/shop/vault_client.h"
#include "vault/base/money.h"
#include "vault/base/result.h"

namespace vrm::shop {

class Seller {
 public:
  // REQUIRES: `business` outlives it.
  explicit Seller(const Business& business) : business_(business) {}

  // Does all that is due. Gives when the next errand is, nothing when none is left. Io, Malformed:
  // the shop's folder; what goes wrong with a vault is said aloud and tried again.
  Result<std::optional<Instant>> work();

  // `typed` is an offer's name or a beginning that no other has. Both: NotFound, Malformed: not the
  // name of one offer; Conflict: the offer is not live; Unavailable: the vault does not know yet.
  //
  // Takes an offer back: from then on an acceptance of it is declined.
  Result<void> withdraw(std::string_view typed);
  // Sends a revision with another price; without one, the character's price drop. Malformed: no
  // such price.
  Result<void> revise(std::string_view typed, const std::optional<Money>& price);

 private:
  Result<void> run(const Errand& errand);
  Result<void> start(const Errand& errand);
  Result<void> fetch_pass(const Errand& errand);
  Result<void> make_offers(const Errand& errand);
  Result<void> send_offer(const Errand& errand);
  Result<void> send_withdrawal(const Errand& errand);
  Result<void> over_ask(const Errand& errand);
  Result<void> drop_price(const Errand& errand);
  Result<void> acknowledge(const Errand& errand);
  Result<void> collect_grant(const Errand& errand);

  Result<void> sent(const Errand& errand, const OfferEntry& offer, const Answer& answer);
  Result<void> not_taken(const Errand& errand, const OfferEntry& offer, const Answer& answer);
  Result<void> keep_tokens(const Acceptance& acceptance, const Tokens& tokens);
  Result<OfferEntry> new_offer(const Errand& errand, const Product& product) const;
  Result<void> add_revision(OfferEntry& offer, const Money& price) const;
  Result<Money> dropped_price(const OfferEntry& offer) const;

  Result<VaultClient*> client(const std::string& issuer);
  using WithPass = std::function<Result<Answer>(VaultClient& client, std::string_view token)>;
  Result<Answer> with_pass(const Errand& errand, const WithPass& call);
  Result<Pass> fresh_pass(const Errand& errand, VaultClient& client, const Pass& old);

  Result<IntentEntry> intent_of(const Errand& errand) const;
  Result<OfferEntry> offer_of(const Errand& errand) const;
  Result<Errand> named(std::string_view typed, ErrandKind kind) const;
  using ChangeIntent = std::function<void(IntentEntry&)>;
  Result<void> change_intent(const Errand& errand, const ChangeIntent& work);
  using ChangeOffer = std::function<Result<void>(OfferEntry&)>;
  Result<void> change_offer(const Errand& errand, const ChangeOffer& work);
  Result<void> change_sale(const Errand& errand, const std::function<void(Acceptance&)>& work);
  Result<void> wait(const Errand& errand, Duration pause);
  Result<void> wait_as_told(const Errand& errand, const Answer& answer);
  Result<void> try_again(const Errand& errand, const std::string& why);
  Result<void> give_up(const Errand& errand, const std::string& why);
  void say(const std::string& line) const { business_.say(line); }

  const Business& business_;
  std::map<std::string, VaultClient> clients_;  // by issuer
};

}  // namespace vrm::shop
