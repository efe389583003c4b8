#include "policies/cedar/conformance.h"

#include <algorithm>
#include <set>

#include "policies/cedar/finding.h"
#include "policies/cedar/name.h"
#include "vault/base/text.h"

namespace cedar {

namespace {

vrm::Error unfit(const std::string& place, const std::string& reason) {
  return vrm::Error{vrm::ErrorCode::Malformed, place + ": " + reason};
}

std::string quoted(const std::string& name) {
  return "`" + vrm::printable(name, 80) + "`";
}

std::string quoted(const EntityUid& uid) {
  return quoted(uid.to_string());
}

vrm::Result<void> check_enum(const EntityUid& uid, const Schema& schema, const std::string& place) {
  const auto* type = schema.find_entity_type(uid.type());
  if (type == nullptr || type->ids.empty() ||
      std::find(type->ids.begin(), type->ids.end(), uid.id()) != type->ids.end())
    return {};
  return unfit(place, quoted(uid) + " is none of the entities of this enum" +
                          did_you_mean(uid.id(), type->ids));
}

// A value without parts, or an entity.
bool is_of(const Value& value, const Type& type) {
  switch (type.kind) {
    case Type::Kind::Bool:
      return value.get<bool>() != nullptr;
    case Type::Kind::Long:
      return value.get<std::int64_t>() != nullptr;
    case Type::Kind::String:
      return value.get<std::string>() != nullptr;
    case Type::Kind::Extension:
      return value.type_name() == type.name;
    case Type::Kind::Entity: {
      const auto* uid = value.get<EntityUid>();
      return uid != nullptr && uid->type() == type.name;
    }
    case Type::Kind::True:
    case Type::Kind::False:
    case Type::Kind::Set:
    case Type::Kind::Record:
      break;
  }
  return false;
}

// NOLINTNEXTLINE(misc-no-recursion): a type is at most kMaxTypeDepth deep.
vrm::Result<void> check_record(const Record& record, const Type& type, const Schema& schema,
                               const std::string& place) {
  std::vector<std::string> names;
  for (const auto& [name, attribute] : type.attributes) {
    names.push_back(name);
    const Value* value = record.find(name);
    if (value == nullptr && attribute.required)
      return unfit(place, "the attribute " + quoted(name) + " is missing");
    if (value != nullptr)
      TRY(check_value(*value, *attribute.type, schema, place + "." + vrm::printable(name, 40)));
  }
  for (const auto& [name, value] : record)
    if (!type.attributes.contains(name))
      return unfit(place, "the attribute " + quoted(name) + " is not in the schema" +
                              did_you_mean(name, names));
  return {};
}

vrm::Result<void> check_known_type(const EntityUid& uid, const Schema& schema,
                                   const std::string& place) {
  if (schema.find_entity_type(uid.type()) != nullptr) return check_enum(uid, schema, place);
  std::vector<std::string> names;
  for (const auto& [name, type] : schema.entity_types()) names.push_back(name);
  return unfit(place, "the schema declares no entity type " + quoted(uid.type()) +
                          did_you_mean(uid.type(), names));
}

vrm::Error unknown_action(const EntityUid& uid, const Schema& schema, const std::string& place) {
  std::vector<std::string> ids;
  for (const auto& [declared, action] : schema.actions()) ids.push_back(declared.id());
  return unfit(place, "the schema declares no action " + quoted(uid) + did_you_mean(uid.id(), ids));
}

// An action is what the schema says, or a part of it that comes to the same: its parents may be any that lead to all.
vrm::Result<void> check_action(const Entity& entity, const Schema& schema,
                               const std::string& place) {
  const ActionType* action = schema.find_action(entity.uid);
  if (action == nullptr) return unknown_action(entity.uid, schema, place);
  if (entity.attributes.size() != 0 || entity.tags.size() != 0)
    return unfit(place, "an action has neither attributes nor tags");
  std::set<EntityUid> ancestors(entity.parents.begin(), entity.parents.end());
  for (const auto& parent : entity.parents)
    if (const ActionType* above = schema.find_action(parent))
      ancestors.insert(above->ancestors.begin(), above->ancestors.end());
  if (std::equal(ancestors.begin(), ancestors.end(), action->ancestors.begin(),
                 action->ancestors.end()))
    return {};
  return unfit(place, "the schema says otherwise what this action is in");
}

}  // namespace

// NOLINTNEXTLINE(misc-no-recursion): a type is at most kMaxTypeDepth deep.
vrm::Result<void> check_value(const Value& value, const Type& type, const Schema& schema,
                              const std::string& place) {
  const auto* set = value.get<Set>();
  const auto* record = value.get<Record>();
  if (set != nullptr && type.kind == Type::Kind::Set) {
    for (const Value& element : *set)
      TRY(check_value(element, *type.element, schema, place + ": an element"));
    return {};
  }
  if (record != nullptr && type.kind == Type::Kind::Record)
    return check_record(*record, type, schema, place);
  if (!is_of(value, type))
    return unfit(place, "expected " + to_string(type) + ", got " + value.type_name());
  const auto* uid = value.get<EntityUid>();
  if (uid == nullptr) return {};
  if (is_action_type(uid->type()) && schema.find_action(*uid) == nullptr)
    return unknown_action(*uid, schema, place);
  return check_enum(*uid, schema, place);
}

vrm::Result<void> check_entity(const Entity& entity, const Schema& schema) {
  const std::string place = "entity " + quoted(entity.uid);
  if (is_action_type(entity.uid.type())) return check_action(entity, schema, place);
  TRY(check_known_type(entity.uid, schema, place));
  const EntityType& type = *schema.find_entity_type(entity.uid.type());
  TRY(check_record(entity.attributes, *type.shape, schema, place));
  if (entity.tags.size() != 0 && type.tags == nullptr)
    return unfit(place, "entities of this type have no tags");
  for (const auto& [name, value] : entity.tags)
    TRY(check_value(value, *type.tags, schema, place + ": the tag " + quoted(name)));
  for (const auto& parent : entity.parents) {
    if (!type.ancestors.contains(parent.type()))
      return unfit(place, "no entity of this type is in one of type " + quoted(parent.type()));
    TRY(check_enum(parent, schema, place));
  }
  return {};
}

vrm::Result<void> check_entities(std::span<const Entity> entities, const Schema& schema) {
  for (const auto& entity : entities) TRY(check_entity(entity, schema));
  return {};
}

vrm::Result<void> check_request(const Request& request, const Schema& schema) {
  const ActionType* action = schema.find_action(request.action);
  TRY(check_known_type(request.principal, schema, "principal"));
  TRY(check_known_type(request.resource, schema, "resource"));
  if (action == nullptr) return unknown_action(request.action, schema, "action");
  if (!action->principals.contains(request.principal.type()))
    return unfit("principal", "the action " + quoted(request.action) +
                                  " does not apply to one of type " +
                                  quoted(request.principal.type()));
  if (!action->resources.contains(request.resource.type()))
    return unfit("resource", "the action " + quoted(request.action) +
                                 " does not apply to one of type " +
                                 quoted(request.resource.type()));
  return check_record(request.context, *action->context, schema, "context");
}

}  // namespace cedar
