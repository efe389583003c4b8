#pragma once
// A shop's character: what it sells, on which terms, what it wants to know, and how it behaves. It
// is a strict JSON file; examples/shop/characters/ has three, README.md tells the members.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "examples/shop/demand.h"
#include "examples/shop/folder.h"
#include "examples/shop/rules.h"
#include "vault/base/money.h"
#include "vault/base/result.h"
#include "vault/base/time.h"

namespace vrm::shop {

struct Product {
  std::string name;
  std::string category;
  std::string gtin;  // "" for none
  std::vector<Property> properties;
  Money price;
  std::int64_t stock = 0;
};

// A line of vrm:requiredData: what accepting discloses, at most.
struct RequiredData {
  std::string field;
  std::string purpose;
  std::string needed_at;  // accept, ship or after
  std::int64_t retention_days = 0;
  std::vector<std::string> recipients;
  bool optional = false;
};

struct PriceDrop {
  Money by;
  std::optional<Duration> after;  // after the offer was made; none: on command alone
};

// What the shop does with an acceptance. Never and Withdrawn are for trying what a vault makes of
// it.
enum class Acknowledge { AtOnce, Later, Never, Withdrawn };

struct Character {
  std::string tag_line;
  std::string currency;
  std::vector<Product> catalogue;
  Money shipping;
  Money fee;
  std::int64_t arrival_days = 0;
  std::optional<std::int64_t> warranty_months;
  std::optional<std::int64_t> return_days;
  Duration offer_valid{};
  std::int64_t offers = 1;  // to one intent at most
  std::vector<RequiredData> required_data;
  std::optional<PriceDrop> price_drop;
  Duration answer_after{};
  std::optional<Wish> over_ask;  // asked besides, when an intent comes
  Acknowledge acknowledge = Acknowledge::AtOnce;
  Duration acknowledge_after{};  // Later

  // What the customer would pay for `product` at `price`, with everything. Malformed: more than an
  // amount may be.
  Result<Money> total_at(const Money& price) const;
};

// Malformed: not strict JSON, a member that is unknown, missing or of another type, or one that
// breaks the contract (docs/api/brand.md); the message names it.
Result<Character> read_character(std::string_view text);

// character.json in the shop's folder: the character as it was when the shop was opened last.
// NotFound: the shop has none and answers no intents.
Result<Character> load_character(const Folder& folder);
// Checks a character and keeps it there. Malformed: as above; adopt_character: or no such file.
Result<Character> keep_character(const Folder& folder, std::string_view text);
Result<Character> adopt_character(const Folder& folder, const std::string& file);

}  // namespace vrm::shop
