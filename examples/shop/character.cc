#include "examples/shop/character.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <initializer_list>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "vault/base/json.h"
#include "vault/base/text.h"

namespace vrm::shop {
namespace {

using nlohmann::json;

constexpr const char* kFile = "character.json";
constexpr std::size_t kMostRequiredFields = 20;
constexpr std::size_t kMostProducts = 200;
constexpr std::int64_t kMostDays = 3650;
constexpr std::int64_t kMostOffers = 3;
constexpr std::int64_t kMostWaitMs = 3'600'000;
constexpr Duration kLongestOffer = std::chrono::hours(24 * 90);

Error bad_character(std::string why) {
  return {ErrorCode::Malformed, "the character: " + std::move(why)};
}

// A member that nobody reads is a mistake of whoever wrote it.
Result<void> only(const json& object, std::initializer_list<std::string_view> names) {
  if (!object.is_object()) return bad_character("an object is wanted");
  for (const auto& [name, value] : object.items()) {
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      return bad_character("`" + printable(name, 60) + "` is unknown");
    }
  }
  return {};
}

Result<std::int64_t> within(std::int64_t number, std::int64_t least, std::int64_t most,
                            std::string_view name) {
  if (number >= least && number <= most) return number;
  return bad_character("`" + std::string(name) + "` is out of bounds");
}

Result<std::optional<std::int64_t>> find_within(const json& object, std::string_view name,
                                                std::int64_t least, std::int64_t most) {
  const std::optional<std::int64_t> number = TRY(find_int(object, name));
  if (number) TRY(within(*number, least, most, name));
  return number;
}

Result<std::string> need_text(const json& object, std::string_view name) {
  std::string text = TRY(need_string(object, name));
  if (text.empty()) return bad_character("`" + std::string(name) + "` is empty");
  return text;
}

Result<Money> need_money(const json& object, std::string_view name, std::string_view currency) {
  const std::string amount = TRY(need_string(object, name));
  return money_from_amount(amount, currency);
}

// Whole days as ISO 8601 writes them: P30D.
Result<std::int64_t> days_from_text(std::string_view text) {
  std::int64_t days = 0;
  const char* end = text.data() + text.size();
  if (text.size() < 3 || text.front() != 'P' || text.back() != 'D' || text[1] == '0') {
    return bad_character("`retention` is whole days, as P30D");
  }
  const auto [stop, failed] = std::from_chars(text.data() + 1, end - 1, days);
  if (failed != std::errc() || stop != end - 1) {
    return bad_character("`retention` is whole days, as P30D");
  }
  return within(days, 1, kMostDays, "retention");
}

Result<Product> read_product(const json& item, std::string_view currency) {
  TRY(only(item, {"name", "category", "gtin", "properties", "price", "stock"}));
  Product product;
  product.name = TRY(need_text(item, "name"));
  product.category = TRY(find_string(item, "category")).value_or("");
  product.gtin = TRY(find_string(item, "gtin")).value_or("");
  product.price = TRY(need_money(item, "price", currency));
  if (product.price.minor <= 0) return bad_character("a `price` of nothing");
  product.stock = TRY(need_int(item, "stock"));
  TRY(within(product.stock, 0, 1'000'000, "stock"));
  if (!item.contains("properties")) return product;
  const json* properties = TRY(need_object(item, "properties"));
  for (const auto& [name, value] : properties->items()) {
    if (!value.is_string()) return bad_character("a property's value is a text");
    product.properties.push_back({name, value.get<std::string>()});
  }
  return product;
}

Result<RequiredData> read_required(const json& item) {
  TRY(only(item, {"field", "purpose", "neededAt", "retention", "recipients", "optional"}));
  RequiredData data;
  data.field = TRY(need_text(item, "field"));
  data.purpose = TRY(need_text(item, "purpose"));
  data.needed_at = TRY(need_string(item, "neededAt"));
  constexpr std::array<std::string_view, 3> kStages = {"accept", "ship", "after"};
  if (std::find(kStages.begin(), kStages.end(), data.needed_at) == kStages.end()) {
    return bad_character("`neededAt` is accept, ship or after");
  }
  const std::string retention = TRY(need_string(item, "retention"));
  data.retention_days = TRY(days_from_text(retention));
  data.recipients = TRY(find_strings(item, "recipients")).value_or(std::vector<std::string>());
  data.optional = TRY(find_bool(item, "optional")).value_or(false);
  return data;
}

Result<std::vector<RequiredData>> read_all_required(const json& object) {
  std::vector<RequiredData> all;
  std::set<std::string> fields;
  const json* items = TRY(need_array(object, "required_data"));
  if (items->size() > kMostRequiredFields) return bad_character("more than 20 required fields");
  for (const json& item : *items) {
    RequiredData data = TRY(read_required(item));
    if (!fields.insert(data.field + " " + data.purpose).second) {
      return bad_character("`" + printable(data.field, 60) + "` is required twice for one purpose");
    }
    all.push_back(std::move(data));
  }
  return all;
}

Result<PriceDrop> read_price_drop(const json& item, std::string_view currency) {
  TRY(only(item, {"by", "after"}));
  PriceDrop drop;
  drop.by = TRY(need_money(item, "by", currency));
  if (drop.by.minor <= 0) return bad_character("a price drop `by` nothing");
  const std::optional<std::string> after = TRY(find_string(item, "after"));
  if (after) drop.after = TRY(duration_from_text(*after));
  return drop;
}

Result<Wish> read_wish(const json& item) {
  TRY(only(item, {"fields", "optional", "purpose", "reason", "max_reads", "retention_days"}));
  Wish wish;
  wish.needed = TRY(need_strings(item, "fields"));
  wish.optional = TRY(find_strings(item, "optional")).value_or(std::vector<std::string>());
  wish.purpose = TRY(need_string(item, "purpose"));
  wish.reason = TRY(need_string(item, "reason"));
  wish.max_reads = TRY(find_int(item, "max_reads"));
  wish.retention_days = TRY(find_int(item, "retention_days")).value_or(wish.retention_days);
  TRY(check_wish(wish));
  return wish;
}

Result<Acknowledge> acknowledge_from(const std::string& word) {
  if (word == "at_once") return Acknowledge::AtOnce;
  if (word == "later") return Acknowledge::Later;
  if (word == "never") return Acknowledge::Never;
  if (word == "withdrawn") return Acknowledge::Withdrawn;
  return bad_character("`acknowledge` is at_once, later, never or withdrawn");
}

Result<Duration> read_wait(const json& object, std::string_view name, std::int64_t otherwise) {
  const std::optional<std::int64_t> ms = TRY(find_within(object, name, 0, kMostWaitMs));
  return Duration(ms.value_or(otherwise));
}

Result<void> read_terms(const json& object, Character& character) {
  const std::string_view currency = character.currency;
  character.shipping = TRY(need_money(object, "shipping", currency));
  character.fee = {.minor = 0, .currency = character.currency};
  if (object.contains("fee")) character.fee = TRY(need_money(object, "fee", currency));
  character.arrival_days = TRY(need_int(object, "arrival_days"));
  TRY(within(character.arrival_days, 0, 365, "arrival_days"));
  character.warranty_months = TRY(find_within(object, "warranty_months", 0, 1200));
  character.return_days = TRY(find_within(object, "return_days", 0, kMostDays));
  const std::string valid = TRY(need_string(object, "offer_valid"));
  character.offer_valid = TRY(duration_from_text(valid));
  if (character.offer_valid > kLongestOffer) return bad_character("`offer_valid` is over 90 days");
  character.offers = TRY(find_within(object, "offers", 1, kMostOffers)).value_or(1);
  return {};
}

Result<void> read_behaviour(const json& object, Character& character) {
  if (object.contains("price_drop")) {
    character.price_drop = TRY(read_price_drop(object["price_drop"], character.currency));
  }
  if (object.contains("over_ask")) character.over_ask = TRY(read_wish(object["over_ask"]));
  character.answer_after = TRY(read_wait(object, "answer_after_ms", 0));
  const std::string word = TRY(find_string(object, "acknowledge")).value_or("at_once");
  character.acknowledge = TRY(acknowledge_from(word));
  character.acknowledge_after = TRY(read_wait(object, "acknowledge_after_ms", 2000));
  return {};
}

// Whether every price, also the dropped one, makes an amount.
Result<void> check_prices(const Character& character) {
  for (const Product& product : character.catalogue) {
    TRY(character.total_at(product.price));
    if (character.price_drop && character.price_drop->by.minor >= product.price.minor) {
      return bad_character("the price drop leaves nothing of " + printable(product.name, 60));
    }
  }
  return {};
}

}  // namespace

Result<Money> Character::total_at(const Money& price) const {
  const Money total{price.minor + shipping.minor + fee.minor, currency};
  if (total.minor > kMostMinorUnits) return bad_character("a total larger than an amount may be");
  return total;
}

Result<Character> read_character(std::string_view text) {
  const json object = TRY(read_json(text));
  TRY(only(object,
           {"tag_line", "currency", "catalogue", "shipping", "fee", "arrival_days",
            "warranty_months", "return_days", "offer_valid", "offers", "required_data",
            "price_drop", "answer_after_ms", "over_ask", "acknowledge", "acknowledge_after_ms"}));
  Character character;
  character.tag_line = TRY(find_string(object, "tag_line")).value_or("");
  character.currency = TRY(need_string(object, "currency"));
  TRY(decimals_of(character.currency));
  const json* items = TRY(need_array(object, "catalogue"));
  if (items->empty() || items->size() > kMostProducts) {
    return bad_character("`catalogue` has 1 to 200 products");
  }
  for (const json& item : *items) {
    Product product = TRY(read_product(item, character.currency));
    character.catalogue.push_back(std::move(product));
  }
  TRY(read_terms(object, character));
  character.required_data = TRY(read_all_required(object));
  TRY(read_behaviour(object, character));
  TRY(check_prices(character));
  return character;
}

Result<Character> load_character(const Folder& folder) {
  const json kept = TRY(folder.read(kFile));
  return read_character(write_json(kept));
}

Result<Character> keep_character(const Folder& folder, std::string_view text) {
  Character character = TRY(read_character(text));
  const json object = TRY(read_json(text));
  TRY(folder.write(kFile, object));
  return character;
}

Result<Character> adopt_character(const Folder& folder, const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return bad_character("cannot read " + printable(file, 200));
  const std::string text{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  return keep_character(folder, text);
}

}  // namespace vrm::shop
