#pragma once
// Text to a schema.
//
//   namespace Shop {
//     @doc("who buys")
//     entity Customer in [Group] { name: String, born?: datetime } tags Set<String>;
//     entity Group;
//     entity Channel enum ["shop", "phone"];
//     type Place = { country: String, region?: String };
//     action read in "all" appliesTo { principal: Customer, resource: [Group], context: { at: Place } };
//     action "all";
//   }
//
// Malformed is the one refusal: the message names line and column and what is wrong there. Names are not looked up here.
// Source: docs.cedarpolicy.com/schema/human-readable-schema-grammar.html, and the answers of the reference.

#include <string_view>

#include "policies/cedar/schema_fragment.h"
#include "vault/base/result.h"

namespace cedar {

// Types inside one another.
inline constexpr int kMaxTypeNesting = 200;

vrm::Result<SchemaFragment> parse_schema(std::string_view text);

}  // namespace cedar
