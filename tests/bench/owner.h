#pragma once
// The owner's socket (docs/api/owner.md), as the measurement uses it.

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "vault/base/result.h"

namespace vrm::bench {

class Owner {
 public:
  explicit Owner(const std::string& socket);
  ~Owner();
  Owner(const Owner&) = delete;
  Owner& operator=(const Owner&) = delete;

  // The answer's document. Denied: any status but 200 and 201; the message has the answer.
  // Unavailable: no answer.
  Result<nlohmann::json> get(const std::string& path);
  Result<nlohmann::json> post(const std::string& path, const nlohmann::json& body);
  Result<nlohmann::json> put(const std::string& path, const nlohmann::json& body);
  // A call whose body is a secret.
  Result<nlohmann::json> post_secret(const std::string& path, const std::string& secret);

 private:
  struct Line;
  Result<nlohmann::json> call(const std::string& method, const std::string& path,
                              const std::string& body, const std::string& type);

  std::unique_ptr<Line> line_;
};

}  // namespace vrm::bench
