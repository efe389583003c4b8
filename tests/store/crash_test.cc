// A process that commits is killed at any moment; what it was told is durable is there.

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <random>

#include "tests/store/test_vault.h"

using namespace vrm;         // tests only
using namespace vrm::store;  // tests only

namespace {

// The child: opens the vault and counts up in three places of one job, telling each number it was
// told is done.
[[noreturn]] void count_up(const Options& options, int pipe) {
  SystemDisk disk;
  crypto::SystemRandom random;
  auto attached = Store::attach(disk, random, options);
  if (!attached.ok()) ::_exit(2);
  Store& store = *attached.value();
  if (!store.unlock(credential(), OpenFor::Use).ok()) ::_exit(3);
  std::uint64_t next = store.log_size() + 1;
  for (;; ++next) {
    const std::string text = std::to_string(next);
    const auto done = store.run([&](Txn& txn) -> Result<void> {
      TRY(txn.append_log(bytes_of(text)));
      TRY(txn.write(Table::Grants, row_id(1), kVaultKey, bytes_of(text)));
      TRY(txn.write(Table::Fields, row_id(next % 50), kVaultKey,
                    bytes_of(text + std::string(next % 900, 'x'))));
      if (next % 7 == 0) TRY(txn.make_key());
      return {};
    });
    if (!done.ok()) ::_exit(4);
    if (::write(pipe, &next, sizeof next) != sizeof next) ::_exit(5);
  }
}

// Kills the child after it has acknowledged `after` numbers and `pause_us` more; gives the last
// acknowledged one.
std::uint64_t run_and_kill(const Options& options, int after, useconds_t pause_us) {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    count_up(options, ends[1]);
  }
  REQUIRE(child > 0);
  ::close(ends[1]);
  std::uint64_t acknowledged = 0;
  for (int i = 0; i < after; ++i)
    REQUIRE(::read(ends[0], &acknowledged, sizeof acknowledged) == sizeof acknowledged);
  ::usleep(pause_us);
  REQUIRE(::kill(child, SIGKILL) == 0);
  while (::read(ends[0], &acknowledged, sizeof acknowledged) == sizeof acknowledged) {
  }
  ::close(ends[0]);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFSIGNALED(status));
  return acknowledged;
}

}  // namespace

TEST_SUITE("store/crash") {
  TEST_CASE("nothing acknowledged is lost and nothing is half done after twenty kills") {
    TestVault vault;
    vault.create();
    vault.close();
    std::mt19937 dice(20261121);
    for (int round = 0; round < 20; ++round) {
      CAPTURE(round);
      const std::uint64_t acknowledged = run_and_kill(
          vault.options, 1 + static_cast<int>(dice() % 40), static_cast<useconds_t>(dice() % 3000));
      Store& store = vault.reopen();
      CHECK(must(store.check()).damages.empty());
      // The job in flight may have been committed without an acknowledgement.
      const std::uint64_t last = store.log_size();
      CHECK(last >= acknowledged);
      CHECK(last <= acknowledged + 1);
      CHECK(get(store, Table::Grants, row_id(1)) == std::to_string(last));
      CHECK(log_of(store).back() == std::to_string(last));
      vault.close();
    }
  }

  TEST_CASE("the lock of a killed process holds nobody up, and a living one's pid is told") {
    TestVault vault;
    vault.create();
    vault.close();
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    const pid_t child = ::fork();
    if (child == 0) count_up(vault.options, ends[1]);
    REQUIRE(child > 0);
    std::uint64_t number = 0;
    REQUIRE(::read(ends[0], &number, sizeof number) == sizeof number);
    const auto refused = Store::attach(vault.disk, vault.random, vault.options);
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code == ErrorCode::Conflict);
    CHECK(refused.error().with == Gaps{{"pid", std::to_string(child)}});
    REQUIRE(::kill(child, SIGKILL) == 0);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    ::close(ends[0]);
    ::close(ends[1]);
    CHECK(vault.reopen().log_size() >= 1);
  }
}
