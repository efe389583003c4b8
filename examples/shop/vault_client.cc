#include "examples/shop/vault_client.h"

#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>
#include <utility>

#include "examples/shop/assertion.h"
#include "vault/base/json.h"
#include "vault/jose/dpop.h"

namespace vrm::shop {
namespace {

constexpr std::string_view kJwtBearer = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
constexpr std::string_view kCiba = "urn:openid:params:grant-type:ciba";

constexpr int kLongestWait_s = 5;

// True when the vault wanted the same asked anew shortly, as it does in the second in which it
// started, and that time has passed.
bool waited_for(const Answer& answer) {
  if (answer.error != "temporarily_unavailable") return false;
  if (answer.retry_after_s < 1 || answer.retry_after_s > kLongestWait_s) return false;
  std::this_thread::sleep_for(std::chrono::seconds(answer.retry_after_s));
  return true;
}

std::string joined(const std::vector<std::string>& fields) {
  std::string text;
  for (const std::string& field : fields) text += (text.empty() ? "" : ",") + form_encoded(field);
  return text;
}

// A metadata document. Its place: the well-known name stands between host and path.
Result<nlohmann::json> metadata(const Url& url, std::string_view name, std::string_view suffix) {
  const std::string place =
      url.origin + "/.well-known/" + std::string(name) + url.path + std::string(suffix);
  const Answer answer = TRY(send({.url = place}));
  if (!answer.good()) {
    return Error{ErrorCode::Unavailable, place + " answers " + answer.in_words()};
  }
  return read_json(answer.body);
}

// An endpoint that belongs to `issuer`. A vault that names another host's is not followed.
Result<std::string> own_endpoint(const nlohmann::json& document, std::string_view name,
                                 std::string_view issuer) {
  std::string url = TRY(need_string(document, name));
  if (!url.starts_with(std::string(issuer) + "/")) {
    return Error{ErrorCode::Malformed, "`" + std::string(name) + "` lies outside the issuer"};
  }
  return url;
}

}  // namespace

std::string Endpoints::intent(std::string_view iid) const {
  return resource + "/intents/" + form_encoded(iid);
}

std::string Endpoints::offer(std::string_view iid, std::string_view oid) const {
  return intent(iid) + "/offers/" + form_encoded(oid);
}

Result<VaultClient> VaultClient::find(const Caller& caller, std::string_view issuer) {
  const Url url = TRY(url_from_text(issuer));
  const nlohmann::json server = TRY(metadata(url, "oauth-authorization-server", ""));
  const nlohmann::json resource = TRY(metadata(url, "oauth-protected-resource", "/v1"));
  const std::string named = TRY(need_string(server, "issuer"));
  if (named != issuer) return Error{ErrorCode::Malformed, "the document is another issuer's"};
  Endpoints endpoints;
  endpoints.issuer = named;
  endpoints.ask = TRY(own_endpoint(server, "backchannel_authentication_endpoint", issuer));
  endpoints.token = TRY(own_endpoint(server, "token_endpoint", issuer));
  if (server.contains("revocation_endpoint"))
    endpoints.revoke = TRY(own_endpoint(server, "revocation_endpoint", issuer));
  endpoints.resource = TRY(own_endpoint(resource, "resource", issuer));
  endpoints.data = endpoints.resource + "/data";
  if (server.contains("vrm_terms_supported")) {
    const auto* terms = TRY(need_array(server, "vrm_terms_supported"));
    for (const auto& each : *terms) {
      std::string id = TRY(need_string(each, "id"));
      std::string digest = TRY(need_string(each, "digest"));
      endpoints.terms.emplace_back(std::move(id), std::move(digest));
    }
  }
  return VaultClient(caller, std::move(endpoints));
}

// The terms by their id and with the vault's digest of them.
Result<Wish> VaultClient::with_terms(const Wish& wish) const {
  Wish named = wish;
  if (wish.terms.empty()) return named;
  for (const auto& [id, digest] : endpoints_.terms) {
    if (id != wish.terms && !id.ends_with("#" + wish.terms)) continue;
    named.terms = id;
    named.terms_digest = digest;
    return named;
  }
  return Error{ErrorCode::NotFound, "the vault knows no such terms"};
}

Result<Answer> VaultClient::ask(const Wish& wish, std::string_view subject) {
  const Wish named = TRY(with_terms(wish));
  const std::string details = details_of(named);
  const auto once = [&]() -> Result<Answer> {
    Pairs form = authenticated_form();
    form.emplace_back("scope", "vrm");
    form.emplace_back("login_hint", subject);
    form.emplace_back("authorization_details", details);
    if (named.signs_terms)
      form.emplace_back("terms_jwt", signed_terms(caller_.keys.client, caller_.client_id,
                                                  endpoints_.issuer, nlohmann::json::parse(details),
                                                  caller_.clock.now(), caller_.random));
    return send_and_keep_nonce({.method = "POST", .url = endpoints_.ask, .form = std::move(form)});
  };
  Answer answer = TRY(once());
  if (!waited_for(answer)) return answer;
  return once();
}

Result<Answer> VaultClient::poll(std::string_view auth_req_id) {
  return call_token_endpoint(
      {{"grant_type", std::string(kCiba)}, {"auth_req_id", std::string(auth_req_id)}});
}

Result<Answer> VaultClient::refresh(std::string_view refresh_token) {
  return call_token_endpoint(
      {{"grant_type", "refresh_token"}, {"refresh_token", std::string(refresh_token)}});
}

Result<Answer> VaultClient::give_back(std::string_view token) {
  if (endpoints_.revoke.empty())
    return Error{ErrorCode::Malformed, "the vault names no revocation_endpoint"};
  Pairs form = authenticated_form();
  form.emplace_back("token", token);
  return send_and_keep_nonce({.method = "POST", .url = endpoints_.revoke, .form = std::move(form)});
}

Result<Answer> VaultClient::read(const Tokens& tokens, const std::vector<std::string>& fields,
                                 std::string_view purpose) {
  Answer answer = TRY(read_with(read_proof(tokens), tokens, fields, purpose));
  if (answer.error != "use_dpop_nonce") return answer;
  return read_with(read_proof(tokens), tokens, fields, purpose);
}

Result<Answer> VaultClient::read_part(const Tokens& tokens, std::string_view field,
                                      std::int64_t part, std::string_view purpose) {
  constexpr std::size_t kMostOfAPart = 1024 * 1024;
  return call_with_token(tokens.access_token,
                         {.url = endpoints_.resource + "/documents/" + form_encoded(field) +
                                 "/parts/" + std::to_string(part),
                          .query = "purpose=" + form_encoded(purpose),
                          .most = kMostOfAPart});
}

Result<Answer> VaultClient::put_offer(std::string_view token, std::string_view iid,
                                      std::string_view oid, const std::string& jws) {
  return call_with_token(token, {.method = "PUT", .url = endpoints_.offer(iid, oid), .jws = jws});
}

Result<Answer> VaultClient::withdraw_offer(std::string_view token, std::string_view iid,
                                           std::string_view oid) {
  return call_with_token(token, {.method = "DELETE", .url = endpoints_.offer(iid, oid)});
}

Result<Answer> VaultClient::pass_intent(std::string_view token, std::string_view iid) {
  return call_with_token(token, {.method = "POST", .url = endpoints_.intent(iid) + "/no-offer"});
}

Result<Answer> VaultClient::show_intent(std::string_view token, std::string_view iid) {
  return call_with_token(token, {.url = endpoints_.intent(iid)});
}

Result<Answer> VaultClient::acknowledge(std::string_view token, std::string_view iid,
                                        const std::string& jws) {
  return call_with_token(
      token, {.method = "POST", .url = endpoints_.intent(iid) + "/acknowledgement", .jws = jws});
}

Result<Answer> VaultClient::call_with_token(std::string_view token, Call call) {
  const auto once = [&]() -> Result<Answer> {
    call.headers = {{"Authorization", "DPoP " + std::string(token)},
                    {"DPoP", proof(call.method, call.url, token)}};
    return send_and_keep_nonce(call);
  };
  Answer answer = TRY(once());
  if (answer.error != "use_dpop_nonce") return answer;
  return once();
}

std::string VaultClient::read_proof(const Tokens& tokens) {
  return proof("GET", endpoints_.data, tokens.access_token);
}

Result<Answer> VaultClient::read_with(const std::string& proof, const Tokens& tokens,
                                      const std::vector<std::string>& fields,
                                      std::string_view purpose) {
  return send_and_keep_nonce(
      {.url = endpoints_.data,
       .query = "fields=" + joined(fields) + "&purpose=" + form_encoded(purpose),
       .headers = {{"Authorization", "DPoP " + tokens.access_token}, {"DPoP", proof}}});
}

Pairs VaultClient::authenticated_form() const {
  return {{"client_id", caller_.client_id},
          {"client_assertion_type", std::string(kJwtBearer)},
          {"client_assertion",
           client_assertion(caller_.keys.client, caller_.client_id, endpoints_.issuer,
                            caller_.clock.now(), caller_.random)}};
}

std::string VaultClient::proof(std::string_view method, const std::string& url,
                               std::string_view token) {
  return jose::make_proof(
      caller_.keys.dpop.signing(),
      {.method = method, .url = url, .now = caller_.clock.now(), .nonce = nonce_, .token = token},
      caller_.random);
}

Result<Answer> VaultClient::call_token_endpoint(const Pairs& grant) {
  const auto once = [&]() -> Result<Answer> {
    Pairs form = authenticated_form();  // an assertion is good once, so each try has its own
    form.insert(form.end(), grant.begin(), grant.end());
    return send_and_keep_nonce({.method = "POST",
                                .url = endpoints_.token,
                                .headers = {{"DPoP", proof("POST", endpoints_.token, "")}},
                                .form = std::move(form)});
  };
  Answer answer = TRY(once());
  if (waited_for(answer)) answer = TRY(once());
  if (answer.error != "use_dpop_nonce") return answer;
  return once();
}

Result<Answer> VaultClient::send_and_keep_nonce(const Call& call) {
  Answer answer = TRY(send(call));
  if (!answer.nonce.empty()) nonce_ = answer.nonce;
  return answer;
}

}  // namespace vrm::shop
