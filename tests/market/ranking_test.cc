#include "vault/market/ranking.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <random>
#include <set>

#include "tests/market/scene.h"

using namespace vrm;  // tests only
using namespace vrm::market;

namespace {

Offer an_offer(std::int64_t cents, std::int64_t days) {
  Offer offer;
  offer.oid = "o";
  offer.title = "bike";
  offer.total = offer.subtotal = {cents, "EUR"};
  offer.arrives = day(days);
  return offer;
}

RequiredData need(const char* field, const char* purpose = "delivery", bool optional = false) {
  return {field, purpose, "ship", 30, {}, optional};
}

PublicPart wish() {
  PublicPart part;
  part.text = "bike";
  part.currency = "EUR";
  part.offers_until = day(1);
  return part;
}

bool is_sensitive(std::string_view field) {
  return field.starts_with("health.");
}

std::vector<Ranked> ranked(const std::vector<Offer>& offers, const PublicPart& told,
                           const PrivatePart& kept, Sort sort = Sort::Score) {
  return rank(offers, {told, kept, kept.weights, is_sensitive}, sort);
}

std::vector<int> points_of(const Ranked& offer) {
  std::vector<int> points;
  for (const auto& part : offer.parts) points.push_back(part.points);
  return points;
}

std::vector<std::size_t> order_of(const std::vector<Ranked>& all) {
  std::vector<std::size_t> order;
  for (const auto& one : all) order.push_back(one.index);
  return order;
}

std::string judgement_of(const Ranked& offer) {
  std::string out = std::to_string(offer.score) + "/" + std::to_string(offer.data_cost);
  for (const auto& must : offer.musts)
    out += " " + must.name + ":" + std::string(to_string(must.why));
  for (const int points : points_of(offer)) out += " " + std::to_string(points);
  return out;
}

Offer random_offer(std::mt19937& random) {
  const auto up_to = [&random](unsigned end) { return static_cast<std::int64_t>(random() % end); };
  const std::int64_t cents = 10'000 * up_to(12);
  Offer offer = an_offer(cents, up_to(12));
  if (up_to(2) == 0) offer.return_days = up_to(60);
  if (up_to(2) == 0) offer.warranty_months = up_to(60);
  if (up_to(3) > 0) offer.properties.push_back({"frame", up_to(2) == 0 ? "L" : "m"});
  if (up_to(2) == 0) offer.properties.push_back({"colour", "green"});
  if (up_to(3) == 0) offer.gtin = up_to(2) == 0 ? "4006381333931" : "96385074";
  for (std::int64_t i = up_to(8); i > 0; --i)
    offer.required.push_back(
        need(i % 3 == 0 ? "health.allergies" : ("contact.f" + std::to_string(i)).c_str(),
             "delivery", up_to(4) == 0));
  return offer;
}

}  // namespace

TEST_SUITE("market/ranking") {
  TEST_CASE("the arithmetic is what a person does by hand") {
    PrivatePart kept;
    kept.limit = Money{90'000, "EUR"};
    kept.deadline = day(5);
    PublicPart told = wish();
    told.nice = {{"colour", "green"}, {"lights", "true"}, {"bell", "yes"}};

    Offer cheap = an_offer(60'000, 4);
    cheap.required = {need("contact.email"), need("address.home.city"), need("health.allergies"),
                      need("contact.phone_number", "delivery", true)};
    cheap.return_days = 15;
    Offer quick = an_offer(80'000, 1);
    quick.warranty_months = 24;
    quick.return_days = 45;
    quick.properties = {{" Colour", "GREEN "}, {"bell", "yes"}};
    Offer dear = an_offer(90'000, 5);
    dear.warranty_months = 12;

    const auto all = ranked({cheap, quick, dear}, told, kept);
    REQUIRE(order_of(all) == std::vector<std::size_t>{1, 0, 2});
    // price: 100 * (900 - 800) / (900 - 600) = 33.3; delivery: earliest; data: nothing; terms: both full; nice: 2 of 3.
    CHECK(points_of(all[0]) == std::vector<int>{33, 100, 100, 100, 67});
    // (5*33 + 3*100 + 3*100 + 1*100 + 2*67) / 14 = 999 / 14 = 71.4
    CHECK(all[0].score == 71);
    CHECK(all[0].data_cost == 0);
    REQUIRE(all[0].nices.size() == 3);
    CHECK(all[0].nices[0].why == Why::Passes);
    CHECK(all[0].nices[1].name == "lights");
    CHECK(all[0].nices[1].why == Why::NotSaid);
    CHECK(all[0].nices[2].why == Why::Passes);
    // delivery: 0 on day 6: 100 * (6 - 4) / (6 - 1) = 40; data: 100 - 5 - 5 - 25; terms: half of half.
    CHECK(points_of(all[1]) == std::vector<int>{100, 40, 65, 25, 0});
    // (500 + 120 + 195 + 25 + 0) / 14 = 840 / 14
    CHECK(all[1].score == 60);
    CHECK(all[1].data_cost == 3);
    // at the limit: 0; 100 * (6 - 5) / 5 = 20; half of the warranty: 25.
    CHECK(points_of(all[2]) == std::vector<int>{0, 20, 100, 25, 0});
    // (0 + 60 + 300 + 25 + 0) / 14 = 27.5, half up
    CHECK(all[2].score == 28);
    CHECK(all[2].parts[0].name == "price");
    CHECK(all[2].parts[0].weight == 5);
    CHECK(all[2].parts[4].name == "nice");
  }

  TEST_CASE(
      "without a limit price falls to 0 at twice the cheapest, and without a deadline delivery in "
      "14 days") {
    const auto all = ranked(
        {an_offer(10'000, 0), an_offer(15'000, 7), an_offer(20'000, 14), an_offer(50'000, 30)},
        wish(), {});
    CHECK(points_of(all[0]) == std::vector<int>{100, 100, 100, 0, 100});
    CHECK(points_of(all[1]) == std::vector<int>{50, 50, 100, 0, 100});
    CHECK(points_of(all[2]) == std::vector<int>{0, 0, 100, 0, 100});
    CHECK(points_of(all[3]) == std::vector<int>{0, 0, 100, 0, 100});
  }

  TEST_CASE("extremes do not break the scale") {
    const auto free = ranked({an_offer(0, 0), an_offer(1, 0)}, wish(), {});
    CHECK(points_of(free[0])[0] == 100);
    CHECK(points_of(free[1])[0] == 0);
    PrivatePart kept;
    kept.limit = Money{10'000, "EUR"};
    CHECK(points_of(ranked({an_offer(10'000, 0)}, wish(), kept)[0])[0] == 100);
    kept.limit = Money{kMostMinorUnits, "EUR"};
    const auto huge =
        ranked({an_offer(0, 0), an_offer(kMostMinorUnits, 0), an_offer(kMostMinorUnits / 2, 0)},
               wish(), kept);
    CHECK(points_of(huge[0])[0] == 100);
    CHECK(points_of(huge[1])[0] == 50);
    CHECK(points_of(huge[2])[0] == 0);
    CHECK(ranked({}, wish(), kept).empty());
    Offer greedy = an_offer(1, 0);
    for (int i = 0; i < 20; ++i)
      greedy.required.push_back(need(("health.f" + std::to_string(i)).c_str()));
    CHECK(points_of(ranked({greedy}, wish(), {})[0])[2] == 0);
  }

  TEST_CASE("a field counts once, for however many purposes, and optional ones cost nothing") {
    Offer offer = an_offer(1, 0);
    offer.required = {need("contact.email", "delivery"), need("contact.email", "billing"),
                      need("contact.phone_number", "delivery", true)};
    const auto one = ranked({offer}, wish(), {}).front();
    CHECK(one.data_cost == 1);
    CHECK(points_of(one)[2] == 95);
  }

  TEST_CASE("every must is asked in its order and says why it fails") {
    PublicPart told = wish();
    told.gtins = {"4006381333931"};
    told.must = {{"Frame", "L"}, {"brakes", "disc"}};
    PrivatePart kept;
    kept.limit = Money{90'000, "EUR"};
    kept.deadline = day(5);
    const auto whys = [&](const Offer& offer) {
      const auto one = ranked({offer}, told, kept).front();
      std::string out;
      for (const auto& must : one.musts)
        out += must.name + ":" + std::string(to_string(must.why)) + " ";
      CHECK(one.passes == (out.find("passes") != out.npos && !one.parts.empty()));
      return out;
    };
    Offer good = an_offer(90'000, 5);
    good.gtin = "04006381333931";
    good.properties = {{" frame ", "l"}, {"BRAKES", "rim"}, {"brakes", "Disc"}};
    CHECK(whys(good) == "price:passes delivery:passes gtin:passes Frame:passes brakes:passes ");
    Offer bad = an_offer(90'001, 6);
    bad.gtin = "96385074";
    bad.properties = {{"frame", "M"}};
    const auto failing = ranked({bad}, told, kept).front();
    CHECK_FALSE(failing.passes);
    CHECK(failing.parts.empty());
    CHECK(failing.score == 0);
    CHECK(failing.musts[0].why == Why::TooDear);
    CHECK(failing.musts[1].why == Why::TooLate);
    CHECK(failing.musts[2].why == Why::OtherArticle);
    CHECK(failing.musts[3].why == Why::OtherValue);
    CHECK(failing.musts[4].why == Why::NotSaid);
    CHECK(ranked({an_offer(1, 1)}, told, kept).front().musts[2].why == Why::NotSaid);
    CHECK(ranked({an_offer(1, 1)}, wish(), {}).front().musts.empty());
  }

  TEST_CASE("each way of sorting has its own order, and ties go by total, arrival, index") {
    Offer a = an_offer(30'000, 1);
    a.required = {need("contact.email")};
    Offer b = an_offer(20'000, 9);
    b.required = {need("health.allergies")};
    Offer c = an_offer(40'000, 5);
    const Offer d = c;
    const std::vector<Offer> offers = {d, c, b, a};
    CHECK(order_of(ranked(offers, wish(), {}, Sort::Price)) ==
          std::vector<std::size_t>{2, 3, 0, 1});
    CHECK(order_of(ranked(offers, wish(), {}, Sort::Delivery)) ==
          std::vector<std::size_t>{3, 0, 1, 2});
    CHECK(order_of(ranked(offers, wish(), {}, Sort::Data)) == std::vector<std::size_t>{0, 1, 3, 2});
    for (const char* word : {"score", "price", "delivery", "data"}) CHECK(sort_from(word).ok());
    CHECK(sort_from("Score").error().say == "market.bad_sort");
  }

  TEST_CASE("those that fail stand behind, by how many musts they fail, then by total") {
    PrivatePart kept;
    kept.limit = Money{10'000, "EUR"};
    kept.deadline = day(2);
    const std::vector<Offer> offers = {an_offer(20'000, 3), an_offer(15'000, 1), an_offer(9'000, 2),
                                       an_offer(12'000, 1), an_offer(10'500, 9)};
    for (const auto sort : {Sort::Score, Sort::Price, Sort::Delivery, Sort::Data})
      CHECK(order_of(ranked(offers, wish(), kept, sort)) ==
            std::vector<std::size_t>{2, 3, 1, 4, 0});
  }

  TEST_CASE(
      "for any offers: bounds hold, none that fails stands before one that passes, and handing "
      "them in "
      "another order changes no place") {
    PublicPart told = wish();
    told.must = {{"frame", "L"}};
    told.nice = {{"colour", "green"}, {"bell", "yes"}};
    for (unsigned seed = 0; seed < 400; ++seed) {
      CAPTURE(seed);
      std::mt19937 random(seed);
      PrivatePart kept;
      if (seed % 2 == 0) kept.limit = Money{70'000, "EUR"};
      if (seed % 3 == 0) kept.deadline = day(6);
      told.gtins.clear();
      if (seed % 5 == 0) told.gtins = {"4006381333931"};
      kept.weights = {static_cast<int>(random() % 11), static_cast<int>(random() % 11),
                      static_cast<int>(random() % 11), static_cast<int>(random() % 11), 1};
      std::vector<Offer> offers;
      for (int i = 0; i < 30; ++i) {
        offers.push_back(random_offer(random));
        offers.back().oid = "o" + std::to_string(i);
      }
      const auto sort = static_cast<Sort>(seed % 4);
      const auto all = ranked(offers, told, kept, sort);
      std::vector<std::size_t> seen = order_of(all);
      std::sort(seen.begin(), seen.end());
      for (std::size_t i = 0; i < seen.size(); ++i) REQUIRE(seen[i] == i);
      bool failing = false;
      for (std::size_t i = 0; i < all.size(); ++i) {
        const Ranked& one = all[i];
        REQUIRE_FALSE((failing && one.passes));
        failing = failing || !one.passes;
        REQUIRE(one.parts.size() == (one.passes ? 5 : 0));
        std::int64_t sum = 0, by = 0;
        for (const auto& part : one.parts) {
          REQUIRE((part.points >= 0 && part.points <= 100));
          sum += part.points * part.weight;
          by += part.weight;
        }
        if (one.passes) REQUIRE(one.score == (2 * sum + by) / (2 * by));
        REQUIRE((one.score >= 0 && one.score <= 100));
        if (i > 0 && one.passes && sort == Sort::Score) REQUIRE(all[i - 1].score >= one.score);
        if (i > 0 && one.passes && sort == Sort::Price)
          REQUIRE(offers[all[i - 1].index].total.minor <= offers[one.index].total.minor);
      }
      std::vector<std::size_t> shuffle(offers.size());
      std::iota(shuffle.begin(), shuffle.end(), 0);
      std::shuffle(shuffle.begin(), shuffle.end(), random);
      std::vector<Offer> mixed;
      for (const auto i : shuffle) mixed.push_back(offers[i]);
      const auto again = ranked(mixed, told, kept, sort);
      std::map<std::string, std::string> first, second;
      for (std::size_t i = 0; i < all.size(); ++i) {
        const Offer& before = offers[all[i].index];
        const Offer& after = mixed[again[i].index];
        // Those that no rule tells apart may change places with each other.
        REQUIRE(before.total.minor == after.total.minor);
        REQUIRE(before.arrives == after.arrives);
        REQUIRE(all[i].passes == again[i].passes);
        if (sort == Sort::Score) REQUIRE(all[i].score == again[i].score);
        first[before.oid] = judgement_of(all[i]);
        second[after.oid] = judgement_of(again[i]);
      }
      REQUIRE(first == second);
    }
  }
}
