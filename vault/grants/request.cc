#include "vault/grants/request.h"

#include <nlohmann/json.hpp>

#include "vault/base/check.h"
#include "vault/base/json.h"

namespace vrm::grants {

namespace {

constexpr std::string_view kAnsweredWords[] = {"pending", "approved", "denied"};

std::string_view to_string(Answered answered) {
  return kAnsweredWords[static_cast<std::size_t>(answered)];
}

Result<Answered> answered_from(std::string_view word) {
  for (const auto answered : {Answered::Pending, Answered::Approved, Answered::Denied})
    if (to_string(answered) == word) return answered;
  return Error{ErrorCode::Corrupt, "a request's state is unknown"};
}

Result<AccessRequest> request_from(const nlohmann::json& json) {
  AccessRequest request;
  request.id.text = TRY(need_string(json, "id"));
  request.brand = TRY(need_string(json, "brand"));
  request.needed = TRY(need_strings(json, "needed"));
  request.optional = TRY(need_strings(json, "optional"));
  request.purpose = TRY(need_string(json, "purpose"));
  request.reason = TRY(need_string(json, "reason"));
  request.binding_message = TRY(need_string(json, "binding_message"));
  request.expires_in_s = TRY(need_int(json, "expires_in_s"));
  request.retention_days = TRY(need_int(json, "retention_days"));
  request.max_reads = TRY(find_int(json, "max_reads"));
  request.received_at = {TRY(need_int(json, "received_at"))};
  request.lapses_at = {TRY(need_int(json, "lapses_at"))};
  const std::string state = TRY(need_string(json, "state"));
  request.answered = TRY(answered_from(state));
  request.tell = TRY(find_bool(json, "tell")).value_or(false);
  request.grant = TRY(need_string(json, "grant"));
  request.rule = TRY(find_string(json, "rule")).value_or("");
  request.terms = TRY(find_terms(json));
  return request;
}

}  // namespace

std::string_view to_string(RequestCondition condition) {
  switch (condition) {
    case RequestCondition::Pending:
      return "pending";
    case RequestCondition::Approved:
      return "approved";
    case RequestCondition::Denied:
      return "denied";
    case RequestCondition::Lapsed:
      return "lapsed";
  }
  VRM_CHECK(false);
  return {};
}

RequestCondition AccessRequest::condition(Instant now) const {
  if (answered == Answered::Approved) return RequestCondition::Approved;
  if (answered == Answered::Denied) return RequestCondition::Denied;
  return now >= lapses_at ? RequestCondition::Lapsed : RequestCondition::Pending;
}

bool AccessRequest::looks_pending(Instant now) const {
  const bool is_silent = answered == Answered::Denied && !tell;
  return now < lapses_at && (answered == Answered::Pending || is_silent);
}

Bytes write_request(const AccessRequest& request) {
  nlohmann::json json = {{"id", request.id.text},
                         {"brand", request.brand},
                         {"needed", request.needed},
                         {"optional", request.optional},
                         {"purpose", request.purpose},
                         {"reason", request.reason},
                         {"binding_message", request.binding_message},
                         {"expires_in_s", request.expires_in_s},
                         {"retention_days", request.retention_days},
                         {"received_at", request.received_at.ms},
                         {"lapses_at", request.lapses_at.ms},
                         {"state", to_string(request.answered)},
                         {"tell", request.tell},
                         {"grant", request.grant}};
  if (request.max_reads) json["max_reads"] = *request.max_reads;
  if (!request.rule.empty()) json["rule"] = request.rule;
  put_terms(json, request.terms);
  const std::string text = write_json(json);
  return {text.begin(), text.end()};
}

Result<AccessRequest> read_request(BytesView record) {
  const auto json = read_json(text_of(record));
  if (json.ok()) {
    auto request = request_from(json.value());
    if (request.ok()) return request;
  }
  return Error{ErrorCode::Corrupt, "a request's record cannot be read"};
}

}  // namespace vrm::grants
