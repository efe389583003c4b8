#pragma once
// What a customer wants, as an intent tells it (a schema.org Demand, docs/api/brand.md).

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "vault/base/money.h"
#include "vault/base/result.h"

namespace vrm::shop {

// One thing said of a product: frame = L.
struct Property {
  std::string name;
  std::string value;
};

// Compared as the contract says: without regard to case and to blanks around.
bool same(const Property& a, const Property& b);

struct Demand {
  std::string name;
  std::string category;  // "" when not told, as the texts below
  std::vector<std::string> gtins;
  std::string currency;        // "": any
  std::optional<Money> limit;  // what we are told of it
  std::string near;
  std::string deliver_by;  // a day, as 2026-11-28
  std::vector<Property> must;
  std::vector<Property> prefer;
  std::int64_t most_offers = 3;

  // For people, in one line.
  std::string in_words() const;
};

// Malformed: no Demand, no name of what is wanted, or a member of another type than the contract's.
Result<Demand> read_demand(const nlohmann::json& demand);

}  // namespace vrm::shop
