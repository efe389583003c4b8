#include "cli/document.h"

#include <nlohmann/json.hpp>

#include "vault/base/text.h"

namespace vrm::cli {

namespace {

using nlohmann::json;

constexpr std::size_t kLongestText = 1'000'000;

const json* find(const json& object, std::string_view name) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(name);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

}  // namespace

std::string raw_at(const json& object, std::string_view name) {
  const json* found = find(object, name);
  return found != nullptr && found->is_string() ? found->get_ref<const std::string&>() : "";
}

std::string text_at(const json& object, std::string_view name) {
  return printable(raw_at(object, name), kLongestText);
}

std::int64_t number_at(const json& object, std::string_view name) {
  const json* found = find(object, name);
  return found != nullptr && found->is_number_integer() ? found->get<std::int64_t>() : 0;
}

bool flag_at(const json& object, std::string_view name) {
  const json* found = find(object, name);
  return found != nullptr && found->is_boolean() && found->get<bool>();
}

bool has_at(const json& object, std::string_view name) {
  return find(object, name) != nullptr;
}

const json& object_at(const json& object, std::string_view name) {
  static const json kEmpty = json::object();
  const json* found = find(object, name);
  return found != nullptr && found->is_object() ? *found : kEmpty;
}

const json& list_at(const json& object, std::string_view name) {
  static const json kEmpty = json::array();
  const json* found = find(object, name);
  return found != nullptr && found->is_array() ? *found : kEmpty;
}

std::vector<std::string> texts_at(const json& object, std::string_view name) {
  std::vector<std::string> texts;
  for (const auto& item : list_at(object, name))
    if (item.is_string())
      texts.push_back(printable(item.get_ref<const std::string&>(), kLongestText));
  return texts;
}

Gaps gaps_at(const json& object) {
  Gaps with;
  for (const auto& [name, value] : object_at(object, "with").items())
    if (value.is_string()) with.emplace_back(name, value.get_ref<const std::string&>());
  return with;
}

std::string joined(const std::vector<std::string>& texts, std::string_view between) {
  std::string out;
  for (const auto& text : texts) {
    if (!out.empty()) out += between;
    out += text;
  }
  return out;
}

}  // namespace vrm::cli
