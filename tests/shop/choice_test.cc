#include "examples/shop/choice.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "examples/shop/demand.h"
#include "vault/base/json.h"

using vrm::shop::Character;
using vrm::shop::choose;
using vrm::shop::Demand;
using vrm::shop::Product;
using vrm::shop::Property;
using vrm::shop::read_demand;

namespace {

Product product(std::string name, std::int64_t cents, std::vector<Property> properties = {}) {
  Product made;
  made.name = std::move(name);
  made.category = "mountain bike";
  made.properties = std::move(properties);
  made.price = {.minor = cents, .currency = "EUR"};
  made.stock = 1;
  return made;
}

Character shop_with(std::vector<Product> catalogue) {
  Character character;
  character.currency = "EUR";
  character.catalogue = std::move(catalogue);
  character.offers = 3;
  return character;
}

Demand demand_for(std::string name) {
  Demand demand;
  demand.name = std::move(name);
  return demand;
}

std::vector<std::string> names(const Character& character, const Demand& demand) {
  std::vector<std::string> all;
  for (const Product* one : choose(character, demand, [](std::string_view) { return 0; })) {
    all.push_back(one->name);
  }
  return all;
}

using Names = std::vector<std::string>;

nlohmann::json whole_demand() {
  return {{"@type", "Demand"},
          {"itemOffered",
           {{"@type", "Product"},
            {"name", "mountain bike"},
            {"category", "Cycling > Bicycles"},
            {"gtin", {"4006381333931"}}}},
          {"priceSpecification", {{"maxPrice", "1000.00"}, {"priceCurrency", "EUR"}}},
          {"areaServed", {{"@type", "Place"}, {"name", "Lyon"}}},
          {"vrm:deliverBy", "2026-11-28"},
          {"vrm:constraints",
           {{"must", {{{"propertyID", "frame"}, {"value", "L"}}}},
            {"prefer", {{{"propertyID", "colour"}, {"value", "green"}}}}}},
          {"vrm:maxOffers", 2}};
}

}  // namespace

TEST_SUITE("shop/choice") {
  TEST_CASE("a demand is read as the contract tells it, and said in one line") {
    const auto demand = read_demand(whole_demand());
    REQUIRE(demand.ok());
    CHECK(demand.value().in_words() ==
          "mountain bike, frame L, up to 1000.00 EUR, by 2026-11-28, near Lyon");
    CHECK(demand.value().gtins == Names{"4006381333931"});
    CHECK(demand.value().prefer[0].value == "green");
    CHECK(demand.value().most_offers == 2);
  }

  TEST_CASE("everything but the name may be missing") {
    const auto demand =
        read_demand({{"@type", "Demand"}, {"itemOffered", {{"name", "mountain bike"}}}});
    REQUIRE(demand.ok());
    CHECK(!demand.value().limit.has_value());
    CHECK(demand.value().currency.empty());
    CHECK(demand.value().most_offers == 3);
  }

  TEST_CASE("a demand of another shape is refused") {
    const std::vector<nlohmann::json> patches = {
        {{"@type", "Offer"}},
        {{"itemOffered", nullptr}},
        {{"itemOffered", {{"name", nullptr}}}},
        {{"itemOffered", {{"name", "  "}}}},
        {{"itemOffered", {{"gtin", "4006381333931"}}}},
        {{"priceSpecification", {{"maxPrice", 1000}}}},
        {{"priceSpecification", {{"maxPrice", "-1"}}}},
        {{"priceSpecification", {{"priceCurrency", nullptr}}}},
        {{"vrm:constraints", "none"}},
        {{"vrm:constraints", {{"must", {{{"propertyID", "frame"}}}}}}},
        {{"vrm:maxOffers", 0}}};
    for (const nlohmann::json& patch : patches) {
      nlohmann::json bent = whole_demand();
      bent.merge_patch(patch);
      const std::string shown = vrm::write_json(patch);
      CAPTURE(shown);
      CHECK(!read_demand(bent).ok());
    }
  }

  TEST_CASE("a product answers by a word of three letters or by its number") {
    Character shop = shop_with({product("Trail 7", 100)});
    shop.catalogue[0].gtin = "4006381333931";
    CHECK(names(shop, demand_for("Mountain-bike!")) == Names{"Trail 7"});
    CHECK(names(shop, demand_for("a 7")).empty());
    CHECK(names(shop, demand_for("violin")).empty());
    Demand by_number = demand_for("that one");
    by_number.gtins = {"4006381333931"};
    CHECK(names(shop, by_number) == Names{"Trail 7"});
  }

  TEST_CASE("musts come before wishes, wishes before the price") {
    const Character shop =
        shop_with({product("cheap", 100), product("green", 200, {{"colour", "green"}}),
                   product("fitting", 300, {{"Frame ", " l"}}),
                   product("best", 400, {{"frame", "L"}, {"colour", "green"}})});
    Demand demand = demand_for("bike");
    demand.must = {{"frame", "L"}};
    demand.prefer = {{"colour", "Green"}};
    CHECK(names(shop, demand) == Names{"best", "fitting", "green"});
    demand.most_offers = 1;
    CHECK(names(shop, demand) == Names{"best"});
  }

  TEST_CASE("what is sold out or priced in other money is not offered") {
    const Character shop = shop_with({product("one", 100), product("two", 200)});
    const auto sold = [](std::string_view name) { return name == "one" ? 1 : 0; };
    CHECK(choose(shop, demand_for("bike"), sold).size() == 1);
    Demand francs = demand_for("bike");
    francs.currency = "CHF";
    CHECK(names(shop, francs).empty());
  }
}
