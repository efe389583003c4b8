#pragma once
// What `vrm-shop` can be told about its offers on the command line. Each gives the exit code, as in
// commands.h.

#include <string>

#include "examples/shop/commands.h"
#include "vault/base/result.h"

namespace vrm::shop {

// Every offer of the book in a line: name, intent's end, product, price, state, order.
Result<int> show_offers(const Desk& desk);
// `price` is a decimal string; "" for the character's price drop.
Result<int> withdraw_offer(Desk desk, const std::string& offer);
Result<int> revise_offer(Desk desk, const std::string& offer, const std::string& price);

}  // namespace vrm::shop
