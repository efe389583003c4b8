#include "vault/grants/purposes.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "vault/base/embed.h"
#include "vault/base/json.h"

VRM_DECLARE_EMBEDDED(policies_purposes_json);

namespace vrm::grants {

namespace {

Error broken(std::string_view what) {
  return Error{ErrorCode::Corrupt, "policies/purposes.json: " + std::string(what)};
}

Result<Purpose> read_purpose(const nlohmann::json& item) {
  Purpose purpose;
  purpose.word = TRY(need_string(item, "word"));
  purpose.dpv = TRY(need_string(item, "dpv"));
  const bool is_root = item.contains("parent") && item["parent"].is_null();
  if (!is_root) purpose.parent = TRY(need_string(item, "parent"));
  const std::string rule = TRY(need_string(item, "rule"));
  if (rule != "ask" && rule != "never") return broken("rule `" + rule + "`");
  purpose.grantable = rule == "ask";
  purpose.usual = TRY(need_strings(item, "usual"));
  purpose.label_en = TRY(need_string(item, "label_en"));
  purpose.label_fr = TRY(need_string(item, "label_fr"));
  return purpose;
}

}  // namespace

Result<Purposes> Purposes::load() {
  return parse(VRM_EMBEDDED(policies_purposes_json));
}

Result<Purposes> Purposes::parse(std::string_view text) {
  const auto json = TRY(read_json(text));
  if (!json.is_array()) return broken("not a list");
  Purposes tree;
  for (const auto& item : json) {
    auto purpose = TRY(read_purpose(item));
    if (tree.find(purpose.word) != nullptr || tree.find(purpose.dpv) != nullptr)
      return broken("`" + purpose.word + "` twice");
    if (!purpose.parent.empty() && tree.find(purpose.parent) == nullptr)
      return broken("the parent of `" + purpose.word + "` does not stand above it");
    tree.purposes_.push_back(std::move(purpose));
  }
  return tree;
}

std::string Purposes::words() const {
  std::string words;
  for (const auto& purpose : purposes_)
    if (purpose.grantable) words += (words.empty() ? "" : ", ") + purpose.word;
  return words;
}

const Purpose* Purposes::find(std::string_view word_or_dpv) const {
  const auto found = std::find_if(purposes_.begin(), purposes_.end(), [&](const Purpose& purpose) {
    return purpose.word == word_or_dpv || purpose.dpv == word_or_dpv;
  });
  return found == purposes_.end() ? nullptr : &*found;
}

bool Purposes::is_usual(const Purpose& purpose, std::string_view field) {
  return std::any_of(purpose.usual.begin(), purpose.usual.end(), [field](const std::string& usual) {
    return field == usual || (field.starts_with(usual) && field[usual.size()] == '.');
  });
}

}  // namespace vrm::grants
