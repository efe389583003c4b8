#include "examples/shop/conformance.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "examples/shop/assertion.h"
#include "vault/base/bytes.h"
#include "vault/base/json.h"
#include "vault/base/text.h"
#include "vault/jose/dpop.h"
#include "vault/jose/jwk.h"
#include "vault/jose/jws.h"

namespace vrm::shop {
namespace {

using nlohmann::json;

constexpr std::string_view kJwtBearer = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
constexpr std::string_view kCiba = "urn:openid:params:grant-type:ciba";
constexpr Duration kHour = std::chrono::hours(1);
constexpr std::string_view kNobodys =
    "AAAAAAAAAAAAAAAAAAAAAA";  // as long as a name the vault draws

std::vector<std::string> texts(const json& document, std::string_view name) {
  auto found = vrm::find_strings(document, name);
  if (!found.ok() || !found.value()) return {};
  return std::move(*found.value());
}

bool has(const std::vector<std::string>& all, std::string_view wanted) {
  for (const auto& one : all) {
    if (one == wanted) return true;
  }
  return false;
}

std::string text(const json& document, std::string_view name) {
  const auto found = vrm::find_string(document, name);
  return found.ok() ? found.value().value_or("") : "";
}

// A document that cannot be read has nothing in it.
json document_of(const Result<Answer>& answer) {
  if (!answer.ok() || !answer.value().good()) return json::object();
  auto read = read_json(answer.value().body);
  return read.ok() && read.value().is_object() ? std::move(read).value() : json::object();
}

// The last letter of a signature in base64url carries bits; another letter, another signature.
std::string with_another_signature(std::string jws) {
  const std::size_t place = jws.rfind('.') + 5;
  if (place < jws.size()) jws[place] = jws[place] == 'A' ? 'B' : 'A';
  return jws;
}

// One run against one vault, and what it found.
class Checks {
 public:
  Checks(const Desk& desk, const Vault& vault, const Say& say)
      : desk_(desk), vault_(vault), say_(say) {}

  Result<void> discovery();
  void strangers();
  void clients();
  void holdings();
  void proofs();
  void asking();
  void a_question();
  void reading(const Tokens& tokens);
  void skip(std::string_view what) {
    ++skipped_;
    say_("-     " + std::string(what));
  }

  int end() const {
    say_(std::to_string(kept_) + " kept, " + std::to_string(broken_) + " broken, " +
         std::to_string(skipped_) + " not tried");
    return broken_ == 0 ? kDone : kRefused;
  }

 private:
  void holds(std::string_view what, bool it_does, const std::string& instead) {
    (it_does ? kept_ : broken_) += 1;
    say_((it_does ? "ok    " : "NOT   ") + std::string(what) +
         (it_does ? "" : "; it was: " + instead));
  }
  void wants(std::string_view what, int status, std::string_view error,
             const Result<Answer>& answer) {
    if (!answer.ok()) return holds(what, false, "no answer: " + answer.error().message);
    const Answer& got = answer.value();
    holds(std::string(what) + ": " + std::to_string(status) +
              (error.empty() ? "" : " " + std::string(error)),
          got.status == status && got.error == error, got.in_words());
  }

  Result<Answer> call(const Call& wanted) {
    auto answer = send(wanted);
    if (answer.ok() && !answer.value().nonce.empty()) nonce_ = answer.value().nonce;
    return answer;
  }
  // The newest nonce, which lives until the next call.
  std::string_view nonce() {
    (void)call({.url = vault_.issuer + "/jwks.json"});
    return nonce_;
  }

  std::string assertion(const std::string& audience, Duration shift = Duration(0)) {
    return client_assertion(desk_.keys.client, desk_.brand.client_id(), audience,
                            desk_.clock.now() + shift, desk_.random);
  }
  Pairs form(const std::string& shown, const Pairs& more) const {
    Pairs all = {{"client_id", desk_.brand.client_id()},
                 {"client_assertion_type", std::string(kJwtBearer)},
                 {"client_assertion", shown}};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  jose::ProofWish at_token_endpoint() {
    return {.method = "POST", .url = token_, .now = desk_.clock.now(), .nonce = nonce()};
  }
  std::string proof(const jose::ProofWish& wish) {
    return jose::make_proof(desk_.keys.dpop.signing(), wish, desk_.random);
  }
  Result<Answer> token_call(const std::string& shown, Pairs sent) {
    Pairs headers;
    if (!shown.empty()) headers = {{"DPoP", shown}};
    return call({.method = "POST", .url = token_, .headers = headers, .form = std::move(sent)});
  }
  Result<Answer> poll(const std::string& shown) {
    return token_call(proof(at_token_endpoint()), form(shown, unknown_ticket()));
  }
  Result<Answer> poll_with(const std::string& shown) {
    return token_call(shown, form(assertion(vault_.issuer), unknown_ticket()));
  }
  static Pairs unknown_ticket() {
    return {{"grant_type", std::string(kCiba)}, {"auth_req_id", std::string(kNobodys)}};
  }
  Result<Answer> ask_for(const std::string& details, const Pairs& more = {}) {
    Pairs all = {{"scope", "vrm"}, {"authorization_details", details}};
    if (!more.empty()) all = more;
    return call({.method = "POST", .url = ask_, .form = form(assertion(vault_.issuer), all)});
  }
  // Without a `token` when it is "".
  Result<Answer> about_token(const std::string& endpoint, const std::string& token) {
    Pairs more;
    if (!token.empty()) more = {{"token", token}};
    return call({.method = "POST", .url = endpoint, .form = form(assertion(vault_.issuer), more)});
  }
  Result<Answer> read(const Pairs& headers, const std::string& query) {
    return call({.url = data_, .query = query, .headers = headers});
  }

  const Desk& desk_;
  const Vault& vault_;
  const Say& say_;
  std::string ask_, token_, revoke_, introspect_, data_, query_, nonce_;
  int kept_ = 0, broken_ = 0, skipped_ = 0;
};

Result<void> Checks::discovery() {
  const Url url = TRY(url_from_text(vault_.issuer));
  const auto well_known = [&url](const std::string& name, const std::string& suffix) {
    return url.origin + "/.well-known/" + name + url.path + suffix;
  };
  const auto server = call({.url = well_known("oauth-authorization-server", "")});
  if (!server.ok()) return server.error();
  wants("the server's metadata are there (RFC 8414)", 200, "", server);
  const json about = document_of(server);
  holds("their issuer is the one that introduced itself", text(about, "issuer") == vault_.issuer,
        text(about, "issuer"));
  ask_ = text(about, "backchannel_authentication_endpoint");
  token_ = text(about, "token_endpoint");
  revoke_ = text(about, "revocation_endpoint");
  introspect_ = text(about, "introspection_endpoint");
  for (const auto* endpoint : {&ask_, &token_, &revoke_, &introspect_})
    holds("an endpoint lies below the issuer", endpoint->starts_with(vault_.issuer + "/"),
          *endpoint);
  holds("polling is announced (CIBA)",
        has(texts(about, "backchannel_token_delivery_modes_supported"), "poll"), "not");
  for (const std::string& type : {std::string(kCiba), std::string("refresh_token")})
    holds("announced as a grant type: " + type, has(texts(about, "grant_types_supported"), type),
          "not");
  holds("private_key_jwt is announced",
        has(texts(about, "token_endpoint_auth_methods_supported"), "private_key_jwt"), "not");
  for (const auto algorithm : {"EdDSA", "Ed25519", "ES256"})
    holds("proofs may be signed by " + std::string(algorithm),
          has(texts(about, "dpop_signing_alg_values_supported"), algorithm), "not");
  const auto resource = call({.url = well_known("oauth-protected-resource", "/v1")});
  wants("the resource's metadata are there (RFC 9728)", 200, "", resource);
  const json what = document_of(resource);
  data_ = text(what, "resource") + "/data";
  query_ = text(what, "resource") + "/query";
  holds("they name this issuer as their server",
        has(texts(what, "authorization_servers"), vault_.issuer), "not");
  holds("tokens are bound by DPoP there",
        what.contains("dpop_bound_access_tokens_required") &&
            what["dpop_bound_access_tokens_required"] == true,
        "not");
  const auto keys = call({.url = vault_.issuer + "/jwks.json"});
  wants("its keys are there", 200, "", keys);
  const auto shown = jose::JwkSet::read(keys.ok() ? keys.value().body : "");
  const auto met = jose::JwkSet::read(vault_.jwks);
  bool same = shown.ok() && met.ok() && !met.value().members().empty();
  if (same) {
    const jose::Jwk& key = met.value().members().front().jwk;
    same = shown.value().find(key.kid, key.kind) != nullptr;
  }
  holds("among them is the key of the introduction", same, "not");
  holds("an answer brings a nonce for the next call", !nonce_.empty(), "none");
  if (ask_.empty() || token_.empty() || revoke_.empty() || introspect_.empty() || data_ == "/data")
    return Error{ErrorCode::Malformed, "without its endpoints nothing else can be tried"};
  return {};
}

void Checks::strangers() {
  const std::size_t last = vault_.issuer.rfind('/') + 1;
  const std::string another = vault_.issuer.substr(0, last) + std::string(kNobodys);
  wants("an issuer that never introduced itself", 404, "not_found",
        call({.url = another + "/jwks.json"}));
  wants("a path that the page does not have", 404, "not_found",
        call({.url = vault_.issuer + "/v1/nothing-here"}));
  wants("a method that the path does not have", 404, "not_found", call({.url = token_}));
  wants("reading with nothing in hand", 401, "invalid_token",
        read({}, "fields=contact.email&purpose=delivery"));
}

void Checks::clients() {
  const std::string issuer = vault_.issuer;
  const auto bare = token_call(proof(at_token_endpoint()), unknown_ticket());
  wants("nobody says who calls", 401, "invalid_client", bare);
  holds("a refusal is JSON", bare.ok() && bare.value().type.starts_with("application/json"),
        bare.ok() ? bare.value().type : "no answer");
  holds("and is not kept by caches",
        bare.ok() && bare.value().caching.find("no-store") != std::string::npos, "not said");
  wants("an assertion for another vault", 401, "invalid_client", poll(assertion(issuer + "x")));
  wants("an assertion for an endpoint's address", 401, "invalid_client", poll(assertion(token_)));
  wants("an assertion of an hour ago", 401, "invalid_client", poll(assertion(issuer, -kHour)));
  wants("an assertion of the next hour", 401, "invalid_client", poll(assertion(issuer, kHour)));
  wants("an assertion by a key that is not the brand's", 401, "invalid_client",
        poll(client_assertion(desk_.keys.dpop, desk_.brand.client_id(), issuer, desk_.clock.now(),
                              desk_.random)));
  wants("an assertion of another brand", 401, "invalid_client",
        poll(client_assertion(desk_.keys.client, desk_.brand.base + "/another.json", issuer,
                              desk_.clock.now(), desk_.random)));
  wants("an assertion with another signature", 401, "invalid_client",
        poll(with_another_signature(assertion(issuer))));
  const std::string once = assertion(issuer);
  wants("a good assertion, with a ticket that nobody has", 400, "invalid_grant", poll(once));
  wants("the same assertion once more", 401, "invalid_client", poll(once));
  const auto grant = [this](const Pairs& more) {
    return token_call(proof(at_token_endpoint()), form(assertion(vault_.issuer), more));
  };
  wants("a grant type that there is not", 400, "unsupported_grant_type",
        grant({{"grant_type", "authorization_code"}, {"code", "x"}}));
  wants("a poll without its ticket", 400, "invalid_request",
        grant({{"grant_type", std::string(kCiba)}}));
  wants("a refresh token that nobody has", 400, "invalid_grant",
        grant({{"grant_type", "refresh_token"}, {"refresh_token", std::string(kNobodys)}}));
  wants("a parameter twice", 400, "invalid_request",
        grant({{"grant_type", std::string(kCiba)}, {"grant_type", std::string(kCiba)}}));
  wants("a body that is no form", 400, "invalid_request",
        call({.method = "POST", .url = token_, .jws = assertion(issuer)}));
}

void Checks::holdings() {
  wants("asking about a token as nobody", 401, "invalid_client",
        call({.method = "POST", .url = introspect_, .form = {{"token", std::string(kNobodys)}}}));
  const auto unknown = about_token(introspect_, std::string(kNobodys));
  wants("asking about a token that nobody has", 200, "", unknown);
  holds("it is told as inactive, and nothing else", document_of(unknown) == json{{"active", false}},
        unknown.ok() ? unknown.value().body : "no answer");
  wants("asking about no token", 400, "invalid_request", about_token(introspect_, ""));
  wants("giving back a token that nobody has", 200, "",
        about_token(revoke_, std::string(kNobodys)));
  wants("giving back as nobody", 401, "invalid_client",
        call({.method = "POST", .url = revoke_, .form = {{"token", std::string(kNobodys)}}}));
}

void Checks::proofs() {
  wants("a token without a proof", 401, "invalid_dpop_proof", poll_with(""));
  const auto with = [this](auto change) {
    jose::ProofWish wish = at_token_endpoint();
    change(wish);
    return poll_with(proof(wish));
  };
  wants("a proof without a nonce", 400, "use_dpop_nonce",
        with([](jose::ProofWish& wish) { wish.nonce = ""; }));
  wants("a proof with a nonce of nobody's", 400, "use_dpop_nonce",
        with([](jose::ProofWish& wish) { wish.nonce = kNobodys; }));
  wants("a proof for another method", 401, "invalid_dpop_proof",
        with([](jose::ProofWish& wish) { wish.method = "GET"; }));
  wants("a proof for another address", 401, "invalid_dpop_proof",
        with([this](jose::ProofWish& wish) { wish.url = ask_; }));
  wants("a proof of an hour ago", 401, "invalid_dpop_proof",
        with([](jose::ProofWish& wish) { wish.now = wish.now - kHour; }));
  wants("a proof of the next hour", 401, "invalid_dpop_proof",
        with([](jose::ProofWish& wish) { wish.now = wish.now + kHour; }));
  wants("a client assertion in the place of a proof", 401, "invalid_dpop_proof",
        poll_with(assertion(vault_.issuer)));
  wants("a proof with another signature", 401, "invalid_dpop_proof",
        poll_with(with_another_signature(proof(at_token_endpoint()))));
  const std::string once = proof(at_token_endpoint());
  wants("a good proof", 400, "invalid_grant", poll_with(once));
  wants("the same proof once more", 401, "invalid_dpop_proof", poll_with(once));
}

void Checks::asking() {
  const auto details = [](const std::string& inside) {
    return R"([{"type":"vrm_data",)" + inside + "}]";
  };
  const std::string field = R"("datatypes":["contact.email"])";
  const std::string purpose = R"("purpose":"delivery")";
  const std::string good = details(field + "," + purpose);
  constexpr std::string_view kDetails = "invalid_authorization_details";
  wants("an ask that names nothing", 400, kDetails, ask_for(""));
  wants("an ask of two things", 400, kDetails,
        ask_for("[" + good.substr(1, good.size() - 2) + "," + good.substr(1)));
  wants("an ask of another type", 400, kDetails, ask_for(R"([{"type":"payment_initiation"}])"));
  wants("an ask without a purpose", 400, kDetails, ask_for(details(field)));
  wants("an ask for a purpose that there is not", 400, kDetails,
        ask_for(details(field + R"(,"purpose":"because")")));
  wants("an ask without a field", 400, kDetails, ask_for(details(purpose)));
  wants("an ask for a malformed field", 400, kDetails,
        ask_for(details(R"("datatypes":["Contact e-mail"],)" + purpose)));
  wants("an ask for a field twice", 400, kDetails,
        ask_for(details(R"("datatypes":["contact.email","contact.email"],)" + purpose)));
  wants("an ask under terms that there are not", 400, kDetails,
        ask_for(details(field + "," + purpose +
                        R"(,"terms":{"id":"https://example.org/terms","digest":"sha-256:00"})")));
  wants("an ask with a name twice in its JSON", 400, kDetails,
        ask_for(details(field + "," + purpose + "," + purpose)));
  wants("an ask of another scope", 400, "invalid_request",
        ask_for("", {{"scope", "openid"}, {"authorization_details", good}}));
  wants("an ask of another customer", 400, "invalid_request",
        ask_for("", {{"scope", "vrm"}, {"login_hint", "ppid:x"}, {"authorization_details", good}}));
  wants(
      "an ask that would wait too long", 400, "invalid_request",
      ask_for("",
              {{"scope", "vrm"}, {"requested_expiry", "999999"}, {"authorization_details", good}}));
  wants("terms signed that are not named", 400, "invalid_request",
        ask_for("", {{"scope", "vrm"}, {"authorization_details", good}, {"terms_jwt", "x.y.z"}}));
  wants("an ask by nobody", 401, "invalid_client",
        call({.method = "POST",
              .url = ask_,
              .form = {{"scope", "vrm"}, {"authorization_details", good}}}));
}

void Checks::a_question() {
  const auto asked = ask_for(
      "",
      {{"scope", "vrm"},
       {"requested_expiry", "60"},
       {"login_hint", vault_.subject},
       {"authorization_details",
        R"([{"type":"vrm_data","datatypes":["contact.email"],"purpose":"delivery",)"
        R"("reason":"a check of the vault's answers: leave it, it lapses within a minute"}])"}});
  wants("an ask", 200, "", asked);
  const json answer = document_of(asked);
  const std::string ticket = text(answer, "auth_req_id");
  holds("it gives a ticket of 128 bits or more", ticket.size() >= 22, ticket);
  holds(
      "and says how long the owner has",
      vrm::find_int(answer, "expires_in").ok() && vrm::find_int(answer, "expires_in").value() == 60,
      "not");
  const auto poll_it = [&] {
    return token_call(proof(at_token_endpoint()),
                      form(assertion(vault_.issuer),
                           {{"grant_type", std::string(kCiba)}, {"auth_req_id", ticket}}));
  };
  wants("nobody decided yet", 400, "authorization_pending", poll_it());
  wants("asked again before the interval is over", 400, "slow_down", poll_it());
}

void Checks::reading(const Tokens& tokens) {
  const std::string token = tokens.access_token;
  const std::string query =
      "fields=" + form_encoded(tokens.fields.front()) + "&purpose=" + form_encoded(tokens.purpose);
  const auto here = [&] {
    return jose::ProofWish{
        .method = "GET", .url = data_, .now = desk_.clock.now(), .nonce = nonce(), .token = token};
  };
  const auto with = [&](const std::string& scheme, const std::string& shown,
                        const std::string& made) {
    Pairs headers = {{"Authorization", scheme + " " + shown}};
    if (!made.empty()) headers.emplace_back("DPoP", made);
    return headers;
  };
  wants("a token as a bearer's", 401, "invalid_token", read(with("Bearer", token, ""), query));
  wants("a read without a proof", 401, "invalid_dpop_proof", read(with("DPoP", token, ""), query));
  jose::ProofWish wish = here();
  wish.nonce = "";
  const auto challenged = read(with("DPoP", token, proof(wish)), query);
  wants("a read without a nonce", 401, "use_dpop_nonce", challenged);
  holds("the challenge is of DPoP",
        challenged.ok() && challenged.value().challenge.starts_with("DPoP "),
        challenged.ok() ? challenged.value().challenge : "no answer");
  holds("a refusal is a problem (RFC 9457)",
        challenged.ok() && challenged.value().type == "application/problem+json",
        challenged.ok() ? challenged.value().type : "no answer");
  wish = here();
  wish.token = kNobodys;
  wants("a proof of another token", 401, "invalid_dpop_proof",
        read(with("DPoP", token, proof(wish)), query));
  wish = here();
  wish.method = "POST";
  wants("a proof of another method", 401, "invalid_dpop_proof",
        read(with("DPoP", token, proof(wish)), query));
  const std::string forged = with_another_signature(token);
  wish = here();
  wish.token = forged;
  wants("a token with another signature", 401, "invalid_token",
        read(with("DPoP", forged, proof(wish)), query));
  wants(
      "a stolen token, with the thief's key", 401, "invalid_token",
      read(with("DPoP", token, jose::make_proof(desk_.keys.client.signing(), here(), desk_.random)),
           query));
  const std::string outside =
      "fields=vrm.not_granted_to_you&purpose=" + form_encoded(tokens.purpose);
  wants("a field that was not granted", 403, "insufficient_scope",
        read(with("DPoP", token, proof(here())), outside));
  const std::string another = tokens.purpose == "dpv:Marketing" ? "delivery" : "dpv:Marketing";
  wants("a purpose that was not granted", 403, "insufficient_scope",
        read(with("DPoP", token, proof(here())),
             "fields=" + form_encoded(tokens.fields.front()) + "&purpose=" + another));
  wants("no purpose", 400, "invalid_request",
        read(with("DPoP", token, proof(here())), "fields=" + form_encoded(tokens.fields.front())));
  wants("a malformed field", 400, "invalid_request",
        read(with("DPoP", token, proof(here())), "fields=Nope!&purpose=delivery"));
  const std::string once = proof(here());
  const auto read_once = read(with("DPoP", token, once), query);
  wants("a read", 200, "", read_once);
  const json body = document_of(read_once);
  holds("it brings a receipt", !text(body, "receipt").empty(), "none");
  holds("and is not kept by caches",
        read_once.ok() && read_once.value().caching.find("no-store") != std::string::npos,
        "not said");
  wants("the same proof once more", 401, "invalid_dpop_proof",
        read(with("DPoP", token, once), query));
  const auto told = about_token(introspect_, token);
  wants("asking about the token", 200, "", told);
  const json about = document_of(told);
  holds("it is active, and of this grant",
        about.contains("active") && about["active"] == true &&
            text(about, "grant_id") == tokens.grant_id,
        told.ok() ? told.value().body : "no answer");
  const auto grant_url = vault_.issuer + "/grants/" + form_encoded(tokens.grant_id);
  wish = here();
  wish.url = grant_url;
  wants("what is granted now", 200, "",
        call({.url = grant_url, .headers = with("DPoP", token, proof(wish))}));
  wish = here();
  const std::string another_url = vault_.issuer + "/grants/gr_ZZZZZZZZ";
  wish.url = another_url;
  wants("a grant that is not the token's", 404, "not_found",
        call({.url = another_url, .headers = with("DPoP", token, proof(wish))}));
}

// Tokens of that vault which have some time to live.
Result<std::optional<Tokens>> usable(const Desk& desk, const std::string& issuer) {
  auto all = load_tokens(desk.folder);
  if (!all.ok() && all.error().code == ErrorCode::NotFound) return std::optional<Tokens>();
  if (!all.ok()) return all.error();
  for (auto& one : all.value()) {
    if (one.issuer == issuer && !one.fields.empty() && desk.clock.now() < one.expires)
      return std::optional<Tokens>(std::move(one));
  }
  return std::optional<Tokens>();
}

}  // namespace

Result<int> check_conformance(const Desk& desk, const ConformancePlan& plan, const Say& say) {
  const Vault vault =
      TRY(plan.vault.empty() ? newest_vault(desk.folder) : vault_of(desk.folder, plan.vault));
  Checks checks(desk, vault, say);
  TRY(checks.discovery());
  checks.strangers();
  checks.clients();
  checks.holdings();
  checks.proofs();
  checks.asking();
  if (plan.ask)
    checks.a_question();
  else
    checks.skip("a question of the owner: --ask asks one, which lapses within a minute");
  const auto tokens = TRY(usable(desk, vault.issuer));
  if (tokens)
    checks.reading(*tokens);
  else
    checks.skip("reading: there is no token; vrm-shop ask, then collect, brings one");
  return checks.end();
}

}  // namespace vrm::shop
