#pragma once
// A small random world: types with attributes and tags, entities of them that are in each other, actions, requests.
//
// What the types say is mostly true of the entities: some have no record, some an attribute of another type.

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "tests/cedar_random/draw.h"
#include "tests/cedar_random/second/value.h"

namespace cedar_random {

using cedar_second::Kind;
using cedar_second::Uid;

struct Field;

struct Type {
  Type(Kind of = Kind::Bool, std::string entity_type = "");

  Kind kind;
  std::string entity;         // of an entity
  std::vector<Type> element;  // of a set: one
  std::vector<Field> fields;  // of a record
};

struct Field {
  std::string name;
  Type type;
  bool optional;
};

// Types of one name are the same.
std::string name_of(const Type& type);
const Field* find_field(const Type& record, const std::string& name);

struct EntityType {
  std::string name;
  Type record;
  std::optional<Type> tags = {};
};

struct World {
  std::vector<EntityType> types;
  std::size_t principal_type;  // of most requests
  std::size_t resource_type;
  std::vector<Uid> uids;     // those with a record, and some without
  std::vector<Uid> actions;  // the same of actions
  Type context;
  std::map<Uid, std::vector<Uid>> parents;
  nlohmann::json entities;
  std::vector<nlohmann::json> requests;
};

World draw_world(Draw& draw, std::size_t requests);

// A type of values; sets and records in sets and records until `depth`.
Type draw_type(Draw& draw, const std::vector<std::string>& entity_types, std::size_t depth);
// One of the world's types, of any kind.
Type draw_type_of(Draw& draw, const World& world);

const EntityType& type_named(const World& world, const std::string& name);
// "" is of any type, an action too.
Uid draw_uid(Draw& draw, const World& world, const std::string& type);
// JSON as entities have it.
nlohmann::json draw_data(Draw& draw, const World& world, const Type& type);
nlohmann::json uid_json(const Uid& uid);

}  // namespace cedar_random
