#pragma once
// Members of the daemon's documents. A newer daemon may leave one out or write another type: that
// reads as empty.

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "vault/base/error.h"

namespace vrm::cli {

// Made safe to print; "" when absent or null.
std::string text_at(const nlohmann::json& object, std::string_view name);
// As it stands.
std::string raw_at(const nlohmann::json& object, std::string_view name);
std::int64_t number_at(const nlohmann::json& object, std::string_view name);
bool flag_at(const nlohmann::json& object, std::string_view name);
bool has_at(const nlohmann::json& object, std::string_view name);  // present and not null
// They live as long as `object`; an empty object or list when absent.
const nlohmann::json& object_at(const nlohmann::json& object, std::string_view name);
const nlohmann::json& list_at(const nlohmann::json& object, std::string_view name);
std::vector<std::string> texts_at(const nlohmann::json& object, std::string_view name);

// The gaps of a sentence, in the member `with`.
Gaps gaps_at(const nlohmann::json& object);

// "a, b, c"
std::string joined(const std::vector<std::string>& texts, std::string_view between = ", ");

}  // namespace vrm::cli
