// An older copy of a vault, put back, is noticed: by the anchor outside its folder, and by what others carry.

#include "vault/store/anchor.h"

#include <doctest/doctest.h>

#include <fstream>

#include "tests/store/test_vault.h"
#include "vault/store/witness.h"

using namespace vrm;         // tests only
using namespace vrm::store;  // tests only

namespace {

namespace fs = std::filesystem;

struct AnchoredVault : TestVault {
  AnchoredVault() { options.anchors = folder.path() / "state" / "vrm"; }

  AnchorPlace place() { return anchor_place(disk, options.anchors, id, options.folder); }
  fs::path anchor() { return anchor_path(place()); }
  // Those of format 2 that are kept, of whatever folder.
  std::size_t anchors() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(options.anchors), fs::directory_iterator()));
  }

  Store& create() {
    TestVault::create();
    id = store->vault_id();
    return *store;
  }

  // A job that must outlive an older copy.
  void promise(std::string_view text) {
    must(store->run([&](Txn& txn) -> Result<void> {
      txn.anchor();
      return txn.write(Table::Grants, row_id(1), kVaultKey, bytes_of(text));
    }));
  }

  // All that lies in the vault's folder, while nobody holds it.
  void copy_folder(std::string_view to) {
    close();
    fs::copy(options.folder, folder.path() / to, fs::copy_options::recursive);
    fs::permissions(folder.path() / to, fs::perms::owner_all);
  }
  // The vault is the one in that folder from here on.
  void go_to(std::string_view where) {
    close();
    options.folder = folder.path() / where;
  }
  void put_back(std::string_view from) {
    close();
    fs::remove_all(options.folder);
    fs::copy(folder.path() / from, options.folder, fs::copy_options::recursive);
    fs::permissions(options.folder, fs::perms::owner_all);
  }

  std::optional<Rollback> unlock() {
    attach();
    return must(store->unlock(credential(), OpenFor::Use)).rollback;
  }
  // As the vault's rooms do it: opening it is a promise of its own.
  std::optional<Rollback> begin() {
    const auto rollback = unlock();
    promise("begun");
    return rollback;
  }

  VaultId id{};
};

Bytes content_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void write_to(const fs::path& path, BytesView bytes) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text_of(bytes);
}

const fs::path kGolden = fs::path(VRM_SOURCE_DIR) / "tests/store/golden";

// The golden vault of format 3 with this anchor of format 1, whose path it gives.
fs::path put_golden(AnchoredVault& vault, BytesView anchor) {
  fs::copy(kGolden / "vault_3", vault.options.folder, fs::copy_options::recursive);
  fs::create_directories(vault.options.anchors);
  for (const auto& folder :
       {vault.options.folder, vault.options.folder / "documents", vault.options.anchors})
    fs::permissions(folder, fs::perms::owner_all);
  vault.id = vault.attach().vault_id();
  vault.close();
  write_to(former_anchor_path(vault.place()), anchor);
  return former_anchor_path(vault.place());
}

}  // namespace

TEST_SUITE("store/anchor") {
  TEST_CASE("a vault that goes on where it was has not been rolled back") {
    AnchoredVault vault;
    vault.create();
    CHECK(vault.store->anchoring() == Anchoring::Kept);
    CHECK(fs::exists(vault.anchor()));
    vault.promise("one");
    CHECK(vault.unlock() == std::nullopt);
    put(*vault.store, Table::Fields, row_id(2), "not promised, so the anchor stays behind");
    CHECK(vault.unlock() == std::nullopt);
    CHECK(vault.store->epoch() == 0);
  }

  TEST_CASE("an older copy put back is noticed at once, and again when it is put back again") {
    AnchoredVault vault;
    vault.create();
    vault.promise("granted");
    vault.copy_folder("old");
    CHECK(vault.unlock() == std::nullopt);
    vault.promise("taken back");
    vault.put_back("old");
    CHECK(vault.unlock() == Rollback::OlderThanAnchor);
    CHECK(vault.store->epoch() == 1);
    CHECK(get(*vault.store, Table::Grants, row_id(1)) == "granted");
    CHECK(vault.unlock() == std::nullopt);
    CHECK(vault.store->epoch() == 1);
    vault.put_back("old");
    CHECK(vault.unlock() == Rollback::OlderThanAnchor);
    CHECK(vault.store->epoch() == 2);
  }

  TEST_CASE("an older database put back costs no document of the newer one") {
    AnchoredVault vault;
    vault.create();
    vault.close();
    const auto folder = vault.folder.path();
    fs::copy_file(vault.database(), folder / "old.db");
    vault.unlock();
    const Bytes bytes = some_bytes(100);
    const RowId id =
        must(put_document(vault.disk, vault.random, vault.options.folder, *vault.store, bytes));
    vault.promise("newer");
    vault.close();
    fs::copy_file(vault.database(), folder / "new.db");
    const auto put_back = [&](const char* which) {
      vault.close();
      fs::copy_file(folder / which, vault.database(), fs::copy_options::overwrite_existing);
    };
    put_back("old.db");
    CHECK(vault.unlock() == Rollback::OlderThanAnchor);
    CHECK(vault.store->count(Table::Documents) == 0);
    put_back("new.db");
    CHECK(vault.unlock() != std::nullopt);
    CHECK(must(get_document(vault.disk, vault.options.folder, *vault.store, id)) == bytes);
    // The older one that is gone on with loses the file at last.
    put_back("old.db");
    CHECK(vault.unlock() != std::nullopt);
    CHECK(fs::exists(document_path(vault.options.folder, id)));
    CHECK(vault.unlock() == std::nullopt);
    CHECK_FALSE(fs::exists(document_path(vault.options.folder, id)));
  }

  TEST_CASE("two futures of one copy: the one that the anchor does not know is noticed") {
    AnchoredVault vault;
    vault.create();
    vault.copy_folder("old");
    CHECK(vault.unlock() == std::nullopt);
    vault.promise("taken back");
    const Bytes anchor = content_of(vault.anchor());
    vault.put_back("old");
    vault.options.anchors.clear();
    CHECK(vault.unlock() == std::nullopt);
    vault.promise("another story, as long");
    vault.options.anchors = vault.folder.path() / "state" / "vrm";
    write_to(vault.anchor(), anchor);
    CHECK(vault.unlock() == Rollback::OlderThanAnchor);
  }

  TEST_CASE("without its anchor a vault is taken for an older copy, once") {
    AnchoredVault vault;
    vault.create();
    fs::remove(vault.anchor());
    CHECK(vault.unlock() == Rollback::NoAnchor);
    CHECK(vault.store->epoch() == 1);
    CHECK(vault.unlock() == std::nullopt);
  }

  TEST_CASE("an anchor changed in any bit, cut, lengthened or of another vault is none") {
    AnchoredVault vault;
    vault.create();
    vault.promise("one");
    const fs::path path = vault.anchor();
    const Bytes good = content_of(path);
    REQUIRE(good.size() <= kMostAnchorBytes);
    const crypto::Secret key = crypto::Secret::copy_of(Bytes(32, 1));
    const Bytes foreign = encode_anchor({.counter = UINT64_MAX, .folder = "/v"}, key);
    REQUIRE(decode_anchor(foreign, key).ok());
    std::uint32_t epoch = 0;
    const auto is_refused = [&](BytesView bytes) {
      vault.close();
      write_to(path, bytes);
      CHECK(vault.unlock() == Rollback::BadAnchor);
      CHECK(vault.store->epoch() == ++epoch);
    };
    for (std::size_t bit = 0; bit < good.size() * 8; bit += 7) {
      CAPTURE(bit);
      Bytes changed = good;
      changed[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
      is_refused(changed);
    }
    is_refused(BytesView(good).first(good.size() - 1));
    is_refused({});
    Bytes longer = good;
    longer.push_back(0);
    is_refused(longer);
    is_refused(foreign);
  }

  TEST_CASE("every bit of an anchor counts") {
    const crypto::Secret key = crypto::Secret::copy_of(Bytes(32, 1));
    const Anchor anchor{.epoch = 3, .counter = 9, .folder = "/home/ana/vault"};
    const Bytes good = encode_anchor(anchor, key);
    CHECK(must(decode_anchor(good, key)) == anchor);
    for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
      Bytes changed = good;
      changed[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
      CHECK_FALSE(decode_anchor(changed, key).ok());
    }
  }

  TEST_CASE("an anchor that cannot be written undoes nothing, is told, and is made up for") {
    AnchoredVault vault;
    vault.create();
    const fs::path moved = vault.folder.path() / "state" / "moved";
    fs::rename(vault.options.anchors, moved);
    write_to(vault.options.anchors, bytes_of("in the way"));
    vault.promise("taken back");
    CHECK(vault.store->anchoring() == Anchoring::Behind);
    CHECK(get(*vault.store, Table::Grants, row_id(1)) == "taken back");
    fs::remove(vault.options.anchors);
    fs::rename(moved, vault.options.anchors);
    put(*vault.store, Table::Fields, row_id(2), "any commit tries anew");
    CHECK(vault.store->anchoring() == Anchoring::Kept);
    CHECK(vault.unlock() == std::nullopt);
  }

  TEST_CASE("a job that failed moves no anchor, and one in a group moves it for all") {
    AnchoredVault vault;
    vault.create();
    const Bytes before = content_of(vault.anchor());
    const auto failed = vault.store->run([](Txn& txn) -> Result<void> {
      txn.anchor();
      TRY(txn.write(Table::Grants, row_id(1), kVaultKey, bytes_of("no")));
      return Error{ErrorCode::Denied, "no"};
    });
    CHECK_FALSE(failed.ok());
    CHECK(content_of(vault.anchor()) == before);
    vault.promise("yes");
    CHECK(content_of(vault.anchor()) != before);
  }

  TEST_CASE("without a folder for anchors none is kept, and nothing is noticed") {
    TestVault vault;
    vault.create();
    CHECK(vault.store->anchoring() == Anchoring::Off);
    CHECK(must(vault.attach().unlock(credential(), OpenFor::Use)).rollback == std::nullopt);
  }

  TEST_CASE(
      "a copy opened in another folder goes its own way, and the vault it was copied from its "
      "own") {
    AnchoredVault vault;
    vault.create();
    vault.promise("granted");
    vault.copy_folder("copy");
    const fs::path first = vault.options.folder.filename();
    for (int round = 0; round < 3; ++round) {
      CAPTURE(round);
      vault.go_to("copy");
      CHECK(vault.begin() == std::nullopt);
      vault.promise("in the copy");
      vault.go_to(first.string());
      CHECK(vault.begin() == std::nullopt);
      vault.promise("in the first");
      vault.promise("and more");
    }
    CHECK(vault.store->epoch() == 0);
    CHECK(vault.anchors() == 2);
  }

  TEST_CASE("an older copy is noticed in another folder too, once, and disturbs nobody else") {
    AnchoredVault vault;
    vault.create();
    vault.promise("granted");
    vault.copy_folder("old");
    CHECK(vault.begin() == std::nullopt);
    vault.promise("taken back");
    const fs::path first = vault.options.folder.filename();
    vault.go_to("old");
    CHECK(vault.begin() == Rollback::OlderThanAnchor);
    CHECK(vault.store->epoch() == 1);
    CHECK(vault.begin() == std::nullopt);
    vault.go_to(first.string());
    CHECK(vault.begin() == std::nullopt);
    CHECK(vault.store->epoch() == 0);
    vault.go_to("old");
    CHECK(vault.begin() == std::nullopt);
  }

  TEST_CASE("in a folder that has its anchor an older copy is noticed whatever other folders say") {
    AnchoredVault vault;
    vault.create();
    vault.promise("granted");
    vault.copy_folder("copy");
    vault.copy_folder("old");
    const fs::path first = vault.options.folder.filename();
    vault.go_to("copy");
    CHECK(vault.begin() == std::nullopt);
    vault.go_to(first.string());
    CHECK(vault.begin() == std::nullopt);
    vault.promise("taken back");
    vault.put_back("old");
    CHECK(vault.begin() == Rollback::OlderThanAnchor);
    // And the copy's anchor under this folder's name is not this folder's.
    vault.go_to("copy");
    const Bytes of_copy = content_of(vault.anchor());
    vault.go_to(first.string());
    vault.close();
    write_to(vault.anchor(), of_copy);
    CHECK(vault.begin() == Rollback::BadAnchor);
  }

  TEST_CASE("a vault whose folder was moved is not suspected, nor when it is moved back") {
    AnchoredVault vault;
    vault.create();
    vault.promise("one");
    const fs::path first = vault.options.folder.filename();
    for (const std::string& where : {std::string("moved"), first.string(), std::string("again")}) {
      CAPTURE(where);
      vault.close();
      fs::rename(vault.options.folder, vault.folder.path() / where);
      vault.go_to(where);
      CHECK(vault.begin() == std::nullopt);
      CHECK(vault.anchors() == 1);  // that of the folder it left says nothing any more
    }
    CHECK(vault.store->epoch() == 0);
    // Without it a moved vault is as suspect as any.
    vault.close();
    fs::remove(vault.anchor());
    CHECK(vault.begin() == Rollback::NoAnchor);
  }

  TEST_CASE("moved to another folder and put back from an older copy, it is noticed") {
    AnchoredVault vault;
    vault.create();
    vault.promise("granted");
    vault.copy_folder("old");
    CHECK(vault.begin() == std::nullopt);
    vault.promise("taken back");
    vault.close();
    fs::remove_all(vault.options.folder);
    fs::rename(vault.folder.path() / "old", vault.folder.path() / "elsewhere");
    vault.go_to("elsewhere");
    CHECK(vault.begin() == Rollback::OlderThanAnchor);
  }

  TEST_CASE("a folder reached through a link is the folder it leads to") {
    AnchoredVault vault;
    vault.create();
    vault.promise("one");
    vault.close();
    fs::create_directory_symlink(vault.folder.path(), vault.folder.path() / "link");
    vault.options.folder = vault.folder.path() / "link" / vault.options.folder.filename();
    CHECK(vault.begin() == std::nullopt);
    CHECK(vault.anchors() == 1);
  }

  TEST_CASE(
      "where no anchor of the folder is there and one of another is not to be trusted, it is "
      "suspected") {
    AnchoredVault vault;
    vault.create();
    vault.promise("one");
    vault.copy_folder("copy");
    const fs::path first = vault.anchor();
    vault.go_to("copy");
    const Bytes good = content_of(first);
    write_to(first, BytesView(good).first(good.size() - 1));
    CHECK(vault.begin() == Rollback::BadAnchor);
    CHECK(vault.begin() == std::nullopt);
  }

  TEST_CASE("of a great many folders the furthest is never forgotten") {
    AnchoredVault vault;
    vault.create();
    vault.copy_folder("old");
    CHECK(vault.begin() == std::nullopt);
    for (int i = 0; i < 40; ++i) vault.promise("far");
    vault.copy_folder("far");
    for (std::size_t i = 0; i < kMostAnchors + 5; ++i) {
      CAPTURE(i);
      const std::string name = "copy-" + std::to_string(i);
      fs::copy(vault.folder.path() / "old", vault.folder.path() / name,
               fs::copy_options::recursive);
      fs::permissions(vault.folder.path() / name, fs::perms::owner_all);
      vault.go_to(name);
      CHECK(vault.begin() == Rollback::OlderThanAnchor);
      CHECK(vault.anchors() <= kMostAnchors);
    }
    CHECK(vault.anchors() == kMostAnchors);
    vault.go_to("far");
    CHECK(vault.begin() == Rollback::OlderThanAnchor);  // others began other epochs since
  }

  TEST_CASE("the one anchor of the former format is read, heeded and made that of the folder") {
    for (const char* name : {"anchor_1", "anchor_1_later"}) {
      CAPTURE(name);
      AnchoredVault vault;
      const fs::path former = put_golden(vault, content_of(kGolden / name));
      CHECK(fs::file_size(former) == 102);
      const bool is_later = std::string_view(name).ends_with("later");
      CHECK(vault.begin() == (is_later ? std::optional(Rollback::OlderThanAnchor) : std::nullopt));
      CHECK(fs::exists(vault.anchor()));
      CHECK_FALSE(fs::exists(former));
      CHECK(vault.begin() == std::nullopt);
    }
  }

  TEST_CASE("every bit of an anchor of the former format counts") {
    const Bytes good = content_of(kGolden / "anchor_1");
    for (std::size_t bit = 0; bit < good.size() * 8; bit += 31) {
      CAPTURE(bit);
      Bytes changed = good;
      changed[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
      AnchoredVault vault;
      put_golden(vault, changed);
      CHECK(vault.unlock() == Rollback::BadAnchor);
    }
  }

  TEST_CASE("with the anchor put back too, what others carry proves the rollback") {
    AnchoredVault vault;
    vault.create();
    vault.promise("granted");
    const Bytes anchor = content_of(vault.anchor());
    vault.copy_folder("old");
    CHECK(vault.unlock() == std::nullopt);
    const Bytes of_old = must(vault.store->witness(WitnessOf::NextCommit));
    vault.promise("taken back");
    const Bytes later = must(vault.store->witness(WitnessOf::NextCommit));
    vault.promise("and more");
    CHECK_FALSE(vault.store->proves_rollback(later));
    vault.put_back("old");
    write_to(vault.anchor(), anchor);
    CHECK(vault.unlock() == std::nullopt);  // nothing is left here that could tell
    CHECK(vault.store->proves_rollback(later));
    vault.store->lock({});
    CHECK(vault.store->proves_rollback(later));
    CHECK(vault.store->proves_rollback(
        of_old));  // handed out with a commit that is not there any more
    must(vault.store->run([](Txn& txn) -> Result<void> {
      txn.begin_epoch();
      return {};
    }));
    CHECK(vault.store->epoch() == 1);
    CHECK_FALSE(vault.store->proves_rollback(later));
    vault.store->seal();
    CHECK_FALSE(vault.store->proves_rollback(later));
    CHECK_FALSE(vault.store->witness(WitnessOf::NextCommit).ok());
  }

  TEST_CASE("a witness tells nothing, and no changed or foreign one proves anything") {
    AnchoredVault vault;
    vault.create();
    const Bytes one = must(vault.store->witness(WitnessOf::NextCommit));
    CHECK(one.size() == kWitnessBytes);
    CHECK(one != must(vault.store->witness(WitnessOf::NextCommit)));
    const VaultId id = vault.store->vault_id();
    const crypto::Secret key = crypto::Secret::copy_of(Bytes(32, 1));
    Head late;
    late.epoch = 9;
    const Bytes foreign = seal_witness(late, key, id);
    CHECK(is_later(foreign, {}, key, id));
    CHECK_FALSE(is_later(foreign, late, key, id));
    CHECK_FALSE(is_later(foreign, {}, key, VaultId{1}));
    CHECK_FALSE(vault.store->proves_rollback(foreign));
    for (std::size_t bit = 0; bit < foreign.size() * 8; ++bit) {
      Bytes changed = foreign;
      changed[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
      CHECK_FALSE(is_later(changed, {}, key, id));
    }
    CHECK_FALSE(is_later(BytesView(foreign).first(20), {}, key, id));
  }
}
