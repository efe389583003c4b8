#include "vault/outbound/envelope.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "vault/base/ascii.h"
#include "vault/base/bytes.h"
#include "vault/base/json.h"

namespace vrm::outbound {

namespace {

using routes::Refusal;

constexpr std::size_t kMostIdLetters = 64;

bool is_id(std::string_view text) {
  return !text.empty() && text.size() <= kMostIdLetters &&
         text.find_first_not_of(
             "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
             "0123456789-_") == std::string_view::npos;
}

Result<routes::Headers> read_headers(const nlohmann::json& item) {
  routes::Headers headers;
  const auto found = item.find("headers");
  if (found == item.end()) return headers;
  const Error wrong{ErrorCode::Malformed, "headers are a list of names with their values"};
  if (!found->is_array()) return wrong;
  for (const auto& pair : *found) {
    if (!pair.is_array() || pair.size() != 2 || !pair[0].is_string() || !pair[1].is_string()) {
      return wrong;
    }
    headers.emplace_back(pair[0].get_ref<const std::string&>(),
                         pair[1].get_ref<const std::string&>());
  }
  return headers;
}

Result<std::string> read_body(const nlohmann::json& item) {
  const auto encoded = TRY(find_string(item, "body"));
  const auto bytes = TRY(from_base64url(encoded.value_or("")));
  return text_of(bytes);
}

Result<routes::Request> read_request(const nlohmann::json& item) {
  routes::Request request;
  request.method = TRY(need_string(item, "method"));
  request.path = TRY(need_string(item, "path"));
  auto query = TRY(find_string(item, "query"));
  request.query = std::move(query).value_or("");
  request.headers = TRY(read_headers(item));
  request.body = TRY(read_body(item));
  return request;
}

// {path} of the issuer's own, or of one of the documents that describe it.
bool belongs_to(std::string_view path, std::string_view vid) {
  constexpr std::string_view kWellKnown = "/.well-known/";
  if (path.starts_with(kWellKnown)) {
    path.remove_prefix(std::min(path.find('/', kWellKnown.size()), path.size()));
  }
  const std::string issuer = "/v/" + std::string(vid);
  return path.starts_with(issuer) && (path.size() == issuer.size() || path[issuer.size()] == '/');
}

std::size_t head_size(const routes::Request& request) {
  std::size_t size = request.method.size() + request.path.size() + request.query.size();
  for (const auto& [name, value] : request.headers) size += name.size() + value.size();
  return size;
}

std::optional<Refusal> refuse_target(const routes::Request& request) {
  const std::string target = request.path + "?" + request.query;
  const auto split = routes::split_target(target);
  if (!split || split->path != request.path) {
    return Refusal{400, "the path or query has a form that is not allowed"};
  }
  return std::nullopt;
}

std::optional<Refusal> refuse_headers(const routes::Request& request) {
  routes::HeadersSeen seen;
  for (const auto& [name, value] : request.headers) {
    if (const auto refused = routes::refuse_header(name, value, seen)) return refused;
  }
  if (seen.lengths == 1 && seen.length != std::to_string(request.body.size())) {
    return Refusal{400, "Content-Length is not the length of the body"};
  }
  return std::nullopt;
}

// In the order in which a door refuses.
std::optional<Refusal> refuse(const routes::Request& request, const EnvelopeRules& rules,
                              const routes::Handler& handler, std::string_view vid) {
  if (head_size(request) > rules.head_bytes) return Refusal{431, "the head is too long"};
  if (request.headers.size() > rules.headers) return Refusal{431, "too many headers"};
  if (const auto refused = refuse_target(request)) return refused;
  if (const auto refused = refuse_headers(request)) return refused;
  const auto& methods = rules.methods;
  if (std::find(methods.begin(), methods.end(), request.method) == methods.end()) {
    return Refusal{405, "this method is not served"};
  }
  const bool bodiless = request.method == "GET" || request.method == "HEAD";
  if (bodiless && !request.body.empty()) return Refusal{400, "this method has no body"};
  if (!belongs_to(request.path, vid)) return Refusal{404, "this mailbox is for another path"};
  if (request.body.size() > handler.body_limit(request.method, request.path)) {
    return Refusal{413, "the body is too long"};
  }
  return std::nullopt;
}

}  // namespace

Result<std::vector<Enclosed>> read_envelope(std::string_view text, const EnvelopeRules& rules,
                                            const routes::Handler& handler, std::string_view vid,
                                            const std::string& peer) {
  const auto document = TRY(read_json(text, {.bytes = kMostEnvelopeBytes, .depth = 8}));
  const auto* items = TRY(need_array(document, "requests"));
  std::vector<Enclosed> made;
  std::set<std::string> ids;
  for (const auto& item : *items) {
    auto id = TRY(need_string(item, "id"));
    if (!is_id(id)) return Error{ErrorCode::Malformed, "a request's id has another form"};
    if (!ids.insert(id).second) return Error{ErrorCode::Malformed, "two requests have one id"};
    auto request = TRY(read_request(item));
    if (const auto refused = refuse(request, rules, handler, vid)) {
      made.push_back({std::move(id), *refused});
      continue;
    }
    for (auto& [name, value] : request.headers) {
      name = lower(name);
      value = std::string(routes::without_blanks(value));
    }
    request.peer = peer;
    made.push_back({std::move(id), std::move(request)});
  }
  return made;
}

}  // namespace vrm::outbound
