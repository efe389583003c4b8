#pragma once
// JSON from outside, read strictly, and JSON of ours, written.
//
// The reader refuses what parsers disagree about: a key twice, NUL, a byte order mark, a number
// that is not an int64, bytes after the value, text that is not UTF-8; and what exhausts: more
// bytes or levels than allowed. Money and measures are therefore decimal strings.

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vault/base/result.h"

namespace vrm {

struct JsonLimits {
  std::size_t bytes = 64 * 1024;
  std::size_t depth = 32;
  bool nul = false;  // whether a text or a key may hold NUL, written \u0000
};

// Malformed: see above; the message names the reason and the byte.
Result<nlohmann::json> read_json(std::string_view text, JsonLimits limits = {});

// One line, keys in order. Text that is not UTF-8 is written with replacement characters; it never
// throws.
std::string write_json(const nlohmann::json& value);
// The same over several lines, for people.
std::string write_json_pretty(const nlohmann::json& value);

// Members of an object. Malformed: `object` is no object, the member is missing (only need_) or of
// another type; the message names the member. find_ gives nothing for a missing member; null counts
// as another type.
Result<std::string> need_string(const nlohmann::json& object, std::string_view name);
Result<std::int64_t> need_int(const nlohmann::json& object, std::string_view name);
Result<std::vector<std::string>> need_strings(const nlohmann::json& object, std::string_view name);
// The pointer lives as long as `object`.
Result<const nlohmann::json*> need_object(const nlohmann::json& object, std::string_view name);
Result<const nlohmann::json*> need_array(const nlohmann::json& object, std::string_view name);
Result<std::optional<std::string>> find_string(const nlohmann::json& object, std::string_view name);
Result<std::optional<std::int64_t>> find_int(const nlohmann::json& object, std::string_view name);
Result<std::optional<bool>> find_bool(const nlohmann::json& object, std::string_view name);
Result<std::optional<std::vector<std::string>>> find_strings(const nlohmann::json& object,
                                                             std::string_view name);

}  // namespace vrm
