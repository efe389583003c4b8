// The owner's desk: documents, which come and go part by part.

#include <nlohmann/json.hpp>

#include "vault/base/json.h"
#include "vault/base/text.h"
#include "vault/gate/documents.h"
#include "vault/gate/owner_desk.h"

namespace vrm::gate {

using nlohmann::json;

namespace {

constexpr std::size_t kMostFileLetters = 200;
constexpr std::string_view kAnyType = "application/octet-stream";

// The last part of a path, for some programs send all of it, made safe to show.
std::string file_name(std::string_view typed) {
  const auto slash = typed.find_last_of("/\\");
  if (slash != typed.npos) typed.remove_prefix(slash + 1);
  return printable(typed, kMostFileLetters);
}

Error name_taken(const std::string& name) {
  return Error{ErrorCode::Conflict, "document.exists", "document.exists", {{"name", name}}};
}

json upload_document(const std::string& id, const profile::Document& document) {
  return {{"schema", "vrm.upload/1"},
          {"id", id},
          {"name", document.name},
          {"part_bytes", kPartBytes},
          {"parts", document.size == 0 ? 0 : parts_of(document.size)}};
}

Result<void> take_part(Upload& upload, std::uint64_t part, BytesView bytes) {
  const std::uint64_t size = upload.document.size;
  if (part != upload.next || part > parts_of(size))
    return refusal(ErrorCode::Conflict, "document.part_order",
                   {{"part", std::to_string(part)}, {"next", std::to_string(upload.next)}});
  if (bytes.empty() || bytes.size() != bytes_of_part(size, part))
    return refusal(ErrorCode::Malformed, "document.part_size", {{"part", std::to_string(part)}});
  TRY(upload.file->write(bytes));
  ++upload.next;
  return {};
}

// All of it came, and came as it was sent.
Result<store::DocumentSeal> whole(Upload& upload, const std::optional<std::string>& wanted) {
  if (upload.file->size() != upload.document.size)
    return refusal(ErrorCode::Malformed, "document.incomplete",
                   {{"next", std::to_string(upload.next)}});
  auto seal = TRY(upload.file->finish());
  if (wanted && to_hex(seal.sha256) != *wanted)
    return refusal(ErrorCode::Malformed, "document.damaged");
  return seal;
}

}  // namespace

Result<json> OwnerDesk::begin_document(const json& body) {
  auto* rooms = TRY(vault_.changeable_rooms());
  profile::Document document;
  const auto file = TRY(need_string(body, "file"));
  const auto name = TRY(find_string(body, "name"));
  const auto type = TRY(find_string(body, "type"));
  const auto size = TRY(need_int(body, "size"));
  document.file = file_name(file);
  document.name = name ? TRY(profile::document_name_from(*name))
                       : profile::document_name_of_file(document.file);
  document.type = TRY(profile::media_type_from(type ? *type : std::string(kAnyType)));
  document.source = "self";
  if (size < 0 || static_cast<std::uint64_t>(size) > store::kMostDocumentBytes)
    return refusal(ErrorCode::Malformed, "document.too_big",
                   {{"most", std::to_string(store::kMostDocumentBytes >> 20)}});
  document.size = static_cast<std::uint64_t>(size);
  if (is_there(*rooms, document.name) || rooms->profile.catalogue().find(document.name) != nullptr)
    return name_taken(document.name);
  const auto& means = vault_.means();
  auto begun = TRY(store::NewDocument::begin(means.disk, means.random, vault_.options().folder,
                                             rooms->store->vault_id()));
  const auto upload = std::make_shared<Upload>(std::move(begun), document);
  const auto id = TRY(rooms->uploads.add(upload, means.clock.ticks(), means.random));
  return upload_document(id, document);
}

Result<json> OwnerDesk::put_part(std::string_view id, std::uint64_t part, BytesView bytes) {
  auto* rooms = TRY(vault_.changeable_rooms());
  const auto upload = TRY(rooms->uploads.find(id, vault_.means().clock.ticks()));
  const std::lock_guard lock(upload->mutex);
  if (upload->file == nullptr) return refusal(ErrorCode::NotFound, "document.no_upload");
  auto taken = take_part(*upload, part, bytes);
  if (taken.ok()) return upload_document(std::string(id), upload->document);
  if (taken.error().code == ErrorCode::Io) {
    // What could not be written in the middle is nothing to go on with; the room it took is free again.
    upload->file.reset();
    static_cast<void>(rooms->uploads.take(id).ok());
  }
  return std::move(taken).error();
}

Result<json> OwnerDesk::finish_document(std::string_view id, const json& body) {
  auto* rooms = TRY(vault_.changeable_rooms());
  const auto wanted = TRY(find_string(body, "sha-256"));
  const auto upload = TRY(rooms->uploads.take(id));
  const std::lock_guard lock(upload->mutex);
  if (upload->file == nullptr) return refusal(ErrorCode::NotFound, "document.no_upload");
  const auto seal = whole(*upload, wanted);
  // The upload has ended, well or not: the file goes with `file`, unless it is kept.
  const std::unique_ptr<store::NewDocument> file = std::move(upload->file);
  if (!seal.ok()) return seal.error();
  profile::Document document = upload->document;
  document.row = file->id();
  document.added_at = vault_.now();
  const journal::Entry entry{.kind = journal::Kind::DocumentAdded, .fields = {document.name}};
  const auto added = record(*rooms, entry, [&](store::Txn& txn) -> Result<void> {
    if (rooms->profile.find(txn, document.name)) return name_taken(document.name);
    TRY(rooms->documents.add(txn, document, seal.value()));
    return {};
  });
  // Of a commit that failed nobody knows whether the disk has it after all: the next unlock looks.
  if (added.ok() || added.error().code == ErrorCode::Io) file->keep();
  if (!added.ok()) return added.error();
  return this->document(document.name);
}

Result<json> OwnerDesk::drop_upload(std::string_view id) {
  auto* rooms = TRY(vault_.changeable_rooms());
  TRY(rooms->uploads.take(id));
  return json{{"schema", "vrm.upload/1"}, {"id", id}};
}

Result<json> OwnerDesk::documents() const {
  auto* rooms = TRY(vault_.open_rooms());
  json items = json::array();
  for (const auto& document : rooms->documents.all())
    items.push_back(paper_document(*rooms, *document, vault_.knowledge().purposes, vault_.now()));
  return json{{"schema", "vrm.documents/1"}, {"items", std::move(items)}};
}

Result<profile::DocumentPtr> OwnerDesk::named_document(const Rooms& rooms,
                                                       std::string_view typed) const {
  const auto name = TRY(profile::document_name_from(typed));
  const auto found = rooms.documents.find(name);
  if (found == nullptr) return rooms.documents.no_such_document(name);
  return found;
}

Result<json> OwnerDesk::document(std::string_view name) const {
  auto* rooms = TRY(vault_.open_rooms());
  const auto found = TRY(named_document(*rooms, name));
  return paper_document(*rooms, *found, vault_.knowledge().purposes, vault_.now());
}

Result<std::string> OwnerDesk::document_part(std::string_view name, std::uint64_t part) {
  auto* rooms = TRY(vault_.open_rooms());
  const auto found = TRY(named_document(*rooms, name));
  if (part == 1 && rooms->store->state() == store::State::Open) {
    const journal::Entry entry{.kind = journal::Kind::DocumentRead, .fields = {found->name}};
    TRY(record(*rooms, entry, [](store::Txn&) { return Result<void>(); }));
  }
  return read_part(vault_, *found, part);
}

Result<json> OwnerDesk::remove_document(std::string_view name) {
  auto* rooms = TRY(vault_.changeable_rooms());
  const auto found = TRY(named_document(*rooms, name));
  json document = paper_document(*rooms, *found, vault_.knowledge().purposes, vault_.now());
  const journal::Entry entry{.kind = journal::Kind::DocumentRemoved, .fields = {found->name}};
  TRY(record(*rooms, entry, [&](store::Txn& txn) { return rooms->documents.remove(txn, *found); }));
  // Nothing opens it any more; what could not be removed is swept at the next unlock.
  static_cast<void>(
      store::remove_document(vault_.means().disk, vault_.options().folder, found->row).ok());
  return document;
}

}  // namespace vrm::gate
