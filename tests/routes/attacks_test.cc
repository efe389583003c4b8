// What a thief, a stranger and a careless client send: each is refused with the one documented error, serves nothing, and
// leaves a count or a record.

#include "tests/routes/attack_kit.h"

using namespace vrm;  // tests only
using namespace testing;
using nlohmann::json;

namespace {

std::string with_char(std::string text, std::size_t at, char c) {
  text[at] = c;
  return text;
}

// Of a base64url text whose last letter has bits that do not count: the same bytes in other letters.
std::string other_spelling(const std::string& text) {
  static constexpr std::string_view kLetters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  return with_char(text, text.size() - 1, kLetters[kLetters.find(text.back()) + 1]);
}

// Signs until the signature has one of the letters that plain base64 writes otherwise, and writes them so.
Bend plain_base64() {
  return [](Scene&, Doc& doc) {
    while (signature_of(doc.signed_text()).empty() ||
           doc.signed_text().find_first_of("-_", head_of(doc.signed_text()).size()) ==
               std::string::npos)
      doc.claims.insert(0, " ");
    doc.last = [](std::string text) {
      for (auto at = head_of(text).size(); at < text.size(); ++at)
        text[at] = text[at] == '-' ? '+' : text[at] == '_' ? '/' : text[at];
      return text;
    };
  };
}

using SignatureChange = std::function<void(Bytes& signature)>;
Bend in_signature(SignatureChange change) {
  return as_text([change](const std::string& text) {
    Bytes signature = signature_of(text);
    change(signature);
    return head_of(text) + to_base64url(signature);
  });
}

// S + L, which a careless verifier takes for S (RFC 8032 section 8.4).
void add_group_order(Bytes& signature) {
  constexpr std::uint8_t kOrder[32] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58,
                                       0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
                                       0,    0,    0,    0,    0,    0,    0,    0,
                                       0,    0,    0,    0,    0,    0,    0,    0x10};
  unsigned carry = 0;
  for (std::size_t i = 0; i < 32; ++i) {
    carry += unsigned{signature[32 + i]} + unsigned{kOrder[i]};
    signature[32 + i] = static_cast<std::uint8_t>(carry);
    carry >>= 8U;
  }
}

// n of P-256, big endian.
constexpr std::uint8_t kP256Order[32] = {
    0xFF, 0xFF, 0xFF, 0xFF, 0x00, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
    0xBC, 0xE6, 0xFA, 0xAD, 0xA7, 0x17, 0x9E, 0x84, 0xF3, 0xB9, 0xCA, 0xC2, 0xFC, 0x63, 0x25, 0x51};

// n - s, which verifies as well as s.
void mirror_s(Bytes& signature) {
  int borrow = 0;
  for (std::size_t i = 32; i-- > 0;) {
    const int digit = kP256Order[i] - signature[32 + i] - borrow;
    borrow = digit < 0 ? 1 : 0;
    signature[32 + i] = static_cast<std::uint8_t>(digit + (borrow != 0 ? 256 : 0));
  }
}

std::string der_of(const Bytes& raw) {
  const auto integer = [](BytesView number) {
    Bytes out = {0x02, 0x21, 0x00};
    out.insert(out.end(), number.begin(), number.end());
    return out;
  };
  Bytes der = {0x30, 0x46};
  for (const auto& half : {integer(BytesView(raw).first(32)), integer(BytesView(raw).last(32))})
    der.insert(der.end(), half.begin(), half.end());
  return to_base64url(der);
}

// A proof by a key of small order, and a signature that such keys make hold for every message.
Bend small_order(std::string key_hex) {
  return [key_hex](Scene&, Doc& doc) {
    Bytes key;
    for (std::size_t i = 0; i < key_hex.size(); i += 2)
      key.push_back(static_cast<std::uint8_t>(std::stoul(key_hex.substr(i, 2), nullptr, 16)));
    doc.header = R"({"alg":"EdDSA","jwk":{"crv":"Ed25519","kty":"OKP","x":")" + to_base64url(key) +
                 R"("},"typ":"dpop+jwt"})";
    doc.last = [](const std::string& text) {
      Bytes signature(64);
      signature[0] = 1;  // the neutral point, and S = 0
      return head_of(text) + to_base64url(signature);
    };
  };
}

Bend p256_point(
    std::function<void(std::array<std::uint8_t, 32>&, std::array<std::uint8_t, 32>&)> bend) {
  return [bend](Scene& scene, Doc& doc) {
    auto x = scene.es.x();
    auto y = scene.es.y();
    bend(x, y);
    doc.header = R"({"alg":"ES256","jwk":)" + Scene::es_jwk(x, y) + R"(,"typ":"dpop+jwt"})";
  };
}

// The document of another kind, wherever it is shown.
Bend instead(std::function<std::string(Scene&)> other) {
  return [other](Scene& scene, Doc& doc) {
    doc.last = [text = other(scene)](const std::string&) { return text; };
  };
}

Bend htu(std::function<std::string(const std::string& honest)> change) {
  return [change](Scene&, Doc& doc) {
    auto claims = json::parse(doc.claims);
    claims["htu"] = change(claims["htu"]);
    doc.claims = write_json(claims);
  };
}
Bend htu(const std::string& from, const std::string& to) {
  return htu([=](const std::string& url) { return test::with(url, from, to); });
}

const std::string kPrivate = to_base64url(Bytes(32, 9));

std::string own_jwk(const crypto::SigningKey& key) {
  return R"({"crv":"Ed25519","kty":"OKP","x":")" + to_base64url(key.public_key()) + R"("})";
}

const crypto::SigningKey& thief() {
  static const crypto::SigningKey key = test::key_of(66);
  return key;
}
Bend by_thief() {
  return signed_by([](Scene&) -> const crypto::SigningKey& { return thief(); });
}
Bend by_other_brand() {
  return signed_by([](Scene& scene) -> const crypto::SigningKey& { return scene.other.key; });
}

void check_honest(Scene& scene, const char* name, const Build& build) {
  CAPTURE(name);
  CHECK(scene.world.call(build(scene)).status == 200);
}

// What the newest record says; an attack that is counted is told of by the minute's note.
void check_trace(Scene& scene, const Attack& attack, std::size_t records_before) {
  scene.world.desk->note_strangers();
  const json journal = scene.journal();
  REQUIRE(journal.size() == records_before + (attack.trace == Trace::Nothing ? 0 : 1));
  if (attack.trace == Trace::Nothing) return;
  const json& newest = journal[0];
  CHECK(newest["outcome"] == "refused");
  if (attack.trace == Trace::Counted) {
    CHECK(newest["kind"] == "strangers_refused");
    CHECK(newest["reason"] == std::string(attack.error) + " 1");
  } else {
    CHECK(newest["kind"] != "strangers_refused");
    CHECK(newest["brand"] == scene.brand.handle);
  }
}

void check_refused(Scene& scene, const Attack& attack) {
  const std::string name = attack.name;
  CAPTURE(name);
  auto request = attack.build(scene);
  scene.world.desk->note_strangers();
  const auto before = scene.journal().size();
  const auto answer = scene.world.call(std::move(request));
  CAPTURE(answer.body);
  CHECK(answer.status == attack.status);
  CHECK(error_of(answer) == attack.error);
  CHECK(answer.body.find("Lyon") == std::string::npos);
  CHECK(answer.body.find("access_token") == std::string::npos);
  check_trace(scene, attack, before);
}

void check_all_refused(const std::vector<Attack>& attacks, std::size_t at_least) {
  Scene scene;
  check_honest(scene, "a read", read_proof(honest()));
  check_honest(scene, "a read by ES256", es_read_proof(honest()));
  check_honest(scene, "a refresh", token_proof(honest()));
  check_honest(scene, "a refresh by ES256", es_token_proof(honest()));
  check_honest(scene, "a token taken apart", access_token(honest()));
  check_honest(scene, "an assertion taken apart", assertion(honest()));
  check_honest(scene, "a request", read_request([](Scene&, routes::Request&) {}));
  CHECK(attacks.size() >= at_least);
  for (const auto& attack : attacks) check_refused(scene, attack);
  check_honest(scene, "a read after all this", read_proof(honest()));
  check_honest(scene, "a refresh after all this", token_proof(honest()));
  CHECK(must(scene.world.owner->verify())["ok"] == true);
}

constexpr const char* kBadProof = "invalid_dpop_proof";
constexpr const char* kBadToken = "invalid_token";
constexpr const char* kBadClient = "invalid_client";
constexpr const char* kNonce = "use_dpop_nonce";
constexpr const char* kBadRequest = "invalid_request";
constexpr const char* kBadGrant = "invalid_grant";

// --- the proof of a read --------------------------------------------------------------------------

std::vector<Attack> proof_headers() {
  const auto bad = [](const char* name, Bend bend) {
    return Attack{name, read_proof(std::move(bend)), 401, kBadProof};
  };
  return {
      bad("alg none", in_header("EdDSA", "none")),
      bad("alg none without a signature",
          [](Scene&, Doc& doc) {
            doc.header = test::with(doc.header, "EdDSA", "none");
            doc.last = head_of;
          }),
      bad("alg NONE", in_header("EdDSA", "NONE")),
      bad("alg nOnE", in_header("EdDSA", "nOnE")),
      bad("alg eddsa", in_header("EdDSA", "eddsa")),
      bad("alg HS256, keyed by the public key", in_header("EdDSA", "HS256")),
      bad("alg RS256", in_header("EdDSA", "RS256")),
      bad("alg ES256 with an Ed25519 key", in_header("EdDSA", "ES256")),
      bad("alg ES384", in_header("EdDSA", "ES384")),
      bad("alg as a list", in_header(R"("EdDSA")", R"(["EdDSA"])")),
      bad("no alg", in_header(R"("alg":"EdDSA",)", "")),
      bad("alg twice", in_header("{", R"({"alg":"none",)")),
      bad("alg twice, once escaped", in_header("{", R"({"\u0061lg":"none",)")),
      bad("crit", in_header("{", R"({"crit":["b64"],)")),
      bad("crit that is empty", in_header("{", R"({"crit":[],)")),
      bad("b64 false", in_header("{", R"({"b64":false,)")),
      bad("jku", in_header("{", R"({"jku":"https://thief.example/jwks.json",)")),
      bad("x5u", in_header("{", R"({"x5u":"https://thief.example/chain",)")),
      bad("x5c", in_header("{", R"({"x5c":["MIIB"],)")),
      bad("no jwk", in_header(R"("jwk")", R"("key")")),
      bad("jwk null",
          [](Scene&, Doc& doc) { doc.header = R"({"alg":"EdDSA","jwk":null,"typ":"dpop+jwt"})"; }),
      bad("jwk twice", in_header("{", R"({"jwk":)" + own_jwk(thief()) + ",")),
      bad("jwk with the private key",
          in_header(R"({"crv")", R"({"d":")" + kPrivate + R"(","crv")")),
      bad("jwk that is a symmetric key",
          [](Scene&, Doc& doc) {
            doc.header =
                R"({"alg":"HS256","jwk":{"k":")" + kPrivate + R"(","kty":"oct"},"typ":"dpop+jwt"})";
          }),
      bad("jwk for encryption", in_header(R"({"crv")", R"({"use":"enc","crv")")),
      bad("jwk that may only sign", in_header(R"({"crv")", R"({"key_ops":["sign"],"crv")")),
      bad("jwk of X25519", in_header(R"("Ed25519")", R"("X25519")")),
      bad("jwk a byte long",
          [](Scene& scene, Doc& doc) {
            Bytes key(33);
            const auto x = scene.brand.key.public_key();
            std::copy(x.begin(), x.end(), key.begin());
            doc.header = test::with(doc.header, to_base64url(x), to_base64url(key));
          }),
      bad("jwk in another spelling",
          [](Scene& scene, Doc& doc) {
            const auto x = to_base64url(scene.brand.key.public_key());
            doc.header = test::with(doc.header, x, other_spelling(x));
          }),
      bad("typ JWT", in_header("dpop+jwt", "JWT")),
      bad("typ at+jwt", in_header("dpop+jwt", "at+jwt")),
      bad("typ DPoP+JWT", in_header("dpop+jwt", "DPoP+JWT")),
      bad("typ application/dpop+jwt", in_header("dpop+jwt", "application/dpop+jwt")),
      bad("typ with a NUL", in_header("dpop+jwt", R"(dpop+jwt\u0000)")),
      bad("no typ", in_header(R"(,"typ":"dpop+jwt")", "")),
      bad("header as a list", [](Scene&, Doc& doc) { doc.header = '[' + doc.header + ']'; }),
      bad("header as a text", [](Scene&, Doc& doc) { doc.header = R"("EdDSA")"; }),
      bad("header with a byte order mark",
          [](Scene&, Doc& doc) { doc.header = "\xEF\xBB\xBF" + doc.header; }),
      bad("header that is not UTF-8", in_header("{", "{\"x\":\"\xFF\",")),
      bad("header that is overlong UTF-8", in_header("{", "{\"x\":\"\xC0\x80\",")),
      bad("header with half a surrogate pair", in_header("{", R"({"x":"\ud800",)")),
      bad("header with a NUL byte", in_header("{", std::string("{\0", 2))),
      bad("header with a fraction", in_header("{", R"({"x":1.5,)")),
      bad("header with a huge number", in_header("{", R"({"x":1e400,)")),
      bad("header nested deep",
          in_header("{", R"({"x":)" + std::string(900, '[') + std::string(900, ']') + ",")),
      bad("header with something behind", [](Scene&, Doc& doc) { doc.header += "{}"; }),
      bad("header with a comment", in_header("{", "{/**/")),
      bad("header of 3 KiB", in_header("{", R"({"x":")" + std::string(3000, 'x') + R"(",)")),
  };
}

std::vector<Attack> proof_claims() {
  const auto bad = [](const char* name, Bend bend) {
    return Attack{name, read_proof(std::move(bend)), 401, kBadProof};
  };
  const auto nonce = [](const char* name, Bend bend) {
    return Attack{name, read_proof(std::move(bend)), 401, kNonce, Trace::Nothing};
  };
  return {
      bad("htm POST", claim("htm", R"("POST")")),
      bad("htm get", claim("htm", R"("get")")),
      bad("htm HEAD", claim("htm", R"("HEAD")")),
      bad("htm with a blank", claim("htm", R"("GET ")")),
      bad("htm as a list", claim("htm", R"(["GET"])")),
      bad("no htm", without_claim("htm")),
      bad("htm twice", in_claims("{", R"({"htm":"POST",)")),
      bad("htu of another host", htu("vault.example", "thief.example")),
      bad("htu with a dot behind the host", htu("vault.example", "vault.example.")),
      bad("htu with the host in a user's place",
          htu("//vault.example", "//vault.example@thief.example")),
      bad("htu with a user", htu("//", "//me@")),
      bad("htu of http", htu("https:", "http:")),
      bad("htu of another port", htu("vault.example", "vault.example:8443")),
      bad("htu with the port of http", htu("vault.example", "vault.example:80")),
      bad("htu with a port of six digits", htu("vault.example", "vault.example:000443")),
      bad("htu without scheme", htu("https://", "")),
      bad("htu of another path", htu("/v1/data", "/v1/other")),
      bad("htu of the token endpoint", htu("/v1/data", "/token")),
      bad("htu with the path in another case", htu("/v1/data", "/v1/Data")),
      bad("htu with a slash behind", htu("/v1/data", "/v1/data/")),
      bad("htu with two slashes", htu("/v1/data", "/v1//data")),
      bad("htu with dots", htu("/v1/data", "/v1/x/../data")),
      bad("htu with a percent spelling", htu("/v1/data", "/v1/d%61ta")),
      bad("htu with a percent slash", htu("/v1/data", "/v1%2Fdata")),
      bad("htu with a backslash", htu("/v1/data", R"(/v1\data)")),
      bad("htu with a blank behind", htu("/v1/data", "/v1/data ")),
      bad("htu with its end in a query", htu("/v1/data", "?/v1/data")),
      bad("htu with its end in a fragment", htu("/v1/data", "#/v1/data")),
      bad("htu with a letter that looks alike", htu("vault.example", "v\xD0\xB0ult.example")),
      bad("htu of the other brand's issuer",
          [](Scene& scene, Doc& doc) {
            doc.claims = test::with(doc.claims, scene.brand.vid, scene.other.vid);
          }),
      bad("htu as a list", claim("htu", R"(["https://vault.example"])")),
      bad("no htu", without_claim("htu")),
      bad("htu twice", in_claims("{", R"({"htu":"https://thief.example/",)")),
      bad("no ath", without_claim("ath")),
      bad("ath of another token",
          claim("ath",
                [](Scene& scene) { return '"' + jose::token_hash(scene.other_token) + '"'; })),
      bad("ath that is empty", claim("ath", R"("")")),
      bad("ath in another spelling",
          [](Scene& scene, Doc& doc) {
            const auto hash = jose::token_hash(scene.token);
            doc.claims = test::with(doc.claims, hash, other_spelling(hash));
          }),
      bad("ath in hex", claim("ath",
                              [](Scene& scene) {
                                return '"' + to_hex(crypto::sha256(bytes_of(scene.token))) + '"';
                              })),
      bad("iat 301 seconds old", claim("iat", [](Scene& s) { return seconds_from_now(s, -301); })),
      bad("iat 302 seconds ahead", claim("iat", [](Scene& s) { return seconds_from_now(s, 302); })),
      bad("iat of an hour ago", claim("iat", [](Scene& s) { return seconds_from_now(s, -3600); })),
      bad("iat of 1970", claim("iat", "0")),
      bad("iat before 1970", claim("iat", "-1")),
      bad("iat as a fraction",
          claim("iat", [](Scene& s) { return seconds_from_now(s, 0) + ".5"; })),
      bad("iat with a power", claim("iat", "1795e6")),
      bad("iat as a text",
          claim("iat", [](Scene& s) { return '"' + seconds_from_now(s, 0) + '"'; })),
      bad("iat beyond 64 bits", claim("iat", "18446744073709551616")),
      bad("iat that wraps around", claim("iat", "9223372036854775807")),
      bad("iat true", claim("iat", "true")),
      bad("no iat", without_claim("iat")),
      bad("no jti", without_claim("jti")),
      bad("jti that is empty", claim("jti", R"("")")),
      bad("jti of 257 letters", claim("jti", '"' + std::string(257, 'j') + '"')),
      bad("jti as a number", claim("jti", "1")),
      bad("jti with a NUL", claim("jti", R"("a\u0000b")")),
      bad("jti twice", in_claims("{", R"({"jti":"other",)")),
      bad("nonce null", claim("nonce", "null")),
      bad("nonce as a list",
          claim("nonce", [](Scene& s) { return "[\"" + s.brand.nonce() + "\"]"; })),
      bad("exp as a fraction", in_claims("{", R"({"exp":1e9,)")),
      bad("claims as a list", [](Scene&, Doc& doc) { doc.claims = '[' + doc.claims + ']'; }),
      bad("claims with a byte order mark",
          [](Scene&, Doc& doc) { doc.claims = "\xEF\xBB\xBF" + doc.claims; }),
      bad("claims that are not UTF-8", in_claims("{", "{\"x\":\"\xFF\",")),
      bad("claims with a NUL byte", in_claims("{", std::string("{\0", 2))),
      bad("claims with something behind", [](Scene&, Doc& doc) { doc.claims += "x"; }),
      bad("claims of 5 KiB", in_claims("{", R"({"x":")" + std::string(5000, 'x') + R"(",)")),
      nonce("no nonce", without_claim("nonce")),
      nonce("a nonce that is empty", claim("nonce", R"("")")),
      nonce("a nonce of the thief's", claim("nonce", '"' + to_base64url(Bytes(16, 1)) + '"')),
      nonce("a nonce of the other brand's issuer",
            claim("nonce", [](Scene& s) { return '"' + s.other.nonce() + '"'; })),
      nonce("a nonce in another spelling",
            claim("nonce", [](Scene& s) { return '"' + other_spelling(s.brand.nonce()) + '"'; })),
      nonce("a nonce from before the start",
            [](Scene& scene, Doc&) {
              scene.world.restart();
              scene.world.unlock();
              scene.world.clock.advance(std::chrono::seconds(2));
            }),
      nonce("a nonce a minute old",
            [](Scene& scene, Doc&) { scene.world.clock.advance(std::chrono::seconds(60)); }),
  };
}

std::vector<Attack> proof_signatures() {
  const auto bad = [](const char* name, Build build) {
    return Attack{name, std::move(build), 401, kBadProof};
  };
  const auto text = [](std::function<std::string(std::string)> change) {
    return read_proof(as_text(std::move(change)));
  };
  const auto es = [](SignatureChange change) {
    return es_read_proof(in_signature(std::move(change)));
  };
  return {
      bad("signed by another key", read_proof(by_thief())),
      {"another key in the header, signed by it", read_proof([](Scene&, Doc& doc) {
         doc.ed = &thief();
         doc.header = R"({"alg":"EdDSA","jwk":)" + own_jwk(thief()) + R"(,"typ":"dpop+jwt"})";
       }),
       401, kBadToken},
      bad("S + L", read_proof(in_signature(add_group_order))),
      bad("a signature of zeros", read_proof(in_signature([](Bytes& s) { s.assign(64, 0); }))),
      bad("a signature a byte short", read_proof(in_signature([](Bytes& s) { s.pop_back(); }))),
      bad("a signature a byte long", read_proof(in_signature([](Bytes& s) { s.push_back(0); }))),
      bad("an empty signature", text(head_of)),
      bad("the signature of another proof", read_proof([](Scene& scene, Doc& doc) {
            const auto other = scene.proof("GET", scene.brand.data_path(), scene.token).text();
            doc.last = [other](const std::string& mine) {
              return head_of(mine) + other.substr(head_of(other).size());
            };
          })),
      bad("a key of small order: 1",
          token_proof(
              small_order("0100000000000000000000000000000000000000000000000000000000000000"))),
      bad("a key of small order: 2",
          token_proof(
              small_order("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"))),
      bad("a key of small order: 4",
          token_proof(
              small_order("0000000000000000000000000000000000000000000000000000000000000000"))),
      bad("a key of small order: 8",
          token_proof(
              small_order("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"))),
      bad("a key of small order, spelled otherwise",
          token_proof(
              small_order("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"))),
      bad("a key that is no point",
          token_proof(
              small_order("0200000000000000000000000000000000000000000000000000000000000000"))),
      bad("ES256 with r = 0", es([](Bytes& s) { std::fill_n(s.begin(), 32, std::uint8_t{0}); })),
      bad("ES256 with s = 0",
          es([](Bytes& s) { std::fill_n(s.begin() + 32, 32, std::uint8_t{0}); })),
      bad("ES256 with r = s = 0", es([](Bytes& s) { s.assign(64, 0); })),
      bad("ES256 with r = n", es([](Bytes& s) { std::copy_n(kP256Order, 32, s.begin()); })),
      bad("ES256 with s = n", es([](Bytes& s) { std::copy_n(kP256Order, 32, s.begin() + 32); })),
      bad("ES256 with r and s changed over",
          es([](Bytes& s) { std::swap_ranges(s.begin(), s.begin() + 32, s.begin() + 32); })),
      bad("ES256 as DER", es_read_proof(as_text([](const std::string& mine) {
            return head_of(mine) + der_of(signature_of(mine));
          }))),
      bad("ES256 used, then with s mirrored", es_read_proof([](Scene& scene, Doc& doc) {
            const auto used = doc.signed_text();
            CHECK(scene.world.call(scene.read(scene.es_token, used)).status == 200);
            doc.last = [used](const std::string&) {
              Bytes signature = signature_of(used);
              mirror_s(signature);
              return head_of(used) + to_base64url(signature);
            };
          })),
      bad("ES256 by a point off the curve",
          es_token_proof(p256_point([](auto&, auto& y) { y[31] ^= 1; }))),
      bad("ES256 by the point of zeros", es_token_proof(p256_point([](auto& x, auto& y) {
            x.fill(0);
            y.fill(0);
          }))),
      bad("ES256 by a coordinate beyond the field",
          es_token_proof(p256_point([](auto& x, auto&) { x.fill(0xFF); }))),
      bad("ES256 by a key without y", es_token_proof([](Scene&, Doc& doc) {
            doc.header = test::with(doc.header, R"("y")", R"("z")");
          })),
      bad("Ed25519's name over a P-256 key", es_read_proof(in_header("ES256", "Ed25519"))),
      bad("two parts", text([](const std::string& t) { return t.substr(0, t.rfind('.')); })),
      bad("four parts", text([](const std::string& t) { return t + ".AAAA"; })),
      bad("five parts, as encrypted", text([](const std::string& t) { return t + ".AAAA.AAAA"; })),
      bad("a dot behind", text([](const std::string& t) { return t + '.'; })),
      bad("a dot before", text([](const std::string& t) { return '.' + t; })),
      bad("cut in the middle",
          text([](const std::string& t) { return t.substr(0, t.size() / 2); })),
      bad("padding", text([](const std::string& t) { return t + "=="; })),
      bad("padding of the header",
          text([](const std::string& t) { return test::with(t, ".", "=."); })),
      bad("plain base64's letters", read_proof(plain_base64())),
      bad("bits that do not count", text(other_spelling)),
      bad("a blank in the middle",
          text([](const std::string& t) { return test::with(t, ".", ". "); })),
      bad("a line end behind", text([](const std::string& t) { return t + '\n'; })),
      bad("a NUL behind", text([](const std::string& t) { return t + '\0'; })),
      bad("a JWS in JSON", text([](const std::string& t) {
            return write_json(
                {{"protected", t.substr(0, t.find('.'))}, {"payload", ""}, {"signature", ""}});
          })),
      bad("two in one header", text([](const std::string& t) { return t + ", " + t; })),
      bad("an access token for a proof", read_proof(instead([](Scene& s) { return s.token; }))),
      bad("an assertion for a proof",
          read_proof(instead([](Scene& s) { return s.brand.assertion(); }))),
      bad("an introduction for a proof",
          read_proof(instead([](Scene& s) { return s.brand.introduction; }))),
      bad("used before, for the same read", read_proof([](Scene& scene, Doc& doc) {
            CHECK(scene.world.call(scene.read(scene.token, doc.text())).status == 200);
          })),
      bad("used before, signed anew with the same jti", read_proof([](Scene& scene, Doc& doc) {
            CHECK(scene.world.call(scene.read(scene.token, doc.text())).status == 200);
            doc.claims = test::with(doc.claims, "{", "{ ");
          })),
      bad("used before, at the token endpoint", token_proof([](Scene& scene, Doc& doc) {
            CHECK(scene.world.call(scene.refreshed(scene.refresh, doc.text())).status == 200);
          })),
      bad("used before, in a read that was refused", read_proof([](Scene& scene, Doc& doc) {
            auto refused = scene.read(scene.token, doc.text());
            refused.query = "fields=person.birthdate&purpose=delivery";
            CHECK(scene.world.call(std::move(refused)).status == 403);
          })),
  };
}

// --- the token ------------------------------------------------------------------------------------

std::vector<Attack> tokens() {
  const auto bad = [](const char* name, Bend bend) {
    return Attack{name, access_token(std::move(bend)), 401, kBadToken};
  };
  const auto text = [&bad](const char* name, std::function<std::string(std::string)> change) {
    return bad(name, as_text(std::move(change)));
  };
  return {
      bad("alg none", in_header("EdDSA", "none")),
      bad("alg none without a signature",
          [](Scene&, Doc& doc) {
            doc.header = test::with(doc.header, "EdDSA", "none");
            doc.last = head_of;
          }),
      bad("alg NoNe", in_header("EdDSA", "NoNe")),
      bad("alg HS256", in_header("EdDSA", "HS256")),
      bad("alg RS256", in_header("EdDSA", "RS256")),
      bad("alg ES256", in_header("EdDSA", "ES256")),
      bad("crit", in_header("{", R"({"crit":["exp"],)")),
      bad("b64", in_header("{", R"({"b64":true,)")),
      bad("jku", in_header("{", R"({"jku":"https://thief.example/jwks.json",)")),
      bad("its key in the header, and signed by it",
          [](Scene&, Doc& doc) {
            doc.header = test::with(doc.header, "{", R"({"jwk":)" + own_jwk(thief()) + ",");
            doc.ed = &thief();
          }),
      bad("the vault's key in the header",
          [](Scene& scene, Doc& doc) {
            doc.header =
                test::with(doc.header, "{", R"({"jwk":)" + own_jwk(scene.issuer_key()) + ",");
          }),
      bad("typ JWT", in_header("at+jwt", "JWT")),
      bad("typ dpop+jwt", in_header("at+jwt", "dpop+jwt")),
      bad("typ AT+JWT", in_header("at+jwt", "AT+JWT")),
      bad("no typ", in_header(R"(,"typ":"at+jwt")", "")),
      bad("kid of 300 letters",
          [](Scene&, Doc& doc) {
            auto header = json::parse(doc.header);
            header["kid"] = std::string(300, 'k');
            doc.header = write_json(header);
          }),
      bad("kid as a number",
          [](Scene&, Doc& doc) {
            auto header = json::parse(doc.header);
            header["kid"] = 1;
            doc.header = write_json(header);
          }),
      bad("header as a list", [](Scene&, Doc& doc) { doc.header = '[' + doc.header + ']'; }),
      bad("alg twice in the header", in_header("{", R"({"alg":"none",)")),
      bad("signed by the brand",
          signed_by([](Scene& s) -> const crypto::SigningKey& { return s.brand.key; })),
      bad("signed by the thief", by_thief()),
      bad("signed by the other brand's issuer",
          signed_by([](Scene& scene) -> const crypto::SigningKey& {
            return scene.world.vault->rooms()->issuers.with_vid(scene.other.vid)->key;
          })),
      bad("aud of the issuer, not the resource",
          claim("aud", [](Scene& s) { return '"' + s.brand.issuer + '"'; })),
      bad("aud of the other brand's resource",
          claim("aud", [](Scene& s) { return '"' + s.other.issuer + "/v1\""; })),
      bad("aud of another vault", claim("aud", R"("https://other.example/v1")")),
      bad("aud as a list",
          claim("aud", [](Scene& s) { return "[\"" + s.brand.issuer + "/v1\"]"; })),
      bad("no aud", without_claim("aud")),
      bad("iss of the other brand",
          claim("iss", [](Scene& s) { return '"' + s.other.issuer + '"'; })),
      bad("iss with a slash behind",
          claim("iss", [](Scene& s) { return '"' + s.brand.issuer + "/\""; })),
      bad("no iss", without_claim("iss")),
      bad("expired this second", claim("exp", [](Scene& s) { return seconds_from_now(s, 0); })),
      bad("expired an hour ago", claim("exp", [](Scene& s) { return seconds_from_now(s, -3600); })),
      bad("good for an hour", claim("exp", [](Scene& s) { return seconds_from_now(s, 3600); })),
      bad("good for ever", claim("exp", "253402300799")),
      bad("exp as a fraction",
          claim("exp", [](Scene& s) { return seconds_from_now(s, 60) + ".0"; })),
      bad("exp as a text",
          claim("exp", [](Scene& s) { return '"' + seconds_from_now(s, 60) + '"'; })),
      bad("exp beyond 64 bits", claim("exp", "99999999999999999999")),
      bad("exp before 1970", claim("exp", "-1")),
      bad("no exp", without_claim("exp")),
      bad("no iat", without_claim("iat")),
      bad("iat to come", claim("iat", [](Scene& s) { return seconds_from_now(s, 5); })),
      bad("nbf to come",
          [](Scene& scene, Doc& doc) {
            doc.claims =
                test::with(doc.claims, "{", "{\"nbf\":" + seconds_from_now(scene, 5) + ",");
          }),
      bad("exp twice", in_claims("{", R"({"exp":253402300799,)")),
      bad("grant_id twice", in_claims("{", R"({"grant_id":"gr_00000000",)")),
      bad("no cnf", without_claim("cnf")),
      bad("cnf that is empty",
          [](Scene&, Doc& doc) {
            auto claims = json::parse(doc.claims);
            claims["cnf"] = json::object();
            doc.claims = write_json(claims);
          }),
      bad("cnf with a thumbprint too short",
          [](Scene&, Doc& doc) {
            auto claims = json::parse(doc.claims);
            claims["cnf"]["jkt"] = "short";
            doc.claims = write_json(claims);
          }),
      bad("bound to the thief's key",
          [](Scene&, Doc& doc) {
            auto claims = json::parse(doc.claims);
            claims["cnf"]["jkt"] = jose::jwk_of(thief().public_key()).kid;
            doc.claims = write_json(claims);
          }),
      bad("no jti", without_claim("jti")),
      bad("claims with a NUL", in_claims("{", R"({"x":"\u0000",)")),
      bad("claims with a byte order mark",
          [](Scene&, Doc& doc) { doc.claims = "\xEF\xBB\xBF" + doc.claims; }),
      bad("claims that are not UTF-8", in_claims("{", "{\"x\":\"\xFE\",")),
      bad("claims with something behind", [](Scene&, Doc& doc) { doc.claims += "{}"; }),
      bad("S + L", in_signature(add_group_order)),
      bad("a signature of zeros", in_signature([](Bytes& s) { s.assign(64, 0); })),
      bad("the signature of another token",
          [](Scene& scene, Doc& doc) {
            const auto other = scene.es_token;
            doc.last = [other](const std::string& mine) {
              return head_of(mine) + other.substr(head_of(other).size());
            };
          }),
      text("an empty signature", head_of),
      text("two parts", [](const std::string& t) { return t.substr(0, t.rfind('.')); }),
      text("four parts", [](const std::string& t) { return t + ".AAAA"; }),
      text("a dot behind", [](const std::string& t) { return t + '.'; }),
      text("cut by a letter", [](const std::string& t) { return t.substr(0, t.size() - 1); }),
      text("cut in the middle", [](const std::string& t) { return t.substr(0, t.size() / 2); }),
      text("padding", [](const std::string& t) { return t + "=="; }),
      text("bits that do not count", other_spelling),
      bad("plain base64's letters", plain_base64()),
      text("a blank behind", [](const std::string& t) { return t + ' '; }),
      text("a blank before", [](const std::string& t) { return ' ' + t; }),
      text("twice, with a comma", [](const std::string& t) { return t + ',' + t; }),
      text("nothing", [](const std::string&) { return std::string(); }),
      text("9 KiB", [](const std::string& t) { return t + std::string(9000, 'A'); }),
      bad("a proof for a token",
          instead([](Scene& s) { return s.brand.proof_for("GET", s.brand.data_path()); })),
      bad("an assertion for a token", instead([](Scene& s) { return s.brand.assertion(); })),
      bad("an introduction for a token", instead([](Scene& s) { return s.brand.introduction; })),
      bad("a receipt for a token", instead([](Scene& s) {
            const auto answer = s.brand.read(s.token, "address.home.locality");
            return json::parse(answer.body)["receipt"].get<std::string>();
          })),
      bad("a refresh token for a token", instead([](Scene& s) { return s.refresh; })),
      bad("the other brand's token", instead([](Scene& s) { return s.other_token; })),
      {"one's own token at the other brand's issuer",
       [](Scene& s) {
         auto request = s.other.read_request(s.token, "address.home.locality");
         request.headers.back().second =
             s.brand.proof_by(s.brand.key, "GET", s.other.data_path(), s.token, s.other.nonce());
         return request;
       },
       401, kBadToken},
      {"of a grant that never was", access_token([](Scene&, Doc& doc) {
         auto claims = json::parse(doc.claims);
         claims["grant_id"] = "gr_00000000";
         doc.claims = write_json(claims);
       }),
       401, kBadToken, Trace::Recorded},
      {"of a grant that was taken back",
       [](Scene& s) {
         const auto gone = s.brand.granted({"address.home.locality"});
         must(s.world.owner->revoke({{"ids", {gone["grant_id"]}}}));
         return s.brand.read_request(gone["access_token"], "address.home.locality");
       },
       401, kBadToken, Trace::Recorded},
      {"of a grant that ran out",
       [](Scene& s) {
         const auto brief = s.brand.granted({"address.home.locality"}, {{"for", "once"}});
         CHECK(s.brand.read(brief["access_token"], "address.home.locality").status == 200);
         return s.brand.read_request(brief["access_token"], "address.home.locality");
       },
       401, kBadToken, Trace::Recorded},
      {"its field lent from another grant",
       [](Scene& s) {
         const auto more = s.brand.granted({"address.home.postal_code"});
         auto request = s.brand.read_request(more["access_token"], "address.home.locality");
         return request;
       },
       403, "insufficient_scope", Trace::Recorded},
  };
}

// --- how a read is sent ---------------------------------------------------------------------------

void set_authorization(routes::Request& request, std::string value) {
  for (auto& [name, held] : request.headers)
    if (name == "authorization") held = std::move(value);
}

std::vector<Attack> requests() {
  using routes::Request;
  const auto sent = [](const char* name, int status, const char* error,
                       std::function<void(Scene&, Request&)> change) {
    return Attack{name, read_request(std::move(change)), status, error};
  };
  const auto shown_as = [&sent](const char* name, std::string prefix) {
    return sent(name, 401, kBadToken,
                [prefix](Scene& s, Request& r) { set_authorization(r, prefix + s.token); });
  };
  return {
      shown_as("Bearer", "Bearer "),
      shown_as("the scheme in lower case", "dpop "),
      shown_as("the scheme in capitals", "DPOP "),
      shown_as("no scheme", ""),
      shown_as("the scheme without a blank", "DPoP"),
      shown_as("the scheme with a tab", "DPoP\t"),
      shown_as("two blanks", "DPoP  "),
      shown_as("the scheme twice", "DPoP DPoP "),
      sent("no authorization", 401, kBadToken,
           [](Scene&, Request& r) { r.headers.erase(r.headers.begin()); }),
      sent("two authorizations", 401, kBadToken,
           [](Scene&, Request& r) { r.headers.push_back(r.headers.front()); }),
      sent("two authorizations, one of them Bearer", 401, kBadToken,
           [](Scene& s, Request& r) {
             r.headers.emplace_back("authorization", "Bearer " + s.token);
           }),
      sent("the token in the query", 401, kBadToken,
           [](Scene& s, Request& r) {
             r.headers.erase(r.headers.begin());
             r.query += "&access_token=" + s.token;
           }),
      sent("the token in the query as well", 400, kBadRequest,
           [](Scene& s, Request& r) { r.query += "&access_token=" + s.token; }),
      sent("the token in a body", 401, kBadToken,
           [](Scene& s, Request& r) {
             r.headers.erase(r.headers.begin());
             r.headers.emplace_back("content-type", "application/x-www-form-urlencoded");
             r.body = "access_token=" + s.token;
           }),
      sent("no proof", 401, kBadProof, [](Scene&, Request& r) { r.headers.pop_back(); }),
      sent("two proofs", 401, kBadProof,
           [](Scene& s, Request& r) {
             r.headers.emplace_back("dpop", s.brand.proof_for("GET", s.brand.data_path(), s.token));
           }),
      sent("one proof twice", 401, kBadProof,
           [](Scene&, Request& r) { r.headers.push_back(r.headers.back()); }),
      sent("an empty proof", 401, kBadProof,
           [](Scene&, Request& r) { r.headers.back().second = ""; }),
      sent("the proof in the query", 401, kBadProof,
           [](Scene&, Request& r) {
             r.query += "&dpop=" + r.headers.back().second;
             r.headers.pop_back();
           }),
      sent("POST with a proof for GET", 404, "not_found",
           [](Scene&, Request& r) { r.method = "POST"; }),
      {"a proof that was made for another query", read_request([](Scene&, Request& r) {
         r.query = "fields=person.birthdate&purpose=delivery";
       }),
       403, "insufficient_scope", Trace::Recorded},
  };
}

// --- the assertion --------------------------------------------------------------------------------

std::vector<Attack> assertions() {
  const auto bad = [](const char* name, Bend bend) {
    return Attack{name, assertion(std::move(bend)), 401, kBadClient};
  };
  const auto kid = [&bad](const char* name, std::string value) {
    return bad(name, [value](Scene&, Doc& doc) {
      const auto at = doc.header.find(R"("kid":)") + 6;
      doc.header.replace(at, doc.header.find('"', at + 1) + 1 - at, value);
    });
  };
  return {
      bad("alg none", in_header("EdDSA", "none")),
      bad("alg none without a signature",
          [](Scene&, Doc& doc) {
            doc.header = test::with(doc.header, "EdDSA", "none");
            doc.last = head_of;
          }),
      bad("alg HS256", in_header("EdDSA", "HS256")),
      bad("alg RS256", in_header("EdDSA", "RS256")),
      bad("alg ES256, which the brand has no key of", in_header("EdDSA", "ES256")),
      bad("crit", in_header("{", R"({"crit":["b64"],)")),
      bad("b64", in_header("{", R"({"b64":false,)")),
      bad("its key in the header, and signed by it",
          [](Scene&, Doc& doc) {
            doc.header = R"({"alg":"EdDSA","jwk":)" + own_jwk(thief()) + R"(,"typ":"JWT"})";
            doc.ed = &thief();
          }),
      bad("typ dpop+jwt", in_header(R"("JWT")", R"("dpop+jwt")")),
      bad("typ at+jwt", in_header(R"("JWT")", R"("at+jwt")")),
      bad("typ vrm-offer+jwt", in_header(R"("JWT")", R"("vrm-offer+jwt")")),
      bad("typ jwt", in_header(R"("JWT")", R"("jwt")")),
      kid("kid of nobody", R"("nobody")"),
      kid("kid that climbs", R"("../../../dev/null")"),
      kid("kid with a NUL", R"("key\u0000")"),
      kid("kid that is an address", R"("https://thief.example/key")"),
      kid("kid that asks a database", R"("x' OR '1'='1")"),
      kid("kid as a list", R"(["a"])"),
      kid("kid that is empty", R"("")"),
      kid("kid of 300 letters", '"' + std::string(300, 'k') + '"'),
      bad("header as a list", [](Scene&, Doc& doc) { doc.header = '[' + doc.header + ']'; }),
      bad("alg twice", in_header("{", R"({"alg":"none",)")),
      bad("signed by the thief", by_thief()),
      bad("signed by the other brand", by_other_brand()),
      bad("the other brand's assertion", instead([](Scene& s) { return s.other.assertion(); })),
      bad("signed by the vault",
          signed_by([](Scene& s) -> const crypto::SigningKey& { return s.issuer_key(); })),
      bad("aud as a list", claim("aud", [](Scene& s) { return "[\"" + s.brand.issuer + "\"]"; })),
      bad("aud as a list with another",
          claim("aud",
                [](Scene& s) { return "[\"" + s.brand.issuer + R"(","https://thief.example"])"; })),
      bad("aud of the token endpoint",
          claim("aud", [](Scene& s) { return '"' + s.brand.issuer + "/token\""; })),
      bad("aud with a slash behind",
          claim("aud", [](Scene& s) { return '"' + s.brand.issuer + "/\""; })),
      bad("aud of the vault", claim("aud", '"' + std::string(kBase) + '"')),
      bad("aud of the other brand's issuer",
          claim("aud", [](Scene& s) { return '"' + s.other.issuer + '"'; })),
      bad("aud of another server", claim("aud", R"("https://other.example")")),
      bad("no aud", without_claim("aud")),
      bad("aud twice", in_claims("{", R"({"aud":"https://other.example",)")),
      bad("iss of the other brand",
          claim("iss", [](Scene& s) { return '"' + s.other.client_id + '"'; })),
      bad("sub of the other brand",
          claim("sub", [](Scene& s) { return '"' + s.other.client_id + '"'; })),
      bad("no iss", without_claim("iss")),
      bad("no sub", without_claim("sub")),
      bad("no jti", without_claim("jti")),
      bad("jti that is empty", claim("jti", R"("")")),
      bad("jti of 257 letters", claim("jti", '"' + std::string(257, 'j') + '"')),
      bad("no exp", without_claim("exp")),
      bad("exp long past", claim("exp", [](Scene& s) { return seconds_from_now(s, -61); })),
      bad("exp two minutes and a second ahead",
          claim("exp", [](Scene& s) { return seconds_from_now(s, 122); })),
      bad("exp in an hour", claim("exp", [](Scene& s) { return seconds_from_now(s, 3600); })),
      bad("exp as a fraction",
          claim("exp", [](Scene& s) { return seconds_from_now(s, 30) + ".5"; })),
      bad("exp beyond 64 bits", claim("exp", "99999999999999999999")),
      bad("exp twice", in_claims("{", R"({"exp":1,)")),
      bad("iat from the future", claim("iat", [](Scene& s) { return seconds_from_now(s, 62); })),
      bad("nbf to come",
          [](Scene& scene, Doc& doc) {
            doc.claims =
                test::with(doc.claims, "{", "{\"nbf\":" + seconds_from_now(scene, 62) + ",");
          }),
      bad("claims as a text", [](Scene&, Doc& doc) { doc.claims = R"("iss")"; }),
      bad("claims with a NUL", in_claims("{", R"({"x":"\u0000",)")),
      bad("S + L", in_signature(add_group_order)),
      bad("an empty signature", as_text(head_of)),
      bad("four parts", as_text([](const std::string& t) { return t + ".AAAA"; })),
      bad("padding", as_text([](const std::string& t) { return t + "="; })),
      bad("bits that do not count", as_text(other_spelling)),
      bad("a proof for an assertion",
          instead([](Scene& s) { return s.brand.proof_for("POST", s.token_path()); })),
      bad("an access token for an assertion", instead([](Scene& s) { return s.token; })),
      bad("an introduction for an assertion",
          instead([](Scene& s) { return s.brand.introduction; })),
      bad("used before",
          [](Scene& scene, Doc& doc) {
            const auto first = scene.refreshed(
                scene.refresh, scene.proof("POST", scene.token_path()).text(), doc.text());
            CHECK(scene.world.call(first).status == 200);
          }),
      bad("used before, signed anew with the same jti",
          [](Scene& scene, Doc& doc) {
            const auto first = scene.refreshed(
                scene.refresh, scene.proof("POST", scene.token_path()).text(), doc.text());
            CHECK(scene.world.call(first).status == 200);
            doc.claims = test::with(doc.claims, "{", "{ ");
          }),
      {"from before the start", assertion(instead([](Scene& s) { return s.old_assertion; })), 503,
       "temporarily_unavailable"},
  };
}

// --- the token endpoint ---------------------------------------------------------------------------

std::vector<Attack> at_the_token_endpoint() {
  const auto form = [](const char* name, int status, const char* error, Trace trace,
                       std::function<void(Scene&, std::map<std::string, std::string>&)> change) {
    return Attack{name,
                  [change](Scene& s) {
                    auto fields = s.brand.form();
                    fields["grant_type"] = "refresh_token";
                    fields["refresh_token"] = s.refresh;
                    change(s, fields);
                    return Scene::post(s.token_path(), fields,
                                       s.proof("POST", s.token_path()).text());
                  },
                  status, error, trace};
  };
  using Fields = std::map<std::string, std::string>;
  return {
      {"no proof", [](Scene& s) { return s.refreshed(s.refresh, ""); }, 401, kBadProof},
      {"two proofs",
       [](Scene& s) {
         auto request = s.refreshed(s.refresh, s.proof("POST", s.token_path()).text());
         request.headers.emplace_back("dpop", s.proof("POST", s.token_path()).text());
         return request;
       },
       401, kBadProof},
      {"a proof for GET", token_proof(claim("htm", R"("GET")")), 401, kBadProof},
      {"a proof for the data", token_proof(htu("/token", "/v1/data")), 401, kBadProof},
      {"a proof for the other brand's token endpoint", token_proof([](Scene& s, Doc& doc) {
         doc.claims = test::with(doc.claims, s.brand.vid, s.other.vid);
       }),
       401, kBadProof},
      {"a proof without a nonce", token_proof(without_claim("nonce")), 400, kNonce, Trace::Nothing},
      {"a proof with the other issuer's nonce",
       token_proof(claim("nonce", [](Scene& s) { return '"' + s.other.nonce() + '"'; })), 400,
       kNonce, Trace::Nothing},
      form("another brand's client_id", 401, kBadClient, Trace::Counted,
           [](Scene& s, Fields& f) { f["client_id"] = s.other.client_id; }),
      form("no assertion", 401, kBadClient, Trace::Counted,
           [](Scene&, Fields& f) { f.erase("client_assertion"); }),
      form("a secret for an assertion", 401, kBadClient, Trace::Counted,
           [](Scene&, Fields& f) {
             f.erase("client_assertion");
             f.erase("client_assertion_type");
             f["client_secret"] = "secret";
           }),
      form("an assertion of another type", 401, kBadClient, Trace::Counted,
           [](Scene&, Fields& f) {
             f["client_assertion_type"] =
                 "urn:ietf:params:oauth:client-assertion-type:saml2-bearer";
           }),
      form("a refresh token of the other brand", 400, kBadGrant, Trace::Recorded,
           [](Scene& s, Fields& f) { f["refresh_token"] = s.other_refresh; }),
      form("a refresh token that never was", 400, kBadGrant, Trace::Recorded,
           [](Scene& s, Fields& f) { f["refresh_token"] = s.brand.draw(); }),
      form("an access token for a refresh token", 400, kBadGrant, Trace::Recorded,
           [](Scene& s, Fields& f) { f["refresh_token"] = s.token; }),
      form("a refresh token for an auth_req_id", 400, kBadGrant, Trace::Recorded,
           [](Scene& s, Fields& f) {
             f["grant_type"] = "urn:openid:params:grant-type:ciba";
             f["auth_req_id"] = s.refresh;
           }),
      form("a refresh token in another spelling", 400, kBadGrant, Trace::Recorded,
           [](Scene& s, Fields& f) { f["refresh_token"] = s.refresh + "="; }),
      form("an empty refresh token", 400, kBadGrant, Trace::Recorded,
           [](Scene&, Fields& f) { f["refresh_token"] = ""; }),
      form("no refresh token", 400, kBadRequest, Trace::Recorded,
           [](Scene&, Fields& f) { f.erase("refresh_token"); }),
      form("client_credentials", 400, "unsupported_grant_type", Trace::Recorded,
           [](Scene&, Fields& f) { f["grant_type"] = "client_credentials"; }),
      form("authorization_code", 400, "unsupported_grant_type", Trace::Recorded,
           [](Scene&, Fields& f) { f["grant_type"] = "authorization_code"; }),
      {"a refresh token twice",
       [](Scene& s) {
         auto request = s.refreshed(s.refresh, s.proof("POST", s.token_path()).text());
         request.body += "&refresh_token=" + s.other_refresh;
         return request;
       },
       400, kBadRequest},
      {"the form in the query",
       [](Scene& s) {
         auto request = s.refreshed(s.refresh, s.proof("POST", s.token_path()).text());
         request.query = std::exchange(request.body, "");
         return request;
       },
       401, kBadClient},
  };
}

}  // namespace

TEST_SUITE("routes/attacks") {
  TEST_CASE("a proof with a bent header is refused") {
    check_all_refused(proof_headers(), 45);
  }
  TEST_CASE("a proof with a bent claim is refused") {
    check_all_refused(proof_claims(), 65);
  }
  TEST_CASE("a proof with a bent signature or spelling, or used before, is refused") {
    check_all_refused(proof_signatures(), 45);
  }
  TEST_CASE("a token that is bent, another's or over is refused") {
    check_all_refused(tokens(), 75);
  }
  TEST_CASE("a read that is sent otherwise is refused") {
    check_all_refused(requests(), 20);
  }
  TEST_CASE("an assertion that is bent, another's or used before is refused") {
    check_all_refused(assertions(), 60);
  }
  TEST_CASE("the token endpoint refuses other tickets, clients and forms") {
    check_all_refused(at_the_token_endpoint(), 20);
  }

  TEST_CASE("a mirrored ES256 signature is good once, as the one it mirrors") {
    Scene scene;
    int served = 0;
    for (int i = 0; i < 8; ++i) {
      const auto text = scene.es_proof("GET", scene.brand.data_path(), scene.es_token).text();
      Bytes signature = signature_of(text);
      mirror_s(signature);
      const auto mirrored = head_of(text) + to_base64url(signature);
      if (scene.world.call(scene.read(scene.es_token, mirrored)).status == 200) ++served;
      CHECK(error_of(scene.world.call(scene.read(scene.es_token, text))) == kBadProof);
    }
    CHECK(served == 8);
  }

  TEST_CASE("an offer or acknowledgement that is bent is refused and recorded") {
    World world;
    Bidder velo(world, "velo.example", "Velo");
    Bidder troc(world, "troc.example", "Troc");
    const auto intent =
        must(world.owner->new_intent({{"text", "mountain bike"},
                                      {"max", "900EUR"},
                                      {"by", "2026-11-27"},
                                      {"near", "Lyon"},
                                      {"to", {velo.brand.handle, troc.brand.handle}},
                                      {"jitter", false}},
                                     false));
    velo.hear();
    troc.hear();
    const auto honest = [&] {
      return taken_apart(velo.signed_offer("o1", 1, velo.offer()), velo.brand.key);
    };
    const auto bent = [&](std::string from, std::string to) {
      Doc doc = honest();
      if (doc.header.find(from) != std::string::npos)
        doc.header = test::with(doc.header, from, to);
      else
        doc.claims = test::with(doc.claims, from, to);
      return doc.text();
    };
    const auto changed = [&](const std::function<void(Doc&)>& change) {
      Doc doc = honest();
      change(doc);
      return doc.text();
    };
    const std::string good = honest().text();
    const std::pair<std::string, std::string> attacks[] = {
        {"alg none", bent("EdDSA", "none")},
        {"alg none without a signature", head_of(bent("EdDSA", "none"))},
        {"alg HS256", bent("EdDSA", "HS256")},
        {"crit", bent("{", R"({"crit":["x"],)")},
        {"typ JWT", bent("vrm-offer+jwt", "JWT")},
        {"typ vrm-ack+jwt", bent("vrm-offer+jwt", "vrm-ack+jwt")},
        {"an assertion for an offer", velo.brand.assertion()},
        {"an access token for an offer", velo.token},
        {"a proof for an offer", velo.brand.proof_for("PUT", "/")},
        {"an introduction for an offer", velo.brand.introduction},
        {"the other brand's offer", troc.signed_offer("o1", 1, troc.offer())},
        {"signed by the other brand", changed([&](Doc& doc) { doc.ed = &troc.brand.key; })},
        {"signed by the thief, its key in the header", changed([](Doc& doc) {
           doc.header =
               R"({"alg":"EdDSA","jwk":)" + own_jwk(thief()) + R"(,"typ":"vrm-offer+jwt"})";
           doc.ed = &thief();
         })},
        {"iss of the other brand", bent(velo.brand.client_id, troc.brand.client_id)},
        {"aud of the other brand's issuer", bent(velo.brand.issuer, troc.brand.issuer)},
        {"aud of the token endpoint", bent(velo.brand.issuer, velo.brand.issuer + "/token")},
        {"the other brand's intent", bent(velo.iid, troc.iid)},
        {"another offer's name", bent(R"("jti":"o1")", R"("jti":"o2")")},
        {"rev twice", bent(R"("rev":1)", R"("rev":1,"rev":2)")},
        {"rev as a fraction", bent(R"("rev":1)", R"("rev":1.0)")},
        {"exp beyond 64 bits", bent(R"("exp":)", R"("exp":9999999999)")},
        {"S + L", changed([](Doc& doc) {
           doc.last = [](const std::string& text) {
             Bytes signature = signature_of(text);
             add_group_order(signature);
             return head_of(text) + to_base64url(signature);
           };
         })},
        {"cut", good.substr(0, good.size() - 4)},
        {"four parts", good + ".AAAA"},
        {"padding", good + "=="},
        {"bits that do not count", other_spelling(good)},
        {"nothing in it", "x"},
    };
    std::size_t refused = 0;
    for (const auto& attack : attacks) {
      const std::string name = attack.first;
      CAPTURE(name);
      const auto answer = velo.put_signed("o1", attack.second);
      CHECK(answer.status == 400);
      CHECK(error_of(answer) == "invalid_offer");
      const auto reasons = world.log_reasons("offer_received", "refused");
      REQUIRE(reasons.size() == ++refused);
      CHECK(reasons.front() == "invalid_offer");
    }
    CHECK(refused >= 25);
    CHECK(velo.put_signed("o1", good).status == 200);
    REQUIRE(velo.put_signed("o1", good).status == 200);  // again, which changes nothing
    const std::string offer =
        must(world.owner->offers(intent["id"].get<std::string>(), json::object()))["items"].at(
            0)["id"];
    must(world.owner->accept(offer, json::object(), false));
    const auto path = "/v1/intents/" + velo.iid + "/acknowledgement";
    const auto acknowledgement = velo.acknowledgement(velo.last_message());
    for (const auto& text : {good, troc.acknowledgement(velo.last_message()), acknowledgement + "=",
                             head_of(acknowledgement), velo.brand.assertion()}) {
      const auto answer = velo.brand.call_with(velo.token, "POST", path, text);
      CHECK(error_of(answer) == "invalid_offer");
    }
    CHECK(world.log_reasons("acceptance_acknowledged", "refused") ==
          std::vector<std::string>(5, "invalid_offer"));
    CHECK(velo.brand.call_with(velo.token, "POST", path, acknowledgement).status == 200);
  }

  TEST_CASE("every single bit of a token and of proofs of both kinds counts at a read") {
    Scene scene;
    const auto flipped = [](const std::string& text, std::size_t bit) {
      return with_char(
          text, bit / 8,
          static_cast<char>(static_cast<unsigned char>(text[bit / 8]) ^ (1U << (bit % 8))));
    };
    std::map<int, int> statuses;
    const std::string ed = scene.proof("GET", scene.brand.data_path(), scene.token).text();
    for (std::size_t bit = 0; bit < ed.size() * 8; ++bit)
      ++statuses[scene.world.call(scene.read(scene.token, flipped(ed, bit))).status];
    const std::string es_text =
        scene.es_proof("GET", scene.brand.data_path(), scene.es_token).text();
    for (std::size_t bit = 0; bit < es_text.size() * 8; ++bit)
      ++statuses[scene.world.call(scene.read(scene.es_token, flipped(es_text, bit))).status];
    for (std::size_t bit = 0; bit < scene.token.size() * 8; ++bit) {
      const std::string token = flipped(scene.token, bit);
      const auto proof = scene.brand.proof_for("GET", scene.brand.data_path(), token);
      ++statuses[scene.world.call(scene.read(token, proof)).status];
    }
    const auto all = static_cast<int>((ed.size() + es_text.size() + scene.token.size()) * 8);
    CHECK(statuses == std::map<int, int>{{401, all}});
    CHECK(scene.world.log_count("read", "allowed") == 0);
    check_honest(scene, "the proof itself", [&](Scene& s) { return s.read(s.token, ed); });
  }
}
