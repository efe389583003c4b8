#pragma once
// The person's documents by name: what each is, never its bytes (vault/store/document.h).
//
// A document is a field that is read part by part: `document.passport` is asked for, granted, decided on and taken back
// as any other field, and no field of its name is set by hand. Changes and threads as in store::RowBook.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "vault/base/result.h"
#include "vault/base/time.h"
#include "vault/crypto/sha256.h"
#include "vault/store/document.h"
#include "vault/store/row_book.h"
#include "vault/store/store.h"

namespace vrm::profile {

// What the names of documents begin with.
inline constexpr std::string_view kDocumentGroup = "document.";

struct Document {
  std::string name;    // document.passport
  std::string file;    // what the owner's file was called, printable
  std::string type;    // media type, as the owner or the program said
  std::string source;  // self
  Instant added_at;
  std::uint64_t size = 0;
  crypto::Sha256 sha256{};

  store::RowId row{};  // names the file, too
  store::KeyId key{};
};
using DocumentPtr = std::shared_ptr<const Document>;

bool is_document_name(std::string_view field);
// `passport` and `document.passport` alike. Malformed (document.bad_name): neither.
Result<std::string> document_name_from(std::string_view typed);
// A name made of a file's: `Pièce d'identité.PDF` gives document.piece_d_identite.
std::string document_name_of_file(std::string_view file);
// type/subtype, in lower case. Malformed (document.bad_type): it is none.
Result<std::string> media_type_from(std::string_view typed);

class DocumentBook {
 public:
  // Every document whose key is in memory. Corrupt.
  Result<void> load(const store::Store& store) { return rows_.load(store); }
  void clear() { rows_.clear(); }

  // By its whole name. Nothing: there is none.
  DocumentPtr find(std::string_view name) const { return rows_.find(name); }
  // Sorted by name.
  std::vector<DocumentPtr> all() const { return rows_.all(); }
  // NotFound with the near names: document.none, or document.none_near.
  Error no_such_document(std::string_view name) const;

  // Records a document whose file is whole; size, hash and key are filled in. Conflict (document.exists): the name is
  // taken. Locked.
  Result<DocumentPtr> add(store::Txn& txn, Document document, const store::DocumentSeal& seal);

  // Removes the row and destroys its key; the file is the caller's to remove, once this is committed. NotFound.
  Result<void> remove(store::Txn& txn, const Document& document);

 private:
  struct Codec {
    static constexpr store::Table kTable = store::Table::Documents;
    static std::string name(const Document& document) { return document.name; }
    static Result<Document> read(BytesView record);
  };

  store::RowBook<Document, Codec> rows_;
};

// What opens a document's file. NotFound: it was removed meanwhile. Locked, Corrupt.
Result<store::DocumentSeal> seal_of(const store::Store& store, const Document& document);

}  // namespace vrm::profile
