#pragma once
// The owner's routes of a world without a socket: a call, and what is answered. A call is a person's only where the
// test says so.

#include <string>

#include "tests/support/world.h"
#include "vault/api/paths.h"
#include "vault/routes/owner_routes.h"

namespace vrm::testing {

enum class By { Program, Person };

class OwnerDoor {
 public:
  using json = nlohmann::json;

  explicit OwnerDoor(World& world) : routes_(*world.owner, [] {}) {}

  routes::Answer call(const std::string& method, const std::string& path,
                      const json& body = nullptr, By by = By::Program,
                      const std::string& query = "") {
    return raw(method, path, query, body.is_null() ? "" : write_json(body), by);
  }
  // A call whose body is bytes.
  routes::Answer raw(const std::string& method, const std::string& path, const std::string& query,
                     std::string body, By by = By::Program) {
    routes::Request request{.method = method,
                            .path = path,
                            .query = query,
                            .headers = {},
                            .body = std::move(body),
                            .peer = "owner"};
    if (by == By::Person) request.headers.emplace_back(std::string(api::kPersonHeader), "1");
    const auto reply = std::make_shared<WaitingReply>();
    routes_.handle(std::move(request), reply);
    return reply->wait();
  }

  json get(const std::string& path, By by = By::Program) {
    return good(call("GET", path, nullptr, by));
  }
  json post(const std::string& path, const json& body) { return good(call("POST", path, body)); }

  // The key of the sentence of a refusal; "" when it was served.
  std::string says(const std::string& method, const std::string& path, const json& body = nullptr) {
    const auto answer = json::parse(call(method, path, body).body);
    return answer.contains("error") ? answer["error"].value("say", "?") : "";
  }

 private:
  static json good(const routes::Answer& answer) {
    INFO(answer.body);
    REQUIRE(answer.status == 200);
    return json::parse(answer.body);
  }

  routes::OwnerRoutes routes_;
};

}  // namespace vrm::testing
