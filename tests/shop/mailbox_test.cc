#include "examples/shop/mailbox.h"

#include <doctest/doctest.h>

#include <future>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>

#include "examples/shop/envelope.h"
#include "vault/base/json.h"
#include "vault/crypto/system_random.h"

using vrm::Duration;
using vrm::ErrorCode;
using vrm::shop::Mailbox;
using vrm::shop::Parcel;
using vrm::shop::read_answer;
using vrm::shop::Request;
using vrm::shop::Response;

namespace {

constexpr Duration kLong = std::chrono::seconds(30);
constexpr Duration kShort = Duration(20);

Request asking(const std::string& path) {
  return {"GET", path, "", {{"dpop", "proof"}}, ""};
}

std::future<vrm::Result<Response>> in_the_background(Mailbox& mailbox, Request request) {
  return std::async(std::launch::async, [&mailbox, request = std::move(request)] {
    return mailbox.pass_on("abc", request);
  });
}

nlohmann::json json_of(std::string_view text) {
  return vrm::read_json(text).value();
}

nlohmann::json plain_answer() {
  return json_of(R"({"id":"1","status":200,"body":"e30",
      "headers":[["Content-Type","application/json"],["DPoP-Nonce","n"]]})");
}

}  // namespace

TEST_SUITE("shop/mailbox") {
  TEST_CASE("a request is collected once, and its answer comes back to who asked") {
    vrm::crypto::SystemRandom random;
    Mailbox mailbox(kLong, random);
    auto asked = in_the_background(mailbox, asking("/v/abc/token"));
    const auto parcels = mailbox.collect("abc");
    REQUIRE(parcels.size() == 1);
    CHECK(parcels[0].request.path == "/v/abc/token");
    REQUIRE(mailbox.answer("abc", parcels[0].id, {200, {}, "hello"}).ok());
    const auto answer = asked.get();
    REQUIRE(answer.ok());
    CHECK(answer.value().body == "hello");
    CHECK(!mailbox.answer("abc", parcels[0].id, {200, {}, "again"}).ok());
  }

  TEST_CASE("two requests at once keep their own answers, whichever comes first") {
    vrm::crypto::SystemRandom random;
    Mailbox mailbox(kLong, random);
    auto one = in_the_background(mailbox, asking("/v/abc/one"));
    auto two = in_the_background(mailbox, asking("/v/abc/two"));
    std::vector<Parcel> parcels;
    while (parcels.size() < 2) {
      for (Parcel& parcel : mailbox.collect("abc")) parcels.push_back(std::move(parcel));
    }
    CHECK(parcels[0].id != parcels[1].id);
    for (auto parcel = parcels.rbegin(); parcel != parcels.rend(); ++parcel) {
      REQUIRE(mailbox.answer("abc", parcel->id, {200, {}, parcel->request.path}).ok());
    }
    CHECK(one.get().value().body == "/v/abc/one");
    CHECK(two.get().value().body == "/v/abc/two");
  }

  TEST_CASE(
      "what a vault took and never answered is given out again, and what it answered is not") {
    vrm::crypto::SystemRandom random;
    Mailbox mailbox(kLong, random, kShort);
    auto asked = in_the_background(mailbox, asking("/v/abc/token"));
    const auto lost = mailbox.collect("abc");
    REQUIRE(lost.size() == 1);
    const auto again = mailbox.collect("abc");
    REQUIRE(again.size() == 1);
    CHECK(again[0].id == lost[0].id);
    REQUIRE(mailbox.answer("abc", again[0].id, {200, {}, "hello"}).ok());
    CHECK(asked.get().ok());
    auto idle = std::async(std::launch::async, [&] { return mailbox.collect("abc"); });
    CHECK(idle.wait_for(3 * kShort) == std::future_status::timeout);
    mailbox.close();
    CHECK(idle.get().empty());
  }

  TEST_CASE("nobody waits longer than the mailbox holds") {
    vrm::crypto::SystemRandom random;
    Mailbox mailbox(kShort, random);
    CHECK(mailbox.collect("abc").empty());
    const auto late = mailbox.pass_on("abc", asking("/"));
    REQUIRE(!late.ok());
    CHECK(late.error().code == ErrorCode::Unavailable);
    CHECK(mailbox.collect("abc").empty());
  }

  TEST_CASE("an answer of another vault, or to nothing, or before it was collected is refused") {
    vrm::crypto::SystemRandom random;
    Mailbox mailbox(kLong, random);
    auto asked = in_the_background(mailbox, asking("/"));
    const auto parcels = mailbox.collect("abc");
    REQUIRE(parcels.size() == 1);
    CHECK(!mailbox.answer("other", parcels[0].id, {200}).ok());
    CHECK(!mailbox.answer("abc", "nothing", {200}).ok());
    mailbox.close();
    CHECK(!asked.get().ok());
    CHECK(!mailbox.answer("abc", parcels[0].id, {200}).ok());
  }

  TEST_CASE("a newer poll takes the place of an older one, which loses nothing") {
    vrm::crypto::SystemRandom random;
    Mailbox mailbox(kLong, random);
    auto one = std::async(std::launch::async, [&] { return mailbox.collect("abc"); });
    auto two = std::async(std::launch::async, [&] { return mailbox.collect("abc"); });
    const auto ended = [](const auto& poll) {
      return poll.wait_for(Duration(0)) == std::future_status::ready;
    };
    while (!ended(one) && !ended(two)) std::this_thread::yield();
    auto& newer = ended(one) ? two : one;
    auto& older = ended(one) ? one : two;
    CHECK(older.get().empty());
    auto asked = in_the_background(mailbox, asking("/"));
    CHECK(newer.get().size() == 1);
    mailbox.close();
    CHECK(!asked.get().ok());
  }

  TEST_CASE("a vault's queue is bounded, and so is an envelope") {
    vrm::crypto::SystemRandom random;
    Mailbox mailbox(kLong, random);
    Request large = asking("/");
    large.body.assign(100 * 1024, 'x');
    const auto refused = mailbox.pass_on("abc", large);
    REQUIRE(!refused.ok());
    CHECK(refused.error().code == ErrorCode::Denied);

    large.body.assign(60 * 1024, 'x');
    auto one = in_the_background(mailbox, large);
    auto two = in_the_background(mailbox, large);
    std::size_t calls = 0;
    for (std::size_t got = 0; got < 2; ++calls) {
      const auto parcels = mailbox.collect("abc");
      got += parcels.size();
      CHECK(vrm::shop::write_requests(parcels).size() <= vrm::shop::kMostEnvelopeBytes);
    }
    CHECK(calls == 2);
    mailbox.close();
    CHECK(!one.get().ok());
    CHECK(!two.get().ok());
  }

  TEST_CASE("too many requests for one vault are refused at once") {
    vrm::crypto::SystemRandom random;
    Mailbox mailbox(kLong, random);
    std::vector<std::future<vrm::Result<Response>>> waiting;
    for (std::size_t i = 0; i < vrm::shop::kMostWaiting; ++i) {
      waiting.push_back(in_the_background(mailbox, asking("/")));
    }
    std::size_t collected = 0;
    while (collected < waiting.size()) collected += mailbox.collect("abc").size();
    const auto refused = mailbox.pass_on("abc", asking("/"));
    REQUIRE(!refused.ok());
    CHECK(refused.error().code == ErrorCode::Denied);
    mailbox.close();
  }

  TEST_CASE("an envelope tells each request whole") {
    const std::vector<Parcel> parcels = {
        {"id-1", {"POST", "/v/abc/token", "a=b", {{"dpop", "p\"q"}}, "bo\ndy"}}};
    const std::string text = vrm::shop::write_requests(parcels);
    const auto json = vrm::read_json(text);
    REQUIRE(json.ok());
    const nlohmann::json wanted = json_of(
        R"({"requests":[{"id":"id-1","method":"POST","path":"/v/abc/token","query":"a=b",
            "headers":[["dpop","p\"q"]],"body":"Ym8KZHk"}]})");
    CHECK(json.value() == wanted);
    CHECK(text.size() <= 20 + vrm::shop::envelope_bytes(parcels[0]));
  }

  TEST_CASE("an answer is read strictly, without what is about the connection") {
    nlohmann::json answer = plain_answer();
    answer["headers"].push_back(json_of(R"(["Transfer-Encoding","chunked"])"));
    answer["headers"].push_back(json_of(R"(["Content-Length","9"])"));
    const auto read = read_answer(answer);
    REQUIRE(read.ok());
    CHECK(read.value().response.body == "{}");
    REQUIRE(read.value().response.headers.size() == 2);
    CHECK(read.value().response.headers[1].first == "dpop-nonce");
    for (const char* patch :
         {R"({"id":null})", R"({"status":99})", R"({"status":101})", R"({"status":600})",
          R"({"status":"200"})", R"({"body":"e30="})", R"({"body":"%"})", R"({"headers":"none"})",
          R"({"headers":[["only"]]})", R"({"headers":[["a",1]]})", R"({"headers":[["a b","c"]]})",
          R"({"headers":[["","c"]]})", R"({"headers":[["a","b\r\nset-cookie: c"]]})"}) {
      CAPTURE(patch);
      nlohmann::json bent = plain_answer();
      bent.merge_patch(json_of(patch));
      CHECK(!read_answer(bent).ok());
    }
  }
}
