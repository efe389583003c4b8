#include "vault/store/document.h"

#include <algorithm>

#include "vault/base/check.h"
#include "vault/store/encoding.h"
#include "vault/store/row.h"

namespace vrm::store {

namespace {

constexpr std::uint8_t kRecordFormat = 1;
constexpr std::size_t kSealBytes = 1 + 8 + 32 + crypto::kAeadKeyBytes;

Bytes document_context(const VaultId& vault, const RowId& id) {
  Encoder out;
  out.raw(bytes_of("vrm.document"));
  out.raw(vault);
  out.raw(id);
  return out.take();
}

// Durable, so that the file in it can be.
Result<void> make_documents_folder(Disk& disk, const std::filesystem::path& vault_folder) {
  const std::filesystem::path folder = vault_folder / kDocumentsName;
  const bool is_new = !TRY(disk.exists(folder));
  TRY(disk.make_folder(folder));
  if (is_new) TRY(disk.sync_folder(vault_folder));
  return {};
}

}  // namespace

crypto::WipedBytes encode_document(const DocumentSeal& seal, BytesView rest) {
  crypto::WipedBytes record(kSealBytes + rest.size());
  const std::span<std::uint8_t> out = record.writable();
  out[0] = kRecordFormat;
  for (std::size_t i = 0; i < 8; ++i) out[1 + i] = static_cast<std::uint8_t>(seal.size >> (8 * i));
  std::copy(seal.sha256.begin(), seal.sha256.end(), out.begin() + 9);
  const BytesView key = seal.key.bytes();
  std::copy(key.begin(), key.end(), out.begin() + 41);
  std::copy(rest.begin(), rest.end(), out.begin() + kSealBytes);
  return record;
}

Result<DocumentRecord> decode_document(BytesView record) {
  Decoder in(record);
  const std::uint8_t format = in.u8();
  const std::uint64_t size = in.u64();
  const auto sha256 = in.array<32>();
  const BytesView key = in.raw(crypto::kAeadKeyBytes);
  if (in.failed() || format != kRecordFormat || size > kMostDocumentBytes)
    return Error{ErrorCode::Corrupt, "no record of a document"};
  return DocumentRecord{{size, sha256, crypto::Secret::copy_of(key)}, in.rest()};
}

std::filesystem::path document_path(const std::filesystem::path& vault_folder, const RowId& id) {
  return vault_folder / kDocumentsName / to_hex(id);
}

std::uint64_t sealed_size(std::uint64_t size) {
  return bytes_of_chunks(size);
}

std::string place_of_document(const RowId& id) {
  return "document " + to_hex(id);
}

NewDocument::NewDocument(Disk& disk, std::filesystem::path path, const RowId& id,
                         std::unique_ptr<File> file, crypto::Secret key, Bytes context,
                         Random& random)
    : disk_(disk),
      path_(std::move(path)),
      id_(id),
      file_(std::move(file)),
      key_(std::move(key)),
      chunks_(*file_, 0, key_.clone(), std::move(context), random) {}

Result<std::unique_ptr<NewDocument>> NewDocument::begin(Disk& disk, Random& random,
                                                        const std::filesystem::path& vault_folder,
                                                        const VaultId& vault_id) {
  TRY(make_documents_folder(disk, vault_folder));
  RowId id;
  random.fill(id);
  const std::filesystem::path path = document_path(vault_folder, id);
  auto file = TRY(disk.open(path, OpenMode::CreateNew));
  return std::unique_ptr<NewDocument>(new NewDocument(
      disk, path, id, std::move(file), crypto::Secret::random(crypto::kAeadKeyBytes, random),
      document_context(vault_id, id), random));
}

NewDocument::~NewDocument() {
  file_.reset();
  if (!kept_) static_cast<void>(disk_.remove(path_).ok());  // else it is swept at the next unlock
}

Result<void> NewDocument::write(BytesView bytes) {
  if (bytes.size() > kMostDocumentBytes - size_)
    return refusal(ErrorCode::Malformed, "document.too_big",
                   {{"most", std::to_string(kMostDocumentBytes >> 20)}});
  TRY(chunks_.write(bytes));
  sum_.add(bytes);
  size_ += bytes.size();
  return {};
}

Result<DocumentSeal> NewDocument::finish() {
  if (size_ > 0) TRY(chunks_.finish());
  TRY(file_->sync());
  TRY(disk_.sync_folder(path_.parent_path()));
  return DocumentSeal{size_, sum_.finish(), key_.clone()};
}

DocumentFile::DocumentFile(std::unique_ptr<File> file, const RowId& id, const DocumentSeal& seal,
                           Bytes context)
    : file_(std::move(file)),
      id_(id),
      size_(seal.size),
      sha256_(seal.sha256),
      chunks_(*file_, 0, sealed_size(seal.size), seal.key.clone(), std::move(context)) {}

Result<std::unique_ptr<DocumentFile>> DocumentFile::open(Disk& disk,
                                                         const std::filesystem::path& vault_folder,
                                                         const VaultId& vault_id, const RowId& id,
                                                         const DocumentSeal& seal) {
  auto file = disk.open(document_path(vault_folder, id), OpenMode::Existing);
  if (!file.ok() && file.error().code == ErrorCode::NotFound)
    return corrupt_at(place_of_document(id) + ": is missing");
  if (!file.ok()) return std::move(file).error();
  return over(std::move(file).value(), vault_id, id, seal);
}

Result<std::unique_ptr<DocumentFile>> DocumentFile::over(std::unique_ptr<File> file,
                                                         const VaultId& vault_id, const RowId& id,
                                                         const DocumentSeal& seal) {
  const std::uint64_t size = TRY(file->size());
  if (size != sealed_size(seal.size))
    return corrupt_at(place_of_document(id) + ": has " + std::to_string(size) + " bytes for " +
                      std::to_string(sealed_size(seal.size)));
  return std::unique_ptr<DocumentFile>(
      new DocumentFile(std::move(file), id, seal, document_context(vault_id, id)));
}

Result<void> DocumentFile::read(std::uint64_t at, std::span<std::uint8_t> out) {
  VRM_CHECK(at <= size_ && out.size() <= size_ - at);
  if (out.empty()) return {};
  chunks_.go_to(at);
  auto done = chunks_.read(out);
  if (done.ok() || !chunks_.bad()) return done;
  const BadChunk& bad = *chunks_.bad();
  return corrupt_at(place_of_document(id_) + ", chunk " + std::to_string(bad.chunk) + " of " +
                    std::to_string(bad.chunks) + ": does not open");
}

Result<void> DocumentFile::check() {
  crypto::Sha256Sum sum;
  crypto::WipedBytes part(kChunkBytes);
  for (std::uint64_t at = 0; at < size_;) {
    const auto now = part.writable().first(std::min<std::uint64_t>(kChunkBytes, size_ - at));
    TRY(read(at, now));
    sum.add(now);
    at += now.size();
  }
  if (sum.finish() != sha256_) return corrupt_at(place_of_document(id_) + ": is another one");
  return {};
}

Result<void> remove_document(Disk& disk, const std::filesystem::path& vault_folder,
                             const RowId& id) {
  const std::filesystem::path path = document_path(vault_folder, id);
  const auto removed = disk.remove(path);
  if (!removed.ok() && removed.error().code != ErrorCode::NotFound) return removed;
  return disk.sync_folder(path.parent_path());
}

}  // namespace vrm::store
