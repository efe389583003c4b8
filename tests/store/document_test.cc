// Documents: what goes in comes out; what is changed, exchanged, cut off or missing is named; nothing is left over.

#include "vault/store/document.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/store/simulated_vault.h"
#include "vault/store/backup.h"
#include "vault/store/digest.h"

using namespace vrm;         // tests only
using namespace vrm::store;  // tests only

namespace {

constexpr std::size_t kFew = 5 * kChunkBytes + 17;

// Where an Error says that something is wrong.
std::string place(const Error& error) {
  for (const auto& [name, value] : error.with)
    if (name == "place") return value;
  return std::string(to_string(error.code)) + " " + error.message;
}

std::size_t files_in(const std::filesystem::path& folder) {
  if (!std::filesystem::exists(folder)) return 0;
  const std::filesystem::directory_iterator all(folder);
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

struct Scene {
  Scene() { vault.create(); }

  RowId add(BytesView bytes) {
    return must(put_document(vault.disk, vault.random, vault.options.folder, *vault.store, bytes));
  }
  Result<Bytes> get(const RowId& id) {
    return get_document(vault.disk, vault.options.folder, *vault.store, id);
  }
  std::filesystem::path file(const RowId& id) const {
    return document_path(vault.options.folder, id);
  }
  KeyId key_of(const RowId& wanted) const {
    KeyId key{};
    must(vault.store->scan(Table::Documents,
                           [&](const RowId& id, const KeyId& of, BytesView) -> Result<void> {
                             if (id == wanted) key = of;
                             return {};
                           }));
    return key;
  }
  // What an unlock and a check say of a file that was changed while nobody looked.
  std::string unlocked() {
    vault.attach();
    const auto opened = vault.store->unlock(credential(), OpenFor::Use);
    return opened.ok() ? "" : place(opened.error());
  }
  std::string checked() {
    const auto report = must(vault.store->check());
    return report.damages.empty() ? "" : report.damages.front().place;
  }

  TestVault vault;
};

}  // namespace

TEST_SUITE("store/document") {
  TEST_CASE(
      "a document comes out as it went in, whatever its length, also after the vault was closed") {
    Scene scene;
    std::vector<std::pair<RowId, Bytes>> put;
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, kChunkBytes - 1, kChunkBytes,
                                   kChunkBytes + 1, 2 * kChunkBytes, kFew}) {
      const Bytes bytes = some_bytes(size);
      put.emplace_back(scene.add(bytes), bytes);
      CHECK(std::filesystem::file_size(scene.file(put.back().first)) == sealed_size(size));
    }
    for (int again = 0; again < 2; ++again) {
      for (const auto& [id, bytes] : put) CHECK(must(scene.get(id)) == bytes);
      CHECK(scene.checked().empty());
      CHECK(scene.vault.store->count(Table::Documents) == put.size());
      scene.vault.reopen();
    }
  }

  TEST_CASE("a part in the middle is read without what is before it") {
    Scene scene;
    const Bytes bytes = some_bytes(kFew);
    const RowId id = scene.add(bytes);
    const auto record = must(scene.vault.store->read(Table::Documents, id));
    const auto read = must(decode_document(record.view()));
    CHECK(text_of(read.rest) == "rest");
    const auto file = must(DocumentFile::open(scene.vault.disk, scene.vault.options.folder,
                                              scene.vault.store->vault_id(), id, read.seal));
    Bytes part(kChunkBytes);
    must(file->read(3 * kChunkBytes - 5, part));
    CHECK(std::equal(part.begin(), part.end(), bytes.begin() + 3 * kChunkBytes - 5));
  }

  TEST_CASE("more than a document may have is refused, and leaves nothing") {
    Scene scene;
    {
      const auto made =
          must(NewDocument::begin(scene.vault.disk, scene.vault.random, scene.vault.options.folder,
                                  scene.vault.store->vault_id()));
      const Bytes part(std::size_t{1} << 20);
      for (int i = 0; i < 100; ++i) must(made->write(part));
      const auto more = made->write(Bytes(1));
      REQUIRE_FALSE(more.ok());
      CHECK(more.error().say == "document.too_big");
    }
    CHECK(files_in(scene.vault.options.folder / kDocumentsName) == 0);
  }

  TEST_CASE("one wrong bit anywhere, and every chunk that is exchanged, is named") {
    Scene scene;
    const RowId id = scene.add(some_bytes(kFew));
    const std::string whole = bytes_in(scene.file(id));
    for (std::size_t chunk = 0; chunk < 6; ++chunk) {
      CAPTURE(chunk);
      std::string changed = whole;
      changed[chunk * kChunkBoxBytes + 30] ^= 4;
      put_bytes(scene.file(id), changed);
      CHECK(scene.unlocked().empty());  // the length is right
      const std::string named = "document " + to_hex(id) + ", chunk " + std::to_string(chunk + 1) +
                                " of 6: does not open";
      CHECK(scene.checked() == named);
      CHECK(place(scene.get(id).error()) == named);
    }
    std::string swapped = whole;
    std::swap_ranges(swapped.begin(), swapped.begin() + kChunkBoxBytes,
                     swapped.begin() + kChunkBoxBytes);
    put_bytes(scene.file(id), swapped);
    CHECK(scene.checked() == "document " + to_hex(id) + ", chunk 1 of 6: does not open");
    put_bytes(scene.file(id), whole);
    CHECK(scene.checked().empty());
  }

  TEST_CASE("a file that is cut, longer, missing or another document's is noticed") {
    Scene scene;
    const RowId id = scene.add(some_bytes(2 * kChunkBytes));
    const RowId other = scene.add(some_bytes(2 * kChunkBytes));
    const std::string named = "document " + to_hex(id);
    const std::string whole = bytes_in(scene.file(id));
    for (const std::size_t size :
         {whole.size() - 1, whole.size() - kChunkBoxBytes, std::size_t{0}}) {
      put_bytes(scene.file(id), whole.substr(0, size));
      CHECK(scene.unlocked() ==
            named + ": has " + std::to_string(size) + " bytes for " + std::to_string(whole.size()));
    }
    put_bytes(scene.file(id), whole + "x");
    CHECK(scene.unlocked().starts_with(named));
    std::filesystem::remove(scene.file(id));
    CHECK(scene.unlocked() == named + ": is missing");
    // A rescue opens it all the same, and says so.
    scene.vault.attach();
    const auto report = must(scene.vault.store->unlock(credential(), OpenFor::Rescue));
    REQUIRE(report.damages.size() == 1);
    CHECK(report.damages[0].place == named + ": is missing");
    CHECK(must(scene.get(other)).size() == 2 * kChunkBytes);

    put_bytes(scene.file(id), bytes_in(scene.file(other)));
    CHECK(scene.unlocked().empty());
    CHECK(scene.checked() == named + ", chunk 1 of 2: does not open");
  }

  TEST_CASE("the row pins the bytes: a whole file of another hash is another one") {
    Scene scene;
    const RowId id = scene.add(some_bytes(1000));
    const auto record = must(scene.vault.store->read(Table::Documents, id));
    auto read = must(decode_document(record.view()));
    read.seal.sha256[0] ^= 1;
    const auto changed = encode_document(read.seal, read.rest);
    const KeyId key = scene.key_of(id);
    must(scene.vault.store->run(
        [&](Txn& txn) { return txn.write(Table::Documents, id, key, changed.view()); }));
    CHECK(scene.checked() == "document " + to_hex(id) + ": is another one");
  }

  TEST_CASE("a removed document leaves no file, and its key opens nothing any more") {
    Scene scene;
    const RowId id = scene.add(some_bytes(kFew));
    const std::string sealed = bytes_in(scene.file(id));
    must(drop_document(scene.vault.disk, scene.vault.options.folder, *scene.vault.store, id,
                       scene.key_of(id)));
    CHECK(files_in(scene.vault.options.folder / kDocumentsName) == 0);
    CHECK(get(*scene.vault.store, Table::Documents, id) == "<not_found>");
    scene.vault.reopen();
    // The file put back is nobody's.
    put_bytes(scene.file(id), sealed);
    CHECK(scene.unlocked().empty());
    CHECK(files_in(scene.vault.options.folder / kDocumentsName) == 0);
  }

  TEST_CASE(
      "files without a row are swept for use and left by a rescue; other names are left alone") {
    Scene scene;
    const RowId id = scene.add(some_bytes(10));
    const auto folder = scene.vault.options.folder / kDocumentsName;
    put_bytes(folder / to_hex(row_id(77)), "left over");
    put_bytes(folder / "notes.txt", "mine");
    scene.vault.attach();
    must(scene.vault.store->unlock(credential(), OpenFor::Rescue));
    CHECK(files_in(folder) == 3);
    CHECK(scene.unlocked().empty());
    CHECK(files_in(folder) == 2);
    CHECK(bytes_in(folder / "notes.txt") == "mine");
    CHECK(must(scene.get(id)) == some_bytes(10));
  }

  TEST_CASE("nothing of a document can be read on the disk") {
    Scene scene;
    const std::string canary = "canary-9f2d61c07b";
    std::string text;
    while (text.size() < 2 * kChunkBytes) text += canary;
    scene.add(bytes_of(text));
    scene.vault.close();
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(scene.vault.options.folder)) {
      if (!entry.is_regular_file()) continue;
      CAPTURE(entry.path().string());
      CHECK(bytes_in(entry.path()).find(canary) == std::string::npos);
    }
  }

  TEST_CASE("a locked vault reads the documents whose keys it kept, and no others") {
    Scene scene;
    const RowId kept = scene.add(some_bytes(100));
    const RowId shut = scene.add(some_bytes(200));
    scene.vault.store->lock({scene.key_of(kept)});
    CHECK(must(scene.get(kept)) == some_bytes(100));
    CHECK(scene.get(shut).error().code == ErrorCode::Locked);
    CHECK(scene.checked().empty());
  }

  TEST_CASE("a record that is no document's is refused") {
    const DocumentSeal seal{5, {}, crypto::Secret::zeros(32)};
    const auto record = encode_document(seal, bytes_of("x"));
    const BytesView whole = record.view();
    CHECK(must(decode_document(whole)).seal.size == 5);
    for (std::size_t size = 0; size + 1 < whole.size(); ++size)
      CHECK_FALSE(decode_document(whole.first(size)).ok());
    Bytes other(whole.begin(), whole.end());
    other[0] = 2;
    CHECK_FALSE(decode_document(other).ok());
    other[0] = 1;
    other[8] = 1;  // of 2^56 bytes
    CHECK_FALSE(decode_document(other).ok());
  }

  TEST_CASE("a backup holds the documents, and restores them to the same digest") {
    Scene scene;
    std::vector<RowId> ids;
    for (const std::size_t size : {std::size_t{0}, std::size_t{5}, kChunkBytes, kFew})
      ids.push_back(scene.add(some_bytes(size)));
    const auto digest = must(digest_of(*scene.vault.store));
    const auto file = scene.vault.folder.path() / "a.vrmbak";
    const auto made = must(scene.vault.store->back_up({.file = file, .made_at = Instant{1}}));
    CHECK(made.bytes == std::filesystem::file_size(file));
    CHECK(made.rows[static_cast<std::size_t>(Table::Documents) - 1] == 4);
    CHECK(must(check_backup(scene.vault.disk, file, credential())).digest == digest);

    const auto into = scene.vault.folder.path() / "new";
    std::uint64_t last = 0;
    const auto restored = must(restore_backup(
        scene.vault.disk, scene.vault.random, file, into, credential(),
        [&](std::uint64_t done, std::uint64_t all) { last = std::max(last, done * 100 / all); }));
    CHECK(restored.digest == digest);
    CHECK(last >= 90);
    TestVault other(into);
    other.reopen();
    CHECK(must(digest_of(*other.store)) == digest);
    CHECK(must(other.store->check()).damages.empty());
    CHECK(must(get_document(other.disk, into, *other.store, ids[3])) == some_bytes(kFew));
    CHECK(must(get_document(other.disk, into, *other.store, ids[0])).empty());
  }

  TEST_CASE(
      "a backup of a document that is damaged is not made, and a damaged backup not restored") {
    Scene scene;
    const RowId id = scene.add(some_bytes(kFew));
    const std::string whole = bytes_in(scene.file(id));
    const auto file = scene.vault.folder.path() / "a.vrmbak";
    std::string changed = whole;
    changed[2 * kChunkBoxBytes] ^= 1;
    put_bytes(scene.file(id), changed);
    const auto refused = scene.vault.store->back_up({.file = file, .made_at = Instant{1}});
    REQUIRE_FALSE(refused.ok());
    CHECK(place(refused.error()) == "document " + to_hex(id) + ", chunk 3 of 6: does not open");
    CHECK_FALSE(std::filesystem::exists(file));

    put_bytes(scene.file(id), whole);
    must(scene.vault.store->back_up({.file = file, .made_at = Instant{1}}));
    const std::string backup = bytes_in(file);
    for (std::size_t at = 1000; at < backup.size(); at += 20'011) {
      CAPTURE(at);
      std::string flipped = backup;
      flipped[at] ^= 16;
      put_bytes(file, flipped);
      CHECK_FALSE(check_backup(scene.vault.disk, file, credential()).ok());
      put_bytes(file, std::string_view(backup).substr(0, at));
      const auto cut = check_backup(scene.vault.disk, file, credential());
      REQUIRE_FALSE(cut.ok());
      CHECK(cut.error().code == ErrorCode::Corrupt);
    }
    const auto into = scene.vault.folder.path() / "new";
    CHECK_FALSE(
        restore_backup(scene.vault.disk, scene.vault.random, file, into, credential()).ok());
    CHECK(files_in(into / kDocumentsName) == 0);
  }

  TEST_CASE(
      "the power goes at any moment of putting away and removing: all or nothing, nothing left "
      "over") {
    const Options options{.folder = "/home/vault", .kdf = {}, .anchors = "/home/anchors"};
    SimulatedDisk disk;
    crypto::SystemRandom random;
    {
      const auto made = must(Store::create(disk, random, options, credential()));
      static_cast<void>(made);
    }
    disk.begin(testing::Medium(disk.now()));
    struct Told {
      std::size_t changes;
      std::map<RowId, std::size_t> sizes;
    };
    std::vector<Told> told;
    std::map<RowId, std::size_t> sizes;
    {
      const auto store = unlocked(disk, random, options);
      told.push_back({disk.changes(), sizes});
      for (const std::size_t size : {std::size_t{300}, kChunkBytes + 1, std::size_t{0}}) {
        const RowId id = must(put_document(disk, random, options.folder, *store, some_bytes(size)));
        sizes[id] = size;
        told.push_back({disk.changes(), sizes});
      }
      KeyId key{};
      const RowId gone = sizes.begin()->first;
      must(store->scan(Table::Documents,
                       [&](const RowId& id, const KeyId& of, BytesView) -> Result<void> {
                         if (id == gone) key = of;
                         return {};
                       }));
      must(drop_document(disk, options.folder, *store, gone, key));
      sizes.erase(gone);
      told.push_back({disk.changes(), sizes});
    }
    const testing::History history = disk.history();
    std::size_t cuts = 0;
    for (std::size_t count = 0; count <= history.changes.size(); ++count) {
      for (std::uint64_t seed = 0; seed < 6; ++seed) {
        CAPTURE(count);
        CAPTURE(seed);
        ++cuts;
        SimulatedDisk left(history.cut(count, seed * 7 + count));
        const auto content = testing::verified(left, options, credential());
        INFO((content.ok() ? "" : testing::said(content.error())));
        REQUIRE(content.ok());
        std::size_t last = 0;
        while (last + 1 < told.size() && told[last + 1].changes <= count) ++last;
        std::size_t found = 0;
        for (const auto& [key, record] : content.value().rows)
          if (key.first == Table::Documents) ++found;
        const bool same = found == told[last].sizes.size();
        const bool next = last + 1 < told.size() && found == told[last + 1].sizes.size();
        CHECK((same || next));
        CHECK(must(left.list(options.folder / kDocumentsName)).size() == found);
      }
    }
    MESSAGE(cuts << " cuts of " << history.changes.size() << " changes");
  }

  TEST_CASE(
      "any operation of the disk fails: a refusal or a document, and what is left over is swept") {
    const Options options{.folder = "/home/vault", .kdf = {}, .anchors = {}};
    Image fresh;
    {
      SimulatedDisk disk;
      crypto::SystemRandom random;
      must(Store::create(disk, random, options, credential()));
      fresh = disk.now();
    }
    std::size_t refused = 0;
    for (std::uint64_t at = 1;; ++at) {
      CAPTURE(at);
      SimulatedDisk disk(fresh);
      crypto::SystemRandom random;
      bool ended = false;
      bool done = false;
      {
        const auto store = unlocked(disk, random, options);
        disk.fail({.at = at});
        done = put_document(disk, random, options.folder, *store, some_bytes(70'000)).ok();
        ended = disk.failed() == 0;
        disk.heal();
      }
      if (!done) ++refused;
      const auto content = testing::verified(disk, options, credential());
      INFO((content.ok() ? "" : testing::said(content.error())));
      REQUIRE(content.ok());
      if (done) CHECK(content.value().rows.size() == 1);
      CHECK(must(disk.list(options.folder / kDocumentsName)).size() == content.value().rows.size());
      if (ended) break;
    }
    CHECK(refused > 5);
  }

  TEST_CASE("a full disk refuses a document and keeps nothing of it") {
    const Options options{.folder = "/home/vault", .kdf = {}, .anchors = {}};
    SimulatedDisk disk;
    crypto::SystemRandom random;
    const auto store = must(Store::create(disk, random, options, credential()));
    disk.limit_room(disk.used() + 200'000);
    const auto refused = put_document(disk, random, options.folder, *store, some_bytes(500'000));
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code == ErrorCode::Io);
    CHECK(must(disk.list(options.folder / kDocumentsName)).empty());
    disk.limit_room(std::nullopt);
    CHECK(put_document(disk, random, options.folder, *store, some_bytes(500'000)).ok());
  }
}
