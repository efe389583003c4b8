#include "policies/cedar/schema_json.h"

#include <nlohmann/json.hpp>

#include "policies/cedar/annotation_json.h"
#include "policies/cedar/json_place.h"
#include "policies/cedar/name.h"
#include "policies/cedar/schema_parser.h"
#include "vault/base/text.h"

namespace cedar {

namespace {

using nlohmann::json;
using SchemaKind = SchemaType::Kind;

// A flag's value is "" here, where the JSON of policies has null.
void add_annotations(json& to, const std::vector<Annotation>& annotations) {
  for (const auto& each : annotations) to["annotations"][each.name] = each.value.value_or("");
}

json type_json(const SchemaType& type);

json record_json(const SchemaType& type) {
  json attributes = json::object();
  for (const auto& [name, attribute] : type.attributes) {
    json written = type_json(*attribute.type);
    if (!attribute.required) written["required"] = false;
    add_annotations(written, attribute.annotations);
    attributes[name] = std::move(written);
  }
  return {{"type", "Record"}, {"attributes", std::move(attributes)}};
}

json type_json(const SchemaType& type) {
  switch (type.kind) {
    case SchemaKind::Bool:
      return {{"type", "Boolean"}};
    case SchemaKind::Long:
      return {{"type", "Long"}};
    case SchemaKind::String:
      return {{"type", "String"}};
    case SchemaKind::Extension:
      return {{"type", "Extension"}, {"name", type.name}};
    case SchemaKind::Entity:
      return {{"type", "Entity"}, {"name", type.name}};
    case SchemaKind::Common:
      return {{"type", type.name}};
    case SchemaKind::EntityOrCommon:
      return {{"type", "EntityOrCommon"}, {"name", type.name}};
    case SchemaKind::Set:
      return {{"type", "Set"}, {"element", type_json(*type.element)}};
    case SchemaKind::Record:
      return record_json(type);
  }
  VRM_CHECK(false);
}

json common_type_json(const CommonTypeDeclaration& declared) {
  json out = type_json(*declared.type);
  add_annotations(out, declared.annotations);
  return out;
}

json entity_type_json(const EntityTypeDeclaration& declared) {
  json out = json::object();
  if (!declared.ids.empty()) out["enum"] = declared.ids;
  if (!declared.parents.empty()) out["memberOfTypes"] = declared.parents;
  if (!is_empty_record(declared.shape)) out["shape"] = type_json(*declared.shape);
  if (declared.tags != nullptr) out["tags"] = type_json(*declared.tags);
  add_annotations(out, declared.annotations);
  return out;
}

json action_json(const ActionDeclaration& declared) {
  json out = {{"appliesTo",
               {{"principalTypes", declared.principals}, {"resourceTypes", declared.resources}}}};
  if (!is_empty_record(declared.context))
    out["appliesTo"]["context"] = type_json(*declared.context);
  for (const auto& parent : declared.parents) {
    json reference = {{"id", parent.id}};
    if (parent.type) reference["type"] = *parent.type;
    out["memberOf"].push_back(std::move(reference));
  }
  add_annotations(out, declared.annotations);
  return out;
}

json namespace_json(const SchemaNamespace& each) {
  json out = {{"entityTypes", json::object()}, {"actions", json::object()}};
  for (const auto& [name, declared] : each.common_types)
    out["commonTypes"][name] = common_type_json(declared);
  for (const auto& [name, declared] : each.entity_types)
    out["entityTypes"][name] = entity_type_json(declared);
  for (const auto& [name, declared] : each.actions) out["actions"][name] = action_json(declared);
  add_annotations(out, each.annotations);
  return out;
}

// Members of an object, and where they stand.
std::string inside(const std::string& place, std::string_view name) {
  return place + "." + vrm::printable(name, 40);
}

// A name of a type as JSON may say it: also of the language's own.
bool is_type_name(std::string_view text) {
  constexpr std::string_view own = "__cedar::";
  return is_name(text.starts_with(own) ? text.substr(own.size()) : text);
}

vrm::Result<std::vector<Annotation>> annotations_in(const json& object, const std::string& place) {
  if (!object.contains("annotations")) return std::vector<Annotation>();
  return annotations_from_json(object.at("annotations"), place + ".annotations");
}

vrm::Result<std::vector<std::string>> texts_in(const json& object, const char* name,
                                               const std::string& place) {
  const json& list = object.at(name);
  if (!list.is_array()) return wrong_at(inside(place, name), "is no list");
  std::vector<std::string> texts;
  for (const auto& each : list) {
    if (!each.is_string()) return wrong_at(inside(place, name), "has what is no text");
    texts.push_back(each.get<std::string>());
  }
  return texts;
}

vrm::Result<std::vector<std::string>> type_names_in(const json& object, const char* name,
                                                    const std::string& place) {
  std::vector<std::string> names = TRY(texts_in(object, name, place));
  for (const auto& each : names)
    if (!is_type_name(each))
      return wrong_at(inside(place, name),
                      "`" + vrm::printable(each, 40) + "` is no name of an entity type");
  return names;
}

vrm::Result<const json*> object_in(const json& object, const char* name, const std::string& place) {
  const json& inner = object.at(name);
  if (!inner.is_object()) return wrong_at(inside(place, name), "is no object");
  return &inner;
}

class TypeReader {
 public:
  // A type by itself: an element, a shape, tags, a context.
  vrm::Result<SchemaTypePtr> read(const json& type, const std::string& place, int depth) {
    return read_type(type, place, depth, {});
  }

  // A type that a common name stands for: it may be annotated.
  vrm::Result<SchemaTypePtr> read_common(const json& type, const std::string& place) {
    return read_type(type, place, 0, {"annotations"});
  }

 private:
  using Others = std::initializer_list<std::string_view>;

  vrm::Result<SchemaTypePtr> read_type(const json& type, const std::string& place, int depth,
                                       Others others) {
    if (depth >= kMaxTypeNesting) return wrong_at(place, "types are nested too deeply");
    if (!type.is_object() || !type.contains("type"))
      return wrong_at(place, "a type is an object with a `type`");
    const std::string kind = TRY(text_in(type, "type", place));
    if (kind == "Set") return set(type, place, depth, others);
    if (kind == "Record") return record(type, place, depth, others);
    if (kind == "Entity") return named(SchemaKind::Entity, type, place, others);
    if (kind == "EntityOrCommon") return named(SchemaKind::EntityOrCommon, type, place, others);
    if (kind == "Extension") return named(SchemaKind::Extension, type, place, others);
    TRY(check(type, place, {}, others));
    if (kind == "Boolean") return make_schema_type({{}, SchemaKind::Bool});
    if (kind == "Long") return make_schema_type({{}, SchemaKind::Long});
    if (kind == "String") return make_schema_type({{}, SchemaKind::String});
    if (!is_type_name(kind)) return wrong_at(inside(place, "type"), "is no name of a type");
    return make_schema_type({{}, SchemaKind::Common, kind});
  }

  // Refuses members that are neither the type's own nor what may stand beside it.
  static vrm::Result<void> check(const json& type, const std::string& place, Others own,
                                 Others others) {
    for (const auto name : own)
      if (!type.contains(name)) return wrong_at(place, "lacks `" + std::string(name) + "`");
    for (auto member = type.begin(); member != type.end(); ++member) {
      const std::string& name = member.key();
      const auto is = [&name](std::string_view each) { return each == name; };
      if (name != "type" && std::none_of(own.begin(), own.end(), is) &&
          std::none_of(others.begin(), others.end(), is))
        return wrong_at(place, "has an unknown member `" + vrm::printable(name, 40) + "`");
    }
    return {};
  }

  vrm::Result<SchemaTypePtr> named(SchemaKind kind, const json& type, const std::string& place,
                                   Others others) {
    TRY(check(type, place, {"name"}, others));
    std::string name = TRY(text_in(type, "name", place));
    if (!is_type_name(name)) return wrong_at(inside(place, "name"), "is no name of a type");
    return make_schema_type({{}, kind, std::move(name)});
  }

  vrm::Result<SchemaTypePtr> set(const json& type, const std::string& place, int depth,
                                 Others others) {
    TRY(check(type, place, {"element"}, others));
    SchemaTypePtr element = TRY(read(type.at("element"), inside(place, "element"), depth + 1));
    return make_schema_type({{}, SchemaKind::Set, "", std::move(element)});
  }

  vrm::Result<SchemaTypePtr> record(const json& type, const std::string& place, int depth,
                                    Others others) {
    TRY(check_record(type, place, others));
    SchemaType made{{}, SchemaKind::Record};
    const json* attributes = TRY(object_in(type, "attributes", place));
    for (const auto& [name, each] : attributes->items()) {
      SchemaAttribute attribute = TRY(read_attribute(each, inside(place, name), depth + 1));
      made.attributes.insert_or_assign(name, std::move(attribute));
    }
    return make_schema_type(std::move(made));
  }

  // Records that may have more attributes than they say are no part of the language.
  static vrm::Result<void> check_record(const json& type, const std::string& place, Others others) {
    json known = type;
    if (known.contains("additionalAttributes")) {
      if (known.at("additionalAttributes") != false)
        return wrong_at(inside(place, "additionalAttributes"), "can only be false");
      known.erase("additionalAttributes");
    }
    return check(known, place, {"attributes"}, others);
  }

  vrm::Result<SchemaAttribute> read_attribute(const json& attribute, const std::string& place,
                                              int depth) {
    SchemaAttribute out{};
    out.type = TRY(read_type(attribute, place, depth, {"required", "annotations"}));
    out.annotations = TRY(annotations_in(attribute, place));
    if (!attribute.contains("required")) return out;
    if (!attribute.at("required").is_boolean())
      return wrong_at(inside(place, "required"), "is neither true nor false");
    out.required = attribute.at("required").get<bool>();
    return out;
  }
};

vrm::Result<EntityTypeDeclaration> entity_type_from(const json& entity, const std::string& place) {
  EntityTypeDeclaration declared{};
  if (entity.is_object() && entity.contains("enum")) {
    TRY(check_members(entity, place, {"enum"}, {"annotations"}));
    declared.ids = TRY(texts_in(entity, "enum", place));
    if (declared.ids.empty()) return wrong_at(inside(place, "enum"), "is empty");
  } else {
    TRY(check_members(entity, place, {}, {"memberOfTypes", "shape", "tags", "annotations"}));
    if (entity.contains("memberOfTypes"))
      declared.parents = TRY(type_names_in(entity, "memberOfTypes", place));
    if (entity.contains("shape"))
      declared.shape = TRY(TypeReader().read(entity.at("shape"), inside(place, "shape"), 0));
    if (entity.contains("tags"))
      declared.tags = TRY(TypeReader().read(entity.at("tags"), inside(place, "tags"), 0));
  }
  declared.annotations = TRY(annotations_in(entity, place));
  return declared;
}

vrm::Result<ActionReference> action_reference_from(const json& reference,
                                                   const std::string& place) {
  TRY(check_members(reference, place, {"id"}, {"type"}));
  ActionReference out{};
  out.id = TRY(text_in(reference, "id", place));
  if (!reference.contains("type") || reference.at("type").is_null()) return out;
  out.type = TRY(name_in(reference, "type", place));
  return out;
}

vrm::Result<void> applies_to_from(const json& applies_to, const std::string& place,
                                  ActionDeclaration& declared) {
  TRY(check_members(applies_to, place, {"principalTypes", "resourceTypes"}, {"context"}));
  declared.principals = TRY(type_names_in(applies_to, "principalTypes", place));
  declared.resources = TRY(type_names_in(applies_to, "resourceTypes", place));
  if (applies_to.contains("context"))
    declared.context =
        TRY(TypeReader().read(applies_to.at("context"), inside(place, "context"), 0));
  return {};
}

vrm::Result<ActionDeclaration> action_from(const json& action, const std::string& place) {
  TRY(check_members(action, place, {}, {"memberOf", "appliesTo", "attributes", "annotations"}));
  ActionDeclaration declared{};
  const auto is_there = [&action](const char* name) {
    return action.contains(name) && !action.at(name).is_null();
  };
  if (is_there("attributes"))
    return wrong_at(inside(place, "attributes"), "actions have no attributes");
  if (is_there("memberOf")) {
    if (!action.at("memberOf").is_array()) return wrong_at(inside(place, "memberOf"), "is no list");
    for (const auto& each : action.at("memberOf")) {
      ActionReference parent = TRY(action_reference_from(each, inside(place, "memberOf")));
      declared.parents.push_back(std::move(parent));
    }
  }
  if (is_there("appliesTo"))
    TRY(applies_to_from(action.at("appliesTo"), inside(place, "appliesTo"), declared));
  declared.annotations = TRY(annotations_in(action, place));
  return declared;
}

// A declaration that cannot be made here says where it stands, which JSON has no line for.
vrm::Result<void> placed(const vrm::Result<void>& declared, const std::string& place) {
  if (declared.ok()) return {};
  return wrong_at(place, declared.error().message);
}

vrm::Result<void> check_identifier(const std::string& name, const std::string& place) {
  if (is_identifier(name)) return {};
  return wrong_at(place, "`" + vrm::printable(name, 40) + "` is no identifier");
}

vrm::Result<SchemaNamespace> namespace_from(const json& from, const std::string& name) {
  const std::string place = "namespace `" + vrm::printable(name, 40) + "`";
  TRY(check_members(from, place, {"entityTypes", "actions"}, {"commonTypes", "annotations"}));
  SchemaNamespace made;
  made.annotations = TRY(annotations_in(from, place));
  if (name.empty() && from.contains("annotations") && !made.annotations.empty())
    return wrong_at(place, "only a namespace with a name has annotations");
  if (from.contains("commonTypes")) {
    const json* types = TRY(object_in(from, "commonTypes", place));
    for (const auto& [type, each] : types->items()) {
      const std::string here = inside(place, type);
      TRY(check_identifier(type, here));
      SchemaTypePtr aliased = TRY(TypeReader().read_common(each, here));
      std::vector<Annotation> annotations = TRY(annotations_in(each, here));
      CommonTypeDeclaration declared{{}, std::move(annotations), std::move(aliased)};
      TRY(placed(made.declare(type, std::move(declared)), here));
    }
  }
  const json* entities = TRY(object_in(from, "entityTypes", place));
  for (const auto& [type, each] : entities->items()) {
    const std::string here = inside(place, type);
    TRY(check_identifier(type, here));
    EntityTypeDeclaration declared = TRY(entity_type_from(each, here));
    TRY(placed(made.declare(type, std::move(declared)), here));
  }
  const json* actions = TRY(object_in(from, "actions", place));
  for (const auto& [action, each] : actions->items()) {
    const std::string here = inside(place, action);
    ActionDeclaration declared = TRY(action_from(each, here));
    TRY(placed(made.declare(action, std::move(declared)), here));
  }
  return made;
}

}  // namespace

json schema_to_json(const SchemaFragment& schema) {
  json out = json::object();
  for (const auto& [name, each] : schema.namespaces) out[name] = namespace_json(each);
  return out;
}

vrm::Result<SchemaFragment> schema_from_json(const json& schema) {
  if (!schema.is_object()) return wrong_at("schema", "is no object");
  SchemaFragment fragment;
  for (const auto& [name, each] : schema.items()) {
    if (!name.empty() && !is_name(name))
      return wrong_at("schema", "`" + vrm::printable(name, 40) + "` is no name of a namespace");
    SchemaNamespace made = TRY(namespace_from(each, name));
    fragment.namespaces.emplace(name, std::move(made));
  }
  return fragment;
}

vrm::Result<SchemaFragment> read_schema_json(std::string_view text) {
  const json schema = TRY(vrm::read_json(text, kSchemaJsonLimits));
  return schema_from_json(schema);
}

}  // namespace cedar
