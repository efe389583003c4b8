#pragma once
// Requests that an attacker sends: an honest one with one thing bent, signed with real keys, the vault's own among them, so
// that nothing but what was bent can be why it is refused.

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "tests/crypto/es256_signer.h"
#include "tests/jose/forge.h"
#include "tests/support/bidder.h"

namespace vrm::testing {

// A signed document in its parts, to be bent before and after it is signed.
struct Doc {
  std::string header, claims;
  const crypto::SigningKey* ed = nullptr;
  const test::Es256Signer* es = nullptr;  // signs when it is set
  std::function<std::string(std::string)> last = {};

  std::string signed_text() const {
    const std::string head = test::b64(header) + '.' + test::b64(claims);
    if (es != nullptr) return head + '.' + to_base64url(es->sign(bytes_of(head)));
    return test::forge(header, claims, *ed);
  }
  std::string text() const { return last ? last(signed_text()) : signed_text(); }
};

inline std::string part_of(const std::string& jws, int index) {
  std::size_t from = 0;
  for (int i = 0; i < index; ++i) from = jws.find('.', from) + 1;
  return text_of(must(from_base64url(jws.substr(from, jws.find('.', from) - from))));
}
inline std::string head_of(const std::string& jws) {
  return jws.substr(0, jws.rfind('.') + 1);
}
inline Bytes signature_of(const std::string& jws) {
  return must(from_base64url(jws.substr(jws.rfind('.') + 1)));
}
inline Doc taken_apart(const std::string& jws, const crypto::SigningKey& key) {
  return {.header = part_of(jws, 0), .claims = part_of(jws, 1), .ed = &key};
}

// Two brands with a token each for the same field, and what else is worth stealing.
class Scene {
 public:
  explicit Scene(gate::BrandLimits limits = World::default_limits()) : world(limits) {
    world.set("address.home.locality", "Lyon");
    const auto mine = brand.granted({"address.home.locality"});
    token = mine["access_token"];
    refresh = mine["refresh_token"];
    grant = mine["grant_id"];
    const auto theirs = other.granted({"address.home.locality"});
    other_token = theirs["access_token"];
    other_refresh = theirs["refresh_token"];
    es_token = nlohmann::json::parse(
        world.call(refreshed(refresh, es_proof("POST", token_path()).text())).body)["access_token"];
    old_assertion = brand.assertion();
    world.clock.advance(std::chrono::seconds(5));
    world.restart();
    world.unlock();
    world.clock.advance(std::chrono::seconds(5));
  }

  std::string token_path() const { return "/v/" + brand.vid + "/token"; }
  const crypto::SigningKey& issuer_key() {
    return world.vault->rooms()->issuers.with_vid(brand.vid)->key;
  }

  // Honest documents.
  Doc proof(const std::string& method, const std::string& path, const std::string& with = "") {
    return taken_apart(brand.proof_for(method, path, with), brand.key);
  }
  Doc es_proof(const std::string& method, const std::string& path, const std::string& with = "") {
    Doc made = proof(method, path, with);
    made.es = &es;
    made.header = R"({"alg":"ES256","jwk":)" + es_jwk(es.x(), es.y()) + R"(,"typ":"dpop+jwt"})";
    return made;
  }
  static std::string es_jwk(BytesView x, BytesView y) {
    return R"({"crv":"P-256","kty":"EC","x":")" + to_base64url(x) + R"(","y":")" + to_base64url(y) +
           R"("})";
  }
  Doc assertion() { return taken_apart(brand.assertion(), brand.key); }
  Doc access_token() { return taken_apart(token, issuer_key()); }

  // Honest requests, with that proof, token or assertion in it.
  routes::Request read(const std::string& shown, const std::string& with_proof) {
    auto request = brand.read_request(shown, "address.home.locality");
    request.headers.back().second = with_proof;
    return request;
  }
  routes::Request refreshed(const std::string& shown, const std::string& with_proof,
                            const std::string& assertion = "") {
    auto fields = brand.form();
    if (!assertion.empty()) fields["client_assertion"] = assertion;
    fields["grant_type"] = "refresh_token";
    fields["refresh_token"] = shown;
    return post(token_path(), fields, with_proof);
  }
  static routes::Request post(const std::string& path,
                              const std::map<std::string, std::string>& fields,
                              const std::string& with_proof) {
    routes::Request request{.method = "POST",
                            .path = path,
                            .query = "",
                            .headers = {},
                            .body = form_encoded(fields),
                            .peer = ""};
    request.headers.emplace_back("content-type", "application/x-www-form-urlencoded");
    if (!with_proof.empty()) request.headers.emplace_back("dpop", with_proof);
    return request;
  }

  nlohmann::json journal() {
    return must(world.owner->log(
        {.brand = {}, .field = {}, .kind = {}, .since = {}, .limit = 100'000}))["items"];
  }

  World world;
  TestBrand brand{world, "velo.example", "Velo"};
  TestBrand other{world, "troc.example", "Troc"};
  test::Es256Signer es;
  std::string token, refresh, grant, other_token, other_refresh;
  std::string es_token;       // bound to the P-256 key
  std::string old_assertion;  // good, and from before the vault was started
};

// What an attack leaves behind: a count of strangers, a record about the brand, or nothing, as when a nonce is asked for.
enum class Trace { Counted, Recorded, Nothing };

struct Attack {
  const char* name;
  std::function<routes::Request(Scene&)> build;
  int status;
  const char* error;
  Trace trace = Trace::Counted;
};

using Bend = std::function<void(Scene&, Doc&)>;

inline Bend honest() {
  return [](Scene&, Doc&) {};
}
// The first `from` in the header, or in the claims, becomes `to`.
inline Bend in_header(std::string from, std::string to) {
  return [=](Scene&, Doc& doc) { doc.header = test::with(doc.header, from, to); };
}
inline Bend in_claims(std::string from, std::string to) {
  return [=](Scene&, Doc& doc) { doc.claims = test::with(doc.claims, from, to); };
}
// The value of a number or a text in the claims, as it stands in JSON.
inline Bend claim(std::string name, std::function<std::string(Scene&)> value) {
  return [=](Scene& scene, Doc& doc) {
    const std::string member = '"' + name + "\":";
    const auto at = doc.claims.find(member) + member.size();
    const bool is_text = doc.claims[at] == '"';
    const auto end =
        is_text ? doc.claims.find('"', at + 1) + 1 : doc.claims.find_first_of(",}", at);
    doc.claims.replace(at, end - at, value(scene));
  };
}
inline Bend claim(std::string name, std::string value) {
  return claim(std::move(name), [value](Scene&) { return value; });
}
inline Bend without_claim(std::string name) {
  return in_claims('"' + name + '"', "\"x_" + name + '"');
}
// The signed text becomes another.
inline Bend as_text(std::function<std::string(std::string)> change) {
  return [=](Scene&, Doc& doc) { doc.last = change; };
}
inline Bend signed_by(std::function<const crypto::SigningKey&(Scene&)> who) {
  return [=](Scene& scene, Doc& doc) { doc.ed = &who(scene); };
}
inline std::string seconds_from_now(Scene& scene, std::int64_t by) {
  return std::to_string(scene.world.clock.now().seconds() + by);
}

// Requests that bring a bent document.
using Build = std::function<routes::Request(Scene&)>;

inline Build read_proof(Bend bend) {
  return [=](Scene& scene) {
    Doc doc = scene.proof("GET", scene.brand.data_path(), scene.token);
    bend(scene, doc);
    return scene.read(scene.token, doc.text());
  };
}
inline Build es_read_proof(Bend bend) {
  return [=](Scene& scene) {
    Doc doc = scene.es_proof("GET", scene.brand.data_path(), scene.es_token);
    bend(scene, doc);
    return scene.read(scene.es_token, doc.text());
  };
}
inline Build token_proof(Bend bend) {
  return [=](Scene& scene) {
    Doc doc = scene.proof("POST", scene.token_path());
    bend(scene, doc);
    return scene.refreshed(scene.refresh, doc.text());
  };
}
inline Build es_token_proof(Bend bend) {
  return [=](Scene& scene) {
    Doc doc = scene.es_proof("POST", scene.token_path());
    bend(scene, doc);
    return scene.refreshed(scene.refresh, doc.text());
  };
}
// With an honest proof over whatever token it is.
inline Build access_token(Bend bend) {
  return [=](Scene& scene) {
    Doc doc = scene.access_token();
    bend(scene, doc);
    const std::string text = doc.text();
    return scene.read(text, scene.brand.proof_for("GET", scene.brand.data_path(), text));
  };
}
inline Build assertion(Bend bend) {
  return [=](Scene& scene) {
    Doc doc = scene.assertion();
    bend(scene, doc);
    return scene.refreshed(scene.refresh, scene.proof("POST", scene.token_path()).text(),
                           doc.text());
  };
}
// An honest read, and what is then done to the request.
inline Build read_request(std::function<void(Scene&, routes::Request&)> change) {
  return [=](Scene& scene) {
    auto request = scene.brand.read_request(scene.token, "address.home.locality");
    change(scene, request);
    return request;
  };
}

}  // namespace vrm::testing
