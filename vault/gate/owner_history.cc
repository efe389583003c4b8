// OwnerDesk: what a field was before, and back to it.

#include <nlohmann/json.hpp>

#include "vault/base/json.h"
#include "vault/gate/documents.h"
#include "vault/gate/owner_desk.h"
#include "vault/profile/import.h"

namespace vrm::gate {

using nlohmann::json;

Result<json> OwnerDesk::history(std::string_view name) const {
  auto* rooms = TRY(vault_.open_rooms());
  const auto field = rooms->profile.find(name);
  if (!field) return rooms->profile.no_such_field(name);
  const auto versions = TRY(rooms->profile.versions(*field));
  const auto imports = TRY(profile::imports(*rooms->store));
  json items = json::array();
  for (const auto& version : versions) {
    json item = {{"version", version.number},
                 {"at", to_rfc3339({version.state.updated_at.seconds() * 1000})},
                 {"type", version.state.type},
                 {"source", version.state.source},
                 {"value", std::string(version.value.text())},
                 {"present", items.empty()},
                 {"undone", version.undone}};
    for (const auto& each : imports)
      if (version.state.source == "import:" + each.id.text) item["format"] = each.format;
    items.push_back(std::move(item));
  }
  return json{{"schema", "vrm.history/1"},
              {"field", field->name},
              {"sensitive", field->sensitive()},
              {"claim", field->claim},
              {"derived_from", derived_from(*rooms, *field)},
              {"items", std::move(items)}};
}

Result<json> OwnerDesk::restore_field(std::string_view name, const json& body) {
  auto* rooms = TRY(vault_.changeable_rooms());
  const auto version = TRY(need_int(body, "version"));
  const auto field = rooms->profile.find(name);
  if (!field) return rooms->profile.no_such_field(name);
  if (version == field->version) {
    json unchanged = TRY(this->field(name));
    unchanged["already"] = true;
    return unchanged;
  }
  const journal::Entry entry{.kind = journal::Kind::FieldRestored,
                             .fields = {field->name},
                             .reason = std::to_string(version)};
  return run_and_show_field(*rooms, entry, [&](store::Txn& txn) {
    return rooms->profile.restore_version(txn, name, version, vault_.now());
  });
}

}  // namespace vrm::gate
