#pragma once
// Intents that a seed draws: what the owner types, the demand that brands may see of it, and what they may not.

#include <array>
#include <chrono>
#include <random>
#include <string>
#include <vector>

#include "tests/support/world.h"
#include "vault/market/demand.h"

namespace vrm::testing {

// Numbers and bytes from a seed. Safe from any thread.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : engine_(seed) {}
  void fill(std::span<std::uint8_t> out) override {
    const std::lock_guard lock(mutex_);
    for (auto& byte : out) byte = static_cast<std::uint8_t>(engine_() >> 32U);
  }

 private:
  std::mutex mutex_;
  std::mt19937_64 engine_;
};

// What a test decides by chance.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed) {}
  std::int64_t number(std::int64_t least, std::int64_t most) {
    return least +
           static_cast<std::int64_t>(engine_() % static_cast<std::uint64_t>(most - least + 1));
  }
  bool one_in(std::int64_t of) { return number(1, of) == 1; }
  template <typename List>
  auto pick(const List& list) {
    return list[static_cast<std::size_t>(
        number(0, static_cast<std::int64_t>(std::size(list)) - 1))];
  }
  std::string letters(std::size_t count) {
    std::string text;
    while (text.size() < count) text += static_cast<char>('a' + number(0, 25));
    return text;
  }
  std::string digits(std::size_t count) {
    std::string text;
    while (text.size() < count) text += static_cast<char>('0' + number(text.empty() ? 1 : 0, 9));
    return text;
  }
  template <typename List>
  void shuffle(List& list) {
    for (std::size_t i = std::size(list); i > 1; --i)
      std::swap(list[i - 1],
                list[static_cast<std::size_t>(number(0, static_cast<std::int64_t>(i) - 1))]);
  }

 private:
  std::mt19937_64 engine_;
};

struct RandomIntent {
  nlohmann::json body;             // for OwnerDesk::new_intent, without `to`
  nlohmann::json demand;           // what each brand may be told, no more and no less
  std::vector<std::string> words;  // the texts in it that the owner gave, as they are
  std::vector<std::string> parts;  // the pieces of it that follow from them, as they stand in JSON
  std::vector<std::string> secrets;  // texts that no brand may see
  std::vector<std::string>
      secret_numbers;  // the same, where they stand for themselves and not in a longer number
  std::string currency;
  Instant offers_until;
};

namespace drawing {

inline std::string words(Dice& dice, std::int64_t most) {
  constexpr const char* kWords[] = {
      "mountain bike", "vélo tout-terrain", "size \"L\"", "red & blue",  "29 inch",
      "двухколёсный",  "C:\\bikes",         "自転車",     "second-hand", "carbon"};
  std::string text = dice.pick(kWords);
  for (std::int64_t i = dice.number(0, most); i > 0; --i)
    text += ' ' + dice.letters(static_cast<std::size_t>(dice.number(1, 9)));
  return text;
}

inline std::string gtin13(Dice& dice) {
  const std::string digits = dice.digits(12);
  int sum = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) sum += (digits[i] - '0') * (i % 2 == 0 ? 1 : 3);
  return digits + static_cast<char>('0' + (10 - sum % 10) % 10);
}

// The properties of a must or a nice, and how the demand writes them.
inline void properties(Dice& dice, RandomIntent& intent, const char* member,
                       const char* constraint) {
  const auto count = dice.number(0, 3);
  for (std::int64_t i = 0; i < count; ++i) {
    const std::string name = dice.letters(3) + (dice.one_in(2) ? " é" : "");
    const std::string value = words(dice, 1);
    intent.body[member].push_back({{"name", name}, {"value", value}});
    const nlohmann::json told = {{"propertyID", name}, {"value", value}};
    intent.demand["vrm:constraints"][constraint].push_back(told);
    if (std::string_view(member) == "must") {
      nlohmann::json typed = told;
      typed["@type"] = "PropertyValue";
      intent.demand["itemOffered"]["additionalProperty"].push_back(typed);
    }
    intent.words.insert(intent.words.end(), {name, value});
  }
}

inline void limit(Dice& dice, RandomIntent& intent) {
  constexpr const char* kCurrencies[] = {"EUR", "EUR", "USD", "JPY", "KWD"};
  intent.currency = dice.pick(kCurrencies);
  auto& price = intent.demand["priceSpecification"];
  price = {{"@type", "PriceSpecification"}, {"priceCurrency", intent.currency}};
  intent.parts.push_back("\"" + intent.currency + "\"");
  if (dice.one_in(6)) {
    intent.body["currency"] = intent.currency;
    return;
  }
  const Money limit{dice.number(1'000'003, 98'765'431), intent.currency};
  intent.body["max"] = amount_of(limit) + intent.currency;
  const std::string told = dice.pick(std::array<const char*, 4>{"", "band", "exact", "none"});
  if (!told.empty()) intent.body["tell_max"] = told;
  if (told != "exact") {
    intent.secret_numbers.push_back(amount_of(limit));
    intent.secret_numbers.push_back(std::to_string(limit.minor));
  }
  if (told == "none") return;
  price["maxPrice"] = amount_of(told == "exact" ? limit : market::band_above(limit));
  intent.demand["vrm:budgetDisclosure"] = told == "exact" ? "exact" : "band";
  intent.parts.push_back(price["maxPrice"].dump());
}

inline void deadline(Dice& dice, RandomIntent& intent, Instant now) {
  if (dice.one_in(5)) return;
  constexpr std::int64_t kDay = 86'400'000;
  Instant day{};
  do {
    day = Instant{(now.ms / kDay + dice.number(1, 40)) * kDay};
  } while (day.ms / kDay == intent.offers_until.ms / kDay);  // that day is told anyway
  intent.body["by"] = market::date_of(day);
  const std::string told = dice.pick(std::array<const char*, 4>{"", "band", "exact", "none"});
  if (!told.empty()) intent.body["tell_by"] = told;
  if (told != "exact") {
    intent.secrets.push_back(market::date_of(day));
    intent.secret_numbers.push_back(std::to_string(day.seconds()));
    intent.secret_numbers.push_back(std::to_string(day.ms));
  }
  if (told == "none") return;
  intent.demand["vrm:deliverBy"] =
      market::date_of(told == "exact" ? day : market::band_after(day, now));
  intent.parts.push_back(intent.demand["vrm:deliverBy"].dump());
}

inline void weights(Dice& dice, RandomIntent& intent) {
  if (dice.one_in(3)) return;
  auto& weights = intent.body["weights"];
  for (const char* name : {"price", "delivery", "data", "terms", "nice"})
    if (dice.one_in(2)) weights[name] = dice.number(1, 10);
  if (weights.is_null()) weights["price"] = 7;
}

}  // namespace drawing

inline RandomIntent random_intent(Dice& dice, Instant now) {
  RandomIntent intent;
  const std::string text = drawing::words(dice, 4);
  intent.words.push_back(text);
  intent.body = {{"text", text}, {"jitter", dice.one_in(2)}};
  auto& demand = intent.demand;
  demand = {{"@context", {"https://schema.org", "https://vrm.example/ns/v1"}},
            {"@type", "Demand"},
            {"itemOffered", {{"@type", "Product"}, {"name", text}}},
            {"vrm:maxOffers", 3}};
  const std::pair<const char*, std::chrono::hours> open_for[] = {
      {"", std::chrono::hours(48)}, {"6h", std::chrono::hours(6)}, {"7d", std::chrono::hours(168)}};
  const auto [typed, life] = dice.pick(open_for);
  if (*typed != '\0') intent.body["open_for"] = typed;
  intent.offers_until = {(now + life).seconds() * 1000};
  demand["validThrough"] = to_rfc3339(intent.offers_until);
  if (dice.one_in(2)) {
    intent.words.push_back(drawing::words(dice, 2));
    intent.body["category"] = demand["itemOffered"]["category"] = intent.words.back();
  }
  if (dice.one_in(2)) {
    intent.words.push_back(drawing::words(dice, 1));
    intent.body["near"] = intent.words.back();
    demand["areaServed"] = {{"@type", "Place"}, {"name", intent.words.back()}};
  }
  for (std::int64_t i = dice.one_in(3) ? dice.number(1, 3) : 0; i > 0; --i) {
    intent.words.push_back(drawing::gtin13(dice));
    intent.body["gtin"].push_back(intent.words.back());
    demand["itemOffered"]["gtin"].push_back(intent.words.back());
  }
  drawing::properties(dice, intent, "must", "must");
  drawing::properties(dice, intent, "nice", "prefer");
  drawing::limit(dice, intent);
  drawing::deadline(dice, intent, now);
  drawing::weights(dice, intent);
  return intent;
}

}  // namespace vrm::testing
