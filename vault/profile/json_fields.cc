#include "vault/profile/json_fields.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "vault/base/json.h"
#include "vault/base/text.h"
#include "vault/profile/field_name.h"
#include "vault/profile/import.h"
#include "vault/profile/refusals.h"

namespace vrm::profile {

namespace {

using nlohmann::json;

constexpr std::size_t kMaxDepth = 32;
constexpr std::string_view kExportSchema = "vrm.export/";
constexpr std::size_t kMaxPathBytes = 4 * kMaxFieldNameBytes;  // no field is called longer

// The line of each dotted path. REQUIRES of the text: strict JSON.
class Lines {
 public:
  explicit Lines(std::string_view text) {
    std::vector<std::string> path;
    std::string last;  // the string read last: a key, when a colon follows
    std::size_t last_line = 0;
    std::size_t line = 1;
    for (std::size_t i = 0; i < text.size(); ++i) {
      const char c = text[i];
      if (c == '\n') ++line;
      if (c == '"') {
        const auto begin = ++i;
        while (text[i] != '"') i += text[i] == '\\' ? 2U : 1U;
        last = text.substr(begin, i - begin);
        last_line = line;
      } else if (c == ':') {
        path.back() = last;
        note(path, last_line);
      } else if (c == '{' || c == '[') {
        path.emplace_back();
      } else if (c == '}' || c == ']') {
        path.pop_back();
      }
    }
  }

  std::size_t of(const std::string& path) const {
    const auto found = lines_.find(path);
    return found == lines_.end() ? 0 : found->second;
  }

 private:
  void note(const std::vector<std::string>& path, std::size_t line) {
    std::string dotted;
    for (const auto& part : path) {
      if (dotted.size() + part.size() > kMaxPathBytes) return;
      dotted.append(dotted.empty() ? "" : ".").append(part);
    }
    lines_.emplace(std::move(dotted), line);
  }

  std::map<std::string, std::size_t> lines_;
};

// What userinfo says that is no field of a person's.
bool is_of_the_account(std::string_view path) {
  for (const auto* name :
       {"sub", "email_verified", "phone_number_verified", "updated_at", "picture", "iss", "aud"})
    if (path == name) return true;
  return path == "address.formatted";
}

bool is_answer(const json& value) {
  if (!value.is_object() || !value.contains("value") || value["value"].is_structured())
    return false;
  return std::all_of(value.items().begin(), value.items().end(), [](const auto& member) {
    return member.key() == "value" || member.key() == "unit" || member.key() == "as_of";
  });
}

std::optional<std::string> text_of_scalar(const json& value) {
  if (value.is_string()) return value.get_ref<const std::string&>();
  if (value.is_boolean()) return value.get<bool>() ? "true" : "false";
  if (value.is_number_integer()) return std::to_string(value.get<std::int64_t>());
  return std::nullopt;
}

std::string text_in(const json& object, std::string_view name) {
  const auto text = find_string(object, name);
  return text.ok() ? text.value().value_or("") : "";
}

bool is_export(const json& object) {
  const auto schema = object.find("schema");
  return schema != object.end() && schema->is_string() &&
         schema->get_ref<const std::string&>().starts_with(kExportSchema);
}

class JsonReader {
 public:
  JsonReader(const Catalogue& catalogue, std::string_view text, PlanBuilder& plan)
      : catalogue_(catalogue), plan_(plan), lines_(text) {}

  // An export: its values, and what of it is not brought in.
  void offer_export(const json& exported) {
    const auto values = exported.find("values");
    if (values != exported.end() && values->is_object())
      for (const auto& member : values->items()) offer_exported(exported, member.key(), *values);
    for (const auto& member : exported.items()) {
      const auto& part = member.value();
      const bool is_told = member.key() != "values" && member.key() != "fields";
      if (!is_told || !part.is_array() || part.empty()) continue;
      const std::size_t line = lines_.of(member.key());
      if (member.key() == "documents")
        note_documents(part, line);
      else
        plan_.problem(line, "profile.import_export_part",
                      {{"part", printable(member.key(), 40)}, {"n", std::to_string(part.size())}});
    }
  }

  void offer_object(const std::string& prefix, const json& object) {
    for (const auto& member : object.items()) {
      const std::string path = prefix.empty() ? member.key() : prefix + "." + member.key();
      if (path.size() > kMaxPathBytes)
        plan_.problem(0, "profile.import_not_kept", {{"property", printable(path, 80)}});
      else if (member.value().is_object() && !is_answer(member.value()))
        offer_object(path, member.value());
      else
        offer(path, member.value());
    }
  }

 private:
  // What the vault derives by itself is there again once it has what it is made of.
  void offer_exported(const json& exported, const std::string& name, const json& values) {
    const std::size_t line = lines_.of("values." + name);
    const auto* spec = catalogue_.find(name);
    if (spec != nullptr && spec->claim && values.contains(spec->claim->from)) return;
    if (spec != nullptr) return plan_.offer(name, text_of_scalar(values[name]).value_or(""), line);
    if (!is_field_name(name))
      return plan_.problem(line, "profile.import_not_kept", {{"property", printable(name, 80)}});
    plan_.offer_own(name, text_of_scalar(values[name]).value_or(""), own_type(exported, name),
                    line);
  }

  // The type that an export says a field of its owner's own has.
  static Type own_type(const json& exported, const std::string& name) {
    const auto fields = exported.find("fields");
    if (fields == exported.end() || !fields->is_array()) return Type::Text;
    for (const auto& field : *fields) {
      if (text_in(field, "field") != name) continue;
      return type_from_text(text_in(field, "type")).value_or(Type::Text);
    }
    return Type::Text;
  }

  void note_documents(const json& documents, std::size_t line) {
    constexpr std::string_view kGroup = "document.";
    for (const auto& document : documents) {
      auto name = text_in(document, "name");
      if (name.starts_with(kGroup)) name.erase(0, kGroup.size());
      const auto path = text_in(document, "path");
      plan_.problem(line, "profile.import_export_document",
                    {{"name", printable(name, 80)}, {"path", printable(path, 200)}});
    }
  }

  void offer(const std::string& path, const json& value) {
    const std::size_t line = lines_.of(path);
    if (value.is_null() || is_of_the_account(path)) return;
    const auto field = field_of(path);
    if (!field)
      return plan_.problem(line, "profile.import_not_kept", {{"property", printable(path, 80)}});
    if (value.is_array())
      return plan_.problem(line, "profile.import_no_lists", {{"field", *field}});
    if (!is_answer(value)) return plan_.offer(*field, text_of_scalar(value).value_or(""), line);
    std::string text = text_of_scalar(value["value"]).value_or("");
    if (value.contains("unit") && value["unit"].is_string())
      text += " " + value["unit"].get<std::string>();
    plan_.offer(*field, text, line);
  }

  std::optional<std::string> field_of(const std::string& path) const {
    if (catalogue_.find(path) != nullptr) return path;
    const auto* oidc = catalogue_.find_oidc(path);
    if (oidc != nullptr) return oidc->name;
    if (path.find('.') == std::string::npos || !is_field_name(path)) return std::nullopt;
    return path;
  }

  const Catalogue& catalogue_;
  PlanBuilder& plan_;
  Lines lines_;
};

}  // namespace

Result<void> offer_json(const Catalogue& catalogue, std::string_view text, PlanBuilder& plan) {
  auto root = read_json(text, {.bytes = kMaxImportBytes, .depth = kMaxDepth});
  if (!root.ok() || !root.value().is_object()) {
    const std::string reason = root.ok() ? "not an object" : root.error().message;
    return owners_refusal(ErrorCode::Malformed, "profile.import_bad_json",
                          {{"reason", printable(reason, 120)}});
  }
  const json& object = root.value();
  JsonReader reader(catalogue, text, plan);
  if (is_export(object))
    reader.offer_export(object);
  else
    reader.offer_object("", object);
  return {};
}

}  // namespace vrm::profile
