#pragma once
// Comparing offers: musts pass or fail, what is left gets points out of 100 for price, delivery, data, terms and nice
// properties, weighted by the owner. Whole numbers only, so that a person can do the sum again.
//
//   price     100 for the cheapest that passes; falls to 0 at the limit, or at twice the cheapest when there is none
//   delivery  100 for the earliest that passes; falls to 0 on the day after the deadline, or 14 days after the earliest
//   data      100 for none; each needed field costs 5, a sensitive one 25, not below 0 (optional ones cost nothing, nor
//             does a field needed for a second purpose)
//   terms     half for the return days (30 or more are full), half for the warranty (24 months or more are full)
//   nice      the part of the nice properties that it has; 100 when none were wanted
//   score     the sum of weight times points, by the sum of weights
//
// Each of them is rounded once, half up. Falling is along a straight line.

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "vault/market/demand.h"
#include "vault/market/offer.h"

namespace vrm::market {

enum class Why { Passes, TooDear, TooLate, NotSaid, OtherValue, OtherArticle };
std::string_view to_string(Why why);

// What was asked for, and what the offer says to it.
struct Met {
  std::string name;  // "price", "delivery", "gtin" or a property's
  Why why = Why::Passes;
};

struct Part {
  std::string name;  // "price", "delivery", "data", "terms", "nice"
  int weight = 0;
  int points = 0;
};

struct Ranked {
  std::size_t index = 0;  // in what was handed in
  std::vector<Met>
      musts;  // in the order: price, delivery, gtin, properties; only those that were asked
  std::vector<Met> nices;  // properties that would be nice, in the order of the intent
  bool passes = true;
  int data_cost = 0;        // fields that would be disclosed, needed ones
  std::vector<Part> parts;  // empty when a must fails
  int score = 0;
};

enum class Sort { Score, Price, Delivery, Data };
// Malformed.
Result<Sort> sort_from(std::string_view word);

// REQUIRES: check_weights(weights); offers in the currency of the limit.
struct Wanted {
  const PublicPart& told;
  const PrivatePart& kept;
  Weights weights;
  // Whether a field is sensitive (profile catalogue). None is when this is empty.
  std::function<bool(std::string_view field)> is_sensitive;
};

// Those that pass every must first, in the order of `sort`, ties by total, then arrival, then index; those that fail
// behind, by how many musts they fail, then total, arrival, index. Sort::Data goes by the points that the data costs,
// also below 0.
std::vector<Ranked> rank(const std::vector<Offer>& offers, const Wanted& wanted, Sort sort);

}  // namespace vrm::market
