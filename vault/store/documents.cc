#include "vault/store/documents.h"

#include <algorithm>

namespace vrm::store {

namespace {

// The name of a document's file: 32 digits, as to_hex gives them.
std::optional<RowId> id_from(std::string_view name) {
  RowId id;
  if (name.size() != 2 * id.size()) return std::nullopt;
  const auto digit = [](char c) -> int {
    if (c >= '0' && c <= '9') return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
  };
  for (std::size_t i = 0; i < id.size(); ++i) {
    const int high = digit(name[2 * i]);
    const int low = digit(name[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    id[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return id;
}

}  // namespace

KnownDocuments documents_in(const Content& content, const crypto::KeySlab& keys) {
  KnownDocuments found;
  for (const RowPtr& row : content.rows(Table::Documents)) {
    const RowId& id = row->id;
    const BytesView key = keys.find(row->key);
    if (key.empty()) continue;
    const auto opened = open_row(row->view(), content.vault, key);
    if (!opened.ok()) continue;
    auto record = decode_document(opened.value().view());
    if (!record.ok()) {
      found.damages.push_back({place_of(Table::Documents, id) + ": is no document"});
      continue;
    }
    DocumentRecord read = std::move(record).value();
    found.known.push_back({id, std::move(read.seal)});
  }
  std::sort(found.known.begin(), found.known.end(),
            [](const KnownDocument& a, const KnownDocument& b) { return a.id < b.id; });
  return found;
}

Result<std::optional<Damage>> look_at_document(Disk& disk,
                                               const std::filesystem::path& vault_folder,
                                               const VaultId& vault, const KnownDocument& document,
                                               Thoroughly thoroughly) {
  const auto file = DocumentFile::open(disk, vault_folder, vault, document.id, document.seal);
  Result<void> looked;
  if (!file.ok())
    looked = file.error();
  else if (thoroughly == Thoroughly::Yes)
    looked = file.value()->check();
  if (looked.ok()) return std::optional<Damage>();
  const Error& error = looked.error();
  if (error.code != ErrorCode::Corrupt) return error;
  Damage damage{error.with.empty() ? place_of_document(document.id) : error.with.front().second};
  return std::optional<Damage>(std::move(damage));
}

Result<void> sweep_documents(Disk& disk, const std::filesystem::path& vault_folder,
                             const RowTable& rows) {
  const auto names = TRY(disk.list(vault_folder / kDocumentsName));
  Result<void> swept;
  for (const std::string& name : names) {
    const auto id = id_from(name);
    if (!id || rows.contains(*id)) continue;
    auto removed = remove_document(disk, vault_folder, *id);
    if (!removed.ok()) swept = std::move(removed);
  }
  return swept;
}

}  // namespace vrm::store
