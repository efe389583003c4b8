#pragma once
// The brand document: what a shop says about itself at the address that is its name.

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "examples/shop/keys.h"
#include "examples/shop/records.h"

namespace vrm::shop {

inline constexpr const char* kDocumentPath = "/vrm-brand.json";
inline constexpr const char* kIntroductionPath = "/vrm/introduction";
inline constexpr const char* kEventPath = "/vrm/events";

inline constexpr const char* kIntentPath = "/vrm/intents";

// What of the contract a shop speaks besides introductions and events.
struct Speaks {
  bool intents = false;
  bool mailbox = false;
};

// What it says of itself besides, for vaults to show and to hold what it asks against: an invented firm, and the uses that
// a shop of its kind has.
nlohmann::json said_of_itself(const Brand& brand);

std::string brand_document(const Brand& brand, const ShopKey& client_key, const Speaks& speaks);

}  // namespace vrm::shop
