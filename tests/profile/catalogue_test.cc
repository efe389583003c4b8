#include "vault/profile/catalogue.h"

#include <doctest/doctest.h>

#include <set>
#include <string>

#include "vault/profile/field_name.h"

using namespace vrm::profile;
using vrm::ErrorCode;

namespace {

// A catalogue of two fields, with `extra` members in the second.
std::string catalogue_with(const std::string& second) {
  return R"({"groups":[{"name":"a","en":"a","fr":"a"}],"fields":[
    {"name":"a.date","type":"date","sensitivity":1,"en":"x","fr":"x","oidc":"birthdate"},)" +
         second + "]}";
}

std::string field(const std::string& members) {
  return R"({"en":"x","fr":"x",)" + members + "}";
}

}  // namespace

TEST_SUITE("profile/catalogue") {
  TEST_CASE("the embedded catalogue is sound, and large enough to start with") {
    const auto read = Catalogue::embedded();
    REQUIRE(read.ok());
    const Catalogue& catalogue = read.value();
    CHECK(catalogue.all().size() >= 60);
    CHECK(catalogue.groups().size() >= 10);
    std::set<std::string> used;
    for (const auto& spec : catalogue.all()) {
      CAPTURE(spec.name);
      used.insert(spec.name.substr(0, spec.name.find('.')));
      CHECK_FALSE(spec.label_en.empty());
      CHECK_FALSE(spec.label_fr.empty());
      CHECK(spec.dpv.starts_with("pd:"));
      CHECK((spec.unit.empty() || parse_value(Type::Measure, spec.name, "1", spec.unit).ok()));
    }
    CHECK(used.size() == catalogue.groups().size());
  }

  TEST_CASE("the fields everyone names are there under their names elsewhere") {
    const Catalogue catalogue = Catalogue::embedded().value();
    for (const auto* name :
         {"person.given_name", "person.family_name", "person.birthdate", "contact.email",
          "contact.phone_number", "address.home.street_address", "address.home.postal_code",
          "address.home.locality", "address.home.region", "address.home.country", "body.height",
          "size.shoe_eu", "person.age_over_18", "address.home.postal_prefix"}) {
      CAPTURE(name);
      CHECK(catalogue.find(name) != nullptr);
    }
    CHECK(catalogue.find_oidc("given_name")->name == "person.given_name");
    CHECK(catalogue.find_oidc("address.locality")->name == "address.home.locality");
    CHECK(catalogue.find_oidc("") == nullptr);
    CHECK(catalogue.find("contact.email")->vcard == "EMAIL");
    CHECK(catalogue.find("contact.email")->schema_org == "email");
    CHECK(catalogue.find("health.blood_group")->sensitivity == kSpecial);
    CHECK(catalogue.claims_of("person.birthdate").size() == 6);
    CHECK(catalogue.claims_of("address.home.country").size() == 2);
  }

  TEST_CASE("an unknown name is text, and personal") {
    const Catalogue catalogue = Catalogue::embedded().value();
    CHECK(catalogue.find("garden.tree") == nullptr);
    CHECK(catalogue.type_of("garden.tree") == Type::Text);
    CHECK(catalogue.sensitivity_of("garden.tree") == kPersonal);
  }

  TEST_CASE("a mistyped name finds the one that was meant") {
    const Catalogue catalogue = Catalogue::embedded().value();
    CHECK(catalogue.near("contact.emial").front() == "contact.email");
    CHECK(catalogue.near("person.birthday").front() == "person.birthdate");
    CHECK(catalogue.near("shoe_eu") == std::vector<std::string>{"size.shoe_eu"});
    CHECK(catalogue.near("adress.home.localty").front() == "address.home.locality");
    CHECK(catalogue.near("zzzzzzzzz").empty());
    CHECK(catalogue.near("postal_code").size() == 3);
  }

  TEST_CASE("a catalogue that contradicts itself is refused") {
    REQUIRE(
        Catalogue::from_text(catalogue_with(field(R"("name":"a.b","type":"text","sensitivity":0)")))
            .ok());
    for (
        const auto* second : {
            R"("name":"a.date","type":"text","sensitivity":0)",
            R"("name":"a.B","type":"text","sensitivity":0)",
            R"("name":"b.b","type":"text","sensitivity":0)",
            R"("name":"a.b","type":"blob","sensitivity":0)",
            R"("name":"a.b","type":"text","sensitivity":4)",
            R"("name":"a.b","type":"text","sensitivity":-1)",
            R"("name":"a.b","type":"text")",
            R"("name":"a.b","type":"text","sensitivity":0,"oidc":"birthdate")",
            R"("name":"a.b","type":"bool","sensitivity":0,"claim":{"rule":"age_over","from":"a.none","years":18})",
            R"("name":"a.b","type":"bool","sensitivity":0,"claim":{"rule":"age_over","from":"a.date"})",
            R"("name":"a.b","type":"bool","sensitivity":0,"claim":{"rule":"guess","from":"a.date"})",
            R"("name":"a.b","type":"bool","sensitivity":0,"claim":{"rule":"postal_prefix","from":"a.date"})",
            R"("name":"a.b","type":"bool","sensitivity":0,"claim":{"rule":"birth_year","from":"a.b"})",
            R"("name":"a.b","type":"bool","sensitivity":0,"claim":{"rule":"birth_year","from":"a.date","where":"a.x"})",
        }) {
      CAPTURE(second);
      const auto read = Catalogue::from_text(catalogue_with(field(second)));
      REQUIRE_FALSE(read.ok());
      CHECK(read.error().code == ErrorCode::Malformed);
    }
    for (const auto* text : {"", "[]", "{}", R"({"groups":[],"fields":{}})"}) {
      CAPTURE(text);
      CHECK_FALSE(Catalogue::from_text(text).ok());
    }
  }
}
