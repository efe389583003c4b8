#include "examples/shop/seller.h"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <utility>

#include "examples/shop/choice.h"
#include "vault/base/ids.h"
#include "vault/base/json.h"
#include "vault/base/text.h"

namespace vrm::shop {
namespace {

constexpr Duration kNearlyOver = std::chrono::seconds(5);
constexpr Duration kLongestPause = std::chrono::seconds(60);
constexpr std::int64_t kMostDoublings = 6;

enum class Verdict { Yes, Later, No };

Verdict verdict(const Answer& answer) {
  if (answer.status >= 200 && answer.status < 300) return Verdict::Yes;
  if (answer.error == "authorization_pending" || answer.error == "slow_down") {
    return Verdict::Later;
  }
  const bool passing =
      answer.status == 429 || answer.status == 502 || answer.status == 503 || answer.status == 504;
  return passing ? Verdict::Later : Verdict::No;
}

bool is_about_a_sale(const Errand& errand) {
  return errand.kind == ErrandKind::Acknowledge || errand.kind == ErrandKind::CollectGrants;
}

bool is_about(const OfferEntry& offer, const Errand& errand) {
  return offer.issuer == errand.issuer && offer.iid == errand.iid;
}

Error gone(const char* what) {
  return {ErrorCode::NotFound, std::string("the ") + what + " is no longer in the book"};
}

std::string with_currency(const Money& money) {
  return amount_of(money) + " " + money.currency;
}

}  // namespace

Result<std::optional<Instant>> Seller::work() {
  for (;;) {
    const FolderLock lock = TRY(FolderLock::take(business_.folder, "errands.lock"));
    const Ledger ledger = TRY(business_.book().read());
    const Instant now = business_.clock.now();
    const std::optional<Errand> errand = next_errand(ledger, business_.character, now);
    if (!errand) return std::optional<Instant>();
    if (errand->at > now) return std::optional<Instant>(errand->at);
    TRY(run(*errand));
  }
}

// What a vault does wrong costs a try, what our folder does wrong ends the work.
Result<void> Seller::run(const Errand& errand) {
  const Result<void> done = start(errand);
  if (done.ok() || done.error().code == ErrorCode::Io) return done;
  if (done.error().code == ErrorCode::Denied && !is_about_a_sale(errand)) {
    return give_up(errand, done.error().message);
  }
  return try_again(errand, done.error().message);
}

Result<void> Seller::start(const Errand& errand) {
  switch (errand.kind) {
    case ErrandKind::FetchPass:
      return fetch_pass(errand);
    case ErrandKind::MakeOffers:
      return make_offers(errand);
    case ErrandKind::SendOffer:
      return send_offer(errand);
    case ErrandKind::SendWithdrawal:
      return send_withdrawal(errand);
    case ErrandKind::OverAsk:
      return over_ask(errand);
    case ErrandKind::DropPrice:
      return drop_price(errand);
    case ErrandKind::Acknowledge:
      return acknowledge(errand);
    case ErrandKind::CollectGrants:
      return collect_grant(errand);
  }
  VRM_CHECK(false);
}

// --- the token that lets us answer -------------------------------------------------------------

Result<void> Seller::fetch_pass(const Errand& errand) {
  const IntentEntry intent = TRY(intent_of(errand));
  VaultClient* vault = TRY(client(errand.issuer));
  const Answer answer = TRY(vault->poll(intent.auth_req_id));
  if (verdict(answer) == Verdict::Later) return wait_as_told(errand, answer);
  if (verdict(answer) == Verdict::No) return give_up(errand, answer.in_words());
  const Pass pass = TRY(Pass::from_answer(answer.body, errand.iid, business_.clock.now()));
  return change_intent(errand, [&](IntentEntry& entry) {
    entry.pass = pass;
    entry.tries = 0;
  });
}

Result<Answer> Seller::with_pass(const Errand& errand, const WithPass& call) {
  const IntentEntry intent = TRY(intent_of(errand));
  if (!intent.pass) return Error{ErrorCode::Unavailable, "there is no token for it yet"};
  VaultClient* vault = TRY(client(errand.issuer));
  Pass pass = *intent.pass;
  if (pass.expires <= business_.clock.now() + kNearlyOver) {
    pass = TRY(fresh_pass(errand, *vault, pass));
  }
  Answer answer = TRY(call(*vault, pass.access_token));
  if (answer.error != "invalid_token") return answer;
  pass = TRY(fresh_pass(errand, *vault, pass));
  return call(*vault, pass.access_token);
}

// Denied: there will be none any more.
Result<Pass> Seller::fresh_pass(const Errand& errand, VaultClient& vault, const Pass& old) {
  if (old.refresh_token.empty()) return Error{ErrorCode::Denied, "its token has run out"};
  const Answer answer = TRY(vault.refresh(old.refresh_token));
  if (verdict(answer) != Verdict::Yes) {
    const bool later = verdict(answer) == Verdict::Later;
    return Error{later ? ErrorCode::Unavailable : ErrorCode::Denied,
                 "no fresh token: " + answer.in_words()};
  }
  Pass fresh = TRY(old.refreshed_by(answer.body, errand.iid, business_.clock.now()));
  TRY(change_intent(errand, [&](IntentEntry& entry) { entry.pass = fresh; }));
  return fresh;
}

// --- offers --------------------------------------------------------------------------------------

Result<OfferEntry> Seller::new_offer(const Errand& errand, const Product& product) const {
  OfferEntry offer;
  offer.issuer = errand.issuer;
  offer.iid = errand.iid;
  offer.oid = new_id(business_.random, "bo");
  offer.product = product.name;
  offer.made_at = business_.clock.now();
  TRY(add_revision(offer, product.price));
  return offer;
}

Result<void> Seller::add_revision(OfferEntry& offer, const Money& price) const {
  const auto& catalogue = business_.character.catalogue;
  const auto product = std::find_if(catalogue.begin(), catalogue.end(),
                                    [&](const Product& one) { return one.name == offer.product; });
  if (product == catalogue.end()) {
    return Error{ErrorCode::NotFound, "it is no longer in the catalogue"};
  }
  if (price.minor <= 0 || price.currency != business_.character.currency) {
    return Error{ErrorCode::Malformed, "that is no price of this shop"};
  }
  const Instant now = business_.clock.now();
  Revision revision;
  revision.rev = offer.revisions.empty() ? 1 : offer.latest().rev + 1;
  revision.price = price;
  revision.valid_until = now + business_.character.offer_valid;
  offer.jws = TRY(write_offer(business_.with(offer.issuer), business_.character,
                              {.iid = offer.iid,
                               .oid = offer.oid,
                               .rev = revision.rev,
                               .product = *product,
                               .price = price,
                               .now = now,
                               .valid_until = revision.valid_until}));
  revision.sha256 = sha256_of(offer.jws);
  offer.revisions.push_back(std::move(revision));
  return {};
}

Result<void> Seller::make_offers(const Errand& errand) {
  const IntentEntry intent = TRY(intent_of(errand));
  const nlohmann::json told = TRY(read_json(intent.demand));
  const Demand demand = TRY(read_demand(told));
  const Ledger ledger = TRY(business_.book().read());
  std::vector<OfferEntry> made;
  const bool before = std::any_of(ledger.offers.begin(), ledger.offers.end(),
                                  [&](const OfferEntry& one) { return is_about(one, errand); });
  if (!before) {
    const auto sold = [&](std::string_view name) { return ledger.sold(name); };
    for (const Product* product : choose(business_.character, demand, sold)) {
      OfferEntry offer = TRY(new_offer(errand, *product));
      made.push_back(std::move(offer));
    }
  }
  if (!before && made.empty()) {
    // A customer who knows need not wait for us.
    const Answer answer = TRY(with_pass(errand, [&](VaultClient& vault, std::string_view token) {
      return vault.pass_intent(token, errand.iid);
    }));
    if (verdict(answer) == Verdict::Later) return wait_as_told(errand, answer);
    const auto none_sold = [](std::string_view) { return std::int64_t{0}; };
    const bool is_sold_out = !choose(business_.character, demand, none_sold).empty();
    say((is_sold_out ? "sold out: nothing to offer for " : "nothing to offer for ") +
        printable(demand.name, 100));
  }
  return business_.book().change([&](Ledger& book) -> Result<void> {
    IntentEntry* entry = book.find_intent(errand.issuer, errand.iid);
    if (entry == nullptr) return gone("intent");
    entry->offered = true;
    for (OfferEntry& offer : made) book.offers.push_back(std::move(offer));
    return {};
  });
}

Result<void> Seller::send_offer(const Errand& errand) {
  const OfferEntry offer = TRY(offer_of(errand));
  const Answer answer = TRY(with_pass(errand, [&](VaultClient& vault, std::string_view token) {
    return vault.put_offer(token, offer.iid, offer.oid, offer.jws);
  }));
  return sent(errand, offer, answer);
}

Result<void> Seller::sent(const Errand& errand, const OfferEntry& offer, const Answer& answer) {
  if (verdict(answer) == Verdict::Later) return wait_as_told(errand, answer);
  if (verdict(answer) == Verdict::No) return not_taken(errand, offer, answer);
  const Revision& latest = offer.latest();
  TRY(change_offer(errand, [&](OfferEntry& entry) -> Result<void> {
    for (Revision& revision : entry.revisions) {
      if (revision.rev == latest.rev) revision.taken = true;
    }
    return {};
  }));
  TRY(change_intent(errand, [](IntentEntry& entry) { entry.tries = 0; }));
  const Money total = TRY(business_.character.total_at(latest.price));
  say((latest.rev == 1 ? "offered " : "revised: ") + printable(offer.product, 60) + " for " +
      with_currency(latest.price) + ", " + with_currency(total) + " in all (" + offer.oid + ")");
  return {};
}

// The vault refused an offer or a revision, so what stood before stands.
Result<void> Seller::not_taken(const Errand& errand, const OfferEntry& offer,
                               const Answer& answer) {
  say("the vault did not take " + errand.oid + ": " + answer.in_words());
  if (answer.error == "intent_closed") TRY(give_up(errand, answer.in_words()));
  return change_offer(errand, [&](OfferEntry& entry) -> Result<void> {
    if (entry.revisions.size() > 1) {
      std::erase_if(entry.revisions,
                    [&](const Revision& one) { return one.rev == offer.latest().rev; });
    } else if (entry.state == OfferState::Live) {
      entry.state = OfferState::Refused;
    }
    return {};
  });
}

Result<void> Seller::send_withdrawal(const Errand& errand) {
  const Answer answer = TRY(with_pass(errand, [&](VaultClient& vault, std::string_view token) {
    return vault.withdraw_offer(token, errand.iid, errand.oid);
  }));
  if (verdict(answer) == Verdict::Later) return wait_as_told(errand, answer);
  // A vault that says no has ended it already, or accepted it a moment ago and will hear from us.
  if (verdict(answer) == Verdict::No) say("the vault answers " + answer.in_words());
  TRY(change_offer(errand, [](OfferEntry& offer) -> Result<void> {
    offer.told = true;
    return {};
  }));
  say("withdrawn: " + errand.oid);
  return {};
}

Result<Money> Seller::dropped_price(const OfferEntry& offer) const {
  if (!business_.character.price_drop) {
    return Error{ErrorCode::Malformed, "the character tells no price drop: name a --price"};
  }
  Money price = offer.latest().price;
  price.minor -= business_.character.price_drop->by.minor;
  return price;
}

Result<void> Seller::drop_price(const Errand& errand) {
  return change_offer(errand, [&](OfferEntry& offer) -> Result<void> {
    offer.dropped = true;
    const Result<Money> price = dropped_price(offer);
    const Result<void> revised =
        price.ok() ? add_revision(offer, price.value()) : Result<void>(price.error());
    if (!revised.ok()) say("no price drop of " + offer.oid + ": " + revised.error().message);
    return {};
  });
}

// --- the extra request ---------------------------------------------------------------------------

Result<void> Seller::over_ask(const Errand& errand) {
  const Wish& wish = *business_.character.over_ask;
  const std::vector<Vault> vaults = TRY(load_vaults(business_.folder));
  const auto vault = std::find_if(vaults.begin(), vaults.end(),
                                  [&](const Vault& one) { return one.issuer == errand.issuer; });
  if (vault == vaults.end()) return Error{ErrorCode::Denied, "the vault is no longer known"};
  VaultClient* asking = TRY(client(errand.issuer));
  const Answer answer = TRY(asking->ask(wish, vault->subject));
  if (verdict(answer) == Verdict::Later) return wait_as_told(errand, answer);
  if (verdict(answer) == Verdict::Yes) {
    const Asked asked = TRY(Asked::from_answer(answer.body, errand.issuer, wish.all()));
    TRY(asked.save(business_.folder));
    say("asked besides: " + listed(wish.all()) + ", for " + printable(wish.purpose, 60));
  } else {
    say("asking besides was refused: " + answer.in_words());
  }
  return change_intent(errand, [](IntentEntry& entry) { entry.over_asked = true; });
}

// --- sales ---------------------------------------------------------------------------------------

Result<void> Seller::acknowledge(const Errand& errand) {
  const OfferEntry offer = TRY(offer_of(errand));
  Acceptance acceptance = offer.acceptances.back();
  if (acceptance.state != AcceptanceState::Owed) return {};  // cancelled a moment ago
  const Instant now = business_.clock.now();
  const auto ended = [&](const std::string& why) -> Result<void> {
    say("the acceptance of " + offer.oid + " has ended: " + why);
    return change_offer(errand, [](OfferEntry& entry) -> Result<void> {
      if (entry.state != OfferState::Accepted) return {};
      entry.acceptances.back().state = AcceptanceState::Cancelled;
      entry.state = OfferState::Live;
      return {};
    });
  };
  if (acceptance.until <= now) return ended("we were too late");
  if (acceptance.acknowledgement.empty()) {
    acceptance.acknowledgement = write_acknowledgement(
        business_.with(offer.issuer),
        {acceptance.jti, acceptance.sha256, acceptance.order, now, acceptance.until},
        business_.random);
    TRY(change_sale(errand,
                    [&](Acceptance& one) { one.acknowledgement = acceptance.acknowledgement; }));
  }
  const Answer answer = TRY(with_pass(errand, [&](VaultClient& vault, std::string_view token) {
    return vault.acknowledge(token, offer.iid, acceptance.acknowledgement);
  }));
  if (verdict(answer) == Verdict::Later) return wait_as_told(errand, answer);
  if (verdict(answer) == Verdict::No) return ended(answer.in_words());
  say("acknowledged: " + offer.oid + ", order " + acceptance.order);
  return change_sale(errand, [&](Acceptance& one) {
    one.state = AcceptanceState::Acknowledged;
    one.not_before = now + kBeforeCollecting;
  });
}

Result<void> Seller::collect_grant(const Errand& errand) {
  const OfferEntry offer = TRY(offer_of(errand));
  const Acceptance& acceptance = offer.acceptances.back();
  const auto grant = std::find_if(acceptance.grants.begin(), acceptance.grants.end(),
                                  [](const GrantKey& one) { return one.outcome.empty(); });
  if (grant == acceptance.grants.end()) return {};
  VaultClient* vault = TRY(client(errand.issuer));
  const Answer answer = TRY(vault->poll(grant->auth_req_id));
  if (verdict(answer) == Verdict::Later) return wait_as_told(errand, answer);
  std::string outcome = "refused: " + answer.in_words();
  if (verdict(answer) == Verdict::Yes) {
    const Tokens tokens =
        TRY(Tokens::from_answer(answer.body, errand.issuer, business_.clock.now()));
    TRY(keep_tokens(acceptance, tokens));
    outcome = tokens.grant_id;
  } else {
    say("a grant was refused: " + answer.in_words());
  }
  return change_sale(errand, [&](Acceptance& one) {
    for (GrantKey& key : one.grants) {
      if (key.auth_req_id == grant->auth_req_id) key.outcome = outcome;
    }
  });
}

// Beside the tokens of the same sale, instead of those of another.
Result<void> Seller::keep_tokens(const Acceptance& acceptance, const Tokens& tokens) {
  std::vector<Tokens> all;
  if (const Result<std::vector<Tokens>> kept = load_tokens(business_.folder); kept.ok()) {
    all = kept.value();
  }
  std::erase_if(all, [&](const Tokens& one) {
    return one.grant_id == tokens.grant_id ||
           std::none_of(acceptance.grants.begin(), acceptance.grants.end(),
                        [&](const GrantKey& key) { return key.outcome == one.grant_id; });
  });
  all.push_back(tokens);
  TRY(save_tokens(business_.folder, all));
  say("granted: " + listed(tokens.fields) + ", for " + printable(tokens.purpose, 60));
  return {};
}

// --- what a person tells us to do ----------------------------------------------------------------

Result<Errand> Seller::named(std::string_view typed, ErrandKind kind) const {
  const Ledger ledger = TRY(business_.book().read());
  std::vector<const OfferEntry*> meant;
  for (const OfferEntry& offer : ledger.offers) {
    if (offer.oid.starts_with(typed)) meant.push_back(&offer);
  }
  if (meant.empty()) return Error{ErrorCode::NotFound, "no such offer: vrm-shop offers"};
  if (meant.size() > 1) return Error{ErrorCode::Malformed, "more than one offer begins like that"};
  const OfferEntry& offer = *meant.front();
  return Errand{business_.clock.now(), kind, offer.issuer, offer.iid, offer.oid};
}

Result<void> Seller::withdraw(std::string_view typed) {
  const Errand errand = TRY(named(typed, ErrandKind::SendWithdrawal));
  TRY(change_offer(errand, [](OfferEntry& offer) -> Result<void> {
    if (offer.state != OfferState::Live) {
      return Error{ErrorCode::Conflict, "the offer is " + std::string(to_string(offer.state))};
    }
    offer.state = OfferState::Withdrawn;
    offer.told = false;
    return {};
  }));
  const FolderLock lock = TRY(FolderLock::take(business_.folder, "errands.lock"));
  TRY(run(errand));
  const OfferEntry after = TRY(offer_of(errand));
  if (!after.told) return Error{ErrorCode::Unavailable, "the vault does not know yet"};
  return {};
}

Result<void> Seller::revise(std::string_view typed, const std::optional<Money>& price) {
  const Errand errand = TRY(named(typed, ErrandKind::SendOffer));
  TRY(change_offer(errand, [&](OfferEntry& offer) -> Result<void> {
    if (offer.state != OfferState::Live) {
      return Error{ErrorCode::Conflict, "the offer is " + std::string(to_string(offer.state))};
    }
    const Result<Money> wanted = price ? Result<Money>(*price) : dropped_price(offer);
    if (!wanted.ok()) return wanted.error();
    offer.dropped = true;
    return add_revision(offer, wanted.value());
  }));
  const FolderLock lock = TRY(FolderLock::take(business_.folder, "errands.lock"));
  const OfferEntry before = TRY(offer_of(errand));
  if (before.unsent()) TRY(run(errand));
  const OfferEntry after = TRY(offer_of(errand));
  if (after.unsent()) return Error{ErrorCode::Unavailable, "the vault does not know yet"};
  if (after.state != OfferState::Live || after.latest().rev != before.latest().rev) {
    return Error{ErrorCode::Conflict, "the vault did not take the revision"};
  }
  return {};
}

// --- the book ------------------------------------------------------------------------------------

Result<VaultClient*> Seller::client(const std::string& issuer) {
  const auto known = clients_.find(issuer);
  if (known != clients_.end()) return &known->second;
  VaultClient found = TRY(VaultClient::find(business_.caller(), issuer));
  return &clients_.emplace(issuer, std::move(found)).first->second;
}

Result<IntentEntry> Seller::intent_of(const Errand& errand) const {
  Ledger ledger = TRY(business_.book().read());
  const IntentEntry* entry = ledger.find_intent(errand.issuer, errand.iid);
  if (entry == nullptr) return gone("intent");
  return *entry;
}

Result<OfferEntry> Seller::offer_of(const Errand& errand) const {
  Ledger ledger = TRY(business_.book().read());
  const OfferEntry* entry = ledger.find_offer(errand.issuer, errand.iid, errand.oid);
  if (entry == nullptr) return gone("offer");
  return *entry;
}

Result<void> Seller::change_intent(const Errand& errand, const ChangeIntent& work) {
  return business_.book().change([&](Ledger& ledger) -> Result<void> {
    IntentEntry* entry = ledger.find_intent(errand.issuer, errand.iid);
    if (entry == nullptr) return gone("intent");
    work(*entry);
    return {};
  });
}

Result<void> Seller::change_offer(const Errand& errand, const ChangeOffer& work) {
  return business_.book().change([&](Ledger& ledger) -> Result<void> {
    OfferEntry* entry = ledger.find_offer(errand.issuer, errand.iid, errand.oid);
    if (entry == nullptr) return gone("offer");
    return work(*entry);
  });
}

// The acceptance may have been cancelled meanwhile: then nothing is to be changed.
Result<void> Seller::change_sale(const Errand& errand,
                                 const std::function<void(Acceptance&)>& work) {
  return change_offer(errand, [&](OfferEntry& offer) -> Result<void> {
    if (offer.state == OfferState::Accepted) work(offer.acceptances.back());
    return {};
  });
}

Result<void> Seller::wait(const Errand& errand, Duration pause) {
  const Instant until = business_.clock.now() + pause;
  if (is_about_a_sale(errand)) {
    return change_sale(errand, [&](Acceptance& one) { one.not_before = until; });
  }
  return change_intent(errand, [&](IntentEntry& entry) { entry.not_before = until; });
}

Result<void> Seller::wait_as_told(const Errand& errand, const Answer& answer) {
  const IntentEntry intent = TRY(intent_of(errand));
  const auto told = std::chrono::seconds(std::clamp(answer.retry_after_s, 0, 300));
  return wait(errand, std::max<Duration>({told, std::chrono::seconds(intent.interval_s),
                                          std::chrono::seconds(1)}));
}

Result<void> Seller::try_again(const Errand& errand, const std::string& why) {
  const IntentEntry intent = TRY(intent_of(errand));
  if (intent.tries == 0) say("no luck, trying again: " + printable(why, 200));
  TRY(change_intent(errand, [](IntentEntry& entry) { ++entry.tries; }));
  const std::int64_t doublings = std::min(intent.tries, kMostDoublings);
  return wait(errand, std::min<Duration>(std::chrono::seconds(std::int64_t{1} << doublings),
                                         kLongestPause));
}

// What was offered binds us until it ends: it may be accepted this very moment.
Result<void> Seller::give_up(const Errand& errand, const std::string& why) {
  say("no more offers for this customer: " + printable(why, 200));
  return change_intent(errand, [](IntentEntry& entry) { entry.open = false; });
}

}  // namespace vrm::shop
