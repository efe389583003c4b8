#include "tests/bench/read_bench.h"

#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "tests/bench/latency.h"
#include "tests/bench/load.h"
#include "tests/bench/machine.h"
#include "tests/bench/read_measure.h"

namespace vrm::bench {
namespace {

constexpr int kReadFlushes = 200;
constexpr double kMiB = 1024.0 * 1024.0;
constexpr double kKiB = 1024.0;
constexpr Duration kShortLoad = std::chrono::milliseconds(500);
constexpr std::size_t kProofsOfShortLoad = 8000;
constexpr int kKeptConnections = 256;

// What a connection costs that has read and is kept.
Result<void> print_connection_memory(Rig& rig, BenchBrand& brand, int connections) {
  const LoadPlan load{"127.0.0.1", rig.port(), connections, kShortLoad, rig.has_tls()};
  TRY(brand.refresh_token());
  const std::vector<std::string> proofs = TRY(brand.sign_proofs(kProofsOfShortLoad));
  const ProcessUse before = TRY(use_of(rig.vrmd().pid()));
  const auto kept = TRY(KeptConnections::after_load(load, brand.read_requests(proofs)));
  const ProcessUse with = TRY(use_of(rig.vrmd().pid()));
  const double more =
      static_cast<double>(with.resident_bytes) - static_cast<double>(before.resident_bytes);
  std::printf(
      "resident memory of vrmd, %d connections that have read and stay: %.1f MiB, %.1f KiB a "
      "connection\n",
      connections, static_cast<double>(with.resident_bytes) / kMiB, more / connections / kKiB);
  return {};
}

Result<void> print_surroundings(Rig& rig, const Cores& cores) {
  std::vector<std::uint64_t> flushes = TRY(flush_times_us(rig.folder(), kReadFlushes));
  const ProcessUse idle = TRY(use_of(rig.vrmd().pid()));
  const char* where = !cores.server                ? "both on all cores"
                      : cores.server == cores.load ? "both on the only core"
                                                   : "vrmd on one core, load on another";
  std::printf("%s; %s; 1 grant, 1 field, each read with a fresh proof and journalled\n", where,
              rig.has_tls() ? "TLS" : "plain HTTP");
  std::printf("one durable flush (4 KiB, fdatasync): p50 %.0f us, p99 %.0f us%s\n",
              static_cast<double>(percentile(flushes, 0.50)),
              static_cast<double>(percentile(flushes, 0.99)),
              lies_in_memory(rig.folder()) ? "  (the folder lies in memory!)" : "");
  std::printf("resident memory of vrmd, idle: %.1f MiB\n",
              static_cast<double>(idle.resident_bytes) / kMiB);
  return {};
}

}  // namespace

Result<bool> run_read_bench(RigPlan rig_plan, const ReadBenchPlan& plan) {
  raise_file_limit();
  Cores cores;
  if (!plan.all_cores) cores = TRY(one_core_each());  // the brand's own threads follow
  rig_plan.core = cores.server;
  const std::unique_ptr<Rig> rig = TRY(Rig::start(rig_plan));
  const std::unique_ptr<BenchBrand> brand = TRY(BenchBrand::open(*rig));
  TRY(print_surroundings(*rig, cores));
  TRY(print_connection_memory(*rig, *brand, kKeptConnections));
  print_read_head();
  bool good = true;
  for (const int connections : plan.connections) {
    std::vector<ReadCell> rounds;
    for (int round = 0; round < plan.rounds; ++round) {
      rounds.push_back(TRY(measure_reads(
          *rig, *brand, cores, {.connections = connections, .length = plan.length / plan.rounds})));
      good = good && rounds.back().good();
    }
    print_read_medians(rounds);
    for (const ReadCell& cell : rounds) print_read_faults(cell);
  }
  const ProcessUse after = TRY(use_of(rig->vrmd().pid()));
  std::printf(
      "\nmedians of %d rounds, each with its own limit = 1 / (verify + 1 / constant), of one "
      "core;\n"
      "constant = GET jwks.json a second, by the same carrier; verify in us, on vrmd's core\n",
      plan.rounds);
  std::printf("resident memory of vrmd, after: %.1f MiB\n",
              static_cast<double>(after.resident_bytes) / kMiB);
  return good;
}

Result<bool> run_read_growth_bench(RigPlan rig_plan, const ReadGrowthPlan& plan) {
  raise_file_limit();
  const Cores cores = TRY(one_core_each());
  rig_plan.core = cores.server;
  struct Side {
    int grants = 0;
    std::unique_ptr<Rig> rig;
    std::unique_ptr<BenchBrand> brand;
    std::vector<ReadCell> rounds;
  };
  std::vector<Side> sides;
  for (const int grants : {plan.few, plan.many}) {
    Side side{.grants = grants, .rig = TRY(Rig::start(rig_plan)), .brand = nullptr, .rounds = {}};
    side.brand = TRY(BenchBrand::open(*side.rig));
    TRY(side.brand->grant_many(*side.rig, grants - 1));
    sides.push_back(std::move(side));
  }
  bool good = true;
  for (int round = 0; round < plan.rounds; ++round)
    for (Side& side : sides) {
      side.rounds.push_back(TRY(measure_reads(*side.rig, *side.brand, cores, plan.reads)));
      good = good && side.rounds.back().good();
    }
  const auto middle = [](const Side& side, const auto& of) {
    std::vector<double> values;
    for (const ReadCell& cell : side.rounds) values.push_back(of(cell));
    return median(std::move(values));
  };
  const auto growth = [&](const auto& of) { return middle(sides[1], of) / middle(sides[0], of); };
  for (const Side& side : sides) {
    const ProcessUse use = TRY(use_of(side.rig->vrmd().pid()));
    std::printf("%d grants of as many fields, resident memory %.1f MiB", side.grants,
                static_cast<double>(use.resident_bytes) / kMiB);
    print_read_head();
    print_read_medians(side.rounds);
    for (const ReadCell& cell : side.rounds) print_read_faults(cell);
  }
  std::printf(
      "\ngrowth of the cost of a read from %d to %d grants and fields, rounds in turn: %.2f; each "
      "in its own "
      "verifications: %.2f (aim 1.1)\n",
      plan.few, plan.many, growth([](const ReadCell& cell) { return cell.cpu_us_per_read; }),
      growth([](const ReadCell& cell) { return cell.cpu_us_per_read / cell.verify_us; }));
  return good;
}

}  // namespace vrm::bench
