#pragma once
// A schema as text, laid out as people like to read it.
//
// What is written here reads back as the same schema, but for comments, and that a type written as an entity or as a common type
// is then looked up as either.

#include <string>

#include "policies/cedar/schema_fragment.h"
#include "vault/base/result.h"

namespace cedar {

// Malformed: what only JSON can say: a name that is an entity type and a common type; a shape that is no record; a context that
// is neither a record nor a name.
vrm::Result<std::string> schema_text(const SchemaFragment& schema);

}  // namespace cedar
