#include "tests/bench/owner.h"

#include <httplib.h>
#include <sys/socket.h>

#include <nlohmann/json.hpp>

#include "vault/base/json.h"

namespace vrm::bench {

struct Owner::Line {
  explicit Line(const std::string& socket) : client(socket, 80) {
    client.set_address_family(AF_UNIX);
    client.set_keep_alive(true);
    client.set_read_timeout(30);
    client.set_default_headers({{"Host", "vrm"}});
  }

  httplib::ClientImpl client;
};

Owner::Owner(const std::string& socket) : line_(std::make_unique<Line>(socket)) {}

Owner::~Owner() = default;

Result<nlohmann::json> Owner::get(const std::string& path) {
  return call("GET", path, "", "");
}

Result<nlohmann::json> Owner::post(const std::string& path, const nlohmann::json& body) {
  return call("POST", path, write_json(body), "application/json");
}

Result<nlohmann::json> Owner::put(const std::string& path, const nlohmann::json& body) {
  return call("PUT", path, write_json(body), "application/json");
}

Result<nlohmann::json> Owner::post_secret(const std::string& path, const std::string& secret) {
  return call("POST", path, secret, "application/octet-stream");
}

Result<nlohmann::json> Owner::call(const std::string& method, const std::string& path,
                                   const std::string& body, const std::string& type) {
  httplib::Request request;
  request.method = method;
  request.path = path;
  request.body = body;
  if (!type.empty()) request.headers.emplace("Content-Type", type);
  const httplib::Result answer = line_->client.send(request);
  const std::string what = method + " " + path;
  if (!answer)
    return Error{ErrorCode::Unavailable, what + ": " + httplib::to_string(answer.error())};
  if (answer->status != 200 && answer->status != 201) {
    return Error{ErrorCode::Denied,
                 what + " answered " + std::to_string(answer->status) + " " + answer->body};
  }
  return read_json(answer->body, {.bytes = 8 * 1024 * 1024, .depth = 32});
}

}  // namespace vrm::bench
