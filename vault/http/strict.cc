#include "vault/http/strict.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "vault/base/ascii.h"
#include "vault/base/check.h"

namespace vrm::http {

namespace {

std::optional<Refused> refuse_length(std::string_view method, const routes::HeadersSeen& seen) {
  const bool announced = seen.lengths == 1 && seen.length != "0";
  if ((method == "GET" || method == "HEAD") && announced)
    return Refused{400, "this method has no body"};
  if ((method == "POST" || method == "PUT" || method == "PATCH") && seen.lengths == 0) {
    return Refused{411, "a body needs a Content-Length"};
  }
  return std::nullopt;
}

std::uintptr_t place(const char* at) {
  return reinterpret_cast<std::uintptr_t>(at);
}

}  // namespace

bool laid_out(const HeadView& head) {
  if (head.headers.empty() || head.target_at == nullptr) return false;
  const std::uintptr_t start = place(head.method.data());
  std::uintptr_t next = start + head.method.size() + 1;
  if (place(head.target_at) != next) return false;
  next += head.target.size() + 1;
  if (place(head.version.data()) != next) return false;
  next += head.version.size() + 2;
  for (const auto& header : head.headers) {
    if (place(header.name.data()) != next) return false;
    next += header.name.size() + 1;
    if (place(header.value.data()) < next) return false;
    next = place(header.value.data()) + header.value.size() + 2;
  }
  return next + 2 - start == head.bytes;
}

std::optional<Refused> refuse_head(const HeadView& head, const HeadRules& rules) {
  if (head.bytes > rules.bytes) return Refused{431, "the head is too long"};
  if (head.headers.size() > rules.headers) return Refused{431, "too many headers"};
  if (head.version != "HTTP/1.1") return Refused{505, "only HTTP/1.1 is spoken here"};
  if (!split_target(head.target))
    return Refused{400, "the path or query has a form that is not allowed"};
  routes::HeadersSeen seen;
  for (const auto& header : head.headers) {
    if (const auto refused = routes::refuse_header(header.name, header.value, seen)) return refused;
  }
  if (seen.hosts == 0) return Refused{400, "no Host header"};
  if (std::find(rules.hosts.begin(), rules.hosts.end(), lower(seen.host)) == rules.hosts.end()) {
    return Refused{400, "this door does not answer for that Host"};
  }
  if (std::find(rules.methods.begin(), rules.methods.end(), head.method) == rules.methods.end()) {
    return Refused{405, "this method is not served"};
  }
  return refuse_length(head.method, seen);
}

std::size_t body_length(const HeadView& head) {
  for (const auto& header : head.headers) {
    if (!same_but_case(header.name, "content-length")) continue;
    const std::string_view digits = without_blanks(header.value);
    std::size_t length = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), length);
    VRM_CHECK(read.ec == std::errc{});
    return length;
  }
  return 0;
}

}  // namespace vrm::http
