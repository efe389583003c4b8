#include "examples/shop/selling.h"

#include <optional>
#include <utility>

#include "examples/shop/business.h"
#include "examples/shop/say.h"
#include "examples/shop/seller.h"
#include "vault/base/text.h"

namespace vrm::shop {
namespace {

Result<Business> business_of(Desk desk) {
  Result<Character> character = load_character(desk.folder);
  if (!character.ok() && character.error().code == ErrorCode::NotFound) {
    return Error{ErrorCode::NotFound, "the shop sells nothing yet: vrm-shop serve --rules FILE"};
  }
  Character own = TRY(std::move(character));
  const std::string client_id = desk.brand.client_id();
  return Business{desk.folder, client_id, std::move(desk.keys), std::move(own), desk.clock,
                  desk.random, say};
}

// What could not be done yet, or not any more, is a refusal and no fault of the command line.
Result<int> done_or_refused(const Result<void>& done) {
  if (done.ok()) return kDone;
  const bool refused =
      done.error().code == ErrorCode::Conflict || done.error().code == ErrorCode::Unavailable;
  if (!refused) return done.error();
  say("refused: " + printable(done.error().message, 200));
  return kRefused;
}

std::string in_words(const OfferEntry& offer, Instant now) {
  const Revision& latest = offer.latest();
  const bool expired = offer.state == OfferState::Live && latest.valid_until <= now;
  std::string line = offer.oid + "  " + printable(offer.product, 60) + "  " +
                     amount_of(latest.price) + " " + latest.price.currency + "  rev " +
                     std::to_string(latest.rev) + "  " +
                     (expired ? "expired" : std::string(to_string(offer.state)));
  if (offer.unsent() || (offer.state == OfferState::Withdrawn && !offer.told)) {
    line += ", the vault does not know yet";
  }
  if (!offer.acceptances.empty() && offer.state == OfferState::Accepted) {
    const Acceptance& acceptance = offer.acceptances.back();
    line += "  order " + acceptance.order + ", " + std::string(to_string(acceptance.state));
  }
  return line;
}

}  // namespace

Result<int> show_offers(const Desk& desk) {
  const Ledger ledger = TRY(Book(desk.folder).read());
  if (ledger.offers.empty()) say("no offers yet");
  for (const OfferEntry& offer : ledger.offers) say(in_words(offer, desk.clock.now()));
  return kDone;
}

Result<int> withdraw_offer(Desk desk, const std::string& offer) {
  const Business business = TRY(business_of(std::move(desk)));
  return done_or_refused(Seller(business).withdraw(offer));
}

Result<int> revise_offer(Desk desk, const std::string& offer, const std::string& price) {
  const Business business = TRY(business_of(std::move(desk)));
  std::optional<Money> wanted;
  if (!price.empty()) wanted = TRY(money_from_amount(price, business.character.currency));
  return done_or_refused(Seller(business).revise(offer, wanted));
}

}  // namespace vrm::shop
