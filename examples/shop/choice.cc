#include "examples/shop/choice.h"

#include <algorithm>
#include <cctype>
#include <set>
#include <string>
#include <tuple>

namespace vrm::shop {
namespace {

constexpr std::size_t kShortestWord = 3;

void add_words(std::string_view text, std::set<std::string>& words) {
  std::string word;
  const auto end_word = [&] {
    if (word.size() >= kShortestWord) words.insert(word);
    word.clear();
  };
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) == 0 && byte < 0x80) {
      end_word();
    } else {
      word += static_cast<char>(std::tolower(byte));
    }
  }
  end_word();
}

std::set<std::string> words_of(std::string_view name, std::string_view category) {
  std::set<std::string> words;
  add_words(name, words);
  add_words(category, words);
  return words;
}

bool is_wanted(const Product& product, const Demand& demand) {
  if (!product.gtin.empty() &&
      std::find(demand.gtins.begin(), demand.gtins.end(), product.gtin) != demand.gtins.end()) {
    return true;
  }
  const std::set<std::string> wanted = words_of(demand.name, demand.category);
  const std::set<std::string> had = words_of(product.name, product.category);
  return std::any_of(had.begin(), had.end(),
                     [&](const std::string& word) { return wanted.contains(word); });
}

std::ptrdiff_t met(const Product& product, const std::vector<Property>& wishes) {
  return std::count_if(wishes.begin(), wishes.end(), [&](const Property& wish) {
    return std::any_of(product.properties.begin(), product.properties.end(),
                       [&](const Property& has) { return same(has, wish); });
  });
}

}  // namespace

std::vector<const Product*> choose(const Character& character, const Demand& demand,
                                   const Sold& sold) {
  std::vector<const Product*> chosen;
  if (!demand.currency.empty() && demand.currency != character.currency) return chosen;
  for (const Product& product : character.catalogue) {
    if (product.stock > sold(product.name) && is_wanted(product, demand)) {
      chosen.push_back(&product);
    }
  }
  const auto rank = [&](const Product* product) {
    return std::tuple(-met(*product, demand.must), -met(*product, demand.prefer),
                      product->price.minor);
  };
  std::stable_sort(chosen.begin(), chosen.end(),
                   [&](const Product* a, const Product* b) { return rank(a) < rank(b); });
  const auto most = static_cast<std::size_t>(std::min(character.offers, demand.most_offers));
  if (chosen.size() > most) chosen.resize(most);
  return chosen;
}

}  // namespace vrm::shop
