#pragma once
// The JSON form of schemas, both ways.
//
//   schema     {"Shop": {"commonTypes": {"Place": TYPE}, "entityTypes": {"Customer": ENTITY}, "actions": {"read": ACTION},
//                        "annotations": {"doc": "x"}}}, where what stands in no namespace is in ""
//   ENTITY     {"memberOfTypes": ["Group"], "shape": TYPE, "tags": TYPE} or {"enum": ["a", "b"]}
//   ACTION     {"memberOf": [{"id": "all", "type": "Shop::Action"}],
//               "appliesTo": {"principalTypes": ["Customer"], "resourceTypes": ["Group"], "context": TYPE}}
//   TYPE       {"type": "Long"}, Boolean, String; {"type": "Set", "element": TYPE};
//              {"type": "Record", "attributes": {"a": TYPE with perhaps "required": false}};
//              {"type": "EntityOrCommon" or "Entity" or "Extension", "name": "N"}; {"type": "Place"}, a common type
//
// `annotations` may stand on a namespace, a declaration and an attribute.
// Source: docs.cedarpolicy.com/schema/json-schema.html, and the answers of the reference where that is silent.

#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "policies/cedar/schema_fragment.h"
#include "vault/base/json.h"
#include "vault/base/result.h"

namespace cedar {

inline constexpr vrm::JsonLimits kSchemaJsonLimits{16 * 1024 * 1024, 1000, true};

// As the reference writes what it read from text: without empty lists, shapes and contexts; every action with an appliesTo.
nlohmann::json schema_to_json(const SchemaFragment& schema);

// Malformed: not of this form, with the place of what is wrong.
vrm::Result<SchemaFragment> schema_from_json(const nlohmann::json& schema);
vrm::Result<SchemaFragment> read_schema_json(std::string_view text);

}  // namespace cedar
