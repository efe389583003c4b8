// The owner's desk: everything in the clear, in a file.

#include <nlohmann/json.hpp>

#include "vault/base/json.h"
#include "vault/gate/named_path.h"
#include "vault/gate/owner_desk.h"

namespace vrm::gate {

using nlohmann::json;

namespace {

// Nothing is replaced unasked, and what is begun beside it is never somebody else's.
Result<void> make_room(store::Disk& disk, const std::filesystem::path& file,
                       const std::filesystem::path& fresh, bool replace) {
  for (const auto& path : {file, fresh}) {
    if (!replace && TRY(disk.exists(path)))
      return refusal(ErrorCode::Conflict, "backup.exists", {{"file", path.string()}});
  }
  if (TRY(disk.exists(fresh))) return disk.remove(fresh);
  return {};
}

Result<void> write_whole(store::Disk& disk, const std::filesystem::path& fresh,
                         std::string_view text) {
  auto opened = disk.open(fresh, store::OpenMode::CreateNew);
  if (!opened.ok() && opened.error().code == ErrorCode::NotFound)
    return refusal(ErrorCode::NotFound, "backup.no_folder",
                   {{"folder", fresh.parent_path().string()}});
  if (!opened.ok()) return std::move(opened).error();
  const auto file = std::move(opened).value();
  TRY(file->write(0, bytes_of(text)));
  return file->sync();
}

Result<void> refuse_inside(const std::filesystem::path& file,
                           const std::filesystem::path& vault_folder) {
  std::error_code failed;
  if (!std::filesystem::equivalent(file.parent_path(), vault_folder, failed) || failed) return {};
  return refusal(ErrorCode::Malformed, "backup.in_vault", {{"folder", vault_folder.string()}});
}

}  // namespace

Result<json> OwnerDesk::all_documents() const {
  const auto* rooms = TRY(vault_.open_rooms());
  json all = {{"schema", "vrm.export/1"},
              {"vault", to_hex(rooms->store->vault_id())},
              {"made_at", to_rfc3339({vault_.now().seconds() * 1000})}};
  all["fields"] = TRY(fields(""))["items"];
  all["values"] = json::object();
  for (const auto& field : all["fields"])
    all["values"][field.at("field").get<std::string>()] = field.at("value");
  all["history"] = json::array();
  for (const auto& field : all["fields"]) {
    json was = TRY(history(field.at("field").get<std::string>()));
    if (was.at("items").size() > 1) all["history"].push_back(std::move(was));
  }
  all["brands"] = TRY(brands())["items"];
  all["requests"] = TRY(requests(true))["items"];
  all["grants"] = TRY(grants("", true))["items"];
  all["intents"] = TRY(intents(true))["items"];
  all["offers"] = json::array();
  for (const auto& intent : all["intents"]) {
    const json made = TRY(offers(intent.at("id").get<std::string>(), json::object()));
    for (const auto& item : made.at("items")) {
      json whole = TRY(offer(item.at("id").get<std::string>()));
      all["offers"].push_back(std::move(whole));
    }
  }
  LogQuery query;
  query.limit = SIZE_MAX;
  all["log"] = TRY(log(query))["items"];
  return all;
}

Result<json> OwnerDesk::export_all(const std::string& typed, bool replace) {
  auto* rooms = TRY(vault_.changeable_rooms());
  const auto file = TRY(file_path(typed));
  TRY(refuse_inside(file, vault_.options().folder));
  auto& disk = vault_.means().disk;
  const std::filesystem::path fresh = file.string() + ".new";
  TRY(make_room(disk, file, fresh, replace));
  const json all = TRY(all_documents());
  const std::string text = write_json_pretty(all);
  auto done = write_whole(disk, fresh, text);
  const journal::Entry entry{.kind = journal::Kind::Exported};
  if (done.ok()) done = record(*rooms, entry, [](store::Txn&) { return Result<void>(); });
  if (done.ok()) done = disk.rename(fresh, file);
  if (done.ok()) done = disk.sync_folder(file.parent_path());
  if (!done.ok()) {
    // The error tells; that the rest of it could not be removed would not change it.
    static_cast<void>(disk.remove(fresh).ok());
    return std::move(done).error();
  }
  return json{{"schema", "vrm.exported/1"},
              {"file", file.string()},
              {"bytes", text.size()},
              {"fields", all["fields"].size()},
              {"brands", all["brands"].size()},
              {"grants", all["grants"].size()},
              {"log_records", all["log"].size()}};
}

}  // namespace vrm::gate
