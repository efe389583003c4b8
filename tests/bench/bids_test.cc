#include "tests/bench/bids.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "tests/bench/rig.h"
#include "vault/crypto/system_random.h"
#include "vault/jose/jws.h"
#include "vault/market/offer.h"
#include "vault/market/ranking.h"

namespace bench = vrm::bench;
using nlohmann::json;

namespace {

std::vector<bench::Bid> bids_of(std::size_t count) {
  std::vector<bench::Bid> bids;
  for (std::size_t i = 0; i < count; ++i)
    bids.push_back(bench::first_bid(i, "b" + std::to_string(i)));
  return bids;
}

// As the vault would answer, if it ranked as expected_table() does.
json table_of(const std::vector<bench::Bid>& bids) {
  json items = json::array();
  for (const auto& place : bench::expected_table(bids)) {
    const auto& bid = bids[place.bid];
    items.push_back({{"brand", bid.brand},
                     {"total", {{"amount", vrm::amount_of({bid.total_cents, "EUR"})}}},
                     {"score", place.score < 0 ? json(nullptr) : json(place.score)}});
  }
  return {{"items", items}};
}

// The offers as the vault reads them.
std::vector<vrm::market::Offer> signed_and_read(const std::vector<bench::Bid>& bids) {
  const auto folder = bench::TemporaryFolder::make("/tmp");
  REQUIRE(folder.ok());
  const auto keys = vrm::shop::Folder::open(folder.value().path() / "keys");
  REQUIRE(keys.ok());
  vrm::crypto::SystemRandom random;
  const auto key = vrm::shop::ShopKey::load_or_make(keys.value(), "client-key.json", random);
  REQUIRE(key.ok());
  const vrm::Instant now{1'795'000'000'000};
  const std::string client_id = "https://shop.example/vrm-brand.json";
  const std::string issuer = "https://vault.example/v/x";
  const auto set = vrm::jose::JwkSet::from(vrm::jose::write_jwk_set({&key.value().jwk(), 1}));
  REQUIRE(set.ok());
  std::vector<vrm::market::Offer> offers;
  for (const auto& bid : bids) {
    const auto text = bench::write_bid({key.value(), client_id, issuer}, bid, "iid", now);
    REQUIRE(text.ok());
    const auto offer = vrm::market::take_offer(text.value(), set.value(),
                                               {.client_id = client_id,
                                                .issuer = issuer,
                                                .intent = "iid",
                                                .oid = bench::kBidName,
                                                .currency = "EUR",
                                                .now = now});
    REQUIRE(offer.ok());
    offers.push_back(offer.value());
  }
  return offers;
}

}  // namespace

TEST_SUITE("bench/bids") {
  TEST_CASE("no two brands bid the same total, and some are above the limit") {
    std::set<std::int64_t> totals;
    std::size_t above = 0;
    for (std::size_t i = 0; i < 40'000; ++i) {
      const auto bid = bench::first_bid(i, "b");
      totals.insert(bid.total_cents);
      if (bid.total_cents > bench::kLimitCents) ++above;
    }
    CHECK(totals.size() == 40'000);
    CHECK(above > 8'000);
    CHECK(above < 12'000);
  }

  TEST_CASE("the vault takes a bid for what it says") {
    const auto bid = bench::first_bid(3, "b3");
    const auto offers = signed_and_read({bid});
    CHECK(offers[0].total.minor == bid.total_cents);
    CHECK(offers[0].required.size() == 2);
  }

  TEST_CASE("the table is what the vault's ranking makes of the same bids") {
    for (const std::size_t count : {std::size_t{1}, std::size_t{2}, std::size_t{1000}}) {
      CAPTURE(count);
      auto bids = bids_of(count);
      if (count > 2) bids[7].total_cents = 51'234;  // much cheaper than all: every score moves
      vrm::market::PublicPart told;
      told.currency = "EUR";
      told.must = {{"frame", "L"}};
      vrm::market::PrivatePart kept;
      kept.limit = vrm::Money{bench::kLimitCents, "EUR"};
      const auto ranked = vrm::market::rank(
          signed_and_read(bids), {.told = told, .kept = kept, .weights = {}, .is_sensitive = {}},
          vrm::market::Sort::Score);
      const auto places = bench::expected_table(bids);
      REQUIRE(ranked.size() == places.size());
      for (std::size_t i = 0; i < places.size(); ++i) {
        CAPTURE(i);
        CHECK(ranked[i].index == places[i].bid);
        CHECK(ranked[i].passes == (places[i].score >= 0));
        if (ranked[i].passes) CHECK(ranked[i].score == places[i].score);
      }
    }
  }

  TEST_CASE("a right table has no fault; one that is short, wrong or out of order has") {
    const auto bids = bids_of(40);
    const json right = table_of(bids);
    CHECK(bench::fault_in(right, bids).empty());
    CHECK(bench::fault_in(json::object(), bids) == "no table");
    json shorter = right;
    shorter["items"].erase(3);
    CHECK(bench::fault_in(shorter, bids) == "39 offers of 40");
    json swapped = right;
    std::swap(swapped["items"][0], swapped["items"][1]);
    CHECK(bench::fault_in(swapped, bids).starts_with("place 1: "));
    json dearer = right;
    dearer["items"][5]["total"]["amount"] = "1.00";
    CHECK(bench::fault_in(dearer, bids) == "place 6: another total");
    json better = right;
    better["items"][7]["score"] = 101;
    CHECK(bench::fault_in(better, bids) == "place 8: another score");
    json unscored = right;
    unscored["items"][0].erase("score");
    CHECK(bench::fault_in(unscored, bids) == "place 1: another score");
  }
}
