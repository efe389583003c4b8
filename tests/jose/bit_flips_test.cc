// One altered bit anywhere in a token or a proof ends it, whether or not the letters still say the same bytes.

#include <doctest/doctest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "tests/crypto/es256_signer.h"
#include "tests/jose/forge.h"
#include "vault/base/json.h"
#include "vault/jose/access_token.h"
#include "vault/jose/dpop.h"

using namespace vrm;  // tests only
using test::b64;

namespace {

constexpr Instant kFlipNow{1'795'283'771'000};
constexpr std::string_view kFlipUrl = "https://relay.example/v/Yk3v/v1/data";
constexpr std::string_view kFlipAudience = "https://relay.example/v/Yk3v/v1";
constexpr std::string_view kFlipIssuer = "https://relay.example/v/Yk3v";
const std::string kFlipNonces[] = {"6fGk1xq_8N0oJ5nAaVbQ2g"};

// Of each kind; fewer where a sanitizer makes each slow.
int texts() {
  const char* fewer = std::getenv("VRM_FLIPS");
  return fewer == nullptr ? 20 : std::atoi(fewer);
}

// How many of the texts with one bit altered are accepted.
template <typename Accepts>
std::size_t accepted_flips(const std::string& text, const Accepts& accepts) {
  std::size_t accepted = 0;
  for (std::size_t bit = 0; bit < text.size() * 8; ++bit) {
    auto altered = text;
    altered[bit / 8] =
        static_cast<char>(static_cast<unsigned char>(altered[bit / 8]) ^ (1U << (bit % 8)));
    if (accepts(altered)) ++accepted;
  }
  return accepted;
}

// How many other texts that decode to the same bytes are accepted.
template <typename Accepts>
std::size_t accepted_spellings(const std::string& text, const Accepts& accepts) {
  static constexpr std::string_view kLetters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::size_t accepted = 0;
  const auto first = text.find('.');
  const auto second = text.rfind('.');
  for (const auto& [begin, end] :
       {std::pair{std::size_t{0}, first}, {first + 1, second}, {second + 1, text.size()}}) {
    const std::size_t unused = (end - begin) % 4 == 2 ? 15 : (end - begin) % 4 == 3 ? 3 : 0;
    const auto last = kLetters.find(text[end - 1]);
    for (std::size_t more = 1; more <= unused; ++more) {
      auto spelled = text;
      spelled[end - 1] = kLetters[last | more];
      if (spelled != text && accepts(spelled)) ++accepted;
    }
    for (const char* behind : {"=", "==", " ", "\n"}) {
      auto spelled = text;
      spelled.insert(end, behind);
      if (accepts(spelled)) ++accepted;
    }
  }
  for (const auto& [letter, plain] : {std::pair{'-', '+'}, {'_', '/'}})
    for (auto at = text.find(letter); at != text.npos; at = text.find(letter, at + 1)) {
      auto spelled = text;
      spelled[at] = plain;
      if (accepts(spelled)) ++accepted;
    }
  return accepted;
}

// Of another length each, so that the parts' last letters have all numbers of unused bits.
std::string token_no(int i, const crypto::SigningKey& key) {
  jose::AccessToken token{.issuer = std::string(kFlipIssuer),
                          .audience = std::string(kFlipAudience),
                          .subject = "ppid:" + std::string(static_cast<std::size_t>(i) + 1, 's'),
                          .client_id = "https://velo.example/vrm-brand.json",
                          .jti = "t" + std::to_string(i),
                          .grant_id = "gr_7F2K9QX" + std::to_string(i),
                          .issued = kFlipNow,
                          .expires = kFlipNow + std::chrono::minutes(1 + i % 10),
                          .key_thumbprint = jose::jwk_of(key.public_key()).kid,
                          .authorization_details = R"([{"type":"vrm_data"}])"};
  return jose::write_access_token(token, key, std::string(static_cast<std::size_t>(i % 3) + 1, 'k'))
      .value();
}

struct Proved {
  std::string text, thumbprint;
};

std::string proof_claims_no(int i, const std::string& ath) {
  return R"({"ath":")" + ath + R"(","htm":"GET","htu":")" + std::string(kFlipUrl) +
         R"(","iat":1795283771,"jti":")" + std::string(static_cast<std::size_t>(i) + 1, 'j') +
         R"(","nonce":")" + kFlipNonces[0] + "\"}";
}

Proved ed_proof_no(int i, const std::string& ath) {
  const auto key = test::key_of(static_cast<std::uint8_t>(i + 1));
  const std::string header = std::string(R"({"alg":")") + (i % 2 == 0 ? "EdDSA" : "Ed25519") +
                             R"(","jwk":{"crv":"Ed25519","kty":"OKP","x":")" +
                             to_base64url(key.public_key()) + R"("},"typ":"dpop+jwt"})";
  return {test::forge(header, proof_claims_no(i, ath), key), jose::jwk_of(key.public_key()).kid};
}

Proved es_proof_no(int i, const std::string& ath) {
  const test::Es256Signer signer;
  const jose::Jwk jwk{.kind = jose::KeyKind::P256, .x = signer.x(), .y = signer.y(), .kid = {}};
  const std::string header = R"({"alg":"ES256","jwk":{"crv":"P-256","kty":"EC","x":")" +
                             to_base64url(signer.x()) + R"(","y":")" + to_base64url(signer.y()) +
                             R"("},"typ":"dpop+jwt"})";
  const std::string head = b64(header) + '.' + b64(proof_claims_no(i, ath));
  return {head + '.' + to_base64url(signer.sign(bytes_of(head))), jose::thumbprint(jwk)};
}

// As at the token endpoint, where any key may come; or as at a read by a key that is known, whose header is not read again.
void check_proof_flips(const Proved& proved, const std::string& ath, bool is_known) {
  jose::ProofRules rules{
      .method = "GET", .url = kFlipUrl, .nonces = kFlipNonces, .now = kFlipNow, .token_hash = ath};
  const auto accepts = [&rules](const std::string& text) {
    return std::holds_alternative<jose::Proof>(jose::check_proof(text, rules));
  };
  const auto honest = jose::check_proof(proved.text, rules);
  REQUIRE(std::holds_alternative<jose::Proof>(honest));
  if (is_known) {
    rules.thumbprint = proved.thumbprint;
    rules.known_header = std::get<jose::Proof>(honest).header;
    REQUIRE(accepts(proved.text));
  }
  CHECK(accepted_flips(proved.text, accepts) == 0);
  CHECK(accepted_spellings(proved.text, accepts) == 0);
}

}  // namespace

TEST_SUITE("jose/bit_flips") {
  TEST_CASE("no altered bit of twenty tokens, nor another spelling, is accepted") {
    const auto key = test::key_of(1);
    const auto accepts = [&key](const std::string& text) {
      return jose::read_access_token(text, key.public_key(), kFlipIssuer, kFlipAudience, kFlipNow)
          .ok();
    };
    for (int i = 0; i < texts(); ++i) {
      CAPTURE(i);
      const auto text = token_no(i, key);
      REQUIRE(accepts(text));
      CHECK(accepted_flips(text, accepts) == 0);
      CHECK(accepted_spellings(text, accepts) == 0);
    }
  }

  TEST_CASE("no altered bit of twenty proofs by Ed25519, nor another spelling, is accepted") {
    const std::string ath = jose::token_hash("a.b.c");
    for (int i = 0; i < texts(); ++i) {
      CAPTURE(i);
      check_proof_flips(ed_proof_no(i, ath), ath, i % 2 == 0);
    }
  }

  TEST_CASE("no altered bit of twenty proofs by ES256, nor another spelling, is accepted") {
    const std::string ath = jose::token_hash("a.b.c");
    for (int i = 0; i < texts(); ++i) {
      CAPTURE(i);
      check_proof_flips(es_proof_no(i, ath), ath, i % 2 == 0);
    }
  }
}
