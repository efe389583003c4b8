// The owner's desk: backups.

#include <nlohmann/json.hpp>

#include "vault/base/json.h"
#include "vault/gate/named_path.h"
#include "vault/gate/owner_desk.h"
#include "vault/store/backup.h"
#include "vault/store/row.h"

namespace vrm::gate {

using nlohmann::json;

namespace {

// The row of table Settings that says when the last backup was made.
constexpr store::RowId kLastBackup = {'l', 'a', 's', 't', ' ', 'b', 'a', 'c', 'k', 'u', 'p'};

json backup_document(const std::filesystem::path& file, const store::BackupReport& report) {
  json tables = json::object();
  std::uint64_t rows = 0;
  for (std::uint8_t number = 1; number <= store::kTables; ++number) {
    const std::uint64_t count = report.rows[number - std::size_t{1}];
    rows += count;
    if (count > 0) tables[std::string(to_string(static_cast<store::Table>(number)))] = count;
  }
  json document = {{"schema", "vrm.backup/1"},
                   {"file", file.string()},
                   {"vault", to_hex(report.vault)},
                   {"format", report.format},
                   {"made_at", to_rfc3339({report.made_at.seconds() * 1000})},
                   {"bytes", report.bytes},
                   {"rows", rows},
                   {"tables", std::move(tables)},
                   {"log_records", report.log_records},
                   {"epoch", report.epoch},
                   {"checked", false},
                   {"digest", nullptr}};
  if (report.digest == crypto::Digest{}) return document;
  document["checked"] = true;
  document["digest"] = to_hex(report.digest);
  return document;
}

}  // namespace

json OwnerDesk::last_backup(const Rooms& rooms) const {
  const auto record = rooms.store->read(store::Table::Settings, kLastBackup);
  if (!record.ok()) return nullptr;
  const auto read = read_json(record.value().text());
  if (!read.ok() || !read.value().is_object() || !read.value().contains("at") ||
      !read.value()["at"].is_number_integer())
    return nullptr;
  const Instant at{read.value()["at"].get<std::int64_t>()};
  return {{"made_at", to_rfc3339({at.seconds() * 1000})}};
}

Result<json> OwnerDesk::back_up(const BackupCall& call) {
  auto* rooms = TRY(vault_.open_rooms());
  const auto file = TRY(file_path(call.file));
  const Instant at = vault_.now();
  store::BackupReport report;
  {
    LongWork::Turn turn(long_work_, "backup");
    const store::BackupOrder order{
        .file = file,
        .made_at = at,
        .replace = call.replace ? store::Replace::Yes : store::Replace::No,
        .progress = turn.progress(),
    };
    report = TRY(rooms->store->back_up(order));
  }
  const journal::Entry entry{.kind = journal::Kind::BackedUp};
  const std::string last = write_json({{"at", at.ms}});
  const auto keep = [&](store::Txn& txn) -> Result<void> {
    auto kept = txn.write(store::Table::Settings, kLastBackup, store::kVaultKey, bytes_of(last));
    // The vault was locked while the backup was written: the journal still tells of it.
    if (!kept.ok() && kept.error().code == ErrorCode::Locked) return {};
    return kept;
  };
  TRY(record(*rooms, entry, keep));
  if (!call.is_checked) return backup_document(file, report);
  LongWork::Turn turn(long_work_, "verify");
  const auto checked = TRY(rooms->store->check_own_backup(file, turn.progress()));
  return backup_document(file, checked);
}

Result<json> OwnerDesk::check_backup(const std::string& typed) {
  const auto file = TRY(file_path(typed));
  const auto* rooms = TRY(vault_.open_rooms());
  LongWork::Turn turn(long_work_, "verify");
  const auto report = TRY(rooms->store->check_own_backup(file, turn.progress()));
  return backup_document(file, report);
}

Result<json> OwnerDesk::check_backup(const std::string& typed, SlotKind kind,
                                     crypto::Secret secret) {
  const auto file = TRY(file_path(typed));
  const auto opener = TRY(opener_from(kind, std::move(secret)));
  LongWork::Turn turn(long_work_, "verify");
  const auto report = TRY(store::check_backup(vault_.means().disk, file, opener, turn.progress()));
  return backup_document(file, report);
}

Result<json> OwnerDesk::restore(const std::string& typed_file, const std::string& typed_folder,
                                SlotKind kind, crypto::Secret secret) {
  const auto file = TRY(file_path(typed_file));
  auto folder = TRY(absolute_path(typed_folder));
  if (!folder.has_filename()) folder = folder.parent_path();
  const auto opener = TRY(opener_from(kind, std::move(secret)));
  LongWork::Turn turn(long_work_, "restore");
  const auto report = TRY(vault_.restore(file, folder, opener, turn.progress()));
  json document = backup_document(file, report);
  document["folder"] = folder.string();
  return document;
}

}  // namespace vrm::gate
