#pragma once
// Reads members of JSON strictly, with the place of what is wrong in the message: `$.conditions[0].body: lacks `left``.
//
// Every refusal is Malformed.

#include <initializer_list>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "vault/base/result.h"

namespace cedar {

vrm::Error wrong_at(const std::string& place, std::string_view reason);

// Malformed: no object, one that lacks a needed member, or has one that is neither needed nor optional.
vrm::Result<void> check_members(const nlohmann::json& object, const std::string& place,
                                std::initializer_list<std::string_view> needed,
                                std::initializer_list<std::string_view> optional = {});

// REQUIRES: the object has this member. Malformed: it is no text; or, for name_in, no name of an entity type.
vrm::Result<std::string> text_in(const nlohmann::json& object, std::string_view name,
                                 const std::string& place);
vrm::Result<std::string> name_in(const nlohmann::json& object, std::string_view name,
                                 const std::string& place);

}  // namespace cedar
