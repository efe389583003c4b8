#include "vault/http/problem.h"

#include <nlohmann/json.hpp>

#include "vault/base/json.h"

namespace vrm::http {

namespace {

std::string_view error_name(int status) {
  switch (status) {
    case 405:
      return "method_not_allowed";
    case 408:
      return "request_timeout";
    case 411:
      return "length_required";
    case 413:
    case 414:
    case 431:
      return "too_large";
    case 415:
      return "unsupported_media_type";
    case 417:
      return "expectation_failed";
    case 500:
      return "server_error";
    case 503:
      return "unavailable";
    case 505:
      return "version_not_supported";
    default:
      return "invalid_request";
  }
}

std::string_view reason(int status) {
  return status == 408 ? "Request Timeout" : "Service Unavailable";
}

}  // namespace

routes::Answer problem(const Refused& refused) {
  const std::string name(error_name(refused.status));
  const nlohmann::json body{{"type", "https://vrm.example/problems/" + name},
                            {"error", name},
                            {"status", refused.status},
                            {"detail", refused.why}};
  routes::Answer answer{
      refused.status,
      {{"Content-Type", "application/problem+json"}, {"Cache-Control", "no-store"}},
      write_json(body)};
  if (refused.status == 503) answer.headers.emplace_back("Retry-After", "1");
  return answer;
}

std::string problem_bytes(const Refused& refused) {
  const routes::Answer answer = problem(refused);
  std::string bytes = "HTTP/1.1 " + std::to_string(refused.status) + " " +
                      std::string(reason(refused.status)) + "\r\n";
  for (const auto& [name, value] : answer.headers) bytes += name + ": " + value + "\r\n";
  bytes +=
      "Connection: close\r\nContent-Length: " + std::to_string(answer.body.size()) + "\r\n\r\n";
  return bytes + answer.body;
}

}  // namespace vrm::http
