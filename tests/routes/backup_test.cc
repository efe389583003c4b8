// Backups by the owner's desk.

#include <sys/stat.h>

#include <fstream>
#include <set>

#include "tests/support/simulated_disk.h"
#include "tests/support/world.h"

using namespace vrm;  // tests only
using testing::must;
using testing::World;

namespace {

using nlohmann::json;

constexpr auto kCredential = gate::SlotKind::Credential;

class Elsewhere {
 public:
  Elsewhere() {
    std::string name = (std::filesystem::temp_directory_path() / "vrm-backup-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    folder_ = name;
  }
  ~Elsewhere() { std::filesystem::remove_all(folder_); }
  Elsewhere(const Elsewhere&) = delete;
  Elsewhere& operator=(const Elsewhere&) = delete;
  std::string path(std::string_view name) const { return (folder_ / name).string(); }

 private:
  std::filesystem::path folder_;
};

std::string say_of(const Result<json>& answer) {
  return answer.ok() ? "" : answer.error().say;
}

}  // namespace

TEST_SUITE("routes/backup") {
  TEST_CASE("a backup is told of in the journal and in the status, and read back by three ways") {
    World world;
    const Elsewhere there;
    world.set("address.home.locality", "Lyon");
    CHECK(must(world.owner->status())["backup"] == nullptr);
    const std::string file = there.path("a");
    const json made = must(world.owner->back_up({file, false, true}));
    CHECK(made["schema"] == "vrm.backup/1");
    CHECK(made["checked"] == true);
    CHECK(made["tables"]["fields"] == 1);
    CHECK(made["bytes"] == std::filesystem::file_size(file));
    CHECK(world.log_count("backed_up", "done") == 1);
    CHECK(must(world.owner->status())["backup"].contains("made_at"));
    // It says the same whoever reads it; its record came after it.
    const json own = must(world.owner->check_backup(file));
    CHECK(own == made);
    must(world.owner->lock());
    CHECK_FALSE(must(world.owner->status()).contains("backup"));
    CHECK(must(world.owner->check_backup(file, kCredential, World::credential())) == made);
    CHECK(say_of(world.owner->check_backup(file)) == "vault.locked");
    CHECK(say_of(world.owner->back_up({there.path("b"), false, false})) == "vault.locked");
    CHECK(say_of(world.owner->check_backup(file, kCredential, World::credential(8))) ==
          "backup.bad_key");
  }

  TEST_CASE("reading a backup back is told as such while it lasts, with whichever key") {
    testing::SimulatedDisk disk;
    World world(World::default_limits(), nullptr, std::filesystem::temp_directory_path(), &disk);
    const std::string file = (world.folder / "a").string();
    must(world.owner->back_up({file, false, false}));
    std::set<std::string> seen;
    disk.watch_reads([&](const std::filesystem::path& path) {
      if (path == file) seen.insert(world.owner->progress()["doing"].dump());
    });
    const std::set<std::string> verify = {"\"verify\""};
    must(world.owner->check_backup(file));
    CHECK(std::exchange(seen, {}) == verify);
    must(world.owner->check_backup(file, kCredential, World::credential()));
    CHECK(std::exchange(seen, {}) == verify);
    must(world.owner->back_up({file, true, true}));
    CHECK(seen == verify);
    CHECK(world.owner->progress()["doing"] == nullptr);
    disk.watch_reads({});
  }

  TEST_CASE("a backup is written where a whole path says, and over nothing unasked") {
    World world;
    const Elsewhere there;
    for (const auto* path : {"", "a", "./a", "../a"})
      CHECK(say_of(world.owner->back_up({path, false, false})) == "backup.no_path");
    CHECK(say_of(world.owner->back_up({there.path(""), false, false})) == "backup.no_path");
    CHECK(say_of(world.owner->back_up({(world.folder / "vault/a").string(), false, false})) ==
          "backup.in_vault");
    CHECK(say_of(world.owner->back_up({(world.folder / "vault/x/../vault.db").string(), true,
                                       false})) == "backup.in_vault");
    must(world.owner->back_up({there.path("a"), false, false}));
    CHECK(say_of(world.owner->back_up({there.path("a"), false, false})) == "backup.exists");
    CHECK(must(world.owner->back_up({there.path("a"), true, false}))["digest"] == nullptr);
    CHECK(world.log_count("backed_up", "done") == 2);
  }

  TEST_CASE("an export holds all in the clear, in a private file, and its record comes first") {
    World world;
    const Elsewhere there;
    world.set("address.home.locality", "Lyon");
    world.set("contact.email", "ana@example.org");
    const std::string file = there.path("all.json");
    const json told = must(world.owner->export_all(file, false));
    CHECK(told["fields"] == 2);
    CHECK(world.log_count("exported", "done") == 1);
    std::ifstream in(file);
    const json all = json::parse(in);
    CHECK(all["schema"] == "vrm.export/1");
    CHECK(all["values"]["contact.email"] == "ana@example.org");
    CHECK(all["values"].size() == 2);
    CHECK(all["log"].size() == told["log_records"]);
    struct stat status {};
    REQUIRE(::stat(file.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);
    // What was exported can be taken over by another vault.
    World other;
    const gate::OwnerDesk::ImportCall call{
        .format = "json", .card = std::nullopt, .preview = false, .keep = ""};
    CHECK(must(other.owner->import(all["values"].dump(), call))["added"] == 2);

    CHECK(say_of(world.owner->export_all(file, false)) == "backup.exists");
    must(world.owner->export_all(file, true));
    CHECK(say_of(world.owner->export_all("all.json", false)) == "backup.no_path");
    CHECK(say_of(world.owner->export_all((world.folder / "vault/all.json").string(), false)) ==
          "backup.in_vault");
    CHECK(say_of(world.owner->export_all(there.path("no/all.json"), false)) == "backup.no_folder");
    must(world.owner->lock());
    CHECK(say_of(world.owner->export_all(there.path("b.json"), false)) == "vault.locked");
    CHECK_FALSE(std::filesystem::exists(there.path("b.json")));
  }

  TEST_CASE(
      "what is restored elsewhere is another vault, one epoch on; here nothing is overwritten") {
    World world;
    const Elsewhere there;
    world.set("address.home.locality", "Lyon");
    const json made = must(world.owner->back_up({there.path("a"), false, true}));
    world.set("address.home.locality", "Paris");
    const auto restore = [&](const std::string& into) {
      return world.owner->restore(there.path("a"), into, kCredential, World::credential());
    };
    CHECK(say_of(restore((world.folder / "vault").string())) == "backup.vault_exists");
    CHECK(say_of(restore("vault")) == "backup.no_path");
    const json restored = must(restore(there.path("again")));
    CHECK(restored["digest"] == made["digest"]);
    CHECK(restored["epoch"] == made["epoch"].get<int>() + 1);
    CHECK(restored["folder"] == there.path("again"));
    CHECK(say_of(restore(there.path("again") + "/")) == "backup.vault_exists");
    CHECK(must(world.owner->field("address.home.locality"))["value"] == "Paris");
  }
}
