#pragma once
// A vault in a fresh folder, opened by a credential so that no key is derived; and its file, by
// hand.

#include <doctest/doctest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "vault/crypto/system_random.h"
#include "vault/store/document.h"
#include "vault/store/store.h"

namespace vrm::store {

class TempFolder {
 public:
  explicit TempFolder(const std::filesystem::path& where = std::filesystem::temp_directory_path()) {
    std::string name = (where / "vrm-store-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~TempFolder() { std::filesystem::remove_all(path_); }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// A whole file, read and written.
inline std::string bytes_in(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}
inline void put_bytes(const std::filesystem::path& file, std::string_view bytes) {
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

inline Opener credential(std::uint8_t byte = 7) {
  return Credential{crypto::Secret::copy_of(Bytes(kCredentialBytes, byte))};
}

inline RowId row_id(std::uint64_t number) {
  RowId id{};
  for (std::size_t i = 0; i < 8; ++i) id[15 - i] = static_cast<std::uint8_t>(number >> (8 * i));
  id[0] = 1;
  return id;
}

// Throws doctest's failure where the vault would have handed an Error on.
template <typename T>
T must(Result<T> result) {
  if (!result.ok()) {
    std::string with;
    for (const auto& [name, value] : result.error().with) with += " " + name + "=" + value;
    FAIL(std::string(to_string(result.error().code))
         << ": " << result.error().message << result.error().say << with);
  }
  return std::move(result).value();
}
inline void must(Result<void> result) {
  if (!result.ok())
    FAIL(std::string(to_string(result.error().code)) << ": " << result.error().message);
}

class TestVault {
 public:
  TestVault() : TestVault(std::filesystem::path()) {}
  explicit TestVault(std::filesystem::path sub) {
    options.folder = sub.empty() ? folder.path() / "vault" : sub;
  }

  Store& create() {
    store = must(Store::create(disk, random, options, credential()));
    return *store;
  }
  Store& attach() {
    store.reset();
    store = must(Store::attach(disk, random, options));
    return *store;
  }
  Store& reopen() {
    attach();
    must(store->unlock(credential(), OpenFor::Use));
    return *store;
  }
  void close() { store.reset(); }

  std::filesystem::path database() const { return options.folder / "vault.db"; }
  std::filesystem::path slots() const { return options.folder / "slots"; }

  TempFolder folder;
  SystemDisk disk;
  crypto::SystemRandom random;
  Options options;
  std::unique_ptr<Store> store;
};

// Writes one row by a job of its own.
inline void put(Store& store, Table table, const RowId& id, std::string_view text,
                const KeyId& key = kVaultKey) {
  must(store.run([&](Txn& txn) { return txn.write(table, id, key, bytes_of(text)); }));
}

// The text of a row, or the word of the Error's code.
inline std::string get(const Store& store, Table table, const RowId& id) {
  const auto record = store.read(table, id);
  return record.ok() ? std::string(record.value().text())
                     : "<" + std::string(to_string(record.error().code)) + ">";
}

inline KeyId new_key(Store& store) {
  KeyId key{};
  must(store.run([&](Txn& txn) -> Result<void> {
    key = TRY(txn.make_key());
    return {};
  }));
  return key;
}

inline void log(Store& store, std::string_view text) {
  must(store.run([&](Txn& txn) -> Result<void> {
    TRY(txn.append_log(bytes_of(text)));
    return {};
  }));
}

// The bytes of a document of `size` bytes, which repeat nowhere near a chunk.
inline Bytes some_bytes(std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i)
    bytes[i] = static_cast<std::uint8_t>(i * 31 + i / 251 + i / kChunkBytes);
  return bytes;
}

// Puts a document away as the owner's rooms do. Gives its id.
inline Result<RowId> put_document(Disk& disk, Random& random, const std::filesystem::path& folder,
                                  Store& store, BytesView bytes) {
  const auto made = TRY(NewDocument::begin(disk, random, folder, store.vault_id()));
  TRY(made->write(bytes));
  const DocumentSeal seal = TRY(made->finish());
  const auto record = encode_document(seal, bytes_of("rest"));
  auto written = store.run([&](Txn& txn) -> Result<void> {
    const KeyId key = TRY(txn.make_key());
    return txn.write(Table::Documents, made->id(), key, record.view());
  });
  if (written.ok() || written.error().code == ErrorCode::Io) made->keep();
  TRY(std::move(written));
  return made->id();
}

// Row and key go, then the file.
inline Result<void> drop_document(Disk& disk, const std::filesystem::path& folder, Store& store,
                                  const RowId& id, const KeyId& key) {
  auto dropped = store.run([&](Txn& txn) -> Result<void> {
    TRY(txn.erase(Table::Documents, id));
    return txn.destroy_key(key);
  });
  TRY(std::move(dropped));
  return remove_document(disk, folder, id);
}

// All of its bytes.
inline Result<Bytes> get_document(Disk& disk, const std::filesystem::path& folder,
                                  const Store& store, const RowId& id) {
  const auto record = TRY(store.read(Table::Documents, id));
  const auto read = TRY(decode_document(record.view()));
  const auto file = TRY(DocumentFile::open(disk, folder, store.vault_id(), id, read.seal));
  Bytes bytes(file->size());
  TRY(file->read(0, bytes));
  return bytes;
}

inline std::vector<std::string> log_of(const Store& store) {
  std::vector<std::string> records;
  must(store.read_log(1, UINT64_MAX, [&](std::uint64_t, BytesView record) -> Result<void> {
    records.push_back(text_of(record));
    return {};
  }));
  return records;
}

}  // namespace vrm::store
