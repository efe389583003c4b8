#pragma once
// All documents of a vault: what its rows say there are, and whether the files are that.

#include <functional>
#include <vector>

#include "vault/store/content.h"
#include "vault/store/document.h"

namespace vrm::store {

struct KnownDocument {
  RowId id;
  DocumentSeal seal;
};

struct KnownDocuments {
  std::vector<KnownDocument> known;  // in the order of their ids
  std::vector<Damage> damages;       // rows that open and are no record of a document
};

// Those whose row's key is here; a row that does not open is somebody else's finding.
KnownDocuments documents_in(const Content& content, const crypto::KeySlab& keys);

enum class Thoroughly { No, Yes };

// Whether its file is there with its length; thoroughly: whether all its bytes are its own. Nothing: so it is.
// Io: the file cannot be read.
Result<std::optional<Damage>> look_at_document(Disk& disk,
                                               const std::filesystem::path& vault_folder,
                                               const VaultId& vault, const KnownDocument& document,
                                               Thoroughly thoroughly);

// Removes the files of documents that have no row. Io: some are left.
Result<void> sweep_documents(Disk& disk, const std::filesystem::path& vault_folder,
                             const RowTable& rows);

}  // namespace vrm::store
