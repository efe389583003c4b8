#pragma once
// What the brands of the measurement bid, and the table that the vault must make of it. The
// arithmetic of vault/market/ranking.h is done here once more, in another way, so that the table is
// checked and not believed.

#include <cstddef>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "examples/shop/paper.h"
#include "vault/base/result.h"
#include "vault/base/time.h"

namespace vrm::bench {

// The limit and what is told of the thing: the body of POST /v1/intents, to all brands of this tag.
inline constexpr std::int64_t kLimitCents = 90'000;
nlohmann::json wanted_by_owner(const std::string& tag);

// {oid} of every bid.
inline constexpr const char* kBidName = "bid";

struct Bid {
  std::string brand;
  std::int64_t total_cents = 0;
  std::int64_t arrival_days = 1;
  std::int64_t rev = 1;
};

// No two of the first 40,000 have the same total; a quarter of many is above the limit.
Bid first_bid(std::size_t number, std::string brand);

// The signed offer. Malformed: as shop::write_offer.
Result<std::string> write_bid(const shop::Parties& parties, const Bid& bid, std::string_view iid,
                              Instant now);

struct Place {
  std::size_t bid = 0;
  int score = -1;  // -1: above the limit
};
// In the order of the table. REQUIRES: no total twice.
std::vector<Place> expected_table(const std::vector<Bid>& bids);

// What is wrong with a vrm.offers/1; "" when it holds every bid in its place with its score.
std::string fault_in(const nlohmann::json& table, const std::vector<Bid>& bids);

}  // namespace vrm::bench
