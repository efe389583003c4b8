#include "tests/bench/intents_bench.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>

#include "tests/bench/bids.h"
#include "tests/bench/crowd.h"
#include "tests/bench/latency.h"
#include "tests/bench/machine.h"
#include "tests/bench/many_sites.h"
#include "tests/bench/offers_bench.h"
#include "tests/bench/rank_bench.h"
#include "tests/bench/raw_posts.h"
#include "vault/base/json.h"
#include "vault/outbound/deliveries.h"

namespace vrm::bench {
namespace {

constexpr Duration kIntentPatience = std::chrono::seconds(60);
constexpr int kIntentFlushes = 100;
constexpr std::size_t kRankedOffers = 10'000;

// What the daemon sends at once: all these brands are of one origin.
const std::size_t kAtOnce = outbound::DeliveryLimits().per_origin;
const std::size_t kWide = outbound::DeliveryLimits().at_once;

// Each of them in milliseconds, one of each a round.
struct Sendings {
  std::vector<double> first;     // from the owner's POST to the first brand's whole message
  std::vector<double> ours;      // … to the last brand's
  std::vector<double> answered;  // … to the owner's answer
  std::vector<double> raw;
  std::vector<double> wide;
  std::size_t signed_bytes = 0;  // of one message, before its signature
  double sign_us = 0;
  double flush_us = 0;
};

// Until vrmd has heard of every message that it was taken, and kept that.
Result<void> wait_settled(Owner& owner, const std::string& intent) {
  const Moment end = Moment::clock::now() + kIntentPatience;
  while (Moment::clock::now() < end) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    const nlohmann::json document = TRY(owner.get("/v1/intents/" + intent));
    const nlohmann::json* brands = TRY(need_array(document, "brands"));
    const bool settled = std::all_of(brands->begin(), brands->end(), [](const auto& brand) {
      return brand.value("delivery", "") == "sent";
    });
    if (settled) return {};
  }
  return Error{ErrorCode::Unavailable, "a message is still under way"};
}

std::vector<RawPost> raw_posts_of(const ManySites& sites,
                                  const std::vector<ManySites::Posted>& posted) {
  std::vector<RawPost> posts;
  for (const auto& one : posted)
    posts.push_back({sites.base() + one.path, "application/jwt", one.body});
  return posts;
}

// One intent, handed to the whole crowd by the vault and then by libcurl; gives its id.
Result<std::string> send_one(Rig& rig, ManySites& sites, Crowd& crowd, Sendings& times) {
  const nlohmann::json wanted = wanted_by_owner(Crowd::kTag);
  sites.forget_posted();
  const Moment from = Moment::clock::now();
  const nlohmann::json intent = TRY(rig.owner().post("/v1/intents", wanted));
  const Moment answered = Moment::clock::now();
  const Moment last = TRY(sites.wait_posted(crowd.size(), kIntentPatience));
  const std::string id = TRY(need_string(intent, "id"));
  TRY(wait_settled(rig.owner(), id));
  const auto posted = sites.posted();
  TRY(crowd.hear(posted));
  times.first.push_back(milliseconds(from, posted.front().came));
  times.ours.push_back(milliseconds(from, last));
  times.answered.push_back(milliseconds(from, answered));
  times.signed_bytes = posted.front().body.rfind('.');
  const auto posts = raw_posts_of(sites, posted);
  const double raw = TRY(time_raw(sites, posts, kAtOnce));
  const double wide = TRY(time_raw(sites, posts, kWide));
  times.raw.push_back(raw);
  times.wide.push_back(wide);
  return id;
}

void print_sendings(int brands, const Sendings& times) {
  const double raw = median(times.raw);
  const double ours = median(times.ours);
  const double signing = brands * times.sign_us / 1000;
  const double floor = raw + signing + times.flush_us / 1000;
  std::printf("%7d %9.1f %9.1f %9.1f %9.1f %9.1f %7.2f %9.1f %9.2f %9.1f %7.2f\n", brands, raw,
              median(times.wide), median(times.first), ours, median(times.answered), ours / raw,
              signing, times.flush_us / 1000, floor, ours / floor);
  std::fflush(stdout);
}

void print_offers(int brands, const OfferTimes& times) {
  std::printf("%7d %9.0f %9.0f %9.1f %9.1f %9.1f %9.1f %9.1f\n", brands, times.tokens_ms,
              times.offers_ms, times.last_to_watch_ms, times.revision_to_event_ms,
              times.revision_to_watch_ms, times.revision_to_asked_ms, times.table_ms);
  std::fflush(stdout);
}

Result<OfferTimes> measure(const RigPlan& rig_plan, const IntentsBenchPlan& plan, int brands) {
  const auto rig = TRY(Rig::start(rig_plan));
  const auto sites = TRY(ManySites::open());
  const auto crowd = TRY(Crowd::open(*rig, *sites, static_cast<std::size_t>(brands)));
  Sendings times;
  std::string intent;
  for (int round = 0; round < plan.rounds; ++round) {
    intent = TRY(send_one(*rig, *sites, *crowd, times));
  }
  auto flushes = TRY(flush_times_us(rig->folder(), kIntentFlushes));
  times.flush_us = static_cast<double>(percentile(flushes, 0.5));
  times.sign_us = sign_time_us(times.signed_bytes);
  print_sendings(brands, times);
  return time_offers(*rig, *crowd, intent, plan.revisions);
}

void print_legend(const IntentsBenchPlan& plan) {
  std::printf(
      "One intent to N brands of one origin on loopback, milliseconds, medians of %d; nothing is "
      "pinned.\n"
      "  raw(%zu)  libcurl alone, the same bytes to the same places, as many at once as vrmd sends "
      "to one origin\n"
      "  raw(%zu) the same with as many at once as vrmd sends in all\n"
      "  first   from the owner's POST to the first brand's whole message: gate, one signature a "
      "brand, durable commit\n"
      "  ours    … to the last brand's whole message;  answered: … to the owner's answer\n"
      "  ratio   ours / raw(%zu)\n"
      "  sign    N Ed25519 signatures of that length;  flush: one fdatasync of 4 KiB\n"
      "  floor   raw(%zu) + sign + flush, all measured in this run;  ours/fl: ours / floor\n",
      plan.rounds, kAtOnce, kWide, kAtOnce, kAtOnce);
  std::printf("%7s %9s %9s %9s %9s %9s %7s %9s %9s %9s %7s\n", "brands",
              ("raw(" + std::to_string(kAtOnce) + ")").c_str(),
              ("raw(" + std::to_string(kWide) + ")").c_str(), "first", "ours", "answered", "ratio",
              "sign", "flush", "floor", "ours/fl");
}

void print_offers_legend(const IntentsBenchPlan& plan) {
  std::printf(
      "\nTheir offers, one a brand, milliseconds; every table is checked: each offer's place, "
      "total "
      "and score.\n"
      "  tokens  every brand fetches its token, 8 at once;  offers: every brand puts its offer, 8 "
      "at "
      "once\n"
      "  storm   of that: from the beginning of the last PUT to the whole table, read by one who "
      "watches the events\n"
      "  event   on a quiet vault, median of %d: from the beginning of one PUT that makes a brand "
      "the cheapest to its event\n"
      "  watch   … to the table that a watcher reads after it;  ask: … of one who reads it once "
      "the "
      "PUT is answered\n"
      "  table   one table of N offers, read and parsed\n",
      plan.revisions);
  std::printf("%7s %9s %9s %9s %9s %9s %9s %9s\n", "brands", "tokens", "offers", "storm", "event",
              "watch", "ask", "table");
}

}  // namespace

Result<void> run_intents_bench(const RigPlan& rig, const IntentsBenchPlan& plan) {
  raise_file_limit();
  print_legend(plan);
  std::vector<OfferTimes> offers;
  for (const int brands : plan.brands) {
    const OfferTimes times = TRY(measure(rig, plan, brands));
    offers.push_back(times);
  }
  print_offers_legend(plan);
  for (std::size_t i = 0; i < offers.size(); ++i) print_offers(plan.brands[i], offers[i]);
  return print_ranking(rig.below, kRankedOffers);
}

}  // namespace vrm::bench
