#include "tests/bench/read_measure.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/bench/latency.h"
#include "tests/bench/machine.h"
#include "vault/base/json.h"
#include "vault/base/text.h"

namespace vrm::bench {
namespace {

Result<std::optional<std::int64_t>> commits(Owner& owner) {
  const nlohmann::json status = TRY(owner.get("/v1/status"));
  if (!status.contains("usage")) return std::optional<std::int64_t>();
  return find_int(status["usage"], "commits");
}

// As many proofs as could be used at the very limit, and some more.
std::size_t proofs_needed(const ReadCell& cell, Duration length) {
  const double seconds = static_cast<double>(length.count()) / 1000;
  return static_cast<std::size_t>(cell.limit() * seconds * 1.1) + 1000;
}

// On the server's core, while it has nothing to do.
Result<double> verify_time_there(const Cores& cores) {
  if (cores.server) TRY(pin_to_core(*cores.server));
  const double time = verify_time_us();
  if (cores.load) TRY(pin_to_core(*cores.load));
  return time;
}

}  // namespace

Result<Cores> one_core_each() {
  const std::vector<int> usable = usable_cores();
  const Cores cores{usable.front(), usable.back()};
  TRY(pin_to_core(usable.back()));
  return cores;
}

Result<ReadCell> measure_reads(Rig& rig, BenchBrand& brand, const Cores& cores, ReadMeasure plan) {
  ReadCell cell;
  cell.connections = plan.connections;
  const LoadPlan load{"127.0.0.1", rig.port(), plan.connections, plan.length, rig.has_tls()};
  const LoadResult constant = TRY(run_load(load, brand.constant_requests()));
  if (constant.latencies_us.empty()) return Error{ErrorCode::Unavailable, "no constant answer"};
  cell.constant_per_second = constant.per_second();
  cell.verify_us = TRY(verify_time_there(cores));

  TRY(brand.refresh_token());
  const std::vector<std::string> proofs = TRY(brand.sign_proofs(proofs_needed(cell, plan.length)));
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

void print_read_head() {
  std::printf("\n%6s %10s %9s %9s %11s %9s %7s %9s %9s %6s\n", "conns", "reads/s", "p50 ms",
              "p99 ms", "reads/flush", "constant", "verify", "limit", "us/read", "ratio");
}

void print_read_medians(const std::vector<ReadCell>& rounds) {
  const auto middle = [&rounds](const auto& of) {
    std::vector<double> values;
    for (const ReadCell& cell : rounds) values.push_back(static_cast<double>(of(cell)));
    return median(std::move(values));
  };
  char per_flush[32] = "-";
  if (rounds.front().reads_per_flush)
    std::snprintf(per_flush, sizeof per_flush, "%.1f",
                  middle([](const ReadCell& cell) { return cell.reads_per_flush.value_or(0); }));
  std::printf("%6d %10.0f %9.2f %9.2f %11s %9.0f %7.1f %9.0f %9.1f %6.2f\n",
              rounds.front().connections,
              middle([](const ReadCell& cell) { return cell.reads.per_second(); }),
              middle([](const ReadCell& cell) { return cell.p50_us; }) / 1000,
              middle([](const ReadCell& cell) { return cell.p99_us; }) / 1000, per_flush,
              middle([](const ReadCell& cell) { return cell.constant_per_second; }),
              middle([](const ReadCell& cell) { return cell.verify_us; }),
              middle([](const ReadCell& cell) { return cell.limit(); }),
              middle([](const ReadCell& cell) { return cell.cpu_us_per_read; }),
              middle([](const ReadCell& cell) { return cell.ratio(); }));
  std::fflush(stdout);
}

void print_read_faults(const ReadCell& cell) {
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

}  // namespace vrm::bench
