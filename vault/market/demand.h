#pragma once
// What the owner wants, in two parts that are two types: only a PublicPart can be written for a brand (schema.org
// Demand, docs/api/brand.md); the real limit, the real deadline and the weights are a PrivatePart, which nothing here
// can serialise for anyone but the vault's own record.

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vault/base/money.h"
#include "vault/base/result.h"
#include "vault/base/time.h"

namespace vrm::market {

// What of the limit or the deadline brands are told.
enum class Told { None, Band, Exact };
std::string_view to_string(Told told);
// Malformed.
Result<Told> told_from(std::string_view word);

inline constexpr std::size_t kMostTextBytes = 200;  // of the text, the category, the place
inline constexpr std::size_t kMostPropertyNameBytes = 64;
inline constexpr std::size_t kMostPropertyValueBytes = 200;
inline constexpr std::size_t kMostWantedProperties = 20;  // of each of must and nice
inline constexpr std::size_t kMostGtins = 20;
inline constexpr std::int64_t kMostLiveOffers = 3;  // of one brand to one intent

// A property that the thing must or should have. Names and values are compared without regard to case and to blanks
// around them (comparable()).
struct Property {
  std::string name;   // 1 to 64 bytes of printable text
  std::string value;  // 1 to 200
  friend bool operator==(const Property&, const Property&) = default;
};

struct PublicPart {
  std::string text;                // what is wanted, in the owner's words; 1 to 200 bytes
  std::string category;            // "" for none
  std::vector<std::string> gtins;  // 8, 12, 13 or 14 digits, check digit right
  std::string near;                // a place's name, "" for none
  std::vector<Property> must;      // at most 20
  std::vector<Property> nice;      // at most 20
  std::string currency;            // what offers are wanted in
  std::optional<Money> limit_told;
  Told limit_kind = Told::None;          // how limit_told stands to the real limit
  std::optional<Instant> deadline_told;  // midnight UTC of the day
  Instant offers_until;
  std::int64_t most_offers = kMostLiveOffers;
};

inline constexpr int kMostWeight = 10;

// Each 0 to kMostWeight; not all zero.
struct Weights {
  int price = 5;
  int delivery = 3;
  int data = 3;
  int terms = 1;
  int nice = 2;
  friend bool operator==(const Weights&, const Weights&) = default;
};

struct PrivatePart {
  std::optional<Money> limit;
  std::optional<Instant> deadline;  // midnight UTC of the last day that is good
  Weights weights;
};

// A round figure above `limit` that many limits share: the next of 1, 1.5, 2, 3, 5, 7.5 times a power of ten, in
// whole units of the currency, never `limit` itself. REQUIRES: a currency that we know.
Money band_above(const Money& limit);
// A day after `deadline` that many deadlines share: 1, 2, 3, 5, 7, 10, 14, 21, 30, 60, 90, 180 or 365 days from
// `now`'s day, the first that lies behind `deadline`, never `deadline` itself; beyond that the next whole 365 days, for
// a fixed distance could be taken off again.
Instant band_after(Instant deadline, Instant now);

// "2026-11-27" of a day.
std::string date_of(Instant day);

// schema.org Demand. Times are cut to whole seconds. REQUIRES: check_public(part).
nlohmann::json write_demand(const PublicPart& part);

// What check_public refuses has words for a person (key market.*): Malformed.
Result<void> check_public(const PublicPart& part);
// Malformed, with words for a person (market.bad_weights).
Result<void> check_weights(const Weights& weights);
// Malformed: no limit above zero in `currency`, no midnight, bad weights.
Result<void> check_private(const PrivatePart& part, std::string_view currency);

// What two names or two values of properties are compared by: without blanks around, Latin letters in lower case.
std::string comparable(std::string_view text);

// 8, 12, 13 or 14 digits whose last is right (GS1 General Specifications 7.9).
bool is_gtin(std::string_view text);

}  // namespace vrm::market
