#include "tests/cedar_random/world.h"

#include <set>

#include "tests/cedar_random/words.h"

namespace cedar_random {

using nlohmann::json;

namespace {

Type draw_record(Draw& draw, const std::vector<std::string>& entity_types, std::size_t fields,
                 std::size_t depth) {
  Type record{Kind::Record};
  for (std::size_t i = 0; i < fields; ++i) {
    const std::string name = draw_name(draw);
    if (find_field(record, name) != nullptr) continue;
    record.fields.push_back({name, draw_type(draw, entity_types, depth), draw.chance(30)});
  }
  return record;
}

void draw_types(Draw& draw, World& world) {
  std::vector<std::string> names = {"User", "Team", "Doc", "Shop::Item", "A::B::C"};
  std::vector<std::string> chosen;
  for (std::size_t count = 2 + draw.below(2); count > 0; --count) {
    const std::size_t at = draw.below(names.size());
    chosen.push_back(names[at]);
    names.erase(names.begin() + static_cast<std::ptrdiff_t>(at));
  }
  for (const auto& name : chosen) {
    world.types.push_back({name, draw_record(draw, chosen, 2 + draw.below(4), 2)});
    if (draw.chance(60)) world.types.back().tags = draw_type(draw, chosen, 1);
  }
  world.context = draw_record(draw, chosen, 3 + draw.below(4), 2);
  world.principal_type = draw.below(chosen.size());
  world.resource_type = draw.below(chosen.size());
}

void draw_uids(Draw& draw, World& world) {
  static const std::vector<std::string> kIds = {"a", "b", "c", "é😀", "x y", "\"", ""};
  for (const auto& type : world.types) {
    std::set<std::string> ids;
    for (std::size_t i = 2 + draw.below(3); i > 0; --i) ids.insert(draw.one_of(kIds));
    for (const auto& id : ids) world.uids.push_back({type.name, id});
  }
  for (const char* id : {"read", "write", "all"}) world.actions.push_back({"Action", id});
  if (draw.chance(30)) world.actions.push_back({"Shop::Action", "any"});
}

json draw_members(Draw& draw, const World& world, const Type& record) {
  json members = json::object();
  for (const auto& field : record.fields) {
    if (field.optional && draw.chance(40)) continue;
    members[field.name] =
        draw_data(draw, world, draw.chance(2) ? draw_type_of(draw, world) : field.type);
  }
  return members;
}

json draw_tags(Draw& draw, const World& world, const Type& type) {
  json tags = json::object();
  for (std::size_t i = draw.below(4); i > 0; --i)
    tags[draw_name(draw)] = draw_data(draw, world, type);
  return tags;
}

// Parents of uids[at] are later in the list, so that nothing is in itself.
json draw_parents(Draw& draw, World& world, const std::vector<Uid>& uids, std::size_t at) {
  json parents = json::array();
  auto& known = world.parents[uids[at]];
  for (std::size_t i = draw.below(3); i > 0 && at + 1 < uids.size(); --i) {
    const bool next = draw.chance(50);
    known.push_back(uids[next ? at + 1 : at + 1 + draw.below(uids.size() - at - 1)]);
    parents.push_back(uid_json(known.back()));
  }
  return parents;
}

void draw_entities(Draw& draw, World& world) {
  world.entities = json::array();
  for (std::size_t i = 0; i < world.uids.size(); ++i) {
    if (draw.chance(12)) continue;
    const auto& type = type_named(world, world.uids[i].type);
    json entity = {{"uid", uid_json(world.uids[i])},
                   {"attrs", draw_members(draw, world, type.record)},
                   {"parents", draw_parents(draw, world, world.uids, i)}};
    if (type.tags) entity["tags"] = draw_tags(draw, world, *type.tags);
    world.entities.push_back(std::move(entity));
  }
  for (std::size_t i = 0; i < world.actions.size(); ++i) {
    if (draw.chance(12)) continue;
    json parents = draw_parents(draw, world, world.actions, i);
    world.entities.push_back({{"uid", uid_json(world.actions[i])},
                              {"attrs", json::object()},
                              {"parents", std::move(parents)}});
  }
}

// A few contexts come again, with other principals and resources.
void draw_requests(Draw& draw, World& world, std::size_t count) {
  const auto of_type = [&](std::size_t type) {
    return uid_json(draw.chance(85) ? draw_uid(draw, world, world.types.at(type).name)
                                    : draw_uid(draw, world, ""));
  };
  std::vector<json> contexts;
  for (std::size_t i = 1 + count / 3; i > 0; --i)
    contexts.push_back(draw_members(draw, world, world.context));
  for (; count > 0; --count) {
    json request = json::object();
    request["principal"] = of_type(world.principal_type);
    request["action"] = uid_json(draw.one_of(world.actions));
    request["resource"] = of_type(world.resource_type);
    request["context"] = draw.one_of(contexts);
    world.requests.push_back(std::move(request));
  }
}

}  // namespace

Type::Type(Kind of, std::string entity_type) : kind(of), entity(std::move(entity_type)) {}

std::string name_of(const Type& type) {
  switch (type.kind) {
    case Kind::Bool:
      return "Bool";
    case Kind::Long:
      return "Long";
    case Kind::String:
      return "String";
    case Kind::Entity:
      return "Entity " + type.entity;
    case Kind::Set:
      return "Set<" + name_of(type.element.front()) + ">";
    case Kind::Decimal:
      return "decimal";
    case Kind::Ip:
      return "ip";
    case Kind::Datetime:
      return "datetime";
    case Kind::Duration:
      return "duration";
    case Kind::Record:
      break;
  }
  std::string name = "{";
  for (const auto& field : type.fields)
    name += field.name + (field.optional ? "?: " : ": ") + name_of(field.type) + ",";
  return name + "}";
}

const Field* find_field(const Type& record, const std::string& name) {
  for (const auto& field : record.fields)
    if (field.name == name) return &field;
  return nullptr;
}

Type draw_type(Draw& draw, const std::vector<std::string>& entity_types, std::size_t depth) {
  static const std::vector<Kind> kPlain = {
      Kind::Bool,    Kind::Long, Kind::Long,     Kind::String,   Kind::Entity,
      Kind::Decimal, Kind::Ip,   Kind::Datetime, Kind::Duration, Kind::String};
  if (depth > 0 && draw.chance(20)) {
    Type set{Kind::Set};
    set.element.push_back(draw_type(draw, entity_types, depth - 1));
    return set;
  }
  if (depth > 0 && draw.chance(20))
    return draw_record(draw, entity_types, 1 + draw.below(3), depth - 1);
  const Kind kind = draw.one_of(kPlain);
  return {kind, kind == Kind::Entity ? draw.one_of(entity_types) : ""};
}

Type draw_type_of(Draw& draw, const World& world) {
  std::vector<std::string> names;
  for (const auto& type : world.types) names.push_back(type.name);
  return draw_type(draw, names, 1);
}

const EntityType& type_named(const World& world, const std::string& name) {
  for (const auto& type : world.types)
    if (type.name == name) return type;
  return world.types.front();
}

Uid draw_uid(Draw& draw, const World& world, const std::string& type) {
  if (type.empty()) return draw.one_of(draw.chance(20) ? world.actions : world.uids);
  if (draw.chance(2)) return {type, "nobody"};
  std::vector<Uid> fitting;
  for (const auto* known : {&world.uids, &world.actions})
    for (const auto& uid : *known)
      if (uid.type == type) fitting.push_back(uid);
  return draw.one_of(fitting);
}

json uid_json(const Uid& uid) {
  json out = json::object();
  out["type"] = uid.type;
  out["id"] = uid.id;
  return out;
}

json draw_data(Draw& draw, const World& world, const Type& type) {
  const auto extension = [&draw](const char* function) -> json {
    json out = json::object();
    out["__extn"]["fn"] = function;
    out["__extn"]["arg"] = draw_argument(draw, function);
    return out;
  };
  switch (type.kind) {
    case Kind::Bool:
      return draw.chance(50);
    case Kind::Long:
      return draw_number(draw);
    case Kind::String:
      return draw_text(draw);
    case Kind::Entity:
      return json::object({{"__entity", uid_json(draw_uid(draw, world, type.entity))}});
    case Kind::Decimal:
      return extension("decimal");
    case Kind::Ip:
      return extension("ip");
    case Kind::Datetime:
      return extension("datetime");
    case Kind::Duration:
      return extension("duration");
    case Kind::Record:
      return draw_members(draw, world, type);
    case Kind::Set:
      break;
  }
  json elements = json::array();
  for (std::size_t i = draw.below(4); i > 0; --i)
    elements.push_back(draw_data(draw, world, type.element.front()));
  return elements;
}

World draw_world(Draw& draw, std::size_t requests) {
  World world{};
  draw_types(draw, world);
  draw_uids(draw, world);
  draw_entities(draw, world);
  draw_requests(draw, world, requests);
  return world;
}

}  // namespace cedar_random
