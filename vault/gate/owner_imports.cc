// OwnerDesk: importing, with a preview and an undo.

#include <algorithm>
#include <nlohmann/json.hpp>

#include "vault/gate/owner_desk.h"
#include "vault/profile/import.h"

namespace vrm::gate {

using nlohmann::json;

namespace {

json with_of(const Gaps& gaps) {
  json with = json::object();
  for (const auto& [name, value] : gaps) with[name] = value;
  return with;
}

// What becomes of a field; what the person has stays unless they said otherwise.
std::string_view change_of(const profile::ImportItem& item, profile::Keep keep) {
  const bool stays = item.change == profile::Change::Changed && keep == profile::Keep::Existing;
  return stays ? "kept" : profile::to_string(item.change);
}

json plan_document(const profile::ImportPlan& plan, const profile::Catalogue& catalogue,
                   profile::Keep keep) {
  json items = json::array();
  for (const auto& item : plan.items)
    items.push_back({{"field", item.field},
                     {"value", item.value},
                     {"sensitive", catalogue.sensitivity_of(item.field) >= profile::kSensitive},
                     {"line", item.line},
                     {"change", change_of(item, keep)}});
  json problems = json::array();
  for (const auto& problem : plan.problems)
    problems.push_back({{"line", problem.line},
                        {"left_out", problem.is_notice()},
                        {"say", problem.what.say},
                        {"with", with_of(problem.what.with)},
                        {"message", problem.what.message}});
  return {{"schema", "vrm.import/1"},
          {"id", ""},
          {"format", plan.format},
          {"card", plan.card},
          {"written", false},
          {"items", std::move(items)},
          {"problems", std::move(problems)}};
}

void count_changes(const profile::ImportPlan& plan, profile::Keep keep, json& document) {
  std::size_t added = 0;
  std::size_t changed = 0;
  for (const auto& item : plan.items) {
    if (item.change == profile::Change::Added) ++added;
    if (item.change == profile::Change::Changed) ++changed;
  }
  const bool stays = keep == profile::Keep::Existing;
  document["added"] = added;
  document["changed"] = stays ? 0 : changed;
  document["same"] = plan.items.size() - added - changed;
  document["kept"] = stays ? changed : 0;
}

// Those that are not left as they were.
std::vector<std::string> written_fields(const profile::ImportPlan& plan, profile::Keep keep) {
  std::vector<std::string> fields;
  for (const auto& item : plan.items) {
    const bool stays = item.change == profile::Change::Same ||
                       (item.change == profile::Change::Changed && keep == profile::Keep::Existing);
    if (!stays) fields.push_back(item.field);
  }
  return fields;
}

}  // namespace

Result<json> OwnerDesk::import(std::string_view text, const ImportCall& call) {
  auto* rooms = TRY(call.preview ? vault_.open_rooms() : vault_.changeable_rooms());
  const auto format = profile::import_format_from_text(call.format.empty() ? "auto" : call.format);
  if (!format)
    return refusal(ErrorCode::Malformed, "import.unknown_format", {{"format", call.format}});
  if (!call.keep.empty() && call.keep != "existing" && call.keep != "new")
    return refusal(ErrorCode::Malformed, "import.unknown_keep", {{"keep", call.keep}});
  const auto card = call.card ? std::optional<std::string_view>(*call.card) : std::nullopt;
  auto plan = TRY(profile::read_import(vault_.knowledge().catalogue, text, *format, card));
  TRY(profile::compare(rooms->profile, plan, vault_.now()));
  const auto keep = call.keep == "new" ? profile::Keep::New : profile::Keep::Existing;
  json document = plan_document(plan, vault_.knowledge().catalogue, keep);
  count_changes(plan, keep, document);
  const auto written = written_fields(plan, keep);
  if (call.preview || written.empty()) return document;

  const ImportId id = ImportId::make(vault_.means().random);
  const journal::Entry entry{.kind = journal::Kind::Imported, .fields = written, .reason = id.text};
  profile::ImportResult result;
  const auto job = [&](store::Txn& txn) -> Result<void> {
    result = TRY(profile::apply(txn, rooms->profile, plan, id, keep, vault_.now()));
    return {};
  };
  TRY(record(*rooms, entry, job));
  document["id"] = id.text;
  document["written"] = true;
  document["added"] = result.added;
  document["changed"] = result.changed;
  document["same"] = result.same;
  document["kept"] = result.kept;
  return document;
}

Result<json> OwnerDesk::undo_import(std::string_view typed, bool skip_changed) {
  auto* rooms = TRY(vault_.changeable_rooms());
  const std::string wanted = TRY(id_from_typed(ImportKind::kPrefix, typed));
  const auto known = TRY(profile::imports(*rooms->store));
  std::vector<ImportId> found;
  for (const auto& entry : known)
    if (entry.id.text.starts_with(wanted)) found.push_back(entry.id);
  if (found.empty())
    return refusal(ErrorCode::NotFound, "profile.no_import", {{"import", std::string(typed)}});
  if (found.size() > 1)
    return refusal(ErrorCode::Conflict, "id.several", {{"typed", std::string(typed)}});

  const ImportId id = found.front();
  const auto on_changed = skip_changed ? profile::OnChanged::Skip : profile::OnChanged::Refuse;
  profile::UndoResult result;
  const auto job = [&](store::Txn& txn) -> Result<void> {
    result = TRY(profile::undo(txn, *rooms->store, rooms->profile, id, on_changed, vault_.now()));
    return {};
  };
  TRY(record(*rooms, {.kind = journal::Kind::ImportUndone, .reason = id.text}, job));
  return json{{"schema", "vrm.import/1"},
              {"id", id.text},
              {"undone", true},
              {"written", true},
              {"removed", result.removed},
              {"restored", result.restored},
              {"skipped", result.skipped}};
}

}  // namespace vrm::gate
