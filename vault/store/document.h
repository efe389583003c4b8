#pragma once
// A document: a file of any kind, too long for a row. Its bytes lie beside the database in a file of
// sealed chunks (vault/store/chunks.h) under a key of that file alone; its row, in table Documents,
// holds that key and says what the file must be.
//
//   file   = documents/<id in hex> in the vault's folder: chunks, context "vrm.document" | vault id | id
//   record = 1 | size 8 | SHA-256 of the bytes 32 | key of the file 32 | what the owner's rooms keep
//
// The file is whole and durable before its row is written, and goes after its row is gone: a file
// that no row names is left over and is swept away. So the row alone says whether there is a document.

#include <cstdint>
#include <filesystem>
#include <memory>

#include "vault/base/random.h"
#include "vault/base/result.h"
#include "vault/crypto/secret.h"
#include "vault/crypto/sha256.h"
#include "vault/crypto/wiped_bytes.h"
#include "vault/store/chunks.h"
#include "vault/store/disk.h"
#include "vault/store/store.h"

namespace vrm::store {

inline constexpr std::uint64_t kMostDocumentBytes = std::uint64_t{100} << 20;
inline constexpr std::string_view kDocumentsName = "documents";  // the folder, within the vault's

// What a row says of its document's file.
struct DocumentSeal {
  std::uint64_t size = 0;  // of the document
  crypto::Sha256 sha256{};
  crypto::Secret key;

  DocumentSeal clone() const { return {size, sha256, key.clone()}; }
};

// The record of a row, with what the owner's rooms keep behind the seal.
crypto::WipedBytes encode_document(const DocumentSeal& seal, BytesView rest);

struct DocumentRecord {
  DocumentSeal seal;
  BytesView rest;  // lies in the bytes that were read
};
// Corrupt: no such record.
Result<DocumentRecord> decode_document(BytesView record);

// Where a document's file lies, and how many bytes it has.
std::filesystem::path document_path(const std::filesystem::path& vault_folder, const RowId& id);
std::uint64_t sealed_size(std::uint64_t size);
// "document 3f0c…"
std::string place_of_document(const RowId& id);

// A document on its way in: at most one chunk of it is in memory.
class NewDocument {
 public:
  // Makes its file. Io.
  static Result<std::unique_ptr<NewDocument>> begin(Disk& disk, Random& random,
                                                    const std::filesystem::path& vault_folder,
                                                    const std::array<std::uint8_t, 16>& vault_id);
  // The file goes, unless keep() was called.
  ~NewDocument();
  NewDocument(const NewDocument&) = delete;
  NewDocument& operator=(const NewDocument&) = delete;

  const RowId& id() const { return id_; }
  std::uint64_t size() const { return size_; }

  // Malformed (document.too_big): more than kMostDocumentBytes. Io.
  Result<void> write(BytesView bytes);
  // The file is whole and outlives a power cut. Nothing is written behind it. Io.
  Result<DocumentSeal> finish();
  // A row names the file, or nobody knows whether one does.
  void keep() { kept_ = true; }

 private:
  NewDocument(Disk& disk, std::filesystem::path path, const RowId& id, std::unique_ptr<File> file,
              crypto::Secret key, Bytes context, Random& random);

  Disk& disk_;
  const std::filesystem::path path_;
  const RowId id_;
  std::unique_ptr<File> file_;
  const crypto::Secret key_;
  ChunkWriter chunks_;
  crypto::Sha256Sum sum_;
  std::uint64_t size_ = 0;
  bool kept_ = false;
};

// A document's bytes, as they are wanted.
class DocumentFile {
 public:
  // Corrupt: the file is missing or has another length. Io.
  static Result<std::unique_ptr<DocumentFile>> open(Disk& disk,
                                                    const std::filesystem::path& vault_folder,
                                                    const std::array<std::uint8_t, 16>& vault_id,
                                                    const RowId& id, const DocumentSeal& seal);
  // One that lies elsewhere: in a backup, or open already. Corrupt: it has another length. Io.
  static Result<std::unique_ptr<DocumentFile>> over(std::unique_ptr<File> file,
                                                    const std::array<std::uint8_t, 16>& vault_id,
                                                    const RowId& id, const DocumentSeal& seal);

  std::uint64_t size() const { return size_; }
  // REQUIRES: at + the size of `out` <= size(). Corrupt: a chunk is not as it was written. Io.
  Result<void> read(std::uint64_t at, std::span<std::uint8_t> out);
  // Reads all of it. Corrupt: a chunk is not as it was written, or the whole is another. Io.
  Result<void> check();

 private:
  DocumentFile(std::unique_ptr<File> file, const RowId& id, const DocumentSeal& seal,
               Bytes context);

  const std::unique_ptr<File> file_;
  const RowId id_;
  const std::uint64_t size_;
  const crypto::Sha256 sha256_;
  ChunkReader chunks_;
};

// Its row is gone. NotFound is no failure. Io: it is left over.
Result<void> remove_document(Disk& disk, const std::filesystem::path& vault_folder,
                             const RowId& id);

}  // namespace vrm::store
