#include "tests/bench/offers_bench.h"

#include <algorithm>
#include <future>
#include <mutex>
#include <nlohmann/json.hpp>
#include <vector>

#include "tests/bench/at_once.h"
#include "tests/bench/latency.h"
#include "tests/bench/table_watch.h"

namespace vrm::bench {
namespace {

constexpr std::size_t kBidders = 8;
constexpr int kTables = 9;

class Storm {
 public:
  Storm(Rig& rig, Crowd& crowd, const std::string& intent)
      : crowd_(crowd), socket_(rig.socket()), intent_(intent), watch_(socket_, intent) {}

  Result<OfferTimes> run(int revisions) {
    const Moment from = Moment::clock::now();
    TRY(crowd_.fetch_tokens());
    times_.tokens_ms = milliseconds(from, Moment::clock::now());
    TRY(watch_.look());
    TRY(everybody_bids());
    TRY(time_tables());
    TRY(time_watched(revisions));
    TRY(time_asked(revisions));
    return times_;
  }

 private:
  // All at once, while the owner watches.
  Result<void> everybody_bids() {
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < crowd_.size(); ++i) {
      bids_.push_back(first_bid(i, crowd_.handle(i)));
      auto text = TRY(crowd_.write_bid(i, bids_.back()));
      texts.push_back(std::move(text));
    }
    auto watching =
        std::async(std::launch::async, [this] { return watch_.wait_until_right(bids_); });
    std::mutex mutex;
    Moment last_began{};
    const Moment from = Moment::clock::now();
    const auto bid = [&](std::size_t brand) -> Result<void> {
      const Moment began = TRY(crowd_.put(brand, texts[brand]));
      const std::lock_guard lock(mutex);
      last_began = std::max(last_began, began);
      return {};
    };
    const auto done = at_once(crowd_.size(), kBidders, bid);
    times_.offers_ms = milliseconds(from, Moment::clock::now());
    const auto seen = watching.get();
    TRY(done);
    const TableWatch::Seen right = TRY(seen);
    times_.last_to_watch_ms = milliseconds(last_began, right.table);
    return {};
  }

  Result<void> time_tables() {
    std::vector<double> took;
    for (int i = 0; i < kTables; ++i) {
      const Moment from = Moment::clock::now();
      const nlohmann::json table = TRY(watch_.look());
      took.push_back(milliseconds(from, Moment::clock::now()));
      TRY(check(table));
    }
    times_.table_ms = median(std::move(took));
    return {};
  }

  // A brand becomes the cheapest of all; gives its signed bytes.
  Result<std::string> undercut(std::size_t brand) {
    bids_[brand].total_cents = --cheapest_cents_;
    bids_[brand].rev += 1;
    return crowd_.write_bid(brand, bids_[brand]);
  }

  std::size_t next_brand() { return turn_++ % crowd_.size(); }

  Result<void> time_watched(int revisions) {
    std::vector<double> events, tables;
    for (int i = 0; i < revisions; ++i) {
      const std::size_t brand = next_brand();
      const std::string text = TRY(undercut(brand));
      TRY(watch_.look());
      auto watching =
          std::async(std::launch::async, [this] { return watch_.wait_until_right(bids_); });
      const auto began = crowd_.put(brand, text);
      const auto seen = watching.get();
      const Moment put = TRY(began);
      const TableWatch::Seen right = TRY(seen);
      events.push_back(milliseconds(put, right.event));
      tables.push_back(milliseconds(put, right.table));
    }
    times_.revision_to_event_ms = median(std::move(events));
    times_.revision_to_watch_ms = median(std::move(tables));
    return {};
  }

  Result<void> time_asked(int revisions) {
    std::vector<double> took;
    for (int i = 0; i < revisions; ++i) {
      const std::size_t brand = next_brand();
      const std::string text = TRY(undercut(brand));
      const Moment put = TRY(crowd_.put(brand, text));
      const nlohmann::json table = TRY(watch_.look());
      took.push_back(milliseconds(put, Moment::clock::now()));
      TRY(check(table));
    }
    times_.revision_to_asked_ms = median(std::move(took));
    return {};
  }

  Result<void> check(const nlohmann::json& table) const {
    const std::string fault = fault_in(table, bids_);
    if (fault.empty()) return {};
    return Error{ErrorCode::Unavailable, "the table is wrong: " + fault};
  }

  Crowd& crowd_;
  const std::string socket_;
  const std::string intent_;
  TableWatch watch_;
  std::vector<Bid> bids_;
  std::int64_t cheapest_cents_ = 60'000;
  std::size_t turn_ = 0;
  OfferTimes times_;
};

}  // namespace

Result<OfferTimes> time_offers(Rig& rig, Crowd& crowd, const std::string& intent, int revisions) {
  return Storm(rig, crowd, intent).run(revisions);
}

}  // namespace vrm::bench
