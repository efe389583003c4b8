#include "policies/cedar/schema_text.h"

#include <set>

#include "policies/cedar/name.h"
#include "policies/cedar/string_literal.h"
#include "vault/base/check.h"
#include "vault/base/text.h"

namespace cedar {

namespace {

using SchemaKind = SchemaType::Kind;

constexpr std::size_t kSchemaColumns = 100;

vrm::Error unwritable(const std::string& what) {
  return vrm::Error{vrm::ErrorCode::Malformed, what + ", which only JSON can say"};
}

std::string key(const std::string& name) {
  return is_identifier(name) ? name : quote_string(name);
}

std::string list(const std::vector<std::string>& parts) {
  std::string inside;
  for (const auto& part : parts) inside += (inside.empty() ? "" : ", ") + part;
  return "[" + inside + "]";
}

class SchemaPrinter {
 public:
  explicit SchemaPrinter(const SchemaFragment& schema) : schema_(schema) {
    for (const auto& [space, each] : schema.namespaces) {
      for (const auto& [name, declared] : each.common_types) declared_.insert(name);
      for (const auto& [name, declared] : each.entity_types) declared_.insert(name);
    }
  }

  vrm::Result<std::string> print() const {
    std::string out;
    for (const auto& [name, each] : schema_.namespaces) {
      std::string body = TRY(declarations(each, name.empty() ? "" : "  "));
      if (!out.empty()) out += "\n";
      if (name.empty()) {
        out += body;
        continue;
      }
      out += annotated(each.annotations, "") + "namespace " + name + " {\n" + body + "}\n";
    }
    return out;
  }

 private:
  vrm::Result<std::string> declarations(const SchemaNamespace& from,
                                        const std::string& indent) const {
    std::string out;
    for (const auto& [name, declared] : from.common_types) {
      if (from.entity_types.contains(name))
        return unwritable("`" + name + "` is an entity type and a common type");
      out += annotated(declared.annotations, indent) + indent + "type " + name + " = " +
             type(*declared.type, indent) + ";\n";
    }
    for (const auto& [name, declared] : from.entity_types) {
      if (!out.empty()) out += "\n";
      out += TRY(entity(name, declared, indent));
    }
    for (const auto& [name, declared] : from.actions) {
      if (!out.empty()) out += "\n";
      out += TRY(action(name, declared, indent));
    }
    return out;
  }

  static std::string annotated(const std::vector<Annotation>& annotations,
                               const std::string& indent) {
    std::string out;
    for (const auto& [at, name, value] : annotations) {
      out += indent + "@" + name;
      if (value && !value->empty()) out += "(" + quote_string(*value) + ")";
      out += "\n";
    }
    return out;
  }

  vrm::Result<std::string> entity(const std::string& name, const EntityTypeDeclaration& declared,
                                  const std::string& indent) const {
    std::string out = annotated(declared.annotations, indent) + indent + "entity " + name;
    if (!declared.ids.empty()) {
      std::vector<std::string> ids;
      for (const auto& id : declared.ids) ids.push_back(quote_string(id));
      return out + " enum " + list(ids) + ";\n";
    }
    if (!declared.parents.empty()) out += " in " + list(declared.parents);
    if (!is_empty_record(declared.shape)) {
      if (declared.shape->kind != SchemaKind::Record)
        return unwritable("the shape of `" + name + "` is no record");
      out += " " + record(*declared.shape, indent);
    }
    if (declared.tags != nullptr) out += " tags " + type(*declared.tags, indent);
    return out + ";\n";
  }

  vrm::Result<std::string> action(const std::string& name, const ActionDeclaration& declared,
                                  const std::string& indent) const {
    std::string out = annotated(declared.annotations, indent) + indent + "action " + key(name);
    std::vector<std::string> parents;
    for (const auto& [type, id] : declared.parents)
      parents.push_back(type ? *type + "::" + quote_string(id) : key(id));
    if (!parents.empty()) out += " in " + list(parents);
    // What applies to no principal or to no resource applies to nothing.
    if (declared.principals.empty() || declared.resources.empty()) return out + ";\n";
    const std::string inner = indent + "  ";
    out += " appliesTo {\n" + inner + "principal: " + list(declared.principals) + ",\n" + inner +
           "resource: " + list(declared.resources) + ",\n";
    if (!is_empty_record(declared.context)) {
      if (declared.context->kind != SchemaKind::Record && declared.context->name.empty())
        return unwritable("the context of `" + name + "` is neither a record nor a name");
      out += inner + "context: " + type(*declared.context, inner) + ",\n";
    }
    return out + indent + "};\n";
  }

  // A type of the language's own, told apart from a declared one that is called so.
  std::string own(const std::string& name) const {
    return declared_.contains(name) ? "__cedar::" + name : name;
  }

  // NOLINTNEXTLINE(misc-no-recursion): a type is at most kMaxTypeNesting deep.
  std::string type(const SchemaType& type, const std::string& indent) const {
    switch (type.kind) {
      case SchemaKind::Bool:
        return own("Bool");
      case SchemaKind::Long:
        return own("Long");
      case SchemaKind::String:
        return own("String");
      case SchemaKind::Extension:
        return own(type.name);
      case SchemaKind::Entity:
      case SchemaKind::Common:
      case SchemaKind::EntityOrCommon:
        return type.name;
      case SchemaKind::Set:
        return "Set<" + this->type(*type.element, indent) + ">";
      case SchemaKind::Record:
        return record(type, indent);
    }
    VRM_CHECK(false);
  }

  // In one line if it is short and nothing in it is annotated.
  std::string record(const SchemaType& type, const std::string& indent) const {
    if (type.attributes.empty()) return "{}";
    const std::string inner = indent + "  ";
    std::string in_lines;
    std::string in_one;
    for (const auto& [name, attribute] : type.attributes) {
      const std::string member =
          key(name) + (attribute.required ? ": " : "?: ") + this->type(*attribute.type, inner);
      const std::string notes = annotated(attribute.annotations, inner);
      in_lines += notes + inner + member + ",\n";
      in_one += (in_one.empty() ? "" : ", ") + member + (notes.empty() ? "" : "\n");
    }
    if (in_one.find('\n') == in_one.npos && indent.size() + in_one.size() + 40 <= kSchemaColumns)
      return "{ " + in_one + " }";
    return "{\n" + in_lines + indent + "}";
  }

  const SchemaFragment& schema_;
  std::set<std::string> declared_;
};

}  // namespace

vrm::Result<std::string> schema_text(const SchemaFragment& schema) {
  return SchemaPrinter(schema).print();
}

}  // namespace cedar
