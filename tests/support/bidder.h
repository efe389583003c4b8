#pragma once
// A brand that is told of an intent and answers it through the routes: collects its token, offers, withdraws, acknowledges.

#include <string>
#include <utility>

#include "tests/support/world.h"
#include "vault/market/messages.h"

namespace vrm::testing {

inline nlohmann::json payload_of(const std::string& jws) {
  const auto first = jws.find('.');
  const auto second = jws.find('.', first + 1);
  const Bytes bytes = must(from_base64url(jws.substr(first + 1, second - first - 1)));
  return nlohmann::json::parse(text_of(bytes));
}

inline std::string type_of(const std::string& jws) {
  const Bytes bytes = must(from_base64url(jws.substr(0, jws.find('.'))));
  return nlohmann::json::parse(text_of(bytes))["typ"];
}

// The day that its offers name.
inline constexpr const char* kArrives = "2026-11-26";

// A brand that was told of an intent, and answers.
struct Bidder {
  using json = nlohmann::json;

  World& world;
  TestBrand brand;
  std::string iid = {};
  std::string token = {};
  std::string refresh = {};

  Bidder(World& of, const std::string& host, const std::string& name,
         const json& more = json::object())
      : world(of), brand(of, host, name, more) {}

  // What was sent to this brand last; the intent itself only when nothing came after it, for what waits leaves in any
  // order after a restart.
  std::string last_message() const {
    const std::string host = brand.client_id.substr(0, brand.client_id.rfind('/'));
    std::string found;
    for (const auto& message : world.web.delivered)
      if (message.url == host + "/intents" && type_of(message.body) != "vrm-intent+jwt")
        found = message.body;
    return found.empty() ? last_queued().body : found;
  }
  brands::Message last_queued() const {
    const std::string host = brand.client_id.substr(0, brand.client_id.rfind('/'));
    brands::Message found;
    for (const auto& message : world.web.delivered)
      if (message.url == host + "/intents" &&
          (found.body.empty() || type_of(message.body) != "vrm-intent+jwt"))
        found = message;
    return found;
  }

  void hear() {
    const json claims = payload_of(last_message());
    iid = claims["jti"];
    const auto answer = brand.poll(claims["auth_req_id"]);
    REQUIRE(answer.status == 200);
    token = json::parse(answer.body)["access_token"];
    refresh = json::parse(answer.body)["refresh_token"];
  }

  void renew() {
    const auto answer = brand.refresh(refresh);
    REQUIRE(answer.status == 200);
    token = nlohmann::json::parse(answer.body)["access_token"];
  }

  json offer(const std::string& total = "849.00") const {
    return {{"@context", {"https://schema.org", "https://vrm.example/ns/v1"}},
            {"@type", "Offer"},
            {"itemOffered",
             {{"@type", "Product"},
              {"name", "Rockrider"},
              {"additionalProperty",
               {{{"@type", "PropertyValue"}, {"propertyID", "frame"}, {"value", "L"}}}}}},
            {"price", total},
            {"priceCurrency", "EUR"},
            {"vrm:total",
             {{"subtotal", total}, {"shipping", "0.00"}, {"fee", "0.00"}, {"total", total}}},
            {"vrm:deliverBy", kArrives},
            {"vrm:requiredData",
             {{{"field", "address.home.street_address"},
               {"purpose", "delivery"},
               {"neededAt", "ship"},
               {"retention", "P30D"},
               {"recipients", {"La Poste"}},
               {"optional", false}},
              {{"field", "contact.phone_number"},
               {"purpose", "delivery"},
               {"neededAt", "ship"},
               {"retention", "P30D"},
               {"recipients", json::array()},
               {"optional", true}}}}};
  }
  std::string signed_offer(const std::string& oid, int rev, const json& content,
                           const std::string& typ = "vrm-offer+jwt") const {
    const auto now = world.clock.now().seconds();
    return jose::sign_jws(brand.key, {.typ = typ, .kid = jose::jwk_of(brand.key.public_key()).kid},
                          write_json({{"iss", brand.client_id},
                                      {"aud", brand.issuer},
                                      {"iat", now},
                                      {"exp", now + 3600},
                                      {"jti", oid},
                                      {"rev", rev},
                                      {"intent", iid},
                                      {"offer", content}}));
  }
  routes::Answer put_signed(const std::string& oid, const std::string& jws) {
    return brand.call_with(token, "PUT", "/v1/intents/" + iid + "/offers/" + oid, jws);
  }
  routes::Answer put(const std::string& oid, int rev = 1, const std::string& total = "849.00") {
    return put_signed(oid, signed_offer(oid, rev, offer(total)));
  }
  routes::Answer withdraw(const std::string& oid) {
    return brand.call_with(token, "DELETE", "/v1/intents/" + iid + "/offers/" + oid);
  }
  routes::Answer pass(const std::string& body = "") {
    return brand.call_with(token, "POST", "/v1/intents/" + iid + "/no-offer", body);
  }
  json shown() {
    const auto answer = brand.call_with(token, "GET", "/v1/intents/" + iid);
    REQUIRE(answer.status == 200);
    return json::parse(answer.body);
  }

  std::string acknowledgement(const std::string& acceptance) const {
    const auto now = world.clock.now().seconds();
    return jose::sign_jws(brand.key,
                          {.typ = "vrm-ack+jwt", .kid = jose::jwk_of(brand.key.public_key()).kid},
                          write_json({{"iss", brand.client_id},
                                      {"aud", brand.issuer},
                                      {"iat", now},
                                      {"exp", now + 60},
                                      {"jti", "ack-" + std::to_string(now)},
                                      {"acceptance", payload_of(acceptance)["jti"]},
                                      {"accept_sha256", market::sha256_of(acceptance)},
                                      {"order", "VELO-42"}}));
  }
  // The brand answered the last message so.
  void answers(int status, const std::string& body, brands::Step step = brands::Step::Sent) {
    world.deals->moved({.id = last_queued().id,
                        .step = step,
                        .attempts = 0,
                        .next = {},
                        .status = status,
                        .content_type = "application/jwt",
                        .body = body});
    // Behind the work that this handed to the writer.
    must(world.vault->rooms()->store->run([](store::Txn&) -> Result<void> { return {}; }));
  }
};

}  // namespace vrm::testing
