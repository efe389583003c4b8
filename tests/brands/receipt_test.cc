#include "vault/brands/receipt.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "vault/base/json.h"
#include "vault/crypto/system_random.h"
#include "vault/jose/jwk.h"

using namespace vrm;  // tests only
using nlohmann::json;

namespace {

constexpr Instant kAt{1'795'283'771'000};

brands::Issuer issuer_of(crypto::SigningKey key) {
  jose::Jwk jwk = jose::jwk_of(key.public_key());
  const std::vector<jose::Jwk> listed{jwk};
  return {.brand = "velo",
          .vid = "Yk3v",
          .base = "https://relay.example",
          .url = "https://relay.example/v/Yk3v",
          .subject = "ppid:Zs",
          .key = std::move(key),
          .jwk = std::move(jwk),
          .brand_keys = jose::JwkSet::from(jose::write_jwk_set(listed)).value()};
}

struct Desk {
  crypto::SystemRandom random;
  brands::Issuer issuer = issuer_of(crypto::SigningKey::random(random));
  brands::Brand brand;
  std::vector<std::string> fields{"person.name", "note.\u00e9t\u00e9"};
  Bytes witness = Bytes(52, 7);

  Desk() { brand.client_id = "https://velo.example/a\"b\\c\n"; }

  std::string receipt() {
    return brands::write_receipt(issuer, brand,
                                 {.fields = fields,
                                  .purpose = "dpv:Delivery",
                                  .grant = "gr_1",
                                  .at = kAt,
                                  .terms_id = {},
                                  .terms_digest = {},
                                  .witness = witness},
                                 "jti");
  }
  json claims() {
    return {{"iss", issuer.url},
            {"aud", brand.client_id},
            {"sub", issuer.subject},
            {"iat", kAt.seconds()},
            {"jti", "jti"},
            {"grant_id", "gr_1"},
            {"fields", fields},
            {"purpose", "dpv:Delivery"},
            {"witness", to_base64url(witness)}};
  }
  std::string signed_text(const json& claims, std::string_view typ = "vrm-receipt+jwt") {
    return jose::sign_jws(issuer.key, {.typ = typ, .kid = issuer.jwk.kid}, write_json(claims));
  }
};

}  // namespace

TEST_SUITE("brands/receipt") {
  TEST_CASE("a receipt is signed and says what was read, whatever letters the names have") {
    Desk desk;
    const auto read = brands::read_receipt(desk.receipt());
    REQUIRE(read.ok());
    const brands::ShownReceipt& shown = read.value();
    CHECK(shown.jws.kid() == desk.issuer.jwk.kid);
    CHECK(text_of(shown.jws.payload()) == write_json(desk.claims()));
    CHECK(brands::is_signed_by(shown, desk.issuer));
    CHECK(shown.vid == desk.issuer.vid);
    CHECK(shown.client_id == desk.brand.client_id);
    CHECK(shown.fields == desk.fields);
    CHECK(shown.purpose == "dpv:Delivery");
    CHECK(shown.grant == "gr_1");
    CHECK(shown.at == kAt);
    CHECK(shown.witness == desk.witness);
  }

  TEST_CASE("one from before there were witnesses is read as well") {
    Desk desk;
    desk.witness.clear();
    const std::string receipt = desk.receipt();
    const auto read = brands::read_receipt(receipt);
    REQUIRE(read.ok());
    CHECK(read.value().witness.empty());
    CHECK_FALSE(read.value().jws.claims().value().contains("witness"));
    CHECK(brands::is_signed_by(read.value(), desk.issuer));
  }

  TEST_CASE("the terms that the brand accepted are told, and half of them are no receipt") {
    Desk desk;
    const std::string id = "https://w3id.org/x#\"SD";
    const std::string text = brands::write_receipt(desk.issuer, desk.brand,
                                                   {.fields = desk.fields,
                                                    .purpose = "dpv:Delivery",
                                                    .grant = "gr_1",
                                                    .at = kAt,
                                                    .terms_id = id,
                                                    .terms_digest = "sha-256:00",
                                                    .witness = desk.witness},
                                                   "jti");
    const auto read = brands::read_receipt(text);
    REQUIRE(read.ok());
    CHECK(read.value().terms_id == id);
    CHECK(read.value().terms_digest == "sha-256:00");
    json claims = desk.claims();
    claims["terms"] = {{"id", id}, {"digest", "sha-256:00"}};
    CHECK(text_of(read.value().jws.payload()) == write_json(claims));
    CHECK(brands::read_receipt(desk.receipt()).value().terms_id.empty());
    for (const json& terms :
         {json(), json("x"), json::array(), json::object(), json({{"id", id}}),
          json({{"digest", "d"}}), json({{"id", ""}, {"digest", "d"}}),
          json({{"id", id}, {"digest", ""}}), json({{"id", 1}, {"digest", "d"}})}) {
      CAPTURE(terms.dump());
      claims["terms"] = terms;
      CHECK_FALSE(brands::read_receipt(desk.signed_text(claims)).ok());
    }
  }

  TEST_CASE("no bit of a receipt can be changed: it is none any more, or nobody signed it") {
    Desk desk;
    const std::string good = desk.receipt();
    for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
      CAPTURE(bit);
      std::string changed = good;
      changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
      const auto read = brands::read_receipt(changed);
      CHECK_FALSE((read.ok() && brands::is_signed_by(read.value(), desk.issuer)));
    }
    for (std::size_t size = 0; size < good.size(); ++size) {
      const auto read = brands::read_receipt(std::string_view(good).substr(0, size));
      CHECK_FALSE((read.ok() && brands::is_signed_by(read.value(), desk.issuer)));
    }
  }

  TEST_CASE("another vault's signature is not this one's") {
    Desk desk;
    Desk other;
    const auto read = brands::read_receipt(desk.receipt());
    REQUIRE(read.ok());
    CHECK_FALSE(brands::is_signed_by(read.value(), other.issuer));
  }

  TEST_CASE("another kind of document by the same key is no receipt") {
    Desk desk;
    CHECK(brands::read_receipt(desk.signed_text(desk.claims())).ok());
    for (const char* typ : {"at+jwt", "vrm-introduction+jwt", "secevent+jwt", "JWT"})
      CHECK_FALSE(brands::read_receipt(desk.signed_text(desk.claims(), typ)).ok());
  }

  TEST_CASE("a claim that is missing or of another type makes no receipt") {
    Desk desk;
    for (const char* name : {"iss", "aud", "iat", "grant_id", "fields", "purpose"}) {
      CAPTURE(name);
      json without = desk.claims();
      without.erase(name);
      CHECK_FALSE(brands::read_receipt(desk.signed_text(without)).ok());
      json other = desk.claims();
      other[name] = json::object();
      CHECK_FALSE(brands::read_receipt(desk.signed_text(other)).ok());
      other[name] = nullptr;
      CHECK_FALSE(brands::read_receipt(desk.signed_text(other)).ok());
    }
    const auto refuses = [&](const char* name, const json& value) {
      CAPTURE(name);
      json claims = desk.claims();
      claims[name] = value;
      CHECK_FALSE(brands::read_receipt(desk.signed_text(claims)).ok());
    };
    refuses("fields", json::array());
    refuses("fields", json::array({1}));
    refuses("witness", 5);
    refuses("witness", "not base64url!");
    refuses("witness", nullptr);
    refuses("iss", "nowhere");
    refuses("iat", -1);
  }

  TEST_CASE("what is too long is refused before it is looked at") {
    Desk desk;
    json claims = desk.claims();
    claims["note"] = std::string(brands::kMostReceiptBytes, 'x');
    CHECK_FALSE(brands::read_receipt(desk.signed_text(claims)).ok());
    CHECK_FALSE(brands::read_receipt(std::string(10'000'000, 'A')).ok());
    CHECK_FALSE(brands::read_receipt("").ok());
  }
}
