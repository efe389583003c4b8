#include "vault/gate/rules.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "vault/base/json.h"
#include "vault/gate/policy_world.h"

using namespace vrm;  // tests only

namespace {

constexpr Instant kMade{1'795'000'000'000};
constexpr std::int64_t kDay_ms = 86'400'000;

struct Book {
  profile::Catalogue catalogue = profile::Catalogue::embedded().value();
  grants::Purposes purposes = grants::Purposes::load().value();
};

brands::Brand brand_named(const std::string& handle) {
  brands::Brand brand;
  brand.handle = handle;
  brand.client_id = "https://" + handle + ".example/vrm-brand.json";
  return brand;
}

grants::Grant grant_from(const nlohmann::json& json, const nlohmann::json& one,
                         const grants::Purposes& purposes) {
  grants::Grant grant;
  grant.id.text = "gr_TEST0001";
  grant.brand = json["brand"];
  grant.fields = json["fields"].get<std::vector<std::string>>();
  grant.purpose =
      purposes.find(one.value("grant_purpose", json["purpose"].get<std::string>()))->dpv;
  grant.made_at = kMade;
  grant.expires_at = {kMade.ms + json["days"].get<std::int64_t>() * kDay_ms};
  if (json.contains("max_reads")) grant.max_reads = json["max_reads"].get<std::int64_t>();
  grant.reads = one.value("reads", 0);
  const std::string state = one.value("state", "active");
  grant.stored = state == "revoked"   ? grants::Stored::Revoked
                 : state == "waiting" ? grants::Stored::Waiting
                                      : grants::Stored::Active;
  return grant;
}

nlohmann::json read_file(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return read_json(text.str()).value();
}

std::string text_of_file(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// The default policies, and those that a table brings besides.
gate::Rules rules_for(const nlohmann::json& table, const Book& book) {
  if (!table.contains("policies")) return gate::Rules::load(book.catalogue, book.purposes).value();
  auto policies = table["policies"].get<std::vector<std::string>>();
  for (const auto& entry : std::filesystem::directory_iterator(VRM_SOURCE_DIR "/policies/default"))
    policies.push_back(text_of_file(entry.path()));
  return gate::Rules::parse(policies, book.catalogue, book.purposes).value();
}

}  // namespace

TEST_SUITE("gate/rules") {
  TEST_CASE("every decision table of policies/cases holds") {
    const Book book;
    int cases = 0;
    for (const auto& entry :
         std::filesystem::directory_iterator(VRM_SOURCE_DIR "/policies/cases")) {
      const auto table = read_file(entry.path());
      const auto rules = rules_for(table, book);
      for (const auto& one : table["cases"]) {
        const std::string says = one["says"];
        CAPTURE(entry.path().filename().string());
        CAPTURE(says);
        const auto grant = grant_from(table["grant"], one, book.purposes);
        auto brand = brand_named(one.value("asks", table["grant"]["brand"].get<std::string>()));
        const std::string standing = one.value("standing", "known");
        if (standing == "blocked") brand.standing = brands::Standing::Blocked;
        if (standing == "keys_changed") brand.standing = brands::Standing::KeysChanged;
        brand.address_checked = one.value("address_checked", false);
        brand.looks_like = one.value("looks_like", "");
        brand.trusted = one.value("trusted", false);
        const std::string field = one["field"];
        const Instant now{kMade.ms + one["day"].get<std::int64_t>() * kDay_ms};
        const auto decision =
            rules.decide({brand, one.value("no_grant", false) ? nullptr : &grant, field,
                          book.purposes.find(one["purpose"].get<std::string>())->dpv, now});
        CHECK(decision.allowed == one["allow"].get<bool>());
        CHECK(decision.errors.empty());
        if (one.contains("because"))
          CHECK(decision.reasons == one["because"].get<std::vector<std::string>>());
        ++cases;
      }
    }
    CHECK(cases >= 34);
  }

  TEST_CASE("a policy that errs means no, even a forbid that Cedar skips") {
    const Book book;
    const auto brand = brand_named("velo");
    const gate::Question question{brand, nullptr, "contact.email", "dpv:DeliveryOfGoods", kMade};
    const auto open =
        gate::Rules::parse({"permit(principal, action, resource);"}, book.catalogue, book.purposes)
            .value();
    CHECK(open.decide(question).allowed);
    const auto erring =
        gate::Rules::parse(
            {"permit(principal, action, resource);",
             "@id(\"broken\") forbid(principal, action, resource) when { principal.nothing };"},
            book.catalogue, book.purposes)
            .value();
    const auto decision = erring.decide(question);
    CHECK_FALSE(decision.allowed);
    CHECK(decision.errors == std::vector<std::string>{"broken"});
  }

  TEST_CASE("a brand without a record is let in by the bare engine, and not by the gate") {
    const Book book;
    const auto ground =
        gate::PolicyGround::make(
            {{"blocked", text_of_file(VRM_SOURCE_DIR "/policies/default/blocked.cedar")},
             {"open", "@id(\"open\") permit (principal, action, resource);"}},
            book.catalogue, book.purposes)
            .value();
    const cedar::Request request{{"VRM::Brand", "https://ghost.example/vrm-brand.json"},
                                 {"VRM::Action", "read"},
                                 {"VRM::Field", "contact.email"}};
    const auto answer = cedar::is_authorized(request, ground.policies, ground.resident);
    CHECK(answer.decision == cedar::Decision::Allow);  // the forbid erred, and was skipped
    REQUIRE(answer.errors.size() == 1);
    CHECK(answer.errors[0].policy_id == "blocked");
    CHECK_FALSE(gate::lets_pass(answer));
  }

  TEST_CASE("so is one that asks for the record of another brand, which there is not") {
    const Book book;
    const auto rules =
        gate::Rules::parse({"permit (principal, action, resource);",
                            "@id(\"theirs\") forbid (principal, action, resource) when { "
                            "context.grant.brand.blocked };"},
                           book.catalogue, book.purposes)
            .value();
    const auto brand = brand_named("velo");
    grants::Grant grant;
    grant.id.text = "gr_TEST0001";
    grant.brand = "another";
    const gate::Question question{brand, &grant, "contact.email", "dpv:DeliveryOfGoods", kMade};
    const auto world = gate::world_of(rules.ground(), question).value();
    CHECK(cedar::is_authorized(world.request, rules.ground().policies, world.entities).decision ==
          cedar::Decision::Allow);
    const auto decision = rules.decide(question);
    CHECK_FALSE(decision.allowed);
    CHECK(decision.errors == std::vector<std::string>{"theirs"});
  }

  TEST_CASE("no policy at all means no") {
    const Book book;
    const auto rules = gate::Rules::parse({}, book.catalogue, book.purposes).value();
    const auto brand = brand_named("velo");
    CHECK_FALSE(
        rules.decide({brand, nullptr, "contact.email", "dpv:DeliveryOfGoods", kMade}).allowed);
  }

  TEST_CASE("policies that do not parse are refused") {
    const Book book;
    CHECK(gate::Rules::parse({"permit(principal, action"}, book.catalogue, book.purposes)
              .error()
              .code == ErrorCode::Malformed);
  }

  TEST_CASE(
      "a policy that lends one grant's purpose to another's fields is stopped by what the grant "
      "covers") {
    // Grant A opens the birth date to check an identity, grant B the town for delivery. The token of A is shown.
    const Book book;
    const auto brand = brand_named("velo");
    grants::Grant a;
    a.id.text = "gr_AAAAAAAA";
    a.brand = "velo";
    a.fields = {"person.birthdate"};
    a.purpose = "dpv:IdentityVerification";
    a.made_at = kMade;
    a.expires_at = {kMade.ms + kDay_ms};
    a.stored = grants::Stored::Active;
    const std::string leaking =
        R"(permit (principal, action, resource == VRM::Field::"address.home.locality")
      when { context has grant && context.grant.brand == principal && context.purpose in context.grant.purposes };)";
    const gate::Question question{brand, &a, "address.home.locality", "dpv:IdentityVerification",
                                  kMade};
    const auto leaked =
        gate::Rules::parse({leaking}, book.catalogue, book.purposes).value().decide(question);
    CHECK(leaked.reasons.size() == 1);  // of the bare engine it would be let through
    CHECK(leaked.errors.empty());
    CHECK_FALSE(leaked.allowed);
    CHECK_FALSE(gate::Rules::load(book.catalogue, book.purposes).value().decide(question).allowed);
  }
}
