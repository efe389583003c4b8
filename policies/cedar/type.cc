#include "policies/cedar/type.h"

#include <algorithm>
#include <utility>

#include "policies/cedar/name.h"
#include "policies/cedar/string_literal.h"
#include "vault/base/check.h"

namespace cedar {

namespace {

vrm::Error too_deep() {
  return vrm::Error{vrm::ErrorCode::Malformed,
                    "types are nested too deeply, through the common types that they name"};
}

// Common types may name one another so that a type written out has no end worth waiting for.
constexpr std::size_t kShownBytes = 200;

void show(const Type& type, std::string& out);

void show_record(const Type& type, std::string& out) {
  out += "{";
  bool first = true;
  for (const auto& [name, attribute] : type.attributes) {
    if (out.size() > kShownBytes) break;
    if (!std::exchange(first, false)) out += ", ";
    out += is_identifier(name) ? name : quote_string(name);
    out += attribute.required ? ": " : "?: ";
    show(*attribute.type, out);
  }
  out += "}";
}

void show(const Type& type, std::string& out) {
  if (out.size() > kShownBytes) {
    out += "…";
    return;
  }
  switch (type.kind) {
    case Type::Kind::Bool:
    case Type::Kind::True:
    case Type::Kind::False:
      out += "Bool";
      return;
    case Type::Kind::Long:
      out += "Long";
      return;
    case Type::Kind::String:
      out += "String";
      return;
    case Type::Kind::Extension:
    case Type::Kind::Entity:
      out += type.name;
      return;
    case Type::Kind::Set:
      out += "Set<";
      show(*type.element, out);
      out += ">";
      return;
    case Type::Kind::Record:
      show_record(type, out);
      return;
  }
  VRM_CHECK(false);
}

}  // namespace

vrm::Result<TypePtr> make_set_type(TypePtr element) {
  const int depth = element->depth + 1;
  if (depth > kMaxTypeDepth) return too_deep();
  return std::make_shared<const Type>(Type{Type::Kind::Set, "", std::move(element), {}, depth});
}

vrm::Result<TypePtr> make_record_type(std::map<std::string, AttributeType> attributes) {
  int depth = 0;
  for (const auto& [name, attribute] : attributes)
    depth = std::max(depth, attribute.type->depth + 1);
  if (depth > kMaxTypeDepth) return too_deep();
  return std::make_shared<const Type>(
      Type{Type::Kind::Record, "", nullptr, std::move(attributes), depth});
}

TypePtr make_type(Type::Kind kind, std::string name) {
  VRM_CHECK(kind != Type::Kind::Set && kind != Type::Kind::Record);
  return std::make_shared<const Type>(Type{kind, std::move(name)});
}

TypePtr own_type(std::string_view name) {
  static const std::map<std::string_view, TypePtr> types{
      {"Bool", make_type(Type::Kind::Bool)},
      {"Long", make_type(Type::Kind::Long)},
      {"String", make_type(Type::Kind::String)},
      {"datetime", make_type(Type::Kind::Extension, "datetime")},
      {"decimal", make_type(Type::Kind::Extension, "decimal")},
      {"duration", make_type(Type::Kind::Extension, "duration")},
      {"ipaddr", make_type(Type::Kind::Extension, "ipaddr")}};
  const auto found = types.find(name);
  return found == types.end() ? nullptr : found->second;
}

bool is_bool(const Type& type) {
  return type.kind == Type::Kind::Bool || type.kind == Type::Kind::True ||
         type.kind == Type::Kind::False;
}

namespace {

// Common types may name one another so that a type has parts without number, but few different ones: each pair is joined once.
class Joiner {
 public:
  TypePtr join(const TypePtr& one, const TypePtr& other) {
    if (one == other) return one;
    if (is_bool(*one) && is_bool(*other))
      return one->kind == other->kind ? one : make_type(Type::Kind::Bool);
    if (one->kind != other->kind || one->name != other->name) return nullptr;
    if (one->kind != Type::Kind::Record && one->kind != Type::Kind::Set) return one;
    const auto known = joined_.find({one.get(), other.get()});
    if (known != joined_.end()) return known->second;
    TypePtr made = one->kind == Type::Kind::Record ? records(*one, *other) : sets(*one, *other);
    joined_.emplace(std::pair(one.get(), other.get()), made);
    return made;
  }

 private:
  TypePtr sets(const Type& one, const Type& other) {
    TypePtr element = join(one.element, other.element);
    if (element == nullptr) return nullptr;
    auto made = make_set_type(std::move(element));
    return made.ok() ? std::move(made).value() : nullptr;
  }

  TypePtr records(const Type& one, const Type& other) {
    if (one.attributes.size() != other.attributes.size()) return nullptr;
    std::map<std::string, AttributeType> attributes;
    for (auto [a, b] = std::pair(one.attributes.begin(), other.attributes.begin());
         a != one.attributes.end(); ++a, ++b) {
      if (a->first != b->first || a->second.required != b->second.required) return nullptr;
      TypePtr joined = join(a->second.type, b->second.type);
      if (joined == nullptr) return nullptr;
      attributes.emplace(a->first, AttributeType{std::move(joined), a->second.required});
    }
    auto made = make_record_type(std::move(attributes));
    return made.ok() ? std::move(made).value() : nullptr;
  }

  std::map<std::pair<const Type*, const Type*>, TypePtr> joined_;
};

}  // namespace

TypePtr join(const TypePtr& one, const TypePtr& other) {
  return Joiner().join(one, other);
}

std::string to_string(const Type& type) {
  std::string out;
  show(type, out);
  return out;
}

}  // namespace cedar
