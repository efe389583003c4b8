#include "tests/bench/answer_reader.h"

#include <doctest/doctest.h>

using vrm::bench::AnswerReader;
using State = AnswerReader::State;

namespace {

constexpr std::string_view kAnswer =
    "HTTP/1.1 200 OK\r\nDPoP-Nonce: abc\r\ncontent-length:  5\r\n\r\nhello";

}  // namespace

TEST_SUITE("bench/answer_reader") {
  TEST_CASE("an answer is whole when the promised bytes are there, however it is cut") {
    for (std::size_t cut = 1; cut < kAnswer.size(); ++cut) {
      CAPTURE(cut);
      AnswerReader reader;
      CHECK(reader.take(kAnswer.substr(0, cut)) == State::Partial);
      CHECK(reader.take(kAnswer.substr(cut)) == State::Complete);
      CHECK(reader.status() == 200);
      CHECK(reader.body() == "hello");
    }
  }

  TEST_CASE("the next answer starts afresh") {
    AnswerReader reader;
    CHECK(reader.take(kAnswer) == State::Complete);
    reader.start_next();
    CHECK(reader.take("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n") == State::Complete);
    CHECK(reader.status() == 401);
    CHECK(reader.body().empty());
  }

  TEST_CASE("an answer without content needs no length") {
    AnswerReader reader;
    CHECK(reader.take("HTTP/1.1 204 No Content\r\n\r\n") == State::Complete);
  }

  TEST_CASE("what cannot be counted is broken") {
    for (const std::string_view text :
         {"HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n",
          "SSH-2.0-OpenSSH\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nab",
          "HTTP/1.1 200 OK\r\nX-Content-Length: 0\r\n\r\n"}) {
      CAPTURE(text);
      AnswerReader reader;
      CHECK(reader.take(text) == State::Broken);
    }
  }
}
