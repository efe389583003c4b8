#pragma once
// How this room's records are written and read: one line of JSON, and the shapes of ids, names and moments in it.

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "vault/base/bytes.h"
#include "vault/base/result.h"
#include "vault/base/time.h"

namespace vrm::market {

Bytes to_record(const nlohmann::json& json);
// Corrupt: not strict JSON.
Result<nlohmann::json> json_of(BytesView record);

// Members of a record. Corrupt or Malformed: missing, of another type, out of range.
Result<Instant> need_instant(const nlohmann::json& object, std::string_view name);
Result<std::optional<Instant>> find_instant(const nlohmann::json& object, std::string_view name);
// An id of that kind, as `in_7F2K9QXD`.
Result<std::string> need_id(const nlohmann::json& object, std::string_view name,
                            std::string_view kind);
// One that other parties drew or that is drawn for them: see is_wire_name().
Result<std::string> need_wire_name(const nlohmann::json& object, std::string_view name);
Result<bool> need_bool(const nlohmann::json& object, std::string_view name);
// 1 to `most`.
Result<std::int64_t> need_count(const nlohmann::json& object, std::string_view name,
                                std::int64_t most);

// An id of that kind, complete and in its one spelling.
bool is_id(std::string_view text, std::string_view kind);
// What brands name their offers by: 1 to 64 of A-Z a-z 0-9 _ -.
bool is_wire_name(std::string_view text);

// SHA-256 in base64url has 43 letters.
bool is_sha256(std::string_view text);

// The Error of every reader of this room.
Error unreadable(std::string_view what);

}  // namespace vrm::market
