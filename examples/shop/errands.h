#pragma once
// What is to be done about the intents in the book, and when: a list that follows from the ledger
// alone, so that a shop goes on after a restart where it stopped.

#include <optional>
#include <string>

#include "examples/shop/book.h"
#include "examples/shop/character.h"
#include "vault/base/time.h"

namespace vrm::shop {

enum class ErrandKind {
  FetchPass,   // the token that lets us answer
  MakeOffers,  // look through the catalogue
  SendOffer,   // or its newest revision
  SendWithdrawal,
  OverAsk,  // the extra request of a curious shop
  DropPrice,
  Acknowledge,    // an acceptance that we owe an answer
  CollectGrants,  // of an acceptance that we acknowledged
};

struct Errand {
  Instant at;
  ErrandKind kind = ErrandKind::FetchPass;
  std::string issuer;
  std::string iid;
  std::string oid;  // "" where it is about no one offer
};

// The errand that comes first. Nothing: all is done.
std::optional<Errand> next_errand(const Ledger& ledger, const Character& character, Instant now);

}  // namespace vrm::shop
