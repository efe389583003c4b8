#include "vault/gate/policies.h"

#include <doctest/doctest.h>

#include <atomic>
#include <fstream>
#include <sstream>
#include <thread>

#include "policies/cedar/conformance.h"
#include "vault/gate/policy_world.h"

using namespace vrm;  // tests only

namespace {

struct Tables {
  profile::Catalogue catalogue = profile::Catalogue::embedded().value();
  grants::Purposes purposes = grants::Purposes::load().value();
};

brands::Brand shop_brand() {
  brands::Brand brand;
  brand.handle = "velo";
  brand.client_id = "https://velo.example/vrm-brand.json";
  return brand;
}

grants::Grant shop_grant() {
  grants::Grant grant;
  grant.id.text = "gr_TEST0001";
  grant.brand = "velo";
  grant.fields = {"address.home.locality", "note.secret"};
  grant.purpose = "dpv:DeliveryOfGoods";
  grant.stored = grants::Stored::Active;
  grant.expires_at = {1'000};
  return grant;
}

std::vector<gate::PolicyFinding> findings_of(const std::string& text) {
  const Tables tables;
  return gate::check_policies({{"mine.cedar", text}}, tables.catalogue, tables.purposes).value();
}

// Where the rules of this text end a question about the field.
bool is_open(const std::string& text, std::string_view field) {
  const Tables tables;
  const auto rules = gate::Rules::parse({text}, tables.catalogue, tables.purposes).value();
  const auto brand = shop_brand();
  return rules.decide({brand, nullptr, field, "dpv:DeliveryOfGoods", {}}).allowed;
}

}  // namespace

TEST_SUITE("gate/policies") {
  TEST_CASE("what is linked in is as the schema says, and so is what stays") {
    const Tables tables;
    CHECK(gate::check_built_in_policies(tables.catalogue, tables.purposes).ok());
  }

  TEST_CASE("every question, with and without a grant, is as the schema says") {
    const Tables tables;
    const auto schema = gate::vault_schema().value();
    const auto rules = gate::Rules::load(tables.catalogue, tables.purposes).value();
    const auto brand = shop_brand();
    auto counted = shop_grant();
    counted.max_reads = 3;
    const auto plain = shop_grant();
    const std::vector<const grants::Grant*> shown{nullptr, &plain, &counted};
    for (const auto* grant : shown)
      for (const char* field : {"address.home.locality", "note.secret", "person.birthdate"}) {
        const auto world =
            gate::world_of(rules.ground(), {brand, grant, field, "dpv:DeliveryOfGoods", {7}});
        REQUIRE(world.ok());
        const auto& request = world.value().request;
        const auto& entities = world.value().entities;
        CHECK(cedar::check_request(request, schema).ok());
        for (const auto& uid : {request.principal, request.resource}) {
          const auto* entity = entities.find(uid);
          REQUIRE(entity != nullptr);
          const auto checked = cedar::check_entity(*entity, schema);
          CHECK(checked.ok());
        }
        if (grant == nullptr) continue;
        const auto checked = cedar::check_entity(*entities.find(gate::uid_of(*grant)), schema);
        CHECK(checked.ok());
      }
  }

  TEST_CASE("a field is in every category that its name begins with, of the owner's naming too") {
    const auto only = [](const std::string& category) {
      return "permit (principal, action, resource in VRM::Category::\"" + category + "\");";
    };
    CHECK(is_open(only("address"), "address.home.locality"));
    CHECK(is_open(only("address.home"), "address.home.locality"));
    CHECK_FALSE(is_open(only("address.work"), "address.home.locality"));
    CHECK(is_open(only("note"), "note.secret"));
    CHECK(is_open(only("note.old"), "note.old.secret"));
    CHECK_FALSE(is_open(only("note.old"), "note.secret"));
  }

  TEST_CASE("what would keep silent is refused, with the place and what was meant") {
    struct Row {
      const char* text;
      const char* says;
      bool refuses;
    };
    const Row rows[] = {
        {"forbid (principal, action, resource", "line 1, column 36: ", true},
        {"forbid (principal, action, resource) when { principal.blokked };",
         "has no attribute `blokked`: did you mean `blocked`?", true},
        {"forbid (principal, action, resource in VRM::Category::\"adress\");",
         "did you mean `address`?", true},
        {"forbid (principal, action, resource in VRM::Category::\"garden\");",
         "there is no category `garden`", false},
        {"forbid (principal, action, resource == VRM::Field::\"contact.emial\");",
         "did you mean `contact.email`?", true},
        {"forbid (principal, action, resource) when { context.purpose in "
         "VRM::Purpose::\"resale\" };",
         "there is no purpose `resale`", true},
        {"forbid (principal == VRM::Brand::\"velo\", action, resource);",
         "a brand's id is the address of its document", true},
        {"forbid (principal == ?principal, action, resource);", "a template", true},
        {"@id(\"grant\") forbid (principal, action, resource);",
         "there is a policy with the id `grant` already", true},
        {"permit (principal, action, resource);", "a forbid only takes away", false},
        {"forbid (principal, action == VRM::Action::\"reed\", resource);", "did you mean", true},
    };
    for (const Row& row : rows) {
      CAPTURE(row.text);
      const auto findings = findings_of(row.text);
      bool found = false;
      for (const auto& finding : findings)
        found = found || (finding.message.find(row.says) != std::string::npos &&
                          finding.refuses == row.refuses && finding.file == "mine.cedar");
      CHECK(found);
      CHECK(gate::any_refuses(findings) == row.refuses);
    }
    CHECK(findings_of("forbid (principal, action, resource) when { resource.sensitivity > 2 };")
              .empty());
    CHECK(gate::any_refuses(findings_of(std::string(gate::kMostPolicyBytes + 1, ' '))));
  }

  TEST_CASE("the rule that the README shows means something, and keeps marketing out at night") {
    const Tables tables;
    std::ostringstream readme;
    readme << std::ifstream(VRM_SOURCE_DIR "/README.md").rdbuf();
    const std::string begin = "```cedar\n";
    const auto from = readme.str().find(begin);
    REQUIRE(from != std::string::npos);
    const auto end = readme.str().find("```\n", from + begin.size());
    const auto text = readme.str().substr(from + begin.size(), end - from - begin.size());
    CHECK(findings_of(text).empty());
    const auto rules =
        gate::Rules::load(tables.catalogue, tables.purposes, {{"quiet.cedar", text}}).value();
    const auto brand = shop_brand();
    auto grant = shop_grant();
    grant.purpose = "dpv:Marketing";
    grant.expires_at = {10 * 86'400'000};
    const auto decided_at = [&](std::int64_t hour) {
      return rules.decide(
          {brand, &grant, "address.home.locality", "dpv:DirectMarketing", {hour * 3'600'000}});
    };
    CHECK(decided_at(9).allowed);
    CHECK(decided_at(24 + 19).allowed);
    for (const std::int64_t hour : {7, 20, 24 + 3}) {
      const auto decision = decided_at(hour);
      CHECK_FALSE(decision.allowed);
      CHECK(decision.reasons == std::vector<std::string>{"quiet-nights"});
    }
  }

  TEST_CASE("rules are replaced as a whole while others decide") {
    const Tables tables;
    store::SystemDisk disk;
    std::string folder = (std::filesystem::temp_directory_path() / "vrm-policies-XXXXXX").string();
    REQUIRE(::mkdtemp(folder.data()) != nullptr);
    const auto policies =
        gate::Policies::load(disk, folder + "/own", tables.catalogue, tables.purposes).value();
    const auto brand = shop_brand();
    const auto grant = shop_grant();
    std::atomic<bool> ended{false};
    std::atomic<int> answers{0};
    std::thread reader([&] {
      while (!ended) {
        const auto rules = policies->rules();
        const auto decision =
            rules->decide({brand, &grant, "address.home.locality", "dpv:DeliveryOfGoods", {7}});
        // Both at once, or none of both.
        if (decision.reasons.size() == 2 || decision.allowed) ++answers;
      }
    });
    const std::string both =
        "@id(\"a\") forbid (principal, action, resource);\n"
        "@id(\"b\") forbid (principal, action, resource);\n";
    for (int round = 0; round < 20; ++round) {
      REQUIRE(policies->put({"both.cedar", both}).ok());
      REQUIRE(policies->remove("both.cedar").ok());
    }
    while (answers < 100) std::this_thread::yield();
    ended = true;
    reader.join();
    std::filesystem::remove_all(folder);
  }
}
