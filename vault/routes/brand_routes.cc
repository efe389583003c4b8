#include "vault/routes/brand_routes.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "vault/base/json.h"
#include "vault/gate/wish.h"
#include "vault/market/offer.h"
#include "vault/routes/form.h"
#include "vault/routes/head.h"

namespace vrm::routes {

namespace {

using gate::BrandError;
using gate::Refused;

constexpr std::size_t kVidLetters = 22;
constexpr std::string_view kServerMetadata = "/.well-known/oauth-authorization-server";
constexpr std::string_view kResourceMetadata = "/.well-known/oauth-protected-resource";
constexpr std::size_t kMostNameLetters = 64;
constexpr std::string_view kRepeatHeader = "idempotency-key";
constexpr std::string_view kAlgorithms = "EdDSA Ed25519 ES256";
constexpr std::string_view kSeveralProofs = "several DPoP headers: one is wanted";
constexpr std::string_view kNoQuery = "no query is wanted";
constexpr std::string_view kGrantMark = "gr_";

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
      return 403;
    case BrandError::PolicyDenied:
      return is_resource ? 403 : 400;
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

// A number from 1 on, written one way; 0: not that.
std::uint64_t number_in(std::string_view text) {
  std::uint64_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = read.ec == std::errc() && read.ptr == text.data() + text.size();
  return whole && text.front() != '0' ? number : 0;
}

bool may_stand_for(std::string_view name, std::string_view text) {
  if (name == "vid") return is_vid(text);
  if (name == "n") return number_in(text) != 0;
  if (name == "grant_id") return text.starts_with(kGrantMark) && is_wire_id(text);
  if (name == "field") {
    const auto names = gate::read_field_list(text);
    return names && names->size() == 1;
  }
  return is_wire_id(text);
}

std::string_view first_part(std::string_view& path) {
  const auto part = path.substr(0, std::min(path.find('/', 1), path.size()));
  path.remove_prefix(part.size());
  return part;
}

// What stands at the names of `pattern`. Nothing: the path is not of that pattern.
std::optional<std::map<std::string_view, std::string>> taken_apart(std::string_view path,
                                                                   std::string_view pattern) {
  std::map<std::string_view, std::string> named;
  while (!pattern.empty() && !path.empty()) {
    const auto wanted = first_part(pattern);
    const auto there = first_part(path);
    if (!wanted.starts_with("/{")) {
      if (wanted != there) return std::nullopt;
      continue;
    }
    const auto name = wanted.substr(2, wanted.size() - 3);
    if (there.size() < 2 || !may_stand_for(name, there.substr(1))) return std::nullopt;
    named.emplace(name, there.substr(1));
  }
  if (!pattern.empty() || !path.empty()) return std::nullopt;
  return named;
}

// The issuer that a path names, for what its answer says of nonces; "" for none.
std::string vid_in(std::string_view path) {
  for (const auto known : {kServerMetadata, kResourceMetadata})
    if (path.starts_with(known)) path.remove_prefix(known.size());
  if (!path.starts_with("/v/")) return "";
  path.remove_prefix(3);
  return std::string(path.substr(0, std::min(path.find('/'), path.size())));
}

bool is_form(std::string_view content_type) {
  const auto type = content_type.substr(0, content_type.find(';'));
  return type == "application/x-www-form-urlencoded";
}

// Letters that can be seen, without blanks.
bool is_repeat_key(std::string_view text) {
  return !text.empty() && text.size() <= kMostNameLetters &&
         std::all_of(text.begin(), text.end(),
                     [](char letter) { return letter > ' ' && letter <= '~'; });
}

struct Query {
  std::vector<std::string> fields;
  std::string purpose;
};

// Malformed, in words for the brand's developer.
Result<Query> read_query(std::string_view body) {
  const auto json = TRY(read_json(body));
  if (!json.is_object() || json.size() != 2)
    return Error{ErrorCode::Malformed, "an object of fields and purpose is wanted"};
  auto fields = TRY(need_strings(json, "fields"));
  std::string joined;
  for (const auto& field : fields) joined += (joined.empty() ? "" : ",") + field;
  auto names = gate::read_field_list(joined);
  if (!names || names->size() != fields.size())
    return Error{ErrorCode::Malformed, "fields: names of fields, at least one, none twice"};
  auto purpose = TRY(need_string(json, "purpose"));
  return Query{std::move(*names), std::move(purpose)};
}

// token68 (RFC 9110 section 11.2), as far as it can be a token of ours.
bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](char letter) { return letter > ' ' && letter <= '~'; });
}

std::string oauth_error(const Refused& refused) {
  nlohmann::json body = {{"error", gate::to_string(refused.error)}};
  if (!refused.description.empty()) body["error_description"] = refused.description;
  return write_json(body);
}

std::string problem(const Refused& refused, int status) {
  const std::string code(gate::to_string(refused.error));
  nlohmann::json body = {
      {"type", problem_type(code)}, {"title", code}, {"status", status}, {"error", code}};
  if (!refused.description.empty()) body["detail"] = refused.description;
  return write_json(body);
}

}  // namespace

// One request on its way: what its path names.
struct BrandRoutes::Call {
  Request request;
  std::shared_ptr<Reply> reply;
  std::map<std::string_view, std::string> named = {};  // "iid" -> what stands there
  std::string vid = {};
  bool is_resource = false;
  const BrandCall* call = nullptr;  // which of the table
};

struct BrandRoutes::Route {
  BrandCall call;
  void (BrandRoutes::*handler)(const Call& call);
};

const std::vector<BrandRoutes::Route>& BrandRoutes::routes() {
  static const std::vector<Route> all = {
      {{"GET", "/.well-known/oauth-authorization-server/v/{vid}", Shows::Nothing, Takes::Nothing},
       &BrandRoutes::server_metadata},
      {{"GET", "/.well-known/oauth-protected-resource/v/{vid}/v1", Shows::Nothing, Takes::Nothing},
       &BrandRoutes::resource_metadata},
      {{"GET", "/v/{vid}/jwks.json", Shows::Nothing, Takes::Nothing}, &BrandRoutes::keys},
      {{"POST", "/v/{vid}/grants/request", Shows::Assertion, Takes::Form}, &BrandRoutes::ask},
      {{"POST", "/v/{vid}/token", Shows::AssertionAndProof, Takes::Form}, &BrandRoutes::token},
      {{"POST", "/v/{vid}/revoke", Shows::Assertion, Takes::Form}, &BrandRoutes::revoke},
      {{"POST", "/v/{vid}/introspect", Shows::Assertion, Takes::Form}, &BrandRoutes::introspect},
      {{"GET", "/v/{vid}/grants/{grant_id}", Shows::TokenAndProof, Takes::Nothing},
       &BrandRoutes::show_grant},
      {{"DELETE", "/v/{vid}/grants/{grant_id}", Shows::TokenAndProof, Takes::Nothing},
       &BrandRoutes::give_back},
      {{"GET", "/v/{vid}/v1/data", Shows::TokenAndProof, Takes::Query}, &BrandRoutes::read},
      {{"POST", "/v/{vid}/v1/query", Shows::TokenAndProof, Takes::Json}, &BrandRoutes::query},
      {{"GET", "/v/{vid}/v1/documents/{field}/parts/{n}", Shows::TokenAndProof, Takes::Query},
       &BrandRoutes::read_part},
      {{"GET", "/v/{vid}/v1/intents/{iid}", Shows::TokenAndProof, Takes::Nothing},
       &BrandRoutes::show_intent},
      {{"PUT", "/v/{vid}/v1/intents/{iid}/offers/{oid}", Shows::TokenAndProof, Takes::Jwt},
       &BrandRoutes::put_offer},
      {{"DELETE", "/v/{vid}/v1/intents/{iid}/offers/{oid}", Shows::TokenAndProof, Takes::Nothing},
       &BrandRoutes::withdraw_offer},
      {{"POST", "/v/{vid}/v1/intents/{iid}/no-offer", Shows::TokenAndProof, Takes::Nothing},
       &BrandRoutes::pass_intent},
      {{"POST", "/v/{vid}/v1/intents/{iid}/acknowledgement", Shows::TokenAndProof, Takes::Jwt},
       &BrandRoutes::acknowledge},
  };
  return all;
}

std::vector<BrandCall> BrandRoutes::calls() {
  std::vector<BrandCall> all;
  for (const auto& route : routes()) all.push_back(route.call);
  return all;
}

std::size_t BrandRoutes::body_limit(std::string_view method, std::string_view) const {
  if (method == "PUT") return market::kMostOfferBytes;
  return method == "POST" ? 32 * 1024 : 0;
}

Answer BrandRoutes::answer(const std::string& vid, bool is_resource,
                           const gate::Outcome<std::string>& outcome, const Good& good) const {
  Answer answer;
  answer.headers = {{"Cache-Control", "no-store"}, {"DPoP-Nonce", desk_.nonce(vid)}};
  if (const auto* body = std::get_if<std::string>(&outcome)) {
    answer.status = good.status;
    if (!body->empty()) answer.headers.emplace_back("Content-Type", good.type);
    answer.body = *body;
    return answer;
  }
  const auto& refused = std::get<Refused>(outcome);
  answer.status = status_of(refused.error, is_resource);
  answer.headers.emplace_back("Content-Type",
                              is_resource ? "application/problem+json" : "application/json");
  if (is_resource && (answer.status == 401 || answer.status == 403))
    answer.headers.emplace_back("WWW-Authenticate", challenge(vid, refused.error));
  if (refused.retry_after_s)
    answer.headers.emplace_back("Retry-After", std::to_string(*refused.retry_after_s));
  answer.body = is_resource ? problem(refused, answer.status) : oauth_error(refused);
  return answer;
}

// RFC 9449, section 7.1; resource_metadata is RFC 9728, section 5.1, and its well-known name stands between the host and
// the path, which a mailbox has.
std::string BrandRoutes::challenge(const std::string& vid, BrandError error) const {
  std::string text = "DPoP error=\"" + std::string(gate::to_string(error)) + "\", algs=\"";
  text += kAlgorithms;
  const std::string base = base_for(vid);
  const auto path_at = std::min(base.find('/', base.find("://") + 3), base.size());
  text += "\", resource_metadata=\"" + base.substr(0, path_at);
  text += kResourceMetadata;
  return text + base.substr(path_at) + "/v/" + vid + "/v1\"";
}

void BrandRoutes::send(const Call& call, const gate::Outcome<std::string>& outcome) const {
  call.reply->send(answer(call.vid, call.is_resource, outcome, Good()));
}

gate::Later<std::string> BrandRoutes::later(const Call& call) const {
  return later(call, Good());
}

gate::Later<std::string> BrandRoutes::later(const Call& call, const Good& good) const {
  return [this, reply = call.reply, vid = call.vid, good,
          is_resource = call.is_resource](std::function<gate::Outcome<std::string>()> finish) {
    reply->send_later([this, vid, is_resource, good, finish = std::move(finish)] {
      return answer(vid, is_resource, finish(), good);
    });
  };
}

void BrandRoutes::refuse(const Call& call, BrandError error, std::string description) {
  desk_.count_stranger(error);
  send(call, Refused{error, std::move(description)});
}

const BrandRoutes::Route* BrandRoutes::find(Call& call) {
  for (const auto& route : routes()) {
    if (call.request.method != route.call.method) continue;
    if (auto named = taken_apart(call.request.path, route.call.path)) {
      call.named = std::move(*named);
      call.call = &route.call;
      return &route;
    }
  }
  return nullptr;
}

void BrandRoutes::handle(Request request, std::shared_ptr<Reply> reply) {
  Call call{.request = std::move(request), .reply = std::move(reply)};
  call.vid = vid_in(call.request.path);
  const std::string issuer = "/v/" + call.vid;
  call.is_resource = call.request.path.starts_with(issuer + "/v1/") ||
                     call.request.path.starts_with(issuer + "/grants/" + std::string(kGrantMark));
  const Route* route = find(call);
  if (route == nullptr || !is_vid(call.vid)) return refuse(call, BrandError::NotFound, "");
  (this->*route->handler)(call);
}

void BrandRoutes::server_metadata(const Call& call) {
  send(call, desk_.server_metadata(call.vid));
}

void BrandRoutes::resource_metadata(const Call& call) {
  send(call, desk_.resource_metadata(call.vid));
}

void BrandRoutes::keys(const Call& call) {
  send(call, desk_.keys(call.vid));
}

std::optional<gate::Form> BrandRoutes::form(const Call& call) {
  const auto type = call.request.header("content-type");
  if (!type || !is_form(*type)) {
    refuse(call, BrandError::InvalidRequest, "a form is wanted");
    return std::nullopt;
  }
  auto form = read_form(call.request.body);
  if (form.ok()) return std::move(form.value());
  refuse(call, BrandError::InvalidRequest, form.error().message);
  return std::nullopt;
}

void BrandRoutes::ask(const Call& call) {
  if (const auto form = this->form(call)) desk_.ask(call.vid, *form, later(call));
}

void BrandRoutes::token(const Call& call) {
  const auto form = this->form(call);
  if (!form) return;
  if (call.request.count("dpop") > 1)
    return refuse(call, BrandError::InvalidDpopProof, std::string(kSeveralProofs));
  const auto proof = call.request.header("dpop").value_or("");
  desk_.token(call.vid, *form, {call.request.method, url_of(call), proof}, later(call));
}

void BrandRoutes::revoke(const Call& call) {
  if (const auto form = this->form(call)) desk_.revoke(call.vid, *form, later(call));
}

void BrandRoutes::introspect(const Call& call) {
  if (const auto form = this->form(call)) desk_.introspect(call.vid, *form, later(call));
}

void BrandRoutes::show_grant(const Call& call) {
  if (const auto held = shown_alone(call))
    desk_.show_grant(call.vid, {held->token, call.named.at("grant_id")}, held->proved, later(call));
}

void BrandRoutes::give_back(const Call& call) {
  if (const auto held = shown_alone(call))
    desk_.give_back(call.vid, {held->token, call.named.at("grant_id")}, held->proved,
                    later(call, {.status = 204}));
}

// The same of a call that takes nothing besides.
std::optional<BrandRoutes::Shown> BrandRoutes::shown_alone(const Call& call) {
  if (call.request.query.empty()) return shown(call);
  refuse(call, BrandError::InvalidRequest, std::string(kNoQuery));
  return std::nullopt;
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
  if (!authorization.starts_with(kScheme) || !is_token(authorization.substr(kScheme.size()))) {
    refuse(call, BrandError::InvalidToken, "Authorization: DPoP");
    return std::nullopt;
  }
  const auto proof = call.request.header("dpop");
  if (!proof) {
    const bool several = call.request.count("dpop") > 1;
    refuse(call, BrandError::InvalidDpopProof,
           std::string(several ? kSeveralProofs : gate::kNoProof));
    return std::nullopt;
  }
  return Shown{std::string(authorization.substr(kScheme.size())),
               {call.request.method, url_of(call), *proof}};
}

std::string BrandRoutes::base_for(const std::string& vid) const {
  std::string base = desk_.base_of(vid);
  return base.empty() ? base_ : base;
}

std::string BrandRoutes::url_of(const Call& call) const {
  return base_for(call.vid) + call.request.path;
}

struct BrandRoutes::Offered {
  gate::OfferCall wanted;
  gate::Proved proved;
};

std::optional<BrandRoutes::Offered> BrandRoutes::offered(const Call& call) {
  const Takes takes = call.call->takes;
  std::string_view why;
  if (takes == Takes::Jwt && call.request.header("content-type") != "application/jwt")
    why = "application/jwt is wanted";
  else if (takes == Takes::Nothing && call.request.method == "POST" && !call.request.body.empty())
    why = "no body is wanted";
  else if (!call.request.query.empty())
    why = kNoQuery;
  if (!why.empty()) {
    refuse(call, BrandError::InvalidRequest, std::string(why));
    return std::nullopt;
  }
  const auto held = shown(call);
  if (!held) return std::nullopt;
  const auto oid = call.named.find("oid");
  return Offered{.wanted = {.token = held->token,
                            .iid = call.named.at("iid"),
                            .oid = oid == call.named.end() ? std::string() : oid->second,
                            .body = call.request.body},
                 .proved = held->proved};
}

void BrandRoutes::show_intent(const Call& call) {
  if (const auto offered = this->offered(call))
    desk_.show_intent(call.vid, offered->wanted, offered->proved, later(call));
}

void BrandRoutes::put_offer(const Call& call) {
  if (const auto offered = this->offered(call))
    desk_.put_offer(call.vid, offered->wanted, offered->proved, later(call));
}

void BrandRoutes::withdraw_offer(const Call& call) {
  if (const auto offered = this->offered(call))
    desk_.withdraw_offer(call.vid, offered->wanted, offered->proved, later(call));
}

void BrandRoutes::pass_intent(const Call& call) {
  if (const auto offered = this->offered(call))
    desk_.pass_intent(call.vid, offered->wanted, offered->proved, later(call));
}

void BrandRoutes::acknowledge(const Call& call) {
  if (const auto offered = this->offered(call))
    desk_.acknowledge(call.vid, offered->wanted, offered->proved, later(call));
}

void BrandRoutes::read(const Call& call) {
  const auto held = shown(call);
  if (!held) return;
  const auto query = read_form(call.request.query);
  if (!query.ok()) return refuse(call, BrandError::InvalidRequest, query.error().message);
  const auto fields = query.value().find("fields");
  const auto purpose = query.value().find("purpose");
  if (fields == query.value().end())
    return refuse(call, BrandError::InvalidRequest, "fields is missing");
  if (purpose == query.value().end())
    return refuse(call, BrandError::InvalidRequest, "purpose is missing");
  if (query.value().size() != 2)
    return refuse(call, BrandError::InvalidRequest, "only fields and purpose are taken");
  auto names = gate::read_field_list(fields->second);
  if (!names)
    return refuse(call, BrandError::InvalidRequest,
                  "fields: 1 to 32 names of fields joined by commas, none twice");
  read(call, *held, std::move(*names), purpose->second);
}

// The same where the names shall stand in no address: those are kept by proxies and logs.
void BrandRoutes::query(const Call& call) {
  if (call.request.header("content-type") != "application/json")
    return refuse(call, BrandError::InvalidRequest, "application/json is wanted");
  if (!call.request.query.empty())
    return refuse(call, BrandError::InvalidRequest, "no query is wanted");
  const auto held = shown(call);
  if (!held) return;
  auto wanted = read_query(call.request.body);
  if (!wanted.ok()) return refuse(call, BrandError::InvalidRequest, wanted.error().message);
  read(call, *held, std::move(wanted.value().fields), std::move(wanted.value().purpose));
}

void BrandRoutes::read(const Call& call, const Shown& held, std::vector<std::string> fields,
                       std::string purpose) {
  const auto key = call.request.header(kRepeatHeader);
  if (call.request.count(kRepeatHeader) > 0 && (!key || !is_repeat_key(*key)))
    return refuse(call, BrandError::InvalidRequest,
                  "Idempotency-Key: one, of 1 to 64 letters that can be seen");
  const gate::Reading reading{.token = held.token,
                              .fields = std::move(fields),
                              .purpose = std::move(purpose),
                              .repeat_key = std::string(key.value_or(""))};
  desk_.read(call.vid, reading, held.proved, later(call));
}

void BrandRoutes::read_part(const Call& call) {
  const auto held = shown(call);
  if (!held) return;
  const auto query = read_form(call.request.query);
  if (!query.ok()) return refuse(call, BrandError::InvalidRequest, query.error().message);
  const auto purpose = query.value().find("purpose");
  if (purpose == query.value().end())
    return refuse(call, BrandError::InvalidRequest, "purpose is missing");
  if (query.value().size() != 1)
    return refuse(call, BrandError::InvalidRequest, "only purpose is taken");
  const gate::Reading reading{
      .token = held->token, .fields = {call.named.at("field")}, .purpose = purpose->second};
  const std::uint64_t part = number_in(call.named.at("n"));
  desk_.read_part(call.vid, reading, part, held->proved,
                  later(call, {.type = "application/octet-stream"}));
}

}  // namespace vrm::routes
