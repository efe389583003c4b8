#include "vault/http/strict.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

#include "vault/base/check.h"

namespace vrm::http {

namespace {

constexpr std::size_t kMaxLengthDigits = 10;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
char lower_char(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

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
  Refused refused;
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
    const std::string_view word = trimmed(text.substr(0, comma));
    if (!equal_caseless(word, "close") && !equal_caseless(word, "keep-alive")) return false;
    if (comma == text.size()) return true;
    text.remove_prefix(comma + 1);
  }
}

struct Counted {
  std::size_t hosts = 0;
  std::size_t lengths = 0;
  std::string_view length;
};

std::optional<Refused> refuse_header(const HeaderView& header, const HeadRules& rules,
                                     Counted& seen) {
  if (!is_name(header.name))
    return Refused{400, "a header name has a character that is not allowed"};
  const std::string_view value = trimmed(header.value);
  if (!is_value(value)) return Refused{400, "a header value has a byte that is not allowed"};
  for (const auto& forbidden : kForbidden) {
    if (equal_caseless(header.name, forbidden.name)) return forbidden.refused;
  }
  if (equal_caseless(header.name, "host")) {
    if (++seen.hosts > 1) return Refused{400, "two Host headers"};
    if (std::find(rules.hosts.begin(), rules.hosts.end(), lower(value)) == rules.hosts.end()) {
      return Refused{400, "this door does not answer for that Host"};
    }
  } else if (equal_caseless(header.name, "content-length")) {
    if (++seen.lengths > 1) return Refused{400, "two Content-Length headers"};
    if (!is_length(value)) return Refused{400, "Content-Length is not a plain number"};
    seen.length = value;
  } else if (equal_caseless(header.name, "connection") && !is_connection_value(value)) {
    return Refused{400, "Connection says more than close or keep-alive"};
  }
  return std::nullopt;
}

std::optional<Refused> refuse_length(std::string_view method, const Counted& seen) {
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

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t";
  const std::size_t from = text.find_first_not_of(kBlanks);
  if (from == std::string_view::npos) return {};
  return text.substr(from, text.find_last_not_of(kBlanks) - from + 1);
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), lower_char);
  return out;
}

bool equal_caseless(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
           return lower_char(x) == lower_char(y);
         });
}

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

std::optional<Refused> refuse_head(const HeadView& head, const HeadRules& rules) {
  if (head.bytes > rules.bytes) return Refused{431, "the head is too long"};
  if (head.headers.size() > rules.headers) return Refused{431, "too many headers"};
  if (head.version != "HTTP/1.1") return Refused{505, "only HTTP/1.1 is spoken here"};
  if (!split_target(head.target))
    return Refused{400, "the path or query has a form that is not allowed"};
  Counted seen;
  for (const auto& header : head.headers) {
    if (const auto refused = refuse_header(header, rules, seen)) return refused;
  }
  if (seen.hosts == 0) return Refused{400, "no Host header"};
  if (std::find(rules.methods.begin(), rules.methods.end(), head.method) == rules.methods.end()) {
    return Refused{405, "this method is not served"};
  }
  return refuse_length(head.method, seen);
}

std::size_t body_length(const HeadView& head) {
  for (const auto& header : head.headers) {
    if (!equal_caseless(header.name, "content-length")) continue;
    const std::string_view digits = trimmed(header.value);
    std::size_t length = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), length);
    VRM_CHECK(read.ec == std::errc{});
    return length;
  }
  return 0;
}

}  // namespace vrm::http
