// The golden vaults of the formats 4 and 5, as the whole program makes one: with what a field was before, a document and,
// in 5, a decision that stands. They open for ever, and so does what is in them. VRM_ACCEPT_GOLDEN=1 makes that of the
// present format anew.

#include <array>
#include <cstdlib>
#include <fstream>

#include "tests/support/world.h"
#include "vault/api/paths.h"
#include "vault/store/digest.h"
#include "vault/store/migrations.h"

using namespace vrm;  // tests only
using nlohmann::json;
using testing::must;
using testing::TestBrand;
using testing::World;

namespace {

namespace fs = std::filesystem;

struct Golden {
  std::uint32_t format;
  std::string_view digest;  // tests/store/stranger_test.py knows it, too
  fs::path folder() const {
    return fs::path(VRM_SOURCE_DIR) / "tests/store/golden" / ("vault_" + std::to_string(format));
  }
};
constexpr std::array kGoldens = {
    Golden{4, "c26753ddaf0dbdc2e7b0a444bbf65ac429754d10d57f724a4100d0605e7c9c90"},
    Golden{5, "53f9d8df2b784a85626d174e0a7bfe9c61d8f33574b865951ad1c5e7810211a3"},
};
static_assert(kGoldens.back().format == store::kFormat, "each format has a golden vault");
constexpr std::size_t kPaperBytes = 70'000;

std::string paper() {
  std::string bytes(kPaperBytes, ' ');
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 31 + i / 251);
  return bytes;
}

void copy_vault(const fs::path& from, const fs::path& to) {
  fs::remove_all(to);
  fs::create_directories(to / "documents");
  for (const auto& folder : {to, to / "documents"}) fs::permissions(folder, fs::perms::owner_all);
  for (const char* name : {"vault.db", "slots"}) fs::copy_file(from / name, to / name);
  for (const auto& file : fs::directory_iterator(from / "documents"))
    fs::copy_file(file.path(), to / "documents" / file.path().filename());
}

void fill(World& world) {
  world.set("contact.email", "ana@example.org");
  world.clock.advance(std::chrono::hours(24));
  world.set("contact.email", "ana@example.net");
  world.clock.advance(std::chrono::hours(24));
  world.set("contact.email", "ana@example.com");
  world.set("address.home.locality", "Lyon");
  const auto upload =
      must(world.owner->begin_document({{"file", "Passport.pdf"}, {"size", kPaperBytes}}));
  const std::string id = upload["id"];
  must(world.owner->put_part(id, 1, bytes_of(paper())));
  must(world.owner->finish_document(id, json::object()));
  TestBrand velo(world, "velo.example", "Velo");
  velo.granted({"contact.email"});
  REQUIRE(velo.ask(TestBrand::wish({"address.home.locality"})).status == 200);
  const std::string asked = must(world.owner->requests(false))["items"][0]["id"];
  must(world.owner->deny(asked, {{"remember", true}}));
}

void check_what_is_in_it(World& world, const Golden& golden) {
  std::vector<std::string> values;
  const auto history = must(world.owner->history("contact.email"));
  for (const auto& item : history["items"]) values.push_back(item["value"]);
  CHECK(values ==
        std::vector<std::string>{"ana@example.com", "ana@example.net", "ana@example.org"});
  CHECK(must(world.owner->document_part("document.passport", 1)) == paper());
  const auto grants = must(world.owner->grants("velo", false))["items"];
  REQUIRE(grants.size() == 1);
  CHECK(grants[0]["state"] == "active");
  const auto rules = must(world.owner->rules(""))["items"];
  REQUIRE(rules.size() == (golden.format < 5 ? 0 : 1));
  if (!rules.empty()) CHECK(rules[0]["says"] == "deny");
  must(world.owner->restore_field("contact.email", {{"version", 1}}));
  CHECK(must(world.owner->field("contact.email"))["value"] == "ana@example.org");
  CHECK(must(world.owner->field("contact.email"))["version"] == 4);
}

}  // namespace

TEST_SUITE("routes/golden") {
  TEST_CASE("a vault of each format opens for ever, with its history, document and decisions") {
    if (std::getenv("VRM_ACCEPT_GOLDEN") != nullptr) {
      World made;
      fill(made);
      MESSAGE(to_hex(must(store::digest_of(*made.vault->rooms()->store))));
      made.stop();
      copy_vault(made.folder / "vault", kGoldens.back().folder());
    }
    for (const auto& golden : kGoldens) {
      CAPTURE(golden.format);
      World world;
      world.stop();
      copy_vault(golden.folder(), world.folder / "vault");
      must(world.start());
      must(world.owner->unlock(gate::SlotKind::Credential, World::credential(),
                               gate::Unlock::ForRescue));  // as it lies
      CHECK(to_hex(must(store::digest_of(*world.vault->rooms()->store))) == golden.digest);
      must(world.owner->lock());
      world.unlock();
      CHECK(must(world.owner->verify())["ok"] == true);
      check_what_is_in_it(world, golden);
    }
  }
}
