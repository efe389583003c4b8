#include "vault/market/acceptance.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "vault/base/json.h"
#include "vault/base/text.h"
#include "vault/jose/jws.h"
#include "vault/jose/jwt.h"
#include "vault/market/offer.h"
#include "vault/market/record.h"

namespace vrm::market {

namespace {

using nlohmann::json;

constexpr std::string_view kAcknowledgementTypes[] = {"vrm-ack+jwt"};
constexpr std::size_t kMostOrderScalars = 64;

Result<AcceptanceState> state_from(std::string_view word) {
  for (const auto state :
       {AcceptanceState::Pending, AcceptanceState::Acknowledged, AcceptanceState::Cancelled})
    if (to_string(state) == word) return state;
  return unreadable("state");
}

Result<std::vector<std::string>> read_grants(const json& object) {
  auto grants = TRY(need_strings(object, "grants"));
  for (const auto& grant : grants)
    if (!is_id(grant, GrantKind::kPrefix)) return unreadable("grants");
  return grants;
}

Result<Acceptance> acceptance_from(const json& object) {
  Acceptance acceptance;
  acceptance.id.text = TRY(need_id(object, "id", AcceptanceKind::kPrefix));
  acceptance.intent = TRY(need_id(object, "intent", IntentKind::kPrefix));
  acceptance.iid = TRY(need_wire_name(object, "iid"));
  acceptance.offer = TRY(need_id(object, "offer", OfferKind::kPrefix));
  acceptance.oid = TRY(need_wire_name(object, "oid"));
  acceptance.rev = TRY(need_count(object, "rev", kMostRevision));
  acceptance.brand = TRY(need_string(object, "brand"));
  acceptance.jti = TRY(need_wire_name(object, "jti"));
  acceptance.sha256 = TRY(need_string(object, "sha256"));
  if (!is_sha256(acceptance.sha256)) return unreadable("sha256");
  acceptance.url = TRY(need_string(object, "url"));
  acceptance.made_at = TRY(need_instant(object, "made_at"));
  acceptance.until = TRY(need_instant(object, "until"));
  const std::string state = TRY(need_string(object, "state"));
  acceptance.state = TRY(state_from(state));
  acceptance.grants = TRY(read_grants(object));
  acceptance.order = TRY(need_string(object, "order"));
  return acceptance;
}

Error bad_acknowledgement(std::string_view reason) {
  return Error{ErrorCode::Malformed, "not the acknowledgement expected: " + std::string(reason)};
}

Result<void> check_claims(const json& payload, const AcknowledgementRules& rules) {
  const jose::Claims claims = TRY(jose::read_claims(payload));
  if (!jose::check_issuer(claims, rules.client_id).ok())
    return bad_acknowledgement("`iss` is another");
  if (!jose::check_audience(claims, rules.issuer).ok())
    return bad_acknowledgement("`aud` is another");
  if (claims.jti.empty()) return bad_acknowledgement("`jti` is missing");
  if (!claims.iat) return bad_acknowledgement("`iat` is missing");
  if (!jose::check_times(claims, rules.now, jose::kClockSkew).ok())
    return bad_acknowledgement("`iat` or `exp` does not fit the time");
  const std::string acceptance = TRY(need_string(payload, "acceptance"));
  if (acceptance != rules.acceptance) return bad_acknowledgement("`acceptance` is another");
  const std::string sha256 = TRY(need_string(payload, "accept_sha256"));
  if (sha256 != rules.sha256) return bad_acknowledgement("`accept_sha256` is of other bytes");
  return {};
}

// Safe to print and no longer than kMostOrderScalars; one that is longer ends in an ellipsis.
std::string order_of(std::string_view order) {
  std::string whole = printable(order, kMostOrderScalars);
  if (whole == printable(order, kMostOrderScalars + 1)) return whole;
  return printable(order, kMostOrderScalars - 1);
}

}  // namespace

Bytes write_acceptance(const Acceptance& acceptance) {
  return to_record({{"id", acceptance.id.text},
                    {"intent", acceptance.intent},
                    {"iid", acceptance.iid},
                    {"offer", acceptance.offer},
                    {"oid", acceptance.oid},
                    {"rev", acceptance.rev},
                    {"brand", acceptance.brand},
                    {"jti", acceptance.jti},
                    {"sha256", acceptance.sha256},
                    {"url", acceptance.url},
                    {"made_at", acceptance.made_at.ms},
                    {"until", acceptance.until.ms},
                    {"state", to_string(acceptance.state)},
                    {"grants", acceptance.grants},
                    {"order", acceptance.order}});
}

Result<Acceptance> read_acceptance(BytesView record) {
  const json object = TRY(json_of(record));
  auto acceptance = acceptance_from(object);
  if (!acceptance.ok()) return unreadable("an acceptance");
  return acceptance;
}

Result<Acknowledgement> take_acknowledgement(std::string_view jws, const jose::JwkSet& keys,
                                             const AcknowledgementRules& rules) {
  const jose::Jws read = TRY(jose::Jws::read(jws, {.types = kAcknowledgementTypes}));
  const jose::VerifyingKey* key = keys.find(read.kid(), read.kind());
  if (key == nullptr)
    return Error{ErrorCode::BadKey, "an acknowledgement is signed by no key of the brand"};
  TRY(read.verify(*key));
  const json payload = TRY(read.claims());
  TRY(check_claims(payload, rules));
  const auto order = TRY(find_string(payload, "order"));
  return Acknowledgement{order_of(order.value_or(""))};
}

}  // namespace vrm::market
