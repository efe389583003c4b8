#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "vault/base/json.h"
#include "vault/brands/address.h"
#include "vault/brands/document.h"
#include "vault/crypto/signing.h"
#include "vault/crypto/system_random.h"
#include "vault/jose/jwk.h"

using namespace vrm;  // tests only
using brands::PlainHttp;

namespace {

nlohmann::json keys() {
  crypto::SystemRandom random;
  const auto key = crypto::SigningKey::random(random);
  const std::vector<jose::Jwk> published{jose::jwk_of(key.public_key())};
  return jose::write_jwk_set(published);
}

nlohmann::json document() {
  return {{"client_id", "https://velo.example/vrm-brand.json"},
          {"client_name", "V\u00e9lo"},
          {"jwks", keys()},
          {"vrm", {{"introduction_endpoint", "https://velo.example/vrm/introduction"}}}};
}

std::string why(const nlohmann::json& json, PlainHttp plain_http = PlainHttp::Refused) {
  const auto read = brands::read_document(write_json(json), plain_http);
  if (read.ok()) return "";
  CHECK(read.error().say == "brand.bad_document");
  return read.error().with[0].second;
}

}  // namespace

TEST_SUITE("brands/document") {
  TEST_CASE("a document gives name, host, keys and endpoints") {
    const auto read = brands::read_document(write_json(document()), PlainHttp::Refused).value();
    CHECK(read.name == "V\u00e9lo");
    CHECK(read.host == "velo.example");
    CHECK(read.introduction_endpoint == "https://velo.example/vrm/introduction");
    CHECK(brands::fingerprint_of(read.jwks).starts_with("SHA256:"));
  }

  TEST_CASE("the fingerprint depends on the keys and not on their order or names") {
    auto two = keys();
    two["keys"].push_back(keys()["keys"][0]);
    auto turned = two;
    std::swap(turned["keys"][0], turned["keys"][1]);
    const auto pinned = brands::usable_keys(write_json(two)).value();
    CHECK(brands::fingerprint_of(pinned) ==
          brands::fingerprint_of(brands::usable_keys(write_json(turned)).value()));
    CHECK(brands::fingerprint_of(pinned) !=
          brands::fingerprint_of(brands::usable_keys(write_json(keys())).value()));
  }

  TEST_CASE("documents of other shapes are refused with the reason") {
    auto changed = document();
    changed.erase("client_name");
    CHECK(why(changed) != "");
    changed = document();
    changed["client_name"] = "";
    CHECK(why(changed) != "");
    changed = document();
    changed["jwks_uri"] = "https://velo.example/jwks.json";
    CHECK(why(changed) == "one of `jwks` and `jwks_uri` is needed");
    changed.erase("jwks");
    CHECK(why(changed) == "");
    changed["jwks_uri"] = "https://elsewhere.example/jwks.json";
    CHECK(why(changed) != "");
    changed = document();
    changed["jwks"] = {{"keys", nlohmann::json::array()}};
    CHECK(why(changed) != "");
    changed = document();
    changed["vrm"]["event_endpoint"] = "https://elsewhere.example/events";
    CHECK(why(changed) != "");
    changed = document();
    for (const std::string id :
         {"http://velo.example/x", "ftp://velo.example/x", "velo", "https://a@velo.example/x",
          "https://velo.example/x#y", "https://", "https://velo.example:99999999/x"}) {
      CAPTURE(id);
      changed["client_id"] = id;
      CHECK(why(changed) != "");
    }
    CHECK_FALSE(
        brands::read_document("{\"client_id\":1,\"client_id\":2}", PlainHttp::Refused).ok());
  }

  TEST_CASE("plain http is for loopback, and only where it is allowed") {
    auto local = document();
    local["client_id"] = "http://127.0.0.1:8080/vrm-brand.json";
    local["vrm"] = {{"event_endpoint", "http://127.0.0.1:8080/events"}};
    CHECK(why(local, PlainHttp::OnLoopback) == "");
    CHECK(why(local, PlainHttp::Refused) != "");
    local["client_id"] = "http://velo.example/vrm-brand.json";
    CHECK(why(local, PlainHttp::OnLoopback) != "");
  }

  TEST_CASE("a name is made safe to print") {
    auto changed = document();
    changed["client_name"] = "Velo\x1b[31m\xe2\x80\xae";
    const auto read = brands::read_document(write_json(changed), PlainHttp::Refused).value();
    CHECK(read.name.find('\x1b') == std::string::npos);
    CHECK(read.name.find("\xe2\x80\xae") == std::string::npos);
  }
}

TEST_SUITE("brands/address") {
  TEST_CASE("an origin is scheme, host and a port that is not the scheme's own") {
    CHECK(brands::address_of("HTTPS://Velo.Example:443/a?b")->origin() == "https://velo.example");
    CHECK(brands::address_of("https://velo.example")->path == "/");
    CHECK(brands::address_of("http://[::1]:80/x")->origin() == "http://[::1]");
    CHECK(brands::address_of("https://velo.example:8443/")->host_and_port() == "velo.example:8443");
    CHECK_FALSE(brands::address_of("https://velo example/"));
    CHECK_FALSE(brands::address_of("https://velo.example:0443/"));
    CHECK_FALSE(brands::address_of("//velo.example/"));
  }
}
