#include "vault/routes/head.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "vault/base/ascii.h"
#include "vault/base/json.h"

namespace vrm::routes {

namespace {

constexpr std::size_t kMaxLengthDigits = 10;

// RFC 9110 token, without '_': some programs read it as '-'.
bool is_name_char(char c) {
  return is_digit(c) || is_letter(c) ||
         std::string_view("!#$%&'*+-.^`|~").find(c) != std::string_view::npos;
}

bool is_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_name_char);
}

bool is_value(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c == '\t' || (c >= ' ' && c <= '~'); });
}

// RFC 3986 pchar and '/', without the percent sign.
bool is_path_char(char c) {
  return is_digit(c) || is_letter(c) ||
         std::string_view("-._~!$&'()*+,;=:@/").find(c) != std::string_view::npos;
}

bool is_query_char(char c) {
  return is_path_char(c) || c == '?' || c == '%';
}

bool clean_segments(std::string_view path) {
  if (path == "/") return true;
  std::size_t at = 1;
  while (at <= path.size()) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    const std::string_view segment = path.substr(at, end - at);
    if (segment.empty() || segment == "." || segment == "..") return false;
    at = end + 1;
  }
  return true;
}

struct Forbidden {
  std::string_view name;
  Refusal refusal;
};

constexpr std::array<Forbidden, 6> kForbidden{{
    {"transfer-encoding", {411, "a body needs a Content-Length; no Transfer-Encoding is taken"}},
    {"content-encoding", {415, "no Content-Encoding is taken"}},
    {"expect", {417, "Expect is not served"}},
    {"range", {400, "Range is not served"}},
    {"upgrade", {400, "Upgrade is not served"}},
    {"trailer", {400, "Trailer is not served"}},
}};

bool is_length(std::string_view text) {
  return !text.empty() && text.size() <= kMaxLengthDigits &&
         std::all_of(text.begin(), text.end(), is_digit) && (text == "0" || text.front() != '0');
}

// Only `close` and `keep-alive`: any other word would name a header as meant for this hop alone.
bool is_connection_value(std::string_view text) {
  while (true) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const std::string_view word = without_blanks(text.substr(0, comma));
    if (!same_but_case(word, "close") && !same_but_case(word, "keep-alive")) return false;
    if (comma == text.size()) return true;
    text.remove_prefix(comma + 1);
  }
}

std::string_view error_name(int status) {
  switch (status) {
    case 404:
      return "not_found";
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
    case 429:
      return "rate_limited";
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

}  // namespace

std::string problem_type(std::string_view error) {
  return "https://vrm.example/api/brand#" + std::string(error);
}

Answer problem(const Refusal& refusal) {
  const std::string name(error_name(refusal.status));
  const nlohmann::json body{{"type", problem_type(name)},
                            {"error", name},
                            {"status", refusal.status},
                            {"detail", refusal.why}};
  Answer answer{refusal.status,
                {{"Content-Type", "application/problem+json"}, {"Cache-Control", "no-store"}},
                write_json(body)};
  if (refusal.status == 503) answer.headers.emplace_back("Retry-After", "1");
  return answer;
}

std::optional<Target> split_target(std::string_view target) {
  const std::size_t mark = std::min(target.find('?'), target.size());
  Target split{target.substr(0, mark), {}};
  if (mark < target.size()) split.query = target.substr(mark + 1);
  if (split.path.empty() || split.path.front() != '/') return std::nullopt;
  if (!std::all_of(split.path.begin(), split.path.end(), is_path_char) ||
      !clean_segments(split.path)) {
    return std::nullopt;
  }
  if (!std::all_of(split.query.begin(), split.query.end(), is_query_char)) return std::nullopt;
  return split;
}

std::optional<Refusal> refuse_header(std::string_view name, std::string_view value,
                                     HeadersSeen& seen) {
  if (!is_name(name)) return Refusal{400, "a header name has a character that is not allowed"};
  const std::string_view inner = without_blanks(value);
  if (!is_value(inner)) return Refusal{400, "a header value has a byte that is not allowed"};
  for (const auto& forbidden : kForbidden) {
    if (same_but_case(name, forbidden.name)) return forbidden.refusal;
  }
  if (same_but_case(name, "host")) {
    if (++seen.hosts > 1) return Refusal{400, "two Host headers"};
    seen.host = inner;
  } else if (same_but_case(name, "content-length")) {
    if (++seen.lengths > 1) return Refusal{400, "two Content-Length headers"};
    if (!is_length(inner)) return Refusal{400, "Content-Length is not a plain number"};
    seen.length = inner;
  } else if (same_but_case(name, "connection") && !is_connection_value(inner)) {
    return Refusal{400, "Connection says more than close or keep-alive"};
  }
  return std::nullopt;
}

std::string_view without_blanks(std::string_view text) {
  constexpr std::string_view kBlanks = " \t";
  const std::size_t from = text.find_first_not_of(kBlanks);
  if (from == std::string_view::npos) return {};
  return text.substr(from, text.find_last_not_of(kBlanks) - from + 1);
}

}  // namespace vrm::routes
