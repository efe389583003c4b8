// The owner's desk: everything in the clear, in a file.

#include <algorithm>
#include <nlohmann/json.hpp>

#include "vault/base/json.h"
#include "vault/gate/documents.h"
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

// The ending of a file's name, where it is a plain one.
std::string ending_of(const std::string& file) {
  constexpr std::size_t kMost = 8;
  const auto dot = file.rfind('.');
  if (dot == file.npos || file.size() - dot - 1 > kMost || dot + 1 == file.size()) return {};
  const std::string ending = file.substr(dot);
  const bool plain = std::all_of(ending.begin() + 1, ending.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  });
  return plain ? ending : "";
}

// passport.pdf: the name that the vault knows, which no path can hide in.
std::string exported_name(const profile::Document& document) {
  return document.name.substr(profile::kDocumentGroup.size()) + ending_of(document.file);
}

Result<void> write_document(const Vault& vault, const profile::Document& document,
                            const std::filesystem::path& path) {
  const auto file = TRY(vault.means().disk.open(path, store::OpenMode::CreateOrExisting));
  TRY(file->truncate(0));
  for (std::uint64_t part = 1; part <= parts_of(document.size); ++part) {
    const auto bytes = TRY(read_part(vault, document, part));
    TRY(file->write((part - 1) * kPartBytes, bytes_of(bytes)));
  }
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
  all["documents"] = TRY(documents())["items"];
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

// Each as it came, in a folder beside the JSON, for some are larger than a program wants to read at once.
Result<void> OwnerDesk::export_documents(const Rooms& rooms,
                                         const std::filesystem::path& folder) const {
  const auto documents = rooms.documents.all();
  if (documents.empty()) return {};
  auto& disk = vault_.means().disk;
  TRY(disk.make_folder(folder));
  for (const auto& document : documents)
    TRY(write_document(vault_, *document, folder / exported_name(*document)));
  return disk.sync_folder(folder);
}

Result<json> OwnerDesk::export_all(const std::string& typed, bool replace) {
  auto* rooms = TRY(vault_.changeable_rooms());
  const auto file = TRY(file_path(typed));
  TRY(refuse_inside(file, vault_.options().folder));
  auto& disk = vault_.means().disk;
  const std::filesystem::path fresh = file.string() + ".new";
  const std::filesystem::path folder = file.string() + ".documents";
  TRY(make_room(disk, file, fresh, replace));
  if (!replace && TRY(disk.exists(folder)))
    return refusal(ErrorCode::Conflict, "backup.exists", {{"file", folder.string()}});
  json all = TRY(all_documents());
  for (auto& item : all["documents"]) {
    const auto document = rooms->documents.find(item.at("name").get<std::string>());
    if (document != nullptr)
      item["path"] = folder.filename().string() + "/" + exported_name(*document);
  }
  const std::string text = write_json_pretty(all);
  auto done = write_whole(disk, fresh, text);
  const journal::Entry entry{.kind = journal::Kind::Exported};
  if (done.ok()) done = record(*rooms, entry, [](store::Txn&) { return Result<void>(); });
  if (done.ok()) done = export_documents(*rooms, folder);
  if (done.ok()) done = disk.rename(fresh, file);
  if (done.ok()) done = disk.sync_folder(file.parent_path());
  if (!done.ok()) {
    // The error tells; that the rest of it could not be removed would not change it.
    static_cast<void>(disk.remove(fresh).ok());
    for (const auto& document : rooms->documents.all())
      static_cast<void>(disk.remove(folder / exported_name(*document)).ok());
    return std::move(done).error();
  }
  return json{
      {"schema", "vrm.exported/1"},
      {"file", file.string()},
      {"bytes", text.size()},
      {"fields", all["fields"].size()},
      {"documents", all["documents"].size()},
      {"documents_folder", all["documents"].empty() ? json(nullptr) : json(folder.string())},
      {"brands", all["brands"].size()},
      {"grants", all["grants"].size()},
      {"log_records", all["log"].size()}};
}

}  // namespace vrm::gate
