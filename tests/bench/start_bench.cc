#include "tests/bench/start_bench.h"

#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/bench/latency.h"
#include "tests/bench/machine.h"

namespace vrm::bench {
namespace {

constexpr int kStarts = 20;
constexpr int kStatuses = 100;
constexpr int kStartFields = 1000;

void print_times(const char* what, std::vector<std::uint64_t> times_us) {
  std::printf("%-44s p50 %.1f ms, p95 %.1f ms\n", what,
              static_cast<double>(percentile(times_us, 0.50)) / 1000,
              static_cast<double>(percentile(times_us, 0.95)) / 1000);
  std::fflush(stdout);
}

void print_bytes(const char* what, std::uint64_t bytes) {
  std::printf("%-44s %.1f KiB\n", what, static_cast<double>(bytes) / 1024);
}

Result<void> set_fields(Owner& owner) {
  for (int i = 0; i < kStartFields; ++i) {
    char name[32];
    std::snprintf(name, sizeof name, "note.small_%04d", i);
    TRY(owner.put(std::string("/v1/fields/") + name, {{"value", "twenty bytes or so"}}));
  }
  return {};
}

}  // namespace

Result<void> run_start_bench(const RigPlan& plan) {
  const std::unique_ptr<Rig> rig = TRY(Rig::start(plan));
  std::vector<std::uint64_t> statuses;
  for (int i = 0; i < kStatuses; ++i) statuses.push_back(TRY(rig->run_vrm({"status"})));
  print_times("vrm status, from fork to its end", std::move(statuses));

  print_bytes("files of an empty vault", bytes_below(rig->folder()));
  TRY(set_fields(rig->owner()));
  print_bytes("files with 1,000 small fields, running", bytes_below(rig->folder()));

  std::vector<std::uint64_t> starts;
  for (int i = 0; i < kStarts; ++i) {
    TRY(rig->restart());
    starts.push_back(static_cast<std::uint64_t>(rig->vrmd().time_to_ready().count()));
  }
  print_times("vrmd, from fork to ready, 1,000 fields", std::move(starts));
  print_bytes("files with 1,000 small fields, restarted", bytes_below(rig->folder()));
  return {};
}

}  // namespace vrm::bench
