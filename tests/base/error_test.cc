#include "vault/base/error.h"

#include <doctest/doctest.h>

#include <set>
#include <string>

using vrm::Error;
using vrm::ErrorCode;
using vrm::refusal;
using vrm::to_string;

TEST_SUITE("base/error") {
  TEST_CASE("every code has a word of its own, as docs/api/owner.md names it") {
    CHECK(to_string(ErrorCode::Malformed) == "malformed");
    CHECK(to_string(ErrorCode::NotFound) == "not_found");
    CHECK(to_string(ErrorCode::Conflict) == "conflict");
    CHECK(to_string(ErrorCode::Locked) == "locked");
    CHECK(to_string(ErrorCode::Denied) == "denied");
    CHECK(to_string(ErrorCode::BadKey) == "bad_key");
    CHECK(to_string(ErrorCode::Corrupt) == "corrupt");
    CHECK(to_string(ErrorCode::Unavailable) == "unavailable");
    CHECK(to_string(ErrorCode::Io) == "io");
  }

  TEST_CASE("an error that only developers read names no sentence") {
    const Error error{ErrorCode::Io, "cannot write"};
    CHECK(error.say.empty());
    CHECK(error.with.empty());
  }

  TEST_CASE("a refusal carries the key of its sentence, what fills it, and words for logs") {
    const Error error = refusal(ErrorCode::NotFound, "grant.unknown", {{"id", "gr_7F2K"}});
    CHECK(error.code == ErrorCode::NotFound);
    CHECK(error.say == "grant.unknown");
    REQUIRE(error.with.size() == 1);
    CHECK(error.with[0].second == "gr_7F2K");
    CHECK(error.message == "grant.unknown id=`gr_7F2K`");
  }

  TEST_CASE("what someone else wrote cannot drive the terminal that shows the log's words") {
    const Error error = refusal(ErrorCode::Malformed, "k", {{"typed", "a\x1B[2J\nb"}});
    CHECK(error.message == "k typed=`a\xEF\xBF\xBD[2J b`");
    CHECK(error.with[0].second == "a\x1B[2J\nb");
  }
}
