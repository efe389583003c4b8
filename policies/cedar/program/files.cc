#include "policies/cedar/program/files.h"

#include <fstream>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "policies/cedar/conformance.h"
#include "policies/cedar/entity_json.h"
#include "policies/cedar/policy_json.h"
#include "policies/cedar/schema_json.h"
#include "policies/cedar/schema_parser.h"

namespace cedar::program {

namespace {

template <typename T>
vrm::Result<T> of_file(const std::string& path, vrm::Result<T> result) {
  if (result.ok()) return result;
  return vrm::Error{result.error().code, path + ": " + result.error().message};
}

vrm::Result<std::string> read_stream(std::istream& in, const std::string& path) {
  std::string text;
  std::string part(64U * 1024, '\0');
  while (in.read(part.data(), static_cast<std::streamsize>(part.size())), in.gcount() > 0) {
    text.append(part, 0, static_cast<std::size_t>(in.gcount()));
    if (text.size() > kMaxFileBytes)
      return vrm::Error{vrm::ErrorCode::Malformed, path + ": longer than 64 MiB"};
  }
  return text;
}

vrm::Result<PolicySet> policies_of(const std::string& text, bool is_json) {
  if (!is_json) return PolicySet::parse(text);
  const nlohmann::json read = TRY(vrm::read_json(text, kPolicyJsonLimits));
  if (!read.is_object() || !read.contains("effect")) return policy_set_from_json(read);
  auto body = TRY(policy_from_json(read));
  PolicySet one;
  TRY(one.add("policy0", std::move(body)));
  return one;
}

vrm::Result<std::vector<Entity>> entities_of(const std::string& text, const Schema* schema) {
  const nlohmann::json read = TRY(vrm::read_json(text, kEntityJsonLimits));
  std::vector<Entity> entities = TRY(entities_from_json(read, schema));
  if (schema == nullptr) return entities;
  TRY(check_entities(entities, *schema));
  // What was given of an action is as the schema says, but perhaps says it with fewer words.
  std::erase_if(entities, [schema](const Entity& entity) {
    return schema->find_action(entity.uid) != nullptr;
  });
  for (Entity& action : schema->action_entities()) entities.push_back(std::move(action));
  return entities;
}

vrm::Result<Record> context_of(const std::string& text, const Type* type) {
  const nlohmann::json read = TRY(vrm::read_json(text, kEntityJsonLimits));
  return context_from_json(read, type);
}

}  // namespace

bool is_json_name(std::string_view path) {
  return path.ends_with(".json");
}

vrm::Result<std::string> read_text(const std::string& path) {
  if (path == "-") return read_stream(std::cin, "standard input");
  std::ifstream in(path, std::ios::binary);
  if (!in || in.peek() == std::ifstream::traits_type::eof()) {
    // An empty file is one; a folder is none.
    if (!in.is_open() || in.bad())
      return vrm::Error{vrm::ErrorCode::NotFound, path + ": this file cannot be read"};
    return std::string();
  }
  return read_stream(in, path);
}

vrm::Result<PolicySet> load_policies(const std::string& path) {
  const std::string text = TRY(read_text(path));
  return of_file(path, policies_of(text, is_json_name(path)));
}

vrm::Result<SchemaFragment> load_fragment(const std::string& path) {
  const std::string text = TRY(read_text(path));
  return of_file(path, is_json_name(path) ? read_schema_json(text) : parse_schema(text));
}

vrm::Result<Schema> load_schema(const std::string& path) {
  const SchemaFragment fragment = TRY(load_fragment(path));
  return of_file(path, Schema::resolve(fragment));
}

vrm::Result<std::vector<Entity>> load_entities(const std::string& path, const Schema* schema) {
  const std::string text = TRY(read_text(path));
  return of_file(path, entities_of(text, schema));
}

vrm::Result<Record> load_context(const std::string& path, const Type* type) {
  const std::string text = TRY(read_text(path));
  return of_file(path, context_of(text, type));
}

}  // namespace cedar::program
