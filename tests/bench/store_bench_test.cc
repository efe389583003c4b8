#include "tests/bench/store_bench.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <memory>

#include "tests/bench/bench_vault.h"
#include "tests/bench/cells_bench.h"
#include "tests/bench/few_and_many.h"
#include "tests/bench/machine.h"

namespace bench = vrm::bench;

TEST_SUITE("bench/store") {
  TEST_CASE("the heap is what is given out, wherever malloc takes it from") {
    for (const std::size_t bytes : {std::size_t{100} << 10, std::size_t{100} << 20}) {
      const std::uint64_t before = bench::heap_bytes();
      {
        const auto held = std::make_unique<char[]>(bytes);
        CHECK(bench::heap_bytes() >= before + bytes);
        CHECK(bench::heap_bytes() < before + bytes + bytes / 10 + 4096);
      }
      CHECK(bench::heap_bytes() < before + bytes);
    }
  }

  TEST_CASE("cells are counted in memory and on the disk, and all of them are read") {
    const auto times = bench::time_cells(std::filesystem::temp_directory_path(), 2000);
    REQUIRE(times.ok());
    // Sealed, a cell is longer than its record.
    CHECK(times.value().heap > 60);
    CHECK(times.value().disk > 60);
    CHECK(times.value().unlock_s > 0);
    CHECK(times.value().read_us > 0);
  }

  TEST_CASE("a field takes room in the index, and more with its cells") {
    const auto sizes = bench::size_fields(std::filesystem::temp_directory_path(), 200);
    REQUIRE(sizes.ok());
    CHECK(sizes.value().index > 50);
    CHECK(sizes.value().memory > sizes.value().index);
    CHECK(sizes.value().disk > 200);
  }

  TEST_CASE("a vault that was attached anew opens with what was written") {
    const auto made = bench::BenchVault::make(std::filesystem::temp_directory_path());
    REQUIRE(made.ok());
    bench::BenchVault& vault = *made.value();
    const vrm::store::RowId id{1};
    const vrm::Bytes record(10, 1);
    REQUIRE(vault.store
                ->run([&](vrm::store::Txn& txn) {
                  return txn.write(vrm::store::Table::Fields, id, vrm::store::kVaultKey, record);
                })
                .ok());
    REQUIRE(vault.attach().ok());
    CHECK_FALSE(vault.store->read(vrm::store::Table::Fields, id).ok());
    REQUIRE(vault.unlock().ok());
    CHECK(vault.store->read(vrm::store::Table::Fields, id).ok());
  }

  TEST_CASE("rates are compared round by round") {
    // A minute in which all was twice as slow changes nothing.
    CHECK(bench::ReadRates{.few = {100, 50, 100}, .many = {90, 45, 10}}.ratio() ==
          doctest::Approx(0.9));
  }
}
