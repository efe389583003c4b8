#include "examples/shop/many.h"

#include <array>
#include <nlohmann/json.hpp>
#include <random>
#include <string_view>
#include <utility>

#include "examples/shop/character.h"
#include "vault/base/json.h"

namespace vrm::shop {
namespace {

using nlohmann::json;

// Draws that are the same with every library: the standard's distributions are not.
class Draw {
 public:
  Draw(std::uint64_t seed, int number)
      : engine_(seed * 1'000'003 + static_cast<std::uint64_t>(number)) {}

  // 0 to below - 1.
  std::int64_t below(std::int64_t bound) {
    return static_cast<std::int64_t>(engine_() % static_cast<std::uint64_t>(bound));
  }
  bool one_in(std::int64_t n) { return below(n) == 0; }
  template <std::size_t N>
  std::string_view of(const std::array<std::string_view, N>& words) {
    return words[static_cast<std::size_t>(below(static_cast<std::int64_t>(N)))];
  }

 private:
  std::mt19937_64 engine_;
};

constexpr std::array<std::string_view, 8> kFirst = {"Velo",  "Cycles", "Bike",   "Trail",
                                                    "Ridge", "Alpine", "Summit", "Pedal"};
constexpr std::array<std::string_view, 8> kSecond = {"Lyon",   "Rhone", "House", "Works",
                                                     "Corner", "Depot", "Point", "Garage"};
constexpr std::array<std::string_view, 6> kModels = {"Ridge",  "Trail",  "Rock",
                                                     "Summit", "Forest", "Canyon"};
constexpr std::array<std::string_view, 5> kColours = {"green", "blue", "black", "red", "white"};
constexpr std::array<std::string_view, 3> kFrames = {"M", "L", "XL"};
constexpr std::array<std::string_view, 4> kCarriers = {"La Poste", "Chronopost", "Mondial Relay",
                                                       "DPD"};
constexpr std::array<std::string_view, 5> kCurious = {
    "person.name", "contact.phone_number", "contact.email", "person.birthdate", "person.gender"};

std::string amount(std::int64_t cents) {
  return amount_of({.minor = cents, .currency = "EUR"});
}

std::string name_of(Draw& draw, int number) {
  return std::string(draw.of(kFirst)) + " " + std::string(draw.of(kSecond)) + " " +
         std::to_string(number);
}

json required(std::string_view field, std::string_view purpose, std::int64_t days,
              std::string_view carrier, bool optional) {
  json recipients = json::array();
  if (purpose == "delivery") recipients.push_back(carrier);
  return {{"field", field},           {"purpose", purpose},
          {"neededAt", "ship"},       {"retention", "P" + std::to_string(days) + "D"},
          {"recipients", recipients}, {"optional", optional}};
}

json required_data(Draw& draw) {
  const std::int64_t days = 14 + draw.below(350);
  const std::string_view carrier = draw.of(kCarriers);
  json all = json::array();
  for (const char* field : {"address.home.street_address", "address.home.postal_code"}) {
    all.push_back(required(field, "delivery", days, carrier, false));
  }
  for (const std::string_view field : kCurious) {
    if (draw.one_in(3)) all.push_back(required(field, "delivery", days, carrier, false));
  }
  if (draw.one_in(4)) all.push_back(required("contact.email", "marketing", days, carrier, true));
  return all;
}

}  // namespace

std::string draw_character(std::uint64_t seed, int number) {
  Draw draw(seed, number);
  const std::string model = std::string(draw.of(kModels)) + " " + std::to_string(100 + number);
  const json product = {
      {"name", model},
      {"category", "mountain bike"},
      {"properties", {{"frame", draw.of(kFrames)}, {"colour", draw.of(kColours)}}},
      {"price", amount(55000 + draw.below(450) * 100)},
      {"stock", 1 + draw.below(20)}};
  json character = {
      {"tag_line", name_of(draw, number)},    {"currency", "EUR"},
      {"catalogue", json::array({product})},  {"shipping", amount(draw.below(40) * 100 + 90)},
      {"arrival_days", 1 + draw.below(9)},    {"warranty_months", 12 * (2 + draw.below(4))},
      {"return_days", 14 + draw.below(47)},   {"offer_valid", "72h"},
      {"required_data", required_data(draw)}, {"answer_after_ms", draw.below(3000)}};
  if (draw.one_in(3)) {
    const std::string after = std::to_string(5 + draw.below(25)) + "s";
    character["price_drop"] = {{"by", amount(1000 + draw.below(30) * 100)}, {"after", after}};
  }
  return write_json(character);
}

Result<std::vector<Stall>> set_up_many(const Folder& folder, int brands, std::uint64_t seed) {
  std::vector<Stall> stalls;
  for (int number = 0; number < brands; ++number) {
    const std::string place = "b" + std::to_string(number);
    Folder own = TRY(Folder::open(folder.path() / place));
    const Character character = TRY(keep_character(own, draw_character(seed, number)));
    stalls.push_back({std::move(own), "/" + place, character.tag_line});
  }
  return stalls;
}

}  // namespace vrm::shop
