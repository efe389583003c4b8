#include "vault/outbound/envelope.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "vault/base/bytes.h"
#include "vault/base/json.h"

using namespace vrm;  // tests only
using nlohmann::json;
using outbound::Enclosed;

namespace {

class Limits final : public routes::Handler {
 public:
  std::size_t body_limit(std::string_view method, std::string_view) const override {
    return method == "POST" ? 20 : 0;
  }
  void handle(routes::Request, std::shared_ptr<routes::Reply>) override {}
};

Result<std::vector<Enclosed>> read(std::string_view text) {
  static const Limits limits;
  const outbound::EnvelopeRules rules{
      .methods = {"GET", "POST", "PUT"}, .head_bytes = 16 * 1024, .headers = 64};
  return outbound::read_envelope(text, rules, limits, "Vid", "mailbox:a");
}

json headers(std::vector<std::pair<std::string, std::string>> list) {
  json made = json::array();
  for (const auto& [name, value] : list) made.push_back({name, value});
  return made;
}

json good() {
  return {{"id", "1"},
          {"method", "POST"},
          {"path", "/v/Vid/token"},
          {"query", "a=b&c=%20"},
          {"headers", headers({{"Content-Type", " a/b\t"}, {"DPoP", "x"}})},
          {"body", to_base64url(bytes_of("body"))}};
}

json with(const char* name, json value) {
  json made = good();
  made[name] = std::move(value);
  return made;
}

std::string envelope(std::vector<json> requests) {
  return json{{"requests", requests}}.dump();
}

// The status of the refusal of a single request; 0 when it passes, -1 when all was refused.
int status(const json& request) {
  const auto made = read(envelope({request}));
  if (!made.ok()) {
    CHECK(made.error().code == ErrorCode::Malformed);
    return -1;
  }
  REQUIRE(made.value().size() == 1);
  const auto* refused = std::get_if<routes::Refusal>(&made.value()[0].content);
  return refused == nullptr ? 0 : refused->status;
}

}  // namespace

TEST_SUITE("outbound/envelope") {
  TEST_CASE("a request comes out as a route sees it") {
    const auto made = read(envelope({good()}));
    REQUIRE(made.ok());
    const auto& request = std::get<routes::Request>(made.value().at(0).content);
    CHECK(made.value()[0].id == "1");
    CHECK(request.method == "POST");
    CHECK(request.path == "/v/Vid/token");
    CHECK(request.query == "a=b&c=%20");
    CHECK(request.headers == routes::Headers{{"content-type", "a/b"}, {"dpop", "x"}});
    CHECK(request.body == "body");
    CHECK(request.peer == "mailbox:a");
  }

  TEST_CASE("query, headers and body may be missing, and no request at all is fine") {
    const auto made = read(R"({"requests":[{"id":"x","method":"GET","path":"/v/Vid/jwks.json"}]})");
    REQUIRE(made.ok());
    CHECK(std::holds_alternative<routes::Request>(made.value().at(0).content));
    CHECK(read(R"({"requests":[]})").value().empty());
  }

  TEST_CASE("an envelope with a mistake of the host's is refused as a whole") {
    for (const auto* text :
         {"", "null", "[]", "{}", "garbage", "{\"requests\":{}}", "{\"requests\":null}",
          "{\"requests\":[1]}", "{\"requests\":[{}]}", "{\"requests\":[[]]}", "{\"requests\":[]",
          "{\"requests\":[]}x", "{\"requests\":[],\"requests\":[]}",
          "\xef\xbb\xbf{\"requests\":[]}", "<html></html>"}) {
      CAPTURE(text);
      CHECK(read(text).error().code == ErrorCode::Malformed);
    }
    for (const auto* name : {"id", "method", "path", "query", "headers", "body"}) {
      CAPTURE(name);
      CHECK(status(with(name, nullptr)) == -1);
      CHECK(status(with(name, 1)) == -1);
      CHECK(status(with(name, json::object())) == -1);
    }
    for (const auto* name : {"id", "method", "path"}) {
      json without = good();
      without.erase(name);
      CHECK(status(without) == -1);
    }
    CHECK(status(with("headers", json::parse(R"([["a"]])"))) == -1);
    CHECK(status(with("headers", json::parse(R"([["a","b","c"]])"))) == -1);
    CHECK(status(with("headers", json::parse(R"([["a",1]])"))) == -1);
    CHECK(status(with("headers", json::parse(R"([{"a":"b"}])"))) == -1);
    CHECK(status(with("body", "YQ==")) == -1);
    CHECK(status(with("body", "a b")) == -1);
  }

  TEST_CASE("one mistake takes the good ones along, and an id stands once") {
    CHECK_FALSE(read(envelope({good(), with("id", "")})).ok());
    CHECK_FALSE(read(envelope({good(), good()})).ok());
    CHECK(read(envelope({good(), with("id", "2")})).value().size() == 2);
  }

  TEST_CASE("an id is 1 to 64 letters, digits, _ and -") {
    CHECK(status(with("id", std::string(64, 'a'))) == 0);
    CHECK(status(with("id", "aZ09_-")) == 0);
    for (const std::string& id : {std::string(65, 'a'), std::string(""), std::string("a b"),
                                  std::string("../x"), std::string("é"), std::string("a\nb")}) {
      CAPTURE(id);
      CHECK(status(with("id", id)) == -1);
    }
  }

  TEST_CASE("128 KiB are taken and a byte more is not") {
    json request = with("method", "GET");
    request["body"] = "";
    std::string text = envelope({request});
    text.insert(text.size() - 1, outbound::kMostEnvelopeBytes - text.size(), ' ');
    CHECK(text.size() == outbound::kMostEnvelopeBytes);
    CHECK(read(text).ok());
    CHECK_FALSE(read(text + " ").ok());
  }

  TEST_CASE("what a door refuses is refused here, alone") {
    CHECK(status(good()) == 0);
    for (const auto* method : {"DELETE", "TRACE", "post", "", "GET "})
      CHECK(status(with("method", method)) == 405);
    CHECK(status(with("method", "GET")) == 400);  // it has a body
    for (const auto* path :
         {"", "v/Vid/token", "/v/Vid/../token", "/v/Vid//token", "/v/Vid/token/", "/v/Vid/%74oken",
          "/v/Vid/token?x=1", "/v/Vid/to ken", "/v/Vid/./token", "/v/Vid/to#ken", "/v\\Vid/token",
          "http://other/v/Vid/token"}) {
      CAPTURE(path);
      CHECK(status(with("path", path)) == 400);
    }
    CHECK(status(with("query", "a b")) == 400);
    CHECK(status(with("query", "a#b")) == 400);
    CHECK(status(with("body", to_base64url(bytes_of(std::string(20, 'x'))))) == 0);
    CHECK(status(with("body", to_base64url(bytes_of(std::string(21, 'x'))))) == 413);
    json put = with("method", "PUT");
    CHECK(status(put) == 413);
  }

  TEST_CASE("hostile headers are refused") {
    CHECK(status(with("headers", headers({{"Transfer-Encoding", "chunked"}}))) == 411);
    CHECK(status(with("headers", headers({{"content-encoding", "gzip"}}))) == 415);
    CHECK(status(with("headers", headers({{"EXPECT", "100-continue"}}))) == 417);
    CHECK(status(with("headers", headers({{"upgrade", "h2c"}}))) == 400);
    CHECK(status(with("headers", headers({{"trailer", "x"}}))) == 400);
    CHECK(status(with("headers", headers({{"range", "bytes=0-"}}))) == 400);
    CHECK(status(with("headers", headers({{"", "x"}}))) == 400);
    CHECK(status(with("headers", headers({{"a_b", "x"}}))) == 400);
    CHECK(status(with("headers", headers({{"a b", "x"}}))) == 400);
    CHECK(status(with("headers", headers({{"a:", "x"}}))) == 400);
    CHECK(status(with("headers", headers({{"a", "x\r\nb: c"}}))) == 400);
    CHECK(status(with("headers", headers({{"a", "\x7f"}}))) == 400);
    CHECK(status(with("headers", headers({{"a", "é"}}))) == 400);
    CHECK(status(with("headers", headers({{"host", "a"}, {"Host", "a"}}))) == 400);
    CHECK(status(with("headers", headers({{"content-length", "4"}}))) == 0);
    CHECK(status(with("headers", headers({{"content-length", "5"}}))) == 400);
    CHECK(status(with("headers", headers({{"content-length", "04"}}))) == 400);
    CHECK(status(with("headers", headers({{"content-length", "4"}, {"content-length", "4"}}))) ==
          400);
    CHECK(status(with("headers", headers({{"connection", "keep-alive, close"}}))) == 0);
    CHECK(status(with("headers", headers({{"connection", "dpop"}}))) == 400);
  }

  TEST_CASE("64 headers and 16 KiB of head are taken, and no more") {
    std::vector<std::pair<std::string, std::string>> list(64, {"a", "b"});
    CHECK(status(with("headers", headers(list))) == 0);
    list.emplace_back("a", "b");
    CHECK(status(with("headers", headers(list))) == 431);
    json request = with("headers", headers({{"a", ""}}));
    request["query"] = "";
    const std::size_t rest = std::string("POST/v/Vid/tokena").size();
    request["headers"][0][1] = std::string(16 * 1024 - rest, 'x');
    CHECK(status(request) == 0);
    request["headers"][0][1] = std::string(16 * 1024 - rest + 1, 'x');
    CHECK(status(request) == 431);
  }

  TEST_CASE("a mailbox reaches its own issuer and the documents about it, and no other") {
    for (const auto* path : {"/v/Vid", "/v/Vid/token", "/v/Vid/v1/intents/i/offers/o",
                             "/.well-known/oauth-authorization-server/v/Vid",
                             "/.well-known/oauth-protected-resource/v/Vid/v1"}) {
      CAPTURE(path);
      CHECK(status(with("path", path)) == 0);
    }
    for (const auto* path : {"/", "/v", "/v/Vie/token", "/v/Vidx/token", "/v/vid/token",
                             "/x/v/Vid/token", "/.well-known/v/Vid", "/.well-known/a/v/Other",
                             "/.well-known/a/b/v/Vid", "/.well-known/a"}) {
      CAPTURE(path);
      CHECK(status(with("path", path)) == 404);
    }
  }
}
