#include "tests/bench/rank_bench.h"

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "examples/shop/keys.h"
#include "tests/bench/bids.h"
#include "tests/bench/latency.h"
#include "vault/base/clock.h"
#include "vault/crypto/system_random.h"
#include "vault/market/ranking.h"

namespace vrm::bench {
namespace {

constexpr int kRankRounds = 15;

template <typename Once>
double median_ms(const Once& once) {
  std::vector<double> took;
  for (int round = 0; round < kRankRounds; ++round) {
    const Moment from = Moment::clock::now();
    once();
    took.push_back(milliseconds(from, Moment::clock::now()));
  }
  return median(std::move(took));
}

Result<std::vector<std::string>> signed_bids(const std::filesystem::path& below,
                                             const std::vector<Bid>& bids) {
  const TemporaryFolder folder = TRY(TemporaryFolder::make(below));
  const shop::Folder keys = TRY(shop::Folder::open(folder.path() / "keys"));
  crypto::SystemRandom random;
  const auto key = TRY(shop::ShopKey::load_or_make(keys, "client-key.json", random));
  const shop::Parties parties{key, "https://shop.example/vrm-brand.json",
                              "https://vault.example/v/x"};
  const Instant now = SystemClock().now();
  std::vector<std::string> texts;
  for (const Bid& bid : bids) {
    auto text = TRY(write_bid(parties, bid, "intent", now));
    texts.push_back(std::move(text));
  }
  return texts;
}

Result<std::vector<market::Offer>> read_all(const std::vector<std::string>& texts) {
  std::vector<market::Offer> offers;
  for (const auto& text : texts) {
    auto offer = TRY(market::read_kept_offer(text));
    offers.push_back(std::move(offer));
  }
  return offers;
}

double sort_time_ms(const std::vector<Bid>& bids) {
  std::vector<std::pair<std::int64_t, std::size_t>> totals;
  for (const Bid& bid : bids) totals.emplace_back(bid.total_cents, totals.size());
  return median_ms([&totals] {
    auto sorted = totals;
    std::sort(sorted.begin(), sorted.end());
    VRM_CHECK(sorted.front() <= sorted.back());
  });
}

bool is_right(const std::vector<market::Ranked>& ranked, const std::vector<Bid>& bids) {
  const auto places = expected_table(bids);
  return std::equal(ranked.begin(), ranked.end(), places.begin(), places.end(),
                    [](const market::Ranked& is, const Place& should) {
                      return is.index == should.bid && is.passes == (should.score >= 0) &&
                             (!is.passes || is.score == should.score);
                    });
}

}  // namespace

Result<RankTimes> time_ranking(const std::filesystem::path& below, std::size_t offers) {
  std::vector<Bid> bids;
  for (std::size_t i = 0; i < offers; ++i) bids.push_back(first_bid(i, "b" + std::to_string(i)));
  const auto texts = TRY(signed_bids(below, bids));
  const auto read = TRY(read_all(texts));
  market::PublicPart told;
  told.currency = "EUR";
  told.must = {{"frame", "L"}};
  market::PrivatePart kept;
  kept.limit = Money{kLimitCents, "EUR"};
  const market::Wanted wanted{.told = told, .kept = kept, .weights = {}, .is_sensitive = {}};
  std::vector<market::Ranked> ranked;
  RankTimes times;
  times.read_ms = median_ms([&texts] { VRM_CHECK(read_all(texts).ok()); });
  times.rank_ms = median_ms([&] { ranked = market::rank(read, wanted, market::Sort::Score); });
  times.sort_ms = sort_time_ms(bids);
  if (!is_right(ranked, bids)) return Error{ErrorCode::Unavailable, "offers are ranked wrongly"};
  return times;
}

Result<void> print_ranking(const std::filesystem::path& below, std::size_t offers) {
  const RankTimes times = TRY(time_ranking(below, offers));
  std::printf(
      "\n%zu offers of one intent, p50 of %d: ranked in %.2f ms (std::sort by total alone %.2f ms, "
      "%.1f times);\nreading their signed bytes first, as each table does, %.1f ms\n",
      offers, kRankRounds, times.rank_ms, times.sort_ms, times.rank_ms / times.sort_ms,
      times.read_ms);
  return {};
}

}  // namespace vrm::bench
