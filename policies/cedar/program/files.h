#pragma once
// The files that the program is given. `-` is the standard input; a name that ends in .json is JSON, any other is text.
//
// Each refusal begins with the file's name. NotFound: there is no such file, or it cannot be read. Malformed: it is longer than
// kMaxFileBytes, or not of its form.

#include <string>
#include <string_view>
#include <vector>

#include "policies/cedar/entities.h"
#include "policies/cedar/policy_set.h"
#include "policies/cedar/schema.h"
#include "policies/cedar/schema_fragment.h"
#include "vault/base/result.h"

namespace cedar::program {

inline constexpr std::size_t kMaxFileBytes = 64U * 1024 * 1024;

bool is_json_name(std::string_view path);

vrm::Result<std::string> read_text(const std::string& path);

// A text of policies, one policy in JSON (then called policy0), or a set of them.
vrm::Result<PolicySet> load_policies(const std::string& path);
vrm::Result<SchemaFragment> load_fragment(const std::string& path);
vrm::Result<Schema> load_schema(const std::string& path);
// With a schema they are read and checked as it says, and its actions are there too. `schema` may be null.
vrm::Result<std::vector<Entity>> load_entities(const std::string& path, const Schema* schema);
vrm::Result<Record> load_context(const std::string& path, const Type* type);

}  // namespace cedar::program
