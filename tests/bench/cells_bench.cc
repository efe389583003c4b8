#include "tests/bench/cells_bench.h"

#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "tests/bench/bench_vault.h"
#include "tests/bench/latency.h"
#include "tests/bench/machine.h"
#include "vault/base/clock.h"
#include "vault/profile/profile.h"

namespace vrm::bench {
namespace {

using Ticks = std::chrono::steady_clock;

constexpr int kUnlocks = 5;
constexpr int kReadRounds = 9;
constexpr std::size_t kPointReads = 20'000;  // of a round
constexpr std::size_t kOfAJob = 1'000;
constexpr std::size_t kValueBytes = 20;  // of a field

double seconds_since(Ticks::time_point from) {
  return std::chrono::duration<double>(Ticks::now() - from).count();
}

// Numbers that are spread as random ids are.
store::RowId cell_id(std::uint64_t number) {
  store::RowId id{};
  for (std::uint8_t& byte : id) {
    number = number * 6364136223846793005ULL + 1442695040888963407ULL;
    byte = static_cast<std::uint8_t>(number >> 56);
  }
  return id;
}

Bytes cell_of(std::uint64_t number) {
  Bytes record(kCellBytes, 'x');
  for (std::size_t i = 0; i < 8; ++i) record[i] = static_cast<std::uint8_t>(number >> (8 * i));
  return record;
}

// `once` for each of 0 … count - 1, many in a job.
template <typename Once>
Result<void> in_jobs(store::Store& store, std::size_t count, const Once& once) {
  for (std::size_t begun = 0; begun < count; begun += kOfAJob) {
    const auto job = [&](store::Txn& txn) -> Result<void> {
      for (std::size_t i = begun; i < std::min(count, begun + kOfAJob); ++i) TRY(once(txn, i));
      return {};
    };
    TRY(store.run(job));
  }
  return {};
}

// What the process holds now, beside what it held at some time before.
struct Held {
  double heap = 0;
  double resident = 0;

  static Result<Held> now() {
    const ProcessUse use = TRY(use_of(getpid()));
    return Held{static_cast<double>(heap_bytes()), static_cast<double>(use.resident_bytes)};
  }
  Held since(const Held& before) const { return {heap - before.heap, resident - before.resident}; }
};

Result<double> time_point_reads(const store::Store& store, std::size_t cells) {
  std::vector<double> rounds;
  std::uint64_t drawn = 1;
  for (int round = 0; round < kReadRounds; ++round) {
    const auto from = Ticks::now();
    for (std::size_t i = 0; i < kPointReads; ++i) {
      drawn = drawn * 6364136223846793005ULL + 1442695040888963407ULL;
      TRY(store.read(store::Table::Fields, cell_id((drawn >> 33) % cells)));
    }
    rounds.push_back(seconds_since(from) * 1e6 / kPointReads);
  }
  return median(rounds);
}

}  // namespace

Result<CellTimes> time_cells(const std::filesystem::path& below, std::size_t cells) {
  const auto vault = TRY(BenchVault::make(below));
  const std::uint64_t empty = bytes_below(vault->options.folder);
  TRY(in_jobs(*vault->store, cells, [](store::Txn& txn, std::size_t i) {
    return txn.write(store::Table::Fields, cell_id(i), store::kVaultKey, cell_of(i));
  }));
  vault->store.reset();  // all of it lies in the file then
  const auto of_a_cell = [&](double all) { return all / static_cast<double>(cells) - kCellBytes; };
  CellTimes times;
  times.disk = of_a_cell(static_cast<double>(bytes_below(vault->options.folder) - empty));
  std::vector<double> unlocks;
  std::vector<double> cpu;
  Held most;
  for (int round = 0; round < kUnlocks; ++round) {
    vault->store.reset();
    ::malloc_trim(0);
    const Held before = TRY(Held::now());
    TRY(vault->attach());
    const double cpu_before = own_cpu_seconds();
    const auto from = Ticks::now();
    TRY(vault->unlock());
    unlocks.push_back(seconds_since(from));
    cpu.push_back(own_cpu_seconds() - cpu_before);
    const Held now = TRY(Held::now());
    const Held grown = now.since(before);
    most = {std::max(most.heap, grown.heap), std::max(most.resident, grown.resident)};
  }
  times.unlock_s = median(unlocks);
  times.unlock_cpu_s = median(cpu);
  times.heap = of_a_cell(most.heap);
  times.resident = of_a_cell(most.resident);
  times.read_us = TRY(time_point_reads(*vault->store, cells));
  return times;
}

Result<FieldSizes> size_fields(const std::filesystem::path& below, std::size_t fields) {
  const auto vault = TRY(BenchVault::make(below));
  const profile::Catalogue catalogue = TRY(profile::Catalogue::embedded());
  const SystemClock clock;
  const std::uint64_t empty = bytes_below(vault->options.folder);
  {
    profile::Profile profile(*vault->store, catalogue, vault->random);
    const std::string value(kValueBytes, 'x');
    TRY(in_jobs(*vault->store, fields, [&](store::Txn& txn, std::size_t i) {
      return profile.set(txn, "bench.field_" + std::to_string(i), value, "self", clock.now());
    }));
  }
  vault->store.reset();
  FieldSizes sizes;
  const auto count = static_cast<double>(fields);
  sizes.disk =
      static_cast<double>(bytes_below(vault->options.folder) - empty) / count - kValueBytes;
  ::malloc_trim(0);
  const Held before = TRY(Held::now());
  TRY(vault->attach());
  const auto from = Ticks::now();
  TRY(vault->unlock());
  const Held unlocked = TRY(Held::now());
  profile::Profile profile(*vault->store, catalogue, vault->random);
  TRY(profile.load());
  sizes.load_s = seconds_since(from);
  const Held loaded = TRY(Held::now());
  sizes.index = loaded.since(unlocked).heap / count;
  // Keys lie in guarded pages of their own, which are not of the heap.
  sizes.memory = std::max(loaded.since(before).heap, loaded.since(before).resident) / count;
  return sizes;
}

}  // namespace vrm::bench
