#include "tests/bench/read_bench.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "tests/bench/brand.h"
#include "tests/bench/latency.h"
#include "tests/bench/load.h"
#include "tests/bench/machine.h"
#include "vault/base/json.h"
#include "vault/base/text.h"

namespace vrm::bench {
namespace {

constexpr int kReadFlushes = 200;
constexpr double kMiB = 1024.0 * 1024.0;

// Everything about one number of connections, in one round.
struct Cell {
  int connections = 0;
  double constant_per_second = 0;
  double verify_us = 0;
  LoadResult reads;
  std::uint64_t p50_us = 0;
  std::uint64_t p99_us = 0;
  std::optional<double> reads_per_flush;  // nothing: the status document does not count commits
  double cpu_us_per_read = 0;

  // What one core could do if a read cost one verification and one answer, and nothing else.
  double limit() const { return 1e6 / (verify_us + 1e6 / constant_per_second); }
  double ratio() const { return reads.per_second() / limit(); }
  bool good() const { return reads.other.empty() && reads.broken == 0; }
};

// The cores of both sides, which is one where there is no more.
struct Cores {
  int server = 0;
  int load = 0;
};

Result<std::optional<std::int64_t>> commits(Owner& owner) {
  const nlohmann::json status = TRY(owner.get("/v1/status"));
  if (!status.contains("usage")) return std::optional<std::int64_t>();
  return find_int(status["usage"], "commits");
}

// As many proofs as could be used at the very limit, and some more.
std::size_t proofs_needed(const Cell& cell, Duration length) {
  const double seconds = static_cast<double>(length.count()) / 1000;
  return static_cast<std::size_t>(cell.limit() * seconds * 1.1) + 1000;
}

// On the server's core, while it has nothing to do.
Result<double> verify_time_there(const Cores& cores) {
  TRY(pin_to_core(cores.server));
  const double time = verify_time_us();
  TRY(pin_to_core(cores.load));
  return time;
}

Result<Cell> measure(Rig& rig, BenchBrand& brand, const Cores& cores, int connections,
                     Duration length) {
  Cell cell;
  cell.connections = connections;
  const LoadPlan load{"127.0.0.1", rig.port(), connections, length};
  const LoadResult constant = TRY(run_load(load, brand.constant_requests()));
  if (constant.latencies_us.empty()) return Error{ErrorCode::Unavailable, "no constant answer"};
  cell.constant_per_second = constant.per_second();
  cell.verify_us = TRY(verify_time_there(cores));

  TRY(brand.refresh_token());
  const std::vector<std::string> proofs = TRY(brand.sign_proofs(proofs_needed(cell, length)));
  const ProcessUse before = TRY(use_of(rig.vrmd().pid()));
  const std::optional<std::int64_t> commits_before = TRY(commits(rig.owner()));
  cell.reads = TRY(run_load(load, brand.read_requests(proofs)));
  const ProcessUse after = TRY(use_of(rig.vrmd().pid()));
  const std::optional<std::int64_t> commits_after = TRY(commits(rig.owner()));

  const double done = static_cast<double>(std::max<std::size_t>(cell.reads.latencies_us.size(), 1));
  if (commits_before && commits_after && *commits_after > *commits_before) {
    cell.reads_per_flush = done / static_cast<double>(*commits_after - *commits_before);
  }
  const double cpu = after.cpu_seconds - before.cpu_seconds;
  cell.cpu_us_per_read = cpu * 1e6 / done;
  cell.p50_us = percentile(cell.reads.latencies_us, 0.50);
  cell.p99_us = percentile(cell.reads.latencies_us, 0.99);
  return cell;
}

void print_head() {
  std::printf("\n%6s %10s %9s %9s %11s %9s %7s %9s %9s %6s\n", "conns", "reads/s", "p50 ms",
              "p99 ms", "reads/flush", "constant", "verify", "limit", "us/read", "ratio");
}

// The median of each column by itself; the ratio's is of the rounds' ratios, each to its own limit.
void print_medians(const std::vector<Cell>& rounds) {
  const auto middle = [&rounds](const auto& of) {
    std::vector<double> values;
    for (const Cell& cell : rounds) values.push_back(static_cast<double>(of(cell)));
    return median(std::move(values));
  };
  char per_flush[32] = "-";
  if (rounds.front().reads_per_flush)
    std::snprintf(per_flush, sizeof per_flush, "%.1f",
                  middle([](const Cell& cell) { return cell.reads_per_flush.value_or(0); }));
  std::printf("%6d %10.0f %9.2f %9.2f %11s %9.0f %7.1f %9.0f %9.1f %6.2f\n",
              rounds.front().connections,
              middle([](const Cell& cell) { return cell.reads.per_second(); }),
              middle([](const Cell& cell) { return cell.p50_us; }) / 1000,
              middle([](const Cell& cell) { return cell.p99_us; }) / 1000, per_flush,
              middle([](const Cell& cell) { return cell.constant_per_second; }),
              middle([](const Cell& cell) { return cell.verify_us; }),
              middle([](const Cell& cell) { return cell.limit(); }),
              middle([](const Cell& cell) { return cell.cpu_us_per_read; }),
              middle([](const Cell& cell) { return cell.ratio(); }));
  std::fflush(stdout);
}

void print_faults(const Cell& cell) {
  if (cell.reads.ran_out) std::printf("       out of proofs\n");
  for (const auto& [status, times] : cell.reads.other) {
    std::printf("       %llu answers with status %d, the first: %s\n",
                static_cast<unsigned long long>(times), status,
                printable(cell.reads.first_other, 200).c_str());
  }
  if (cell.reads.broken > 0) {
    std::printf("       %llu connections broke\n",
                static_cast<unsigned long long>(cell.reads.broken));
  }
  std::fflush(stdout);
}

Result<void> print_surroundings(Rig& rig, const std::vector<int>& cores) {
  std::vector<std::uint64_t> flushes = TRY(flush_times_us(rig.folder(), kReadFlushes));
  const ProcessUse idle = TRY(use_of(rig.vrmd().pid()));
  std::printf(
      "vrmd on %s, load on %s; 1 grant, 1 field, each read with a fresh proof and journalled\n",
      cores.size() < 2 ? "the only core" : "one core", cores.size() < 2 ? "the same" : "another");
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
  const std::vector<int> usable = usable_cores();
  const Cores cores{usable.front(), usable.back()};
  if (usable.size() >= 2) rig_plan.core = cores.server;
  TRY(pin_to_core(cores.load));  // the brand's own threads follow
  const std::unique_ptr<Rig> rig = TRY(Rig::start(rig_plan));
  const std::unique_ptr<BenchBrand> brand = TRY(BenchBrand::open(*rig));
  TRY(print_surroundings(*rig, usable));
  print_head();
  bool good = true;
  for (const int connections : plan.connections) {
    std::vector<Cell> rounds;
    for (int round = 0; round < plan.rounds; ++round) {
      rounds.push_back(TRY(measure(*rig, *brand, cores, connections, plan.length / plan.rounds)));
      good = good && rounds.back().good();
    }
    print_medians(rounds);
    for (const Cell& cell : rounds) print_faults(cell);
  }
  const ProcessUse after = TRY(use_of(rig->vrmd().pid()));
  std::printf(
      "\nmedians of %d rounds, each with its own limit = 1 / (verify + 1 / constant);\n"
      "constant = GET jwks.json a second; verify in us, on vrmd's core\n",
      plan.rounds);
  std::printf("resident memory of vrmd, after: %.1f MiB\n",
              static_cast<double>(after.resident_bytes) / kMiB);
  return good;
}

}  // namespace vrm::bench
