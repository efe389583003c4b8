#pragma once
// Random expressions of a type, in the JSON form of policies.
//
// Most are of the type that was asked for. A few anywhere in the tree are of another one, a text is none of its type, or an
// attribute may be missing, so that each operator also errs.

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/cedar_random/draw.h"
#include "tests/cedar_random/world.h"

namespace cedar_random {

class ExpressionMaker {
 public:
  // REQUIRES: both live as long as this.
  ExpressionMaker(Draw& draw, const World& world);

  // At most `depth` operators above one another, besides those that reading an attribute needs.
  nlohmann::json make(const Type& type, std::size_t depth);

 private:
  using json = nlohmann::json;

  // Where a value of a type stands: principal.owner.size
  struct Path {
    std::string variable;
    std::vector<std::string> names;
    bool sure;  // none of the names may be missing
  };

  void learn(const Path& path, const Type& type, std::size_t levels);
  // Null: there is none.
  const Path* draw_path(const Type& type);
  Type draw_type_in_use();
  Type draw_entity_type();

  // More often than make() of another type.
  json operand(const Type& type, std::size_t depth);
  json make_right(const Type& type, std::size_t depth);
  json make_by_kind(const Type& type, std::size_t depth);
  json leaf(const Type& type);
  json literal(const Type& type);
  json constructed(const std::string& function, std::size_t depth);
  json set_literal(const Type& type, std::size_t depth);
  json record_literal(const Type& type, std::size_t depth);
  json if_then_else(const Type& type, std::size_t depth);
  json member_of_record(const Type& type, std::size_t depth);
  json tag_of(const Type& type, std::size_t depth);

  json path_read(const Path& path, const Type& type);
  json path_check(const Path& path);

  json boolean(std::size_t depth);
  json chain(std::size_t depth);
  json negated(std::size_t depth);
  json equality(std::size_t depth);
  json comparison(std::size_t depth);
  json membership(std::size_t depth);
  json type_test(std::size_t depth);
  json containment(std::size_t depth);
  json like(std::size_t depth);
  json has(std::size_t depth);
  json has_tag(std::size_t depth);
  json decimal_test(std::size_t depth);
  json ip_test(std::size_t depth);

  json number(std::size_t depth);
  json datetime(std::size_t depth);
  json duration(std::size_t depth);
  json method(const std::string& name, const std::vector<Type>& types, std::size_t depth);
  json binary(const std::string& name, const Type& left, const Type& right, std::size_t depth);
  json tag_key(const std::string& entity_type);

  Draw& draw_;
  const World& world_;
  std::map<std::string, std::vector<Path>> paths_;  // by name_of their type
  std::vector<Type> types_in_use_;
};

}  // namespace cedar_random
