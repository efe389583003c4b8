#include "vault/http/problem.h"

namespace vrm::http {

namespace {

std::string_view reason(int status) {
  return status == 408 ? "Request Timeout" : "Service Unavailable";
}

}  // namespace

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
