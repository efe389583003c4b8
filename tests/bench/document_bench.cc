#include "tests/bench/document_bench.h"

#include <sodium.h>

#include <chrono>
#include <vector>

#include "tests/bench/latency.h"
#include "tests/bench/rig.h"
#include "vault/base/check.h"
#include "vault/crypto/system_random.h"
#include "vault/store/document.h"

namespace vrm::bench {

namespace {

using Ticks = std::chrono::steady_clock;

constexpr int kDocumentRounds = 10;
constexpr std::size_t kPart = std::size_t{1} << 20;
constexpr std::size_t kParts = 64;
constexpr std::size_t kBoxBytes = store::kChunkBytes + crypto_secretstream_xchacha20poly1305_ABYTES;

double milliseconds_since(Ticks::time_point from) {
  return std::chrono::duration<double, std::milli>(Ticks::now() - from).count();
}

// Both sides take the bytes from here, as they come: part by part.
struct Source {
  Bytes bytes = Bytes(kPart);
  explicit Source(Random& random) { random.fill(bytes); }
};

struct Stream {
  std::array<std::uint8_t, crypto_secretstream_xchacha20poly1305_KEYBYTES> key{};
  std::array<std::uint8_t, crypto_secretstream_xchacha20poly1305_HEADERBYTES> header{};
};

// Sealed by secretstream in chunks of the same size, and copied into a synced file.
Result<void> write_raw(store::Disk& disk, const std::filesystem::path& path, const Source& source,
                       Stream& stream) {
  const auto file = TRY(disk.open(path, store::OpenMode::CreateNew));
  crypto_secretstream_xchacha20poly1305_state state;
  crypto_secretstream_xchacha20poly1305_init_push(&state, stream.header.data(), stream.key.data());
  Bytes box(kBoxBytes);
  std::uint64_t at = 0;
  for (std::size_t part = 0; part < kParts; ++part) {
    for (std::size_t from = 0; from < kPart; from += store::kChunkBytes) {
      crypto_secretstream_xchacha20poly1305_push(&state, box.data(), nullptr,
                                                 source.bytes.data() + from, store::kChunkBytes,
                                                 nullptr, 0, 0);
      TRY(file->write(at, box));
      at += box.size();
    }
  }
  TRY(file->sync());
  return disk.sync_folder(path.parent_path());
}

Result<void> read_raw(store::Disk& disk, const std::filesystem::path& path, const Stream& stream) {
  const auto file = TRY(disk.open(path, store::OpenMode::Existing));
  crypto_secretstream_xchacha20poly1305_state state;
  VRM_CHECK(crypto_secretstream_xchacha20poly1305_init_pull(&state, stream.header.data(),
                                                            stream.key.data()) == 0);
  Bytes box(kBoxBytes);
  Bytes part(kPart);
  std::uint64_t at = 0;
  for (std::size_t i = 0; i < kParts; ++i) {
    for (std::size_t to = 0; to < kPart; to += store::kChunkBytes) {
      const std::size_t got = TRY(file->read(at, box));
      unsigned char tag = 0;
      VRM_CHECK(got == box.size() && crypto_secretstream_xchacha20poly1305_pull(
                                         &state, part.data() + to, nullptr, &tag, box.data(),
                                         box.size(), nullptr, 0) == 0);
      at += box.size();
    }
  }
  return {};
}

// Whole and durable, with its row.
Result<void> put(store::Disk& disk, Random& random, const store::Options& options,
                 store::Store& vault, const Source& source, store::RowId& id) {
  const auto made = TRY(store::NewDocument::begin(disk, random, options.folder, vault.vault_id()));
  for (std::size_t part = 0; part < kParts; ++part) TRY(made->write(source.bytes));
  const auto seal = TRY(made->finish());
  const auto record = store::encode_document(seal, {});
  id = made->id();
  auto written = vault.run([&](store::Txn& txn) -> Result<void> {
    const auto key = TRY(txn.make_key());
    return txn.write(store::Table::Documents, made->id(), key, record.view());
  });
  made->keep();
  return written;
}

// Part by part, each as the owner's door asks for it.
Result<void> get(store::Disk& disk, const store::Options& options, const store::Store& vault,
                 const store::RowId& id) {
  Bytes part(kPart);
  for (std::size_t i = 0; i < kParts; ++i) {
    const auto record = TRY(vault.read(store::Table::Documents, id));
    const auto read = TRY(store::decode_document(record.view()));
    const auto file =
        TRY(store::DocumentFile::open(disk, options.folder, vault.vault_id(), id, read.seal));
    TRY(file->read(i * kPart, part));
  }
  return {};
}

}  // namespace

Result<DocumentTimes> time_documents(const std::filesystem::path& below) {
  const TemporaryFolder folder = TRY(TemporaryFolder::make(below));
  store::SystemDisk disk;
  crypto::SystemRandom random;
  store::Options options;
  options.folder = folder.path() / "vault";
  const store::Opener opener =
      store::Credential{crypto::Secret::copy_of(Bytes(store::kCredentialBytes, 7))};
  const auto vault = TRY(store::Store::create(disk, random, options, opener));
  const Source source(random);
  Stream stream;
  random.fill(stream.key);
  std::vector<double> in;
  std::vector<double> out;
  std::vector<double> raw_in;
  std::vector<double> raw_out;
  for (int round = 0; round < kDocumentRounds; ++round) {
    store::RowId id{};
    const auto raw = folder.path() / "raw";
    const auto time_ours = [&]() -> Result<void> {
      const auto from = Ticks::now();
      TRY(put(disk, random, options, *vault, source, id));
      in.push_back(milliseconds_since(from));
      return {};
    };
    const auto time_raw = [&]() -> Result<void> {
      const auto from = Ticks::now();
      TRY(write_raw(disk, raw, source, stream));
      raw_in.push_back(milliseconds_since(from));
      return {};
    };
    // Who comes first pays for the removal of the round before.
    const bool ours_first = round % 2 == 0;
    TRY(ours_first ? time_ours() : time_raw());
    TRY(ours_first ? time_raw() : time_ours());
    auto from = Ticks::now();
    TRY(get(disk, options, *vault, id));
    out.push_back(milliseconds_since(from));
    from = Ticks::now();
    TRY(read_raw(disk, raw, stream));
    raw_out.push_back(milliseconds_since(from));
    TRY(disk.remove(raw));
    TRY(store::remove_document(disk, options.folder, id));
  }
  return DocumentTimes{static_cast<double>(kParts), median(in), median(out), median(raw_in),
                       median(raw_out)};
}

}  // namespace vrm::bench
