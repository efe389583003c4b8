#pragma once
// What a schema says a value is: the types of attributes, tags and contexts after their names were looked up.
//
// Types never change once they are made; copies share them, from any thread.

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "vault/base/result.h"

namespace cedar {

struct Type;
using TypePtr = std::shared_ptr<const Type>;

struct AttributeType {
  TypePtr type;
  bool required = true;
};

struct Type {
  enum class Kind {
    Bool,
    True,  // a Bool known to be true, or false: what an expression is found to be, never what a schema says
    False,
    Long,
    String,
    Extension,  // `name`: ipaddr, decimal, datetime or duration
    Entity,     // of the type `name`
    Set,        // of `element`
    Record,     // of `attributes`, and no others
  };

  Kind kind;
  std::string name = {};
  TypePtr element = nullptr;
  std::map<std::string, AttributeType> attributes = {};
  int depth = 0;  // levels of sets and records below
};

// Levels of sets and records in one type, through all the common types that it names.
inline constexpr int kMaxTypeDepth = 500;

// Malformed: more levels than that.
vrm::Result<TypePtr> make_set_type(TypePtr element);
vrm::Result<TypePtr> make_record_type(std::map<std::string, AttributeType> attributes);
// REQUIRES: a kind without parts; a name for Extension and Entity.
TypePtr make_type(Type::Kind kind, std::string name = {});

// The type that the language itself calls so: Bool, Long, String, or an extension type. Null: none.
TypePtr own_type(std::string_view name);

bool is_bool(const Type& type);  // Bool, True or False

// The type of what is one or the other; null: strict Cedar has none, as for different entity types, or records that differ in
// an attribute or in whether it is required.
TypePtr join(const TypePtr& one, const TypePtr& other);

// As schemas write it, `Set<Long>` or `{a: Long, b?: String}`, for messages: what is long is cut.
std::string to_string(const Type& type);

}  // namespace cedar
