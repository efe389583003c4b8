#include "tests/cedar_random/second/value.h"

#include <nlohmann/json.hpp>

#include "tests/cedar_random/second/extensions.h"

namespace cedar_second {

using nlohmann::json;

Value of_bool(bool truth) {
  Value value;
  value.truth = truth;
  return value;
}

Value of_number(Kind kind, std::int64_t number) {
  Value value;
  value.kind = kind;
  value.number = number;
  return value;
}

Value of_text(std::string text) {
  Value value;
  value.kind = Kind::String;
  value.text = std::move(text);
  return value;
}

Value of_uid(Uid uid) {
  Value value;
  value.kind = Kind::Entity;
  value.uid = std::move(uid);
  return value;
}

Value of_set(std::vector<Value> elements) {
  Value value;
  value.kind = Kind::Set;
  value.set_elements = std::make_shared<const std::vector<Value>>(std::move(elements));
  return value;
}

Value of_record(std::map<std::string, Value> members) {
  Value value;
  value.kind = Kind::Record;
  value.record_members = std::make_shared<const std::map<std::string, Value>>(std::move(members));
  return value;
}

bool contains(const Value& set, const Value& element) {
  for (const auto& each : set.elements())
    if (equal(each, element)) return true;
  return false;
}

bool equal(const Value& a, const Value& b) {
  if (a.kind != b.kind) return false;
  if (a.kind == Kind::Set) {
    for (const auto& each : a.elements())
      if (!contains(b, each)) return false;
    for (const auto& each : b.elements())
      if (!contains(a, each)) return false;
    return true;
  }
  if (a.kind == Kind::Record) {
    if (a.members().size() != b.members().size()) return false;
    for (const auto& [name, value] : a.members()) {
      const auto other = b.members().find(name);
      if (other == b.members().end() || !equal(value, other->second)) return false;
    }
    return true;
  }
  return a.truth == b.truth && a.number == b.number && a.text == b.text && a.uid == b.uid &&
         a.ip == b.ip;
}

Uid read_uid(const json& uid) {
  if (uid.contains("__entity")) return read_uid(uid.at("__entity"));
  return {uid.at("type").get<std::string>(), uid.at("id").get<std::string>()};
}

Value read_value(const json& value) {
  if (value.is_boolean()) return of_bool(value.get<bool>());
  if (value.is_number_integer()) return of_number(Kind::Long, value.get<std::int64_t>());
  if (value.is_string()) return of_text(value.get<std::string>());
  if (value.is_array()) {
    std::vector<Value> elements;
    for (const auto& each : value) elements.push_back(read_value(each));
    return of_set(std::move(elements));
  }
  if (value.contains("__entity")) return of_uid(read_uid(value));
  if (value.contains("__extn")) {
    const auto& call = value.at("__extn");
    std::vector<Value> arguments;
    if (call.contains("arg")) arguments.push_back(read_value(call.at("arg")));
    if (call.contains("args"))
      for (const auto& each : call.at("args")) arguments.push_back(read_value(each));
    return call_extension(call.at("fn").get<std::string>(), arguments);
  }
  std::map<std::string, Value> members;
  for (const auto& [name, each] : value.items()) members[name] = read_value(each);
  return of_record(std::move(members));
}

}  // namespace cedar_second
