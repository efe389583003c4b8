// What a reader of backups meets: a header, a stream in chunks that open, a whole backup of which
// some bytes were changed. The first byte chooses.

#include <stdlib.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <span>

#include "vault/crypto/system_random.h"
#include "vault/store/backup_check.h"
#include "vault/store/encoding.h"

namespace {

using namespace vrm;         // tests only
using namespace vrm::store;  // tests only

void must_be(bool condition) {
  if (!condition) std::abort();
}

// A disk with one file, in memory.
class OneFile final : public Disk {
 public:
  class View final : public File {
   public:
    explicit View(Bytes& whole) : bytes_(whole) {}
    Result<std::size_t> read(std::uint64_t offset, std::span<std::uint8_t> out) override {
      const std::size_t from = std::min<std::uint64_t>(offset, bytes_.size());
      const std::size_t size = std::min(out.size(), bytes_.size() - from);
      std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(from), size, out.begin());
      return size;
    }
    Result<void> write(std::uint64_t offset, BytesView more) override {
      bytes_.resize(std::max<std::size_t>(bytes_.size(), offset + more.size()));
      std::copy(more.begin(), more.end(), bytes_.begin() + static_cast<std::ptrdiff_t>(offset));
      return {};
    }
    Result<void> truncate(std::uint64_t) override { return {}; }
    Result<void> sync() override { return {}; }
    Result<std::uint64_t> size() override { return bytes_.size(); }
    Result<void> keep_others_out() override { return {}; }

   private:
    Bytes& bytes_;
  };

  Result<std::unique_ptr<File>> open(const std::filesystem::path&, OpenMode) override {
    std::unique_ptr<File> file = std::make_unique<View>(bytes);
    return file;
  }
  Result<bool> exists(const std::filesystem::path&) override { return true; }
  Result<std::vector<std::string>> list(const std::filesystem::path&) override {
    return std::vector<std::string>();
  }
  Result<void> remove(const std::filesystem::path&) override { return {}; }
  Result<void> rename(const std::filesystem::path&, const std::filesystem::path&) override {
    return {};
  }
  Result<void> sync_folder(const std::filesystem::path&) override { return {}; }
  Result<void> make_folder(const std::filesystem::path&) override { return {}; }
  Result<std::unique_ptr<File>> lock_folder(const std::filesystem::path& folder) override {
    return open(folder, OpenMode::Existing);
  }

  Bytes bytes;
};

Opener credential() {
  return Credential{crypto::Secret::copy_of(Bytes(kCredentialBytes, 7))};
}

// A backup of a small vault, and that vault's slots and root key.
struct Known {
  Known() : root(crypto::Secret::zeros(32)) {
    std::string name = (std::filesystem::temp_directory_path() / "vrm-fuzz-XXXXXX").string();
    must_be(::mkdtemp(name.data()) != nullptr);
    const std::filesystem::path folder = name;
    SystemDisk disk;
    {
      auto made = Store::create(disk, random, Options{.folder = folder / "v"}, credential());
      must_be(made.ok());
      const auto filled = made.value()->run([](Txn& txn) -> Result<void> {
        TRY(txn.write(Table::Fields, RowId{1}, kVaultKey, bytes_of("Lyon")));
        TRY(txn.append_log(bytes_of("record")));
        return {};
      });
      must_be(filled.ok());
      must_be(made.value()->back_up({.file = folder / "b", .made_at = Instant{1}}).ok());
    }
    whole = read_file(disk, folder / "b", 1 << 20).value();
    const auto opened = BackupFile::open(disk, folder / "b", credential());
    root = opened.value()->root().clone();
    slots = opened.value()->slots();
    std::filesystem::remove_all(folder);
  }

  crypto::SystemRandom random;
  Bytes whole;
  SlotsFile slots;
  crypto::Secret root;
};

// The stream is what the bytes say; every chunk of it opens.
void read_stream(Known& known, BytesView stream) {
  if (stream.empty()) return;
  OneFile disk;
  OneFile::View file(disk.bytes);
  crypto::Secret key = crypto::Secret::random(32, known.random);
  BackupHeader header;
  header.vault_format = 2;
  header.vault = known.slots.vault;
  header.slots = encode_slots(known.slots);
  const Bytes start =
      seal_backup_header(header, key, backup_wrap_key(known.root, header.vault), crypto::Nonce{});
  must_be(file.write(0, start).ok());
  ChunkWriter chunks(file, start.size(), std::move(key), backup_context(header.vault),
                     known.random);
  must_be(chunks.write(stream).ok() && chunks.finish().ok());
  const auto opened = BackupFile::open(disk, "b", credential());
  if (!opened.ok()) {
    must_be(opened.error().say == "backup.wrong");
    return;
  }
  const auto read = read_back(*opened.value());
  must_be(!opened.value()->damage());
  must_be(read.ok() || read.error().code == ErrorCode::Corrupt);
}

// Three bytes a change: where, and what is turned over.
void read_changed(Known& known, BytesView changes) {
  OneFile disk;
  disk.bytes = known.whole;
  for (std::size_t i = 0; i + 3 <= changes.size(); i += 3) {
    const std::size_t place = changes[i] + changes[i + 1] * std::size_t{256};
    disk.bytes[place % disk.bytes.size()] ^= changes[i + 2];
  }
  const auto read = check_backup(disk, "b", credential());
  must_be(read.ok() == (disk.bytes == known.whole));
}

void read_raw(BytesView bytes) {
  OneFile disk;
  disk.bytes.assign(bytes.begin(), bytes.end());
  must_be(!check_backup(disk, "b", credential()).ok());
  const auto start = decode_backup_start(bytes);
  if (start.ok()) static_cast<void>(decode_backup_header(start.value(), bytes).ok());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Known known;
  if (size == 0) return 0;
  const BytesView bytes = std::span(data, size).subspan(1);
  switch (data[0] % 3) {
    case 0:
      read_stream(known, bytes);
      break;
    case 1:
      read_changed(known, bytes);
      break;
    default:
      read_raw(bytes);
      break;
  }
  return 0;
}
