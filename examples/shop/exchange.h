#pragma once
// A request and its answer, whatever carries them: the shop's own web server or a mailbox.

#include <optional>
#include <string>
#include <string_view>

#include "examples/shop/web.h"

namespace vrm::shop {

struct Request {
  std::string method;
  std::string path;   // as it stands in the request line, still encoded
  std::string query;  // without '?'
  Pairs headers;      // names in lower case
  std::string body;
};

struct Response {
  int status = 204;
  Pairs headers = {};
  std::string body = {};

  static Response json(int status, std::string body) {
    return {status, {{"content-type", "application/json"}}, std::move(body)};
  }
  // `error` is a code, as vaults use them.
  static Response refusal(int status, std::string_view error) {
    return json(status, R"({"error":")" + std::string(error) + R"("})");
  }
};

}  // namespace vrm::shop
