// Backups: made while jobs run, read back whole, restored to the same digest; whatever is not as it
// was written is refused.

#include "vault/store/backup.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <atomic>
#include <cstdlib>
#include <map>
#include <random>
#include <thread>

#include "tests/store/test_vault.h"
#include "vault/store/backup_format.h"
#include "vault/store/digest.h"

using namespace vrm;         // tests only
using namespace vrm::store;  // tests only

namespace {

std::string gap(const Error& error, std::string_view name) {
  for (const auto& [gap, value] : error.with)
    if (gap == name) return value;
  return "";
}

// A vault with rows of every size class, keys of its own, a key that was destroyed, and a log.
class Scene {
 public:
  Scene() {
    Store& store = vault.create();
    const KeyId own = new_key(store);
    const KeyId gone = new_key(store);
    for (std::uint64_t i = 1; i <= 40; ++i)
      put(store, Table::Fields, row_id(i), std::string(i * 50, 'f'), i % 2 == 0 ? own : kVaultKey);
    put(store, Table::Imports, row_id(1), std::string(150'000, 'i'));
    put(store, Table::Brands, row_id(3), "velo", gone);
    for (int i = 0; i < 30; ++i) log(store, "record " + std::to_string(i));
    must(store.run([&](Txn& txn) -> Result<void> {
      TRY(txn.destroy_key(gone));
      txn.note_time(Instant{77'000});
      return txn.erase(Table::Fields, row_id(5));
    }));
  }

  std::filesystem::path file(std::string_view name = "a.vrmbak") const {
    return vault.folder.path() / name;
  }
  BackupReport back_up(std::string_view name = "a.vrmbak") {
    return must(vault.store->back_up({.file = file(name), .made_at = Instant{5'000}}));
  }
  Result<BackupReport> check(std::string_view name = "a.vrmbak", std::uint8_t opener = 7) {
    return check_backup(vault.disk, file(name), credential(opener));
  }
  Result<BackupReport> restore(const std::filesystem::path& into,
                               std::string_view name = "a.vrmbak") {
    return restore_backup(vault.disk, vault.random, file(name), into, credential());
  }

  TestVault vault;
};

// Of what fill_golden() leaves, whatever it is sealed with.
constexpr std::string_view kGoldenDigest =
    "b8a6c73a90661e3c419bdf8b51eccea04a4160cbea71575acf03f009ffd4ee53";

std::filesystem::path golden_folder() {
  return std::filesystem::path(VRM_SOURCE_DIR) / "tests/store/golden";
}

// Of the present formats, with a document.
constexpr std::string_view kGoldenDigestNow =
    "8a10fde68b82144106903b1b2ce0f212bdda4231b839b63bde179c8bf1b37d34";

// A vault's files, with those of its documents, copied to a folder of their own.
void copy_vault(const std::filesystem::path& from, const std::filesystem::path& to) {
  std::filesystem::create_directories(to / "documents");
  for (const auto& folder : {to, to / "documents"})
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all);
  for (const auto* name : {"vault.db", "slots"}) put_bytes(to / name, bytes_in(from / name));
  if (!std::filesystem::exists(from / "documents")) return;
  for (const auto& entry : std::filesystem::directory_iterator(from / "documents"))
    put_bytes(to / "documents" / entry.path().filename(), bytes_in(entry.path()));
}

// VRM_ACCEPT_GOLDEN=1 makes the golden files of the present formats anew: those of an old one stay.
void fill_golden(TestVault& vault) {
  Store& store = vault.create();
  const KeyId own = new_key(store);
  const KeyId gone = new_key(store);
  put(store, Table::Fields, row_id(1), "Lyon", own);
  put(store, Table::Settings, row_id(1), R"({"at":1})");
  put(store, Table::Imports, row_id(2), std::string(40'000, 'i'));
  put(store, Table::Brands, row_id(3), "velo", gone);
  put(store, Table::Acceptances, row_id(4), "");
  for (int i = 1; i <= 4; ++i) log(store, "record " + std::to_string(i));
  must(store.run([&](Txn& txn) { return txn.destroy_key(gone); }));
  must(put_document(vault.disk, vault.random, vault.options.folder, store, some_bytes(70'000)));
}

}  // namespace

TEST_SUITE("store/backup") {
  TEST_CASE("a backup restores to the same digest in another folder, one epoch later") {
    Scene scene;
    Store& store = *scene.vault.store;
    const crypto::Digest digest = must(digest_of(store));
    const BackupReport made = scene.back_up();
    CHECK(made.bytes == std::filesystem::file_size(scene.file()));
    CHECK(made.log_records == 30);
    CHECK(made.rows[static_cast<std::size_t>(Table::Fields) - 1] == 39);
    struct stat status {};
    REQUIRE(::stat(scene.file().c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);
    CHECK_FALSE(std::filesystem::exists(scene.file("a.vrmbak.new")));

    const BackupReport checked = must(scene.check());
    CHECK(checked.digest == digest);
    CHECK(checked.rows == made.rows);
    CHECK(checked.made_at == Instant{5'000});
    CHECK(checked.counter == made.counter);
    CHECK(checked.vault == store.vault_id());
    std::uint64_t furthest = 0;
    std::uint64_t whole = 0;
    const auto note = [&](std::uint64_t done, std::uint64_t all) {
      CHECK(done <= all);
      furthest = std::max(furthest, done);
      whole = all;
    };
    CHECK(must(store.check_own_backup(scene.file(), note)).digest == digest);
    CHECK(furthest > whole / 2);

    const auto into = scene.vault.folder.path() / "new" / "vault";
    const BackupReport restored = must(scene.restore(into));
    CHECK(restored.digest == digest);
    CHECK(restored.epoch == made.epoch + 1);
    CHECK(restored.counter == made.counter + 1);

    TestVault other(into);
    Store& again = other.reopen();
    CHECK(must(digest_of(again)) == digest);
    CHECK(must(again.check()).damages.empty());
    CHECK(again.vault_id() == store.vault_id());
    CHECK(again.high_water() == Instant{77'000});
    CHECK(log_of(again) == log_of(store));
    CHECK(get(again, Table::Fields, row_id(6)) == std::string(300, 'f'));
    put(again, Table::Fields, row_id(900), "goes on");
    log(again, "and on");
    CHECK(must(other.reopen().check()).damages.empty());
    CHECK(get(*other.store, Table::Fields, row_id(900)) == "goes on");
  }

  TEST_CASE("the digest is of what is said, not of how it is sealed") {
    Scene scene;
    Store& store = *scene.vault.store;
    const crypto::Digest digest = must(digest_of(store));
    const std::string same = get(store, Table::Fields, row_id(7));
    put(store, Table::Fields, row_id(7), same);  // another nonce, another version
    CHECK(must(digest_of(store)) == digest);
    put(store, Table::Fields, row_id(7), same + "x");
    CHECK(must(digest_of(store)) != digest);
    put(store, Table::Fields, row_id(7), same);
    CHECK(must(digest_of(store)) == digest);
    put(store, Table::Settings, row_id(7), same);
    CHECK(must(digest_of(store)) != digest);
    must(store.run([](Txn& txn) { return txn.erase(Table::Settings, row_id(7)); }));
    log(store, "one more");
    CHECK(must(digest_of(store)) != digest);
  }

  TEST_CASE("two backups of one state share no byte run, and hold no plaintext") {
    Scene scene;
    scene.back_up("a.vrmbak");
    scene.back_up("b.vrmbak");
    const std::string a = bytes_in(scene.file("a.vrmbak"));
    const std::string b = bytes_in(scene.file("b.vrmbak"));
    const std::size_t header = kBackupStartBytes + std::filesystem::file_size(scene.vault.slots());
    CHECK(a.substr(0, header) == b.substr(0, header));
    std::size_t equal = 0;
    for (std::size_t i = header; i + 16 <= std::min(a.size(), b.size()); i += 16)
      if (a.compare(i, 16, b, i, 16) == 0) ++equal;
    CHECK(equal == 0);
    for (const auto* plain : {"velo", "record 3", "ffffffff", "iiiiiiii", "vrm.backup"})
      CHECK(a.find(plain) == a.npos);
  }

  TEST_CASE("what jobs commit meanwhile is in a backup wholly or not at all") {
    TestVault vault;
    Store& store = vault.create();
    // Each job raises three places to the same number, so a state says which one it is.
    std::atomic<bool> ends{false};
    std::atomic<std::uint64_t> reached{0};
    std::thread writer([&] {
      for (std::uint64_t n = 1; !ends; ++n) {
        const std::string text = std::to_string(n);
        const auto done = store.run([&](Txn& txn) -> Result<void> {
          TRY(txn.write(Table::Grants, row_id(1), kVaultKey, bytes_of(text)));
          TRY(txn.write(Table::Fields, row_id(n % 60), kVaultKey,
                        bytes_of(text + std::string(n % 700, 'x'))));
          if (n % 5 == 0) TRY(txn.make_key());
          TRY(txn.append_log(bytes_of(text)));
          return {};
        });
        if (!done.ok()) return;
        reached = n;
      }
    });
    std::vector<std::uint64_t> before;
    for (int round = 0; round < 12; ++round) {
      while (reached < static_cast<std::uint64_t>(round) * 20 + 20) std::this_thread::yield();
      before.push_back(reached);
      must(store.back_up({.file = vault.folder.path() / std::to_string(round), .made_at = {}}));
    }
    ends = true;
    writer.join();
    CHECK(reached > before.back());  // jobs went on
    // The digest that the vault had after each job, from the log alone.
    for (int round = 0; round < 12; ++round) {
      CAPTURE(round);
      const auto into = vault.folder.path() / ("r" + std::to_string(round));
      must(restore_backup(vault.disk, vault.random, vault.folder.path() / std::to_string(round),
                          into, credential()));
      TestVault restored(into);
      const Store& again = restored.reopen();
      const std::uint64_t state = again.log_size();
      CHECK(state >= before[static_cast<std::size_t>(round)]);
      TestVault replayed;
      Store& replay = replayed.create();
      must(replay.run([&](Txn& txn) -> Result<void> {
        for (std::uint64_t n = 1; n <= state; ++n) {
          const std::string text = std::to_string(n);
          TRY(txn.write(Table::Grants, row_id(1), kVaultKey, bytes_of(text)));
          TRY(txn.write(Table::Fields, row_id(n % 60), kVaultKey,
                        bytes_of(text + std::string(n % 700, 'x'))));
          TRY(txn.append_log(bytes_of(text)));
        }
        return {};
      }));
      CHECK(must(digest_of(again)) == must(digest_of(replay)));
    }
  }

  TEST_CASE("every cut of a backup is refused, and says how much stands before it") {
    Scene scene;
    scene.back_up();
    const std::string whole = bytes_in(scene.file());
    const std::size_t header = kBackupStartBytes + std::filesystem::file_size(scene.vault.slots()) +
                               72 + crypto::kDigestBytes;
    std::vector<std::size_t> cuts = {0,         1, 7, 8, kBackupStartBytes - 1, kBackupStartBytes,
                                     header - 1};
    for (std::size_t border = header; border < whole.size(); border += kChunkBoxBytes)
      for (const int off : {-41, -40, -39, -24, -1, 0, 1, 23, 24, 39, 40, 41})
        if (border + 41 < whole.size() && (off >= 0 || border > header))
          cuts.push_back(border + static_cast<std::size_t>(static_cast<std::ptrdiff_t>(off)));
    std::mt19937 dice(4);
    for (int i = 0; i < 60; ++i) cuts.push_back(dice() % whole.size());
    for (std::size_t back = 1; back <= 60; ++back) cuts.push_back(whole.size() - back);
    REQUIRE(whole.size() > header + 3 * kChunkBoxBytes);
    std::uint64_t most_rows = 0;
    for (const std::size_t cut : cuts) {
      CAPTURE(cut);
      put_bytes(scene.file("cut"), std::string_view(whole).substr(0, cut));
      const auto refused = scene.check("cut");
      REQUIRE_FALSE(refused.ok());
      const Error& error = refused.error();
      if (cut < 8) {
        CHECK(error.say == "backup.none");
        continue;
      }
      CHECK(error.code == ErrorCode::Corrupt);
      if (cut < header) {
        CHECK(error.say == "backup.bad_header");
        continue;
      }
      CHECK((error.say == "backup.cut" || error.say == "backup.damaged"));
      const std::uint64_t rows = std::stoull(gap(error, "rows"));
      CHECK(rows <= (cut - header) / (kRowStartBytes + 104));
      most_rows = std::max(most_rows, rows);
      if ((cut - header) % kChunkBoxBytes == 0) CHECK(error.say == "backup.cut");
    }
    CHECK(most_rows == 43);  // all of them: it was cut in the log
    put_bytes(scene.file("longer"), whole + "x");
    CHECK_FALSE(scene.check("longer").ok());
    put_bytes(scene.file("longer"), whole + whole.substr(header));
    CHECK_FALSE(scene.check("longer").ok());
  }

  TEST_CASE("no flipped bit goes unseen, and the chunk it is in is named") {
    Scene scene;
    scene.back_up();
    std::string bytes = bytes_in(scene.file());
    const std::size_t header = kBackupStartBytes + std::filesystem::file_size(scene.vault.slots()) +
                               72 + crypto::kDigestBytes;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < header; i += 3) places.push_back(i);
    std::mt19937 dice(7);
    while (places.size() < 420) places.push_back(dice() % bytes.size());
    const std::uint64_t chunks = (bytes.size() - header + kChunkBoxBytes - 1) / kChunkBoxBytes;
    for (const std::size_t place : places) {
      CAPTURE(place);
      const auto flipped = static_cast<char>(bytes[place] ^ static_cast<char>(1 << (dice() % 8)));
      const char was = std::exchange(bytes[place], flipped);
      put_bytes(scene.file("flipped"), bytes);
      bytes[place] = was;
      const auto refused = scene.check("flipped");
      REQUIRE_FALSE(refused.ok());
      const Error& error = refused.error();
      if (place < 8) {
        CHECK(error.say == "backup.none");
      } else if (place < 12) {
        CHECK((error.say == "backup.newer" || error.say == "backup.bad_header"));
      } else if (place < header) {
        CHECK(error.say == "backup.bad_header");
      } else {
        CHECK(error.say == "backup.damaged");
        CHECK(gap(error, "chunk") == std::to_string((place - header) / kChunkBoxBytes + 1));
        CHECK(gap(error, "chunks") == std::to_string(chunks));
      }
    }
  }

  TEST_CASE("chunks that are exchanged, doubled or of another backup do not open") {
    Scene scene;
    scene.back_up("a.vrmbak");
    scene.back_up("b.vrmbak");
    const std::string a = bytes_in(scene.file("a.vrmbak"));
    const std::string b = bytes_in(scene.file("b.vrmbak"));
    const std::size_t header = kBackupStartBytes + std::filesystem::file_size(scene.vault.slots()) +
                               72 + crypto::kDigestBytes;
    const auto refused_as = [&](std::string bytes) {
      put_bytes(scene.file("c"), bytes);
      const auto refused = scene.check("c");
      REQUIRE_FALSE(refused.ok());
      return refused.error().say + " " + gap(refused.error(), "chunk");
    };
    const std::string one = a.substr(header, kChunkBoxBytes);
    const std::string two = a.substr(header + kChunkBoxBytes, kChunkBoxBytes);
    const std::string rest = a.substr(header + 2 * kChunkBoxBytes);
    CHECK(refused_as(a.substr(0, header) + two + one + rest) == "backup.damaged 1");
    CHECK(refused_as(a.substr(0, header) + one + one + rest) == "backup.damaged 2");
    CHECK(refused_as(a.substr(0, header) + one + rest) == "backup.damaged 2");
    CHECK(refused_as(a.substr(0, header) + b.substr(header)) == "backup.damaged 1");
    CHECK(refused_as(a.substr(0, header)) == "backup.cut 1");
  }

  TEST_CASE(
      "a wrong opener, another vault's backup, a newer format and a foreign file are refused") {
    Scene scene;
    scene.back_up();
    CHECK(scene.check("a.vrmbak", 8).error().code == ErrorCode::BadKey);
    CHECK(scene.check("a.vrmbak", 8).error().say == "backup.bad_key");
    CHECK(scene.check("none").error().say == "backup.no_file");
    put_bytes(scene.file("foreign"), std::string(5000, 'x'));
    CHECK(scene.check("foreign").error().say == "backup.none");

    TestVault other;
    Store& stranger = other.create();
    CHECK(stranger.check_own_backup(scene.file()).error().say == "backup.other_key");

    for (const std::size_t place : {std::size_t{8}, std::size_t{10}}) {
      std::string newer = bytes_in(scene.file());
      newer[place] = static_cast<char>(newer[place] + 1);
      put_bytes(scene.file("newer"), newer);
      const auto refused = scene.check("newer");
      CHECK(refused.error().code == ErrorCode::Corrupt);
      CHECK(refused.error().say == "backup.newer");
      CHECK(scene.restore(scene.vault.folder.path() / "n", "newer").error().say == "backup.newer");
      CHECK_FALSE(std::filesystem::exists(scene.vault.folder.path() / "n"));
      CHECK(bytes_in(scene.file("newer")) == newer);
    }
  }

  TEST_CASE("a backup is made of an open vault alone, beside it, and over nothing unasked") {
    Scene scene;
    Store& store = *scene.vault.store;
    const auto order = [&](const std::filesystem::path& file) {
      return BackupOrder{.file = file, .made_at = Instant{1}};
    };
    CHECK(store.back_up(order(scene.vault.options.folder / "x")).error().say == "backup.in_vault");
    CHECK(store.back_up(order(scene.vault.folder.path() / "no" / "x")).error().say ==
          "backup.no_folder");
    put_bytes(scene.file("mine"), "a file of mine");
    CHECK(store.back_up(order(scene.file("mine"))).error().say == "backup.exists");
    CHECK(bytes_in(scene.file("mine")) == "a file of mine");
    BackupOrder forced = order(scene.file("mine"));
    forced.replace = Replace::Yes;
    must(store.back_up(forced));
    CHECK(scene.check("mine").ok());

    // What an interrupted backup left is nobody's; another file of that name is.
    put_bytes(scene.file("left.new"), "VRMBAKUP and more");
    must(store.back_up(order(scene.file("left"))));
    put_bytes(scene.file("letter.new"), "dear Ana");
    CHECK(store.back_up(order(scene.file("letter"))).error().say == "backup.exists");
    CHECK(bytes_in(scene.file("letter.new")) == "dear Ana");

    store.lock({});
    CHECK(store.back_up(order(scene.file("locked"))).error().code == ErrorCode::Locked);
    CHECK(store.check_own_backup(scene.file("mine")).error().code == ErrorCode::Locked);
    store.seal();
    CHECK(store.back_up(order(scene.file("locked"))).error().code == ErrorCode::Locked);
    CHECK_FALSE(std::filesystem::exists(scene.file("locked")));
    must(store.unlock(credential(), OpenFor::Rescue));
    CHECK(store.back_up(order(scene.file("rescue"))).error().say == "backup.rescue");
  }

  TEST_CASE("checking writes nothing, and nothing is restored over a vault or beside its slots") {
    Scene scene;
    scene.back_up();
    const auto list = [&] {
      std::map<std::string, std::string> files;
      for (const auto& entry :
           std::filesystem::recursive_directory_iterator(scene.vault.folder.path()))
        if (entry.is_regular_file()) files[entry.path().string()] = bytes_in(entry.path());
      return files;
    };
    const auto before = list();
    CHECK(scene.check().ok());
    CHECK_FALSE(scene.check("a.vrmbak", 9).ok());
    CHECK(list() == before);
    CHECK(scene.restore(scene.vault.options.folder).error().say == "backup.vault_exists");
    CHECK(list() == before);

    const auto into = scene.vault.folder.path() / "half";
    std::filesystem::create_directory(into);
    std::filesystem::permissions(into, std::filesystem::perms::owner_all);
    put_bytes(into / "slots", "somebody's");
    CHECK(scene.restore(into).error().say == "store.slots_without_vault");
    CHECK(bytes_in(into / "slots") == "somebody's");
  }

  TEST_CASE("a backup is read where it cannot be written, and through a link") {
    Scene scene;
    const BackupReport made = scene.back_up();
    std::filesystem::permissions(scene.file(), std::filesystem::perms::owner_read);
    std::filesystem::create_symlink(scene.file(), scene.file("link"));
    CHECK(must(scene.check("link")).counter == made.counter);
    std::filesystem::create_directory(scene.file("folder"));
    CHECK(scene.check("folder").error().code == ErrorCode::Io);
  }

  TEST_CASE("what an interrupted restore left goes, and a second one is whole") {
    Scene scene;
    scene.back_up();
    const auto into = scene.vault.folder.path() / "twice";
    std::filesystem::create_directory(into);
    std::filesystem::permissions(into, std::filesystem::perms::owner_all);
    put_bytes(into / "vault.db.new", "half");
    put_bytes(into / "vault.db.new-wal", "half");
    put_bytes(into / "slots", "of the half one");
    must(scene.restore(into));
    TestVault restored(into);
    CHECK(must(digest_of(restored.reopen())) == must(digest_of(*scene.vault.store)));
    CHECK_FALSE(std::filesystem::exists(into / "vault.db.new"));
  }

  TEST_CASE("vaults of the second and third format open for ever") {
    TempFolder folder;
    if (std::getenv("VRM_ACCEPT_GOLDEN") != nullptr) {
      TestVault vault(folder.path() / "made");
      must(restore_backup(vault.disk, vault.random, golden_folder() / "backup_2.vrmbak",
                          vault.options.folder, credential()));
      std::filesystem::remove_all(golden_folder() / "vault_3");
      copy_vault(vault.options.folder, golden_folder() / "vault_3");
    }
    for (const int format : {2, 3}) {
      CAPTURE(format);
      const std::string name = "vault_" + std::to_string(format);
      const auto copy = folder.path() / name;
      copy_vault(golden_folder() / name, copy);
      TestVault vault(copy);
      const Store& store = vault.reopen();
      CHECK(to_hex(must(digest_of(store))) == (format == 2 ? kGoldenDigest : kGoldenDigestNow));
      CHECK(must(vault.store->check()).damages.empty());
    }
  }

  TEST_CASE("backups of the first and second format open for ever") {
    const std::filesystem::path present = golden_folder() / "backup_2.vrmbak";
    if (std::getenv("VRM_ACCEPT_GOLDEN") != nullptr) {
      TestVault vault;
      fill_golden(vault);
      must(vault.store->back_up(
          {.file = present, .made_at = Instant{1'795'000'000'000}, .replace = Replace::Yes}));
      MESSAGE(to_hex(must(digest_of(*vault.store))));
    }
    TempFolder folder;
    SystemDisk disk;
    crypto::SystemRandom random;
    for (const int format : {1, 2}) {
      CAPTURE(format);
      const auto golden = golden_folder() / ("backup_" + std::to_string(format) + ".vrmbak");
      const std::string before = bytes_in(golden);
      const BackupReport held = must(check_backup(disk, golden, credential()));
      CHECK(held.format == format);
      CHECK(held.made_at == Instant{1'795'000'000'000});
      CHECK(held.log_records == 4);
      CHECK(to_hex(held.digest) == (format == 1 ? kGoldenDigest : kGoldenDigestNow));
      const auto into = folder.path() / golden.filename();
      must(restore_backup(disk, random, golden, into, credential()));
      TestVault restored(into);
      const Store& store = restored.reopen();
      CHECK(get(store, Table::Fields, row_id(1)) == "Lyon");
      CHECK(get(store, Table::Imports, row_id(2)) == std::string(40'000, 'i'));
      CHECK(get(store, Table::Brands, row_id(3)) == "<locked>");
      CHECK(log_of(store).back() == "record 4");
      std::size_t documents = 0;
      must(store.scan(Table::Documents,
                      [&](const RowId& id, const KeyId&, BytesView) -> Result<void> {
                        ++documents;
                        CHECK(must(get_document(disk, into, store, id)) == some_bytes(70'000));
                        return {};
                      }));
      CHECK(documents == (format == 1 ? 0 : 1));
      CHECK(bytes_in(golden) == before);
    }
  }

  TEST_CASE("an empty vault has a backup too") {
    TestVault vault;
    Store& store = vault.create();
    const auto file = vault.folder.path() / "b";
    must(store.back_up({.file = file, .made_at = {}}));
    CHECK(must(check_backup(vault.disk, file, credential())).digest == must(digest_of(store)));
    must(restore_backup(vault.disk, vault.random, file, vault.folder.path() / "r", credential()));
    TestVault restored(vault.folder.path() / "r");
    CHECK(restored.reopen().log_size() == 0);
  }
}
