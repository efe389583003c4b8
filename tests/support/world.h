#pragma once
// A vault with both desks in a fresh folder, a clock that the test sets, and a brand that calls the routes without a
// socket. Opened by a credential, so that no key is derived.

#include <doctest/doctest.h>
#include <stdlib.h>

#include <condition_variable>
#include <filesystem>
#include <functional>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>

#include "tests/support/fake_clock.h"
#include "vault/base/json.h"
#include "vault/crypto/system_random.h"
#include "vault/gate/brand_desk.h"
#include "vault/gate/owner_desk.h"
#include "vault/gate/rules.h"
#include "vault/gate/vault.h"
#include "vault/jose/dpop.h"
#include "vault/jose/jws.h"
#include "vault/routes/brand_routes.h"

namespace vrm::testing {

inline constexpr const char* kBase = "https://vault.example";

template <typename T>
T must(Result<T> result) {
  if (!result.ok())
    FAIL(std::string(to_string(result.error().code)) << ": " << result.error().message);
  return std::move(result).value();
}
inline void must(Result<void> result) {
  if (!result.ok())
    FAIL(std::string(to_string(result.error().code)) << ": " << result.error().message);
}

// A web with nobody in it, that remembers what was sent.
class QuietWeb final : public brands::Web {
 public:
  Result<brands::Page> get(const std::string& url) override {
    const auto found = pages.find(url);
    if (found == pages.end()) return Error{ErrorCode::Unavailable, "nobody there"};
    return brands::Page{200, "application/json", found->second};
  }
  Result<brands::Page> post(const std::string& url, const std::string&,
                            const std::string& body) override {
    posted.emplace_back(url, body);
    return brands::Page{204, "", ""};
  }
  void deliver(std::vector<brands::Message> messages) override {
    for (auto& one : messages) delivered.push_back(std::move(one));
  }
  void cancel(const std::string& id) override { cancelled.push_back(id); }
  void listen(brands::Listener* to) override { listener = to; }

  std::map<std::string, std::string> pages;
  std::vector<std::pair<std::string, std::string>> posted;
  std::vector<brands::Message> delivered;
  std::vector<std::string> cancelled;
  brands::Listener* listener = nullptr;
};

// Waits for the one answer of a request.
class WaitingReply final : public routes::Reply {
 public:
  void send(routes::Answer answer) override {
    const std::lock_guard lock(mutex_);
    answer_ = std::move(answer);
    changed_.notify_all();
  }
  void send_later(std::function<routes::Answer()> finish) override {
    const std::lock_guard lock(mutex_);
    finish_ = std::move(finish);
    changed_.notify_all();
  }
  routes::Answer wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return answer_.has_value() || finish_ != nullptr; });
    if (!answer_) {
      const auto finish = std::move(finish_);
      lock.unlock();
      return finish();
    }
    return *answer_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<routes::Answer> answer_;
  std::function<routes::Answer()> finish_;
};

class World {
 public:
  // `drawn`: where the vault's and the brands' random bytes come from; null for the system's. `where`: the vault's folder
  // is made there. `other`: the vault's disk, anchors on it; null for the system's, without.
  explicit World(gate::BrandLimits limits = default_limits(), Random* drawn = nullptr,
                 const std::filesystem::path& where = std::filesystem::temp_directory_path(),
                 store::Disk* other = nullptr)
      : random(drawn != nullptr ? *drawn : system_random),
        disk(other != nullptr ? *other : system_disk),
        limits_(limits) {
    std::string name = (where / "vrm-world-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    folder = name;
    knowledge.emplace(must(gate::Knowledge::load()));
    must(start());
    must(owner->init(gate::SlotKind::Credential, credential()));
  }
  ~World() {
    stop();
    std::filesystem::remove_all(folder);
  }
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  static gate::BrandLimits default_limits() {
    gate::BrandLimits limits;
    limits.calls_per_minute = 100'000;
    limits.requests_per_day = 1000;
    limits.pending_requests = 1000;
    return limits;
  }

  static crypto::Secret credential(std::uint8_t byte = 7) {
    return crypto::Secret::copy_of(Bytes(store::kCredentialBytes, byte));
  }

  // The process ends and starts again; nothing but the files goes over.
  void restart() {
    stop();
    must(start());
  }
  // The same with other limits, as when the owner's configuration changed.
  void limit(gate::BrandLimits limits) {
    limits_ = limits;
    restart();
  }
  void stop() {
    routes.reset();
    desk.reset();
    owner.reset();
    deals.reset();
    feed.reset();
    policies.reset();
    vault.reset();
  }
  // Errors as gate::Vault::find; the world is then as it was stopped.
  Result<void> start() {
    vault = TRY(gate::Vault::find({disk, clock, random, web}, *knowledge,
                                  {.folder = folder / "vault",
                                   .base = kBase,
                                   .anchors = &disk == &system_disk ? "" : folder / "anchors",
                                   .kdf = crypto::kCostFloor}));
    policies = TRY(gate::Policies::load(disk, folder / "policies.d", knowledge->catalogue,
                                        knowledge->purposes));
    feed = std::make_unique<gate::Feed>(clock);
    deals = std::make_unique<gate::Deals>(*vault, *feed);
    owner = std::make_unique<gate::OwnerDesk>(
        *vault, *policies, *deals, gate::ProcessFacts{.version = "", .brand_door = "here:7610"},
        owner_limits);
    desk = std::make_unique<gate::BrandDesk>(*vault, *policies, *deals, limits_);
    routes = std::make_unique<routes::BrandRoutes>(*desk, kBase);
    return {};
  }
  void unlock() {
    must(owner->unlock(gate::SlotKind::Credential, credential(), gate::Unlock::ForUse));
  }

  routes::Answer call(routes::Request request) {
    const auto reply = std::make_shared<WaitingReply>();
    const std::string path = request.path;
    routes->handle(std::move(request), reply);
    routes->turn_ended();
    auto answer = reply->wait();
    if (overhear) overhear(path, answer);
    return answer;
  }

  void set(std::string_view field, std::string_view value) {
    must(owner->set_field(field, {{"value", std::string(value)}}));
  }

  // The reasons of the records, the newest first.
  std::vector<std::string> log_reasons(std::string_view kind, std::string_view outcome) const {
    const auto log =
        must(owner->log({.brand = {}, .field = {}, .kind = {}, .since = {}, .limit = 100'000}));
    std::vector<std::string> reasons;
    for (const auto& item : log["items"])
      if (item["kind"] == kind && item["outcome"] == outcome)
        reasons.push_back(item["reason"].get<std::string>());
    return reasons;
  }
  std::size_t log_count(std::string_view kind, std::string_view outcome) const {
    return log_reasons(kind, outcome).size();
  }

  // Of the desk that start() makes.
  gate::OwnerLimits owner_limits{.idle_lock = std::nullopt, .hard_lock = std::nullopt};
  std::filesystem::path folder;
  FakeClock clock;
  crypto::SystemRandom system_random;
  Random& random;
  store::SystemDisk system_disk;
  store::Disk& disk;
  QuietWeb web;
  std::optional<gate::Knowledge> knowledge;
  std::unique_ptr<gate::Policies> policies;
  std::unique_ptr<gate::Vault> vault;
  std::unique_ptr<gate::Feed> feed;
  std::unique_ptr<gate::Deals> deals;
  std::unique_ptr<gate::OwnerDesk> owner;
  std::unique_ptr<gate::BrandDesk> desk;
  std::unique_ptr<routes::BrandRoutes> routes;
  // Hears every answer that a brand gets, with the path that it called.
  std::function<void(const std::string& path, const routes::Answer& answer)> overhear;

 private:
  gate::BrandLimits limits_;
};

inline std::string form_encoded(const std::map<std::string, std::string>& fields) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  const auto encode = [&out, kHex](std::string_view text) {
    for (const char c : text) {
      if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
          c == '.') {
        out += c;
      } else {
        const auto byte = static_cast<unsigned char>(c);
        out += '%';
        out += kHex[byte >> 4U];
        out += kHex[byte & 15U];
      }
    }
  };
  for (const auto& [name, value] : fields) {
    if (!out.empty()) out += '&';
    encode(name);
    out += '=';
    encode(value);
  }
  return out;
}

// A brand that knows how to call, and how to call wrongly.
class TestBrand {
 public:
  // `more`: what the owner says besides when adding it.
  TestBrand(World& world, std::string host, std::string name,
            const nlohmann::json& more = nlohmann::json::object())
      : world_(world),
        client_id("https://" + host + "/vrm-brand.json"),
        key(crypto::SigningKey::random(world.random)) {
    const std::vector<jose::Jwk> keys{jose::jwk_of(key.public_key())};
    const nlohmann::json document = {{"client_id", client_id},
                                     {"client_name", name},
                                     {"jwks", jose::write_jwk_set(keys)},
                                     {"vrm",
                                      {{"event_endpoint", "https://" + host + "/events"},
                                       {"intent_endpoint", "https://" + host + "/intents"}}}};
    nlohmann::json adding = {{"document", document}, {"new", true}};
    adding.update(more);
    const auto added = must(world.owner->add_brand(adding));
    introduction = added["introduction"].get<std::string>();
    handle = added["brand"].get<std::string>();
    issuer = added["issuer"].get<std::string>();
    vid = issuer.substr(issuer.rfind('/') + 1);
  }

  nlohmann::json assertion_claims() {
    const auto now = world_.clock.now().seconds();
    return {{"iss", client_id}, {"sub", client_id}, {"aud", issuer},
            {"iat", now},       {"exp", now + 50},  {"jti", draw()}};
  }
  std::string assertion() { return sign(key, assertion_claims()); }
  std::string sign(const crypto::SigningKey& with, const nlohmann::json& claims) {
    return jose::sign_jws(with, {.typ = "JWT", .kid = jose::jwk_of(with.public_key()).kid},
                          write_json(claims));
  }

  std::map<std::string, std::string> form() {
    return {{"client_id", client_id},
            {"client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
            {"client_assertion", assertion()}};
  }

  routes::Answer post(const std::string& what, const std::map<std::string, std::string>& fields,
                      const std::string& proof = "") {
    return post_text(what, form_encoded(fields), proof);
  }
  routes::Answer post_text(const std::string& what, std::string body,
                           const std::string& proof = "") {
    routes::Request request{.method = "POST",
                            .path = "/v/" + vid + what,
                            .query = "",
                            .headers = {},
                            .body = std::move(body),
                            .peer = ""};
    request.headers.emplace_back("content-type", "application/x-www-form-urlencoded");
    if (!proof.empty()) request.headers.emplace_back("dpop", proof);
    return world_.call(std::move(request));
  }

  routes::Answer ask(const nlohmann::json& element) {
    auto fields = form();
    fields["scope"] = "vrm";
    fields["authorization_details"] = write_json(nlohmann::json::array({element}));
    return post("/grants/request", fields);
  }
  static nlohmann::json wish(std::vector<std::string> fields, std::string purpose = "delivery") {
    return {{"type", "vrm_data"},
            {"actions", {"read"}},
            {"datatypes", std::move(fields)},
            {"purpose", std::move(purpose)}};
  }

  std::string nonce() { return world_.desk->nonce(vid); }
  std::string proof_for(const std::string& method, const std::string& path,
                        const std::string& token = "") {
    return proof_by(key, method, path, token, nonce());
  }
  std::string proof_by(const crypto::SigningKey& with, const std::string& method,
                       const std::string& path, const std::string& token,
                       const std::string& with_nonce) {
    const std::string url = kBase + path;
    return jose::make_proof(with,
                            {.method = method,
                             .url = url,
                             .now = world_.clock.now(),
                             .nonce = with_nonce,
                             .token = token},
                            world_.random);
  }

  routes::Answer poll(const std::string& auth_req_id) {
    auto fields = form();
    fields["grant_type"] = "urn:openid:params:grant-type:ciba";
    fields["auth_req_id"] = auth_req_id;
    return post("/token", fields, proof_for("POST", "/v/" + vid + "/token"));
  }
  routes::Answer refresh(const std::string& refresh_token) {
    auto fields = form();
    fields["grant_type"] = "refresh_token";
    fields["refresh_token"] = refresh_token;
    return post("/token", fields, proof_for("POST", "/v/" + vid + "/token"));
  }

  std::string data_path() const { return "/v/" + vid + "/v1/data"; }
  routes::Answer read(const std::string& token, const std::string& fields,
                      const std::string& purpose = "delivery") {
    return world_.call(read_request(token, fields, purpose));
  }
  routes::Answer read_with(const std::string& token, const std::string& proof,
                           const std::string& query) {
    return world_.call(request_with(token, proof, query));
  }
  // A read as the door hands it on, for a test that looks into the turn.
  routes::Request read_request(const std::string& token, const std::string& fields,
                               const std::string& purpose = "delivery") {
    return request_with(token, proof_for("GET", data_path(), token),
                        "fields=" + fields + "&purpose=" + purpose);
  }

  // Any call at the resource, with the token and a proof for it.
  routes::Answer call_with(const std::string& token, const std::string& method,
                           const std::string& rest, std::string body = "",
                           const std::string& query = "") {
    const std::string path = "/v/" + vid + rest;
    routes::Request request{.method = method,
                            .path = path,
                            .query = query,
                            .headers = {},
                            .body = std::move(body),
                            .peer = ""};
    request.headers.emplace_back("authorization", "DPoP " + token);
    request.headers.emplace_back("dpop", proof_for(method, path, token));
    if (!request.body.empty()) request.headers.emplace_back("content-type", "application/jwt");
    return world_.call(std::move(request));
  }

  // A grant that the owner makes unasked, collected: what the token endpoint answered.
  nlohmann::json granted(std::vector<std::string> fields,
                         const nlohmann::json& more = nlohmann::json::object()) {
    nlohmann::json body = {
        {"brand", handle}, {"fields", std::move(fields)}, {"purpose", "delivery"}};
    body.update(more);
    const auto grant = must(world_.owner->make_grant(body));
    const auto answer = poll(grant["auth_req_id"].get<std::string>());
    REQUIRE(answer.status == 200);
    return nlohmann::json::parse(answer.body);
  }

  std::string draw() { return grants::TicketBook::draw(world_.random); }

 private:
  routes::Request request_with(const std::string& token, const std::string& proof,
                               const std::string& query) const {
    routes::Request request{.method = "GET",
                            .path = data_path(),
                            .query = query,
                            .headers = {},
                            .body = "",
                            .peer = ""};
    request.headers.emplace_back("authorization", "DPoP " + token);
    request.headers.emplace_back("dpop", proof);
    return request;
  }

  World& world_;

 public:
  const std::string client_id;
  const crypto::SigningKey key;
  std::string introduction;  // what the owner pastes at the brand's site
  std::string handle;
  std::string issuer;
  std::string vid;
};

inline nlohmann::json json_of(const routes::Answer& answer) {
  return nlohmann::json::parse(answer.body, nullptr, false);
}

// "" when there is none.
inline std::string header_of(const routes::Answer& answer, std::string_view name) {
  for (const auto& [each, value] : answer.headers)
    if (each == name) return value;
  return "";
}

inline std::string error_of(const routes::Answer& answer) {
  const auto body = nlohmann::json::parse(answer.body, nullptr, false);
  return body.is_object() ? body.value("error", "") : "";
}

}  // namespace vrm::testing
