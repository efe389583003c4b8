#include "vault/market/offer.h"

#include <functional>
#include <random>

#include "tests/market/scene.h"

using namespace vrm;  // tests only
using namespace vrm::market;
using nlohmann::json;

namespace {

constexpr std::string_view kTyp = "vrm-offer+jwt";

Result<Offer> take(const json& payload, OfferRules rules = offer_rules()) {
  return take_offer(signed_by_brand(kTyp, payload), keys_of(brand_key()), rules);
}

ErrorCode refused(const json& payload, OfferRules rules = offer_rules()) {
  const auto offer = take(payload, rules);
  REQUIRE_FALSE(offer.ok());
  return offer.error().code;
}

struct Spoilt {
  const char* what;
  std::function<void(json&)> spoil;
};

// What no offer may be, by whoever and whenever it is read.
const std::vector<Spoilt>& content_mistakes() {
  static const std::vector<Spoilt> mistakes = {
      {"rev 0", [](json& p) { p["rev"] = 0; }},
      {"rev -1", [](json& p) { p["rev"] = -1; }},
      {"rev 21", [](json& p) { p["rev"] = 21; }},
      {"rev text", [](json& p) { p["rev"] = "1"; }},
      {"no rev", [](json& p) { p.erase("rev"); }},
      {"no iat", [](json& p) { p.erase("iat"); }},
      {"no exp", [](json& p) { p.erase("exp"); }},
      {"exp before iat", [](json& p) { p["exp"] = p["iat"]; }},
      {"exp absurd", [](json& p) { p["exp"] = INT64_MAX; }},
      {"no jti", [](json& p) { p.erase("jti"); }},
      {"offer is a list", [](json& p) { p["offer"] = json::array(); }},
      {"no offer", [](json& p) { p.erase("offer"); }},
      {"another type", [](json& p) { p["offer"]["@type"] = "Demand"; }},
      {"type no text", [](json& p) { p["offer"]["@type"] = {"Offer"}; }},
      {"no item", [](json& p) { p["offer"].erase("itemOffered"); }},
      {"item no object", [](json& p) { p["offer"]["itemOffered"] = "bike"; }},
      {"item another type", [](json& p) { p["offer"]["itemOffered"]["@type"] = "Service"; }},
      {"no title", [](json& p) { p["offer"]["itemOffered"].erase("name"); }},
      {"empty title", [](json& p) { p["offer"]["itemOffered"]["name"] = "  "; }},
      {"long title", [](json& p) { p["offer"]["itemOffered"]["name"] = std::string(201, 'a'); }},
      {"title that grows",
       [](json& p) { p["offer"]["itemOffered"]["name"] = std::string(200, '\x01'); }},
      {"title a number", [](json& p) { p["offer"]["itemOffered"]["name"] = 5; }},
      {"gtin wrong", [](json& p) { p["offer"]["itemOffered"]["gtin"] = "4006381333932"; }},
      {"gtin list", [](json& p) { p["offer"]["itemOffered"]["gtin"] = {"4006381333931"}; }},
      {"properties no list",
       [](json& p) { p["offer"]["itemOffered"]["additionalProperty"] = json::object(); }},
      {"property no object",
       [](json& p) { p["offer"]["itemOffered"]["additionalProperty"] = {"frame"}; }},
      {"property no value",
       [](json& p) { p["offer"]["itemOffered"]["additionalProperty"][0].erase("value"); }},
      {"property value null",
       [](json& p) { p["offer"]["itemOffered"]["additionalProperty"][0]["value"] = nullptr; }},
      {"property value list",
       [](json& p) { p["offer"]["itemOffered"]["additionalProperty"][0]["value"] = {1}; }},
      {"property long name",
       [](json& p) {
         p["offer"]["itemOffered"]["additionalProperty"][0]["propertyID"] = std::string(65, 'a');
       }},
      {"property long value",
       [](json& p) {
         p["offer"]["itemOffered"]["additionalProperty"][0]["value"] = std::string(201, 'a');
       }},
      {"51 properties",
       [](json& p) {
         const json one = p["offer"]["itemOffered"]["additionalProperty"][0];
         p["offer"]["itemOffered"]["additionalProperty"] = json::array();
         for (int i = 0; i < 51; ++i)
           p["offer"]["itemOffered"]["additionalProperty"].push_back(one);
       }},
      {"no price", [](json& p) { p["offer"].erase("price"); }},
      {"price a number", [](json& p) { p["offer"]["price"] = 829; }},
      {"price negative", [](json& p) { p["offer"]["price"] = "-829.00"; }},
      {"price absurd", [](json& p) { p["offer"]["price"] = "99999999999999999999"; }},
      {"price exponent", [](json& p) { p["offer"]["price"] = "8.29e2"; }},
      {"price comma", [](json& p) { p["offer"]["price"] = "829,00"; }},
      {"price not the subtotal", [](json& p) { p["offer"]["price"] = "828.99"; }},
      {"no currency", [](json& p) { p["offer"].erase("priceCurrency"); }},
      {"currency lower case", [](json& p) { p["offer"]["priceCurrency"] = "eur"; }},
      {"currency unknown", [](json& p) { p["offer"]["priceCurrency"] = "EUX"; }},
      {"decimals of another currency", [](json& p) { p["offer"]["priceCurrency"] = "JPY"; }},
      {"no total", [](json& p) { p["offer"].erase("vrm:total"); }},
      {"total no object", [](json& p) { p["offer"]["vrm:total"] = "858.90"; }},
      {"no fee", [](json& p) { p["offer"]["vrm:total"].erase("fee"); }},
      {"fee negative",
       [](json& p) {
         p["offer"]["vrm:total"]["fee"] = "-1.00";
         p["offer"]["vrm:total"]["total"] = "857.90";
       }},
      {"sum a cent too low", [](json& p) { p["offer"]["vrm:total"]["total"] = "858.89"; }},
      {"sum a cent too high", [](json& p) { p["offer"]["vrm:total"]["total"] = "858.91"; }},
      {"total absurd",
       [](json& p) {
         p["offer"]["price"] = p["offer"]["vrm:total"]["subtotal"] = "10000000000.00";
         p["offer"]["vrm:total"]["total"] = "10000000029.90";
       }},
      {"no day", [](json& p) { p["offer"].erase("vrm:deliverBy"); }},
      {"a day that is not", [](json& p) { p["offer"]["vrm:deliverBy"] = "2026-02-30"; }},
      {"a time for a day", [](json& p) { p["offer"]["vrm:deliverBy"] = "2026-11-26T10:00:00Z"; }},
      {"a day before 1970", [](json& p) { p["offer"]["vrm:deliverBy"] = "1969-12-31"; }},
      {"warranty text", [](json& p) { p["offer"]["warranty"] = "2 years"; }},
      {"warranty no duration", [](json& p) { p["offer"]["warranty"] = json::object(); }},
      {"warranty text value",
       [](json& p) { p["offer"]["warranty"]["durationOfWarranty"]["value"] = "24"; }},
      {"warranty no value",
       [](json& p) { p["offer"]["warranty"]["durationOfWarranty"].erase("value"); }},
      {"warranty negative",
       [](json& p) { p["offer"]["warranty"]["durationOfWarranty"]["value"] = -1; }},
      {"warranty absurd",
       [](json& p) { p["offer"]["warranty"]["durationOfWarranty"]["value"] = 1201; }},
      {"warranty unit",
       [](json& p) { p["offer"]["warranty"]["durationOfWarranty"]["unitCode"] = "DAY"; }},
      {"warranty years absurd",
       [](json& p) {
         p["offer"]["warranty"]["durationOfWarranty"] = {{"value", 101}, {"unitCode", "ANN"}};
       }},
      {"return days negative",
       [](json& p) { p["offer"]["hasMerchantReturnPolicy"]["merchantReturnDays"] = -1; }},
      {"return days absurd",
       [](json& p) { p["offer"]["hasMerchantReturnPolicy"]["merchantReturnDays"] = 3651; }},
      {"return policy list",
       [](json& p) { p["offer"]["hasMerchantReturnPolicy"] = json::array(); }},
      {"data no list", [](json& p) { p["offer"]["vrm:requiredData"] = json::object(); }},
      {"21 data",
       [](json& p) {
         json one = p["offer"]["vrm:requiredData"][0];
         p["offer"]["vrm:requiredData"] = json::array();
         for (int i = 0; i < 21; ++i) {
           one["field"] = "contact.f" + std::to_string(i);
           p["offer"]["vrm:requiredData"].push_back(one);
         }
       }},
      {"data twice",
       [](json& p) {
         p["offer"]["vrm:requiredData"].push_back(p["offer"]["vrm:requiredData"][0]);
       }},
      {"data field", [](json& p) { p["offer"]["vrm:requiredData"][0]["field"] = "Address..x"; }},
      {"data no purpose", [](json& p) { p["offer"]["vrm:requiredData"][0].erase("purpose"); }},
      {"data empty purpose", [](json& p) { p["offer"]["vrm:requiredData"][0]["purpose"] = ""; }},
      {"data long purpose",
       [](json& p) { p["offer"]["vrm:requiredData"][0]["purpose"] = std::string(65, 'a'); }},
      {"data stage", [](json& p) { p["offer"]["vrm:requiredData"][0]["neededAt"] = "always"; }},
      {"data no retention", [](json& p) { p["offer"]["vrm:requiredData"][0].erase("retention"); }},
      {"data retention", [](json& p) { p["offer"]["vrm:requiredData"][0]["retention"] = "P1M"; }},
      {"data retention negative",
       [](json& p) { p["offer"]["vrm:requiredData"][0]["retention"] = "P-1D"; }},
      {"data retention plus",
       [](json& p) { p["offer"]["vrm:requiredData"][0]["retention"] = "P+1D"; }},
      {"data retention absurd",
       [](json& p) { p["offer"]["vrm:requiredData"][0]["retention"] = "P99999D"; }},
      {"data retention empty",
       [](json& p) { p["offer"]["vrm:requiredData"][0]["retention"] = "PD"; }},
      {"data recipients text",
       [](json& p) { p["offer"]["vrm:requiredData"][0]["recipients"] = "La Poste"; }},
      {"data recipient empty",
       [](json& p) { p["offer"]["vrm:requiredData"][0]["recipients"] = {""}; }},
      {"data recipient long",
       [](json& p) { p["offer"]["vrm:requiredData"][0]["recipients"] = {std::string(101, 'a')}; }},
      {"data 11 recipients",
       [](json& p) {
         p["offer"]["vrm:requiredData"][0]["recipients"] = std::vector<std::string>(11, "a");
       }},
      {"data optional text", [](json& p) { p["offer"]["vrm:requiredData"][0]["optional"] = "no"; }},
  };
  return mistakes;
}

}  // namespace

TEST_SUITE("market/offer") {
  TEST_CASE("the offer that the wire shows is taken") {
    const auto offer = take(offer_payload());
    REQUIRE(offer.ok());
    const Offer& read = offer.value();
    CHECK(read.oid == "rock-540");
    CHECK(read.rev == 1);
    CHECK(read.signed_at == Instant{1'795'305'590'000});
    CHECK(read.valid_until == Instant{1'795'478'400'000});
    CHECK(read.title == "Rockrider 540");
    CHECK(read.gtin == "4006381333931");
    CHECK(read.properties == std::vector<Property>{{"frame", "L"}});
    CHECK(read.subtotal == Money{82'900, "EUR"});
    CHECK(read.shipping == Money{2'990, "EUR"});
    CHECK(read.fee == Money{0, "EUR"});
    CHECK(read.total == Money{85'890, "EUR"});
    CHECK(read.arrives == day(4));
    CHECK(read.warranty_months == 24);
    CHECK(read.return_days == 30);
    REQUIRE(read.required.size() == 1);
    const RequiredData& data = read.required.front();
    CHECK(data.field == "address.home.street_address");
    CHECK(data.purpose == "delivery");
    CHECK(data.needed_at == "ship");
    CHECK(data.retention_days == 30);
    CHECK(data.recipients == std::vector<std::string>{"La Poste"});
    CHECK_FALSE(data.optional);
  }

  TEST_CASE("what may be missing may be missing, and what we do not know is passed over") {
    json payload = offer_payload();
    json& offer = payload["offer"];
    for (const char* name :
         {"warranty", "hasMerchantReturnPolicy", "vrm:requiredData", "@context", "@type"})
      offer.erase(name);
    offer["itemOffered"].erase("gtin");
    offer["itemOffered"].erase("additionalProperty");
    offer["vrm:unheardOf"] = {{"deep", {1, 2, 3}}};
    payload["nonce"] = "x";
    const auto taken = take(payload);
    REQUIRE(taken.ok());
    CHECK(taken.value().gtin.empty());
    CHECK_FALSE(taken.value().warranty_months);
    CHECK_FALSE(taken.value().return_days);
    CHECK(taken.value().required.empty());
  }

  TEST_CASE("texts are made safe, numbers of properties are texts, years are months") {
    json payload = offer_payload();
    json& item = payload["offer"]["itemOffered"];
    item["name"] = " \x1b[31mRed\xE2\x80\xAE\nbike ";
    item["additionalProperty"] = {{{"propertyID", " gears "}, {"value", 24}},
                                  {{"propertyID", "suspension"}, {"value", true}}};
    payload["offer"]["warranty"]["durationOfWarranty"] = {{"value", 2}, {"unitCode", "ANN"}};
    payload["offer"]["vrm:requiredData"][0]["recipients"] = {"a\tb"};
    const auto taken = take(payload);
    REQUIRE(taken.ok());
    CHECK(taken.value().title == "\uFFFD[31mRed\uFFFD bike");
    CHECK(taken.value().properties ==
          std::vector<Property>{{"gears", "24"}, {"suspension", "true"}});
    CHECK(taken.value().warranty_months == 24);
    CHECK(taken.value().required[0].recipients[0] == "a b");
  }

  TEST_CASE(
      "an offer that contradicts itself or breaks a limit is refused, and is no kept one either") {
    for (const auto& mistake : content_mistakes()) {
      CAPTURE(mistake.what);
      json payload = offer_payload();
      mistake.spoil(payload);
      CHECK(refused(payload) == ErrorCode::Malformed);
      CHECK(read_kept_offer(signed_by_brand(kTyp, payload)).error().code == ErrorCode::Corrupt);
    }
  }

  TEST_CASE(
      "an offer for another, of another, or at another time is refused, and kept ones are not "
      "asked") {
    const std::vector<Spoilt> mistakes = {
        {"another brand", [](json& p) { p["iss"] = "https://decat.example/vrm-brand.json"; }},
        {"no iss", [](json& p) { p.erase("iss"); }},
        {"another vault",
         [](json& p) { p["aud"] = "https://vault.example/v/BAAAAAAAAAAAAAAAAAAAAA"; }},
        {"no aud", [](json& p) { p.erase("aud"); }},
        {"another intent", [](json& p) { p["intent"] = "Yk3vYk3vYk3vYk3vYk3vYw"; }},
        {"no intent", [](json& p) { p.erase("intent"); }},
        {"another oid", [](json& p) { p["jti"] = "rock-541"; }},
        {"expired", [](json& p) { p["exp"] = kNow.ms / 1000; }},
        {"signed in the future", [](json& p) { p["iat"] = kNow.ms / 1000 + 61; }},
        {"not yet", [](json& p) { p["nbf"] = kNow.ms / 1000 + 61; }},
        {"for too long", [](json& p) { p["exp"] = kNow.ms / 1000 + 90 * 86'400 + 1; }},
        {"arrived already", [](json& p) { p["offer"]["vrm:deliverBy"] = "2026-11-19"; }},
        {"arrives too late", [](json& p) { p["offer"]["vrm:deliverBy"] = "2029-11-22"; }},
    };
    for (const auto& mistake : mistakes) {
      CAPTURE(mistake.what);
      json payload = offer_payload();
      mistake.spoil(payload);
      CHECK(refused(payload) == ErrorCode::Malformed);
      CHECK(read_kept_offer(signed_by_brand(kTyp, payload)).ok());
    }
    OfferRules dollars = offer_rules();
    dollars.currency = "USD";
    CHECK(refused(offer_payload(), dollars) == ErrorCode::Malformed);
    json lists = offer_payload();
    lists["aud"] = {kIssuer};
    CHECK(refused(lists) == ErrorCode::Malformed);
  }

  TEST_CASE("the edges of time are inside") {
    json payload = offer_payload();
    payload["iat"] = kNow.ms / 1000 + 60;
    payload["exp"] = kNow.ms / 1000 + 90 * 86'400;
    CHECK(take(payload).ok());
    payload["iat"] = kNow.ms / 1000 - 5;
    payload["exp"] = kNow.ms / 1000 + 1;
    CHECK(take(payload).ok());
  }

  TEST_CASE("a forged offer is refused, by whatever it was forged") {
    const auto keys = keys_of(brand_key());
    const std::string good = signed_by_brand(kTyp, offer_payload());
    REQUIRE(take_offer(good, keys, offer_rules()).ok());
    const std::string payload = write_json(offer_payload());
    CHECK(
        take_offer(signed_with(test::key_of(6), kTyp, payload), keys, offer_rules()).error().code ==
        ErrorCode::BadKey);
    const std::string kid = jose::jwk_of(brand_key().public_key()).kid;
    const std::string header = R"({"alg":"EdDSA","kid":")" + kid + R"(","typ":"vrm-offer+jwt"})";
    CHECK(take_offer(test::forge(header, payload, brand_key()), keys, offer_rules()).ok());
    CHECK(take_offer(test::forge(header, payload, test::key_of(6)), keys, offer_rules())
              .error()
              .code == ErrorCode::BadKey);
    const std::string other = test::with(payload, "829.00", "819.00");
    const auto swapped = test::forge(header, other, brand_key());
    const std::string mixed = swapped.substr(0, swapped.rfind('.')) + good.substr(good.rfind('.'));
    CHECK(take_offer(mixed, keys, offer_rules()).error().code == ErrorCode::BadKey);
    for (const char* typ : {"JWT", "vrm-ack+jwt", "VRM-OFFER+JWT", "vrm-intent+jwt"})
      CHECK(take_offer(signed_with(brand_key(), typ, payload), keys, offer_rules()).error().code ==
            ErrorCode::Malformed);
    CHECK(take_offer(test::forge(R"({"alg":"none","typ":"vrm-offer+jwt"})", payload, brand_key()),
                     keys, offer_rules())
              .error()
              .code == ErrorCode::Malformed);
    CHECK_FALSE(take_offer(test::without_signature(good), keys, offer_rules()).ok());
    CHECK_FALSE(take_offer("", keys, offer_rules()).ok());
  }

  TEST_CASE("no altered letter of a signed offer is taken") {
    const auto keys = keys_of(brand_key());
    const std::string good = signed_by_brand(kTyp, offer_payload());
    std::mt19937 random(3);
    for (int i = 0; i < 500; ++i) {
      std::string changed = good;
      const std::size_t at = random() % changed.size();
      changed[at] = changed[at] == 'A' ? 'B' : 'A';
      CAPTURE(at);
      CHECK_FALSE(take_offer(changed, keys, offer_rules()).ok());
    }
    for (std::size_t size = 0; size < good.size(); size += 7)
      CHECK(read_kept_offer(good.substr(0, size)).error().code == ErrorCode::Corrupt);
  }

  TEST_CASE("a key twice, a broken number and other JSON that parsers disagree about are refused") {
    const auto keys = keys_of(brand_key());
    const std::string payload = write_json(offer_payload());
    for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
             {R"("rev":1)", R"("rev":2,"rev":1)"},
             {R"("price":"829.00")", R"("price":"1.00","price":"829.00")"},
             {R"("rev":1)", R"("rev":1.0)"},
             {R"("rev":1)", R"("rev":1e0)"},
             {R"("rev":1)", R"("rev":9223372036854775808)"},
             {R"("rev":1)", R"("rev":01)"},
             {R"("rev":1)", R"("rev":NaN)"},
             {R"("rev":1)", R"("rev":null)"},
             {"Rockrider", "Rock\\u0000"},
         }) {
      const std::string& shown = to;
      CAPTURE(shown);
      const std::string jws = signed_with(brand_key(), kTyp, test::with(payload, from, to));
      CHECK(take_offer(jws, keys, offer_rules()).error().code == ErrorCode::Malformed);
    }
    for (const char* other : {"", "[]", "null", "1", "{}", "{\"offer\":{}}"})
      CHECK_FALSE(take_offer(signed_with(brand_key(), kTyp, other), keys, offer_rules()).ok());
  }

  TEST_CASE("an offer may have 16 KiB and not a byte more") {
    const auto keys = keys_of(brand_key());
    json payload = offer_payload();
    payload["offer"]["description"] = std::string(11'000, 'x');
    std::string jws = signed_by_brand(kTyp, payload);
    REQUIRE(jws.size() > jose::kMostJwsBytes);
    std::size_t filling = 11'000;
    while (jws.size() < kMostOfferBytes) {
      payload["offer"]["description"] = std::string(++filling, 'x');
      jws = signed_by_brand(kTyp, payload);
      const bool fits = jws.size() <= kMostOfferBytes;
      if (fits && jws.size() < kMostOfferBytes - 4) continue;
      CHECK(take_offer(jws, keys, offer_rules()).ok() == fits);
      CHECK(read_kept_offer(jws).ok() == fits);
    }
  }

  TEST_CASE("a kept offer is the one that was taken, and its document is safe to show") {
    json payload = offer_payload();
    payload["offer"]["vrm:note\x1b"] = {{"inner", {"\x1b[2J", 5, true, nullptr}}};
    const std::string jws = signed_by_brand(kTyp, payload);
    const Offer taken = take_offer(jws, keys_of(brand_key()), offer_rules()).value();
    const Offer kept = read_kept_offer(jws).value();
    CHECK(kept.oid == taken.oid);
    CHECK(kept.total == taken.total);
    CHECK(kept.valid_until == taken.valid_until);
    const json shown = offer_document(jws).value();
    CHECK(shown["price"] == "829.00");
    CHECK(shown["vrm:note\uFFFD"]["inner"] == json({"\uFFFD[2J", 5, true, nullptr}));
    CHECK(offer_document("a.b.c").error().code == ErrorCode::Corrupt);
    CHECK(offer_document(signed_by_brand(kTyp, {{"offer", 1}})).error().code == ErrorCode::Corrupt);
  }

  TEST_CASE("any member of another type is refused or makes no difference, and never more") {
    const json payload = offer_payload();
    const json flat = payload.flatten();
    for (const auto& [path, value] : flat.items()) {
      for (const json& other :
           {json(nullptr), json(-1), json("x"), json(true), json::array(), json::object()}) {
        if (other == value) continue;
        json changed = payload;
        changed[json::json_pointer(path)] = other;
        const std::string& shown = path;
        CAPTURE(shown);
        const auto taken = take(changed);
        if (!taken.ok()) CHECK(taken.error().code == ErrorCode::Malformed);
        const bool may_differ =
            path.find("@context") != path.npos || path.ends_with("/name") ||
            path.find("additionalProperty") != path.npos || path.find("recipients") != path.npos ||
            path.ends_with("optional") || path.ends_with("purpose") || path.ends_with("field");
        if (taken.ok()) CHECK((may_differ || path.find("/@type") != path.npos));
      }
    }
  }
}
