#include "policies/cedar/annotation_json.h"

#include <nlohmann/json.hpp>

#include "policies/cedar/json_place.h"
#include "policies/cedar/name.h"
#include "vault/base/text.h"

namespace cedar {

using nlohmann::json;

namespace {

// Any word may name an annotation, also a reserved one.
bool is_annotation_name(std::string_view name) {
  return is_identifier(name) || is_reserved(name);
}

}  // namespace

vrm::Result<std::vector<Annotation>> annotations_from_json(const json& object,
                                                           const std::string& place) {
  if (!object.is_object()) return wrong_at(place, "is no object");
  std::vector<Annotation> annotations;
  for (const auto& [name, value] : object.items()) {
    if (!is_annotation_name(name))
      return wrong_at(place, "`" + vrm::printable(name, 40) + "` is no word");
    if (!value.is_null() && !value.is_string())
      return wrong_at(place + "." + name, "is neither a text nor null");
    annotations.push_back({{}, name, {}});
    if (value.is_string()) annotations.back().value = value.get<std::string>();
  }
  return annotations;
}

}  // namespace cedar
