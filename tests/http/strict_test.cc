#include "vault/http/strict.h"

#include <doctest/doctest.h>

using namespace vrm;  // tests only
using http::HeaderView;
using http::HeadRules;
using http::HeadView;

namespace {

const HeadRules kRules{{"vault.test"}, {"GET", "POST"}, 1000, 4};

int judged(std::string_view method, std::string_view target, std::vector<HeaderView> headers,
           std::string_view version = "HTTP/1.1", std::size_t bytes = 100) {
  const HeadView head{method, target, nullptr, version, headers, bytes};
  const auto refused = http::refuse_head(head, kRules);
  return refused ? refused->status : 200;
}

const HeaderView kHost{"Host", "vault.test"};

// A head as a parser leaves it: pieces of one buffer.
struct Laid {
  std::string bytes = "GET /a HTTP/1.1\r\nHost: vault.test\r\nX: b\r\n\r\n";
  std::vector<HeaderView> headers;
  Laid() { headers = {{part(17, 4), part(23, 10)}, {part(35, 1), part(38, 1)}}; }
  std::string_view part(std::size_t at, std::size_t size) const {
    return std::string_view(bytes).substr(at, size);
  }
  HeadView view() const {
    return {part(0, 3), "/a", bytes.data() + 4, part(7, 8), headers, bytes.size()};
  }
};

}  // namespace

TEST_SUITE("http/strict") {
  TEST_CASE("a plain head passes") {
    CHECK(judged("GET", "/", {kHost}) == 200);
    CHECK(judged("GET", "/a/b-._~!$&'()*+,;=:@?q=%41&r=?", {{"hOsT", " VAULT.test\t"}}) == 200);
    CHECK(judged("POST", "/a", {kHost, {"Content-Length", "5"}}) == 200);
    CHECK(judged("GET", "/a", {kHost, {"Content-Length", "0"}}) == 200);
  }

  TEST_CASE("size, count, version and method have their own answers") {
    CHECK(judged("GET", "/", {kHost}, "HTTP/1.1", 1000) == 200);
    CHECK(judged("GET", "/", {kHost}, "HTTP/1.1", 1001) == 431);
    CHECK(judged("GET", "/", {kHost, {"A", ""}, {"B", ""}, {"C", ""}}) == 200);
    CHECK(judged("GET", "/", {kHost, {"A", ""}, {"B", ""}, {"C", ""}, {"D", ""}}) == 431);
    CHECK(judged("GET", "/", {kHost}, "HTTP/1.0") == 505);
    CHECK(judged("GET", "/", {kHost}, "http/1.1") == 505);
    CHECK(judged("PUT", "/", {kHost}) == 405);
    CHECK(judged("get", "/", {kHost}) == 405);
    CHECK(judged("POST", "/", {kHost}) == 411);
  }

  TEST_CASE("the target splits at the first question mark and its path has one spelling") {
    const auto split = http::split_target("/a/b?c?d");
    REQUIRE(split.has_value());
    CHECK(split->path == "/a/b");
    CHECK(split->query == "c?d");
    CHECK(http::split_target("/a?")->query.empty());
    CHECK(http::split_target("/...")->path == "/...");
    CHECK(http::split_target("/.well-known/x")->path == "/.well-known/x");
    for (const auto* target :
         {"", "a", "//", "/a/", "/./a", "/a/..", "/%41", "/a b", "/a#b", "/a;b/../c", "?"}) {
      CAPTURE(target);
      CHECK_FALSE(http::split_target(target).has_value());
    }
  }

  TEST_CASE("the announced length is read only when it is one plain number") {
    const std::vector<HeaderView> headers{kHost, {"content-LENGTH", " 1234 "}};
    CHECK(http::body_length({"POST", "/", nullptr, "HTTP/1.1", headers, 10}) == 1234);
    for (const auto* length : {"", "+1", "-1", "0x1", "1a", "1 1", "1,1", "01", "12345678901"}) {
      CAPTURE(length);
      CHECK(judged("POST", "/", {kHost, {"Content-Length", length}}) == 400);
    }
  }

  TEST_CASE("pieces that lie one behind the other are laid out, any other place is not") {
    CHECK(http::laid_out(Laid().view()));
    for (int piece = 0; piece < 8; ++piece) {
      CAPTURE(piece);
      Laid laid;
      HeadView view = laid.view();
      if (piece == 0) view.target_at += 1;
      if (piece == 1) view.version = laid.part(8, 7);
      if (piece == 2) laid.headers[0].name = laid.part(18, 3);
      if (piece == 3) laid.headers[0].value = laid.part(23, 9);
      if (piece == 4) laid.headers[1].name = laid.part(34, 2);
      if (piece == 5) laid.headers[1].value = laid.part(35, 1);
      if (piece == 6) view.bytes -= 1;
      if (piece == 7) view.target = "/";
      CHECK_FALSE(http::laid_out(view));
    }
    Laid none;
    none.headers.clear();
    CHECK_FALSE(http::laid_out(
        {none.part(0, 3), "/a", none.bytes.data() + 4, none.part(7, 8), none.headers, 19}));
  }
}
