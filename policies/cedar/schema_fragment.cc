#include "policies/cedar/schema_fragment.h"

#include <algorithm>
#include <array>

#include "policies/cedar/name.h"
#include "vault/base/text.h"

namespace cedar {

namespace {

// What no common type may be called: the language's own types, and the words of their JSON form.
constexpr std::array<std::string_view, 8> kReservedTypes{"Bool", "Boolean", "Entity", "Extension",
                                                         "Long", "Record",  "Set",    "String"};

vrm::Error undeclarable(const std::string& reason) {
  return vrm::Error{vrm::ErrorCode::Malformed, reason};
}

template <typename Declaration>
vrm::Result<void> add(std::map<std::string, Declaration>& to, const std::string& name,
                      Declaration declared) {
  if (to.emplace(name, std::move(declared)).second) return {};
  return undeclarable("`" + vrm::printable(name, 40) + "` is declared twice");
}

}  // namespace

vrm::Result<void> SchemaNamespace::declare(const std::string& name,
                                           CommonTypeDeclaration declared) {
  if (std::find(kReservedTypes.begin(), kReservedTypes.end(), name) != kReservedTypes.end())
    return undeclarable("no common type may be called `" + name +
                        "`, which is a word of the schema language");
  return add(common_types, name, std::move(declared));
}

vrm::Result<void> SchemaNamespace::declare(const std::string& name,
                                           EntityTypeDeclaration declared) {
  if (is_action_type(name))
    return undeclarable("no entity type may be called `Action`, which is the type of actions");
  return add(entity_types, name, std::move(declared));
}

vrm::Result<void> SchemaNamespace::declare(const std::string& name, ActionDeclaration declared) {
  return add(actions, name, std::move(declared));
}

SchemaTypePtr make_schema_type(SchemaType type) {
  return std::make_shared<const SchemaType>(std::move(type));
}

bool is_empty_record(const SchemaTypePtr& type) {
  return type == nullptr || (type->kind == SchemaType::Kind::Record && type->attributes.empty());
}

}  // namespace cedar
