#include "vault/base/system_error.h"

#include <doctest/doctest.h>

#include <cerrno>

using namespace vrm;

TEST_SUITE("base/system_error") {
  TEST_CASE("what a person can do something about has a sentence and its path") {
    for (const int number : {EACCES, EPERM, EROFS, ENOSPC, EDQUOT, ENOTDIR, EISDIR, ELOOP, EIO}) {
      CAPTURE(number);
      const auto error = system_refusal("opening", "/v/vault.db", number);
      CHECK(error.code == ErrorCode::Io);
      CHECK(error.say == key_of_errno(number));
      CHECK(error.say.starts_with("file."));
      REQUIRE(error.with.size() == 1);
      CHECK(error.with[0].second == "/v/vault.db");
    }
    CHECK(key_of_errno(EACCES) == "file.no_access");
    CHECK(key_of_errno(ENOSPC) == "file.no_room");
  }

  TEST_CASE("anything else is told in the system's own words") {
    const auto error = system_refusal("opening", "/v/vault.db", EMFILE);
    CHECK(error.say.empty());
    CHECK(error.message.starts_with("opening /v/vault.db: "));
  }
}
