#pragma once
// Annotations in the JSON forms of policies and schemas: {"doc": "x", "flag": null}.

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "policies/cedar/policy.h"
#include "vault/base/result.h"

namespace cedar {

// Malformed: no object, a name that is no word, or a value that is neither a text nor null. `place` begins the message.
vrm::Result<std::vector<Annotation>> annotations_from_json(const nlohmann::json& object,
                                                           const std::string& place);

}  // namespace cedar
