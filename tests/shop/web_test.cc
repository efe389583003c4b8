#include "examples/shop/web.h"

#include <doctest/doctest.h>

using vrm::shop::form_encoded;
using vrm::shop::url_from_text;

TEST_SUITE("shop/web") {
  TEST_CASE("an address is an origin and a path") {
    const auto url = url_from_text("https://vault.example:8443/v/Yk3v/token");
    REQUIRE(url.ok());
    CHECK(url.value().origin == "https://vault.example:8443");
    CHECK(url.value().path == "/v/Yk3v/token");
    CHECK(url_from_text("https://vault.example").value().path == "/");
  }

  TEST_CASE("plain http reaches this machine only") {
    CHECK(url_from_text("http://127.0.0.1:7610/v/a").ok());
    CHECK(url_from_text("http://localhost/v/a").ok());
    CHECK(url_from_text("http://[::1]:7610/v/a").ok());
    CHECK(!url_from_text("http://vault.example/v/a").ok());
    CHECK(!url_from_text("http://127.0.0.1.evil.example/v/a").ok());
    CHECK(!url_from_text("http://localhost.evil.example/v/a").ok());
  }

  TEST_CASE("what is no plain address is refused") {
    for (const char* text :
         {"", "vault.example", "ftp://vault.example/", "https://", "https:///v/a",
          "https://user:pass@vault.example/", "https://vault.example/?a=b",
          "https://vault.example/#a", "https://vault.example/a b", "https://vault.example/\r\nX: y",
          "https://vault.example/%2e"}) {
      CAPTURE(text);
      CHECK(!url_from_text(text).ok());
    }
  }

  TEST_CASE("a port that is no number is no answer, and no crash") {
    const auto answer = vrm::shop::send({.url = "http://127.0.0.1:99999999999999999999/"});
    REQUIRE(!answer.ok());
    CHECK(answer.error().code == vrm::ErrorCode::Unavailable);
  }

  TEST_CASE("an address where nobody answers says so, and where to look") {
    const auto answer = vrm::shop::send({.url = "http://127.0.0.1:1/v/a"});
    REQUIRE(!answer.ok());
    CHECK(answer.error().message.starts_with("nobody answers at http://127.0.0.1:1: "));
    CHECK(answer.error().message.find("vrm daemon status") != std::string::npos);
  }

  TEST_CASE("a refusal is told with the vault's own words") {
    vrm::shop::Answer answer;
    answer.status = 400;
    CHECK(answer.in_words() == "400");
    answer.error = "invalid_authorization_details";
    answer.why = "the purpose is unknown";
    CHECK(answer.in_words() == "400 invalid_authorization_details: the purpose is unknown");
  }

  TEST_CASE("a form keeps only what needs no sign") {
    CHECK(form_encoded("aZ09-._~") == "aZ09-._~");
    CHECK(form_encoded("a b&c=d+é") == "a%20b%26c%3Dd%2B%C3%A9");
  }
}
