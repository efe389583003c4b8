// Names of fields that are misspelt, the owner's own, or the beginning of several.

#include <doctest/doctest.h>

#include "tests/cli/doc_documents.h"
#include "tests/cli/documents.h"
#include "tests/cli/fake_daemon.h"
#include "tests/cli/run_vrm.h"

using namespace vrm::cli_test;

namespace {

const std::string kNearEmail =
    R"({"error":{"code":"not_found","say":"profile.no_field_near","with":{"field":"contact.emial","near":"contact.email"},"message":"x"}})";
const std::string kNothingNear =
    R"({"error":{"code":"not_found","say":"profile.no_field","with":{"field":"garden.tree"},"message":"x"}})";

std::string own_field(int version) {
  return R"({"schema":"vrm.field/1","field":"garden.tree","type":"text","value":"oak","version":)" +
         std::to_string(version) + R"(,"known":false})";
}

struct World {
  FakeDaemon daemon;

  World() {
    daemon.answer("GET /v1/catalogue", kCatalogue);
    daemon.answer("GET /v1/fields", kFields);
    daemon.answer("GET /v1/fields/contact.emial", kNearEmail, 404);
    daemon.answer("PUT /v1/fields/contact.emial", kEmail);
    daemon.answer("GET /v1/fields/garden.tree", kNothingNear, 404);
    daemon.answer("PUT /v1/fields/garden.tree", own_field(1));
    daemon.answer("POST /v1/grants", kGrant);
    daemon.answer("GET /v1/documents", kDocuments);
  }

  std::vector<std::string> typed(std::vector<std::string> words) const {
    words.insert(words.end(), {"--vault", daemon.folder().path()});
    return words;
  }
  Ran run(const std::vector<std::string>& words) const {
    How how;
    how.environment["VRM_VAULT"] = daemon.folder().path();
    return run_vrm(words, how);
  }
  bool changed() const {
    for (const auto& asked : daemon.asked())
      if (!asked.line.starts_with("GET ")) return true;
    return false;
  }
};

bool says(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

}  // namespace

TEST_SUITE("cli/names") {
  TEST_CASE(
      "a name near one of the catalogue is not set or granted unless it is said to be meant") {
    for (const auto& words : std::vector<std::vector<std::string>>{
             {"set", "contact.emial", "a@b.example"},
             {"grant", "velo", "contact.emial", "--purpose", "delivery"}}) {
      const World world;
      const auto ran = world.run(words);
      CHECK(ran.exit == 7);
      CHECK(says(ran.err, "Did you mean contact.email?"));
      CHECK(says(ran.err, "--own"));
      CHECK_FALSE(world.changed());
      for (const auto* flag : {"--own", "--yes"}) {
        auto sure = words;
        sure.emplace_back(flag);
        CHECK(world.run(sure).exit == 0);
      }
      CHECK(world.changed());
    }
  }

  TEST_CASE(
      "a version that a field never had is told as such, though fields go by the name's "
      "beginning") {
    World world;
    world.daemon.answer(
        "POST /v1/fields/contact.email/restore",
        R"({"error":{"code":"not_found","say":"profile.no_version","with":{"field":"contact.email","version":"9"},"message":"x"}})",
        404);
    const auto ran = world.run({"history", "contact.email", "--restore", "9"});
    CHECK(ran.exit == 3);
    CHECK(says(ran.err, "contact.email has no version 9"));
    CHECK_FALSE(says(ran.err, "several"));
  }

  TEST_CASE("a document is granted by either of its names, and a misspelt one is told") {
    World world;
    for (const auto* name : {"ticket", "document.ticket"}) {
      CHECK(world.run({"grant", "velo", name, "--purpose", "delivery"}).exit == 0);
      CHECK(says(world.daemon.asked().back().body, R"("fields":["document.ticket"])"));
    }
    CHECK(world.run({"grant", "velo", "ticket,contact.email", "--purpose", "delivery"}).exit == 0);
    CHECK(
        says(world.daemon.asked().back().body, R"("fields":["document.ticket","contact.email"])"));
    world.daemon.answer("GET /v1/fields/tiket", kNothingNear, 404);
    world.daemon.answer("GET /v1/fields/document.tiket", kNothingNear, 404);
    CHECK(says(world.run({"grant", "velo", "tiket", "--purpose", "delivery"}).err,
               "Did you mean ticket?"));
    CHECK(says(world.run({"grant", "velo", "document.tiket", "--purpose", "delivery"}).err,
               "Did you mean document.ticket?"));
  }

  TEST_CASE("what is neither field nor document is not granted, unless it is said to be meant") {
    const World world;
    const auto ran = world.run({"grant", "velo", "garden.tree", "--purpose", "delivery"});
    CHECK(ran.exit == 2);
    CHECK(says(ran.err, "vrm doc list"));
    CHECK_FALSE(world.changed());
    CHECK(world.run({"grant", "velo", "garden.tree", "--purpose", "delivery", "--own"}).exit == 0);
    CHECK(world.changed());
  }

  TEST_CASE("on a terminal it is asked, before the value is") {
    const World world;
    const auto no = run_on_terminal(world.typed({"set", "contact.emial"}), {{"[y/N]", "\n"}});
    CHECK(no.exit == 6);
    CHECK(says(no.out, "Did you mean contact.email?"));
    CHECK_FALSE(world.changed());
    const auto yes = run_on_terminal(world.typed({"set", "contact.emial"}),
                                     {{"[y/N]", "y\n"}, {"contact.emial:", "a@b.example\n"}});
    CHECK(yes.exit == 0);
    CHECK(world.changed());
  }

  TEST_CASE("a name near none is set, and said to be the owner's own the first time") {
    World world;
    const auto first = world.run({"set", "garden.tree", "oak"});
    CHECK(first.exit == 0);
    CHECK(says(first.err, "“garden.tree” is a name of your own"));
    world.daemon.answer("PUT /v1/fields/garden.tree", own_field(2));
    CHECK_FALSE(says(world.run({"set", "garden.tree", "oak"}).err, "of your own"));
  }

  TEST_CASE("the beginning of several fields is shown as such") {
    World world;
    world.daemon.answer("GET /v1/fields/address.home", kNothingNear, 404);
    const auto known = world.run({"get", "address.home"});
    CHECK(known.exit == 3);
    CHECK(says(known.err, "vrm list address.home"));
    world.daemon.answer("GET /v1/fields/garden", kNothingNear, 404);
    world.daemon.answer("GET /v1/fields?prefix=garden", kFields);
    CHECK(says(world.run({"get", "garden"}).err, "vrm list garden"));
    world.daemon.answer("GET /v1/fields?prefix=garden", R"({"items":[]})");
    CHECK_FALSE(says(world.run({"get", "garden"}).err, "vrm list garden"));
  }

  TEST_CASE("an empty list says why it is empty") {
    World world;
    for (const auto* prefix : {"adress", "address", "zzz"})
      world.daemon.answer("GET /v1/fields?prefix=" + std::string(prefix), R"({"items":[]})");
    CHECK(says(world.run({"list", "adress"}).err, "Did you mean address?"));
    CHECK(says(world.run({"list", "address"}).err, "vrm help fields"));
    CHECK(says(world.run({"list", "zzz"}).err, "No field’s name begins with “zzz”."));
    world.daemon.answer("GET /v1/fields", R"({"items":[]})");
    CHECK(says(world.run({"list"}).err, "vrm import contacts.vcf"));
  }

  TEST_CASE(
      "the names there are can be read before there is a vault or a daemon, all or those of a "
      "group") {
    const Folder folder;
    const auto help = [&](std::vector<std::string> words) {
      words.insert(words.begin(), {"help"});
      words.insert(words.end(), {"--vault", folder.path() + "/none"});
      return run_vrm(words);
    };
    const auto all = help({"fields"});
    CHECK(all.exit == 0);
    CHECK(says(all.out, "contact.email"));
    CHECK(says(all.out, "size.helmet"));
    const auto sizes = help({"fields", "size"});
    CHECK(says(sizes.out, "size.helmet"));
    CHECK_FALSE(says(sizes.out, "contact.email"));
    const auto mistyped = help({"fields", "sizs"});
    CHECK(mistyped.exit == 3);
    CHECK(says(mistyped.err, "Did you mean size?"));
    const auto purposes = help({"purposes", "--lang", "fr"});
    CHECK(says(purposes.out, "livrer ce que vous avez acheté"));
    CHECK_FALSE(says(purposes.out, "resale"));  // never granted
  }

  TEST_CASE("a brand's name in place of a grant's id is told how to ask for its grants") {
    World world;
    world.daemon.answer("GET /v1/brands", kBrands);
    const auto ran = world.run({"grants", "velo"});
    CHECK(ran.exit == 2);
    CHECK(says(ran.err, "vrm grants --brand velo"));
  }

  TEST_CASE("an amount is taken as a person types it") {
    FakeDaemon daemon;
    daemon.answer(
        "GET /v1/catalogue",
        R"({"schema":"vrm.catalogue/1","fields":[{"name":"budget.bicycle","type":"money","example":"849.00 EUR","group":"budget","sensitivity":1}],"purposes":[]})");
    daemon.answer("PUT /v1/fields/budget.bicycle", own_field(2));
    run_vrm({"set", "budget.bicycle", "1 234,50 €", "--vault", daemon.folder().path()});
    CHECK(daemon.asked().back().body == R"({"value":"1234.50EUR"})");
  }
}
