#pragma once
// A vault as a shop sees it: issuer, tokens, offers and acknowledgements by the contract, checked
// with jose. It decides nothing: the test says what is granted and what is refused.

#include <httplib.h>

#include <algorithm>
#include <array>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "examples/shop/exchange.h"
#include "tests/shop/scene.h"
#include "vault/base/clock.h"
#include "vault/base/json.h"
#include "vault/jose/client_assertion.h"
#include "vault/jose/dpop.h"
#include "vault/jose/jwk.h"
#include "vault/jose/jws.h"

namespace vrm::testing {

inline constexpr const char* kSubject = "ppid:abc";

// What came to a route of the intent's token.
struct Heard {
  std::string method;
  std::string path;  // behind the issuer
  std::string body;
};

class FakeVault {
 public:
  FakeVault(std::string issuer, std::string client_id, const Clock& clock)
      : issuer_(std::move(issuer)),
        client_id_(std::move(client_id)),
        clock_(clock),
        memory_(clock, random_) {}

  const std::string& issuer() const { return issuer_; }
  const VaultKey& key() const { return key_; }
  void know(const jose::Jwk& client_key) { client_keys_ = {client_key}; }
  // The vault's clock as its own start.
  void grant(const std::string& auth_req_id, nlohmann::json answer) {
    const std::lock_guard guard(lock_);
    granted_[auth_req_id] = std::move(answer);
  }
  // The next call of a route of the intent is answered so, once.
  void refuse_next(int status, std::string error) {
    const std::lock_guard guard(lock_);
    refusal_ = {status, std::move(error)};
  }
  std::vector<Heard> heard() const {
    const std::lock_guard guard(lock_);
    return heard_;
  }
  int refreshes() const { return refreshes_; }
  int asked() const { return asked_; }

  nlohmann::json pass(const std::string& iid, std::int64_t seconds = 600) const {
    return {{"access_token", "token-of-" + iid},
            {"token_type", "DPoP"},
            {"expires_in", seconds},
            {"refresh_token", "refresh-of-" + iid},
            {"grant_id", iid},
            {"authorization_details", {{{"type", "vrm_offer"}, {"intent", iid}}}}};
  }
  nlohmann::json data_grant(const std::string& name, const std::string& purpose) const {
    return {
        {"access_token", "token-of-" + name},
        {"token_type", "DPoP"},
        {"expires_in", 600},
        {"grant_id", name},
        {"authorization_details",
         {{{"type", "vrm_data"}, {"datatypes", {"address.home.locality"}}, {"purpose", purpose}}}}};
  }

  shop::Response answer(const shop::Request& request);

 private:
  using Form = std::map<std::string, std::string>;

  static std::string header(const shop::Request& request, std::string_view name) {
    for (const auto& [known, value] : request.headers) {
      if (known == name) return value;
    }
    return "";
  }
  static Form form_of(const std::string& body) {
    httplib::Params params;
    Form form;
    std::size_t at = 0;
    while (at < body.size()) {
      const std::size_t end = std::min(body.find('&', at), body.size());
      const std::string pair = body.substr(at, end - at);
      const std::size_t equals = pair.find('=');
      form[pair.substr(0, equals)] = decoded(pair.substr(equals + 1));
      at = end + 1;
    }
    return form;
  }
  static std::string decoded(const std::string& text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '%') {
        out += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
        i += 2;
      } else {
        out += text[i];
      }
    }
    return out;
  }
  shop::Response with_nonce(shop::Response response) const {
    response.headers.emplace_back("dpop-nonce", kNonce);
    return response;
  }
  bool is_client(const Form& form);
  // "" when the proof is good.
  std::string proof_fault(const shop::Request& request, const std::string& url,
                          const std::string& token) const;
  shop::Response metadata(const std::string& path) const;
  shop::Response ask(const shop::Request& request);
  shop::Response token(const shop::Request& request);
  shop::Response about_intent(const shop::Request& request, const std::string& path);

  static constexpr const char* kNonce = "nonce-1";

  std::string issuer_;
  std::string client_id_;
  const Clock& clock_;
  crypto::SystemRandom random_;
  jose::ReplayMemory memory_;
  VaultKey key_;
  std::vector<jose::Jwk> client_keys_;
  mutable std::mutex lock_;
  std::map<std::string, nlohmann::json> granted_;
  std::pair<int, std::string> refusal_ = {0, ""};
  std::vector<Heard> heard_;
  std::atomic<int> refreshes_ = 0;
  std::atomic<int> asked_ = 0;
};

inline bool FakeVault::is_client(const Form& form) {
  const auto keys = jose::JwkSet::from(jose::write_jwk_set(client_keys_));
  if (!keys.ok() || !form.contains("client_assertion")) return false;
  const auto taken = jose::take_assertion(form.at("client_assertion"), keys.value(),
                                          {.client_id = client_id_,
                                           .issuer = issuer_,
                                           .now = clock_.now(),
                                           .started = clock_.now() - std::chrono::hours(1)},
                                          memory_, client_id_);
  return std::holds_alternative<jose::ClientAssertion>(taken);
}

inline std::string FakeVault::proof_fault(const shop::Request& request, const std::string& url,
                                          const std::string& token) const {
  const std::array<std::string, 1> nonces = {kNonce};
  const std::string hash = token.empty() ? "" : jose::token_hash(token);
  const auto checked = jose::check_proof(header(request, "dpop"), {.method = request.method,
                                                                   .url = url,
                                                                   .nonces = nonces,
                                                                   .now = clock_.now(),
                                                                   .token_hash = hash});
  if (const auto* refused = std::get_if<jose::ProofRefusal>(&checked)) {
    return *refused == jose::ProofRefusal::NonceMissing ? "use_dpop_nonce" : "invalid_dpop_proof";
  }
  return "";
}

inline shop::Response FakeVault::metadata(const std::string& path) const {
  if (path.find("oauth-authorization-server") != std::string::npos) {
    return shop::Response::json(
        200, write_json({{"issuer", issuer_},
                         {"backchannel_authentication_endpoint", issuer_ + "/grants/request"},
                         {"token_endpoint", issuer_ + "/token"}}));
  }
  return shop::Response::json(200, write_json({{"resource", issuer_ + "/v1"}}));
}

inline shop::Response FakeVault::ask(const shop::Request& request) {
  const Form form = form_of(request.body);
  if (!is_client(form)) return shop::Response::refusal(401, "invalid_client");
  ++asked_;
  return shop::Response::json(200, R"({"auth_req_id":"over-1","expires_in":600,"interval":1})");
}

inline shop::Response FakeVault::token(const shop::Request& request) {
  const Form form = form_of(request.body);
  const std::string fault = proof_fault(request, issuer_ + "/token", "");
  if (!fault.empty()) return with_nonce(shop::Response::refusal(400, fault));
  if (!is_client(form)) return shop::Response::refusal(401, "invalid_client");
  const std::lock_guard guard(lock_);
  const bool refresh = form.contains("refresh_token");
  if (refresh) ++refreshes_;
  const auto found = granted_.find(refresh ? form.at("refresh_token") : form.at("auth_req_id"));
  if (found == granted_.end()) return shop::Response::refusal(400, "invalid_grant");
  if (found->second.is_string()) {
    return shop::Response::refusal(400, found->second.get<std::string>());
  }
  return shop::Response::json(200, write_json(found->second));
}

inline shop::Response FakeVault::about_intent(const shop::Request& request,
                                              const std::string& path) {
  const std::string authorization = header(request, "authorization");
  const std::string bearer = authorization.starts_with("DPoP ") ? authorization.substr(5) : "";
  const std::string fault = proof_fault(request, issuer_ + path, bearer);
  if (!fault.empty()) return with_nonce(shop::Response::refusal(401, fault));
  const std::lock_guard guard(lock_);
  heard_.push_back({request.method, path, request.body});
  if (refusal_.first != 0) {
    const auto [status, error] = std::exchange(refusal_, {0, ""});
    return shop::Response::refusal(status, error);
  }
  return shop::Response::json(200, R"({"offer":"x","rev":1,"state":"live"})");
}

inline shop::Response FakeVault::answer(const shop::Request& request) {
  const std::size_t origin_end = issuer_.find('/', 8);
  const std::string base = issuer_.substr(origin_end);
  if (request.path.starts_with("/.well-known/")) return metadata(request.path);
  if (!request.path.starts_with(base)) return shop::Response::refusal(404, "not_found");
  const std::string path = request.path.substr(base.size());
  if (path == "/grants/request") return ask(request);
  if (path == "/token") return token(request);
  if (path.starts_with("/v1/intents/")) return about_intent(request, path);
  return shop::Response::refusal(404, "not_found");
}

// Carries requests to a FakeVault over a socket.
class VaultDoor {
 public:
  VaultDoor() { port_ = server_.bind_to_any_port("127.0.0.1"); }
  ~VaultDoor() {
    if (!listener_.joinable()) return;
    server_.stop();
    listener_.join();
  }
  VaultDoor(const VaultDoor&) = delete;
  VaultDoor& operator=(const VaultDoor&) = delete;

  std::string origin() const { return "http://127.0.0.1:" + std::to_string(port_); }

  void open(FakeVault& vault) {
    const auto handler = [&vault](const httplib::Request& from, httplib::Response& to) {
      shop::Request request{from.method, from.path, "", {}, from.body};
      for (const auto& [name, value] : from.headers) {
        std::string lower = name;
        std::transform(lower.begin(), lower.end(), lower.begin(), ::tolower);
        request.headers.emplace_back(lower, value);
      }
      const shop::Response response = vault.answer(request);
      to.status = response.status;
      for (const auto& [name, value] : response.headers) to.set_header(name, value);
      to.body = response.body;
    };
    server_.Get(".*", handler);
    server_.Post(".*", handler);
    server_.Put(".*", handler);
    server_.Delete(".*", handler);
    listener_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();
  }

 private:
  httplib::Server server_;
  int port_ = 0;
  std::thread listener_;
};

}  // namespace vrm::testing
