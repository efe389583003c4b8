#include "examples/shop/bound_token.h"

#include <chrono>
#include <nlohmann/json.hpp>
#include <utility>

#include "vault/base/json.h"

namespace vrm::shop {
namespace {

constexpr std::int64_t kLongestTokenSeconds = 24 * 60 * 60;

Error bad_token(const char* why) {
  return {ErrorCode::Malformed, why};
}

}  // namespace

Result<BoundToken> bound_token_from(const nlohmann::json& answer, Instant now) {
  const std::string type = TRY(need_string(answer, "token_type"));
  // A token that is bound to no key would be anybody's.
  if (type != "DPoP") return bad_token("the token is not bound to our key");
  BoundToken token;
  token.access_token = TRY(need_string(answer, "access_token"));
  token.refresh_token = TRY(find_string(answer, "refresh_token")).value_or("");
  const std::int64_t seconds = TRY(need_int(answer, "expires_in"));
  if (seconds < 0 || seconds > kLongestTokenSeconds) {
    return bad_token("`expires_in` is out of bounds");
  }
  token.expires = now + std::chrono::seconds(seconds);
  token.grant_id = TRY(need_string(answer, "grant_id"));
  return token;
}

Result<Pass> Pass::from_answer(std::string_view body, std::string_view iid, Instant now) {
  const nlohmann::json answer = TRY(read_json(body));
  BoundToken token = TRY(bound_token_from(answer, now));
  const nlohmann::json* details = TRY(need_array(answer, "authorization_details"));
  if (details->size() != 1) return bad_token("not exactly one granted detail");
  const std::string type = TRY(need_string(details->front(), "type"));
  const std::string intent = TRY(need_string(details->front(), "intent"));
  if (type != "vrm_offer" || intent != iid || token.grant_id != iid) {
    return bad_token("the token is not for this intent");
  }
  return Pass{std::move(token.access_token), std::move(token.refresh_token), token.expires};
}

Result<Pass> Pass::refreshed_by(std::string_view body, std::string_view iid, Instant now) const {
  Pass fresh = TRY(from_answer(body, iid, now));
  if (fresh.refresh_token.empty()) fresh.refresh_token = refresh_token;
  return fresh;
}

}  // namespace vrm::shop
