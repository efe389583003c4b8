#include "policies/cedar/json_place.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "policies/cedar/name.h"
#include "vault/base/text.h"

namespace cedar {

using nlohmann::json;

vrm::Error wrong_at(const std::string& place, std::string_view reason) {
  return vrm::Error{vrm::ErrorCode::Malformed, place + ": " + std::string(reason)};
}

vrm::Result<void> check_members(const json& object, const std::string& place,
                                std::initializer_list<std::string_view> needed,
                                std::initializer_list<std::string_view> optional) {
  if (!object.is_object()) return wrong_at(place, "is no object");
  for (const auto name : needed)
    if (!object.contains(name)) return wrong_at(place, "lacks `" + std::string(name) + "`");
  for (auto member = object.begin(); member != object.end(); ++member) {
    const std::string& name = member.key();
    const auto is = [&name](std::string_view each) { return each == name; };
    if (std::none_of(needed.begin(), needed.end(), is) &&
        std::none_of(optional.begin(), optional.end(), is))
      return wrong_at(place, "has an unknown member `" + vrm::printable(name, 40) + "`");
  }
  return {};
}

vrm::Result<std::string> text_in(const json& object, std::string_view name,
                                 const std::string& place) {
  const auto& value = object.at(std::string(name));
  if (!value.is_string()) return wrong_at(place + "." + std::string(name), "is no text");
  return value.get<std::string>();
}

vrm::Result<std::string> name_in(const json& object, std::string_view name,
                                 const std::string& place) {
  std::string text = TRY(text_in(object, name, place));
  if (!is_name(text))
    return wrong_at(place + "." + std::string(name), "is no name of an entity type");
  return text;
}

}  // namespace cedar
