#include "vault/api/error.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "vault/base/json.h"

using namespace vrm;
using api::Exit;

namespace {

struct Expected {
  Error error;
  const char* word;
  int status;
  Exit exit;
};

const std::vector<Expected>& table() {
  static const std::vector<Expected> rows = {
      {{ErrorCode::Malformed, "m"}, "malformed", 400, Exit::Usage},
      {{ErrorCode::NotFound, "m"}, "not_found", 404, Exit::NotFound},
      {{ErrorCode::Conflict, "m"}, "conflict", 409, Exit::Conflict},
      {{ErrorCode::Locked, "m"}, "locked", 423, Exit::Locked},
      {{ErrorCode::Denied, "m"}, "denied", 403, Exit::Denied},
      {{ErrorCode::BadKey, "m"}, "bad_key", 401, Exit::BadKey},
      {{ErrorCode::Corrupt, "m"}, "corrupt", 500, Exit::Corrupt},
      {{ErrorCode::Unavailable, "m"}, "unavailable", 503, Exit::Unavailable},
      {{ErrorCode::Io, "m"}, "io", 500, Exit::Failed},
      {refusal(ErrorCode::NotFound, api::kNoVault), "no_vault", 409, Exit::NoVault},
      {refusal(ErrorCode::Unavailable, api::kNoDaemon), "no_daemon", 503, Exit::NoDaemon},
      {refusal(ErrorCode::Unavailable, "daemon.not_ready"), "no_daemon", 503, Exit::NoDaemon},
      {refusal(ErrorCode::Malformed, "input.confirm"), "input_needed", 400, Exit::InputNeeded},
      {refusal(ErrorCode::Conflict, api::kPartial), "partial", 409, Exit::Partial},
  };
  return rows;
}

Error read(const char* text) {
  return api::error_from_json(read_json(text).value());
}

}  // namespace

TEST_SUITE("api/error") {
  TEST_CASE("each error has the word, status and exit of docs/api/owner.md") {
    for (const auto& row : table()) {
      CAPTURE(row.word);
      CHECK(api::to_json(row.error)["error"]["code"] == row.word);
      CHECK(api::to_json(row.error)["error"]["exit"] == static_cast<int>(row.exit));
      CHECK(api::http_status(row.error) == row.status);
      CHECK(api::exit_code(row.error) == row.exit);
    }
  }

  TEST_CASE("an error comes back from the wire as it was") {
    for (const auto& row : table()) {
      CAPTURE(row.word);
      const auto back = api::error_from_json(api::to_json(row.error));
      CHECK(back.code == row.error.code);
      CHECK(back.message == row.error.message);
      CHECK(back.say == row.error.say);
    }
    const auto error = refusal(ErrorCode::Malformed, "a.b", {{"x", "1"}, {"y", "2"}});
    CHECK(api::error_from_json(api::to_json(error)).with == error.with);
  }

  TEST_CASE("an error without a sentence of its own says none") {
    CHECK_FALSE(api::to_json({ErrorCode::Io, "m"})["error"].contains("say"));
    CHECK(read(R"({"error":{"code":"io"}})").say.empty());
  }

  TEST_CASE("the word no_vault alone says which sentence") {
    CHECK(read(R"({"error":{"code":"no_vault"}})").say == api::kNoVault);
  }

  TEST_CASE("a family's word says no sentence, and its keys count only with its code") {
    CHECK(read(R"({"error":{"code":"no_daemon"}})").say.empty());
    CHECK(api::exit_code(refusal(ErrorCode::Denied, "input.said_no")) == Exit::Denied);
  }

  TEST_CASE("what is no error document is an Io, and so is an unknown code") {
    for (const char* text :
         {"[]", "{}", R"({"error":3})", R"({"error":{}})", R"({"error":{"code":4}})",
          R"({"error":{"code":"io","with":[]}})", R"({"error":{"code":"io","say":4}})"}) {
      CAPTURE(text);
      CHECK(read(text).code == ErrorCode::Io);
    }
    CHECK(read(R"({"error":{"code":"from_2030","message":"words"}})").code == ErrorCode::Io);
    CHECK(read(R"({"error":{"code":"from_2030","message":"words"}})").message == "words");
  }

  TEST_CASE("a gap that is no text is left out") {
    CHECK(read(R"({"error":{"code":"io","say":"a.b","with":{"n":3,"x":"y"}}})").with ==
          Gaps{{"x", "y"}});
  }
}
