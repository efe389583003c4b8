#include "examples/shop/message.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "examples/shop/letter.h"
#include "vault/base/json.h"
#include "vault/base/text.h"

namespace vrm::shop {
namespace {

constexpr std::size_t kMostGrants = 20;
constexpr std::size_t kMostNameBytes = 256;
constexpr std::int64_t kLongestInterval = 300;

Error bad_message(const char* why) {
  return {ErrorCode::Malformed, why};
}

// A name that others choose and we put into addresses: letters, digits, '_' and '-' alone.
Result<std::string> need_name(const nlohmann::json& payload, std::string_view member) {
  std::string name = TRY(need_string(payload, member));
  const bool plain = std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
  if (name.empty() || name.size() > kMostNameBytes || !plain) {
    return Error{ErrorCode::Malformed, "`" + std::string(member) + "` is no name"};
  }
  return name;
}

Result<Message> intent_from(const Letter& letter) {
  const nlohmann::json payload = letter.payload();
  IntentMessage message;
  message.issuer = letter.claims.iss;
  message.iid = TRY(need_name(payload, "jti"));
  message.auth_req_id = TRY(need_string(payload, "auth_req_id"));
  const std::optional<std::int64_t> interval = TRY(find_int(payload, "interval"));
  message.interval_s = std::clamp<std::int64_t>(interval.value_or(5), 0, kLongestInterval);
  message.until = *letter.claims.exp;
  const nlohmann::json* demand = TRY(need_object(payload, "demand"));
  message.demand = TRY(read_demand(*demand));
  message.demand_text = write_json(*demand);
  return Message(std::move(message));
}

Result<Message> acceptance_from(const Letter& letter) {
  const nlohmann::json payload = letter.payload();
  AcceptMessage message;
  message.issuer = letter.claims.iss;
  message.jti = letter.claims.jti;
  message.until = *letter.claims.exp;
  message.iid = TRY(need_name(payload, "intent"));
  message.oid = TRY(need_name(payload, "offer"));
  message.rev = TRY(need_int(payload, "rev"));
  message.offer_sha256 = TRY(need_string(payload, "offer_sha256"));
  const nlohmann::json* grants = TRY(need_array(payload, "grants"));
  if (grants->size() > kMostGrants) return bad_message("more grants than purposes");
  for (const nlohmann::json& grant : *grants) {
    std::string auth_req_id = TRY(need_string(grant, "auth_req_id"));
    message.grants.push_back(std::move(auth_req_id));
  }
  return Message(std::move(message));
}

Result<Message> close_from(const Letter& letter) {
  const nlohmann::json payload = letter.payload();
  CloseMessage message;
  message.issuer = letter.claims.iss;
  message.iid = TRY(need_name(payload, "intent"));
  return Message(std::move(message));
}

Result<Message> cancel_from(const Letter& letter) {
  const nlohmann::json payload = letter.payload();
  CancelMessage message;
  message.issuer = letter.claims.iss;
  message.iid = TRY(need_name(payload, "intent"));
  message.acceptance = TRY(need_string(payload, "acceptance"));
  return Message(std::move(message));
}

struct Kind {
  std::string_view type;
  Result<Message> (*read)(const Letter&);
};
constexpr Kind kKinds[] = {{"vrm-intent+jwt", intent_from},
                           {"vrm-accept+jwt", acceptance_from},
                           {"vrm-close+jwt", close_from},
                           {"vrm-cancel+jwt", cancel_from}};

}  // namespace

Result<Message> read_message(std::string_view text, std::string_view client_id,
                             const Folder& folder, Instant now) {
  const std::string type = TRY(type_of(text));
  for (const Kind& kind : kKinds) {
    if (kind.type != type) continue;
    const Letter letter = TRY(open_letter(
        text, {.type = kind.type, .client_id = client_id, .most_bytes = kMostMessageBytes},
        folder));
    TRY(check_current(letter, now));
    if (letter.claims.sub.empty()) return bad_message("it does not say whose it is: no `sub`");
    return kind.read(letter);
  }
  return Error{ErrorCode::Malformed, "`" + printable(type, 40) + "` is nothing that we take here"};
}

}  // namespace vrm::shop
