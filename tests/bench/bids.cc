#include "tests/bench/bids.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "vault/base/json.h"

namespace vrm::bench {
namespace {

using nlohmann::json;

constexpr std::int64_t kShippingCents = 490;
constexpr std::int64_t kFeeCents = 0;

// The weights that an intent has when none are said.
constexpr double kPrice = 5, kDelivery = 3, kData = 3, kTerms = 1, kNice = 2;
// Two plain fields are wanted, terms are as good as they count, nothing nice was asked for.
constexpr double kDataPoints = 90, kTermsPoints = 100, kNicePoints = 100;
constexpr double kGraceDays = 14;

Money euros(std::int64_t cents) {
  return {cents, "EUR"};
}

shop::Character character_of(const Bid& bid) {
  shop::Character character;
  character.currency = "EUR";
  character.shipping = euros(kShippingCents);
  character.fee = euros(kFeeCents);
  character.arrival_days = bid.arrival_days;
  character.warranty_months = 24;
  character.return_days = 30;
  for (const char* field : {"address.home.postal_code", "address.home.locality"}) {
    character.required_data.push_back({.field = field,
                                       .purpose = "delivery",
                                       .needed_at = "ship",
                                       .retention_days = 30,
                                       .recipients = {"La Poste"}});
  }
  return character;
}

// Points are whole: half a point counts as one. (A quotient that is just a half is just a half in a
// double too.)
double points(double part, double whole) {
  return std::floor(std::clamp(100 * part / whole, 0.0, 100.0) + 0.5);
}

bool passes(const Bid& bid) {
  return bid.total_cents <= kLimitCents;
}

std::string amount(std::int64_t cents) {
  return amount_of(euros(cents));
}

std::string text_at(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

}  // namespace

json wanted_by_owner(const std::string& tag) {
  return {{"text", "mountain bike"},
          {"category", "Cycling > Bicycles"},
          {"max", std::to_string(kLimitCents / 100) + "EUR"},
          {"near", "Lyon"},
          {"must", {{{"name", "frame"}, {"value", "L"}}}},
          {"to", {"tag:" + tag}},
          {"jitter", false}};
}

Bid first_bid(std::size_t number, std::string brand) {
  constexpr std::size_t kPrime = 40'009;
  const auto spread = static_cast<std::int64_t>(number * 7919 % kPrime);
  return {.brand = std::move(brand),
          .total_cents = 60'000 + spread,
          .arrival_days = 1 + static_cast<std::int64_t>(number * 31 % 14)};
}

Result<std::string> write_bid(const shop::Parties& parties, const Bid& bid, std::string_view iid,
                              Instant now) {
  const shop::Product product{.name = "Mountain bike of " + bid.brand,
                              .category = {},
                              .gtin = {},
                              .properties = {{"frame", "L"}, {"colour", "green"}},
                              .price = {},
                              .stock = 1};
  const shop::Character character = character_of(bid);
  return shop::write_offer(parties, character,
                           {.iid = iid,
                            .oid = kBidName,
                            .rev = bid.rev,
                            .product = product,
                            .price = euros(bid.total_cents - kShippingCents - kFeeCents),
                            .now = now,
                            .valid_until = now + std::chrono::hours(24)});
}

std::vector<Place> expected_table(const std::vector<Bid>& bids) {
  std::int64_t cheapest = kLimitCents;
  std::optional<std::int64_t> earliest;
  for (const Bid& bid : bids) {
    if (!passes(bid)) continue;
    cheapest = std::min(cheapest, bid.total_cents);
    earliest = std::min(earliest.value_or(bid.arrival_days), bid.arrival_days);
  }
  std::vector<Place> places;
  for (std::size_t i = 0; i < bids.size(); ++i) {
    const Bid& bid = bids[i];
    Place place{.bid = i};
    if (passes(bid)) {
      const auto above = static_cast<double>(kLimitCents - bid.total_cents);
      const auto span = static_cast<double>(kLimitCents - cheapest);
      const double price = bid.total_cents == cheapest ? 100 : points(above, span);
      const double late = static_cast<double>(bid.arrival_days - *earliest);
      const double sum = kPrice * price + kDelivery * points(kGraceDays - late, kGraceDays) +
                         kData * kDataPoints + kTerms * kTermsPoints + kNice * kNicePoints;
      place.score =
          static_cast<int>(std::floor(sum / (kPrice + kDelivery + kData + kTerms + kNice) + 0.5));
    }
    places.push_back(place);
  }
  std::sort(places.begin(), places.end(), [&bids](const Place& a, const Place& b) {
    if (a.score != b.score) return a.score > b.score;
    return bids[a.bid].total_cents < bids[b.bid].total_cents;
  });
  return places;
}

std::string fault_in(const json& table, const std::vector<Bid>& bids) {
  const auto items = table.find("items");
  if (items == table.end() || !items->is_array()) return "no table";
  if (items->size() != bids.size()) {
    return std::to_string(items->size()) + " offers of " + std::to_string(bids.size());
  }
  const std::vector<Place> places = expected_table(bids);
  for (std::size_t i = 0; i < places.size(); ++i) {
    const json& item = (*items)[i];
    const Bid& bid = bids[places[i].bid];
    const std::string where = "place " + std::to_string(i + 1) + ": ";
    if (text_at(item, "brand") != bid.brand) {
      return where + text_at(item, "brand") + " instead of " + bid.brand;
    }
    const auto total = item.find("total");
    if (total == item.end() || text_at(*total, "amount") != amount(bid.total_cents)) {
      return where + "another total";
    }
    const auto score = item.find("score");
    const json wanted = places[i].score < 0 ? json(nullptr) : json(places[i].score);
    if (score == item.end() || *score != wanted) return where + "another score";
  }
  return "";
}

}  // namespace vrm::bench
