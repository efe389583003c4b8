#include "tests/bench/revoke_bench.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "tests/bench/brand.h"
#include "tests/bench/latency.h"
#include "tests/bench/load.h"
#include "tests/bench/machine.h"

namespace vrm::bench {
namespace {

constexpr std::size_t kProofsOfARound = 60'000;
constexpr int kGrantsOfARound = 100;
constexpr Duration kLoadOfARound = std::chrono::seconds(10);
constexpr auto kWarmUp = std::chrono::milliseconds(200);
constexpr double kMostMs = 200;

struct Tally {
  std::vector<std::uint64_t> revokes_us;
  int served_before = 0;  // of the reads just before
  int refused_after = 0;  // of the reads just after
  std::string first_wrong;
  std::uint64_t reads = 0, reads_refused = 0, broken = 0;
  double load_seconds = 0;
  std::vector<std::uint64_t> reads_us;
};

// Reads without a pause until the proofs or the time are used up; ends with the object.
class Background {
 public:
  Background(const LoadPlan& plan, Requests requests)
      : thread_([this, plan, requests = std::move(requests)] {
          result_.emplace(run_load(plan, requests));
          ended_ = true;
        }) {}
  ~Background() {
    if (thread_.joinable()) thread_.join();
  }
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  bool ended() const { return ended_; }
  Result<LoadResult> wait() {
    thread_.join();
    return std::move(*result_);
  }

 private:
  std::optional<Result<LoadResult>> result_;
  std::atomic<bool> ended_{false};
  std::thread thread_;  // last: it uses what is above
};

Result<void> revoke_one(Rig& rig, BenchBrand& brand, const shop::Tokens& grant, Tally& tally) {
  const shop::Answer before = TRY(brand.try_read(grant));
  if (before.good()) ++tally.served_before;
  tally.revokes_us.push_back(TRY(rig.run_vrm({"revoke", grant.grant_id})));
  const shop::Answer after = TRY(brand.try_read(grant));
  const bool refused = after.status == 401 && after.error == "invalid_token";
  if (refused) ++tally.refused_after;
  if ((!before.good() || !refused) && tally.first_wrong.empty())
    tally.first_wrong = before.in_words() + ", then " + after.in_words();
  return {};
}

Result<void> count(Tally& tally, LoadResult load) {
  if (load.latencies_us.empty()) return Error{ErrorCode::Unavailable, "the load was not served"};
  tally.reads += load.latencies_us.size();
  tally.load_seconds += load.seconds;
  tally.broken += load.broken;
  for (const auto& [status, times] : load.other) tally.reads_refused += times;
  if (!load.other.empty() && tally.first_wrong.empty()) tally.first_wrong = load.first_other;
  tally.reads_us.insert(tally.reads_us.end(), load.latencies_us.begin(), load.latencies_us.end());
  return {};
}

// Some grants are made while it is quiet, and taken back one by one while it is not.
Result<void> run_round(Rig& rig, BenchBrand& brand, const RevokeBenchPlan& plan, Tally& tally) {
  const int missing = plan.revocations - static_cast<int>(tally.revokes_us.size());
  std::vector<shop::Tokens> grants;
  for (int i = 0; i < std::min(missing, kGrantsOfARound); ++i)
    grants.push_back(TRY(brand.another_grant(rig)));
  TRY(brand.refresh_token());
  const std::vector<std::string> proofs = TRY(brand.sign_proofs(kProofsOfARound));
  Background load({"127.0.0.1", rig.port(), plan.connections, kLoadOfARound},
                  brand.read_requests(proofs));
  std::this_thread::sleep_for(kWarmUp);
  for (const shop::Tokens& grant : grants) {
    if (load.ended()) break;
    TRY(revoke_one(rig, brand, grant, tally));
  }
  LoadResult done = TRY(load.wait());
  return count(tally, std::move(done));
}

double in_ms(std::vector<std::uint64_t>& times_us, double share) {
  return static_cast<double>(percentile(times_us, share)) / 1000;
}

void print(Tally& tally, const RevokeBenchPlan& plan) {
  const auto revokes = static_cast<int>(tally.revokes_us.size());
  const double p99 = in_ms(tally.revokes_us, 0.99);
  std::printf(
      "%d connections read all along: %.0f reads/s, p99 %.1f ms, %llu refused, %llu broken\n",
      plan.connections, static_cast<double>(tally.reads) / tally.load_seconds,
      in_ms(tally.reads_us, 0.99), static_cast<unsigned long long>(tally.reads_refused),
      static_cast<unsigned long long>(tally.broken));
  std::printf(
      "vrm revoke, from fork to its end: %d times, p50 %.1f ms, p99 %.1f ms, longest %.1f ms (aim: "
      "p99 %.0f ms)%s\n",
      revokes, in_ms(tally.revokes_us, 0.50), p99, in_ms(tally.revokes_us, 1.0), kMostMs,
      p99 <= kMostMs ? "" : "  MISSED");
  std::printf("the read before was served %d times of %d, the next one refused %d times of %d\n",
              tally.served_before, revokes, tally.refused_after, revokes);
  if (!tally.first_wrong.empty())
    std::printf("the first that went wrong: %s\n", tally.first_wrong.c_str());
  std::fflush(stdout);
}

}  // namespace

Result<bool> run_revoke_bench(const RigPlan& rig_plan, const RevokeBenchPlan& plan) {
  raise_file_limit();
  const std::unique_ptr<Rig> rig = TRY(Rig::start(rig_plan));
  const std::unique_ptr<BenchBrand> brand = TRY(BenchBrand::open(*rig));
  Tally tally;
  while (static_cast<int>(tally.revokes_us.size()) < plan.revocations) {
    const std::size_t before = tally.revokes_us.size();
    TRY(run_round(*rig, *brand, plan, tally));
    if (tally.revokes_us.size() == before)
      return Error{ErrorCode::Unavailable, "the load ended before anything could be revoked"};
  }
  print(tally, plan);
  const auto revokes = static_cast<int>(tally.revokes_us.size());
  return tally.served_before == revokes && tally.refused_after == revokes &&
         tally.reads_refused == 0 && tally.broken == 0;
}

}  // namespace vrm::bench
