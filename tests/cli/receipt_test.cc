// What `vrm receipt check` sends of what it is given.

#include <doctest/doctest.h>

#include "tests/cli/documents.h"
#include "tests/cli/fake_daemon.h"
#include "tests/cli/run_vrm.h"

using namespace vrm::cli_test;

namespace {

Ran check(const FakeDaemon& daemon, const std::string& file, const How& how = {}) {
  return run_vrm({"receipt", "check", file, "--vault", daemon.folder().path()}, how);
}

}  // namespace

TEST_SUITE("cli/receipt") {
  TEST_CASE("a receipt is sent as one word, however its lines were broken") {
    FakeDaemon daemon;
    daemon.answer("POST /v1/receipts/check", receipt_with("true", "41", "false"));
    const auto file = daemon.folder().file("r", "eyJh\r\n\teyJ  b.c2ln\n\n");
    CHECK(check(daemon, file).exit == 0);
    CHECK(daemon.asked().back().body == R"({"receipt":"eyJheyJb.c2ln"})");
    How piped;
    piped.input = " eyJh\neyJb.c2ln";
    CHECK(check(daemon, "-", piped).exit == 0);
    CHECK(daemon.asked().back().body == R"({"receipt":"eyJheyJb.c2ln"})");
  }

  TEST_CASE("what is no text is refused by the daemon, and what is too long is not sent") {
    FakeDaemon daemon;
    daemon.answer("POST /v1/receipts/check", receipt_refused("malformed", "malformed"), 400);
    How piped;
    piped.input = std::string("\0\xff\"\\", 4);
    CHECK(check(daemon, "-", piped).exit == 2);
    const auto sent = daemon.asked().size();
    CHECK(check(daemon, daemon.folder().file("long", std::string(100'000, 'A'))).exit == 2);
    CHECK(daemon.asked().size() == sent);
  }
}
