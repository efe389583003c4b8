#include "tests/bench/store_bench.h"

#include <chrono>
#include <cstdio>

#include "tests/bench/at_once.h"
#include "tests/bench/bench_vault.h"
#include "tests/bench/cells_bench.h"
#include "tests/bench/document_bench.h"
#include "tests/bench/few_and_many.h"
#include "tests/bench/latency.h"
#include "tests/bench/plain_table.h"

namespace vrm::bench {
namespace {

using Ticks = std::chrono::steady_clock;

constexpr std::size_t kRecordBytes = 100;
constexpr int kUpdateRounds = 21;
constexpr std::size_t kUpdates = 50;  // of a round, of each kind
constexpr std::size_t kWriters = 64;
constexpr std::size_t kByWriters = 3'200;  // of a round
constexpr std::size_t kManyFields = 10'000;

double microseconds_since(Ticks::time_point from) {
  return std::chrono::duration<double, std::micro>(Ticks::now() - from).count();
}

store::RowId row_id(std::uint64_t number) {
  store::RowId id{};
  for (std::size_t i = 0; i < 8; ++i) id[15 - i] = static_cast<std::uint8_t>(number >> (8 * i));
  return id;
}

Bytes record_of(std::uint64_t number) {
  Bytes record(kRecordBytes, 'x');
  for (std::size_t i = 0; i < 8; ++i) record[i] = static_cast<std::uint8_t>(number >> (8 * i));
  return record;
}

Result<void> put(store::Store& vault, std::uint64_t number) {
  const Bytes record = record_of(number);
  return vault.run([&](store::Txn& txn) {
    return txn.write(store::Table::Fields, row_id(number), store::kVaultKey, record);
  });
}

struct Updates {
  double ours_us = 0;
  double plain_us = 0;
  double together_per_s = 0;
  double plain_to_ours = 0;  // of a round
  double times_one = 0;      // of a round
};

// One by one in turns, then many together, round by round, so that a slow minute of the disk meets all of them; what is
// compared is of one round.
Result<Updates> time_updates(const std::filesystem::path& below) {
  const auto vault = TRY(BenchVault::make(below));
  PlainTable plain = TRY(PlainTable::make(vault->folder.path() / "plain.db"));
  std::vector<double> ours, theirs, together, plain_to_ours, times_one;
  std::uint64_t number = 0;
  for (int round = 0; round < kUpdateRounds; ++round) {
    double ours_us = 0;
    double plain_us = 0;
    for (std::size_t i = 0; i < kUpdates; ++i, ++number) {
      auto from = Ticks::now();
      TRY(put(*vault->store, number));
      ours_us += microseconds_since(from) / kUpdates;
      from = Ticks::now();
      TRY(plain.insert(record_of(number)));
      plain_us += microseconds_since(from) / kUpdates;
    }
    const auto from = Ticks::now();
    TRY(at_once(kByWriters, kWriters,
                [&](std::size_t i) { return put(*vault->store, number + i); }));
    const double per_s = kByWriters / (microseconds_since(from) / 1e6);
    number += kByWriters;
    ours.push_back(ours_us);
    theirs.push_back(plain_us);
    together.push_back(per_s);
    plain_to_ours.push_back(plain_us / ours_us);
    times_one.push_back(per_s * ours_us / 1e6);
  }
  return Updates{median(ours), median(theirs), median(together), median(plain_to_ours),
                 median(times_one)};
}

void print_cells(std::size_t cells, const CellTimes& times) {
  std::printf("%9zu %9.3f %9.3f %9.2f %9.0f %9.0f %9.0f\n", cells, times.unlock_s,
              times.unlock_cpu_s, times.read_us, times.heap, times.resident, times.disk);
  std::fflush(stdout);
}

Result<void> print_fields(const std::filesystem::path& below) {
  const FieldSizes sizes = TRY(size_fields(below, kManyFields));
  std::printf(
      "\n%zu fields with short values, as the owner sets them, each under a key of its own (two "
      "cells a field):\n"
      "  the profile's index by name %.0f B a field (aim 200); all of memory %.0f B; disk %.0f B; "
      "unlock and index %.3f s\n",
      kManyFields, sizes.index, sizes.memory, sizes.disk, sizes.load_s);
  std::fflush(stdout);
  return {};
}

Result<void> print_read_rates(const RigPlan& rig) {
  const ReadRates rates = TRY(time_few_and_many(rig));
  std::printf(
      "\nReads at the brand door, %d connections, medians of %zu rounds turn by turn:\n"
      "  vault of %zu fields %.0f /s, of %zu fields %.0f /s   ratio many/few %.2f (aim 0.9 or "
      "more)\n",
      kReadConnections, rates.few.size(), kFewFields, median(rates.few), kManyFields,
      median(rates.many), rates.ratio());
  return {};
}

}  // namespace

Result<void> run_store_bench(const StoreBenchPlan& plan) {
  const Updates updates = TRY(time_updates(plan.rig.below));
  std::printf(
      "One record of %zu bytes, durable, medians of %d rounds, in turns:\n"
      "  sealed update        %8.0f us\n"
      "  plain SQLite insert  %8.0f us   ratio plain/sealed %.2f (aim 0.85 or more)\n"
      "  %zu writers at once  %8.0f /s   %.1f times one (aim 10 or more)\n",
      kRecordBytes, kUpdateRounds, updates.ours_us, updates.plain_us, updates.plain_to_ours,
      kWriters, updates.together_per_s, updates.times_one);
  const DocumentTimes documents = TRY(time_documents(plan.rig.below));
  std::printf(
      "\nA document of %.0f MiB, durable, medians, turn by turn with secretstream and a copy of "
      "the same bytes:\n"
      "  in   %8.0f ms, raw %8.0f ms   ratio raw/ours %.2f (aim 0.7 or more)\n"
      "  out  %8.0f ms, raw %8.0f ms   ratio raw/ours %.2f (aim 0.7 or more)\n",
      documents.mebibytes, documents.in_ms, documents.raw_in_ms,
      documents.raw_in_ms / documents.in_ms, documents.out_ms, documents.raw_out_ms,
      documents.raw_out_ms / documents.out_ms);
  std::printf(
      "\nA vault of N cells of %zu bytes, opened by a credential (no key derivation), medians:\n"
      "  unlock in seconds (aim 0.2 at 100,000, 2 at 1,000,000), and of processor time;\n"
      "  read: one cell found and opened, us (aim 10);\n"
      "  heap, resident, disk: bytes a cell beyond its own (aim 200 each), as malloc counts them, "
      "as the system does, in files\n"
      "%9s %9s %9s %9s %9s %9s %9s\n",
      kCellBytes, "cells", "unlock", "cpu", "read", "heap", "resident", "disk");
  for (const int cells : plan.cells) {
    const auto count = static_cast<std::size_t>(cells);
    const CellTimes times = TRY(time_cells(plan.rig.below, count));
    print_cells(count, times);
  }
  TRY(print_fields(plan.rig.below));
  return print_read_rates(plan.rig);
}

}  // namespace vrm::bench
