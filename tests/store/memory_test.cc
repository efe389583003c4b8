// Memory runs out at any allocation. An allocation of ours that fails ends the process, as a kill would; one of SQLite's
// is a refusal. Either way what was acknowledged is there, and the files are whole.

#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <new>
#include <random>

#include "tests/store/test_vault.h"
#include "tests/support/store_content.h"

// Sanitizers bring allocators of their own.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define VRM_SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define VRM_SANITIZED
#endif
#endif

#ifndef VRM_SANITIZED

namespace {

// Counts allocations while it is armed; from the wanted one on, one or all of them fail.
struct Countdown {
  std::atomic<bool> armed{false};
  std::atomic<std::uint64_t> seen{0};
  std::uint64_t at = UINT64_MAX;
  bool for_ever = false;

  bool fails() {
    if (!armed) return false;
    const std::uint64_t number = ++seen;
    return number == at || (for_ever && number > at);
  }
};

Countdown ours;
Countdown sqlites;

void* allocate(std::size_t size) {
  void* memory = ours.fails() ? nullptr : std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

sqlite3_mem_methods usual;

void* sqlite_allocate(int size) {
  return sqlites.fails() ? nullptr : usual.xMalloc(size);
}
void* sqlite_reallocate(void* memory, int size) {
  return sqlites.fails() ? nullptr : usual.xRealloc(memory, size);
}

}  // namespace

void* operator new(std::size_t size) {
  return allocate(size);
}
void* operator new[](std::size_t size) {
  return allocate(size);
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete[](void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
  std::free(memory);
}

using namespace vrm;         // tests only
using namespace vrm::store;  // tests only

namespace {

// Files need not survive the machine here.
std::filesystem::path fast_folder() {
  const std::filesystem::path memory = "/dev/shm";
  return std::filesystem::exists(memory) ? memory : std::filesystem::temp_directory_path();
}

void take_away_sqlites_memory() {
  sqlite3_shutdown();
  sqlite3_config(SQLITE_CONFIG_GETMALLOC, &usual);
  sqlite3_mem_methods failing = usual;
  failing.xMalloc = sqlite_allocate;
  failing.xRealloc = sqlite_reallocate;
  sqlite3_config(SQLITE_CONFIG_MALLOC, &failing);
}

struct Told {
  std::uint64_t acknowledged = 0;
  std::uint64_t allocations = 0;
};

void tell(int pipe, const Told& told) {
  if (::write(pipe, &told, sizeof told) != sizeof told) ::_exit(5);
}

Result<void> write_number(Store& store, std::uint64_t number) {
  const std::string text = std::to_string(number);
  return store.run([&](Txn& txn) -> Result<void> {
    TRY(txn.append_log(bytes_of(text)));
    TRY(txn.write(Table::Grants, row_id(1), kVaultKey, bytes_of(text)));
    const KeyId key = TRY(txn.make_key());
    TRY(txn.write(Table::Fields, row_id(number % 9), key, bytes_of(std::string(900, 'x'))));
    if (number % 3 == 0) TRY(txn.destroy_key(key));
    return {};
  });
}

// The child. Ends by 0: did all it wanted, or was refused cleanly; 7: the vault it had was damaged.
[[noreturn]] void work(const Options& options, Countdown& countdown, int pipe) noexcept {
  ::signal(SIGABRT, SIG_DFL);
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  ::dup2(::open("/dev/null", O_WRONLY), 2);
  take_away_sqlites_memory();
  SystemDisk disk;
  crypto::SystemRandom random;
  countdown.armed = true;
  auto attached = Store::attach(disk, random, options);
  if (!attached.ok()) ::_exit(0);
  std::unique_ptr<Store> held = std::move(attached).value();
  Store& store = *held;
  if (!store.unlock(credential(), OpenFor::Use).ok()) ::_exit(0);
  Told told;
  for (int i = 0; i < 5; ++i) {
    const std::uint64_t number = store.log_size() + 1;
    if (!write_number(store, number).ok()) continue;
    told = {number, countdown.seen};
    tell(pipe, told);
  }
  const auto report = store.check();
  if (report.ok() && !report.value().damages.empty()) ::_exit(7);
  held.reset();
  countdown.armed = false;
  told.allocations = countdown.seen;
  tell(pipe, told);
  ::_exit(0);
}

struct Ended {
  Told told;
  bool aborted = false;
};

Ended run_child(const Options& options, Countdown& countdown, std::uint64_t at, bool for_ever) {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  countdown.at = at;
  countdown.for_ever = for_ever;
  const pid_t child = ::fork();
  if (child == 0) work(options, countdown, ends[1]);
  REQUIRE(child > 0);
  ::close(ends[1]);
  Ended ended;
  while (::read(ends[0], &ended.told, sizeof ended.told) == sizeof ended.told) {
  }
  ::close(ends[0]);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  ended.aborted = WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
  if (!ended.aborted) {
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
  }
  return ended;
}

// All that one job writes says the same number.
bool is_whole(const testing::StoreContent& left) {
  const std::string last = std::to_string(left.log.size());
  return left.log.back() == last && left.rows.at({Table::Grants, row_id(1)}) == last;
}

struct RanOut {
  std::size_t times = 0;
  std::size_t aborted = 0;  // of these
};

// Runs out at allocations that are drawn, of `countdown`, or at all of them.
RanOut run_out(Countdown& countdown, std::size_t wanted) {
  TempFolder folder(fast_folder());
  TestVault vault(folder.path() / "vault");
  vault.create();
  for (std::uint64_t i = 1; i <= 5; ++i) must(write_number(*vault.store, i));
  vault.close();
  const Options spoilt{.folder = folder.path() / "spoilt"};
  const auto copy = [&] {
    std::filesystem::remove_all(spoilt.folder);
    std::filesystem::copy(vault.options.folder, spoilt.folder);
  };
  copy();
  const Ended whole = run_child(spoilt, countdown, UINT64_MAX, false);
  REQUIRE(whole.told.acknowledged == 10);
  const std::uint64_t all = whole.told.allocations;
  std::mt19937_64 dice(testing::cases("VRM_SEED", 20261122));
  std::size_t aborted = 0;
  const std::size_t points = std::min<std::size_t>(wanted, all * 2);
  for (std::size_t i = 0; i < points; ++i) {
    const std::uint64_t at = points == all * 2 ? 1 + i / 2 : 1 + dice() % all;
    CAPTURE(at);
    copy();
    const Ended ended = run_child(spoilt, countdown, at, i % 2 == 1);
    if (ended.aborted) ++aborted;
    SystemDisk disk;
    const auto found = testing::verified(disk, spoilt, credential());
    if (!found.ok()) FAIL_CHECK(testing::said(found.error()));
    if (!found.ok()) continue;
    CHECK(found.value().log.size() >= std::max<std::uint64_t>(ended.told.acknowledged, 5));
    CHECK(is_whole(found.value()));
  }
  MESSAGE(points << " of " << all << " allocations, once and for ever; " << aborted
                 << " ended the process");
  return {points, aborted};
}

}  // namespace

TEST_SUITE("store/memory") {
  TEST_CASE("an allocation of ours that fails ends the process and loses nothing acknowledged") {
    const RanOut ran = run_out(ours, testing::cases("VRM_IO_ERRORS", 300) * 2 / 3);
    CHECK(ran.aborted > ran.times / 2);
  }
  TEST_CASE("an allocation of SQLite's that fails is a refusal, and never a false success") {
    CHECK(run_out(sqlites, testing::cases("VRM_IO_ERRORS", 300) * 2 / 3).aborted == 0);
  }
}

#endif
