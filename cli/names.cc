#include "cli/names.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "cli/document.h"
#include "cli/suggest.h"
#include "cli/terminal.h"
#include "vault/api/paths.h"

namespace vrm::cli {

namespace {

using nlohmann::json;

constexpr std::int64_t kSensitiveFrom = 2;

bool begins(std::string_view prefix, std::string_view name) {
  return name.size() > prefix.size() && name.starts_with(prefix) && name[prefix.size()] == '.';
}

constexpr std::string_view kDocumentGroup = "document.";

struct Lookup {
  bool is_there = false;
  std::string near;  // names that may have been meant
};

// A name that the catalogue has not, among the fields of the vault.
Result<Lookup> look_up(Session& session, const std::string& name) {
  const auto path = TRY(api::path_to(api::kFields, name));
  const auto field = session.get(path);
  if (field.ok()) return Lookup{true, ""};
  if (field.error().code != ErrorCode::NotFound) return field.error();
  for (const auto& [gap, text] : field.error().with)
    if (gap == "near") return Lookup{false, text};
  return Lookup();
}

// Asks whether a name is meant that others are near to.
Result<void> ask_own_name(Session& session, const std::string& name, const std::string& near) {
  const Gaps with = {{"field", name}, {"near", near}};
  if (session.settings().no_input || !has_terminal())
    return refusal(ErrorCode::Malformed, "input.own_name", with);
  return session.confirm("ask.own_name", with);
}

// The document's whole name, whichever of the two was typed; or what may have been meant.
Lookup document_named(const json& documents, const std::string& typed) {
  const bool is_short = !typed.starts_with(kDocumentGroup);
  const auto whole = is_short ? std::string(kDocumentGroup) + typed : typed;
  std::vector<std::string> names;
  for (const auto& document : list_at(documents, "items")) {
    auto name = raw_at(document, "name");
    if (name == whole) return {true, whole};
    names.push_back(is_short ? name.substr(std::min(kDocumentGroup.size(), name.size())) : name);
  }
  return {false, joined(suggestions(typed, names))};
}

// The name to grant for one that the catalogue has not.
Result<std::string> granted_name(Session& session, const json& documents,
                                 const std::string& typed) {
  const auto document = document_named(documents, typed);
  if (document.is_there) return document.near;
  const auto field = TRY(look_up(session, typed));
  if (field.is_there || session.settings().yes) return typed;
  auto near = document.near;
  if (!field.near.empty()) near += (near.empty() ? "" : ", ") + field.near;
  if (near.empty()) return refusal(ErrorCode::Malformed, "grant.no_such_name", {{"field", typed}});
  TRY(ask_own_name(session, typed, near));
  return typed;
}

// Of address.home.locality: address and address.home.
void add_groups(std::set<std::string>& groups, const std::string& name) {
  for (auto dot = name.find('.'); dot != name.npos; dot = name.find('.', dot + 1))
    groups.insert(name.substr(0, dot));
}

}  // namespace

const json* entry_of(const json& catalogue, std::string_view name) {
  for (const auto& field : list_at(catalogue, "fields"))
    if (raw_at(field, "name") == name) return &field;
  return nullptr;
}

bool is_sensitive(const json& catalogue, std::string_view name) {
  const auto* entry = entry_of(catalogue, name);
  return entry != nullptr && number_at(*entry, "sensitivity") >= kSensitiveFrom;
}

Result<void> check_names(Session& session, const json& catalogue,
                         const std::vector<std::string>& names) {
  if (session.has("own")) return {};
  for (const auto& name : names) {
    if (entry_of(catalogue, name) != nullptr) continue;
    const auto found = TRY(look_up(session, name));
    if (found.near.empty() || session.settings().yes) continue;
    TRY(ask_own_name(session, name, found.near));
  }
  return {};
}

Result<std::vector<std::string>> granted_names(Session& session, const json& catalogue,
                                               const std::vector<std::string>& names) {
  if (session.has("own")) return names;
  std::vector<std::string> granted;
  std::optional<json> documents;
  for (const auto& name : names) {
    if (entry_of(catalogue, name) != nullptr) {
      granted.push_back(name);
      continue;
    }
    if (!documents) documents = TRY(session.get(std::string(api::kDocuments)));
    granted.push_back(TRY(granted_name(session, *documents, name)));
  }
  return granted;
}

Error explained(Session& session, const std::string& name, Error failed) {
  if (failed.code != ErrorCode::NotFound || failed.say == "profile.no_version") return failed;
  const auto group = refusal(ErrorCode::NotFound, "get.group", {{"group", name}});
  const auto catalogue = session.get(std::string(api::kCatalogue));
  if (catalogue.ok())
    for (const auto& field : list_at(catalogue.value(), "fields"))
      if (begins(name, raw_at(field, "name"))) return group;
  const auto own = session.get(api::with_query(std::string(api::kFields), "prefix", name));
  return own.ok() && !list_at(own.value(), "items").empty() ? group : failed;
}

Result<void> explain_empty_list(Session& session, const std::string& prefix) {
  auto& screen = session.screen();
  if (prefix.empty()) {
    screen.note("list.nothing");
    return {};
  }
  const auto catalogue = TRY(session.get(std::string(api::kCatalogue)));
  const auto fields = TRY(session.get(std::string(api::kFields)));
  std::set<std::string> known;
  for (const auto& field : list_at(catalogue, "fields")) known.insert(raw_at(field, "name"));
  for (const auto& field : list_at(fields, "items")) known.insert(raw_at(field, "field"));
  const auto names = known;
  for (const auto& name : names) add_groups(known, name);
  if (known.contains(prefix)) {
    screen.note("list.none", {{"prefix", prefix}});
    return {};
  }
  const auto near = suggestions(prefix, {known.begin(), known.end()});
  screen.note(near.empty() ? "list.unknown" : "list.unknown_near",
              {{"prefix", prefix}, {"names", joined(near)}});
  return {};
}

}  // namespace vrm::cli
