#include "examples/shop/shopfront.h"

#include <atomic>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>

#include "examples/shop/many.h"
#include "examples/shop/web.h"
#include "tests/shop/sale_scene.h"
#include "vault/base/bytes.h"
#include "vault/base/ids.h"
#include "vault/base/json.h"

using vrm::shop::Answer;
using vrm::shop::Call;
using vrm::shop::send;
using vrm::shop::Shopfront;
using vrm::shop::ShopfrontPlan;
using vrm::testing::FakeVault;
using vrm::testing::plain_character;
using vrm::testing::ScratchFolder;
using vrm::testing::VaultKey;

namespace {

constexpr vrm::Duration kHold = std::chrono::seconds(10);

struct Front {
  explicit Front(vrm::Duration hold = kHold) {
    REQUIRE(vrm::shop::keep_character(scratch.folder(), vrm::write_json(plain_character())).ok());
    auto opened =
        Shopfront::open(scratch.folder(), {.name = "Velo", .shop = {.mailbox = true, .hold = hold}},
                        clock, random, [](std::string_view) {});
    REQUIRE(opened.ok());
    front = std::move(opened).value();
    base = front->brand().base;
    client_id = front->brand().client_id();
  }
  Answer post(const std::string& path, const std::string& jws) const {
    auto answer = send({.method = "POST", .url = base + path, .jws = jws});
    REQUIRE(answer.ok());
    return std::move(answer).value();
  }
  std::string issuer() const { return base + "/vrm/mailbox/v/abc"; }

  vrm::SystemClock clock;
  vrm::crypto::SystemRandom random;
  ScratchFolder scratch;
  std::unique_ptr<Shopfront> front;
  std::string base;
  std::string client_id;
};

// A vault without a door: it polls the mailbox on a thread of its own and answers what it finds.
class PollingVault {
 public:
  explicit PollingVault(Front& front)
      : front_(front), vault_(front.issuer(), front.client_id, front.clock) {
    auto keys = vrm::shop::ShopKeys::load_or_make(front.scratch.folder(), random_);
    vault_.know(keys.value().client.jwk());
  }
  ~PollingVault() { stop(); }

  FakeVault& vault() { return vault_; }
  const VaultKey& key() const { return vault_.key(); }

  nlohmann::json claims(std::int64_t seconds = 60) {
    const std::int64_t now = front_.clock.now().seconds();
    return {{"iss", front_.issuer()},
            {"aud", front_.client_id},
            {"iat", now},
            {"exp", now + seconds},
            {"jti", vrm::new_unguessable_name(random_)}};
  }
  void introduce() {
    nlohmann::json introduction = claims(300);
    introduction["sub"] = vrm::testing::kSubject;
    introduction["jwks"] = key().jwks();
    CHECK(
        front_.post("/vrm/introduction", key().sign("vrm-introduction+jwt", introduction)).status ==
        204);
  }
  Call poll_call() {
    return {.method = "POST",
            .url = front_.base + "/vrm/mailbox/poll",
            .jws = key().sign("vrm-poll+jwt", claims())};
  }
  Answer poll() { return send(poll_call()).value(); }
  Answer answer(const std::string& id, const vrm::shop::Response& response) {
    nlohmann::json payload = claims();
    nlohmann::json headers = nlohmann::json::array();
    for (const auto& [name, value] : response.headers) {
      headers.push_back(nlohmann::json::array({name, value}));
    }
    payload["id"] = id;
    payload["status"] = response.status;
    payload["headers"] = headers;
    payload["body"] = vrm::to_base64url(vrm::bytes_of(response.body));
    return front_.post("/vrm/mailbox/answer", key().sign("vrm-answer+jwt", payload));
  }
  void start() {
    thread_ = std::thread([this] {
      while (!stopped_) {
        const auto polled = send(poll_call());
        if (polled.ok() && polled.value().status == 200) answer_all(polled.value());
      }
    });
  }
  // Closes the shop, which ends the poll that is held.
  void stop() {
    stopped_ = true;
    front_.front.reset();
    if (thread_.joinable()) thread_.join();
  }
  std::vector<std::string> paths() const { return paths_; }

 private:
  void answer_all(const Answer& polled) {
    const nlohmann::json body = vrm::read_json(polled.body, {.bytes = 128 * 1024}).value();
    for (const nlohmann::json& item : body["requests"]) {
      vrm::shop::Request request;
      request.method = item["method"];
      request.path = item["path"];
      paths_.push_back(request.path);
      // What FakeVault knows as its place is the whole path of the issuer.
      request.path = request.path.starts_with("/v/") ? "/vrm/mailbox" + request.path : request.path;
      for (const nlohmann::json& pair : item["headers"]) {
        request.headers.emplace_back(pair[0].get<std::string>(), pair[1].get<std::string>());
      }
      const std::string encoded = item["body"];
      request.body = vrm::text_of(vrm::from_base64url(encoded).value());
      const int status = answer(item["id"], vault_.answer(request)).status;
      CHECK((status == 204 || stopped_));  // a shop that closes waits for no answer
    }
  }

  Front& front_;
  vrm::crypto::SystemRandom random_;
  FakeVault vault_;
  std::atomic<bool> stopped_ = false;
  std::vector<std::string> paths_;
  std::thread thread_;
};

}  // namespace

TEST_SUITE("shop/shopfront") {
  TEST_CASE("a port that another shop has is refused by its number, and not shared") {
    const Front first;
    const ScratchFolder other;
    vrm::crypto::SystemRandom random;
    const auto port = first.base.substr(first.base.rfind(':') + 1);
    const auto second = Shopfront::open(other.folder(), {.name = "Rush", .port = std::stoi(port)},
                                        first.clock, random, [](std::string_view) {});
    REQUIRE_FALSE(second.ok());
    CHECK(second.error().message.find(":" + port + ": another program has this port") !=
          std::string::npos);
  }

  TEST_CASE("the brand document names what the shop speaks, and nothing else") {
    const Front front;
    const auto document = send({.url = front.client_id});
    REQUIRE(document.ok());
    const nlohmann::json json = vrm::read_json(document.value().body).value();
    CHECK(json["vrm"]["intent_endpoint"] == front.base + "/vrm/intents");
    CHECK(json["vrm"]["mailbox_endpoint"] == front.base + "/vrm/mailbox");

    const ScratchFolder scratch;
    vrm::crypto::SystemRandom random;
    const vrm::SystemClock clock;
    const auto plain = Shopfront::open(scratch.folder(), {.name = "Plain"}, clock, random,
                                       [](std::string_view) {});
    REQUIRE(plain.ok());
    const auto other = send({.url = plain.value()->brand().client_id()});
    const nlohmann::json endpoints = vrm::read_json(other.value().body).value()["vrm"];
    CHECK(!endpoints.contains("intent_endpoint"));
    CHECK(!endpoints.contains("mailbox_endpoint"));
    const std::string base = plain.value()->brand().base;
    for (const char* path : {"/vrm/intents", "/vrm/mailbox/poll", "/vrm/mailbox/answer"}) {
      CHECK(send({.method = "POST", .url = base + path, .jws = "a.b.c"}).value().status == 404);
    }
  }

  TEST_CASE("an intent is answered through the mailbox, from introduction to offer") {
    Front front;
    PollingVault polling(front);
    polling.introduce();
    polling.vault().grant("req-1", polling.vault().pass("intent-1"));
    polling.start();
    nlohmann::json intent = polling.claims(3600);
    intent["sub"] = vrm::testing::kSubject;
    intent["jti"] = "intent-1";
    intent["auth_req_id"] = "req-1";
    intent["demand"] = {{"@type", "Demand"}, {"itemOffered", {{"name", "mountain bike"}}}};
    CHECK(front.post("/vrm/intents", polling.key().sign("vrm-intent+jwt", intent)).status == 204);
    while (polling.vault().heard().empty()) std::this_thread::yield();
    CHECK(polling.vault().heard()[0].method == "PUT");
    polling.stop();
    CHECK(polling.paths().at(0) == "/.well-known/oauth-authorization-server/v/abc");
    CHECK(polling.paths().at(2) == "/v/abc/token");
  }

  TEST_CASE("two of the shop's calls at once go through one mailbox") {
    Front front;
    PollingVault polling(front);
    polling.introduce();
    polling.start();
    std::atomic<int> good = 0;
    const auto fetch = [&](const char* name) {
      const auto answer = send({.url = front.base + "/.well-known/" + name + "/vrm/mailbox/v/abc"});
      if (answer.ok() && answer.value().good()) ++good;
    };
    std::thread one(fetch, "oauth-authorization-server");
    std::thread two(fetch, "oauth-protected-resource");
    one.join();
    two.join();
    CHECK(good == 2);
    polling.stop();
  }

  TEST_CASE("a vault that does not answer in time is a gateway's timeout") {
    Front front(vrm::Duration(20));
    PollingVault polling(front);
    polling.introduce();
    CHECK(send({.url = front.issuer() + "/jwks.json"}).value().status == 504);
    CHECK(polling.poll().status == 204);
    CHECK(polling.answer("nothing", {200}).status == 404);
  }

  TEST_CASE("a vault that was never introduced has no address here") {
    const Front front(vrm::Duration(20));
    for (const char* path :
         {"/vrm/mailbox/v/abc/jwks.json", "/vrm/mailbox/v/", "/vrm/mailbox/w/abc", "/elsewhere",
          "/.well-known/oauth-authorization-server/vrm/mailbox/v/abc",
          "/.well-known/oauth-authorization-server"}) {
      CAPTURE(path);
      CHECK(send({.url = front.base + path}).value().status == 404);
    }
  }

  TEST_CASE("only the vault itself may poll, with a fresh poll each time") {
    Front front(vrm::Duration(20));
    PollingVault polling(front);
    const auto poll = [&](const VaultKey& key, const nlohmann::json& claims,
                          const char* type = "vrm-poll+jwt") {
      return front.post("/vrm/mailbox/poll", key.sign(type, claims)).status;
    };
    CHECK(poll(polling.key(), polling.claims()) == 401);
    polling.introduce();
    const nlohmann::json once = polling.claims();
    CHECK(poll(polling.key(), once) == 204);
    CHECK(poll(polling.key(), once) == 401);
    CHECK(poll(VaultKey(), polling.claims()) == 401);
    CHECK(poll(polling.key(), polling.claims(), "vrm-answer+jwt") == 401);
    CHECK(poll(polling.key(), polling.claims(600)) == 401);
    CHECK(poll(polling.key(), polling.claims(-61)) == 401);
    nlohmann::json elsewhere = polling.claims();
    elsewhere["aud"] = "https://other.example/vrm-brand.json";
    CHECK(poll(polling.key(), elsewhere) == 401);
  }

  TEST_CASE("a vault with a door of its own cannot poll, nor answer for another") {
    Front front(vrm::Duration(20));
    PollingVault polling(front);
    polling.introduce();
    const VaultKey other;
    nlohmann::json introduction = polling.claims(300);
    introduction["iss"] = vrm::testing::kIssuer;
    introduction["sub"] = "ppid:other";
    introduction["jwks"] = other.jwks();
    CHECK(
        front.post("/vrm/introduction", other.sign("vrm-introduction+jwt", introduction)).status ==
        204);
    nlohmann::json claims = polling.claims();
    claims["iss"] = vrm::testing::kIssuer;
    CHECK(front.post("/vrm/mailbox/poll", other.sign("vrm-poll+jwt", claims)).status == 401);
    nlohmann::json answer = polling.claims();
    answer["id"] = "x";
    answer["status"] = 200;
    answer["headers"] = nlohmann::json::array();
    answer["body"] = "";
    CHECK(front.post("/vrm/mailbox/answer", other.sign("vrm-answer+jwt", answer)).status == 401);
  }

  TEST_CASE("a message that is refused is told so by its status") {
    Front front;
    PollingVault polling(front);
    polling.introduce();
    nlohmann::json closing = polling.claims();
    closing["sub"] = vrm::testing::kSubject;
    closing["intent"] = "intent-9";
    CHECK(front.post("/vrm/intents", polling.key().sign("vrm-close+jwt", closing)).status == 404);
    CHECK(front.post("/vrm/intents", VaultKey().sign("vrm-close+jwt", closing)).status == 400);
    CHECK(front.post("/vrm/intents", "rubbish").status == 400);
    CHECK(front.post("/vrm/intents", std::string(70 * 1024, 'x')).status == 413);
  }

  TEST_CASE("many shops live at one address, each with its own name, keys and customers") {
    const ScratchFolder scratch;
    vrm::crypto::SystemRandom random;
    const vrm::SystemClock clock;
    const auto stalls = vrm::shop::set_up_many(scratch.folder(), 3, 7);
    REQUIRE(stalls.ok());
    const auto front =
        Shopfront::open_many(stalls.value(), {}, clock, random, [](std::string_view) {});
    REQUIRE(front.ok());
    const auto brands = front.value()->brands();
    REQUIRE(brands.size() == 3);
    std::vector<nlohmann::json> documents;
    for (const auto& brand : brands) {
      const auto document = send({.url = brand.client_id()});
      documents.push_back(vrm::read_json(document.value().body).value());
      CHECK(documents.back()["client_id"] == brand.client_id());
      CHECK(documents.back()["vrm"]["intent_endpoint"] == brand.base + "/vrm/intents");
    }
    CHECK(documents[0]["jwks"] != documents[1]["jwks"]);
    const std::string origin = brands[0].base.substr(0, brands[0].base.size() - 3);
    CHECK(send({.url = origin + "/b3/vrm-brand.json"}).value().status == 404);
    CHECK(send({.url = origin + "/vrm-brand.json"}).value().status == 404);
  }
}
