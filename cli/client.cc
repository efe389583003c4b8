#include "cli/client.h"

#include <httplib.h>
#include <strings.h>
#include <sys/socket.h>

#include <cstring>
#include <nlohmann/json.hpp>

#include "vault/api/error.h"
#include "vault/api/paths.h"
#include "vault/base/clock.h"
#include "vault/base/json.h"

namespace vrm::cli {

namespace {

constexpr int kAnyPort = 80;  // a Unix socket has none; the library wants one

void set_timeouts(httplib::Client& client, Duration timeout) {
  const time_t seconds = timeout.count() / 1000;
  const time_t micros = timeout.count() % 1000 * 1000;
  client.set_connection_timeout(seconds, micros);
  client.set_read_timeout(seconds, micros);
  client.set_write_timeout(seconds, micros);
}

httplib::Request request_of(ApiCall& call) {
  httplib::Request request;
  request.method = std::move(call.method);
  request.path = std::move(call.path);
  request.headers.emplace("Host", "vrm");
  request.headers.emplace("Accept", "application/json");
  request.headers.emplace("Accept-Encoding", "identity");
  if (call.by_person) request.headers.emplace(std::string(api::kPersonHeader), "1");
  if (call.kind == BodyKind::Json) request.headers.emplace("Content-Type", "application/json");
  if (call.kind == BodyKind::Bytes)
    request.headers.emplace("Content-Type", "application/octet-stream");
  request.body = std::move(call.body);
  return request;
}

// The library says the same of a silence and of an end: `in_time` tells them apart.
Error failure_of(httplib::Error error, const std::string& socket, bool in_time) {
  if (error == httplib::Error::Connection || error == httplib::Error::ConnectionTimeout)
    return refusal(ErrorCode::Unavailable, api::kNoDaemon, {{"socket", socket}});
  return refusal(ErrorCode::Unavailable, in_time ? kLost : kLate);
}

Result<nlohmann::json> document_of(int status, const std::string& body) {
  auto document = read_json(body, JsonLimits{.bytes = api::kMostAnswerBytes, .depth = 32});
  if (!document.ok())
    return Error{ErrorCode::Io, "the daemon's answer, status " + std::to_string(status) + ", is " +
                                    document.error().message};
  if (status != 200) return api::error_from_json(document.value());
  if (!document.value().is_object())
    return Error{ErrorCode::Io, "the daemon's answer is no document"};
  return document;
}

}  // namespace

struct Client::Answered {
  int status = 0;
  std::string body;
};

Result<nlohmann::json> Client::call(ApiCall call) const {
  auto answered = TRY(exchange(std::move(call)));
  auto document = document_of(answered.status, answered.body);
  explicit_bzero(answered.body.data(), answered.body.size());
  return document;
}

Result<std::string> Client::fetch(ApiCall call) const {
  auto answered = TRY(exchange(std::move(call)));
  if (answered.status == 200) return std::move(answered.body);
  const auto document = TRY(document_of(answered.status, answered.body));
  return Error{ErrorCode::Io, "the daemon's answer is no error"};
}

Result<Client::Answered> Client::exchange(ApiCall call) const {
  try {
    httplib::Client client(socket_, kAnyPort);
    client.set_address_family(AF_UNIX);
    client.set_keep_alive(false);
    client.set_follow_location(false);
    client.set_url_encode(false);
    set_timeouts(client, timeout_);
    auto request = request_of(call);
    std::string body;
    bool too_long = false;
    request.content_receiver = [&](const char* data, std::size_t size, std::uint64_t,
                                   std::uint64_t) {
      too_long = body.size() + size > api::kMostAnswerBytes;
      if (!too_long) body.append(data, size);
      return !too_long;
    };
    httplib::Response response;
    auto error = httplib::Error::Success;
    const SystemClock clock;
    const auto began = clock.ticks();
    const bool sent = client.send(request, response, error);
    explicit_bzero(request.body.data(), request.body.size());
    if (too_long) return Error{ErrorCode::Io, "the daemon's answer is too long"};
    if (!sent) return failure_of(error, socket_, clock.ticks() - began < timeout_);
    return Answered{response.status, std::move(body)};
  } catch (const std::exception& failed) {
    return Error{ErrorCode::Io, failed.what()};
  }
}

}  // namespace vrm::cli
