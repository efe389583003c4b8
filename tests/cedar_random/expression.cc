#include "tests/cedar_random/expression.h"

#include "tests/cedar_random/words.h"

namespace cedar_random {

using nlohmann::json;

namespace {

json node(const std::string& name, json inner) {
  json out = json::object();
  out[name] = std::move(inner);
  return out;
}

json unary(const std::string& name, json operand) {
  return node(name, node("arg", std::move(operand)));
}

json pair(const std::string& name, json left, json right) {
  json inner = node("left", std::move(left));
  inner["right"] = std::move(right);
  return node(name, std::move(inner));
}

json attribute(const std::string& name, json object, json attr) {
  json inner = node("left", std::move(object));
  inner["attr"] = std::move(attr);
  return node(name, std::move(inner));
}

json choice(json condition, json then, json otherwise) {
  json inner = node("if", std::move(condition));
  inner["then"] = std::move(then);
  inner["else"] = std::move(otherwise);
  return node("if-then-else", std::move(inner));
}

json text_literal(const std::string& text) {
  return node("Value", text);
}

Type set_of(Type element) {
  Type set{Kind::Set};
  set.element.push_back(std::move(element));
  return set;
}

const char* constructor_of(Kind kind) {
  if (kind == Kind::Decimal) return "decimal";
  if (kind == Kind::Ip) return "ip";
  return kind == Kind::Datetime ? "datetime" : "duration";
}

bool is_extension_kind(Kind kind) {
  return kind == Kind::Decimal || kind == Kind::Ip || kind == Kind::Datetime ||
         kind == Kind::Duration;
}

// How many of a hundred expressions are of another type than they should be; and of operands of what is drawn seldom.
constexpr std::size_t kWrong = 2;
constexpr std::size_t kWrongOperand = 5;
constexpr std::size_t kPathLevels = 3;

}  // namespace

ExpressionMaker::ExpressionMaker(Draw& draw, const World& world) : draw_(draw), world_(world) {
  const auto entity = [&world](std::size_t type) {
    return Type{Kind::Entity, world.types.at(type).name};
  };
  learn({"principal", {}, true}, entity(world.principal_type), kPathLevels);
  learn({"resource", {}, true}, entity(world.resource_type), kPathLevels);
  learn({"action", {}, true}, Type{Kind::Entity, "Action"}, 0);
  learn({"context", {}, true}, world.context, kPathLevels);
  for (const auto& type : world.types)
    if (type.tags) types_in_use_.push_back(*type.tags);
}

void ExpressionMaker::learn(const Path& path, const Type& type, std::size_t levels) {
  auto& known = paths_[name_of(type)];
  if (known.empty()) types_in_use_.push_back(type);
  known.push_back(path);
  if (levels == 0 || (type.kind != Kind::Record && type.kind != Kind::Entity)) return;
  const bool is_record = type.kind == Kind::Record;
  const Type& record = is_record ? type : type_named(world_, type.entity).record;
  for (const auto& field : record.fields) {
    Path longer = path;
    longer.names.push_back(field.name);
    longer.sure = path.sure && is_record && !field.optional;
    learn(longer, field.type, levels - 1);
  }
}

const ExpressionMaker::Path* ExpressionMaker::draw_path(const Type& type) {
  const auto known = paths_.find(name_of(type));
  return known == paths_.end() ? nullptr : &draw_.one_of(known->second);
}

Type ExpressionMaker::draw_type_in_use() {
  return draw_.chance(60) ? draw_.one_of(types_in_use_) : draw_type_of(draw_, world_);
}

Type ExpressionMaker::draw_entity_type() {
  if (draw_.chance(10)) return {Kind::Entity, "Action"};
  const std::size_t requested = draw_.chance(50) ? world_.principal_type : world_.resource_type;
  return {Kind::Entity,
          world_.types.at(draw_.chance(60) ? requested : draw_.below(world_.types.size())).name};
}

json ExpressionMaker::make(const Type& type, std::size_t depth) {
  if (draw_.chance(kWrong)) return make_right(draw_type_in_use(), depth);
  return make_right(type, depth);
}

json ExpressionMaker::operand(const Type& type, std::size_t depth) {
  return make(draw_.chance(kWrongOperand) ? draw_type_in_use() : type, depth);
}

json ExpressionMaker::make_right(const Type& type, std::size_t depth) {
  if (depth == 0) return leaf(type);
  if (draw_.chance(6)) return if_then_else(type, depth);
  if (draw_.chance(3)) return member_of_record(type, depth);
  if (draw_.chance(10)) return tag_of(type, depth);
  return make_by_kind(type, depth);
}

json ExpressionMaker::make_by_kind(const Type& type, std::size_t depth) {
  switch (type.kind) {
    case Kind::Bool:
      return boolean(depth);
    case Kind::Long:
      return number(depth);
    case Kind::Datetime:
      return datetime(depth);
    case Kind::Duration:
      return duration(depth);
    case Kind::Decimal:
    case Kind::Ip:
      return draw_.chance(40) ? leaf(type) : constructed(constructor_of(type.kind), depth - 1);
    case Kind::Set:
      return draw_.chance(30) ? leaf(type) : set_literal(type, depth - 1);
    case Kind::Record:
      return draw_.chance(30) ? leaf(type) : record_literal(type, depth - 1);
    case Kind::String:
    case Kind::Entity:
      break;
  }
  return leaf(type);
}

json ExpressionMaker::leaf(const Type& type) {
  const Path* path = draw_.chance(60) ? draw_path(type) : nullptr;
  return path == nullptr ? literal(type) : path_read(*path, type);
}

json ExpressionMaker::literal(const Type& type) {
  if (is_extension_kind(type.kind) && draw_.chance(85))
    return constructed(constructor_of(type.kind), 0);
  if (type.kind == Kind::Set && draw_.chance(70)) return set_literal(type, 0);
  if (type.kind == Kind::Record && draw_.chance(70)) return record_literal(type, 0);
  json value = draw_data(draw_, world_, type);
  if (is_extension_kind(type.kind) && draw_.chance(10))
    value["__extn"]["arg"] = draw_bad_argument(draw_, constructor_of(type.kind));
  return node("Value", std::move(value));
}

json ExpressionMaker::constructed(const std::string& function, std::size_t depth) {
  json text;
  if (draw_.chance(5))
    text = text_literal(draw_bad_argument(draw_, function));
  else if (draw_.chance(5))
    text = make(Type{Kind::String}, depth);
  else
    text = text_literal(draw_argument(draw_, function));
  if (depth > 0 && draw_.chance(8))
    text = choice(make(Type{Kind::Bool}, depth - 1), std::move(text),
                  text_literal(draw_argument(draw_, function)));
  return node(function, json::array({std::move(text)}));
}

json ExpressionMaker::set_literal(const Type& type, std::size_t depth) {
  json elements = json::array();
  for (std::size_t i = draw_.below(4); i > 0; --i) {
    const bool again = !elements.empty() && draw_.chance(15);
    json element = again ? elements.front() : make(type.element.front(), depth);
    elements.push_back(std::move(element));
  }
  return node("Set", std::move(elements));
}

json ExpressionMaker::record_literal(const Type& type, std::size_t depth) {
  json members = json::object();
  for (const auto& field : type.fields) {
    if (field.optional && draw_.chance(40)) continue;
    members[field.name] = make(field.type, depth);
  }
  return node("Record", std::move(members));
}

json ExpressionMaker::if_then_else(const Type& type, std::size_t depth) {
  json condition = make(Type{Kind::Bool}, depth - 1);
  json then = make(type, depth - 1);
  return choice(std::move(condition), std::move(then), make(type, depth - 1));
}

json ExpressionMaker::member_of_record(const Type& type, std::size_t depth) {
  const std::string name = draw_name(draw_);
  json members = node(draw_name(draw_), leaf(draw_type_in_use()));
  members[name] = make(type, depth - 1);
  return attribute(".", node("Record", std::move(members)), name);
}

// One that an entity of this type has, or just a name.
json ExpressionMaker::tag_key(const std::string& entity_type) {
  std::vector<std::string> keys;
  for (const auto& entity : world_.entities) {
    if (entity.at("uid").at("type") != entity_type || !entity.contains("tags")) continue;
    for (const auto& [key, value] : entity.at("tags").items()) keys.push_back(key);
  }
  return text_literal(keys.empty() || draw_.chance(25) ? draw_name(draw_) : draw_.one_of(keys));
}

json ExpressionMaker::tag_of(const Type& type, std::size_t depth) {
  const EntityType* tagged = nullptr;
  for (const auto& each : world_.types)
    if (each.tags && name_of(*each.tags) == name_of(type)) tagged = &each;
  if (tagged == nullptr) return make_by_kind(type, depth);
  json entity = make({Kind::Entity, tagged->name}, depth - 1);
  json key = draw_.chance(95) ? tag_key(tagged->name) : make(Type{Kind::String}, depth - 1);
  if (draw_.chance(40)) return pair("getTag", std::move(entity), std::move(key));
  json check = pair("hasTag", entity, key);
  json read = pair("getTag", std::move(entity), std::move(key));
  return choice(std::move(check), std::move(read), literal(type));
}

json ExpressionMaker::path_read(const Path& path, const Type& type) {
  json read = node("Var", path.variable);
  for (const auto& name : path.names) read = attribute(".", std::move(read), name);
  if (path.sure || draw_.chance(30)) return read;
  json check = path_check(path);
  if (type.kind == Kind::Bool && draw_.chance(60))
    return pair("&&", std::move(check), std::move(read));
  return choice(std::move(check), std::move(read), literal(type));
}

// `has` for each name, one after the other; in one where it can be written so.
json ExpressionMaker::path_check(const Path& path) {
  bool plain = path.names.size() > 1;
  for (const auto& name : path.names) plain = plain && is_plain(name);
  json object = node("Var", path.variable);
  if (plain && draw_.chance(50)) return attribute("has", std::move(object), path.names);
  json check;
  for (const auto& name : path.names) {
    json one = attribute("has", object, name);
    check = check.is_null() ? std::move(one) : pair("&&", std::move(check), std::move(one));
    object = attribute(".", std::move(object), name);
  }
  return check;
}

json ExpressionMaker::boolean(std::size_t depth) {
  using Maker = json (ExpressionMaker::*)(std::size_t);
  static const std::vector<Maker> kMakers = {
      &ExpressionMaker::chain,       &ExpressionMaker::chain,        &ExpressionMaker::chain,
      &ExpressionMaker::negated,     &ExpressionMaker::equality,     &ExpressionMaker::equality,
      &ExpressionMaker::comparison,  &ExpressionMaker::comparison,   &ExpressionMaker::membership,
      &ExpressionMaker::membership,  &ExpressionMaker::type_test,    &ExpressionMaker::containment,
      &ExpressionMaker::containment, &ExpressionMaker::like,         &ExpressionMaker::has,
      &ExpressionMaker::has_tag,     &ExpressionMaker::decimal_test, &ExpressionMaker::ip_test,
      &ExpressionMaker::ip_test,     &ExpressionMaker::comparison};
  if (draw_.chance(5)) return leaf(Type{Kind::Bool});
  return (this->*draw_.one_of(kMakers))(depth - 1);
}

// Of two, or a few more, that hang on the left as text has them, or on the right.
json ExpressionMaker::chain(std::size_t depth) {
  const std::string name = draw_.chance(55) ? "&&" : "||";
  json all = make(Type{Kind::Bool}, depth);
  for (std::size_t more = draw_.chance(80) ? 1 : 2 + draw_.below(3); more > 0; --more) {
    json next = make(Type{Kind::Bool}, depth);
    all = draw_.chance(75) ? pair(name, std::move(all), std::move(next))
                           : pair(name, std::move(next), std::move(all));
  }
  return all;
}

json ExpressionMaker::negated(std::size_t depth) {
  json all = unary("!", make(Type{Kind::Bool}, depth));
  if (draw_.chance(10))
    for (std::size_t more = draw_.below(6); more > 0; --more) all = unary("!", std::move(all));
  return all;
}

json ExpressionMaker::binary(const std::string& name, const Type& left, const Type& right,
                             std::size_t depth) {
  json first = operand(left, depth);
  return pair(name, std::move(first), operand(right, depth));
}

json ExpressionMaker::equality(std::size_t depth) {
  const Type type = draw_type_in_use();
  return binary(draw_.chance(60) ? "==" : "!=", type, type, depth);
}

json ExpressionMaker::comparison(std::size_t depth) {
  static const std::vector<std::string> kNames = {"<", "<=", ">", ">="};
  static const std::vector<Kind> kKinds = {Kind::Long, Kind::Long, Kind::Datetime, Kind::Duration};
  const Type type{draw_.one_of(kKinds)};
  return binary(draw_.one_of(kNames), type, type, depth);
}

json ExpressionMaker::membership(std::size_t depth) {
  const Type member = draw_entity_type();
  const Type group = draw_entity_type();
  return binary("in", member, draw_.chance(50) ? group : set_of(group), depth);
}

json ExpressionMaker::type_test(std::size_t depth) {
  const Type right = draw_entity_type();
  json inner = node("left", operand(draw_.chance(60) ? right : draw_entity_type(), depth));
  inner["entity_type"] = draw_.chance(97) ? right.entity : "No::Body";
  if (draw_.chance(50)) {
    const Type group = draw_entity_type();
    inner["in"] = operand(draw_.chance(60) ? group : set_of(group), depth);
  }
  return node("is", std::move(inner));
}

json ExpressionMaker::containment(std::size_t depth) {
  static const std::vector<std::string> kNames = {"contains", "containsAll", "containsAny",
                                                  "isEmpty"};
  const std::string& name = draw_.one_of(kNames);
  const Type element = draw_type_in_use();
  const Type set = set_of(element);
  if (name == "isEmpty") return unary(name, operand(set, depth));
  return binary(name, set, name == "contains" ? element : set, depth);
}

// The pattern is a text with some of it replaced, so that it often matches.
json ExpressionMaker::like(std::size_t depth) {
  const std::string model = draw_text(draw_);
  json pattern = json::array();
  for (const auto& scalar : scalars_of(model)) {
    if (draw_.chance(20)) pattern.push_back("Wildcard");
    if (draw_.chance(70)) pattern.push_back(node("Literal", scalar));
  }
  if (draw_.chance(40)) pattern.push_back("Wildcard");
  json text = draw_.chance(40) ? text_literal(model) : operand(Type{Kind::String}, depth);
  json inner = node("left", std::move(text));
  inner["pattern"] = std::move(pattern);
  return node("like", std::move(inner));
}

json ExpressionMaker::has(std::size_t depth) {
  if (draw_.chance(45)) {
    const Path* path = draw_path(draw_.one_of(types_in_use_));
    if (path != nullptr && !path->names.empty()) return path_check(*path);
  }
  static const std::vector<std::string> kPlain = {"a", "b", "n", "owner", "_x1", "size", "flag"};
  json object = make(draw_.chance(50) ? draw_entity_type() : draw_type_in_use(), depth);
  if (draw_.chance(60)) return attribute("has", std::move(object), draw_name(draw_));
  json path = json::array();
  for (std::size_t i = 2 + draw_.below(2); i > 0; --i) path.push_back(draw_.one_of(kPlain));
  return attribute("has", std::move(object), std::move(path));
}

json ExpressionMaker::has_tag(std::size_t depth) {
  const Type type = draw_entity_type();
  json entity = make(type, depth);
  json key = draw_.chance(80) ? tag_key(type.entity) : make(Type{Kind::String}, depth);
  return pair("hasTag", std::move(entity), std::move(key));
}

json ExpressionMaker::decimal_test(std::size_t depth) {
  static const std::vector<std::string> kNames = {"lessThan", "lessThanOrEqual", "greaterThan",
                                                  "greaterThanOrEqual"};
  const Type decimal{Kind::Decimal};
  return method(draw_.one_of(kNames), {decimal, decimal}, depth);
}

json ExpressionMaker::ip_test(std::size_t depth) {
  static const std::vector<std::string> kNames = {"isIpv4",      "isIpv6",    "isLoopback",
                                                  "isMulticast", "isInRange", "isInRange"};
  const std::string& name = draw_.one_of(kNames);
  const Type ip{Kind::Ip};
  return name == "isInRange" ? method(name, {ip, ip}, depth) : method(name, {ip}, depth);
}

json ExpressionMaker::method(const std::string& name, const std::vector<Type>& types,
                             std::size_t depth) {
  json arguments = json::array();
  for (const auto& type : types) arguments.push_back(operand(type, depth));
  if (draw_.chance(1)) arguments.push_back(leaf(draw_type_in_use()));
  if (types.size() > 1 && draw_.chance(1)) arguments.erase(1);
  return node(name, std::move(arguments));
}

json ExpressionMaker::number(std::size_t depth) {
  static const std::vector<std::string> kUnits = {"toMilliseconds", "toSeconds", "toMinutes",
                                                  "toHours", "toDays"};
  static const std::vector<std::string> kSums = {"+", "-", "*"};
  const Type type{Kind::Long};
  if (draw_.chance(20)) return leaf(type);
  if (draw_.chance(45)) return method(draw_.one_of(kUnits), {Type{Kind::Duration}}, depth - 1);
  if (draw_.chance(25)) return unary("neg", operand(type, depth - 1));
  return binary(draw_.one_of(kSums), type, type, depth - 1);
}

json ExpressionMaker::datetime(std::size_t depth) {
  const Type type{Kind::Datetime};
  if (draw_.chance(40)) return leaf(type);
  if (draw_.chance(20)) return constructed("datetime", depth - 1);
  if (draw_.chance(40)) return method("toDate", {type}, depth - 1);
  return method("offset", {type, Type{Kind::Duration}}, depth - 1);
}

json ExpressionMaker::duration(std::size_t depth) {
  const Type type{Kind::Duration};
  const Type datetime{Kind::Datetime};
  if (draw_.chance(40)) return leaf(type);
  if (draw_.chance(20)) return constructed("duration", depth - 1);
  if (draw_.chance(40)) return method("toTime", {datetime}, depth - 1);
  return method("durationSince", {datetime, datetime}, depth - 1);
}

}  // namespace cedar_random
