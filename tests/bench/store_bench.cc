#include "tests/bench/store_bench.h"

#include <malloc.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>

#include "tests/bench/at_once.h"
#include "tests/bench/document_bench.h"
#include "tests/bench/latency.h"
#include "tests/bench/machine.h"
#include "tests/bench/plain_table.h"
#include "tests/bench/rig.h"
#include "vault/crypto/system_random.h"
#include "vault/store/store.h"

namespace vrm::bench {
namespace {

using Ticks = std::chrono::steady_clock;

constexpr std::size_t kRecordBytes = 100;
constexpr int kRounds = 9;
constexpr std::size_t kUpdates = 200;  // of a round
constexpr std::size_t kWriters = 64;
constexpr std::size_t kByWriters = 6'400;
constexpr std::size_t kRowsOfAJob = 1'000;
constexpr std::size_t kPointReads = 20'000;

double microseconds_since(Ticks::time_point from) {
  return std::chrono::duration<double, std::micro>(Ticks::now() - from).count();
}

store::Opener credential() {
  return store::Credential{crypto::Secret::copy_of(Bytes(store::kCredentialBytes, 7))};
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

// A vault in a folder of its own.
struct Place {
  TemporaryFolder folder;
  store::SystemDisk disk;
  crypto::SystemRandom random;
  store::Options options;
  std::unique_ptr<store::Store> vault;

  explicit Place(TemporaryFolder made) : folder(std::move(made)) {
    options.folder = folder.path() / "vault";
  }
};

Result<std::unique_ptr<Place>> make_place(const std::filesystem::path& below) {
  TemporaryFolder folder = TRY(TemporaryFolder::make(below));
  auto place = std::make_unique<Place>(std::move(folder));
  place->vault =
      TRY(store::Store::create(place->disk, place->random, place->options, credential()));
  return place;
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
};

// Turn by turn, so that a slow minute of the disk meets both.
Result<Updates> time_updates(const std::filesystem::path& below) {
  const auto place = TRY(make_place(below));
  PlainTable plain = TRY(PlainTable::make(place->folder.path() / "plain.db"));
  std::vector<double> ours;
  std::vector<double> theirs;
  std::uint64_t number = 0;
  for (int round = 0; round < kRounds; ++round) {
    auto from = Ticks::now();
    for (std::size_t i = 0; i < kUpdates; ++i) TRY(put(*place->vault, number + i));
    ours.push_back(microseconds_since(from) / kUpdates);
    from = Ticks::now();
    for (std::size_t i = 0; i < kUpdates; ++i) TRY(plain.insert(record_of(number + i)));
    theirs.push_back(microseconds_since(from) / kUpdates);
    number += kUpdates;
  }
  std::vector<double> together;
  for (int round = 0; round < kRounds; ++round) {
    const auto from = Ticks::now();
    TRY(at_once(kByWriters, kWriters,
                [&](std::size_t i) { return put(*place->vault, number + i); }));
    together.push_back(kByWriters / (microseconds_since(from) / 1e6));
    number += kByWriters;
  }
  return Updates{median(ours), median(theirs), median(together)};
}

Result<void> fill(store::Store& vault, std::size_t cells) {
  for (std::size_t begun = 0; begun < cells; begun += kRowsOfAJob) {
    const auto job = [&](store::Txn& txn) -> Result<void> {
      for (std::size_t i = begun; i < std::min(cells, begun + kRowsOfAJob); ++i) {
        const Bytes record = record_of(i);
        TRY(txn.write(store::Table::Fields, row_id(i), store::kVaultKey, record));
      }
      return {};
    };
    TRY(vault.run(job));
  }
  return {};
}

Result<std::uint64_t> resident() {
  const ProcessUse use = TRY(use_of(getpid()));
  return use.resident_bytes;
}

// p50 of one read, in microseconds.
Result<double> time_point_reads(const store::Store& vault, std::size_t cells) {
  std::vector<double> rounds;
  std::uint64_t drawn = 1;
  for (int round = 0; round < kRounds; ++round) {
    const auto from = Ticks::now();
    for (std::size_t i = 0; i < kPointReads; ++i) {
      drawn = drawn * 6364136223846793005ULL + 1442695040888963407ULL;
      TRY(vault.read(store::Table::Fields, row_id((drawn >> 33) % cells)));
    }
    rounds.push_back(microseconds_since(from) / kPointReads);
  }
  return median(rounds);
}

Result<void> time_vault(const std::filesystem::path& below, std::size_t cells) {
  const auto place = TRY(make_place(below));
  const std::uint64_t empty = bytes_below(place->options.folder);
  TRY(fill(*place->vault, cells));
  place->vault.reset();
  ::malloc_trim(0);
  const std::uint64_t on_disk = bytes_below(place->options.folder) - empty;
  std::vector<double> unlocks;
  std::uint64_t held = 0;
  for (int round = 0; round < 5; ++round) {
    place->vault.reset();
    ::malloc_trim(0);
    const std::uint64_t before = TRY(resident());
    place->vault = TRY(store::Store::attach(place->disk, place->random, place->options));
    const auto from = Ticks::now();
    TRY(place->vault->unlock(credential(), store::OpenFor::Use));
    unlocks.push_back(microseconds_since(from) / 1e6);
    const std::uint64_t after = TRY(resident());
    held = std::max(held, after - std::min(after, before));
  }
  const double read_us = TRY(time_point_reads(*place->vault, cells));
  const double count = static_cast<double>(cells);
  std::printf("%9zu %9.3f %9.2f %9.0f %9.0f\n", cells, median(unlocks), read_us,
              static_cast<double>(held) / count - kRecordBytes,
              static_cast<double>(on_disk) / count - kRecordBytes);
  std::fflush(stdout);
  return {};
}

}  // namespace

Result<void> run_store_bench(const StoreBenchPlan& plan) {
  const Updates updates = TRY(time_updates(plan.below));
  std::printf(
      "One record of %zu bytes, durable, medians of %d rounds, turn by turn:\n"
      "  sealed update        %8.0f us\n"
      "  plain SQLite insert  %8.0f us   ratio plain/sealed %.2f (aim 0.85 or more)\n"
      "  %zu writers at once  %8.0f /s   %.1f times one (aim 10 or more)\n",
      kRecordBytes, kRounds, updates.ours_us, updates.plain_us, updates.plain_us / updates.ours_us,
      kWriters, updates.together_per_s, updates.together_per_s * updates.ours_us / 1e6);
  const DocumentTimes documents = TRY(time_documents(plan.below));
  std::printf(
      "\nA document of %.0f MiB, durable, medians, turn by turn with secretstream and a copy of "
      "the "
      "same bytes:\n"
      "  in   %8.0f ms, raw %8.0f ms   ratio raw/ours %.2f (aim 0.7 or more)\n"
      "  out  %8.0f ms, raw %8.0f ms   ratio raw/ours %.2f (aim 0.7 or more)\n",
      documents.mebibytes, documents.in_ms, documents.raw_in_ms,
      documents.raw_in_ms / documents.in_ms, documents.out_ms, documents.raw_out_ms,
      documents.raw_out_ms / documents.out_ms);
  std::printf(
      "\nA vault of N cells of %zu bytes, opened by a credential (no key derivation), medians of "
      "5:\n"
      "  unlock in seconds (aim 0.2 at 100,000, 2 at 1,000,000); read: one cell found and opened, "
      "us (aim 10);\n"
      "  memory, disk: bytes a cell beyond its own (aim 200 each)\n"
      "%9s %9s %9s %9s %9s\n",
      kRecordBytes, "cells", "unlock", "read", "memory", "disk");
  for (const int cells : plan.cells) TRY(time_vault(plan.below, static_cast<std::size_t>(cells)));
  return {};
}

}  // namespace vrm::bench
