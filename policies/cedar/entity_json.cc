#include "policies/cedar/entity_json.h"

#include <nlohmann/json.hpp>

#include "policies/cedar/extension.h"
#include "policies/cedar/name.h"

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

vrm::Result<std::vector<Value>> values_from(const json& array) {
  std::vector<Value> values;
  values.reserve(array.size());
  for (const auto& element : array) {
    Value value = TRY(value_from_json(element));
    values.push_back(std::move(value));
  }
  return values;
}

vrm::Result<Value> extension_value(const json& escape) {
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
    Value argument = TRY(value_from_json(*one));
    arguments.push_back(std::move(argument));
  } else {
    if (!several->is_array()) return bad_entity("`args` must be a list");
    arguments = TRY(values_from(*several));
  }
  return call_extension(*function, arguments);
}

vrm::Result<Record> record_from(const json& object) {
  std::vector<Record::Member> members;
  members.reserve(object.size());
  for (const auto& [name, element] : object.items()) {
    Value value = TRY(within("`" + name + "`", value_from_json(element)));
    members.emplace_back(name, std::move(value));
  }
  return Record(std::move(members));
}

bool is_escape(const json& object) {
  return object.contains("__entity") || object.contains("__extn") || object.contains("__expr");
}

vrm::Result<Value> object_value(const json& object) {
  if (!is_escape(object)) {
    Record record = TRY(record_from(object));
    return Value(std::move(record));
  }
  if (object.size() != 1) return bad_entity("an escape must be alone in its object");
  if (const auto entity = object.find("__entity"); entity != object.end()) {
    EntityUid uid = TRY(type_and_id(*entity));
    return Value(std::move(uid));
  }
  if (const auto extension = object.find("__extn"); extension != object.end())
    return extension_value(*extension);
  return bad_entity("the `__expr` escape is no longer supported");
}

vrm::Result<Record> record_member(const json& entity, std::string_view name) {
  const json* found = TRY(vrm::need_object(entity, name));
  return within("`" + std::string(name) + "`", record_from(*found));
}

vrm::Result<Entity> entity_from(const json& json_entity) {
  const json* uid_json = TRY(vrm::need_object(json_entity, "uid"));
  EntityUid uid = TRY(within("uid", uid_from_json(*uid_json)));
  const std::string place = "entity `" + uid.to_string() + "`";
  Record attributes = TRY(within(place, record_member(json_entity, "attrs")));
  Record tags;
  if (json_entity.contains("tags")) tags = TRY(within(place, record_member(json_entity, "tags")));
  const json* parents_json = TRY(within(place, vrm::need_array(json_entity, "parents")));
  std::vector<EntityUid> parents;
  for (const auto& parent_json : *parents_json) {
    EntityUid parent = TRY(within(place + ": `parents`", uid_from_json(parent_json)));
    parents.push_back(std::move(parent));
  }
  return Entity{std::move(uid), std::move(attributes), std::move(tags), std::move(parents)};
}

}  // namespace

vrm::Result<Value> value_from_json(const json& value) {
  switch (value.type()) {
    case json::value_t::boolean:
      return Value(value.get<bool>());
    case json::value_t::number_integer:
      return Value(value.get<std::int64_t>());
    case json::value_t::string:
      return Value(value.get_ref<const std::string&>());
    case json::value_t::array: {
      std::vector<Value> elements = TRY(values_from(value));
      return Value(Set(std::move(elements)));
    }
    case json::value_t::object:
      return object_value(value);
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

vrm::Result<Record> context_from_json(const json& value) {
  if (!value.is_object() || is_escape(value)) return bad_entity("a context must be a record");
  return within("context", record_from(value));
}

vrm::Result<std::vector<Entity>> entities_from_json(const json& value) {
  if (!value.is_array()) return bad_entity("entities must be a list");
  std::vector<Entity> entities;
  entities.reserve(value.size());
  for (const auto& element : value) {
    Entity entity = TRY(entity_from(element));
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

}  // namespace cedar
