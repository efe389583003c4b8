#include "vault/market/demand.h"

#include <random>
#include <set>

#include "tests/market/scene.h"

using namespace vrm;  // tests only
using namespace vrm::market;

namespace {

std::string said_of(const PublicPart& part) {
  const auto checked = check_public(part);
  return checked.ok() ? "" : checked.error().say;
}

std::int64_t below(std::mt19937_64& random, std::int64_t end) {
  return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(end));
}

}  // namespace

TEST_SUITE("market/demand") {
  TEST_CASE("a demand is the schema.org document that the wire shows") {
    CHECK(write_demand(demand()) == nlohmann::json::parse(R"({
      "@context":["https://schema.org","https://vrm.example/ns/v1"],"@type":"Demand",
      "itemOffered":{"@type":"Product","name":"mountain bike","category":"Cycling > Bicycles","gtin":["4006381333931"],
       "additionalProperty":[{"@type":"PropertyValue","propertyID":"frame","value":"L"}]},
      "priceSpecification":{"@type":"PriceSpecification","maxPrice":"1000.00","priceCurrency":"EUR"},
      "vrm:budgetDisclosure":"band","areaServed":{"@type":"Place","name":"Lyon"},"vrm:deliverBy":"2026-11-28",
      "validThrough":"2026-11-24T00:00:00Z",
      "vrm:constraints":{"must":[{"propertyID":"frame","value":"L"}],"prefer":[{"propertyID":"colour","value":"green"}]},
      "vrm:maxOffers":3})"));
  }

  TEST_CASE("what is not told is not there") {
    PublicPart part;
    part.text = "a bike";
    part.currency = "JPY";
    part.offers_until = {kNow.ms + 1234};
    REQUIRE(check_public(part).ok());
    CHECK(write_demand(part) == nlohmann::json::parse(R"({
      "@context":["https://schema.org","https://vrm.example/ns/v1"],"@type":"Demand",
      "itemOffered":{"@type":"Product","name":"a bike"},
      "priceSpecification":{"@type":"PriceSpecification","priceCurrency":"JPY"},
      "validThrough":"2026-11-22T00:00:01Z","vrm:maxOffers":3})"));
  }

  TEST_CASE("a band is the next round figure above the limit") {
    struct {
      std::int64_t limit, band;
      const char* currency;
    } const cases[] = {
        {90'000, 100'000, "EUR"},
        {100'000, 150'000, "EUR"},
        {99'999, 100'000, "EUR"},
        {74'999, 75'000, "EUR"},
        {75'000, 100'000, "EUR"},
        {1, 100, "EUR"},
        {100, 200, "EUR"},
        {700, 1'000, "EUR"},
        {1'000, 1'500, "EUR"},
        {1'500, 2'000, "EUR"},
        {5'000, 7'500, "EUR"},
        {1, 2, "JPY"},
        {7, 10, "JPY"},
        {14, 15, "JPY"},
        {149'999, 150'000, "JPY"},
        {999, 1'000, "KWD"},
        {1'000, 2'000, "KWD"},
        {5'000, 10'000, "KWD"},
        {12'345, 20'000, "CLF"},
        {kMostMinorUnits - 1, kMostMinorUnits, "EUR"},
    };
    for (const auto& wanted : cases) {
      CAPTURE(wanted.limit);
      CHECK(band_above({wanted.limit, wanted.currency}) == Money{wanted.band, wanted.currency});
    }
  }

  TEST_CASE("a band is above the limit, whole, and shared by many limits") {
    std::mt19937_64 random(1);
    std::set<std::int64_t> bands;
    for (int i = 0; i < 20'000; ++i) {
      const Money limit{1 + below(random, i % 3 == 0 ? 500'000 : kMostMinorUnits),
                        i % 2 == 0 ? "EUR" : "JPY"};
      const Money band = band_above(limit);
      REQUIRE(band.minor > limit.minor);
      REQUIRE(band.currency == limit.currency);
      REQUIRE((band.minor <= 2 * limit.minor || band.minor <= 100));
      if (limit.currency == "EUR") REQUIRE(band.minor % 100 == 0);
      bands.insert(band.minor);
    }
    CHECK(bands.size() < 150);
  }

  TEST_CASE("a deadline's band lies behind it, on one of a few days") {
    const std::set<std::int64_t> days = {1, 2, 3, 5, 7, 10, 14, 21, 30, 60, 90, 180, 365};
    for (std::int64_t left = -3; left <= 2000; ++left) {
      CAPTURE(left);
      const Instant now{kNow.ms + 12'345'678};
      const Instant band = band_after(day(left), now);
      const std::int64_t told = (band.ms - kNow.ms) / kDayMs;
      CHECK(band.ms % kDayMs == 0);
      CHECK(band > day(left));
      CHECK((days.contains(told) || told % 365 == 0));
      if (left >= 0 && left < 365) CHECK(days.contains(told));
    }
    CHECK(band_after(day(0), kNow) == day(1));
    CHECK(band_after(day(5), kNow) == day(7));
    CHECK(band_after(day(6), kNow) == day(7));
    CHECK(band_after(day(7), kNow) == day(10));
    CHECK(band_after(day(364), kNow) == day(365));
    CHECK(band_after(day(365), kNow) == day(730));
    CHECK(band_after(day(729), kNow) == day(730));
    CHECK(band_after(day(730), kNow) == day(1095));
  }

  TEST_CASE("nothing of the private part is in what a brand gets") {
    std::mt19937_64 random(7);
    for (int i = 0; i < 2000; ++i) {
      CAPTURE(i);
      // Amounts and days with digits of their own, so that finding them means that they were told.
      PrivatePart kept;
      kept.limit = Money{1'000'001 + 10 * below(random, 8'000'000), "EUR"};
      kept.deadline = day(3 + below(random, 700));
      kept.weights = {1 + static_cast<int>(below(random, 10)), 1, 2, 3, 4};
      PublicPart part = demand();
      part.gtins.clear();
      part.limit_kind = i % 3 == 0 ? Told::None : Told::Band;
      part.limit_told.reset();
      if (part.limit_kind == Told::Band) part.limit_told = band_above(*kept.limit);
      part.deadline_told.reset();
      if (i % 5 != 0) part.deadline_told = band_after(*kept.deadline, kNow);
      part.offers_until = {kNow.ms + 3'600'000};
      REQUIRE(check_public(part).ok());
      REQUIRE(check_private(kept, part.currency).ok());
      const std::string bytes = write_json(write_demand(part));
      REQUIRE(bytes.find(amount_of(*kept.limit)) == bytes.npos);
      REQUIRE(bytes.find(std::to_string(kept.limit->minor)) == bytes.npos);
      REQUIRE(bytes.find(std::to_string(kept.limit->minor / 100)) == bytes.npos);
      REQUIRE(bytes.find(date_of(*kept.deadline)) == bytes.npos);
      REQUIRE(bytes.find(std::to_string(kept.deadline->ms / 1000)) == bytes.npos);
      for (const char* word : {"weight", "kept", "data", "terms", "delivery"})
        REQUIRE(bytes.find(word) == bytes.npos);
    }
  }

  TEST_CASE("what cannot be told is refused, in words") {
    CHECK(said_of(demand()).empty());
    struct {
      const char* say;
      void (*spoil)(PublicPart&);
    } const cases[] = {
        {"market.bad_want", [](PublicPart& part) { part.text = ""; }},
        {"market.bad_want", [](PublicPart& part) { part.text = "   "; }},
        {"market.bad_want", [](PublicPart& part) { part.text = "two\nlines"; }},
        {"market.bad_want", [](PublicPart& part) { part.text = "\x1b[31mred"; }},
        {"market.bad_want", [](PublicPart& part) { part.text = "\xff"; }},
        {"market.bad_want",
         [](PublicPart& part) {
           part.text =
               "a\xE2\x80\xAE"
               "b";
         }},
        {"market.bad_want", [](PublicPart& part) { part.text = std::string(201, 'a'); }},
        {"market.bad_category", [](PublicPart& part) { part.category = std::string(201, 'a'); }},
        {"market.bad_place", [](PublicPart& part) { part.near = "a\tb"; }},
        {"market.bad_gtin", [](PublicPart& part) { part.gtins = {"4006381333932"}; }},
        {"market.too_many_gtins", [](PublicPart& part) { part.gtins.assign(21, "4006381333931"); }},
        {"market.bad_property",
         [](PublicPart& part) {
           part.must = {{"", "L"}};
         }},
        {"market.bad_property",
         [](PublicPart& part) {
           part.must = {{"frame", ""}};
         }},
        {"market.bad_property",
         [](PublicPart& part) {
           part.nice = {{std::string(65, 'a'), "L"}};
         }},
        {"market.bad_property",
         [](PublicPart& part) {
           part.nice = {{"frame", std::string(201, 'a')}};
         }},
        {"market.too_many_properties",
         [](PublicPart& part) {
           part.must.assign(21, {"frame", "L"});
         }},
        {"market.too_many_properties",
         [](PublicPart& part) {
           part.nice.assign(21, {"frame", "L"});
         }},
        {"market.bad_currency", [](PublicPart& part) { part.currency = "eur"; }},
        {"market.bad_limit", [](PublicPart& part) { part.limit_told.reset(); }},
        {"market.bad_limit", [](PublicPart& part) { part.limit_kind = Told::None; }},
        {"market.bad_limit",
         [](PublicPart& part) {
           part.limit_told = Money{100, "USD"};
         }},
        {"market.bad_limit",
         [](PublicPart& part) {
           part.limit_told = Money{0, "EUR"};
         }},
        {"market.bad_limit",
         [](PublicPart& part) {
           part.limit_told = Money{kMostMinorUnits + 1, "EUR"};
         }},
        {"market.bad_deadline",
         [](PublicPart& part) { part.deadline_told = Instant{kNow.ms + 1}; }},
        {"market.bad_deadline",
         [](PublicPart& part) { part.deadline_told = Instant{INT64_MAX / kDayMs * kDayMs}; }},
        {"market.bad_offers_until", [](PublicPart& part) { part.offers_until = {-1}; }},
        {"market.bad_offers_until", [](PublicPart& part) { part.offers_until = {INT64_MAX}; }},
        {"market.bad_most_offers", [](PublicPart& part) { part.most_offers = 0; }},
        {"market.bad_most_offers", [](PublicPart& part) { part.most_offers = 4; }},
    };
    for (const auto& wanted : cases) {
      PublicPart part = demand();
      wanted.spoil(part);
      CHECK(said_of(part) == wanted.say);
    }
  }

  TEST_CASE("weights go from 0 to 10 and are not all zero") {
    CHECK(check_weights(Weights{}).ok());
    CHECK(check_weights({0, 0, 0, 0, 1}).ok());
    CHECK(check_weights({10, 10, 10, 10, 10}).ok());
    CHECK(check_weights({0, 0, 0, 0, 0}).error().say == "market.bad_weights");
    CHECK_FALSE(check_weights({11, 0, 0, 0, 0}).ok());
    CHECK_FALSE(check_weights({5, -1, 0, 0, 0}).ok());
    PrivatePart kept;
    CHECK(check_private(kept, "EUR").ok());
    kept.limit = Money{1, "USD"};
    CHECK_FALSE(check_private(kept, "EUR").ok());
    kept.limit = Money{1, "EUR"};
    kept.deadline = Instant{1};
    CHECK_FALSE(check_private(kept, "EUR").ok());
  }

  TEST_CASE("an article number's last digit must fit") {
    // Of the GS1 General Specifications, and of things on the table.
    for (const char* gtin : {"4006381333931", "9780306406157", "036000291452", "96385074",
                             "10614141000415", "73513537"})
      CHECK(is_gtin(gtin));
    for (const char* gtin : {"", "4006381333930", "400638133393", "40063813339310", "9638507",
                             "96385075", "4006381 33931", "-006381333931",
                             "\xEF\xBC\x94"
                             "06381333931"})
      CHECK_FALSE(is_gtin(gtin));
    const std::string good = "4006381333931";
    for (std::size_t at = 0; at < good.size(); ++at) {
      for (char digit = '0'; digit <= '9'; ++digit) {
        std::string changed = good;
        changed[at] = digit;
        CHECK(is_gtin(changed) == (changed == good));
      }
    }
  }

  TEST_CASE("names and values are compared without case and blanks around") {
    CHECK(comparable("  Frame ") == "frame");
    CHECK(comparable("ÉTÉ") == comparable("été"));
    CHECK(comparable("ŒUF") == comparable("œuf"));
    CHECK(comparable("ŸŽ") == comparable("ÿž"));
    CHECK(comparable("a  B") == "a  b");
    CHECK(comparable("×") == "×");
    CHECK(comparable("") == "");
    CHECK(comparable("  ") == "");
    CHECK(comparable("\xff") == "\xEF\xBF\xBD");
    CHECK(comparable("frame") != comparable("frames"));
  }

  TEST_CASE("what is told has three words") {
    for (const auto told : {Told::None, Told::Band, Told::Exact})
      CHECK(told_from(to_string(told)).value() == told);
    CHECK(told_from("Band").error().say == "market.bad_told");
    CHECK_FALSE(told_from("").ok());
  }
}
