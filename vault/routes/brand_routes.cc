#include "vault/routes/brand_routes.h"

#include <charconv>
#include <nlohmann/json.hpp>

#include "vault/base/json.h"
#include "vault/gate/wish.h"
#include "vault/market/offer.h"
#include "vault/routes/form.h"

namespace vrm::routes {

namespace {

using gate::BrandError;
using gate::Refused;

constexpr std::size_t kVidLetters = 22;
constexpr std::string_view kServerMetadata = "/.well-known/oauth-authorization-server";
constexpr std::string_view kResourceMetadata = "/.well-known/oauth-protected-resource";
constexpr std::string_view kIntents = "/v1/intents/";
constexpr std::string_view kDocuments = "/v1/documents/";
constexpr std::size_t kMostNameLetters = 64;
constexpr std::string_view kAlgorithms = "EdDSA Ed25519 ES256";

// The one error table (docs/api/brand.md). Nonce errors and others differ between the two kinds of endpoint.
int status_of(BrandError error, bool is_resource) {
  switch (error) {
    case BrandError::UseDpopNonce:
    case BrandError::InvalidDpopProof:
      return is_resource || error == BrandError::InvalidDpopProof ? 401 : 400;
    case BrandError::InvalidClient:
    case BrandError::InvalidToken:
      return 401;
    case BrandError::InsufficientScope:
    case BrandError::PolicyDenied:
      return 403;
    case BrandError::NotFound:
      return 404;
    case BrandError::StaleRevision:
    case BrandError::TooManyOffers:
    case BrandError::IntentClosed:
    case BrandError::OfferAccepted:
    case BrandError::AcceptanceEnded:
      return 409;
    case BrandError::RateLimited:
      return 429;
    case BrandError::VaultSealed:
    case BrandError::VaultLocked:
    case BrandError::TemporarilyUnavailable:
      return 503;
    case BrandError::InvalidRequest:
    case BrandError::InvalidAuthorizationDetails:
    case BrandError::UnsupportedGrantType:
    case BrandError::AuthorizationPending:
    case BrandError::SlowDown:
    case BrandError::ExpiredToken:
    case BrandError::AccessDenied:
    case BrandError::InvalidGrant:
    case BrandError::InvalidOffer:
      return 400;
  }
  return 400;
}

bool is_vid(std::string_view text) {
  return text.size() == kVidLetters && text.find_first_not_of(
                                           "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                           "0123456789-_") == std::string_view::npos;
}

// The name of an intent or an offer, as it may stand in a path.
bool is_wire_id(std::string_view text) {
  return !text.empty() && text.size() <= kMostNameLetters &&
         text.find_first_not_of(
             "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
             "0123456789-_") == std::string_view::npos;
}

bool is_form(std::string_view content_type) {
  const auto type = content_type.substr(0, content_type.find(';'));
  return type == "application/x-www-form-urlencoded";
}

std::string oauth_error(const Refused& refused) {
  nlohmann::json body = {{"error", gate::to_string(refused.error)}};
  if (!refused.description.empty()) body["error_description"] = refused.description;
  return write_json(body);
}

std::string problem(const Refused& refused, int status) {
  const std::string code(gate::to_string(refused.error));
  nlohmann::json body = {{"type", "https://vrm.example/problems/" + code},
                         {"title", code},
                         {"status", status},
                         {"error", code}};
  if (!refused.description.empty()) body["detail"] = refused.description;
  return write_json(body);
}

}  // namespace

// One request on its way: which issuer it names, and what of that issuer.
struct BrandRoutes::Call {
  Request request;
  std::shared_ptr<Reply> reply;
  std::string vid;
  std::string rest;  // behind /v/{vid}
  bool is_resource = false;
};

std::size_t BrandRoutes::body_limit(std::string_view method, std::string_view) const {
  if (method == "PUT") return market::kMostOfferBytes;
  return method == "POST" ? 32 * 1024 : 0;
}

Answer BrandRoutes::answer(const std::string& vid, bool is_resource,
                           const gate::Outcome<std::string>& outcome, std::string_view type) const {
  Answer answer;
  answer.headers = {{"Cache-Control", "no-store"}, {"DPoP-Nonce", desk_.nonce(vid)}};
  if (const auto* body = std::get_if<std::string>(&outcome)) {
    answer.headers.emplace_back("Content-Type", type);
    answer.body = *body;
    return answer;
  }
  const auto& refused = std::get<Refused>(outcome);
  answer.status = status_of(refused.error, is_resource);
  answer.headers.emplace_back("Content-Type",
                              is_resource ? "application/problem+json" : "application/json");
  if (is_resource && (answer.status == 401 || answer.status == 403)) {
    std::string challenge =
        "DPoP error=\"" + std::string(gate::to_string(refused.error)) + "\", algs=\"";
    challenge += std::string(kAlgorithms) + "\"";
    answer.headers.emplace_back("WWW-Authenticate", std::move(challenge));
  }
  if (refused.retry_after_s)
    answer.headers.emplace_back("Retry-After", std::to_string(*refused.retry_after_s));
  answer.body = is_resource ? problem(refused, answer.status) : oauth_error(refused);
  return answer;
}

void BrandRoutes::send(const Call& call, const gate::Outcome<std::string>& outcome) const {
  call.reply->send(answer(call.vid, call.is_resource, outcome));
}

gate::Later<std::string> BrandRoutes::later(const Call& call, std::string_view type) const {
  return [this, reply = call.reply, vid = call.vid, type,
          is_resource = call.is_resource](std::function<gate::Outcome<std::string>()> finish) {
    reply->send_later([this, vid, is_resource, type, finish = std::move(finish)] {
      return answer(vid, is_resource, finish(), type);
    });
  };
}

void BrandRoutes::refuse(const Call& call, BrandError error, std::string description) {
  desk_.count_stranger(error);
  send(call, Refused{error, std::move(description)});
}

void BrandRoutes::handle(Request request, std::shared_ptr<Reply> reply) {
  Call call{.request = std::move(request), .reply = std::move(reply), .vid = {}, .rest = {}};
  std::string_view path = call.request.path;
  std::string_view document;
  for (const auto known : {kServerMetadata, kResourceMetadata})
    if (path.starts_with(known)) document = known;
  path.remove_prefix(document.size());
  if (path.starts_with("/v/")) {
    path.remove_prefix(3);
    const auto slash = std::min(path.find('/'), path.size());
    call.vid = path.substr(0, slash);
    call.rest = std::string(document) + std::string(path.substr(slash));
  }
  call.is_resource = call.rest.starts_with("/v1/");
  if (!is_vid(call.vid)) return refuse(call, BrandError::NotFound, "");
  if (call.rest.starts_with(kIntents)) return answer_intent(call);
  if (call.request.method == "GET" && call.rest == "/v1/data") return read(call);
  if (call.request.method == "GET" && call.rest.starts_with(kDocuments)) return read_part(call);
  if (call.request.method == "GET") return discover(call);
  if (call.request.method == "POST") return post_form(call);
  refuse(call, BrandError::NotFound, "");
}

void BrandRoutes::discover(const Call& call) {
  if (call.rest == kServerMetadata) return send(call, desk_.server_metadata(call.vid));
  if (call.rest == std::string(kResourceMetadata) + "/v1")
    return send(call, desk_.resource_metadata(call.vid));
  if (call.rest == "/jwks.json") return send(call, desk_.keys(call.vid));
  refuse(call, BrandError::NotFound, "");
}

void BrandRoutes::post_form(const Call& call) {
  const bool asks = call.rest == "/grants/request";
  if (!asks && call.rest != "/token") return refuse(call, BrandError::NotFound, "");
  const auto type = call.request.header("content-type");
  if (!type || !is_form(*type)) return refuse(call, BrandError::InvalidRequest, "a form is wanted");
  const auto form = read_form(call.request.body);
  if (!form.ok()) return refuse(call, BrandError::InvalidRequest, form.error().message);
  if (asks) return desk_.ask(call.vid, form.value(), later(call));
  if (call.request.count("dpop") > 1)
    return refuse(call, BrandError::InvalidDpopProof, "exactly one DPoP header");
  const auto proof = call.request.header("dpop").value_or("");
  desk_.token(call.vid, form.value(), {call.request.method, url_of(call), proof}, later(call));
}

// The token and the proof of a call at the resource; nothing when the call was refused for want of them.
std::optional<BrandRoutes::Shown> BrandRoutes::shown(const Call& call) {
  constexpr std::string_view kScheme = "DPoP ";
  if (const auto closed = desk_.closed(call.vid)) {
    desk_.count_stranger(closed->error);
    send(call, *closed);
    return std::nullopt;
  }
  const auto authorization = call.request.header("authorization").value_or("");
  if (!authorization.starts_with(kScheme)) {
    refuse(call, BrandError::InvalidToken, "Authorization: DPoP");
    return std::nullopt;
  }
  const auto proof = call.request.header("dpop");
  if (!proof) {
    refuse(call, BrandError::InvalidDpopProof, "exactly one DPoP header");
    return std::nullopt;
  }
  return Shown{std::string(authorization.substr(kScheme.size())),
               {call.request.method, url_of(call), *proof}};
}

std::string BrandRoutes::url_of(const Call& call) const {
  const std::string base = desk_.base_of(call.vid);
  return (base.empty() ? base_ : base) + call.request.path;
}

void BrandRoutes::answer_intent(const Call& call) {
  constexpr std::string_view kOffers = "/offers/";
  constexpr std::string_view kNoOffer = "/no-offer";
  constexpr std::string_view kAcknowledgement = "/acknowledgement";
  const std::string_view path = std::string_view(call.rest).substr(kIntents.size());
  const auto slash = std::min(path.find('/'), path.size());
  const std::string_view rest = path.substr(slash);
  gate::OfferCall wanted{
      .token = {}, .iid = std::string(path.substr(0, slash)), .oid = {}, .body = {}};
  if (rest.starts_with(kOffers)) wanted.oid = rest.substr(kOffers.size());
  const bool is_offer = is_wire_id(wanted.oid);
  const std::string& method = call.request.method;
  const bool shows = method == "GET" && rest.empty();
  const bool puts = method == "PUT" && is_offer;
  const bool withdraws = method == "DELETE" && is_offer;
  const bool passes = method == "POST" && rest == kNoOffer;
  const bool acknowledges = method == "POST" && rest == kAcknowledgement;
  if (!is_wire_id(wanted.iid) || !(shows || puts || withdraws || passes || acknowledges))
    return refuse(call, BrandError::NotFound, "");
  if ((puts || acknowledges) && call.request.header("content-type") != "application/jwt")
    return refuse(call, BrandError::InvalidRequest, "application/jwt is wanted");
  if (passes && !call.request.body.empty())
    return refuse(call, BrandError::InvalidRequest, "no body is wanted");
  if (!call.request.query.empty())
    return refuse(call, BrandError::InvalidRequest, "no query is wanted");
  const auto held = shown(call);
  if (!held) return;
  wanted.token = held->token;
  wanted.body = call.request.body;
  if (shows) return desk_.show_intent(call.vid, wanted, held->proved, later(call));
  if (puts) return desk_.put_offer(call.vid, wanted, held->proved, later(call));
  if (withdraws) return desk_.withdraw_offer(call.vid, wanted, held->proved, later(call));
  if (passes) return desk_.pass_intent(call.vid, wanted, held->proved, later(call));
  desk_.acknowledge(call.vid, wanted, held->proved, later(call));
}

void BrandRoutes::read(const Call& call) {
  const auto held = shown(call);
  if (!held) return;
  const auto query = read_form(call.request.query);
  if (!query.ok()) return refuse(call, BrandError::InvalidRequest, query.error().message);
  const auto fields = query.value().find("fields");
  const auto purpose = query.value().find("purpose");
  if (fields == query.value().end() || purpose == query.value().end() || query.value().size() != 2)
    return refuse(call, BrandError::InvalidRequest, "fields and purpose are wanted");
  auto names = gate::read_field_list(fields->second);
  if (!names)
    return refuse(call, BrandError::InvalidRequest, "fields: names joined by commas, none twice");
  const gate::Reading reading{
      .token = held->token, .fields = std::move(*names), .purpose = purpose->second};
  desk_.read(call.vid, reading, held->proved, later(call));
}

void BrandRoutes::read_part(const Call& call) {
  constexpr std::string_view kParts = "/parts/";
  const std::string_view path = std::string_view(call.rest).substr(kDocuments.size());
  const auto slash = std::min(path.find('/'), path.size());
  std::uint64_t part = 0;
  if (path.substr(slash).starts_with(kParts)) {
    const auto number = path.substr(slash + kParts.size());
    const auto read = std::from_chars(number.data(), number.data() + number.size(), part);
    if (read.ec != std::errc() || read.ptr != number.data() + number.size() || number[0] == '0')
      part = 0;
  }
  auto names = gate::read_field_list(path.substr(0, slash));
  if (part == 0 || !names || names->size() != 1) return refuse(call, BrandError::NotFound, "");
  const auto held = shown(call);
  if (!held) return;
  const auto query = read_form(call.request.query);
  if (!query.ok()) return refuse(call, BrandError::InvalidRequest, query.error().message);
  const auto purpose = query.value().find("purpose");
  if (purpose == query.value().end() || query.value().size() != 1)
    return refuse(call, BrandError::InvalidRequest, "purpose is wanted");
  const gate::Reading reading{
      .token = held->token, .fields = std::move(*names), .purpose = purpose->second};
  desk_.read_part(call.vid, reading, part, held->proved, later(call, "application/octet-stream"));
}

}  // namespace vrm::routes
