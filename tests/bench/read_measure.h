#pragma once
// One measurement of authorised reads, beside what bounds them, and its figures.

#include <cstdint>
#include <optional>
#include <vector>

#include "tests/bench/brand.h"
#include "tests/bench/load.h"
#include "tests/bench/rig.h"
#include "vault/base/result.h"
#include "vault/base/time.h"

namespace vrm::bench {

// The cores of both sides, which is one where there is no more. Nothing: where the system likes.
struct Cores {
  std::optional<int> server;
  std::optional<int> load;
};

// The first core for vrmd and the last for the load; this process goes to its own.
Result<Cores> one_core_each();

// Everything about one number of connections, in one round.
struct ReadCell {
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

struct ReadMeasure {
  int connections = 1;
  Duration length;
};

// Unavailable, Denied: what vrmd answered. Io: the system.
Result<ReadCell> measure_reads(Rig& rig, BenchBrand& brand, const Cores& cores, ReadMeasure plan);

// The median of each column by itself; the ratio's is of the rounds' ratios, each to its own limit.
void print_read_head();
void print_read_medians(const std::vector<ReadCell>& rounds);
// What was refused or broke, where anything was.
void print_read_faults(const ReadCell& cell);

}  // namespace vrm::bench
