#include "policies/cedar/entity_json.h"

#include <array>
#include <nlohmann/json.hpp>
#include <optional>

#include "policies/cedar/extension.h"
#include "policies/cedar/name.h"
#include "vault/base/check.h"

namespace cedar {

namespace {

using nlohmann::json;

vrm::Error bad_entity(std::string message) {
  return vrm::Error{vrm::ErrorCode::Malformed, std::move(message)};
}

// Puts the place in front of what went wrong there.
template <typename T>
vrm::Result<T> within(const std::string& place, vrm::Result<T> result) {
  if (result.ok()) return result;
  return bad_entity(place + ": " + result.error().message);
}

vrm::Result<EntityUid> type_and_id(const json& value) {
  if (!value.is_object()) return bad_entity("an entity needs `type` and `id`");
  std::string type = TRY(vrm::need_string(value, "type"));
  std::string id = TRY(vrm::need_string(value, "id"));
  if (!is_name(type)) return bad_entity("`" + type + "` is not the name of an entity type");
  return EntityUid(std::move(type), std::move(id));
}

vrm::Result<std::vector<Value>> values_from(const json& array, const Type* type = nullptr) {
  std::vector<Value> values;
  values.reserve(array.size());
  for (const auto& element : array) {
    Value value = TRY(value_from_json(element, type));
    values.push_back(std::move(value));
  }
  return values;
}

// With a schema, what a function takes may be as bare as any value.
vrm::Result<Value> argument_value(const json& argument, Extension function, std::size_t position,
                                  bool bare) {
  const auto& takes = describe(function).takes;
  if (!bare || position >= takes.size()) return value_from_json(argument);
  return value_from_json(argument, own_type(takes[position]).get());
}

vrm::Result<Value> extension_value(const json& escape, bool bare) {
  if (!escape.is_object()) return bad_entity("`__extn` needs `fn` and `arg`");
  const std::string name = TRY(vrm::need_string(escape, "fn"));
  const auto function = find_extension(name);
  if (!function || *function == Extension::Unknown)
    return bad_entity("extension function `" + name + "` does not exist");
  const auto one = escape.find("arg");
  const auto several = escape.find("args");
  if ((one == escape.end()) == (several == escape.end()))
    return bad_entity("`__extn` needs one of `arg` and `args`");
  std::vector<Value> arguments;
  if (several == escape.end()) {
    Value argument = TRY(argument_value(*one, *function, 0, bare));
    arguments.push_back(std::move(argument));
  } else {
    if (!several->is_array()) return bad_entity("`args` must be a list");
    for (const auto& each : *several) {
      Value argument = TRY(argument_value(each, *function, arguments.size(), bare));
      arguments.push_back(std::move(argument));
    }
  }
  return call_extension(*function, arguments);
}

// Null: the schema does not say.
const Type* type_of_member(const Type* record, const std::string& name) {
  if (record == nullptr || record->kind != Type::Kind::Record) return nullptr;
  const auto found = record->attributes.find(name);
  return found == record->attributes.end() ? nullptr : found->second.type.get();
}

// `tags` is the type of each member where they are tags.
vrm::Result<Record> record_from(const json& object, const Type* type, const Type* tags = nullptr) {
  std::vector<Record::Member> members;
  members.reserve(object.size());
  for (const auto& [name, element] : object.items()) {
    const Type* expected = tags == nullptr ? type_of_member(type, name) : tags;
    Value value = TRY(within("`" + name + "`", value_from_json(element, expected)));
    members.emplace_back(name, std::move(value));
  }
  return Record(std::move(members));
}

bool is_escape(const json& object) {
  return object.contains("__entity") || object.contains("__extn") || object.contains("__expr");
}

vrm::Result<Value> object_value(const json& object, const Type* type) {
  if (!is_escape(object)) {
    Record record = TRY(record_from(object, type));
    return Value(std::move(record));
  }
  if (object.size() != 1) return bad_entity("an escape must be alone in its object");
  if (const auto entity = object.find("__entity"); entity != object.end()) {
    EntityUid uid = TRY(type_and_id(*entity));
    return Value(std::move(uid));
  }
  if (const auto extension = object.find("__extn"); extension != object.end())
    return extension_value(*extension, type != nullptr);
  return bad_entity("the `__expr` escape is no longer supported");
}

// What the schema says is an entity or an extension value, written without an escape. Nothing: it is written otherwise.
std::optional<vrm::Result<Value>> bare_value(const json& value, const Type& type) {
  if (value.is_object() && is_escape(value)) return std::nullopt;
  if (type.kind == Type::Kind::Entity) {
    vrm::Result<EntityUid> uid = type_and_id(value);
    if (!uid.ok()) return uid.error();
    return Value(std::move(uid).value());
  }
  if (type.kind != Type::Kind::Extension) return std::nullopt;
  if (value.is_object()) return extension_value(value, true);
  vrm::Result<Value> argument = value_from_json(value);
  if (!argument.ok()) return argument;
  const auto constructor = find_extension(type.name == "ipaddr" ? "ip" : type.name);
  VRM_CHECK(constructor.has_value());  // of each extension type
  return call_extension(*constructor, std::array{std::move(argument).value()});
}

vrm::Result<Record> record_member(const json& entity, std::string_view name, const Type* type,
                                  const Type* tags = nullptr) {
  const json* found = TRY(vrm::need_object(entity, name));
  return within("`" + std::string(name) + "`", record_from(*found, type, tags));
}

vrm::Result<Entity> entity_from(const json& json_entity, const Schema* schema) {
  const json* uid_json = TRY(vrm::need_object(json_entity, "uid"));
  EntityUid uid = TRY(within("uid", uid_from_json(*uid_json)));
  const EntityType* type = schema == nullptr ? nullptr : schema->find_entity_type(uid.type());
  const Type* shape = type == nullptr ? nullptr : type->shape.get();
  const Type* tag_type = type == nullptr ? nullptr : type->tags.get();
  const std::string place = "entity `" + uid.to_string() + "`";
  Record attributes = TRY(within(place, record_member(json_entity, "attrs", shape)));
  Record tags;
  if (json_entity.contains("tags"))
    tags = TRY(within(place, record_member(json_entity, "tags", nullptr, tag_type)));
  const json* parents_json = TRY(within(place, vrm::need_array(json_entity, "parents")));
  std::vector<EntityUid> parents;
  for (const auto& parent_json : *parents_json) {
    EntityUid parent = TRY(within(place + ": `parents`", uid_from_json(parent_json)));
    parents.push_back(std::move(parent));
  }
  return Entity{std::move(uid), std::move(attributes), std::move(tags), std::move(parents)};
}

json uid_json(const EntityUid& uid) {
  return {{"type", uid.type()}, {"id", uid.id()}};
}

json constructed(const char* function, std::string argument) {
  return {{"__extn", {{"fn", function}, {"arg", std::move(argument)}}}};
}

json record_json(const Record& record) {
  json members = json::object();
  for (const auto& [name, value] : record) members[name] = value_to_json(value);
  return members;
}

struct ValueWriter {
  json operator()(bool value) const { return value; }
  json operator()(std::int64_t value) const { return value; }
  json operator()(const std::string& value) const { return value; }
  json operator()(const EntityUid& value) const { return {{"__entity", uid_json(value)}}; }
  json operator()(const Set& value) const {
    json elements = json::array();
    for (const Value& element : value) elements.push_back(value_to_json(element));
    return elements;
  }
  json operator()(const Record& value) const { return record_json(value); }
  json operator()(Decimal value) const { return constructed("decimal", value.to_string()); }
  json operator()(const IpAddress& value) const { return constructed("ip", value.to_string()); }
  json operator()(Duration value) const {
    return constructed("duration", std::to_string(value.ms) + "ms");
  }
  // Not every moment has a text that datetime() takes.
  json operator()(Datetime value) const {
    json arguments = json::array();
    arguments.push_back(constructed("datetime", "1970-01-01"));
    arguments.push_back((*this)(Duration{value.ms}));
    return {{"__extn", {{"fn", "offset"}, {"args", std::move(arguments)}}}};
  }
};

}  // namespace

vrm::Result<Value> value_from_json(const json& value, const Type* type) {
  if (type != nullptr)
    if (auto bare = bare_value(value, *type)) return std::move(*bare);
  switch (value.type()) {
    case json::value_t::boolean:
      return Value(value.get<bool>());
    case json::value_t::number_integer:
      return Value(value.get<std::int64_t>());
    case json::value_t::string:
      return Value(value.get_ref<const std::string&>());
    case json::value_t::array: {
      const bool known = type != nullptr && type->kind == Type::Kind::Set;
      std::vector<Value> elements = TRY(values_from(value, known ? type->element.get() : nullptr));
      return Value(Set(std::move(elements)));
    }
    case json::value_t::object:
      return object_value(value, type);
    case json::value_t::number_unsigned: {
      const auto number = value.get<std::uint64_t>();
      if (number > static_cast<std::uint64_t>(INT64_MAX)) break;
      return Value(static_cast<std::int64_t>(number));
    }
    case json::value_t::null:
      return bad_entity("found a `null`; JSON `null`s are not allowed in Cedar");
    case json::value_t::number_float:
    case json::value_t::binary:
    case json::value_t::discarded:
      break;
  }
  return bad_entity("a number that is no 64-bit integer");
}

vrm::Result<EntityUid> uid_from_json(const json& value) {
  if (value.is_object() && value.size() == 1 && value.contains("__entity"))
    return type_and_id(value.at("__entity"));
  return type_and_id(value);
}

vrm::Result<Record> context_from_json(const json& value, const Type* type) {
  if (!value.is_object() || is_escape(value)) return bad_entity("a context must be a record");
  return within("context", record_from(value, type));
}

vrm::Result<std::vector<Entity>> entities_from_json(const json& value, const Schema* schema) {
  if (!value.is_array()) return bad_entity("entities must be a list");
  std::vector<Entity> entities;
  entities.reserve(value.size());
  for (const auto& element : value) {
    Entity entity = TRY(entity_from(element, schema));
    entities.push_back(std::move(entity));
  }
  return entities;
}

vrm::Result<Record> read_context(std::string_view text, vrm::JsonLimits limits) {
  const json value = TRY(vrm::read_json(text, limits));
  return context_from_json(value);
}

vrm::Result<std::vector<Entity>> read_entities(std::string_view text, vrm::JsonLimits limits) {
  const json value = TRY(vrm::read_json(text, limits));
  return entities_from_json(value);
}

json value_to_json(const Value& value) {
  return std::visit(ValueWriter(), value.variant());
}

json entities_to_json(std::span<const Entity> entities) {
  json out = json::array();
  for (const auto& entity : entities) {
    json parents = json::array();
    for (const auto& parent : entity.parents) parents.push_back(uid_json(parent));
    json written = {{"uid", uid_json(entity.uid)},
                    {"attrs", record_json(entity.attributes)},
                    {"parents", std::move(parents)}};
    if (entity.tags.size() != 0) written["tags"] = record_json(entity.tags);
    out.push_back(std::move(written));
  }
  return out;
}

}  // namespace cedar
