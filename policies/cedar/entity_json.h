#pragma once
// Entities, contexts and values in Cedar's JSON, both ways.
//
//   value   true, 7, "text", [values], {"name": value}
//           {"__entity": {"type": "User", "id": "alice"}}
//           {"__extn": {"fn": "ip", "arg": "10.0.0.1"}}, or "args": [values]
//   entity  {"uid": UID, "attrs": {...}, "parents": [UID, ...], "tags": {...}}, tags may be missing
//   UID     {"type": "User", "id": "alice"}, or the same under "__entity"
//
// Where a schema says what a value is, an entity may also be a bare UID, and an extension value {"fn": "ip", "arg": "10.0.0.1"} or
// just what its constructor takes, "10.0.0.1". Whether all is as the schema says, conformance.h tells.
//
// An object that has `__entity` or `__extn` and is not exactly that is refused, where the reference
// takes it for a record.

#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string_view>
#include <vector>

#include "policies/cedar/entities.h"
#include "policies/cedar/schema.h"
#include "vault/base/json.h"
#include "vault/base/result.h"

namespace cedar {

// Malformed: a null, a number that is no long, an escape of another shape, or a constructor that
// fails. The message names the place. `type` is what the schema says; null: nothing.
vrm::Result<Value> value_from_json(const nlohmann::json& json, const Type* type = nullptr);
vrm::Result<EntityUid> uid_from_json(const nlohmann::json& json);
vrm::Result<Record> context_from_json(const nlohmann::json& json, const Type* type = nullptr);
vrm::Result<std::vector<Entity>> entities_from_json(const nlohmann::json& json,
                                                    const Schema* schema = nullptr);

// The same from text. The limits allow for a file of the host's own, not for a request.
inline constexpr vrm::JsonLimits kEntityJsonLimits{64 * 1024 * 1024, 64, true};
vrm::Result<Record> read_context(std::string_view text, vrm::JsonLimits limits = kEntityJsonLimits);
vrm::Result<std::vector<Entity>> read_entities(std::string_view text,
                                               vrm::JsonLimits limits = kEntityJsonLimits);

// With every escape, so that it reads back alike with and without a schema.
nlohmann::json value_to_json(const Value& value);
nlohmann::json entities_to_json(std::span<const Entity> entities);

}  // namespace cedar
