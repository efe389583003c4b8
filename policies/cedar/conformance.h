#pragma once
// Whether entities and requests are what a schema says.
//
// Every refusal is Malformed and says what is wrong where. The decision itself asks none of this: a host checks what it is given
// once, when it is given.
// Source: docs.cedarpolicy.com/schema and policies/validation.html; verdicts of the reference.

#include <span>

#include "policies/cedar/entities.h"
#include "policies/cedar/evaluator.h"
#include "policies/cedar/schema.h"
#include "vault/base/result.h"

namespace cedar {

// Malformed: a value of another type; of a record, an attribute that is missing or that the type lacks; an entity that its
// enum lacks. `place` begins the message.
vrm::Result<void> check_value(const Value& value, const Type& type, const Schema& schema,
                              const std::string& place);

// Malformed: a type or action that the schema lacks; attributes, tags or parents that are not as it says; an action with other
// parents than there.
vrm::Result<void> check_entity(const Entity& entity, const Schema& schema);
vrm::Result<void> check_entities(std::span<const Entity> entities, const Schema& schema);

// Malformed: an action that the schema lacks; a principal, resource or context that the action does not apply to.
vrm::Result<void> check_request(const Request& request, const Schema& schema);

}  // namespace cedar
